"""Bad input: every error is of a fitting kind, names the thing, and says what to write instead."""

import time

import numpy as np
import pytest

from helpers import exercises, watchdog
from helpers.descent import descend
from helpers.explorer import explore
from helpers.framework_runs import library_run
from helpers.framework_table import your_framework
from helpers.hypotenuse import hypotenuse
from helpers.race_figure import fair_race
from helpers.schedules import preset, step
from helpers.surfaces import Surface, bowl, given, ravine
from helpers.update_rules import adagrad, adam, gradient_descent, momentum, rmsprop
from stubborn import swallows_twice


def refuses(kind, words, *args, **knobs):
    """The message has all the words, and is about the caller's mistake, not about NumPy's insides."""
    with pytest.raises(kind) as caught:
        descend(*args, **knobs)
    for word in words:
        assert word in str(caught.value), str(caught.value)


# knobs


@pytest.mark.parametrize("eta", [0, -0.1, np.nan, np.inf, -1, "0.1", "big", None, True, [0.1, -0.1], [0.1, "x"], [], [[0.1], [0.1, 0.2]], 1j, {}])
def test_eta_is_a_number_above_0(eta):
    refuses(ValueError, ["eta must be a number above 0", "length of a step", "got"], adagrad, ravine, eta=eta)


@pytest.mark.parametrize("rule, name", [(rmsprop, "beta"), (momentum, "alpha"), (adam, "beta1"), (adam, "beta2")])
@pytest.mark.parametrize("value", [1, 1.2, -0.1, np.nan, "0.9", None, [0.5, 1.0]])
def test_a_share_lies_in_0_to_1(rule, name, value):
    refuses(ValueError, [f"{name} must lie in [0, 1)", "kept", "got"], rule, ravine, **{name: value})


@pytest.mark.parametrize("eps", [-1e-8, -1, np.nan, np.inf, "small", None])
def test_eps_is_not_negative(eps):
    refuses(ValueError, ["eps must be 0 or above", "got"], adagrad, ravine, eps=eps)


def test_the_wrong_value_is_shown():
    refuses(ValueError, ["got 1.2"], rmsprop, ravine, beta=1.2)
    refuses(ValueError, ["got 'big', which is not a number"], rmsprop, ravine, eta="big")
    refuses(ValueError, ["got None"], rmsprop, ravine, eta=None)


@pytest.mark.parametrize("wrong, near", [("lr_eta", "eta"), ("Eta", "eta"), ("epsilon", "eps"), ("bet", "beta"), ("gamma", None)])
def test_an_unknown_knob_is_named_with_the_nearest_known_one(wrong, near):
    refuses(TypeError, [f"rmsprop has no knob {wrong!r}", f"Did you mean {near}?" if near else "It has: eta, beta, eps"], rmsprop, ravine, **{wrong: 0.1})


def test_a_memory_given_as_a_knob_is_sent_to_memory():
    refuses(TypeError, ["'G'", "memory={'G': ...}"], adagrad, ravine, G=0.1)


def test_arrays_that_do_not_fit_each_other_are_named():
    refuses(ValueError, ["eta (2,)", "beta (3,)", "eta[:, None]"], rmsprop, ravine, eta=[0.1, 0.2], beta=[0.1, 0.2, 0.3])


def test_a_knob_of_the_readers_own_that_is_no_array_is_named():
    def mine(g, *, eta=0.1, widths=1.0):
        return -eta * g * widths

    refuses(ValueError, ["widths"], mine, ravine, widths=[[1], [1, 2]])
    refuses(ValueError, ["widths", "empty"], mine, ravine, widths=[])


def test_a_knob_without_a_value_is_asked_for():
    def mine(g, *, eta):
        return -eta * g

    refuses(TypeError, ["mine needs a value for eta", "eta=..."], mine, ravine)
    assert descend(mine, ravine, eta=0.1).w.shape == (51, 2)


@pytest.mark.parametrize("eta, at, got", [(lambda t: -0.1, 0, "-0.1"), (lambda t: 0.1 - 0.03 * t, 4, "-0.02"), (lambda t: np.nan if t == 2 else 0.1, 2, "nan"),
                                          (lambda t: np.inf if t else 0.1, 1, "inf"), (lambda t: np.array([0.1, 0.2 - 0.1 * t]), 3, "-0.1")])
def test_what_a_schedule_gives_is_checked_as_the_knob_is(eta, at, got):
    refuses(ValueError, ["eta must be a number above 0", f"at step {at} its schedule gives {got}"], gradient_descent, ravine, eta=eta)


def test_a_schedule_may_come_to_0_and_begin_there():
    assert np.isfinite(descend(gradient_descent, ravine, 1200, eta=step(every=1)).w).all()  # 0.1 · 0.5^1200 is 0
    assert (descend(gradient_descent, ravine, 3, eta=lambda t: 0.1 * t).dw[0] == 0).all()  # a rate that warms up


@pytest.mark.parametrize("eta", [lambda: 3, lambda t, n: 3, lambda *, t: 3])
def test_a_schedule_takes_the_number_of_the_step(eta):
    refuses(TypeError, ["eta", "takes the number of the step", "write eta=lambda t: 0.1"], gradient_descent, ravine, eta=eta)


@pytest.mark.parametrize("make, words", [(lambda: step(every=0), "every of the schedule step must be a number above 0; got 0"), (lambda: step(every="a"), "every"),
                                         (lambda: step(drop=-1), "drop of the schedule step must be a number 0 or above; got -1"), (lambda: preset(half=0), "half of the schedule preset"),
                                         (lambda: preset(half=[10, 0]), "half"), (lambda: step(every=None), "every"),
                                         (lambda: explore(gradient_descent, on=ravine, eta=step(), every=[0, 5]), "every of the schedule step must be a number above 0")])
def test_a_parameter_that_divides_is_checked_where_it_is_set(make, words):
    with pytest.raises(ValueError, match=words):
        make()


# steps, start, memory, keep


@pytest.mark.parametrize("steps", [0, -1, 2.5, 10.0, "ten", None, True, np.nan])
def test_steps_are_a_whole_number_from_1(steps):
    refuses(ValueError, ["steps must be a whole number, 1 or more", repr(steps)], adagrad, ravine, steps=steps)


@pytest.mark.parametrize("start, said", [
    ((1,), ["start has 1 number,", "has 2 weights", "start=(-5, -2)"]), ((1, 2, 3), ["start has 3 numbers"]), (5, ["1 number"]), ((), ["0 numbers"]),
    (np.ones((3, 2)), ["6 numbers"]), ("ab", ["start must be 2 numbers"]), ("12", ["start must be 2 numbers"]), ((np.nan, 1), ["finite"]), ((np.inf, 1), ["finite"]),
    ((None, 1), ["start must be 2 numbers"]), (((1, 2), (3,)), ["start must be 2 numbers"]), ({"x": 1}, ["start must be 2 numbers"]), ((1j, 2), ["start must be 2 numbers"]),
])
def test_a_start_has_one_finite_number_a_weight(start, said):
    refuses(ValueError, said, adagrad, ravine, start=start)


def test_a_start_for_one_weight():
    refuses(ValueError, ["start has 2 numbers", "has 1 weight:", "start=(-4)"], adagrad, bowl, start=(1, 2))
    assert descend(adagrad, bowl, start=3).w[0].tolist() == [3]


@pytest.mark.parametrize("memory, kind, said", [
    ({"g": 1}, TypeError, ["adagrad has no memory 'g'", "G"]), ({"G": "much"}, TypeError, ["'G'", "a number or an array"]), (0.1, TypeError, ["memory={'G': 0.1}"]),
    ({"G": [1, 2, 3]}, ValueError, ["'G'", "(3,)", "2 weights"]), ({"G": np.ones((4, 2))}, ValueError, ["'G'", "(4, 2)"]), ({"G": "1"}, TypeError, ["'G'"]),
])
def test_a_memory_starts_as_one_number_or_one_a_weight(memory, kind, said):
    refuses(kind, said, adagrad, ravine, memory=memory)


@pytest.mark.parametrize("keep, said", [
    (["los"], ["'los'", "Did you mean loss?"]), (["m"], ["'m'"]), ({"rows": [1]}, ["quantities, weights and steps"]), (5, ["quantities, weights and steps"]),
    ({"weights": [2]}, ["weight 2", "weights 0 to 1"]), ({"weights": [-1]}, ["weight -1"]), ({"steps": [51]}, ["row 51", "rows 0 to 50"]), ({"steps": [0.5]}, ["whole numbers"]),
])
def test_keep_names_what_there_is(keep, said):
    refuses(ValueError, said, adagrad, ravine, keep=keep)


# rules


def returns(value, memory=True):
    def mine(g, G=0.0, *, eta=0.1):
        return value(g, G)

    def bare(g, *, eta=0.1):
        return value(g)

    return mine if memory else bare


@pytest.mark.parametrize("knobs", [{}, {"eta": [0.1, 0.2]}])
@pytest.mark.parametrize("value, said", [
    (lambda g, G: None, ["mine returned None", "return dw, G"]),
    (lambda g, G: [g, G], ["mine returned a list", "return dw, G"]),
    (lambda g, G: -g, ["only one", "1 memory", "return dw, G", "put `*` before it"]),
    (lambda g, G: (-g, G, G), ["3 things", "1 memory", "return dw, G"]),
    (lambda g, G: (-g.sum(), G), ["shape ()", "every weight needs its own change"]),
    (lambda g, G: (np.append(g, 1), G), ["shape", "every weight"]),
    (lambda g, G: (g[..., :1], G), ["shape", "every weight"]),
    (lambda g, G: (None, G), ["not an array of numbers", "return dw, G"]),
    (lambda g, G: ("down", G), ["not an array of numbers"]),
    (lambda g, G: (list(-g), G), ["not an array of numbers"]),
    (lambda g, G: (-g * 1j, G), ["not an array of numbers"]),
    (lambda g, G: ({"dw": g}, G), ["not an array of numbers"]),
    (lambda g, G: (-g, np.ones(7)), ["memory 'G'", "(7,)"]),
    (lambda g, G: (-g, "much"), ["memory 'G'"]),
])
def test_a_rule_that_returns_something_else_is_told_what_to_return(value, said, knobs):
    refuses(TypeError, said, returns(value), ravine, **knobs)


@pytest.mark.parametrize("value, said", [
    (lambda g: None, ["bare returned None", "return dw"]), (lambda g: [1, 2], ["a list"]), (lambda g: (-g, g), ["2 things", "0 memories"]),
    (lambda g: np.ones(3), ["shape (3,)", "(2,)"]), (lambda g: -0.1, ["shape ()"]),
])
def test_a_rule_without_memory_is_told_so_too(value, said):
    refuses(TypeError, said, returns(value, memory=False), ravine)


def test_a_rule_that_forgets_to_return_only_sometimes_is_told():
    def mine(g, *, eta=0.1):
        if g > 0:
            return -eta * g

    refuses(TypeError, ["mine returned None"], mine, ravine, start=(1, -1))


def test_a_knob_left_of_the_star_is_told_to_go_behind_it():
    def known(g, eta=0.1):
        return -eta * g

    def unknown(g, speed=0.1):
        return -speed * g

    def bare(g, lr):
        return -lr * g

    refuses(TypeError, ["'eta' stands left of the `*`", "put `*` before it", "def known(g, *, eta=...)"], known, ravine)
    refuses(TypeError, ["If 'speed' is a knob", "put `*` before it"], unknown, ravine)
    refuses(TypeError, ["'speed' stands left of the `*`", "put `*` before it"], unknown, ravine, speed=0.2)
    refuses(TypeError, ["'lr' needs a start value", "put a `*` before it"], bare, ravine)


@pytest.mark.parametrize("rule, said", [
    (lambda *args, eta=0.1: -eta, ["*args", "by name"]), (lambda g, **kw: -g, ["**kwargs", "by name"]), (lambda *, eta=0.1: 1, ["takes no gradient"]), (print, ["by name"]),
    (ravine, ["a rule is a function"]), ("adagrad", ["a rule is a function"]), (None, ["a rule is a function"]),
])
def test_what_is_no_rule_is_told(rule, said):
    refuses(TypeError, said, rule, ravine)


@pytest.mark.parametrize("name", ["loss", "dw", "rate", "step", "diverged_at", "runs", "how", "why"])
def test_a_memory_named_like_a_field_of_the_record_is_refused_by_name(name):
    rule = eval(f"lambda g, {name}=0.0, *, eta=0.1: (-eta * g, {name})")
    refuses(TypeError, [f"memory {name!r}", "field of the record", f"{name}_old"], rule, ravine)


@pytest.mark.parametrize("name", ["steps", "start", "memory", "keep", "surface", "rule"])
def test_a_knob_named_like_an_argument_of_descend_is_refused_by_name(name):
    rule = eval(f"lambda g, *, eta=0.1, {name}=1: -eta * g")
    refuses(TypeError, [repr(name), "argument of descend", "rename"], rule, ravine)


def test_an_error_in_the_rule_arrives_as_it_is_with_the_rules_line():
    def divides(g, *, eta=0.1):
        return -eta * g * (1 / 0)

    def misspells(g, *, eta=0.1):
        return -eta * gg  # noqa: F821

    def calls(g, *, eta=0.1):
        return -eta * g.power(2)

    def says(g, *, eta=0.1):
        raise ValueError("not today")

    def says_late(g, *, eta=0.1):
        if g > 0:
            raise TypeError("not for numbers either")
        return -g

    for rule, kind, said in [(divides, ZeroDivisionError, "division"), (misspells, NameError, "gg"), (calls, AttributeError, "power"), (says, ValueError, "not today"),
                             (says_late, TypeError, "either")]:
        for knobs in ({}, {"eta": [0.1, 0.2]}):
            with pytest.raises(kind, match=said) as caught:
                descend(rule, ravine, start=(1, 1), **knobs)
            assert any(entry.name == rule.__name__ for entry in caught.traceback)


def never(g, *, eta=0.1):
    while True:
        pass


def stubborn(g, *, eta=0.1):
    while True:
        try:
            time.sleep(0.001)
        except:  # noqa: E722
            return -eta * g


def later(g, t=0, *, eta=0.1):
    while t > 3:
        eta = eta + 1
    return -eta * g, t + 1


@pytest.mark.parametrize("rule, step", [(never, 0), (later, 4)])
@pytest.mark.parametrize("knobs", [{}, {"eta": [0.1, 0.2]}])
def test_a_rule_that_never_ends_is_stopped_and_named(monkeypatch, rule, step, knobs):
    monkeypatch.setattr(watchdog, "LIMIT", 0.2)
    refuses(TimeoutError, [f"{rule.__name__} did not come back from step {step} within 0.2 s", "never ends"], rule, ravine, **knobs)
    assert descend(adagrad, ravine).w.shape == (51, 2)  # nothing is lost


@pytest.mark.parametrize("rule", [stubborn, swallows_twice])
@pytest.mark.parametrize("knobs", [{}, {"eta": [0.1, 0.2]}])
def test_what_a_rule_returns_after_its_stop_is_not_believed(monkeypatch, rule, knobs):
    monkeypatch.setattr(watchdog, "LIMIT", 0.2)
    refuses(TimeoutError, [f"{rule.__name__} did not come back from step 0 within 0.2 s"], rule, ravine, **knobs)
    assert descend(adagrad, ravine).w.shape == (51, 2)  # nothing is lost


# surfaces


class Half:
    start = [1.0, 2.0]

    def loss(self, w):
        return (w**2).sum(-1)

    def gradient(self, w):
        return 2 * w


@pytest.mark.parametrize("surface", [lambda w: w**2, None, "ravine", adagrad])
def test_what_is_no_surface_is_told(surface):
    refuses(TypeError, ["a surface offers .start, .loss(w) and .gradient(w)", "Surface("], gradient_descent, surface)


def test_a_surface_of_the_wrong_shape_is_told():
    class Loss(Half):
        def loss(self, w):
            return w**2

    class Slope(Half):
        def gradient(self, w):
            return 2 * w[..., 0]

    refuses(ValueError, ["the loss of Loss", "(2,)", "w[..., 0]"], gradient_descent, Loss())
    refuses(ValueError, ["the gradient of Slope", "()", "(2,)"], gradient_descent, Slope())


@pytest.mark.parametrize("error", [ValueError("no such place"), TypeError("no such kind"), KeyError("x")])
def test_an_error_in_the_surface_arrives_as_it_is(error):
    class Breaks(Half):
        def gradient(self, w):
            raise error

    for knobs in ({}, {"eta": [0.1, 0.2]}):
        with pytest.raises(type(error), match=str(error.args[0])):
            descend(gradient_descent, Breaks(), **knobs)


def test_a_slope_that_does_not_fit_is_told_where_and_by_how_much():
    with pytest.raises(ValueError, match=r"at \(-5, -2\) it says ∂L/∂w₂ = -8.8, but the loss rises by -8 there \(a difference of 0.8\)"):
        Surface("mine", lambda x, y: 0.1 * x**2 + 2 * y**2, lambda x, y: (0.2 * x, 4.4 * y), start=(-5, -2), view=((-6, 6), (-3, 3)))


@pytest.mark.parametrize("view", [None, ((-1, 1),), ((1, -1), (-1, 1)), "wide", ((-1, 1), (0, np.inf))])
def test_a_view_has_a_pair_a_weight(view):
    with pytest.raises(ValueError, match=r"'mine' needs view=\(\(low, high\), ...\)"):
        Surface("mine", lambda x, y: x**2 + y**2, lambda x, y: (2 * x, 2 * y), start=(0, 1), view=view)


# what makes figures, surfaces and tables


def square(**changed):
    """A surface with parts of its definition changed."""
    return Surface("mine", **{"loss": lambda x, y: x**2 + y**2, "slope": lambda x, y: (2 * x, 2 * y), "start": (1, 1), "view": ((-2, 2), (-2, 2)), **changed})


CALLS = {
    "explore(adagrad, ravine)": (lambda: explore(adagrad, ravine), TypeError, ["on= must be a surface", "write explore(adagrad, on=ravine)"]),
    "explore(adagrad)": (lambda: explore(adagrad), TypeError, ["write explore(adagrad, on=ravine)"]),
    "explore(np.sign)": (lambda: explore(np.sign, on=ravine), TypeError, ["np.sign is no rule", "return -eta * np.sign(g)"]),
    "descend(np.sign)": (lambda: descend(np.sign, ravine), TypeError, ["np.sign is no rule", "def my_rule(g, *, eta=0.1)"]),
    "fair_race(ravine)": (lambda: fair_race(ravine), TypeError, ["fair_race({'ravine': ravine})", "got Surface"]),
    "fair_race({})": (lambda: fair_race({}), TypeError, ["at least one", "fair_race({'ravine': ravine})"]),
    "minima of one number": (lambda: square(minima=[(0,)]), ValueError, ["minima of 'mine'", "minima=[(0, 0)]", "got [(0,)]"]),
    "minima in words": (lambda: square(minima=["a"]), ValueError, ["minima of 'mine'", "minima=[(0, 0)]"]),
    "a slope of None": (lambda: square(slope=lambda x, y: None), ValueError, ["slope of 'mine' gives None", "return dx, dy"]),
    "a loss of None": (lambda: square(loss=lambda x, y: None), ValueError, ["loss of 'mine' gives None", "return"]),
    "a slope that is a number": (lambda: square(slope=5), TypeError, ["slope of 'mine' is a function", "slope=lambda x, y: ..."]),
    "a start in words": (lambda: square(start=("a", 0)), ValueError, ["'mine' needs a start of finite numbers", "got ('a', 0)"]),
    "given([])": (lambda: given([]), ValueError, ["at least one", "given([3, 4, 12])", "got []"]),
    "given(words)": (lambda: given("abc"), ValueError, ["given([3, 4, 12])", "got 'abc'"]),
    "hypotenuse(beta=[])": (lambda: hypotenuse(rmsprop, beta=[]), ValueError, ["beta must lie in [0, 1)", "empty"]),
    "hypotenuse(gradients=5)": (lambda: hypotenuse(adagrad, gradients=5), ValueError, ["gradients are a list of numbers, or a text", "got 5"]),
    "hypotenuse(leg='a')": (lambda: hypotenuse(adagrad, leg="a"), ValueError, ["leg", "a whole number between 0 and 4", "got 'a'"]),
    "hypotenuse(leg=99)": (lambda: hypotenuse(adagrad, leg=99), ValueError, ["leg", "a whole number between 0 and 4", "got 99"]),
    "keep words": (lambda: descend(rmsprop, ravine, keep={"weights": ["a"]}), ValueError, ["keep asks for the weights ['a']", "whole numbers, counted from 0"]),
    "keep lists": (lambda: descend(rmsprop, ravine, keep={"steps": [[0], [1, 2]]}), ValueError, ["keep asks for the rows [[0], [1, 2]]", "whole numbers"]),
    "library_run(…, 5)": (lambda: library_run("torch_adagrad", 5), TypeError, ["library_run('torch_adagrad', ravine)", "got 5"]),
    "your_framework()": (lambda: your_framework(), TypeError, ["your_framework(adagrad)"]),
    "progress('99')": (lambda: exercises.progress("99"), ValueError, ["no notebook '99'", "Did you mean 09?"]),
}


@pytest.mark.parametrize("call, kind, words", CALLS.values(), ids=CALLS)
def test_what_is_refused_is_named_and_what_to_write_is_told(call, kind, words):
    with pytest.raises(kind) as caught:
        call()
    for word in words:
        assert word in str(caught.value), str(caught.value)
    assert str(caught.value).count("00, 01, 02") <= 1
