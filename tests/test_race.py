"""A fair race: same starts, own η, several horizons; what it tells is what descend does."""

import itertools

import numpy as np
import pytest

from helpers.descent import descend
from helpers.race import ENOUGH, ETAS, STARTS, Race, Together, grid, number, race_on, starts_of, sweep
from helpers.exercises import walk08
from helpers.surfaces import Surface, beale, endless, himmelblau, moving, ravine, rosenbrock, saddle, turned_ravine
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
    assert quick.first(20) == ["adagrad"] and quick.verdict(20).startswith("Adagrad wins at constant η: lower than every other from all 5 starts.")
    at = quick.etas.index(0.4)
    assert quick.first(20, at) == ["rmsprop"] and quick.verdict(20, at).startswith("RMSprop wins at constant η = 0.4:")
    curved = race_on(rosenbrock, (20,), ETAS, (adagrad, rmsprop))
    assert len(curved.first(20)) == 2 and "are level: neither is lower than the other from all 5 starts" in curved.verdict(20)
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


PLACES = ("quiet ravine", "curved valley", "jumping ravine", "wine, raw measures", "wine, standardised")


@pytest.fixture(scope="module")
def shown():
    """The races of the figures of notebook 08."""
    return {**walk08.races(walk08.SURFACES), **walk08.races(walk08.WINES)}


@pytest.mark.parametrize("name", PLACES)
def test_no_two_rules_called_level_are_told_apart_by_all_starts(shown, name):
    """At every horizon and every η: asked of the losses themselves, and not of the methods that find the verdict."""
    race = shown[name]
    for row, horizon in enumerate(race.horizons):
        for at in (None, *range(len(race.etas))):
            losses = {rule: told[row, race.tuned(rule, horizon) if at is None else at, STARTS // 2 :] for rule, told in race.losses.items()}
            places = race.places(horizon, at)
            level = [rule for rule, place in places.items() if place == "level"]
            assert not any((losses[one] < losses[other]).all() for one, other in itertools.permutations(level, 2))
            leads = [rule for rule, place in places.items() if place in ("wins", "leads")]
            assert len(level) != 1 and (not leads or len(leads) == 1 and not level)
            for best in leads:
                assert np.median(losses[best]) == min(map(np.median, losses.values()))
                behind = all((losses[best] < losses[rule]).all() for rule in losses if rule != best)
                assert behind == (places[best] == "wins")


@pytest.mark.parametrize("name", PLACES)
def test_what_is_said_to_be_lower_from_all_starts_is_and_nothing_is_left_out(shown, name):
    race = shown[name]
    for row, horizon in enumerate(race.horizons):
        for at in (None, *range(len(race.etas))):
            said = race.verdict(horizon, at)
            assert "at constant η" in said and "not told apart" not in said
            if "Lower from all 5: " not in said:
                continue
            losses = {walk08.label(rule): told[row, race.tuned(rule, horizon) if at is None else at, STARTS // 2 :] for rule, told in race.losses.items()}
            listed = said.split("Lower from all 5: ")[1].split(". ")[0]
            pairs = {(one, other) for part in listed.split("; ") for one, others in [part.split(" than ")]
                     for other in others.replace(" and ", ", ").split(", ")}
            assert pairs == {(one, other) for one, other in itertools.permutations(losses, 2) if (losses[one] < losses[other]).all()}


def test_the_wine_figure_begins_with_who_is_lower_than_whom(shown):
    said = shown["wine, raw measures"].verdict(200)
    assert said.startswith("No winner at constant η: Adam leads, but not from all 5 orders of the data against Adagrad, RMSprop or gradient descent.")
    assert "Adagrad than RMSprop, gradient descent and momentum" in said


def test_where_one_start_has_run_off_a_rule_has_not_arrived(shown):
    race = shown["curved valley"]
    assert race.arrived("adam", 5000) == 5 and race.arrived("momentum", 5000) < 5
    assert "Adam arrived (" in race.verdict(5000) and f"momentum arrived from {race.arrived('momentum', 5000)} of 5" in race.verdict(5000)
    assert {rule for rule, place in race.places(5000).items() if place == "level"} == {"adam", "momentum"}


def lowered(by, minima=((0, 0),)):
    return Surface(f"ravine, lowered by {by}", lambda x, y: 0.1 * x**2 + 2 * y**2 - by, lambda x, y: (0.2 * x, 4 * y), (-5, -2), ((-6, 2.2), (-3, 3)), minima)


@pytest.mark.parametrize("by", [1, 0.01, 40, -3])
def test_a_race_is_the_same_wherever_its_loss_begins(quick, by):
    """Only differences of losses matter: lowered or lifted, the ravine is won by the same rules, at the same η."""
    race = race_on(lowered(by), (20, 100), ETAS, (gradient_descent, adagrad, rmsprop))
    assert race.least == -by and race.bounded
    for horizon in race.horizons:
        assert race.first(horizon) == quick.first(horizon) and race.places(horizon) == quick.places(horizon)
        assert f"above the least ({number(-by)}): " in race.verdict(horizon)
    assert race.told("adagrad", 100) == quick.told("adagrad", 100) == "arrived"
    assert race.told("gradient_descent", 20) == quick.told("gradient_descent", 20) != "arrived"


@pytest.mark.parametrize("surface", [lowered(1, ()), saddle, endless, lowered(40, ())], ids=lambda surface: surface.name)
def test_where_no_least_is_known_nobody_has_arrived_and_lower_is_lower(surface):
    race = race_on(surface, (20, 100), ETAS, (gradient_descent, adagrad, rmsprop))
    assert not race.bounded
    for at in (None, 0, len(ETAS) // 2, len(ETAS) - 1):
        assert "arrived" not in race.verdict(100, at)
        best = race.order(100, at)[0]
        ends = {}
        for rule in (gradient_descent, adagrad, rmsprop):
            eta = race.etas[race.tuned(rule.__name__, 100) if at is None else at]
            ends[rule.__name__] = [descend(rule, surface, 100, start=start, eta=eta, keep="loss").loss[-1] for start in starts_of(surface)[STARTS // 2 :]]
        ends = {rule: np.where(np.isfinite(end), end, np.inf) for rule, end in ends.items()}
        assert np.median(ends[best]) == pytest.approx(min(map(np.median, ends.values())))
        assert race.ahead("adagrad", "rmsprop", 100, at) == (ends["adagrad"] < ends["rmsprop"]).all()


def test_on_the_saddle_everybody_runs_down_and_no_one_is_said_to_be_there():
    said = race_on(saddle, (100,)).verdict(100)
    assert said.startswith("Momentum wins at constant η") and "momentum −" in said and "Adagrad −" in said


@pytest.mark.parametrize("surface", [ravine, rosenbrock, himmelblau, beale, turned_ravine(20, 45), moving(ravine, every=20, jump=(-3, 1.5))], ids=lambda surface: surface.name)
def test_the_surfaces_of_the_series_are_measured_from_0(surface):
    race = race_on(surface, (20,), FEW, (adagrad, gradient_descent))
    assert race.bounded and abs(race.least) < 1e-20 and race.measured_from() == "" and race.enough == ENOUGH


def test_minima_in_rounded_numbers_are_still_the_least():
    rough = Surface("rounded", lambda x, y: (x - 1 / 3) ** 2 + (y - 2 / 3) ** 2, lambda x, y: (2 * (x - 1 / 3), 2 * (y - 2 / 3)), (-2, 1), ((-3, 3), (-3, 3)), [(0.333333, 0.666667)])
    race = race_on(rough, (100,), ETAS, (gradient_descent, adagrad))
    assert race.bounded and race.told("gradient_descent", 100) == "arrived"


def test_a_surface_that_needs_no_minima_can_be_raced_and_what_is_none_is_named():
    class Plain:
        start = np.array([-5.0, -2.0])

        def loss(self, w):
            return ravine.loss(w)

        def gradient(self, w):
            return ravine.gradient(w)

    assert race_on(Plain(), (20,), FEW, (adagrad,)).bounded

    class Half:
        minima = ()

        def loss(self, w):
            return 0

        def gradient(self, w):
            return 0

    for bad, missing in ((Half(), "start"), (ravine.loss, "start"), (object(), "start")):
        with pytest.raises(TypeError, match=f"cannot be raced: it has no .{missing}"):
            race_on(bad, (20,))
