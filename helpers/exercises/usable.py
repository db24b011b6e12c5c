"""A right rule that descend cannot take: say what to change, so that it gets its sliders."""

import inspect

from helpers.descent import descend
from helpers.surfaces import ravine

IN_PLACE = "One thing: you change G in place and return only the change, and descend wants `return dw, G`."
BARE = "One thing: descend cannot take it as it is. It wants `return dw` alone, as a NumPy array and not a list, and the knobs after a `*`."
WITH_MEMORY = ("One thing: descend cannot take it as it is. It wants `return dw, G`, both as NumPy arrays and not lists, "
               "the memory with a start value before a `*`, as in `G=0.0`, and the knobs after it.")
SOME = {"eta": 0.1, "beta": 0.9, "eps": 1e-8}  # for knobs without a default, whatever their names


def one_thing(kind, rule, in_place, trial):
    """A sentence for the praise: what descend would like otherwise; "" where it takes the rule as it is."""
    if in_place:
        return IN_PLACE
    try:
        knobs = [p for p in inspect.signature(rule).parameters.values() if p.kind is p.KEYWORD_ONLY and p.default is p.empty]
        trial.call(descend, rule, ravine, 2, **{p.name: SOME.get(p.name, 0.5) for p in knobs})
    except Exception:
        return WITH_MEMORY if kind.remembers else BARE
    return ""
