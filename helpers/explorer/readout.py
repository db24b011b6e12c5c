"""The read-out: plain sentences with slots, written once here and filled here for tests and in the browser for the reader.

A sentence is a list of parts: words, or a slot {"step"}, {"channel", "frame"}, {"int"}, {"turn"} (rises, falls or stays) or
{"value"} (a control's). Numbers have two digits.
"""

import numpy as np

TURNS = ["stays", "rising", "falling"]


def number(x, beyond=""):
    """Two digits of x: 0.28, 23, 4.1e-9."""
    if not np.isfinite(x):
        return "not a number" if np.isnan(x) else "infinite"
    if x == 0:
        return beyond + "0"
    digits, exponent = f"{x:.1e}".split("e")
    e = int(exponent)
    if -4 <= e < 4:
        return beyond + (f"{float(digits) * 10.0**e:.{max(0, 1 - e)}f}")
    return f"{beyond}{digits}e{e}"


def sentences(label, weights, has_rate, ghost, jumps, quantiles=False, first=True):
    """{case: parts} for one rule: before the first step, under way, diverged, 0/0."""
    now = {"channel": "loss"}
    who = label[0].upper() + label[1:]
    if ghost:
        ok = [f"{who}'s loss is ", now, ". "]
        return {"start": [""], "ok": ok, "diverged": [f"{who} diverged at step ", {"int": "diverged"}, ". "],
                "undefined": [f"{who} is 0/0 from step ", {"int": "undefined"}, " on. "]}
    start = ["Before the first step the loss is ", now, ". "]
    ok = ["After ", {"step": True}, f" steps {label}'s loss is ", now, " (it began at ", {"channel": "loss", "frame": 0}, "). "] if first else [f"{who}'s loss is ", now, ". "]
    if has_rate and quantiles:
        ok += ["Half of its rates are below ", {"channel": "rate1"}, ". "]
    elif has_rate:
        ok += ["Its rate is " if len(weights) == 1 else "Its rates are "]
        for i, weight in enumerate(weights):
            ok += [", " if 0 < i < len(weights) - 1 else " and " if i else "", {"channel": f"rate{i}"}, f" for {weight} (", {"turn": i}, ")"]
        ok += [". "]
    else:
        ok += ["Its last step was " if len(weights) == 1 else "Its last steps were "]
        for i, weight in enumerate(["median"] if quantiles else weights):
            ok += [" and " if i else "", {"channel": "step1" if quantiles else f"step{i}"}, f" for {weight}"]
        ok += [". "]
    if jumps:
        ok += ["Steps needed, from the start and after each jump: "]
        for j in range(jumps):
            ok += [", " if j else "", {"int": f"back{j}", "none": "not in time"}]
        ok += [". "]
    return {
        "start": start, "ok": ok,
        "diverged": [f"{who} diverged at step ", {"int": "diverged"}, " and has left the picture. "],
        "undefined": [f"{who}'s change is 0/0 from step ", {"int": "undefined"}, " on: ε = 0 and a gradient of exactly 0. "],
    }


WAITING = "Waiting for the kernel: this setting has not been computed yet."


def fill(cases, lane, frame):
    """The sentence of one rule at one frame. `lane` offers number(channel, frame), int(name), turn(weight, frame), step(frame), error()."""
    if lane is None:
        return WAITING + " "
    if lane.error():
        return lane.error() + " "
    step, parts = lane.step(frame), []
    undefined, diverged = lane.int("undefined"), lane.int("diverged")
    case = "undefined" if 0 <= undefined < step else "diverged" if 0 <= diverged <= step else "ok" if step else "start"
    for part in cases[case]:
        if isinstance(part, str):
            parts.append(part)
        elif "step" in part:
            parts.append(str(step))
        elif "channel" in part:
            parts.append(lane.number(part["channel"], part.get("frame", frame)))
        elif "turn" in part:
            parts.append(TURNS[lane.turn(part["turn"], frame)])
        else:
            value = lane.int(part["int"])
            parts.append(part["none"] if value < 0 and "none" in part else str(value))
    return "".join(parts)
