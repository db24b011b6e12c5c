"""A real Chromium and real servers, one each for all tests of a process; a page is watched, and a picture of it is kept when a test fails.

workshop   a folder with helpers/, the project's notebooks, and the notebooks that these tests write
lab, old   servers on it: JupyterLab, and the classic notebook with Colab's versions
old_alone  the classic notebook on one-file copies of the notebooks, once for each of Colab's versions (COLAB_VENVS)
browser    Chromium; `new_context(width, ...)` makes a window with the probe in it

With `--dist loadfile`, all tests of one notebook come to one process, which runs it there and builds its page of the site once, and the tests of
a file that have no notebook stay together.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import warnings
from pathlib import Path

import cells
import pytest
import servers
from frontends import Lab
from not_run import not_run
from pages import Site

from tools.notebooks import standalone

ROOT = Path(__file__).resolve().parent.parent.parent
COLAB_VENVS = [Path(folder) for folder in os.environ.get("COLAB_VENVS", "").split(os.pathsep) if folder]
SITE = "06"  # whose page test_site.py opens where it does not matter which
AXE = "axe-core@4.10.3"
PICTURES = Path(tempfile.gettempdir()) / "browser-tests"


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    if config.getvalue("dist") == "loadfile":
        from xdist.scheduler import LoadFileScheduling

        class ByNotebook(LoadFileScheduling):
            def _split_scope(self, nodeid):
                return _group(nodeid)

        return ByNotebook(config, log)


def _group(nodeid):
    """The number of the test's notebook, where it is given one; that of all other tests of the site; else the test's file."""
    given = re.search(r"\[(?:.*-)?(?:#fig=)?(\d\d)[_-]", nodeid)
    return given[1] if given else SITE if "browser/test_site.py" in nodeid else nodeid.split("::")[0]


@pytest.fixture(scope="session")
def browser(chromium_path):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # as root in a container Chromium has no sandbox and little shared memory
        chromium = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def open_window(browser):
    """A function that opens a window."""

    def open_window(width=1280, height=900, **more):
        context = browser.new_context(viewport={"width": width, "height": height}, **more)
        context.set_default_timeout(20000)
        context.add_init_script(path=Path(__file__).with_name("probe.js"))
        return context

    return open_window


@pytest.fixture(scope="module")
def new_context(open_window):
    """A function that opens a window; they are closed with the module."""
    opened = []

    def new_context(*size, **more):
        opened.append(open_window(*size, **more))
        return opened[-1]

    yield new_context
    for context in opened:
        context.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The pages of the site (pages.py)."""
    return Site(tmp_path_factory.mktemp)


@pytest.fixture(scope="session")
def workshop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("workshop")
    for name in ("helpers", "notebooks", "images"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints"))
    cells.write(cells.BENCH, folder / "notebooks" / "bench.ipynb")
    shutil.copy(folder / "notebooks" / "bench.ipynb", folder / "notebooks" / "alone.ipynb")
    return folder


@pytest.fixture(scope="session")
def lab(workshop, tmp_path_factory):
    server = servers.lab(sys.executable, workshop, tmp_path_factory.mktemp("lab"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def turn_to(lab, open_window):
    """A function that opens a notebook in JupyterLab, always on the same page: that of the notebook before it, which is left."""
    pages = []

    def turn_to(notebook):
        if pages:
            return pages[0].turn_to(notebook)
        pages.append(Lab(open_window(), lab, notebook))
        return pages[0]

    yield turn_to
    for page in pages:
        page.page.context.close()


@pytest.fixture(scope="session")
def old(workshop, colab_venv, tmp_path_factory):
    server = servers.classic(python_of(colab_venv), workshop, tmp_path_factory.mktemp("classic"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def alone_on(tmp_path_factory):
    """A function that gives the classic notebook on one-file copies, with the versions of an environment: one server for each."""
    servers_ = {}

    def alone_on(venv):
        if venv not in servers_:
            folder = tmp_path_factory.mktemp("alone")
            standalone.build(out=folder / "notebooks")
            servers_[venv] = servers.classic(python_of(venv), folder, tmp_path_factory.mktemp("classic"))
        return servers_[venv]

    yield alone_on
    for server in servers_.values():
        server.stop()


@pytest.fixture
def old_alone(request, alone_on):
    """The test names the environment by its folder, one of COLAB_VENVS; None is the one there is."""
    server = alone_on(request.param or request.getfixturevalue("colab_venv"))
    yield server
    server.end_kernels()


def python_of(venv):
    return str(venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))


@pytest.fixture(scope="session")
def bench_twins():
    """The explorers of the bench notebook, made here: race, one weight, a rule that raises, a surface with sliders."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return dict(zip(("race", "one", "bold", "turned"), cells.twins(cells.BENCH[:-1], ROOT / "notebooks")))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed and call.when != "teardown":
        for name, value in item.funcargs.items():
            page = getattr(value, "page", None)
            if page is not None and not page.is_closed():
                PICTURES.mkdir(exist_ok=True)
                path = PICTURES / f"{re.sub(r'[^a-zA-Z0-9]+', '-', item.name)}-{name}.png"
                try:
                    page.screenshot(path=path, timeout=5000)
                    report.sections.append(("what the page looked like", str(path)))
                except Exception as error:  # the test's own failure matters more
                    report.sections.append(("what the page looked like", f"no picture: {error}"))
    return report


@pytest.fixture(scope="session")
def axe(tmp_path_factory):
    """A function that lets axe-core look at a page."""
    folder, npm = tmp_path_factory.mktemp("axe"), shutil.which("npm")
    if not npm:
        not_run("Accessibility", "axe-core comes from npm. Install Node.js and run the same line again.")
    done = subprocess.run([npm, "pack", AXE, "--silent"], cwd=folder, capture_output=True, text=True)
    if done.returncode:
        not_run("Accessibility", f"npm could not fetch {AXE}; it needs a way to npm's registry.")
    with tarfile.open(next(folder.glob("*.tgz"))) as archive:
        archive.extractall(folder, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    script = (folder / "package" / "axe.min.js").read_text(encoding="utf-8")

    def judge(page, part="document", without=()):
        """No serious or critical finding in `part`, an expression for an element or for what axe calls a context, but for the rules `without`.

        Returns how many texts were found to have contrast enough: a page that axe takes for hidden has none.
        """
        if not page.evaluate("!!window.axe"):
            page.evaluate(script)
        options = {"preload": False, "rules": {rule: {"enabled": False} for rule in without}}
        found = page.evaluate(f"""axe.run({part}, {json.dumps(options)}).then((r) => ({{
            bad: r.violations, read: r.passes.filter((rule) => rule.id === "color-contrast").reduce((sum, rule) => sum + rule.nodes.length, 0) }}))""")
        bad = [(v["id"], v["impact"], [n["target"] for n in v["nodes"]][:3], v["nodes"][0]["failureSummary"][:300]) for v in found["bad"] if v["impact"] in ("serious", "critical")]
        assert not bad, json.dumps(bad, indent=1)
        return found["read"]

    return judge
