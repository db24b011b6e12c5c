"""Which axes a figure has: the same at all positions of all its controls, those of its surface included, and after a reset the first ones again."""

import itertools
import warnings

import numpy as np

from helpers.explorer import axes
from helpers.explorer.later import LONG, effort
from helpers.explorer.sweep import PATIENCE, Sweep

BEYOND = {
    "rate": 1,
    "step": 1,
    "G": 2,
    "loss": 2,
}  # decades that other positions may add at either end: what leaves the panel gets an arrow
MORE_SURFACES = 1  # and so many more where the surface has controls of its own
MOST_CORNERS = 81  # settings at the ends of all sliders together
MOST_SURFACES = 9
RAN_AWAY = 1e3  # a loss above so many times its start says nothing about the axis


class Samples:
    """What the runs of a figure did: the quantities of the settings it begins with, and those of the others."""

    def __init__(self):
        self.core = {"rate": [], "step": [], "G": [], "loss": []}
        self.others = {"rate": [], "step": [], "G": [], "loss": []}
        self.starts, self.more = [], 0

    def add(self, record, memory, core):
        """A record of one run or of several side by side."""
        loss = record.loss.reshape(len(record.loss), -1)
        first = loss[0][np.isfinite(loss[0])]
        self.starts += list(first[:1])
        with np.errstate(all="ignore"):
            well = np.isfinite(loss) & (loss <= RAN_AWAY * np.maximum(1, np.abs(loss[0])))
        steps = len(record.dw)
        parts = {
            "rate": record.rate,
            "step": record.step,
            "G": getattr(record, memory) if memory in record.memory else None,
            "loss": record.loss[..., None],
        }
        for name, part in parts.items():
            if part is None:
                continue
            values = (
                np.abs(part.reshape(len(part), loss.shape[1], -1))
                if name != "loss"
                else part.reshape(len(part), loss.shape[1], 1)
            )
            values = np.where(
                well[: steps if name in ("rate", "step") else len(loss), :, None], values, np.nan
            )
            if core:
                self.core[name].append(values)
            else:
                self.others[name] += list(_middles(values, name))


def _middles(values, name):
    """Of each run and weight what its axis should hold: the middle of it; of a loss, where it ends and its highest."""
    flat = values.reshape(len(values), -1)
    flat = flat[:, np.isfinite(flat).any(axis=0)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return (
            []
            if not flat.size
            else np.r_[np.nanquantile(flat, 0.1, axis=0), np.nanmax(flat, axis=0)]
            if name == "loss"
            else np.nanmedian(flat, axis=0)
        )


def sample(engine, runs, twins):
    """The Samples of an engine whose lanes have been tried: `runs` are their records where the controls stand, `twins` surfaces in the same view."""
    samples, sweep = Samples(), engine.sweep
    beginning = all(control.index == control.start for control in engine.request.controls)
    for lane, run in zip(engine.lanes, runs):
        if run is not None:
            samples.add(run, engine.memory_name, beginning)
    if effort(engine) > LONG and samples.core["loss"]:
        return samples  # one more run would keep the reader waiting
    surfaces = [
        (sweep, True),
        *[(Sweep(twin, engine.steps, sweep.start, engine.memory), True) for twin in twins],
    ]
    samples.more = MORE_SURFACES * bool(engine.request.surface_controls and not engine.request.menu)
    surfaces += [(other, False) for other in other_sweeps(engine)]
    for here, full in surfaces:
        for lane, run in zip(engine.lanes, runs):
            if run is None or lane.hung:
                continue
            positions = _settings(lane, here.start.size, full)
            for _, record in here.run(lane, positions) if positions else ():
                if not isinstance(record, str):
                    samples.add(record, engine.memory_name, False)
            if full and not (here is sweep and beginning):
                _add_beginning(samples, engine, here, lane)
    return samples


def _add_beginning(samples, engine, sweep, lane):
    try:
        samples.add(
            sweep.one(lane, lane.position([c.start for c in lane.dims]), sweep.keep), engine.memory_name, True
        )
    except Exception:  # what raises there is told by the figure itself
        pass


def _settings(lane, n, full):
    """Positions of a rule that tell how far its axes reach: every slider alone, and the corners; fewer of what is slow."""
    begin = [c.start for c in lane.dims]
    eta = next((d for d, c in enumerate(lane.dims) if c.name == "eta"), None)
    if lane.how != "side by side" or n > 2:
        if eta is None or lane.how != "side by side" and 3 * lane.seconds > PATIENCE:
            return []
        ends = [i for i in (begin[eta] - 5, begin[eta] + 5) if 0 <= i < len(lane.dims[eta].values)]
        return [lane.position([*begin[:eta], i, *begin[eta + 1 :]]) for i in ends]
    ends = [sorted({0, c.start, len(c.values) - 1 - c.has_zero}) for c in lane.dims]
    found = [lane.position(begin)]
    for d, control in enumerate(lane.dims):
        along = range(len(control.values)) if full else ends[d]
        found += [lane.position([*begin[:d], i, *begin[d + 1 :]]) for i in along]
    if full:
        found += [lane.position(list(at)) for at in itertools.islice(itertools.product(*ends), MOST_CORNERS)]
    return list(dict.fromkeys(found))


def other_sweeps(engine):
    """Sweeps on the other surfaces that the surface's own controls make: the ends and the beginning of each control, all together."""
    request = engine.request
    if request.menu or not request.surface_controls:
        return
    ends = [list(dict.fromkeys([c.start, 0, len(c.values) - 1])) for c in request.surface_controls]
    here = [c.index for c in request.surface_controls]
    for at in itertools.islice((at for at in itertools.product(*ends) if list(at) != here), MOST_SURFACES):
        try:
            surface = request.surface_at(at)
            yield Sweep(
                surface, engine.steps, np.asarray(surface.start, dtype=float).reshape(-1), engine.memory
            )
        except Exception:  # refused: told when the reader goes there
            continue


def scale(name, label, samples, always=(), least=2, most=12):
    """A logarithmic axis for a quantity: all that the first settings did, and of the others what lies not too many decades off."""
    core = (
        axes.logarithmic(label, *samples.core[name], most=most, least=least)
        if samples.core[name]
        else axes.logarithmic(label, always=always)
    )
    axis, sure = _reaching(core, samples.others[name], BEYOND[name] + samples.more), _decades(always)
    return axis if sure is None else axes.Axis(min(axis.low, sure[0]), max(axis.high, sure[1]), True, label)


def _decades(values):
    """(low, high) of the positive values, in whole decades; None where there are none."""
    values = np.array([v for v in values if np.isfinite(v) and v > 0])
    return (
        (np.floor(np.log10(values.min()) + 1e-9), np.ceil(np.log10(values.max()) - 1e-9))
        if values.size
        else None
    )


def _reaching(core, others, beyond):
    found = _decades(others)
    if found is None:
        return core
    low, high = found
    return axes.Axis(
        min(core.low, max(low, core.low - beyond)),
        max(core.high, min(high, core.high + beyond)),
        True,
        core.label,
    )


def scale_loss(samples, goal):
    """The axis of the loss: logarithmic where it is never below 0."""
    seen = np.concatenate([np.ravel(part) for part in samples.core["loss"]] or [np.ones(2)])
    if (seen < 0).any():
        seen = seen[np.isfinite(seen)]
        return axes.Axis(seen.min(), seen.max(), False, "loss")
    start = max([s for s in samples.starts if s > 0], default=1.0)
    losses = seen[np.isfinite(seen)] if np.isfinite(seen).any() else np.ones(2)
    always = (goal.zone[0],) if goal and goal.zone else ()
    core = axes.logarithmic("loss", losses[losses > start * 1e-9], least=3, most=9, top=start, always=always)
    return _reaching(core, samples.others["loss"], BEYOND["loss"] + samples.more)
