"""A notebook's code cells, run one by one in this process: what each printed, and what it raised."""

import ast
import contextlib
import functools
import gc
import io
import json
import sys
from pathlib import Path

import IPython.display
import ipywidgets

from helpers.exercises.series import CARDS
from helpers.explorer.cells import close_all

NOTEBOOKS = sorted((Path(__file__).resolve().parents[1] / "notebooks").glob("[0-9][0-9]_*.ipynb"))


class Reader:
    """Someone who runs the code cells of one notebook in any order, all in one namespace, as a kernel would.

    cells       {id: source} of its code cells, in order
    checked     the ids of those whose output nbval compares
    run(id)     -> the text that the cell showed; raises what the cell raises
    """

    def __init__(self, path, monkeypatch):
        monkeypatch.chdir(path.parent)
        monkeypatch.setattr(sys, "path", [*sys.path])
        monkeypatch.setattr(IPython.display, "display", self._display)
        book = json.loads(path.read_text(encoding="utf-8"))
        code = [
            cell for cell in book["cells"] if cell["cell_type"] == "code" and "".join(cell["source"]).strip()
        ]
        self.cells = {cell["id"]: "".join(cell["source"]) for cell in code}
        self.checked = {
            cell["id"] for cell in code if "nbval-check-output" in cell["metadata"].get("tags", [])
        }
        self.may_raise = {
            cell["id"] for cell in code if "raises-exception" in cell["metadata"].get("tags", [])
        }
        self.names = {"__name__": "__main__", "display": self._display}
        self.shown = {}

    def _display(self, *shown, **_):
        self.outputs.extend(shown)

    def run(self, name):
        self._close(name)
        self.outputs = self.shown[name] = []
        lines = self.cells[name].splitlines(keepends=True)
        tree = ast.parse("".join("\n" if line.startswith(("%", "!")) else line for line in lines))
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            try:
                exec(compile(tree, f"<{name}>", "exec"), self.names)
                if last is not None:
                    self.outputs.append(
                        eval(compile(ast.Expression(last.value), f"<{name}>", "eval"), self.names)
                    )
            except Exception:
                if name not in self.may_raise:
                    raise
        said = [
            repr(shown)
            for shown in self.outputs
            if shown is not None and not isinstance(shown, ipywidgets.Widget)
        ]
        return "\n".join([printed.getvalue(), *said])

    def _close(self, name):
        for shown in self.shown.get(name, []):
            if isinstance(shown, ipywidgets.Widget):
                close_all(shown)

    def close(self):
        for name in self.shown:
            self._close(name)


def without_figures(monkeypatch):
    """Let `explore` make nothing: no cell reads what it returns, and its sweeps take most of the time."""
    monkeypatch.setattr("helpers.explorer.explore", lambda *_, **__: ipywidgets.HTML())


def forget_what_was_computed():
    """Empty what the helpers keep of earlier computations: their caches, and the truths of the cards."""
    for card in CARDS:
        vars(card).pop("truth", None)
    for kept in [x for x in gc.get_objects() if isinstance(x, functools._lru_cache_wrapper)]:
        if kept.__module__.startswith("helpers"):
            kept.cache_clear()
