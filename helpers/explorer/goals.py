"""A goal on a live figure: reached at some settings of the sliders and not at others; told for every position in advance."""

from typing import NamedTuple

import numpy as np

MOVED = -2  # stands for "the start was moved": a goal counts from where the figure began


class Zone(NamedTuple):
    """Where a curve has to go, as drawn in its panel: below (or above) a level, between two steps."""

    level: float
    first: int
    last: int
    panel: str = "loss"
    above: bool = False


class Goal:
    """What to reach with the sliders, judged by the first rule's run.

    words    the task, as a sentence
    judge    a function of a record of runs side by side, loss (steps + 1, *runs): -> two integers a run, (the step at which the goal
             is met, or −1; where it is not met, the step that the sentence for that names)
    steps    how many steps it looks at
    yes, no  what is said when it is met or not: parts of a sentence, {"int": "met"} and {"int": "missed"} stand for those steps
    needs    which quantities of the record `judge` looks at
    zone     a Zone, drawn in its panel; None for goals that have none
    measured does `judge` look at what the surface measures, at the rows drawn, instead of at the record?
    reached  called with the setting, as text, when the reader reaches it; `done` is the setting with which that was done before
    """

    def __init__(self, words, judge, yes, no, steps, zone=None, needs=("loss",), reached=None, done="", measured=False):
        self.words, self.judge, self.yes, self.no, self.steps, self.zone = words, judge, yes, no, steps, zone
        self.needs, self.reached, self.done, self.measured = list(needs), reached, done, measured

    def __repr__(self):
        return self.words

    def ints(self, run, count):
        """(met, missed) of `count` runs, each (count,)."""
        with np.errstate(all="ignore"):
            met, missed = self.judge(run)
        return np.reshape(met, count), np.reshape(missed, count)

    def cases(self):
        """The sentences, for the view and for Python."""
        return {"yes": self.yes, "no": self.no, "moved": ["The target counts from the start where the figure began: press reset."], "none": ["Not yet."]}

    def sentence(self, met, missed):
        """What is said of these two integers."""
        case = self.cases()["yes" if met >= 0 else "moved" if missed == MOVED else "none" if missed < 0 else "no"]
        return "".join(part if isinstance(part, str) else str({"met": met, "missed": missed}[part["int"]]) for part in case)


def reach(below, within, why=""):
    """A goal: the loss falls below `below` within that many steps. `why` is said once it is reached."""
    _checked(below, within)

    def judge(run):
        met = run.loss[: within + 1] < below
        return np.where(met.any(axis=0), met.argmax(axis=0), -1), np.full(met.shape[1:], within)

    return Goal(f"Reach a loss below {_plain(below)} within {within} steps.", judge, ["Reached at step ", {"int": "met"}, ". " + why],
                ["Not yet: after ", {"int": "missed"}, f" steps the loss has not been below {_plain(below)}."], within, Zone(below, 0, within))


def stay(below, since, until, why=""):
    """A goal: the loss stays below `below` from step `since` to step `until`."""
    _checked(below, since, until)
    if since >= until:
        raise ValueError(f"a loss stays from an earlier step to a later one; got since={since} and until={until}")

    def judge(run):
        over = ~(run.loss[since : until + 1] < below)
        last = since + over.shape[0] - 1 - over[::-1].argmax(axis=0)
        return np.where(over.any(axis=0), -1, since), np.where(over.any(axis=0), last, -1)

    return Goal(f"Keep the loss below {_plain(below)} from step {since} to step {until}.", judge, [f"Reached: it stays below from step {since} to {until}. " + why],
                ["Not yet: at step ", {"int": "missed"}, f" the loss is not below {_plain(below)}."], until, Zone(below, since, until))


def gain(measure, least, within, why=""):
    """A goal: what the surface measures under this name (as "accuracy") is `least` or more within that many steps, at a step that is drawn."""
    _checked(least, within)
    words = f"{measure} of {100 * least:g} %"

    def judge(seen):
        met = (getattr(seen, measure) >= least) & (seen.rows <= within)[:, None]
        return np.where(met.any(axis=0), seen.rows[met.argmax(axis=0)], -1), np.full(met.shape[1:], within)

    return Goal(f"Reach an {words} or more within {within} steps.", judge, ["Reached at step ", {"int": "met"}, ". " + why],
                ["Not yet: within ", {"int": "missed"}, f" steps there is no {words}."], within, Zone(least, 0, within, measure, True), measured=True)


def _checked(below, *steps):
    if isinstance(below, (bool, str)) or not np.isscalar(below) or not np.isfinite(below) or below <= 0:
        raise ValueError(f"a goal needs a loss above 0 to stay below; got {below!r}")
    for step in steps:
        if isinstance(step, bool) or not isinstance(step, (int, np.integer)) or step < 1:
            raise ValueError(f"a goal counts whole steps, 1 or more; got {step!r}")


def _plain(x):
    return f"{x:g}".replace("e-0", "e-")
