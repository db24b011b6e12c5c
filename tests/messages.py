"""What the view does with a message, in Python: the same bytes, taken apart by the format's description alone."""

import json
import re
import zlib

import numpy as np

from helpers.explorer import axes
from helpers.explorer.readout import number


def unpack(message, spec):
    """(header, [{position: (codes (channels, frames), integers)} for each lane]) of one message of an explorer."""
    length = int.from_bytes(message[:4], "little")
    header, body = json.loads(message[4 : 4 + length]), zlib.decompress(message[4 + length :])
    frames, at, lanes = len(spec["frames"]), 0, []
    for part, lane in zip(header["lanes"], spec["lanes"]):
        many, channels, ints = part["count"], len(lane["channels"]), len(lane["ints"])
        low, high = np.frombuffer(body, np.uint8, 2 * many * channels * frames, at).reshape(2, many, channels, frames).astype(np.uint16)
        folded = low | high << 8
        codes = folded >> 1 ^ -(folded & 1)  # 0, 1, 2, 3 … stand for 0, −1, 1, −2 …
        at += 2 * codes.size
        whole = np.frombuffer(body, "<i4", many * ints, at).reshape(many, ints)
        at += whole.nbytes
        codes = np.cumsum(codes, axis=-1, dtype=np.uint16)  # differences along time, modulo 2¹⁶
        positions = part["positions"] if part["positions"] is not None else range(lane["count"])
        lanes.append({p: (codes[i], whole[i]) for i, p in enumerate(positions)})
    assert at == len(body)
    return header, lanes


def units(spec, lane, codes, name):
    """A channel in axis units (frames,); NaN where there is no number."""
    c = [channel["name"] for channel in spec["lanes"][lane]["channels"]].index(name)
    low, high = spec["lanes"][lane]["channels"][c]["carried"]
    return np.where(codes[c] == 65535, np.nan, low + codes[c] * ((high - low) / 65534))


def values(spec, lane, codes, name):
    """A channel with its axis undone: (values, the largest error that rounding to a code can make: relative on a logarithmic axis)."""
    channel = next(channel for channel in spec["lanes"][lane]["channels"] if channel["name"] == name)
    axis, (low, high) = spec["axes"][channel["axis"]], channel["carried"]
    value = axis["low"] + units(spec, lane, codes, name) * (axis["high"] - axis["low"])
    half = (high - low) / 65534 * (axis["high"] - axis["low"]) / 2
    return (10**value, 10**half - 1 + 1e-12) if axis["log"] else (value, half + 1e-12)


def spoken(x, axis):
    """Every way in which a read-out may say x: two digits of it, or of a neighbour within one code."""
    carried = axis.carried
    width = (carried[1] - carried[0]) / 65534 * (axis.high - axis.low)
    if axis.log:
        near = [x, x * 10**-width, x * 10**width]
        low, high = 10.0 ** min(-32, axis.low), 10.0 ** max(16, axis.high)
    else:
        near = [x + width * k / 64 for k in range(-32, 33)]
        low, high = (axis.low + c * (axis.high - axis.low) for c in carried)
    texts = [number(0)] if x == 0 and low > 0 else [f"below {number(low)}"] if x <= low * (1 + 1e-3 * np.sign(low)) else [f"above {number(high)}"] if x >= high * (1 - 1e-3) else []
    return texts + [number(v) for v in near] + (["about 0"] if not axis.log and abs(x) < 2 * width else [])


def check_readout(figure):
    """Assert that what the figure says at its controls, its start and its step is what `descend` does there."""
    engine, said = figure.engine, figure.readout
    frame = int(np.argmin(np.abs(engine.sweep.rows - figure.step)))
    step = int(engine.sweep.rows[frame])
    gauges = iter(re.findall(r"\(rate × curvature\) stands? at (.+?)((?:, at|; ).+?)?\. ", said + " "))
    for i, lane in enumerate(engine.lanes):
        try:
            run = engine.sweep.one(lane, lane.position())
        except Exception as error:
            assert type(error).__name__ in said or str(error) in said, said
            continue
        who = lane.label[0].upper() + lane.label[1:]
        if 0 <= run.undefined_at < step:  # axes count the first step as 1
            what = f"{'0/0' if run.zero_over_zero else 'not a number'} from step {run.undefined_at + 1} on"
            assert f"{who} is {what}. " in said + " " or f"{who}'s change is {what}" in said, said
            assert ("ε = 0" in said) >= (bool(run.zero_over_zero) and run.knobs.get("eps") == 0 and not lane.ghost), said
        elif 0 <= run.diverged_at <= step:
            assert f"{who} diverged at step {run.diverged_at}" + (". " if lane.ghost else ": its loss has run off") in said + " ", said
        elif step == 0:
            assert lane.ghost or i or "Before the first step" in said
        else:
            measures = getattr(engine.surface, "measures", {})
            loss = float(measures["loss"](run.w[step])) if "loss" in measures else run.loss[step]
            assert any(f"{label}'s loss is {text}" in said for text in spoken(loss, engine.scales["loss"]) for label in (lane.label, who)), (loss, said)
            for name in set(measures) - {"loss"}:
                told = float(measures[name](run.w[step]))
                assert any(f"Its {name} is {100 * near:.1f} %. " in said + " " for near in (told - 5e-5, told, told + 5e-5)), (told, said)
            rated, n = engine.has_rate[i] and run.rate is not None, run.w.shape[-1]
            told = {"rate": run.rate} if rated and not lane.ghost else {}
            if "step" in figure.spec_maker.show or not rated and not lane.ghost:
                told["step"] = run.step
            for kind, channel in told.items():
                for x, name in zip([np.percentile(channel[step - 1], 50)] if n > 2 else channel[step - 1], ("w₁", "w₂") if n == 2 else ("w",)):
                    before = {"rate": r"(rates? (is|are)|are below|\) and) ", "step": "(steps? (was|were)|were below|w₁ and) "}[kind]
                    after = r"( for all weights)?\.( |$)" if n > 2 else f" for ({name}|both weights)"
                    assert any(re.search(before + re.escape(text) + after, said) for text in spoken(x, engine.scales[kind])), (kind, x, said)
            if rated and not lane.ghost and engine.gauge and not engine.jumps:
                check_gauge(*next(gauges), run.rate[step - 1] * engine.surface.curvature, engine.scales["rate"], said)
    assert next(gauges, None) is None, said


def check_gauge(numbers, edge, truth, rate, said):
    """Assert that the gauges (n,) are said, and which of them are at the edge of 2 or past it."""
    for text, x in zip(numbers.split(" and "), truth, strict=True):
        code = (rate.carried[1] - rate.carried[0]) * (rate.high - rate.low) / axes.CODES
        near = [x * 10 ** (k * code) for k in (-0.51, 0, 0.51)]
        assert text in [("nearly " if number(y) == "2.0" and y < 1.996 else "") + number(y) for y in near] or x < 1e-31 and text.startswith("below") or x > 1e15 and text.startswith("above"), (x, said)
    past = [x >= 1.996 for x in truth]
    words = {(True,): ", at or past", (True, False): "; w₁ is at or past", (False, True): "; w₂ is at or past", (True, True): "; both are at or past"}
    assert edge == (words[tuple(past)] + " the edge of 2" if any(past) else "") or any(abs(x / 1.996 - 1) < 2e-3 for x in truth), (truth, said)
