"""A goal on a live figure: reached at some settings of the sliders and not at others; told for every position in advance."""

import numpy as np

from helpers.record import MOST_STEPS
from helpers.surface import is_number, is_whole_number, short

MOVED = -2  # stands for "the start was moved": a goal counts from where the figure began


class Goal:
    """What to reach with the sliders, judged by the first rule's run.

    words    the task, as a sentence
    judge    a function of a record of runs side by side, loss (rows, *runs) at the steps `rows`: -> two integers a run, (the step at
             which the goal is met, or −1; where it is not met, the step that the sentence for that names). All steps are there, but
             where the surface measures its weights: there those that are drawn
    steps    how many steps it looks at
    yes, no  what is said when it is met or not: parts of a sentence, {"int": "met"} and {"int": "missed"} stand for those steps
    needs    which quantities of the record `judge` looks at
    zone     (below, from step, to step) of the loss, drawn in its panel; None for other goals
    reached  called with the setting, as text, when the reader reaches it; `done` is the setting with which that was done before
    """

    def __init__(self, words, judge, yes, no, steps, zone=None, needs=("loss",), reached=None, done=""):
        self.words, self.judge, self.yes, self.no, self.steps, self.zone = words, judge, yes, no, steps, zone
        self.needs, self.reached, self.done = list(needs), reached, done

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
        met = run.loss[run.rows <= within] < below
        return np.where(met.any(axis=0), run.rows[met.argmax(axis=0)], -1), np.full(met.shape[1:], within)

    return Goal(f"Reach a loss below {_plain(below)} within {within} steps.", judge, ["Reached at step ", {"int": "met"}, ". " + why],
                ["Not yet: after ", {"int": "missed"}, f" steps the loss has not been below {_plain(below)}."], within, (below, 0, within))


def stay(below, since, until, why=""):
    """A goal: the loss stays below `below` from step `since` to step `until`."""
    _checked(below, since, until)
    if since >= until:
        raise ValueError(f"a loss stays from an earlier step to a later one; got since={since} and until={until}")

    def judge(run):
        seen = (run.rows >= since) & (run.rows <= until)
        over = ~(run.loss[seen] < below)
        last = run.rows[seen][::-1][over[::-1].argmax(axis=0)]
        return np.where(over.any(axis=0), -1, since), np.where(over.any(axis=0), last, -1)

    return Goal(f"Keep the loss below {_plain(below)} from step {since} to step {until}.", judge, [f"Reached: it stays below from step {since} to {until}. " + why],
                ["Not yet: at step ", {"int": "missed"}, f" the loss is not below {_plain(below)}."], until, (below, since, until))


def _checked(below, *steps):
    if not is_number(below) or isinstance(below, bool) or below <= 0:
        raise ValueError(f"a goal needs a loss above 0 to stay below; got {short(below)}")
    for step in steps:
        if not is_whole_number(step) or not 1 <= step <= MOST_STEPS:
            raise ValueError(f"a goal counts whole steps, 1 or more; got {short(step)}")


def _plain(x):
    return f"{x:g}".replace("e-0", "e-")
