"""Controls from knobs: which positions a slider has, what each is called, and the ordinary ipywidgets that stand for it."""

import inspect
import numbers
from decimal import Decimal
from fractions import Fraction

import ipywidgets
import numpy as np

from helpers import arrivals, knobs
from helpers.surface import floats, is_number, short

SHARES = [0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999]  # even in 1/(1 − β): each averages over about twice as many steps
SHARED = ("beta", "alpha", "beta1", "beta2")
SMALL = [1e-8, 1e-6, 1e-4, 1e-3, 1e-2, 0.1, 0.2, 0.3, 1.0]
TENTHS = np.array([1, 1.3, 1.6, 2, 2.5, 3.2, 4, 5, 6.3, 8])  # ten steps a decade, as engineers round them
LEAST, FARTHEST = 1e-30, 1e15  # no slider is guessed round a default that is smaller or larger
MOST = 8000  # runs of one rule
FEW = 2      # surfaces that are swapped by a button, not in a menu
WORDS = {"condition": "condition number", "slope": "slope g", "angle": "angle in degrees", "kind": "schedule", "half": "steps to half of η", "decay": "decay c",
         "share": "share of the examples", "rms": "RMS", "inside": "ε inside the root", "hold": "hold η/ε (η grows with ε)"}  # of what the house's surfaces and schedules are made from


class Control:
    """One knob under the hand: `.values` (its positions), `.texts` (how each reads), `.widgets`, `.index` (where it stands)."""

    def __init__(self, key, name, values, at, zero=False, owner=None):
        fact = knobs.KNOBS.get(name)
        self.key, self.name, self.owner = key, name, owner
        self.symbol = fact.symbol if fact else name
        words = f"{fact.words} {fact.symbol}" if fact else WORDS.get(name, name.replace("_", " "))
        self.label = f"{words} of {owner}" if owner else words
        self.values, self.has_zero, self.start = list(values), zero, at
        self.kind = "box" if self.values == [False, True] and isinstance(self.values[0], bool) else "menu" if any(isinstance(v, (str, bool)) or v is None for v in self.values) else "slider"
        self.widgets = []

    @property
    def texts(self):
        return [f"{self.symbol} = {_number(v)}{_aside(self.name, v)}" for v in self.values]

    def make(self):
        """The ipywidgets: a slider, a box or a menu, and for ε a switch that says zero."""
        room = max(430 if _short(self.name, 0.9) or self.owner else 380, 240 + 8 * len(self.label))  # the label, a slider, the value behind it
        wide = ipywidgets.Layout(width=f"{room}px", max_width="100%")
        plain = {"description_width": "initial"}
        slid = self.values[:-1] if self.has_zero else self.values
        if self.kind == "box":
            main = arrivals.Checkbox(value=self.values[self.start], description=self.label, indent=False)
        elif self.kind == "menu":
            made = arrivals.ToggleButtons if self.key == "surface" and len(self.values) <= FEW else arrivals.Dropdown
            main = made(options=[(_number(v), v) for v in self.values], index=self.start, description=self.label, layout=wide, style=plain)
        else:
            options = [(_number(v) + _short(self.name, v), v) for v in slid]
            main = arrivals.SelectionSlider(options=options, index=min(self.start, len(slid) - 1), description=self.label, layout=wide, style=plain)
        self.widgets = [main]
        if self.has_zero:
            switch = arrivals.ToggleButton(value=self.start == len(slid), description=f"{self.symbol} = 0", layout=ipywidgets.Layout(width="70px"))
            # that moving the slider leaves zero is the view's to say: from here, a late message of the slider's would undo a press on the switch
            self.widgets.append(switch)
        return self.widgets

    @property
    def index(self):
        if not self.widgets:  # none has been made yet
            return self.start
        if self.has_zero and self.widgets[1].value:
            return len(self.values) - 1
        return self.values.index(self.widgets[0].value) if self.kind == "box" else self.widgets[0].index

    @index.setter
    def index(self, position):
        if self.has_zero and position == len(self.values) - 1:
            self.widgets[1].value = True
        elif self.kind == "box":
            self.widgets[0].value = self.values[position]
        else:
            self.widgets[0].index = position
            if self.has_zero:
                self.widgets[1].value = False

    @property
    def value(self):
        return self.values[self.index]

    def nearest(self, value):
        """The position of `value`, or of the one next to it; ValueError for what is not between the ends."""
        if isinstance(value, (str, numbers.Real, np.bool_)) and value in self.values and (self.kind == "box") == isinstance(value, (bool, np.bool_)):
            return self.values.index(value)
        if self.kind != "slider":
            raise ValueError(f"{self.name} has no position {short(value)}; it has {', '.join(map(repr, self.values))}")
        knobs.check(self.name, value)
        slid = np.array(self.values[:-1] if self.has_zero else self.values, dtype=float)
        if isinstance(value, (bool, str)) or not isinstance(value, numbers.Real) or not slid.min() * 0.999 <= value <= slid.max() * 1.001:
            raise ValueError(f"{self.name} = {short(value)} is not on its slider, which goes from {_number(slid.min())} to {_number(slid.max())}"
                             + (" and has an explicit 0" if self.has_zero else ""))
        scale = np.log if slid.min() > 0 and value > 0 else np.asarray
        return int(np.argmin(np.abs(scale(slid) - scale(value))))

    def keep_only(self, takes):
        """Leave out the positions that something else refuses, where it takes the one at which the control begins."""
        start, kept = self.values[self.start], [value for value in self.values if takes(value)]
        if start in kept:
            self.values, self.start = kept, kept.index(start)

    def thinned(self):
        """Every other position, the start and the ends kept (and zero)."""
        body = self.values[:-1] if self.has_zero else self.values
        return [v for i, v in enumerate(body) if i % 2 == 0 or i == len(body) - 1 or i == self.start] + self.values[len(body) :]

    def thin(self):
        start = self.values[self.start]
        self.values = self.thinned()
        self.start = self.values.index(start)

    def spec(self, first):
        """What the view needs of it; `first` is the place of its first widget in the list of all."""
        return {"key": self.key, "name": self.label, "kind": self.kind, "texts": self.texts, "count": len(self.values), "start": self.start,
                "widget": first, "zero": first + 1 if self.has_zero else None}


def make_control(key, name, default, given=None, start_at=None, owner=None):
    """A Control for a knob with `default` and the range that was `given` (None: the house's own, around the default).

    Raises ValueError where no range can be told, or where one that was given makes no sense.
    """
    if default is inspect.Parameter.empty or isinstance(default, np.ndarray) or not isinstance(default, (str, numbers.Real, np.bool_)):
        default = None
    start = default if start_at is None else start_at
    if isinstance(start_at, (Fraction, Decimal)):
        start = start_at = float(start_at)
    if given is None and start_at is not None and default is not None and not isinstance(default, (str, bool, np.bool_)):
        if not is_number(start_at) or isinstance(start_at, bool):
            raise ValueError(f"start_at puts {name} at {short(start_at)}, and it slides over numbers")
        if can_guess(default) and not can_guess(start_at):
            raise ValueError(f"start_at puts {name} at {start_at:g}, which is further than a slider goes: give it a range as well, as in {name}=(low, high)")
    if given is True or given is False or given is None and isinstance(start, (bool, np.bool_)):
        values, start = [False, True], start if start_at is not None or given is None else given
    elif isinstance(given, list):
        values = [float(v) if isinstance(v, (Fraction, Decimal)) else v for v in given]
        if any(isinstance(v, (bool, np.bool_)) for v in values) and not all(isinstance(v, (bool, np.bool_)) for v in values):
            raise ValueError(f"{name} slides over numbers, or over words, or is True or False; got the positions {short(given)}")
    elif isinstance(given, tuple):
        values = _between(name, given)
    elif isinstance(start, numbers.Real) and can_guess(start):
        knobs.check(name, start)
        values = _around(name, start)
    else:
        raise ValueError(f"{name} has no number to begin with, so no range can be guessed: give one, as in {name}=(low, high), or a list of positions")
    knobs.check(name, values)
    if any(isinstance(v, str) or v is None for v in values) or all(isinstance(v, bool) for v in values):
        return _choice(key, name, sorted(values) if values in ([True, False], [False, True]) else values, start, start_at, owner)
    if not all(isinstance(v, numbers.Real) and np.isfinite(v) for v in values):
        raise ValueError(f"{name} slides over numbers, or over words; got the positions {short(values)}")
    zero = name == "eps" and (not isinstance(given, list) or 0 in values)
    body = {v if isinstance(v, int) else float(v) for v in values if not (zero and v == 0)}
    if start_at is not None and (isinstance(start, (str, bool)) or not isinstance(start, numbers.Real) or not np.isfinite(start)):
        raise ValueError(f"start_at puts {name} at {start!r}, and it slides over numbers: write start_at={{{name!r}: {_number(min(body))}}}, for instance")
    if start is not None and not isinstance(start, (str, bool)) and not (zero and start == 0):
        if given is None or start_at is not None or isinstance(given, tuple) and given[0] <= start <= given[1]:
            knobs.check(name, start)
            body.add(start if isinstance(start, int) else float(start))
    body = sorted(body)
    control = Control(key, name, body + ([0.0] if zero else []), 0, zero, owner)
    if start is None or isinstance(start, (str, bool)):
        control.start = len(body) // 2
    else:  # a default outside the range that was given: the end next to it
        control.start = control.nearest(start if zero and start == 0 else min(max(start, body[0]), body[-1]))
    return control


def _choice(key, name, values, start, start_at, owner):
    """A menu of words, or a box."""
    if start_at is not None and start_at not in values:
        raise ValueError(f"start_at puts {name} at {start_at!r}; it has {', '.join(map(repr, values))}")
    return Control(key, name, values, values.index(start) if start in values else 0, owner=owner)


def normal(name, given):
    """A range as one of: None, a tuple, a list of two positions or more, a bool; or the one value that fixes the knob."""
    if hasattr(given, "__array__") and not isinstance(given, (np.ndarray, np.generic)):  # a Series, or what else is an array inside
        try:
            given = np.asarray(given)
        except Exception:
            raise ValueError(f"{name} slides over numbers, or over words; got {short(given)}") from None
    if isinstance(given, np.ndarray):
        given = given.reshape(-1).tolist() if given.ndim else given.item()
    if isinstance(given, (list, range)):
        given = [v.item() if isinstance(v, np.generic) else v for v in given]
        if not given:
            raise ValueError(f"{name}=[] leaves no position: give at least one value")
        try:
            given = list(dict.fromkeys(given))
        except TypeError:
            raise ValueError(f"{name} slides over numbers, or over words; got the positions {short(given)}") from None
        if len(given) == 1:
            given = given[0]
            knobs.check(name, given)
            return given if not isinstance(given, bool) else np.bool_(given)  # one position is no slider
    if isinstance(given, bool) or given is not None and not isinstance(given, (tuple, list)) and not callable(given):
        knobs.check(name, given)
    return given


def can_guess(default):
    """Can a range be guessed round this default? Not where it is infinite, or larger or smaller than any slider reaches."""
    try:
        size = abs(float(default))
    except OverflowError:
        return False
    return size == 0 or LEAST <= size <= FARTHEST


def slides(given):
    """Does this range make a control, or does it fix the knob?"""
    return given is None or isinstance(given, (tuple, list, bool))


def _around(name, start):
    """The house's range around a default."""
    if name in SHARED or (name not in knobs.KNOBS and isinstance(start, float) and 0.5 <= start < 1):
        return SHARES
    if name == "eps":
        return SMALL
    if name == "angle" and 0 <= start <= 90:
        return list(range(0, 91, 5))
    if start > 0 and (name == "eta" or not isinstance(start, numbers.Integral)):
        return _tenths(start / 100, start * 30)
    if start > 0:
        return sorted({max(1, round(v)) for v in np.geomspace(1, 10 * start, 25)})
    size = abs(start) or 1.0
    return [round(v, 6) for v in np.linspace(start - 2 * size, start + 2 * size, 21).tolist()]


def _between(name, given):
    try:
        low, high = (floats(v).item() for v in given)
    except ValueError:
        raise ValueError(f"{name}={short(given)} is not a range: write {name}=(low, high), a list of positions, or one number") from None
    if not (np.isfinite([low, high]).all() and low < high):
        raise ValueError(f"{name}=({low:g}, {high:g}) is not a range: the first number must be below the second")
    knobs.check(name, [low, high])
    if name in SHARED:
        return [low, *[v for v in SHARES if low < v < high], high]
    if name == "eps":
        return sorted({*[v for v in SMALL if low <= v <= high], *[10.0**k for k in range(-12, 4) if low <= 10.0**k <= high], low or 1e-8, high})
    if low > 0 and (name == "eta" or high / low >= 20):
        return [low, *[v for v in _tenths(low, high) if low < v < high], high]
    if all(isinstance(v, int) for v in given) and high - low <= 60:
        return list(range(int(low), int(high) + 1))
    return [round(float(v), 6) for v in np.linspace(low, high, 31)]


def _tenths(low, high):
    """Ten positions a decade from low to high."""
    decades = range(int(np.floor(np.log10(low))), min(int(np.ceil(np.log10(high))), 307) + 1)
    return [v for k in decades for v in (float(f"{x * 10.0**k:.3g}") for x in TENTHS) if low * 0.999 <= v <= high * 1.001]


def fit(controls, most=MOST):
    """Thin out positions until the product is at most `most` (and MOST): the longest first, η last."""
    most = min(most, MOST)
    while np.prod([float(len(c.values)) for c in controls]) > most:
        thinner = [c for c in controls if c.kind == "slider" and len(c.thinned()) < len(c.values)]
        if not thinner:
            raise ValueError(f"{', '.join(c.name for c in controls)} make more than {most} settings together: fix some of them, as in {controls[-1].name}={controls[-1].values[0]!r}")
        max(thinner, key=lambda c: len(c.values) / (2.5 if c.name == "eta" else 1)).thin()


def _number(v):
    if isinstance(v, bool):
        return "yes" if v else "no"
    if isinstance(v, str) or v is None:
        return str(v)
    return f"{v:g}" if v == 0 or 1e-3 <= abs(v) < 1e5 else f"{v:.3g}".replace("e-0", "e-")


def _about(v):
    """'≈ 10 steps', of a share that is kept."""
    steps = f"{1 / (1 - v):.0f}"
    return f"{steps} step{'s' * (steps != '1')}"


def _aside(name, v):
    """What a share of an average means in steps; of a momentum, which is no average, nothing is said."""
    return f", averages over about {_about(v)}" if name.startswith("beta") and 0 < v < 1 else ""


def _short(name, v):
    return f"  (≈ {_about(v)})" if name.startswith("beta") and 0 < v < 1 else ""
