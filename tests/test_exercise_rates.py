"""The exercises of notebook 05: every right form is taken, every typical slip is named."""

import numpy as np
import pytest
from test_exercise_checks import late_slope

from helpers import exercises
from helpers.descent import descend
from helpers.exercises import lesson05
from helpers.surfaces import ravine
from helpers.update_rules import adagrad

pytestmark = pytest.mark.usefixtures("new_reader")
RUN, AT_04 = (descend(adagrad, ravine, 5000, eta=eta) for eta in (1.6, 0.4))


def line(run, x=np.log, y=np.log, of=lambda run: run.rate[:, 0], start=0.5, sign=1):
    values = of(run)
    t = np.arange(1, len(values) + 1)
    late = t > start * len(t)
    return sign * np.polyfit(x(t[late]), y(values[late]), 1)[0]


def between_the_ends(run):
    rate, n = run.rate[:, 0], len(run.rate)
    return np.log(rate[-1] / rate[n // 2 - 1]) / np.log(2)


def from_zero(run):
    return np.polyfit(np.log(np.arange(len(run.rate))), np.log(run.rate[:, 0]), 1)[0]


def counted_anew(run):
    late = run.rate[len(run.rate) // 2 :, 0]
    return np.polyfit(np.log(np.arange(1, len(late) + 1)), np.log(late), 1)[0]


RIGHT = {
    "level_off": [RUN.rate[-1], list(RUN.rate[-1]), (1.11, 0.196), (1.1, 0.2), 1.6 / np.sqrt(RUN.G[-1]), descend(adagrad, ravine, 1000, eta=1.6).rate[-1]],
    "late_slope": [late_slope, line, lambda run: line(run, np.log10, np.log10), lambda run: line(run, start=0.3), between_the_ends, lambda run: np.array([line(run)])],
    "too_slow": [0.02, np.float64(0.02), "0.02", [0.02]],
    "match": [0.8, 0.75, 0.9, "0.8"],
}
WRONG = {
    "level_off": [
        (RUN.rate[-1][::-1], "exchanged"), (RUN.G[-1], "accounts G"), (np.sqrt(RUN.G[-1]), "roots of G"), (RUN.rate[0], "first step"), (1 / np.sqrt(RUN.G[-1]), "η is missing"),
        (RUN.rate[-1] * ravine.curvature, "gauges"), ((0, 0), "do not go to 0"), (RUN.rate[2], "rates of step 3"), (AT_04.rate[-1], "rates at η = 0.4"), (4 * AT_04.rate[-1], "four times"), (0.1, "Two numbers"), ((7, 8), "do not end at 7 and 8"), (RUN.step[-1], "The steps do"),
        (1.6 / RUN.G[-1], "root is missing"),
    ],
    "late_slope": [
        (lambda run: -line(run), "other sign"), (lambda run: line(run, of=lambda r: r.G[1:, 0]), "how G grows"), (lambda run: line(run, of=lambda r: np.sqrt(r.G[1:, 0])), "other sign"),
        (lambda run: line(run, np.asarray, np.asarray), "plain slope"), (lambda run: line(run, x=np.asarray), "step number, too"), (lambda run: line(run, y=np.asarray), "rate, too"),
        (lambda run: line(run, np.log, np.log10), "mixed"), (lambda run: line(run, np.log10, np.log), "mixed"), (lambda run: -0.5, "for every record"),
        (lambda run: np.log(np.arange(3))[0], "logarithm of 0"), (from_zero, "logarithm of 0"), (lambda run: line(run, start=0), "whole run"), (counted_anew, "counted from 1"),
        (lambda run: line(run, np.asarray, np.asarray, start=0), "plain slope"), (lambda run: run.rate[-1, 0], "how steep"), (lambda run: run.rate, "one slope"),
    ],
    "too_slow": [(0.01, "Run all six"), (0.05, "Run all six"), (0.5, "Run all six"), (2, "as a share"), (0.03, "It is one of"), (2001, "It is one of")],
    "match": [(0.1, "Be bolder"), (0.5, "Be bolder"), (1.2, "further out"), (1, "side to side"), (1.01, "further out"), (0.99, "trembles"), (0.6, "Be bolder"), (-1, "above 0"), (0.01, "has not arrived"), (0.001, "has not arrived")],
}


@pytest.mark.parametrize("name, answer", [(name, answer) for name, answers in RIGHT.items() for answer in answers])
def test_every_right_form_is_taken(name, answer):
    verdict = exercises.check(name, answer)
    assert verdict, verdict.reason


@pytest.mark.parametrize("name, answer, said", [(name, *case) for name, cases in WRONG.items() for case in cases])
def test_every_slip_is_named(name, answer, said):
    verdict = exercises.check(name, answer)
    assert verdict.state == "wrong" and said in verdict.reason, verdict.reason


def test_what_each_rarity_does_is_told_from_the_second_try_on():
    for answer, said in ((0.5, "Run all six"), (0.01, "already fails"), (0.05, "has arrived: at step")):
        assert said in exercises.check("too_slow", answer).reason


def test_adagrads_worst_shuffle_is_the_number_that_the_solution_tells():
    assert lesson05.adagrads_worst() == 88
