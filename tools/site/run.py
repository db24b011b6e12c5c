"""Running a notebook in this process, so that the figures it shows can be reached."""

import ast
import io
import json
import os
import sys
from contextlib import contextmanager, redirect_stderr, redirect_stdout


def source(cell):
    return "".join(cell["source"])


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


@contextmanager
def _at_home(folder):
    """As a kernel begins: in the notebook's folder; what the notebook adds to the path is taken back."""
    here, path = os.getcwd(), [*sys.path]
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(here)
        sys.path[:] = path


def shown_by(path, names=None):
    """{place of the cell: [what it displayed, in order]} of running all cells of the notebook at `path`, from top to bottom.

    names  a dict for the notebook's variables, to be looked at afterwards
    """
    import IPython.display

    shown, original, names = {}, IPython.display.display, {} if names is None else names
    names["__name__"] = "__main__"
    with _at_home(path.parent), redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):  # what is printed is stored already
        try:
            for place, cell in enumerate(read(path)["cells"]):
                if cell["cell_type"] != "code" or not source(cell).strip():
                    continue
                here = shown[place] = []
                names["display"] = IPython.display.display = lambda *things, _here=here, **_: _here.extend(things)
                tree = ast.parse(source(cell))
                last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
                try:
                    exec(compile(tree, f"<{path.stem}>", "exec"), names)
                    value = eval(compile(ast.Expression(last.value), f"<{path.stem}>", "eval"), names) if last else None
                except Exception:
                    if "raises-exception" not in cell["metadata"].get("tags", []):
                        raise
                    continue
                if value is not None:
                    here.append(value)
        finally:
            IPython.display.display = original
    return shown
