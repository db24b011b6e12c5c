"""What a rule's signature says, what it may return, and how to call one that was written for single numbers."""

import functools
import inspect

import numpy as np

from helpers import knobs
from helpers.surface import floats, is_whole_number, short

NAMED = {"w", "weights", "weight", "theta", "θ", "params", "parameters"}  # what is called so means the weights
WEIGHTS = NAMED | {"x", "p", "param"}  # and these where nothing is said of where they start
GRADIENTS = {"g", "grad", "grads", "gradient", "gradients", "dw", "dx", "slope"}


class RuleError(TypeError):
    """What a rule returned is not a change and its memories; the message says what to write instead."""


class Signature:
    """`.name`, `.memory` {name: start} and `.knobs` {name: default} of a rule: memory stands before the lone `*`, knobs after it.

    Raises TypeError where the rule is not of that form, with what to write instead.
    """

    def __init__(self, rule):
        if not callable(rule):
            raise TypeError(f"a rule is a function of the gradient, such as adagrad; got {short(rule)}")
        if isinstance(rule, np.ufunc):
            told = f"np.{rule.__name__}" if hasattr(np, rule.__name__) else rule.__name__
            raise TypeError(f"{told} is no rule: a rule gives the change in w, and has its knobs after a `*`; write `def my_rule(g, *, eta=0.1): return -eta * {told}(g)`")
        self.name = getattr(rule, "__name__", None) or getattr(getattr(rule, "func", None), "__name__", None) or type(rule).__name__
        if inspect.isclass(rule):
            raise TypeError(f"{self.name} is a class, and a rule is a function of the gradient: give a function, or an object of the class that can be called, {self.name}()")
        try:
            parameters = list(inspect.signature(rule).parameters.values())
        except ValueError:  # some functions written in C say nothing about their arguments
            parameters = [inspect.Parameter("args", inspect.Parameter.VAR_POSITIONAL)]
        if any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in parameters):
            raise TypeError(f"{self.name}: write out memory and knobs by name, as in `def {self.name}(g, G=0.0, *, eta=0.1)`, instead of *args or **kwargs")
        self._refuse_weights(parameters)
        self._refuse_fixed_memory(rule)
        before = [p for p in parameters if p.kind is not p.KEYWORD_ONLY]
        self.knobs = {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}
        if not before:
            raise TypeError(f"{self.name} takes no gradient: begin with `def {self.name}(g, *, ...)`")
        self.memory = {}
        for p in before[1:]:
            if p.name in knobs.KNOBS:
                raise TypeError(self.star(p.name))
            if p.default is p.empty:
                raise TypeError(f"{self.name}: the memory {p.name!r} needs a start value, as in `{p.name}=0.0` (or put a `*` before it if it is a knob)")
            self.memory[p.name] = p.default

    def _refuse_weights(self, parameters):
        """A rule that wants the weights would get a memory instead, which begins at 0, and decay that."""
        before = [p for p in parameters if p.kind is not p.KEYWORD_ONLY]
        wanted = [p for i, p in enumerate(before) if p.name.lower() in WEIGHTS and (p.name.lower() in NAMED or p.default is p.empty)
                  and (i or len(before) > 1 and before[1].name.lower() in GRADIENTS and before[1].default is p.empty)]
        if wanted:
            called = "my_rule" if self.name == "<lambda>" else self.name
            raise TypeError(f"{called} takes the weights ({wanted[0].name}) as well. A rule sees the gradient first and gives back the change: "
                            f"adding it to w is the work of descend. Write `def {called}(g, *, eta=0.1)`")

    def _refuse_fixed_memory(self, rule):
        """functools.partial(rmsprop, G=1.0) has a memory no longer: its place is after the `*`."""
        fixed = rule.keywords if isinstance(rule, functools.partial) else {}
        if fixed:
            inner = inspect.signature(rule.func).parameters
            for name in fixed:
                if name in inner and inner[name].kind is not inspect.Parameter.KEYWORD_ONLY and name not in knobs.KNOBS:
                    raise TypeError(f"partial fixes {name!r} of {self.name}, which is memory and changes at every step: start it with memory={{{name!r}: {fixed[name]!r}}} in the call")

    def star(self, name):
        return (f"{self.name}: {name!r} stands left of the `*`, so it reads as memory. If it is a knob, put `*` before it: "
                f"`def {self.name}(g, *, {name}=...)`")

    def memories(self, given, n):
        """Where the memories start, {name: array that fits n weights}; a counter, a flag and None stay as the rule has them."""
        if given is not None and not isinstance(given, dict):
            raise TypeError(f"memory names what to start, as in memory={{'G': 0.1}}; got {short(given)}")
        held = {**self.memory, **(given or {})}
        for name in given or {}:
            self._check_given(name, given[name])
        for name, value in held.items():
            if value is None or isinstance(value, (bool, int, np.bool_)) or is_whole_number(value):
                continue
            own = name not in (given or {})  # a rule's own array of switches is its own matter
            try:
                held[name] = np.array(value, dtype=float) if own and np.asarray(value).dtype.kind == "b" else floats(value)
            except ValueError:
                raise TypeError(f"the memory {name!r} must start as a number or an array; got {short(value)}") from None
            if held[name].shape not in ((), (1,), (n,)):
                raise ValueError(f"the memory {name!r} starts with the shape {held[name].shape}: give it one number, or one for each of the {n} weights")
        return held

    def _check_given(self, name, value):
        """Is what memory= gives of the kind that the rule's own start is?"""
        if name not in self.memory:
            raise TypeError(f"{self.name} has no memory {name!r}.{knobs.suggest(str(name), list(self.memory))}")
        own = self.memory[name]
        knobs.refuse_masked(f"memory[{name!r}]", value)
        numeric = own is not None and not isinstance(own, (bool, np.bool_))
        if numeric and (value is None or isinstance(value, (bool, np.bool_))):
            raise TypeError(f"the memory {name!r} must start as a number or an array; got {short(value)}")
        try:
            too_large = isinstance(value, int) and float(value) is None
        except OverflowError:
            too_large = True
        if too_large:
            raise TypeError(f"the memory {name!r} must start as a number that fits a float; got {short(value)}")


def answer(signature, result, shape):
    """The change and the new memories of what a rule returned, checked: -> (dw of `shape`, list of memories)."""
    memory = signature.memory
    if not memory and not isinstance(result, (tuple, list)):
        result = (result,)
    if not isinstance(result, tuple) or len(result) != 1 + len(memory):
        raise RuleError(_why_not_an_answer(signature, result))
    dw = _array(result[0])
    if dw is None or dw.dtype.kind not in "fiub" or isinstance(result[0], list):
        if result[0] is None and not memory:
            raise RuleError(_why_not_an_answer(signature, None))
        raise RuleError(f"{signature.name} returned a change that is not an array of numbers ({short(result[0])}): write `{_ending(signature)}`")
    if dw.shape != shape:
        if dw.size != 1 or shape != (1,):
            raise RuleError(f"{signature.name} returned a change of shape {dw.shape} for a gradient of shape {shape}: every weight needs its own change")
        dw = dw.reshape(shape)
    return dw.astype(float, copy=False), [_memory(signature, which, value, shape) for which, value in zip(memory, result[1:])]


def _ending(signature):
    """How such a rule ends."""
    return f"return dw, {', '.join(signature.memory)}" if signature.memory else "return dw"


def _why_not_an_answer(signature, result):
    name, memory, wanted = signature.name, signature.memory, _ending(signature)
    if result is None:
        return f"{name} returned None: end it with `{wanted}`"
    if isinstance(result, list):
        return f"{name} returned a list: return NumPy arrays of the gradient's shape, as in `{wanted}`"
    hint = f" If {list(memory)[-1]!r} is a knob and not memory, put `*` before it." if memory else ""
    got = f"{len(result)} things" if isinstance(result, tuple) else "only one"
    return f"{name} returned {got}, and has {len(memory)} memor{'y' if len(memory) == 1 else 'ies'}: write `{wanted}`.{hint}"


def _array(value):
    """What a rule returned as an array; None for a masked one, and for what NumPy cannot take."""
    if np.ma.isMaskedArray(value):
        return None
    try:
        return np.asarray(value)
    except Exception:
        return None


def _memory(signature, which, value, shape):
    if value is None or isinstance(value, (bool, float, np.bool_, np.floating)):
        return value
    if isinstance(value, int) and abs(value) > 1e308:
        raise RuleError(f"{signature.name} returned for its memory {which!r} a whole number that is too large for a float")
    if is_whole_number(value):
        return value
    array = _array(value)
    if array is None or array.dtype.kind not in "fiub":
        raise RuleError(f"{signature.name} returned for its memory {which!r} what is not an array of numbers: {short(value)}")
    if array.shape != shape and (array.ndim > len(shape) or any(a not in (1, b) for a, b in zip(array.shape[::-1], shape[::-1]))):
        raise RuleError(f"{signature.name} returned the memory {which!r} with the shape {array.shape} for a gradient of shape {shape}: "
                        "keep one number, or one for each weight")
    return array.astype(float, copy=False)


def by_number(rule):
    """`rule`, called once for each single weight: for rules with `if g > 0` or math.sqrt in them. Slow, and right."""

    def one_at_a_time(g, *memory, **knobs_given):
        arrays = [np.broadcast_to(x, g.shape).reshape(-1) if isinstance(x, np.ndarray) else [x] * g.size for x in (g, *memory, *knobs_given.values())]
        rows = []
        for row in zip(*arrays):
            held, set_to = row[: 1 + len(memory)], dict(zip(knobs_given, row[1 + len(memory) :]))
            try:
                result = rule(*held, **set_to)
            except (OverflowError, ZeroDivisionError) as error:  # math.exp and Python's / raise where NumPy gives inf or 0/0
                if isinstance(error, ZeroDivisionError) and held[0] != 0:
                    raise
                change = np.nan if isinstance(error, ZeroDivisionError) else -np.copysign(np.inf, held[0])
                result = (change, *[np.nan] * len(memory))
            result = result if isinstance(result, tuple) else (result,)
            if len(result) != 1 + len(memory) or result[0] is None or isinstance(result[0], list):
                return result if len(result) > 1 else result[0]  # `answer` says what is wrong with it
            rows.append(result)
        change, *memory_after = zip(*rows)
        change = np.array(change, dtype=float).reshape(g.shape)
        return (change, *[_column(values, g.shape) for values in memory_after]) if memory else change

    return one_at_a_time


def _column(values, shape):
    """One memory of all weights: a counter that all agree on stays a counter."""
    first = values[0]
    if (first is None or isinstance(first, (bool, int))) and all(value is first or value == first for value in values):
        return first
    return np.array(values, dtype=float).reshape(shape)
