"""The loop: what it records, that a grid equals its single runs, and that whatever a reader writes as a rule is run rightly."""

import functools
import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.descent import descend
from helpers.record import steps_back, why_undefined
from helpers.schedules import exponential
from helpers.surfaces import Surface, beale, bowl, himmelblau, moving, ravine, rosenbrock, saddle, turned_ravine, wall
from helpers.update_rules import adagrad, adam, gradient_descent, momentum, nesterov, rmsprop

RULES = [gradient_descent, momentum, nesterov, adagrad, rmsprop, adam]
every_rule = pytest.mark.parametrize("rule", RULES)


@pytest.fixture(autouse=True)
def no_warning_reaches_the_reader():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


# rules of a reader


def clipped_step(g, *, eta=0.1, most=0.3):
    return -np.clip(eta * g, -most, most)


def clipped_by_norm(g, *, eta=0.1, most=1.0):
    size = np.sqrt((g**2).sum())
    return -eta * g * min(1.0, most / size)


def sign_descent(g, *, eta=0.1):
    return -eta * np.sign(g)


def adadelta(g, G=0.0, x=0.0, *, eta=1.0, rho=0.9, eps=1e-6):
    G = rho * G + (1 - rho) * g**2
    d = np.sqrt(x + eps) / np.sqrt(G + eps) * g
    return -eta * d, G, rho * x + (1 - rho) * d**2


def four_knobs(g, m=0.0, *, eta=0.1, a=0.5, b=1.0, c=0.1):
    m = a * m + b * g
    return -eta * m / (1 + c * np.abs(m)), m


def in_place(g, G=0.0, *, eta=0.1, beta=0.9, eps=1e-8):
    G *= beta
    G += (1 - beta) * g**2
    eta *= 1.0
    g *= -eta
    g /= np.sqrt(G) + eps
    return g, G


def with_if(g, last=0.0, *, eta=0.1, boost=1.2):
    if g * last < 0:
        return -boost * eta * g, g
    return -eta * g, g


def with_math(g, G=0.0, *, eta=0.1, eps=1e-8):
    G = G + g**2
    return -eta / (math.sqrt(G) + eps) * g, G


def with_counter_and_if(g, t=0, *, eta=0.1, every=3):
    if g > 1 and t % every == 0:
        return -0.5 * eta * g, t + 1
    return -eta * g, t + 1


def total_memory(g, G=0.0, *, eta=0.1):
    """AdaGrad-norm: one G for all weights. Its first change does not show that runs are mixed, its memory does."""
    dw = -eta / np.sqrt(1 + G) * g
    return dw, G + np.sum(g**2)


def any_outburst(g, *, eta=0.1):
    """Harmless until some run has a large gradient; then all are stopped."""
    return -eta * g * (0.0 if np.abs(g).max() > 60 else 1.0)


def words(g, *, eta=0.1, mode="plain", careful=True):
    return -eta * (g if mode == "plain" else np.sign(g)) * (0.5 if careful else 1.0)


ELEMENTWISE = [clipped_step, sign_descent, adadelta, four_knobs, in_place]
MIXING = [clipped_by_norm, total_memory, any_outburst]
BY_NUMBER = [with_if, with_math, with_counter_and_if]


def assert_grid_is_its_single_runs(rule, surface, grid, steps, rtol=1e-9, **knobs):
    arrays = {name: value for name, value in knobs.items() if isinstance(value, np.ndarray)}
    for index in np.ndindex(*grid.runs):
        one = {name: np.broadcast_to(value, grid.runs)[index].item() for name, value in arrays.items()}
        alone = descend(rule, surface, steps=steps, **{**knobs, **one})
        for name in ["w", "loss", "g", "dw", *grid.memory]:
            assert np.allclose(getattr(grid, name)[(slice(None), *index)], getattr(alone, name), rtol=rtol, atol=1e-12, equal_nan=True), (name, index)
        if grid.rate is not None:
            assert np.allclose(grid.rate[(slice(None), *index)], alone.rate, rtol=rtol, atol=0, equal_nan=True)
        assert grid.diverged_at[index] == alone.diverged_at and grid.undefined_at[index] == alone.undefined_at


# the record


@every_rule
def test_the_record_has_the_promised_shapes(rule):
    run = descend(rule, ravine, steps=7)
    assert run.w.shape == (8, 2) and run.loss.shape == (8,) and run.g.shape == run.dw.shape == run.step.shape == (7, 2)
    assert all(getattr(run, name).shape == (8, 2) for name in run.memory)
    grid = descend(rule, ravine, steps=7, eta=np.array([0.01, 0.1, 0.2])[:, None], **({"beta": np.array([0.5, 0.9])} if rule is rmsprop else {}))
    runs = (3, 2) if rule is rmsprop else (3, 1)
    assert grid.runs == runs and grid.w.shape == (8, *runs, 2) and grid.loss.shape == (8, *runs) and grid.dw.shape == (7, *runs, 2)
    assert grid.diverged_at.shape == grid.undefined_at.shape == runs


@every_rule
def test_row_t_is_the_step_from_w_t_to_the_next(rule):
    run = descend(rule, rosenbrock, steps=20, eta=0.001)
    assert np.array_equal(run.w[1:], run.w[:-1] + run.dw) and np.array_equal(run.step, np.abs(run.dw))
    assert np.array_equal(run.g, rosenbrock.gradient(run.w[:-1])) and np.array_equal(run.loss, rosenbrock.loss(run.w))
    assert run.w[0].tolist() == rosenbrock.start.tolist()


def test_the_memory_is_recorded_from_before_the_first_step():
    run = descend(adagrad, ravine, steps=5)
    assert run.G[0].tolist() == [0, 0] and np.allclose(run.G[1:], np.cumsum(run.g**2, axis=0))
    assert descend(adam, ravine, steps=5).t[:, 0].tolist() == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("rule", [gradient_descent, adagrad, rmsprop])
def test_the_rate_is_minus_dw_over_g(rule):
    run = descend(rule, ravine, steps=30)
    assert np.allclose(run.rate, -run.dw / run.g, rtol=1e-14, atol=0)


@pytest.mark.parametrize("steps", [1, 2, 3, 50])
@pytest.mark.parametrize("rule", [momentum, nesterov, adam])
def test_a_rule_whose_change_does_not_lie_along_g_has_no_rate(rule, steps):
    assert descend(rule, ravine, steps=steps).rate is None
    assert descend(rule, ravine, steps=steps, eta=np.array([0.1, 0.2])).rate is None


class Flat:
    """A slope in the first weight only: the second gradient is exactly 0."""

    start = [-1.0, 2.0]

    def loss(self, w):
        return w[..., 0] ** 2

    def gradient(self, w):
        return np.stack([2 * w[..., 0], 0 * w[..., 1]], axis=-1)


@pytest.mark.parametrize("rule, knobs, limit", [
    (gradient_descent, {"eta": 0.3}, 0.3),
    (adagrad, {"eta": 0.3, "eps": 1e-3}, 300.0),
    (rmsprop, {"eta": 0.3, "eps": 0.5}, 0.6),
    (rmsprop, {"eta": 0.3, "eps": 0}, np.inf),
    (sign_descent, {"eta": 0.3}, np.inf),
    (with_math, {"eta": 0.3, "eps": 1e-3}, 300.0),
])
def test_at_g_0_the_rate_is_what_it_tends_to(rule, knobs, limit):
    run = descend(rule, Flat(), steps=3, **knobs)
    assert np.allclose(run.rate[0, 1], limit, rtol=1e-12)
    remembered = descend(adagrad, Flat(), steps=3, memory={"G": 4.0}, eta=0.3, eps=0)
    assert np.allclose(remembered.rate[:, 1], 0.15, rtol=1e-14)


@given(st.floats(-300, -160))
def test_the_rate_has_all_its_digits_where_the_gradient_has_almost_died(decade):
    run = descend(gradient_descent, bowl, steps=3, start=10.0**decade, eta=1e-4)
    assert np.allclose(run.rate, 1e-4, rtol=1e-14, atol=0)


def test_what_was_not_recorded_is_said():
    run = descend(adagrad, ravine, keep=["loss"])
    with pytest.raises(AttributeError, match="no 'w'; it has loss"):
        run.w
    with pytest.raises(AttributeError, match="no 'step'"):
        run.step


# what goes in


@pytest.mark.parametrize("start", [(-5, -2), [-5, -2], np.array([-5, -2]), np.array([-5, -2], dtype=np.float32), np.array([-5, -2], dtype=np.int8), range(-5, 0, 3)])
@every_rule
def test_a_run_is_float64_whatever_the_start_is_made_of(rule, start):
    run, usual = descend(rule, ravine, steps=9, start=start), descend(rule, ravine, steps=9)
    for name in ["w", "loss", "g", "dw", *run.memory]:
        assert getattr(run, name).dtype == np.float64 and np.array_equal(getattr(run, name), getattr(usual, name))


@pytest.mark.parametrize("eta", [1, 1.0, np.int64(1), np.uint8(1), np.float32(1), np.array(1), np.array(1.0)])
def test_a_knob_may_be_any_kind_of_number(eta):
    run = descend(adagrad, ravine, steps=9, eta=eta)
    assert run.runs == () and np.array_equal(run.w, descend(adagrad, ravine, steps=9, eta=1.0).w)


@pytest.mark.parametrize("eta", [[0.1, 0.2], (0.1, 0.2), np.array([0.1, 0.2])])
def test_a_list_of_values_is_a_set_of_runs(eta):
    assert descend(adagrad, ravine, steps=3, eta=eta).w.shape == (4, 2, 2)
    assert descend(adagrad, ravine, steps=3, eta=[1, 2]).dw[0, :, 0].tolist() == pytest.approx([1, 2])
    assert descend(adagrad, ravine, steps=3, eta=[0.1]).runs == (1,)


def test_a_grid_is_made_as_numpy_broadcasts():
    eta, beta, eps = np.array([0.1, 0.2, 0.3])[:, None, None], np.array([0.5, 0.9])[:, None], np.array([0, 1e-8, 1e-3, 1])
    run = descend(rmsprop, ravine, steps=12, eta=eta, beta=beta, eps=eps)
    assert run.runs == (3, 2, 4) and run.how == "side by side"
    assert_grid_is_its_single_runs(rmsprop, ravine, run, 12, eta=eta, beta=beta, eps=eps)


def test_callers_arrays_are_left_as_they_were():
    start, eta, G = np.array([-5.0, -2.0]), np.array([0.1, 0.2]), np.array([1.0, 2.0])
    descend(in_place, ravine, steps=5, start=start, eta=eta, memory={"G": G})
    assert start.tolist() == [-5, -2] and eta.tolist() == [0.1, 0.2] and G.tolist() == [1, 2] and ravine.start.tolist() == [-5, -2]


def test_memory_may_start_elsewhere():
    run = descend(adagrad, ravine, steps=3, memory={"G": 0.1})
    assert run.G[0].tolist() == [0.1, 0.1] and np.allclose(run.G[1], 0.1 + run.g[0] ** 2)
    assert descend(adagrad, ravine, steps=3, memory={"G": [1, 2]}).G[0].tolist() == [1, 2]
    assert descend(adagrad, ravine, steps=3, memory={"G": np.array([1, 2])}, eta=[0.1, 0.2]).G[0].tolist() == [[1, 2], [1, 2]]
    assert descend(adam, ravine, steps=3, memory={"t": 5, "m": 1}).t[:, 0].tolist() == [5, 6, 7, 8]


@pytest.mark.parametrize("default", [0, 0.0, [0.0, 0.0], np.zeros(2), np.float32(0), (0, 0)])
def test_a_memory_may_begin_as_any_number_or_array(default):
    def mine(g, G=default, *, eta=0.4, eps=1e-8):
        G = G + g**2
        return -eta / (np.sqrt(G) + eps) * g, G

    for _ in range(2):
        assert np.array_equal(descend(mine, ravine, steps=6).w, descend(adagrad, ravine, steps=6).w)
        assert descend(mine, ravine, steps=6, eta=[0.1, 0.4]).how == "side by side"


def test_memory_that_begins_with_none_or_a_flag_is_left_so():
    def first_difference(g, last=None, started=False, *, eta=0.1):
        if last is None:
            assert started is False
            return -eta * g, g, True
        return -eta * (g + 0.1 * (g - last)), g, True

    run = descend(first_difference, ravine, steps=4)
    assert np.isnan(run.last[0]).all() and np.array_equal(run.last[1:], run.g) and run.started[:, 0].tolist() == [0, 1, 1, 1, 1]
    assert descend(first_difference, ravine, steps=4, eta=[0.1, 0.2]).how == "side by side"


def test_keep_names_what_is_recorded():
    whole = descend(rmsprop, ravine, steps=20, eta=[0.1, 0.2])
    some = descend(rmsprop, ravine, steps=20, eta=[0.1, 0.2], keep=["loss", "rate"])
    assert np.array_equal(some.loss, whole.loss) and np.array_equal(some.rate, whole.rate) and "w" not in vars(some)
    assert np.array_equal(descend(rmsprop, ravine, steps=20, eta=[0.1, 0.2], keep="loss").loss, whole.loss)
    assert np.array_equal(descend(rmsprop, ravine, steps=20, eta=[0.1, 0.2], keep=["step"]).step, whole.step)


def test_keep_names_weights_and_rows():
    whole = descend(rmsprop, ravine, steps=20, eta=[0.1, 0.2])
    some = descend(rmsprop, ravine, steps=20, eta=[0.1, 0.2], keep={"weights": [1], "steps": [20, 0, 3, 3]})
    assert some.rows.tolist() == [0, 3, 20] and some.steps == 20
    for name in ("w", "G"):
        assert np.array_equal(getattr(some, name), getattr(whole, name)[[0, 3, 20]][..., [1]])
    for name in ("g", "dw", "rate"):
        assert np.array_equal(getattr(some, name), getattr(whole, name)[[0, 3]][..., [1]])
    assert np.array_equal(some.loss, whole.loss[[0, 3, 20]])
    only_loss = descend(rmsprop, ravine, steps=20, keep={"quantities": "loss", "steps": range(0, 21, 5)})
    assert only_loss.loss.shape == (5,)
    assert descend(rmsprop, ravine, steps=20, keep={"weights": np.array([False, True])}).w.shape == (21, 1)


# a grid equals its single runs


@every_rule
@settings(max_examples=15)
@given(etas=st.lists(st.floats(1e-4, 0.3), min_size=1, max_size=5), share=st.lists(st.floats(0, 0.99), min_size=1, max_size=3), which=st.sampled_from([ravine, beale, wall, saddle]))
def test_a_grid_of_runs_equals_its_single_runs(rule, etas, share, which):
    name = {momentum: "alpha", nesterov: "alpha", rmsprop: "beta", adam: "beta2"}.get(rule)
    knobs = {"eta": np.array(etas)[:, None], **({name: np.array(share)} if name else {})}
    grid = descend(rule, which, steps=12, **knobs)
    assert grid.how == "side by side"
    assert_grid_is_its_single_runs(rule, which, grid, 12, rtol=1e-7, **knobs)


@pytest.mark.parametrize("rule", [gradient_descent, momentum, nesterov, adagrad, rmsprop])
@pytest.mark.parametrize("surface", [rosenbrock, himmelblau, beale, ravine])
def test_a_grid_is_its_single_runs_to_the_last_bit_so_that_chaos_cannot_part_them(rule, surface):
    eta = np.array([1e-4, 0.01, 0.2])
    grid = descend(rule, surface, steps=300, eta=eta)
    for i in range(3):
        assert np.array_equal(grid.w[:, i], descend(rule, surface, steps=300, eta=eta[i]).w, equal_nan=True)


@pytest.mark.parametrize("rule", ELEMENTWISE)
def test_an_elementwise_rule_of_the_reader_runs_side_by_side(rule):
    eta = np.array([0.01, 0.1, 0.5])
    grid = descend(rule, ravine, steps=40, eta=eta)
    assert grid.how == "side by side"
    assert_grid_is_its_single_runs(rule, ravine, grid, 40, eta=eta)


@pytest.mark.parametrize("rule", MIXING)
def test_a_rule_that_mixes_runs_is_found_out_and_run_one_by_one(rule):
    eta = np.array([[0.01, 0.1, 0.3], [0.05, 0.2, 0.6]])
    grid = descend(rule, ravine, steps=40, eta=eta)
    assert grid.how == "one by one"
    assert_grid_is_its_single_runs(rule, ravine, grid, 40, eta=eta)


@pytest.mark.parametrize("rule", BY_NUMBER)
def test_a_rule_that_cannot_take_arrays_is_called_number_by_number(rule):
    eta = np.array([0.01, 0.1, 0.3])
    grid = descend(rule, ravine, steps=15, eta=eta)
    assert grid.how == descend(rule, ravine, steps=15).how == "number by number"
    assert_grid_is_its_single_runs(rule, ravine, grid, 15, eta=eta)


def test_number_by_number_is_the_same_as_arrays():
    assert np.allclose(descend(with_math, ravine, steps=20, eta=0.4).w, descend(adagrad, ravine, steps=20, eta=0.4).w, rtol=1e-12)


def test_a_rule_that_branches_on_a_knob_runs_one_by_one():
    def branches(g, *, eta=0.1):
        return -eta * g if eta < 0.15 else -0.15 * g

    eta = np.array([0.1, 0.2, 0.3])
    grid = descend(branches, ravine, steps=5, eta=eta)
    assert grid.how == "one by one"
    assert_grid_is_its_single_runs(branches, ravine, grid, 5, eta=eta)


def test_words_and_flags_are_knobs_too():
    assert np.allclose(descend(words, ravine, steps=3, mode="sign").step, 0.05)
    grid = descend(words, ravine, steps=3, mode=["plain", "sign"], careful=np.array([[True], [False]]), eta=0.1)
    assert grid.runs == (2, 2) and grid.how == "one by one" and np.allclose(grid.step[:, 1, 1], 0.1) and np.allclose(grid.step[:, 0, 1], 0.05)


def test_words_in_a_rule_that_cannot_take_arrays():
    def fussy(g, *, eta=0.1, mode="plain"):
        return -eta * g if g > 0 or mode == "plain" else -2 * eta * g

    grid = descend(fussy, ravine, steps=3, mode=["plain", "double"])
    assert grid.how == "number by number" and np.allclose(grid.rate[0], [[0.1, 0.1], [0.2, 0.2]])


def test_a_knob_whose_default_is_a_pair_is_one_value():
    def pair(g, m=0.0, *, eta=0.1, betas=(0.5, 0.25)):
        m = betas[0] * m + betas[1] * g
        return -eta * m, m

    assert descend(pair, ravine, steps=3).runs == () and descend(pair, ravine, steps=3, betas=(0.9, 0.1), eta=[0.1, 0.2]).runs == (2,)


def test_schedules_with_arrays_run_one_by_one_too():
    eta = exponential(eta=np.array([0.1, 0.3]), decay=np.array([[0.9], [0.99]]))
    grid = descend(clipped_by_norm, ravine, steps=20, eta=eta)
    assert grid.how == "one by one" and grid.runs == (2, 2)
    for i, j in np.ndindex(2, 2):
        alone = descend(clipped_by_norm, ravine, steps=20, eta=exponential(eta=[0.1, 0.3][j], decay=[0.9, 0.99][i]))
        assert np.allclose(grid.w[:, i, j], alone.w, rtol=1e-12)
    bare = descend(clipped_by_norm, ravine, steps=5, eta=lambda t: np.array([0.1, 0.2]) / (t + 1))
    assert bare.runs == (2,) and np.allclose(bare.w[:, 1], descend(clipped_by_norm, ravine, steps=5, eta=lambda t: 0.2 / (t + 1)).w)


# shapes in which a rule may come


class Callable:
    def __call__(self, g, G=0.0, *, eta=0.4, eps=1e-8):
        return adagrad(g, G, eta=eta, eps=eps)

    def method(self, g, G=0.0, *, eta=0.4, eps=1e-8):
        return adagrad(g, G, eta=eta, eps=eps)


def wrapped(rule):
    @functools.wraps(rule)
    def inner(*args, **kwargs):
        return rule(*args, **kwargs)

    return inner


@pytest.mark.parametrize("rule", [
    Callable(), Callable().method, wrapped(adagrad), functools.partial(adagrad, eta=0.4), functools.partial(adagrad, eps=1e-8),
    lambda g, G=0.0, *, eta=0.4, eps=1e-8: adagrad(g, G, eta=eta, eps=eps),
], ids=["callable", "method", "wrapped", "partial eta", "partial eps", "lambda"])
def test_a_rule_may_be_anything_that_can_be_called(rule):
    assert np.array_equal(descend(rule, ravine, steps=6).w, descend(adagrad, ravine, steps=6).w)
    assert descend(rule, ravine, steps=6, eps=[1e-8, 1e-3]).how == "side by side"
    assert descend(rule, ravine, steps=3).rule


@pytest.mark.parametrize("rule, dw", [
    (lambda g, *, eta=1: g, [-1, -8]),
    (lambda g, *, eta=1: np.array([1, 2]), [1, 2]),
    (lambda g, *, eta=1: (-eta * g,), [1, 8]),
    (lambda g, *, eta=1: -eta * g.astype(np.float32), [1, 8]),
    (lambda g, *, eta=1: g > 0, [0, 0]),
], ids=["the gradient itself", "whole numbers", "in a tuple", "float32", "booleans"])
def test_a_change_may_be_any_array_of_numbers(rule, dw):
    run = descend(rule, ravine, steps=2)
    assert run.dw.dtype == float and run.dw[0].tolist() == pytest.approx(dw)
    assert np.array_equal(run.g[0], ravine.gradient(ravine.start))


def test_a_rule_that_works_in_place_spoils_nothing():
    def through(g, G=0.0, *, eta=0.1):
        G += g**2
        g *= -eta
        return g, G

    run = descend(through, ravine, steps=5)
    assert np.array_equal(run.g, ravine.gradient(run.w[:-1])) and np.allclose(run.G[1:], np.cumsum(run.g**2, axis=0)) and np.allclose(run.rate, 0.1)
    assert np.allclose(descend(in_place, ravine, steps=9).w, descend(rmsprop, ravine, steps=9).w, rtol=1e-13)


def test_a_rule_without_a_knob_can_be_run():
    assert descend(lambda g: -0.1 * g, ravine, steps=3).runs == ()


# surfaces


class ByHand:
    start = [3, 4]

    def loss(self, w):
        return (w**2).sum(-1)

    def gradient(self, w):
        return 2 * w


def test_a_surface_may_be_written_by_hand():
    run = descend(adagrad, ByHand(), steps=5, eta=[0.1, 0.2])
    assert run.w.shape == (6, 2, 2) and run.how == "side by side" and run.surface == "ByHand"


def test_a_surface_that_works_in_place_spoils_nothing():
    class Rough(ByHand):
        def gradient(self, w):
            w *= 2
            return w

        def loss(self, w):
            w **= 2
            return w.sum(-1)

    assert np.array_equal(descend(adagrad, Rough(), steps=5).w, descend(adagrad, ByHand(), steps=5).w)


def test_a_surface_for_one_point_only_runs_one_by_one():
    class OnePoint(ByHand):
        def loss(self, w):
            return w[0] ** 2 + w[1] ** 2

        def gradient(self, w):
            return [2 * w[0], 2 * w[1]]

    eta = np.array([0.1, 0.2])  # two runs, two weights: nothing but the numbers is wrong
    grid = descend(gradient_descent, OnePoint(), steps=5, eta=eta)
    assert grid.how == "one by one"
    assert_grid_is_its_single_runs(gradient_descent, OnePoint(), grid, 5, eta=eta)
    assert descend(gradient_descent, OnePoint(), steps=5, eta=[0.1, 0.2, 0.3]).how == "one by one"


def test_a_surface_that_changes_is_asked_once_before_each_step():
    class Told:
        start, asked = [1.0, 2.0], []

        def at(self, t):
            self.asked.append(t)
            return ByHand()

        def loss(self, w):
            raise AssertionError

        gradient = loss

    for knobs in ({}, {"eta": [0.1, 0.2]}):
        Told.asked.clear()
        descend(adagrad, Told(), steps=9, **knobs)
        assert Told.asked == list(range(9))


def test_a_minimum_that_jumps_is_followed():
    run = descend(rmsprop, moving(bowl, every=40, jump=2), steps=80, eta=0.1)
    assert abs(run.w[40, 0]) < 0.5 and abs(run.w[80, 0] - 2) < 0.2


@every_rule
def test_one_weight_works_alone_and_in_a_grid(rule):
    assert descend(rule, bowl, steps=5).w.shape == (6, 1)
    grid = descend(rule, bowl, steps=5, eta=np.array([0.1, 0.2, 0.3]))
    assert grid.w.shape == (6, 3, 1)
    assert_grid_is_its_single_runs(rule, bowl, grid, 5, eta=np.array([0.1, 0.2, 0.3]))


@every_rule
def test_a_network_of_2410_weights_is_a_surface_like_any_other(rule):
    class Many:
        h, start = np.geomspace(0.01, 10, 2410), np.ones(2410)

        def loss(self, w):
            return 0.5 * (self.h * w**2).sum(-1)

        def gradient(self, w):
            return self.h * w

    run = descend(rule, Many(), steps=20, eta=0.01, keep={"weights": [0, 2409]})
    assert run.w.shape == (21, 2) and run.loss[-1] < run.loss[0]
    grid = descend(rule, Many(), steps=20, eta=[0.01, 0.02], keep=["loss"])
    assert grid.how == "side by side" and np.allclose(grid.loss[:, 0], run.loss, rtol=1e-12)


# divergence, and 0/0


@pytest.mark.parametrize("surface, rule", [(ravine, gradient_descent), (rosenbrock, gradient_descent), (beale, momentum), (himmelblau, nesterov)])
def test_a_run_that_diverges_ends_without_a_warning_and_says_when(surface, rule):
    run = descend(rule, surface, steps=3000, eta=0.9)
    assert not np.isfinite(run.loss[-1]) and not np.isfinite(run.w[-1]).all()
    assert 0 < run.diverged_at < 3000 and run.undefined_at == -1
    assert np.isfinite(run.loss[: run.diverged_at]).all() and (run.loss[run.diverged_at :] > 1e6).sum() + np.isnan(run.loss).sum() == 3001 - run.diverged_at


def test_steps_are_counted_from_each_jump_until_a_hundredth_of_what_it_made():
    loss = np.array([8.0, 1, 0.08, 0.01, 5, 4, 3, 2, 6, 0.01, 9, 0])
    assert steps_back(loss, 4).tolist() == [2, -1, 1]
    assert steps_back(np.stack([loss, loss[::-1]], axis=-1), 4).shape == (3, 2)
    assert steps_back(np.array([8.0, 1, 0.08]), 2).tolist() == [-1], "the last loss is after the last step, and begins no jump"
    assert steps_back(np.array([np.inf, 1, 0.0, 0.0]), 2).tolist() == [-1, 0], "what diverged has recovered from nothing; what was 0 has"


def test_in_a_grid_only_the_run_that_diverges_is_said_to():
    run = descend(gradient_descent, ravine, steps=400, eta=np.array([0.1, 0.499, 0.51, 2.0]))
    assert (run.diverged_at >= 0).tolist() == [False, False, True, True] and run.diverged_at[2] > run.diverged_at[3]
    assert np.isfinite(run.loss[:, :2]).all()


def test_a_run_that_overshoots_and_comes_back_has_not_diverged():
    run = descend(adagrad, rosenbrock, steps=400, eta=50.0)
    assert run.loss.max() > 1e8 and run.loss[-1] < 1e6 and run.diverged_at == -1


def test_0_over_0_is_told_apart_from_divergence():
    for rule in (adagrad, rmsprop, adam):
        run = descend(rule, Flat(), steps=5, eps=0)
        assert run.undefined_at == 0 and run.diverged_at == -1 and np.isnan(run.w[1:, 1]).all()
        assert descend(rule, Flat(), steps=5).undefined_at == -1
    grid = descend(rmsprop, Flat(), steps=5, eps=np.array([0, 1e-8]))
    assert grid.undefined_at.tolist() == [0, -1] and grid.diverged_at.tolist() == [-1, -1]
    assert grid.zero_over_zero.tolist() == [True, False] and why_undefined(grid).tolist() == [2, 0]


def test_the_root_of_a_negative_number_is_no_0_over_0():
    def no_square(g, G=0.0, *, eta=0.1):
        G = G + g
        return -eta / np.sqrt(G) * g, G

    run = descend(no_square, ravine, steps=5)  # both slopes are below 0 at the start
    assert run.undefined_at == 0 and not run.zero_over_zero and why_undefined(run) == 0
    run = descend(no_square, ravine, steps=5, start=(-5, 0))  # and one is 0 here: 0/0 is not the whole story
    assert run.undefined_at == 0 and not run.zero_over_zero
    run = descend(no_square, ravine, steps=5, start=(5, 0))  # and here it is
    assert run.undefined_at == 0 and run.zero_over_zero and why_undefined(run) == 1
    grid = descend(no_square, ravine, steps=5, start=(5, 0), eta=[0.1, 0.2])
    assert grid.zero_over_zero.all()


def test_0_over_0_may_come_later():
    class Empties(Flat):  # both slopes are 0 from step 3 on
        def at(self, t):
            return self if t < 3 else Still()

    class Still(Flat):
        def gradient(self, w):
            return 0 * w

    run = descend(rmsprop, Empties(), steps=6, eps=0, beta=0.0, memory={"G": 1.0}, start=(-1, 2), keep=["w"])
    assert run.undefined_at == 0  # β = 0: G forgets the 1 at once, and the second slope is 0
    kept = descend(rmsprop, Empties(), steps=6, eps=0, beta=0.5, memory={"G": 1.0})
    assert kept.undefined_at == -1 and np.isfinite(kept.w).all()
    assert descend(gradient_descent, Empties(), steps=6).undefined_at == -1
    one = Surface("one", lambda x: np.where(x > 0, x, 0.0), lambda x: (1.0 * (x > 0),), start=[1], view=(0.1, 2))
    assert descend(rmsprop, one, steps=9, eta=0.5, beta=0.0, eps=0).undefined_at == 2  # 1, 0.5, 0: flat there


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_gradient_that_is_no_number_is_divergence_not_0_over_0(bad):
    class Breaks(ByHand):
        def gradient(self, w):
            return np.where(w < 2.5, bad, 2 * w)

    run = descend(adagrad, Breaks(), steps=10, eta=1.0)
    assert run.diverged_at > 0 and run.undefined_at == -1 and not np.isfinite(run.w[-1]).all()


def test_a_rule_of_the_reader_diverges_without_a_warning_too():
    warnings.filterwarnings("ignore", "Conversion of an array", DeprecationWarning)  # NumPy 2.0 warns where later ones refuse
    assert descend(with_if, ravine, steps=2000, eta=3.0).diverged_at > 0

    def explodes(g, *, eta=0.1):
        return -eta * math.exp(abs(g)) * g

    run = descend(explodes, bowl, steps=5, start=[3000])
    assert run.diverged_at == 1


def test_a_loss_that_falls_without_end_is_said_to_diverge():
    assert descend(gradient_descent, saddle, steps=2000, eta=0.1).diverged_at > 0


def test_the_same_call_gives_the_same_record():
    for rule in RULES:
        assert np.array_equal(descend(rule, turned_ravine(20, 30), steps=50).w, descend(rule, turned_ravine(20, 30), steps=50).w)


def test_a_surface_of_the_readers_own_runs_like_the_others():
    mine = Surface("mine", lambda x, y: x**4 + y**2, lambda x, y: (4 * x**3, 2 * y), start=(1, 1), view=((-2, 2), (-2, 2)))
    assert descend(adagrad, mine, steps=50, eta=[0.1, 0.5]).loss[-1, 1] < 0.1
