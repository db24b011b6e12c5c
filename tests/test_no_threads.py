"""A Python that cannot start a thread, as in a browser: everything works, and a loop that never ends is still stopped."""

import itertools
import sys
import threading

import pytest

from helpers import exercises, watchdog
from helpers.descent import descend
from helpers.explorer import explore
from helpers.surfaces import Surface, ravine
from helpers.update_rules import adagrad, gradient_descent
from stubborn import swallows, swallows_twice


@pytest.fixture(autouse=True)
def no_threads(monkeypatch):
    def start(self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)


def never(g, *, eta=0.1):
    while True:
        pass


def counts(g, *, eta=0.1):
    return -eta * g * sum(1 for _ in itertools.count())


def asks_for_ever(g, *, eta=0.1):
    for _ in iter(int, 1):
        eta += 1


def catches(g, *, eta=0.1):
    while True:
        try:
            eta = eta + 1
        except Exception:
            pass


def later(g, t=0, *, eta=0.1):
    while t > 3:
        eta = eta + 1
    return -eta * g, t + 1


def test_runs_and_grids_are_made():
    assert descend(adagrad, ravine).w.shape == (51, 2)
    assert descend(adagrad, ravine, eta=[0.1, 0.4]).how == "side by side"


def test_a_surface_is_checked():
    Surface("mine", lambda x, y: x**2 + y**2, lambda x, y: (2 * x, 2 * y), (1, 1), ((-2, 2), (-2, 2)))
    with pytest.raises(ValueError, match="does not fit its loss"):
        Surface("mine", lambda x, y: x**2 + y**2, lambda x, y: (2 * x, 3 * y), (1, 1), ((-2, 2), (-2, 2)))


def test_a_figure_is_shown():
    assert (
        "After 10 steps gradient descent's loss is" in explore(gradient_descent, on=ravine, steps=10).readout
    )


def test_a_check_gives_its_verdict(new_reader):
    assert exercises.check("adagrad", adagrad)
    wrong = exercises.check("adagrad", lambda g, G=0.0, *, eta=0.4, eps=1e-8: (-eta * g, G + g**2))
    assert wrong.state == "wrong" and "fault of the check" not in str(wrong)


@pytest.mark.parametrize(
    "rule, step", [(never, 0), (counts, 0), (asks_for_ever, 0), (catches, 0), (later, 4)]
)
@pytest.mark.parametrize("knobs", [{}, {"eta": [0.1, 0.2]}])
def test_a_rule_that_never_ends_is_stopped_and_named(monkeypatch, rule, step, knobs):
    monkeypatch.setattr(watchdog, "LIMIT", 0.2)
    before = sys.gettrace()
    with pytest.raises(
        TimeoutError, match=f"{rule.__name__} did not come back from step {step} within 0.2 s"
    ):
        descend(rule, ravine, **knobs)
    assert sys.gettrace() is before and watchdog._inside == []
    monkeypatch.setattr(watchdog, "LIMIT", 100)
    assert descend(adagrad, ravine).w.shape == (51, 2)  # nothing is lost


# before Python 3.12 a trace ends with the first exception that it raises, so there a second loop is not promised to end
STUBBORN = [swallows, swallows_twice] if hasattr(sys, "monitoring") else [swallows]


@pytest.mark.parametrize("rule", STUBBORN)
def test_what_a_rule_returns_after_its_stop_is_not_believed(monkeypatch, rule):
    monkeypatch.setattr(watchdog, "LIMIT", 0.2)
    with pytest.raises(TimeoutError, match=f"{rule.__name__} did not come back from step 0 within 0.2 s"):
        descend(rule, ravine, steps=1)
    monkeypatch.setattr(watchdog, "LIMIT", 100)
    assert descend(adagrad, ravine).w.shape == (51, 2)  # nothing is lost


def test_a_check_stops_an_answer_that_never_ends(monkeypatch, new_reader):
    from helpers.exercises import calling

    monkeypatch.setattr(calling, "LIMIT", 0.3)
    assert "did not come back" in exercises.check("gradient_descent", never).reason
