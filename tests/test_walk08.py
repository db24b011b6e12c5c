"""The cards and the target of notebook 08: their truths are those of the races, and what they say besides holds."""

import numpy as np
import pytest

from helpers.descent import descend
from helpers.exercises import walk08
from helpers.race import race_on
from helpers.surfaces import ravine, rosenbrock, turned_ravine
from helpers.update_rules import adagrad, rmsprop


def test_the_truths_are_those_of_the_races():
    assert {card.name: card.truth for card in walk08.CARDS} == {
        "one eta": "RMSprop at 0.4, Adagrad at 1.6", "own eta": "Adagrad: never behind, at any horizon", "stray": "a factor of 1.2",
        "turned": "Adagrad and RMSprop", "jumps": "RMSprop at every 20 steps, Adagrad at every 100", "wine": "about 250 times smaller"}
    for card in walk08.CARDS:
        assert sum(band["right"] for band in card.bands()) == 1 and set(card.because) == set(card.choices) - {card.truth}, card.name


def test_adagrad_at_its_own_eta_for_each_horizon_has_arrived_by_then_on_the_quiet_ravine():
    race = race_on(ravine)
    assert all(race.judged("adagrad", steps).max() == race.enough for steps in race.horizons)
    assert (race.eta("adagrad", 20), race.eta("adagrad", 5000)) == (12, 2.7) and race.first(20) == ["adagrad"]
    assert race.valley("adagrad", 20)[0][race.etas.index(2.7)] > 1e5 * race.enough, "the η of the long race has not arrived after 20 steps"


def test_a_shared_eta_of_0_4_suits_the_start_of_rmsprop_and_is_far_below_what_suits_adagrad():
    race = race_on(ravine)
    at = race.etas.index(0.4)
    assert race.first(20, at) == ["rmsprop"] and race.first(200, at) == ["gradient_descent"]
    assert min(race.eta("adagrad", steps) for steps in race.horizons) > 6 * 0.4


def test_the_curved_valley_forgives_adagrad_less_than_twofold_on_either_side():
    race = race_on(rosenbrock)
    middle, here = race.valley("adagrad", 200)[0], race.tuned("adagrad", 200)
    assert min(middle[here - 1], middle[here + 1]) < np.inf and race.width("adagrad", 200) < 2


@pytest.mark.parametrize("angle", [15, 30, 45])
def test_turning_costs_gradient_descent_and_momentum_nothing(angle):
    straight, turned = walk08.turned_losses(0), walk08.turned_losses(angle)
    for rule in ("gradient_descent", "momentum"):
        assert np.isclose(straight[rule], turned[rule], rtol=1e-9)
    assert turned["adagrad"] > 1e6 * straight["adagrad"] and turned["rmsprop"] > 100 * straight["rmsprop"]


def test_what_turning_costs_rmsprop_depends_on_the_horizon():
    race = race_on(turned_ravine(20, 45), (50, 100, 200))
    assert race.first(50) == ["rmsprop"] and race.first(200) == ["gradient_descent"]
    assert "gradient_descent" in race.first(100), "whether RMSprop is behind there from every start hangs on the last digit"
    straight, turned = (walk08.turned_losses(angle, steps=200)["rmsprop"] for angle in (0, 45))
    assert turned < 2 * straight, "after 200 steps it rings either way"


def test_who_follows_a_jumping_minimum_depends_on_how_often_it_jumps_from_every_start():
    often, rarely = (race_on(walk08.JUMPING[f"a jump every {every} steps"], walk08.SHORT, rules=walk08.BOTH) for every in (20, 100))
    assert all(often.ahead("rmsprop", "adagrad", steps) for steps in (50, 100, 200, 500, 1000))
    assert all(rarely.ahead("adagrad", "rmsprop", steps) for steps in (50, 100, 200, 500, 1000))


def test_that_adagrad_is_ahead_of_a_tuned_rmsprop_holds_for_beta_0_9_and_not_for_0_99():
    def patient(g, G=0.0, *, eta, eps=1e-8):
        return rmsprop(g, G, eta=eta, beta=0.99, eps=eps)

    quiet = race_on(ravine, (20, 200, 1000), rules=(adagrad, patient))
    assert all(quiet.judged("patient", steps).max() == quiet.enough for steps in quiet.horizons)
    rarely = race_on(walk08.JUMPING["a jump every 100 steps"], walk08.SHORT, rules=(adagrad, patient))
    assert rarely.ahead("patient", "adagrad", 1000)


def test_the_podium_has_four_winners_and_a_race_without_one():
    first = [race.first(steps) for _, race, steps in walk08.podium_rows()]
    assert [names[0] if len(names) == 1 else None for names in first] == ["adagrad", "gradient_descent", "adam", "rmsprop", "adam", None]
    assert walk08.CONCLUSION.startswith("Six races, four different winners, and one race that nobody wins.")


def test_on_the_raw_wine_the_adaptive_rules_lead_and_standardised_all_arrive():
    raw, standardised = walk08.races(walk08.WINES).values()
    worst = max(raw.middle(rule, 100) for rule in ("adagrad", "rmsprop", "adam"))
    assert worst < 0.75 * min(raw.middle(rule, 100) for rule in ("gradient_descent", "momentum"))
    assert all(standardised.judged(rule, 100).max() == standardised.enough for rule in standardised.losses)


def test_rmsprop_at_the_shared_eta_rings_after_its_good_start():
    loss = descend(rmsprop, ravine, 5000, eta=0.4, keep="loss").loss
    assert loss[20] < 1e-4 and loss[-1] > 0.01


def test_the_target_can_be_missed_on_either_side():
    etas = np.array([0.4, 1.6, 2.0, 2.5, 3.2, 4.0, 5.0, 10.0])
    lowest = descend(adagrad, turned_ravine(20, 45), 80, eta=etas, keep="loss").loss.min(axis=0)
    assert ((lowest < 3e-4) == [False, False, True, True, True, True, False, False]).all(), lowest


def test_every_verdict_on_races_says_that_eta_is_constant():
    for card in walk08.CARDS:
        if card.name in ("own eta", "turned", "jumps"):
            assert "constant" in card.question, card.name
    assert all(card.finding and not any(digit in card.finding for digit in "0123456789") for card in walk08.CARDS), "a slider may leave a number"
