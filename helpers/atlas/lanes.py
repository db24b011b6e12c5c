"""What an atlas is made of: records of single runs, checked, and each quantity of every weight at the steps that are drawn."""

import numpy as np

from helpers.explorer.axes import Axis
from helpers.figures import SIGNS
from helpers.looks import look
from helpers.network import Network

QUANTITIES = ("rate", "G", "step")
STEPWISE = ("rate", "step")  # nothing yet before the first step
MOST = 5  # networks that a figure has room for
FIRST, DRAWN = 10, 110  # so many steps are all drawn, and so many altogether
NUMBERS = 110 * 5 * 2410  # weights times runs times drawn steps that a page carries: larger networks are drawn at fewer steps
LIKE = "as in descend(adagrad, digits, 300, eta=0.18)"
SHORT, LONG = 5, 20  # percent of the values that a scale leaves beyond its ends: more of the long tail, of weights that hardly learn
SPAN = (2, 7)  # decades of a scale, at least and at most


class Lane:
    """One run: `.values[quantity]` (frames, n) at the drawn steps; `.why[quantity]` says why a quantity is not there."""

    def __init__(self, run, frames):
        self.run, self.look, self.frames = run, look(run.rule), frames
        who, late = self.look.label, np.maximum(frames - 1, 0)  # beside row t stands the step that led there
        self.values, self.why = {}, {}
        if run.rate is None:
            self.why["rate"] = f"{who} has no rate: its step does not lie along g"
        else:
            self.values["rate"] = _late(run.rate[late], frames)
        if "G" in run.memory:
            self.values["G"] = np.array(np.broadcast_to(run.G[frames], (len(frames), run.dw.shape[-1])), dtype=float)
        else:
            self.why["G"] = f"{who} has no G: it keeps no account of g²"
        self.values["step"] = _late(run.step[late], frames)

    @property
    def quantities(self):
        return [name for name in QUANTITIES if name in self.values]


def _late(values, frames):
    values = values.copy()
    values[frames == 0] = np.nan
    return values


def checked(runs, network):
    """The records, if an atlas can be made of them; TypeError or ValueError that says what to write instead."""
    if not isinstance(network, Network):
        raise TypeError(f"of is the Network that was trained, such as digits of helpers.network; got {network!r}")
    if not runs:
        raise TypeError(f"atlas needs a run, {LIKE}")
    if len(runs) > MOST:
        raise ValueError(f"an atlas has room for {MOST} networks; got {len(runs)}")
    for run in runs:
        if not hasattr(run, "diverged_at"):
            raise TypeError(f"atlas shows what descend returns, {LIKE}; got {run!r}")
        if run.runs:
            raise ValueError(f"this record has {int(np.prod(run.runs))} runs side by side; give one, {LIKE}")
        lacks = [name for name in ("dw", "rate", *(["G"] if "G" in run.memory else [])) if name not in run.__dict__]
        wide = "dw" not in lacks and run.dw.shape[-1]
        if run.surface == network.name and wide and wide != network.n:
            lacks.append(f"{network.n - wide} of its weights")
        if len(run.rows) != run.steps + 1:
            lacks.append(f"{run.steps + 1 - len(run.rows)} of its steps")
        if lacks:
            raise ValueError(f"this record of {run.rule} lacks {' and '.join(lacks)}, which keep= left out: "
                             "an atlas needs every weight at every step, so call descend without keep")
        if wide != network.n or run.surface != network.name:
            raise ValueError(f"this record is of {run.surface} ({_count(wide, 'weight')}), and the atlas of {network.name} ({network.n} weights): "
                             "give descend the same network, or name the other one with of=")
        if run.steps != runs[0].steps:
            raise ValueError(f"these records have {runs[0].steps} and {run.steps} steps: networks are compared step by step, so give each the same number")
    return list(runs)


def _count(k, what):
    return f"{k} {what}{'s' * (k != 1)}"


def frames_of(steps, weights, runs):
    """The drawn steps, 0 and the last among them: the first ten all, then every second, third ..., so that round numbers are among them."""
    most = int(np.clip(NUMBERS // (weights * runs), 2 * FIRST, DRAWN))
    every = max(1, -(-(steps - FIRST) // (most - FIRST - 1)))
    return np.unique(np.r_[: min(FIRST, steps) + 1, 0 : steps + 1 : every, steps])


ROOM = 13  # letters at the end of a line


def named(runs):
    """[(name with its knobs, short name)]: 'Adagrad, η = 0.18' and 'Adagrad'; where two are of one rule, what differs."""
    names = []
    for run in runs:
        twins, label = [other for other in runs if other.rule == run.rule], look(run.rule).label
        differ = [knob for knob in run.knobs if len({str(twin.knobs.get(knob)) for twin in twins}) > 1]
        told = [f"{SIGNS.get(knob, knob)} = {_value(run.knobs[knob])}" for knob in run.knobs if knob == "eta" or knob in differ]
        apart = [f"{SIGNS.get(knob, knob)} = {_value(run.knobs[knob])}" for knob in differ]
        initials = "".join(word[0] for word in label.split()).upper()  # where there is no room for the name
        names.append((", ".join([label, *told]), ", ".join(apart) or (label if len(label) <= ROOM else initials)))
    count = [name for name, _ in names]
    return [(f"{name} ({i + 1})", f"{short} ({i + 1})") if count.count(name) > 1 else (name, short) for i, (name, short) in enumerate(names)]


def _value(value):
    return "η(t)" if callable(value) else f"{value:.3g}".replace("e-0", "e-") if isinstance(value, (int, float)) else str(value)


def scale(quantity, lanes):
    """The logarithmic axis of a quantity: one for the map, the histogram and the plots, for all steps and all networks of the figure."""
    label = {"rate": "rate", "G": "G", "step": "step |Δw|"}[quantity]
    parts = [lane.values[quantity] for lane in lanes if quantity in lane.values]
    parts = [[row[np.isfinite(row) & (row > 0)] for row in part] for part in parts]
    parts = [[row for row in part if row.size] for part in parts]
    parts = [part for part in parts if part]
    various = [part for part in parts if min(map(np.min, part)) < max(map(np.max, part))]  # a rate that all weights share tells nothing of how far rates differ
    if not parts:
        return Axis(-3, 0, True, label)
    ends = np.array([_ends(part) for part in various or parts])
    low, high = np.floor(ends[:, 0].min() + 0.05), np.ceil(ends[:, 1].max() - 0.05)
    least, most = SPAN
    while high - low < least:
        low, high = (low, high + 1) if np.mean(ends) - low >= high - np.mean(ends) else (low - 1, high)
    return Axis(max(low, high - most), high, True, label)


def widened(axis, *lines):
    """The axis, reaching as many whole decades further as these lines of one weight need; the view does the same."""
    logs = [np.log10(line[np.isfinite(line) & (line > 0)]) for line in lines]
    low = min([axis.low, *(np.floor(log.min() + 1e-6) for log in logs if log.size)])
    high = max([axis.high, *(np.ceil(log.max() - 1e-6) for log in logs if log.size)])
    return Axis(low, high, True, axis.label)


def power(k):
    """A power of ten as the ticks of an axis have it."""
    return Axis(k, k + 1, True, "").ticks()[0]["text"]


def _ends(rows):
    """How far a scale has to reach for one run, as powers of ten: nearly all of the short tail, less of the long one, and half of the weights at every step."""
    low, cut_low, middle, cut_high, high = np.log10(np.percentile(np.concatenate(rows), [SHORT, LONG, 50, 100 - LONG, 100 - SHORT]))
    low, high = (cut_low, high) if middle - low > high - middle else (low, cut_high)
    halves = np.log10([np.median(row) for row in rows])
    return min(low, halves.min()), max(high, halves.max())
