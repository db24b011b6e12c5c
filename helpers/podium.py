"""podium(): a table that the reader fills from what was seen; only then the conclusion opens."""

from html import escape
from pathlib import Path

import anywidget
import ipywidgets
import traitlets

from helpers.arrivals import Picture
from helpers.explorer.cells import close_all, once_per_cell
from helpers.race import label
from helpers.surface import short, text
from helpers.views import LECTURE, script

HERE = Path(__file__).parent
NOBODY = "no winner"
WORDS = {
    "columns": ["race", "steps", "who wins?", "measured"], "choose": "choose …", "open": "{n} of {all} filled. The conclusion opens when all are.",
    "right": "✓ {truth}", "wrong": "✗ {truth}", "again": "Empty the table", "who": "who wins: {race}, {steps} steps",
}


class Table(Picture, anywidget.AnyWidget):
    """Draws the table and its menus. `state` is all that changes: {"said": [who or None, one a row]}."""

    _esm = script(LECTURE, HERE / "podium.js")
    _css = (HERE / "podium.css").read_text(encoding="utf-8")
    spec = traitlets.Dict().tag(sync=True)
    state = traitlets.Dict().tag(sync=True)

    def check_state(self, state):
        """One answer a row, each a choice or none."""
        said = state.get("said") if isinstance(state, dict) else None
        if not isinstance(said, (list, tuple)) or len(said) != len(self.spec["rows"]):
            return None
        return {"said": [who if isinstance(who, str) and who in self.spec["choices"] else None for who in said]}


class Podium(ipywidgets.VBox):
    """What `podium` returns; it displays itself.

    .fill(row, who)   say who wins race number `row`, counted from 0; .clear() empties the table
    .said             [who or None, one a race]; .truths: what was measured
    .filled           are all filled?
    .conclusion       the conclusion, empty until then; .readout: what the table says now
    """

    def __init__(self, rows, conclusion):
        self.rows, self._conclusion = rows, conclusion
        first = rows[0][1]
        self.choices = [*(label(rule) for rule in first.losses), NOBODY]
        self.spec = {"rows": [{"race": name, "steps": f"{horizon:,}".replace(",", " "), "truth": winner(race, horizon), "told": race.verdict(horizon)} for name, race, horizon in rows],
                "choices": self.choices, "conclusion": conclusion, "words": WORDS}
        self.canvas = Table(spec=self.spec, state={"said": [None] * len(rows)})
        super().__init__([self.canvas], layout=ipywidgets.Layout(width="100%", max_width="1100px"))

    @property
    def said(self):
        return list(self.canvas.state["said"])

    @property
    def truths(self):
        return [row["truth"] for row in self.spec["rows"]]

    @property
    def filled(self):
        return all(who is not None for who in self.said)

    @property
    def conclusion(self):
        return self._conclusion if self.filled else ""

    @property
    def readout(self):
        if not self.filled:
            return WORDS["open"].format(n=sum(who is not None for who in self.said), all=len(self.said))
        told = [f"{row['race']}: you said {who}, measured {row['truth']}." for row, who in zip(self.spec["rows"], self.said)]
        return " ".join([*told, self.conclusion])

    def fill(self, row, who):
        if isinstance(row, bool) or not isinstance(row, int) or not 0 <= row < len(self.rows):
            raise ValueError(f"row is the number of a race, from 0 to {len(self.rows) - 1}; got {row!r}")
        if who not in self.choices:
            raise ValueError(f"{who!r} does not race here; say one of {', '.join(self.choices)}")
        said = self.said
        said[row] = who
        self.canvas.state = {"said": said}

    def clear(self):
        self.canvas.state = {"said": [None] * len(self.rows)}

    def close_all(self):
        close_all(self)

    def __repr__(self):
        return self.readout

    def _repr_mimebundle_(self, **kwargs):
        bundle = super()._repr_mimebundle_(**kwargs)
        rows = "".join(f"<tr><th scope='row'>{escape(row['race'])}</th><td>{row['steps']}</td><td>{escape(who or WORDS['choose'])}</td></tr>"
                       for row, who in zip(self.spec["rows"], self.said))
        head = "".join(f"<th scope='col'>{escape(name)}</th>" for name in WORDS["columns"][:3])
        html = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table><p>{escape(self.readout)} Run this cell to fill it.</p>"
        return {**bundle, "text/html": html, "text/plain": repr(self)}


def winner(race, horizon):
    """The winner's name as the table has it, or 'no winner'."""
    first = race.first(horizon)
    return label(first[0]) if len(first) == 1 else NOBODY


def podium(rows, conclusion):
    """A table of races to be filled: rows [(name, Race, horizon), ...]; `conclusion` is shown when every row is filled."""
    rows = list(rows) if isinstance(rows, (list, tuple)) else [None]
    for row in rows or [None]:
        if not isinstance(row, (list, tuple)) or len(row) != 3 or not hasattr(row[1], "losses"):
            raise TypeError("podium takes rows of a name, a race and its steps, as in "
                            f"[('quiet ravine', race_on(ravine), 100)]; got {short(row)}")
        row[1].first(row[2])  # steps at which this race was not looked at are refused by name
    return once_per_cell(Podium(rows, text("conclusion", conclusion) or ""))
