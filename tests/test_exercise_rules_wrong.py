"""A wrong rule is recognised for what it is: each mistake in the reader's code has its own reason."""

import math

import numpy as np
import pytest
import solutions

from helpers import exercises, update_rules
from helpers.exercises import planted, rule_checks

pytestmark = pytest.mark.usefixtures("new_reader")

HEADS = {"adagrad": "def rule(g, G=0.0, *, eta=0.4, eps=1e-8):", "rmsprop": "def rule(g, G=0.0, *, eta=0.1, beta=0.9, eps=1e-8):",
         "gradient_descent": "def rule(g, *, eta=0.1):"}
END = "dw = -eta / (np.sqrt(G) + eps) * g\nreturn dw, G"


def write(exercise, body, head=None):
    """The reader's function, from the lines of its body."""
    names = {"np": np, "math": math}
    exec("\n    ".join([head or HEADS[exercise], *body.splitlines()]), names)
    return names["rule"]


WRONG = {
    "adagrad": {
        "absolute value": (f"G = G + np.abs(g)\n{END}", "square is missing"),
        "no square": (f"G = G + g\n{END}", "square is missing"),
        "no square, then its size": ("G = G + g\nreturn -eta / (np.sqrt(np.abs(G)) + eps) * g, G", "with its sign"),
        "no root": ("G = G + g**2\nreturn -eta / (G + eps) * g, G", "root is missing"),
        "no root, no epsilon": ("G = G + g**2\nreturn -eta / (G + 1e-8) * g, G", "root is missing"),
        "root of each square": ("G = G + np.sqrt(g**2)\nreturn -eta / (G + eps) * g, G", "root of each"),
        "square of the sum": ("G = G + g\nreturn -eta / (np.sqrt(G**2) + eps) * g, G", "square the result"),
        "starts anew": (f"G = 0\nG = G + g**2\n{END}", "present gradient"),
        "old G returned": ("new = G + g**2\nreturn -eta / (np.sqrt(new) + eps) * g, G", "return is still the old one"),
        "old G returned, in one line": ("dw = -eta/(np.sqrt(G + g**2) + eps)*g\nreturn dw, G", "return is still the old one"),
        "old G returned, one by one": ("new = G + g**2\nreturn (-eta / (math.sqrt(new) + eps) * g if g else 0.0), G", "return is still the old one"),
        "old G returned, uphill": ("return eta / (np.sqrt(G + g**2) + eps) * g, G", "uphill, and the G that you return is still the old one"),
        "only the last two": ("G = G + g**2\nreturn -eta / (np.sqrt(G) + eps) * g, g**2", "one before"),
        "not returned": ("G = G + g**2\nreturn -eta / (np.sqrt(G) + eps) * g", "not handed back"),
        "shared sum": (f"G = G + np.sum(g**2)\n{END}", "share one account"),
        "shared by a dot product": ("G = G + np.dot(g.ravel(), g.ravel())\n" + END, "share one account"),
        "shared mean": (f"G = G + np.mean(g**2)\n{END}", "share one account"),
        "uphill": ("G = G + g**2\nreturn eta / (np.sqrt(G) + eps) * g, G", "uphill"),
        "no epsilon": ("G = G + g**2\nreturn -eta / np.sqrt(G) * g, G", "ε is missing"),
        "epsilon a constant": ("G = G + g**2\nreturn -eta / (np.sqrt(G) + 1e-8) * g, G", "ε is missing"),
        "epsilon not used": ("G = G + g**2\nreturn -eta * np.divide(g, np.sqrt(G), out=0 * g, where=G > 0), G", "ε is missing"),
        "gradient spoilt": ("g *= 1.0001\nG = G + g**2\n" + END, "changes the gradient"),
        "gradient squared in place": ("square = g\nsquare **= 2\nG = G + square\n" + END, "changes the gradient"),
        "a step too late": ("dw = -eta / (np.sqrt(G) + eps) * g\nG = G + g**2\nreturn dw, G", "before this gradient"),
        "no eta": ("G = G + g**2\nreturn -1 / (np.sqrt(G) + eps) * g, G", "η is missing"),
        "eta fixed": ("G = G + g**2\nreturn -0.01 / (np.sqrt(G) + eps) * g, G", "η is fixed at 0.01"),
        "the rate": ("G = G + g**2\nreturn eta / (np.sqrt(G) + eps), G", "rate, not the change"),
        "minus the rate": ("G = G + g**2\nreturn -eta / (np.sqrt(G) + eps), G", "rate, not the change"),
        "other order": ("G = G + g**2\ndw = -eta / (np.sqrt(G) + eps) * g\nreturn G, dw", "other order"),
        "nothing": ("G = G + g**2\ndw = -eta / (np.sqrt(G) + eps) * g", "returned None"),
        "one number for all": ("G = G + g**2\nreturn float(np.sum(-eta / (np.sqrt(G) + eps) * g)), G", "shape ()"),
        "a matrix": ("G = G + g**2\nreturn np.outer(g, g), G", "shape"),
        "a text": ("return 'dw', G", "not made of numbers"),
        "rmsprop": (f"G = 0.9 * G + 0.1 * g**2\n{END}", "RMSprop"),
        "rmsprop of long memory": (f"G = 0.999 * G + (1 - 0.999) * g**2\n{END}", "RMSprop"),
        "gradient descent": ("return -eta * g, G", "gradient descent"),
        "g squared above": ("G = G + g**2\nreturn -eta / (np.sqrt(G) + eps) * g**2, G", "multiplied by the square"),
        "the largest": (f"G = np.maximum(G, g**2)\n{END}", "largest square"),
        "start at 0.1": (f"G = G + g**2\n{END}", "starts at 0.1", "def rule(g, G=0.1, *, eta=0.4, eps=1e-8):"),
        "mean": ("G, t = G[0] + g**2, G[1] + 1\nreturn -eta / (np.sqrt(G / t) + eps) * g, (G, t)", "is the mean", "def rule(g, G=(0.0, 0), *, eta, eps):"),
        "momentum": ("G, last = G\nG = G + g**2\ndw = 0.9 * last - eta / (np.sqrt(G) + eps) * g\nreturn dw, (G, dw)", "momentum",
                     "def rule(g, G=(0.0, 0.0), *, eta, eps):"),
        "weights, too": ("G = G + g**2\nreturn w - eta / (np.sqrt(G) + eps) * g, G", "takes the weights", "def rule(w, g, G=0.0, *, eta=0.4, eps=1e-8):"),
        "G global": ("global G\nG = globals().get('G', 0) + g**2\nreturn -eta / (np.sqrt(G) + eps) * g", "takes no account", "def rule(g, *, eta=0.4, eps=1e-8):"),
        "no knob eta": ("G = G + g**2\nreturn -eta / (np.sqrt(G) + eps) * g, G", "η is fixed at 0.4", "eta = 0.4\ndef rule(g, G=0.0, *, eps=1e-8):"),
        "no arguments": ("return 0", "no argument", "def rule():"),
        "random": ("return np.random.normal(size=g.shape), G", "answer the second time"),
        "never heard of": ("G = G + g**4\nreturn -eta / (G**0.25 + eps) * g, G", "At step 2, for the gradients so far 3 and 4 with η = 1"),
        "rounded": ("G = G + g**2\nreturn np.round(-eta / (np.sqrt(G) + eps) * g, 2), G", "At step 3, for the gradients so far 3, 4 and 12"),
        "G**1/2": ("G = G + g**2\nreturn -eta / (G**1/2 + eps) * g, G", "half of G"),
        "g*2": (f"G = G + g*2\n{END}", "doubles"),
        "no parentheses": ("G = G + g**2\nreturn -eta / np.sqrt(G) + eps * g, G", "parentheses"),
        "parentheses too early": ("G = G + g**2\nreturn (-eta / np.sqrt(G) + eps) * g, G", "parentheses"),
        "epsilon added": ("G = G + g**2\nreturn -eta / np.sqrt(G) * g + eps, G", "parentheses"),
        "(G + eps)**1/2": ("G = G + g**2\nreturn -eta * g / ((G + eps)**1/2), G", "half of G"),
        "over G**1/2": ("G = G + g**2\nreturn -eta / (G + eps)**1/2 * g, G", "half of G"),
        "over G**1/2, no epsilon": ("G = G + g**2\nreturn -eta / G**1/2 * g, G", "half of G"),
        "compared and not assigned": (f"G == G + g**2\n{END}", "No g² ever enters"),
        "assigned to another name": (f"new = G + g**2\n{END}", "No g² ever enters"),
        "summed and not kept": (f"G = sum(g**2)\n{END}", "only the present gradient counts in G, and all weights share"),
        "mean and not kept": (f"G = np.mean(g**2)\n{END}", "only the present gradient counts in G, and all weights share"),
        "multiplied": (f"G = G * g**2\n{END}", "No g² ever enters"),
        "G**1/2, epsilon a constant": ("G = G + g**2\nreturn -eta / (G**1/2 + 1e-8) * g, G", "half of G"),
        "summed with the old": (f"G = sum(G + g**2)\n{END}", "share one account"),
        "no square, no root": ("G = G + g\nreturn -eta / (G + eps) * g, G", "gathers g and not g², and the root"),
        "uphill, no square": ("G = G + np.abs(g)\nreturn eta / (np.sqrt(G) + eps) * g, G", "uphill, and the account gathers |g|"),
        "not kept, no root": ("G = g**2\nreturn -eta / (G + eps) * g, G", "only the present gradient counts in G, and the root"),
        "uphill, no root": ("G = G + g**2\nreturn eta / (G + eps) * g, G", "uphill, and the root"),
        "shared, no root": ("G = G + np.sum(g**2)\nreturn -eta / (G + eps) * g, G", "share one account G, and the root"),
        "a power with a hat": (f"G = G + g^2\n{END}", "two stars: g**2"),
        "NaN": ("return np.nan * g, G", "not a number"),
    },
    "rmsprop": {
        "exchanged": (f"G = (1 - beta) * G + beta * g**2\n{END}", "the old G should get β, the new square 1 − β"),
        "old G returned": ("v = beta * G + (1 - beta) * g**2\nreturn -eta / (np.sqrt(v) + eps) * g, G", "return is still the old one"),
        "two times G": (f"G = beta * G + (1 - beta) * G\n{END}", "No g² ever enters"),
        "no new square": (f"G = beta * G\n{END}", "No g² ever enters"),
        "compared and not assigned": (f"G == beta * G + (1 - beta) * g**2\n{END}", "No g² ever enters"),
        "summed with the old": (f"G = sum(beta * G + (1 - beta) * g**2)\n{END}", "share one account"),
        "uphill, no root": ("G = beta * G + (1 - beta) * g**2\nreturn eta / (G + eps) * g, G", "uphill, and the root"),
        "average of g, no root": ("G = beta * G + (1 - beta) * g\nreturn -eta / (G + eps) * g, G", "gathers g and not g², and the root"),
        "average of g": (f"G = beta * G + (1 - beta) * g\n{END}", "with its sign"),
        "average of |g|": (f"G = beta * G + (1 - beta) * np.abs(g)\n{END}", "square is missing"),
        "average of |g|, no root": ("G = beta * G + (1 - beta) * np.abs(g)\nreturn -eta / (G + eps) * g, G", "root of each"),
        "square of the average": ("G = beta * G + (1 - beta) * g\nreturn -eta / (np.abs(G) + eps) * g, G", "average the gradients and square"),
        "no 1 - beta": (f"G = beta * G + g**2\n{END}", "in full: the two shares"),
        "1 - beta without parentheses": (f"G = beta * G + 1 - beta * g**2\n{END}", "parentheses is missing: the share"),
        "nothing forgotten": (f"G = G + (1 - beta) * g**2\n{END}", "kept in full"),
        "share squared": (f"G = beta * G + ((1 - beta) * g) ** 2\n{END}", "squared along"),
        "same share": (f"G = beta * G + beta * g**2\n{END}", "Both terms"),
        "all of it": (f"G = beta * (G + g**2)\n{END}", "Both terms"),
        "old G lost": (f"G = (1 - beta) * g**2\n{END}", "present gradient"),
        "fresh": (f"G = g**2\n{END}", "present gradient"),
        "adagrad": (f"G = G + g**2\n{END}", "Adagrad"),
        "shared": (f"G = beta * G + (1 - beta) * np.sum(g**2)\n{END}", "share one account"),
        "uphill": ("G = beta * G + (1 - beta) * g**2\nreturn eta / (np.sqrt(G) + eps) * g, G", "uphill"),
        "a step too late": ("dw = -eta / (np.sqrt(G) + eps) * g\nreturn dw, beta * G + (1 - beta) * g**2", "before this gradient"),
        "no root": ("G = beta * G + (1 - beta) * g**2\nreturn -eta / (G + eps) * g, G", "root is missing"),
        "no eta": ("G = beta * G + (1 - beta) * g**2\nreturn -g / (np.sqrt(G) + eps), G", "η is missing"),
        "the rate": ("G = beta * G + (1 - beta) * g**2\nreturn -eta / (np.sqrt(G) + eps), G", "rate, not the change"),
        "beta fixed": (f"G = 0.9 * G + 0.1 * g**2\n{END}", "β is fixed at 0.9"),
        "beta fixed at another": (f"beta = 0.99\nG = beta * G + (1 - beta) * g**2\n{END}", "β is fixed at 0.99"),
        "no beta": (f"G = 0.8 * G + 0.2 * g**2\n{END}", "no knob for β", "def rule(g, G=0.0, *, eta=0.1, eps=1e-8):"),
        "eta fixed": ("G = beta * G + (1 - beta) * g**2\nreturn -0.1 / (np.sqrt(G) + eps) * g, G", "η is fixed at 0.1"),
        "no epsilon": ("G = beta * G + (1 - beta) * g**2\nreturn -eta / np.sqrt(G) * g, G", "ε is missing"),
        "not returned": ("G = beta * G + (1 - beta) * g**2\nreturn -eta / (np.sqrt(G) + eps) * g", "not handed back"),
        "other order": ("G = beta * G + (1 - beta) * g**2\nreturn G, -eta / (np.sqrt(G) + eps) * g", "other order"),
        "corrected": ("G, t = G[0], G[1] + 1\nG = beta * G + (1 - beta) * g**2\nreturn -eta / (np.sqrt(G / (1 - beta**t)) + eps) * g, (G, t)",
                      "corrected for its start", "def rule(g, G=(0.0, 0), *, eta, beta, eps):"),
        "mean": ("G, t = G[0] + g**2, G[1] + 1\nreturn -eta / (np.sqrt(G / t) + eps) * g, (G, t)", "mean of all", "def rule(g, G=(0.0, 0), *, eta, beta, eps):"),
        "gradient descent": ("return -eta * g, G", "gradient descent"),
        "starts at 1": (f"G = beta * G + (1 - beta) * g**2\n{END}", "starts at 1", "def rule(g, G=1.0, *, eta=0.1, beta=0.9, eps=1e-8):"),
        "gradient spoilt": (f"g *= g\nG = beta * G + (1 - beta) * g\n{END}", "changes the gradient"),
        "never heard of": (f"G = beta**2 * G + (1 - beta) * g**2\n{END}", "At step 2, for the gradients so far 3 and 4 with η = 1 and β = 0.9"),
    },
    "gradient_descent": {
        "uphill": ("return eta * g", "uphill"),
        "no eta": ("return -g", "η is missing"),
        "neither eta nor sign": ("return g", "Two things are missing"),
        "eta fixed": ("return -0.1 * g", "η is fixed at 0.1"),
        "the knob alone": ("return -eta + 0 * g", "not the change"),
        "one number": ("return -eta", "shape ()"),
        "only the sign": ("return -eta * np.sign(g)", "η long"),
        "size": ("return -eta * np.abs(g)", "sign of the gradient is lost"),
        "square": ("return -eta * g**2", "squared"),
        "divided": ("return -g / eta", "divide by η"),
        "sum": ("return -eta * np.sum(g) * np.ones_like(g)", "same change"),
        "mean": ("return -eta * np.mean(g) + 0 * g", "same change"),
        "unit length": ("return -eta * g / np.linalg.norm(g)", "length of the whole"),
        "subtracted": ("return g - eta", "subtracted"),
        "in place": ("g *= -eta\nreturn g", "changes the gradient"),
        "nothing": ("dw = -eta * g", "returned None"),
        "printed": ("print(-eta * g)", "returned None"),
        "weights": ("return w - eta * g", "takes the weights", "def rule(w, g, *, eta=0.1):"),
        "no knob": ("return -0.3 * g", "η is fixed at 0.3", "def rule(g):"),
        "eta twice": ("return -eta * eta * g", "twice"),
        "never heard of": ("return -eta * g**3", "At step 1, for the gradient 3 with η = 1, the change should be −3; yours is −27"),
    },
}
CASES = [(exercise, name) for exercise, cases in WRONG.items() for name in cases]


@pytest.mark.parametrize("exercise, name", CASES)
def test_a_wrong_rule_is_told_what_is_wrong(exercise, name):
    body, reason, *head = WRONG[exercise][name]
    verdict = exercises.check(exercise, write(exercise, body, *head))
    assert verdict.state == "wrong" and reason in verdict.reason, verdict


@pytest.mark.parametrize("exercise, name", [case for case in CASES if WRONG[case[0]][case[1]][0].endswith(END) and case[0] != "gradient_descent"])
def test_a_wrong_account_is_recognised_where_epsilon_stands_inside_the_root(exercise, name):
    body, reason, *head = WRONG[exercise][name]
    inside = body.replace("(np.sqrt(G) + eps)", "np.sqrt(G + eps)")
    verdict = exercises.check(exercise, write(exercise, inside, *head))
    assert verdict.state == "wrong" and (reason in verdict.reason or "At step" in reason), verdict


@pytest.mark.parametrize("exercise, body", [("adagrad", f"G = g**2\n{END}"), ("adagrad", f"G = 0\nG = G + g**2\n{END}"), ("adagrad", f"G = sum(g**2)\n{END}"),
                                            ("rmsprop", f"G = (1 - beta) * g**2\n{END}")])
def test_who_hands_on_an_account_of_this_gradient_alone_is_not_told_that_it_is_the_old_one(exercise, body):
    assert "still the old one" not in exercises.check(exercise, write(exercise, body)).reason


@pytest.mark.parametrize("kind", [rule_checks.DESCENT, rule_checks.ADAGRAD, rule_checks.RMSPROP], ids=lambda kind: kind.called)
def test_no_wrong_rule_is_taken_for_another_nor_for_the_right_one(kind):
    asked = [q for q in rule_checks.questions(kind) if q.g.ndim == 2]
    with np.errstate(all="ignore"):
        for wrong in kind.wrong:
            answers = [wrong.changes(q.g, q.knobs, planted.FLOORS["outside"]) for q in asked]
            assert rule_checks.recognise(kind, asked, answers).reason == wrong.reason, wrong.name
            assert not any(rule_checks._agree(kind.honest, floor, asked, answers, rule_checks.LOOSE) for floor in planted.FLOORS.values()), wrong.name
        for floor in planted.FLOORS.values():
            answers = [kind.honest(q.g, q.knobs, floor) for q in asked]
            assert rule_checks.recognise(kind, asked, answers) is None


@pytest.mark.parametrize("exercise", ["adagrad", "rmsprop"])
@pytest.mark.parametrize("name", ["gradient_descent", "momentum", "nesterov", "adagrad", "rmsprop", "adam"])
def test_of_all_the_projects_rules_only_the_one_asked_for_is_accepted(exercise, name):
    verdict = exercises.check(exercise, getattr(update_rules, name))
    assert bool(verdict) == (name == exercise), verdict
    told = {"adagrad": "Adagrad", "rmsprop": "RMSprop", "adam": "Adam", "gradient_descent": "takes no account"}.get(name, "")
    assert bool(verdict) or told in verdict.reason, verdict


def test_a_wrong_rule_for_numbers_only_is_recognised_as_well():
    def rule(g, G=0.0, *, eta=0.4, eps=1e-8):
        G = G + abs(g)
        return (-eta / (math.sqrt(G) + eps) * g if g != 0 else 0.0), G

    assert "square is missing" in exercises.check("adagrad", rule).reason


def test_a_division_by_zero_in_plain_numbers_points_to_epsilon():
    def rule(g, G=0.0, *, eta=0.4, eps=1e-8):
        G = G + g**2
        return -eta / math.sqrt(G) * g, G

    verdict = exercises.check("adagrad", rule)
    assert "ZeroDivisionError" in verdict.reason and "line 3 of rule" in verdict.reason and "ε" in verdict.reason


def test_one_account_for_all_does_not_pass_element_by_element():
    def rule(g, G=0.0, *, eta=0.4, eps=1e-8):
        if np.ndim(g) == 0:  # right for a single number
            return solutions.ADAGRAD["ours"](g, G, eta=eta, eps=eps)
        G = G + np.sum(g**2)
        return -eta / (np.sqrt(G) + eps) * g, G

    assert "share one account" in exercises.check("adagrad", rule).reason


def test_an_account_kept_in_an_object_is_found_out():
    class Keeps:
        G = 0.0

        def __call__(self, g, G=0.0, *, eta=0.4, eps=1e-8):
            self.G = self.G + g.reshape(-1)[0] ** 2
            return -eta / (np.sqrt(self.G) + eps) * g, G

    assert "keeps something between two runs" in exercises.check("adagrad", Keeps()).reason


@pytest.mark.parametrize("answer, said", [(3, "without parentheses"), (np.zeros(3), "without parentheses"), ("adagrad", "without parentheses"), (dict, "is a class"),
                                          (np.sqrt, ""), (print, ""), (lambda g, G, x, y, z, *, q: 0, "asks for")])
def test_what_is_no_rule_is_told_so(answer, said):
    verdict = exercises.check("adagrad", answer)
    assert verdict.state == "wrong" and said in verdict.reason, verdict
