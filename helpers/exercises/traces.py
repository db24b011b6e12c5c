"""Five traces of a rate, each on data set A and on data set B. Which is which is to be found out by looking, not by reading on here."""

import functools

import numpy as np
from numpy import allclose

from helpers.descent import descend
from helpers.schedules import inverse_time, step
from helpers.surfaces import data_a, data_b
from helpers.update_rules import adagrad, gradient_descent, rmsprop

STEPS = 120
_LOTS = 0.25 * 10 ** np.random.default_rng(1951).uniform(-0.7, 0.3, STEPS)
_MADE = {
    "P": (gradient_descent, inverse_time(eta=0.3, decay=0.1)), "Q": (adagrad, 0.4), "R": (gradient_descent, lambda t: float(_LOTS[t])),
    "S": (rmsprop, 0.1), "T": (gradient_descent, step(eta=0.3, drop=0.5, every=30)),
}
# For those who cannot see the picture; in the notebook's cell it would answer the question.
TRACES_SEEN = (
    "Five panels, P to T, each with a solid and a dashed line. In P and T the two fall as one; in Q both "
    "fall, the dashed one higher; "
    "in R they jump wildly, one upon the other; in S they wander apart.")


@functools.cache
def traces():
    """{letter: (rate of the first weight at each step on data set A, the same on data set B)}"""
    return {letter: tuple(descend(rule, data, STEPS, eta=eta).rate[:, 0] for data in (data_a, data_b)) for letter, (rule, eta) in _MADE.items()}


def adaptive():
    """The letters of the traces that the data changes."""
    return {letter for letter, (a, b) in traces().items() if not allclose(a, b, rtol=1e-9, atol=0)}
