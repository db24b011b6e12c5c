"""Read a number out of whatever the reader gave: a NumPy scalar, a fraction, a list of one, a text such as "0,09"."""

import re
import sys

import numpy as np
from numpy import allclose

from helpers.exercises import arithmetic
from helpers.exercises.findings import Untouched, Wrong


LARGEST = sys.float_info.max
CLOSE = "close to the right one and not equal to it: is something rounded on the way?"


def number(answer, what="The answer"):
    """A float. Raises Wrong that says what is in the way, Untouched for None and `...`."""
    if answer is None or answer is ...:
        raise Untouched
    if callable(answer):
        raise Wrong(f"{what} is one number, and this is a function: call it, and give what it returns.")
    value = _float(answer)
    if value is None:
        raise Wrong(f"{what} is one number; {_seen(answer)}.")
    if np.isnan(value):
        raise Wrong(f"{what} is nan, which is not a number: somewhere before there is 0/0, or the root of a negative number.")
    return value


def returned(answer, what):
    """A float from what a reader's function returned, None being an answer that lacks."""
    if answer is None:
        raise Wrong(f"Your function returned None: end it with a return and {what}.", hint="")
    value = _float(answer)
    if value is None:
        raise Wrong(f"Your function should return {what}, one number; {_seen(answer)}.")
    return value


def floats(answer):
    """The answer as an array of floats, or None where that is not possible. Truth values and texts are no numbers here."""
    try:
        array = np.asarray(answer)
        if array.dtype.kind == "O":
            if any(isinstance(part, (bool, np.bool_, str, bytes)) or part is None for part in array.flat):
                return None
            array = array.astype(complex)
        if array.dtype.kind == "c":
            if not allclose(array.imag, 0, atol=1e-9, equal_nan=True):
                return None
            array = array.real
        return array.astype(float) if array.dtype.kind in "fiu" else None
    except Exception:  # whatever an object of the reader's raises when NumPy asks it
        return None


def _float(answer):
    if isinstance(answer, str):
        try:
            share = answer.strip().endswith("%")  # 98 % is 0.98
            value = arithmetic.value(answer.strip().removesuffix("%").strip() if share else answer)
            return value / 100 if share and value is not None else value
        except arithmetic.Unclear as unclear:
            raise Wrong(f"{unclear}.", hint="") from None
    if isinstance(answer, int) and not isinstance(answer, bool) and abs(answer) > LARGEST:
        return np.copysign(np.inf, answer > 0 or -1)
    array = floats(answer)
    return None if array is None or array.size != 1 else float(array.reshape(-1)[0])


def _seen(answer):
    array = floats(answer)
    if array is not None and array.size != 1:
        return f"this holds {array.size} of them"
    if isinstance(answer, (bool, np.bool_)):
        return f"{answer} is a truth value"
    try:
        said = " ".join(repr(answer).split())
    except Exception:
        said = ""
    return f"{said if 0 < len(said) <= 40 and said[0] != '<' else 'what was given, of type ' + type(answer).__name__ + ','} is not one"


def yours(mine, right):
    """What is said of a number beside the right one: its digits, or that it is close if they look alike."""
    if np.isnan(mine):
        return "yours is not a number"
    return f"yours is {CLOSE}" if digits(mine) == digits(right) else f"yours is {digits(mine)}"


def plain(word):
    """A word as names are compared: small letters, and `_` for blanks and hyphens."""
    return re.sub(r"[\s_‐-–-]+", "_", str(getattr(word, "__name__", word)).strip().lower())


def digits(x, many=3):
    """A number as a sentence has it: three digits, and a true minus."""
    text = f"{x + 0:.{many}g}"
    if "e" in text:
        mantissa, power = text.split("e")
        text = f"{mantissa}e{int(power)}"
    return text.replace("-", "−")
