"""The read-out of an atlas: plain sentences with slots, written once here, filled here for tests and in the browser for the reader."""

import numpy as np

from helpers.atlas.pack import SAME
from helpers.labels import number

LEAD = {"start": "{who}, before the first of {steps} updates. ", "ok": "{who}, update {t} of {steps}, in epoch {epoch}. "}
SPREAD = {
    "none": "No step has been taken yet, so there is no {what}. ",
    "zero": "{What} is exactly 0 for all {n} weights. ",
    "broken": "{What} is a finite number above 0 for no weight. ",
    "one": "{What} is {median} for all {many} weights above 0: one and the same. ",
    "same": "{What} is {median} for all {n} weights: one and the same. ",
    "alike": "Nearly all of the {many} weights with a {what} above 0 have the same one to two digits: {median}. ",
    "all": "Half of the {n} weights have a {what} below {median} (5 % below {low}, 5 % above {high}); "
           "from the 1st to the 99th percentile it spans {decades} decades. ",
    "some": "Half of the {many} weights with a {what} above 0 have one below {median} (5 % below {low}, 5 % above {high}); "
            "from the 1st to the 99th percentile it spans {decades} decades. ",
}
ZEROS = ["", "1 weight stands at exactly 0. ", "{zeros} weights stand at exactly 0. "]
STRAY = {"infinite": "Infinite: {infinite}. ", "undefined": "Not a number: {undefined}. "}
WEIGHT = {"start": "The ringed weight, {name}, leads {where}{G}.", "ok": "The ringed weight, {name}, leads {where}: {each}."}
ORDER = ("G", "rate", "step")
ACCOUNT = ", with G {G}"
ALONE = {"rate": "The rate", "G": "G", "step": "The step"}
SHOWN = {"rate": "rate", "G": "G", "step": "last step"}


def facts(values, before):
    """What is told of all weights at one drawn step: the case of SPREAD and the texts of its slots. before: no step has been taken."""
    if before:
        return {"case": "none"}
    up, zeros = values[np.isfinite(values) & (values > 0)], int((values == 0).sum())
    told = {"n": str(values.size), "many": str(up.size), "zeros": zeros}
    for name, count in (("infinite", np.isposinf(values).sum()), ("undefined", np.isnan(values).sum())):
        if count:
            told[name] = int(count)
    if not up.size:
        return {**told, "case": "zero" if zeros == values.size else "broken"}
    least, low, median, high, most = np.percentile(up, [1, 5, 50, 95, 99])
    if np.ptp(up) <= SAME * up.max():
        return {**told, "case": "same" if up.size == values.size else "one", "median": number(median)}
    if number(least) == number(most):
        return {**told, "case": "alike", "median": number(median)}
    return {**told, "case": "all" if up.size == values.size else "some", "low": number(low), "median": number(median), "high": number(high),
            "decades": f"{np.log10(most) - np.log10(least):.1f}"}


def words():
    """All templates, for the view."""
    return {"lead": LEAD, "spread": SPREAD, "zeros": ZEROS, "stray": STRAY,
            "weight": WEIGHT, "shown": SHOWN, "alone": ALONE, "account": ACCOUNT, "order": list(ORDER)}


def fill(spec, lane, values, quantity, frame, weight):
    """The sentences at one drawn step. `values` {quantity: value of the weight}, `lane` the told facts by quantity; the view fills the same."""
    t, run = spec["frames"][frame], spec["lanes"][lane["index"]]
    case = "ok" if t else "start"
    said = LEAD[case].format(who=run["label"], t=t, steps=spec["steps"], epoch=spec["epochs"][frame])
    told = lane["facts"][quantity][frame]
    what = {"what": quantity, "What": ALONE[quantity]}
    said += SPREAD[told["case"]].format(**told, **what)
    if told["case"] not in ("none", "zero"):
        said += ZEROS[min(told["zeros"], 2)].format(**told)
        for name, words in STRAY.items():
            said += words.format(**told) if name in told else ""
    place = where(spec["layers"], weight)
    each = [f"{SHOWN[name]} {number(values[name])}" for name in ORDER if name in values]
    account = ACCOUNT.format(G=number(values["G"])) if "G" in values else ""
    return said + WEIGHT[case].format(**place, each=", ".join(each), G=account)


def where(layers, weight):
    """{"name": "W1[20, 5]", "where": "from the pixel in row 2, column 4 to hidden unit 5"} of one weight among all."""
    layer = next(layer for layer in layers if weight < layer["first"] + layer["size"])
    at, to = divmod(weight - layer["first"], layer["cols"])
    row, column = divmod(at, layer["side"]) if layer["side"] else (at, 0)
    slots = {"at": at, "to": to, "row": row, "column": column}
    return {"name": layer["call"].format(**slots), "where": layer["where"].format(**slots)}
