"""The cards and the target of notebook 07, an ε laboratory. Every truth is found by running the rules."""

import numpy as np

from helpers.descent import descend
from helpers.epsilon import epsilon_rule
from helpers.exercises.core_walk import Target
from helpers.exercises.predictions import Prediction
from helpers.explorer.goals import reach
from helpers.surfaces import given, ravine
from helpers.update_rules import adagrad, gradient_descent, momentum

SMALL = {"G": 1e-8, "eps": 1e-6}  # an account and an ε for which the two places of ε differ about tenfold


def rate_at(G, eps, inside, eta=0.4):
    """The rate of a weight whose account holds G and meets no gradient."""
    return float(descend(epsilon_rule, given([0.0]), 1, eta=eta, eps=eps, inside=inside, memory={"G": G}).rate[0, 0])


def times_apart():
    return rate_at(**SMALL, inside=False) / rate_at(**SMALL, inside=True)


def older_method():
    """What Adagrad with η = 400 and ε = 1000 walks like on the ravine."""
    path = descend(adagrad, ravine, 60, eta=400.0, eps=1000.0).w
    others = {"gradient descent with η/ε": descend(gradient_descent, ravine, 60, eta=0.4).w, "gradient descent with η": descend(gradient_descent, ravine, 60, eta=400.0).w,
              "momentum with η/ε": descend(momentum, ravine, 60, eta=0.4).w, "Adagrad, as before": descend(adagrad, ravine, 60, eta=400.0).w}
    with np.errstate(all="ignore"):
        far = {name: np.nan_to_num(np.abs(other - path).max(), nan=np.inf) for name, other in others.items()}
    return min(far, key=far.get)


def first_zero_step():
    run = descend(adagrad, given([0.0, 3.0, 4.0]), 3, eps=0.0)
    return "it is lost for good: not a number" if np.isnan(run.w[1:]).all() else "something else"


CARDS = [
    Prediction(
        "older method", "07", "Let ε grow until it is far above √G, and η with it, so that η/ε stays 0.4. Which older method does Adagrad become?", older_method,
        "Beside a large ε the root counts for nothing: the rate is η/ε for every weight and at every step.",
        choices=("Adagrad, as before", "gradient descent with η", "gradient descent with η/ε", "momentum with η/ε"),
        because={"Adagrad, as before": "As long as √G counts, yes. Now ε is a hundred times as large.", "gradient descent with η": "η is divided by ε, and ε is not 1.",
                 "momentum with η/ε": "Nothing here remembers a direction."},
        finding="A large ε makes Adagrad plain gradient descent"),
    Prediction(
        "two places", "07", "G = 1e-8 and ε = 1e-6. How many times as large is the rate with ε outside the root, η/(√G + ε), as with ε inside, η/√(G + ε)?", times_apart,
        "Outside, ε is added to √G = 1e-4 and hardly counts. Inside, it is added to G = 1e-8, and is a hundred times as large.", within=0.06, tell="{:.3g}".format,
        because={1: "√(a + b) is not √a + √b: the two would be alike if ε were 0.", 100: "So much larger is ε than G; the root of that is left.", 0.1: "The other way round: inside, ε makes the divisor larger."},
        finding="The same ε in two places: tenfold apart"),
    Prediction(
        "zero by zero", "07", "ε = 0, and a weight whose first gradient is 0, its second 3. What becomes of the weight?", first_zero_step,
        "At the first step the change is 0/0. A number plus not-a-number is not a number, and so it stays.",
        choices=("it waits one step, then goes on", "it takes one step of η, then goes on", "it is lost for good: not a number"),
        because={"it waits one step, then goes on": "So it should. But 0/√0 is 0/0, and NumPy answers nan.", "it takes one step of η, then goes on": "That is what the first gradient that is not 0 would give."},
        finding="One gradient of 0, and the weight is not a number any more",
        alt="Two weights over four steps. The weight that began with the gradient 0 has no line at all: it is not a number from step 1. The same with ε = 1e-8 waits at 0 for one step and then moves."),
]

TARGETS = {
    "back to descent": Target("07", lambda: reach(1e-6, within=100, why="√G₂ is about 15 here, so ε has to be far above that before both weights have the rate 0.4."),
                              {"hold": True, "eps": 1000}),
}
