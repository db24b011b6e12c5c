"""The figure of valleys and lanes: what is drawn and said is what the race measured."""

import json

import numpy as np
import pytest
from widgets import alive, bundles

from helpers.race import ETAS, number, race_on
from helpers.race_figure import MARKERS, OWN, SHARED, UNITS, Axis, fair_race
from helpers.looks import look
from helpers import exercises
from helpers.exercises import walk08
from helpers.surfaces import Surface, endless, himmelblau, moving, ravine, saddle, turned_ravine
from helpers.update_rules import adagrad, gradient_descent, rmsprop

flat = Surface("flat", lambda x, y: 0 * x, lambda x, y: (0 * x, 0 * y), (1, 1), ((-2, 2), (-2, 2)))
RULES, HORIZONS = (gradient_descent, adagrad, rmsprop), (20, 100)
SURFACES = {"ravine": ravine, "jumping": moving(ravine, every=20, jump=(-3, 1.5))}


@pytest.fixture
def figure():
    made = fair_race(SURFACES, rules=RULES, horizons=HORIZONS)
    yield made
    made.close_all()


def test_the_curves_are_the_valleys_in_thousandths_of_the_axis(figure):
    for name, entry in zip(SURFACES, figure.canvas.data["surfaces"]):
        race, axis = figure.races[name], figure.axes[name]
        for horizon, told in zip(HORIZONS, entry["horizons"]):
            for rule, curves, own in zip(race.losses, told["curves"], told["own"]):
                assert own == race.tuned(rule, horizon)
                drawn, meant = 10 ** (axis.low + np.array(curves) / UNITS * (axis.high - axis.low)), race.valley(rule, horizon)
                inside = meant < 10**axis.high
                np.testing.assert_allclose(np.log10(drawn[inside]), np.log10(meant[inside]), atol=(axis.high - axis.low) / UNITS)
                assert (np.array(curves)[~inside] == UNITS).all()


def test_the_axis_is_the_same_at_every_horizon_and_has_readable_ticks(figure):
    for axis in figure.axes.values():
        assert 2 <= len(axis.ticks) <= 9 and all(axis.low - 1e-9 <= tick <= axis.high for tick in axis.ticks)
    race = figure.races["ravine"]
    assert Axis(race).units(race.enough) == 0 and Axis(race).units(1e300) == 1 and Axis(race).units(np.inf) == 1


def test_what_is_said_is_the_races_verdict_in_both_modes(figure):
    assert figure.readout == race_on(ravine, HORIZONS, ETAS, RULES).verdict(20)
    figure.mode.value, figure.eta.value = SHARED, 0.4
    assert figure.readout.startswith("RMSprop wins at constant η = 0.4:")
    figure.horizon.value, figure.surface.value = 100, "jumping"
    assert figure.readout == figure.races["jumping"].verdict(100, ETAS.index(0.4)) and "Mean loss so far" in figure.readout


def test_every_control_changes_what_is_said(figure):
    for control in (figure.surface, figure.horizon, figure.mode):
        said = set()
        for control.index in range(len(control.options)):
            said.add(figure.readout)
        assert len(said) == len(control.options)
    said = set()
    for figure.eta.index in range(len(ETAS)):
        said.add(figure.readout)
    assert len(said) > 0.9 * len(ETAS)


def test_there_are_at_most_four_controls_and_one_surface_needs_no_menu():
    alone = fair_race({"ravine": ravine}, rules=RULES, horizons=HORIZONS)
    assert alone.surface is None and alone.race is alone.races["ravine"] and len(alone.canvas.controls) == 3
    alone.close_all()


def test_rules_look_as_everywhere_and_all_five_have_a_shape(figure):
    assert [rule["label"] for rule in figure.canvas.data["rules"]] == ["gradient descent", "Adagrad", "RMSprop"]
    assert [rule["colour"] for rule in figure.canvas.data["rules"]] == [look(rule).colour for rule in RULES]
    assert {look(name).marker for name in ("gradient_descent", "momentum", "adagrad", "rmsprop", "adam")} <= set(MARKERS)
    assert figure.canvas.data["etas"][ETAS.index(0.4)] == number(0.4) == "0.4"


def test_it_is_small_enough_for_a_page(figure):
    assert len(json.dumps(figure.canvas.data)) < 300_000


def test_a_still_picture_with_words_and_an_example_that_gives_nothing_away(figure):
    first = figure.still()
    figure.mode.value = SHARED
    assert first[:4] == b"\x89PNG" and figure.still() != first
    picture, seen = figure.beginning()
    assert picture[:4] == b"\x89PNG" and picture != first and seen.startswith("An example, on another surface: Himmelblau")
    assert race_on(himmelblau, (100,), ETAS, RULES).verdict(100) in seen and himmelblau not in [race.surface for race in figure.races.values()]
    with bundles():
        bundle = figure._repr_mimebundle_()
        assert figure.readout in bundle["text/html"] and "<img alt=" in bundle["text/html"] and "image/png" in bundle


def test_a_card_shows_the_example_until_it_is_answered():
    card = exercises.predict("jumps", fair_race(walk08.JUMPING, rules=walk08.BOTH, horizons=(20,), title=""))
    assert not card.seen and "An example, on another surface" in card.stored() and "Where it begins" not in card.stored()
    card.close_all()


def test_a_finding_stands_only_where_the_controls_began():
    figure = fair_race(SURFACES, rules=RULES, horizons=HORIZONS)
    figure.retitle("The finding")
    assert figure.canvas.data["title"] == figure.title == figure.heading == "The finding"
    figure.surface.index = 1
    assert figure.heading == "Jumping: after 20 steps, each rule at its own constant η"
    figure.horizon.value, figure.mode.value, figure.eta.value = 100, SHARED, 0.1
    assert figure.heading == "Jumping: after 100 steps, every rule at constant η = 0.1"
    figure.reset()
    assert figure.heading == "The finding" and figure.surface.index == figure.mode.index == 0 and figure.horizon.value == 20 and figure.eta.value == 0.4
    figure.retitle("")
    assert figure.heading == "Ravine: after 20 steps, each rule at its own constant η"
    figure.close_all()


def test_the_lanes_say_what_the_race_says(figure):
    for name, entry in zip(SURFACES, figure.canvas.data["surfaces"]):
        race = figure.races[name]
        for horizon, told in zip(HORIZONS, entry["horizons"]):
            assert len(told["places"]) == 1 + len(ETAS)
            for at, places in zip((None, *range(len(ETAS))), told["places"]):
                assert dict(zip(race.losses, places)) == race.places(horizon, at)


@pytest.mark.parametrize("surface", [saddle, endless, turned_ravine(20, 45), flat], ids=lambda surface: surface.name)
def test_any_surface_can_be_drawn(surface):
    made = fair_race({"it": surface}, rules=RULES, horizons=HORIZONS)
    axis = made.axes["it"]
    assert np.isfinite([axis.low, axis.high]).all() and axis.low < axis.high and len(axis.ticks) >= 2
    assert made.still()[:4] == b"\x89PNG" and made.canvas.data["surfaces"][0]["up"].startswith("loss")
    made.close_all()


@pytest.mark.parametrize("given, said", [({"horizon": 30}, "horizon is 30; it is one of 20, 100"), ({"mode": "both"}, f"mode is 'both'; it is one of {OWN}"), ({"eta": 0.3}, "eta is 0.3")])
def test_a_place_without_a_position_is_named_with_those_that_there_are(given, said):
    with pytest.raises(ValueError, match=said):
        fair_race({"ravine": ravine}, rules=RULES, horizons=HORIZONS, **given)


def test_closing_leaves_no_widget_behind():
    before = alive()
    fair_race(SURFACES, rules=RULES, horizons=HORIZONS).close_all()
    assert alive() == before
