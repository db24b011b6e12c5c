"""Other starts for a page without a kernel: a coarse grid over the view, each swept along every slider alone."""

import itertools
from contextlib import contextmanager

import numpy as np
from matplotlib.ticker import MaxNLocator

MOST = {1: (12,), 2: (6, 5)}  # by the number of weights: how many starts there are at most, along each axis
ROUND = [1, 2, 2.5, 5, 10]


def grid(view):
    """Round points well inside the view (n, 2), as (points, n), n = 1 or 2."""
    axes = []
    for (low, high), most in zip(view, MOST[len(view)]):
        margin = 0.02 * (high - low)
        ticks = MaxNLocator(most, steps=ROUND).tick_values(low, high)
        axes.append([float(x) for x in ticks if low + margin < x < high - margin])
    return np.array(list(itertools.product(*axes)))


@contextmanager
def _left_as_it_was(engine):
    kept = engine.asked_start, engine.sweep.start, [*engine.sweep.errors], engine.near_parts, engine.full_parts
    try:
        yield
    finally:
        engine.asked_start, engine.sweep.start, engine.sweep.errors[:], engine.near_parts, engine.full_parts = kept


def other_starts(engine, pack, heaviest):
    """[(start, message)]: what Python would send if the start were moved there, each message as `pack` makes it.

    Every slider alone, or η's alone, or fewer starts: what weighs `heaviest` bytes or less. Empty where the start cannot be moved, or only slowly.
    """
    if engine.sweep.start.size > 2 or any(lane.how != "side by side" for lane in engine.lanes):
        return []
    points = grid(engine.view)
    points = points[(points != engine.sweep.start).any(-1)]
    for along, every in ((None, 1), (("eta",), 1), (("eta",), 2), (("eta",), 4), (("eta",), 8)):
        chosen, made = points[::every], []
        wanted = {i: lane.near(along) for i, lane in enumerate(engine.lanes)}
        with _left_as_it_was(engine):
            for w in chosen:
                engine.move(w)
                [(_, message)] = engine.run(positions=wanted, believed=True)  # as from the figure's own start, from which it was asked
                made.append((w, pack(message)))
                if len(made[0][1]) * len(chosen) > 1.5 * heaviest:
                    break  # the first tells that all would be too heavy
        if len(made) == len(chosen) and sum(len(message) for _, message in made) <= heaviest:
            return made
    return []
