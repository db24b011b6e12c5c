"""The card and the target of notebook 00, start here. The truth is found by letting the ball roll."""

import numpy as np

from helpers.descent import descend
from helpers.exercises.core_walk import Target
from helpers.exercises.predictions import Prediction
from helpers.explorer.goals import reach
from helpers.surfaces import bowl
from helpers.update_rules import gradient_descent

BELOW = 1e-4


def needed(*etas, below=BELOW, steps=400):
    """How many steps the ball needs in the bowl until the loss is below `below`, for each η; −1: it never gets there."""
    met = descend(gradient_descent, bowl, steps, eta=np.array(etas)).loss < below
    return np.where(met.any(axis=0), met.argmax(axis=0), -1).tolist()


def doubled():
    once, twice = needed(0.8, 1.6)
    known = {"half as many": 1 / 2, "just as many": 1, "three times as many": 3}
    return "it never gets there" if twice < 0 else min(known, key=lambda words: abs(np.log(twice / once / known[words])))


CARDS = [
    Prediction(
        "double", "00", "From η = 0.1 to 0.2, 0.4 and 0.8, each doubling of η brings the loss below 0.0001 "
                        "in less than half the steps. "
        "How many steps does it take at 1.6, compared with 0.8?", doubled,
        "At η = 0.8 each step leaves a fifth of the way. At 1.6 it overshoots the bottom, and leaves six tenths of the way on the other side.",
        choices=("half as many", "just as many", "three times as many", "it never gets there"),
        because={"half as many": "So it goes as long as no step overshoots the bottom.",
                 "just as many": "It does overshoot, and by more than it fell short before.",
                 "it never gets there": "That begins at η = 2: there a step ends as far from the bottom as it began."},
        finding="Double η: half the steps, but not for ever"),
]
TARGETS = {
    "first": Target("00", lambda: reach(1e-6, within=10, why="Each step covers a larger share of the way."),
                    {"eta": 0.67}),
}
