"""When a weight has settled: read backwards from where it ends up, on the scale of its own travel."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from helpers.descent import descend
from helpers.network import digits
from helpers.record import NEAR, settled_at
from helpers.surfaces import bowl, ravine
from helpers.update_rules import adagrad, gradient_descent, rmsprop


def one(*path):
    """Of a single weight with this path."""
    return settled_at(np.array(path, dtype=float)[:, None])[0]


def by_the_sentence(path):
    """The definition as it is said, for one weight, without any array."""
    travel = max(abs(x - path[0]) for x in path)
    if travel == 0 or not np.isfinite(travel):
        return -1
    return min(row for row in range(len(path)) if all(abs(x - path[-1]) <= NEAR * travel for x in path[row:]))


def test_a_weight_that_never_moves_never_settles():
    assert one(2, 2, 2, 2) == -1 and one(0) == -1


def test_a_weight_that_jumps_and_stays_settles_at_once():
    assert one(0, 1, 1, 1) == 1 and one(0, 0.95, 1, 1) == 1 and one(0, 1) == 1


def test_a_weight_that_swings_to_the_end_settles_in_the_last_row():
    assert one(0, 1, 0, 1, 0, 1) == 5 and one(0, *[1, -1] * 50) == 100


def test_ten_per_cent_of_the_travel_is_near_and_more_is_not():
    assert one(0, 0.89, 0.9, 1) == 2 and one(0, 0.91, 0.89, 1) == 3
    assert one(0, 10, 9.01, 10, 9.5) == 1, "the travel is the largest distance from the start, not the one at the end"


def test_what_left_again_had_not_settled():
    assert one(0, 1, 1, 1, 0.5, 1, 1) == 5


def test_a_weight_that_comes_back_has_gone_far_all_the_same():
    assert one(3, 4, 5, 4, 3) == 4 and one(3, 5, 3, 3.05, 3) == 2


def test_each_weight_has_its_own_scale_and_unit():
    path = np.array([0, 0.5, 0.8, 0.95, 1])
    assert settled_at(np.stack([path, 1e6 * path, 1e-9 * path, 7 - path], axis=1)).tolist() == [3] * 4


@pytest.mark.parametrize("end", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("row", [1, 3])
def test_a_path_that_runs_off_has_no_such_row(end, row, no_warning):
    path = np.array([0.0, 1, 1, 1])
    path[row] = end
    assert one(*path) == -1


def test_leading_axes_are_runs():
    grid = descend(gradient_descent, ravine, 60, eta=[0.1, 0.3])
    told = settled_at(grid.w)
    assert told.shape == (2, 2) and told.dtype.kind == "i"
    for i, eta in enumerate((0.1, 0.3)):
        assert told[i].tolist() == settled_at(descend(gradient_descent, ravine, 60, eta=eta).w).tolist()
    assert settled_at(np.array([0, 1, 1])) == 1


@settings(max_examples=300)
@given(arrays(float, st.tuples(st.integers(1, 12), st.just(3)), elements=st.integers(-20, 20).map(float)))
def test_it_is_what_the_sentence_says(w):
    told = settled_at(w)
    assert told.tolist() == [by_the_sentence(path.tolist()) for path in w.T]
    assert ((told == -1) == (np.abs(w - w[0]).max(0) == 0)).all() and (told != 0).all(), "what moves cannot have settled before its first step"


def test_on_a_bowl_gradient_descent_settles_when_a_tenth_of_the_way_is_left():
    run = descend(gradient_descent, bowl, 400, eta=0.1)  # each step leaves 0.9 of the distance
    assert settled_at(run.w)[0] == int(np.ceil(np.log(0.1) / np.log(0.9)))


def test_weights_of_a_ravine_settle_at_different_times():
    gentle, steep = settled_at(descend(gradient_descent, ravine, 400, eta=0.1).w)
    assert steep < gentle / 5


def test_in_the_network_only_the_weights_of_blank_pixels_never_settle():
    run = descend(adagrad, digits, 90, eta=0.18, keep=["w", "G"])
    assert ((settled_at(run.w) == -1) == (run.G[-1] == 0)).all()


def test_a_longer_record_may_unsettle_a_weight():
    w = descend(rmsprop, ravine, 60, eta=0.4).w
    assert any((settled_at(w[: rows + 1]) < settled_at(w)).any() for rows in range(5, 60))
