"""One position of one rule, as the read-out needs it: the numbers that were packed for the view, undone again."""

import inspect

from helpers.explorer import axes, readout
from helpers.labels import gauged


class Reading:
    """One position of one rule, as the read-out needs it."""

    def __init__(self, engine, frames, codes, ints, position):
        self.engine, self.frames, self.codes, self.ints, self.position = engine, frames, codes, ints, position
        self.names = [name for name, _, _ in frames.channels]

    def int(self, name):
        return int(self.ints[self.frames.ints.index(name)])

    def error(self):
        at = self.int("error")
        return self.engine.sweep.errors[at] if at >= 0 else ""

    def step(self, frame):
        return int(self.engine.sweep.rows[frame])

    def turn(self, weight, frame):
        return (int(self.codes[-1, frame]) >> (2 * weight)) & 3

    def units(self, channel, frame):
        """(axis units of a channel, the word for what lies beyond what is carried)"""
        c = self.names.index(channel)
        code = int(self.codes[c, frame])
        return axes.decode(code, self.frames.channels[c][2]), {0: "below ", 1: "below ", axes.CODES: "above "}.get(code, "")

    def gauge(self, weight, frame):
        units, beyond = self.units(f"rate{weight}", frame)
        value = self.engine.gauge.value(weight, units)
        if self.uphill(weight, frame):
            return readout.number(value, _signed(beyond, True))
        return gauged(value, self.past(weight, frame), beyond)

    def past(self, weight, frame):
        """Is the gauge of this weight at the edge, or past it?"""
        return not self.uphill(weight, frame) and self.engine.gauge.past(weight, self.units(f"rate{weight}", frame)[0])

    def uphill(self, weight, frame):
        """Is the rate of this weight below 0?"""
        return bool(int(self.codes[-1, frame]) >> (axes.NEGATIVE + weight) & 1)

    def outside(self, frame):
        """Has the path left the picture?"""
        return any(not -0.001 <= self.units(name, frame)[0] <= 1.001 for name in self.names if name in ("x", "y") and self.known(name, frame))

    def known(self, name, frame):
        return int(self.codes[self.names.index(name), frame]) <= axes.CODES

    def shown(self, panel):
        return panel in self.engine.shown

    def told(self):
        """What the rule says of its own knobs here."""
        return told(self.frames.lane, self.position)[0]

    def percent(self, channel, frame):
        units, _ = self.units(channel, frame)
        return readout.percent(self.engine.scales[channel].undo(units))

    def number(self, channel, frame):
        _, axis, carried = self.frames.channels[self.names.index(channel)]
        units, beyond = self.units(channel, frame)
        scale = self.engine.scales[axis]
        value, grain = scale.undo(units), 0 if scale.log else (carried[1] - carried[0]) * (scale.high - scale.low) / axes.CODES
        if scale.log and self.codes[self.names.index(channel), frame] == 0:
            return readout.number(0)
        negative = axis == "rate" and channel != "eta" and self.uphill(int(channel[-1]), frame)
        return "about 0" if abs(value) < grain else readout.number(value, _signed(beyond, negative))


def told(lane, position):
    """(a sentence, what the run is called, what its dashed η is called) where a rule says them of its own knobs: see `said` in switchboard.py."""
    said = getattr(lane.rule, "said", None)
    if said is None:
        return "", "", ""
    values = {**lane.signature.knobs, **lane.fixed, **{name: v[0] for name, v in lane.knobs_at([position]).items()}}
    return said(**{name: value for name, value in values.items() if name in inspect.signature(said).parameters})


def _signed(beyond, negative):
    """What stands before a number, with a minus sign where it is below 0: there the size that is above an end is below it."""
    return {"below ": "above −", "above ": "below −"}.get(beyond, "−") if negative else beyond
