"""Why a rule could not be run at all settings side by side, in the words of the figure: its knob, its schedule, its surface or the rule itself."""

import numpy as np

from helpers.descent import descend

ALIKE = dict(rtol=1e-9, atol=0, equal_nan=True)
ONE_BY_ONE = "so it was run one by one"


def why_alone(lane, sweep):
    """'warm branches on the knob warm, so it was run one by one (np.where would keep it quick)': of the thing whose fault it is."""
    told = lane.label
    if lane.how == "number by number":
        return f"{told} cannot take arrays, so it was called number by number"
    here = _first_surface(sweep)
    if not _takes_points(here, sweep.start):
        return f"the surface takes one point at a time, or is random: {told} was run one by one"
    if lane.schedule is not None and not _takes_runs(lane):
        return f"the schedule of {told} takes one number at a time, {ONE_BY_ONE} (np.where and NumPy's functions would keep it quick)"
    return f"{told} {_of_the_rule(lane, here, sweep)}"


def _first_surface(sweep):
    return sweep.surface.at(0) if hasattr(sweep.surface, "at") else sweep.surface


def _takes_points(surface, start):
    """Are two points together what each is alone, and the same every time?"""
    points = np.stack([start, start + 0.01, start])
    try:
        with np.errstate(all="ignore"):
            for ask in (surface.loss, surface.gradient):
                together, alone = (
                    np.asarray(ask(points.copy()), dtype=float),
                    [np.asarray(ask(w.copy()), dtype=float) for w in points],
                )
                if together.shape != np.shape(alone) or not np.allclose(
                    together, alone, rtol=1e-6, atol=1e-12, equal_nan=True
                ):
                    return False
    except Exception:
        return False
    return True


def _takes_runs(lane):
    """Does the schedule give one η a run where its parameters are arrays?"""
    schedule, names = lane.schedule
    values = lane.knobs_at([lane.position(), 0, lane.count - 1])
    try:
        with np.errstate(all="ignore"):
            together = schedule(**{name: np.asarray(values[name], dtype=float) for name in names})
            for t in (0, 1, 2, 30):
                alone = [schedule(**{name: values[name][i] for name in names})(t) for i in range(3)]
                if not np.allclose(np.broadcast_to(together(t), 3), alone, rtol=1e-9):
                    return False
    except Exception:
        return False
    return True


def _of_the_rule(lane, surface, sweep):
    """What it is about the rule, its knobs tried as arrays one after the other."""
    with np.errstate(all="ignore"):
        g = np.stack([surface.gradient(sweep.start.copy())] * 2)
    held = lane.signature.memories(sweep.memory_of(lane), sweep.start.size)
    plain = {
        name: v[0] for name, v in lane.knobs_at([lane.position()]).items() if name in lane.signature.knobs
    }
    plain = {
        **{name: value for name, value in lane.signature.knobs.items() if name not in plain},
        **lane.fixed,
        **plain,
    }
    plain = {name: float(value(0)) if callable(value) else value for name, value in plain.items()}

    def ask(gradient, **knobs):
        with np.errstate(all="ignore"):
            result = lane.rule(
                gradient.copy(),
                *[np.copy(v) if isinstance(v, np.ndarray) else v for v in held.values()],
                **{**plain, **knobs},
            )
        return np.asarray(result[0] if held else result, dtype=float)

    try:
        if not all(np.allclose(ask(g), ask(g), **ALIKE) for _ in range(3)):
            return f"is random, or keeps something between its calls, {ONE_BY_ONE}"
        for control in lane.dims:
            if control.kind == "slider" and control.name in plain:
                trouble = _trouble(ask, g, control.name, plain[control.name])
                if trouble:
                    return trouble
        for position in (0, lane.count - 1):
            descend(
                lane.rule,
                sweep.surface,
                1,
                sweep.start,
                sweep.memory_of(lane),
                **lane.arguments(lane.knobs_at([position]), one=True),
            )
    except Exception:
        return f"raises an error at some settings, {ONE_BY_ONE}"
    return f"mixes weights or runs, {ONE_BY_ONE}"


def _trouble(ask, g, name, value):
    """What goes wrong where this knob is an array of runs; '' where nothing does."""
    try:
        ask(g, **{name: np.full((len(g), 1), value)})
    except ValueError as error:
        if "truth value" in str(error):
            return f"branches on the knob {name}, {ONE_BY_ONE} (np.where would keep it quick)"
    except TypeError:
        return f"takes its knob {name} one number at a time, {ONE_BY_ONE}"
    return ""
