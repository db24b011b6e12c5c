"""The cards and the target of notebook 03, momentum and the moving average. Every truth is found by running the rules."""

import numpy as np

from helpers.descent import descend
from helpers.exercises.core_walk import Target
from helpers.exercises.predictions import Prediction
from helpers.explorer.goals import reach
from helpers.memory_bars import share
from helpers.surfaces import given
from helpers.update_rules import momentum, rmsprop

ZIGZAG = [1, -1] * 50  # gradients of one size, whose sign changes at every step


def averages_of(gradients, beta=0.9):
    """(average of g, average of g²) after each of these gradients, from the rules themselves; each (steps,)."""
    run = descend(momentum, given(gradients), len(gradients), eta=1.0, alpha=beta)
    return -(1 - beta) * run.dw[:, 0], descend(rmsprop, given(gradients), len(gradients), beta=beta).G[1:, 0]


def which_cancels():
    small = [abs(part[-1]) < 0.2 for part in averages_of(ZIGZAG)]
    return {(True, True): "both", (True, False): "the average of g alone", (False, True): "the average of g² alone", (False, False): "neither"}[tuple(map(bool, small))]


def how_many_times():
    """The step of momentum under a constant gradient, in units of gradient descent's."""
    return float(np.abs(descend(momentum, given([1.0]), 300, eta=0.1, alpha=0.9).dw[-1, 0]) / 0.1)


CARDS = [
    Prediction(
        "constant slope", "03", "On a slope that never changes, gradient descent takes steps of η·g. How many times as long do the steps of momentum with α = 0.9 become?",
        how_many_times, "Momentum sums: 1 + 0.9 + 0.81 + … = 1/(1 − 0.9) = 10. It is not an average, whose "
                        "shares add up to 1.",
        because={1: "That would hold for an average. Momentum adds.", 0.9: "0.9 is what is kept of the last step, and the new one comes on top.",
                 1.9: "That is the second step. The third adds again.", 9: "The new gradient counts, too."},
        unit="", tell="{:.3g}".format, finding="Momentum adds up: ten times the step at α = 0.9"),
    Prediction(
        "last ten", "03", "A moving average with β = 0.9 “remembers ten steps”. How many per cent of the "
                          "average come from the last ten steps?",
        lambda: 100 * share(0.9, 10), "Each step has 0.9 of the share of the one after it, so older steps "
                                      "fade, and never quite vanish: 0.9¹⁰, which is 35 %, comes from "
                                      "further back.",
        because={100: "That would be a window: ten steps count fully, and older ones not at all.", 90: "0.9 is what is kept at each single step.",
                 50: "Half of it comes from the last 6.6 steps.", 35: "That is what comes from further back "
                     "than ten steps."},
        unit="%", tell="{:.0f}".format, finding="At β = 0.9 the last ten steps make 65 % of the average"),
    Prediction(
        "cancel", "03", "The gradient is +1, −1, +1, −1 … One average takes in g, another g², both with β = "
                        "0.9. After 100 steps, which of them is close to 0?",
        which_cancels, "Signs cancel in an average of g. A square has no sign, so nothing cancels in an average of g²: it stands at 1.",
        choices=("the average of g alone", "the average of g² alone", "both", "neither"),
        because={"both": "What could cancel in a sum of squares?", "neither": "Half of the gradients pull to the right, and half to the left.",
                 "the average of g² alone": "It is the other way round: all squares are +1."},
        finding="Signs cancel in the average of g; squares have none", alt="Two panels over 100 steps. Left, the average of g swings round 0 and comes close to it. Right, the average of g² climbs to 1 and stays."),
]

TARGETS = {
    "beat the ravine": Target("03", lambda: reach(1e-6, within=60, why="On this ravine plain gradient descent cannot do it at any η of its slider. Along the ravine the pushes add up; across it, at a larger η, signs cancel."),
                              {"alpha": 0.5, "eta": 0.5}),
}
