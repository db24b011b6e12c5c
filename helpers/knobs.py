"""What each knob is called, what it may be, and why: the words of error messages and of sliders."""

import difflib
import inspect
import numbers
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from helpers.surface import floats, short


class Knob(NamedTuple):
    symbol: str      # as the formula has it
    words: str       # as a sentence has it
    allowed: object  # array of values -> array of bool
    must: str        # completes "eta must ..."


def _positive(value):
    return (value > 0) & np.isfinite(value)


def _share(value):
    return (value >= 0) & (value < 1)


def _not_negative(value):
    return (value >= 0) & np.isfinite(value)


KNOBS = {
    "eta": Knob("η", "learning rate", _positive, "be a number above 0: it sets the length of a step"),
    "alpha": Knob("α", "momentum", _share, "lie in [0, 1): it is the share of the last change that is kept"),
    "beta": Knob("β", "decay", _share, "lie in [0, 1): it is the share of the old G that is kept"),
    "beta1": Knob("β₁", "decay of m", _share, "lie in [0, 1): it is the share of the old m that is kept"),
    "beta2": Knob("β₂", "decay of G", _share, "lie in [0, 1): it is the share of the old G that is kept"),
    "eps": Knob("ε", "small number", _not_negative, "be 0 or above: it keeps the rate finite where G is 0"),
}


def check(name, value):
    """Raise a ValueError that names the knob, the value and the reason, where `value` (a number or an array) is not allowed."""
    if name not in KNOBS:
        return
    try:
        values = floats(value)
    except ValueError as error:
        got = "a number that is too large" if "too large" in str(error) else f"{short(value)}, which is not a number"
        raise ValueError(f"{name} must {KNOBS[name].must}; got {got}") from None
    if not values.size:
        raise ValueError(f"{name} must {KNOBS[name].must}; got an empty array")
    wrong = ~KNOBS[name].allowed(values)
    if wrong.any():
        raise ValueError(f"{name} must {KNOBS[name].must}; got {values[wrong].flat[0]:g}")


def settle(name, value, default):
    """A knob as the loop takes it, checked: a plain number or word, a schedule, or an array of runs.

    A list, a tuple or an array is a set of runs, unless the rule's own default is one: then it is a single value, as in betas=(0.9, 0.999).
    """
    refuse_masked(name, value)
    if callable(value):
        _takes_a_step(name, value)
        for parameter, p in getattr(value, "parameters", {}).items():
            check(parameter, p)
        return value
    check(name, value)
    if value is None or isinstance(value, (str, bytes, bool, dict)) or is_whole(default):
        return value
    try:
        array = np.asarray(value)
    except Exception:  # lists of different lengths, or an object that raises
        raise ValueError(f"{name} must be a number or an array of numbers, one a run; got {short(value)}") from None
    if not array.size:
        raise ValueError(f"{name} is an empty array: give it at least one number")
    if array.dtype.kind == "O" and all(isinstance(x, (numbers.Number, Decimal)) for x in array.flat):  # fractions
        try:
            array = array.astype(float)
        except (TypeError, OverflowError):
            if value is default:  # what the rule does with a number that large is the rule's own matter
                return value
            raise ValueError(f"{name} must be a number that fits a float; got {short(value)}") from None
    return array.copy() if array.ndim else array.item()


def is_whole(default):
    """Is a rule's default itself a list, a tuple or an array? Then every value of that knob is one value, not a set of runs."""
    return isinstance(default, (list, tuple, dict, set, range)) or isinstance(default, np.ndarray) and default.ndim > 0


def refuse_masked(name, value):
    if np.ma.isMaskedArray(value):
        raise ValueError(f"{name} is a masked array, and what is masked would be taken for a number: give the numbers that count, as in {name}={name}.compressed()")


def _takes_a_step(name, schedule):
    """TypeError where a schedule cannot be called with the number of a step."""
    try:
        inspect.signature(schedule).bind(0)
    except TypeError:
        told = getattr(schedule, "__name__", repr(schedule))
        raise TypeError(f"{name} is a number, or a schedule {name}(t) that takes the number of the step and nothing else: write {name}=lambda t: 0.1, for instance; "
                        f"got {'a lambda' if told == '<lambda>' else told}{inspect.signature(schedule)}") from None
    except ValueError:
        pass  # some functions written in C say nothing about their arguments


OTHERS = {  # how others call our knobs: what is suggested where a rule has it, the first first
    "eta": ("lr", "learningrate", "stepsize", "rate", "η", "lr0", "epsilon0"), "beta": ("rho", "ρ", "decay", "decayrate", "β", "smoothing"),
    "alpha": ("momentum", "mu", "μ", "α"), "eps": ("epsilon", "ε", "delta", "fuzz"),
    "beta1": ("betas", "beta1", "β1", "β₁", "momentum"), "beta2": ("betas", "beta2", "β2", "β₂", "rho", "ρ", "decay"),
}


def suggest(name, known):
    """' Did you mean eta?' for a name that is close to a known one, else the list of the known ones."""
    name = name if isinstance(name, str) else short(name)
    plain = name.lower().replace("_", "").replace("-", "").replace(" ", "")
    meant = [ours for ours, theirs in OTHERS.items() if plain in theirs]
    theirs = meant or name in KNOBS or plain in ("weightdecay", "nesterov", "amsgrad", "centered", "dampening")
    near = [ours for ours in meant if ours in known][:1]
    if not theirs or name in KNOBS:
        near = near or difflib.get_close_matches(name, known if not theirs else [ours for ours in known if ours[:4] == name[:4]], 1, 0.4)
    listed = ", ".join(known) or "none"
    return f" Did you mean {near[0]}? (It has: {listed}.)" if near else f" It has: {listed}."
