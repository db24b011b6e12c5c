"""What explore() was asked for, checked: which rules, with which knobs as controls, on which surface."""

import inspect


from helpers import figures, knobs
from helpers.explorer.controls import fit, make_control
from helpers.explorer.sweep import Lane
from helpers.rules import Signature
from helpers.schedules import Schedule


class Request:
    """`.surface_controls` and `.surface_now()`, `.lanes` (one a rule) and `.controls`. `reserved` are explore's own argument names.

    Raises TypeError or ValueError that says what to write instead.
    """

    def __init__(self, rules, ghosts, on, own, ranges, start_at, reserved):
        self._choose_surface(on, ranges, start_at)
        self._make_lanes(rules, ghosts, own, ranges, start_at, reserved)

    def _choose_surface(self, on, ranges, start_at):
        self._on, self.surface_controls = on, []
        if isinstance(on, dict):
            if not on:
                raise ValueError("on={} holds no surface: give at least one, as in on={'ravine': ravine}")
            self.surface_controls = [make_control("surface", "surface", None, list(on))]
        elif not hasattr(on, "gradient"):
            if not callable(on):
                raise TypeError(f"on= must be a surface, a dict of surfaces or a function that makes one; got {on!r}")
            for name, p in inspect.signature(on).parameters.items():
                control = make_control(name, name, p.default, ranges.pop(name, None), start_at.pop(name, None))
                if control is not None:
                    self.surface_controls.append(control)

    def surface_now(self):
        if isinstance(self._on, dict):
            return self._on[self.surface_controls[0].value if self.surface_controls[0].widgets else self.surface_controls[0].values[0]]
        if self.surface_controls:
            return self._on(**{c.name: c.value for c in self.surface_controls})
        return self._on() if not hasattr(self._on, "gradient") else self._on

    def _make_lanes(self, rules, ghosts, own, ranges, start_at, reserved):
        signatures = [(rule, Signature(rule), i >= len(rules)) for i, rule in enumerate((*rules, *ghosts))]
        known = {name for _, s, _ in signatures for name in s.knobs}
        for name in known & reserved:
            raise TypeError(f"the knob {name!r} is also an argument of explore; rename it in the rule")
        schedule = {name: value for name, value in ranges.items() if isinstance(value, Schedule)}
        parameters = {p for s in schedule.values() for p in s.parameters}
        for name in ranges:
            if name not in known | parameters:
                raise TypeError(f"no rule here has a knob {name!r}.{knobs.suggest(name, sorted(known))}")
        for name in own:
            if name not in known:
                raise TypeError(f"own names {name!r}, which is no knob here.{knobs.suggest(name, sorted(known))}")
        for name in start_at:
            if name not in known | parameters:
                raise TypeError(f"start_at names {name!r}, which is no knob here.{knobs.suggest(name, sorted(known | parameters))}")
        self.controls, self.lanes, made = [], [], {}
        names = [s.name for _, s, _ in signatures]
        for rule, signature, ghost in signatures:
            if not signature.knobs:
                raise TypeError(f"{signature.name} has no knob to slide: put one after a `*`, as in `def {signature.name}(g, *, eta=0.1)`")
            dims, fixed, scheduled = [], {}, None
            for name, default in signature.knobs.items():
                given = ranges.get(name)
                if callable(given):
                    if isinstance(given, Schedule):
                        scheduled = (given, [])
                        for parameter, value in given.parameters.items():
                            if parameter not in made:
                                made[parameter] = make_control(parameter, parameter, value, None if parameter == name else ranges.get(parameter), start_at.get(parameter))
                                self.controls += [made[parameter]] if made[parameter] else []
                            if made[parameter]:
                                dims.append(made[parameter])
                                scheduled[1].append(parameter)
                    else:
                        fixed[name] = given
                    continue
                key = f"{name}@{signature.name}" if name in own else name
                if key not in made:
                    if ghost and name not in own:
                        fixed.update({} if given is None or isinstance(given, (tuple, list, bool)) else {name: given})
                        continue  # a ghost brings no slider of its own
                    made[key] = make_control(key, name, default, given, start_at.get(name), signature.name if name in own else None)
                    if made[key]:
                        self.controls.append(made[key])
                if made[key]:
                    dims.append(made[key])
                elif given is not None:
                    fixed[name] = given
            label = figures.look(rule).label
            if names.count(signature.name) > 1:
                label = f"{label} {len([l for l in self.lanes if l.signature.name == signature.name]) + 1}"
            self.lanes.append(Lane(rule, signature, figures.look(rule), dims, fixed, scheduled, ghost, label))
        for lane in self.lanes:
            fit(lane.dims)
        if not self.controls and not self.surface_controls:
            raise TypeError("every knob is fixed, so there is nothing to slide: leave one out, or give it a range (low, high)")
