"""A fair race: same starts, own η, several horizons; what it tells is what descend does."""

import numpy as np
import pytest

from helpers.descent import descend
from helpers.race import ENOUGH, ETAS, STARTS, Race, Together, grid, number, race_on, starts_of, sweep
from helpers.surfaces import moving, ravine, rosenbrock
from helpers.update_rules import adagrad, gradient_descent, momentum, rmsprop

HORIZONS, FEW = (5, 20), (0.01, 0.1, 0.4, 2.0)


@pytest.fixture(scope="module")
def quick():
    return race_on(ravine, (20, 100), ETAS, (gradient_descent, adagrad, rmsprop))


def test_the_range_of_eta_is_even_wide_and_holds_the_four_tenths_of_the_lessons():
    gaps = np.diff(np.log10(ETAS))
    assert 0.4 in ETAS and np.log10(ETAS[-1] / ETAS[0]) == pytest.approx(5) and gaps.max() < 1.4 / 12 and gaps.min() > 0.6 / 12
    assert grid(1e-2, 1, (1, 3)) == (0.01, 0.03, 0.1, 0.3, 1.0)


def test_starts_lie_round_the_surfaces_own_and_are_the_same_every_time():
    starts = starts_of(ravine)
    assert starts.shape == (STARTS, 2) and np.array_equal(starts, starts_of(ravine)) and not np.array_equal(starts, starts_of(ravine, seed=1))
    assert np.linalg.norm(starts - ravine.start, axis=1).max() < 0.2 * np.linalg.norm(ravine.start)


@pytest.mark.parametrize("rule", [gradient_descent, momentum, adagrad, rmsprop])
@pytest.mark.parametrize("surface", [ravine, rosenbrock], ids=["ravine", "rosenbrock"])
def test_starts_side_by_side_are_the_runs_from_each_start_alone(rule, surface):
    told = sweep(rule, surface, HORIZONS, FEW)
    assert told.shape == (2, 4, STARTS)
    for start in (0, STARTS - 1):
        alone = descend(rule, surface, 20, start=starts_of(surface)[start], eta=np.array(FEW), keep="loss").loss[list(HORIZONS)]
        np.testing.assert_allclose(told[:, :, start], np.where(np.isfinite(alone), alone, np.inf), rtol=1e-9)


def test_where_the_minimum_jumps_the_mean_on_the_way_counts():
    surface = moving(ravine, every=7, jump=(-3, 1.5))
    told = sweep(rmsprop, surface, HORIZONS, FEW)
    for start in (0, 3):
        loss = descend(rmsprop, surface, 20, start=starts_of(surface)[start], eta=np.array(FEW), keep="loss").loss
        np.testing.assert_allclose(told[:, :, start], [loss[: n + 1].mean(axis=0) for n in HORIZONS], rtol=1e-9)


def test_together_has_the_slopes_of_each_start():
    together = Together(ravine, starts_of(ravine, 3))
    w = np.random.default_rng(0).normal(size=(5, 6))
    np.testing.assert_array_equal(together.gradient(w).reshape(5, 3, 2), ravine.gradient(w.reshape(5, 3, 2)))
    assert together.each(w).shape == (5, 3) and np.allclose(together.loss(w), together.each(w).sum(axis=-1))


def test_the_own_eta_is_chosen_on_other_starts_than_it_is_judged_on(quick):
    for rule in quick.losses:
        tuning = np.log(quick.losses[rule][0, :, : STARTS // 2]).mean(axis=-1)
        assert tuning[quick.tuned(rule, 20)] == tuning.min()
        assert np.array_equal(quick.judged(rule, 20), quick.losses[rule][0, quick.tuned(rule, 20), STARTS // 2 :])
        middle, low, high = quick.valley(rule, 20)
        assert (low <= middle).all() and (middle <= high).all()


def test_what_ran_off_is_infinite_and_never_chosen(quick):
    assert np.isinf(quick.losses["gradient_descent"][1, -1]).all() and quick.eta("gradient_descent", 100) < 0.5
    assert quick.told("gradient_descent", 100, len(ETAS) - 1) == "ran off" and "ran off" in quick.verdict(100, len(ETAS) - 1)


def test_arrived_is_arrived_and_nobody_is_ahead_of_it(quick):
    assert min(loss.min() for loss in quick.losses.values()) == ENOUGH
    assert quick.told("adagrad", 20) == "arrived" and not quick.ahead("rmsprop", "adagrad", 20) and not quick.ahead("adagrad", "adagrad", 20)


def test_a_win_is_lower_from_every_start_and_anything_less_is_told_as_no_winner(quick):
    assert quick.first(20) == ["adagrad"] and quick.verdict(20).startswith("Adagrad wins: lower than every other from all 5 starts.")
    at = quick.etas.index(0.4)
    assert quick.first(20, at) == ["rmsprop"] and quick.verdict(20, at).startswith("RMSprop wins at η = 0.4")
    curved = race_on(rosenbrock, (20,), ETAS, (adagrad, rmsprop))
    assert len(curved.first(20)) == 2 and "are not told apart by 5 starts" in curved.verdict(20)
    level = Race(ravine, (gradient_descent, adagrad), (500,))
    assert "gradient descent and Adagrad have arrived" in level.verdict(500)


def test_the_width_of_a_valley_is_where_the_loss_is_at_most_ten_times_as_large(quick):
    race = race_on(rosenbrock, (200,), ETAS, (adagrad,))
    assert race.width("adagrad", 200) < 2 < 10 < quick.width("adagrad", 100)


def test_a_race_is_run_once_and_asked_only_where_it_was_looked_at(quick):
    assert race_on(ravine, [20, 100], list(ETAS), [gradient_descent, adagrad, rmsprop]) is quick
    with pytest.raises(ValueError, match="told after 20, 100 steps; got 30"):
        quick.verdict(30)


@pytest.mark.parametrize("x, said", [(1e-16, "1e−16"), (0.00012, "0.00012"), (3.4e-7, "3.4e−7"), (12, "12"), (0.4, "0.4")])
def test_numbers_read_as_in_a_sentence(x, said):
    assert number(x) == said
