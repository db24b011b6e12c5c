"""How a rule and a weight look: one rule, one colour, dash and marker, in every notebook, still or live. Never colour alone."""

import zlib
from typing import NamedTuple

import numpy as np

from helpers.rules import Signature


class Look(NamedTuple):
    """How a rule looks: colours (lines, lines on dark, text on white), dash as on/off points (empty: solid), a Matplotlib marker, its name in print."""

    colour: str
    dark: str
    dash: tuple
    marker: str
    text: str
    label: str


class Weight(NamedTuple):
    """How a weight looks: its name, dash as on/off points (empty: solid), a Matplotlib marker, filled or open."""

    name: str
    dash: tuple
    marker: str
    filled: bool


WEIGHTS = (Weight("w₁", (), "o", True), Weight("w₂", (5, 2.5), "D", False), Weight("w₃", (1.5, 2), "^", True), Weight("w₄", (7, 2, 1.5, 2), "s", False))
HOUSE = {  # colours that colour-blind readers can tell apart (Okabe and Ito, 2008; Nesterov and grey from Brewer's Dark2)
    "gradient_descent": ("#767676", (1.5, 1.5), "X", "gradient descent"),
    "momentum": ("#CC79A7", (6, 2, 1.5, 2), "^", "momentum"),
    "nesterov": ("#A6761D", (6, 2, 1.5, 2, 1.5, 2), "v", "Nesterov"),
    "adagrad": ("#0072B2", (5, 2), "s", "Adagrad"),
    "rmsprop": ("#D55E00", (), "o", "RMSprop"),
    "adam": ("#009E73", (9, 2.5), "P", "Adam"),
}
GAUGE, EDGE = (0.0, 2.5), 2.0  # what a gauge shows of rate × curvature; on a quadratic, steps grow from 2 on
GAUGE_TICKS = (0, 0.5, 1, 1.5, 2)
AT_EDGE = 0.998 * EDGE  # the live figure knows a rate to a thousandth: from here on it may be 2
ALARM = "#B3001B"
STRANGERS = ("#332288", "#882255", "#661100", "#000000", "#AA0044", "#7733CC")  # for rules that the house has never met
STRANGE_DASHES, STRANGE_MARKERS = ((3, 1.5), (8, 2, 2, 2), (4, 1.5, 1.5, 1.5)), "p*hd<>8"


def look(rule):
    """The `Look` of a rule, given as function or by name. A rule the house has never met gets one of its own, always the same for the same name."""
    name = rule if isinstance(rule, str) else Signature(rule).name
    if name in HOUSE:
        colour, dash, marker, label = HOUSE[name]
    else:
        key, label = zlib.crc32(name.encode()), name.strip("_").replace("_", " ") or name
        colour, dash, marker = STRANGERS[key % 6], STRANGE_DASHES[key // 6 % 3], STRANGE_MARKERS[key // 18 % 7]
    dark = "#56B4E9" if name == "adagrad" else readable(colour, on="#111111")
    return Look(colour, dark, dash, marker, readable(colour, on="#FFFFFF"), label)


def contrast(a, b):
    """Contrast of two colours as WCAG 2 defines it, from 1 to 21. Text needs 4.5."""

    def light(colour):
        c = _rgb(colour)
        return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4) @ (0.2126, 0.7152, 0.0722) + 0.05

    low, high = sorted((light(a), light(b)))
    return high / low


def readable(colour, on, least=4.6):
    """`colour`, moved towards black (on light) or white (on dark) just far enough to be read there as text."""
    start, end = _rgb(colour), 0.0 if contrast(on, "#FFFFFF") < contrast(on, "#000000") else 1.0
    shades = ("#" + "".join(f"{round(255 * c):02X}" for c in start + (end - start) * s) for s in np.linspace(0, 1, 101))
    return next(shade for shade in shades if contrast(shade, on) >= least)


def _rgb(colour):
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
