"""The cards and the target of notebook 07, an ε laboratory. Every truth is found by running the rules."""

import numpy as np

from helpers.descent import descend
from helpers.epsilon import epsilon_rule
from helpers.exercises.core_walk import Target
from helpers.exercises.predictions import Prediction
from helpers.explorer.goals import reach
from helpers.rare_feature import rare_feature
from helpers.surfaces import given, ravine
from helpers.update_rules import adagrad

SMALL = {"G": 1e-8, "eps": 1e-6}  # an account and an ε for which the two places of ε differ about tenfold


def rate_at(G, eps, inside, eta=0.4):
    """The rate of a weight whose account holds G and meets no gradient."""
    return float(descend(epsilon_rule, given([0.0]), 1, eta=eta, eps=eps, inside=inside, memory={"G": G}).rate[0, 0])


def times_apart():
    return rate_at(**SMALL, inside=False) / rate_at(**SMALL, inside=True)


def how_they_end(eps):
    """How many times as large the rate of w₁ ends as that of w₂: Adagrad on the ravine, with η/ε held at 0.4 from ε = 1 on, and η = 0.4 below."""
    first, second = descend(adagrad, ravine, 100, eta=0.4 * max(eps, 1), eps=eps).rate[-1]
    return first / second


def when_eps_is_large():
    ratio = how_they_end(1000.0)
    return ONE if 0.98 < ratio < 1.02 else FOUR if 3.8 < ratio < 4.2 else f"{ratio:.2g} : 1"


def who_is_lost():
    """Which of two weights that make one prediction together are still numbers after three steps, where the second begins with 0/0."""
    last = descend(adagrad, rare_feature(), 3, eta=0.4, eps=0.0).w[-1]
    return {(True, True): BOTH, (True, False): FIRST, (False, False): NEITHER}[tuple(bool(x) for x in np.isfinite(last))]


FOUR, ONE, APART, TURNED = "4 : 1", "1 : 1", "16 : 1", "1 : 4"
BOTH, FIRST, NEITHER = "both: the second waits for its first gradient", "the first: only the second is lost", "neither: the first is lost, too"
CARDS = [
    Prediction(
        "who is lost", "07", "ε = 0. Two weights make one prediction together. The gradient of the second is 0 at the first step, so it asks for 0/0. After three steps, which of the two are still numbers?",
        who_is_lost, "After one step the second weight is not a number. The next prediction is made with it, so the next gradient of every weight is not a number, either.",
        choices=(BOTH, FIRST, NEITHER),
        because={BOTH: "So it should be. But 0/√0 is 0/0, and NumPy answers nan.", FIRST: "After one step, yes. But the next prediction is made with both weights."},
        finding="One 0/0, and after two steps no weight is a number",
        alt="Two weights over four steps. With ε = 1e-8 the first climbs from 0 and the second waits at 0. With ε = 0 the first has a cross at steps 0 and 1 only, the second at step 0 only."),
    Prediction(
        "let it grow", "07", "On the ravine Adagrad's rates of w₁ and w₂ end 4 : 1. Now let ε grow until it is far above √G, and η with it, so that η/ε stays 0.4. How do the two rates end?", when_eps_is_large,
        "Beside a large ε the root counts for nothing: the rate is η/ε for every weight and at every step. That is plain gradient descent.",
        choices=(FOUR, ONE, APART, TURNED),
        because={FOUR: "As long as √G counts, yes: that is so for a small ε, which only keeps 0/0 away. Here ε is far above √G.", APART: "The roots set the rates apart, and they count for less and less.",
                 TURNED: "The steep weight has the larger account, whatever ε is."},
        finding="The larger ε beside √G, the closer Adagrad comes to gradient descent"),
    Prediction(
        "two places", "07", "G = 1e-8 and ε = 1e-6. How many times as large is the rate with ε outside the root, η/(√G + ε), as with ε inside, η/√(G + ε)?", times_apart,
        "Outside, ε is added to √G = 1e-4 and hardly counts. Inside, it is added to G = 1e-8, and is a hundred times as large.", within=0.06, tell="{:.3g}".format,
        because={1: "√(a + b) is not √a + √b: the two would be alike if ε were 0.", 100: "So much larger is ε than G; the root of that is left.", 0.1: "The other way round: inside, ε makes the divisor larger."},
        finding="One ε, outside the root or inside: compare the two ceilings"),
]

TARGETS = {
    "back to descent": Target("07", lambda: reach(1e-6, within=100, why="√G₂ is about 15 here, so ε has to be far above that before both weights have the rate 0.4."),
                              {"hold": True, "eps": 1000}),
}
