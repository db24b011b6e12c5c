"""The cards of notebook 02: their truths are those of the training, and what they say of it holds for other data of the same kind."""

import numpy as np
import pytest

from helpers.descent import descend
from helpers.exercises import walk02
from helpers.schedules import preset
from helpers.surfaces import data_a, data_b, regression, two_features
from helpers.update_rules import adagrad, gradient_descent

SEEDS = range(20, 30)


def test_the_truths_are_those_of_the_training():
    assert {card.name: card.truth for card in walk02.CARDS} == {"swap": "the path alone", "smart calendar": "about 4 times as large", "recorded": "about 90 times as large"}


@pytest.mark.parametrize("kind", ["constant", "step", "exponential", "1/t"])
@pytest.mark.parametrize("seed", SEEDS)
def test_no_data_changes_the_rates_of_a_schedule(kind, seed):
    eta = preset(eta=0.2, kind=kind, half=15)
    other = descend(gradient_descent, regression(*two_features((0.5, 0.5), seed), batch=4), 100, eta=eta)
    assert np.allclose(other.rate, np.array([eta(t) for t in range(100)])[:, None], rtol=1e-9, atol=0)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_list_of_adagrads_rates_is_its_own_path_on_the_same_data_and_far_behind_on_such_other_data(seed):
    record = descend(adagrad, data_a, 200, eta=0.4)
    assert np.allclose(descend(walk02.replay(record), data_a, 200).w, record.w, rtol=0, atol=1e-9)
    other = regression(*two_features((0.25, 0.8), seed), start=(-3, 2.5), batch=4)
    assert descend(walk02.replay(record), other, 200).loss[-1] > 40 * descend(adagrad, other, 200, eta=0.4).loss[-1]


def test_no_constant_rate_reaches_the_target_and_each_falling_schedule_does():
    goal = walk02.TARGETS["calm end"].make()

    def met(eta):
        run = descend(gradient_descent, data_a, 200, eta=eta)
        return goal.ints(run, int(np.prod(run.runs)))[0] >= 0

    assert not met(np.geomspace(1e-3, 9, 500)).any()
    for kind in ("step", "exponential", "1/t"):
        assert met(preset(eta=np.array([0.5, 0.8])[:, None], kind=kind, half=np.array([7, 10, 14, 20, 28, 40]))).any(), kind


def test_on_a_the_first_weights_rate_ends_at_a_quarter_of_the_seconds():
    first, second = descend(adagrad, data_a, 200, eta=0.4).rate[-1]
    assert first / second == pytest.approx(1 / 4, rel=0.05)


def test_swapping_the_data_parts_the_rates_of_adagrad_so_that_it_can_be_seen():
    a, b = (descend(adagrad, data, 200, eta=0.4).rate[-1] for data in (data_a, data_b))
    ends = np.sort([*a, *b])
    assert (ends[1:] > 1.5 * ends[:-1]).all() and a[0] < a[1] and b[1] < b[0]
