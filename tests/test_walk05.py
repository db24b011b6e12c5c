"""The cards, the target and the data of notebook 05: what they say holds for the rules, and for other shuffles."""

import numpy as np
import pytest
from folds import fold

from helpers.descent import descend
from helpers.exercises import lesson05, walk05
from helpers.explorer import explore
from helpers.rare_feature import WEIGHTS, arrival, rare_feature
from helpers.surfaces import ravine, regression, two_features
from helpers.update_rules import adagrad, gradient_descent, rmsprop


def test_the_truths_are_those_of_the_rules():
    assert {card.name: card.truth for card in walk05.CARDS} == {
        "rare": "Adagrad, about twelve times as soon", "tuned": "in fewer than 100 steps",
        "to zero": "both level off, far above 0", "tenfold": 44}
    assert [round(walk05.sooner(seed)) for seed in range(8)] == [12, 6, 17, 38, 9, 26, 8, 30]  # the others, as the notebook tells them
    assert [walk05.steps_to_tenfold(beta) for beta in (0.9, 0.99, 0.999)] == [44, 460, 4613]


@pytest.mark.parametrize("seed", range(1, 5))
def test_in_other_shuffles_adagrad_is_sooner_and_a_tuned_constant_rate_still_gets_there(seed):
    data = rare_feature(seed=seed)
    slow, fast = (arrival(descend(rule, data, 700, eta=eta))[1] for rule, eta in ((gradient_descent, 0.1), (adagrad, 0.4)))
    assert slow > 5 * fast and arrival(descend(gradient_descent, data, 200, eta=np.linspace(0.6, 0.9, 4))).max(axis=-1).min() < 100


@pytest.mark.parametrize("rarity", [0.5, 0.1, 0.02])
def test_the_rare_feature_is_in_its_share_of_the_examples_and_the_targets_have_no_noise(rarity):
    data = rare_feature(rarity)
    assert (data.features[:, 1] == 1).sum() == round(400 * rarity) and set(data.features[:, 0]) == {-1.0, 1.0}
    assert np.allclose(data.features @ WEIGHTS, data.targets) and data.least < 1e-20 and np.allclose(data.minima[0], WEIGHTS)


@pytest.mark.parametrize("rarity", [0, -0.1, 1.5, 0.001, "rare", True])
def test_a_rarity_that_is_none_is_refused_with_what_it_is(rarity):
    with pytest.raises(ValueError, match="rarity is the share of the 400 examples"):
        rare_feature(rarity)


def test_arrival_is_the_step_from_which_on_both_stay():
    run = descend(gradient_descent, rare_feature(0.5), 100, eta=np.array([0.1, 3.0]))
    arrived = arrival(run)
    assert arrived.shape == (2, 2) and (arrived[1] == 101).all()
    for i in range(2):
        off = np.abs(run.w[:, 0, i] - WEIGHTS[i])
        assert off[arrived[0, i] - 1] >= 0.1 and (off[arrived[0, i] :] < 0.1).all()


def test_the_target_is_reached_by_a_bold_constant_rate_and_not_by_a_timid_one():
    goal = walk05.TARGETS["rare too"].make()
    met = [int(np.ravel(goal.ints(descend(gradient_descent, rare_feature(), 100, eta=np.array([eta])), 1)[0])[0]) for eta in (0.1, 0.2, 0.7, 0.9)]
    assert met[0] < 0 and met[1] < 0 and met[2] > 0 and met[3] > 0


def test_noise_makes_the_rates_fall_as_one_over_the_root_of_t():
    t, rate = np.arange(1, 5001), descend(adagrad, walk05.noisy, 5000, eta=0.4).rate
    for i in range(2):
        assert abs(np.polyfit(np.log(t[500:]), np.log(rate[500:, i]), 1)[0] + 0.5) < 0.05


@pytest.mark.parametrize("seed", [3, 4])
def test_large_early_gradients_delay_that_and_the_slope_still_comes_nearer_to_minus_one_half(seed):
    t, rate = np.arange(1, 5001), descend(adagrad, regression(*two_features((1.0, 1.0), seed), batch=4), 5000, eta=0.4).rate
    for i in range(2):
        early, late = (np.polyfit(np.log(t[part]), np.log(rate[part, i]), 1)[0] for part in (slice(500, 2500), slice(2500, 5000)))
        assert -0.5 < late < early < -0.3


@pytest.mark.parametrize("seed", range(4))
def test_in_every_shuffle_adagrad_has_several_times_as_many_good_rates(seed):
    etas = np.geomspace(0.05, 10, 46)
    few, many = ((arrival(descend(rule, rare_feature(seed=seed), 600, eta=etas)).max(axis=-1) <= 100).sum() for rule in (gradient_descent, adagrad))
    assert few >= 3 and many > 4 * few


def test_every_rate_that_the_solution_of_the_honest_exercise_names_is_right():
    assert lesson05.adagrads_worst() == 88
    etas = np.array([0.61, 0.99, *np.linspace(0.62, 0.98, 37)])
    worst = np.max([arrival(descend(gradient_descent, rare_feature(seed=seed), 600, eta=etas)).max(axis=-1) for seed in lesson05.SHUFFLES], axis=0)
    assert (worst[2:] <= lesson05.adagrads_worst()).all() and (worst[:2] > lesson05.adagrads_worst()).all()
    assert "η from about 0.62 to 0.98 does it" in fold("05", "my_eta = 0.8")


def test_what_the_praise_says_of_a_tuned_adagrad_holds():
    etas = np.geomspace(0.05, 10, 46)
    best = [arrival(descend(adagrad, rare_feature(seed=seed), 600, eta=etas)).max(axis=-1).min() for seed in lesson05.SHUFFLES]
    assert (min(best), max(best)) == lesson05.adagrads_best() == (3, 10)


def test_the_rare_weight_s_rate_never_falls_below_one_in_the_figure_of_the_card():
    assert descend(adagrad, rare_feature(0.02), 300, eta=0.4, eps=0.01).rate[:, 1].min() > 1


def test_a_falling_schedule_gets_the_rare_weight_there_in_the_end():
    falling = descend(gradient_descent, rare_feature(0.02), 5000, eta=lambda t: 0.5 / np.sqrt(t + 1))
    assert arrival(falling)[1] == lesson05.too_late() == 3547


def test_a_too_large_rate_harms_gradient_descent_more_and_a_too_small_one_adagrad():
    losses = [[descend(rule, rare_feature(0.02), 300, eta=eta).loss for rule in (adagrad, gradient_descent)] for eta in (0.05, 1.0, 1.1)]
    assert (losses[0][0][1:] > losses[0][1][1:]).all() and all((own < plain).all() for own, plain in ((a[1:], b[1:]) for a, b in losses[1:]))


def test_the_figure_with_the_larger_eps_has_the_card_s_steps():
    assert arrival(descend(adagrad, rare_feature(0.02), 600, eta=0.4, eps=0.01)).tolist() == arrival(descend(adagrad, rare_feature(0.02), 600, eta=0.4)).tolist() == [13, 49]


def test_four_times_the_eta_makes_more_than_four_times_the_rates():
    before, bold = (descend(adagrad, ravine, 1000, eta=eta).rate[-1] for eta in (0.4, 1.6))
    assert np.allclose(bold / before, [11, 7.5], rtol=0.05)


def by_share(share=0.02):
    return rare_feature(share)


@pytest.mark.thorough
def test_the_figure_of_the_rare_feature_counts_the_steps_until_each_weight_is_in_place():
    figure = explore(adagrad, gradient_descent, on=by_share, share=[0.5, 0.1, 0.02], steps=600, own=["eta"], eps=0.01, eta=[0.1, 0.4],
                     start_at={"share": 0.02, "eta@adagrad": 0.4, "eta@gradient_descent": 0.1})
    for share, rule, eta in ((0.02, "Adagrad", 0.4), (0.5, "Adagrad", 0.4), (0.02, "gradient descent", 0.1), (0.1, "gradient descent", 0.4)):
        figure.controls["share"].index = figure.controls["share"].nearest(share)
        key = f"eta@{rule.lower().replace(' ', '_')}"
        figure.controls[key].index = figure.controls[key].nearest(eta)
        common, rare = arrival(figure.runs[rule])
        assert f"Steps until in place: {common} for w₁ and {rare} for w₂. " in figure.readout + " ", (share, rule)
    figure.reset()
    assert figure.readout.endswith("Steps until in place: 12 for w₁ and 569 for w₂.")
    assert figure.canvas.spec["milestones"] == {"names": ("w₁", "w₂"), "since": 0}
    figure.close_all()


def test_a_weight_that_is_never_in_place_is_said_to_need_more_steps_than_there_are():
    figure = explore(gradient_descent, on=rare_feature(0.02), steps=300, eta=[0.1, 3])
    assert "12 for w₁ and more than 300 for w₂. " in figure.readout + " "
    figure.step = 200  # what is counted does not wait for the cursor
    assert "12 for w₁ and more than 300 for w₂. " in figure.readout + " "
    figure.close_all()


@pytest.mark.thorough
def test_after_the_drop_the_steps_to_a_tenfold_rate_are_counted_for_every_beta_and_the_ghost_s_never_come():
    betas = [0.8, 0.9, 0.95, 0.98, 0.99]
    figure = explore(rmsprop, ghost=adagrad, on=walk05.dropping, steps=600, eta=[0.1], beta=betas, eps=1e-8)
    said = "Steps from the drop until its rate is ten times as large: "
    for figure.controls["beta"].index, beta in enumerate(betas):
        assert figure.readout.count(f"{said}{walk05.steps_to_tenfold(beta)}. ") == 1, beta
        assert figure.readout.endswith(f"{said}more than 500.")
    figure.close_all()


def test_a_surface_that_counts_nothing_says_and_marks_nothing():
    figure = explore(adagrad, on=ravine, steps=20)
    assert figure.canvas.spec["milestones"] is None and "Steps" not in figure.readout
    figure.close_all()
