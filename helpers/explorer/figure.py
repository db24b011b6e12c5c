"""explore(): the live figure. Ordinary sliders from the rules' signatures, a sweep in NumPy, a canvas that draws what they point at."""

import base64
import inspect
import os
import traceback
from pathlib import Path

import anywidget
import ipywidgets
import numpy as np
import traitlets
from ipywidgets import widget_serialization

from helpers import figures, stills
from helpers.arrivals import Picture, whole_position
from helpers.explorer import readout
from helpers.explorer.cells import close_all, once_per_cell
from helpers.explorer.engine import Engine
from helpers.explorer.goals import Goal
from helpers.explorer.later import in_the_background
from helpers.explorer.prints import Prints
from helpers.explorer.request import Request
from helpers.explorer.spec import PANELS, Spec
from helpers.record import whole_steps
from helpers.surface import short
from helpers.views import script
from helpers.waiting import quiet

HERE = Path(__file__).parent


class Canvas(Picture, anywidget.AnyWidget):
    """The picture: draws what it is sent, computes nothing."""

    _esm = script(*(HERE / f"{name}.js" for name in ("data", "pen", "ground", "words", "draw", "layout", "keys", "view")))
    _css = (HERE / "view.css").read_text(encoding="utf-8")
    uid = traitlets.Unicode().tag(sync=True)
    spec = traitlets.Dict().tag(sync=True)
    widgets = traitlets.List().tag(sync=True, **widget_serialization)
    opens_at = traitlets.Int(-1).tag(sync=True)  # the step that a view begins with; below 0: the last one
    near = traitlets.Bytes(b"").tag(sync=True)  # every position of each slider, the others where they stand
    rest = traitlets.Bytes(b"").tag(sync=True)  # all joint positions; the view takes it out of what a notebook saves


class Explorer(ipywidgets.VBox):
    """What `explore` returns; it displays itself.

    .controls     the controls by key; `.controls["eta"].index = 3` moves one, `.value` tells where it stands
    .readout      the sentence that the figure says at the current settings
    .step         the step at which the cursor stands; assign to move it
    .runs         descend's records at the current setting, by the rule's label
    .target       what the figure says of its goal at the current setting; .reached: is it met there?
    .start        where the runs begin; `.move_start(w)` moves it
    .reset()      every control, the cursor and the start back to where they began
    .finish()     compute every setting now, where runs are so long that the figure shows the present one first
    .close_all()  close the figure with everything that belongs to it
    """

    def __init__(self, request, engine, show, title, presets):
        self.prints = Prints()
        controls, rows, widgets = [*request.surface_controls, *request.controls], [], []
        for i, control in enumerate(controls):
            made = control.make()
            for widget in made:
                widget.add_class(f"explorer-control-{i}")
            for switch in made[1:]:
                switch.add_class(f"explorer-zero-{i}")
            rows.append(ipywidgets.HBox(made, layout=ipywidgets.Layout(max_width="100%")) if len(made) > 1 else made[0])
            widgets += made
        self.controls = {control.key: control for control in controls}
        self.engine, self.spec_maker = engine, Spec(engine, self.controls, title, show, presets)
        try:
            with self.prints:
                engine.prepare()
                spec = self.spec_maker.build()
        except BaseException:  # nothing is left behind
            for row in rows:
                close_all(row)
            raise
        self.cursor, self.first_start = engine.steps, engine.asked_start
        self.canvas = Canvas(uid=os.urandom(8).hex(), widgets=widgets, spec=spec)
        self._post()
        for control in request.surface_controls:
            for widget in control.widgets:
                widget.observe(self._surface_changed, "index" if hasattr(widget, "index") else "value")
        for widget in widgets if engine.goal else ():
            widget.observe(self._look_at_goal, "index" if hasattr(widget, "index") else "value")
        self.canvas.on_msg(self._hear)
        sliders = ipywidgets.HBox(rows, layout=ipywidgets.Layout(flex_flow="row wrap", max_width="100%"))
        sliders.add_class("explorer-sliders")
        super().__init__([self.canvas, sliders], layout=ipywidgets.Layout(width="100%", max_width="1400px"))
        self.add_class("explorer")

    def __repr__(self):
        return f"{self.spec_maker.heading()}. {self.readout}"

    def _post(self, full=True, positions=None):
        """Run and send: what is near first, so that it is drawn before the rest is done."""
        with self.prints:
            for name, message in self.engine.run(full, positions):
                setattr(self.canvas, name, message)
        if self.engine.later is not None and positions is None:
            in_the_background(self.engine.later, self._send_part, self._all_done)

    def _send_part(self, message):
        self.canvas.send({"kind": "blobs"}, [message])

    def _all_done(self):
        self.canvas.rest = self.engine.message(self.engine.full_parts)

    def finish(self):
        """Compute now what a figure with long runs would compute bit by bit: for a page without a kernel."""
        with self.prints:
            message = self.engine.finish()
        if message is not None:
            self.canvas.rest = message

    # what the view says

    def _hear(self, _, message, buffers):
        with quiet(), self.prints:
            self._answer(message)

    def _answer(self, message):
        try:
            kind = message.get("kind")
            if kind == "start":
                units = self._units(message.get("at"))
                self.engine.move([self.engine.scales["xy"[i]].undo(u) for i, u in enumerate(units)])
                self._post(full=bool(message.get("final")))
            elif kind == "step":
                step = whole_position(message.get("step"), self.engine.steps + 1)
                self.cursor = self.cursor if step is None else step
            elif kind == "goal" and self.engine.goal and message.get("generation") == self.engine.generation:
                position = whole_position(message.get("position"), self.engine.lanes[0].count)
                if position is not None and self.engine.reading(0, position).int("met") >= 0:
                    self._reached(position)
            elif kind == "need":
                self._post(positions=self._wanted(message.get("positions")))
            elif kind == "data":
                self.canvas.send({"kind": "blobs"}, [self.canvas.near, self.canvas.rest])
        except Exception as error:  # a traceback in a callback is seen by nobody
            self._trouble(error)

    def _units(self, at):
        """Where a view puts the start, in units of the axes, inside them."""
        try:
            units = np.array(at, dtype=float)
        except (TypeError, ValueError):
            units = np.array([np.nan])
        if units.shape != self.engine.sweep.start.shape or not np.isfinite(units).all():
            many = self.engine.sweep.start.size
            raise ValueError(f"the start cannot be moved to {at!r}: it is one number for each of {many} weights")
        return np.clip(units, 0, 1)

    def _wanted(self, positions):
        """The positions that a view waits for, by the rule's place. A late message may ask for what is gone: left out."""
        counts, wanted = [lane.count for lane in self.engine.lanes], {}
        for lane, asked in positions if isinstance(positions, list) else ():
            there = [whole_position(p, np.inf) for p in asked]
            if lane in range(len(counts)):
                wanted[int(lane)] = [p for p in there if p is not None and p < counts[int(lane)]]
        return wanted

    def _surface_changed(self, _):
        try:
            with quiet(), self.prints:
                self.engine.change_surface(self.first_start)
                self.canvas.spec = self.spec_maker.build()
                self._post()
        except Exception as error:
            self._trouble(error)

    def _look_at_goal(self, _):
        try:
            if self.reached:
                self._reached()
        except Exception as error:
            self._trouble(error)

    def _reached(self, position=None):
        """The goal is met where the sliders stand, or at a position of the first rule that they passed: remember it, and say so once."""
        lane, goal = self.engine.lanes[0], self.engine.goal
        if goal.done:
            return
        at = np.unravel_index(lane.position() if position is None else position, lane.sizes)
        goal.done = ", ".join(c.texts[i].split(",")[0] for c, i in zip(lane.dims, at))
        if goal.reached is not None:
            goal.reached(goal.done)

    def _trouble(self, error):
        self.canvas.send({"kind": "trouble", "text": f"{type(error).__name__}: {error}"})

    # what is read off, and moved, from Python

    @property
    def step(self):
        return self.cursor

    @step.setter
    def step(self, t):
        if isinstance(t, bool) or not isinstance(t, (int, np.integer)) or not 0 <= t <= self.engine.steps:
            raise ValueError(f"step must be a whole number from 0 to {self.engine.steps}; got {t!r}")
        self.cursor = int(t)
        self.canvas.send({"kind": "step", "step": self.cursor})

    @property
    def opens_at(self):
        """The step that the figure opens with, and that reset goes back to: the last one, unless another is set here."""
        return self.canvas.opens_at if self.canvas.opens_at >= 0 else self.engine.steps

    @opens_at.setter
    def opens_at(self, t):
        self.step = t
        self.canvas.opens_at = self.cursor  # a view that is not there yet hears no message

    @property
    def start(self):
        return self.engine.sweep.start.copy()

    def move_start(self, w):
        """Begin all runs at w: one number a weight, inside the view; ValueError otherwise."""
        self.engine.move(w)
        self._post()

    @property
    def runs(self):
        return {lane.label: self.engine.sweep.one(lane, lane.position()) for lane in self.engine.lanes}

    @property
    def readout(self):
        if self.engine.refused:
            return self.engine.refused
        frame = int(np.argmin(np.abs(self.engine.sweep.rows - self.cursor)))
        cases = [lane["cases"] for lane in self.canvas.spec["lanes"]]
        return "".join(readout.fill(said, self.engine.reading(i), frame) for i, said in enumerate(cases)).strip()

    @property
    def reached(self):
        """Is the goal met at the current setting? None without a goal."""
        return self.engine.reading(0).int("met") >= 0 if self.engine.goal else None

    @property
    def target(self):
        """What the figure says of its goal at the current setting; "" without a goal."""
        if not self.engine.goal:
            return ""
        here = self.engine.reading(0)
        return self.engine.goal.sentence(here.int("met"), here.int("missed"))

    def reset(self):
        for control in self.controls.values():
            control.index = control.start
        self.cursor = self.opens_at
        self.engine.move(self.first_start)
        self._post()
        self.canvas.send({"kind": "reset"})

    def close_all(self):
        close_all(self)

    # for viewers without widgets

    def still(self, only_start=False):
        """A Matplotlib figure of the present setting; only_start: of the surface and the start alone, which gives no answer away."""
        runs, main, boxed = [], 0, []
        for lane, said in zip(self.engine.lanes, self.canvas.spec["lanes"]):
            try:
                with self.prints:
                    run = self.engine.sweep.one(lane, lane.position(), self.engine.sweep.keep if self.engine.sweep.measures else None)
            except Exception:
                continue  # the reader's rule raised here; the read-out says so
            runs.append(run)
            main += not lane.ghost
            boxed += [run] if said["box"] and not lane.ghost else []
        if not runs:  # every rule raised here: the surface and the start are left
            runs, main, only_start = [self.engine.at_rest()], 1, True
        shown = [self.engine.memory_name if panel == "G" else panel for panel in self.canvas.spec["shown"]]
        with self.prints:
            return stills.signature(runs, self.spec_maker.seen(), self.cursor, shown, main, boxed, only_start)

    def beginning(self):
        """(PNG, what is seen on it): the surface and the start alone, which give nothing away."""
        at = ", ".join(f"{x:.3g}" for x in self.start) if self.start.size <= 2 else f"{self.start.size} weights"
        return figures.png(self.still(only_start=True)), f"{getattr(self.engine.surface, 'name', 'The surface')}, and the start of the run at w = ({at})."

    def retitle(self, title):
        """Another title, from before it is displayed: a sentence, or a function of the sliders as in explore's title=."""
        self.spec_maker.title = title
        self.canvas.spec = {**self.canvas.spec, **self.spec_maker.titles()}

    def _repr_mimebundle_(self, **kwargs):
        data = super()._repr_mimebundle_(**kwargs)
        try:
            caption = f"{self.spec_maker.setting()}. Run this cell to move the sliders."
            with self.prints:
                shown = figures.show(self.still(), title=self.spec_maker.heading(), caption=caption, alt=self.readout)
            return {**data, "text/html": shown._repr_html_(), "image/png": base64.b64encode(shown._repr_png_()).decode()}
        except Exception:  # the live figure matters more than its still picture
            traceback.print_exc()
            return data


def explore(*rules, on=None, steps=100, start=None, memory=None, ghost=(), own=(), show=(), title=None, start_at=None, presets=None, goal=None, **ranges):
    """A live figure of one rule or a race of several: sliders for their knobs, and the run that the sliders point at.

    rules    update rules, your own included; each knob becomes a slider, knobs of the same name share one
    on       a surface, a dict of surfaces (a menu), or a function with keyword parameters that makes one (a control each)
    steps    how many steps a run has
    start    where runs begin (the surface's start); memory: where a memory begins, by name, as in memory={"G": 0.1}
    ghost    a rule, or several, drawn behind at the same settings
    own      knobs that each rule has for itself, as in own=["eta"]
    show     panels opened at once: "G", "step"
    title    the finding, as a sentence; or a function of sliders that gives it, as in title=lambda beta: f"β = {beta:g}: ..."
    start_at where sliders begin instead of at the rule's default, as in start_at={"eta": 0.4}; of one rule alone, where it is its own: {"eta@adagrad": 0.4}
    presets  up to four settings for the number keys, as in [{"eta": 0.1}, {"eta": 1, "beta": 0.99}]
    goal     what to reach with the sliders, as in goal=reach(1e-6, within=100) of helpers.explorer.goals
    ranges   by knob: (low, high), a list of positions, True or False (a box), words (a menu); a number fixes it; a schedule
             gives its parameters sliders

    Returns an `Explorer` that displays itself. Raises TypeError or ValueError that says what to write instead.
    """
    if not rules:
        raise TypeError("explore needs a rule: explore(adagrad, on=ravine)")
    if on is None:
        raise TypeError(f"on= must be a surface, and there is none: write explore({getattr(rules[0], '__name__', 'adagrad')}, on=ravine)")
    ghosts = () if ghost is None else tuple(ghost) if isinstance(ghost, (tuple, list)) else (ghost,)
    own, show = _names("own", own, "eta"), _names("show", show, "G")
    if not isinstance(start_at, (dict, type(None))):
        raise TypeError(f"start_at says where sliders begin, as in start_at={{'eta': 0.4}}; got {short(start_at)}")
    if presets is not None and not (isinstance(presets, (list, tuple)) and all(isinstance(preset, dict) for preset in presets)):
        raise TypeError(f"presets is a list of settings, as in presets=[{{'eta': 0.1}}, {{'eta': 1}}]; got {short(presets)}")
    for panel in show:
        if panel not in PANELS:
            raise ValueError(f"show names {panel!r}; the panels are {', '.join(PANELS)}")
    steps = whole_steps(steps)
    if goal is not None and not isinstance(goal, Goal):
        raise TypeError(f"goal is what reach(...) or stay(...) of helpers.explorer.goals make, as in goal=reach(1e-6, within=100); got {short(goal)}")
    if goal is not None and goal.steps > steps:
        raise ValueError(f"the goal looks at {goal.steps} steps, and the runs have {steps}: write steps={goal.steps}, or more")
    reserved = {name for name, p in inspect.signature(explore).parameters.items() if p.kind is p.KEYWORD_ONLY}
    request = Request(rules, ghosts, on, own, ranges, start_at or {}, memory, reserved, int(steps))
    engine = Engine(request, int(steps), start, memory, goal)
    return once_per_cell(Explorer(request, engine, show, title, presets))


def _names(what, given, such):
    """A name, or several, as a tuple."""
    given = (given,) if isinstance(given, str) else given
    if given is None or not isinstance(given, (tuple, list, set)) or not all(isinstance(name, str) for name in given):
        raise TypeError(f"{what} is a list of names, as in {what}=[{such!r}]; got {given!r}")
    return tuple(given)
