"""A page exported by nbconvert with the widget state in it: live without a kernel, and without a network.

nbconvert's pages take their scripts from public addresses. Here each of these requests is answered from the npm packages of the same
scripts and from anywidget's own file in the environment, and none leaves the machine.
"""

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import cells
import pytest
from not_run import not_run
from cards_on_page import CardOnPage
from explorers import TWO_FRAMES, OnPage
from thorough import THOROUGH

from helpers.exercises.series import PREDICTIONS

PACKAGES = {"html-manager": "@jupyter-widgets/html-manager@1.0.15", "requirejs": "requirejs@2.3.8"}
FIGURE = 'explore(rmsprop, ghost=adagrad, on=ravine, steps=60, title="A race")'
CARD = 'from helpers import exercises\nexercises.predict("rates", explore(adagrad, on=ravine, steps=60))'
TARGET = 'explore(gradient_descent, on=ravine, steps=100, eta=[0.1, 0.4, 0.44, 0.48, 0.6], goal=exercises.target("valley"))'
ATLAS = """from helpers.atlas import atlas
from helpers.descent import descend
from helpers.network import digits
atlas(descend(adagrad, digits, 40, eta=0.18), descend(rmsprop, digits, 40, eta=0.018))"""


@pytest.fixture(scope="module")
def scripts(tmp_path_factory):
    """The folders of the unpacked npm packages, by name."""
    folder, npm = tmp_path_factory.mktemp("npm"), shutil.which("npm")
    if not npm:
        not_run("The exported page", "it needs npm for the widgets' scripts. Install Node.js and run the same line again.")
    for name, package in PACKAGES.items():
        home = folder / name
        home.mkdir()
        done = subprocess.run([npm, "pack", package, "--silent"], cwd=home, capture_output=True, text=True)
        if done.returncode:
            not_run("The exported page", f"npm could not fetch {package}; it needs a way to npm's registry.")
        with tarfile.open(next(home.glob("*.tgz"))) as archive:
            archive.extractall(home, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    return {name: folder / name / "package" for name in PACKAGES}


@pytest.fixture(scope="module")
def exported(tmp_path_factory, workshop):
    path = workshop / "notebooks" / "page.ipynb"
    cells.write([cells.SETUP, FIGURE, CARD, TARGET, ATLAS], path)
    out = tmp_path_factory.mktemp("page")
    new_reader = {**os.environ, "PROGRESS_FILE": str(out / "progress.json")}  # who has not reached the target in another test
    command = [sys.executable, "-m", "nbconvert", "--execute", "--to", "html", "--output-dir", str(out), str(path)]
    subprocess.run(command, check=True, capture_output=True, env=new_reader)
    return out / "page.html"


@pytest.fixture
def page(exported, scripts, new_context):
    """The exported page; `page.asked` are the addresses that it asked for."""
    page, asked = new_context().new_page(), []
    anywidget = Path(sys.prefix) / "share" / "jupyter" / "nbextensions" / "anywidget" / "index.js"

    def answer(route):
        url = route.request.url
        asked.append(url)
        found = None
        if "require" in url and url.endswith(".js") and "anywidget" not in url:
            found = scripts["requirejs"] / "require.js"
        elif "embed-amd" in url:
            found = scripts["html-manager"] / "dist" / "embed-amd.js"
        elif "anywidget" in url:
            found = anywidget
        route.fulfill(path=found, content_type="text/javascript") if found else route.abort()

    page.route(lambda url: url.startswith("http"), answer)
    page.goto(exported.as_uri())
    page.asked = asked
    yield page
    page.close()


@THOROUGH
def test_an_exported_page_follows_its_sliders_without_a_kernel(page):
    twin = cells.twins([cells.SETUP, FIGURE], Path(__file__).parent)[0]
    figure = OnPage(page.locator(".explorer").first).show()
    figure.obey(twin, wait=5)
    for c, share in ((0, 0.2), (1, 0.8), (0, 0.7)):
        before = figure.picture()
        figure.drag(c, share)
        figure.obey(twin, c)
        assert figure.picture() != before
    card = CardOnPage(page.locator(".pc").first)
    assert card.hidden
    card.answer(2)
    assert not card.hidden and card.told == PREDICTIONS["rates"].reply(*PREDICTIONS["rates"].read(3))["text"]
    assert OnPage(card.figure).show().title == PREDICTIONS["rates"].finding
    target = OnPage(page.locator(".explorer").last).show()
    said = []
    for _ in range(4):
        said.append(target.box.locator(".xp-goal").inner_text()[:1])
        target.press(0, "ArrowRight")
    assert said == ["○", "✓", "✓", "✓"]
    assert any("anywidget" in url for url in page.asked)


@THOROUGH
def test_in_an_exported_page_every_weight_of_a_network_can_be_looked_at(page):
    names = {}
    exec("from helpers.update_rules import adagrad, rmsprop\n" + ATLAS.replace("atlas(descend", "shown = atlas(descend"), names)
    twin, read = names["shown"], page.locator(".at-read")
    page.wait_for_function("document.querySelector('.at-read')?.textContent.includes('The ringed weight')")
    assert read.text_content() == twin.readout
    page.locator(".at-maps").focus()
    page.keyboard.press("PageDown")
    page.get_by_role("button", name="RMSprop, η = 0.018").click()
    page.locator(".at-scrub").focus()
    page.keyboard.press("ArrowLeft")
    page.evaluate(TWO_FRAMES)
    twin.network, twin.step, twin.weight = 1, 39, names["digits"].weight("b1", 0)
    assert read.text_content() == twin.readout
