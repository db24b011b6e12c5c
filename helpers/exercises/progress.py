"""progress(): what the reader has predicted, reached and solved in a notebook, at a glance."""

from html import escape

import ipywidgets

from helpers import knobs
from helpers.exercises.checks import exercises_of
from helpers.exercises.keeper import keeper
from helpers.exercises.series import PREDICTIONS, TARGETS
from helpers.explorer.cells import once_per_cell


class Progress(ipywidgets.HTML):
    """A table that follows what the reader does. `.lines` are its rows: (kind, what, state, what was done), state "done", "tried" or "open"."""

    def __init__(self, notebook):
        self.notebook = notebook
        super().__init__(self._table())
        keeper.listeners.append(self.refresh)

    def refresh(self):
        self.value = self._table()

    def close(self):
        if self.refresh in keeper.listeners:
            keeper.listeners.remove(self.refresh)
        super().close()

    @property
    def lines(self):
        lines = []
        for card in PREDICTIONS.values():
            if card.notebook == self.notebook:
                entry = keeper.get("predictions", card.name)
                said = entry.get("said")
                told = f"you said {said}: right" if entry.get("right") else f"you said {said}; it is {entry.get('truth')}" if said is not None else "looked without an answer" if entry.get("shown") else "not answered yet"
                lines.append(("prediction", card.question, "done" if said is not None else "open", told))
        for name, target in TARGETS.items():
            if target.notebook == self.notebook:
                setting = keeper.get("targets", name).get("setting")
                lines.append(("target", target.make().words, "done" if setting else "open", f"reached with {setting}" if setting else "not reached yet"))
        for name, title in exercises_of(self.notebook):
            entry = keeper.get("exercises", name)
            tries = entry.get("tries", 0)
            count = f"{tries} {'try' if tries == 1 else 'tries'}"
            state = "done" if entry.get("solved") else "tried" if tries else "open"
            lines.append(("exercise", title, state, {"done": "solved" + (f" after {count} that went wrong" if tries else " at once"), "tried": f"{count} so far", "open": "not tried yet"}[state]))
        return lines

    def _table(self):
        marks = {"done": "✓", "tried": "◐", "open": "○"}
        lines = self.lines
        done = {kind: (sum(s == "done" for k, _, s, _ in lines if k == kind), sum(k == kind for k, *_ in lines)) for kind in ("prediction", "target", "exercise")}
        head = ", ".join(f"{some} of {all_} {kind}{'s' * (all_ != 1)}" for kind, (some, all_) in done.items() if all_)
        cell = "padding:.25em .9em .25em 0;text-align:left;vertical-align:top"
        rows = "".join(f"<tr><td style='{cell}'>{marks[state]}</td><th scope='row' style='{cell};font-weight:400'><strong>{kind.capitalize()}:</strong> {escape(what)}</th>"
                       f"<td style='{cell}'>{escape(told)}</td></tr>" for kind, what, state, told in lines)
        trouble = f"<p>{escape(keeper.trouble)}</p>" if keeper.trouble else ""
        return (f"<table style='border-collapse:collapse;line-height:1.4'><caption style='text-align:left;font-weight:650;padding:.2em 0'>Done so far: {head}</caption>"
                f"<tbody>{rows}</tbody></table>{trouble}")

    def __repr__(self):
        return "\n".join(f"{kind}: {what} – {told}" for kind, what, _, told in self.lines)

    def _repr_mimebundle_(self, **kwargs):
        return {**super()._repr_mimebundle_(**kwargs), "text/html": self._table()}


def progress(notebook):
    """What is done of a notebook, by its number as in progress("04"): predictions beside what was true, targets, exercises. Follows along while the reader works."""
    known = sorted({card.notebook for card in PREDICTIONS.values()})
    if notebook not in known:
        raise ValueError(f"there is no notebook {notebook!r} with predictions.{knobs.suggest(str(notebook), known)}")
    return once_per_cell(Progress(notebook))
