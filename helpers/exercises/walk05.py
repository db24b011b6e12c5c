"""The cards and the target of notebook 05, what Adagrad buys and what it costs. Every truth is found by running the rules."""

import numpy as np

from helpers.descent import descend
from helpers.exercises.core_walk import Target, nearest
from helpers.exercises.predictions import Prediction
from helpers.explorer.goals import reach
from helpers.rare_feature import arrival, rare_feature
from helpers.milestones import Milestones
from helpers.surfaces import Dropping, endless, given, ravine, regression, two_features
from helpers.update_rules import adagrad, gradient_descent, rmsprop

noisy = regression(*two_features((1.0, 1.0), seed=0), batch=4, name="mini-batches: two weights, fitted to 64 examples")
drop = [1.0] * 100 + [0.01] * 5000  # gradients of 1, and from step 100 on a hundredth of that


DROP = 100  # the step of that drop


def _tenfold(run):
    """How many steps after the drop the rate is ten times what it was there; −1: never."""
    grown = run.rate[DROP:] >= 10 * run.rate[DROP - 1]
    return np.where(grown.any(axis=0), grown.argmax(axis=0) + 1, -1)


dropping = Dropping(endless, DROP, 0.01)
GROWN = "Steps from the drop until its rate is ten times as large"
dropping.milestones = Milestones(GROWN, ("",), "rate", _tenfold, DROP)


def sooner(seed=0):
    """How many times as soon Adagrad has the rare weight in place in this shuffle, where both have the common one in place at about the same step."""
    (common, slow), (as_common, fast) = (arrival(descend(rule, rare_feature(0.02, seed=seed), 600, **knobs)) for rule, knobs in ((gradient_descent, {"eta": 0.1}), (adagrad, {"eta": 0.4, "eps": 0.01})))
    assert abs(common - as_common) <= 2 and slow <= 600
    return float(slow / fast)


def times_sooner():
    ratio = sooner()
    return "Adagrad, about twelve times as soon" if 10 < ratio < 14 else "Adagrad, about twice as soon" if 1.5 < ratio < 3 else f"{ratio:.2g} times"


def one_rate_for_both():
    """The smallest number of steps in which one constant η has both weights in place, over a grid of η."""
    run = descend(gradient_descent, rare_feature(0.02), 600, eta=np.geomspace(0.05, 10, 46))
    needed = arrival(run).max(axis=-1).min()
    if needed > 600:
        return "never, at any η"
    return nearest(needed, {"in fewer than 100 steps": 60, "in about 300 steps": 300,
        "in about 570 steps": 570})


def fate_of_the_rates():
    """Which of the two rates has come to a level above 0: it does not fall in the second half of the run."""
    end, middle = (descend(adagrad, ravine, 5000, eta=0.4).rate[t] for t in (-1, 2500))
    words = {
        (True, True): "both level off, far above 0", (False, False): "both go on falling, towards 0",
        (True, False): "the gentle weight's levels off, the steep one's goes on to 0",
        (False, True): "the steep weight's levels off, the gentle one's goes on to 0",
    }
    return words[tuple((np.isclose(end, middle, rtol=1e-9) & (end > 0.01)).tolist())]


def steps_to_tenfold(beta):
    """After a hundredfold drop of the gradient: how long RMSprop's rate takes to grow tenfold, from an account that was full. −1: never in 5 000 steps."""
    rate = descend(rmsprop, given(drop), len(drop), eta=0.1, beta=beta, memory={"G": 1.0}).rate[:, 0]
    grown = rate >= 10 * rate[99]
    return int(grown.argmax()) - 99 if grown.any() else -1


CARDS = [
    Prediction(
        "rare", "05", "Feature 2 is 0 in all but 2 % of the examples. Gradient descent at η = 0.1 and Adagrad at η = 0.4 have the common weight in place after 12 and 13 steps. "
        "Who has the rare weight there first, in this shuffle of the examples?", times_sooner,
        "An empty account makes a large rate: it stays large for a weight that meets few gradients. Gradient descent has one rate, and it was chosen for the common weight.",
        choices=("gradient descent, about twice as soon", "both at about the same step", "Adagrad, about "
            "twice as soon", "Adagrad, about twelve times as soon"),
        because={"both at about the same step": "In gradient descent the rare weight moves in one step of six only, by the same rate.",
                 "Adagrad, about twice as soon": "More than that: its rate for the rare weight never falls below 1, and gradient descent's is 0.1.",
                 "gradient descent, about twice as soon": "Its rate stays at 0.1, yes; but Adagrad's for "
                     "the rare weight stays above 1."},
        finding="At 2 %, with η = 0.1 and 0.4: Adagrad has the rare weight in place twelve times as soon"),
    Prediction(
        "tuned", "05", "Gradient descent needed 569 steps for the rare weight at η = 0.1. Now look for the best single η for both weights. When are both in place?", one_rate_for_both,
        "The common weight bears an η up to about 1. At such an η the rare weight needs few appearances.",
        choices=("never, at any η", "in about 570 steps", "in about 300 steps", "in fewer than 100 steps"),
        because={"in about 570 steps": "That was at 0.1, and nobody had tuned it.", "in about 300 steps": "That is η = 0.2. One can be bolder.",
                 "never, at any η": "It would be so if the two needed rates that are further apart. Here "
                                    "the common weight still bears 0.9."},
        finding="A tuned constant rate gets both weights there, too", alt="Steps until both weights are in place against η, on logarithmic axes. Gradient descent falls to about 60 steps "
        "just below η = 1, and never arrives from 1 on. Adagrad's curve lies lower, and stays low up to η = 10."),
    Prediction(
        "to zero", "05", "Adagrad walks down the quiet ravine, where every step sees the whole loss. What becomes of its two rates in 5 000 steps?", fate_of_the_rates,
        "G grows by g² only. As the weights arrive, g dies out, so G stands still, and so do the rates.",
        choices=("both go on falling, towards 0", "the gentle weight's levels off, the steep one's goes on "
            "to 0",
                 "the steep weight's levels off, the gentle one's goes on to 0", "both level off, far above "
                     "0"),
        because={"both go on falling, towards 0": "They would if the gradients did not die out.",
                 "the gentle weight's levels off, the steep one's goes on to 0": "The steep weight arrives, "
                     "too, and its gradients die out even sooner.",
                 "the steep weight's levels off, the gentle one's goes on to 0": "The gentle weight is the "
                     "later one, but it arrives, and its gradients die out as well."},
        finding="Without noise the rates level off; with noise they fall as 1/√t"),
    Prediction(
        "tenfold", "05", "A gradient of 1 drops to 0.01 and stays there. RMSprop with β = 0.9: after how many steps has its rate grown tenfold?", lambda: steps_to_tenfold(0.9),
        "√G has to fall tenfold, so G a hundredfold, and it keeps 0.9 of itself at each step: 0.9⁴⁴ is 1/100.", within=0.12, tell="{:.0f}".format,
        because={10: "That is 1/(1 − β). In ten steps G falls to a third, and √G to 0.6.", 22: "In 22 steps G falls tenfold. √G has to, so G has to fall a hundredfold.",
                 100: "That is how much smaller the gradient is. G forgets faster than that.", 7: "That halves G. It has to fall a hundredfold."},
        finding="At β = 0.9 RMSprop's rate grows tenfold within 44 steps of the drop, Adagrad's never"),
]

TARGETS = {
    "rare too": Target("05", lambda: reach(1e-3, within=100, why="So a rare feature does not defeat plain gradient descent: an η that nobody had tuned did."), {"eta": 0.7}),
}
