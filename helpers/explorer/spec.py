"""What the view is told besides the numbers: axes, ticks, words, colours, panels. All facts of the drawing come from here."""

import base64
import os

import numpy as np

from helpers import figures, knobs
from helpers.descent import descend
from helpers.explorer import readout
from helpers.explorer.engine import eta_now, losses_at
from helpers.explorer.goals import MOVED
from helpers.explorer.reading import told
from helpers.explorer.reasons import why_alone
from helpers.explorer.sweep import PATIENCE
from helpers.explorer.titles import Title
from helpers.looks import WEIGHTS

PANELS = {"rate": "rate of each weight", "loss": "loss", "accuracy": "accuracy on what was held back", "G": "G of each weight", "step": "step |Δw| of each weight", "back": "steps needed after each jump"}
NO_KERNEL = "No kernel answers, so this cannot be computed now; what was computed before still follows the sliders."


class Spec:
    """Builds the dictionary that the view draws by, from an Engine and what the reader asked for."""

    def __init__(self, engine, controls, title, show, presets):
        self.engine, self.controls, self.title, self.show, self.presets = engine, controls, title, show, presets

    def build(self):
        n = self.engine.sweep.start.size
        order = list(self.controls.values())
        places, first = {}, 0
        for c in order:
            places[c.key] = first
            first += len(c.widgets)
        measures = [name for name in self.engine.sweep.measures if name != "loss"]
        available = [p for p in ("rate", "loss", *measures, "G", "step", "back") if p != "rate" or any(self.engine.has_rate)]
        available = [p for p in available if (p != "G" or self.engine.memory_name) and (p != "back" or self.engine.jumps)]
        always = ("rate", "loss", "back", *measures)
        shown = [p for p in available if p in always or p in self.show]
        if not all(h for h, lane in zip(self.engine.has_rate, self.engine.lanes) if not lane.ghost) and "step" not in shown:
            shown.append("step")
        self.engine.shown = tuple(shown)
        rate_lanes = [lane for lane in self.engine.lanes if not lane.ghost]
        return {
            "generation": self.engine.generation + 1, **self.titles(), "subtitle": self.setting(),
            "tag": int(os.environ["EXPLORER_TAG"]) if os.environ.get("EXPLORER_TAG", "").isdigit() else None,
            "controls": [c.spec(places[c.key]) for c in order],
            "surface": [[order.index(c), c.index] for c in self.engine.request.surface_controls],
            "swaps": list(self.engine.request.menu) if self.engine.twins() else None,
            "frames": self.engine.sweep.rows.tolist(), "steps": self.engine.steps, "n": n,
            "weights": [f"w{'₁₂'[i]}" if n == 2 else "w" for i in range(n)] if n <= 2 else ["5 %", "50 %", "95 %"],
            "weightLooks": [{"dash": list(weight.dash), "marker": weight.marker, "filled": weight.filled} for weight in WEIGHTS[: n if n <= 2 else 3]],
            "axes": {name: axis.spec() for name, axis in self.engine.scales.items()},
            "panels": [self._panel_spec(p, p in always, p == "loss" or p in measures) for p in available], "shown": shown,
            "path": self._path_spec(n), "gauge": self.engine.gauge.spec() if self.engine.gauge else None,
            "jumps": {"count": self.engine.jumps, "every": getattr(self.engine.surface, "every", 0)},
            "milestones": self._milestones(lambda counted: {"names": counted.names, "since": counted.since}),
            "lanes": [self._lane_spec(i, lane, frames, order) for i, (lane, frames) in enumerate(zip(self.engine.lanes, self.engine.frames))],
            "presets": self._preset_spec(order),
            "goal": self._goal_spec(),
            "etaShared": len({self._eta_key(lane) for lane in rate_lanes}) == 1,
            "turns": readout.TURNS,
            "words": {"idle": "Run this cell to see the figure.", "waiting": readout.WAITING, "noKernel": NO_KERNEL, "eta": "η: your knob" if self.engine.lanes[0].schedule is None else "η(t): your schedule", "etaBox": "η-box", "start": "start: drag me", "minimum": "minimum",
                      "rising": "rate rising", "uphill": "below 0, uphill: its size is drawn", "before": "dotted: the same settings on", "sampled": self._sampled()},
        }

    def _panel_spec(self, panel, always, single):
        """`always`: no button hides it; `single`: one line a rule, not one a weight."""
        words, named = PANELS.get(panel, panel), self.engine.memory_name
        if self.engine.sweep.start.size > 2 and not single:
            words = f"{named if panel == 'G' else panel}: of all {self.engine.sweep.start.size:,} weights, 5, 50 and 95 % lie below the lines".replace(",", " ", 1)
        elif panel == "G":
            words = f"{named} of each weight"
        return {"id": panel, "label": named if panel == "G" else panel, "text": words, "always": always, "single": single,
                "share": 2 if panel == "rate" else 1.5 if single and panel != "loss" else 1}

    def _sampled(self):
        rows = self.engine.sweep.rows.size
        if rows == self.engine.steps + 1:
            return ""
        return f"drawn: {rows} of {self.engine.steps + 1} steps"

    def titles(self):
        """What the view needs of the title: as it is now, and as it follows the sliders."""
        order = list(self.controls.values())
        return {"title": self.heading(), "titles": Title(self.title, self.controls).spec(order) if self.title else None}

    def heading(self):
        if self.title:
            return Title(self.title, self.controls).now()
        mains = [lane.label for lane in self.engine.lanes if not lane.ghost]
        return " and ".join([", ".join(mains[:-1]), mains[-1]] if len(mains) > 1 else mains) + ", step by step"

    def setting(self):
        parts = [getattr(self.engine.surface, "name", type(self.engine.surface).__name__)]
        for lane in self.engine.lanes:
            if lane.ghost:
                shared = self._eta_key(lane) in {self._eta_key(other) for other in self.engine.lanes if not other.ghost}
                parts.append(f"ghost: {lane.label} " + ("at the same η" if shared else "at its own η"))
        later = "; settings off these sliders' lines are computed when asked for"
        parts += [why_alone(lane, self.engine.sweep) + ("" if lane.seconds * lane.count < PATIENCE else later)
                  for lane in self.engine.lanes if lane.how != "side by side"]
        return "   ·   ".join(parts)

    def _eta_key(self, lane):
        return next((c.key for c in lane.dims if c.name == "eta"), None)

    def _path_spec(self, n):
        if n > 2:
            return {"kind": "none"}
        if n == 1:
            x = np.linspace(*self.engine.view[0], 121)
            points = np.stack([self.engine.scales["x"].units(x), self.engine.scales["height"].units(losses_at(self.engine.surface, x[:, None]))], axis=-1)
            return {"kind": "curve", "curve": points.round(5).tolist(), "minima": [self._minima(self.engine.surface)]}
        places = getattr(self.engine.surface, "places", None)
        surfaces = places or [self.engine.surface.at(0) if hasattr(self.engine.surface, "at") else self.engine.surface]
        of = [self.engine.surface.place(min(int(t), self.engine.steps - 1)) for t in self.engine.sweep.rows] if places else None
        pictures = []
        for surface in surfaces:
            png = figures.backdrop(Viewed(surface, self.engine.view), 840, 640)
            pictures.append("data:image/png;base64," + base64.b64encode(png).decode())
        return {"kind": "contours", "backdrops": pictures, "of": of, "minima": [self._minima(s) for s in surfaces]}

    def seen(self):
        """The surface as the figure shows it."""
        return self.engine.surface if self.engine.view is None else Viewed(self.engine.surface, self.engine.view)

    def _minima(self, surface):
        points = np.reshape(getattr(surface, "minima", ()), (-1, self.engine.sweep.start.size))
        if self.engine.sweep.start.size == 1:
            return [[float(self.engine.scales["x"].units(p[0])), float(self.engine.scales["height"].units(surface.loss(p)))] for p in points]
        return [[float(self.engine.scales["xy"[i]].units(x)) for i, x in enumerate(p)] for p in points]

    def _lane_spec(self, index, lane, frames, order):
        strides = [int(np.prod(lane.sizes[d + 1 :])) for d in range(len(lane.dims))]
        eta = next((c for c in lane.dims if c.name == "eta"), None)
        values = eta.values if eta and lane.schedule is None else [eta_now(lane)]
        eta_units = [float(self.engine.scales["rate"].units(v)) if v else None for v in values]
        n = self.engine.sweep.start.size
        weights = [f"w{'₁₂'[i]}" if n == 2 else "w" for i in range(min(n, 2))]
        return {
            "name": lane.signature.name, "label": lane.label, "ghost": lane.ghost, "rate": frames.has_rate,
            "colour": lane.look.colour, "dark": lane.look.dark, "text": lane.look.text, "dash": [float(x) for x in lane.look.dash], "marker": lane.look.marker,
            "dims": [order.index(c) for c in lane.dims], "strides": strides, "count": lane.count,
            "channels": [{"name": name, "axis": axis, "carried": carried} for name, axis, carried in frames.channels], "ints": frames.ints,
            "eta": {"control": order.index(eta) if eta and lane.schedule is None else None, "units": eta_units, "channel": lane.schedule is not None,
                    "steps": [float(self.engine.scales["step"].units(v)) for v in values] if self._speed_limit(lane) and all(values) else None},
            # half the side of the η-box, as a share of the view
            "box": [1.0 / (high - low) for low, high in self.engine.view] if n == 2 and self._speed_limit(lane) else None,
            "told": _told(lane),
            "cases": readout.sentences(lane.label, weights, frames.has_rate, lane.ghost, self.engine.jumps, n > 2, first=index == 0,
                                       one_rate=n > 1 and self._one_rate(lane), gauge=self.engine.gauge is not None, memory=frames.memory_name or "",
                                       measures=[name for name in self.engine.sweep.measures if name != "loss"],
                                       milestones=self._milestones(lambda counted: counted.parts(self.engine.steps)) or ()),
        }

    def _milestones(self, told):
        """What `told` makes of the steps that the surface counts; None where it counts none."""
        counted = getattr(self.engine.surface, "milestones", None)
        return None if counted is None else told(counted)

    def _goal_spec(self):
        goal = self.engine.goal
        if goal is None:
            return None
        zone = None
        if goal.zone:
            below, first, last = goal.zone
            zone = {"u": float(self.engine.scales["loss"].units(below)), "from": first / self.engine.steps, "to": last / self.engine.steps, "text": "target"}
        return {"words": f"Target: {goal.words}", "done": goal.done, "cases": goal.cases(), "moved": MOVED, "zone": zone}

    def _speed_limit(self, lane):
        """Is η a speed limit? It is where the first step does not depend on the size of the gradient."""
        if "eta" not in lane.signature.knobs:
            return False
        try:
            values = {name: v for name, v in lane.arguments(lane.knobs_at([lane.position()]), one=True).items() if name != "eta"}
            steps = [np.abs(descend(lane.rule, _Slope(size), 1, eta=0.1, **values).dw[0]) for size in (1.0, 100.0)]
        except Exception:
            return False
        return bool(np.allclose(*steps, rtol=1e-3))

    def _one_rate(self, lane):
        """Have all weights the same rate, whatever their gradients? It is so where nothing is remembered and the rate does not depend on g."""
        if lane.signature.memory:
            return False
        g = np.concatenate([sign * np.geomspace(1e-6, 1e6, 25) for sign in (-1, 1)])
        try:
            for position in dict.fromkeys([lane.position(), 0, lane.count - 1]):
                rate = descend(lane.rule, _Slope(g), 1, **lane.arguments(lane.knobs_at([position]), one=True)).rate
                if rate is None or not np.allclose(rate, rate[0, 0], rtol=1e-9, atol=0):
                    return False
        except Exception:
            return False
        return True

    def _preset_spec(self, order):
        lane = self.engine.lanes[0]
        given = self.presets
        if given is None:
            eta = next((c for c in lane.dims if c.name in ("eta",)), lane.dims[0] if lane.dims else order[0])
            here = eta.start
            given = [{}] + [{eta.key: max(0, here - 5)}, {eta.key: min(len(eta.values) - 1, here + 5)}, {eta.key: len(eta.values) - 1 - eta.has_zero}]
        else:
            by_key = {c.key: c for c in order}
            for preset in given:
                for key in preset:
                    if key not in by_key:
                        raise TypeError(f"presets names {key!r}, which is no control here.{knobs.suggest(str(key), list(by_key))}")
            given = [{key: by_key[key].nearest(value) for key, value in preset.items()} for preset in given]
        return [[preset.get(c.key, c.start) for c in order] for preset in given[:4]]


def _told(lane):
    """What the rule says of its own knobs at every position, each text once; None where it says nothing."""
    if not hasattr(lane.rule, "said"):
        return None
    every = [told(lane, position) for position in range(lane.count)]
    texts = list(dict.fromkeys(every))
    place = {text: i for i, text in enumerate(texts)}
    return {"texts": [list(text) for text in texts], "at": [place[text] for text in every]}


class Viewed:
    """A surface seen through a given view."""

    def __init__(self, surface, view):
        self.view, self.surface, self.start = np.asarray(view), surface, np.asarray(surface.start, dtype=float)
        self.name = getattr(surface, "name", type(surface).__name__)
        self.minima = np.reshape(getattr(surface, "minima", ()), (-1, self.start.size))

    def __getattr__(self, name):  # what a surface may offer besides: gradient, curvature, every
        if name == "surface":
            raise AttributeError(name)
        return getattr(self.surface, name)

    def at(self, t):
        return Viewed(self.surface.at(t), self.view) if hasattr(self.surface, "at") else self

    def loss(self, w):
        return losses_at(self.surface, np.asarray(w, dtype=float))


class _Slope:
    """A surface of constant gradient, one number or one a weight."""

    def __init__(self, size):
        self.start, self.size = np.zeros(np.size(size)), size

    def loss(self, w):
        return (self.size * w).sum(axis=-1)

    def gradient(self, w):
        return np.broadcast_to(self.size, w.shape).copy()
