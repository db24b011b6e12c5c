"""The exercises of notebook 07: every right form is taken, every typical slip is named."""

import numpy as np
import pytest
from folds import fold

from helpers import exercises
from helpers.exercises.lesson07 import apart
from helpers.frameworks import keras_rmsprop, torch_adagrad, torch_rmsprop

pytestmark = pytest.mark.usefixtures("new_reader")
MATCH = {"P": "keras_rmsprop", "Q": "torch_adagrad", "R": "torch_rmsprop"}
CASE = {"gradients": [0, 3, 4], "sick": 0, "cured": 1e-8}
RIGHT = {
    "large_eps": [0.004, 0.4 / 100, "0.004", 0.4 / 101],
    "crossover": [1e-6 / 0.21, 4.76e-6, 4.2e-6, np.float64(5e-6)],
    "match_eps": [MATCH, {"P": keras_rmsprop, "Q": torch_adagrad, "R": torch_rmsprop}],
    "nan": [CASE, {"gradients": (0, 0, -2, 5, 0), "sick": 0.0, "cured": 1e-12}, {"gradients": np.array([0.0, 100]), "sick": 0, "cured": 0.001}],
}
WRONG = {
    "large_eps": [(0.4, "η itself"), (40, "multiplies"), (250, "upside down"), (0.04, "root of ε"), (100, "That is ε"), (0.4 / 115, "adds 15"), (7, "what is left")],
    "crossover": [(1e-6, "G has to be larger"), (1e-4, "G has to be smaller"), (np.sqrt(4.76e-6), "That is √G"), (4.76, "multiple of ε"), (-1, "above 0"), (0, "above 0")],
    "match_eps": [({**MATCH, "P": "torch_adagrad", "Q": "keras_rmsprop"}, "its ceiling is at"), ({**MATCH, "P": "adam"}, "not one of the three"), ({**MATCH, "P": "torch_adagrad"}, "named twice"), ({**MATCH, "P": "keras_adagrad"}, "not one of the three"), ({"P": "keras_rmsprop"}, "one call for each")],
    "nan": [
        ({**CASE, "gradients": [3, 0, 4]}, "already above 0"), ({**CASE, "sick": 1e-8}, "nothing is 0/0"), ({**CASE, "cured": 0}, "has to be above 0"), ({**CASE, "cured": 1e-310}, "still too small"), ({**CASE, "cured": 5}, "lamed"),
        ({**CASE, "gradients": [0, 0]}, "nowhere to go"), ({**CASE, "gradients": [0, float("nan")]}, "not to go in"), ({"gradients": [0, 1]}, "Give a dict"), ({**CASE, "cured": -1}, "0 or above"),
    ],
}


@pytest.mark.parametrize("name, answer", [(name, answer) for name, answers in RIGHT.items() for answer in answers])
def test_every_right_form_is_taken(name, answer):
    verdict = exercises.check(name, answer)
    assert verdict, verdict.reason


@pytest.mark.parametrize("name, answer, said", [(name, *case) for name, cases in WRONG.items() for case in cases])
def test_every_slip_is_named(name, answer, said):
    verdict = exercises.check(name, answer)
    assert verdict.state == "wrong" and said in verdict.reason, verdict.reason


def test_the_places_that_the_solution_names_differ_by_ten_percent():
    assert [round(where(eps, smaller), digits) for eps, smaller, digits in ((1e-6, True, 2), (1e-3, True, 1), (1e-6, False, 1))] == [4.74, 4.0, 4.2]
    told = fold("07", "my_G = 1e-6 / 0.21")
    assert f"{1 / 0.21:.2f} ε" in told and all(words in told for words in ("4.74 ε", "4.0 ε", "4.2 ε"))


def where(eps, smaller):
    """At which multiple of ε the two rates differ by 10 % of the smaller (or the larger) rate, by halving."""
    low, high = eps, 20 * eps
    for _ in range(60):
        G = (low + high) / 2
        share = apart(G, eps)
        low, high = (G, high) if (share if smaller else share / (1 + share)) > 0.1 else (low, G)
    return G / eps


@pytest.mark.parametrize("eps", [1e-8, 1e-12])
def test_for_a_smaller_eps_the_place_is_at_nearly_the_same_multiple(eps):
    assert where(eps, True) == pytest.approx(where(1e-6, True), rel=0.01) and where(eps, False) == pytest.approx(where(1e-6, False), rel=0.01)


def test_who_takes_the_tenth_from_the_larger_rate_is_told_both_shares():
    said = exercises.check("crossover", 4.24e-6).reason
    assert "differ by 11.1 % of the smaller rate, which is 10 % of the larger one. It is 4.24 ε" in said
