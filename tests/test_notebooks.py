"""The notebooks: every control of every figure is moved, every read-out compared with descend, and what is stored is fit to be read.

A notebook runs here in this process, cell by cell, so that its figures can be reached; nbval runs it in a kernel of its own.
"""

import ast
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from helpers.explorer import Explorer
from helpers.hypotenuse import Hypotenuse
from messages import check_readout

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
STATEMENTS = {  # the lecture's statements and the misconceptions that each lesson answers, as tags of its cells
    "01": {"S10", "M21"},
    "04": {"S2", "S3", "S4", "S7", "S8", "S9", "S11", "S12", "S13", "S14", "S15", "S17", "S18", "S20", "S22", "M1", "M2", "M3", "M5", "M23"},
    "06": {"S3", "S23", "S24", "S25", "S26", "S27", "S28", "S29", "S30", "S31", "S32", "M8", "M9", "M12", "M18"},
}
LARGEST = 1_000_000  # bytes of a stored notebook


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def source(cell):
    return "".join(cell["source"])


def tags(cell):
    return set(cell["metadata"].get("tags", []))


def code(book):
    return [cell for cell in book["cells"] if cell["cell_type"] == "code" and source(cell).strip()]


def run_all(path, monkeypatch):
    """Every explorer and hypotenuse that running the notebook shows or names, in order."""
    monkeypatch.chdir(path.parent)
    monkeypatch.setattr(sys, "path", [*sys.path])
    namespace, figures = {"__name__": "__main__", "display": lambda *shown, **_: figures.extend(shown)}, []
    monkeypatch.setattr("IPython.display.display", namespace["display"])
    for cell in code(read(path)):
        text = "".join("\n" if line.startswith(("%", "!")) else line for line in source(cell).splitlines(keepends=True))
        tree = ast.parse(text)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        name = f"<{path.stem}: {source(cell).splitlines()[0]}>"
        try:
            exec(compile(tree, name, "exec"), namespace)
            if last is not None:
                figures.append(eval(compile(ast.Expression(last.value), name, "eval"), namespace))
        except Exception:
            if "raises-exception" not in tags(cell):
                raise
    figures += list(namespace.values())
    live = [x for x in figures if isinstance(x, (Explorer, Hypotenuse))]
    return list({id(x): x for x in live}.values())


def drive(explorer):
    """Move every control to its ends and between, press every switch, move the cursor: the figure says what descend does."""
    steps = sorted({0, 1, explorer.engine.steps // 2, explorer.engine.steps})
    for control in explorer.controls.values():
        last, moved = len(control.values) - 1, []
        for index in sorted({0, last // 4, last // 2, 3 * last // 4, last - control.has_zero, last}):  # the last is ε = 0, where there is one
            control.index = index
            assert control.index == index and control.value == control.values[index]
            for explorer.step in steps if index in (0, last) else steps[-1:]:
                check_readout(explorer)
            moved.append(explorer.readout)
        assert len(set(moved)) > 1 or control.name != "eta", "η changes nothing that the figure says"
        control.index = control.start
    joint = np.random.default_rng(0)
    for _ in range(4):
        for control in explorer.controls.values():
            control.index = int(joint.integers(len(control.values)))
        explorer.step = int(joint.integers(explorer.engine.steps + 1))
        check_readout(explorer)
    explorer.reset()
    check_readout(explorer)


def drive_hypotenuse(picture):
    lists, betas = [*picture.presets.options], range(len(picture.beta.options)) if picture.beta else [0]
    for name in lists:
        picture.presets.value = name
        for at in sorted({0, len(betas) // 2, len(betas) - 1}):
            if picture.beta:
                picture.beta.index = at
            for picture.cursor in sorted({0, 1, len(picture.gradients)}):
                assert picture.problem == "" and (f"Leg {picture.cursor} of {len(picture.gradients)}" in picture.readout) == (picture.cursor > 0)


def test_the_core_walk_is_there():
    there = {path.name[:2] for path in NOTEBOOKS}
    assert set(STATEMENTS) <= there, f"the core walk is 01, 04, 06; missing: {', '.join(sorted(set(STATEMENTS) - there))}"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_control_of_every_figure_says_what_descend_does(path, monkeypatch):
    figures = run_all(path, monkeypatch)
    assert any(isinstance(figure, Explorer) for figure in figures), "there is no live figure in it"
    for figure in figures:
        (drive if isinstance(figure, Explorer) else drive_hypotenuse)(figure)
        figure.close_all() if isinstance(figure, Explorer) else figure.close()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_is_stored_executed_small_and_without_widget_state(path):
    book = read(path)
    assert path.stat().st_size <= LARGEST, f"{path.stat().st_size / 1e6:.1f} MB"
    assert "widgets" not in book["metadata"] and book["metadata"]["kernelspec"]["name"] == "python3"
    cells = code(book)
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    for cell in cells:
        for output in cell["outputs"]:
            assert output["output_type"] != "error" or "raises-exception" in tags(cell), source(cell)
            assert output.get("name") != "stderr", f"stored stderr: {output['text']}"
            assert output.get("execution_count", cell["execution_count"]) == cell["execution_count"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_checked_outputs_have_something_to_compare(path):
    checked = [cell for cell in code(read(path)) if "nbval-check-output" in tags(cell)]
    assert checked, "no cell's output is compared: tag those whose text is deterministic nbval-check-output"
    for cell in checked:
        assert cell["execution_count"] and cell["outputs"], source(cell)
        assert not any("image/png" in o.get("data", {}) and "text/html" not in o["data"] for o in cell["outputs"]), "a picture is not compared: print what it shows"
    assert not any("nbval-skip" in tags(cell) for cell in code(read(path))), "a skipped cell is an unchecked one"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_picture_has_alternative_text(path):
    book = read(path)
    for cell in book["cells"]:
        shown = [source(cell)] if cell["cell_type"] == "markdown" else []
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            html = "".join(data.get("text/html", ""))
            assert not any(kind.startswith("image/") for kind in data) or "<img" in html, f"a picture without words in the cell {source(cell)[:60]!r}"
            shown.append(html)
            if "application/vnd.jupyter.widget-view+json" in data and ("explore(" in source(cell) or "hypotenuse(" in source(cell)):
                assert "<img" in html, "a live figure needs a still picture beside it"
        for text in shown:
            assert all(alt.strip() for alt in re.findall(r"!\[([^\]]*)\]\(", text)), source(cell)
            for image in re.findall(r"<img\b[^>]*>", text):
                alt = re.search(r"\balt=(\"[^\"]*\"|'[^']*')", image)
                assert alt and len(alt[1].strip("\"' ")) >= 15, image[:120]


@pytest.mark.parametrize("number", sorted(STATEMENTS))
def test_every_statement_and_misconception_of_the_lesson_is_tagged(number):
    path = next((path for path in NOTEBOOKS if path.name.startswith(number)), None)
    assert path, f"notebook {number} is missing"
    tagged = set().union(*(tags(cell) for cell in read(path)["cells"]))
    assert not STATEMENTS[number] - tagged, f"no cell is tagged {', '.join(sorted(STATEMENTS[number] - tagged))}"


def test_the_driver_notices_a_figure_that_says_something_else(monkeypatch):
    from helpers.explorer import explore
    from helpers.surfaces import ravine
    from helpers.update_rules import rmsprop

    figure = explore(rmsprop, on=ravine, beta=[0.5, 0.9], eps=0)
    drive(figure)
    packed = figure.engine.near_parts[0][1]
    packed[:] = np.where(packed < 60000, packed + 900, packed)
    figure.engine.full_parts = []
    with pytest.raises(AssertionError):
        check_readout(figure)
