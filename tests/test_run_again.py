"""A notebook that is run again says the same: from the last cell to the first, and with every start a hair away.

After Run All a reader may run any cell again, so no cell may depend on what ran after it. And the last bits of a sum or
of a product differ from one processor to the next. Where a run is chaotic, such a difference grows until the two runs
have nothing in common. So every start is moved by 1e-13 of itself and the notebook is run once more: its assertions must
hold, the cards must find the same truths, and what nbval compares must read the same. One such run of each notebook; the
environment variable DRAWS asks for more of them:

    DRAWS=20 python -m pytest tests/test_run_again.py -k "moved and 04_adagrad"
"""

import json
import os

import numpy as np
import pytest

from helpers import descent
from helpers.exercises.keeper import keeper
from helpers.exercises.series import CARDS
from in_process import NOTEBOOKS, Reader, forget_what_was_computed, without_figures
from thorough import every_time

MOVED = 1e-13  # relative: a start of 0 stays exactly 0, as it does on every processor
DRAWS = range(int(os.environ.get("DRAWS", 1)))
RAISED = "it raises"


@pytest.fixture
def moved_starts(monkeypatch):
    """moved_starts(seed): from now on every run begins a hair away from its start; None undoes it."""
    plain, seeds = descent._start, []

    def start(*args):
        w = plain(*args)  # the same start is always moved the same way: a figure compares its sweep with single runs
        return w * (1 + MOVED * np.random.default_rng(seeds).choice([-1, 1], size=w.shape)) if seeds else w

    def move(seed):
        seeds[:] = [] if seed is None else [seed]
        forget_what_was_computed()

    monkeypatch.setattr(descent, "_start", start)
    yield move
    forget_what_was_computed()


def texts(reader, names):
    """{cell: what it says, or what it raises}, run in this order."""
    said = {}
    for name in names:
        try:
            said[name] = reader.run(name)
        except Exception as error:  # an assertion, most likely: the comparison shows it beside what the cell says otherwise
            said[name] = f"{RAISED} {type(error).__name__}: {error}"
    return said


def both_ways(path, monkeypatch):
    """({cell: what it says in order}, {cell: what it says backwards}, {card: its truth, as the reader is told it})."""
    keeper.forget()
    reader = Reader(path, monkeypatch)
    before = texts(reader, reader.cells)
    truths = told_by_cards(path)
    after = texts(reader, reversed(reader.cells))
    reader.close()
    keeper.forget()
    return {name: (before[name], after[name], name in reader.checked) for name in reader.cells}, truths


def told_by_cards(path):
    return {card.name: card.true_text() for card in CARDS if card.notebook == path.name[:2]}


def backwards(told):
    """[(cell, what it said in order, what it says backwards)] of the cells that differ."""
    return [(name, before, after) for name, (before, after, _) in told.items() if before != after]


def moved(path, told, truths, draws, move, monkeypatch):
    """[(cell or card, draw, what it said, what it says now)] for every difference."""
    usual = {name: text for name, (text, _, checked) in told.items() if checked or text.startswith(RAISED)} | truths
    found = []
    for seed in draws:
        move(seed)
        keeper.forget()
        reader = Reader(path, monkeypatch)
        said = texts(reader, reader.cells)
        reader.close()
        now = {name: text for name, text in said.items() if name in reader.checked or text.startswith(RAISED)} | told_by_cards(path)
        keeper.forget()
        found += [(name, seed, usual.get(name, ""), now.get(name, "")) for name in {**usual, **now} if usual.get(name) != now.get(name)]
    return found


EVERY_TIME = [path for path in NOTEBOOKS if path.name.startswith("04")]


@pytest.fixture(scope="module", params=every_time(EVERY_TIME, NOTEBOOKS), ids=lambda path: path.stem)
def told(request):
    """(path, what its cells say in order and backwards, its cards' truths): run without live figures, once for both tests."""
    with pytest.MonkeyPatch.context() as patch:
        without_figures(patch)
        return request.param, *both_ways(request.param, patch)


def test_after_run_all_every_cell_can_be_run_again_from_the_last_to_the_first(told):
    _, cells, _ = told
    found = "".join(f"\n{name}:\n  in order  {before!r}\n  backwards {after!r}" for name, before, after in backwards(cells))
    assert not found, "let the cell make its own run, or give it a name of its own:" + found
    raised = [name for name, (text, *_) in cells.items() if text.startswith(RAISED)]
    assert not raised, [cells[name][0] for name in raised]


def test_with_moved_starts_no_number_depends_on_the_last_bits(told, moved_starts, monkeypatch):
    path, cells, truths = told
    without_figures(monkeypatch)
    found = moved(path, cells, truths, DRAWS, moved_starts, monkeypatch)
    listed = "".join(f"\n{name}, start {seed}:\n  it says    {was!r}\n  it says now {now!r}" for name, seed, was, now in found)
    assert not found, "keep what is stable (a median, a bound with room, fewer digits):" + listed


@pytest.mark.thorough
@pytest.mark.parametrize("path", EVERY_TIME, ids=lambda path: path.stem)
def test_so_it_is_with_all_its_live_figures(path, monkeypatch):
    cells, _ = both_ways(path, monkeypatch)
    assert not backwards(cells)


def written(tmp_path, name, sources, tags=()):
    """A notebook of these cells."""
    cells = [{"cell_type": "code", "id": cell, "metadata": {"tags": [*tags]}, "source": source} for cell, source in sources.items()]
    path = tmp_path / name
    path.write_text(json.dumps({"cells": cells}), encoding="utf-8")
    return path


def test_a_name_that_is_used_twice_is_found(tmp_path, monkeypatch):
    sources = {
        "first": "run = [1, 2, 3]",
        "shown": "print(len(run))",
        "sure": "assert run[0] == 1",
        "own": "mine = 5\nprint(mine)",
        "second": "run = [9]",
    }
    cells, _ = both_ways(written(tmp_path, "99_twice.ipynb", sources), monkeypatch)
    assert [name for name, *_ in backwards(cells)] == ["shown", "sure"]


CHAOTIC = """import numpy as np
from helpers.descent import descend
from helpers.surfaces import rosenbrock
from helpers.update_rules import rmsprop
loss = descend(rmsprop, rosenbrock, 500, eta=0.4).loss
"""
CASES = {
    "early": ("print(f'{loss[20]:.3e}')", False),
    "bound": ("assert 0.1 < np.median(loss[200:]) < 10", False),
    "late": ("print(f'{loss[-1]:.2e}')", True),
    "asserted": ("limit = LIMIT\nassert loss[-1] == limit", True),
}


@pytest.mark.parametrize("case", CASES)
def test_a_chaotic_number_is_found_and_a_stable_one_is_not(case, tmp_path, moved_starts, monkeypatch):
    line, chaotic = CASES[case]
    names = {}
    exec(CHAOTIC, names)
    source = CHAOTIC + line.replace("LIMIT", repr(float(names["loss"][-1])))
    path = written(tmp_path, "99_chaos.ipynb", {case: source}, [] if case == "asserted" else ["nbval-check-output"])
    cells, truths = both_ways(path, monkeypatch)
    assert [name for name, *_ in moved(path, cells, truths, [0], moved_starts, monkeypatch)] == [case] * chaotic
