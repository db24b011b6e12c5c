"""Slips that are not of the formula: what a check says fits what was written, and no hint points past it."""

import numpy as np
import pytest
import solutions

from helpers import exercises
from helpers.descent import descend
from helpers.exercises import checks, lesson04, lesson06, rule_checks
from helpers.exercises.keeper import keeper
from helpers.surfaces import bowl, given, ravine
from helpers.update_rules import rmsprop
from thorough import every_time

pytestmark = pytest.mark.usefixtures("new_reader")


# whose fault


def test_a_fault_of_the_check_is_not_laid_on_the_reader_and_is_no_try(monkeypatch):
    monkeypatch.setattr(rule_checks, "TOLERANCE", np.zeros((4, 2, 3)))  # NumPy cannot lay it beside the changes, and says so
    verdict = exercises.check("adagrad", solutions.ADAGRAD["ours"])
    assert verdict.state == "open" and "ValueError" in verdict.reason and "fault of the check, not of yours" in verdict.reason, verdict
    assert keeper.get("exercises", "adagrad") == {}


def test_an_object_of_the_readers_that_raises_is_theirs():
    class Answer:
        def __getattribute__(self, name):
            raise ValueError("mine")

    verdict = exercises.check("eta_in_100", Answer())
    assert verdict.state == "wrong" and "fault of the check" not in verdict.reason


def test_changes_of_another_shape_are_unlike_and_raise_nothing():
    assert not rule_checks._near(np.zeros(4), np.zeros((4, 2)), 1.0, 1e-4)


# hints


def not_returned(g, G=0.0, *, eta=0.4, beta=0.9, eps=1e-8):
    G = G + g**2


def misspelt(*_, **__):
    return gg  # noqa: F821


@pytest.mark.parametrize("name", ["gradient_descent", "adagrad", "rmsprop", "safe_eta", "property", "rises", "cycle"])
def test_after_three_slips_no_hint_speaks_of_the_formula(name):
    for answer in (misspelt, lambda *a, **k: None if a else 0):
        for tries in range(4):
            verdict = exercises.check(name, answer)
            assert verdict.state == "wrong" and not any(hint in verdict.hint for hint in checks.EXERCISES[name].hints), verdict
        assert ("Look at the line shown" in verdict.hint) == (answer is misspelt) and "fold “Solution”" in verdict.hint


def test_a_missing_return_and_texts_get_no_hint_on_the_formula_but_wrong_numbers_do():
    for answer in (not_returned, lambda g, G=0.0, *, eta, eps: ("dw", G)):
        assert exercises.check("adagrad", answer).hint == ""
    assert exercises.check("adagrad", lambda g, G=0.0, *, eta, eps: (g, G)).hint.startswith(checks.EXERCISES["adagrad"].hints[2])


@pytest.mark.parametrize("name", ["gradient_descent", "adagrad", "rmsprop", "cycle", "property"])
def test_a_hat_is_told_to_be_no_power(name):
    verdict = exercises.check(name, lambda value, *memory, **knobs: np.float64(3) ^ 2 if name == "property" else value ^ 2)
    assert "two stars: g**2" in verdict.reason and "TypeError" in verdict.details[-1], verdict


# right, and unusable


@pytest.mark.parametrize("name, rule, said", [
    ("gradient_descent", lambda g, *, eta=0.1: [-eta * x for x in g], "`return dw` alone"),
    ("gradient_descent", lambda g, *, eta=0.1: (-eta * g, g), "`return dw` alone"),
    ("gradient_descent", lambda g, eta=0.1: -eta * g, "after a `*`"),
    ("adagrad", solutions.ADAGRAD["lists_in_lists_out"], "not lists"),
    ("adagrad", solutions.ADAGRAD["a_list_of_two"], "`return dw, G`"),
    ("adagrad", solutions.ADAGRAD["only_the_change"], "in place"),
    ("rmsprop", solutions.RMSPROP["rms_by_place"], "before a `*`"),
])
def test_a_right_rule_hears_what_descend_wants_of_it(name, rule, said):
    verdict = exercises.check(name, rule)
    assert verdict and verdict.reason.count("One thing:") == 1 and said in verdict.reason, verdict


SOLVED = [("gradient_descent", solutions.DESCENT), ("adagrad", solutions.ADAGRAD), ("rmsprop", solutions.RMSPROP)]


@pytest.mark.parametrize("name, rules", every_time(SOLVED[:1], SOLVED))
def test_the_one_thing_is_said_exactly_where_descend_refuses(name, rules):
    for rule in rules.values():
        try:
            descend(rule, ravine, 2)
            refused = False
        except (TypeError, ValueError) as error:
            if "needs a value for" in str(error):
                continue
            refused = True
        assert refused == ("One thing:" in exercises.check(name, rule).reason), rule


def test_a_knob_without_a_default_is_nothing_that_descend_minds():
    assert "One thing" not in exercises.check("gradient_descent", lambda g, *, eta: -eta * g).reason


def test_the_call_to_write_is_the_one_of_the_notebook():
    assert 'check("gradient_descent", my_rule)' in exercises.check("gradient_descent", 3).reason


# records


def rises_of_two(run):
    many = 0
    for i in range(2):
        for t in range(1, len(run.rate)):
            many += run.rate[t, i] > run.rate[t - 1, i]
    return many


@pytest.mark.parametrize("name, answer", [("rises", rises_of_two), ("property", lambda run: all(np.allclose(np.diff(run.G[:, i]), run.g[:, i] ** 2) for i in range(2)))])
def test_who_counts_on_two_weights_is_told_that_there_may_be_one(name, answer):
    verdict = exercises.check(name, answer)
    assert "only one weight" in verdict.reason and "run.rate.shape[1]" in verdict.reason and "IndexError" in verdict.reason, verdict


def test_an_index_too_far_in_a_record_of_two_weights_is_only_that():
    assert "only one weight" not in exercises.check("rises", lambda run: run.rate[:, 2].sum()).reason


@pytest.mark.parametrize("holds", [lambda run: np.allclose(run.G, np.cumsum(run.g**2, axis=0)), lambda run: run.G[run.g != 0].all()])
def test_who_compares_all_of_g_with_all_of_G_is_told_of_the_row_for_the_start_and_keeps_the_hints(holds):
    verdict = exercises.check("property", holds)
    assert "a row for the start" in verdict.reason and "40 steps" in verdict.reason and "G never falls" in verdict.hint and verdict.details, verdict


def test_another_mistake_with_a_record_is_not_laid_to_its_rows():
    assert "a row for the start" not in exercises.check("property", lambda run: np.reshape(run.G, (3, 3))).reason


@pytest.mark.parametrize("places", [lambda rises: np.where(rises), lambda rises: np.nonzero(rises), lambda rises: np.argwhere(rises), lambda rises: np.flatnonzero(rises)])
def test_places_are_to_be_counted(places):
    assert "returned the places" in exercises.check("rises", lambda run: places(np.diff(run.rate, axis=0) > 0)).reason


def test_the_rising_rates_themselves_are_to_be_counted():
    assert "the rates that rise" in exercises.check("rises", lambda run: run.rate[1:][np.diff(run.rate, axis=0) > 0]).reason


@pytest.mark.parametrize("holds", [lambda run: (np.diff(run.G, axis=0) == run.g**2).all(), lambda run: np.array_equal(np.diff(run.G, axis=0), run.g**2),
                                   lambda run: all(b - a == g**2 for a, b, g in zip(run.G[:-1, 0], run.G[1:, 0], run.g[:, 0]))])
def test_an_exact_comparison_is_told_of_rounding(holds):
    reason = exercises.check("property", holds).reason
    assert "np.allclose forgives" in reason and "does not hold" not in reason


def test_rounding_is_not_named_where_nothing_is_compared_exactly_or_an_impostor_passes():
    assert "np.allclose" not in exercises.check("property", lambda run: (np.diff(run.G, axis=0) > 1).all()).reason
    assert "np.allclose" not in exercises.check("property", lambda run: run.steps == 40).reason


@pytest.mark.parametrize("holds, fact", [(lambda run: run.loss[-1] < run.loss[0], "the loss is 0 throughout"),
                                         (lambda run: np.allclose(run.step[0], run.knobs["eta"]), "gradient is 0 for some steps, the first among them")])
def test_a_rejected_record_is_described_and_the_property_is_only_guessed_at(holds, fact):
    reason = exercises.check("property", holds).reason
    assert fact in reason and "If your property says" in reason


def test_who_leaves_epsilon_out_of_the_rate_is_told_where_it_counts():
    with np.errstate(all="ignore"):
        verdict = exercises.check("property", lambda run: np.allclose(run.rate, run.knobs["eta"] / np.sqrt(run.G[1:])))
    assert "where G is still 0 the rate is η/ε" in verdict.reason, verdict
    whole = exercises.check("property", lambda run: np.allclose(run.rate, run.knobs["eta"] / (np.sqrt(run.G[1:]) + run.knobs["eps"])))
    assert "True to every record" in whole.reason, "every rule here divides so, whatever it gathers in G"


def test_what_is_said_of_the_honest_records_is_true():
    for _, why, run in lesson04._records()[0]:
        if why == lesson04.SMALL:
            assert np.abs(run.g).max() < 1 and not run.loss.any() and (run.rate > run.knobs["eta"]).all()
        if why == lesson04.FLAT:
            assert (run.g[0] == 0).any() and (np.diff(run.G, axis=0) == 0).any()
            assert np.allclose(run.rate[run.G[1:] == 0], run.knobs["eta"] / run.knobs["eps"])
        if why == lesson04.GROWING:
            assert (np.diff(run.step, axis=0) > 0).any()


def test_the_experiments_with_suspects_run_in_the_notebook():
    names = {"exercises": exercises, "given": given, "ravine": ravine, "descend": descend, "np": np}
    said = [*lesson04.IF_SO.values(), *next(e for e in lesson04.EXERCISES if e.name == "suspects").hints]
    calls = [part[: part.index("steps=1)") + 8] for text in said for part in ["descend" + tail for tail in text.format("A").split("descend")[1:]]]
    assert len(calls) == 2
    for call in calls:
        assert eval(call, names).G.shape == (2, 1)
    assert not any("surfaces." in text for text in said)


# the final cycle


@pytest.mark.parametrize("surface, weight", [(bowl, 0), (ravine, 0), (ravine, 1)])
def test_after_a_thousand_steps_the_cycle_is_there_for_every_eta_asked(surface, weight):
    assert exercises.check("cycle", lambda eta: abs(descend(rmsprop, surface, 1000, eta=eta).w[-1, weight]))


def test_after_two_hundred_steps_it_is_not_and_a_thousand_are_asked_for():
    verdict = exercises.check("cycle", lambda eta: abs(descend(rmsprop, bowl, 200, eta=eta).w[-1, 0]))
    assert verdict.state == "wrong" and "a thousand steps" in verdict.reason and "a thousand steps" in verdict.hint
    assert not any("few hundred" in hint for exercise in lesson06.EXERCISES for hint in exercise.hints)
