"""What a run leaves behind: the record, and which parts of it are kept."""

import numpy as np

from helpers import knobs
from helpers.surface import floats, is_whole_number, short

FIELDS = ("w", "loss", "g", "dw", "rate", "step", "rows", "steps", "runs", "knobs", "memory", "rule", "surface", "how", "why", "diverged_at", "undefined_at", "zero_over_zero")
LAST_BITS = 1e-15  # relative
STEPWISE = ("g", "dw", "rate")  # one row a step, not one more
MOST_STEPS = 10**10
MOST_BYTES = 2e9  # of one record: what the smallest machines that notebooks run on (Binder's) have in all
BACK = 0.01  # after a jump of the minimum, a loss below this share of what the jump made it counts as recovered
SAME = 1e-4  # a rate that changes by less in a step, relatively, may stay: no eye sees that step ...
DRIFT = 0.01 # ... and does where it has changed by less over the last tenth of the steps; one that falls as 1/√t has, by 5 %, however late it is
NEAR = 0.1   # a weight is where it ends up once it is this close, as a share of its travel


class Run:
    """What `descend` recorded. Row 0 is before the first step.

    w (rows, *runs, n), loss (rows, *runs), and each memory by its name (rows, *runs, n): `rows` = steps + 1
    g, dw, step = |dw|, rate = −dw/g (steps, *runs, n): row t is the step from w[t] to w[t + 1]; at g = 0 the rate is what it
        tends to; None for a rule whose change does not lie along g (momentum, Adam)
    diverged_at (*runs): first row whose w or loss is not finite or has run away (a million times the start's loss) in a run that
        does not come back, else −1
    undefined_at (*runs): first step whose change is not a number although g is one (0/0, or the root of a negative number), else −1
    zero_over_zero (*runs): is g exactly 0 wherever that step's change is not a number? See `why_undefined`
    how: "side by side", "one by one" (rule or surface mix runs) or "number by number" (the rule cannot take arrays)
    why: what kept it from running side by side, in a few words, as in "the schedule takes one number at a time"; "" where nothing did
    rows: the row numbers kept; steps: how many steps were taken; runs: the shape of the grid; knobs: their values
    """

    def __init__(self, **fields):
        self.__dict__.update(fields)

    def __repr__(self):
        count = int(np.prod(self.runs))
        kept = {*self.__dict__, *(["step"] if "dw" in self.__dict__ else [])}
        has = ", ".join(name for name in ("w", "loss", *STEPWISE, "step", *self.memory) if name in kept)
        return f"<{self.rule} on {self.surface}: {self.steps} steps, {count} run{'s' if count != 1 else ''}; has {has}>"

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        raise AttributeError(f"this run has no {name!r}; it has {', '.join(self.__dict__)} (what was left out of keep= is not recorded)")

    @property
    def step(self):
        return np.abs(self.dw)


def whole_steps(steps):
    """How many steps, as an int; ValueError for what is not a whole number from 1 up, or for more than anybody can wait for."""
    if not is_whole_number(steps) or steps < 1:
        raise ValueError(f"steps must be a whole number, 1 or more; got {short(steps)}")
    if steps > MOST_STEPS:
        raise ValueError(f"steps must be at most {MOST_STEPS:,}: more would take days; got {short(steps)}")
    return int(steps)


class Keep:
    """Which quantities, weights and rows are recorded: what `keep=` says, checked."""

    def __init__(self, keep, steps, n, memory):
        if keep is None or isinstance(keep, (str, list, tuple, set)):
            keep = {"quantities": keep}
        if not isinstance(keep, dict) or set(keep) - {"quantities", "weights", "steps"}:
            raise ValueError(f"keep is a list of names, or a dict with the keys quantities, weights and steps; got {short(keep)}")
        known = ["w", "loss", *STEPWISE, *memory]
        self.names = _listed(keep.get("quantities"), known)
        if "step" in self.names:  # it is |dw|
            self.names = self.names - {"step"} | {"dw"}
        for name in self.names:
            if name not in known:
                raise ValueError(f"keep names {name!r}, which is not recorded.{knobs.suggest(str(name), [*known, 'step'])}")
        self.steps, self.n = steps, n
        self.weights = None if keep.get("weights") is None else _indices("weight", keep["weights"], n)
        if keep.get("steps") is None and 8 * (steps + 1) * max(1, len(self.names)) > MOST_BYTES:  # before that many rows are made
            self._refuse(8 * (steps + 1) * len(self.names) * n, 1)
        self.rows = np.arange(steps + 1) if keep.get("steps") is None else np.unique(_indices("row", keep["steps"], steps + 1))

    def shape(self, name, runs):
        """The shape of a quantity's array in the record of a grid of runs."""
        rows = int((self.rows < self.steps).sum()) if name in STEPWISE else self.rows.size
        width = self.n if self.weights is None else self.weights.size
        return (rows, *runs) if name == "loss" else (rows, *runs, width)

    def check_size(self, runs):
        """ValueError where the record of a grid of runs would not fit."""
        size, count = 8 * sum(int(np.prod(self.shape(name, runs))) for name in self.names), int(np.prod(runs))
        if size > MOST_BYTES:
            self._refuse(size, count)

    def _refuse(self, size, count):
        some = range(0, self.steps + 1, max(1, self.steps // 10))
        raise ValueError(f"a record of everything in {count} run{'s' * (count != 1)} of {self.n} weights over {self.steps} steps takes "
                         f"{size / 1e9:.1f} GB: "
                         f'say what to keep, as in keep=["loss"], or keep={{"quantities": ["loss", "w"], "steps": {some}}}')


def _listed(names, known):
    """The names in keep=, as a set of texts."""
    if names is None:
        return set(known)
    if isinstance(names, str):
        return {names}
    if not isinstance(names, (list, tuple, set, frozenset, dict, np.ndarray)) or not all(isinstance(name, str) for name in names):
        raise ValueError(f'keep lists names of what is recorded, as in keep=["loss", "w"]; got {short(names)}')
    return set(names)


def _indices(what, given, count):
    asked = given
    try:
        given = np.asarray(asked)
        given = np.flatnonzero(given).astype(float) if given.dtype == bool and given.ndim else floats(asked).reshape(-1)
        if not (np.isfinite(given) & (given == np.round(given)) & (np.abs(given) < 2**53)).all():
            raise ValueError
    except Exception:  # words, lists of different lengths, an object that raises
        raise ValueError(f"keep asks for the {what}s {short(asked)}: write whole numbers, counted from 0") from None
    index = given.astype(int)
    for i in index[(index < 0) | (index >= count)]:
        raise ValueError(f"keep asks for {what} {i}; there are {what}s 0 to {count - 1}")
    return index


class Tape:
    """The arrays of a record, filled row by row."""

    def __init__(self, keep, runs):
        self.keep, self.shape = keep, (*runs, keep.n)
        self.place = {row: i for i, row in enumerate(keep.rows.tolist())}
        self.parts = {name: np.empty(keep.shape(name, runs)) for name in keep.names}

    def keeps(self, row, name):
        return row in self.place and name in self.parts

    def write(self, row, name, part):
        """Row `row` of one quantity; what is a number or None (no memory yet) stands for every weight."""
        if not self.keeps(row, name):
            return
        if self.keep.weights is not None and name != "loss":
            part = np.broadcast_to(np.asarray(part, dtype=float), self.shape)[..., self.keep.weights]
        self.parts[name][self.place[row]] = part


def without_rounding(rate):
    """The rates with changes in the last bits taken out: −Δw/g is rounded twice, and what never rises must not seem to."""
    with np.errstate(all="ignore"):
        if not ((rate[1:] != rate[:-1]) & (np.abs(rate[1:] - rate[:-1]) <= LAST_BITS * np.abs(rate[1:]))).any():
            return rate
        for before, now in zip(rate, rate[1:]):
            np.copyto(now, before, where=np.abs(now - before) <= LAST_BITS * np.abs(now))
    return rate


def why_undefined(run):
    """What made a change no number, (*runs): 2 it is 0/0 and ε = 0, 1 it is 0/0 in a rule whose ε is not 0 or that has none, 0 something else."""
    eps = run.knobs.get("eps")
    none = eps is not None and not callable(eps) and np.asarray(eps) == 0
    none = np.broadcast_to(none if np.ndim(none) <= len(run.runs) else np.any(none), run.runs)  # a rule's own default may be one ε a weight
    return np.where(run.zero_over_zero, np.where(none, 2, 1), 0)


def a_tenth_ago(row):
    """The row of the rates that lies a tenth of the steps taken so far before this one, one step before it at least; row: whole numbers."""
    return np.maximum(row - np.maximum((row + 1) // 10, 1), 0)


def turns(earlier, before, now):
    """Where a rate rises and where it falls: two arrays of truth values. It does neither where it stays, in the last step and over the last tenth of the steps.

    earlier, before, now: the rates a tenth of the steps ago, in the last step but one, and in the last. Where last step and last tenth differ, the step counts.
    """
    (above, below), (far_above, far_below) = _either_side(before, SAME), _either_side(earlier, DRIFT)
    up, down = now > above, now < below
    return up | ~down & (now > far_above), down | ~up & (now < far_below)


def _either_side(rate, share):
    """What lies that share of its size above and below a rate; rates of a rule that walks uphill are below 0."""
    side = np.where(rate < 0, -share, share)
    return rate * (1 + side), rate * (1 - side)


def steps_back(loss, every):
    """Steps needed after each jump of a minimum that jumps every `every` steps: loss (steps + 1, *runs) -> (jumps, *runs), the start counted as a jump.

    Counted until the loss is below 1 % of what the jump made it; −1 where the next jump, or the end, comes first.
    """
    parts = [loss[t : t + every] for t in range(0, len(loss) - 1, every)]
    met = [(part <= BACK * part[0]) & np.isfinite(part[0]) for part in parts]
    return np.stack([np.where(m.any(axis=0), m.argmax(axis=0), -1) for m in met])


def settled_at(w):
    """The row from which on each weight stays near where it ends up: w (rows, ...) -> (...), whole numbers; −1 for what never settles.

    Near is within 10 % of its travel, the largest distance from its start that it ever had: weights differ in how far they go, and one
    that comes back has gone far all the same. It is told backwards from the last row, so it holds for this record: a longer one may
    unsettle a weight, and one that swings to the end settles in the last row. A weight that never moves, or whose path runs off to inf
    or NaN, has no such row.
    """
    w = _path(w)
    with np.errstate(invalid="ignore"):
        travel = np.abs(w - w[0]).max(axis=0)
        away = np.abs(w - w[-1]) > NEAR * travel
    after = len(w) - np.argmax(away[::-1], axis=0)  # the row after the last one that lies away
    return np.where(np.isfinite(travel) & away.any(axis=0), after, -1)


def _path(w):
    try:
        w = np.asarray(w, dtype=float)
    except (TypeError, ValueError, OverflowError):
        w = np.array([])
    if not w.ndim or not len(w):
        raise ValueError("settled_at takes a path, one row a step and at least one, as in settled_at(run.w)")
    return w
