"""The read-out: one template, two digits, a sentence for every fate of a run."""

import numpy as np
import pytest

from helpers.explorer import explore
from helpers.explorer.readout import WAITING, fill, number, sentences
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


class Lane:
    """A lane that says its slots."""

    def __init__(self, step=7, undefined=-1, diverged=-1, error="", **ints):
        self.at, self.message, self.ints = step, error, {"undefined": undefined, "diverged": diverged, **ints}

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


def test_every_fate_has_its_sentence():
    cases = sentences("RMSprop", ["w₁", "w₂"], True, False, 0)
    assert fill(cases, Lane(0), 0) == "Before the first step the loss is <loss@0>. "
    assert fill(cases, Lane(7), 9) == ("After 7 steps RMSprop's loss is <loss@9> (it began at <loss@0>). "
                                      "Its rates are <rate0@9> for w₁ (rising) and <rate1@9> for w₂ (falling). ")
    assert fill(cases, Lane(7, diverged=5), 9) == "RMSprop diverged at step 5 and has left the picture. "
    assert fill(cases, Lane(5, diverged=5), 9).startswith("RMSprop diverged") and fill(cases, Lane(4, diverged=5), 9).startswith("After 4")
    assert fill(cases, Lane(7, undefined=0), 9) == "RMSprop's change is 0/0 from step 0 on: ε = 0 and a gradient of exactly 0. "
    assert fill(cases, Lane(0, undefined=0), 0).startswith("Before the first step")
    assert fill(cases, Lane(error="NameError: x"), 0) == "NameError: x " and fill(cases, None, 0) == WAITING + " "


def test_a_ghost_says_its_loss_only_and_a_second_rule_does_not_say_where_it_began():
    assert fill(sentences("Adagrad", ["w₁", "w₂"], True, True, 0), Lane(), 3) == "Adagrad's loss is <loss@3>. "
    assert "began" not in fill(sentences("Adagrad", ["w₁", "w₂"], True, False, 0, first=False), Lane(), 3)


def test_jumps_are_told_one_by_one():
    said = fill(sentences("my rule", ["w"], True, False, 3), Lane(back0=4, back1=12, back2=-1), 3)
    assert said.endswith("Steps needed, from the start and after each jump: 4, 12, not in time. ") and "Its rate is <rate0@3> for w (rising). " in said


def test_rules_without_a_rate_and_many_weights_have_words_of_their_own():
    assert "Its last steps were <step0@1> for w₁ and <step1@1> for w₂. " in fill(sentences("Adam", ["w₁", "w₂"], False, False, 0), Lane(), 1)
    assert "Half of its rates are below <rate1@1>. " in fill(sentences("Adam", ["w"], True, False, 0, quantiles=True), Lane(), 1)
    assert "<step1@1> for median" in fill(sentences("Adam", ["w"], False, False, 0, quantiles=True), Lane(), 1)


def test_the_whole_figure_says_what_descend_did():
    for figure in (explore(rmsprop, on=ravine, ghost=adagrad), explore(gradient_descent, on=bowl, eta=(0.01, 3)), explore(adam, on=ravine), explore(rmsprop, on=moving(ravine, 50, 1)),
                   explore(gradient_descent, rmsprop, on=saddle)):
        for step in (0, 1, 2, 10, 50, 99, 100):
            figure.step = step
            check_readout(figure)
            assert (f"After {step} steps" in figure.readout) == (step > 0)
        figure.close_all()


def test_a_loss_beyond_what_a_linear_axis_carries_is_said_to_be_beyond():
    figure = explore(gradient_descent, on=saddle, steps=120)
    assert next(iter(figure.runs.values())).loss[-1] < -1000
    assert "loss is below -" in figure.readout
