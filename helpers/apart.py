"""Do the runs of a grid keep apart? Asked on the way, so that a grid is what its single runs would be.

A rule is asked for one run alone, with arrays that note what is done with them: where it does the same, number by
number, no run can notice another. Where that cannot be told (it looks at a mean, a size, a part), runs alone are held
against the grid: all of a small one, of a large one the extremes and some in turn, and three from beginning to end.
"""

import contextlib
import io

import numpy as np

from helpers.elementwise import Trace
from helpers.outside import Outside
from helpers.rules import RuleError, answer
from helpers.watchdog import NeverEnds

ALL = 16  # runs of a grid that are all held against runs alone
IN_TURN = 4  # of a larger one, besides the extremes
STRIDE = 7919  # a prime: in turn, and not side by side
CLOSE = 1e-9  # a rule alone and side by side: the same formula, rounded otherwise
SURFACE = 1e-6  # sums over many examples are rounded more


class KeepsSomething(RuleError):
    """The rule keeps something between its calls, so runs cannot be set beside each other."""

    def __init__(self, name):
        super().__init__(
            f"The same gradients get other changes the second time: {name} keeps something between two runs "
            "(in a global name, an attribute, "
            "or random numbers). All that it remembers should come in before the `*` and go out behind dw."
        )


class MixesRuns(Exception):
    """A run alone steps otherwise than side by side. Its text says what does not keep runs apart."""


class Apart:
    """Looks after one grid: `.step(...)` at each step, `.some_whole()` at the end. Raises MixesRuns or KeepsSomething."""

    def __init__(self, walk, runs):
        self.walk, self.shape, self.size = walk, runs, int(np.prod(runs))
        self.proven, self.known, self.branches = True, set(), False
        self.first = None  # sizes of loss and slope at the start

    def step(self, t, here, w, loss, g, held, set_to, dw, after, before):
        """`before` is what the rule kept outside before it took this step."""
        turn = t * STRIDE % self.size
        first = int(np.argmin(loss)) if t % 2 else turn
        side, now_and_then = (
            (g, held, set_to, dw, after, before),
            t & (t - 1) == 0 or t + 1 == self.walk.keeping.steps,
        )  # 0, 1, 2, 4, 8 ...
        self.proven = self.proven and self._proof(first, side)
        for i in () if self.proven and not now_and_then else self._chosen(t, loss, g):
            self._alone(t, i, side)
        if now_and_then:
            for i in {first, turn, int(np.argmax(np.where(np.isfinite(loss), loss, -np.inf)))}:
                self._ask_surface(here, i, w, loss, g)

    def _proof(self, i, side):
        """Is this step elementwise? Where no counter decides what the rule does, so is every other step of its kind."""
        _, held, set_to, *_, before = side
        kind = tuple(
            x if x is None or isinstance(x, (bool, str)) else type(x)
            for x in (*held.values(), *set_to.values())
            if not isinstance(x, (list, dict))
        )
        if kind in self.known and not before:
            return True
        if not self.branches and self._is_elementwise(i, side, np.asarray):
            self.known.add(kind)
            return True
        self.branches = True
        return self._is_elementwise(i, side, lambda number: number)

    def _is_elementwise(self, i, side, number):
        """Asked of one run alone; `number` makes of a number what the rule is given for it."""
        g, held, set_to, dw, after, before = side
        trace, index = Trace(), np.unravel_index(i, self.shape)

        def noted(x):
            if isinstance(x, np.ndarray):
                return trace.array(x.copy())  # it may work in place
            return trace.array(number(x)) if isinstance(x, (int, float)) and not isinstance(x, bool) else x

        try:
            with asked_alone(self.walk.rule, before):
                given = [noted(x) for x in (g[index], *_memories(held, index, g))]
                knobs = {
                    name: noted(x)
                    if name not in self.walk.runs_of or not isinstance(set_to[name], np.ndarray)
                    else trace.array(np.array([x]))
                    for name, x in self._knobs(set_to, index, g).items()
                }
                result = trace.plain(self.walk.watch.call(self.walk.rule, *given, **knobs))
            alone, alone_after = answer(self.walk.signature, result, g[index].shape)
        except (Exception, NeverEnds):  # such an array is not all that an array is
            return False
        return not trace.mixes and _agree(alone, alone_after, dw, after, index, g)

    def _alone(self, t, i, side):
        g, held, set_to, dw, after, before = side
        index = np.unravel_index(i, self.shape)
        try:
            with asked_alone(self.walk.rule, before):
                alone, alone_after = self.walk.ask(
                    t, g[index], dict(zip(held, _memories(held, index, g))), self._knobs(set_to, index, g)
                )
            if _agree(alone, alone_after, dw, after, index, g):
                return
        except TimeoutError:
            raise
        except Exception:
            pass
        raise MixesRuns(self._why(t, side))

    def _why(self, t, side):
        """What it is about the rule: asked twice for the same, does it do the same?"""
        g, held, set_to, *_ = side
        now = Outside(self.walk.rule)
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                (one, one_after), (two, two_after) = (self.walk.ask(t, g, held, set_to) for _ in range(2))
            if same(one, two, 0) and all(same(x, y, 0) for x, y in zip(one_after, two_after)):
                return "the rule mixes weights or runs"
            if now.changed():
                raise KeepsSomething(self.walk.signature.name)
            return "the rule is random"
        finally:
            now.restore()

    def _knobs(self, set_to, index, g):
        """Knobs as one run alone has them."""
        return {
            name: float(part(value, index, g)[0])
            if name in self.walk.runs_of and isinstance(value, np.ndarray)
            else value
            for name, value in set_to.items()
        }

    def _chosen(self, t, loss, g):
        """The runs that are held against themselves at this step."""
        if self.size <= ALL:
            return range(self.size)
        steep, finite = np.abs(g).max(axis=-1), np.isfinite(loss)
        extremes = [
            np.argmin(loss),
            np.argmax(np.where(finite, loss, -np.inf)),
            np.argmax(np.where(np.isfinite(steep), steep, -1)),
            np.argmin(steep),
        ]
        return {*map(int, extremes), *((t * IN_TURN + k) * STRIDE % self.size for k in range(IN_TURN))}

    def _ask_surface(self, here, i, w, loss, g):
        index = np.unravel_index(i, self.shape)
        if not np.isfinite(loss[index]):  # what ran off is no reason to doubt the surface
            return
        if self.first is None:
            self.first = np.abs(loss[index]), np.abs(g[index]).max()
        slack = (
            CLOSE * self.first[0],
            CLOSE * self.first[1] + SURFACE * np.abs(g[index]).max(),
        )  # where it is flat, rounding is all
        losses, slopes = (
            ask_surface(here, what, w[index], shape)
            for what, shape in (("loss", ()), ("gradient", g[index].shape))
        )
        if same(losses, loss[index], SURFACE, slack[0]) and same(slopes, g[index], SURFACE, slack[1]):
            return
        again = ask_surface(here, "gradient", w[index], g[index].shape)
        raise MixesRuns(
            "the surface takes one point at a time" if same(again, slopes, 0) else "the surface is random"
        )

    def some_whole(self, run):
        """Which runs are held against whole runs alone: the calmest, the wildest that stayed finite, and one more."""
        if self.proven:
            return set()
        last = np.reshape(run.loss[-1] if "loss" in run.__dict__ else run.diverged_at, -1).astype(float)
        return {
            int(np.argmin(last)),
            int(np.argmax(np.where(np.isfinite(last), last, -np.inf))),
            self.size // 2,
        }


def ask_surface(surface, what, w, shape):
    """loss or gradient at w, checked; the surface gets a copy."""
    x = np.asarray(getattr(surface, what)(w.copy()))
    if x.dtype.char == "d" and x.shape == shape:  # as it nearly always is
        return x[()]
    if x.dtype.kind == "c":
        raise ValueError(
            f"the {what} of {name_of(surface)} is a complex number: is a root taken of something negative? "
            "Return a real number"
        )
    x = x.astype(float, copy=False)
    if x.shape != shape:
        if x.size != w.size or w.shape[-1] != 1:
            raise ValueError(
                f"the {what} of {name_of(surface)} has the shape {x.shape} for w of shape {w.shape}, "
                f"and should have {shape}: "
                "the weights are the last axis, so write w[..., 0], w[..., 1]"
            )
        x = x.reshape(shape)
    return x[()]


def name_of(surface):
    return getattr(surface, "name", type(surface).__name__)


@contextlib.contextmanager
def asked_alone(rule, before):
    """Around a question beside the path, put to the rule as it was `before` this step: it prints nothing and keeps nothing."""
    now = Outside(rule) if before else None
    if now is not None:
        before.restore()
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        if now is not None:
            now.restore()


def part(x, index, g):
    """The part of x, which stands beside g (*runs, n), that belongs to one run."""
    if isinstance(x, np.ndarray) and x.shape[:-1] == g.shape[:-1]:
        return x[index]  # asked at every step of every grid: the usual case has to be quick
    return (
        np.broadcast_to(x, (*g.shape[:-1], x.shape[-1]))[index] if isinstance(x, np.ndarray) and x.ndim else x
    )


def same(x, y, relative, absolute=0.0):
    if x is None or y is None:
        return x is y
    if np.size(x) != np.size(y) and 1 not in (np.size(x), np.size(y)):
        return False
    equal = x == y
    return bool(
        np.all(equal)
        or np.all(equal | (np.abs(x - y) <= relative * np.abs(y) + absolute) | (x != x) & (y != y))
    )


def alike(run, whole, i):
    """Has a run alone the record of run number `i` of a grid?"""
    count = int(np.prod(whole.runs))
    for name in ("w", "loss", "dw", *whole.memory):
        if name in run.__dict__ and getattr(run, name) is not None:
            alone = getattr(run, name)
            side = getattr(whole, name).reshape(len(alone), count, *alone.shape[1:])[:, i]
            if not np.allclose(alone, side, rtol=SURFACE, atol=SURFACE * CLOSE, equal_nan=True):
                return False
    return True


def _memories(held, index, g):
    return [part(value, index, g) for value in held.values()]


def _agree(alone, alone_after, dw, after, index, g):
    return same(alone, dw[index], CLOSE) and all(
        same(x, part(y, index, g), CLOSE) for x, y in zip(alone_after, after)
    )
