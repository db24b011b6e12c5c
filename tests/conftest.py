"""What every test may ask for, and the lines at the end that name each check that did not run and how to get it.

chromium_path   fixture: the path of a Chromium, Chrome or Edge, as text; the environment variable CHROMIUM overrides the search
new_reader      fixture: the path of a file of progress with nothing in it; without it the tests share one, never the reader's own
colab_venv      fixture: the folder of the environment with Colab's versions, as a Path; `python start.py test` makes it (COLAB_VENVS, the first of them)

Where one is missing, the test is skipped and named at the end; with CI=true it fails.

What is marked `thorough` (thorough.py) runs where all is tested, and not every time: -m "not thorough" leaves it out. All runs with
--dist loadfile, so that the tests of a file share its fixtures and the cells of a notebook its kernel; in tests/browser the tests of one notebook
stay together instead, whatever their file, and share its page of the site and its run in this process (browser/conftest.py).
"""

import os
import shutil
import sys
import tempfile
import warnings
from pathlib import Path

import hypothesis
import matplotlib
import pytest

import spread
from not_run import IN_CI, not_run

matplotlib.use("Agg")  # not through MPLBACKEND: the kernels that tests start would inherit it, and show no figures

PROGRESS = tempfile.TemporaryDirectory(prefix="progress-of-tests-")
os.environ["PROGRESS_FILE"] = str(Path(PROGRESS.name) / "progress.json")  # no test, nor a kernel that a test starts, writes the reader's own

hypothesis.settings.register_profile("project", deadline=None, derandomize=IN_CI)
hypothesis.settings.load_profile("project")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    spread.long_ones_first(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return spread.ByFileAndNotebook(config, log) if config.getvalue("dist") == "loadfile" else None


BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "msedge", "microsoft-edge", "chrome")
PROGRAMS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    *(
        os.path.join(os.environ[folder], *program)
        for folder in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
        if os.environ.get(folder)
        for program in (("Google", "Chrome", "Application", "chrome.exe"), ("Microsoft", "Edge", "Application", "msedge.exe"))
    ),
)


def find_chromium():
    """The path of a browser, or None. A wrong CHROMIUM is an error, not a reason to look elsewhere."""
    named = os.environ.get("CHROMIUM")
    if named:
        found = shutil.which(named)
        if not found:
            raise pytest.UsageError(f"CHROMIUM is set to {named!r}, which cannot be run: set it to the path of a Chromium, Chrome or Edge, or unset it")
        return found
    return next(filter(None, map(shutil.which, BROWSERS + PROGRAMS)), None)


@pytest.fixture
def new_reader(tmp_path, monkeypatch):
    """A reader who has solved nothing yet, and whose progress is kept elsewhere: the path of the file."""
    from helpers.exercises.keeper import keeper

    monkeypatch.setenv("PROGRESS_FILE", str(tmp_path / "progress.json"))
    keeper.forget()
    return tmp_path / "progress.json"


@pytest.fixture(scope="session")
def chromium_path():
    found = find_chromium()
    if not found:
        not_run(
            "The checks in a real browser",
            "no Chromium, Chrome or Edge was found here. Install one (Debian, Ubuntu: apt install chromium), "
            "or set the environment variable CHROMIUM to its path, and run the same line again.",
        )
    return found


@pytest.fixture(scope="session")
def colab_venv():
    venv = Path(os.environ.get("COLAB_VENVS", "").split(os.pathsep)[0] or Path(__file__).parent.parent / ".venv-colab")
    if not (venv / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")).exists():
        not_run(
            "The classic notebook with Colab's versions",
            "it needs Python 3.12 or 3.13 on this machine beside the one in use; then `python start.py test` makes the environment.",
        )
    return venv


@pytest.fixture
def no_warning():
    """A warning is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        warnings.simplefilter("error", UserWarning)
        warnings.filterwarnings("ignore", message=".*deprecated")  # Colab's Matplotlib with a newer pyparsing
        yield


def pytest_terminal_summary(terminalreporter):
    """What tests have to tell, and one line for each check that was skipped: a check that is not run and not spoken of is a defect."""
    told = [text for report in terminalreporter.stats.get("passed", []) for name, text in report.user_properties if name == "told"]
    if told:
        terminalreporter.section("told by the tests")
    for text in told:
        terminalreporter.line(text)
    reasons = {}
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reasons.setdefault(reason.removeprefix("Skipped: "), []).append(report.nodeid)
    if reasons:
        terminalreporter.section("checks not run, and how to get them")
    for reason, tests in sorted(reasons.items()):
        terminalreporter.line(f"not run ({len(tests)}): {reason}")
