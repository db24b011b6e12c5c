"""The cards and the target of notebook 03: their truths are those of the rules."""

import numpy as np
import pytest

from helpers.descent import descend
from helpers.exercises import walk03
from helpers.surfaces import given, ravine
from helpers.update_rules import gradient_descent, momentum

TRUTHS = {card.name: card.truth for card in walk03.CARDS}


def test_the_truths_are_those_of_the_rules():
    assert TRUTHS["cancel"] == "the average of g alone"
    assert TRUTHS["last ten"] == pytest.approx(100 * (1 - 0.9**10)) and TRUTHS["constant slope"] == pytest.approx(10)


def test_the_averages_are_those_that_a_loop_makes():
    gradients, m, v = np.random.default_rng(1).normal(size=40), 0.0, 0.0
    of_g, of_squares = walk03.averages_of(list(gradients), beta=0.8)
    for k, g in enumerate(gradients):
        m, v = 0.8 * m + 0.2 * g, 0.8 * v + 0.2 * g**2
        assert np.isclose(of_g[k], m) and np.isclose(of_squares[k], v)


def test_no_rate_brings_gradient_descent_to_the_target_and_momentum_has_room():
    goal = walk03.TARGETS["beat the ravine"].make()

    def met(rule, **knobs):
        run = descend(rule, ravine, 100, **knobs)
        return goal.ints(run, int(np.prod(run.runs)))[0] >= 0

    assert not met(gradient_descent, eta=np.geomspace(0.001, 0.6, 500)).any()
    assert not met(momentum, eta=np.array([0.2]), alpha=np.array([0.9])).any()
    assert met(momentum, eta=np.array([0.5]), alpha=np.array([0.5])).all()


def test_a_constant_slope_levels_off_at_one_over_one_minus_alpha():
    alpha = np.array([0.0, 0.5, 0.9, 0.95])
    run = descend(momentum, given([1.0]), 500, eta=0.1, alpha=alpha)
    np.testing.assert_allclose(-run.dw[-1, ..., 0], 0.1 / (1 - alpha), rtol=1e-9)


def test_the_target_is_reached_where_plain_gradient_descent_does_not_zigzag_either():
    assert walk03.TARGETS["beat the ravine"].make().ints(descend(momentum, ravine, 100, eta=np.array([0.2]), alpha=np.array([0.7])), 1)[0][0] > 0
    assert (np.diff(np.sign(descend(gradient_descent, ravine, 60, eta=0.2).g), axis=0) == 0).all()
