"""The exercises of notebook 02: every right answer is taken, and a wrong one is told which mistake it is."""

import math

import numpy as np
import pytest
from folds import fold
from judged import right, waits, wrong
from solutions_schedules import FACTORS, SCHEDULES, TRACES

from helpers import exercises
from helpers.exercises import lesson02
from helpers.exercises.keeper import keeper
from helpers.exercises.traces import adaptive, traces

pytestmark = pytest.mark.usefixtures("new_reader")


# an exponential schedule


@pytest.mark.parametrize("answer", SCHEDULES.values(), ids=SCHEDULES.keys())
def test_any_exponential_schedule_is_taken(answer):
    right("exponential", answer)


def stub(t, *, eta=0.1, decay=0.98):
    ...


@pytest.mark.parametrize("answer", [None, ..., stub])
def test_a_stub_waits(answer):
    waits("exponential", "Replace the ...", answer)


@pytest.mark.parametrize("reason, mistake", lesson02.WRONG_SCHEDULES, ids=range(len(lesson02.WRONG_SCHEDULES)))
def test_every_planted_schedule_is_told_its_own_reason(reason, mistake):
    wrong("exponential", reason, lambda t, eta, decay: mistake(t, eta, decay))


def counter():
    calls = []

    def remembers(t, *, eta=0.1, decay=0.98):
        calls.append(t)
        return eta * decay ** (len(calls) - 1)

    return remembers


@pytest.mark.parametrize("answer, said", [
    (counter(), "remembers that it was called"), (lambda t, eta, decay: print(eta), "returned None"), (lambda t, eta, decay: [eta, decay], "holds 2 of them"),
    (lambda t, eta, decay: lambda s: eta * decay**s, "is not one"), (lambda t, eta, decay: math.nan, "nan"), (0.3, "needs the function itself"),
    (lambda t, eta, decay: eta / t, "ZeroDivisionError"), (lambda t, eta, decay: 0.1 * decay**t, "it has to be η itself"),
    (lambda t, eta, decay: eta * 0.98**t, "keep the share decay"), (lambda t: 0.1 * 0.98**t, "TypeError"), (lambda t, eta, decay: "0,1 x", "is not one"),
    (lambda t, eta, decay: eta * decay ^ t, "TypeError"), (lambda t, eta, decay: round(eta * decay**t, 4), "keep the share decay"),
])
def test_other_schedules_are_told_what_is_in_the_way(answer, said):
    wrong("exponential", said, answer)


# half in fifty steps


@pytest.mark.parametrize("answer", FACTORS, ids=range(len(FACTORS)))
def test_the_factor_may_be_written_in_any_way(answer):
    right("halving", answer)


@pytest.mark.parametrize("value, reason", lesson02.WRONG_FACTORS)
def test_every_planted_factor_is_told_its_own_reason(value, reason):
    wrong("halving", reason, value)


@pytest.mark.parametrize("answer, said", [
    (0.986, "at least four digits"), (0.97, "half is asked for"), (1.2, "does not fall"), (1, "does not fall"), (0, "above 0"), (-0.98, "above 0"), (math.nan, "nan"),
    (math.inf, "does not fall"), ("half", "is not one"), (lambda: 0.98, "this is a function"), ([0.5, 0.9], "holds 2"), (True, "truth value"),
])
def test_other_factors_are_told_how_much_they_leave(answer, said):
    wrong("halving", said, answer)


def test_no_factor_waits():
    waits("halving", "Give one number", ...)


# five traces


@pytest.mark.parametrize("answer", TRACES, ids=range(len(TRACES)))
def test_the_letters_may_be_named_in_any_way(answer):
    right("sort", answer)


@pytest.mark.parametrize("answer, said", [
    ("PRT", "the other way round"), ("PQRST", "all five"), ("", "You name none"), ([], "You name none"), ("Q", "One that you leave out"), ("S", "One that you leave out"),
    ("QRS", "One of those that you name has two curves that coincide"), ("QR", "and one that you leave out"), ("PT", "Two of those that you name have"),
    ("QX", "no trace 'X'"), (5, "names no traces"), (lambda: "QS", "This is a function"), ({"Q": "adaptive"}, "Say of each of the five"), ({"Q": 1, "S": 2}, "Write the letters"),
    (["Q", 7], "no trace '7'"),
])
def test_other_letters_are_told_how_many_are_wrong_and_never_which(answer, said):
    verdict = wrong("sort", said, answer)
    assert "Q" not in verdict.reason or "P, Q, R, S, T" in verdict.reason


@pytest.mark.parametrize("answer", [None, ..., {"P": ..., "Q": "adaptive"}])
def test_letters_that_are_not_named_yet_wait(answer):
    waits("sort", "Write the letters", answer)


def test_two_of_the_five_traces_part_and_three_coincide():
    assert adaptive() == {"Q", "S"}
    for letter, (a, b) in traces().items():
        apart = np.abs(np.log(a / b))
        assert apart.max() < 1e-9 if letter in "PRT" else np.median(apart) > 0.3, letter


def test_no_hint_says_the_answer_and_the_hints_grow():
    for name, answer in (("exponential", lambda t, eta, decay: eta), ("halving", 0.97), ("sort", "PRT")):
        said = [exercises.check(name, answer).hint for _ in range(4)]
        assert len(set(said[:3])) == 3 and said[3] == said[2]
        assert not any(secret in "".join(said) for secret in ("decay**t", "0.5 **", "0.986", "QS"))
        keeper.forget()


def test_the_number_that_the_solution_tells_is_the_fiftieth_root():
    assert f"about {0.5 ** (1 / 50):.3f}" in fold("02", "my_c = 0.5 ** (1 / 50)")
