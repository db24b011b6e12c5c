"""The read-out: plain sentences with slots, written once here and filled here for tests and in the browser for the reader.

A sentence is a list of parts: words, or a slot {"step"}, {"channel", "frame"}, {"percent"}, {"int"}, {"turn"} (rises, falls or stays),
{"gauge"} or {"past", "weights"} (whose gauge is at the edge). Numbers have two digits, percentages one after the point.
"""

from helpers.labels import number  # noqa: F401  (two digits of the slots' values)
from helpers.looks import EDGE

TURNS = ["stays", "rising", "falling"]
UNDEFINED = [("not a number", ", although the gradient is one"), ("0/0", ": a gradient is exactly 0 there"), ("0/0", ": ε = 0 and a gradient of exactly 0")]  # by why


def sentences(label, weights, has_rate, ghost, jumps, quantiles=False, first=True, one_rate=False, gauge=False, step=False, measures=()):
    """{case: parts} for one rule: before the first step, under way, diverged, and what made a change no number (`record.why_undefined`).

    one_rate: its rates are the same for all weights. gauge: the figure has one. step: the figure shows the step, so it is told.
    measures: names of what the surface measures of the weights besides the loss.
    """
    now = {"channel": "loss"}
    who = label[0].upper() + label[1:]
    steps = ["half of its last steps were below ", {"channel": "step1"}] if quantiles else \
        ["its last step was " if len(weights) == 1 else "its last steps were ", *_each(weights, lambda i: [{"channel": f"step{i}"}])]
    measured = [part for name in measures for part in (f"Its {name} is ", {"percent": name}, ". ")]
    if ghost:
        ok = [f"{who}'s loss is ", now, *(["; ", *steps] if step else []), ". ", *measured]
        return {"start": [""], "ok": ok, "diverged": [f"{who} diverged at step ", {"int": "diverged"}, ". "],
                **{f"undefined{why}": [f"{who} is {what} from step ", {"int": "undefined"}, " on. "] for why, (what, _) in enumerate(UNDEFINED)}}
    start = ["Before the first step the loss is ", now, ". "]
    ok = ["After ", {"step": ["step", "steps"]}, f" {label}'s loss is ", now, " (it began at ", {"channel": "loss", "frame": 0}, "). "] if first else [f"{who}'s loss is ", now, ". "]
    ok += measured
    if has_rate and one_rate:
        ok += ["Its rate is ", {"channel": "rate1"}, " for all weights. "] if quantiles else ["Its rate is ", {"channel": "rate0"}, " for both weights (", {"turn": 0}, "). "]
    elif has_rate and quantiles:
        ok += ["Half of its rates are below ", {"channel": "rate1"}, ". "]
    elif has_rate:
        ok += ["Its rate is " if len(weights) == 1 else "Its rates are "]
        ok += [*_each(weights, lambda i: [{"channel": f"rate{i}"}], lambda i: [" (", {"turn": i}, ")"]), ". "]
    if has_rate and gauge and not jumps:  # with jumps, the bars are what the figure is about
        ok += ["Its gauge (rate × curvature) stands at " if len(weights) == 1 else "Its gauges (rate × curvature) stand at "]
        for i in range(len(weights)):
            ok += [" and " if i else "", {"gauge": i}]
        ok += [{"past": _past(weights), "weights": list(range(len(weights)))}, ". "]
    if step or not has_rate:
        ok += [steps[0][0].upper() + steps[0][1:], *steps[1:], ". "]
    if jumps:
        ok += ["Steps needed, from the start and after each jump: "]
        for j in range(jumps):
            ok += [", " if j else "", {"int": f"back{j}", "none": "not in time"}]
        ok += [". "]
    return {
        "start": start, "ok": ok,
        "diverged": [f"{who} diverged at step ", {"int": "diverged"}, ": its loss has run off by more than a million times its start. "],
        **{f"undefined{why}": [f"{who}'s change is {what} from step ", {"int": "undefined"}, f" on{because}. "] for why, (what, because) in enumerate(UNDEFINED)},
    }


def _each(weights, value, after=lambda i: []):
    """'0.1 for w₁ and 0.2 for w₂', as parts."""
    return [part for i, weight in enumerate(weights) for part in (" and " if i else "", *value(i), f" for {weight}", *after(i))]


def _past(weights):
    """What is said of each weight's gauge, by whether it is at the edge or past it: '01' is the second weight's alone."""
    edge = f"at or past the edge of {EDGE:g}"
    if len(weights) == 1:
        return {"0": "", "1": f", {edge}"}
    return {"00": "", "10": f"; {weights[0]} is {edge}", "01": f"; {weights[1]} is {edge}", "11": f"; both are {edge}"}


def percent(share):
    """97.2 %, of 0.972."""
    return f"{100 * share:.1f} %" if abs(share) < float("inf") else "not a number"


WAITING = "Waiting for the kernel: this setting has not been computed yet."


def fill(cases, lane, frame):
    """The sentence of one rule at one frame. `lane` offers step(frame), number and percent(channel, frame), int(name), error(),
    and turn, gauge and past(weight, frame)."""
    if lane is None:
        return WAITING + " "
    if lane.error():
        return lane.error() + " "
    step, parts = lane.step(frame), []
    undefined, diverged = lane.int("undefined"), lane.int("diverged")
    case = f"undefined{lane.int('why')}" if 0 <= undefined <= step else "diverged" if 0 <= diverged <= step else "ok" if step else "start"
    for part in cases[case]:
        if isinstance(part, str):
            parts.append(part)
        elif "step" in part:
            parts.append(f"{step} {part['step'][step != 1]}")
        elif "channel" in part:
            parts.append(lane.number(part["channel"], part.get("frame", frame)))
        elif "percent" in part:
            parts.append(lane.percent(part["percent"], frame))
        elif "gauge" in part:
            parts.append(lane.gauge(part["gauge"], frame))
        elif "past" in part:
            parts.append(part["past"]["".join(str(int(lane.past(i, frame))) for i in part["weights"])])
        elif "turn" in part:
            parts.append(TURNS[lane.turn(part["turn"], frame)])
        else:
            value = lane.int(part["int"])
            parts.append(part["none"] if value < 0 and "none" in part else str(value))
    return "".join(parts)
