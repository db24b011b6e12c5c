"""Unusual right answers are right, and the reason that a wrong one gets is the true one."""
# ruff: noqa: F821 (names that stand for nothing are among the slips)

import functools

import numpy as np
import pytest

from helpers import exercises
from helpers.descent import descend
from helpers.exercises.quantities import CLOSE
from helpers.surfaces import moving, ravine, turned_ravine
from helpers.update_rules import adagrad, adam, rmsprop
from judged import right, wrong

pytestmark = pytest.mark.usefixtures("new_reader")
f = np.float32


# Adam


def parts(g, m, G, t, beta1, beta2):
    return t + 1, beta1 * m + (1 - beta1) * g, beta2 * G + (1 - beta2) * g**2


def change(m, G, t, eta, beta1, beta2, eps):
    return -eta * (m / (1 - beta1**t)) / (np.sqrt(G / (1 - beta2**t)) + eps)


def counts_from_one(g, m=0.0, G=0.0, t=1, *, eta=0.1, beta1=0.9, beta2=0.999, eps=1e-8):
    _, m, G = parts(g, m, G, t, beta1, beta2)
    return change(m, G, t, eta, beta1, beta2, eps), m, G, t + 1


def counts_in_another_name(g, v=0, s=0, iteration=1, *, lr=0.1, beta_1=0.9, beta_2=0.999, epsilon=1e-8):
    _, v, s = parts(g, v, s, iteration, beta_1, beta_2)
    return change(v, s, iteration, lr, beta_1, beta_2, epsilon), v, s, iteration + 1


def counts_in_floats(g, m=0.0, G=0.0, t=1.0, *, eta=0.1, beta1=0.9, beta2=0.999, eps=1e-8):
    return counts_from_one(g, m, G, t, eta=eta, beta1=beta1, beta2=beta2, eps=eps)


def none_at_first(g, m=None, G=None, t=None, *, eta=0.1, beta1=0.9, beta2=0.999, eps=1e-8):
    t, m, G = parts(g, 0 if m is None else m, 0 if G is None else G, t or 0, beta1, beta2)
    return change(m, G, t, eta, beta1, beta2, eps), m, G, t


def in_single_precision(g, m=0.0, G=0.0, t=0, *, eta=0.1, beta1=0.9, beta2=0.999, eps=1e-8):
    t, g = t + 1, np.asarray(g, f)
    m = f(beta1) * np.asarray(m, f) + f(1 - beta1) * g
    G = f(beta2) * np.asarray(G, f) + f(1 - beta2) * g * g
    return change(m, G, t, eta, beta1, beta2, eps), m, G, t


@pytest.mark.parametrize(
    "rule", [counts_from_one, counts_in_another_name, counts_in_floats, none_at_first, in_single_precision]
)
def test_a_right_adam_is_right_however_it_counts(rule):
    right("adam", rule)


@pytest.mark.parametrize(
    "start, said", [({"t": 2}, "one ahead"), ({"m": 1.0}, "changed by"), ({"G": 5.0}, "changed by")]
)
def test_a_memory_that_begins_elsewhere_is_another_rule(start, said):
    def rule(
        g,
        m=start.get("m", 0.0),
        G=start.get("G", 0.0),
        t=start.get("t", 1),
        *,
        eta=0.1,
        beta1=0.9,
        beta2=0.999,
        eps=1e-8,
    ):
        return counts_from_one(g, m, G, t, eta=eta, beta1=beta1, beta2=beta2, eps=eps)

    wrong("adam", said, rule)


@pytest.mark.parametrize("order", [(0, 2, 1, 3), (1, 2, 3, 0), (3, 0, 1, 2), (0, 1, 3, 2), (1, 0, 2, 3)])
def test_results_in_another_order_are_told_to_be_that(order):
    def turned(g, m=0.0, G=0.0, t=0, *, eta=0.1, beta1=0.9, beta2=0.999, eps=1e-8):
        results = adam(g, m, G, t, eta=eta, beta1=beta1, beta2=beta2, eps=eps)
        return tuple(results[place] for place in order)

    wrong("adam", "another order", turned)


def test_amsgrad_and_the_form_of_keras_are_called_by_their_names():
    def amsgrad(g, m=0.0, G=0.0, t=0, *, eta=0.1, beta1=0.9, beta2=0.999, eps=1e-8):
        t, m, new = parts(g, m, G, t, beta1, beta2)
        G = np.maximum(G, new)
        return change(m, G, t, eta, beta1, beta2, eps), m, G, t

    def of_keras(g, m=0.0, G=0.0, t=0, *, eta=0.1, beta1=0.9, beta2=0.999, eps=1e-8):
        t, m, G = parts(g, m, G, t, beta1, beta2)
        return -eta * np.sqrt(1 - beta2**t) / (1 - beta1**t) * m / (np.sqrt(G) + eps), m, G, t

    wrong("adam", "AMSGrad", amsgrad)
    wrong("adam", "how Keras and TensorFlow write Adam", of_keras)


@pytest.mark.parametrize("round_to", [5, 6])
def test_numbers_that_look_alike_are_not_held_against_each_other(round_to):
    def rounded(g, m=0.0, G=0.0, t=0, *, eta=0.1, beta1=0.9, beta2=0.999, eps=1e-8):
        dw, *memories = adam(g, m, G, t, eta=eta, beta1=beta1, beta2=beta2, eps=eps)
        return np.round(dw, round_to), *memories

    reason = wrong("adam", "", rounded).reason
    if CLOSE not in reason:
        mine, ours = reason.split("is changed by ")[1].split("; Adam changes it by ")
        assert mine != ours.rstrip(".")


# knobs under other names


@pytest.mark.parametrize(
    "rule",
    [
        lambda g, square_avg=0.0, *, lr=0.01, alpha=0.99, eps=1e-8: rmsprop(
            g, square_avg, eta=lr, beta=alpha, eps=eps
        ),
        lambda g, v, lr, alpha, eps: rmsprop(g, v, eta=lr, beta=alpha, eps=eps),
        lambda g, G=0.0, *, eta=0.1, beta1=0.9, eps=1e-8: rmsprop(g, G, eta=eta, beta=beta1, eps=eps),
        lambda g, G=0.0, *, learning_rate=0.1, α=0.9, epsilon=1e-8: rmsprop(
            g, G, eta=learning_rate, beta=α, eps=epsilon
        ),
    ],
)
def test_rmsprop_may_call_its_share_as_pytorch_does(rule):
    right("rmsprop", rule)


@pytest.mark.parametrize(
    "answer",
    [
        lambda x, m=0.0, *, gamma=0.9: gamma * m + (1 - gamma) * x,
        lambda x, m=0.0, *, keep=0.9: keep * m + (1 - keep) * x,
        lambda x, m=0.0, *, persistence=0.9: persistence * m + (1 - persistence) * x,
        lambda x, m=0.0, **k: k["beta"] * m + (1 - k["beta"]) * x,
        lambda *a, **k: a[2] * a[1] + (1 - a[2]) * a[0],
        lambda new, old, share: share * old + (1 - share) * new,
        lambda m, x, beta: beta * m + (1 - beta) * x,
        lambda a, b, /, c: c * b + (1 - c) * a,
        functools.partial(lambda x, m, *, beta: beta * m + (1 - beta) * x, m=0.0),
        lambda x, m=0.0, verbose=False, *, beta=0.9: beta * m + (1 - beta) * x,
        lambda x, m=0.0, *, beta=0.9: f(beta) * f(m) + (f(1) - f(beta)) * f(x),
        lambda x, m=0.0, *, beta=0.9: (beta * m + (1 - beta) * x, 7),
    ],
)
def test_a_moving_average_may_call_its_knob_anything(answer):
    right("ema", answer)


@pytest.mark.parametrize(
    "answer",
    [
        lambda t, *, begin=0.1, keep=0.98: begin * keep**t,
        lambda t, **k: k["eta"] * k["decay"] ** t,
        lambda *a: a[1] * a[2] ** a[0],
        lambda t, *, first=0.1, share_kept=0.98: first * share_kept**t,
        lambda t, start, *, decay: start * decay**t,
        lambda step, *, gamma, lr: lr * gamma**step,
        lambda a, b, c, /: b * c**a,
        lambda t, *, eta, decay, warm=None: eta * decay**t,
        lambda t, *, eta=0.1, decay=0.98: f(eta) * f(decay) ** f(t),
    ],
)
def test_a_schedule_may_call_its_knobs_anything(answer):
    right("exponential", answer)


@pytest.mark.parametrize(
    "answer",
    [
        lambda *, eta, alpha: eta / (1 - alpha),
        lambda alpha, eta: eta / (1 - alpha),
        lambda **k: k["eta"] / (1 - k["alpha"]),
        lambda *a: a[0] / (1 - a[1]),
        lambda lr, momentum: lr / (1 - momentum),
        lambda eta, alpha: f(eta) / (f(1) - f(alpha)),
        lambda eta, alpha: eta * sum(alpha**k for k in range(2000)),
    ],
)
def test_the_other_eta_may_be_found_in_any_way(answer):
    right("conventions", answer)


# words


@pytest.mark.parametrize(
    "write",
    [
        str.upper,
        str.title,
        lambda x: x.replace("_", " "),
        lambda x: f" {x.replace('_', '-')} ",
        lambda x: x.replace("_", "–"),
    ],
)
def test_words_are_taken_as_they_are_meant(write):
    right(
        "match_eps", {"P": write("keras_rmsprop"), "Q": write("torch_adagrad"), "R": write("torch_rmsprop")}
    )
    right(
        "choose",
        {
            "rare": write("adagrad"),
            "drift": write("rmsprop"),
            "network": write("adam"),
            "smooth": write("gradient_descent"),
        },
    )
    right(
        "sentence",
        winner=write("adagrad"),
        loser=write("gradient_descent"),
        surface="quiet ravine",
        steps=100,
        eta="own",
    )


@pytest.mark.parametrize(
    "yes, no", [(1, 0), (True, False), ("1", "0"), ("yes", "no"), (1.0, 0.0), ("Adaptive", "Preset")]
)
def test_traces_may_be_sorted_by_any_pair_of_words(yes, no):
    right("sort", {"P": no, "Q": yes, "R": no, "S": yes, "T": no})


@pytest.mark.parametrize("steps", ["1 000", "1\u202f000", "1000", 1000, 1000.0, "1e3"])
@pytest.mark.parametrize(
    "surface",
    [
        "jumping ravine",
        moving(ravine, every=20, jump=(-3, 1.5)).name,
        moving(ravine, every=20, jump=(-3, 1.5)),
    ],
)
def test_a_sentence_takes_what_the_figures_print(steps, surface):
    if not isinstance(surface, str):
        surface = surface.name
    right("sentence", winner="RMSprop", loser="Adagrad", surface=surface, steps=steps, eta="own")


def test_a_hint_fits_the_slot_that_is_wrong():
    for _ in range(5):
        verdict = wrong(
            "sentence",
            "two ways",
            winner="RMSprop",
            loser="Adagrad",
            surface="jumping ravine",
            steps="1,000",
            eta="own",
        )
        assert "lanes" not in verdict.hint
        verdict = wrong(
            "sentence",
            "steps= has to be",
            winner="RMSprop",
            loser="Adagrad",
            surface="jumping ravine",
            steps=7,
            eta="own",
        )
        assert "lanes" not in verdict.hint


@pytest.mark.parametrize("case", ["rare", "drift", "network", "smooth"])
@pytest.mark.parametrize("word", ["AdamW", "Nadam", "AMSGrad", "Adadelta", "Nesterov"])
def test_a_rule_of_the_libraries_is_told_what_it_is(case, word):
    answer = {"rare": "adagrad", "drift": "rmsprop", "network": "adam", "smooth": "momentum", case: word}
    assert wrong("choose", f"{case}: {word[:4]}", answer).hint == ""


# the true reason


def test_what_a_rule_returns_besides_the_change():
    wrong("gradient_descent", "second thing that you return", lambda g, *, eta=0.1: (g, -eta * g))
    wrong("gradient_descent", "second thing that you return", lambda g, *, eta=0.1: [0 * g, -eta * g])
    wrong("ema", "second thing that you return", lambda x, m=0.0, *, beta=0.9: (x, beta * m + (1 - beta) * x))
    wrong("adagrad", "other order", lambda g, G=0.0, *, eta, eps: adagrad(g, G, eta=eta, eps=eps)[::-1])


def test_a_division_by_zero_speaks_of_an_account_only_where_there_is_one():
    verdict = wrong(
        "gradient_descent", "ZeroDivisionError", lambda g, *, eta=0.1: [-eta / float(x) for x in np.ravel(g)]
    )
    assert "G is" not in verdict.reason and "ε" not in verdict.reason
    wrong(
        "adagrad",
        "ε is there for that",
        lambda g, G=0.0, *, eta, eps: ([-eta * x / 0 for x in g.tolist()], G + g**2),
    )


@pytest.mark.parametrize(
    "name, rule",
    [
        ("adagrad", lambda g, G=0.0, *, eta=0.4, eps=1e-8: (-eta * np.sign(g), G + g**2)),
        ("adagrad", lambda g, G=0.0, *, eta=0.4, eps=1e-8: (-eta * g / (np.abs(g) + eps), G + g**2)),
        (
            "rmsprop",
            lambda g, G=0.0, *, eta=0.1, beta=0.9, eps=1e-8: (
                -eta * np.sign(g),
                beta * G + (1 - beta) * g**2,
            ),
        ),
    ],
)
def test_an_account_that_is_right_and_not_used_is_told_to_be_that(name, rule):
    wrong(name, "comes back right, and the change does not use it", rule)


def test_an_account_that_is_lost_is_still_told_to_be_lost():
    wrong(
        "adagrad",
        "Only the present gradient counts",
        lambda g, G=0.0, *, eta, eps: (-eta * g / (np.sqrt(g**2) + eps), g**2),
    )


def subtracts_from_its_weights(g, *, eta=0.1):
    w = w - eta * g
    return w


@pytest.mark.parametrize("name", ["gradient_descent", "adagrad", "rmsprop", "own_rule"])
def test_a_name_that_stands_for_nothing_is_told_as_ever(name):
    wrong(name, "NameError", lambda g, G=0.0, *, eta=0.1, beta=0.9, eps=1e-8: unknown - eta * g)


def test_a_rule_that_wants_the_weights_is_told_what_a_rule_gives():
    for name in ("gradient_descent", "own_rule"):
        wrong(name, "uses the weights (w)", lambda g, *, eta=0.1: w - eta * g)
        wrong(name, "uses the weights (w)", subtracts_from_its_weights)
        wrong(name, "uses the weights (theta)", lambda g, *, eta=0.1: theta - eta * g)
    wrong("adagrad", "uses the weights (w)", lambda g, G=0.0, *, eta=0.1, eps=1e-8: (w - eta * g, G + g**2))
    wrong("rmsprop", "uses the weights (w)", lambda g, G=0.0, *, eta, beta, eps: (w - eta * g, G + g**2))
    wrong(
        "adam", "uses the weights (w)", lambda g, m, G, t, *, eta, beta1, beta2, eps: (w - eta * g, m, G, t)
    )


@pytest.mark.parametrize(
    "name, answer, said",
    [
        ("exponential", lambda t, *, eta, decay: eta * decay ** (t + 1), "one factor ahead"),
        ("exponential", lambda t, *, eta, decay: eta * decay ** (t - 1), "one factor behind"),
        (
            "exponential",
            lambda t, *, eta, decay: np.float16(eta) * np.float16(decay) ** np.float16(t),
            "has to keep the share",
        ),
        ("exponential", lambda t, *, eta, decay: eta * decay**t * (1 + 1.5e-5), CLOSE),
        ("exponential", lambda t, *, eta, decay: eta * 1.5 * decay**t, "has to be η itself"),
        ("ema", lambda x, m, *, beta: (beta * m + (1 - beta) * x) * 1.0001, CLOSE),
        ("conventions", lambda eta, alpha: eta / (1 - alpha) * 1.0001, CLOSE),
        ("conventions", lambda eta, alpha: round(eta / (1 - alpha), 2), "2.1 % off"),
        ("conventions", lambda eta, alpha: eta * sum(alpha**k for k in range(500)), "0.66 % off"),
        ("gradient_descent", lambda g, *, eta: -eta * g * 1.0005, CLOSE),
    ],
)
def test_what_looks_alike_is_said_to_be_close(name, answer, said):
    reason = wrong(name, said, answer).reason
    assert "yours is 0.4." not in reason


@pytest.mark.parametrize(
    "name, answer, said",
    [
        ("half_life", 0.5 ** (1 / 19), "19 steps"),
        ("half_life", 0.5 ** (1 / 21), "21 steps"),
        ("half_life", 1 - 1 / 29, "= 29"),
        ("half_life", 0.5**1 / 20, "0.5**1/20"),
        ("half_life", 0.966, "four digits"),
        ("half_life", 0.965, "four digits"),
        ("halving", 0.5**1 / 50, "0.5**1/50"),
        ("halving", 0.986, "four digits"),
        ("halving", 0.987, "four digits"),
    ],
)
def test_the_same_slip_gets_the_same_answer_in_both_notebooks(name, answer, said):
    assert ("four digits" in wrong(name, said, answer).reason) == (said == "four digits")


@pytest.mark.parametrize(
    "name, answer",
    [("half_life", 0.9659), ("half_life", 0.5**0.05), ("halving", 0.9862), ("halving", 0.98623)],
)
def test_four_digits_are_enough(name, answer):
    right(name, answer)


@pytest.mark.parametrize("answer", [0.5 ** (1 / 19.5), 0.96614812, 0.96512345])
def test_a_power_is_not_told_to_have_more_digits(answer):
    assert "digits" not in wrong("half_life", "half is asked for", answer).reason


def test_a_root_in_the_time_is_no_mixed_logarithm():
    def late_slope(run):
        t = np.arange(1, len(run.rate) + 1)[1000:]
        return np.polyfit(np.log(np.sqrt(t)), np.log(run.rate[1000:, 0]), 1)[0]

    assert "log10" not in wrong("late_slope", "how steep", late_slope).reason


@pytest.mark.parametrize("eta", [101, 99, 99.5, 0.41, 41, 248])
def test_a_number_near_a_trap_is_not_called_the_trap(eta):
    wrong("large_eps", "It is not", eta)


@pytest.mark.parametrize("huge", [dict(eta=1e308, eps=1e308), dict(eta=1e300, eps=1e300, beta1=0.9)])
def test_knobs_beyond_all_numbers_are_told_to_be_that(huge):
    reason = (
        wrong("reduce", "", {"rmsprop": dict(beta1=0, beta2=0.9), "momentum": huge}).reason
        if huge["eta"] > 1e307
        else ""
    )
    assert not reason or "more than a number can hold" in reason


def test_a_list_of_one_number_is_that_number():
    right(
        "reduce", {"rmsprop": dict(beta1=[0], beta2=[0.9]), "momentum": dict(eta=[1e6], eps=np.array([1e6]))}
    )


@pytest.mark.parametrize(
    "answer, said",
    [
        ({"gradients": [3, 4], "sick": 0, "cured": 1e-8}, "none of these gradients is 0"),
        ({"gradients": [3, 0, 4], "sick": 0, "cured": 1e-8}, "already above 0"),
        ({"gradients": [0, 3, 4], "sick": 0, "cured": np.inf}, "finite"),
        ({"gradients": [0, 3], "sick": np.inf, "cured": 1}, "finite"),
    ],
)
def test_a_nan_that_does_not_come(answer, said):
    wrong("nan", said, answer)


class Half:
    minima = ()

    def loss(self, w):
        return 0

    def gradient(self, w):
        return 0


class Flat(Half):
    start, name = (1.0, 1.0), "flat"


class Raises(Half):
    start, name = (1.0, 1.0), "mine"

    def loss(self, w):
        return np.sum(w**2, axis=-1)

    def gradient(self, w):
        raise ZeroDivisionError("mine")


@pytest.mark.parametrize(
    "parts, said",
    [
        (dict(wins=Half(), loses=ravine), "wins= is not a surface"),
        (dict(wins=ravine, loses=turned_ravine), "call it, as in turned_ravine(...)"),
        (dict(wins=ravine, loses="ravine"), "loses= is not a surface"),
        (dict(wins=Raises(), loses=ravine), "line 2 of gradient"),
        (dict(wins=Flat(), loses=ravine), "wins= cannot be raced"),
    ],
)
def test_what_is_no_surface_is_told_what_it_is(parts, said):
    verdict = wrong("won_and_lost", said, **parts)
    assert "starts_of" not in repr(verdict) and "helpers/" not in repr(verdict)


def test_an_empty_record_and_a_word_are_no_records():
    wrong("swap", "This record is empty", type(descend(adagrad, ravine, 1))())
    wrong("swap", "This is a word", "adam")


def test_the_hints_of_where_the_two_places_part_do_not_say_the_answer():
    for tries in range(4):
        hint = exercises.check("crossover", 1.0).hint
        assert "0.21" not in hint and "1.21" not in hint


@pytest.mark.parametrize(
    "rule",
    [
        lambda g, w, *, eta=0.1, eps=1e-8, lam=0.01: -eta * (g + lam * w),
        lambda w, g, *, eta=0.1, eps=1e-8: -eta * g,
        lambda w, dw, config=None: (w - 0.1 * dw, config),
        lambda g, G=0.0, w_old=0.0, *, eta=0.1, eps=1e-8: (-eta * (g + 0.01 * w_old), G, w_old - eta * g),
        lambda grad, params, lr=0.1: params - lr * grad,
    ],
)
@pytest.mark.parametrize("name", ["gradient_descent", "adagrad", "own_rule"])
def test_a_rule_that_takes_the_weights_is_told_that_it_sees_the_gradient_alone(name, rule):
    wrong(name, "A rule sees only the gradient, and gives back the change", rule)
