"""memory_bars(): which share each of the last steps has, in a moving average and in momentum's sum. Bars, β and a read-out with its numbers."""

import functools
import math
from pathlib import Path

import anywidget
import ipywidgets
import numpy as np
import traitlets
from ipywidgets import widget_serialization

from helpers import arrivals, figures, knobs
from helpers.descent import descend
from helpers.explorer.cells import close_all, once_per_cell
from helpers.pictures import with_still
from helpers.surface import is_among, short
from helpers.surfaces import given
from helpers.update_rules import momentum, rmsprop
from helpers.views import LECTURE, script, styles

HERE = Path(__file__).parent
BACK = 60  # bars: this step, and the 59 before it
SHARES = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999)
LAST = (1, 2, 3, 5, 7, 10, 15, 20, 30, 40, 50, 60)
KINDS = ("average", "momentum's sum")
NAMES = ("1/(1 − β)", "1/(1 − α)")  # of the mark, one a kind
SHIFT = 0.5  # in bars: the axis counts steps from the middle of a bar
OUTLINED = "Outlined: the share of each step in the average."
WORDS = {
    "across": "steps ago", "up": "share of each step", "reset": "↺ reset", "half": "half-life", "beyond": "to the right of these bars",
    "waiting": "Run this cell to see the figure.",
}


@functools.lru_cache(maxsize=None)
def weights(beta, back=BACK):
    """What each of the last `back` steps weighs, latest first: (in the average, in momentum's sum), each (back,).

    Found by running the rules on one gradient of 1 and zeros after it: what RMSprop's account and momentum's step keep of it.
    """
    once = given([1.0] + [0.0] * (back - 1))
    average = descend(rmsprop, once, back, beta=beta, eps=1e-8).G[1:, 0]
    summed = -descend(momentum, once, back, eta=1.0, alpha=beta).dw[:, 0]
    for part in (average, summed):
        part.flags.writeable = False  # every sentence about this β reads the same two
    return average, summed


def half_life(beta):
    """After how many steps a weight is half of what it was; 0 where nothing is remembered."""
    return math.log(0.5) / math.log(beta) if beta > 0 else 0.0


def share(beta, last):
    """The part of all weight that the latest `last` steps hold (of endlessly many steps)."""
    return float(weights(beta, max(last, BACK))[0][:last].sum())


def _number(x):
    x = float(f"{x:.3g}")  # 1/(1 − 0.999) is a hair below 1000
    return f"{x:.0f}" if x >= 1000 else f"{x:g}"


def _percent(x):
    """Whole percents where they tell, else enough digits that nothing is rounded to all or nothing."""
    percent = 100 * x
    return f"{percent:.0f} %" if 1 <= percent <= 99 else f"{percent:.2g} %" if percent < 1 else "all" if percent > 100 - 1e-9 else "more than 99 %"


def sentence(kind, beta, last):
    """The read-out at a setting."""
    average, summed = weights(beta)
    steps = "The last step holds" if last == 1 else f"The last {last} steps hold"
    held = f"{steps} {_percent(share(beta, last))} of it"
    fades = "nothing is remembered" if not beta else "a share halves at every step" if beta == 0.5 else f"a share halves every {_number(half_life(beta))} steps"
    name = "β" if kind == KINDS[0] else "α"
    if kind == KINDS[0]:
        return f"{name} = {beta:g}: this step has the share {_number(average[0])}, and all shares add up to 1. {held}; {fades}. 1/(1 − {name}) is {_number(1 / (1 - beta))}."
    return f"{name} = {beta:g}: this step has the share {_number(summed[0])}, and all shares add up to 1/(1 − {name}) = {_number(1 / (1 - beta))}. {held}; {fades}. {OUTLINED}"


class Canvas(arrivals.Picture, anywidget.AnyWidget):
    """Draws the bars that it is given; computes nothing."""

    _esm = script(LECTURE, HERE / "memory_bars.js")
    _css = styles(HERE / "memory_bars.css")
    data = traitlets.Dict().tag(sync=True)
    controls = traitlets.Dict().tag(sync=True, **widget_serialization)


class MemoryBars(ipywidgets.VBox):
    """What `memory_bars` returns; it displays itself.

    .beta, .last, .kind   its controls
    .readout              the sentence that the picture says at the current settings
    .reset()              every control back to where it began
    """

    def __init__(self, beta, last, kind):
        wide = {"style": {"description_width": "initial"}, "layout": ipywidgets.Layout(width="340px", max_width="100%")}
        betas = [(f"{b:g}", b) for b in SHARES]  # how many steps that reaches back is the question
        self.beta = arrivals.SelectionSlider(options=betas, index=SHARES.index(beta), description="memory β (or α)", **wide)
        wide["layout"] = ipywidgets.Layout(width="340px", max_width="100%")
        self.last = arrivals.SelectionSlider(options=[(str(n), n) for n in LAST], index=LAST.index(last), description="the last … steps", **wide)
        self.kind = arrivals.ToggleButtons(options=KINDS, index=KINDS.index(kind), description="", layout=ipywidgets.Layout(max_width="100%"))
        controls = {"kind": self.kind, "beta": self.beta, "last": self.last}
        self._begin = {name: control.index for name, control in controls.items()}
        tops = [weights(b) for b in SHARES]
        data = {
            "bars": [[(part / part[0]).round(5).tolist() for part in pair] for pair in tops],
            "firsts": [[_number(part[0]) for part in pair] for pair in tops], "middles": [[_number(part[0] / 2) for part in pair] for pair in tops],
            "ghost": [round(float(average[0]), 5) for average, _ in tops], "begin": self._begin,
            "half": [half_life(b) for b in SHARES], "memory": [1 / (1 - b) for b in SHARES], "memoryNames": NAMES, "shift": SHIFT, "last": list(LAST), "words": WORDS,
            "names": {"beta": "memory β (or α)", "last": "the last … steps"},
            "texts": [[[sentence(k, b, n) for n in LAST] for b in SHARES] for k in KINDS],
        }
        self.canvas = Canvas(data=data, controls=controls)
        row = ipywidgets.HBox([*controls.values()], layout=ipywidgets.Layout(flex_flow="row wrap", max_width="100%", overflow="visible"))
        row.add_class("memory-bars-controls")
        super().__init__([self.canvas, row], layout=ipywidgets.Layout(width="100%", max_width="1100px"))
        self.add_class("memory-bars")

    def __repr__(self):
        return self.readout

    @property
    def readout(self):
        return self.canvas.data["texts"][self.kind.index][self.beta.index][self.last.index]

    def reset(self):
        for name, place in self._begin.items():
            getattr(self, name).index = place

    def close_all(self):
        close_all(self)

    # for viewers without widgets

    def still(self):
        """The picture at the current settings, as PNG bytes."""
        [ax] = figures.panels(1, height=3.4)
        b, n, bars = self.beta.index, self.last.value, self.canvas.data["bars"]
        ax.bar(range(BACK), bars[b][self.kind.index], width=0.8, color=["#0072B2" if k < n else "#A9C9DD" for k in range(BACK)])
        for name, words, style in (("half", WORDS["half"], "--"), ("memory", NAMES[self.kind.index], ":")):
            at = self.canvas.data[name][b]
            if 0 < at < BACK:
                line = at - 0.5 + SHIFT  # bar 0 is drawn round 0
                ax.axvline(line, color=figures.INK, linestyle=style, linewidth=1)
                ax.text(line + 0.3, 0.95 if style == "--" else 0.82, f"{words} {_number(at)}", color=figures.INK, va="top")
        data, kind = self.canvas.data, self.kind.index
        if kind:  # the same steps in the average, so that both are seen on one axis
            ax.bar(range(BACK), data["ghost"][b] * np.array(bars[b][0]), width=0.8, fill=False, edgecolor=figures.INK, linewidth=0.8)
        ax.set(xlabel=WORDS["across"], ylabel=WORDS["up"], xlim=(-0.7, BACK - 0.3), ylim=(0, 1.05))
        ax.set_yticks([0, 0.5, 1], ["0", data["middles"][b][kind], data["firsts"][b][kind]])
        return figures.png(ax.get_figure())

    def beginning(self):
        """(PNG, what is seen on it): the empty axes, which give nothing away."""
        [ax] = figures.panels(1, height=3.4)
        ax.set(xlabel=WORDS["across"], ylabel=WORDS["up"], xlim=(-0.7, BACK - 0.3), ylim=(0, 1.05))
        return figures.png(ax.get_figure()), "Empty axes: steps ago to the right, and the share of each upwards."

    def _repr_mimebundle_(self, **kwargs):
        return with_still(super()._repr_mimebundle_(**kwargs), self.still, lambda: f"One bar for each of the last 60 steps, falling to the right. {self.readout}",
                          lambda: f"Dark: the last {self.last.value} steps. Run this cell to move the sliders.")


def memory_bars(beta=0.9, last=10, kind="average"):
    """Bars of the share of each of the last 60 steps, with sliders for β (or α) and for how many steps are counted.

    beta   where its slider begins, one of 0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999
    last   whose share of all weight is told, one of 1, 2, 3, 5, 7, 10, 15, 20, 30, 40, 50, 60
    kind   "average" or "momentum's sum"

    Returns a `MemoryBars` that displays itself. Raises ValueError for a place where no slider can stand.
    """
    knobs.check("beta", beta)
    for name, value, places in (("beta", beta, SHARES), ("last", last, LAST), ("kind", kind, KINDS)):
        if not is_among(value, places):
            raise ValueError(f"{name} is {short(value)}; it is one of {', '.join(map(repr, places))}")
    return once_per_cell(MemoryBars(float(np.float64(beta)), last, kind))
