"""descend(): the only loop. One run, or a whole grid of runs side by side."""

import inspect
import traceback

import numpy as np

from helpers import knobs as facts
from helpers.record import FIELDS, Keep, Run, Tape, without_rounding
from helpers.rules import RuleError, Signature, answer, by_number
from helpers.schedules import Schedule, ScheduleError
from helpers.waiting import Waiting
from helpers.watchdog import NeverEnds, Watch

FAR = 1e6  # a loss that has moved this many times its start (at least 1) is called diverged before it reaches inf
TINY = 1e-150  # stands for g → 0: its square is still a number
FEW = 8  # so many weights, and knobs are spread over them, and sums are products: NumPy is slow along an axis of two


def descend(rule, surface, steps=50, start=None, memory=None, keep=None, **knobs):
    """Walk down `surface` by `rule` for `steps` steps and record everything.

    rule     a function as in `helpers.update_rules`: gradient and memory before the `*`, knobs after it
    surface  anything with .start, .loss(w), .gradient(w), and .at(t) where it changes with time
    steps    how many, 1 or more
    start    where to begin, one number a weight (the surface's start)
    memory   where a memory begins, by name, one number or one a weight: memory={"G": 0.1}
    keep     what to record: names, as ["loss", "rate"], or {"quantities": names, "weights": indices, "steps": row numbers}
    knobs    numbers, schedules η(t), or arrays: arrays broadcast with each other, as NumPy does, into a grid of runs

    Returns a `Run`, float64 throughout. Rules get copies, so one that works in place spoils nothing. A grid is run side by side where
    the rule is elementwise and one by one where it is not (that is tried out on the way), so it always equals its single runs.
    A run that diverges ends in inf or NaN, without a warning. What takes longer than a second says how far it is.
    Raises TypeError or ValueError that says what to write instead, TimeoutError for a rule that does not come back.
    """
    signature = Signature(rule)
    if isinstance(steps, bool) or not isinstance(steps, (int, np.integer)) or steps < 1:
        raise ValueError(f"steps must be a whole number, 1 or more; got {steps!r}")
    _check_names(signature, knobs)
    values = {name: facts.settle(name, knobs.get(name, default), default) for name, default in signature.knobs.items()}
    w = _start(surface, start)
    keeping = Keep(keep, int(steps), w.size, signature.memory)
    held = signature.memories(memory, w.size)
    runs = _runs(values)
    keeping.check_size(runs)
    words = any(isinstance(value, np.ndarray) and value.dtype.kind not in "fiu" for value in values.values())
    with np.errstate(all="ignore"), Watch() as watch:
        walk = _Walk(rule, signature, surface, w, held, keeping, watch)
        if runs and not words:
            try:
                return walk(values, runs)
            except TimeoutError:
                raise
            except Exception:
                pass  # it mixes runs, or cannot take so many; what is wrong with a run alone is plainer to say
        try:
            return walk.one_by_one(values, runs) if runs else walk(values, runs)
        except (TypeError, ValueError, ArithmeticError) as error:  # math.exp overflows where older NumPys let it take an array of one
            if isinstance(error, RuleError) or not _from_rule(error, rule):
                raise
            problem = error
        try:  # `if g > 0` or math.sqrt: arrays are beyond it, numbers are not
            walk = _Walk(by_number(rule), signature, surface, w, held, keeping, watch, "number by number")
            return walk.one_by_one(values, runs) if words else walk(values, runs)
        except RuleError:
            raise
        except (TypeError, ValueError, LookupError) as error:  # a number has no parts: g[..., 0]
            arrays_only = any(said in str(problem) for said in ("ambiguous", "scalar"))
            raise (error if arrays_only else problem) from None


def _from_rule(error, rule):
    """Was the error raised in the rule's own code (and not in the surface's)?"""
    code = getattr(inspect.unwrap(rule), "__code__", None)
    return code is None or any(frame.f_code is code for frame, _ in traceback.walk_tb(error.__traceback__))


# what the caller gave, checked


def _check_names(signature, given):
    ours = set(inspect.signature(descend).parameters)
    for name in (*signature.knobs, *signature.memory):
        if name in ours:
            raise TypeError(f"{signature.name}: {name!r} is also an argument of descend; rename it in the rule")
    for name in signature.memory:
        if name in FIELDS:
            raise TypeError(f"{signature.name}: the memory {name!r} has the name of a field of the record; rename it, for instance to {name + '_old'!r}")
    for name in given:
        if name in signature.memory:
            raise TypeError(f"{signature.star(name)}. If it is memory, start it with memory={{{name!r}: ...}}")
        if name not in signature.knobs:
            raise TypeError(f"{signature.name} has no knob {name!r}.{facts.suggest(name, list(signature.knobs))}")
    for name, default in signature.knobs.items():
        if default is inspect.Parameter.empty and name not in given:
            raise TypeError(f"{signature.name} needs a value for {name}: write {name}=... in the call, or give it a default in the rule")


def _start(surface, start):
    if not all(hasattr(surface, part) for part in ("start", "loss", "gradient")):
        raise TypeError(f"a surface offers .start, .loss(w) and .gradient(w), as ravine does, or what Surface(...) makes; got {surface!r}")
    default = np.array(surface.start, dtype=float).reshape(-1)
    if start is None:
        return default
    try:
        w = np.array(start)
        if w.dtype.kind not in "fiuO":
            raise TypeError
        w = w.astype(float).reshape(-1)
    except (TypeError, ValueError):
        raise ValueError(f"start must be {default.size} numbers, one a weight; got {start!r}") from None
    if w.size != default.size:
        listed = ", ".join(f"{x:g}" for x in default[:4]) + (", ..." if default.size > 4 else "")
        raise ValueError(f"start has {w.size} number{'s' * (w.size != 1)}, and {_name(surface)} has {default.size} weight{'s' * (default.size != 1)}: "
                         f"write start=({listed}), for instance")
    if not np.isfinite(w).all():
        raise ValueError(f"start must be finite; got {start!r}")
    return w


def _name(surface):
    return getattr(surface, "name", type(surface).__name__)


def _runs(values):
    """The shape of the grid that the knobs make with each other."""
    shapes = {}
    for name, value in values.items():
        if isinstance(value, Schedule):
            shapes.update({f"{name}: {parameter}": np.shape(p) for parameter, p in value.parameters.items()})
        else:
            shapes[name] = np.shape(value(0)) if callable(value) else value.shape if isinstance(value, np.ndarray) else ()
    try:
        return np.broadcast_shapes(*shapes.values())
    except ValueError:
        told = ", ".join(f"{name} {shape}" for name, shape in shapes.items() if shape)
        raise ValueError(f"the arrays of knobs do not broadcast with each other ({told}): for a grid write eta[:, None] and beta") from None


# the loop


class _MixesRuns(Exception):
    """A run alone steps otherwise than side by side: the rule or the surface does not keep runs apart."""


class _Walk:
    """One rule on one surface. Call it with knob values for the runs that they make side by side."""

    def __init__(self, rule, signature, surface, start, held, keeping, watch, how="side by side"):
        self.rule, self.signature, self.surface, self.start = rule, signature, surface, start
        self.held, self.keeping, self.watch, self.how = held, keeping, watch, how

    def __call__(self, values, runs):
        steps, here = self.keeping.steps, self.surface
        shape, ones = (*runs, self.start.size), np.ones(self.start.size)
        w = np.broadcast_to(self.start, shape).copy()
        held = {name: np.broadcast_to(value, shape).copy() if isinstance(value, np.ndarray) else value for name, value in self.held.items()}
        fixed = {name: _beside(value, shape) for name, value in values.items() if not callable(value)}
        scheduled = {name: value for name, value in values.items() if callable(value)}
        tape, along_g = Tape(self.keeping, runs), True
        dw, g = np.zeros(shape), np.zeros(shape)
        was, diverged, undefined, empty = np.zeros(runs, bool), np.full(runs, -1), np.full(runs, -1), np.zeros(runs, bool)
        with Waiting(steps, "steps") as waiting:
            for t in range(steps + 1):
                waiting.at(t)
                if t < steps and hasattr(self.surface, "at"):
                    here = self.surface.at(t)
                loss = _ask_surface(here, "loss", w, runs)
                if t == 0:
                    first, limit = loss, FAR * np.maximum(1, np.abs(loss))
                total = w.dot(ones) if self.start.size <= FEW else w.sum(axis=-1)  # a large product would wait for other cores
                wild = ~((abs(loss - first) <= limit) & np.isfinite(total))
                if np.count_nonzero(wild != was):
                    new, diverged[~wild] = wild & ~was, -1  # what came back has not diverged
                    broke = new & np.isnan(dw).any(-1) & np.isfinite(g).all(-1)
                    undefined[broke], diverged[new & ~broke] = t - 1, t
                    empty |= broke & (~np.isnan(dw) | (g == 0)).all(-1)
                was = wild
                for name, value in (("w", w), ("loss", loss), *held.items()):
                    tape.write(t, name, value)
                if t == steps:
                    break  # the last loss is that of the last step's surface
                g = _ask_surface(here, "gradient", w, shape)
                set_to = {**fixed, **{name: _beside(_at_step(name, value, t), shape) for name, value in scheduled.items()}}
                dw, after = self._ask(t, g, held, set_to)
                if runs and self.how == "side by side":
                    self._check_alone(t, here, w, np.where(wild, np.inf, loss), g, held, set_to, dw, after)
                before, held = held, dict(zip(held, after))
                if along_g and t & (t - 1) == 0:  # at 0, 1, 2, 4, 8 ...
                    along_g = self._lies_along(t, g, held, set_to)
                tape.write(t, "g", g)
                tape.write(t, "dw", dw)
                if along_g and tape.keeps(t, "rate"):
                    tape.write(t, "rate", self._rate(t, g, before, set_to, dw) if np.count_nonzero(np.abs(g) < TINY) else -dw / g)
                w = w + dw
        if "rate" in tape.parts:
            tape.parts["rate"] = without_rounding(tape.parts["rate"]) if along_g else None
        return self._run(tape.parts, values, runs, diverged[()], undefined[()], empty[()])

    def _run(self, parts, values, runs, diverged, undefined, empty):
        return Run(**parts, rows=self.keeping.rows, steps=self.keeping.steps, runs=runs, knobs=values, memory=tuple(self.signature.memory),
                   rule=self.signature.name, surface=_name(self.surface), how=self.how, diverged_at=diverged, undefined_at=undefined, zero_over_zero=empty)

    def _ask(self, t, g, held, set_to):
        """What the rule answers, given copies: it may work in place."""
        memories = [value.copy() if isinstance(value, np.ndarray) else value for value in held.values()]
        given = {name: value.copy() if isinstance(value, np.ndarray) else value for name, value in set_to.items()}
        try:
            result = self.watch.call(self.rule, g.copy(), *memories, **given)
        except NeverEnds:
            raise TimeoutError(f"{self.signature.name} did not come back from step {t} within {self.watch.limit:g} s: is there a loop in it that never ends?") from None
        return answer(self.signature, result, g.shape)

    def _check_alone(self, t, here, w, loss, g, held, set_to, dw, after):
        """Does one run alone do the same? Asked at every step: of the calmest run, or of each in turn."""
        index = np.unravel_index(int(np.argmin(loss)) if t % 2 else t // 2 * 7919 % loss.size, loss.shape)
        knobs = {name: float(_part(value, index, g)[0]) if isinstance(value, np.ndarray) else value for name, value in set_to.items()}
        alone, alone_after = self._ask(t, g[index], {name: _part(value, index, g) for name, value in held.items()}, knobs)
        same = _same(alone, dw[index], 1e-9) and all(_same(x, _part(y, index, g), 1e-9) for x, y in zip(alone_after, after))
        if same and t < 2 and np.isfinite(loss[index]):  # what ran off at once, as 0/0 does, is no reason to doubt the surface
            size = np.abs(g[index]).max()
            same = _same(_ask_surface(here, "loss", w[index], ()), loss[index], 1e-6) and _same(
                _ask_surface(here, "gradient", w[index], (self.start.size,)) / size, g[index] / size, 1e-6, 1e-6)
        if not same:
            raise _MixesRuns

    def _lies_along(self, t, g, held, set_to):
        """Does the change vanish with the gradient? (Where it does not, something remembered moves the weight as well.)"""
        try:
            dw, _ = self._ask(t, np.zeros_like(g), held, set_to)
        except Exception:
            return True  # a rule that cannot take 0 has told us nothing
        return not (np.isfinite(dw) & (dw != 0)).any()

    def _rate(self, t, g, held, set_to, dw):
        """−Δw/g, and what it tends to where g is 0."""
        rate, flat = -dw / g, np.abs(g) < TINY  # closer to 0, −Δw has few digits left
        try:
            near, _ = self._ask(t, np.where(flat, TINY, g), held, set_to)
        except Exception:
            return rate
        limit = -near / TINY
        return np.where(flat, np.where(np.abs(limit) > 1e140, np.inf, limit), rate)

    def one_by_one(self, values, runs):
        """Every run of the grid on its own, laid back into the grid: for rules that mix runs, and for knobs that are words."""
        self.how = self.how if self.how == "number by number" else "one by one"
        single = []
        with Waiting(int(np.prod(runs)), "runs") as waiting:
            for index in np.ndindex(*runs):
                waiting.at(len(single))
                single.append(self({name: _for_one(value, index, runs) for name, value in values.items()}, ()))

        def grid(name, lead):
            parts = [getattr(run, name) for run in single]
            if any(part is None for part in parts):
                return None
            stacked = np.stack(parts, axis=lead)
            return stacked.reshape(*stacked.shape[:lead], *runs, *stacked.shape[lead + 1 :])

        return self._run({name: grid(name, 1) for name in self.keeping.names}, values, runs, *[grid(name, 0) for name in ("diverged_at", "undefined_at", "zero_over_zero")])


def _ask_surface(surface, what, w, shape):
    """loss or gradient at w, checked; the surface gets a copy."""
    x = np.asarray(getattr(surface, what)(w.copy()), dtype=float)
    if x.shape != shape:
        if x.size != w.size or w.shape[-1] != 1:
            raise ValueError(f"the {what} of {_name(surface)} has the shape {x.shape} for w of shape {w.shape}, and should have {shape}: "
                             "the weights are the last axis, so write w[..., 0], w[..., 1]")
        x = x.reshape(shape)
    return x[()]


def _at_step(name, schedule, t):
    """What a schedule gives at step t."""
    value = schedule(t)
    if name not in facts.KNOBS and (value is None or isinstance(value, (str, bool))):
        return value
    try:
        value = np.asarray(value, dtype=float) if np.ndim(value) else float(value)
    except (TypeError, ValueError):
        raise ScheduleError(f"the schedule for {name} must give a number at every step; at step {t} it gives {value!r}") from None
    if name in facts.KNOBS:
        wrong = np.logical_not(facts.KNOBS[name].allowed(value) | (value == 0))  # what falls for long may come to 0, and what warms up begins there
        if wrong.any():
            raise ScheduleError(f"{name} must {facts.KNOBS[name].must}; at step {t} its schedule gives {np.ravel(value)[np.ravel(wrong)][0]:g}")
    return value


def _beside(value, shape):
    """A knob's values of runs, shaped to stand beside arrays (*runs, n)."""
    if not isinstance(value, np.ndarray):
        return value
    value = value.astype(float)[..., None]
    return np.broadcast_to(value, shape).copy() if shape[-1] <= FEW else value


def _part(x, index, g):
    """The part of x, which stands beside g (*runs, n), that belongs to one run."""
    if isinstance(x, np.ndarray) and x.shape[:-1] == g.shape[:-1]:
        return x[index]  # asked at every step of every grid: the usual case has to be quick
    return np.broadcast_to(x, (*g.shape[:-1], x.shape[-1]))[index] if isinstance(x, np.ndarray) and x.ndim else x


def _same(x, y, relative, absolute=0.0):
    if x is None or y is None:
        return x is y
    if np.size(x) != np.size(y) and 1 not in (np.size(x), np.size(y)):
        return False
    equal = x == y
    return bool(np.all(equal) or np.all(equal | (np.abs(x - y) <= relative * np.abs(y) + absolute) | (x != x) & (y != y)))


def _for_one(value, index, runs):
    """A knob as one run of the grid has it."""
    if isinstance(value, Schedule):
        return value(**{parameter: _for_one(np.asarray(p), index, runs) if np.ndim(p) else p for parameter, p in value.parameters.items()})
    if callable(value):
        return lambda t: np.broadcast_to(value(t), runs)[index].item() if np.ndim(value(t)) else value(t)
    return np.broadcast_to(value, runs)[index].item() if isinstance(value, np.ndarray) else value
