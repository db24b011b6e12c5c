"""The sweep: every position of a rule's knobs, run in advance, as numbers in axis units."""

import time
import zlib
from types import SimpleNamespace

import numpy as np

from helpers import fates
from helpers.apart import KeepsSomething
from helpers.descent import descend
from helpers.explorer import axes
from helpers.explorer.blame import Raised, blame, telling
from helpers.explorer.goals import MOVED
from helpers.outside import Outside
from helpers.record import a_tenth_ago, steps_back, turns, why_undefined
from helpers.schedules import ScheduleError

PATIENCE = 1.0  # seconds that a rule which must run one by one may take in advance
KEPT = 236      # rows of a long run that are sent
ALL = 301       # rows of a run that is not long
EARLY = 31      # of the first rows none is left out
MEASURED = 31   # rows at which a surface with measures is measured, for that looks at all its data
LEVELS = (5, 50, 95)  # percentiles shown where there are more than two weights
MANY_JUMPS = 40  # of a minimum, beyond which no bar is drawn for each


def kept_rows(steps, measured=False):
    """All rows of a short run; of a long one at most KEPT, in pairs (t, t + 1), so that a cycle stays a cycle; fewer where each is measured.

    The first steps of a long run are all there, and so are the round ones that texts speak of; the pairs lie evenly on a logarithmic time
    in one half of the rest, and evenly in the other.
    """
    if measured:
        return np.unique(np.linspace(0, steps, MEASURED).round().astype(int))
    if steps + 1 <= ALL:
        return np.arange(steps + 1)
    round_ones = [k * 10**d for d in range(1, 7) for k in (1, 2, 3, 4, 5) if k * 10**d < steps]
    early, left = np.arange(EARLY), KEPT - EARLY - 2 * len(round_ones) - 2
    pairs = np.concatenate([np.geomspace(EARLY, steps - 1, left // 4), np.linspace(EARLY, steps - 1, left // 4), round_ones]).round().astype(int)
    return np.unique(np.concatenate([early, pairs, pairs + 1]))


class Lane:
    """One rule in the figure: its knobs as dimensions, its positions as runs.

    `dims` are Controls in order; `fixed` the knobs that have one value; a schedule in `fixed` takes parameters from dims
    whose key is in `scheduled` {parameter: Control}. Positions are numbered with the last dimension fastest.
    """

    def __init__(self, rule, signature, look, dims, fixed, schedule, ghost, label):
        self.rule, self.signature, self.look, self.ghost, self.label = rule, signature, look, ghost, label
        self.dims, self.fixed, self.schedule = dims, fixed, schedule  # schedule: None or (Schedule, [parameter names in dims])
        self.how, self.seconds, self.has_rate = "side by side", 0.0, True
        self.hung = 0  # 1: a group of positions did not come back; 2: one alone did not, so the others are not tried

    @property
    def sizes(self):
        return [len(c.values) for c in self.dims]

    @property
    def count(self):
        return int(np.prod(self.sizes)) if self.dims else 1

    def position(self, indices=None):
        """The number of the position where the controls stand (or of one index for each dimension)."""
        indices = [c.index for c in self.dims] if indices is None else indices
        return int(np.ravel_multi_index(indices, self.sizes)) if self.dims else 0

    def knobs_at(self, positions):
        """{knob: array, one value a position}; words and booleans as lists."""
        at = np.unravel_index(np.asarray(positions), self.sizes) if self.dims else ()
        swept = {c.name: [c.values[i] for i in index] for c, index in zip(self.dims, at)}
        return swept

    def arguments(self, swept, one=False):
        """Knobs for descend from swept values: arrays (runs), or plain numbers for `one` position."""
        values = {name: v[0] if one else np.asarray(v) if isinstance(v, list) else v for name, v in swept.items()}
        if self.schedule is not None:
            schedule, names = self.schedule
            values["eta"] = schedule(**{name: _widened(values.pop(name)) for name in names})
        return {**self.fixed, **values}

    def near(self, along=None):
        """Every position of each slider (or of those of the knobs in `along`), the others where they stand; this one first."""
        here = [c.index for c in self.dims]
        found = [self.position(here)]
        for d, control in enumerate(self.dims):
            if along is not None and control.name not in along:
                continue
            found += [self.position([*here[:d], i, *here[d + 1 :]]) for i in range(len(control.values)) if i != here[d]]
        return found


def _widened(value):
    """An array of whole numbers as one of floats: its powers would overflow where those of a Python number do not."""
    return value.astype(float) if isinstance(value, np.ndarray) and value.dtype.kind in "iu" else value


class Sweep:
    """Runs lanes on a surface and packs what they did. `errors` are the messages of positions that raised."""

    def __init__(self, surface, steps, start, memory):
        self.surface, self.steps, self.start, self.memory = surface, steps, start, memory
        self.first_start = start  # a goal counts from here
        self.measures = getattr(surface, "measures", {})
        self.rows = kept_rows(steps, bool(self.measures))
        kept = np.unique(np.maximum(self.rows[:, None] - [0, 1, 2], 0))  # with the steps that led there, and those before
        self.keep = {"steps": kept if start.size > 2 else np.union1d(kept, a_tenth_ago(np.maximum(self.rows - 1, 0)))}
        self.errors = []

    def measure(self, w, loss):
        """{name: values} of what is shown of w (rows, ..., n) besides the weights, with the loss that the figure shows."""
        with np.errstate(all="ignore"):
            return {"loss": loss, **{name: np.asarray(of(w), dtype=float) for name, of in self.measures.items()}}

    def say(self, error):
        """The number of an error message; the same message is told once."""
        if error not in self.errors:
            self.errors.append(error)
        return self.errors.index(error)

    def one(self, lane, position, keep=None):
        """The Run of a single position, by descend."""
        return self._descend(lane, lane.arguments(lane.knobs_at([position]), one=True), keep)

    def _descend(self, lane, arguments, keep, rule=None):
        if keep is self.keep:
            keep = {**keep, "quantities": ["w", "loss", "dw", "rate", *lane.signature.memory]}
        return descend(rule or lane.rule, self.surface, self.steps, self.start, self.memory_of(lane), keep, **arguments)

    def whole(self, lane, run, quantities):
        """The record of every step, where `run` may hold only those that are drawn."""
        return run if len(run.rows) == self.steps + 1 else self._descend(lane, run.knobs, quantities)

    def memory_of(self, lane):
        """Where the memories of this rule begin, of those that were given."""
        return {name: value for name, value in (self.memory or {}).items() if name in lane.signature.memory} or None

    def probe(self, lane):
        """Find out how the rule can be run, and how long one run takes: sets lane.how and lane.seconds."""
        begin = time.perf_counter()
        lane.how, tried = "side by side", [lane.position(), 0, lane.count - 1]
        before = Outside(lane.rule)
        run = self.one(lane, lane.position())
        self._refuse_what_it_keeps(lane, run, before)
        lane.seconds, lane.has_rate, lane.hung = time.perf_counter() - begin, run.rate is not None, 0
        if run.how == "number by number":
            lane.how = run.how
            return run
        if lane.count > 1:
            swept = lane.knobs_at(tried)
            if not any(isinstance(v, (str, bool)) for values in swept.values() for v in values):
                try:
                    some = descend(lane.rule, self.surface, min(self.steps, 64), self.start, self.memory_of(lane), **lane.arguments(swept))
                    lane.how, lane.has_rate = some.how, lane.has_rate and some.rate is not None
                except Exception:
                    pass  # some positions raise; the sweep finds them
        return run

    def _refuse_what_it_keeps(self, lane, run, before):
        """KeepsSomething where a rule would walk otherwise the second time: a figure runs it at every position."""
        if before.opaque or before.changed() and not np.array_equal(self.one(lane, lane.position()).w, run.w, equal_nan=True):
            before.restore()
            raise KeepsSomething(lane.signature.name)

    def run(self, lane, positions):
        """Yield (positions, Run of all of them side by side) until all are done; a position that raises yields (position, message)."""
        if lane.how != "side by side" or lane.hung:
            for p in positions:
                yield self._alone(lane, p)
            return
        words = [d for d, c in enumerate(lane.dims) if c.kind != "slider"]
        at = np.stack(np.unravel_index(np.asarray(positions, dtype=int), lane.sizes)) if lane.dims else np.zeros((0, len(positions)), int)
        groups = {}
        for i, p in enumerate(positions):
            groups.setdefault(tuple(at[words, i]), []).append(p)
        most = max(16, 3_000_000 // (self.keep["steps"].size * self.start.size))
        for members in groups.values():
            for i in range(0, len(members), most):
                yield from self._together(lane, members[i : i + most], words)

    def _together(self, lane, part, words):
        """Side by side; where something raises, in halves, until the positions that raise stand alone."""
        swept = lane.knobs_at(part)
        for d in words:  # one value a group: a word is no array
            swept[lane.dims[d].name] = swept[lane.dims[d].name][0]
        try:
            run = self._descend(lane, lane.arguments(swept), self.keep, telling(lane.rule)) if len(part) > 1 and not lane.hung else None
        except TimeoutError:  # each that does not come back takes the watchdog's time again: one more is enough
            lane.hung, run = 1, None
        except (Exception, Raised):
            yield from self._together(lane, part[: len(part) // 2], words)
            yield from self._together(lane, part[len(part) // 2 :], words)
            return
        if run is not None and run.runs == (len(part),):
            lane.how = run.how
            yield part, run
        else:  # one position, or nothing but words differs here
            for p in part:
                yield self._alone(lane, p)

    def _alone(self, lane, position):
        if lane.hung == 2:
            return [position], f"{lane.label} did not come back at a setting near this one, so this one was not tried."
        try:
            return [position], self.one(lane, position, self.keep)
        except TimeoutError as error:
            lane.hung = 2
            return [position], str(error)
        except ScheduleError as error:
            return [position], str(error)
        except Exception as error:
            return [position], blame(error, lane.rule)

    def agrees(self, lane, told):
        """Do these positions, `told` {position: w (rows, n)} side by side, say the same when run alone?"""
        path = {**self.keep, "quantities": "w"}
        return all(np.allclose(self.one(lane, p, path).w, w, rtol=1e-6, atol=1e-9, equal_nan=True) for p, w in told.items())


class Frames:
    """Packs runs of one lane into codes: uint16 (positions, channels, frames) and int32 (positions, integers)."""

    def __init__(self, lane, sweep, scales, has_rate, memory_name, jumps, goal=None):
        self.lane, self.sweep, self.scales, self.jumps, self.goal = lane, sweep, scales, jumps, goal
        self.memory_name = memory_name if memory_name in lane.signature.memory else None
        self.has_rate = has_rate
        n = sweep.start.size
        self.many = n > 2
        parts = range(3 if self.many else n)
        self.channels = [] if self.many else [("xy"[i], "xy"[i], axes.FAR) for i in range(n)]
        if n == 1:
            self.channels += [("height", "height", axes.FAR)]
        self.channels += [("loss", "loss", None)] + [(name, name, None) for name in sweep.measures if name != "loss"]
        self.channels += [(f"rate{i}", "rate", None) for i in parts] if has_rate else []
        self.channels += [(f"G{i}", "G", None) for i in parts] if self.memory_name else []
        self.channels += [(f"step{i}", "step", None) for i in parts]
        if lane.schedule is not None:
            self.channels += [("eta", "rate", None)]
        self.channels = [(name, axis, carried or scales[axis].carried) for name, axis, carried in self.channels]
        self.channels += [("turns", None, None)]
        self.milestones = getattr(sweep.surface, "milestones", None)
        counted = [f"back{j}" for j in range(jumps)]
        counted += [f"mark{i}" for i in range(len(self.milestones.names))] if self.milestones else []
        self.ints = ["diverged", "undefined", "error", "why", "ended", *counted] + ["met", "missed"] * (goal is not None)

    def pack(self, positions, run):
        """codes (len(positions), channels, frames) and ints (len(positions), integers) of a Run or an error message."""
        k = len(positions)
        ints = np.full((k, len(self.ints)), -1, np.int32)
        if isinstance(run, str):
            ints[:, 2] = self.sweep.say(run)
            return np.full((k, len(self.channels), self.sweep.rows.size), axes.CODES + 1, np.uint16), ints
        rows, last = self.sweep.rows, np.maximum(self.sweep.rows - 1, 0)  # beside row t stands the step that led there
        at, led = np.searchsorted(run.rows, rows), np.searchsorted(run.rows, last)  # where the record has them
        w, loss = run.w.reshape(len(run.rows), k, -1)[at], run.loss.reshape(len(run.rows), k)[at]
        undefined = np.reshape(run.undefined_at, k)
        ints[:, 0], ints[:, 1] = np.reshape(run.diverged_at, k), np.where(undefined < 0, -1, undefined + 1)  # axes count the first step as 1
        ints[:, 3], ints[:, 4] = np.reshape(why_undefined(run), k), np.reshape(fates.how_it_ended(run), k)
        kept = self.sweep.measure(w, loss)
        if not self.many:
            kept.update(self._path(w, loss))
        rate = None if run.rate is None or not self.has_rate else run.rate.reshape(len(run.rate), k, -1)
        if rate is not None:
            self._spread(kept, "rate", rate[led], blank_first=True)
        self._spread(kept, "step", run.step.reshape(len(run.dw), k, -1)[led], blank_first=True)
        if self.memory_name:
            self._spread(kept, "G", getattr(run, self.memory_name).reshape(len(run.rows), k, -1)[at])
        kept["turns"] = self._turns(rate, run.rows, rows, k) | self._signs(kept)
        if self.lane.schedule is not None:
            schedule = run.knobs["eta"]
            kept["eta"] = np.stack([np.broadcast_to(schedule(int(t)), (k,)) for t in last])
        codes = np.empty((k, len(self.channels), rows.size), np.uint16)
        for c, (name, axis, carried) in enumerate(self.channels):
            part = kept.get(name)
            if part is None:
                codes[:, c] = axes.CODES + 1
            elif axis is None:
                codes[:, c] = part.T
            elif carried == axes.FAR:
                codes[:, c] = axes.encode(part, carried).T
            else:
                codes[:, c] = axes.encode(self.scales[axis].units(part), carried).T
        if self.jumps:
            losses = self.sweep.whole(self.lane, run, "loss").loss.reshape(self.sweep.steps + 1, k)
            ints[:, 5 : 5 + self.jumps] = steps_back(losses, self.sweep.surface.every).T
        if self.milestones:
            found = self.milestones.ints(self.sweep.whole(self.lane, run, self.milestones.needs), k)
            ints[:, 5 + self.jumps : 5 + self.jumps + found.shape[1]] = found
        if self.goal is not None:
            moved = not np.array_equal(self.sweep.start, self.sweep.first_start)
            ints[:, -2:] = [-1, MOVED] if moved else np.stack(self.goal.ints(self._judged(run, kept), k), axis=-1)
        return codes, ints

    def _judged(self, run, kept):
        """What a goal looks at: every step of the run, or the measures at those that are drawn."""
        return SimpleNamespace(rows=self.sweep.rows, **kept) if self.sweep.measures else self.sweep.whole(self.lane, run, self.goal.needs)

    def _path(self, w, loss):
        """x, y in view units; a point far outside is drawn towards the middle, so that its direction stays."""
        parts = [self.scales["xy"[i]].units(w[..., i]) for i in range(w.shape[-1])]
        if len(parts) == 1:
            return {"x": parts[0], "height": self.scales["height"].units(loss)}
        with np.errstate(all="ignore"):
            x, y = parts[0] - 0.5, parts[1] - 0.5
            shrink = np.maximum(1, np.maximum(np.abs(x), np.abs(y)) / (axes.FAR[1] - 0.5))
            return {"x": x / shrink + 0.5, "y": y / shrink + 0.5}

    def _spread(self, kept, name, values, blank_first=False):
        values = values.copy()
        if blank_first:
            values[0] = np.nan
        if self.many:
            with np.errstate(all="ignore"):
                levels = np.percentile(values, LEVELS, axis=-1)
            kept.update({f"{name}{i}": level for i, level in enumerate(levels)})
        else:
            kept.update({f"{name}{i}": values[..., i] for i in range(values.shape[-1])})

    def _signs(self, kept):
        """One bit a rate, from NEGATIVE on, where it is below 0; its axis is logarithmic, so of the rate itself the size is left."""
        signs = 0
        for name in [name for name, axis, _ in self.channels if axis == "rate" and name in kept]:
            with np.errstate(invalid="ignore"):
                signs = signs | (kept[name] < 0).astype(np.uint16) << (axes.NEGATIVE + int(name[-1]))
            kept[name] = np.abs(kept[name])
        return np.asarray(signs, np.uint16)

    def _turns(self, rate, held, rows, k):
        """Two bits a weight: 1 its rate rises, 2 it falls. `held` are the rows that the record holds."""
        turned = np.zeros((rows.size, k), np.uint16)
        if rate is None or self.many:
            return turned
        late = rows >= 2
        last = rows[late] - 1
        earlier, before, now = (rate[np.searchsorted(held, row)] for row in (a_tenth_ago(last), last - 1, last))
        for i in range(rate.shape[-1]):
            rises, falls = turns(earlier[..., i], before[..., i], now[..., i])
            turned[late] |= (rises * 1 + falls * 2).astype(np.uint16) << (2 * i)
        return turned


def blob(header, parts):
    """One message: the length of a JSON header (4 bytes), the header, then all codes and integers, deflated.

    Of the codes the differences along time, signs folded into the lowest bit (0, −1, 1, −2 … as 0, 1, 2, 3 …), all low bytes before all high
    ones: most high bytes are then 0, and the message is a quarter shorter.
    """
    body = b"".join(_split(codes) + ints.astype("<i4").tobytes() for codes, ints in parts)
    head = header.encode()
    return len(head).to_bytes(4, "little") + head + zlib.compress(body, 1)


def _split(codes):
    steps = np.diff(codes, axis=-1, prepend=np.uint16(0)).astype(np.int16)
    folded = ((steps << 1) ^ (steps >> 15)).astype(np.uint16)
    return (folded & 255).astype(np.uint8).tobytes() + (folded >> 8).astype(np.uint8).tobytes()
