"""A fair race: every rule over the same range of η, from the same starts, for the same steps. What comes of it, before anything is drawn.

A loss belongs to a rule, a horizon, an η and a start: arrays are (horizons, etas, starts). The first half of the starts is for tuning η, the
other half for judging, so that no rule is judged by the very runs that chose its η.
"""

import functools

import numpy as np

from helpers.descent import descend
from helpers.looks import look
from helpers.surface import is_among, is_number, is_whole_number, short
from helpers.update_rules import adagrad, adam, gradient_descent, momentum, rmsprop

RULES = (gradient_descent, momentum, adagrad, rmsprop, adam)
PLACES = (1, 1.2, 1.5, 1.8, 2.2, 2.7, 3.3, 4, 4.7, 5.6, 6.8, 8.2)  # twelve a decade, about evenly spaced on a logarithmic axis
HORIZONS = (20, 50, 100, 200, 500, 1000, 2000, 5000)
STARTS = 10     # half of them for tuning, half for judging
SPREAD = 0.05   # how far starts lie round the surface's own, as a share of its way to the nearest minimum
ENOUGH = 1e-16  # a loss below this counts as arrived: nobody needs less, and below it rules are not told apart


def grid(low, high, places=PLACES):
    """Values of η from low to high, so many a decade."""
    powers = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    return tuple(eta for eta in (float(f"{place}e{power}") for power in powers for place in places) if low <= eta <= high)


ETAS = grid(3.3e-4, 33)


def starts_of(surface, many=STARTS, seed=0):
    """`many` starts round the surface's own, drawn from a seed: (many, n)."""
    start = np.asarray(surface.start, dtype=float)
    minima = np.asarray(getattr(surface, "minima", ()), dtype=float).reshape(-1, start.size)
    way = min((np.linalg.norm(start - minimum) for minimum in minima), default=1.0)
    return start + SPREAD * way * np.random.default_rng(seed).normal(size=(many, start.size))


class Together:
    """One surface from several starts, side by side: its weights are those of the first start, then those of the second, and so on.

    Elementwise rules do not notice that these are several runs. `.each(w)` is the loss of each start: (..., n) -> (..., starts).
    """

    view = curvature = None

    def __init__(self, surface, starts):
        self.surface, self.starts = surface, np.array(starts, dtype=float)
        self.name, self.start = getattr(surface, "name", type(surface).__name__), self.starts.reshape(-1)
        self.n, self.places = self.starts.size, {}
        if hasattr(surface, "at"):
            self.at = self._at

    def _at(self, t):
        here = self.surface.at(t)
        return self.places.setdefault(id(here), Together(here, self.starts))

    def _apart(self, w):
        return np.reshape(w, (*np.shape(w)[:-1], *self.starts.shape))

    def each(self, w):
        return self.surface.loss(self._apart(w))

    def loss(self, w):
        """The sum over the starts, so that one that has run off shows."""
        return self.each(w).sum(axis=-1)

    def gradient(self, w):
        return self.surface.gradient(self._apart(w)).reshape(np.shape(w))


def moves(surface):
    """Does its minimum jump? Then a single loss says little: it depends on when one asks."""
    return hasattr(surface, "places")


def side_by_side(surface):
    """The surface from all starts at once: its own seeds where it has some (`.together`), else starts round its own one."""
    return surface.together(STARTS) if hasattr(surface, "together") else Together(surface, starts_of(surface))


def sweep(rule, surface, horizons=HORIZONS, etas=ETAS, **knobs):
    """What the rule comes to, for every horizon, η and start: (horizons, etas, starts), inf where it ran off.

    That is the loss at the horizon; where the minimum jumps, the mean of all losses up to it. A surface with seeds of its own
    (`.together`) differs in those, any other one in the starts.
    """
    together, last = side_by_side(surface), max(horizons)
    rows = range(last + 1) if moves(surface) else horizons
    w = descend(rule, together, last, eta=np.array(etas), keep={"quantities": ["w"], "steps": rows}, **knobs).w
    with np.errstate(all="ignore"):
        if moves(surface):
            here = range(0, last + 1, surface.every)  # between two jumps nothing moves
            loss = np.concatenate([together.at(t).each(w[t : t + surface.every]) for t in here])
            loss = (np.cumsum(loss, axis=0) / np.arange(1, last + 2)[:, None, None])[list(horizons)]
        else:
            loss = together.each(w)
    return np.where(np.isfinite(loss), loss, np.inf)


def least_of(surface, seen):
    """(the loss that a race is measured from, whether that is the surface's least).

    The surface's minima tell the least. Without minima it is 0 where no loss that was `seen` is below 0; else only the lowest
    loss seen is known.
    """
    start = np.asarray(surface.start, dtype=float)
    minima = np.asarray(getattr(surface, "minima", ()), dtype=float).reshape(-1, start.size)
    if not len(minima):
        return (0.0, True) if seen >= 0 else (seen, False)
    with np.errstate(all="ignore"):
        told = float(np.min(surface.loss(minima)))
        way = abs(float(surface.loss(start[None])[0]) - told)
    if not np.isfinite(told):
        return seen, False
    return min(told, seen), seen >= told - 1e-9 * way  # minima are often given in rounded numbers


class Race:
    """Rules on one surface, each at one constant η after the other.

    .losses             {rule's name: (horizons, etas, starts)}, measured from `.least` and nowhere below `.enough`
    .least              the surface's least loss; where it is not known (`.bounded` is False), the lowest that was seen
    .enough             what is at most so far above the least has arrived
    .horizons, .etas
    """

    def __init__(self, surface, rules=RULES, horizons=HORIZONS, etas=ETAS):
        _check_surface(surface)
        self.surface, self.horizons, self.etas = surface, tuple(horizons), tuple(etas)
        raw = {rule.__name__: sweep(rule, surface, horizons, etas) for rule in rules}
        self.least, self.bounded = least_of(surface, min(float(loss.min()) for loss in raw.values()))
        rounding = 16 * np.finfo(float).eps * abs(self.least)  # beside a large number small ones are lost
        self.enough = max(getattr(surface, "enough", ENOUGH), rounding)
        with np.errstate(all="ignore"):
            above = {rule: loss - self.least for rule, loss in raw.items()}
            together = side_by_side(surface)
            begin = together.each(np.reshape(together.start, (1, -1))) - self.least
        low = self.enough if self.bounded else self._lowest(above)
        self.begin = float(np.max(begin, initial=low, where=np.isfinite(begin)))
        self.losses = {rule: np.maximum(loss, low) for rule, loss in above.items()}
        self.compared = self.losses if self.bounded else raw  # without a least loss nobody arrives, and lower is lower
        self.bottomless = not self.bounded and -self.least > 100 * (1 + abs(self.begin + self.least))
        self._asked = {}  # a figure asks for the same ranking at every position of its sliders, and several times
        # of the judged starts: (horizons, etas)
        self.middles = {rule: np.median(loss[..., STARTS // 2 :], axis=-1) for rule, loss in self.losses.items()}

    def _lowest(self, above):
        """The smallest distance above 0, for a logarithmic axis."""
        return min((float(loss[loss > 0].min()) for loss in above.values() if (loss > 0).any()), default=ENOUGH)

    def _row(self, horizon):
        if not is_among(horizon, self.horizons):
            raise ValueError(f"this race is told after {', '.join(map(str, self.horizons))} steps; got {short(horizon)}")
        return self.horizons.index(horizon)

    def valley(self, rule, horizon):
        """(middle, lowest, highest) of the judged starts at each η: (3, etas)."""
        row = self._row(horizon)
        judged = self.losses[rule][row, :, STARTS // 2 :]
        return np.stack([self.middles[rule][row], judged.min(axis=-1), judged.max(axis=-1)])

    def tuned(self, rule, horizon):
        """The place in `.etas` of the rule's own η at this horizon: best on the starts for tuning (where several arrive, the middle one)."""
        return self._once(self._tuned, rule, self._row(horizon))

    def _tuned(self, rule, row):
        losses = self.compared[rule][row, :, : STARTS // 2]
        with np.errstate(all="ignore"):
            mean = (np.log(losses) if self.bounded else losses).mean(axis=-1)  # one start that runs off spoils an η
        best = np.flatnonzero(mean == mean.min())
        return int(best[len(best) // 2])

    def _once(self, count, *asked):
        """`count(*asked)`, counted when it is asked for the first time."""
        key = (count.__name__, *asked)
        if key not in self._asked:
            self._asked[key] = count(*asked)
        return self._asked[key]

    def eta(self, rule, horizon):
        return self.etas[self.tuned(rule, horizon)]

    def judged(self, rule, horizon, at=None):
        """The losses from the judged starts at the rule's own η, or at the place `at` of `.etas`: (starts,)."""
        return self.losses[rule][self._row(horizon), self.tuned(rule, horizon) if at is None else at, STARTS // 2 :]

    def middle(self, rule, horizon, at=None):
        return float(self.middles[rule][self._row(horizon), self.tuned(rule, horizon) if at is None else at])

    def arrived(self, rule, horizon, at=None):
        """From how many of the judged starts it has arrived."""
        return int((self.judged(rule, horizon, at) <= self.enough).sum()) if self.bounded else 0

    def order(self, horizon, at=None):
        """The rules' names, the lowest middle loss first; of equal ones that whose unluckiest start is the lowest."""
        return [*self._once(self._order, self._row(horizon), at)]

    def _order(self, row, at):
        horizon = self.horizons[row]

        def middle_and_worst(rule):
            losses = self._compared(rule, horizon, at)
            return np.median(losses), losses.max()

        return sorted(self.losses, key=middle_and_worst)

    def _compared(self, rule, horizon, at):
        """The losses from the judged starts as they are compared: (starts,)."""
        place = self.tuned(rule, horizon) if at is None else at
        return self.compared[rule][self._row(horizon), place, STARTS // 2 :]

    def ahead(self, one, other, horizon, at=None):
        """Is `one` lower than `other` from every judged start?"""
        return bool((self._compared(one, horizon, at) < self._compared(other, horizon, at)).all())

    def first(self, horizon, at=None):
        """The rule that leads and those that it is not ahead of from every start: one name is a win, more are none."""
        best, beaten = next(iter(self._once(self._beaten, self._row(horizon), at).items()))
        return [best, *(other for other in self.order(horizon, at) if other not in (best, *beaten))]

    def beaten(self, horizon, at=None):
        """{rule: those that it is ahead of from every judged start}, of all rules, the leading one first."""
        return {one: [*others] for one, others in self._once(self._beaten, self._row(horizon), at).items()}

    def _beaten(self, row, at):
        horizon = self.horizons[row]
        order = self.order(horizon, at)
        return {one: [other for other in order if self.ahead(one, other, horizon, at)] for one in order}

    def places(self, horizon, at=None):
        """{rule: "wins", "leads", "level" or ""}. Rules are level only where no two of them are told apart by all starts."""
        leaders, beaten = self.first(horizon, at), self.beaten(horizon, at)
        if not np.isfinite(self.middle(leaders[0], horizon, at)):
            return dict.fromkeys(beaten, "")
        if len(leaders) == 1:
            return {**dict.fromkeys(beaten, ""), leaders[0]: "wins"}
        if any(set(beaten[rule]) & set(leaders) for rule in leaders):
            return {**dict.fromkeys(beaten, ""), leaders[0]: "leads"}
        return {rule: "level" if rule in leaders else "" for rule in beaten}

    def width(self, rule, horizon, worse=10):
        """By which factor η may range round the rule's own before the middle loss is so many times as large: highest over lowest η."""
        middle, here = self.valley(rule, horizon)[0], self.tuned(rule, horizon)
        good = middle <= worse * middle[here]
        low, high = here, here
        while low > 0 and good[low - 1]:
            low -= 1
        while high < len(good) - 1 and good[high + 1]:
            high += 1
        return self.etas[high] / self.etas[low]

    def verdict(self, horizon, at=None):
        """The result as a sentence or two."""
        told = []
        for rule in self.order(horizon, at):
            own = f" (η = {number(self.eta(rule, horizon))})" if at is None else ""
            told.append(f"{label(rule)} {self.told(rule, horizon, at)}{own}")
        what = "Mean loss so far" if moves(self.surface) else "Loss"
        return f"{self._result(horizon, at)} {what}{self.measured_from()}: {', '.join(told)}."

    def measured_from(self):
        """What follows the word loss where it does not count from 0."""
        if self.bottomless:
            return ""
        if not self.bounded:
            return f" above the lowest seen ({number(self.least)})"
        return f" above the least ({number(self.least)})" if abs(self.least) > self.enough else ""

    def _result(self, horizon, at):
        leaders, places = self.first(horizon, at), self.places(horizon, at)
        starts = STARTS - STARTS // 2
        all_starts = f"all {starts} {'orders of the data' if hasattr(self.surface, 'together') else 'starts'}"
        here = "at constant η" if at is None else f"at constant η = {number(self.etas[at])}"
        best, named = leaders[0], _listed(leaders)
        if places[best] == "wins":
            return f"{capital(label(best))} wins {here}: lower than every other from {all_starts}."
        if not places[best]:
            return f"No winner {here}: all have run off."
        if all(self.arrived(rule, horizon, at) == starts for rule in leaders):
            return f"No winner {here}: {named} have arrived (below {number(self.enough)})."
        if places[best] == "level":
            none = "neither is lower than the other" if len(leaders) == 2 else "none is lower than another"
            return f"No winner {here}: {named} are level: {none} from {all_starts}."
        beaten = self.beaten(horizon, at).items()
        told = "; ".join(f"{label(rule)} than {_listed(others)}" for rule, others in beaten if others)
        leads = f"{label(best)} leads, but not from {all_starts} against {_listed(leaders[1:], 'or')}"
        return f"No winner {here}: {leads}. Lower from all {starts}: {told}."

    def told(self, rule, horizon, at=None):
        """The middle loss as text."""
        if self.bottomless:  # it runs down without end: a distance from the lowest run tells nothing
            loss = float(np.median(self._compared(rule, horizon, at)))
            return number(loss) if np.isfinite(loss) else "ran off"
        loss, arrived = self.middle(rule, horizon, at), self.arrived(rule, horizon, at)
        starts = STARTS - STARTS // 2
        if self.bounded and loss <= self.enough:
            return "arrived" if arrived == starts else f"arrived from {arrived} of {starts}"
        return number(loss) if loss < 1e9 * self.begin else "ran off"


def race_on(surface, horizons=HORIZONS, etas=ETAS, rules=RULES):
    """The race on a surface, run once: figures, cards and exercises ask for the same ones."""
    _check_surface(surface)
    entries_of_it = entries(horizons, etas, rules)
    try:
        hash(surface)
    except TypeError:  # its class says when two are equal, and cannot be looked up
        return Race(surface, entries_of_it[2], *entries_of_it[:2])
    return _run_once(surface, *entries_of_it)


def entries(horizons, etas, rules):
    """(horizons, etas, rules) of a race as tuples, checked: ValueError or TypeError by name."""
    told = {"horizons": "whole numbers of steps, as in (20, 100)", "etas": "numbers above 0, as in (0.1, 0.4)",
            "rules": "rules, as in (adagrad, rmsprop)"}
    lists = {}
    for name, given in (("horizons", horizons), ("etas", etas), ("rules", rules)):
        if not isinstance(given, (list, tuple, range, np.ndarray)) or not len(given):
            raise TypeError(f"{name} is a list of {told[name]}, at least one; got {short(given)}")
        lists[name] = tuple(given.tolist() if isinstance(given, np.ndarray) else given)
    for horizon in lists["horizons"]:
        if not is_whole_number(horizon) or horizon < 1:
            raise ValueError(f"horizons is a list of {told['horizons']}; got {short(horizon)}")
    for eta in lists["etas"]:
        if not is_number(eta) or isinstance(eta, bool) or eta <= 0:
            raise ValueError(f"etas is a list of {told['etas']}; got {short(eta)}")
    for rule in lists["rules"]:
        if not callable(rule) or not hasattr(rule, "__name__"):
            raise TypeError(f"rules is a list of {told['rules']}; got {short(rule)}")
    return tuple(lists.values())


@functools.cache
def _run_once(surface, horizons, etas, rules):
    return Race(surface, rules, horizons, etas)


@functools.cache
def label(rule):
    """The rule's name in print."""
    return look(rule).label


def _listed(rules, last="and"):
    """The rules' names in a sentence."""
    *names, end = map(label, rules)
    return f"{', '.join(names)} {last} {end}" if names else end


def _check_surface(surface):
    missing = [part for part in ("start", "loss", "gradient") if not hasattr(surface, part)]
    if missing:
        raise TypeError(f"{short(surface)} cannot be raced: it has no .{missing[0]}. Take a surface of helpers.surfaces, "
                        "such as ravine, or make one: Surface(name, loss, slope, start, view)")


def number(x):
    return f"{x:.2g}".replace("e-0", "e-").replace("e+0", "e").replace("e+", "e").replace("-", "−")


def capital(text):
    return text[:1].upper() + text[1:]
