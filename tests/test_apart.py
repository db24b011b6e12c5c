"""A grid equals its single runs, also where a rule or a surface mixes runs only now and then; the record says why."""

import math

import numpy as np
import pytest

from helpers.descent import descend
from helpers.elementwise import Trace
from helpers.network import digits
from helpers.schedules import schedule
from helpers.surfaces import himmelblau, rosenbrock, ravine
from helpers.update_rules import adagrad, adam, gradient_descent, momentum, nesterov, rmsprop

FEW = np.array([0.01, 0.255, 0.5])
MANY = np.append(np.linspace(0.01, 0.45, 98), [0.52, 0.55])  # two of them diverge


def outliers_are_cut(g, *, eta=0.1):
    most = 10 * np.mean(np.abs(g))
    return -eta * np.clip(g, -most, most)


def any_is_steep(g, *, eta=0.1):
    return -eta * g if np.any(g > 3) else -eta * np.sign(g)


def median(g, *, eta=0.1):
    most = 20 * np.median(np.abs(g)) + 1e-3
    return -eta * np.minimum(np.maximum(g, -most), most)


def now_and_then(g, t=0, *, eta=0.1):
    return -eta * (g - 0.01 * g.mean() if t % 7 == 3 else g), t + 1


def largest_of_all(g, G=0.0, *, eta=0.1):
    G = np.maximum(0.9 * G, np.max(np.abs(g)))
    return -eta * g / (G + 1e-8), G


def sorted_out(g, *, eta=0.1):
    g = g.copy()
    g[np.abs(g) > 100 * np.percentile(np.abs(g), 60)] = 0
    return -eta * g


def hidden_by_asarray(g, *, eta=0.1):
    size = np.asarray(g).std()
    return -eta * g * (1.0 if size < 50 else 0.5)


def in_a_loop(g, *, eta=0.1):
    biggest = max(abs(float(x)) for x in np.ravel(g))
    return -eta * g / max(1.0, biggest / 50)


def with_a_product(g, *, eta=0.1):
    return -eta * g / np.sqrt(1 + 1e-3 * np.vdot(g, g))


MIXING = [
    outliers_are_cut,
    any_is_steep,
    median,
    now_and_then,
    largest_of_all,
    sorted_out,
    hidden_by_asarray,
    in_a_loop,
    with_a_product,
]


def assert_is_its_single_runs(rule, surface, steps, etas, of=None):
    grid = descend(rule, surface, steps, eta=etas)
    for i in range(len(etas)) if of is None else of:
        alone = descend(rule, surface, steps, eta=float(etas[i]))
        assert np.allclose(grid.w[:, i], alone.w, rtol=1e-6, atol=1e-12, equal_nan=True), i
    return grid


@pytest.mark.parametrize("rule", MIXING)
@pytest.mark.parametrize(
    "surface, steps, etas, of",
    [(himmelblau, 3, FEW, None), (ravine, 30, MANY, (0, 50, 97, 98, 99))],
    ids=["few", "many"],
)
def test_a_grid_is_its_single_runs_whatever_the_rule_mixes(rule, surface, steps, etas, of):
    assert_is_its_single_runs(rule, surface, steps, etas, of)


def test_a_rule_that_mixes_is_named():
    grid = descend(outliers_are_cut, ravine, 30, eta=MANY)
    assert (grid.how, grid.why) == ("one by one", "the rule mixes weights or runs")


class Cut:
    """A surface that mixes runs: slopes are cut at ten times their median."""

    start, name = np.array([-5.0, -2.0]), "cut"

    def loss(self, w):
        return (w**2).sum(-1)

    def gradient(self, w):
        most = 10 * np.median(np.abs(2 * w))
        return np.clip(2 * w, -most, most)


class CutLater(Cut):
    """And one that does so from step 4 on."""

    def at(self, t):
        return Cut() if t >= 4 else Square()


class Square(Cut):
    def gradient(self, w):
        return 2 * w


class Noisy(Cut):
    def gradient(self, w):
        return 2 * w + np.random.normal(size=w.shape)


@pytest.mark.parametrize("surface", [Cut(), CutLater()])
def test_a_surface_that_mixes_runs_is_found_out(surface):
    etas = np.append(np.linspace(0.01, 0.9, 98), [1.05, 1.1])
    grid = assert_is_its_single_runs(gradient_descent, surface, 60, etas, (0, 40, 97, 98, 99))
    assert (grid.how, grid.why) == ("one by one", "the surface takes one point at a time")


def warm(g, t=0, *, eta=0.1, warm=10):
    t = t + 1
    return -eta * (t / warm if t < warm else 1) * g, t


def raises(g, *, eta=0.1, k=1):
    if np.any(np.asarray(k) > 2):
        raise LookupError("no such k")
    return -eta * g


def by_number(g, *, eta=0.1):
    return -eta * g if g > 0 else -eta * g


@schedule
def cosine(t, *, eta=0.1, period=50):
    return eta * (1 + math.cos(math.pi * t / period)) / 2 if t < period else 0.0


class OnePoint(Square):
    def loss(self, w):
        return float(w[0]) ** 2 + float(w[1]) ** 2


@pytest.mark.parametrize(
    "rule, surface, knobs, why",
    [
        (warm, ravine, {"warm": [5, 10]}, "the rule takes one number at a time"),
        (
            gradient_descent,
            ravine,
            {"eta": cosine(period=[20, 50])},
            "the schedule takes one number at a time",
        ),
        (gradient_descent, OnePoint(), {"eta": [0.1, 0.2]}, "the surface takes one point at a time"),
        (gradient_descent, Noisy(), {"eta": [0.1, 0.2]}, "the surface is random"),
        (lambda g, *, eta=0.1, mode="a": -eta * g, ravine, {"mode": ["a", "b"]}, "a knob is a word"),
        (by_number, ravine, {"eta": [0.1, 0.2]}, "the rule takes one number at a time"),
        (with_a_product, ravine, {"eta": [0.1, 0.2]}, "the rule mixes weights or runs"),
        (adagrad, ravine, {"eta": [0.1, 0.2]}, ""),
        (adagrad, ravine, {}, ""),
    ],
)
def test_the_record_says_what_kept_it_from_running_side_by_side(rule, surface, knobs, why):
    run = descend(rule, surface, 5, **knobs)
    assert run.why == why and (run.how == "side by side") == (why == "")


def test_an_error_at_some_settings_is_told_as_it_is():
    with pytest.raises(LookupError, match="no such k"):
        descend(raises, ravine, 5, k=[1, 3])
    assert descend(raises, ravine, 5, k=[1, 2]).how == "side by side"


# what proves a rule elementwise


def traced(rule, g, *memory, **knobs):
    trace = Trace()
    result = trace.plain(
        rule(
            trace.array(g),
            *map(trace.array, memory),
            **{name: trace.array(np.array([x])) for name, x in knobs.items()},
        )
    )
    return trace.mixes, result


G = np.array([0.5, -2.0])


@pytest.mark.parametrize(
    "rule, memory",
    [
        (gradient_descent, ()),
        (momentum, (G,)),
        (nesterov, (G,)),
        (adagrad, (G**2,)),
        (rmsprop, (G**2,)),
        (adam, (G, G**2, np.array(3))),
    ],
)
def test_the_rules_of_the_house_are_proven_to_be_elementwise(rule, memory):
    mixes, result = traced(rule, G, *memory, eta=0.1)
    plain = rule(G, *memory, eta=0.1)
    assert not mixes
    for told, right in zip(result if memory else (result,), plain if memory else (plain,)):
        assert np.allclose(told, right, rtol=1e-14)


def masked(g):
    g = g.copy()
    g[g > 0] = 0.0
    return g


@pytest.mark.parametrize(
    "rule",
    [
        lambda g: -np.sign(g) * np.minimum(np.abs(g), 1),
        lambda g: np.where(g > 0, g, -g),
        lambda g: np.clip(g, -1, 1),
        lambda g: g.clip(-1, 1),
        masked,
        lambda g: np.nan_to_num(1 / g),
        lambda g: np.zeros_like(g),
        lambda g: g / np.maximum.reduce(g, axis=-1, keepdims=True),
        lambda g: abs(g) ** 0.5,
    ],
)
def test_what_keeps_every_number_in_its_place_is_seen_to(rule):
    mixes, result = traced(rule, G)
    assert not mixes and np.allclose(result, rule(G.copy()))


@pytest.mark.parametrize(
    "rule",
    [
        lambda g: g - g.mean(),
        lambda g: g / np.linalg.norm(g),
        lambda g: g * np.sum(g),
        lambda g: g[::-1],
        lambda g: np.sort(g),
        lambda g: g @ np.eye(2),
        lambda g: np.roll(g, 1),
        lambda g: g if (g > 0).any() else -g,
        lambda g: g - np.asarray(g).mean(),
        lambda g: g * float(g[0]),
        lambda g: np.cumsum(g),
        lambda g: g * max(g),
        lambda g: np.add.accumulate(g),
        lambda g: g - np.maximum.reduce(g),
        lambda g: np.array([x for x in g]),
        lambda g: g * len(g),
        lambda g: g * g.shape[0],
    ],
)
def test_what_may_mix_numbers_is_noted(rule):
    assert traced(rule, G)[0]


def test_networks_of_a_grid_are_still_trained_side_by_side():
    run = descend(adagrad, digits, 6, eta=[0.05, 0.1, 0.2], keep=["loss"])
    assert (run.how, run.why) == ("side by side", "")
    assert descend(adam, rosenbrock, 40, eta=np.geomspace(1e-3, 0.3, 20)).how == "side by side"
