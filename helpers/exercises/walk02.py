"""The cards and the target of notebook 02, preset schedules. Every truth is found by training on both data sets."""

import numpy as np

from helpers.descent import descend
from helpers.exercises.core_walk import Target, nearest
from helpers.exercises.predictions import Prediction
from helpers.explorer.goals import stay
from helpers.schedules import preset
from helpers.surfaces import data_a, data_b
from helpers.update_rules import adagrad, gradient_descent

STEPS, ETA, SAME = 200, 0.4, 1e-9  # a rate is −Δw/g, rounded twice


def replay(record):
    """A calendar for each weight: gradient descent with the rates of a record, whatever the data is now."""

    def recorded(g, t=0):
        return -record.rate[int(t)] * g, t + 1

    return recorded


def what_changes():
    runs = [descend(gradient_descent, data, STEPS, eta=preset(eta=0.3, kind="exponential", half=20)) for data in (data_a, data_b)]
    rate, path = (not np.allclose(*[getattr(run, part) for run in runs], rtol=SAME) for part in ("rate", "w"))
    return {(True, True): "the rate curve and the path", (False, True): "the path alone", (True, False): "the rate curve alone", (False, False): "neither"}[rate, path]


def rates_on_b():
    """Adagrad's last rate of the first weight on data set B, in words: how many times that of the second."""
    first, second = descend(adagrad, data_b, STEPS, eta=ETA).rate[-1]
    known = {"a quarter, as on A": 1 / 4, "about the same": 1, "about 4 times as large": 4}
    return nearest(first / second, {**known, "about 16 times as large": 16})


def by_recorded_rates():
    """The loss on B by rates recorded on A, in units of Adagrad's own on B."""
    record = descend(adagrad, data_a, STEPS, eta=ETA)
    many = descend(replay(record), data_b, STEPS).loss[-1] / descend(adagrad, data_b, STEPS, eta=ETA).loss[-1]
    known = {"about a tenth of it": 0.1, "about the same": 1, "about 10 times as large": 10, "about 90 times as large": 90}
    return min(known, key=lambda words: abs(np.log(many / known[words])))


CARDS = [
    Prediction(
        "swap", "02", "An exponential schedule, 200 steps on data set A. Now data set B takes its place, and nothing else is touched. What changes, the rate curve or the path?",
        what_changes, "The schedule counts steps and looks at nothing else, so it was known before training started. The slopes are the data's, and so is the path.",
        choices=("the rate curve and the path", "the path alone", "the rate curve alone", "neither"),
        because={"the rate curve and the path": "The path does. But which part of η · cᵗ would the data enter by?",
                 "the rate curve alone": "It is the other way round.", "neither": "Other data, other slopes: the steps lead elsewhere."},
        finding="Swap the data: another path, the same rate curve"),
    Prediction(
        "smart calendar", "02", "Next to the exponential calendar runs Adagrad, whose rates fall as well. "
                                "On data set A its first weight's rate ends at a quarter of the second's. "
        "And on data set B, how large is it, compared with the second's?",
        rates_on_b, "Adagrad divides η by the root of the squared slopes that this training has met. On B "
                    "it is the second weight that has the steep ones. A calendar reads the step and nothing "
                    "else.",
        choices=("a quarter, as on A", "about the same", "about 4 times as large", "about 16 times as large"),
        because={"a quarter, as on A": "So it is with a calendar, which would keep its curves. Adagrad's "
                                       "come from the slopes.",
                 "about the same": "The two features are not spread alike on B, so the two weights do not "
                                   "meet slopes of one size.",
                 "about 16 times as large": "The direction is right. The rate divides by the root of the "
                     "squares: by the size of the slopes, not by its square."},
        finding="The calendar's curves coincide, Adagrad's change places"),
    Prediction(
        "recorded", "02", "Write down Adagrad's rates, step by step, while it trains on data set A at η = 0.4. Then train on data set B with that list as a calendar. "
        "How large is the loss after 200 steps, compared with Adagrad's own on B?", by_recorded_rates,
        "On A the first weight has the steep slopes and gets the small rates. On B it is the second, and the list does not know that.",
        choices=("about a tenth of it", "about the same", "about 10 times as large", "about 90 times as large"),
        because={"about the same": "So it would be, if the list held what is clever about Adagrad. On data set A it does give Adagrad's own path.",
                 "about a tenth of it": "The list was made for other slopes: it suits B worse, not better.",
                 "about 10 times as large": "The direction is right. It is more than that: one weight "
                     "hardly moves."},
        finding="Adagrad's rates, used as a calendar, do not fit other data",
        alt="Left, four falling curves on logarithmic axes: the recorded rate of the first weight runs below Adagrad's own on B, that of the second above it. "
            "Right, two losses on data set B: Adagrad's falls steadily, that of the recorded rates soon flattens and ends far above."),
]
TARGETS = {
    "calm end": Target("02", lambda: stay(0.003, since=150, until=200, why="A bold rate to cover the distance, a small one by the end, when only the noise is left. "
                                          "Constant rates cannot be both."), {"kind": "exponential", "eta": 0.5, "half": 20}),
}
