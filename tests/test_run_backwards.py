"""After Run All a reader may run any cell again: it says what it said before, whatever ran after it."""

import json

import pytest

from helpers.exercises.keeper import keeper
from in_process import NOTEBOOKS, Reader, without_figures
from thorough import every_time, of_the_core


def forwards_and_backwards(path, monkeypatch):
    """[(cell, what it said in order, what it says backwards)] of the cells that differ."""
    keeper.forget()
    reader = Reader(path, monkeypatch)
    before = {name: reader.run(name) for name in reader.cells}
    after = {}
    for name in reversed(reader.cells):
        try:
            after[name] = reader.run(name)
        except Exception as error:
            after[name] = f"{type(error).__name__}: {error}"
    reader.close()
    keeper.forget()
    return [(name, before[name], after[name]) for name in reader.cells if before[name] != after[name]]


def listed(found):
    return "\n".join(
        f"{name}:\n  in order  {before!r}\n  backwards {after!r}" for name, before, after in found
    )


@pytest.mark.parametrize("path", every_time([path for path in NOTEBOOKS if of_the_core(path)], NOTEBOOKS), ids=lambda path: path.stem)
def test_after_run_all_every_cell_can_be_run_again_from_the_last_to_the_first(path, monkeypatch):
    without_figures(monkeypatch)
    found = forwards_and_backwards(path, monkeypatch)
    assert not found, "let the cell make its own run, or give it a name of its own:\n" + listed(found)


@pytest.mark.thorough
@pytest.mark.parametrize("path", [path for path in NOTEBOOKS if of_the_core(path)], ids=lambda path: path.stem)
def test_so_it_is_with_all_its_live_figures(path, monkeypatch):
    found = forwards_and_backwards(path, monkeypatch)
    assert not found, "let the cell make its own run, or give it a name of its own:\n" + listed(found)


def test_a_name_that_is_used_twice_is_found(tmp_path, monkeypatch):
    sources = {
        "first": "run = [1, 2, 3]",
        "shown": "print(len(run))",
        "sure": "assert run[0] == 1",
        "own": "mine = 5\nprint(mine)",
        "second": "run = [9]",
    }
    cells = [
        {"cell_type": "code", "id": name, "metadata": {}, "source": source}
        for name, source in sources.items()
    ]
    path = tmp_path / "99_twice.ipynb"
    path.write_text(json.dumps({"cells": cells}), encoding="utf-8")
    assert [name for name, *_ in forwards_and_backwards(path, monkeypatch)] == ["shown", "sure"]
