"""The read-out: plain sentences with slots, written once here and filled here for tests and in the browser for the reader.

A sentence is a list of parts: words, or a slot {"step"}, {"channel", "frame"}, {"percent"}, {"int"}, {"from"} (a step, or the start),
{"turn"} (rises, falls or stays), {"gauge"}, {"past", "weights"} (whose gauge is at the edge), {"uphill", "weights"} (whose rate is below 0),
{"panel", "parts"} (said where that panel is shown), {"outside"} (said where the path has left the picture) or {"told"} (what the rule says of
its own knobs). Numbers have two digits, percentages one after the point.
"""

from helpers.labels import number  # noqa: F401  (two digits of the slots' values)
from helpers.looks import EDGE

TURNS = ["stays", "rising", "falling", "stays"]
UNDEFINED = [("not a number", ", although the gradient is one"), ("0/0", ": a gradient is exactly 0 there"), ("0/0", ": ε = 0 and a gradient of exactly 0")]  # by why


def sentences(label, weights, has_rate, ghost, jumps, quantiles=False, first=True, one_rate=False, gauge=False,
              memory="", measures=(), milestones=()):
    """{case: parts} for one rule: before the first step, under way, how it diverged (`fates.how_it_ended`), and what made a change no number
    (`record.why_undefined`).

    one_rate: its rates are the same for all weights. gauge: the figure has one. memory: the name of the memory that the panel G shows.
    measures: names of what the surface measures of the weights besides the loss.
    milestones: what is said of the steps that it counts.
    """
    now = {"channel": "loss"}
    who = label[0].upper() + label[1:]
    steps = ["half of its last steps were below ", {"channel": "step1"}] if quantiles else \
        ["its last step was " if len(weights) == 1 else "its last steps were ", *_each(weights, lambda i: [{"channel": f"step{i}"}])]
    step_told = {"panel": "step", "parts": [steps[0][0].upper() + steps[0][1:], *steps[1:], ". "]}
    ends = _ends(who, ghost, len(weights) == 1 and not quantiles)
    measured = [part for name in measures for part in (f"Its {name} is ", {"percent": name}, ". ")]
    if ghost:
        ok = [f"{who}'s loss is ", now, {"panel": "step", "parts": ["; ", *steps]}, ". "]
        ok += [*measured, *milestones]
        return {"start": [""], "ok": ok, **ends,
                **{f"undefined{why}": [f"{who} is {what} from step ", {"int": "undefined"}, " on. "] for why, (what, _) in enumerate(UNDEFINED)}}
    start = ["Before the first step the loss is ", now, ". "]
    ok = ["After ", {"step": ["step", "steps"]}, f" {label}'s loss is ", now, " (it began at ", {"channel": "loss", "frame": 0}, "). "] if first else [f"{who}'s loss is ", now, ". "]
    ok += [*([] if quantiles else [{"outside": ["It has left the picture. "]}]), *measured, {"told": True}]
    if has_rate and one_rate:
        ok += ["Its rate is ", {"channel": "rate1"}, " for all weights. "] if quantiles else ["Its rate is ", {"channel": "rate0"}, " for both weights (", {"turn": 0}, "). "]
    elif has_rate and quantiles:
        ok += ["Half of its rates are below ", {"channel": "rate1"}, ". "]
    elif has_rate:
        ok += ["Its rate is " if len(weights) == 1 else "Its rates are "]
        ok += [*_each(weights, lambda i: [{"channel": f"rate{i}"}], lambda i: [" (", {"turn": i}, ")"]), ". "]
    if has_rate:
        ok += [_uphill(weights, one_rate, quantiles)]
    if has_rate and gauge and not jumps:  # with jumps, the bars are what the figure is about
        ok += ["Its gauge (rate × curvature) stands at " if len(weights) == 1 else "Its gauges (rate × curvature) stand at "]
        for i in range(len(weights)):
            ok += [" and " if i else "", {"gauge": i}]
        ok += [{"past": _past(weights), "weights": list(range(len(weights)))}, ". "]
    ok += [step_told]
    if memory:
        ok += [{"panel": "G", "parts": [f"Half of its {memory} are below ", {"channel": "G1"}, ". "] if quantiles else
                [f"Its {memory} is ", *_each(weights, lambda i: [{"channel": f"G{i}"}]), ". "]}]
    if jumps:
        ok += ["Steps needed, from the start and after each jump: "]
        for j in range(jumps):
            ok += [", " if j else "", {"int": f"back{j}", "none": "not in time"}]
        ok += [". "]
    ok += milestones
    return {
        "start": start, "ok": ok,
        **ends,
        **{f"undefined{why}": [f"{who}'s change is {what} from step ", {"int": "undefined"}, f" on{because}. "] for why, (what, because) in enumerate(UNDEFINED)},
    }


def _ends(who, ghost, one):
    """{case: parts} of a run that diverged, by how: the first is a loss that ran off."""
    ran_off = ". " if ghost else ": its loss has run off by more than a million times its start. "
    weights = "weight is" if one else "weights are"
    return {"diverged": [f"{who} diverged at step ", {"int": "diverged"}, ran_off],
            "diverged1": [f"{who} cannot go on: its loss is not a number ", {"from": "diverged"}, ". "],
            "diverged2": [f"{who} cannot go on: the loss is infinite ", {"from": "diverged"}, ". "],
            "diverged3": [f"{who} cannot go on: its {weights} not finite ", {"from": "diverged"}, ". "]}


def _uphill(weights, one_rate, quantiles):
    """What is said of rates below 0, by whose they are."""
    if one_rate or len(weights) == 1:
        return {"uphill": {"0": "", "1": "A rate below 0 walks uphill. "}, "weights": [1 if quantiles else 0]}
    if quantiles:
        return {"uphill": {"0": "", "1": "More than half of them are below 0, and walk uphill. "}, "weights": [1]}
    single = "The rate of {} is below 0, so that weight walks uphill. "
    return {"uphill": {"00": "", "10": single.format(weights[0]), "01": single.format(weights[1]), "11": "Both are below 0, so the steps go uphill. "},
            "weights": [0, 1]}


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
    """The sentence of one rule at one frame. `lane` offers step(frame), number and percent(channel, frame), int(name), error(), shown(panel),
    outside(frame), told(), and turn, gauge, past and uphill(weight, frame)."""
    if lane is None:
        return WAITING + " "
    if lane.error():
        return lane.error() + " "
    return "".join(_said(part, lane, frame) for part in cases[_case(lane, frame)])


def _case(lane, frame):
    step, undefined, diverged = lane.step(frame), lane.int("undefined"), lane.int("diverged")
    if 0 <= undefined <= step:
        return f"undefined{lane.int('why')}"
    if 0 <= diverged <= step:
        return f"diverged{lane.int('ended') or ''}"
    return "ok" if step else "start"


def _said(part, lane, frame):
    """One part of a sentence, its slot filled."""
    if isinstance(part, str):
        return part
    if "panel" in part or "outside" in part:
        wanted = lane.shown(part["panel"]) if "panel" in part else lane.outside(frame)
        return "".join(_said(inner, lane, frame) for inner in part.get("parts", part.get("outside"))) if wanted else ""
    if "step" in part:
        step = lane.step(frame)
        return f"{step} {part['step'][step != 1]}"
    if "channel" in part:
        return lane.number(part["channel"], part.get("frame", frame))
    for slot in ("percent", "gauge"):
        if slot in part:
            return getattr(lane, slot)(part[slot], frame)
    for table, of in (("past", lane.past), ("uphill", lane.uphill)):
        if table in part:
            return part[table]["".join(str(int(of(i, frame))) for i in part["weights"])]
    if "turn" in part:
        return TURNS[lane.turn(part["turn"], frame)]
    if "told" in part:
        return lane.told()
    if "from" in part:
        value = lane.int(part["from"])
        return f"from step {value} on" if value else "at the start"
    value = lane.int(part["int"])
    return part["none"] if value < 0 and "none" in part else str(value)
