"""Answers that nobody should give: a check never raises or hangs, nor calls a slip a fault of its own."""

import builtins
import itertools
import sys
import threading

import numpy as np
import pytest

from helpers import exercises
from helpers.descent import descend
from helpers.exercises.calling import Trial
from helpers.exercises.checks import EXERCISES
from helpers.exercises.keeper import keeper
from helpers.record import Run
from helpers.surfaces import ravine, turned_ravine
from helpers.update_rules import adagrad
from judged import right, wrong
from thorough import every_time

pytestmark = pytest.mark.usefixtures("new_reader")


def raises(*names, error=RuntimeError):
    """A class whose objects raise when they are asked in one of these ways."""

    def raising(*_, **__):
        raise error("mine")

    return type("Odd", (), {name: raising for name in names})


class Everything:
    """Equal to everything, and with every attribute."""

    __hash__ = None

    def __eq__(self, other):
        return True

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return self


class Endless:
    def __getitem__(self, place):
        return "S"


def values():
    """What is no answer to any exercise, made anew each time."""
    return [
        None,
        ...,
        NotImplemented,
        True,
        False,
        "",
        " ",
        "many",
        "1,000",
        "1/0",
        "(" * 500,
        b"bytes",
        1j,
        -1,
        0,
        10**400,
        -(10**400),
        1e308,
        5e-324,
        float("nan"),
        float("inf"),
        "nan",
        [],
        (),
        {},
        set(),
        [None],
        [...],
        [[]],
        [[1, 2], [3]],
        [float("nan")] * 3,
        {"a": 1},
        {1: 2},
        np.array([]),
        np.zeros(3),
        np.zeros((2, 3)),
        np.array("x"),
        np.array([None, 1], dtype=object),
        np.ma.array([1.0], mask=[True]),
        np.datetime64("2020-01-01"),
        np.array([1 + 1j]),
        range(3),
        iter([]),
        iter("ab"),
        itertools.cycle("QS"),
        itertools.count(),
        (x for x in "PQ"),
        object(),
        object,
        int,
        Run,
        Run(),
        np,
        sys,
        open,
        print,
        len,
        np.add,
        np.vectorize(abs),
        ValueError("x"),
        Everything(),
        Endless(),
        raises("__iter__")(),
        raises("__eq__", "__hash__")(),
        raises("__repr__", "__str__")(),
        raises("__len__")(),
        raises("__array__")(),
        raises("__float__")(),
        raises("__getattr__")(),
        raises("__call__")(),
        raises("__next__")(),
        raises("__array__", error=SystemExit)(),
        raises("__str__", error=KeyError)(),
        ravine,
        turned_ravine,
        descend(adagrad, ravine, 1),
        "ravine",
        "adagrad",
        {"weights": [], "rate": {}, "step": object()},
        {"wins": 3, "loses": ravine},
        {"gradients": "x", "sick": [], "cured": {}},
        {"rmsprop": 3, "momentum": {"eta": []}},
        {"rmsprop": {"eta": "x"}, "momentum": {}},
        dict.fromkeys("PQR", object()),
        dict.fromkeys("ABC", np.zeros(2)),
        dict.fromkeys("PQRST", np.zeros(2)),
        dict.fromkeys(("rare", "drift", "network", "smooth"), []),
        dict.fromkeys(("winner", "loser", "surface", "steps", "eta"), np.zeros(3)),
    ]


def functions():
    """Functions that are no answer to any exercise."""

    def leaves(*_, **__):
        raise SystemExit

    def recursive(*a, **k):
        return recursive(*a, **k)

    def closes(*_, **__):
        sys.stdout.close()
        sys.stderr.close()
        return 3

    def yields(*_, **__):
        yield 3

    results = [
        ...,
        "x",
        [],
        {},
        np.zeros((7, 7)),
        float("nan"),
        10**400,
        object(),
        iter([]),
        Everything(),
        np.array(["x"]),
        (1, 2, 3, 4),
        (None, None),
        Run(),
        -1e308,
        raises("__array__")(),
        raises("__repr__")(),
    ]
    return [
        leaves,
        recursive,
        closes,
        yields,
        lambda: 1,
        lambda *, k: 1,
        *(lambda *_, result=result, **__: result for result in results),
    ]


@pytest.mark.parametrize("name", every_time([*EXERCISES][::3], EXERCISES))
def test_no_value_is_too_odd_for_a_check(name):
    for answer in values():
        verdict = exercises.check(name, answer)
        assert verdict.state in ("wrong", "open") and "fault of the check" not in verdict.reason, (
            type(answer),
            verdict,
        )
        assert repr(verdict) and verdict._repr_html_() and len(verdict.reason) < 700, (type(answer), verdict)


@pytest.mark.parametrize("name", EXERCISES)
def test_no_function_is_too_odd_for_a_check(name):
    for answer in functions():
        verdict = exercises.check(name, answer)
        assert verdict.state in ("wrong", "open") and "fault of the check" not in verdict.reason, verdict
        assert repr(verdict) and verdict._repr_html_() and len(verdict.reason) < 700, verdict
        assert "helpers" not in " ".join(verdict.details), "no line of ours is shown as the reader's"


@pytest.mark.parametrize("name", [["adagrad"], None, 3, {}, np.zeros(2), "adagard", ""])
def test_a_name_that_is_no_exercise_is_a_value_error(name):
    with pytest.raises(ValueError, match="there is no exercise"):
        exercises.check(name, 1)


def test_an_interrupt_goes_through():
    def stopped(g, *, eta=0.1):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        exercises.check("gradient_descent", stopped)


@pytest.mark.parametrize("stuck", [lambda: (x for x in itertools.count() if x < 0), lambda: map(spin, [1])])
def test_an_iterator_that_does_not_come_back_is_stopped(stuck, monkeypatch):
    monkeypatch.setattr("helpers.exercises.calling.LIMIT", 0.3)
    wrong("sort", "did not come back", stuck())


def spin(_):
    while True:
        pass


# what the reader's code does besides


@pytest.mark.parametrize(
    "names",
    [
        ("allclose", "isclose", "array_equal"),
        ("abs", "max", "diff"),
        ("asarray", "array"),
        ("argmax", "sqrt"),
    ],
)
@pytest.mark.parametrize(
    "name, answer",
    [
        ("safe_eta", 1.0),
        ("exponential", 1.0),
        ("ema", 1.0),
        ("conventions", 1.0),
        ("rises", 1),
        ("cycle", 1.0),
        ("gradient_descent", 1.0),
        ("adagrad", 1.0),
        ("slope", 1.0),
        ("late_slope", 1.0),
        ("property", True),
    ],
)
def test_nobody_is_believed_who_replaces_functions_of_numpy(name, answer, names):
    kept = {function: getattr(np, function) for function in names}

    def cheats(*arguments, **knobs):
        for function in names:
            setattr(np, function, lambda *a, **k: True)
        return answer * np.ones(3) if name == "adagrad" else answer

    assert exercises.check(name, cheats).state == "wrong"
    assert all(getattr(np, function) is what for function, what in kept.items())


def test_nobody_is_believed_who_had_replaced_them_before(monkeypatch):
    for function in ("allclose", "isclose", "array_equal"):
        monkeypatch.setattr(np, function, lambda *a, **k: True)
    for name in ("safe_eta", "exponential", "ema", "conventions", "cycle"):
        assert exercises.check(name, lambda *a, **k: 1.0).state == "wrong", name


def test_nobody_is_asked_for_input(monkeypatch):
    monkeypatch.setattr(builtins, "input", kept := lambda *_: "3")
    wrong("gradient_descent", "calls input()", lambda g, *, eta=0.1: float(input("eta? ")) * g)
    assert builtins.input is kept


def test_pictures_drawn_in_a_rule_are_not_kept():
    pyplot = pytest.importorskip("matplotlib.pyplot")
    pyplot.figure()
    before = pyplot.get_fignums()

    def draws(g, *, eta=0.1):
        pyplot.plot(g.ravel())
        pyplot.figure()
        return -eta * g

    right("gradient_descent", draws)
    assert pyplot.get_fignums() == before
    pyplot.close("all")


# a Python without threads, in a browser


@pytest.fixture
def no_threads(monkeypatch):
    def refuse(self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)


@pytest.mark.parametrize(
    "name, good, bad, said",
    [
        (
            "exponential",
            lambda t, *, eta, decay: eta * decay**t,
            lambda t, *, eta, decay: eta * decay,
            "multiplies by decay once",
        ),
        (
            "ema",
            lambda x, m, *, beta: beta * m + (1 - beta) * x,
            lambda x, m, *, beta: m + x,
            "never forgets",
        ),
        ("conventions", lambda eta, alpha: eta / (1 - alpha), lambda eta, alpha: eta, "leaves η as it is"),
        (
            "safe_eta",
            lambda H: 2 / np.linalg.eigvalsh(H)[-1],
            lambda H: 1 / np.linalg.eigvalsh(H)[-1],
            "half of it",
        ),
        ("cycle", lambda eta: eta / 2, lambda eta: eta, "full swing"),
        ("halving", 0.5**0.02, 0.5**50, "The other way round"),
        ("half_life", 0.5**0.05, 0.5**20, "The other way round"),
        ("beta_50", 0.98, 0.02, "1 − β"),
    ],
)
def test_without_threads_a_check_judges_as_ever(name, good, bad, said, no_threads):
    wrong(name, said, bad)
    right(name, good)


def test_without_threads_what_the_code_raises_is_told_as_ever(no_threads):
    wrong("exponential", "ZeroDivisionError in line", lambda t, *, eta, decay: eta / 0)
    assert keeper.get("exercises", "exponential") == {"tries": 1, "solved": False}
    with Trial() as trial:
        assert trial.call(lambda: 3) == 3
