"""atlas(): a live map of every weight of a network, with the account that each one keeps: its G, its rate, its step."""

import base64
import os
import traceback
from pathlib import Path

import anywidget
import ipywidgets
import matplotlib
import numpy as np
import traitlets

from helpers import figures
from helpers.arrivals import Picture, whole_position
from helpers.atlas import lanes, readout, still
from helpers.atlas.lanes import QUANTITIES, STEPWISE, Lane, checked, frames_of, named, scale
from helpers.atlas.pack import BINS, CODES, EXTRA, Unpacked, pack
from helpers.explorer.axes import LEAST, MOST
from helpers.explorer.cells import close_all, once_per_cell
from helpers.network import digits
from helpers.surface import is_among, is_whole_number, short, text
from helpers.views import LECTURE, script

HERE = Path(__file__).parent
SHARED = HERE.parent / "explorer"
MOSTLY = 95  # percent of the drawn steps
POWERS = LEAST, MOST  # of ten, that an axis may have to name
PICTURE = 7  # inputs that make a square of at least this side are taken for the pixels of a picture
ACROSS = {40: 8, 10**9: 16}  # such pictures stand side by side in rows of 8; above 40 of them, of 16
WORDS = {
    "networks": "network", "quantities": "colour:", "play": "play", "pause": "pause", "reset": "↺ reset", "time": "step", "at": "step {t} of {steps}",
    "map": "map of all weights; the arrow keys move the ring, page up and page down change the layer",
    "hint": "Click a cell, or move the ring with the arrow keys (shift: further; page up and down: another layer). "
            "Everything is counted from 0, as in the code. The bars show how the weights of a layer are spread over the scale; "
            "the percentage beside them is the share that a bar of full height stands for.",
    "zero": "exactly 0", "infinite": "infinite", "none": "no number", "beyond": "beyond the scale",
    "histogram": "share of each layer's weights",
    "account_of": "the account of {name}", "widened": "(axes widened to hold it)", "nothing": "nothing yet", "lacks": "none",
    "waiting": "Run this cell to see the figure.",
}


class Canvas(Picture, anywidget.AnyWidget):
    """The picture: draws what it is sent, computes nothing."""

    _esm = script(LECTURE, SHARED / "data.js", SHARED / "pen.js", HERE / "unpack.js", HERE / "maps.js", HERE / "scale.js", HERE / "atlas.js")
    _css = (HERE / "atlas.css").read_text(encoding="utf-8")
    uid = traitlets.Unicode().tag(sync=True)
    spec = traitlets.Dict().tag(sync=True)
    at = traitlets.Dict().tag(sync=True)  # which network, quantity, weight and frame are shown; the view tells its own by messages
    data = traitlets.Bytes(b"").tag(sync=True)  # every weight at every drawn step; the view takes it out of what a notebook saves


class Atlas(ipywidgets.VBox):
    """What `atlas` returns; it displays itself.

    .step       the drawn step at which the cursor stands; assign to move it (to the nearest one that is drawn)
    .weight     the ringed weight, by its place among all; `digits.weight("W1", 20, 5)` gives that of a name
    .network    which of the runs is shown, from 0
    .quantity   what the colours show: "rate", "G" or "step"
    .readout    the sentences that the figure says now
    .show(...)  show other runs of the same network; step, weight and quantity stay
    .reset()    back to where it began
    """

    def __init__(self, runs, network, title):
        checked(runs, network)
        self.of, self.title, self.generation = network, title, 0
        self.layers = [network.layers[name] for name in network.layers]
        first = self.layers[0]
        self._at = {"network": 0, "quantity": "rate", "weight": first.shape[0] // 2 * first.shape[1] + _middle(first.shape[0]) * first.shape[1], "frame": None}
        self.canvas = Canvas(uid=os.urandom(8).hex())
        try:
            self.show(*runs)
        except BaseException:  # nothing is left behind
            close_all(self.canvas)
            raise
        self._first = dict(self._at)
        self.canvas.on_msg(self._hear)
        super().__init__([self.canvas], layout=ipywidgets.Layout(width="100%", max_width="1400px"))
        self.add_class("atlas")

    def __repr__(self):
        return f"{self.canvas.spec['title']}. {self.readout}"

    def show(self, *runs):
        """Show these runs instead. Raises as `atlas` does, and then nothing has changed."""
        runs = checked(runs, self.of)
        frames = frames_of(runs[0].steps, self.of.n, len(runs))
        made = [Lane(run, frames) for run in runs]
        scales = {quantity: scale(quantity, made) for quantity in QUANTITIES}
        step = self.step if self._at["frame"] is not None else runs[0].steps
        facts = [{name: [readout.facts(row, name in STEPWISE and frame == 0) for row, frame in zip(lane.values[name], frames)]
                  for name in lane.quantities} for lane in made]
        message = pack(made, scales, self.layers, facts, self.generation + 1)
        self.generation += 1
        self.runs, self.lanes, self.frames, self.scales = runs, made, frames, scales
        self._read = Unpacked(message, frames, self.layers)
        self._at.update(network=min(self._at["network"], len(runs) - 1), frame=self._nearest(step))
        with self.canvas.hold_sync():
            self.canvas.spec, self.canvas.data = self._spec(runs), message
            self._tell()

    def _spec(self, runs):
        count = len(self.frames)
        drawn = "" if count == runs[0].steps + 1 else f"drawn: {count} of {runs[0].steps + 1} steps"
        mapped = (np.asarray(matplotlib.colormaps[still.COLOURS](np.linspace(0, 1, 256)))[:, :3] * 255).round().astype(np.uint8)
        spec = {
            "generation": self.generation, "title": self.title, "sub": "   ·   ".join(filter(None, [self.of.name, f"{self.of.n} weights", drawn])),
            "frames": self.frames.tolist(), "steps": runs[0].steps,
            "epochs": [(max(int(t), 1) - 1) // self.of.updates_an_epoch + 1 for t in self.frames],
            "layers": _layer_specs(self.of), "colours": mapped.tobytes().hex(), "bins": BINS, "extra": EXTRA, "codes": CODES, "late": list(STEPWISE),
            "axes": {quantity: axis.spec() for quantity, axis in self.scales.items()}, "quantities": list(QUANTITIES),
            "across": next(across for most, across in ACROSS.items() if self.layers[0].shape[1] <= most),
            "marks": self._marks(), "powers": {"first": POWERS[0], "texts": [lanes.power(k) for k in range(POWERS[0], POWERS[1] + 1)]},
            "words": {**WORDS, **readout.words()}, "first": getattr(self, "_first", dict(self._at)),
        }
        spec["lanes"] = [
            {"label": name, "short": short, "why": lane.why, "has": lane.quantities, "dash": [float(x) for x in lane.look.dash],
             **{part: getattr(lane.look, part) for part in ("colour", "dark", "text", "marker")}}
            for lane, (name, short) in zip(self.lanes, named(runs))
        ]
        spec["full"] = {quantity: self._full(quantity) for quantity in QUANTITIES}
        return spec

    def _marks(self):
        """By quantity, what its legend explains: the marks that occur after the first step."""
        marks = {}
        for quantity in QUANTITIES:
            parts = [lane.values[quantity][1:] for lane in self.lanes if quantity in lane.values]
            tests = (("zero", lambda v: v == 0), ("infinite", np.isposinf), ("none", np.isnan))
            marks[quantity] = [name for name, test in tests if any(test(part).any() for part in parts)]
        return marks

    def _full(self, quantity):
        """The share of a layer that the full height of its histogram stands for: what the bars reach at nearly every step, in any network.

        Taller ones are cut: where all weights take one step, as at the first, they would flatten all others.
        """
        most = [0.0] * len(self.layers)
        for lane in self._read.lanes:
            if quantity not in lane["counts"] or lane["kinds"][quantity] == "one":
                continue
            tallest = lane["counts"][quantity][:, :, 2:-3].max(axis=2)  # (frames, layers)
            most = [max(m, float(np.percentile(bars, MOSTLY)) / layer.size) for m, bars, layer in zip(most, tallest.T, self.layers)]
        return [round(m, 4) if 0 < m < 1 else 1.0 for m in most]

    # what the view says

    def _hear(self, _, message, buffers):
        try:
            if message.get("kind") == "at":
                if message.get("generation") == self.generation:
                    self._at.update(self._shown_at(message.get("at")))
                    self._tell("view")
            elif message.get("kind") == "data":
                self.canvas.send({"kind": "data"}, [self.canvas.data])
        except Exception as error:  # a traceback in a callback is seen by nobody
            self.canvas.send({"kind": "trouble", "text": f"{type(error).__name__}: {error}"})

    def _shown_at(self, at):
        """What a view says that it shows; what is no place of this figure's is left out."""
        at = at if isinstance(at, dict) else {}
        counts = {"network": len(self.lanes), "weight": self.of.n, "frame": len(self.frames)}
        there = {name: whole_position(at.get(name), count) for name, count in counts.items()}
        there["quantity"] = at.get("quantity") if at.get("quantity") in QUANTITIES else None
        return {name: place for name, place in there.items() if place is not None}

    def _tell(self, by="python"):
        """by: the view that was just told of does not need to hear it again, only one that comes later does."""
        self.canvas.at = {**self._at, "by": by, "count": self.canvas.at.get("count", 0) + 1}

    # what is read off, and moved, from Python

    @property
    def step(self):
        return int(self.frames[self._at["frame"]])

    @step.setter
    def step(self, t):
        self._at["frame"] = self._nearest(_whole("step", t, 0, int(self.frames[-1])))
        self._tell()

    def _nearest(self, t):
        return int(np.argmin(np.abs(self.frames - t)))

    @property
    def weight(self):
        return self._at["weight"]

    @weight.setter
    def weight(self, index):
        more = f'; {self.of.name.split("  ")[0]}.weight("W1", 0, 0) gives the place of a weight by its name'
        self._at["weight"] = _whole("weight", index, 0, self.of.n - 1, more)
        self._tell()

    @property
    def network(self):
        return self._at["network"]

    @network.setter
    def network(self, which):
        self._at["network"] = _whole("network", which, 0, len(self.lanes) - 1)
        self._tell()

    @property
    def quantity(self):
        """What is shown: what was asked for, or the first quantity that this network has."""
        has = self.lanes[self.network].quantities
        return self._at["quantity"] if self._at["quantity"] in has else has[0]

    @quantity.setter
    def quantity(self, name):
        lane = self.lanes[self.network]
        if not is_among(name, QUANTITIES):
            raise ValueError(f"quantity is one of {', '.join(QUANTITIES)}; got {short(name)}")
        if name in lane.why:
            raise ValueError(f"{lane.why[name]}. It has: {', '.join(lane.quantities)}")
        self._at["quantity"] = name
        self._tell()

    @property
    def readout(self):
        lane = self._read.lanes[self.network]
        values = {name: float(part[self._at["frame"], self.weight]) for name, part in lane["values"].items()}
        return readout.fill(self.canvas.spec, {**lane, "index": self.network}, values, self.quantity, self._at["frame"], self.weight)

    def reset(self):
        self._at.update(self._first, network=min(self._first["network"], len(self.lanes) - 1), frame=len(self.frames) - 1)
        self._tell()

    def retitle(self, title):
        """Another title, from before it is displayed."""
        self.title = title
        self.canvas.spec = {**self.canvas.spec, "title": title}

    # for viewers without widgets

    def still(self):
        """A Matplotlib figure of what is shown now."""
        return still.picture(self)

    def beginning(self):
        """(PNG, what is seen on it): the network before its first update, which gives nothing away."""
        now = dict(self._at)
        try:
            self._at.update(frame=0, quantity="step")
            return figures.png(self.still()), f"The weights of each layer of {self.of.name} as cells, without colour: no step has been taken yet."
        finally:
            self._at = now

    def _repr_mimebundle_(self, **kwargs):
        data = super()._repr_mimebundle_(**kwargs)
        try:
            caption = f"{self.canvas.spec['sub']}. Run this cell to move through the steps and to look at each weight."
            seen = f"The weights of each layer as cells, coloured by their {self.quantity} on a logarithmic scale. {self.readout}"
            shown = figures.show(self.still(), title=self.canvas.spec["title"], caption=caption, alt=seen)
            return {**data, "text/html": shown._repr_html_(), "image/png": base64.b64encode(shown._repr_png_()).decode()}
        except Exception:  # the live figure matters more than its still picture
            traceback.print_exc()
            return data


def _middle(inputs):
    """How far along its row the middle pixel of a square picture stands."""
    side = _side(inputs)
    return side // 2 if side else 0


def _side(inputs):
    side = int(round(inputs**0.5))
    return side if side * side == inputs and side >= PICTURE else 0


def _layer_specs(network):
    """What the view knows of each layer: its place, its shape, and the words for it and for each of its weights."""
    specs, last = [], len(network.sizes) - 2
    for name, layer in network.layers.items():
        i, matrix = int(name[1:]) - 1, len(layer.shape) == 2
        rows, cols = layer.shape if matrix else (1, *layer.shape)
        unit = [f"hidden unit {{to}}{f' of layer {i + 1}' if last > 1 else ''}", "output {to}"][i == last]
        behind = ["input {at}", f"hidden unit {{at}}{f' of layer {i}' if last > 1 else ''}"][i > 0]
        units = f"{cols} {'outputs' if i == last else 'hidden units'}"
        side = _side(rows) if matrix and i == 0 else 0
        if side:
            words = f"{name}: from the {rows} pixels to each of {units}. Each small picture is one unit, each cell the weight from that pixel."
            where = f"from the pixel in row {{row}}, column {{column}} to {unit}"
        elif matrix:
            words, where = f"{name}: from {rows} {'inputs' if i == 0 else 'hidden units'} to {units}", f"from {behind} to {unit}"
        else:
            words, where = f"{name}: {'biases' if cols > 1 else 'bias'} of the {units}", f"to {unit}, as its bias"
        specs.append({"name": name, "first": layer.first, "size": layer.size, "rows": rows, "cols": cols, "side": side, "words": words, "where": where,
                      "call": f"{name}[{{at}}, {{to}}]" if matrix else f"{name}[{{to}}]"})
    return specs


def _whole(name, value, low, high, more=""):
    if not is_whole_number(value) or not low <= value <= high:
        raise ValueError(f"{name} must be a whole number from {low} to {high}; got {short(value)}{more}")
    return int(value)


def atlas(*runs, of=digits, title=None):
    """A live map of every weight of a network: its rate, its G and its step, at each step of one to five runs.

    runs    records of `descend` on one Network, single runs with the same number of steps: atlas(descend(adagrad, digits, 300, eta=0.18))
    of      the Network that they trained
    title   the finding, as a sentence

    Returns an `Atlas` that displays itself; it works without a kernel. Raises TypeError or ValueError that says what to write instead.
    """
    return once_per_cell(Atlas(runs, of, text("title", title) or "Every weight keeps an account of its own"))
