"""The exercises of notebook 09 on a trained network: another rule by its name, and the weights of pixels that are always blank."""

import functools
import math

import numpy as np
import pytest
from judged import right, waits, wrong
from solutions_network import BLANK, MASK, PLACES, accuracies, trained

from helpers.descent import descend
from helpers.exercises import blank_weights, lesson09
from helpers.exercises.training import share
from helpers.network import digits, on_digits
from helpers.surfaces import ravine
from helpers.update_rules import adagrad, adam, gradient_descent, momentum, nesterov, rmsprop

pytestmark = pytest.mark.usefixtures("new_reader")


# swap the rule


@pytest.mark.parametrize("rule, eta", [(adagrad, 0.1), (nesterov, 0.1), (adam, 0.01)])
def test_the_goal_is_reached_from_every_start_and_with_images_to_spare(rule, eta):
    assert min(accuracies(rule, eta)) >= lesson09.GOAL and accuracies(rule, eta)[0] > lesson09.GOAL + 4 / 359


def test_gradient_descent_at_the_given_rate_is_far_below_from_every_start():
    assert max(accuracies(gradient_descent, lesson09.ETA)) < 0.8


def test_what_the_notebook_begins_with_is_no_try():
    waits("swap", "gradient descent at η = 0.01 still, which comes to 0.671", trained(gradient_descent, 0.01))


@pytest.mark.parametrize("rule, eta", [(adagrad, 0.18), (momentum, 0.1), (nesterov, 0.1), (adam, 0.01), (rmsprop, 0.003)])
def test_any_rule_at_a_sensible_rate_will_do(rule, eta):
    assert f"at η = {eta:g} comes to 0.9" in right("swap", trained(rule, eta)).reason


def test_a_record_may_be_a_grid_or_short_or_long_or_hold_the_end_alone():
    assert "η = 0.1 (the best of 3 runs)" in right("swap", descend(adagrad, digits, 300, eta=[0.01, 0.1, 1])).reason
    right("swap", descend(rmsprop, digits, 300, eta=np.array([[0.003], [0.01]]), beta=[0.9, 0.99], keep={"steps": [300]}))
    assert "after 200 updates" in right("swap", descend(momentum, digits, 200, eta=0.1)).reason
    assert "after 300 updates" in right("swap", trained(adagrad, 0.1, 600)).reason
    right("swap", run=trained())


def named(g, G=0.0, *, lr=0.01):
    return adagrad(g, G, eta=lr)


@pytest.mark.parametrize("answer, said", [
    (lambda: trained(adagrad, 0.01), "0.96 is asked for. Its steps are too short"), (lambda: trained(adam, 1.0), "Its steps are too long"),
    (lambda: trained(momentum, 0.5), "Its steps are too long"),
    (lambda: trained(rmsprop, 0.01), "Its steps are too long"), (lambda: trained(gradient_descent, 0.05), "write another name"),
    (lambda: trained(gradient_descent, 0.4), "η alone was in the way"),
    (lambda: descend(gradient_descent, digits, 300, eta=[0.01, 0.1]), "write another name"), (lambda: trained(adagrad, 0.01, 600), "comes to 0.922"),
    (lambda: trained(adagrad, 0.1, 600, keep="w") and descend(adagrad, digits, 600, eta=0.1, keep={"steps": [600]}), "600 updates, and 300 are allowed"),
    (lambda: trained(adagrad, 0.1, 50), "after 50 updates; 0.96"),
    (lambda: descend(adagrad, ravine, 300), "another surface (ravine"),
    (lambda: descend(adagrad, on_digits(hidden=8), 300), "another surface (digits  64–8–10)"),
    (lambda: descend(adagrad, on_digits(seed=3), 300), "does not begin where"),
    (lambda: descend(adagrad, digits, 30, start=trained().w[-1]), "does not begin where"),
    (lambda: trained(keep="loss"), "not in this record, and the check asks"),
    (lambda: descend(adagrad, digits, 300, keep={"weights": [0, 9]}), "Only 2 of the 2410"),
    (lambda: descend(adagrad, digits, 300, keep={"steps": [0, 200]}), "update 200 of 300"),
    (lambda: descend(adagrad, digits, 300, eps=0.0), "with ε = 0 a change is 0/0"),
    (lambda: descend(adagrad, digits, 300, eta=lambda t: 0.01), "Try half"), (lambda: descend(named, digits, 300), "Named comes to 0.922"),
    (lambda: 0.975, "not a number taken"), (lambda: trained().w[-1], "not one array"), (lambda: adagrad, "This is a function"),
    (lambda: [trained(), trained()], "2 records"),
    (lambda: "adagrad", "This is a word"), (lambda: digits, "whole record"), (lambda: {"run": trained()}, "whole record"), (lambda: True, "whole record"),
    (lambda: (), "whole record"),
])
def test_a_record_that_falls_short_is_told_why(answer, said):
    wrong("swap", said, answer())


# blank pixels


@functools.cache
def G():
    return trained().G


@pytest.mark.parametrize("way", [
    lambda: MASK, lambda: MASK.astype(int), lambda: MASK.tolist(), lambda: MASK[:2048], lambda: digits.part("W1", MASK), lambda: np.where(MASK),
    lambda: np.argwhere(MASK), lambda: np.where(digits.part("W1", MASK)),
    lambda: np.argwhere(digits.part("W1", MASK)), lambda: PLACES, lambda: PLACES.reshape(-1)[::-1], lambda: PLACES.reshape(-1).tolist(),
    lambda: set(PLACES.reshape(-1).tolist()), lambda: tuple(PLACES.reshape(-1).tolist()),
    lambda: PLACES.astype(float), lambda: PLACES - 2410, lambda: (int(i) for i in PLACES.reshape(-1)), lambda: (G() == 0).all(axis=0),
    lambda: [i for i in range(2410) if not G()[:, i].any()],
    lambda: np.flatnonzero((trained().w == trained().w[0]).all(0)), lambda: [digits.weight("W1", p, u) for p in (0, 32, 39) for u in range(32)],
])
def test_the_weights_may_be_named_in_any_way(way):
    right("blank", way(), rate=0.18 / 1e-8, step=0)


def test_rate_and_step_may_be_read_off_the_record():
    run, weights = trained(), PLACES.reshape(-1)
    right("blank", weights=weights, rate=run.rate[:, weights], step=run.step[-1, weights])
    right("blank", weights=weights, rate="1.8e7", step=-0.0)


def test_a_hint_belongs_to_the_part_that_is_wrong():
    weights = PLACES.reshape(-1)
    tries = ({"weights": weights[:3], "rate": 1.8e7, "step": 0}, {"weights": weights, "rate": 0.18, "step": 0})
    assert [wrong("blank", "", **answer).hint in blank_weights.NUMBERS for answer in (*tries, tries[0])] == [False, True, False]


def test_an_accuracy_that_has_just_not_been_reached_does_not_look_reached():
    assert share(digits, 341 / 359) == "0.949 (341 of 359)" and share(digits, 350 / 359) == "0.974 (350 of 359)" and share(digits, 1.0).startswith("1.000")


def test_what_is_lacking_is_asked_for():
    waits("blank", "Find the places", weights=..., rate=..., step=...)
    waits("blank", "What is lacking is their rate and their step", MASK)
    waits("blank", "What is lacking is their step", MASK, rate=1.8e7)
    waits("blank", "not there yet", rate=1.8e7, step=0)


def zero(values):
    return np.flatnonzero(values)


@pytest.mark.parametrize("weights, said", [
    (lambda: [0, 32, 39], "Those are the pixels"), (lambda: (digits.training.inputs == 0).all(0), "marks on 64 pixels"),
    (lambda: zero((digits.held_back.inputs == 0).all(0)), "images held back"),
    (lambda: [p * 32 + 5 for p in (0, 32, 39)], "hidden unit 5 only"), (lambda: range(32), "pixel 0 only"),
    (lambda: PLACES.reshape(-1)[:40], "These 40 are right"), (lambda: [0], "It is right, and more"),
    (lambda: [u * 64 + p for p in (0, 32, 39) for u in range(32)], "run the other way"), (lambda: PLACES + 1, "shifted"), (lambda: PLACES + 362, "shifted"),
    (lambda: zero(np.isclose(G()[-1], 0)), "small and not 0"), (lambda: zero(G()[-1] < 1e-12), "7 besides whose G is small"),
    (lambda: np.argsort(G()[-1])[:200], "small and not 0"),
    (lambda: zero(G()[1] == 0), "0 after 1 update and fills later"), (lambda: zero((G()[1:] == 0).any(0)), "0 after 1 update and fills later"),
    (lambda: zero(G()[5] == 0), "0 after 5 updates and fills later"), (lambda: zero((G() == 0).any(0)), "Those are all weights"),
    (lambda: zero(trained().step[-1] == 0), "blank in some batches"), (lambda: zero(G()[-1] != 0), "all the others"), (lambda: G() == 0, "each of 301 rows"),
    (lambda: np.where(G() == 0), "pairs of an update and a weight"),
    (lambda: (G() == 0).all(1), "True or False for each update"), (lambda: (G() == 0).all(), "one False for everything"),
    (lambda: MASK.sum(), "So many there are, yes"), (lambda: 5, "one number"), (lambda: G()[-1][MASK], "96 zeros"),
    (lambda: G()[-1], "a number for every weight"), (lambda: G(), "a number for every weight"),
    (lambda: zero(digits.part("W2", G()[-1]) == 0), "no weight at all"), (lambda: np.zeros(2410, bool), "no weight at all"),
    (lambda: np.arange(2048, 2080), "not weights of the first layer"), (lambda: [3000], "no weight 3000"), (lambda: [0.5], "whole numbers"),
    (lambda: [math.nan, 1], "whole numbers"), (lambda: digits.part("W1", MASK).T, "one row a pixel"),
    (lambda: MASK[:100], "shape (100,)"), (lambda: "0, 32", "neither"), (lambda: [[1], [2, 3]], "different lengths"), (lambda: lambda: MASK, "call it"),
    (lambda: trained(), "neither"), (lambda: [1, 5, 700], "Weight 700 (from pixel 21 to unit 28)"),
])
def test_other_weights_are_told_which_they_are(weights, said):
    wrong("blank", said, weights=weights(), rate=1.8e7, step=0)


@pytest.mark.parametrize("rate, said", [
    (0, "It is the step that is 0"), (np.inf, "infinite without ε"), (0.18, "That is η"), (1e-8, "ε itself"), (1e8, "1/ε"), (1e-8 / 0.18, "turned over"),
    (0.18e-8, "not multiplied"), (1800, "outside the root"), (-1.8e7, "above 0"),
    (np.nan, "0/0"), (5, "Yours is 5"), (np.full(96, np.nan), "nan"), ([1.8e7, 1], "not all are equal"), ("fast", "'fast' is not one"), (lambda: 1, "function"),
])
def test_another_rate_is_told_what_it_is(rate, said):
    wrong("blank", said, MASK, rate=rate, step=0)


@pytest.mark.parametrize("step, said", [
    (0.18, "Is there one here?"), (1.8e7, "and the gradient?"), (1e-9, "whose pixel is always blank"), (np.nan, "0/0"), ("none", "'none' is not one"),
])
def test_another_step_is_told_what_it_is(step, said):
    wrong("blank", said, MASK, rate=1.8e7, step=step)


def test_a_part_that_is_none_is_told_the_names_of_the_three():
    wrong("blank", "no part 'rates'", MASK, rates=1.8e7, step=0)


def test_the_weights_asked_for_are_those_of_pixels_that_no_training_image_inks():
    assert blank_weights.blank() == set(PLACES.reshape(-1).tolist()) and len(blank_weights.blank()) == 96
    assert (G()[:, MASK] == 0).all() and np.allclose(trained().rate[:, MASK], BLANK["rate"], rtol=1e-12) and not trained().step[:, MASK].any()
    assert (G()[-1, ~MASK] > 0).all()
