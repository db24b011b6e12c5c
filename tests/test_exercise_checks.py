"""A check never raises, counts the tries, lets the hints grow, and shows what went wrong in the reader's code as the reader's."""

import json
import math
import os
import random
import re
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path

import numpy as np
import pytest
import solutions
import solutions_network
import solutions_race
import solutions_schedules
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers import exercises
from helpers.exercises import calling, checks, lesson08
from helpers.exercises.keeper import keeper
from helpers.update_rules import adam

pytestmark = pytest.mark.usefixtures("new_reader")
ROOT = Path(__file__).resolve().parent.parent
NAMES = list(checks.EXERCISES)


def late_slope(run):
    rate = run.rate[:, 0]
    t = np.arange(1, len(rate) + 1)
    return np.polyfit(np.log(t[len(t) // 2 :]), np.log(rate[len(t) // 2 :]), 1)[0]


RIGHT = {
    "gradient_descent": lambda g, *, eta: -eta * g, "safe_eta": lambda H: 2 / np.linalg.eigvalsh(H)[-1], "eta_in_100": 0.09, "adagrad": solutions.ADAGRAD["ours"],
    "property": lambda run: np.allclose(np.diff(run.G, axis=0), run.g**2), "steps_at_04": 327, "suspects": ("one shared G", "no square", "no root"),
    "rmsprop": solutions.RMSPROP["ours"], "beta_50": 0.98, "rises": lambda run: (np.diff(run.rate, axis=0) > 0).sum(), "cycle": lambda eta: eta / 2,
    "exponential": solutions_schedules.SCHEDULES["plain"], "halving": 0.5 ** (1 / 50), "sort": "QS",
    "ema": lambda x, m=0.0, *, beta=0.9: beta * m + (1 - beta) * x, "half_life": 0.5 ** (1 / 20), "conventions": lambda eta, alpha: eta / (1 - alpha),
    "level_off": (1.11407, 0.195933), "late_slope": late_slope, "too_slow": 0.02, "match": 0.8,
    "adam": adam, "reduce": {"rmsprop": {"beta1": 0, "beta2": 0.9}, "momentum": {"eta": 1e6, "eps": 1e6}},
    "choose": {"rare": "adagrad", "drift": "rmsprop", "network": "adam", "smooth": "momentum"},
    "large_eps": 0.004, "crossover": 4.76e-6, "match_eps": {"P": "keras_rmsprop", "Q": "torch_adagrad", "R": "torch_rmsprop"}, "nan": {"gradients": [0, 3, 4], "sick": 0, "cured": 1e-8},
    "protocol": solutions_race.TUNERS["plain"], "won_and_lost": solutions_race.SURFACES[0], "sentence": solutions_race.SENTENCES[0],
    "swap": solutions_network.trained(), "slope": solutions_network.SLOPES["copies"], "blank": solutions_network.BLANK, "own_rule": solutions_network.OWN["cube"],
}
FUNCTIONS = [name for name in NAMES if callable(RIGHT[name])]
STUBS = {
    "gradient_descent": "def f(g, *, eta=0.1):\n    dw = ...\n    return dw", "safe_eta": "def f(H):\n    return ...",
    "adagrad": "def f(g, G=0.0, *, eta=0.4, eps=1e-8):\n    G = ...\n    dw = ...\n    return dw, G", "property": "def f(run):\n    return ...",
    "rmsprop": "def f(g, G=0.0, *, eta=0.1, beta=0.9, eps=1e-8):\n    G = ...\n    dw = -eta / (np.sqrt(G) + eps) * g\n    return dw, G",
    "rises": "def f(run):\n    return ...", "cycle": "def f(eta):\n    return ...",
    "slope": "def f(loss, w, i, h=1e-5):\n    up = ...\n    down = ...\n    return ...",
    "exponential": "def f(t, *, eta=0.1, decay=0.98):\n    ...",
    "ema": "def f(x, m=0.0, *, beta=0.9):\n    ...", "conventions": "def f(eta, alpha):\n    ...",
    "late_slope": "def f(run):\n    ...",
    "adam": "def f(g, m=0.0, G=0.0, t=0, *, eta=0.1, beta1=0.9, beta2=0.999, eps=1e-8):\n    m = ...\n    G = ...\n    dw = ...\n    return dw, m, G, t",
    "protocol": "def f(rule, surface, steps):\n    ...",
    "own_rule": "def f(g, G=0.0, *, eta=0.1, eps=1e-8):\n    G = ...\n    dw = ...\n    return dw, G",
}
WRONG = {name: (lambda *a, **k: [1, 2, 3, 4, 5, 6, 7]) if name in FUNCTIONS else 0.123 for name in NAMES} | {"own_rule": lambda g, *, eta=0.1: eta * g * np.abs(g)}
PARTS = {  # what would give the answer away
    "gradient_descent": ["-eta", "−η", "eta * g", "η g"], "safe_eta": ["2 /", "2/λ", "2/h", "[-1]"], "eta_in_100": ["2/21", "0.095", "0.09 "],
    "adagrad": ["g**2", "g²", "np.sqrt", "√G", "G + "], "steps_at_04": ["327"], "property": ["g**2", "g²", "diff"], "suspects": list(exercises.bugs),
    "rmsprop": ["1 - beta", "1 − β)", "beta *", "β G"], "beta_50": ["0.98", "0.02", "49/50"], "rises": [".sum", "count_nonzero", "diff", ">"], "cycle": ["/ 2", "/2", "half", "0.5"],
    "exponential": ["decay**", "decay **", "cᵗ", "eta *"], "halving": ["0.98", "0.5 **", "2 **", "½^"], "sort": ["QS", "Q ", "S "],
    "ema": ["beta *", "β m", "1 - beta", "1 − β) x"], "half_life": ["0.5 **", "½^", "0.966", "2^", "1/20)"], "conventions": ["/ (1", "η/(1", "eta /"],
    "level_off": ["1.11", "0.196", "rate[-1]"], "late_slope": ["-0.5", "−½", "−0.5"], "too_slow": ["0.02"], "match": ["0.8", "0.7", "0.9"],
    "adam": ["beta1 *", "np.sqrt", "√G", "m / (1"], "reduce": ["beta1=0", "1e6", "β₁ = 0,"], "choose": ["adagrad", "rmsprop", "momentum"],
    "large_eps": ["0.004", "0.4 / 100"], "crossover": ["4.7", "4.8", "1e-6 / 0.21"], "match_eps": ["P is", "keras_rmsprop"], "nan": ["[0", "first gradient has to be 0", "1e-8"],
    "protocol": ["geomspace", "logspace", "argmin(loss)"], "won_and_lost": ["ravine", "turned", "rosenbrock"], "sentence": ["Adagrad", "RMSprop", "quiet", "20"],
    "swap": ["0.1,", "0.18", "0.02", "adagrad,  digits"], "slope": ["2 * h", "2h", "/ (2", "2·h"], "blank": ["32", "39", "96", "== 0", "η/ε"], "own_rule": ["np."],
}


def stub(name):
    names = {"np": np}
    exec(STUBS[name], names)
    return names["f"]


# states and tries


@pytest.mark.parametrize("name", NAMES)
def test_a_right_answer_is_right_at_once_and_kept(name, new_reader):
    verdict = exercises.check(name, RIGHT[name])
    assert verdict and verdict.state == "right" and verdict.reason and not verdict.hint and not verdict.details
    assert json.loads(new_reader.read_text(encoding="utf-8"))["exercises"][name] == {"solved": True, "tries": 0}


@pytest.mark.parametrize("name", NAMES)
def test_the_hint_grows_with_every_try_and_ends_at_the_solution(name):
    hints = []
    for tries in range(1, 5):
        verdict = exercises.check(name, WRONG[name])
        hints.append(verdict.hint)
        assert verdict.state == "wrong" and not verdict and keeper.get("exercises", name) == {"solved": False, "tries": tries}, verdict
        assert verdict.reason and "cannot be checked" not in verdict.reason
        assert ("fold “Solution”" in verdict.hint) == (tries >= 3)
    assert len(set(hints)) == 3 and hints[2] == hints[3]


@pytest.mark.parametrize("name", NAMES)
def test_no_hint_says_the_answer(name):
    exercise = checks.EXERCISES[name]
    assert len(exercise.hints) == len(set(exercise.hints)) == 3
    for said in (*exercise.hints, exercise.todo):
        assert not [part for part in PARTS[name] if part in said], said


@pytest.mark.parametrize("name", NAMES)
def test_nothing_and_dots_are_no_try(name):
    for answer in (None, ...):
        verdict = exercises.check(name, answer)
        assert verdict.state == "open" and not verdict and "Nothing to check yet" in repr(verdict) and verdict.reason == checks.EXERCISES[name].todo
    assert exercises.check(name).state == "open"
    assert keeper.get("exercises", name) == {}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_untouched_stub_is_no_try(name):
    def passes(*a, **k):
        """Nothing here yet."""

    def not_yet(*a, **k):
        raise NotImplementedError("later")

    for answer in (stub(name), passes, lambda *a, **k: ..., not_yet):
        assert exercises.check(name, answer).state == "open"
    assert keeper.get("exercises", name) == {}


def test_dots_that_pick_an_axis_are_no_stub():
    def rule(g, G=0.0, *, eta=0.4, eps=1e-8):
        G = np.array(G + 0 * g)
        G[...] = G + g[...] ** 2
        return -eta / (np.sqrt(G) + eps) * g, G

    assert exercises.check("adagrad", rule)


def test_what_is_solved_stays_solved():
    exercises.check("beta_50", 50)
    assert exercises.check("beta_50", 0.98)
    later = exercises.check("beta_50", 50)
    assert later.state == "wrong" and "stays so" in later.headline
    assert keeper.get("exercises", "beta_50") == {"solved": True, "tries": 2}
    assert exercises.check("beta_50", ...).state == "open"
    assert keeper.get("exercises", "beta_50")["solved"]


def test_tries_survive_a_new_kernel():
    exercises.check("beta_50", 50)
    code = "from helpers import exercises; print(exercises.check('beta_50', 50).hint)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, encoding="utf-8", env={**os.environ, "PYTHONIOENCODING": "utf-8"})
    assert done.stdout.strip() == checks.EXERCISES["beta_50"].hints[1], done.stderr


def test_tests_without_a_reader_of_their_own_share_a_file_that_is_not_the_readers(monkeypatch, new_reader):
    monkeypatch.undo()
    assert len(keeper._places()) == 1 and "progress-of-tests" in str(keeper._places()[0])


@pytest.mark.parametrize("name, said", [("adagard", "Did you mean adagrad?"), ("beta50", "Did you mean beta_50?"), ("", "It has"), ("zzz", "It has"), (5, "It has")])
def test_an_unknown_exercise_is_told_the_nearest(name, said):
    with pytest.raises(ValueError, match="no exercise") as error:
        exercises.check(name, 1)
    assert said in str(error.value)


def test_the_exercises_are_listed_by_notebook():
    listed = {book: [name for name, _ in exercises.exercises_of(book)] for book in ("01", "04", "06", "09")}
    assert listed == {"01": ["gradient_descent", "safe_eta", "eta_in_100"], "04": ["adagrad", "steps_at_04", "suspects", "property"],
                      "06": ["rmsprop", "beta_50", "rises", "cycle"], "09": ["swap", "slope", "blank", "own_rule"]}
    assert exercises.exercises_of("00") == [] and all(title for book in listed for _, title in exercises.exercises_of(book))


def test_an_answer_may_be_given_by_name():
    assert exercises.check("beta_50", beta=0.98) and not exercises.check("beta_50", beta=0.9)


# what happens in the reader's code


def broken(g, G=0.0, *, eta=0.4, eps=1e-8):
    G = G + g**2
    return -eta / (np.sqrt(G) + epps) * g, G  # noqa: F821


def helper(G):
    return G.no_such_thing


def breaks_in_a_helper(g, G=0.0, *, eta=0.4, eps=1e-8):
    return helper(G), G


def test_an_exception_is_shown_as_the_readers_with_its_line():
    verdict = exercises.check("adagrad", broken)
    assert "NameError in line 3 of broken" in verdict.reason
    assert verdict.details[0].startswith("line 3:  return -eta / (np.sqrt(G) + epps) * g, G") and verdict.details[1] == "NameError: name 'epps' is not defined"


def test_an_exception_in_a_readers_helper_names_the_helper():
    verdict = exercises.check("adagrad", breaks_in_a_helper)
    assert "AttributeError in line 2 of helper" in verdict.reason and "no_such_thing" in verdict.details[0]


def test_an_exception_in_a_comprehension_or_in_numpy_is_placed_in_the_readers_line():
    def inner(run):
        many = 1
        return sum([x.wrong for x in (many,)])

    def deep(run):
        return np.linalg.inv(np.zeros((2, 2)))

    assert "AttributeError in line 3 of inner" in exercises.check("rises", inner).reason
    assert "LinAlgError in line 2 of deep" in exercises.check("rises", deep).reason


def test_code_without_a_source_is_told_its_line_all_the_same():
    names = {}
    exec("\n\ndef f(eta):\n    half = eta / 2\n    return half / 0\n", names)
    verdict = exercises.check("cycle", names["f"])
    assert "ZeroDivisionError in line 3 of f" in verdict.reason and len(verdict.details) == 1 and "division by zero" in verdict.details[0]


def test_a_notebook_cell_is_quoted():
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell()  # one of its own: no instance that other tests would meet
    shell.run_cell("# a comment\ndef amplitude(eta):\n    return eta / nothing\n", store_history=True)
    verdict = exercises.check("cycle", shell.user_ns["amplitude"])
    assert "NameError in line 2 of amplitude" in verdict.reason and verdict.details[0] == "line 2:  return eta / nothing"


def raises(kind):
    def answer(*a, **k):
        raise kind

    return answer


def endless_recursion(*a, **k):
    return endless_recursion(*a, **k)


class Own(BaseException):
    pass


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("answer, said", [(raises(SystemExit(3)), "SystemExit"), (raises(Own), "an Own"), (raises(MemoryError), "MemoryError"), (raises(GeneratorExit), "GeneratorExit"),
                                          (endless_recursion, "RecursionError"), (raises(StopIteration), "StopIteration"), (raises(TimeoutError("mine")), "TimeoutError")])
def test_nothing_that_the_readers_code_raises_gets_out(name, answer, said):
    verdict = exercises.check(name, answer)
    assert verdict.state == "wrong" and said in verdict.reason + " ".join(verdict.details) and "line" in verdict.reason


def test_the_interrupt_key_still_works():
    with pytest.raises(KeyboardInterrupt):
        exercises.check("adagrad", raises(KeyboardInterrupt))


def forever(*a, **k):
    while True:
        pass


def forever_and_stubborn(*a, **k):
    while True:
        try:
            math.sqrt(2)
        except Exception:
            pass


@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_endless_loop_is_stopped(name, monkeypatch):
    monkeypatch.setattr(calling, "LIMIT", 0.1)
    monkeypatch.setattr(lesson08, "PATIENCE", 0.1)
    threads = threading.active_count()
    for answer in (forever, forever_and_stubborn):
        verdict = exercises.check(name, answer)
        assert verdict.state == "wrong" and "did not come back within 0.1 seconds" in verdict.reason
    time.sleep(0.2)
    assert threading.active_count() <= threads + 1


def test_a_slow_answer_is_not_taken_for_an_endless_one(monkeypatch):
    monkeypatch.setattr(calling, "LIMIT", 1.0)  # for one call: all of them together take longer

    def slow(eta):
        time.sleep(0.2)
        return eta / 2

    assert exercises.check("cycle", slow)


def test_prints_are_shown_once_and_in_short(capsys):
    def chatty(g, G=0.0, *, eta=0.4, eps=1e-8):
        print("g is", g)
        print("to the side", file=sys.stderr)
        G = G + g**2
        return -eta / (np.sqrt(G) + eps) * g, G

    verdict = exercises.check("adagrad", chatty)
    assert verdict and verdict.details[0] == "Your code printed:" and verdict.details[1] == "  g is [3. 0.]" and len(verdict.details) == 2 + calling.SHOWN
    assert capsys.readouterr() == ("", "")
    assert not exercises.check("beta_50", 0.98).details


def test_a_flood_of_prints_is_cut():
    def flood(eta):
        for _ in range(20000):
            print("x" * 1000)
        return eta / 2

    verdict = exercises.check("cycle", flood)
    assert verdict and len("".join(verdict.details)) < 3000


def test_no_warning_reaches_the_screen_and_no_setting_is_left_changed():
    before = np.geterr()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        exercises.check("adagrad", lambda g, G=0.0, *, eta, eps: (g / 0 - np.log(-np.abs(g)), G))

        def warns(eta):
            warnings.warn("mind the gap")
            np.seterr(all="raise")
            return eta / 2

        assert exercises.check("cycle", warns)
    assert np.geterr() == before


def test_random_numbers_go_on_as_if_nothing_had_been_checked():
    np.random.seed(5)
    random.seed(5)
    told = np.random.rand(), random.random()
    np.random.seed(5)
    random.seed(5)
    exercises.check("adagrad", solutions.ADAGRAD["ours"])
    exercises.check("cycle", lambda eta: np.random.rand() + random.random())
    assert (np.random.rand(), random.random()) == told


class Hostile:
    """Raises whatever is asked of it."""

    def __getattribute__(self, name):
        if name in ("__class__", "__dict__"):
            return object.__getattribute__(self, name)
        raise RuntimeError("no")

    def __eq__(self, other):
        raise RuntimeError("no")

    __hash__ = None

    def __repr__(self):
        raise RuntimeError("no")


class Returns(Hostile):
    def __call__(self, *a, **k):
        return Hostile()


values = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.complex_numbers(), st.binary(max_size=3), st.just(...), st.builds(Hostile), st.builds(Returns),
                   st.just(np.sqrt), st.just(print), st.just(int), st.just(np.array("x")), st.just(np.array([])), st.just(np.datetime64("2011-01-01")), st.fractions(), st.decimals())
things = st.recursive(values, lambda inner: st.lists(inner, max_size=4) | st.tuples(inner, inner) | st.dictionaries(st.text(max_size=3), inner, max_size=3), max_leaves=6)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(NAMES), thing=things)
def test_whatever_is_given_or_returned_there_is_a_verdict(name, thing):
    for answer in (thing, lambda *a, **k: thing, lambda g, G=0.0, **k: (thing, thing), lambda g, G=thing, **k: (g, G)):
        verdict = exercises.check(name, answer)
        assert verdict.state in ("right", "wrong", "open") and repr(verdict) and verdict._repr_html_()


@pytest.mark.parametrize("name", NAMES)
def test_an_object_that_resists_is_no_reason_to_stop(name):
    for thing in (Hostile(), [Hostile()], Returns()):
        assert exercises.check(name, thing).state == "wrong"


def test_the_words_of_the_series_are_used_and_end_in_a_full_stop():
    for exercise in checks.EXERCISES.values():
        for said in (exercise.todo, *exercise.hints):
            assert re.search(r"[.?]$", said) and "**" not in said and "learning rate" not in said
        assert not exercise.title.endswith(".")
