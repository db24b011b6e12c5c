"""Preset schedules: η as a function of the step, decided before training starts.

A schedule stands wherever η does: `descend(gradient_descent, ravine, eta=exponential(eta=0.4, decay=0.98))`. The step t is 0 at
the first update. Any function of t will do; one made with `@schedule` also offers its parameters as knobs (and sliders):
what stands before the lone `*` is t, after it come the parameters, which may be arrays of runs.
"""

import functools
import importlib
import inspect

import numpy as np

from helpers.knobs import KNOBS
from helpers.surface import floats, short

FIRST = ". The step t is 0 at the first update: write t + 1 where you divide by it"


class ScheduleError(ValueError):
    """What a schedule gives at a step is not what its knob may be."""


class Schedule:
    """η(t). Call it with a step for the value; call it with parameters alone for the same schedule with these parameters.

    `exponential(3)` is η at step 3 with the defaults; `exponential(eta=0.4)` is a schedule; `.parameters` are its parameters.
    Raises TypeError for a parameter that it does not have, ValueError for one that is not what it must be, and for a step that is not whole.
    """

    def __init__(self, formula, **parameters):
        self.formula = formula
        self.defaults = {p.name: p.default for p in inspect.signature(formula).parameters.values() if p.kind is p.KEYWORD_ONLY}
        unknown = set(parameters) - set(self.defaults)
        if unknown:
            raise TypeError(f"the schedule {formula.__name__} has no {sorted(unknown)[0]!r}; its parameters are {', '.join(self.defaults)}")
        self.parameters = {name: _as_given(value) for name, value in {**self.defaults, **parameters}.items()}
        for name, limit in getattr(formula, "must_be", {}).items():
            _check(f"{name} of the schedule {formula.__name__}", self.parameters[name], limit)
        functools.update_wrapper(self, formula)

    def __call__(self, t=None, **parameters):
        if t is None:
            return Schedule(self.formula, **{**self.parameters, **parameters})
        if isinstance(t, (str, bytes, bool)) or isinstance(t, int) and abs(t) > 2**53:
            raise ValueError(f"{self.__name__}(t) takes the number of a step, 0 at the first; got {short(t)}")
        if isinstance(t, float) and not t.is_integer():
            raise ValueError(f"{self.__name__}({t:g}) asks for step {t:g}, and steps are whole: to set a parameter write its name, as in {self.__name__}(eta={t:g})")
        return self.formula(t, **{**self.parameters, **parameters})

    def __reduce__(self):
        """A copy is made from the schedule of that name, where it was defined, and from the parameters."""
        return _again, (self.__module__, self.__qualname__, self.parameters)

    def __repr__(self):
        return f"{self.__name__}({', '.join(f'{name}={value}' for name, value in self.parameters.items())})"


def schedule(formula=None, /, **must_be):
    """Make a schedule of `formula(t, *, parameters with defaults)`; see the four below.

    What parameters have to be, "above 0" or "0 or above", may be told, and is checked where they are set: @schedule(every="above 0").
    """
    if formula is None:
        return functools.partial(schedule, **must_be)
    if not inspect.isfunction(formula):
        raise TypeError("a schedule is made of a function of the step, as in "
                        f"`@schedule` over `def warm_up(t, *, eta=0.1, over=10)`; got {short(formula)}")
    formula.must_be = must_be
    return Schedule(formula)


def _again(module, name, parameters):
    made = importlib.import_module(module)
    for part in name.split("."):
        made = getattr(made, part)
    return made(**parameters)


def _as_given(value):
    """Lists as arrays of runs; whole numbers in arrays as floats, whose powers overflow no sooner than those of a single number."""
    value = np.asarray(value) if isinstance(value, (list, tuple)) else value
    return value.astype(float) if isinstance(value, np.ndarray) and value.dtype.kind in "iu" and value.ndim else value


def _check(what, value, limit):
    try:
        values = floats(value)
    except ValueError:
        raise ValueError(f"{what} must be a number {limit}; got {short(value)}") from None
    if not values.size:
        raise ValueError(f"{what} must be a number {limit}; got no number at all")
    if not (np.isfinite(values) & ((values > 0) | (values == 0) & (limit == "0 or above"))).all():
        raise ValueError(f"{what} must be a number {limit}; got {short(value)}")


class Once:
    """A schedule that is any function of the step, asked once for each step."""

    def __init__(self, name, schedule):
        self.name, self.schedule, self.given = name, schedule, {}

    def __call__(self, t):
        if t not in self.given:
            self.given[t] = _asked(self.name, self.schedule, t)
        return self.given[t]


def _asked(name, schedule, t):
    try:
        return schedule(t)
    except ScheduleError:
        raise
    except Exception as error:
        if isinstance(error, OverflowError):
            raise ScheduleError(f"the schedule for {name} is too large for a float at step {t}: does it grow?") from error
        hint = FIRST if t == 0 and isinstance(error, ArithmeticError) else ""
        raised = f"{type(error).__name__} at step {t}: {error}{hint}"
        raise ScheduleError(f"the schedule for {name} raised {raised}") from error


def at_step(name, schedule, t):
    """What a schedule gives at step t."""
    value = _asked(name, schedule, t)
    if name not in KNOBS and (value is None or isinstance(value, (str, bool))):
        return value
    try:
        number = floats(value)
        if not number.size:
            raise ValueError
    except ValueError:
        gives = f"at step {t} it gives {short(value)}"
        raise ScheduleError(f"the schedule for {name} must give a number at every step; {gives}") from None
    value = number if number.ndim else number.item()
    if name in KNOBS:
        # what falls for long may come to 0, and what warms up begins there
        wrong = np.logical_not(KNOBS[name].allowed(value) | (value == 0))
        if wrong.any():
            got = np.ravel(value)[np.ravel(wrong)][0]
            hint = FIRST if t == 0 and not np.isfinite(got) else ""
            gives = f"at step {t} its schedule gives {got:g}{hint}"
            raise ScheduleError(f"{name} must {KNOBS[name].must}; {gives}")
    return value


@schedule
def constant(t, *, eta=0.1):
    """η(t) = η."""
    return eta + 0.0 * t


@schedule(drop="0 or above", every="above 0")
def step(t, *, eta=0.1, drop=0.5, every=20):
    """η(t) = η · drop^⌊t / every⌋: multiplied by `drop` once in `every` steps."""
    return eta * drop ** np.floor(t / every)


@schedule(decay="0 or above")
def exponential(t, *, eta=0.1, decay=0.98):
    """η(t) = η · decay^t: the same share lost at every step; halved every ln ½ / ln decay steps."""
    return eta * decay**t


@schedule(decay="0 or above")
def inverse_time(t, *, eta=0.1, decay=0.05):
    """η(t) = η / (1 + decay · t), the 1/t schedule: its sum diverges while the sum of its squares does not (Robbins and Monro, 1951)."""
    return eta / (1 + decay * t)


@schedule(half="above 0")
def preset(t, *, eta=0.1, half=20, kind="exponential"):
    """η(t) = one of the four above, by name, with the parameter that leaves half of η at t = half (all of it, where it is constant).

    Raises ValueError for a kind that is none of them.
    """
    kinds = {
        "constant": (constant, {}), "step": (step, {"drop": 0.5, "every": half}),
        "exponential": (exponential, {"decay": 0.5 ** (1 / half)}), "1/t": (inverse_time, {"decay": 1 / half}),
    }
    if not isinstance(kind, str) or kind not in kinds:
        raise ValueError(f"kind must be one of {', '.join(map(repr, kinds))}; got {short(kind)}")
    chosen, parameters = kinds[kind]
    return chosen(t, eta=eta, **parameters)
