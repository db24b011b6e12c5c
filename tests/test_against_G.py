"""The rate against G: what is drawn and said is what the rule answers, and the cards of notebook 07 are true."""

import json

import numpy as np
import pytest

from helpers.against_G import EPS, GRID, WORDS, _short, against_G
from helpers.descent import descend
from helpers.epsilon import epsilon_rule
from helpers.exercises import walk07
from helpers.surfaces import ravine
from helpers.update_rules import adagrad, gradient_descent, rmsprop


def test_the_rule_of_the_laboratory_is_adagrad_and_its_switches_do_what_they_say():
    own, plain = descend(epsilon_rule, ravine, 50, eta=0.4, eps=0.3), descend(adagrad, ravine, 50, eta=0.4, eps=0.3)
    assert np.array_equal(own.w, plain.w)
    held = descend(epsilon_rule, ravine, 50, eta=0.4, eps=1e6, hold=True)
    assert np.abs(held.w - descend(gradient_descent, ravine, 50, eta=0.4).w).max() < 1e-3
    g, G = np.array([3.0, -4.0]), np.array([7.0, 0.0])
    dw, after = epsilon_rule(g, G, eta=0.5, eps=0.25, inside=True)
    assert np.allclose(dw, -0.5 * g / np.sqrt(G + g**2 + 0.25)) and np.allclose(after, G + g**2)


def test_the_curve_is_the_rate_that_the_formula_gives():
    rates, G = against_G(epsilon_rule).rates, 10.0**GRID
    for eps in (1e-12, 1e-6, 1.0):
        assert np.allclose(rates.curve(eps, False, False)["rate"], 0.4 / (np.sqrt(G) + eps)) and np.allclose(rates.curve(eps, True, False)["rate"], 0.4 / np.sqrt(G + eps))
        assert np.isclose(rates.curve(eps, False, True)["ceiling"], 0.4) and np.isclose(rates.curve(eps, True, True)["ceiling"], 0.4)
        assert np.isclose(rates.curve(eps, False, False)["floor"], eps) and np.isclose(rates.curve(eps, True, False)["floor"], np.sqrt(eps))


def test_what_is_said_at_the_place_where_the_two_differ_tenfold():
    figure = against_G(epsilon_rule, eps=1e-6, G=1e-8)
    assert "With ε inside the root it would be 400, 9.95 times smaller." in figure.readout
    figure.controls["inside"].index = 1
    assert "With ε outside the root it would be 4000, 9.95 times as large." in figure.readout
    figure.controls["eps"].index = len(EPS)
    assert "There is no ε" in figure.readout
    figure.reset()
    assert "ε = 1e-6 outside the root" in figure.readout and len(json.dumps(figure.canvas.data)) < 300_000


def test_both_switches_can_be_left_out():
    figure, both = against_G(epsilon_rule, eps=0.01, G=1e-4, places=False), against_G(epsilon_rule, eps=0.01, G=1e-4)
    assert "With ε" not in figure.readout and both.readout.startswith(figure.readout)
    assert set(both.canvas.controls) - set(figure.canvas.controls) == {"inside", "hold"} and set(figure.canvas.controls) == {"eps", "zero", "G"}
    said = {box.description for row in figure.children[1:] for part in row.children for box in getattr(part, "children", (part,))}
    assert not any("hold" in text or "inside" in text for text in said) and "hold" not in against_G(epsilon_rule, hold=True, places=False).readout
    assert against_G(epsilon_rule, hold=True, places=False).readout == against_G(epsilon_rule, places=False).readout
    data = figure.canvas.data["curves"]
    assert not any(y is not None for key in data for y in data[key]["y"] if key.split(",")[1] == "1") and len(figure.still().axes[0].lines) < len(both.still().axes[0].lines)


def test_the_still_and_the_empty_axes():
    figure = against_G(epsilon_rule)
    picture, seen = figure.beginning()
    assert picture[:4] == b"\x89PNG" and seen.startswith("Empty axes") and len(figure.still().axes[0].lines) > len(figure.still(empty=True).axes[0].lines)


@pytest.mark.parametrize("rule", [adagrad, rmsprop, gradient_descent])
def test_a_rule_without_the_switches_is_refused_with_what_to_write(rule):
    with pytest.raises(TypeError, match="inside=False, hold=False"):
        against_G(rule)


def test_a_place_where_no_slider_can_stand_is_refused():
    with pytest.raises(ValueError, match="eps"):
        against_G(epsilon_rule, eps=1e9)


def test_the_truths_of_the_cards():
    truths = {card.name: card.truth for card in walk07.CARDS}
    assert truths["let it grow"] == walk07.ONE and truths["who is lost"] == walk07.NEITHER
    assert walk07.how_they_end(1e-8) == pytest.approx(4, rel=0.02) and walk07.how_they_end(1.0) == pytest.approx(2.9, rel=0.01)
    assert truths["two places"] == pytest.approx(9.95, rel=1e-3)


def test_the_target_needs_the_box_and_a_large_eps():
    goal, eps = walk07.TARGETS["back to descent"].make(), np.array([1e-8, 1.0, 10.0, 30.0, 100.0, 1000.0])
    met = {hold: (goal.ints(descend(epsilon_rule, ravine, 100, eps=eps, hold=hold), eps.size)[0] >= 0).tolist() for hold in (False, True)}
    assert not any(met[False]) and met[True] == [False, False, False, True, True, True]


def test_a_finding_stands_only_where_the_controls_began_and_another_title_is_always_true():
    figure = against_G(epsilon_rule, eps=1e-6, G=1e-8, title="tenfold apart")
    assert figure.heading == "tenfold apart"
    for name, control in figure.controls.items():
        control.index = (control.index + 1) % len(control.values)
        assert figure.heading == WORDS["title"], name
        figure.reset()
        assert figure.heading == "tenfold apart"
    figure.close_all()


@pytest.mark.parametrize("inside, name", [(False, "η/ε"), (True, "η/√ε")])
@pytest.mark.parametrize("eps", [1e-12, 0.01])
def test_where_eta_is_held_the_sentence_says_what_is_held_and_what_eta_is_in_use(eps, inside, name):
    figure = against_G(epsilon_rule, eps=eps, inside=inside, hold=True, G=1e-8)
    used = 0.4 * (eps**0.5 if inside else eps)
    assert f"{name} held at 0.4, so η = {_short(used)}. " in figure.readout
    figure.close_all()


def test_the_key_names_only_what_is_drawn_and_ticks_are_written_as_numbers_in_the_sentences():
    figure = against_G(epsilon_rule, eps=0.01, G=1e-4, places=False)
    data = figure.canvas.data
    assert data["places"] == ("outside the root", "") or list(data["places"]) == ["outside the root", ""]
    assert "inside" not in figure.readout and "further down" not in str(data)
    texts = [tick["text"] for tick in data["xTicks"] + data["yTicks"]]
    assert not any(sign in text for text in texts for sign in "⁻⁰¹²³⁴⁵⁶⁷⁸⁹") and "1e-6" in texts
    figure.close_all()
