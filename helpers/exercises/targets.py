"""target(): a goal for a live figure by name, that is remembered when the reader reaches it."""

from functools import partial

from helpers import knobs
from helpers.exercises.keeper import keeper
from helpers.exercises.series import TARGETS


def target(name):
    """The goal `name` of this series, for explore(..., goal=target("quiet")). Raises ValueError for an unknown name."""
    if name not in TARGETS:
        raise ValueError(f"there is no target {name!r}.{knobs.suggest(str(name), list(TARGETS))}")
    goal = TARGETS[name].make()
    goal.done = keeper.get("targets", name).get("setting", "")
    goal.reached = partial(_remember, name)
    return goal


def _remember(name, setting):
    keeper.put("targets", name, setting=setting)
