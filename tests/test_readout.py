"""The read-out: one template, two digits, a sentence for every fate of a run."""

import re

import numpy as np
import pytest

from helpers.explorer import explore
from helpers.explorer.readout import WAITING, fill, number, sentences
from helpers.schedules import exponential
from helpers.surfaces import bowl, moving, ravine, saddle
from helpers.update_rules import adagrad, adam, gradient_descent, rmsprop
from messages import check_readout


@pytest.mark.parametrize("x, said", [
    (0.28123, "0.28"), (23.4, "23"), (4.12e-9, "4.1e-9"), (0, "0"), (1, "1.0"), (9.96, "10"), (0.000123, "0.00012"), (0.0000996, "0.00010"), (0.0000123, "1.2e-5"), (1234, "1200"),
    (9999, "1.0e4"), (123456, "1.2e5"), (-0.5, "-0.50"), (-2e-7, "-2.0e-7"), (float("nan"), "not a number"), (float("inf"), "infinite"),
])
def test_a_number_is_said_with_two_digits(x, said):
    assert number(x) == said


def test_a_number_is_never_off_by_more_than_half_of_its_second_digit():
    for x in np.geomspace(1e-30, 1e15, 2000):
        assert float(number(x)) == pytest.approx(x, rel=0.0501)


class Many:
    name, start = "fifty weights", np.linspace(-2, 2, 50)

    def loss(self, w):
        return 0.5 * (w**2).sum(-1)

    def gradient(self, w):
        return 1.0 * w


class Lane:
    """A lane that says its slots."""

    def __init__(self, step=7, undefined=-1, diverged=-1, error="", edge=(), **ints):
        self.at, self.message, self.edge, self.ints = step, error, edge, {"undefined": undefined, "diverged": diverged, "why": 2, "ended": 0, **ints}

    def step(self, frame):
        return self.at

    def int(self, name):
        return self.ints[name]

    def error(self):
        return self.message

    def turn(self, weight, frame):
        return [1, 2][weight]

    def number(self, channel, frame):
        return f"<{channel}@{frame}>"

    def gauge(self, weight, frame):
        return f"<gauge{weight}@{frame}>"

    def past(self, weight, frame):
        return weight in self.edge

    def uphill(self, weight, frame):
        return weight in self.ints.get("uphill", ())

    def shown(self, panel):
        return panel in self.ints.get("shown", ())

    def outside(self, frame):
        return self.ints.get("outside", False)

    def told(self):
        return self.ints.get("told", "")


def test_every_fate_has_its_sentence():
    cases = sentences("RMSprop", ["w₁", "w₂"], True, False, 0)
    assert fill(cases, Lane(0), 0) == "Before the first step the loss is <loss@0>. "
    assert fill(cases, Lane(7), 9) == ("After 7 steps RMSprop's loss is <loss@9> (it began at <loss@0>). "
                                      "Its rates are <rate0@9> for w₁ (rising) and <rate1@9> for w₂ (falling). ")
    assert fill(cases, Lane(7, diverged=5), 9) == "RMSprop diverged at step 5: its loss has run off by more than a million times its start. "
    assert fill(cases, Lane(5, diverged=5), 9).startswith("RMSprop diverged") and fill(cases, Lane(4, diverged=5), 9).startswith("After 4")
    assert fill(cases, Lane(7, undefined=1), 9) == "RMSprop's change is 0/0 from step 1 on: ε = 0 and a gradient of exactly 0. "
    assert fill(cases, Lane(1, undefined=1), 9).startswith("RMSprop's change is 0/0") and fill(cases, Lane(0, undefined=1), 0).startswith("Before the first step")
    assert fill(cases, Lane(7, undefined=2, why=1), 9) == "RMSprop's change is 0/0 from step 2 on: a gradient is exactly 0 there. "
    assert fill(cases, Lane(7, undefined=2, why=0), 9) == "RMSprop's change is not a number from step 2 on, although the gradient is one. "
    assert fill(cases, Lane(error="NameError: x"), 0) == "NameError: x " and fill(cases, None, 0) == WAITING + " "


def test_what_did_not_run_off_is_not_called_diverged():
    cases = sentences("RMSprop", ["w₁", "w₂"], True, False, 0)
    assert fill(cases, Lane(7, diverged=5, ended=1), 9) == "RMSprop cannot go on: its loss is not a number from step 5 on. "
    assert fill(cases, Lane(0, diverged=0, ended=2), 0) == "RMSprop cannot go on: the loss is infinite at the start. "
    assert fill(cases, Lane(7, diverged=5, ended=3), 9) == "RMSprop cannot go on: its weights are not finite from step 5 on. "
    assert fill(sentences("RMSprop", ["w"], True, True, 0), Lane(7, diverged=5, ended=3), 9) == "RMSprop cannot go on: its weight is not finite from step 5 on. "


@pytest.mark.parametrize("uphill, said", [((), ""), ((0,), "The rate of w₁ is below 0, so that weight walks uphill. "), ((1,), "The rate of w₂ is below 0, so that weight walks uphill. "),
                                          ((0, 1), "Both are below 0, so the steps go uphill. ")])
def test_rates_below_0_are_said_to_walk_uphill(uphill, said):
    assert fill(sentences("mine", ["w₁", "w₂"], True, False, 0), Lane(uphill=uphill), 3).endswith(f"(falling). {said}")


def test_a_path_that_left_the_picture_is_said_to_have_and_a_panel_speaks_where_it_is_shown():
    cases = sentences("Adagrad", ["w₁", "w₂"], True, False, 0, memory="G")
    assert "It has left the picture. " in fill(cases, Lane(outside=True), 3) and "left" not in fill(cases, Lane(), 3)
    assert "Its G is <G0@3> for w₁ and <G1@3> for w₂. " in fill(cases, Lane(shown=["G"]), 3) and "G0" not in fill(cases, Lane(shown=["step"]), 3)
    assert "Its switches are on. " in fill(cases, Lane(told="Its switches are on. "), 3)


def test_a_ghost_says_its_loss_only_and_a_second_rule_does_not_say_where_it_began():
    assert fill(sentences("Adagrad", ["w₁", "w₂"], True, True, 0), Lane(), 3) == "Adagrad's loss is <loss@3>. "
    assert "began" not in fill(sentences("Adagrad", ["w₁", "w₂"], True, False, 0, first=False), Lane(), 3)


def test_jumps_are_told_one_by_one():
    said = fill(sentences("my rule", ["w"], True, False, 3), Lane(back0=4, back1=12, back2=-1), 3)
    assert said.endswith("Steps needed, from the start and after each jump: 4, 12, not in time. ") and "Its rate is <rate0@3> for w (rising). " in said


@pytest.mark.parametrize("edge, said", [((), ""), ((0,), "; w₁ is at or past the edge of 2"), ((1,), "; w₂ is at or past the edge of 2"), ((0, 1), "; both are at or past the edge of 2")])
def test_the_gauges_are_told_and_which_of_them_is_at_the_edge(edge, said):
    cases = sentences("RMSprop", ["w₁", "w₂"], True, False, 0, gauge=True)
    assert fill(cases, Lane(edge=edge), 3).endswith(f"Its gauges (rate × curvature) stand at <gauge0@3> and <gauge1@3>{said}. ")


def test_the_gauge_of_one_weight_is_one_and_a_figure_about_jumps_tells_of_none():
    assert fill(sentences("RMSprop", ["w"], True, False, 0, gauge=True), Lane(), 3).endswith("Its gauge (rate × curvature) stands at <gauge0@3>. ")
    assert fill(sentences("RMSprop", ["w"], True, False, 0, gauge=True), Lane(edge=(0,)), 3).endswith("stands at <gauge0@3>, at or past the edge of 2. ")
    for cases in (sentences("RMSprop", ["w"], True, False, 1, gauge=True), sentences("Adam", ["w"], False, False, 0, gauge=True), sentences("RMSprop", ["w"], True, True, 0, gauge=True)):
        assert "gauge" not in fill(cases, Lane(back0=3), 3)


def test_one_rate_for_all_weights_is_told_once():
    assert "Its rate is <rate0@3> for both weights (rising). " in fill(sentences("GD", ["w₁", "w₂"], True, False, 0, one_rate=True), Lane(), 3)
    assert "Its rate is <rate1@3> for all weights. " in fill(sentences("GD", ["w"], True, False, 0, quantiles=True, one_rate=True), Lane(), 3)


def test_where_the_step_is_shown_it_is_told_of_a_ghost_too():
    two = fill(sentences("RMSprop", ["w₁", "w₂"], True, False, 0), Lane(shown=["step"]), 3)
    assert two.endswith("Its last steps were <step0@3> for w₁ and <step1@3> for w₂. ") and "Its rates are" in two
    assert fill(sentences("RMSprop", ["w"], True, True, 0), Lane(shown=["step"]), 3) == "RMSprop's loss is <loss@3>; its last step was <step0@3> for w. "


def one_rate_by_chance(g, *, eta=0.1, limit=2.0):
    return -eta * np.clip(g, -limit, limit)


def test_a_rule_has_one_rate_only_where_no_gradient_can_change_that():
    for rule, on, said in [(gradient_descent, ravine, "Its rate is 0.10 for both weights (stays). "), (gradient_descent, Many(), "Its rate is 0.10 for all weights. "),
                           (one_rate_by_chance, ravine, "for w₁ ("), (adagrad, ravine, "for w₁ ("), (gradient_descent, bowl, "Its rate is 0.10 for w (stays). ")]:
        figure = explore(rule, on=on, eta=[0.1, 0.2])
        assert said in figure.readout + " ", figure.readout
        check_readout(figure)
        figure.close_all()
    figure = explore(gradient_descent, on=ravine, eta=exponential)
    assert "for both weights (falling). " in figure.readout


def test_a_short_sentence_for_each_thing_that_the_figure_shows():
    for make, most in [(lambda: explore(gradient_descent, on=bowl), 3), (lambda: explore(rmsprop, on=ravine), 3), (lambda: explore(rmsprop, on=ravine, show="step"), 4),
                       (lambda: explore(adam, on=ravine), 2), (lambda: explore(rmsprop, on=moving(ravine, 50, 1)), 3)]:
        figure = make()
        assert figure.readout.count(". ") + 1 == most, figure.readout
        figure.close_all()


def test_the_gauge_says_2_where_steps_on_a_quadratic_turn_from_shrinking_to_growing():
    figure = explore(gradient_descent, on=ravine, eta=[0.1, 0.49, 0.5, 0.51], steps=200)
    edge = []
    for figure.controls["eta"].index in range(4):
        figure.step = 3
        edge.append("w₂ is at or past the edge of 2" in figure.readout)
        grows = abs(figure.runs["gradient descent"].w[-1, 1]) > 1.99
        assert edge[-1] == grows, figure.readout
        assert ("and nearly 2.0. " in figure.readout + " ") == (figure.controls["eta"].value == 0.49), "1.96 is below the edge, whatever its two digits say"
        check_readout(figure)
    assert edge == [False, False, True, True]


def test_the_check_notices_another_gauge_another_edge_and_another_step(monkeypatch):
    figure = explore(rmsprop, on=ravine, show="step", start_at={"eta": 0.4}, steps=99)
    check_readout(figure)
    said = figure.readout
    for a, b in [(r"stand at [\d.]+", "stand at 0.77"), ("both are at", "w₂ is at"), (r"; both[^.]*", ""), (r"last steps were [\d.]+", "last steps were 0.77"),
                 (r"rates are [\d.]+", "rates are 0.077")]:
        assert re.search(a, said), said
        monkeypatch.setattr(type(figure), "readout", re.sub(a, b, said, count=1))
        with pytest.raises(AssertionError):
            check_readout(figure)


def test_rules_without_a_rate_and_many_weights_have_words_of_their_own():
    assert "Its last steps were <step0@1> for w₁ and <step1@1> for w₂. " in fill(sentences("Adam", ["w₁", "w₂"], False, False, 0), Lane(shown=["step"]), 1)
    assert "Half of its rates are below <rate1@1>. " in fill(sentences("Adam", ["w"], True, False, 0, quantiles=True), Lane(), 1)
    assert "Half of its last steps were below <step1@1>. " in fill(sentences("Adam", ["w"], False, False, 0, quantiles=True), Lane(shown=["step"]), 1)


def test_the_whole_figure_says_what_descend_did():
    for figure in (explore(rmsprop, on=ravine, ghost=adagrad), explore(gradient_descent, on=bowl, eta=(0.01, 3)), explore(adam, on=ravine), explore(rmsprop, on=moving(ravine, 50, 1)),
                   explore(gradient_descent, rmsprop, on=saddle)):
        for step in (0, 1, 2, 10, 50, 99, 100):
            figure.step = step
            check_readout(figure)
            assert (f"After {step} step{'s' * (step != 1)} " in figure.readout) == (step > 0)
        figure.close_all()


def test_a_loss_beyond_what_a_linear_axis_carries_is_said_to_be_beyond():
    figure = explore(gradient_descent, on=saddle, steps=120)
    assert next(iter(figure.runs.values())).loss[-1] < -1000
    assert "loss is below -" in figure.readout
