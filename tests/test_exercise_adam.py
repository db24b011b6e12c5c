"""The exercises of notebook 10: every right form is taken, every typical slip is named."""

import numpy as np
import pytest

from helpers import exercises
from helpers.exercises import lesson10
from helpers.update_rules import adagrad, adam, gradient_descent, momentum, rmsprop

pytestmark = pytest.mark.usefixtures("new_reader")


def made(text, late_t=False):
    """An Adam with one line written otherwise."""
    lines = {"m": "beta1 * m + (1 - beta1) * g", "G": "beta2 * G + (1 - beta2) * g**2", "mh": "m / (1 - beta1**t)", "Gh": "G / (1 - beta2**t)", "dw": "-eta * mh / (np.sqrt(Gh) + eps)", "t": "t + 1"} | text
    body = [f"    {name} = {lines[name]}" for name in (("m", "G", "mh", "Gh", "dw", "t") if late_t else ("t", "m", "G", "mh", "Gh", "dw"))]
    names = {"np": np}
    exec("\n".join(["def f(g, m=0.0, G=0.0, t=0, *, eta=0.1, beta1=0.9, beta2=0.999, eps=1e-8):", *body, "    return dw, m, G, t"]), names)
    return names["f"]


def in_place(g, m=0.0, G=0.0, t=0, *, eta=0.1, beta1=0.9, beta2=0.999, eps=1e-8):
    m *= beta1
    m += (1 - beta1) * g
    G *= beta2
    G += (1 - beta2) * g**2
    t += 1
    return -eta * (m / (1 - beta1**t)) / (np.sqrt(G / (1 - beta2**t)) + eps), m, G, t


def other_names(grad, mean=0.0, square=0.0, step=0, *, lr=0.1, b1=0.9, b2=0.999, epsilon=1e-8):
    step = step + 1
    mean, square = mean + (1 - b1) * (grad - mean), square + (1 - b2) * (grad * grad - square)
    return -lr * np.sqrt(1 - b2**step) / (1 - b1**step) * mean / (np.sqrt(square) + epsilon * np.sqrt(1 - b2**step)), mean, square, step


ALL = {"rare": adagrad, "drift": rmsprop, "network": adam, "smooth": momentum}
BOTH = {"rmsprop": {"eta": 0.1, "beta1": 0, "beta2": 0.9}, "momentum": {"eta": 1e6, "beta1": 0.9, "eps": 1e6}}
RIGHT = {
    "adam": [adam, made({}), in_place, other_names, made({"Gh": "np.maximum(G, 0) / (1 - np.power(beta2, t))"})],
    "reduce": [BOTH, {"rmsprop": {"beta1": 0.0, "beta2": 0.9}, "momentum": {"eta": 1e8, "eps": 1e8, "beta2": 0}}],
    "choose": [ALL, {"rare": "Adam", "drift": "adam", "network": "adam", "smooth": "gradient descent"}, {**ALL, "smooth": gradient_descent}, {**ALL, "smooth": "SGD"}],
}
WRONG = {
    "adam": [
        (made({"mh": "m / (1 - beta1)", "Gh": "G / (1 - beta2)"}), "a power of the step"), (made({"Gh": "G", "dw": "-eta * mh / (np.sqrt(G) / (1 - beta2**t) + eps)"}), "Correct G first"),
        (made({"mh": "m", "Gh": "G"}), "Bias correction is missing"), (made({"Gh": "G"}), "and G is not"), (made({"mh": "m"}), "and m is not"), (made({"dw": "-eta * mh / (Gh + eps)"}), "root over G is missing"),
        (made({"dw": "-eta * mh / np.sqrt(Gh + eps)"}), "inside the root"), (made({"dw": "eta * mh / (np.sqrt(Gh) + eps)"}), "sign"), (made({"dw": "-eta * g / (np.sqrt(Gh) + eps)"}), "gradient itself"),
        (made({"m": "beta1 * m + g"}), "enters m"), (made({"G": "beta2 * G + g**2"}), "enters G"), (made({"m": "beta1 * m + g", "G": "beta2 * G + g**2"}), "enters m and G"),
        (made({"G": "beta2 * G + (1 - beta2) * np.abs(g)"}), "|g|"), (made({"m": "beta2 * m + (1 - beta2) * g", "G": "beta1 * G + (1 - beta1) * g**2", "mh": "m / (1 - beta2**t)", "Gh": "G / (1 - beta1**t)"}), "exchanged"),
        (made({}, late_t=True), "1 − β⁰ is 0"), (made({"dw": "-eta * mh / np.sqrt(Gh)"}), "ε is missing"), (made({"mh": "m / (1 - beta1**(t + 1))", "Gh": "G / (1 - beta2**(t + 1))"}), "one ahead"),
        (made({"mh": "m / (1 - 0.9**t)", "m": "0.9 * m + 0.1 * g"}), "beta1 is fixed"),
        (lambda g, m, G, t, *, eta, beta1, beta2, eps: g, "four things"), (lambda g, *, eta, beta1, beta2, eps: g, "three memories"), (lambda g, m, G, t, *, eta: (g, m, G, t), "needs the knobs"),
        (made({"dw": "-eta * mh / (np.sqrt(Gh) + eps) * 1.5"}), "At step 1"),
        (made({"mh": "m / (1 - beta1 * t)", "Gh": "G / (1 - beta2 * t)"}), "multiplies β by t"), (made({"mh": "m / beta1**t", "Gh": "G / beta2**t"}), "divides by βᵗ"),
        (made({"mh": "m / 1 - beta1**t"}), "Write m / (1 - beta1**t)."), (made({"dw": "-eta / (np.sqrt(Gh) + eps) * m / 1 - beta1**t"}), "Write m / (1 - beta1**t)."),
        (made({"Gh": "G / 1 - beta2**t"}), "Write G / (1 - beta2**t)."), (made({"mh": "m / 1 - beta1**t", "Gh": "G / 1 - beta2**t"}), "Write m / (1 - beta1**t) and G / (1 - beta2**t)."),
        (made({"mh": "m * (1 - beta1**t)", "Gh": "G * (1 - beta2**t)"}), "multiplies by 1 − βᵗ"), (made({"t": "t"}), "one more at each"),
        (made({"m": "m + g", "G": "G + g**2"}), "m and G sum up"), (made({"m": "m + g"}), "m sums up"), (made({"G": "G + g**2"}), "as Adagrad's does"),
        (made({"m": "m + (1 - beta1) * g", "G": "G + (1 - beta2) * g**2"}), "keeps the share β"),
        (made({"m": "(beta1 * m + (1 - beta1) * g) / (1 - beta1**t)", "mh": "m"}), "Hand m on uncorrected"),
        (made({"G": "(beta2 * G + (1 - beta2) * g**2) / (1 - beta2**t)", "Gh": "G"}), "Hand G on uncorrected"),
        (made({"m": "(beta1 * m + (1 - beta1) * g) / (1 - beta1**t)", "mh": "m", "G": "(beta2 * G + (1 - beta2) * g**2) / (1 - beta2**t)", "Gh": "G"}), "Hand both on"),
    ],
    "reduce": [
        ({**BOTH, "rmsprop": {"beta2": 0.9}}, "there is momentum in it"), ({**BOTH, "rmsprop": {"beta1": 0}}, "forgets with β₂"), ({**BOTH, "momentum": {"beta1": 0.9}}, "still divides"),
        ({**BOTH, "momentum": {"eta": 1e5, "eps": 1e6}}, "a tenth as long"), ({**BOTH, "momentum": {"eta": 5e6, "eps": 1e6}}, "times as long"), ({**BOTH, "momentum": {"beta1": 0.5, "eps": 1e6, "eta": 1e6}}, "forgets with β₁"),
        ({"rmsprop": {}}, "two entries"), ({**BOTH, "rmsprop": {"alpha": 0.9}}, "by name"), ({**BOTH, "rmsprop": {"eta": 0}}, "η above 0"), ({**BOTH, "rmsprop": {"beta1": 1}}, "from 0 up to but not including 1"),
        ({**BOTH, "rmsprop": {"beta1": 0, "beta2": 0.9, "eta": 0.2}}, "η and ε should be RMSprop's"),
    ],
    "choose": [({**ALL, "drift": "adagrad"}, "never cleared"), ({**ALL, "smooth": adam}, "simpler"), ({**ALL, "network": "magic"}, "not one of the rules"), ({"rare": "adagrad"}, "one rule for each"),
               ({**ALL, "rare": "rmsprop", "smooth": "rmsprop"}, "2 of the four"),
               (dict.fromkeys(ALL, "rmsprop") | {"drift": "adagrad"}, "None of the four yet."), ({**ALL, "rare": "rmsprop"}, "a hundred times more slowly")],
}


@pytest.mark.parametrize("name, answer", [(name, answer) for name, answers in RIGHT.items() for answer in answers])
def test_every_right_form_is_taken(name, answer):
    verdict = exercises.check(name, answer)
    assert verdict, verdict.reason


@pytest.mark.parametrize("name, answer, said", [(name, *case) for name, cases in WRONG.items() for case in cases])
def test_every_slip_is_named(name, answer, said):
    verdict = exercises.check(name, answer)
    assert verdict.state == "wrong" and said in verdict.reason, verdict.reason


@pytest.mark.parametrize("name, answers, said", [
    ("reduce", [{**BOTH, "momentum": {"beta1": 0.9}}] * 2 + [{**BOTH, "rmsprop": {"beta2": 0.9}}], "An average that forgets at once"),
    ("reduce", [{**BOTH, "rmsprop": {}}] * 3 + [{**BOTH, "momentum": {"eta": 1e5, "eps": 1e6}}], "η/ε · m"),
    ("choose", [{**ALL, "smooth": adam}] * 3 + [{**ALL, "rare": "rmsprop"}], "one that keeps"),
    ("choose", [{**ALL, "rare": "rmsprop"}] * 3 + [{**ALL, "network": "rmsprop"}], "both averages"),
])
def test_a_hint_is_one_of_the_fault_however_many_tries_another_fault_took(name, answers, said):
    *before, last = [exercises.check(name, answer).hint for answer in answers]
    assert said in last, last
    assert not any(hint in last for hint in before)


def test_hints_of_a_fault_grow():
    for name, answer in (("reduce", {**BOTH, "momentum": {"beta1": 0.9}}), ("choose", {**ALL, "drift": "adagrad"})):
        hints = [exercises.check(name, answer).hint for _ in range(3)]
        assert len(set(hints)) == 3 and "fold “Solution”" in hints[2]


def test_every_choice_that_is_not_taken_has_its_reason():
    for case, taken in lesson10.CASES.items():
        assert all((case, rule) in lesson10.REASONS for rule in lesson10.RULES if rule not in taken)
