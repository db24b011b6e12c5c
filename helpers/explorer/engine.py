"""The engine behind a figure: which axes it needs, what every position did, and the messages that carry it."""

import json

import numpy as np

from helpers.descent import descend
from helpers.explorer.blame import readers_own
from helpers.explorer import axes
from helpers.explorer.later import LONG, Later, effort
from helpers.explorer.reading import Reading
from helpers.explorer.scales import sample, scale, scale_loss
from helpers.explorer.sweep import MANY_JUMPS, PATIENCE, Frames, Sweep, blob
from helpers.rules import RuleError
from helpers.surface import pairs
from helpers.waiting import Waiting


class Engine:
    """Sweeps the lanes of a Request. `generation` grows with every new sweep."""

    def __init__(self, request, steps, start, memory, goal=None):
        self.request, self.lanes, self.steps, self.asked_start, self.memory, self.goal = request, request.lanes, steps, start, memory, goal
        self.generation, self.near_parts, self.full_parts, self.refused = 0, [], [], ""
        self.later, self.tried = None, {}  # settings that are computed after the first picture, and records of those that were tried out
        self.shown = ()  # the panels that are open when the figure is first seen
        self.common, self.views = {}, {}  # axes, and what is seen, by the surfaces that share them

    def prepare(self):
        """Look at the surface, try the rules, and choose the axes."""
        self.surface = self.request.surface_now()
        self.sweep = Sweep(self.surface, self.steps, self.checked_start(), self.memory)
        self._probe_and_scale()

    def change_surface(self, start):
        """Prepare for the surface that its controls now ask for, from `start` where that fits it; `.refused` says why where it cannot be."""
        before = self.surface, self.sweep
        self.refused, self.asked_start = "", start
        try:
            try:
                self.prepare()
            except ValueError:
                if start is None:
                    raise
                self.asked_start = None  # made for another surface
                self.prepare()
        except Exception as error:
            self.surface, self.sweep = before
            self.refused = f"{type(error).__name__}: {error}"
            raise

    def at_rest(self):
        """The record of a run that stays where it begins."""
        return descend(_still, self.surface, self.steps, self.asked_start)

    def checked_start(self):
        """Where the runs begin. Tries the surface there, so one of the wrong shape is told of here."""
        w = np.asarray(descend(_still, self.surface, 1, self.asked_start).w[0])
        view = seen(self.surface, w.size)
        if view is not None and self.asked_start is not None:
            for i, (x, (low, high)) in enumerate(zip(w, view)):
                if not low <= x <= high:
                    raise ValueError(f"start is outside the view: w{'₁₂'[i]} = {x:g}, and the picture shows {low:g} to {high:g}; choose a start between them")
        return w

    def _probe_and_scale(self):
        sweep, runs = self.sweep, []
        for lane in self.lanes:
            try:
                run = sweep.probe(lane)
            except (RuleError, TimeoutError):
                raise
            except Exception as error:
                if not readers_own(error, lane.rule):
                    raise
                lane.seconds, lane.how, lane.has_rate, run = 0.01, "one by one", True, None
            runs.append(run)
        self.tried = {lane: run for lane, run in zip(self.lanes, runs) if run is not None} if effort(self) > LONG else {}
        surface, n = self.surface, sweep.start.size
        self.view = self._view([r for r in runs if r is not None])
        self.memory_name = next((m for lane in self.lanes for m in ("G", *lane.signature.memory) if m in lane.signature.memory and m not in ("last", "v", "t")), None)
        places = {} if n > 2 else {"xy"[i]: axes.Axis(*self.view[i], False, f"w{'₁₂'[i]}" if n == 2 else "w") for i in range(n)}
        key = self._family()
        if key not in self.common:
            self.common[key] = self._quantities(runs)
        if n <= 2:
            places.update(self._heights())
        self.scales = scales = {**self.common[key], **places}
        self.has_rate = [lane.has_rate for lane in self.lanes]
        curvature = getattr(surface, "curvature", None)
        gauged = n <= 2 and curvature is not None and any(has and not lane.ghost for lane, has in zip(self.lanes, self.has_rate))
        self.gauge = axes.Gauge(scales["rate"], curvature) if gauged else None
        self.jumps = -(-self.steps // surface.every) if hasattr(surface, "every") else 0
        self.jumps *= self.jumps <= MANY_JUMPS
        judged = [self.goal] + [None] * (len(self.lanes) - 1)  # a goal is the first rule's
        self.frames = [Frames(lane, sweep, scales, has, self.memory_name, self.jumps, goal) for lane, has, goal in zip(self.lanes, self.has_rate, judged)]

    def _view(self, good):
        """What the picture shows of the weights: the surface's own view, or, found once, where the runs go; None for more than two weights."""
        n = self.sweep.start.size
        view = seen(self.surface, n)
        if n > 2 or view is not None:
            return view
        if self._family() not in self.views:
            w = np.concatenate([r.w[~(r.loss > r.loss[0] + 4 * np.ptp(r.loss[r.loss <= r.loss[0]]))] for r in good] + [self.sweep.start[None]])
            w = w[np.isfinite(w).all(-1)]
            pad = np.maximum(0.15 * np.ptp(w, axis=0), 0.5)
            self.views[self._family()] = np.stack([w.min(0) - pad, w.max(0) + pad], axis=-1)
        return self.views[self._family()]

    def _family(self):
        """What names the surfaces that share their axes: all that one function makes, those of a menu that are seen in one view, else each its own."""
        request = self.request
        if not request.menu:
            return "one"
        view = seen(self.surface, self.sweep.start.size)
        return next(name for name, surface in request.menu.items() if surface is self.surface) if view is None else (view.tobytes(), self.sweep.start.tobytes())

    def _quantities(self, runs):
        """The axes of all but the weights themselves."""
        sweep, found = self.sweep, {}
        samples = sample(self, runs, self.twins())
        etas = [v for lane in self.lanes for v in etas_of(lane)]
        with np.errstate(all="ignore"):
            good = [run for run in runs if run is not None]
            measured = [sweep.measure(r.w[sweep.rows], r.loss[sweep.rows]) for r in good] if sweep.measures else []
            self._scale_loss(found, samples, measured)
            found.update({name: _share(name, [m[name] for m in measured]) for name in sweep.measures if name != "loss"})
            found["rate"] = scale("rate", "rate", samples, always=etas)
            found["step"] = scale("step", "step", samples, always=[v for lane in self.lanes for v in [eta_now(lane)] if v], most=7)
            found["G"] = scale("G", self.memory_name or "G", samples, most=8)
        return found

    def twins(self):
        """The other surfaces of the menu that are seen in the same view, from the same start."""
        view, n = seen(self.surface, np.size(self.surface.start)), np.size(self.surface.start)
        others = [other for other in self.request.menu.values() if other is not self.surface and np.array_equal(other.start, self.surface.start)]
        return [] if view is None else [other for other in others if seen(other, n) is not None and (seen(other, n) == view).all()]

    def _scale_loss(self, found, samples, measured):
        """The axis of the loss; where it is not below 0 (or there are many weights), over all surfaces that share it."""
        if measured:  # the figure shows another loss than the one that is walked down
            samples.core["loss"] = [m["loss"] for m in measured]
            samples.others["loss"], samples.starts = [], [float(m["loss"][0]) for m in measured]
        found["loss"] = scale_loss(samples, self.goal)

    def _heights(self):
        """What is told by the surface alone: how high the curve of one weight is, and the axis of a loss that goes below 0."""
        surfaces, n, found = (self.surface, *self.twins()), self.sweep.start.size, {}
        losses = np.concatenate([self._grid(surface) for surface in surfaces])
        if n == 1:
            found["height"] = axes.Axis(min(0, losses.min()), losses.max() * 1.02, False, "loss")
        if losses.min() < -1e-12:
            found["loss"] = axes.Axis(losses.min(), losses.max(), False, "loss")
        return found

    def _grid(self, surface):
        """Losses all over the view."""
        points = np.stack(np.meshgrid(*[np.linspace(*v, 61) for v in self.view], indexing="ij"), axis=-1)
        grid = losses_at(surface, points).reshape(-1)
        return grid[np.isfinite(grid)] if np.isfinite(grid).any() else np.ones(2)

    def run(self, full=True, positions=None, believed=False):
        """Run, and yield ("near", message) and ("rest", message) as they are ready: `positions` {lane: [...]} alone, or the neighbours
        of where the sliders stand and then (with `full`) everything. `believed`: these positions are not held against runs alone."""
        if positions is not None:
            self.near_parts = [self.packed(lane, frames, positions.get(i, []), believed) for i, (lane, frames) in enumerate(zip(self.lanes, self.frames))]
            yield "near", self.message(self.near_parts)
            return
        self.generation += 1
        self.full_parts, self.later = [], None
        if full and effort(self) > LONG:
            self.near_parts = self.full_parts = [self._tried(lane, frames) for lane, frames in zip(self.lanes, self.frames)]
            self.later = Later(self)
            yield "near", self.message(self.near_parts)
            return
        self.near_parts = [self.packed(lane, frames, lane.near()) for lane, frames in zip(self.lanes, self.frames)]
        yield "near", self.message(self.near_parts)
        if full:
            self.full_parts = [self._everything(lane, frames, near) for lane, frames, near in zip(self.lanes, self.frames, self.near_parts)]
            yield "rest", self.message(self.full_parts)

    def _tried(self, lane, frames):
        """The present setting alone; where it was just tried out, it is not run again."""
        position, run = lane.position(), self.tried.pop(lane, None)
        if run is None:
            return self.packed(lane, frames, [position])
        return [position], *frames.pack([position], run)

    def finish(self):
        """Compute now what waits; gives the message with all positions, None where nothing waited."""
        if self.later is None or not self.later.left:
            return None
        while self.later.left:
            self.later.go_on()
        return self.message(self.full_parts)

    def _everything(self, lane, frames, near):
        """All positions packed, in order, those that were just run taken over; none where that would take too long."""
        if not self.in_advance(lane):
            return self.packed(lane, frames, [])
        there, *parts = near
        left = sorted(set(range(lane.count)) - set(there))
        if not left:
            order = np.argsort(there)
            return list(range(lane.count)), *(part[order] for part in parts)
        done, *others = self.packed(lane, frames, left)
        order = np.argsort([*there, *done])
        return sorted([*there, *done]), *(np.concatenate(both)[order] for both in zip(parts, others))

    def in_advance(self, lane):
        """Can every position be run in advance? Those of a rule that runs one by one only where that takes under a second."""
        return not lane.hung and (lane.how == "side by side" or lane.seconds * lane.count < PATIENCE)

    def packed(self, lane, frames, positions, believed=False):
        """(positions, codes, integers) of what was run; a slow rule's positions are cut where patience ends."""
        positions, lane.hung = list(positions), min(lane.hung, 1)
        if lane.how != "side by side":
            positions = positions[: max(1, int(2 * PATIENCE / max(lane.seconds, 1e-5)))]
        codes = np.full((len(positions), len(frames.channels), self.sweep.rows.size), axes.CODES + 1, np.uint16)
        ints = np.full((len(positions), len(frames.ints)), -1, np.int32)
        place = {p: i for i, p in enumerate(positions)}
        checked = {positions[0], positions[len(positions) // 2], positions[-1]} if len(positions) > 3 and lane.how == "side by side" and not believed else set()
        told = {}
        with Waiting(len(positions), "runs") as waiting:
            for part, run in self.sweep.run(lane, positions):
                at = [place[p] for p in part]
                codes[at], ints[at] = frames.pack(part, run)
                if not isinstance(run, str):
                    told.update({p: run.w.reshape(len(run.rows), len(part), -1)[:, i] for i, p in enumerate(part) if p in checked})
                waiting.at(at[-1] + 1)
        if not self.sweep.agrees(lane, told):
            lane.how = "one by one"  # the sweep is not to be believed: run alone, these positions did something else
            return self.packed(lane, frames, positions)
        return positions, codes, ints

    def move(self, w):
        """Begin all runs at w from now on; what was asked for before stays where w is refused."""
        before, self.asked_start = self.asked_start, w
        try:
            self.sweep.start = self.checked_start()
        except Exception:
            self.asked_start = before
            raise
        self.tried.clear()
        self.sweep.errors.clear()

    def message(self, parts):
        """Packed positions of every lane, for the view."""
        start = self.sweep.start
        header = {
            "generation": self.generation, "errors": self.sweep.errors,
            "start": [float(self.scales["xy"[i]].units(x)) for i, x in enumerate(start)] if start.size <= 2 else None,
            "startText": ", ".join(f"{x:.3g}" for x in start) if start.size <= 2 else "",
            "lanes": [{"count": int(codes.shape[0]), "positions": None if len(p) == lane.count and p == list(range(lane.count)) else [int(x) for x in p]}
                      for lane, (p, codes, _) in zip(self.lanes, parts)],
        }
        return blob(json.dumps(header), [(codes, ints) for _, codes, ints in parts])

    def reading(self, i, position=None):
        """What lane i did where its controls stand (or at another position), as the read-out needs it."""
        lane, frames = self.lanes[i], self.frames[i]
        position = lane.position() if position is None else position
        for parts in (self.near_parts, self.full_parts):
            if i < len(parts) and position in parts[i][0]:
                known, codes, ints = parts[i]
                at = known.index(position)
                return Reading(self, frames, codes[at], ints[at], position)
        _, codes, ints = self.packed(lane, frames, [position])
        return Reading(self, frames, codes[0], ints[0], position)


def etas_of(lane):
    """The least and the largest η of a lane's slider, or its only one."""
    eta = next((c for c in lane.dims if c.name == "eta"), None)
    values = [float(v) for v in eta.values if v > 0] if eta else [v for v in [eta_now(lane)] if v]
    return [min(values), max(values)] if values else []


def eta_now(lane):
    """The η of a lane where its controls stand, or of its schedule at the start; None where it has none."""
    eta = next((c for c in lane.dims if c.name == "eta"), None)
    value = eta.value if eta else lane.fixed.get("eta", lane.signature.knobs.get("eta"))
    if lane.schedule is not None and not eta:
        value = lane.schedule[0].parameters.get("eta")
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _share(name, samples):
    """An axis for a measure: 0 to 1 for what is a share, else from end to end."""
    values = np.concatenate([np.ravel(s) for s in samples] or [np.array([0.0, 1.0])])
    values = values[np.isfinite(values)] if np.isfinite(values).any() else np.array([0.0, 1.0])
    low, high = min(0.0, values.min()), max(1.0, values.max())
    if low == 0 and high == 1 and np.median(values) > 0.75:
        low = 0.5  # where it matters, near 1, a share is worth more room
    return axes.Axis(low, high, False, name)


def seen(surface, n):
    """The view of a surface as (n, 2); None where it has none, or more than two weights."""
    view = getattr(surface, "view", None)
    return None if view is None or n > 2 else pairs(getattr(surface, "name", type(surface).__name__), view, n)


def losses_at(surface, points):
    """The loss at points (..., n): all at once, or one by one where the surface cannot take them together."""
    flat = points.reshape(-1, points.shape[-1])
    some = range(0, len(flat), max(1, len(flat) // 5))
    with np.errstate(all="ignore"):
        alone = [float(np.reshape(surface.loss(flat[i].copy()), -1)[0]) for i in some]
        try:
            together = np.asarray(surface.loss(flat.copy()), dtype=float).reshape(len(flat))
            if np.allclose(together[list(some)], alone, rtol=1e-6, equal_nan=True):
                return together.reshape(points.shape[:-1])
        except Exception:
            pass
        return np.array([float(np.reshape(surface.loss(w.copy()), -1)[0]) for w in flat]).reshape(points.shape[:-1])


def _still(g, *, eta=1.0):
    return 0 * g
