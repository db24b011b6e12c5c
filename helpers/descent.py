"""descend(): the only loop. One run, or a whole grid of runs side by side."""

import inspect
import itertools
import traceback

import numpy as np

from helpers import knobs as facts
from helpers.rules import RuleError, Signature, answer, by_number
from helpers.schedules import Schedule
from helpers.watchdog import NeverEnds, Watch

FIELDS = ("w", "loss", "g", "dw", "rate", "step", "rows", "steps", "runs", "knobs", "memory", "rule", "surface", "how", "diverged_at", "undefined_at", "why")
FAR = 1e6  # a loss that has moved this many times its start (at least 1) is called diverged before it reaches inf
TINY = 1e-150  # stands for g → 0: its square is still a number


class Run:
    """What `descend` recorded. Row 0 is before the first step.

    w (rows, *runs, n), loss (rows, *runs), and each memory by its name (rows, *runs, n): `rows` = steps + 1
    g, dw, step = |dw|, rate = −dw/g (steps, *runs, n): row t is the step from w[t] to w[t + 1]; at g = 0 the rate is what it
        tends to; None for a rule whose change does not lie along g (momentum, Adam)
    diverged_at (*runs): first row whose w or loss is not finite or has run away (a million times the start's loss), else −1
    undefined_at (*runs): first step whose change is not a number although g is one (0/0: ε = 0 on a zero gradient), else −1
    how: "side by side", "one by one" (the rule mixes runs or weights) or "number by number" (it cannot take arrays)
    rows: the row numbers kept; steps: how many steps were taken; runs: the shape of the grid; knobs: their values
    """

    def __init__(self, **fields):
        self.__dict__.update(fields)

    def __repr__(self):
        return f"<{self.rule} on {self.surface}: {self.steps} steps, {int(np.prod(self.runs))} run{'s' if self.runs else ''}; has {', '.join(['w', 'loss', 'g', 'dw', 'rate', 'step', *self.memory])}>"

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        has = ", ".join(name for name in self.__dict__)
        raise AttributeError(f"this run has no {name!r}; it has {has} (what was left out of keep= is not recorded)")

    @property
    def step(self):
        return np.abs(self.dw)


def descend(rule, surface, steps=50, start=None, memory=None, keep=None, **knobs):
    """Walk down `surface` by `rule` for `steps` steps and record everything.

    rule     a function as in `helpers.update_rules`: gradient and memory before the `*`, knobs after it
    surface  anything with .start, .loss(w), .gradient(w), and .at(t) where it changes with time
    steps    how many, 1 or more
    start    where to begin, one number a weight (the surface's start)
    memory   where a memory begins, by name: memory={"G": 0.1}
    keep     what to record: names, as ["loss", "rate"], or {"quantities": names, "weights": indices, "steps": row numbers}
    knobs    numbers, schedules η(t), or arrays: arrays broadcast with each other, as NumPy does, into a grid of runs

    Returns a `Run`, float64 throughout. Rules get copies, so one that works in place spoils nothing. A grid is run side by side where
    the rule is elementwise and one by one where it is not (that is tried out on the way), so it always equals its single runs.
    A run that diverges ends in inf or NaN, without a warning.
    Raises TypeError or ValueError that says what to write instead, TimeoutError for a rule that does not come back.
    """
    signature = Signature(rule)
    if isinstance(steps, bool) or not isinstance(steps, (int, np.integer)) or steps < 1:
        raise ValueError(f"steps must be a whole number, 1 or more; got {steps!r}")
    values = _knob_values(signature, knobs)
    w = _start(surface, start)
    held = _memory(signature, memory, w.size)
    keeping = _Keep(keep, int(steps), w.size, signature)
    plain, words = _split_words(values)
    runs = _runs(plain, words)
    attempts = [("side by side", _walk)] if not words and runs else []
    attempts += [("one by one", _one_by_one)] if runs else [("side by side", _walk)]
    problem = None
    for how, walk in attempts:
        try:
            return walk(rule, signature, surface, int(steps), w, held, keeping, values, runs, how)
        except _MixesRuns:
            continue
        except (TypeError, ValueError) as error:
            if not isinstance(error, RuleError) and not _from_rule(error, rule):
                raise
            problem = error  # the run alone is the plainer case, so its error is the one to show
    if problem is None:
        raise RuntimeError(f"{signature.name} gives other answers each time it is called with the same numbers: a rule must be pure")
    if isinstance(problem, RuleError):
        raise problem
    try:  # `if g > 0` or math.sqrt: arrays are beyond it, numbers are not
        return _walk(by_number(rule), signature, surface, int(steps), w, held, keeping, values, runs, "number by number")
    except RuleError:
        raise
    except (TypeError, ValueError):
        raise problem from None


class _MixesRuns(Exception):
    """A run alone steps otherwise than side by side: the rule is not elementwise."""


def _from_rule(error, rule):
    """Was the error raised in the rule's own code (and not in the surface's)?"""
    code = getattr(inspect.unwrap(rule), "__code__", None)
    return code is None or any(frame.f_code is code for frame, _ in traceback.walk_tb(error.__traceback__))


# what the caller gave, checked


def _knob_values(signature, given):
    ours = set(inspect.signature(descend).parameters)
    for name in (*signature.knobs, *signature.memory):
        if name in ours:
            raise TypeError(f"{signature.name}: {name!r} is also an argument of descend; rename it in the rule")
    for name in signature.memory:
        if name in FIELDS:
            raise TypeError(f"{signature.name}: the memory {name!r} has the name of a field of the record; rename it, for instance to {name + '_old'!r}")
    for name in given:
        if name in signature.memory:
            raise TypeError(signature.star(name))
        if name not in signature.knobs:
            raise TypeError(f"{signature.name} has no knob {name!r}.{facts.suggest(name, list(signature.knobs))}")
    values = {**signature.knobs, **given}
    for name, value in values.items():
        if value is inspect.Parameter.empty:
            raise TypeError(f"{signature.name} needs a value for {name}: write {name}=... in the call, or give it a default in the rule")
        if not callable(value):
            facts.check(name, value)
            if isinstance(value, (list, tuple)):
                values[name] = np.asarray(value)
        elif isinstance(value, Schedule):
            for parameter, p in value.parameters.items():
                facts.check(parameter, p)
    return values


def _start(surface, start):
    default = np.asarray(surface.start, dtype=float).reshape(-1)
    if start is None:
        return default.copy()
    try:
        w = np.array(start, dtype=float).reshape(-1)
    except (TypeError, ValueError):
        raise ValueError(f"start must be {default.size} numbers, one a weight; got {start!r}") from None
    if w.size != default.size:
        raise ValueError(f"start has {w.size} numbers, and {getattr(surface, 'name', 'the surface')} has {default.size} weights: write start={_written(default)}, for instance")
    if not np.isfinite(w).all():
        raise ValueError(f"start must be finite; got {start!r}")
    return w


def _written(w):
    return "(" + ", ".join(f"{x:g}" for x in w[:4]) + (", ...)" if w.size > 4 else ")")


def _memory(signature, given, n):
    given = dict(given or {})
    for name in given:
        if name not in signature.memory:
            raise TypeError(f"{signature.name} has no memory {name!r}.{facts.suggest(name, list(signature.memory))}")
    held = {**signature.memory, **given}
    for name, value in held.items():
        if value is None or isinstance(value, (int, np.integer)) and not isinstance(value, bool):
            continue  # a counter stays a plain number, as the rule has it
        try:
            held[name] = np.array(value, dtype=float)
        except (TypeError, ValueError):
            raise TypeError(f"the memory {name!r} must start as a number or an array; got {value!r}") from None
    return held


def _split_words(values):
    """Knobs that are words or booleans cannot be broadcast as numbers: their names apart."""
    words = [name for name, value in values.items() if isinstance(value, np.ndarray) and value.dtype.kind not in "fiu"]
    return {name: value for name, value in values.items() if name not in words}, words


def _knob_shapes(values):
    for value in values.values():
        if isinstance(value, Schedule):
            yield from (np.shape(parameter) for parameter in value.parameters.values())
        elif callable(value):
            yield np.shape(value(0))
        else:
            yield np.shape(value)


def _runs(plain, words):
    shapes = list(_knob_shapes(plain))
    try:
        return np.broadcast_shapes(*shapes) if not words else (-1,)
    except ValueError:
        told = ", ".join(f"{name} {np.shape(value)}" for name, value in plain.items() if np.shape(value))
        raise ValueError(f"the arrays of knobs do not broadcast with each other ({told}): for a grid write eta[:, None] and beta") from None


class _Keep:
    """Which quantities, weights and rows are recorded."""

    def __init__(self, keep, steps, n, signature):
        keep = {} if keep is None else keep if isinstance(keep, dict) else {"quantities": [keep] if isinstance(keep, str) else list(keep)}
        unknown = set(keep) - {"quantities", "weights", "steps"}
        if unknown:
            raise ValueError(f"keep has no {sorted(unknown)[0]!r}: its keys are quantities, weights and steps")
        known = ["w", "loss", "g", "dw", "rate", *signature.memory]
        names = keep.get("quantities")
        self.names = set(known if names is None else names)
        if "step" in self.names:
            self.names = self.names - {"step"} | {"dw"}
        for name in self.names:
            if name not in known:
                raise ValueError(f"keep names {name!r}, which is not recorded.{facts.suggest(str(name), known)}")
        weights, rows = keep.get("weights"), keep.get("steps")
        self.weights = None if weights is None else np.asarray(weights, dtype=int).reshape(-1)
        if self.weights is not None and ((self.weights < 0) | (self.weights >= n)).any():
            raise ValueError(f"keep asks for weight {int(self.weights[(self.weights < 0) | (self.weights >= n)][0])}; there are {n}, counted from 0")
        self.rows = np.arange(steps + 1) if rows is None else np.unique(np.asarray(rows, dtype=int).reshape(-1))
        if self.rows.size and (self.rows[0] < 0 or self.rows[-1] > steps):
            raise ValueError(f"keep asks for row {int(self.rows[-1] if self.rows[-1] > steps else self.rows[0])}; there are rows 0 to {steps}")
        self.place = {int(row): i for i, row in enumerate(self.rows)}

    def pick(self, x):
        return x if self.weights is None else x[..., self.weights]


# the loop


def _walk(rule, signature, surface, steps, start, held, keeping, values, runs, how):
    shape = (*runs, start.size)
    w = np.broadcast_to(start, shape).copy()
    held = {name: np.broadcast_to(value, shape).copy() if isinstance(value, np.ndarray) else value for name, value in held.items()}
    picked = keeping.pick(w).shape
    before_last = sum(row < steps for row in keeping.place)
    store = {name: np.full((before_last if name in ("g", "dw", "rate") else keeping.rows.size, *(runs if name == "loss" else picked)), np.nan) for name in keeping.names}
    along_g, diverged, undefined = True, np.full(runs, -1), np.full(runs, -1)
    at, first_loss = getattr(surface, "at", None), None
    tried_at = {0, 1, 2, 4} | {2**k for k in range(3, 16)}

    def record(row, loss):
        nonlocal first_loss
        first_loss = loss if first_loss is None else first_loss
        gone = (diverged < 0) & (~np.isfinite(loss) | ~np.isfinite(w).all(-1) | (np.abs(loss - first_loss) > FAR * np.maximum(1, np.abs(first_loss))))
        diverged[gone & ((undefined < 0) | (row <= undefined))] = row
        i = keeping.place.get(row)
        if i is not None:
            for name in keeping.names & {"w", "loss", *signature.memory}:
                value = w if name == "w" else loss if name == "loss" else held[name]
                if value is not None:
                    store[name][i] = value if name == "loss" else keeping.pick(np.broadcast_to(value, shape))

    def ask(g, memories, set_to):
        with watch.call():
            result = rule(np.array(g), *[np.array(m) if isinstance(m, np.ndarray) else m for m in memories.values()], **set_to)
        return answer(signature, result, np.shape(g))

    with np.errstate(all="ignore"), Watch() as watch:
        t = 0
        try:
            for t in range(steps):
                here = at(t) if at else surface
                loss = np.asarray(here.loss(w), dtype=float)
                record(t, loss)
                g = np.asarray(here.gradient(w), dtype=float)
                set_to = {name: _value(value, t, runs) for name, value in values.items()}
                dw, after = ask(g, held, set_to)
                if runs and t in tried_at and how == "side by side":
                    _check_alone(ask, g, held, set_to, dw, runs)
                fresh = (undefined < 0) & (diverged < 0) & np.isnan(dw).any(-1) & np.isfinite(g).all(-1)
                undefined[fresh] = t
                if along_g and t in tried_at and t > 0:
                    along_g = _lies_along(ask, g, held, set_to)
                i = keeping.place.get(t)
                if i is not None:
                    if "g" in keeping.names:
                        store["g"][i] = keeping.pick(g)
                    if "dw" in keeping.names:
                        store["dw"][i] = keeping.pick(dw)
                    if "rate" in keeping.names and along_g:
                        store["rate"][i] = keeping.pick(_rate(ask, g, held, set_to, dw))
                w = w + dw
                held = {name: np.array(value, dtype=float) if isinstance(value, np.ndarray) else value for name, value in zip(held, after)}
            record(steps, np.asarray(here.loss(w), dtype=float))
        except NeverEnds:
            raise TimeoutError(f"{signature.name} did not come back from step {t} within {watch.limit:g} s: is there a loop in it that never ends?") from None
    if "rate" in store and not along_g:
        store["rate"] = None
    return Run(**store, rows=keeping.rows, steps=steps, runs=runs, knobs=values, memory=tuple(signature.memory), rule=signature.name,
               surface=getattr(surface, "name", type(surface).__name__), how=how, diverged_at=diverged[()], undefined_at=undefined[()])


def _value(value, t, runs):
    """A knob at step t, shaped to stand beside (*runs, n)."""
    if isinstance(value, Schedule):
        value = value.formula(t, **{name: np.asarray(p, dtype=float) if np.ndim(p) else p for name, p in value.parameters.items()})
    elif callable(value):
        value = value(t)
    if isinstance(value, (str, bool)) or value is None or not np.ndim(value):
        return value
    value = np.asarray(value)
    return value.astype(float)[..., None] if value.dtype.kind in "fiu" else value[..., None]


def _alone(x, index, runs):
    """The part of an array (*runs, n) or (*runs, 1) that belongs to one run."""
    if not isinstance(x, np.ndarray) or x.ndim == 0:
        return x
    part = np.broadcast_to(x, (*runs, x.shape[-1]))[index]
    return part


def _check_alone(ask, g, held, set_to, dw, runs):
    last = tuple(size - 1 for size in runs)
    middle = tuple(size // 2 for size in runs)
    for index in {last, middle}:
        knobs = {name: (float(part[0]) if isinstance(part := _alone(value, index, runs), np.ndarray) else part) for name, value in set_to.items()}
        alone, _ = ask(g[index], {name: _alone(value, index, runs) for name, value in held.items()}, knobs)
        if not np.allclose(alone, dw[index], rtol=1e-9, atol=1e-300, equal_nan=True):
            raise _MixesRuns


def _lies_along(ask, g, held, set_to):
    """Does the change vanish with the gradient? (Where it does not, something remembered moves the weight as well.)"""
    try:
        dw, _ = ask(np.zeros_like(g), held, set_to)
    except Exception:
        return True  # a rule that cannot take 0 has told us nothing
    return not (np.isfinite(dw) & (dw != 0)).any()


def _rate(ask, g, held, set_to, dw):
    rate = -dw / g
    flat = g == 0
    if flat.any():
        try:
            near, _ = ask(np.where(flat, TINY, g), held, set_to)
        except Exception:
            return rate
        limit = -near / TINY
        rate = np.where(flat, np.where(np.abs(limit) > 1e140, np.inf, limit), rate)
    return rate


def _one_by_one(rule, signature, surface, steps, start, held, keeping, values, runs, how):
    """Every run of the grid on its own, laid back into the grid: for rules that mix runs or weights, and for knobs that are words."""
    spread = {}
    for name, value in values.items():
        if isinstance(value, Schedule):
            for parameter, p in value.parameters.items():
                spread[name, parameter] = np.asarray(p)
        elif not callable(value):
            spread[name, None] = np.asarray(value)
    shape = np.broadcast_shapes(*[v.shape for v in spread.values()])
    spread = {key: np.broadcast_to(v, shape) for key, v in spread.items()}
    single = []
    for index in itertools.product(*map(range, shape)):
        knobs = dict(values)
        for (name, parameter), v in spread.items():
            if parameter is None:
                knobs[name] = v[index].item()
        for name, value in values.items():
            if isinstance(value, Schedule):
                knobs[name] = value(**{parameter: spread[name, parameter][index].item() for parameter in value.parameters})
            elif callable(value) and np.ndim(value(0)):
                knobs[name] = lambda t, value=value: np.broadcast_to(value(t), shape)[index].item()
        single.append(_walk(rule, signature, surface, steps, start, held, keeping, knobs, (), how))

    def grid(name, lead):
        parts = [getattr(run, name) for run in single]
        if any(part is None for part in parts):
            return None
        stacked = np.stack(parts, axis=lead)
        return stacked.reshape(*stacked.shape[:lead], *shape, *stacked.shape[lead + 1 :])

    fields = {name: grid(name, 1) for name in keeping.names}
    return Run(**fields, rows=keeping.rows, steps=steps, runs=shape, knobs=values, memory=tuple(signature.memory), rule=signature.name,
               surface=single[0].surface, how=how, diverged_at=grid("diverged_at", 0), undefined_at=grid("undefined_at", 0))
