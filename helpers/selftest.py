"""self_test(): are the packages there, and does a figure follow its slider? In plain words, with what to do where not."""
# Nothing but the standard library up here: this file must also load where a package is missing, to say so.

import platform
from importlib.metadata import PackageNotFoundError, version

NEEDED = "numpy", "matplotlib", "ipywidgets", "anywidget"
FRONT_ENDS = "jupyterlab", "notebook"
GET = (
    "On your own machine, close this and run `python start.py` in the folder of the project: it installs what is missing. "
    "On Colab or Binder, run `%pip install {}` in a cell and restart the kernel."
)
RESTART = (
    "Restart the kernel (Kernel → Restart Kernel and Run All Cells). "
    "If that does not help, delete the folder .venv and run `python start.py` again."
)


def found(name):
    """The version of an installed package, or None."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def versions(found=found):
    """(lines that tell what is here, names of needed packages that are not)."""
    here = {name: found(name) for name in NEEDED + FRONT_ENDS}
    front = [f"{name} {here[name]}" for name in FRONT_ENDS if here[name]]
    front = front or ["neither jupyterlab nor notebook beside Python: VS Code and Colab bring a page of their own"]
    missing = [name for name in NEEDED if not here[name]]
    lines = [f"Python {platform.python_version()}", *(f"{name} {here[name] or 'is missing'}" for name in NEEDED), *front]
    return lines, missing


def trouble_with(figure, run):
    """Move the slider of `figure` by code to the η of `run`: None where the read-out says what the run does, else what is wrong."""
    from helpers.explorer.readout import number

    before = figure.readout
    figure.controls["eta"].index = figure.controls["eta"].nearest(run.knobs["eta"])
    if figure.readout == before:
        return "The slider was moved, and the figure's sentence did not follow."
    if f"loss is {number(run.loss[-1])} " not in figure.readout:
        return f"The figure's sentence is not true: the loss should be {number(run.loss[-1])}, and it says: {figure.readout}"
    return None


def self_test(found=found):
    """Print what is here and whether it works; returns the figure that was moved, or None where there is none to show."""
    lines, missing = versions(found)
    print("\n".join(lines))
    if missing:
        print(f"\nNot in order: {', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing. {GET.format(' '.join(missing))}")
        return None
    try:
        from helpers.descent import descend
        from helpers.explorer import explore
        from helpers.surfaces import bowl
        from helpers.update_rules import gradient_descent

        figure = explore(gradient_descent, on=bowl, steps=10, eta=[0.1, 0.2, 0.4, 0.8], start_at={"eta": 0.4}, title="The figure of the self-test")
        trouble = trouble_with(figure, descend(gradient_descent, bowl, 10, eta=0.2))
    except Exception as error:  # whatever it is, a reader who has just arrived needs words, not a traceback
        print(f"\nNot in order: no figure could be made ({type(error).__name__}: {error}). {RESTART}")
        return None
    if trouble:
        print(f"\nNot in order: {trouble} {RESTART}")
        return figure
    print(f"\nAll in order on the side of Python: the slider was moved to η = 0.2, and the figure says:\n{figure.readout}\n"
          "Do you read the same at the picture? Then your page is in order, too.\nNo picture, or another sentence? Reload the page and run this cell again.")
    return figure
