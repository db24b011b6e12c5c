"""The exercises of notebook 03: every right form is taken, every typical slip is named."""

import numpy as np
import pytest
from folds import fold

from helpers import exercises
from helpers.exercises import lesson03

pytestmark = pytest.mark.usefixtures("new_reader")


def in_place(x, m=0.0, *, beta=0.9):
    m = np.array(m, dtype=float)
    m *= beta
    m += (1 - beta) * x
    return m


RIGHT = {
    "ema": [
        lambda x, m=0.0, *, beta=0.9: beta * m + (1 - beta) * x, lambda x, m, beta: m + (1 - beta) * (x - m), in_place,
        lambda x, m, *, b=0.9: np.average([m, x], weights=[b, 1 - b]), lambda x, m=0.0, *, beta=0.9: np.array([beta * m + (1 - beta) * x]),
        lambda new, old, decay: x - decay * (x - old) if (x := new) is not None else None,
    ],
    "half_life": [0.5 ** (1 / 20), 2 ** (-1 / 20), np.exp(-np.log(2) / 20), np.array(0.5**0.05), 0.9659, [0.5**0.05]],
    "conventions": [lambda eta, alpha: eta / (1 - alpha), lambda e, a: np.divide(e, 1 - a), lambda eta, alpha: sum(eta * alpha**k for k in range(4000))],
}
WRONG = {
    "ema": [
        (lambda x, m=0.0, *, beta=0.9: (1 - beta) * m + beta * x, "exchanged"), (lambda x, m=0.0, *, beta=0.9: beta * m + x, "momentum's sum"),
        (lambda x, m=0.0, *, beta=0.9: beta * (m + x), "no share of its own"), (lambda x, m=0.0, *, beta=0.9: (1 - beta) * x, "does not enter"),
        (lambda x, m=0.0, *, beta=0.9: m + x, "never forgets"), (lambda x, m=0.0, *, beta=0.9: beta * m + (1 - beta) * x**2, "averages the squares"),
        (lambda x, m=0.0, *, beta=0.9: (m + x) / 2, "plain mean"), (lambda x, m=0.0, *, beta=0.9: beta * m - (1 - beta) * x, "sign"),
        (lambda x, m=0.0, *, beta=0.9: x, "remembers nothing"), (lambda x, m=0.0, *, beta=0.9: 7.0, "lies between"), (lambda x, m=0.0, *, beta=0.9: beta * m, "not enter at all"),
    ],
    "half_life": [
        (2 ** (1 / 20), "inverse"), (0.5, "every single step"), (0.95, "1/(1 − α) = 20"), (0.975, "evenly"), (np.exp(-1 / 20), "1/e"), (1 - np.log(2) / 20, "first two terms"),
        (0.05, "forgets"), (np.log(2) / 20, "lost"), (20, "half-life itself"), (0.97, "half is asked for"), (-3, "between 0 and 1"), (0.5**20, "halving twenty times"),
    ],
    "conventions": [
        (lambda eta, alpha: eta * (1 - alpha), "wrong way round"), (lambda eta, alpha: eta, "as it is"), (lambda eta, alpha: eta / alpha, "divides by α"), (lambda eta, alpha: eta / (1.3 - alpha), "the two paths part"),
        (lambda eta, alpha: eta * alpha, "multiplies by α"), (lambda eta, alpha: 1 / (1 - alpha), "has to be in it"), (lambda eta, alpha: eta / (1 - alpha) ** 0.5, "root"),
        (lambda eta, alpha: eta * (1 + alpha), "1 + α"), (lambda eta, alpha: eta / (1 - alpha) ** 2, "squared"), (lambda eta, alpha: 10 * eta, "fits α = 0.9 alone"),
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


def test_no_wrong_answer_in_the_lists_is_right():
    for alpha, _ in lesson03.WRONG_HALVES:
        assert abs(alpha**20 - 0.5) > 1e-3


def test_the_numbers_that_the_solution_tells_are_the_twentieth_root_and_its_other_memory():
    alpha, told = 0.5 ** (1 / 20), fold("03", "my_alpha = 0.5 ** (1 / 20)")
    assert f"about {alpha:.3f}" in told and f"1/(1 − α) is then {1 / (1 - alpha):.0f}" in told
