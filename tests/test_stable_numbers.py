"""No notebook asserts on, or prints for comparison, a number that another processor's arithmetic changes.

The last bits of a sum or of a product differ from one processor to the next. Where a run is chaotic, such a
difference grows until the two runs have nothing in common. So every start is moved by 1e-13 of itself and the
notebook is run again: its assertions must hold, the cards must find the same truths, and what nbval compares
must read the same. One such run of each notebook; the environment variable DRAWS asks for more of them:

    DRAWS=20 python -m pytest tests/test_stable_numbers.py -k 04_adagrad
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


def told(path, monkeypatch):
    """{cell: what nbval would compare, or what it raised} and {card: its truth, as the reader is told it}."""
    keeper.forget()
    reader, seen = Reader(path, monkeypatch), {}
    for name in reader.cells:
        try:
            text = reader.run(name)
        except (
            Exception
        ) as error:  # an assertion, most likely: the comparison shows it beside what the cell says otherwise
            text = f"{type(error).__name__}: {error}"
            seen[name] = text
        if name in reader.checked:
            seen[name] = text
    reader.close()
    seen |= {card.name: card.true_text() for card in CARDS if card.notebook == path.name[:2]}
    keeper.forget()
    return seen


def changed(path, draws, move, monkeypatch):
    """[(cell or card, draw, what it said, what it says now)] for every difference."""
    without_figures(monkeypatch)
    move(None)
    usual, found = told(path, monkeypatch), []
    for seed in draws:
        move(seed)
        now = told(path, monkeypatch)
        found += [
            (name, seed, usual.get(name, ""), now.get(name, ""))
            for name in {**usual, **now}
            if usual.get(name) != now.get(name)
        ]
    return found


def listed(found):
    return "\n".join(
        f"{name}, start {seed}:\n  it says    {was!r}\n  it says now {now!r}"
        for name, seed, was, now in found
    )


@pytest.mark.parametrize("path", every_time(NOTEBOOKS[1:2], NOTEBOOKS), ids=lambda path: path.stem)
def test_no_number_depends_on_the_last_bits(path, moved_starts, monkeypatch):
    found = changed(path, DRAWS, moved_starts, monkeypatch)
    assert not found, "keep what is stable (a median, a bound with room, fewer digits):\n" + listed(found)


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
    tags = [] if case == "asserted" else ["nbval-check-output"]
    cell = {"cell_type": "code", "id": case, "metadata": {"tags": tags}, "source": source}
    path = tmp_path / "99_chaos.ipynb"
    path.write_text(json.dumps({"cells": [cell]}), encoding="utf-8")
    assert [name for name, *_ in changed(path, [0], moved_starts, monkeypatch)] == [case] * chaotic
