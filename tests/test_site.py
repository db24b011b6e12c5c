"""The site: one notebook built, every link of it followed, every figure compared with what Python says; formulas, links and code as pages need them."""

import base64
import json
import re
import runpy
import subprocess
import sys
from pathlib import Path

import ipywidgets
import pytest

from helpers.against_G import against_G
from helpers.atlas import atlas
from helpers.descent import descend
from helpers.epsilon import epsilon_rule
from helpers.explorer import explore
from helpers.explorer.engine import Engine
from helpers.hypotenuse import hypotenuse
from helpers.memory_bars import memory_bars
from helpers.network import digits
from helpers.podium import podium
from helpers.race import race_on
from helpers.race_figure import fair_race
from tools.site import links, live, pages
from tools.site.build import build
from tools.site.run import shown_by
from helpers.surfaces import bowl, ravine
from helpers.update_rules import gradient_descent, rmsprop
from messages import unpack
from thorough import THOROUGH

ROOT = Path(__file__).resolve().parent.parent
LARGEST_FIGURE, LARGEST_PAGE = 2_000_000, 6_000_000  # bytes


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    out = tmp_path_factory.mktemp("built") / "site"
    return out, build(out, only=["01", "04"], say=lambda _: None)


def data_of(out, name):
    text = (out / "data" / f"{name}.js").read_text(encoding="utf-8")
    return json.loads(text[text.index("= ") + 2 : -2])


@THOROUGH
def test_every_figure_stays_below_two_megabytes_and_every_page_below_six(built):
    for page, figures in built[1].items():
        assert figures and max(figures.values()) <= LARGEST_FIGURE and sum(figures.values()) <= LARGEST_PAGE, (page, figures)


@THOROUGH
def test_whatever_a_page_loads_is_there_and_nothing_comes_from_elsewhere(built):
    out, sizes = built
    for page in out.glob("*.html"):
        html = page.read_text(encoding="utf-8")
        wanted = re.findall(r'(?:src|data-file)="(?!data:)([^"]+)"', html) + re.findall(r'<link[^>]*href="(?!data:)([^"]+)"', html)
        for name in wanted:
            assert (out / name).is_file(), (page.name, name)
        assert len(re.findall('class="live"', html)) == len(sizes.get(page.stem, {}))
    for script in [*out.rglob("*.js"), *out.rglob("*.css")]:
        assert not re.search(r"""(?:import|fetch|url)\s*\(\s*["']?https?:""", script.read_text(encoding="utf-8")), script.name


@THOROUGH
def test_every_picture_of_a_page_says_what_is_on_it(built):
    for page in built[0].glob("*.html"):
        for tag in re.findall(r"<img[^>]*>", page.read_text(encoding="utf-8")):
            assert len(re.search(r'alt="([^"]*)"', tag).group(1)) > 20


@THOROUGH
def test_no_picture_of_a_page_asks_to_run_a_cell(built):
    assert not [page.name for page in built[0].glob("*.html") if "Run this cell" in page.read_text(encoding="utf-8")]


@THOROUGH
def test_no_formula_is_left_as_text_and_no_picture_is_lost(built):
    html = (built[0] / "04.html").read_text(encoding="utf-8")
    assert "<math" in html and "\\frac" not in html and "\ue000" not in html and "menclose" not in html
    assert "<h1" in html and 'href="glossary.md"' not in html
    links = re.findall(r'href="([^"]*\.ipynb[^"]*)"', html)
    assert links == ["notebooks/04_adagrad.ipynb"]  # the one to download; from page to page they lead to pages


def test_the_packed_figure_holds_what_descend_does_at_every_position():
    figure = explore(rmsprop, on=ravine, steps=12, eta=[0.1, 0.4], beta=[0.5, 0.9], eps=1e-8)
    data = live.packed(figure, live.Shelf())
    canvas = data["models"][figure.canvas.model_id]
    assert "near" not in canvas["buffers"]  # all of it is in the rest

    message = base64.b64decode(canvas["buffers"]["rest"])
    packed, first = unpack(message, canvas["state"]["spec"]), unpack(figure.canvas.rest, figure.canvas.spec)
    assert packed[0]["lanes"] == first[0]["lanes"]
    for p, (codes, ints) in first[1][0].items():
        assert (packed[1][0][p][0] == codes).all() and (packed[1][0][p][1] == ints).all()


def test_another_surface_is_packed_too_and_the_figure_is_left_as_it_was():
    figure = explore(gradient_descent, on={"bowl": bowl, "ravine": ravine}, steps=10, eta=[0.1, 0.4])
    before = figure.readout
    [variant] = live.packed(figure, live.Shelf())["variants"]
    assert list(variant["positions"]) == ["1"] and variant["positions"]["1"]["rest"] and figure.readout == before
    assert variant["positions"]["1"]["spec"]["subtitle"].startswith(ravine.name)


def test_the_code_of_a_figure_has_a_place_for_the_settings():
    text = 'figure = explore(rmsprop, on=ravine, steps=60, start_at={"eta": 0.4},\n    goal=exercises.target("valley"))\nfigure'
    assert links.calls(text) == {"explore": [links.Call("explore(rmsprop, on=ravine, steps=60")]}
    assert links.calls("explore(a, on=b, show='G', start=(1, 2))")["explore"][0].was == {"show": "'G'", "start": "(1, 2)"}
    assert links.calls("print(1)") == links.calls("%matplotlib inline") == {}


def test_two_figures_of_a_cell_take_the_code_of_their_own_call():
    called = links.calls("display(explore(rmsprop, on=ravine), explore(gradient_descent, on=bowl))")
    first, second = (live.packed(explore(rule, on=on, steps=5), live.Shelf(), called)["told"] for rule, on in ((rmsprop, ravine), (gradient_descent, bowl)))
    assert [first["code"]["head"], second["code"]["head"]] == ["explore(rmsprop, on=ravine", "explore(gradient_descent, on=bowl"]


def test_every_live_figure_of_the_house_tells_what_a_link_can_set():
    for figure in (explore(rmsprop, on=ravine, steps=5), against_G(epsilon_rule), memory_bars(), fair_race({"ravine": ravine}, horizons=[10], etas=[0.1, 0.4]),
                   hypotenuse(rmsprop), atlas(descend(gradient_descent, digits, 2, eta=1.0)), podium([("ravine", race_on(ravine, [10], [0.1, 0.4], (rmsprop,)), 10)], "")):
        told = links.settings(links.figure_in(figure))
        assert links.keys(told) and told["code"] is None
        for knob in told["knobs"]:
            assert ("names" in knob) == (knob["kind"] == "widget") and len(knob.get("names", ())) == len(set(knob.get("names", ()))) == len(knob.get("values", ()))
            assert "," not in knob["key"] and sum(how in knob for how in ("argument", "entry", "line")) <= 1
    assert links.figure_in(ipywidgets.HTML("a still picture")) is None


def test_text_becomes_a_page_with_formulas_links_and_folds():
    html = pages.text("# A\n\n$$\\boxed{G}$$ and $\\sqrt{G}$, `cost $5`, see [06](06_rmsprop.ipynb#end) and [g](glossary.md).\n\n<details><summary>x</summary>\n\n**b**\n\n</details>")
    assert html.count("<math") == 2 and 'display="block"' in html and 'class="boxed"' in html and "<code>cost $5</code>" in html
    assert 'href="06.html#end"' in html and 'href="glossary.html"' in html and "<strong>b</strong>" in html
    assert 'href="https://doi.org/x.md"' in pages.text("[x](https://doi.org/x.md)")


def test_a_folder_with_something_else_in_it_is_not_emptied(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(ValueError, match="holds something that is no site"):
        build(tmp_path, only=["01"])
    assert (tmp_path / "thesis.txt").exists()


@pytest.mark.parametrize("files", [
    ["shared/photo.jpg"],                                                  # a folder of that name is no site yet
    ["index.html", "shared/helper.js"],                                    # somebody's own pages
    ["index.html", "shared/runtime.js", "shared/photo.jpg"],               # a site, and something of the reader's in it
    ["index.html", "shared/runtime.js", "data/06-05.js", "data/raw.csv"],
    ["index.html", "shared/runtime.js", "thesis/thesis.txt"],
    ["index.html", "shared/runtime.js", "data.html/x.html"],
])
def test_only_a_site_is_emptied_and_what_is_in_the_way_is_named(files, tmp_path):
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("years of work")
    with pytest.raises(ValueError, match="holds something that is no site") as refused:
        build(tmp_path, only=[])
    assert files[-1].removesuffix("/thesis.txt").removesuffix("/x.html") in str(refused.value)
    assert all((tmp_path / name).read_text() == "years of work" for name in files)


def test_a_site_is_built_anew_also_where_a_build_was_interrupted_and_marks_of_the_folder_stay(tmp_path):
    old = ["99.html", "shared/runtime.js", "shared/0123456789.css", "data/99-01.js", ".git/config", ".nojekyll"]
    for name in old:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("old")
    build(tmp_path, only=["gl"], say=lambda _: None)
    assert [name for name in old if (tmp_path / name).exists() and (tmp_path / name).read_text() == "old"] == old[-2:]
    (tmp_path / "index.html").unlink()
    (tmp_path / "shared" / "page.css").unlink()
    build(tmp_path, only=["gl"], say=lambda _: None)
    assert (tmp_path / "index.html").exists()


@pytest.mark.parametrize("folder", [ROOT, ROOT.parent, ROOT / "notebooks" / ".."])
def test_the_project_is_no_place_for_a_site(folder, monkeypatch):
    monkeypatch.setattr(Path, "unlink", None)
    with pytest.raises(ValueError, match="holds the project itself"):
        build(folder, only=[])


def test_a_file_in_the_place_of_the_site_is_told_kindly_and_stays(tmp_path):
    thesis = tmp_path / "thesis.txt"
    thesis.write_text("years of work")
    done = subprocess.run([sys.executable, "-m", "tools.site", str(thesis)], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode and "cannot be made into a site" in done.stderr and "Traceback" not in done.stderr
    with pytest.raises(ValueError, match="cannot be made into a site"):
        build(thesis / "site", only=[])
    assert thesis.read_text() == "years of work"


def test_the_command_builds_where_it_is_told_and_says_what_it_made(tmp_path, monkeypatch, capsys):
    asked = []
    monkeypatch.setattr("tools.site.build.build", lambda out: asked.append(out) or {"01": {"01-05": 600_000}, "06": {"06-05": 1_200_000, "06-11": 500_000}})
    monkeypatch.setattr(sys, "argv", ["tools.site", str(tmp_path)])
    runpy.run_module("tools.site", run_name="__main__")
    assert asked == [tmp_path]
    assert re.fullmatch(rf"2 notebooks, 3 live figures, 2\.3 MB, \d+ s\. Open {re.escape(str(tmp_path / 'index.html'))}: it needs no server and no network\.\n", capsys.readouterr().out)


def test_running_a_notebook_tells_what_each_cell_showed_in_order(tmp_path):
    cells = [{"cell_type": "code", "id": "a", "metadata": {}, "source": "from IPython.display import display\ndisplay(1, 2)\n3"},
             {"cell_type": "markdown", "id": "b", "metadata": {}, "source": "text"},
             {"cell_type": "code", "id": "c", "metadata": {"tags": ["raises-exception"]}, "source": "1 / 0"},
             {"cell_type": "code", "id": "d", "metadata": {}, "source": "x = 4"}]
    (tmp_path / "n.ipynb").write_text(json.dumps({"cells": cells}))
    assert shown_by(tmp_path / "n.ipynb") == {0: [1, 2, 3], 2: [], 3: []}


def test_engine_and_site_agree_on_the_header_of_a_message():
    figure = explore(gradient_descent, on=bowl, steps=5, eta=[0.1, 0.4])
    assert isinstance(figure.engine, Engine) and live._whole(figure.canvas.rest)
    assert len(live.tight(figure.canvas.rest)) <= len(figure.canvas.rest)
