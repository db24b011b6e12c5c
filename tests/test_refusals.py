"""What was taken for something else, or told in the words of NumPy: refused by name, or taken as it was meant."""

import functools
import math
import pickle
import traceback
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from helpers import exercises, figures
from helpers.descent import descend
from helpers.explorer import explore
from helpers.explorer.goals import reach
from helpers.knobs import suggest
from helpers.memory_bars import memory_bars
from helpers.network import Network, digits, on_digits
from helpers.race import race_on
from helpers.rare_feature import rare_feature
from helpers.record import settled_at, turns, why_undefined
from helpers.schedules import ScheduleError, exponential, inverse_time, preset, schedule, step
from helpers.surfaces import Surface, flat, given, moving, ravine, regression
from helpers.update_rules import adagrad, adam, gradient_descent, momentum, rmsprop

HUGE = 10**400
masked = np.ma.array([0.1, 0.2], mask=[0, 1])


class Rms:
    def __call__(self, g, *, eta=0.1):
        return -eta * g


def run(**knobs):
    return lambda: descend(adagrad, ravine, 3, **knobs)


def of(eta, steps=50):
    return lambda: descend(gradient_descent, ravine, steps, eta=eta)


REFUSED = {
    "a memory of None": (
        run(memory={"G": None}),
        TypeError,
        ["memory 'G' must start as a number", "got None"],
    ),
    "a huge memory": (run(memory={"G": HUGE}), TypeError, ["memory 'G'", "fits a float"]),
    "a flag for a memory": (
        run(memory={"G": True}),
        TypeError,
        ["memory 'G' must start as a number", "got True"],
    ),
    "a date for a memory": (
        run(memory={"G": np.datetime64("2020-01-01")}),
        TypeError,
        ["memory 'G' must start as a number", "2020"],
    ),
    "a complex memory": (run(memory={"G": 1j}), TypeError, ["memory 'G' must start as a number"]),
    "a masked memory": (run(memory={"G": masked}), ValueError, ["memory['G'] is a masked array"]),
    "a huge η": (run(eta=HUGE), ValueError, ["eta must be a number above 0", "too large"]),
    "a masked η": (run(eta=masked), ValueError, ["eta is a masked array", "eta.compressed()"]),
    "a huge start": (run(start=(HUGE, 0)), ValueError, ["start must be 2 numbers, one a weight"]),
    "a masked start": (run(start=masked), ValueError, ["start is a masked array"]),
    "keep a list of lists": (run(keep=[["w"]]), ValueError, ["keep lists names", "got [['w']]"]),
    "keep a number": (run(keep={"quantities": 5}), ValueError, ["keep lists names", "got 5"]),
    "2⁶³ steps": (lambda: descend(adagrad, ravine, 2**63), ValueError, ["steps must be at most"]),
    "2⁶³ − 1 steps": (lambda: descend(adagrad, ravine, 2**63 - 1), ValueError, ["steps must be at most"]),
    "10²⁰ steps and one row": (
        lambda: descend(adagrad, ravine, 10**20, keep={"steps": [0]}),
        ValueError,
        ["steps must be at most"],
    ),
    "10⁹ steps": (lambda: descend(adagrad, ravine, 10**9), ValueError, ["takes 96.0 GB", "say what to keep"]),
    "a figure of 10²⁰ steps": (
        lambda: explore(adagrad, on=ravine, steps=10**20),
        ValueError,
        ["steps must be at most"],
    ),
    "flat(1.5)": (lambda: flat(1.5), ValueError, ["whole number from 1 up", "got 1.5"]),
    "flat('a')": (lambda: flat("a"), ValueError, ["whole number from 1 up", "got 'a'"]),
    "flat(0)": (lambda: flat(0), ValueError, ["whole number from 1 up"]),
    "given a huge number": (lambda: given(HUGE), ValueError, ["given takes numbers"]),
    "moving for ever": (
        lambda: moving(ravine, every=HUGE),
        ValueError,
        ["every must be a whole number of steps"],
    ),
    "a jump without end": (lambda: moving(ravine, jump=HUGE), ValueError, ["jump must be one finite number"]),
    "regression of words": (
        lambda: regression("a", [1, 2]),
        ValueError,
        ["a regression needs features", "got 'a' and [1, 2]"],
    ),
    "a rarity of nan": (lambda: rare_feature(math.nan), ValueError, ["rarity is the share", "got nan"]),
    "half a seed": (lambda: rare_feature(seed=1.5), ValueError, ["seed must be a whole number", "got 1.5"]),
    "examples in words": (
        lambda: rare_feature(examples="a"),
        ValueError,
        ["examples must be a whole number", "got 'a'"],
    ),
    "an empty path": (lambda: settled_at([]), ValueError, ["settled_at takes a path"]),
    "weights in words": (
        lambda: digits.accuracy("a"),
        ValueError,
        ["takes its weights as an array of numbers", "got 'a'"],
    ),
    "a class": (lambda: descend(Rms, ravine), TypeError, ["Rms is a class", "Rms()"]),
    "a memory fixed by partial": (
        lambda: descend(functools.partial(rmsprop, G=1.0), ravine),
        TypeError,
        ["partial fixes 'G'", "memory={'G': 1.0}"],
    ),
    # schedules: the step at which they fail, and that t begins at 0
    "1/t": (
        of(lambda t: 0.1 / t),
        ScheduleError,
        ["eta raised ZeroDivisionError at step 0", "t is 0 at the first update: write t + 1"],
    ),
    "1/√t": (
        of(lambda t: 0.1 / np.sqrt(t)),
        ScheduleError,
        ["at step 0 its schedule gives inf", "write t + 1"],
    ),
    "1/√t in a figure": (
        lambda: explore(rmsprop, on=ravine, eta=lambda t: 0.1 / np.sqrt(t)),
        ScheduleError,
        ["at step 0 its schedule gives inf", "write t + 1"],
    ),
    "t^−½": (of(lambda t: 0.1 * t**-0.5), ScheduleError, ["at step 0", "write t + 1"]),
    "a table that ends": (of([0.1].__mul__(30).__getitem__), ScheduleError, ["IndexError at step 30"]),
    "a table with gaps": (of({0: 0.1, 20: 0.01}.__getitem__), ScheduleError, ["KeyError at step 1"]),
    "a rate in words": (
        of(lambda t: "0.1"),
        ScheduleError,
        ["must give a number at every step", "at step 0 it gives '0.1'"],
    ),
    "a flag for a rate": (of(lambda t: t > 3 or 0.1), ScheduleError, ["at step 4 it gives True"]),
    "a negative decay": (
        lambda: inverse_time(decay=-0.05),
        ValueError,
        ["decay of the schedule inverse_time must be a number 0 or above"],
    ),
    "a decay of None": (
        lambda: exponential(decay=None),
        ValueError,
        ["decay of the schedule exponential", "got None"],
    ),
    "no decay at all": (
        lambda: exponential(decay=[]),
        ValueError,
        ["decay of the schedule exponential", "no number at all"],
    ),
    "a decay that explodes": (
        of(exponential(decay=2.0), 2000),
        ScheduleError,
        ["eta is too large for a float at step 1024"],
    ),
    "a kind that is a list": (lambda: preset(kind=[])(3), ValueError, ["kind must be one of 'constant'"]),
    "a figure of a bare function": (
        lambda: explore(gradient_descent, on=ravine, eta=lambda t: 0.1),
        TypeError,
        ["eta is a function of the step", "`@schedule`", "after a `*`"],
    ),
}


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("call, kind, words", REFUSED.values(), ids=REFUSED)
def test_it_is_refused_by_name(call, kind, words):
    with pytest.raises(kind) as caught:
        call()
    assert all(word in str(caught.value) for word in words), str(caught.value)
    assert len(str(caught.value)) < 400


def decayed(g, w, *, eta=0.1, lam=0.01):
    return -eta * (g + lam * w)


def decayed_from_0(g, w=0.0, *, eta=0.1, lam=0.01):
    return -eta * (g + lam * w), w


def cs231n(w, dw, config):
    return w - config * dw


def weights_first(w, g, *, lr=0.1):
    return w - lr * g


@pytest.mark.parametrize(
    "rule",
    [
        decayed,
        decayed_from_0,
        cs231n,
        weights_first,
        lambda g, theta, *, eta=0.1: -eta * g,
        lambda g, m=0.0, params=None, *, eta=0.1: (-eta * g, m, params),
    ],
)
def test_a_rule_that_wants_the_weights_is_told_that_it_sees_the_gradient(rule):
    with pytest.raises(
        TypeError,
        match="takes the weights .* as well. A rule sees the gradient first and gives back the change: adding it to w is the work of descend",
    ):
        descend(rule, ravine, 3)


def test_a_memory_called_x_is_one():
    assert descend(lambda g, x=0.0, *, eta=0.1: (-eta * g, x), ravine, 3).x.shape == (4, 2)


ETA = ["lr", "learning_rate", "step_size", "stepsize", "Eta", "lr_eta"]
NONE = ["weight_decay", "nesterov", "amsgrad"]


@pytest.mark.parametrize(
    "rule, said",
    [
        (
            adagrad,
            {
                **dict.fromkeys(ETA, "eta"),
                **dict.fromkeys(
                    [*NONE, "decay", "betas", "beta_1", "beta", "rho", "momentum", "alpha"], None
                ),
                "epsilon": "eps",
            },
        ),
        (
            rmsprop,
            {
                **dict.fromkeys(ETA, "eta"),
                **dict.fromkeys([*NONE, "momentum", "gamma"], None),
                "rho": "beta",
                "decay": "beta",
                "bet": "beta",
                "beta1": "beta",
            },
        ),
        (
            momentum,
            {
                **dict.fromkeys(ETA, "eta"),
                **dict.fromkeys([*NONE, "decay", "beta", "eps"], None),
                "momentum": "alpha",
                "mu": "alpha",
            },
        ),
        (
            adam,
            {
                **dict.fromkeys(ETA, "eta"),
                **dict.fromkeys(NONE, None),
                "betas": "beta1",
                "beta_1": "beta1",
                "beta_2": "beta2",
                "rho": "beta2",
            },
        ),
    ],
)
def test_a_suggestion_is_what_is_meant(rule, said):
    for name, near in said.items():
        with pytest.raises(TypeError) as caught:
            descend(rule, ravine, **{name: 0.1})
        assert (f"Did you mean {near}?" if near else " It has: ") in str(caught.value), str(caught.value)
        assert near or "Did you mean" not in str(caught.value), str(caught.value)
    assert "Did you mean 09?" in suggest("99", ["00", "09"])


# a knob whose default is a list or an array is one value


@pytest.mark.parametrize("scale", [np.array([1.0, 0.1]), [1.0, 0.1], (1.0, 0.1)])
def test_a_knob_whose_default_is_an_array_is_one_value(scale):
    def preconditioned(g, *, eta=0.1, scale=scale):
        return -eta * np.array(scale) * g

    alone = descend(preconditioned, ravine, 3)
    assert alone.runs == () and np.allclose(alone.dw[0], [0.1, 0.08], rtol=1e-14)
    grid = descend(preconditioned, ravine, 3, eta=[0.1, 0.2])
    assert (
        grid.runs == (2,)
        and np.array_equal(grid.w[:, 0], alone.w)
        and np.allclose(grid.dw[0, 1], [0.2, 0.16], rtol=1e-14)
    )
    assert descend(preconditioned, ravine, 3, scale=np.array([2.0, 2.0]), eta=[[0.1], [0.2]]).runs == (2, 1)
    assert "After 5 steps" in explore(preconditioned, on=ravine, steps=5).readout


def test_one_rate_a_weight_is_one_value_too():
    def each(g, *, eta=np.array([0.1, 0.01])):
        return -eta * g

    def chooses(g, *, eta=0.1, scale=np.array([1.0, 0.1])):
        return -eta * scale * g if g > 0 else -eta * scale * g

    def looks_up(g, *, eta=0.1, table=range(3), more=np.ones((3, 4))):
        return -eta * g * len(table) * more.shape[1]

    def rooted(g, G=0.0, *, eta=0.1, eps=np.zeros(2)):
        return -eta / (np.sqrt(G * 0 + g**2) + eps) * g, G

    assert (
        descend(each, ravine, 3).dw[0].tolist() == pytest.approx([0.1, 0.08])
        and descend(each, ravine, 3, eta=0.1).runs == ()
    )
    run = descend(chooses, ravine, 3, eta=[0.1, 0.2])
    assert run.how == "number by number" and np.allclose(run.dw[0], [[0.1, 0.08], [0.2, 0.16]], rtol=1e-14)
    assert descend(looks_up, ravine, 3, eta=[0.1, 0.2, 0.3]).dw[0, 0].tolist() == pytest.approx([1.2, 9.6])
    assert why_undefined(descend(rooted, ravine, 3, start=(0, 1))) == 2


@pytest.mark.parametrize("k", [Fraction(1, 2), Decimal("0.5"), [Fraction(1, 2)], np.float32(0.5)])
def test_a_fraction_is_a_number_in_any_knob(k):
    assert np.allclose(descend(lambda g, *, eta=0.1, k=1.0: -eta * k * g, ravine, 3, k=k).dw[0], [0.05, 0.4])


# schedules


def test_a_figure_takes_a_schedule_that_begins_at_0():
    assert (
        "After 5 steps RMSprop's loss is"
        in explore(rmsprop, on=ravine, steps=5, eta=lambda t: 0.1 * min(1, t / 10)).readout
    )


@pytest.mark.parametrize(
    "eta, name, first",
    [
        (step(drop=0.0), "drop", 0.0),
        (inverse_time(decay=0.0), "decay", 0.0),
        (exponential(decay=0.0), "decay", 0.0),
    ],
)
def test_guessed_positions_that_a_schedule_refuses_are_left_out(eta, name, first):
    control = explore(gradient_descent, on=ravine, steps=5, eta=eta).controls[name]
    assert min(control.values) == first and control.value == first and len(control.values) > 3


def test_a_word_of_a_schedule_is_left_alone():
    assert set(explore(gradient_descent, on=ravine, steps=5, eta=preset(kind="step")).controls) == {
        "eta",
        "half",
    }


@pytest.mark.parametrize("decay", [1, 3])
def test_whole_numbers_in_a_schedule_do_not_overflow(decay):
    grid = descend(gradient_descent, ravine, 50, eta=exponential(eta=1e-20, decay=np.array([decay, decay])))
    alone = descend(gradient_descent, ravine, 50, eta=exponential(eta=1e-20, decay=decay))
    assert np.allclose(grid.w[:, 0], alone.w, rtol=1e-12) and grid.how == "side by side"


@schedule
def cosine(t, *, eta=0.1, period=50):
    return eta * (1 + math.cos(math.pi * t / period)) / 2


@pytest.mark.parametrize(
    "eta",
    [
        exponential,
        exponential(decay=0.5),
        preset(kind="1/t"),
        cosine(period=3),
        step(every=np.array([5, 10])),
    ],
)
def test_a_schedule_and_its_run_can_be_pickled(eta):
    again = pickle.loads(pickle.dumps(eta))
    assert repr(again) == repr(eta) and np.array_equal(again(7), eta(7)) and again.__doc__ == eta.__doc__
    run = descend(adagrad, ravine, 5, eta=eta)
    assert np.array_equal(pickle.loads(pickle.dumps(run)).w, run.w)


# the record


@pytest.mark.parametrize(
    "rates, rises, falls",
    [
        ([-0.1, -0.1, -0.1], False, False),
        ([0.1, 0.1, 0.1], False, False),
        ([-0.1, -0.1, -0.05], True, False),
        ([-0.05, -0.05, -0.1], False, True),
        ([-0.1, -0.01, 0.1], True, False),
        ([0.1, 0.01, -0.1], False, True),
        ([0.0, 0.0, 0.0], False, False),
        ([np.nan] * 3, False, False),
        ([-0.2, -0.1, -0.1], True, False),
        ([np.inf] * 3, False, False),
    ],
)
def test_a_rate_below_0_turns_as_any_number_does(rates, rises, falls):
    assert [bool(x) for x in turns(*map(np.array, rates))] == [rises, falls]


def test_a_start_of_infinite_loss_is_no_end_where_the_run_comes_away():
    class Pole:
        start = [0.0]

        def loss(self, w):
            return 1 / w[..., 0] ** 2

        def gradient(self, w):
            return np.where(w == 0, -1.0, -2 / w**3)

    for knobs in ({}, {"eta": [0.1, 0.5]}):
        away = descend(gradient_descent, Pole(), 9, **knobs)
        assert (
            np.isinf(away.loss[0]).all()
            and np.isfinite(away.loss[1:]).all()
            and (away.diverged_at == -1).all()
        )
    assert descend(lambda g, *, eta=0.1: 0 * g, Pole(), 9).diverged_at == 0


def test_the_loss_of_a_surface_by_hand_is_real():
    class Complex:
        start = [1.0]

        def loss(self, w):
            return w[..., 0] * 1j

        def gradient(self, w):
            return w

    with pytest.raises(ValueError, match="the loss of Complex is a complex number"):
        descend(adagrad, Complex(), 3)


# any entry, any odd thing: a sentence of ours, or it is taken


class RaisesAsArray:
    def __array__(self, *_, **__):
        raise RuntimeError("no array")


class RaisesAsFloat:
    def __float__(self):
        raise RuntimeError("no number")


class RaisesAsText:
    def __repr__(self):
        raise RuntimeError("no text")


ODD = {
    "nan": np.nan, "inf": np.inf, "-1": -1, "1j": 1j, "True": True, "10⁴⁰⁰": HUGE, "10⁵⁰⁰⁰": 10**5000, "text": "0.1", "bytes": b"1",
    "an empty list": [], "a list in a list": [[]], "a dict": {}, "a set": {1}, "None in an array": np.array([None, 1], dtype=object),
    "texts": np.array(["a"]), "a date": np.datetime64("2020-01-01"), "a span of time": np.timedelta64(3, "s"), "an empty range": range(0),
    "nan in an array": np.array([0.1, np.nan]), "complex numbers": np.array([1j, 2]), "a masked array": masked,
    "fields": np.zeros(2, dtype=[("a", float)]), "what raises as an array": RaisesAsArray(), "what raises as a number": RaisesAsFloat(),
    "what raises as text": RaisesAsText(), "a class": float, "a module": math, "1e308": 1e308, "5e-324": 5e-324, "3 axes": np.ones((2, 2, 2)),
}  # fmt: skip


def square(loss=lambda x, y: x**2 + y**2, slope=lambda x, y: (2 * x, 2 * y), start=(1, 1), view=((-2, 2), (-2, 2)), minima=()):
    return Surface("mine", loss, slope, start, view, minima)


ENTRIES = {
    "descend, η": lambda odd: descend(adagrad, ravine, 3, eta=odd),
    "descend, steps": lambda odd: descend(adagrad, ravine, odd),
    "descend, start": lambda odd: descend(adagrad, ravine, 3, start=odd),
    "descend, memory": lambda odd: descend(adagrad, ravine, 3, memory={"G": odd}),
    "descend, weights kept": lambda odd: descend(adagrad, ravine, 3, keep={"weights": odd}),
    "descend, names kept": lambda odd: descend(adagrad, ravine, 3, keep=odd),
    "descend, rule": lambda odd: descend(odd, ravine, 3),
    "descend, surface": lambda odd: descend(adagrad, odd, 3),
    "a rule's change": lambda odd: descend(lambda g, *, eta=0.1: odd, ravine, 3),
    "a rule's memory": lambda odd: descend(lambda g, G=0.0, *, eta=0.1: (-eta * g, odd), ravine, 3),
    "a schedule's value": lambda odd: descend(gradient_descent, ravine, 3, eta=lambda t: odd),
    "a schedule's parameter": lambda odd: descend(gradient_descent, ravine, 3, eta=exponential(decay=odd)),
    "a loss": lambda odd: square(loss=lambda x, y: odd),
    "a slope": lambda odd: square(slope=lambda x, y: odd),
    "a part of a slope": lambda odd: square(slope=lambda x, y: (2 * x, odd)),
    "a surface's start": lambda odd: square(start=odd),
    "a surface's view": lambda odd: square(view=odd),
    "a surface's minima": lambda odd: square(minima=odd),
    "a point": lambda odd: ravine.loss(odd),
    "moving, every": lambda odd: moving(ravine, every=odd),
    "moving, step": lambda odd: moving(ravine).at(odd),
    "given": lambda odd: given([1, odd]),
    "flat": lambda odd: flat(odd),
    "regression, seed": lambda odd: regression([[1], [2]], [1, 2], batch=1, seed=odd),
    "regression, start": lambda odd: regression([[1], [2]], [1, 2], start=odd),
    "rare feature": lambda odd: rare_feature(odd),
    "network, batch": lambda odd: on_digits(batch=odd),
    "network, inputs": lambda odd: Network(odd, [0, 1], (2, 2)),
    "reach": lambda odd: reach(odd, 3),
    "reach, within": lambda odd: reach(1, odd),
    "target": lambda odd: exercises.target(odd),
    "a card": lambda odd: exercises.predict(odd, None),
    "a card's figure": lambda odd: exercises.predict("ravine edge", odd),
    "memory bars, last": lambda odd: memory_bars(last=odd),
    "race, surface": lambda odd: race_on(odd, (5,), (0.1,), (adagrad,)),
    "race, horizons": lambda odd: race_on(ravine, odd, (0.1,), (adagrad,)),
    "race, values of η": lambda odd: race_on(ravine, (5,), (odd,), (adagrad,)),
    "race, rules": lambda odd: race_on(ravine, (5,), (0.1,), (odd,)),
    "panels": lambda odd: figures.panels(odd),
    "panels, height": lambda odd: figures.panels(1, odd),
    "a picture of a run": lambda odd: figures.loss(odd),
    "a path": lambda odd: figures.path(descend(adagrad, ravine, 3), on=odd),
    "explore, start": lambda odd: explore(adagrad, on=ravine, steps=3, start=odd),
    "explore, beginning": lambda odd: explore(adagrad, on=ravine, steps=3, eps=1e-8, start_at={"eta": odd}),
    "explore, range": lambda odd: explore(adagrad, on=ravine, steps=3, eps=1e-8, eta=(0.1, odd)),
    "explore, positions": lambda odd: explore(adagrad, on=ravine, steps=3, eps=1e-8, eta=[0.1, odd]),
    "explore, goal": lambda odd: explore(adagrad, on=ravine, steps=3, goal=odd),
}


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("entry", ENTRIES)
def test_whatever_is_handed_over_is_taken_or_refused_in_our_words(entry):
    for name, odd in ODD.items():
        try:
            ENTRIES[entry](odd)
        except (TypeError, ValueError) as error:
            last = traceback.extract_tb(error.__traceback__)[-1]
            assert "helpers" in last.filename and "raise" in last.line, f"{name}: {last.filename}: {error}"
            assert len(str(error)) < 1500, f"{name}: {error}"


def test_fractions_are_positions_and_beginnings():
    assert explore(adagrad, on=ravine, steps=3, eta=[Fraction(1, 10), Decimal("0.2")]).controls["eta"].values == [0.1, 0.2]
    assert explore(adagrad, on=ravine, steps=3, start_at={"eta": Fraction(1, 8)}).controls["eta"].value == 0.125


def test_a_surface_that_cannot_be_looked_up_is_raced():
    class Bowl:
        start, minima = np.array([1.0]), [[0.0]]

        def __eq__(self, other):
            return self is other

        def loss(self, w):
            return (w**2).sum(-1)

        def gradient(self, w):
            return 2 * w

    assert race_on(Bowl(), (5,), (0.1, 0.4), (adagrad,)).losses["adagrad"].shape == (1, 2, 10)
