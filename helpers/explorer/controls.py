"""Controls from knobs: which positions a slider has, what each is called, and the ordinary ipywidgets that stand for it."""

import inspect
import numbers

import ipywidgets
import numpy as np

from helpers import knobs

SHARES = [0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999]  # even in 1/(1 − β): each averages over about twice as many steps
SMALL = [1e-8, 1e-6, 1e-4, 1e-3, 1e-2, 0.1, 0.2, 0.3, 1.0]
TENTHS = np.array([1, 1.3, 1.6, 2, 2.5, 3.2, 4, 5, 6.3, 8])  # ten steps a decade, as engineers round them
MOST = 8000  # runs of one rule


class Control:
    """One knob under the hand: `.values` (its positions), `.texts` (how each reads), `.widgets`, `.index` (where it stands)."""

    def __init__(self, key, name, values, at, zero=False, owner=None):
        fact = knobs.KNOBS.get(name)
        self.key, self.name, self.owner = key, name, owner
        self.symbol = fact.symbol if fact else name
        words = f"{fact.words} {fact.symbol}" if fact else name.replace("_", " ")
        self.label = f"{words} of {owner}" if owner else words
        self.values, self.has_zero, self.start = list(values), zero, at
        self.kind = "box" if all(isinstance(v, bool) for v in self.values) else "menu" if any(isinstance(v, str) for v in self.values) else "slider"
        self.widgets = []

    @property
    def texts(self):
        return [f"{self.symbol} = {_number(v)}{_aside(self.name, v)}" for v in self.values]

    def make(self):
        """The ipywidgets: a slider, a box or a menu, and for ε a switch that says zero."""
        wide = ipywidgets.Layout(width="430px" if _short(self.name, 0.9) else "340px", max_width="100%")
        plain = {"description_width": "initial"}
        slid = self.values[:-1] if self.has_zero else self.values
        if self.kind == "box":
            main = ipywidgets.Checkbox(value=self.values[self.start], description=self.label, indent=False)
        elif self.kind == "menu":
            main = ipywidgets.Dropdown(options=self.values, index=self.start, description=self.label, layout=wide, style=plain)
        else:
            options = [(_number(v) + _short(self.name, v), v) for v in slid]
            main = ipywidgets.SelectionSlider(options=options, index=min(self.start, len(slid) - 1), description=self.label, layout=wide, style=plain)
        self.widgets = [main]
        if self.has_zero:
            switch = ipywidgets.ToggleButton(value=self.start == len(slid), description=f"{self.symbol} = 0", layout=ipywidgets.Layout(width="70px"))
            main.observe(lambda _: setattr(switch, "value", False), "index")  # moving the slider leaves zero
            self.widgets.append(switch)
        return self.widgets

    @property
    def index(self):
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
        """The position of `value`, or of the one next to it."""
        if value in self.values:
            return self.values.index(value)
        if self.kind != "slider":
            raise ValueError(f"{self.name} has no position {value!r}; it has {', '.join(map(repr, self.values))}")
        with np.errstate(divide="ignore"):
            scale = np.log(np.abs(np.array([*self.values, value], dtype=float)) + 1e-300)
        return int(np.argmin(np.abs(scale[:-1] - scale[-1])))

    def thin(self):
        """Every other position, the start and the ends kept."""
        body = self.values[:-1] if self.has_zero else self.values
        kept = [v for i, v in enumerate(body) if i % 2 == 0 or i == len(body) - 1 or i == self.start]
        start = self.values[self.start]
        self.values = kept + ([0.0] if self.has_zero else [])
        self.start = self.values.index(start)

    def spec(self, first):
        """What the view needs of it; `first` is the place of its first widget in the list of all."""
        return {"key": self.key, "name": self.label, "kind": self.kind, "texts": self.texts, "count": len(self.values), "start": self.start,
                "widget": first, "zero": first + 1 if self.has_zero else None}


def make_control(key, name, default, given, start_at=None, owner=None):
    """A Control for a knob with `default` and the range that was `given` (None: the house's own), or None for a knob that is fixed."""
    if given is not None and not isinstance(given, (tuple, list, np.ndarray, bool)):
        return None
    if default is inspect.Parameter.empty or callable(default):
        default = None
    start = default if start_at is None else start_at
    if isinstance(given, bool) or (given is None and isinstance(default, bool)):
        values, start = [False, True], given if isinstance(given, bool) and start_at is None else bool(start)
    elif isinstance(given, (list, np.ndarray)):
        values = list(given.tolist() if isinstance(given, np.ndarray) else given)
        if not values:
            raise ValueError(f"{name}=[] leaves no position: give at least one value")
    elif isinstance(given, tuple):
        values = _between(name, given)
    elif isinstance(start, numbers.Real):
        values = _around(name, start)
    else:
        raise ValueError(f"{name} has no number as its default, so no range can be guessed: give one, as in {name}=(low, high), or a list of positions")
    if any(isinstance(v, str) for v in values):
        return Control(key, name, values, values.index(start) if start in values else 0, owner=owner)
    if isinstance(values[0], bool):
        return Control(key, name, values, values.index(start), owner=owner)
    knobs.check(name, values)
    zero = name == "eps" and (not isinstance(given, list) or 0 in values)
    body = sorted({float(v) if not isinstance(v, int) else v for v in values if not (zero and v == 0)})
    if isinstance(start, numbers.Real) and not isinstance(start, bool) and start not in body and not (zero and start == 0):
        if given is None or start_at is not None or isinstance(given, tuple) and given[0] <= start <= given[1]:
            knobs.check(name, start)
            body = sorted([*body, start])
    control = Control(key, name, body + ([0.0] if zero else []), 0, zero, owner)
    control.start = control.nearest(start) if start is not None else len(body) // 2
    return control


def _around(name, start):
    """The house's range around a default."""
    if name in ("beta", "alpha", "beta1", "beta2") or (name not in knobs.KNOBS and isinstance(start, float) and 0.5 <= start < 1):
        return SHARES
    if name == "eps":
        return SMALL
    if start > 0 and (name == "eta" or not isinstance(start, int)):
        return _tenths(start / 100, start * 30)
    if start > 0:
        return sorted({max(1, round(v)) for v in np.geomspace(1, 10 * start, 25)})
    size = abs(start) or 1.0
    return [round(float(v), 6) for v in np.linspace(start - 2 * size, start + 2 * size, 21)]


def _between(name, given):
    try:
        low, high = (float(v) for v in given)
    except (TypeError, ValueError):
        raise ValueError(f"{name}={given!r} is not a range: write {name}=(low, high), a list of positions, or one number") from None
    if not (np.isfinite([low, high]).all() and low < high):
        raise ValueError(f"{name}=({low:g}, {high:g}) is not a range: the first number must be below the second")
    knobs.check(name, [low, high])
    if name in ("beta", "alpha", "beta1", "beta2"):
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
    decades = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    return [v for k in decades for v in (float(f"{x * 10.0**k:.3g}") for x in TENTHS) if low * 0.999 <= v <= high * 1.001]


def fit(controls):
    """Thin out positions until the product is at most MOST: the longest first."""
    while np.prod([len(c.values) for c in controls]) > MOST:
        longest = max((c for c in controls if c.kind == "slider"), key=lambda c: len(c.values))
        longest.thin()


def _number(v):
    if isinstance(v, bool):
        return "yes" if v else "no"
    if isinstance(v, str):
        return v
    return f"{v:g}" if v == 0 or 1e-3 <= abs(v) < 1e5 else f"{v:.3g}".replace("e-0", "e-")


def _aside(name, v):
    """What a share means in steps."""
    if name.startswith("beta") and 0 < v < 1:
        return f", averages over about {1 / (1 - v):.0f} steps"
    return f", remembers about {1 / (1 - v):.0f} steps" if name == "alpha" and 0 < v < 1 else ""


def _short(name, v):
    return f"  (≈ {1 / (1 - v):.0f} steps)" if name.startswith(("beta", "alpha")) and 0 < v < 1 else ""
