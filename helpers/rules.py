"""What a rule's signature says, and how to call a rule that was written for arrays, for one run, or for single numbers."""

import inspect

import numpy as np

from helpers import knobs


class RuleError(TypeError):
    """What a rule returned is not a change and its memories; the message says what to write instead."""


class Signature:
    """`.name`, `.memory` {name: start} and `.knobs` {name: default} of a rule: memory stands before the lone `*`, knobs after it.

    Raises TypeError where the rule is not of that form, with what to write instead.
    """

    def __init__(self, rule):
        if not callable(rule):
            raise TypeError(f"a rule is a function of the gradient, such as adagrad; got {rule!r}")
        self.name = getattr(rule, "__name__", None) or getattr(getattr(rule, "func", None), "__name__", None) or type(rule).__name__
        parameters = list(inspect.signature(rule).parameters.values())
        if any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in parameters):
            raise TypeError(f"{self.name}: write out memory and knobs by name, as in `def {self.name}(g, G=0.0, *, eta=0.1)`, instead of *args or **kwargs")
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

    def star(self, name):
        return (f"{self.name}: {name!r} stands left of the `*`, so it reads as memory. If it is a knob, put `*` before it: "
                f"`def {self.name}(g, *, {name}=...)`")


def answer(signature, result, shape):
    """The change and the new memories of what a rule returned, checked: -> (dw of `shape`, list of memories)."""
    name, memory = signature.name, list(signature.memory)
    wanted = f"return dw, {', '.join(memory)}" if memory else "return dw"
    hint = "" if not memory else f" If {memory[-1]!r} is a knob and not memory, put `*` before it."
    if result is None:
        raise RuleError(f"{name} returned None: end it with `{wanted}`")
    if isinstance(result, list):
        raise RuleError(f"{name} returned a list: return NumPy arrays of the gradient's shape, as in `{wanted}`")
    if not memory and not isinstance(result, tuple):
        result = (result,)
    if not isinstance(result, tuple) or len(result) != 1 + len(memory):
        got = f"{len(result)} things" if isinstance(result, tuple) else "only one"
        raise RuleError(f"{name} returned {got}, and has {len(memory)} memor{'y' if len(memory) == 1 else 'ies'}: write `{wanted}`.{hint}")
    dw = np.asarray(result[0])
    if dw.dtype == object or dw.dtype.kind not in "fiub":
        raise RuleError(f"{name} returned a change that is not made of numbers ({result[0]!r}): write `{wanted}`")
    if dw.shape != shape and not (dw.size == 1 and shape == (1,)):
        raise RuleError(f"{name} returned a change of shape {dw.shape} for a gradient of shape {shape}: every weight needs its own change")
    return dw.astype(float).reshape(shape), list(result[1:])


def by_number(rule):
    """`rule`, called once for each single weight: for rules with `if g > 0` or math.sqrt in them. Slow, and right."""

    def one_at_a_time(g, *memory, **values):
        boxes = [np.asarray(x, dtype=object) if x is None else np.asarray(x) for x in (g, *memory, *values.values())]
        spread = [np.broadcast_to(box, g.shape).reshape(-1) for box in boxes]
        rows = []
        for row in zip(*spread):
            held, set_to = row[: 1 + len(memory)], dict(zip(values, row[1 + len(memory) :]))
            try:
                result = rule(*held, **set_to)
            except OverflowError:  # math.exp and friends raise where NumPy gives inf
                result = (np.nan,) * (1 + len(memory)) if memory else np.nan
            except ZeroDivisionError:
                if held[0] != 0:
                    raise
                result = (np.nan,) * (1 + len(memory)) if memory else np.nan  # 0/0, as NumPy has it
            if not isinstance(result, tuple):
                rows.append((result,))
            else:
                rows.append(result)
        if any(part is None or isinstance(part, list) for part in rows[0]):
            return rows[0][0]
        columns = [np.array(column, dtype=float).reshape(g.shape) for column in zip(*rows)]
        return tuple(columns) if memory or len(columns) > 1 else columns[0]

    return one_at_a_time
