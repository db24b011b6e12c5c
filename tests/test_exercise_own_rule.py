"""The last exercise of notebook 09: a rule of the reader's own trains the digits, a rule of the series is called by its name, and what fails is told why."""

import functools
import math
import time

import numpy as np
import pytest
from judged import right, wrong
from solutions_network import OWN, accuracies, cube

from helpers import exercises, update_rules
from helpers.exercises import lesson09, own_rule
from helpers.update_rules import adagrad, adam, gradient_descent, momentum, nesterov, rmsprop

pytestmark = pytest.mark.usefixtures("new_reader")

@pytest.mark.parametrize("name", OWN)
def test_a_rule_of_ones_own_passes_from_both_starts(name):
    assert right("own_rule", OWN[name]).reason.count("of 359") == 2


def test_knobs_may_be_handed_over_beside_the_rule():
    right("own_rule", cube, eta=0.08)
    right("own_rule", rule=cube)
    wrong("own_rule", "too short", cube, eta=0.001)
    for given, said in (({"lr": 0.1}, "no knob 'lr'"), ({"eta": "x"}, "one number; it is 'x'"), ({"eta": [0.1]}, "one number"), ({"eta": -1}, "above 0")):
        wrong("own_rule", said, cube, **given)


def heavy_ball(g, v=0.0, *, lr=0.1, mu=0.83):
    v = mu * v + g
    return -lr * v, v


def constants_inside(g, s=0.0, *, lr=0.005):
    s = 0.93 * s + 0.07 * g * g
    return -lr * g / np.sqrt(s + 1e-12), s


@pytest.mark.parametrize("rule, name", [
    (gradient_descent, "gradient descent"), (momentum, "momentum with α = 0.9"), (nesterov, "Nesterov with α = 0.9"), (adagrad, "Adagrad"),
    (rmsprop, "RMSprop with β = 0.9"), (adam, "Adam with β₁ = 0.9, β₂ = 0.999"),
    (functools.partial(adagrad, eta=0.1, eps=0.05), "Adagrad"), (functools.partial(adam, eta=0.01, beta1=0.8, beta2=0.95), "Adam with β₁ = 0.8, β₂ = 0.95"),
    (heavy_ball, "momentum with α = 0.83"), (constants_inside, "RMSprop with β = 0.93"),
    (lambda g, G=0.0, *, eta=0.1, eps=1e-8: (-eta * g / np.sqrt(G + g**2 + eps), G + g**2), "Adagrad"),
])
def test_a_rule_of_the_series_is_called_by_its_name(rule, name):
    assert wrong("own_rule", f"That is {name}, and the series has it", rule).hint == ""


@pytest.mark.parametrize("keeps", [1.0, 0.9])
def test_one_account_for_all_weights_is_a_rule_of_ones_own(keeps):
    """On a single weight it cannot be told from Adagrad or RMSprop."""
    def one_for_all(g, G=0.0, *, eta=0.05 if keeps == 1 else 0.003, eps=1e-8):
        G = keeps * G + (1 if keeps == 1 else 1 - keeps) * np.mean(g**2) + 0 * g
        return -eta / (np.sqrt(G) + eps) * g, G
    told = exercises.check("own_rule", one_for_all)
    assert "the series has it already" not in str(told.reason)
    if keeps == 1:
        right("own_rule", one_for_all)


def cubes(change, eta=0.05):
    """The cube root's rule with something else in its last line: change(g, G, eta)."""
    def rule(g, G=0.0, *, eta=eta):
        G = G + np.abs(g) ** 3
        return change(g, G, eta), G
    return rule


def remembers_in_a_list(g, *, eta=0.1, seen=[]):
    seen.append(1)
    return -eta * g / len(seen)


def one_at_a_time(g, G=0.0, *, eta=0.1):
    return (0.0, G) if g == 0 else (-eta * g, G)


def in_place(g, G=0.0, *, eta=0.1):
    G += np.abs(g) ** 3
    return -eta * g / (np.cbrt(G) + 1e-8), G


def late(g, t=0, *, eta=0.05):
    if t > 100:
        raise RuntimeError("late")
    return -eta * np.sign(g), t + 1


@pytest.mark.parametrize("rule, said", [
    (cubes(lambda g, G, eta: -eta * g / np.cbrt(G)), "change of 352 weights is not a number: their gradient is 0 there"),
    (lambda g, G=0.0, *, eta=0.1: (-eta * g / (np.sqrt(G + g**3) + 1e-8), G + g**3), "a root taken of something negative"),
    (cubes(lambda g, G, eta: eta * g / (np.cbrt(G) + 1e-8)), "points uphill"),
    (cubes(lambda g, G, eta: -eta * g / (np.cbrt(G) + 1e-8), 1e-6), "stood still, at 2.48 first"),
    (cubes(lambda g, G, eta: -eta * g / (np.cbrt(G) + 1e-8), 2e-3), "fell from 2.48 to 1.4. Its steps are too short"),
    (cubes(lambda g, G, eta: -eta * g / (np.cbrt(G) + 1e-8), 2.0), "Are the steps too long?"),
    (cubes(lambda g, G, eta: -1e6 * g**3), "It diverges: after 3 updates"), (cubes(lambda g, G, eta: 0 * g), "no weight moves"),
    (cubes(lambda g, G, eta: -eta * np.abs(g)), "moved the same way, down"),
    (lambda g, G=0.0, *, eta=0.1: cubes(lambda g, G, eta: -eta * g / (np.cbrt(G) + 1e-8))(g, G, eta=eta)[::-1], "moved the same way, up"),
    (lambda g, G=0.0, *, eta=0.05, eps=1e-8: (G + g**2, -eta / (np.sqrt(G + g**2) + eps) * g), "are the two results in the other order?"),  # its second update has a root of −η
    (cubes(lambda g, G, eta: g.sum()), "change of shape ()"), (cubes(lambda g, G, eta: g[:2]), "change of shape"),
    (cubes(lambda g, G, eta: "down"), "not an array of numbers"),
    (lambda g, G=0.0, *, eta=0.1: -eta * g**3, "returned only one"), (lambda g, G=0.0, *, eta=0.1: [-eta * g, G], "returned a list"),
    (lambda g, *, eta=0.1: None if eta else 0, "returned None"), (lambda g, G, *, eta=0.1: (-eta * g, G), "needs a start value"),
    (lambda g, G=0.0, eta=0.1: (-eta * g, G), "put `*` before it: `def my_rule("), (lambda g, *, eta: -eta * g**3, "needs a value for eta"),
    (lambda *a: -a[0], "instead of *args"), (lambda w, g, *, eta=0.1: w - eta * g, "takes the weights (w)"),
    (lambda g, *, steps=1: -g, "rename it"), (one_at_a_time, "np.where(condition"),
    (lambda g, G=0.0, *, eta=0.1: (-eta * math.sqrt(g), G), "np.where(condition"), (in_place, "write `G = G + ...`"),
    (remembers_in_a_list, "other changes the second time"),
    (late, "RuntimeError in line 3 of late"), (lambda g, *, eta=0.1: -eta * gg, "NameError"),  # noqa: F821
    (lambda g, *, eta=0.1: -eta * g * np.random.rand(*g.shape), "other changes the second time"), ("adagrad", "without parentheses"), (dict, "is a class"),
])
def test_a_rule_that_does_not_train_is_told_why(rule, said):
    wrong("own_rule", said, rule)


def test_a_loop_over_the_weights_that_takes_too_long_is_told_so(monkeypatch):
    def slow(g, G=0.0, *, eta=0.05):
        time.sleep(0.02 if g.size > 100 else 0)
        return cube(g, G, eta=eta)

    monkeypatch.setattr("helpers.exercises.calling.LIMIT", 0.3)
    wrong("own_rule", "NumPy takes all of them at once", slow)


def test_the_gradients_that_tell_rules_apart_tell_the_six_apart():
    for name in own_rule.HOUSE:
        assert own_rule.HOUSE[name][3] in exercises.check("own_rule", getattr(update_rules, name)).reason
    assert own_rule.GOAL < lesson09.GOAL and min(accuracies(adagrad, 0.1)) > own_rule.GOAL
