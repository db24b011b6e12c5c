"""A data set in which one feature is rare: two weights, of which one meets a gradient in a few examples only."""

import numpy as np

from helpers.milestones import Milestones
from helpers.surface import is_number, is_whole_number, short
from helpers.surfaces import regression

WEIGHTS = (1.5, -1.0)  # of the feature that is always there, and of the rare one
NEAR = 0.1  # a weight has arrived for good where it stays so close to its place


def rare_feature(rarity=0.02, examples=400, batch=8, seed=0):
    """Targets 1.5 x₁ − x₂ without noise: x₁ is +1 or −1 in every example, x₂ is 1 in the share `rarity` of them and 0 in the others.

    A regression in mini-batches (see `helpers.changing.Batches`); the two weights start at 0. Raises ValueError for a rarity outside 0 … 1, or one
    that leaves no example with the rare feature.
    """
    for name, number, least in (("examples", examples, 1), ("seed", seed, 0)):
        if not is_whole_number(number) or number < least:
            raise ValueError(f"{name} must be a whole number, {least} or more; got {short(number)}")
    count = round(rarity * examples) if is_number(rarity) and not isinstance(rarity, bool) and 0 <= rarity <= 1 else 0
    if not 1 <= count <= examples:
        raise ValueError(f"rarity is the share of the {examples} examples that have the feature, from {1 / examples:g} to 1; got {short(rarity)}")
    rng = np.random.default_rng(seed)
    features = np.stack([rng.choice([-1.0, 1.0], examples), np.zeros(examples)], axis=1)
    features[rng.permutation(examples)[:count], 1] = 1
    data = regression(features, features @ WEIGHTS, view=((-0.4, 2.4), (-1.7, 0.5)), batch=batch, seed=seed, name=f"two features, one in {rarity:.0%} of the examples")
    data.milestones = Milestones("Steps until in place", ("w₁", "w₂"), "w", _arrived)
    return data


def arrival(run):
    """The step from which on each weight stays within 0.1 of its place, `steps` + 1 where it does not: (*runs, 2)."""
    far = ~(np.abs(run.w - WEIGHTS) < NEAR)  # a run that diverged is far
    return np.where(far.any(axis=0), len(far) - far[::-1].argmax(axis=0), 0)


def _arrived(run):
    """The same, and −1 where it does not."""
    step = arrival(run)
    return np.where(step < len(run.w), step, -1)
