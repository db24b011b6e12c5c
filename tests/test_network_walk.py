"""The cards of notebook 09: their truths are those of the network, and what they say of it holds from every start."""

from pathlib import Path

import numpy as np
import pytest

from helpers.atlas import atlas
from helpers.atlas.lanes import scale
from helpers.descent import descend
from helpers.exercises import network_walk
from helpers.exercises.series import CARDS, PREDICTIONS, TARGETS, WALKS
from helpers.network import digits, on_digits
from helpers.update_rules import adagrad, rmsprop
from thorough import every_time

SEEDS = range(5)


def test_the_truths_are_those_of_the_network():
    assert {card.name: card.truth for card in network_walk.CARDS} == {"one epoch": "about a quarter as many", "layers": "the first layer, W1", "settled": "about a tenth"}
    assert digits.updates_an_epoch == 45 and digits.examples == 1438 and digits.batch == 32
    updates = {batch: 30 * on_digits(batch=batch).updates_an_epoch for batch in (32, 128)}
    assert updates == {32: 1350, 128: 360}, "a little more than a quarter"
    assert all(same in network_walk.CARDS[0].alt for same in ("1 350", "360")), "the figure behind the card counts them"


@pytest.mark.parametrize("seed", every_time(SEEDS[:2], SEEDS))
def test_the_layers_differ_as_the_card_says_from_every_start(seed):
    spread = network_walk.spreads(on_digits(seed=seed))
    assert spread["W1"] > 4 and spread["W2"] < 1, "decades, and less than a factor of ten"


@pytest.mark.thorough
def test_few_have_settled_by_epoch_3_from_every_start_and_the_other_epochs_named_are_right():
    shares = [network_walk.settled_shares(on_digits(seed=seed)) for seed in SEEDS]
    assert all(0.04 < share[3] < 0.15 for share in shares), "nearer to a tenth than to a third"
    assert abs(shares[0][12] - 1 / 3) < 0.02 and abs(shares[0][19] - 2 / 3) < 0.02
    assert all((np.diff(share) >= 0).all() and share[0] == 0 and share[-1] == 1 for share in shares)


def test_by_epoch_3_the_loss_has_come_most_of_its_way_and_the_accuracy_has_nearly_arrived():
    w = descend(adagrad, digits, 1350, eta=0.18, keep={"quantities": ["w"], "steps": [0, 135, 1350]}).w
    start, early, end = digits.loss(w)
    assert (start - early) / (start - end) > 0.9
    assert digits.accuracy(w[2]) - digits.accuracy(w[1]) < 0.03


def looks(rule, eta, start, steps):
    return digits.loss(descend(rule, digits, steps[-1], start, eta=eta, keep={"quantities": ["w"], "steps": steps}).w[-len(steps):])


@pytest.mark.parametrize("draw", range(3))
def test_the_target_is_aimed_at_from_either_side_whatever_the_last_bits(draw):
    start = digits.start + 1e-13 * np.random.default_rng(draw).normal(size=digits.n)
    highest = looks(rmsprop, [0.002, 0.005, 0.007, 0.01, 0.02, 0.1], start, range(200, 301)).max(axis=0)
    assert ((highest < 0.16) == [False, True, True, True, False, False]).all(), highest


@pytest.mark.parametrize("draw", range(3))
def test_rmsprop_at_a_bold_eta_is_above_twice_adagrads_loss_at_most_looks_whatever_the_last_bits(draw):
    start = digits.start + 1e-13 * np.random.default_rng(draw).normal(size=digits.n)
    restless, calm = (looks(rule, [0.1], start, range(200, 301, 5)) for rule in (rmsprop, adagrad))
    assert (restless > 2 * calm).mean() > 0.5 and np.median(restless) > 2 * np.median(calm)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_edge_weight_that_the_text_names_has_the_larger_rate_and_the_shorter_steps_from_every_start(seed):
    network = on_digits(seed=seed)
    edge, middle = (network.weight("W1", 8 * 2 + column, 0) for column in (7, 3))
    run = descend(adagrad, network, 300, eta=0.18, keep={"weights": [edge, middle]})
    assert run.rate[-1, 0] > 5 * run.rate[-1, 1] and run.step[:, 0].mean() < run.step[:, 1].mean()


def test_the_edge_weight_that_the_text_names_lies_on_the_axes_of_the_figure():
    picture = atlas(descend(adagrad, digits, 300, eta=0.18), of=digits)
    edge = digits.weight("W1", 8 * 2 + 7, 0)
    for quantity in ("rate", "G"):
        axis, values = scale(quantity, picture.lanes), picture.lanes[0].values[quantity][-1, edge]
        assert 10**axis.low < values < 10**axis.high, quantity
    picture.close_all()


def test_decades_leave_out_what_is_infinite():
    assert np.isclose(network_walk.decades(np.array([1e-3] * 50 + [1.0] * 50 + [np.inf])), 3)


def test_all_cards_and_targets_of_the_series_are_in_one_place():
    there = {path.stem for path in Path(network_walk.__file__).parent.glob("*walk*.py")}
    assert {walk.__name__.split(".")[-1] for walk in WALKS} == there
    assert len(PREDICTIONS) == len(CARDS) and len(TARGETS) == sum(len(walk.TARGETS) for walk in WALKS), "two have the same name"


@pytest.mark.parametrize("rule", [adagrad, rmsprop])
def test_at_first_the_95_per_cent_line_of_the_rates_stands_at_eta_over_eps_at_every_eta(rule):
    eta = np.array([0.002, 0.005, 0.007, 0.01, 0.02, 0.05, 0.1, 0.3])  # those of the first figure
    rate = descend(rule, digits, 10, eta=eta).rate
    assert np.allclose(np.percentile(rate, 95, axis=-1), eta / 1e-8, rtol=0.02)
