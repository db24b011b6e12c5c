"""Notebooks for these tests: written from a few cells, or the project's own; and the same explorers made in this process."""

import functools
import os
import re
from unittest import mock

import nbformat

from helpers.explorer import Explorer

SETUP = """import sys
from pathlib import Path
sys.path.insert(0, str(next(p for p in Path.cwd().resolve().parents if (p / "helpers" / "__init__.py").exists())))

import time
import ipywidgets
import numpy as np
from helpers.explorer import explore
from helpers.surfaces import bowl, ravine, turned_ravine
from helpers.update_rules import adagrad, gradient_descent, rmsprop"""

BENCH = [
    SETUP,
    'race = explore(rmsprop, ghost=adagrad, on=ravine, steps=60, title="A race")\nrace',
    "display(race)",
    'explore(gradient_descent, on=bowl, steps=30, title="One weight")',
    """def bold(g, *, eta=0.1):
    if np.any(np.asarray(eta) > 0.5):
        raise ValueError("eta is too bold")
    return -eta * g

explore(bold, on=ravine, steps=30, title="A rule that raises")""",
    'explore(rmsprop, on=turned_ravine, steps=40, title="A surface with sliders")',
    "time.sleep(60)",
]


def write(cells, path):
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    nbformat.write(book, path)


def code_of(path):
    return [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def cards_in(cells):
    """How many predict cards these cells show."""
    return sum(len(re.findall(r"^exercises\.predict\(", cell, re.MULTILINE)) for cell in cells)


@functools.cache
def key_figure_of(book):
    """(the first explorer of one of the project's notebooks, the number of code cells that it takes): no other cell is executed."""
    taken = []
    [figure] = twins((taken.append(cell) or cell for cell in code_of(book)), book.parent, enough=1)
    return figure, len(taken)


def twins(cells, folder, enough=None):
    """The explorers that these cells make when they are run here, in order: what a page should say, computed without the page.

    enough  the number of explorers after which no further cell is run
    """
    made, back = [], os.getcwd()

    class Remembered(Explorer):
        def __init__(self, *given):
            super().__init__(*given)
            made.append(self)

    os.chdir(folder)  # as a kernel would stand
    try:
        with mock.patch("helpers.explorer.figure.Explorer", Remembered):
            names = {"__name__": "__main__", "display": lambda *shown: None}
            for cell in cells:
                exec(compile(cell, "<cell>", "exec"), names)
                if enough and len(made) >= enough:
                    break
    finally:
        os.chdir(back)
    return made
