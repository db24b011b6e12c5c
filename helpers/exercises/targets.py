"""target(): a goal for a live figure by name, that is remembered when the reader reaches it."""

from functools import partial

from helpers import knobs
from helpers.exercises.keeper import keeper
from helpers.exercises.series import TARGETS
from helpers.surface import is_among, short


def target(name):
    """The goal `name` of this series, for explore(..., goal=target("quiet")). Raises ValueError for an unknown name."""
    if not is_among(name, TARGETS):
        raise ValueError(f"there is no target {short(name)}.{knobs.suggest(name, list(TARGETS))}")
    goal = TARGETS[name].make()
    goal.done = keeper.get("targets", name).get("setting", "")
    goal.reached = partial(_remember, name)
    return goal


def _remember(name, setting):
    keeper.put("targets", name, setting=setting)
