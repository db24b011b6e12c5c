"""The hypotenuse picture: what is drawn is what the rule computes."""

import contextlib
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import hypotenuse as module
from helpers.descent import descend
from helpers.explorer.cells import close_all
from helpers import surfaces
from helpers.hypotenuse import PRESETS, SHARES, Lane, hypotenuse, read_gradients
from helpers.update_rules import adagrad, adam, gradient_descent, momentum, rmsprop
from widgets import alive, bundles

LISTS = st.lists(st.floats(-1e3, 1e3).filter(lambda g: abs(g) > 1e-3), min_size=1, max_size=20)


def drawn(rule, gradients, betas=SHARES):
    """Corner and tip of every triangle (legs, positions, 2), in units of g."""
    legs = Lane(rule, list(betas), 1.0).legs(gradients)
    points = legs["points"] * legs["size"][:, None]
    return points[..., :2], points[..., 2:]


def run_of(rule, gradients, **knobs):
    return descend(rule, surfaces.given(gradients), len(gradients), eta=1.0, eps=0.0, **knobs)


@given(LISTS)
def test_the_drawn_hypotenuse_is_the_root_of_the_rules_G(gradients):
    _, tip = drawn(adagrad, gradients)
    np.testing.assert_allclose(np.hypot(*tip[:, 0].T), np.sqrt(run_of(adagrad, gradients).G[1:, 0]), rtol=1e-9)
    _, tip = drawn(rmsprop, gradients)
    for i, beta in enumerate(SHARES):
        np.testing.assert_allclose(np.hypot(*tip[:, i].T), np.sqrt(run_of(rmsprop, gradients, beta=beta).G[1:, 0]), rtol=1e-9)


@given(LISTS)
def test_adagrads_step_is_eta_times_the_sine_and_never_longer_than_eta(gradients):
    corner, tip = drawn(adagrad, gradients)
    sine = np.linalg.norm(tip - corner, axis=-1)[:, 0] / np.linalg.norm(tip, axis=-1)[:, 0]
    step = run_of(adagrad, gradients).step[:, 0]
    np.testing.assert_allclose(sine, step, rtol=1e-9)
    assert (step <= 1 + 1e-12).all()


@given(LISTS)
def test_rmsprops_step_is_the_sine_times_eta_over_the_root_of_what_it_takes(gradients):
    corner, tip = drawn(rmsprop, gradients)
    for i, beta in enumerate(SHARES):
        sine = np.linalg.norm(tip - corner, axis=-1)[:, i] / np.linalg.norm(tip, axis=-1)[:, i]
        np.testing.assert_allclose(sine / np.sqrt(1 - beta), run_of(rmsprop, gradients, beta=beta).step[:, 0], rtol=1e-9)


@given(LISTS)
def test_each_leg_stands_at_right_angles_on_an_old_side_shrunk_by_root_beta(gradients):
    corner, tip = drawn(rmsprop, gradients)
    scale = np.linalg.norm(tip, axis=-1) ** 2
    assert np.abs((corner * (tip - corner)).sum(-1) / scale).max() < 1e-9
    before = np.linalg.norm(tip[:-1], axis=-1)
    np.testing.assert_allclose(np.linalg.norm(corner[1:], axis=-1), np.sqrt(SHARES) * before, atol=1e-9 * np.abs(gradients).max())
    # no turn of the plane between the old hypotenuse and what is left of it
    across = corner[1:, :, 0] * tip[:-1, :, 1] - corner[1:, :, 1] * tip[:-1, :, 0]
    assert np.abs(across).max(initial=0) < 1e-9 * max(g**2 for g in gradients)


@given(LISTS)
def test_the_whole_figure_stays_in_the_box(gradients):
    for rule in (adagrad, rmsprop):
        legs = Lane(rule, SHARES, 1.0).legs(gradients)
        seen = legs["points"].reshape(*legs["points"].shape[:2], 2, 2) + legs["centre"][:, None]
        assert np.abs(seen).max() <= 0.5 + 1e-9 and np.abs(legs["centre"]).max() <= 0.5 + 1e-9


@given(LISTS)
def test_what_is_laid_so_far_is_drawn_as_large_as_it_fits_and_no_larger(gradients):
    for rule in (adagrad, rmsprop):
        legs = Lane(rule, SHARES, 1.0).legs(gradients)
        points = legs["points"].reshape(len(gradients), len(legs["size"]), 2, 2)
        for t, (times, centre) in enumerate(zip(legs["close"][..., 0], legs["close"][..., 1:]), start=1):
            drawn = points[:t] * times[:, None, None] + centre[:, None]
            closer = times > 1
            assert np.abs(drawn[:, closer]).max(initial=0) <= 0.5 + 1e-6 and np.abs(centre[closer]).max(initial=0) <= 0.5 + 1e-6
            reach = np.ptp(np.concatenate([0 * points[:1, :, 0], *points[:t].transpose(0, 2, 1, 3)]), axis=0).max(axis=-1)
            assert (reach * times * 4 > 1 - 1e-6).all() or (reach == 0).any()
        assert (np.diff(legs["close"][..., 0], axis=0) <= 0).all() or gradients[0] == 0


def test_a_leg_of_84_leaves_the_first_triangle_its_room_and_the_picture_names_its_sides():
    picture = hypotenuse(adagrad, leg=2)
    at = picture.canvas.data["rules"][0]["positions"][0]
    seen = [close["times"] if close else 1 for close in at["close"]]
    assert seen == [16, 16, 4, 1] and [close["ruler"]["text"] for close in at["close"][:3]] == ["1", "1", "5"]
    assert np.hypot(*at["points"][1][2:]) * 16 > 0.7  # of the box, where the whole list would leave it a seventeenth
    for t, words in ((1, {"|g| = 3", "√G = 3"}), (2, {"|g| = 3", "|g| = 4", "√G = 5"}), (3, {"|g| = 12", "√G = 13"}), (4, {"|g| = 84", "√G = 85"})):
        with named_sides() as named:
            picture.still(at=t)
        assert words <= named, t
    with named_sides() as named:  # not where a side is too short, nor all of many
        hypotenuse(adagrad, gradients="1 × 24").still()
    assert len(named) == 2


@contextlib.contextmanager
def named_sides():
    """The words that a still writes on its axes meanwhile."""
    from matplotlib.axes import Axes

    words, write = set(), Axes.text
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Axes, "text", lambda ax, x, y, s, **how: (words.add(s) if "=" in s else None, write(ax, x, y, s, **how))[1])
        yield words


def test_by_hand_3_4_12_84():
    picture = hypotenuse(adagrad)
    at = picture.canvas.data["rules"][0]["positions"][0]
    assert at["root"] == ["3", "5", "13", "85"]
    assert at["step"] == ["η", "4η/5", "12η/13", "84η/85"]
    assert picture.beta is None and picture.cursor == 4
    picture.cursor = 2
    assert picture.readout == "Leg 2 of 4: g = 4. Adagrad: 3 and 4 at right angles make √G = 5; its step, η times the sine of the new angle, is 4η/5."
    picture.cursor = 0
    assert picture.readout == "No leg is laid yet: G begins at 0."


def test_a_constant_gradient_draws_the_spiral_of_theodorus_whatever_its_size():
    small, large = (Lane(adagrad, [], 1.0).legs([g] * 17) for g in (0.01, 100))
    np.testing.assert_allclose(small["points"], large["points"], atol=1e-12)
    np.testing.assert_allclose(np.diff(large["turn"][:, 0]), np.arctan(1 / np.sqrt(np.arange(1, 17))), rtol=1e-12)
    assert hypotenuse(adagrad, gradients="1 × 3").canvas.data["rules"][0]["positions"][0]["step"] == ["η", "η/√2 = 0.707η", "η/√3 = 0.577η"]


def test_rmsprops_shell_contracts_after_a_drop_and_its_steps_come_back():
    legs = Lane(rmsprop, [0.9], 1.0).legs(read_gradients(PRESETS["large, then small: a drop"]))
    root, step = legs["root"][:, 0], legs["share"][:, 0]
    assert (np.diff(root[12:]) < 0).all() and (np.diff(step[12:]) > 0).all()
    legs = Lane(adagrad, [], 1.0).legs(read_gradients(PRESETS["large, then small: a drop"]))
    assert (np.diff(legs["root"], axis=0) > 0).all() and (np.diff(legs["share"], axis=0) < 0).all()


def test_the_sign_of_a_gradient_does_not_change_the_picture():
    plain, signed = (hypotenuse(adagrad, rmsprop, gradients=g) for g in ((3, 4, 12), (3, -4, 12)))
    assert plain.canvas.data["rules"] == signed.canvas.data["rules"]
    signed.cursor = 2
    assert "g = −4; the square drops its sign" in signed.readout


def test_a_gradient_of_zero_lays_no_leg_and_at_the_start_is_0_over_0():
    picture = hypotenuse(adagrad, rmsprop, gradients=(0, 3, 0, 4))
    for rule in picture.canvas.data["rules"]:
        at = rule["positions"][-1]
        assert at["step"][0] == "0/0" and at["bars"][0] is None and at["step"][2] == "0" and at["bars"][3] > 0
    at = picture.canvas.data["rules"][0]["positions"][0]
    assert at["root"] == ["0", "3", "3", "5"]
    picture.cursor = 1
    assert "0/0" in picture.readout


@pytest.mark.parametrize("said, answer", [
    ("", "there is no gradient"), ("3, fish", "'fish' is not a number"), ("nan", "cannot be a leg"), ("3, inf", "cannot be a leg"), ("1e200", "cannot be a leg"),
    ("1 × 61", "more than 60"), ("3 × 0", "repeats it 0 times"), ("1 × 1.5", "is not a number"),
])
def test_a_bad_list_is_answered_and_the_last_good_one_stays(said, answer):
    picture = hypotenuse(adagrad, gradients=(3, 4))
    rules = picture.canvas.data["rules"]
    picture.text.value = said or " "
    assert answer in picture.problem and picture.problem.endswith("The picture still shows 3, 4.")
    assert picture.canvas.data["rules"] == rules and picture.gradients == [3, 4] and picture.text.value == (said or " ")
    assert picture.canvas.data["asked"] == picture.text.value  # the view does not wait for an answer that has come
    picture.text.value = "5, 12"
    assert picture.problem == "" and picture.gradients == [5, 12]
    with pytest.raises(ValueError, match=answer):
        hypotenuse(adagrad, gradients=said)


def test_what_a_list_may_look_like():
    assert read_gradients("3, 4; −12\t84,") == [3, 4, -12, 84]
    assert read_gradients("2x3, 1 * 2") == [2, 2, 2, 1, 1]
    assert read_gradients((0.1, 1e-9)) == [0.1, 1e-9]


@pytest.mark.parametrize("text, meant", [
    ("0,5; 1,5", [0.5, 1.5]), ("0,5 1,5", [0.5, 1.5]), ("0,5;1,5;2", [0.5, 1.5, 2]), ("-0,5 −1,5 +2,5", [-0.5, -1.5, 2.5]), ("1,5;", [1.5]),
    ("0,5 × 3; 2", [0.5, 0.5, 0.5, 2]), ("1,5e-3; 2", [0.0015, 2]), ("1,5\n2,5", [1.5, 2.5]), ("3,4;12", [3.4, 12]),
    ("3,4,12,84", [3, 4, 12, 84]), ("3,4,12 84", [3, 4, 12, 84]), ("1,2,3 4,5,6", [1, 2, 3, 4, 5, 6]), ("2×2,1×3", [2, 2, 1, 1, 1]), ("3,-4", [3, -4]),
    ("0.5,1.5", [0.5, 1.5]), ("0.5, 1,5", [0.5, 1, 5]), ("3; 4, 12", [3, 4, 12]), ("3, 4", [3, 4]), ("3 , 4", [3, 4]), ("3 4", [3, 4]), ("3;4", [3, 4]),
])
def test_a_comma_is_a_decimal_comma_where_blanks_or_semicolons_separate(text, meant):
    assert read_gradients(text) == meant


@pytest.mark.parametrize("text, ways", [
    ("0,5", "write 0.5, or 0, 5 with a blank"), ("0,5, 1,5", "write 0.5, or 0, 5 with a blank"), ("3,4", "write 3.4, or 3, 4 with a blank"), ("0,5;1,5, 2", "write 0.5"),
    ("1,2,3 4,5", "write 4.5"), ("0,5;1,5,2", "write 0.5"), ("0,5×3", "write 0.5×3, or 0, 5×3"),
])
def test_a_comma_that_can_be_either_is_asked_about(text, ways):
    with pytest.raises(ValueError, match=f"can be one number or two: {ways}"):
        read_gradients(text)


def test_menu_and_field_follow_each_other():
    picture = hypotenuse(adagrad, rmsprop)
    for name, said in PRESETS.items():
        picture.presets.value = name
        assert picture.text.value == said and picture.problem == "" and picture.gradients == read_gradients(said) and picture.cursor == len(picture.gradients)
        assert len(json.dumps(picture.canvas.data)) < 50_000
    assert "New list" in picture.canvas.data["note"]
    picture.gradients = [1, 2]
    assert picture.presets.value == module.OWN and picture.gradients == [1, 2]


def test_beta_has_a_slider_or_is_fixed():
    picture = hypotenuse(adagrad, rmsprop)
    assert picture.beta.value == 0.9 and [value for _, value in picture.beta.options] == SHARES
    said = set()
    for i in range(len(SHARES)):
        picture.beta.index = i
        said.add(picture.readout)
    assert len(said) == len(SHARES)
    assert picture.canvas.data["betas"][3] == "β = 0.9, averages over about 10 steps"
    fixed = hypotenuse(rmsprop, beta=0.99)
    assert fixed.beta is None and "β = 0.99" in fixed.canvas.data["rules"][0]["positions"][0]["aside"]
    assert hypotenuse(rmsprop, beta=[0.5, 0.99]).beta.value == 0.5


def test_eta_scales_the_steps_and_nothing_else():
    one, half = hypotenuse(adagrad), hypotenuse(adagrad, eta=0.5)
    assert half.canvas.data["rules"][0]["positions"][0]["step"][1] == "4η/5 = 0.4"
    assert [r["positions"][0]["points"] for r in one.canvas.data["rules"]] == [r["positions"][0]["points"] for r in half.canvas.data["rules"]]


def test_a_rule_of_the_readers_own_is_drawn_by_what_it_keeps_and_takes():
    def fading(g, G=0.0, *, eta=0.1, eps=0.0):
        G = 0.25 * G + g**2
        return -eta / (np.sqrt(G) + eps) * g, G

    corner, tip = drawn(fading, [3.0, 4.0])
    np.testing.assert_allclose(np.linalg.norm(corner[1, 0]), 1.5)
    np.testing.assert_allclose(np.linalg.norm(tip[1, 0]), np.hypot(1.5, 4))


@pytest.mark.parametrize("rule", [gradient_descent, momentum, adam])
def test_a_rule_without_a_hypotenuse_is_refused_by_name(rule):
    with pytest.raises(TypeError, match=f"{rule.__name__} draws no hypotenuse"):
        hypotenuse(rule)


def test_what_else_is_refused():
    def by_size(g, G=0.0, *, eta=0.1, eps=0.0):
        G = G + np.abs(g)
        return -eta / (np.sqrt(G) + eps) * g, G

    for wrong, error, words in [
        (lambda: hypotenuse(), TypeError, "needs a rule"), (lambda: hypotenuse(by_size), TypeError, "share of g²"),
        (lambda: hypotenuse(adagrad, beta=0.9), TypeError, "no.* knob beta"), (lambda: hypotenuse(rmsprop, beta=1.0), ValueError, "beta must"),
        (lambda: hypotenuse(adagrad, eta=0), ValueError, "eta must"),
    ]:
        with pytest.raises(error, match=words):
            wrong()
    with pytest.raises(ValueError, match="between 0 and 4"):
        hypotenuse(adagrad).cursor = 5


def test_a_viewer_without_widgets_gets_a_small_picture_that_says_what_it_shows():
    picture = hypotenuse(adagrad, rmsprop)
    for name in PRESETS:
        picture.presets.value = name
        assert picture.still()[:4] == b"\x89PNG" and len(picture.still()) < 40_000
    with bundles():
        bundle = picture._repr_mimebundle_()
        assert "application/vnd.jupyter.widget-view+json" in bundle and picture.readout in bundle["text/html"] and "<img alt=" in bundle["text/html"] and "image/png" in bundle


def test_closing_leaves_no_widget_behind():
    before = alive()
    close_all(hypotenuse(adagrad, rmsprop))
    assert alive() == before


def test_it_begins_at_the_leg_that_is_asked_for():
    picture = hypotenuse(adagrad, leg=2)
    assert picture.cursor == 2 and "Leg 2 of 4" in picture.readout
    close_all(picture)
    with pytest.raises(ValueError, match="between 0 and 4"):
        hypotenuse(adagrad, leg=5)
