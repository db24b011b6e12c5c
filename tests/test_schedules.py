"""The schedules: η as a function of the step."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import schedules
from helpers.descent import descend
from helpers.schedules import Schedule, constant, exponential, inverse_time, schedule, step
from helpers.surfaces import ravine
from helpers.update_rules import adagrad, gradient_descent, rmsprop

PRESETS = [value for value in vars(schedules).values() if isinstance(value, Schedule)]


def test_there_are_four_presets_and_one_that_chooses_among_them():
    assert {s.__name__ for s in PRESETS} == {"constant", "step", "exponential", "inverse_time", "preset"}


@pytest.mark.parametrize("preset", PRESETS)
def test_every_schedule_starts_at_eta_and_never_rises(preset):
    values = preset(eta=0.4)(np.arange(200))
    assert values[0] == 0.4 and (np.diff(values) <= 0).all() and (values > 0).all()
    assert "η(t) = " in preset.__doc__


@given(st.integers(0, 1000))
def test_each_schedule_is_its_formula(t):
    assert constant(eta=0.3)(t) == 0.3
    assert step(eta=0.3, drop=0.5, every=7)(t) == 0.3 * 0.5 ** (t // 7)
    assert np.isclose(exponential(eta=0.3, decay=0.9)(t), 0.3 * 0.9**t, rtol=1e-12)
    assert inverse_time(eta=0.3, decay=0.2)(t) == 0.3 / (1 + 0.2 * t)


@pytest.mark.parametrize("kind, left", [("constant", 1.0), ("step", 0.5), ("exponential", 0.5), ("1/t", 0.5)])
@pytest.mark.parametrize("half", [1, 7, 50])
def test_each_of_the_four_by_name_has_half_of_eta_left_at_half(kind, left, half):
    chosen = schedules.preset(eta=0.4, kind=kind, half=half)
    assert chosen(0) == 0.4 and np.isclose(chosen(half), 0.4 * left, rtol=1e-12)
    assert kind != "step" or chosen(half - 1) == 0.4


def test_a_kind_that_is_none_is_refused():
    with pytest.raises(ValueError, match="constant.*got 'cosine'"):
        schedules.preset(kind="cosine")(3)


def test_the_one_that_chooses_takes_arrays_of_runs():
    grid = schedules.preset(eta=np.array([0.1, 0.2])[:, None], kind="exponential", half=np.array([5, 10, 20]))
    run = descend(gradient_descent, ravine, steps=30, eta=grid)
    for i, j in np.ndindex(2, 3):
        alone = descend(gradient_descent, ravine, steps=30, eta=schedules.preset(eta=[0.1, 0.2][i], kind="exponential", half=[5, 10, 20][j]))
        assert np.allclose(run.w[:, i, j], alone.w, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("rule", [gradient_descent, adagrad, rmsprop])
def test_a_schedule_stands_wherever_eta_does_and_t_is_0_at_the_first_step(rule, preset):
    eta = preset(eta=0.05)
    run = descend(rule, ravine, steps=30, eta=eta)
    memory, w = {}, ravine.start
    for t in range(30):
        single = descend(rule, ravine, steps=1, start=w, memory=memory, eta=float(eta(t)))
        memory = {name: getattr(single, name)[-1] for name in single.memory}
        w = single.w[-1]
        assert np.array_equal(w, run.w[t + 1])


def test_a_lambda_is_a_schedule():
    run = descend(gradient_descent, ravine, steps=5, eta=lambda t: 0.1 / (t + 1))
    assert np.allclose(run.rate, 0.1 / np.arange(1, 6)[:, None], rtol=1e-14)


def test_a_lambda_may_give_whole_numbers_and_arrays_of_runs():
    assert descend(gradient_descent, ravine, steps=3, eta=lambda t: 1).w.dtype == float
    run = descend(gradient_descent, ravine, steps=3, eta=lambda t: np.array([0.1, 0.2, 0.3]) / (t + 1))
    assert run.runs == (3,) and np.allclose(run.rate[1, 2], 0.15)


@pytest.mark.parametrize("preset", PRESETS)
def test_parameters_of_a_schedule_may_be_arrays_of_runs(preset):
    name = [p for p in preset.parameters if p != "eta"]
    given_as = {"eta": np.array([0.02, 0.05])} | ({name[0]: np.array([0.5, 0.8, 0.9])[:, None]} if name else {})
    grid = descend(rmsprop, ravine, steps=25, eta=preset(**given_as), beta=0.9)
    assert grid.runs == ((3, 2) if name else (2,)) and grid.how == "side by side"
    for index in np.ndindex(*grid.runs):
        one = {p: float(np.broadcast_to(v, grid.runs)[index]) for p, v in given_as.items()}
        alone = descend(rmsprop, ravine, steps=25, eta=preset(**one), beta=0.9)
        assert np.allclose(grid.w[(slice(None), *index)], alone.w, rtol=1e-12, atol=1e-15)


def test_parameters_may_be_lists_and_join_the_grid_of_the_knobs():
    run = descend(rmsprop, ravine, steps=4, eta=exponential(eta=[0.1, 0.2]), beta=np.array([[0.5], [0.9], [0.99]]))
    assert run.runs == (3, 2)


def test_any_knob_may_have_a_schedule():
    run = descend(rmsprop, ravine, steps=6, beta=lambda t: 1 - 1 / (t + 1))  # then G is the mean of all g² so far
    assert np.allclose(run.G[1:], np.cumsum(run.g**2, axis=0) / np.arange(1, 7)[:, None], rtol=1e-12)


def test_a_schedule_of_the_readers_own_offers_its_parameters():
    @schedule
    def warm_up(t, *, eta=0.1, over=10):
        """η(t) rises to η over `over` steps."""
        return eta * np.minimum(1, (t + 1) / over)

    assert warm_up.parameters == {"eta": 0.1, "over": 10}
    run = descend(gradient_descent, ravine, steps=12, eta=warm_up(over=np.array([4, 8])))
    assert np.allclose(run.rate[:, :, 0], 0.1 * np.minimum(1, np.arange(1, 13)[:, None] / [4, 8]))


def test_parameters_can_be_set_twice_and_are_written_out():
    s = exponential(eta=0.4)(decay=0.9)
    assert s.parameters == {"eta": 0.4, "decay": 0.9} and repr(s) == "exponential(eta=0.4, decay=0.9)"
    assert exponential.parameters == {"eta": 0.1, "decay": 0.98}


def test_an_unknown_parameter_is_named():
    with pytest.raises(TypeError, match="exponential has no 'gamma'; its parameters are eta, decay"):
        exponential(gamma=0.9)


def test_a_parameter_in_the_place_of_the_step_is_noticed():
    with pytest.raises(ValueError, match=r"write its name, as in exponential\(eta=0.4\)"):
        exponential(0.4)


@pytest.mark.parametrize("wrong", [-0.1, 0, "big", float("nan")])
def test_the_eta_of_a_schedule_is_checked_like_eta(wrong):
    with pytest.raises(ValueError, match="eta must be a number above 0"):
        descend(gradient_descent, ravine, eta=exponential(eta=wrong))


@pytest.mark.parametrize("gives", [None, "fast"])
def test_a_schedule_that_gives_no_number_is_named_with_the_step(gives):
    with pytest.raises((ValueError, TypeError), match="eta"):
        descend(gradient_descent, ravine, eta=lambda t: 0.1 if t < 3 else gives)
