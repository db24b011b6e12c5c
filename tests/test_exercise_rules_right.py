"""Whatever form a right rule has, the check accepts it."""

import numpy as np
import pytest
import solutions
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import exercises


pytestmark = pytest.mark.usefixtures("new_reader")


@pytest.mark.parametrize("name", solutions.ADAGRAD)
def test_adagrad_is_accepted_in_every_form(name):
    verdict = exercises.check("adagrad", solutions.ADAGRAD[name])
    assert verdict, verdict
    assert ("in place" in verdict.reason) == (name == "only_the_change")


@pytest.mark.parametrize("name", solutions.RMSPROP)
def test_rmsprop_is_accepted_in_every_form(name):
    verdict = exercises.check("rmsprop", solutions.RMSPROP[name])
    assert verdict, verdict
    assert ("in place" in verdict.reason) == (name == "rms_only_the_change")


@pytest.mark.parametrize("name", solutions.DESCENT)
def test_gradient_descent_is_accepted_in_every_form(name):
    verdict = exercises.check("gradient_descent", solutions.DESCENT[name])
    assert verdict, verdict


FLOORS = [lambda G, e: np.sqrt(G) + e, lambda G, e: np.sqrt(G + e), lambda G, e: np.sqrt(G + e**2), lambda G, e: np.maximum(np.sqrt(G), e),
          lambda G, e: (G + e) ** 0.5, lambda G, e: np.power(G, 1 / 2) + e]


@settings(max_examples=25)
@given(floor=st.sampled_from(FLOORS), kind=st.sampled_from([np.float64, np.float32, np.longdouble]), beta=st.booleans(),
       flat=st.booleans(), tall=st.booleans(), names=st.sampled_from([("eta", "beta", "eps"), ("lr", "rho", "epsilon"), ("learning_rate", "decay", "tiny")]))
def test_a_right_rule_may_work_in_any_precision_shape_and_words(floor, kind, beta, flat, tall, names):
    eta, share, eps = names

    def rule(g, G=0.0, **k):
        shape, g = np.shape(g), np.asarray(g, kind)
        if flat:
            g, G = g.reshape(-1), np.reshape(np.asarray(G, kind) * np.ones(shape, kind), -1)
        G = (k["b"] * G + (1 - k["b"]) * g**2 if beta else G + g**2).astype(kind)
        dw = (-k["h"] / floor(G, kind(k["e"])) * g).astype(kind)
        return (dw.reshape(shape), G.reshape(shape)) if tall else [dw.reshape(shape), G.reshape(shape)]

    spoken = {"rule": rule}
    with_share = f", {share}" if beta else ""
    exec(f"def spelled(g, G=0.0, *, {eta}{with_share}, {eps}): return rule(g, G, h={eta}, e={eps}{', b=' + share if beta else ''})", spoken)
    verdict = exercises.check("rmsprop" if beta else "adagrad", spoken["spelled"])
    assert verdict, verdict


@pytest.mark.parametrize("name", ["adagrad", "rmsprop"])
def test_a_default_that_changes_in_place_is_not_spoilt_by_the_check(name):
    rule = {"adagrad": solutions.ADAGRAD["in_place"], "rmsprop": solutions.RMSPROP["rms_dict"]}[name]
    before = repr(rule.__defaults__)
    assert exercises.check(name, rule) and exercises.check(name, rule)
    assert repr(rule.__defaults__) == before


def test_a_slow_rule_is_judged_by_its_first_steps(monkeypatch):
    monkeypatch.setattr("helpers.exercises.rule_checks.BUDGET", 0.0)
    calls = []

    def slow(g, G=0.0, *, eta, eps):
        calls.append(1)
        G = G + g**2
        return -eta / (np.sqrt(G) + eps) * g, G

    assert exercises.check("adagrad", slow)
    assert len(calls) < 150
    assert not exercises.check("adagrad", solutions.RMSPROP["ours"]), "a short look must not be a blind one"
