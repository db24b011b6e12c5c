"""The notebooks: every control of every figure is moved, every read-out compared with descend, every card answered, every target reached and
missed, every solution run; and what is stored is fit to be read.

A notebook runs here in this process, cell by cell, so that its figures can be reached; nbval runs it in a kernel of its own.
"""

import ast
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from helpers.against_G import AgainstG
from helpers.atlas import Atlas
from helpers.exercises.cards import Predict
from helpers.exercises.checks import exercises_of
from helpers.exercises.keeper import keeper
from helpers.exercises.progress import Progress
from helpers.exercises.series import PREDICTIONS, TARGETS
from helpers.exercises.verdict import Verdict
from helpers.explorer import Explorer
from helpers.hypotenuse import Hypotenuse
from helpers.looks import look
from helpers.memory_bars import LAST, MemoryBars, sentence
from helpers.podium import Podium
from helpers.race import number
from helpers.race_figure import FairRace
from fronts import controls_of, walk
from messages import check_readout
from thorough import every_time

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
STATEMENTS = {  # the lecture's statements and the misconceptions that each lesson answers, as tags of its cells
    "00": {"S5"},
    "01": {"S10", "M21"},
    "02": {"S1", "S2", "S17", "S19", "M14"},
    "03": {"S28", "M11", "M17"},
    "04": {"S2", "S3", "S4", "S7", "S8", "S9", "S11", "S12", "S13", "S14", "S15", "S17", "S18", "S20", "S22", "M1", "M2", "M3", "M5", "M23"},
    "05": {"S18", "S31", "S32", "M15", "M22"},
    "06": {"S3", "S23", "S24", "S25", "S26", "S27", "S28", "S29", "S30", "S31", "S32", "M8", "M9", "M12", "M18"},
    "07": {"S11", "S13", "S16", "M6", "M7"},
    "08": {"S6", "S31", "S32", "M4", "M10", "M13", "M20"},
    "09": {"S9", "S20", "S21", "S22", "M16", "M19"},
    "10": {"S4", "S5", "S6", "S33", "M23"},
}
WITHOUT_EXERCISES = {"00"}  # it shows how the others are read


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def source(cell):
    return "".join(cell["source"])


def tags(cell):
    return set(cell["metadata"].get("tags", []))


def code(book):
    return [cell for cell in book["cells"] if cell["cell_type"] == "code" and source(cell).strip()]


def run_all(path, monkeypatch, namespace):
    """Everything live that running the notebook in this namespace shows or names, in order: cards, explorers, hypotenuses, verdicts, progress."""
    monkeypatch.chdir(path.parent)
    monkeypatch.setattr(sys, "path", [*sys.path])
    figures = []
    namespace.update(__name__="__main__", display=lambda *shown, **_: figures.extend(shown))
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
    live = [x for x in figures if isinstance(x, (Predict, *DRIVERS, Verdict, Progress))]
    return list({id(x): x for x in live}.values())


def drive(explorer):
    """Move every control to its ends, press every switch, move the cursor: the figure says what descend does. (Between the ends, `walk` asks it everywhere.)"""
    steps = sorted({0, 1, explorer.engine.steps // 2, explorer.engine.steps})
    of_the_surface = len(explorer.engine.request.surface_controls)  # each move of one has the kernel run everything again
    for control in explorer.controls.values():
        last, moved = len(control.values) - 1, []
        for index in sorted({0, last - control.has_zero, last}):  # the last is ε = 0, where there is one
            control.index = index
            assert control.index == index and control.value == control.values[index]
            for explorer.step in steps if index in (0, last) else steps[-1:]:
                check_readout(explorer)
            moved.append(explorer.readout)
        assert len(set(moved)) > 1 or control.name != "eta", "η changes nothing that the figure says"
        control.index = control.start
    joint = np.random.default_rng(0)
    for _ in range(1 if of_the_surface else 4):
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


def drive_atlas(picture):
    """Every network, every quantity, some weights and steps: the read-out tells what the records hold."""
    runs, first = picture.runs, picture.weight
    for picture.network, run in enumerate(runs):
        assert look(run.rule).label in picture.readout
        for picture.quantity in picture.lanes[picture.network].quantities:
            for picture.step in (0, 1, 150, run.steps):
                picture.weight = (first + 977 * picture.step) % run.w.shape[-1]
                assert f"update {picture.step} of {run.steps}" in picture.readout or picture.step == 0
                if picture.step:
                    told = re.search(r"last step\s(\S+?)\.?$", picture.readout).group(1).replace("−", "-")
                    assert np.isclose(float(told), run.step[picture.step - 1, picture.weight], rtol=0.06), (told, picture.readout)
    picture.reset()


def drive_memory(bars):
    """Every β, in the average and in the sum: the read-out is the sentence of these settings."""
    for bars.kind.index, kind in enumerate(bars.kind.options):
        for bars.beta.index, (_, beta) in enumerate(bars.beta.options):
            for bars.last.index in (0, len(LAST) // 2, len(LAST) - 1):
                assert bars.readout == sentence(kind, beta, LAST[bars.last.index])


def drive_against_G(figure):
    """Every ε, both places, held or not, and some G: the sentence tells the rate that the rule itself has there."""
    for name in ("inside", "hold"):
        for index in (1, 0):
            figure.controls[name].index = index
            for figure.controls["eps"].index in range(len(figure.controls["eps"].values)):
                for figure.controls["G"].index in (0, 20, 40, 56):
                    at = {key: figure.controls[key].value for key in ("eps", "inside", "hold")}
                    [rate] = figure.rates.rates([figure.controls["G"].value], **at)
                    told = [float(number.rstrip(".")) for number in re.findall(r"\d[\d.]*(?:e-?\d+)?", figure.readout)]
                    assert "nothing moves" in figure.readout if rate == 0 else any(np.isclose(number, rate, rtol=0.06) for number in told)
    figure.reset()


def drive_race(picture):
    """Every surface, horizon and mode, some η: the read-out tells the race's own verdict, with the loss that was measured."""
    for picture.surface.index, (name, race) in enumerate(picture.races.items()):
        for picture.horizon.index, horizon in enumerate(race.horizons):
            picture.mode.index = 0
            best = race.order(horizon)[0]
            assert picture.readout == race.verdict(horizon) and f"{look(best).label} {race.told(best, horizon)} (η = {number(race.eta(best, horizon))})" in picture.readout
            picture.mode.index = 1
            for picture.eta.index in sorted({0, len(race.etas) // 2, len(race.etas) - 1}):
                assert picture.readout == race.verdict(horizon, picture.eta.index) and picture.race is race


def drive_podium(table):
    """Filled row by row, first wrong and then right: the conclusion is closed until the last one."""
    for choose in (lambda truth: next(who for who in table.choices if who != truth), lambda truth: truth):
        table.clear()
        for row, truth in enumerate(table.truths):
            assert not table.filled and table.conclusion == "" and f"{row} of {len(table.truths)} filled" in table.readout
            table.fill(row, choose(truth))
        assert table.filled and table.conclusion in table.readout and table.readout.count("measured") == len(table.truths)
    table.clear()


DRIVERS = {
    Explorer: drive, Hypotenuse: drive_hypotenuse, Atlas: drive_atlas, MemoryBars: drive_memory, AgainstG: drive_against_G, FairRace: drive_race, Podium: drive_podium,
}


def test_the_core_walk_is_there():
    there = {path.name[:2] for path in NOTEBOOKS}
    assert set(STATEMENTS) <= there, f"the core walk is 01, 04, 06; missing: {', '.join(sorted(set(STATEMENTS) - there))}"


def drive_card(card):
    """Hidden at first; answered wrong, looked at without an answer, answered right: what is said back names what was said and what is true."""
    asked, wrongs = card.prediction, 0
    assert not card.seen and card.shown.layout.display == "none" and "Not answered yet" in card.reply
    for said in (*(choice for choice in asked.choices if choice != asked.truth), *([] if asked.choices else [asked.truth * 2, *asked.because])):
        card.say(said)
        assert card.right is False and card.seen and asked.why in card.reply and asked.true_text() in card.reply
        wrongs += 1
        card.again()
    assert wrongs
    card.show()
    assert card.said is None and asked.true_text() in card.reply
    card.again()
    card.say(asked.truth)
    assert card.right and card.shown.layout.display is None
    assert keeper.get("predictions", asked.name)["right"] is True


def drive_target(explorer):
    """As the figure begins the goal is missed; the stated solution reaches it, and so do three positions side by side."""
    goal, told = explorer.engine.goal, []
    name = goal.reached.args[0]
    assert explorer.reached is False and goal.done == "" and explorer.target.startswith("Not yet")
    for key, value in TARGETS[name].solution.items():
        control = explorer.controls[key]
        control.index = control.nearest(value)
        assert control.value == value
    assert explorer.reached and explorer.target.startswith("Reached") and keeper.get("targets", name)["setting"] == goal.done
    for control.index in range(len(control.values)):
        told.append(explorer.reached)
    assert any(all(told[i : i + 3]) for i in range(len(told))), "fewer than three neighbouring positions reach it"
    assert not all(told)
    explorer.reset()


def solutions(book):
    """The code in the folded solutions."""
    return [found for cell in book["cells"] if "solution" in tags(cell) for found in re.findall(r"```python\n(.*?)```", source(cell), re.DOTALL)]


@pytest.fixture(scope="module", params=every_time([path for path in NOTEBOOKS if path.name.startswith("04")], NOTEBOOKS), ids=lambda path: path.stem)
def ran(request):
    """(path, what it showed, its variables) of a notebook run once, by a reader who has answered nothing, for all tests that ask what came of it."""
    names = {}
    keeper.forget()
    with pytest.MonkeyPatch.context() as patch:
        shown = run_all(request.param, patch, names)
        yield request.param, shown, names
    for figure in shown:
        if isinstance(figure, (Predict, Explorer, Atlas, FairRace, Podium, Progress)):
            figure.close() if isinstance(figure, Progress) else figure.close_all()
    keeper.forget()


def test_every_control_of_every_figure_says_what_descend_does(ran):
    path, shown, _ = ran
    cards = [figure for figure in shown if isinstance(figure, Predict)]
    figures = [figure for figure in [*shown, *(card.figure for card in cards)] if isinstance(figure, tuple(DRIVERS))]
    assert any(isinstance(figure, Explorer) for figure in figures), "there is no live figure in it"
    for card in cards:
        drive_card(card)
    targets = [figure for figure in figures if isinstance(figure, Explorer) and figure.engine.goal]
    for figure in targets:
        drive_target(figure)
    for figure in figures:
        DRIVERS[type(figure)](figure)
    number = path.name[:2]
    assert {card.prediction.name for card in cards} == {name for name, card in PREDICTIONS.items() if card.notebook == number}
    assert {figure.engine.goal.reached.args[0] for figure in targets} == {name for name, target in TARGETS.items() if target.notebook == number}
    table = next(figure for figure in shown if isinstance(figure, Progress))
    assert table.notebook == number
    assert {state for kind, _, state, _ in table.lines if kind != "exercise"} == {"done"}


def test_every_exercise_waits_for_the_reader_and_its_solution_is_right(ran):
    path, shown, names = ran
    waiting = [verdict for verdict in shown if isinstance(verdict, Verdict)]
    none = path.name[:2] in WITHOUT_EXERCISES
    assert bool(waiting) != none and all(verdict.state == "open" for verdict in waiting), "what the notebook holds before the reader begins is not open"
    table = next(figure for figure in shown if isinstance(figure, Progress))
    folded, titles = solutions(read(path)), dict(exercises_of(path.name[:2]))
    assert len(folded) == len(waiting) == len(titles) and (len(titles) == 0 if none else 2 <= len(titles) <= 4)
    for code_ in folded:
        tree = ast.parse(code_)
        *before, last = tree.body
        exec(compile(ast.Module(before, []), "<solution>", "exec"), names)
        verdict = eval(compile(ast.Expression(last.value), "<solution>", "eval"), names)
        assert isinstance(verdict, Verdict) and verdict, f"{code_}\n{verdict!r}"
    assert [state for kind, _, state, _ in table.lines if kind == "exercise"] == ["done"] * len(titles)


def test_a_front_end_that_writes_a_hair_beside_every_position_moves_every_figure_there(ran):
    """As Colab's does, by messages to the kernel; tests/browser/test_site.py has the pages' part of it."""
    _, shown, _ = ran
    figures = [figure.figure if isinstance(figure, Predict) else figure for figure in shown]
    moved = {id(figure): figure for figure in figures if isinstance(figure, tuple(DRIVERS)) and controls_of(figure)}
    assert moved
    for figure in moved.values():
        walk(figure, check_readout if isinstance(figure, Explorer) else lambda figure: None)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_solutions_are_folded_and_nothing_before_a_card_gives_it_away(path):
    book = read(path)
    for cell in book["cells"]:
        if "solution" in tags(cell):
            assert cell["cell_type"] == "markdown" and source(cell).startswith("<details>") and source(cell).rstrip().endswith("</details>")
        elif cell["cell_type"] == "code":
            assert not ("exercises.predict(" in source(cell) and "title=" in source(cell)), "the title is the finding: the card holds it"
    for name, card in PREDICTIONS.items():
        if card.notebook != path.name[:2]:
            continue
        cell = next(cell for cell in book["cells"] if cell["cell_type"] == "code" and f'predict("{name}"' in source(cell))
        stored = json.dumps(cell["outputs"], ensure_ascii=False)
        for secret in (card.why, card.finding):
            assert not secret or secret not in stored, f"the stored output of {name!r} tells {secret!r}"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_is_stored_executed_and_without_errors(path):
    book = read(path)
    assert book["metadata"]["kernelspec"]["name"] == "python3"
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
            if "text/html" in data and (any(made in source(cell) for made in ("explore(", "hypotenuse(", "atlas(", "memory_bars(", "against_G(", "fair_race("))):
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


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_what_jupyterlab_folds_colab_folds_too(path):
    folded = [cell["metadata"] for cell in read(path)["cells"] if cell["metadata"].get("jupyter", {}).get("source_hidden")]
    assert folded and all(metadata.get("cellView") == "form" for metadata in folded)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_numbers_behind_a_card_are_folded_away_with_their_output(path):
    cells = read(path)["cells"]
    for i, cell in enumerate(cells):
        if cell["cell_type"] != "code" or "exercises.predict(" not in source(cell):
            continue
        after = next(other for other in cells[i + 1 :] if other["cell_type"] == "code" or source(other).startswith("#"))
        if after["cell_type"] == "code" and "explore(" not in source(after):
            assert after["metadata"].get("jupyter") == {"source_hidden": True} and "with exercises.folded():" in source(after)
            assert source(after).startswith("# The numbers behind the answer")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.name[:2])
def test_code_that_is_seen_fits_its_cell(path):
    for cell in read(path)["cells"]:
        if cell["cell_type"] == "code" and not cell["metadata"].get("jupyter", {}).get("source_hidden"):
            assert max(map(len, "".join(cell["source"]).splitlines()), default=0) <= 88, cell["id"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.name[:2])
def test_what_a_folded_cell_shows_of_itself_is_short(path):
    for cell in read(path)["cells"]:  # JupyterLab shows its first line, and a long one makes the whole page scroll sideways
        if cell["metadata"].get("jupyter", {}).get("source_hidden"):
            assert len("".join(cell["source"]).splitlines()[0]) <= 60, cell["id"]


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
