"""descend(): the only loop. One run, or a whole grid of runs side by side."""

import contextlib
import inspect
import io
import traceback

import numpy as np

from helpers import knobs as facts
from helpers.apart import Apart, KeepsSomething, MixesRuns, alike, ask_surface, name_of
from helpers.outside import Outside, unnoticed
from helpers.record import FIELDS, Keep, Run, Tape, whole_steps, without_rounding
from helpers.rules import RuleError, Signature, answer, by_number
from helpers.schedules import Once, Schedule, ScheduleError, at_step
from helpers.surface import floats, short
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
    the rule is elementwise and one by one where it is not (that is tried out on the way, see apart.py), so it always equals its single runs.
    A rule is asked once a step; what it is asked besides leaves no trace (outside.py). One that keeps something
    itself, in an attribute or a global name, is walked as by a plain loop, and refused where there are several runs.
    A run that diverges ends in inf or NaN, without a warning. What takes longer than a second says how far it is.
    Raises TypeError or ValueError that says what to write instead, TimeoutError for a rule that does not come back.
    """
    signature = Signature(rule)
    steps = whole_steps(steps)
    _check_names(signature, knobs)
    values = {name: facts.settle(name, knobs.get(name, default), default) for name, default in signature.knobs.items()}
    w = _start(surface, start)
    keeping = Keep(keep, steps, w.size, signature.memory)
    held = signature.memories(memory, w.size)
    with np.errstate(all="ignore"), Watch() as watch:
        walk = _Walk(rule, signature, surface, w, held, keeping, watch)
        bare = {name for name, value in values.items() if callable(value) and not isinstance(value, Schedule)}
        asked = {name: Once(name, value) if name in bare else value for name, value in values.items()}
        runs = _runs(asked, walk.runs_of)
        keeping.check_size(runs)
        return _Way(walk, asked, runs).run(values)


class _Way:
    """Side by side where a rule can, one by one where it mixes runs, number by number where it cannot take arrays."""

    def __init__(self, walk, values, runs):
        self.walk, self.values, self.runs = walk, values, runs
        arrays = [values[name] for name in walk.runs_of if isinstance(values[name], np.ndarray)]
        self.words = any(array.dtype.kind not in "fiu" for array in arrays)
        self.before = Outside(walk.rule)
        if runs and self.before.opaque:
            raise KeepsSomething(walk.signature.name)

    def run(self, knobs):
        try:
            run = self._side_by_side() if self.runs and not self.words else None
            if run is None:
                run = self._alone()
        except KeepsSomething:
            self.before.restore()
            raise
        run.__dict__["knobs"] = knobs
        return run

    def _side_by_side(self):
        """The record of the grid, or None where its runs do not keep apart; `walk.why` then says why not."""
        try:
            run = self.walk(self.values, self.runs)
            for i in self.walk.apart.some_whole(run):
                if not self._again(run, i):
                    raise MixesRuns("the rule mixes weights or runs")
            self._refuse_what_it_keeps(run)
            return run
        except (TimeoutError, KeepsSomething):
            raise
        except MixesRuns as error:
            self.walk.why = str(error)
        except Exception as error:  # it cannot take so many; what is wrong with a run alone is plainer to say
            self.walk.why = _whose(error)
        self.before.restore()
        return None

    def _alone(self):
        walk, problem = self.walk, None
        walk.why = walk.why or ("a knob is a word" if self.words else "")
        try:
            run = walk.one_by_one(self.values, self.runs) if self.runs else walk(self.values, self.runs)
            self._refuse_what_it_keeps(run)
            return run
        except (TypeError, ValueError, ArithmeticError) as error:  # math.exp overflows where older NumPys let it take an array of one
            if isinstance(error, (RuleError, ScheduleError)) or not _from_rule(error, walk.rule):
                raise
            problem = error
        self.before.restore()
        try:  # `if g > 0` or math.sqrt: arrays are beyond it, numbers are not
            walk = self.walk = walk.by_number()
            run = walk.one_by_one(self.values, self.runs) if self.words else walk(self.values, self.runs)
            self._refuse_what_it_keeps(run)
            return run
        except RuleError:
            raise
        except (TypeError, ValueError, LookupError) as error:  # a number has no parts: g[..., 0]
            arrays_only = any(said in str(problem) for said in ("ambiguous", "scalar"))
            raise (error if arrays_only else problem) from None

    def _again(self, run, i):
        """Has run number `i`, walked alone once more, the same record? Nobody sees it."""
        index = np.unravel_index(i, self.runs) if self.runs else ()
        with unnoticed(self.walk.rule):
            return alike(self.walk(self.walk.single(self.values, index, self.runs), ()), run, i)

    def _refuse_what_it_keeps(self, run):
        """KeepsSomething where what the rule kept shows in its path. A single run may: it is walked as by a plain loop."""
        single = not self.runs and (self.walk.how != "number by number" or self.walk.start.size == 1)
        if not single and self.before.changed() and not self._again(run, 0):
            raise KeepsSomething(self.walk.signature.name)


def _whose(error):
    """What cannot be asked for all runs at once, by where the error came from."""
    codes = {frame.f_code for frame, _ in traceback.walk_tb(error.__traceback__)}
    if ask_surface.__code__ in codes:
        return "the surface takes one point at a time"
    if isinstance(error, ScheduleError):
        return "the schedule takes one number at a time"
    if isinstance(error, RuleError):
        return "the rule mixes weights or runs"
    if isinstance(error, (TypeError, ValueError)):
        return "the rule takes one number at a time"
    return "the rule raises an error at some settings"


def _from_rule(error, rule):
    """Was the error raised in the rule's own code (and not in the surface's)?"""
    code = getattr(inspect.unwrap(rule), "__code__", None)
    return code is None or any(frame.f_code is code for frame, _ in traceback.walk_tb(error.__traceback__))


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
        raise TypeError(f"a surface offers .start, .loss(w) and .gradient(w), as ravine does, or what Surface(...) makes; got {short(surface)}")
    default = np.array(surface.start, dtype=float).reshape(-1)
    if start is None:
        return default
    facts.refuse_masked("start", start)
    try:
        w = floats(start).reshape(-1)
    except ValueError:
        raise ValueError(f"start must be {default.size} numbers, one a weight; got {short(start)}") from None
    if w.size != default.size:
        listed = ", ".join(f"{x:g}" for x in default[:4]) + (", ..." if default.size > 4 else "")
        raise ValueError(f"start has {w.size} number{'s' * (w.size != 1)}, and {name_of(surface)} has {default.size} weight{'s' * (default.size != 1)}: "
                         f"write start=({listed}), for instance")
    if not np.isfinite(w).all():
        raise ValueError(f"start must be finite; got {short(start)}")
    return w


def _runs(values, runs_of):
    """The shape of the grid that the knobs make with each other."""
    shapes = {}
    for name, value in values.items():
        if isinstance(value, Schedule):
            shapes.update({f"{name}: {parameter}": np.shape(p) for parameter, p in value.parameters.items()})
        elif callable(value):
            shapes[name] = np.shape(at_step(name, value, 0))
        elif name in runs_of and isinstance(value, np.ndarray):
            shapes[name] = value.shape
    try:
        return np.broadcast_shapes(*shapes.values())
    except ValueError:
        told = ", ".join(f"{name} {shape}" for name, shape in shapes.items() if shape)
        raise ValueError(f"the arrays of knobs do not broadcast with each other ({told}): for a grid write eta[:, None] and beta") from None


class _Walk:
    """One rule on one surface. Call it with knob values for the runs that they make side by side."""

    def __init__(self, rule, signature, surface, start, held, keeping, watch, how="side by side"):
        self.rule, self.signature, self.surface, self.start = rule, signature, surface, start
        self.held, self.keeping, self.watch, self.how, self.why = held, keeping, watch, how, ""
        # of these knobs an array is a set of runs
        self.runs_of = {name for name, default in signature.knobs.items() if not facts.is_whole(default)}
        outside = Outside(rule)
        self.keeps, self.may_ask = bool(outside), not outside.opaque  # may_ask: more than once a step

    def by_number(self):
        """The same walk for a rule that takes single numbers."""
        same = self.signature, self.surface, self.start, self.held, self.keeping, self.watch
        walk = _Walk(by_number(self.rule), *same, "number by number")
        walk.why = "the rule takes one number at a time"
        return walk

    def __call__(self, values, runs):
        steps, here = self.keeping.steps, self.surface
        shape, ones = (*runs, self.start.size), np.ones(self.start.size)
        w = np.broadcast_to(self.start, shape).copy()
        held = {name: np.broadcast_to(value, shape).copy() if isinstance(value, np.ndarray) else value for name, value in self.held.items()}
        fixed = {name: value for name, value in values.items() if not callable(value)}
        fixed.update({name: _beside(fixed[name], shape) for name in self.runs_of & fixed.keys()})
        scheduled = {name: value for name, value in values.items() if callable(value)}
        tape, along_g = Tape(self.keeping, runs), self.may_ask
        self.apart = Apart(self, runs) if runs and self.how == "side by side" else None
        changes = hasattr(self.surface, "at")
        dw, g, first, unknown = np.zeros(shape), np.zeros(shape), np.full(runs, np.nan), True
        was, diverged, undefined, empty = np.zeros(runs, bool), np.full(runs, -1), np.full(runs, -1), np.zeros(runs, bool)
        with Waiting(steps, "steps") as waiting:
            for t in range(steps + 1):
                waiting.at(t)
                if changes and t < steps:
                    here = self.surface.at(t)
                loss = ask_surface(here, "loss", w, runs)
                if unknown:
                    first = np.where(np.isfinite(first), first, loss)
                    limit, unknown = FAR * np.maximum(1, np.abs(first)), not np.isfinite(first).all()
                total = w.dot(ones) if self.start.size <= FEW else w.sum(axis=-1)  # a large product would wait for other cores
                wild = ~((abs(loss - first) <= limit) & np.isfinite(total))
                if np.count_nonzero(wild != was):
                    new, diverged[~wild] = wild & ~was, -1  # what came back has not diverged
                    broke = new & np.isnan(dw).any(-1) & np.isfinite(g).all(-1)
                    undefined[broke], diverged[new & ~broke] = t - 1, t
                    empty |= broke & (~np.isnan(dw) | (g == 0)).all(-1)
                was = wild
                if t in tape.place:
                    for name, value in (("w", w), ("loss", loss), *held.items()):
                        tape.write(t, name, value)
                if t == steps:
                    break  # the last loss is that of the last step's surface
                g = ask_surface(here, "gradient", w, shape)
                set_to = {**fixed, **{name: _beside(at_step(name, value, t), shape) for name, value in scheduled.items()}} if scheduled else fixed
                kept = Outside(self.rule) if self.apart and self.keeps else None
                dw, after = self.ask(t, g, held, set_to) if t else self._ask_first(g, held, set_to)
                if self.apart:
                    calm = np.where(wild, np.inf, loss)
                    self.apart.step(t, here, w, calm, g, held, set_to, dw, after, kept)
                before, held = held, dict(zip(held, after))
                if along_g and t & (t - 1) == 0:  # at 0, 1, 2, 4, 8 ...
                    along_g = self._lies_along(t, g, held, set_to)
                if t in tape.place:
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
                   rule=self.signature.name, surface=name_of(self.surface), how=self.how, why=self.why,
                   diverged_at=diverged, undefined_at=undefined, zero_over_zero=empty)

    def _ask_first(self, g, held, set_to):
        """The first step. A rule that turns out not to take arrays is asked again: then what it printed is not shown."""
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            result = self.ask(0, g, held, set_to)
        if printed.getvalue():
            print(printed.getvalue(), end="")
        return result

    def ask(self, t, g, held, set_to):
        """What the rule answers, given copies: it may work in place."""
        memories = [value.copy() if isinstance(value, np.ndarray) else value for value in held.values()]
        given = {name: value.copy() if isinstance(value, np.ndarray) else value for name, value in set_to.items()}
        try:
            result = self.watch.call(self.rule, g.copy(), *memories, **given)
        except NeverEnds:
            raise TimeoutError(f"{self.signature.name} did not come back from step {t} within {self.watch.limit:g} s: is there a loop in it that never ends?") from None
        return answer(self.signature, result, g.shape)

    def _unnoticed(self):
        """Around a question beside the path (outside.py); most rules keep nothing that would have to be put back."""
        return unnoticed(self.rule) if self.keeps else contextlib.redirect_stdout(io.StringIO())

    def _lies_along(self, t, g, held, set_to):
        """Does the change vanish with the gradient? (Where it does not, something remembered moves the weight as well.)"""
        try:
            with self._unnoticed():
                dw, _ = self.ask(t, np.zeros_like(g), held, set_to)
        except Exception:
            return True  # a rule that cannot take 0 has told us nothing
        return not (np.isfinite(dw) & (dw != 0)).any()

    def _rate(self, t, g, held, set_to, dw):
        """−Δw/g, and what it tends to where g is 0."""
        rate, flat = -dw / g, np.abs(g) < TINY  # closer to 0, −Δw has few digits left
        try:
            with self._unnoticed():
                near, _ = self.ask(t, np.where(flat, TINY, g), held, set_to)
        except Exception:
            return rate
        limit = -near / TINY
        return np.where(flat, np.where(np.abs(limit) > 1e140, np.inf, limit), rate)

    def single(self, values, index, runs):
        """The knobs of one run of a grid."""
        return {name: _for_one(x, index, runs) if name in self.runs_of else x for name, x in values.items()}

    def one_by_one(self, values, runs):
        """Every run of the grid on its own, laid back into the grid: for rules that mix runs, and for knobs that are words."""
        self.how = self.how if self.how == "number by number" else "one by one"
        single = []
        with Waiting(int(np.prod(runs)), "runs") as waiting:
            for index in np.ndindex(*runs):
                waiting.at(len(single))
                single.append(self(self.single(values, index, runs), ()))

        def grid(name, lead):
            parts = [getattr(run, name) for run in single]
            if any(part is None for part in parts):
                return None
            stacked = np.stack(parts, axis=lead)
            return stacked.reshape(*stacked.shape[:lead], *runs, *stacked.shape[lead + 1 :])

        return self._run({name: grid(name, 1) for name in self.keeping.names}, values, runs, *[grid(name, 0) for name in ("diverged_at", "undefined_at", "zero_over_zero")])


def _beside(value, shape):
    """A knob's values of runs, shaped to stand beside arrays (*runs, n)."""
    if not isinstance(value, np.ndarray):
        return value
    value = value.astype(float)[..., None]
    return np.broadcast_to(value, shape).copy() if shape[-1] <= FEW else value


def _for_one(value, index, runs):
    """A knob as one run of the grid has it."""
    if isinstance(value, Schedule):
        return value(**{parameter: _for_one(np.asarray(p), index, runs) if np.ndim(p) else p for parameter, p in value.parameters.items()})
    if callable(value):
        return lambda t: np.broadcast_to(value(t), runs)[index].item() if np.ndim(value(t)) else value(t)
    return np.broadcast_to(value, runs)[index].item() if isinstance(value, np.ndarray) else value
