"""The wines: the slope is that of the loss, seeds side by side are the seeds alone, and every wine is seen in every epoch."""

import numpy as np
import pytest

from helpers.descent import descend
from helpers.update_rules import adagrad
from helpers.wine import BATCH, Wine, wine_raw, wine_standardised

BOTH = pytest.mark.parametrize("wine", [wine_raw, wine_standardised], ids=["raw", "standardised"])


@BOTH
def test_the_slope_is_that_of_the_loss(wine):
    rng = np.random.default_rng(0)
    scale = 1e-3 if wine is wine_raw else 1.0
    for here in (wine, wine.at(0), wine.at(7)):
        w, d = scale * rng.normal(size=(3, wine.n)), rng.normal(size=wine.n)
        h = 1e-6 * scale
        np.testing.assert_allclose((here.loss(w + h * d) - here.loss(w - h * d)) / (2 * h), here.gradient(w) @ d, rtol=1e-4)


@BOTH
def test_it_begins_at_zero_where_the_three_cultivars_are_equally_likely(wine):
    assert wine.n == 42 and not wine.start.any() and np.isclose(wine.loss(wine.start), np.log(3))
    assert wine.accuracy(wine.start).shape == (1,)


def test_standardised_measures_have_mean_0_and_spread_1_and_raw_ones_differ_a_thousandfold():
    measures = wine_standardised.inputs[:, :-1]
    assert np.allclose(measures.mean(axis=0), 0) and np.allclose(measures.std(axis=0), 1)
    tops = wine_raw.inputs[:, :-1].max(axis=0)
    assert tops.max() / tops.min() > 1000 and tops.max() == 1680 and tops.min() == 0.66


@BOTH
def test_seeds_side_by_side_are_the_seeds_alone(wine):
    eta = np.array([0.01, 0.1])
    many = descend(adagrad, wine.together(3), 15, eta=eta, keep="w").w[-1].reshape(2, 3, 42)
    for seed in range(3):
        alone = descend(adagrad, Wine(wine.standardised, (seed,)), 15, eta=eta, keep="w").w[-1]
        np.testing.assert_allclose(many[:, seed], alone, rtol=1e-6, atol=1e-12)


def test_an_epoch_shows_every_wine_each_epoch_in_another_order_and_each_seed_in_its_own():
    wine = wine_raw.together(2)
    epochs = [np.concatenate([wine.rows(t) for t in range(e * 12, e * 12 + 12)], axis=1) for e in (0, 1)]
    assert wine.updates_an_epoch == 12 and all(set(row) == set(range(178)) for epoch in epochs for row in epoch)
    assert not np.array_equal(*epochs) and not np.array_equal(*epochs[0]) and wine.rows(3).shape == (2, BATCH)
    assert np.array_equal(wine.rows(3), wine_raw.together(2).rows(3))


def test_trained_on_standardised_measures_it_tells_nearly_all_wines_apart():
    w = descend(adagrad, wine_standardised, 200, eta=1.0, keep="w").w[-1]
    assert wine_standardised.accuracy(w)[0] > 0.98 and wine_standardised.loss(w) < 0.05 and wine_standardised.each(w[None]).shape == (1, 1)
