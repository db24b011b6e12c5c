"""The stored trajectories of PyTorch, Keras, optax, TensorFlow and d2l against the update rules, each through `descend`.

A case runs where the six rules express it exactly, if need be by algebra:
- the same path while the rate is constant: momentum with the rate outside (PyTorch) is momentum with the rate inside;
- with a falling rate the share α is multiplied by η(t)/η(t − 1); a first v of g, dampened later, is a larger first η;
- Adagrad's ε inside the root is a start of G that is ε higher, with ε = 0; `lr_decay` is the schedule η/(1 + decay · t);
- RMSprop with bias correction is Adam with β₁ = 0; Keras' Adam, (√v + ε)/√(1 − β₂ᵗ), is ε/√(1 − β₂ᵗ) as a schedule.
What is left is another rule, not another setting: those conventions are counted and named.
"""

import functools
from collections import Counter

import numpy as np
import pytest

from helpers.schedules import inverse_time
from helpers.update_rules import adagrad, adam, gradient_descent, momentum, nesterov, rmsprop
from golden_cases import CASES, TOLERANCE, LeftOut, distance, schedule_of

EXPRESSED = 296


# the conventions of the file, as settings of ours


def setting(case):
    """(rule, knobs, memory) for a case; LeftOut with the convention where there is none."""
    h = dict(case["hparams"])
    known = {"lr", "schedule", "form", "momentum", "dampening", "eps", "eps_where", "init_acc", "lr_decay", "beta", "beta1", "beta2", "bias_correction", "centered"}
    eta, falls = schedule_of(h)
    rule, inside = case["rule"], h.get("eps_where") == "inside"
    if rule in ("adadelta", "adamw", "amsgrad"):
        raise LeftOut(rule)
    assert set(h) <= known, f"{case['id']}: a setting that this test does not know: {set(h) - known}"
    if rule == "sgd":
        return gradient_descent, {"eta": eta}, {}
    if rule in ("momentum", "nesterov"):
        alpha, mu = h["momentum"], h["momentum"]
        if h["form"] == "lr_outside" and "schedule" in h:
            assert rule == "momentum"
            alpha = lambda t: mu * falls(t)  # noqa: E731
        if h.get("dampening"):
            assert "schedule" not in h
            eta = lambda t: h["lr"] * (1 if t == 0 else 1 - h["dampening"])  # noqa: E731
        return {"momentum": momentum, "nesterov": nesterov}[rule], {"eta": eta, "alpha": alpha}, {}
    if rule == "adagrad":
        if "lr_decay" in h:
            eta = inverse_time(eta=h["lr"], decay=h["lr_decay"])
        G = h.get("init_acc", 0)
        return adagrad, {"eta": eta, "eps": 0 if inside else h["eps"]}, {"G": G + h["eps"] if inside else G}
    if rule == "rmsprop":
        for convention in ("momentum", "centered"):
            if h.get(convention):
                raise LeftOut(f"rmsprop, {convention}")
        if inside:
            raise LeftOut("rmsprop, ε inside the root")
        if h.get("bias_correction"):
            return adam, {"eta": eta, "beta1": 0, "beta2": h["beta"], "eps": h["eps"]}, {}
        return rmsprop, {"eta": eta, "beta": h["beta"], "eps": h["eps"]}, {"G": h.get("init_acc", 0)}
    if rule == "adam":
        if inside:
            raise LeftOut("adam, ε inside the root")
        eps = h["eps"] if h["eps_where"] == "outside_hat" else lambda t: h["eps"] / np.sqrt(1 - h["beta2"] ** (t + 1))
        return adam, {"eta": eta, "beta1": h["beta1"], "beta2": h["beta2"], "eps": eps}, {}
    raise AssertionError(f"{case['id']}: a rule that this test does not know: {rule}")


@functools.cache
def difference(number):
    """How far case `number` of the file is from what our rule does there."""
    case = CASES[number]
    return distance(case, *setting(case))


def expressed():
    """(number in the file, case) of each that the rules express."""
    for number, case in enumerate(CASES):
        try:
            setting(case)
        except LeftOut:
            continue
        yield number, case


@pytest.mark.parametrize("framework", ["torch", "keras", "optax", "tf1", "d2l"])
def test_every_case_that_the_rules_express_follows_the_stored_trajectory(framework):
    wrong = {case["id"]: d for number, case in expressed() if case["framework"] == framework and not (d := difference(number)) <= TOLERANCE}
    assert not wrong


def test_as_many_cases_run_as_the_rules_express_and_the_rest_is_named(record_property):
    ran, left, worst = Counter(), Counter(), 0.0
    for number, case in enumerate(CASES):
        try:
            worst = max(worst, difference(number))
            ran[case["framework"]] += 1
        except LeftOut as convention:
            left[str(convention)] += 1
    told = f"golden trajectories: {sum(ran.values())} of {len(CASES)} ran (" + ", ".join(f"{name} {count}" for name, count in sorted(ran.items()))
    told += f"), largest difference {worst:.1e}; left out, as they are other rules: " + ", ".join(f"{name} {count}" for name, count in sorted(left.items()))
    record_property("told", told)  # said at the end, by conftest.py
    assert len(CASES) == 480 and sum(ran.values()) == EXPRESSED and sum(left.values()) == 480 - EXPRESSED
    assert worst <= TOLERANCE


@pytest.mark.thorough
def test_a_wrong_setting_would_be_noticed():
    """The comparison has teeth: another eps, start of G, or decay fails on most of the cases that have one."""
    noticed, tried = Counter(), Counter()
    for _, case in expressed():
        rule, knobs, memory = setting(case)
        spoilt = {"beta": {"beta": 0.89}, "G": {}, "eta": {"eta": 1.000001 * case["hparams"]["lr"]}}
        for what, change in spoilt.items():
            if (what == "beta" and rule is not rmsprop) or (what == "G" and rule is not adagrad) or "schedule" in case["hparams"]:
                continue
            tried[what] += 1
            start_at = {"G": memory.get("G", 0) + 0.1} if what == "G" else memory
            noticed[what] += not distance(case, rule, {**knobs, **change}, start_at) <= TOLERANCE
    for what in tried:
        assert noticed[what] >= 0.9 * tried[what] > 0
