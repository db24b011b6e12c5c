"""The surfaces: loss and slope fit, each has what the figures need, and a wrong slope is told."""

import numpy as np
import pytest

from helpers import surfaces
from helpers.descent import descend
from helpers.surfaces import Surface, bowl, data_a, data_b, moving, ravine, regression, turned_ravine, two_features
from helpers.update_rules import gradient_descent, rmsprop

NAMED = {name: value for name, value in vars(surfaces).items() if isinstance(value, Surface)}
ALL = {**NAMED, "turned": turned_ravine(30, 25), "aligned": turned_ravine(7, 0), "moving": moving(ravine, 5, 1.0), "moved": moving(bowl, 5, 2).at(5),
       "data set A": data_a, "data set B": data_b, "regression": regression(*two_features((0.5, 2), 3)),
       "moving Rosenbrock": moving(surfaces.rosenbrock, 3, (0.5, -1)).at(4), "dropped": surfaces.Dropping(ravine, 5, 0.01).at(5)}
every_surface = pytest.mark.parametrize("surface", ALL.values(), ids=ALL.keys())


def test_the_named_surfaces_are_there():
    assert set(NAMED) == {"bowl", "ravine", "endless", "rosenbrock", "beale", "himmelblau", "saddle", "wall"}


@every_surface
def test_the_slope_is_the_derivative_of_the_loss(surface):
    points = np.random.default_rng(5).uniform(*surface.view.T, size=(200, surface.n))
    h = 1e-5
    seen = np.stack([(surface.loss(points + d) - surface.loss(points - d)) / (2 * h) for d in h * np.eye(surface.n)], axis=-1)
    said = surface.gradient(points)
    assert said.shape == points.shape
    size = np.abs(said).max(0)
    assert (np.abs(seen - said) <= 1e-6 * size + 1e-5 * np.abs(said)).all()


@every_surface
def test_leading_axes_are_runs(surface):
    points = np.random.default_rng(6).uniform(*surface.view.T, size=(4, 3, surface.n))
    assert surface.loss(points).shape == (4, 3) and surface.gradient(points).shape == points.shape
    for i, j in np.ndindex(4, 3):
        assert np.allclose(surface.loss(points[i, j]), surface.loss(points)[i, j], rtol=1e-13)
        assert np.allclose(surface.gradient(points[i, j]), surface.gradient(points)[i, j], rtol=1e-13)
    assert np.shape(surface.loss(surface.start)) == ()


@every_surface
def test_start_and_minima_lie_in_the_view_and_the_minima_are_flat_and_lowest(surface):
    low, high = surface.view.T
    assert ((low < surface.start) & (surface.start < high)).all()
    for point in surface.minima:
        assert np.abs(surface.gradient(point)).max() < 1e-3  # the wall's tail reaches a little into its valley
        nearby = point + 0.01 * np.random.default_rng(7).normal(size=(50, surface.n))
        assert (surface.loss(nearby) >= surface.loss(point) - 1e-4).all()


def test_the_ravine_is_the_lectures():
    assert ravine.start.tolist() == [-5, -2]
    assert ravine.loss([3.0, 2.0]) == pytest.approx(0.1 * 9 + 2 * 4) and ravine.gradient([3.0, 2.0]).tolist() == pytest.approx([0.6, 8.0])


def test_curvatures_are_known_where_the_loss_is_quadratic_along_the_weights():
    assert bowl.curvature.tolist() == [1.0] and ravine.curvature.tolist() == [0.2, 4.0]
    assert turned_ravine(50, 0).curvature.tolist() == [1, 50] and turned_ravine(50, 30).curvature is None
    assert all(NAMED[name].curvature is None for name in ("rosenbrock", "beale", "himmelblau", "saddle", "wall"))


@pytest.mark.parametrize("angle", [0, 30, 45, 90, 123.4])
def test_a_turned_ravine_keeps_its_curvatures_and_gradient_descent_its_path(angle):
    surface, straight = turned_ravine(20, angle), turned_ravine(20, 0)
    hessian = np.stack([surface.gradient(d) - surface.gradient(0 * d) for d in np.eye(2)])
    assert np.allclose(np.linalg.eigvalsh(hessian), [1, 20])
    losses = [descend(gradient_descent, s, steps=40, eta=0.05).loss for s in (surface, straight)]
    assert np.allclose(*losses, rtol=1e-9)


def test_a_turned_ravine_matters_to_a_rule_with_a_rate_per_weight():
    losses = [descend(rmsprop, turned_ravine(20, angle), steps=20, eta=0.1).loss[-1] for angle in (0, 45)]
    assert abs(losses[1] / losses[0] - 1) > 0.1


@pytest.mark.parametrize("condition, angle, named", [(0.5, 0, "condition"), (np.nan, 0, "condition"), ("steep", 0, "condition"), (5, np.inf, "angle"), (5, "x", "angle")])
def test_a_ravine_that_cannot_be_is_refused(condition, angle, named):
    with pytest.raises(ValueError, match=named):
        turned_ravine(condition, angle)


def test_a_moving_minimum_jumps_and_comes_back_and_keeps_no_counter():
    surface = moving(bowl, every=10, jump=3)
    at_rest = [float(surface.at(t).loss(np.zeros(1))) for t in (0, 9, 10, 19, 20)]
    assert at_rest == [0, 0, 4.5, 4.5, 0]
    assert surface.at(10).minima.tolist() == [[3]] and surface.at(0).loss(np.zeros(1)) == 0
    first, second = (descend(gradient_descent, surface, steps=35, eta=0.5) for _ in range(2))
    assert np.array_equal(first.w, second.w)
    assert abs(first.w[10, 0]) < 0.01 and abs(first.w[20, 0] - 3) < 0.01 and abs(first.w[30, 0]) < 0.01


@pytest.mark.parametrize("every, jump, named", [(0, 1, "every"), (2.5, 1, "every"), (True, 1, "every"), ("5", 1, "every"), (5, (1, 2, 3), "jump"), (5, np.nan, "jump")])
def test_a_jump_that_cannot_be_is_refused(every, jump, named):
    with pytest.raises(ValueError, match=named):
        moving(ravine, every, jump)


def test_mini_batches_that_jump_stay_mini_batches():
    surface, jump = moving(data_a, every=3, jump=(1.0, -0.5)), np.array([1.0, -0.5])
    run = descend(gradient_descent, surface, steps=9, eta=0.05)
    for t, (w, g) in enumerate(zip(run.w, run.g)):
        away = jump * ((t // 3) % 2)
        assert np.array_equal(g, data_a.at(t).gradient(w - away)) and not np.allclose(g, data_a.gradient(w - away), rtol=1e-3)
        assert run.loss[t] == data_a.loss(w - away) and np.array_equal(surface.at(t).minima, data_a.minima + away)
    both = moving(surfaces.Dropping(ravine, 4, 0.5), every=3, jump=2)
    assert [float(both.at(t).loss(np.array([2.0, 2.0]))) for t in (3, 5)] == [0, 0] and both.at(6).loss(np.ones(2)) == ravine.loss(np.ones(2)) / 2


def test_what_cannot_move_or_drop_is_refused_by_name():
    for wrong, kind, named in ((lambda: moving(5, 3), TypeError, "moving needs a surface, such as ravine.*got 5"),
                               (lambda: moving(moving(ravine, every=2), every=50), ValueError, "jumping every 2 steps' jumps already"),
                               (lambda: surfaces.Dropping(5, 5, 0.5), TypeError, "Dropping needs a surface that stands still, such as ravine.*got 5"),
                               (lambda: surfaces.Dropping(moving(ravine), 5, 0.5), TypeError, "stands still.*jumping every 100 steps"),
                               (lambda: surfaces.Dropping(data_a, 5, 0.5), TypeError, "stands still.*data set A")):
        with pytest.raises(kind, match=named):
            wrong()


# one definition


def test_a_new_surface_is_one_definition():
    s = Surface("mine", lambda x, y, z: x**2 + y * z, lambda x, y, z: (2 * x, z, y), start=(1, 2, 3))
    assert s.n == 3 and s.view is None and s.gradient([1.0, 2.0, 3.0]).tolist() == [2, 3, 2]


def test_a_constant_part_of_the_slope_counts_for_all_runs():
    s = Surface("plane", lambda x, y: 2 * x + 3 + 0 * y, lambda x, y: (2, 0), start=(0, 0), view=((-1, 1), (-1, 1)))
    assert s.gradient(np.zeros((5, 2))).tolist() == [[2, 0]] * 5


def test_with_one_weight_the_slope_may_be_bare():
    s = Surface("one", lambda x: x**4, lambda x: 4 * x**3, start=2, view=(-3, 3))
    assert s.start.tolist() == [2] and s.gradient(np.array([[1.0], [2.0]])).tolist() == [[4], [32]]


@pytest.mark.parametrize("slope, at", [(lambda x, y: (0.2 * x, 4.1 * y), "w₂"), (lambda x, y: (-0.2 * x, 4 * y), "w₁"), (lambda x, y: (4 * y, 0.2 * x), "w₁"), (lambda x, y: (0 * x, 0 * y), "w₁")])
def test_a_slope_that_does_not_fit_is_told_where_and_by_how_much(slope, at):
    with pytest.raises(ValueError, match=rf"the slope of 'mine' does not fit its loss: at \(-?\d.*\) it says ∂L/∂{at} = .* but the loss rises by .*difference of \d"):
        Surface("mine", lambda x, y: 0.1 * x**2 + 2 * y**2, slope, start=(-5, -2), view=((-6, 6), (-3, 3)))


def test_a_slope_with_too_few_parts_is_told():
    with pytest.raises(ValueError, match="1 parts for 2 weights"):
        Surface("mine", lambda x, y: x**2 + y**2, lambda x, y: (2 * x,), start=(1, 1), view=((-2, 2), (-2, 2)))


@pytest.mark.parametrize("start", [(), (np.nan, 1), (np.inf, 0)])
def test_a_start_that_is_no_point_is_told(start):
    with pytest.raises(ValueError, match="needs a start of finite numbers"):
        Surface("mine", lambda x, y: x**2 + y**2, lambda x, y: (2 * x, 2 * y), start=start, view=((-2, 2), (-2, 2)))


def test_a_turned_ravine_may_keep_its_steepest_curvature():
    for condition in (1, 10, 100):
        assert np.allclose(sorted(turned_ravine(condition, 0, steepest=1).curvature), [1 / condition, 1])
        plain, scaled = turned_ravine(condition, 30), turned_ravine(condition, 30, steepest=3)
        w = np.array([0.7, -1.3])
        assert np.isclose(scaled.loss(w), plain.loss(w) * 3 / condition) and np.allclose(scaled.gradient(w), plain.gradient(w) * 3 / condition)
    for wrong in (0, -1, "steep", np.inf):
        with pytest.raises(ValueError, match="steepest must be a number above 0"):
            turned_ravine(10, 0, steepest=wrong)


# regression


def test_the_loss_of_a_regression_is_the_mean_squared_error_above_its_least():
    features, targets = two_features((1.0, 0.3), 4)
    surface = regression(features, targets)
    assert surface.start.tolist() == [0, 0] and np.allclose(surface.minima, np.linalg.lstsq(features, targets, rcond=None)[0])
    for w in np.random.default_rng(1).normal(size=(5, 2)):
        assert np.isclose(surface.loss(w) + surface.least, np.mean((features @ w - targets) ** 2), rtol=1e-12)
    assert surface.loss(surface.minima[0]) == 0


def test_a_regression_may_have_one_feature_or_many():
    features = np.random.default_rng(2).normal(size=(30, 5))
    for n in (1, 5):
        surface = regression(features[:, :n], features.sum(axis=1))
        assert surface.n == n and descend(gradient_descent, surface, 300, eta=0.1).loss[-1] < 1e-9


def test_the_slopes_of_the_batches_of_an_epoch_average_to_the_whole_and_no_example_is_left_out():
    w = np.array([0.3, -2.0])
    for epoch in (0, 5):
        steps = [data_a.at(epoch * 16 + k) for k in range(16)]
        rows = np.concatenate([data_a.rows(epoch * 16 + k) for k in range(16)])
        assert sorted(rows) == list(range(64)) and np.allclose(np.mean([step.gradient(w) for step in steps], axis=0), data_a.gradient(w))
        assert all(step.loss(w) == data_a.loss(w) for step in steps), "the loss is that of all examples"
    assert data_a.rows(0).tolist() != data_a.rows(16).tolist() and data_a.rows(3).tolist() == data_a.rows(3).tolist()


def test_the_last_batch_of_an_epoch_may_be_smaller():
    few = regression(*two_features((1, 1), 0, examples=10), batch=4)
    assert [len(few.rows(t)) for t in range(4)] == [4, 4, 2, 4] and few.updates_an_epoch == 3


def test_a_batch_serves_runs_side_by_side():
    points = np.random.default_rng(6).normal(size=(4, 3, 2))
    g = data_b.at(7).gradient(points)
    assert g.shape == points.shape and np.allclose(g[2, 1], data_b.at(7).gradient(points[2, 1]), rtol=1e-13)


@pytest.mark.parametrize("wrong, named", [
    (lambda: regression([1, 2], [1, 2]), "features"), (lambda: regression([[1], [2]], [1]), "one target an example"), (lambda: regression([[np.nan]], [1]), "finite"),
    (lambda: regression([[1], [2]], [1, 2], batch=3), "1 to 2"), (lambda: regression([[1], [2]], [1, 2], batch=0), "batch"), (lambda: regression([[1], [2]], [1, 2], batch=1.5), "batch"),
])
def test_a_regression_that_cannot_be_is_refused(wrong, named):
    with pytest.raises(ValueError, match=named):
        wrong()


def test_a_surface_that_drops_is_the_old_one_before_and_a_lower_one_from_then_on():
    lower, w = surfaces.Dropping(ravine, 10, 0.25), np.array([1.0, -2.0])
    for t, factor in ((0, 1), (9, 1), (10, 0.25), (500, 0.25)):
        assert np.allclose(lower.at(t).gradient(w), factor * ravine.gradient(w)) and np.isclose(lower.at(t).loss(w), factor * ravine.loss(w))
    for wrong in ({"after": 0, "factor": 0.1}, {"after": 5, "factor": 0}, {"after": 2.5, "factor": 1}, {"after": 5, "factor": "small"}):
        with pytest.raises(ValueError, match="after must be a whole number of steps"):
            surfaces.Dropping(ravine, **wrong)
