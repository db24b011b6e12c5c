"""A fair race: every rule over the same range of η, from the same starts, for the same steps. What comes of it, before anything is drawn.

A loss belongs to a rule, a horizon, an η and a start: arrays are (horizons, etas, starts). The first half of the starts is for tuning η, the
other half for judging, so that no rule is judged by the very runs that chose its η.
"""

import functools

import numpy as np

from helpers.descent import descend
from helpers.looks import look
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
    minima = np.asarray(surface.minima, dtype=float).reshape(-1, start.size)
    way = min((np.linalg.norm(start - minimum) for minimum in minima), default=1.0)
    return start + SPREAD * way * np.random.default_rng(seed).normal(size=(many, start.size))


class Together:
    """One surface from several starts, side by side: its weights are those of the first start, then those of the second, and so on.

    Elementwise rules do not notice that these are several runs. `.each(w)` is the loss of each start: (..., n) -> (..., starts).
    """

    view = curvature = None

    def __init__(self, surface, starts):
        self.surface, self.starts = surface, np.array(starts, dtype=float)
        self.name, self.start, self.n, self.places = surface.name, self.starts.reshape(-1), self.starts.size, {}
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


def sweep(rule, surface, horizons=HORIZONS, etas=ETAS, **knobs):
    """What the rule comes to, for every horizon, η and start: (horizons, etas, starts), inf where it ran off.

    That is the loss at the horizon; where the minimum jumps, the mean of all losses up to it. A surface with seeds of its own
    (`.together`) differs in those, any other one in the starts.
    """
    together, last = surface.together(STARTS) if hasattr(surface, "together") else Together(surface, starts_of(surface)), max(horizons)
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


class Race:
    """Rules on one surface. `.losses` {rule's name: (horizons, etas, starts)}, `.horizons`, `.etas`, `.enough`: the loss that counts as arrived."""

    def __init__(self, surface, rules=RULES, horizons=HORIZONS, etas=ETAS):
        self.surface, self.horizons, self.etas, self.enough = surface, tuple(horizons), tuple(etas), getattr(surface, "enough", ENOUGH)
        self.losses = {rule.__name__: np.maximum(sweep(rule, surface, horizons, etas), self.enough) for rule in rules}
        self.middles = {rule: np.median(loss[..., STARTS // 2 :], axis=-1) for rule, loss in self.losses.items()}  # of the judged starts: (horizons, etas)

    def _row(self, horizon):
        if horizon not in self.horizons:
            raise ValueError(f"this race is told after {', '.join(map(str, self.horizons))} steps; got {horizon!r}")
        return self.horizons.index(horizon)

    def valley(self, rule, horizon):
        """(middle, lowest, highest) of the judged starts at each η: (3, etas)."""
        row = self._row(horizon)
        judged = self.losses[rule][row, :, STARTS // 2 :]
        return np.stack([self.middles[rule][row], judged.min(axis=-1), judged.max(axis=-1)])

    def tuned(self, rule, horizon):
        """The place in `.etas` of the rule's own η at this horizon: best on the starts for tuning (where several arrive, the middle one)."""
        mean = np.log(self.losses[rule][self._row(horizon), :, : STARTS // 2]).mean(axis=-1)  # one start that runs off spoils an η
        best = np.flatnonzero(mean == mean.min())
        return int(best[len(best) // 2])

    def eta(self, rule, horizon):
        return self.etas[self.tuned(rule, horizon)]

    def judged(self, rule, horizon, at=None):
        """The losses from the judged starts at the rule's own η, or at the place `at` of `.etas`: (starts,)."""
        return self.losses[rule][self._row(horizon), self.tuned(rule, horizon) if at is None else at, STARTS // 2 :]

    def middle(self, rule, horizon, at=None):
        return float(self.middles[rule][self._row(horizon), self.tuned(rule, horizon) if at is None else at])

    def order(self, horizon, at=None):
        """The rules' names, the lowest middle loss first."""
        return sorted(self.losses, key=lambda rule: self.middle(rule, horizon, at))

    def ahead(self, one, other, horizon, at=None):
        """Is `one` lower than `other` from every judged start?"""
        return bool((self.judged(one, horizon, at) < self.judged(other, horizon, at)).all())

    def first(self, horizon, at=None):
        """The rule that leads and those that it is not ahead of from every start: one name is a win, more are none."""
        best, *others = self.order(horizon, at)
        return [best, *(other for other in others if not self.ahead(best, other, horizon, at))]

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
        leaders, order, starts = self.first(horizon, at), self.order(horizon, at), STARTS - STARTS // 2
        many = f"{starts} {'orders of the data' if hasattr(self.surface, 'together') else 'starts'}"
        here = "" if at is None else f" at η = {number(self.etas[at])}"
        told = [f"{label(rule)} {self.told(rule, horizon, at)}" + (f" (η = {number(self.eta(rule, horizon))})" if at is None else "") for rule in order]
        losses = f"{'Mean loss so far' if moves(self.surface) else 'Loss'}: {', '.join(told)}."
        if len(leaders) == 1:
            return f"{_capital(label(leaders[0]))} wins{here}: lower than every other from all {many}. {losses}"
        names = label(leaders[0]) + "".join(f", {label(rule)}" for rule in leaders[1:-1]) + f" and {label(leaders[-1])}"
        if all(self.judged(rule, horizon, at).max() <= self.enough for rule in leaders):
            return f"No winner{here}: {names} have arrived (below {number(self.enough)}). {losses}"
        if not np.isfinite(self.middle(order[0], horizon, at)):
            return f"No winner{here}: all have run off."
        return f"No winner{here}: {names} are not told apart by {many}. {losses}"

    def told(self, rule, horizon, at=None):
        """The middle loss as text."""
        loss = self.middle(rule, horizon, at)
        return "arrived" if loss <= self.enough else "ran off" if not loss < 1e9 else number(loss)


def race_on(surface, horizons=HORIZONS, etas=ETAS, rules=RULES):
    """The race on a surface, run once: figures, cards and exercises ask for the same ones."""
    return _run_once(surface, tuple(horizons), tuple(etas), tuple(rules))


@functools.cache
def _run_once(surface, horizons, etas, rules):
    return Race(surface, rules, horizons, etas)


@functools.cache
def label(rule):
    """The rule's name in print."""
    return look(rule).label


def number(x):
    return f"{x:.2g}".replace("e-0", "e-").replace("e+0", "e").replace("e+", "e").replace("-", "−")


def _capital(text):
    return text[:1].upper() + text[1:]
