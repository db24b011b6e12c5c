"""The gradient check of notebook 09: a central difference written in any way passes, and each planted wrong one is told what it is."""

import math

import numpy as np
import pytest
from judged import right, wrong
from solutions_network import SLOPES, copies

from helpers.exercises import slope_checks

pytestmark = pytest.mark.usefixtures("new_reader")

@pytest.mark.parametrize("name", SLOPES)
def test_a_central_difference_may_be_written_in_any_way(name):
    assert "all 26 weights" in right("slope", SLOPES[name]).reason


def of(formula):
    """An answer from the losses above, below and at w."""
    def slope(loss, w, i, h):
        e = np.eye(len(w))[i] * h
        return formula(loss(w + e), loss(w - e), h, loss(w))
    return slope


def two(first, second, apart=2):
    """Through two places that are made from w, i and h."""
    return lambda loss, w, i, h: (loss(first(w, i, h)) - loss(second(w, i, h))) / (apart * h)


def moved(w, i, far):
    w = np.array(w)
    w[i] += far
    return w


def left_behind(loss, w, i, h):
    w[i] += h
    up = loss(w)
    w[i] -= 2 * h
    return (up - loss(w)) / (2 * h)


def undone(loss, w, i, h):
    w[i] += h
    up = loss(w)
    w[i] -= h
    return (up - loss(w)) / (2 * h)


def two_names(loss, w, i, h):
    up = down = w
    up[i] += h
    down[i] -= h
    return (loss(up) - loss(down)) / (2 * h)


@pytest.mark.parametrize("answer, said", [
    (of(lambda up, down, h, here: (up - down) / h), "twice the slope"), (of(lambda up, down, h, here: (down - up) / (2 * h)), "The sign is turned: take"),
    (of(lambda up, down, h, here: (down - up) / h), "and the sign is turned"), (of(lambda up, down, h, here: (up - down) / 2 * h), "write `/ (2 * h)`"),
    (of(lambda up, down, h, here: up - down / (2 * h)), "only the second loss"), (of(lambda up, down, h, here: up - down / 2 * h), "only the second loss"),
    (of(lambda up, down, h, here: up - down), "difference of the two losses; the slope"), (of(lambda up, down, h, here: (up - down) / 2), "h is missing"),
    (of(lambda up, down, h, here: (up - down) * 2 * h), "You multiply by 2h"), (of(lambda up, down, h, here: (up - down) / h**2), "divide by h²"),
    (of(lambda up, down, h, here: (up - down) / (4 * h)), "half of the slope"), (of(lambda up, down, h, here: (up + down) / (2 * h)), "are added"),
    (of(lambda up, down, h, here: abs(up - down) / (2 * h)), "sign is lost"), (of(lambda up, down, h, here: (up - 2 * here + down) / h**2), "curvature"),
    (of(lambda up, down, h, here: (up - here) / h), "one-sided"), (of(lambda up, down, h, here: (here - down) / h), "one-sided"),
    (of(lambda up, down, h, here: round((up - down) / (2 * h), 3)), "rounded on the way"),
    (of(lambda up, down, h, here: 0.7 * (up - down) / (2 * h)), "the slope is 6; yours is 4.2"),
    (two(lambda w, i, h: moved(w, i, h), lambda w, i, h: w, 1), "h above w[i], and the other is w itself: a one-sided"),
    (two(lambda w, i, h: w, lambda w, i, h: moved(w, i, -h), 1), "h below w[i], and the other is w itself: a one-sided"),
    (two(lambda w, i, h: moved(w, i, h), lambda w, i, h: w), "you divide by 2h"), (undone, "you divide by 2h"), (left_behind, "does not put it back"),
    (two_names, "`up = w.copy()`"),
    (two(lambda w, i, h: w + h, lambda w, i, h: w - h), "all weights at once"),
    (two(lambda w, i, h: moved(w, 0, h), lambda w, i, h: moved(w, 0, -h)), "For i = 1 you move weight 0"),
    (two(lambda w, i, h: moved(w, i, 2 * h), lambda w, i, h: moved(w, i, -h)), "0.2 above w[i], the other 0.1 below"),
    (lambda loss, w, i, h: copies(loss, w, i, 1e-14), "Your h is 1e−14"), (lambda loss, w, i, h: copies(loss, w, i, 1e-20), "twice at the same place"),
    (lambda loss, w, i, h: copies(loss, w, i, 0.1), "You go 0.1 away"),
    (lambda loss, w, i, h: copies(loss, w, i, h * w[i]), "in proportion to the weight"),
    (lambda loss, w, i, h: copies(loss, w.astype(np.float32), i, h), "float32"), (lambda loss, w, i, h: copies(loss, w.astype(int), i, h), "whole numbers"),
    (lambda loss, w, i, h: (loss(w[i] + h) - loss(w[i] - h)) / (2 * h), "at a single number"),
    (lambda loss, w, i, h: loss(w + 1j * h).imag / h, "complex place"), (lambda loss, w, i, h: loss("w"), "something else than numbers"),
    (lambda loss, w, i, h: [copies(loss, w, k, h) for k in range(len(w))], "one a weight"), (lambda loss, w, i, h: (copies(loss, w, i, h), h), "2 things"),
    (lambda loss, w, i, h: loss(moved(w, i, h)) / h, "one place only"),
    (lambda loss, w, i, h: loss(w), "at w alone"), (lambda loss, w, i, h: 0.0, "never asks for the loss"),
    (lambda loss, w, i, h: None if h else 0, "returned None"), (lambda loss, w, i, h: True, "truth value"),
    (lambda loss, w: 1, "called as slope(loss, w, i, h)"), (lambda loss, w, i, h, k: 1, "called as slope(loss, w, i, h)"),
    (lambda loss, w, i, h: loss.gradient(w)[i], "AttributeError"), (3.0, "without parentheses"),
    (lambda loss, w, i, h: copies(loss, w, i, float(h)) * math.nan, "not a number"), (lambda loss, w, i, h: (loss(w) - loss(w)) / 0, "at the same place"),
])
def test_a_wrong_slope_is_told_what_it_is(answer, said):
    wrong("slope", said, answer)


def test_the_slopes_asked_for_are_those_of_the_formulas_and_of_backpropagation():
    for question in slope_checks.questions():
        told = [copies(question.loss, question.w.copy(), i, 1e-5) for i in range(question.w.size)]
        assert np.allclose(told, question.gradient, rtol=0, atol=1e-8 * np.abs(question.gradient).max())
        assert not question.words or np.isclose(eval(question.words, {"np": np, "w": question.w}), question.loss(question.w))
