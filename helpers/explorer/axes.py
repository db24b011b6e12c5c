"""Axes: what range a quantity needs, its ticks, and numbers in axis units (0 at one end, 1 at the other)."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from helpers.labels import NEARLY, number
from helpers.looks import AT_EDGE, EDGE, GAUGE, GAUGE_TICKS

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
CODES = 65534  # 65535 says: not a number; 0 on a logarithmic axis: exactly 0
NEGATIVE = 8  # from this bit of the channel "turns" on: is the rate of this weight below 0?
FAR = (-8.0, 9.0)  # how far beyond the view a path is carried, in views
LEAST, MOST = -32, 16  # decades that a logarithmic quantity is carried over, whatever its axis shows: two digits fit


class Axis:
    """`.units(values)` in axis units; `.spec()` for the view; logarithmic or linear."""

    def __init__(self, low, high, log, label):
        low, high = float(low), float(high)
        if not high - low > 1e-12 * max(abs(low), abs(high)):  # of a quantity that is the same everywhere
            low, high = low - max(0.5, abs(low) / 2), low + max(0.5, abs(low) / 2)
        self.low, self.high, self.log, self.label = low, high, log, label

    def units(self, values):
        with np.errstate(all="ignore"):
            values = np.log10(values) if self.log else values
            return (values - self.low) / (self.high - self.low)

    @property
    def carried(self):
        """The axis units that codes stand for: (lowest, highest)."""
        if not self.log:
            return -1.0, 2.0
        return (min(LEAST, self.low) - self.low) / (self.high - self.low), (max(MOST, self.high) - self.low) / (self.high - self.low)

    def undo(self, units):
        """A value from axis units."""
        value = self.low + units * (self.high - self.low)
        return 10.0**value if self.log else value

    def ticks(self):
        if not self.log:
            at = [v for v in MaxNLocator(6, steps=[1, 2, 5, 10]).tick_values(self.low, self.high) if self.low <= v <= self.high]
            return [{"u": self.units(v), "text": f"{v:g}".replace("-", "−")} for v in at]
        first, last = int(np.ceil(self.low - 1e-9)), int(np.floor(self.high + 1e-9))
        stride = max(1, -(-(last - first + 1) // 5))
        at = [k for k in range(first, last + 1) if k % stride == 0]
        return [{"u": (k - self.low) / (self.high - self.low), "text": str(10**k) if 0 <= k <= 2 else "0." + "0" * (-k - 1) + "1" if -2 <= k < 0 else "10" + str(k).translate(RAISED)} for k in at]

    def spec(self):
        return {"low": self.low, "high": self.high, "log": self.log, "label": self.label, "ticks": self.ticks()}


class Gauge:
    """Rate × curvature of each weight, on a linear axis of its own.

    In logs a product is a sum, so its power of ten is the axis units of the rate times `scale`, plus `shift`.
    """

    def __init__(self, rate, curvature):
        self.axis = Axis(*GAUGE, False, "rate × curvature")
        self.scale, self.shift = rate.high - rate.low, [rate.low + float(np.log10(h)) for h in curvature]

    def value(self, weight, rate_units):
        return 10.0 ** (rate_units * self.scale + self.shift[weight])

    def past(self, weight, rate_units):
        """Is it at the edge, or past it?"""
        return self.value(weight, rate_units) >= AT_EDGE

    def spec(self):
        ticks = [{"u": float(self.axis.units(v)), "text": f"{v:g}"} for v in GAUGE_TICKS]
        return {"axis": {**self.axis.spec(), "ticks": ticks}, "scale": self.scale, "shift": self.shift, "edge": float(self.axis.units(EDGE)),
                "past": AT_EDGE, "edgeSaid": number(EDGE), "nearly": NEARLY, "edgeText": f"{EDGE:g}: the edge"}


def encode(units, carried):
    """Axis units as uint16: codes 1 … 65534 over `carried`, 65535 for what is not a number; what is beyond stands at the end.

    Code 0 is kept for −∞, which on a logarithmic axis is exactly 0.
    """
    low, high = carried
    with np.errstate(all="ignore"):
        codes = np.rint((np.clip(units, low, high) - low) * (CODES / (high - low)))
        codes = np.maximum(codes, np.where(units == -np.inf, 0, 1))
    return np.where(np.isnan(codes), CODES + 1, codes).astype(np.uint16)


def decode(code, carried):
    """Axis units from a code; NaN where there is no number."""
    low, high = carried
    return float("nan") if code > CODES else low + code * (high - low) / CODES


def logarithmic(label, *samples, least=2, most=8, top=None, always=()):
    """A logarithmic axis round positive samples: whole decades, at least `least` and at most `most` of them."""
    values = np.concatenate([np.ravel(s) for s in samples] + [np.ravel(always)]) if samples or len(always) else np.array([1.0])
    values = values[np.isfinite(values) & (values > 0)]
    if not values.size:
        return Axis(-3, 0, True, label)
    low, high = np.log10(np.percentile(values, [1, 99]))
    for v in always:
        low, high = min(low, np.log10(v)), max(high, np.log10(v))
    low, high = np.floor(low - 0.1), np.ceil(high + 0.1)
    if top is not None:
        high = np.ceil(np.log10(top) + 0.05)
        low = min(low, high - least)
    if high - low < least:
        low, high = low - (least - (high - low)) // 2, high + (least - (high - low) + 1) // 2
    return Axis(max(low, high - most), high, True, label)
