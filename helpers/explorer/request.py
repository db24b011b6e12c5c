"""What explore() was asked for, checked: which rules, with which knobs as controls, on which surface."""

import inspect

import numpy as np

from helpers import figures, knobs
from helpers.descent import descend
from helpers.explorer.controls import can_guess, fit, make_control, normal, slides
from helpers.explorer.sweep import Lane
from helpers.rules import Signature
from helpers.schedules import Schedule, at_step
from helpers.surface import short

MOST_NUMBERS = 1.5e8  # steps × weights × runs that a sweep takes seconds for: about 200 small networks over 300 steps
FEWEST = 60           # runs of one rule, however large the surface
SURFACE = "a surface offers .start, .loss(w) and .gradient(w), as ravine does, or what Surface(...) makes"


class Request:
    """`.surface_controls` and `.surface_now()`, `.lanes` (one a rule) and `.controls`. `reserved` are explore's own argument names.

    Raises TypeError or ValueError that says what to write instead.
    """

    def __init__(self, rules, ghosts, on, own, ranges, start_at, memory, reserved, steps):
        self.rules = [(rule, Signature(rule), i >= len(rules)) for i, rule in enumerate((*rules, *ghosts))]
        self.ranges, self.start_at, self.own, self.taken = {name: normal(name, given) for name, given in ranges.items()}, start_at, own, set()
        self.made, self.controls, self.lanes = {}, [], []
        names = [signature.name for _, signature, _ in self.rules]
        nths = ["" if names.count(name) == 1 else f" {names[: i + 1].count(name)}" for i, name in enumerate(names)]
        self._choose_surface(on, reserved)
        self._check_names(reserved, memory, {self._key(name, s, nth) for (_, s, _), nth in zip(self.rules, nths) for name in s.knobs if name in own})
        for (rule, signature, ghost), nth in zip(self.rules, nths):
            self._make_lane(rule, signature, ghost, nth)
        numbers = steps * max(1, np.size(self.surface_now().start))
        for lane in self.lanes:
            fit(lane.dims, int(max(FEWEST, MOST_NUMBERS / numbers)))
        if not self.controls and not self.surface_controls:
            bare = next((name for name, given in self.ranges.items() if callable(given) and not isinstance(given, Schedule)), None)
            if bare:
                raise TypeError(f"{bare} is a function of the step, which has nothing to slide: to give it sliders write `@schedule` before it, with its "
                                f"parameters and their defaults after a `*`, as in `def warm_up(t, *, {bare}=0.1, over=10)`, or leave another knob free")
            raise TypeError("every knob is fixed, so there is nothing to slide: leave one out, or give it a range (low, high)")

    # the surface

    def _choose_surface(self, on, reserved):
        self._on, self.surface_controls, self._surface_fixed, self.menu = on, [], {}, {}  # menu: the surfaces to choose from, by name
        if isinstance(on, dict):
            for name, surface in on.items():
                if not _is_surface(surface):
                    raise TypeError(f"on= holds under {name!r} what is no surface: {SURFACE}; got {short(surface)}")
            if not on:
                raise ValueError("on={} holds no surface: give at least one, as in on={'ravine': ravine}")
            self.menu = {str(name): surface for name, surface in on.items()}
            if len(on) > 1:
                self.surface_controls = [make_control("surface", self._menu_word(), None, list(self.menu), self._begin("surface"))]
            return
        if _is_surface(on):
            return
        if not callable(on) or any(on is rule for rule, _, _ in self.rules):
            raise TypeError(f"on= must be a surface, a dict of surfaces or a function that makes one: {SURFACE}; got {short(on)}")
        try:
            parameters = inspect.signature(on).parameters.values()
        except (TypeError, ValueError):
            raise TypeError(f"on={short(on)} does not say which parameters it has: wrap it in a function that returns a surface") from None
        for p in parameters:
            if p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD, p.POSITIONAL_ONLY) or p.name in reserved:
                raise TypeError(f"on=: the parameter {p.name!r} of {getattr(on, '__name__', on)} cannot become a control: give it another name, and a default")
            given = self.ranges.get(p.name)
            self.taken.add(p.name)
            if not slides(given):
                self._surface_fixed[p.name] = given
            elif given is not None or isinstance(p.default, (bool, int, float)):
                self.surface_controls.append(make_control(p.name, p.name, p.default, given, self._begin(p.name)))
            elif p.default is p.empty:
                raise TypeError(f"on=: {getattr(on, '__name__', on)} has no default for {p.name}: give it one, or a range, as in {p.name}=(low, high)")
        for control in self.surface_controls:
            if control.name not in self.ranges:
                self._drop_refused(control)

    def _menu_word(self):
        """What the surfaces to choose from are: data, where one is made from examples, else surfaces."""
        made_of_data = any("data" in name.lower() or hasattr(surface, "at") and not hasattr(surface, "every") for name, surface in self.menu.items())
        return "data" if made_of_data else "surface"

    def _begin(self, name):
        self.taken.add(name)
        return self.start_at.get(name)

    def _drop_refused(self, control):
        """Leave out guessed positions that the surface's function refuses (a condition below 1)."""
        others = {**self._surface_fixed, **{c.name: c.values[c.start] for c in self.surface_controls}}
        control.keep_only(lambda value: _is_taken(self._on, control.name, value, others))

    def surface_now(self):
        """The surface where the surface's controls stand."""
        if isinstance(self._on, dict):
            return self.menu[self.surface_controls[0].value] if self.surface_controls else next(iter(self.menu.values()))
        if _is_surface(self._on):
            return self._on
        return self.surface_at([c.index for c in self.surface_controls])

    def surface_at(self, indices):
        """The surface that a function makes at these positions of its controls."""
        surface = self._on(**self._surface_fixed, **{c.name: c.values[i] for c, i in zip(self.surface_controls, indices)})
        if not _is_surface(surface):
            raise TypeError(f"on= must be a surface, a dict of surfaces or a function that makes one: {SURFACE}; {getattr(self._on, '__name__', self._on)} gave {short(surface)}")
        return surface

    # the rules

    def _key(self, name, signature, nth):
        return f"{name}@{signature.name}{nth}" if name in self.own else name

    def _check_names(self, reserved, memory, own_keys):
        known = {name for _, s, _ in self.rules for name in s.knobs}
        for name in sorted(known & reserved):
            raise TypeError(f"the knob {name!r} is also an argument of explore; rename it in the rule")
        for name in sorted(known & set(inspect.signature(descend).parameters)):
            raise TypeError(f"the knob {name!r} is also an argument of descend; rename it in the rule")
        surface = {c.key for c in self.surface_controls} | set(self._surface_fixed)
        for name in sorted(known & surface):
            raise TypeError(f"{name!r} is a knob of a rule and belongs to the surface too; rename one of them")
        scheduled = isinstance(self.ranges.get("eta"), Schedule)
        given = [self.ranges["eta"]] if scheduled else [s.knobs.get("eta") for _, s, _ in self.rules]  # a rule may have one as its default
        parameters = {name for eta in given if isinstance(eta, Schedule) for name in eta.parameters}
        for name in sorted(parameters & (known | surface) - {"eta"}):
            raise TypeError(f"{name!r} is a parameter of the schedule and belongs to a rule or the surface too; rename one of them")
        all_names = known | parameters | surface
        for name in self.ranges:
            if name not in all_names:
                raise TypeError(f"no rule here has a knob {name!r}.{knobs.suggest(name, sorted(all_names))}")
        for name in self.own:
            if name not in known:
                raise TypeError(f"own names {name!r}, which is no knob here.{knobs.suggest(str(name), sorted(known))}")
        for key in self.start_at:
            if key not in all_names | own_keys:
                raise TypeError(f"start_at names {key!r}, which is no knob here.{knobs.suggest(str(key), sorted(all_names | own_keys))}")
            name = key.split("@")[0]
            if name in self.ranges and not slides(self.ranges[name]) and not (name == "eta" and scheduled):
                raise TypeError(f"start_at names {key!r}, which is fixed here: give it a range, or leave it out of start_at")
        held = sorted({name for _, s, _ in self.rules for name in s.memory})
        if memory is not None and not isinstance(memory, dict):
            raise TypeError(f"memory names what to start, as in memory={{'G': 0.1}}; got {memory!r}")
        for name in memory or {}:
            if name not in held:
                raise TypeError(f"memory names {name!r}, which no rule here remembers.{knobs.suggest(str(name), held)}")

    def _make_lane(self, rule, signature, ghost, nth):
        if not signature.knobs:
            raise TypeError(f"{signature.name} has no knob to slide: put one after a `*`, as in `def {signature.name}(g, *, eta=0.1)`")
        dims, fixed, scheduled = [], {}, None
        for name, default in signature.knobs.items():
            given = self.ranges.get(name)
            if given is None and isinstance(default, Schedule):
                given = default
            if name == "eta" and isinstance(given, Schedule):
                scheduled = self._schedule(given, dims)
                continue
            if not slides(given):
                fixed[name] = _function_of_t(name, given) if callable(given) else given
                continue
            key = self._key(name, signature, nth)
            start_at = self.start_at.get(key, self.start_at.get(name))
            if key not in self.made and given is None and default is not inspect.Parameter.empty:
                if ghost and name not in self.own:  # a ghost brings no slider that was not asked for
                    fixed.update({name: self.start_at[name]} if name in self.start_at else {})
                    continue
                plain = isinstance(default, (bool, int, float, np.generic)) and (name in knobs.KNOBS or can_guess(default))
                if not plain and name not in self.start_at:
                    continue  # a word, a pair, infinity: no range can be guessed, and the rule has its own
            if key not in self.made:
                look = figures.look(rule)
                self.made[key] = make_control(key, name, default, given, start_at, look.label + nth if name in self.own else None)
                self.controls.append(self.made[key])
            dims.append(self.made[key])
        look = figures.look(rule)
        self.lanes.append(Lane(rule, signature, look, dims, fixed, scheduled, ghost, look.label + nth))

    def _schedule(self, given, dims):
        """(the schedule, names of its parameters that have sliders): the sliders are added to dims."""
        names, settled = [], {}
        for parameter, value in given.parameters.items():
            asked = None if parameter == "eta" else self.ranges.get(parameter)
            if not slides(asked):
                settled[parameter] = asked
                continue
            if asked is None and not isinstance(value, (bool, int, float, np.generic)) and parameter not in self.start_at:
                continue  # a word, as in preset(kind="step"): the schedule has its own
            if parameter not in self.made:
                made = make_control(parameter, parameter, value, asked, self.start_at.get(parameter))
                if asked is None:  # guessed: what the schedule refuses is left out
                    made.keep_only(lambda position: _is_taken(given, parameter, position))
                self.made[parameter] = made
                self.controls.append(made)
            dims.append(self.made[parameter])
            names.append(parameter)
            given(**{parameter: self.made[parameter].values})  # a position that it refuses is told now, not when the slider is there
        return _function_of_t("eta", given(**settled)) if settled else given, names


def _is_surface(thing):
    return not inspect.isclass(thing) and all(hasattr(thing, part) for part in ("start", "loss", "gradient"))


def _is_taken(make, name, value, others=()):
    """Does a schedule, or a function that makes surfaces, take this value?"""
    try:
        make(**{**dict(others), name: value})
    except ValueError:
        return False
    return True


def _function_of_t(name, given):
    """A schedule that is any function of the step, tried once, as descend would ask it."""
    with np.errstate(all="ignore"):
        value = at_step(name, given, 0)
    if np.ndim(value) or not isinstance(value, float):
        raise TypeError(f"{name} takes a number, a range (low, high), a list of positions, or a schedule {name}(t) that gives a number; got {given!r}")
    return given
