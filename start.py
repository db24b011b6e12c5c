#!/usr/bin/env python3
"""Opens the notebooks, or checks the project; all it needs is Python 3.11 or newer.

    python start.py                 JupyterLab on the first notebook; options such as --no-browser or --port 9000 go to JupyterLab
    python start.py test            every check of the project; options such as -k adagrad, and paths, go to pytest
    python start.py test colab      the checks that fit, with the package versions of Google Colab
    python start.py site            the whole series as plain pages in the folder site/, every figure live without Python; another folder may follow
    python start.py slides          every figure as PNG and GIF in the folder slides/; numbers of notebooks may follow, as in slides 04 06
    python start.py publish OWNER/REPO   links to Colab and Binder in README and notebooks; --undo takes them out again

Packages go into .venv and .venv-colab (.venv-colab-313) beside this file and nowhere else: delete the two folders, and nothing is left behind.
"""
# An older Python must get as far as the message about its age: no syntax newer than 3.6, nothing but the standard library.

import difflib
import glob
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent
VENV, COLAB_VENV = ROOT / ".venv", ROOT / ".venv-colab"
FIRST = "notebooks/00_start_here.ipynb"
NBVAL = ["--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout=120"]

OLDEST = (3, 11)
COLAB_PYTHONS = ("3.12", "3.13")
NOT_ON_COLAB = {"jupyterlab", "playwright", "ruff", "jupyter-repo2docker"}  # Colab has a front end of its own, and the browser tests look at it from outside
NOT_FOR_COLAB = ["tests/browser", "tests/test_project.py", "tests/test_site.py", "tests/test_binder.py", "tests/test_slides.py"]  # nobody makes these on Colab
NO_WIDGETS = ["tests/test_exercise_*", "tests/test_walk*", "tests/test_network*", "tests/test_instructors.py", "tests/test_frameworks.py", "tests/test_predictions.py"]
NOT_TWICE = "With Colab's versions, the tests of the exercises' replies, of the network and of the libraries, which show no widget: python start.py test colab runs them too."
BROWSER, ALONE = "tests/browser", "tests/test_alone.py"
SIDE_BY_SIDE = ["-n", "auto", "--dist", "loadfile"]  # file by file: the cells of a notebook need one kernel
TWO_BROWSERS = ["-n", "2", "--dist", "loadfile"]     # a browser, a server and a kernel each: more of them would wait for each other

COLAB_MISSING = (
    "Colab's package versions: they need Python 3.12 or 3.13, and none was found here. Install one of them, "
    "or name it in the environment variable COLAB_PYTHON, and run the same line again."
)
SETTINGS = {  # of JupyterLab: no news from its makers, and the glossary opens as a page, not as its source
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/docmanager-extension:plugin": {"defaultViewers": {"markdown": "Markdown Preview"}},
}


class Problem(Exception):
    """Something that the reader can put right: the message says how."""


def say(text):
    print(text, flush=True)


def in_ci():
    return os.environ.get("CI", "").lower() in ("1", "true", "yes")


def surroundings(**extra):
    """The environment of what is started here, without the settings that would let other packages in or ours out."""
    gone = ("PYTHONHOME", "PYTHONPATH", "PIP_TARGET", "PIP_PREFIX", "PIP_CONSTRAINT", "__PYVENV_LAUNCHER__")
    env = {name: value for name, value in os.environ.items() if name not in gone}
    env.update(PIP_USER="0", **extra)
    return env


# Environments -------------------------------------------------------------------------------------------------------


def python_of(venv):
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def ask(python, code):
    """What `code` prints under that Python, or "" where it cannot be run (a vanished Python, a half-made environment)."""
    command = [*python] if isinstance(python, list) else [str(python)]
    try:
        done = subprocess.run([*command, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60, env=surroundings(PYTHONIOENCODING="utf-8"))
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode("utf-8", "replace").strip() if done.returncode == 0 else ""


def version_of(python, needs="sys"):
    return ask(python, f"import {needs}, sys; print('%d.%d' % sys.version_info[:2])")


def this_python():
    """The Python that runs this file; where that is one inside an environment, the one it was made by."""
    return getattr(sys, "_base_executable", None) or sys.executable


def check_writable(venv):
    try:
        with tempfile.TemporaryFile(dir=str(venv if venv.is_dir() else venv.parent)):
            pass
    except OSError as error:
        raise Problem(
            f"Nothing can be written in the project's folder ({error.strerror or error}), and packages are to be installed into {venv.name} there. "
            "Copy the folder to a disk that you may write to, and run the same line there."
        ) from None


def make(venv, python):
    if not version_of(python, "venv, ensurepip"):
        raise Problem(
            "This Python comes without venv. Debian and Ubuntu keep it in a package of its own: run\n\n"
            "    sudo apt install python3-venv\n\nand then the same line again. Elsewhere, install Python from python.org."
        )
    say(f"Making {venv.name} with Python {version_of(python)} ...")
    done = subprocess.run([str(python), "-m", "venv", "--clear", str(venv)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=surroundings())
    if done.returncode or not version_of(python_of(venv), "pip"):
        raise Problem(f"{venv.name} could not be made:\n{tail(done.stdout.decode(errors='replace'))}\nDelete that folder, if it is there, and run the same line again.")


def tail(text, lines=12):
    return "\n".join("    " + line for line in text.strip().splitlines()[-lines:])


def pip_install(venv, requirements, constraints):
    """Install, with the name of the package at hand as a sign of life; returns what pip said if it failed, else ""."""
    with tempfile.TemporaryDirectory() as folder:
        pins = Path(folder) / "constraints.txt"
        pins.write_text(constraints, encoding="utf-8")
        command = [str(python_of(venv)), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar=off", "-c", str(pins), *requirements]
        pip = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=surroundings(), cwd=str(ROOT))
        said = []
        for line in pip.stdout:
            said.append(line.decode(errors="replace").rstrip())
            step = re.match(r"(Collecting|Installing) (collected packages|[\w.-]+)", said[-1])
            if step and sys.stdout.isatty():
                print(f"\r    {step.group(0):<60}", end="", flush=True)
        if sys.stdout.isatty():
            print("\r" + " " * 66 + "\r", end="")
        return "\n".join(said) or "pip stopped" if pip.wait() else ""


def reason(said):
    """What to do about a failed installation."""
    if re.search(r"No space left|Errno 28|not enough space", said, re.I):
        return "The disk is full: about 500 MB are needed. Make room, and run the same line again."
    if re.search(r"NewConnectionError|ConnectTimeout|NameResolutionError|ReadTimeout|ProxyError|Max retries|Failed to establish|getaddrinfo", said):
        return "The package index could not be reached. Connect to the internet (or set HTTPS_PROXY, if you are behind a proxy), and run the same line again."
    if re.search(r"SSLError|CERTIFICATE_VERIFY_FAILED", said):
        return "The package index could not be reached safely: a certificate was refused. Is there a proxy, or is the clock wrong? Then run the same line again."
    return f"The packages could not be installed; pip said:\n\n{tail(said)}"


def prepare(venv, python, requirements, constraints):
    """Make the environment hold these requirements at these pins; a moment where it does already.

    The stamp is written last: without it, or with other pins or another Python, an environment is half made or old, and is made anew.
    """
    stamp, pins = venv / "installed.json", hashlib.sha256(constraints.encode()).hexdigest()
    try:
        held = json.loads(stamp.read_text(encoding="utf-8"))
        sound = held["pins"] == pins and version_of(python_of(venv), "pip") == version_of(python)
        held = set(held["requirements"]) if sound else set()
    except (OSError, ValueError, KeyError, TypeError):
        held, sound = set(), False
    if sound and held >= set(requirements):
        return
    check_writable(venv)
    if sound:
        stamp.unlink()
    else:
        make(venv, python)
    say(f"Installing packages into {venv.name}: once, about a minute ...")
    wanted = sorted(held | set(requirements))
    said = pip_install(venv, wanted, constraints)
    if said:
        raise Problem(reason(said))
    settings = venv / "share" / "jupyter" / "lab" / "settings"
    settings.mkdir(parents=True, exist_ok=True)
    (settings / "overrides.json").write_text(json.dumps(SETTINGS, indent=2), encoding="utf-8")
    stamp.write_text(json.dumps({"pins": pins, "requirements": wanted}, indent=2), encoding="utf-8")


def dependencies():
    """What pyproject.toml asks for: (to read the notebooks, to test them, to build the site)."""
    import tomllib  # Python 3.11, which has been asked for by now

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    return project["dependencies"], extras["test"] + extras["site"], extras["site"]


def name_of(requirement):
    return re.match(r"[\w.-]+", requirement).group(0).lower().replace("_", "-")


def constraints():
    return (ROOT / "constraints.txt").read_text(encoding="utf-8")


def colab_constraints(version):
    """Colab's pins, and for what Colab says nothing about ours."""
    colab = (ROOT / "tests" / "colab" / f"constraints-{version.replace('.', '')}.txt").read_text(encoding="utf-8").splitlines()
    taken = {name_of(line) for line in colab}
    return "\n".join(colab + [line for line in constraints().splitlines() if name_of(line) not in taken]) + "\n"


def colab_pythons():
    """[(version, path)] of the Pythons that Colab's versions install on, one a version: the first serves all checks, another one the notebooks alone."""
    named = os.environ.get("COLAB_PYTHON")
    candidates = [[named]] if named else [[this_python()]]
    if not named:
        candidates += [[found] for found in (shutil.which(f"python{v}") for v in COLAB_PYTHONS) if found]
        if os.name == "nt":
            candidates += [["py", f"-{v}"] for v in COLAB_PYTHONS]
        for v in COLAB_PYTHONS:
            candidates += [[found] for found in sorted(glob.glob(os.path.expanduser(f"~/.pyenv/versions/{v}.*/bin/python")), reverse=True)]
    found = {}
    for candidate in candidates:
        version = version_of(candidate, "venv, ensurepip")
        if version in COLAB_PYTHONS and version not in found:
            found[version] = ask(candidate, "import sys; print(sys._base_executable)")
    return list(found.items())


def prepare_colab():
    """{version: folder} of the environments with Colab's own versions: .venv-colab, and .venv-colab-313 where there is a second Python."""
    run, test, _ = dependencies()
    names = [name for name in map(name_of, run + test) if name not in NOT_ON_COLAB]
    made = {}
    for version, python in colab_pythons():
        folder = COLAB_VENV.with_name(f"{COLAB_VENV.name}-{version.replace('.', '')}") if made else COLAB_VENV
        prepare(folder, python, names + ["notebook", "setuptools"], colab_constraints(version))
        made[version] = folder
    return made


# The two commands -----------------------------------------------------------------------------------------------------


def lab(options):
    prepare(VENV, this_python(), dependencies()[0], constraints())
    command = [str(python_of(VENV)), "-m", "jupyterlab", f"--LabApp.default_url=/lab/tree/{FIRST}", "--ServerApp.log_level=WARN"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    say("JupyterLab opens in your browser; if it does not, open the link below. Control-C in this window stops it.")
    os.chdir(str(ROOT))
    if os.name == "posix":
        os.execve(command[0], command + options, surroundings())  # signals then reach JupyterLab, and nothing is left behind
    server = subprocess.Popen(command + options, env=surroundings())
    while True:
        try:
            return server.wait()
        except KeyboardInterrupt:  # JupyterLab asks whether it was meant
            pass


def site(arguments):
    run, _, pages = dependencies()
    if len(arguments) > 1 or arguments and arguments[0].startswith("-"):
        raise Problem("The site is built into one folder: python start.py site, or python start.py site FOLDER.")
    prepare(VENV, this_python(), run + pages, constraints())
    with tempfile.TemporaryDirectory() as folder:  # what a reader has answered here is not for the site
        extra = {"PROGRESS_FILE": str(Path(folder) / "progress.json"), "MPLBACKEND": "agg"}
        return subprocess.run([str(python_of(VENV)), "-m", "helpers.site", *arguments], cwd=str(ROOT), env=surroundings(**extra)).returncode


def slides(arguments):
    prepare(VENV, this_python(), dependencies()[0], constraints())
    return subprocess.run([str(python_of(VENV)), str(ROOT / "images" / "slides.py"), *arguments], cwd=str(ROOT), env=surroundings(MPLBACKEND="agg")).returncode


def publish(arguments):
    return subprocess.run([sys.executable, str(ROOT / "notebooks" / "publish.py"), *arguments], cwd=str(ROOT)).returncode


def split(arguments):
    """Options for every pytest call, paths of tests, and paths of notebooks: [(options), (tests), (notebooks)]."""
    options, tests, books = [], [], []
    for argument in arguments:
        place = argument.split("::")[0]
        if argument.startswith("-") or not (ROOT / place).exists():
            options.append(argument)
        else:
            (books if place.endswith(".ipynb") or place.strip("/\\") == "notebooks" else tests).append(argument)
    return (options, tests, books) if tests or books else (options, ["tests"], ["notebooks"])


def apart(tests):
    """Paths of tests as (those that run side by side, those that need a browser)."""
    browser = [path for path in tests if path.replace("\\", "/").startswith(BROWSER)]
    others = [path for path in tests if path not in browser]
    return (others + [f"--ignore={BROWSER}"] if others else [], browser + [BROWSER] * any(path.rstrip("/\\") == "tests" for path in others))


def pytest(title, venv, arguments, **extra):
    """Run pytest there; returns what it counted, with the reasons of what was skipped."""
    say(f"\n{title}")
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [str(python_of(venv)), "-m", "pytest", f"--junitxml={report}", *arguments]
        extra["PROGRESS_FILE"] = str(Path(folder) / "progress.json")  # what a reader has answered here is not for tests to change
        code = subprocess.run(command, cwd=str(ROOT), env=surroundings(**extra)).returncode
        result = {"title": title, "passed": 0, "failed": 0, "skipped": 0, "reasons": [], "code": code}
        if report.exists():
            for case in ElementTree.parse(str(report)).iter("testcase"):
                skipped = case.find("skipped")
                bad = case.find("failure") is not None or case.find("error") is not None
                result["failed" if bad else "passed" if skipped is None else "skipped"] += 1
                if skipped is not None and not bad and skipped.get("message") not in result["reasons"]:
                    result["reasons"].append(skipped.get("message"))
    if code not in (0, 5) and not result["failed"]:
        result["failed"] = 1  # pytest itself stopped: a wrong option, an interruption
    return result


def test(arguments):
    only_colab = arguments[:1] == ["colab"]
    options, tests, books = split(arguments[only_colab:])
    results, missing, told = [], [], []
    if not only_colab:
        run, extra, _ = dependencies()
        prepare(VENV, this_python(), run + extra, constraints())
    try:
        colab = prepare_colab()
        lacking = [] if os.environ.get("COLAB_PYTHON") or only_colab else [v for v in COLAB_PYTHONS if v not in colab]
        if not colab:
            missing.append(COLAB_MISSING)
        elif lacking:
            missing.append(f"The notebooks alone with Colab's versions for Python {lacking[0]}, which was not found here. The others ran.")
    except Problem as problem:
        colab = {}
        missing.append(f"Colab's package versions: {COLAB_VENV.name} could not be made. {problem}")
    if not only_colab:
        others, browser = apart(tests)
        if others:
            results.append(pytest("Tests", VENV, SIDE_BY_SIDE + others + options))
        if browser:
            results.append(pytest("Tests in a browser", VENV, TWO_BROWSERS + browser + options, **({"COLAB_VENVS": os.pathsep.join(map(str, colab.values()))} if colab else {})))
        if books:
            results.append(pytest("Notebooks", VENV, SIDE_BY_SIDE + NBVAL + books + options))
    for version, folder in list(colab.items())[1:]:
        if {"tests", ALONE} & set(tests):
            results.append(pytest(f"Notebooks alone with Colab's versions, Python {version}", folder, SIDE_BY_SIDE[:2] + [ALONE] + options, PYDEVD_DISABLE_FILE_VALIDATION="1"))
    if colab:
        first = next(iter(colab))
        fitting = [path for path in tests if not path.replace("\\", "/").startswith(tuple(NOT_FOR_COLAB))]
        quiet = ["-W", "ignore::DeprecationWarning", *(f"--ignore={path}" for path in NOT_FOR_COLAB)]  # old packages, warning of each other
        if tests == ["tests"] and not only_colab:  # these take a third of an hour on a slow machine, and ran with our versions just now
            quiet += [f"--ignore-glob={path}" for path in NO_WIDGETS]
            told.append(NOT_TWICE)
        again = [] if tests == ["tests"] and books == ["notebooks"] else books  # tests/test_alone.py has nbval run every one of them, alone as on Colab
        for what, chosen in (("Tests", SIDE_BY_SIDE + fitting if fitting else []), ("Notebooks", SIDE_BY_SIDE + NBVAL + again if again else [])):
            if chosen:
                results.append(pytest(f"{what} with Colab's versions, Python {first}", COLAB_VENV, chosen + quiet + options, PYDEVD_DISABLE_FILE_VALIDATION="1"))
    return summary(results, missing, only_colab, told)


def summary(results, missing, only_colab=False, told=()):
    say("\nChecked")
    for result in results:
        say(f"  {result['title']}: {result['passed']} passed, {result['failed']} failed, {result['skipped']} skipped")
    not_run = [*missing, *told, *(r for result in results for r in result["reasons"])]
    if not_run:
        say("Not run")
        for line in sorted(set(not_run)):
            say(f"  - {line}")
    failed = sum(result["failed"] for result in results)
    if missing and (in_ci() or only_colab):
        say("  Colab's versions were asked for, so that is a failure here.")
        failed += 1
    passed, skipped = (sum(result[what] for result in results) for what in ("passed", "skipped"))
    if not passed + failed + skipped:
        say("No check fits these arguments.")
    say(f"Total: {passed} passed, {failed} failed, {skipped} skipped")
    return 0 if passed + skipped and not failed else 1


def main(arguments):
    if sys.version_info < OLDEST:
        say(f"This needs Python 3.11 or newer; this is {sys.version_info[0]}.{sys.version_info[1]}. Get one from python.org, or try `python3.12 start.py`.")
        return 1
    if arguments[:1] in (["-h"], ["--help"], ["help"]):
        say(__doc__.strip())
        return 0
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")  # what pip says must not stop a console that lacks a letter
    commands = {"test": test, "site": site, "slides": slides, "publish": publish}
    try:
        if not arguments or arguments[0].startswith("-"):
            return lab(arguments)
        if arguments[0] not in commands:
            near = difflib.get_close_matches(arguments[0].lower(), commands, 1)
            raise Problem(f"There is no command {arguments[0]!r}.{f' Did you mean {near[0]}?' if near else ''}\n\n{__doc__.split(chr(10) * 2)[1]}")
        return commands[arguments[0]](arguments[1:])
    except Problem as problem:
        say(f"\n{problem}")
    except KeyboardInterrupt:
        say("\nStopped. The same line goes on from here.")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
