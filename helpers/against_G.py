"""The rate against the account G, live: against_G(rule) shows where ε takes over from √G.

Where √G is far above ε the rate is η/√G, as without ε; where it is far below, the rate stands at a ceiling, whatever G. Every rate is
the rule's own: it is asked for one step from each G, at every position of the controls.
"""

from html import escape
from pathlib import Path

import anywidget
import ipywidgets
import numpy as np
import traitlets
from ipywidgets import widget_serialization

from helpers import figures
from helpers.arrivals import Picture
from helpers.descent import descend
from helpers.explorer.axes import Axis
from helpers.explorer.cells import close_all, once_per_cell
from helpers.explorer.controls import make_control
from helpers.pictures import with_still
from helpers.rules import Signature
from helpers.surface import is_number, short, text
from helpers.surfaces import flat
from helpers.views import LECTURE, script, styles

HERE = Path(__file__).parent
DECADES = -20, 8           # of G, along
RATES = -9, 11             # decades of the rate, up
GRID = np.arange(DECADES[0], DECADES[1] + 0.25, 0.5)  # log10 of the G that are shown
EPS = [10.0**k for k in range(-12, 4)]
FAR = 1e60                 # a G beside which no ε of the slider counts
NEXT_TO = 0.9              # so close to its ceiling, or to the rate without ε, a rate is said to be next to it
NEEDS = ("eta", "eps", "inside", "hold")
PLACES = "outside the root", "inside the root"
DIVISORS = "√G + ε", "√(G + ε)"
WORDS = {
    "x": "G of the weight", "root": "√G", "y": "rate", "here": "here", "other": "the other place of ε", "ceiling": "the ceiling, {name} = {ceiling}",
    "knee": "√G = {floor}", "free": "η/√G: no ε", "reset": "↺ reset", "where": "the divisor is {divisor}",
    "title": "The rate of a weight against its G",
    "held": "ε = {eps} {place}, {name} held at {ceiling}, so η = {eta}. At √G = {root} (G = {G}), ",
    "lead": "ε = {eps} {place}, η = {eta}. At √G = {root} (G = {G}), ",
    "zero": "At √G = {root} (G = {G}), ",
    "cases": [
        "ε rules: √G is far below {floor}, so the rate is {rate}, next to its ceiling {name} = {ceiling}. ",
        "both count: √G is of the size of {floor}. The rate is {rate}; its ceiling, {name}, is {ceiling}. ",
        "√G rules: it is far above {floor}, so the rate is {rate}, next to η/√G, the rate without ε. ",
        "the rate is {rate} = η/√G. There is no ε, so there is no ceiling either; at G = 0 a gradient of 0 makes it 0/0. ",
        "nothing moves: η is held in proportion to ε, and ε is 0. ",
    ],
    "compared": "With ε {place} it would be {other}{times}.",
}


class Rates:
    """The rates of one rule at every position of its controls: `.at(eps, inside, hold)` -> what the figure says there."""

    def __init__(self, rule):
        self.rule, signature = rule, Signature(rule)
        if list(signature.memory) != ["G"] or any(name not in signature.knobs for name in NEEDS):
            raise TypeError(f"{signature.name} is no rule for this figure, which needs one that remembers G and has the knobs {', '.join(NEEDS)}: "
                            f"def {signature.name}(g, G=0.0, *, eta=0.4, eps=1e-8, inside=False, hold=False)")
        self.name, self.look = signature.name, figures.look(rule)
        self.eta = signature.knobs["eta"]

    def rates(self, G, eps, **switches):
        """The rate of a weight whose account holds G (n,), as its gradient goes to 0: (n,)."""
        G = np.atleast_1d(np.asarray(G, dtype=float))
        return descend(self.rule, flat(G.size), 1, memory={"G": G}, keep="rate", eps=eps, **switches).rate[0]

    def curve(self, eps, inside, hold):
        """{"rate" at GRID, "free": η/√G at GRID, "ceiling": the rate at G = 0, "floor": what √G is added to, "eta": the η that the rule works with}"""
        switches = {"inside": inside, "hold": hold}
        eta = float(self.rates([FAR], eps, **switches)[0]) * FAR**0.5
        with np.errstate(all="ignore"):
            ceiling = float(self.rates([0.0], eps, **switches)[0]) if eps else np.inf
            return {"rate": self.rates(10.0**GRID, eps, **switches), "free": eta / 10 ** (GRID / 2), "ceiling": ceiling, "floor": eta / ceiling, "eta": eta}


def _spec(rates, eps_values, places):
    """What the view draws and says, for each (ε, inside, hold): positions in axis units, numbers as texts. places: is the other place of ε shown beside?"""
    x, y = Axis(*DECADES, True, WORDS["x"]), Axis(*RATES, True, WORDS["y"])
    curves = {}
    for i, eps in enumerate(eps_values):
        both = {(inside, hold): rates.curve(eps, inside, hold) for inside in (False, True) for hold in (False, True)}
        for (inside, hold), told in both.items():
            other = both[not inside, hold]["rate"]
            curves[f"{i},{int(inside)},{int(hold)}"] = {
                "y": _units(y, told["rate"] if places or not inside else np.full(GRID.size, np.inf)), "free": _units(y, told["free"][[0, -1]]), "ceiling": _unit(y, told["ceiling"]),
                "knee": _unit(x, told["floor"] ** 2) if eps else None, "ceilingText": _short(told["ceiling"]),
                "floor": f"{'√ε' if inside else 'ε'} = {_short(told['floor'])}", "name": "η/√ε" if inside else "η/ε",
                "eta": _short(told["eta"]), "case": [4 if not eps and hold else 3] * GRID.size if not eps else _cases(told),
                "rate": [_short(rate) for rate in told["rate"]], "times": [_times(o, r) for o, r in zip(other, told["rate"])],
            }
    return {
        "x": x.units(10.0**GRID).round(5).tolist(), "xTicks": _ticks(x), "yTicks": _ticks(y),
        "rootTicks": [{"u": float(x.units(10.0 ** (2 * k))), "text": _power(k)} for k in range(DECADES[0] // 2, DECADES[1] // 2 + 1, 2)],
        "G": [_power(k) for k in GRID], "root": [_power(k / 2) for k in GRID], "eps": [_short(eps) for eps in eps_values], "curves": curves,
        "words": WORDS if places else {**WORDS, "compared": ""}, "places": PLACES if places else (PLACES[0], ""), "divisors": DIVISORS, "colour": rates.look.colour, "dark": rates.look.dark, "ink": rates.look.text,
    }


def _ticks(axis):
    """The axis' ticks in the notation of the sentences."""
    return [{**tick, "text": _short(axis.undo(tick["u"]))} for tick in axis.ticks()]


def _lead(case, hold):
    """Which template begins the sentence."""
    if case >= 3:
        return "zero"
    return "held" if hold else "lead"


def _units(axis, values):
    return [_unit(axis, value) for value in values]


def _unit(axis, value):
    """Axis units, None for what has no place on it (0 and infinity)."""
    return round(float(axis.units(value)), 5) if value > 0 and np.isfinite(value) else None


def _cases(told):
    near = told["rate"] >= NEXT_TO * told["ceiling"], told["rate"] >= NEXT_TO * told["free"]
    return np.where(near[0], 0, np.where(near[1], 2, 1)).tolist()


def _times(other, rate):
    """', 9.95 times as large'; what the other place of ε makes of the rate."""
    if not (rate > 0 and np.isfinite(rate) and np.isfinite(other)):
        return ""
    if 0.98 < other / rate < 1.02:
        return ", next to the same"
    larger = other > rate
    return f", {_digits(other / rate if larger else rate / other)} times {'as large' if larger else 'smaller'}"


def _digits(x):
    return f"{x:.3g}" if x < 1e4 else _short(x)


def _short(x):
    """Two digits of x, as short as they go: 1e-6, 0.001, 400, 3.2e5."""
    if not np.isfinite(x):
        return "infinite"
    x = float(f"{x:.2g}")
    return f"{x:g}" if x == 0 or 1e-3 <= x < 1e5 else f"{x:.2g}".replace("e-0", "e-").replace("e+0", "e").replace("e+", "e")


def _power(k):
    return _short(10.0**k)


def fill(data, eps, inside, hold, probe):
    """The read-out with the controls at these places; the view fills the same sentences."""
    words, at = data["words"], data["curves"][f"{eps},{int(inside)},{int(hold)}"]
    slots = {"eps": data["eps"][eps], "place": data["places"][inside], "eta": at["eta"], "root": data["root"][probe], "G": data["G"][probe],
             "floor": at["floor"], "rate": at["rate"][probe], "ceiling": at["ceilingText"], "name": at["name"]}
    said = words[_lead(at["case"][probe], hold)].format(**slots) + words["cases"][at["case"][probe]].format(**slots)
    if at["case"][probe] < 3:
        other = data["curves"][f"{eps},{int(not inside)},{int(hold)}"]
        said += words["compared"].format(place=data["places"][not inside], other=other["rate"][probe], times=at["times"][probe])
    return said.strip()


class Canvas(Picture, anywidget.AnyWidget):
    """Draws the curves that it is given; computes nothing."""

    _esm = script(LECTURE, HERE / "against_G.js")
    _css = styles(HERE / "against_G.css")
    data = traitlets.Dict().tag(sync=True)
    title = traitlets.Unicode().tag(sync=True)
    first = traitlets.Dict().tag(sync=True)  # where the controls began
    controls = traitlets.Dict().tag(sync=True, **widget_serialization)


class AgainstG(ipywidgets.VBox):
    """What `against_G` returns; it displays itself.

    .controls    eps, inside, hold and G, each with .index and .value
    .readout     the sentence that the figure says at the current settings
    .rates       Rates: what the rule answered
    .reset()     every control back to where it began
    .heading     what stands over it: .title where the controls began, elsewhere what it shows
    """

    def __init__(self, rule, start, title, places=True):
        self.rates, self.places = Rates(rule), places
        made = {"eps": make_control("eps", "eps", start["eps"], [*EPS, 0]), "inside": make_control("inside", "inside", start["inside"], True, start["inside"]),
                "hold": make_control("hold", "hold", start["hold"], True, start["hold"])}
        made["G"] = make_control("G", "G", None, [float(f"{10.0**k:.3g}") for k in GRID], start["G"])
        self.controls, self.title = made, title or WORDS["title"]
        widgets = {name: control.make() for name, control in made.items()}
        widgets["G"][0].description = "√G of this weight"
        widgets["G"][0].options = [(_power(k / 2), value) for k, value in zip(GRID, made["G"].values)]
        widgets["G"][0].index = made["G"].start
        widgets["inside"][0].description, widgets["hold"][0].description = "ε inside the root", "hold η/ε (η grows with ε)"
        for name, those in widgets.items():
            for part in those:
                part.add_class(f"against-G-{name}")
        shown = ["eps", "inside", "hold", "G"] if places else ["eps", "G"]
        links = {name: widgets[name][0] for name in shown} | {"zero": widgets["eps"][1]}
        self.canvas = Canvas(data=_spec(self.rates, made["eps"].values, places), title=self.title, controls=links,
                             first={name: control.start for name, control in made.items()})
        rows = [ipywidgets.HBox(widgets["eps"], layout=ipywidgets.Layout(max_width="100%")), widgets["G"][0], *([widgets["inside"][0], widgets["hold"][0]] if places else [])]
        row = ipywidgets.HBox(rows, layout=ipywidgets.Layout(flex_flow="row wrap", max_width="100%"))
        row.add_class("against-G-controls")
        super().__init__([self.canvas, row], layout=ipywidgets.Layout(width="100%", max_width="1100px"))
        self.add_class("against-G")

    def __repr__(self):
        return f"{self.heading}. {self.readout}"

    @property
    def heading(self):
        began = all(control.index == control.start for control in self.controls.values())
        return self.title if began else WORDS["title"]

    @property
    def _at(self):
        return {"eps": self.controls["eps"].index, "inside": self.controls["inside"].value, "hold": self.controls["hold"].value, "probe": self.controls["G"].index}

    @property
    def readout(self):
        return fill(self.canvas.data, **self._at)

    def reset(self):
        for control in self.controls.values():
            control.index = control.start

    def close_all(self):
        close_all(self)

    def retitle(self, title):
        """Another title, from before it is displayed. A finding is true of a setting, so it stands only where the controls began."""
        self.title = self.canvas.title = title

    # for viewers without widgets

    def still(self, empty=False):
        """A Matplotlib picture of the present setting; empty: of the axes alone, which gives no answer away."""
        data, at = self.canvas.data, self._at
        (ax,) = figures.panels(1)
        picture, G = ax.get_figure(), 10.0**GRID
        picture.set_size_inches(9, 4.6)
        ax.set(xscale="log", yscale="log", xlim=(10.0 ** DECADES[0], 10.0 ** DECADES[1]), ylim=(10.0 ** RATES[0], 10.0 ** RATES[1]), xlabel=WORDS["x"], ylabel=WORDS["y"])
        ax.grid(True)
        top = ax.secondary_xaxis("top", functions=(np.sqrt, np.square))
        for axis in (ax.xaxis, ax.yaxis, top.xaxis):
            axis.set_major_formatter(lambda value, _: _short(value))
        top.set_xlabel(WORDS["root"])
        if empty:
            return picture
        eps, colour = self.controls["eps"].value, data["colour"]
        here, other = (self.rates.curve(eps, inside, at["hold"]) for inside in (at["inside"], not at["inside"]))
        told = data["curves"][f"{at['eps']},{int(at['inside'])},{int(at['hold'])}"]
        ax.plot(G, here["free"], color="#888888", ls=(0, (1.5, 1.5)), lw=1.3, label=WORDS["free"])
        if told["ceiling"] is not None:
            ax.axhline(here["ceiling"], color="#888888", ls=(0, (6, 3)), lw=1.3, label=WORDS["ceiling"].format(name=told["name"], ceiling=told["ceilingText"]))
            ax.axvline(here["floor"] ** 2, color="#888888", lw=1, label=WORDS["knee"].format(floor=told["floor"]))
        if self.places:
            ax.plot(G, other["rate"], color=colour, ls=(0, (5, 2.5)), lw=1.2, label=f"ε {PLACES[not at['inside']]}")
        ax.plot(G, here["rate"], color=colour, lw=2.4, label=f"ε {PLACES[at['inside']]}")
        ax.plot(G[at["probe"]], here["rate"][at["probe"]], "o", color=colour, ms=8, mec="white", zorder=6)
        ax.legend(loc="upper right", frameon=False)
        return picture

    def beginning(self):
        """(PNG, what is seen on it): the empty axes, which give nothing away."""
        return figures.png(self.still(empty=True)), "Empty axes: the rate of a weight, up, against G of the weight, along, both logarithmic; √G is told along the top."

    def _repr_mimebundle_(self, **kwargs):
        return with_still(super()._repr_mimebundle_(**kwargs), lambda: figures.png(self.still()), lambda: self.readout,
                          lambda: f"{escape(self.readout)} Run this cell to move the sliders.", above=f"<strong>{escape(self.heading)}</strong>")


def against_G(rule, eps=1e-4, inside=False, hold=False, G=1e-8, title=None, places=True):
    """The rate of a weight against its G, on logarithmic axes: sliders for ε (with an explicit 0) and for one G, boxes for ε's place and for *hold η/ε*.

    rule             a function that remembers G and has the knobs eta, eps, inside and hold; η stays at its default
    eps, inside,     where the controls begin
    hold, G
    title            the finding, as a sentence; it stands over the figure where the controls begin
    places           False: ε stands outside the root and η is not held, and nothing is said of either switch

    Returns an `AgainstG` that displays itself. Raises TypeError or ValueError that says what to write instead.
    """
    if not is_number(eps) or isinstance(eps, bool) or not (eps == 0 or EPS[0] * 0.999 <= eps <= EPS[-1] * 1.001):
        raise ValueError(f"eps is where the slider begins, from {EPS[0]:g} to {EPS[-1]:g}, or 0; got {short(eps)}")
    low, high = 10.0 ** min(GRID), 10.0 ** max(GRID)
    if not is_number(G) or isinstance(G, bool) or not low * 0.999 <= G <= high * 1.001:
        raise ValueError(f"G is where its slider begins, a number from {low:g} to {high:g}; got {short(G)}")
    for name, value in (("inside", inside), ("hold", hold), ("places", places)):
        if not isinstance(value, (bool, np.bool_)):
            raise ValueError(f"{name} is True or False; got {short(value)}")
    text("title", title)
    return once_per_cell(AgainstG(rule, {"eps": eps, "inside": bool(inside) and places, "hold": bool(hold) and places, "G": G}, title, places))
