"""What students wrote when they tried the exercises: each gets the answer that helps."""

import numpy as np
import pytest

from helpers import exercises
from helpers.descent import descend
from helpers.surfaces import bowl
from helpers.update_rules import rmsprop


pytestmark = pytest.mark.usefixtures("new_reader")


def reason(name, answer):
    verdict = exercises.check(name, answer)
    assert verdict.state == "wrong", verdict
    return verdict.reason


def rule(lines, knobs="eta=0.4, eps=1e-8"):
    """A rule from the lines of its body."""
    names = {"np": np}
    exec(f"def mine(g, G=0.0, *, {knobs}):\n" + "".join(f"    {line}\n" for line in lines), names)
    return names["mine"]


STEP = ["dw = -eta / (np.sqrt(G) + eps) * g", "return dw, G"]
RMS = "eta=0.1, beta=0.9, eps=1e-8"


@pytest.mark.parametrize("name, line, knobs", [("adagrad", "G = sum(g**2)", "eta=0.4, eps=1e-8"), ("rmsprop", "G = sum(beta * G + (1 - beta) * g**2)", RMS)])
def test_pythons_own_sum_makes_one_account_of_all(name, line, knobs):
    assert "All weights share one account" in reason(name, rule([line, *STEP], knobs))


@pytest.mark.parametrize("name, line, knobs", [("rmsprop", "G = beta * G + (1 - beta) * G", RMS), ("rmsprop", "G = beta * G", RMS), ("adagrad", "G == G + g**2", "eta=0.4, eps=1e-8")])
def test_an_account_that_never_hears_of_g_is_called_that(name, line, knobs):
    assert "never hears of g" in reason(name, rule([line, *STEP], knobs))


@pytest.mark.parametrize("lines, first, second", [
    (["G = G + abs(g)", "return eta / (np.sqrt(G) + eps) * g, G"], "uphill", "square is missing"),
    (["G = G + g**2", "return eta / (G + eps) * g, G"], "uphill", "root is missing"),
    (["G = g**2", "return -eta / (G + eps) * g, G"], "Only the present gradient", "root is missing"),
])
def test_two_mistakes_at_once_are_both_named(lines, first, second):
    said = reason("adagrad", rule(lines))
    assert first in said and second in said


def test_square_and_root_both_missing_is_one_of_two_explanations():
    assert "where square and root are both missing" in reason("adagrad", rule(["G = G + abs(g)", "return -eta / (G + eps) * g, G"]))


def test_a_power_written_with_a_hat_is_told_how_python_writes_it():
    assert "In Python a power is written g**2" in reason("adagrad", rule(["G = G + g^2", *STEP]))


@pytest.mark.parametrize("answer", [lambda g, *, eta=0.1: tuple(-eta * x for x in g), lambda g, *, eta=0.1: [-eta * x for x in g], lambda g, *, eta=0.1: (-eta * g, g)])
def test_a_right_rule_that_descend_cannot_use_as_it_is_is_told_so(answer):
    verdict = exercises.check("gradient_descent", answer)
    assert verdict and "One thing" in verdict.reason and "descend" in verdict.reason


def test_a_right_rule_that_descend_can_use_hears_nothing_more():
    assert "One thing" not in exercises.check("adagrad", rule(["G = G + g**2", *STEP])).reason


def test_a_knob_called_b_is_beta():
    def mine(grad, avg=0.0, *, lr=0.1, b=0.9, e=1e-8):
        avg = b * avg + (1 - b) * grad**2
        return -lr / (np.sqrt(avg) + e) * grad, avg

    assert exercises.check("rmsprop", mine)


def test_code_that_counts_on_two_weights_is_told_that_a_record_may_have_one():
    def count(run):
        return sum(run.rate[t, i] > run.rate[t - 1, i] for i in range(2) for t in range(1, len(run.rate)))

    assert "This record has 1 weight: run.rate.shape[1]" in reason("rises", count)
    assert "This record has 1 weight" in reason("property", lambda run: (run.G[:, 1] >= 0).all())


def test_places_instead_of_a_count_are_recognised():
    assert "returned the places" in reason("rises", lambda run: np.where(run.rate[1:] > run.rate[:-1]))


def test_a_comparison_of_rounded_numbers_is_told_of_allclose():
    assert "np.allclose forgives that" in reason("property", lambda run: (np.diff(run.G, axis=0) == run.g**2).all())


def test_a_cycle_measured_too_early_is_told_to_wait_and_a_thousand_steps_are_enough():
    assert "a thousand steps" in reason("cycle", lambda eta: abs(descend(rmsprop, bowl, 200, eta=eta).w[-1, 0]))
    assert exercises.check("cycle", lambda eta: abs(descend(rmsprop, bowl, 1000, eta=eta).w[-1, 0]))


def test_one_minus_beta_times_eta_is_not_called_a_curvature():
    assert "1 − β times η" in reason("cycle", lambda eta: eta * (1 - 0.9))


def test_code_that_raised_gets_no_hint_about_the_formula():
    for _ in range(4):
        verdict = exercises.check("gradient_descent", lambda g, *, eta=0.1: missing * g)  # noqa: F821
        assert verdict.hint.startswith("Mend the line") and "NameError" in repr(verdict)


def test_what_is_near_another_convention_is_not_called_that():
    assert "25.3 steps" in reason("beta_50", 0.9604) and "span" in reason("beta_50", 1 - 2 / 51)
