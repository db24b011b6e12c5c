"""The cards and targets of the core walk: notebooks 01, 04 and 06. Every truth is found by running the rules."""

from typing import Callable, NamedTuple

import numpy as np

from helpers.descent import descend
from helpers.exercises.predictions import Prediction
from helpers.explorer.goals import reach, stay
from helpers.record import steps_back
from helpers.surfaces import given, moving, ravine, turned_ravine
from helpers.update_rules import adagrad, gradient_descent, rmsprop

def nearest(ratio, known):
    """The words of {words: ratio} whose ratio is closest to this one, in factors."""
    return min(known, key=lambda words: abs(np.log(ratio / known[words])))


# 01


def edge():
    """The largest η at which gradient descent still shrinks the loss of the ravine, to three digits."""
    etas = np.arange(1, 3000) / 1000
    run = descend(gradient_descent, ravine, 400, eta=etas, keep="loss")
    return float(etas[run.loss[-1] < run.loss[0]].max())


def growth():
    """At η = 1.8, how many times as many steps condition 30 needs as 10, to a millionth of the loss."""
    losses = [descend(gradient_descent, turned_ravine(c, 0, steepest=1), 500, eta=1.8).loss for c in (10, 30)]
    few, many = (np.argmax(loss <= 1e-6 * loss[0]) for loss in losses)
    known = {"as many": 1, "about 1.7 times as many": 3**0.5, "about 3 times as many": 3}
    return nearest(many / few, {**known, "about 9 times as many": 9})


def first_scale():
    """The first scale of the loss at which η = 0.4 no longer settles on the ravine (scaling the loss scales g, as a larger η would)."""
    scales = np.array([1.2, 1.5, 2, 10])
    run = descend(gradient_descent, ravine, 400, eta=0.4 * scales)
    grows = run.loss[-1] > run.loss[0]
    return f"{scales[grows][0]:g} times" if grows.any() else "none of them"


# 04


def fates():
    """Which of the two rates ever rises on the ravine."""
    rate = descend(adagrad, ravine, 200, eta=0.4).rate
    words = {
        (True, False): "only the gentle one's rises", (False, True): "only the steep one's rises",
        (False, False): "neither ever rises", (True, True): "both rise once the slopes are small",
    }
    return words[tuple((np.diff(rate, axis=0) > 0).any(axis=0).tolist())]


def first_lengths():
    small, large = (descend(adagrad, given([g]), 3, eta=0.4).step for g in (0.01, 100))
    many = float((large / small).mean())
    return "the same" if np.isclose(many, 1, rtol=1e-4) else "10 000 times as long" if many > 1000 else "100 times as long" if many > 10 else "shorter"


def what_jumps():
    step = descend(adagrad, given([1] * 20 + [100] * 20), 40, eta=0.4).step[:, 0]
    known = {"a twentieth as long": 1 / 20, "about as long": 1, "about 4.5 times as long": 4.5}
    return nearest(step[20] / step[19], {**known, "100 times as long": 100})


# 06


def later():
    loss = descend(rmsprop, ravine, 500, eta=0.4, keep="loss").loss[-1]
    return min(("1e-20", "1e-10", "1e-5", "1e-1"), key=lambda told: abs(np.log(loss / float(told))))


def what_jumps_cost():
    """Does each rule need more steps after the second jump than it needed from the start?"""
    more = []
    for rule, eta in ((adagrad, 0.4), (rmsprop, 0.1)):
        start, _, second = steps_back(descend(rule, moving(ravine, every=100, jump=(-3, 1.5)), 299, eta=eta, keep="loss").loss, 100)
        more.append("more" if second > start else "fewer")
    return f"both {more[0]}" if more[0] == more[1] else f"Adagrad {more[0]}, RMSprop {more[1]}"


SAME, RESCALED = "yes, at the same η", "yes, at η√(1 − β)"


def becomes():
    path = descend(adagrad, ravine, 20, eta=0.4).w
    alone, rescaled = (descend(rmsprop, ravine, 20, eta=0.4 * share, beta=0.9999).w for share in (1.0, 0.01))
    near = [np.abs(other - path).max() < 0.01 for other in (alone, rescaled)]
    return SAME if near[0] else RESCALED if near[1] else "no, at no η"


CARDS = [
    Prediction(
        "ravine edge", "01", "The ravine has curvature 0.2 along w₁ and 4 along w₂. Up to which η does gradient descent still settle on it?", edge,
        "There η × 4 reaches 2: the steep weight sets the limit for both.", within=0.03,
        because={10: "That is what the gentle weight alone could bear, 2/0.2.", 2: "That was the limit at curvature 1; the steep weight here has 4.",
                 0.25: "At 1/4 the steep weight lands on its minimum in one step; it still settles up to twice that.",
                 0.476: "There both weights shrink equally fast; it settles for a little longer."},
        finding="The steep weight sets the limit, the gentle one waits"),
    Prediction(
        "condition", "01", "At η = 1.8 and condition number 10, the loss falls to a millionth of its start "
                           "in 33 steps. How many steps does that take at condition number 30?", growth,
        "What counts is η × the gentle curvature, 1.8/condition: the share of its way that the gentle "
        "weight covers in a step. It is a third of what it was.",
        choices=("as many", "about 1.7 times as many", "about 3 times as many", "about 9 times as many"),
        because={"as many": "The steep weight is as quick as before, but the gentle one moves by a smaller "
                            "share of its way at each step.",
                 "about 1.7 times as many": "The square root is what momentum reaches (notebook 03); without it the price is the ratio itself."},
        finding="One η for two curvatures: the larger their ratio, the longer the wait"),
    Prediction(
        "scale", "01", "η = 0.4 settles on the ravine. Now the loss is multiplied, and nothing else changes. Which is the first of these factors to break it?", first_scale,
        "The curvature grows with the loss, and the steep gauge stands at 0.4 × 4 = 1.6 to begin with: it passes 2 soon.",
        choices=("1.2 times", "1.5 times", "2 times", "10 times", "none of them"),
        because={"none of them": "It is the same valley, but not the same slope: g is multiplied too.", "10 times": "It is broken long before.",
                 "1.2 times": "1.6 × 1.2 = 1.92 still holds."},
        finding="The same valley, ten times as tall: the safe η falls tenfold"),
    Prediction(
        "rates", "04", "On its way down the ravine: what becomes of Adagrad's two rates, that of the gentle "
                       "weight and that of the steep one?", fates,
        "The account G adds squares and never falls, so η/(√G + ε) never rises.",
        choices=("only the gentle one's rises", "only the steep one's rises", "neither ever rises",
                 "both rise once the slopes are small"),
        because={"both rise once the slopes are small": "A small gradient adds little, but it takes nothing "
                                                         "away.",
                 "only the gentle one's rises": "Its rate lies higher, and it falls too.",
                 "only the steep one's rises": "Its large gradients make a large account, and a small rate; "
                                               "what is in the account stays."},
        finding="Every weight has its own rate, and it never rises"),
    Prediction(
        "by hand", "04", "A weight meets the gradients 3 and then 4, and its account began at 0. What is √G now?",
        lambda: float(np.sqrt(descend(adagrad, given([3, 4]), 2, eps=0.0).G[-1, 0])), "G = 9 + 16 = 25, and 3-4-5 is a right triangle.", tell="{:.0f}".format, within=0.001,
        because={7: "3 + 4 adds the gradients themselves; the account adds their squares.", 25: "That is G; the rate is divided by its root.",
                 4: "That is the last gradient alone; the first is in the account too.", 12.5: "That is an average of the squares; Adagrad adds.",
                 3.46: "That is the mean of the gradients; the account adds their squares.",  # meant for 3.5: a reply reaches 2 % to each side, this one not to 3.54
                 3.54: "That is the root of an average; Adagrad adds."}),
    Prediction(
        "large gradient", "04", "One weight always meets the gradient 100, another always 0.01. How long are the first three steps of the first, compared to the second?", first_lengths,
        "Both have steps of η, η/√2 and η/√3: the size of a constant gradient cancels between g and √G.",
        choices=("10 000 times as long", "100 times as long", "the same", "shorter"),
        because={"10 000 times as long": "So it would be in gradient descent, where the rate is the same for both.",
                 "100 times as long": "The root of the ratio? √G grows just as g does, not as its root.", "shorter": "The larger account makes the rate smaller, exactly as much as g is larger."},
        finding="Ten thousand times the gradient, the same steps"),
    Prediction(
        "what jumps", "04", "A weight meets gradients of 1 for twenty steps, then of 100. How long is the "
                            "first step at 100, compared with the step before it?", what_jumps,
        "The rate is cut to 1/22 of itself, and the gradient is a hundred times larger: rate × gradient grows.",
        choices=("a twentieth as long", "about as long", "about 4.5 times as long", "100 times as long"),
        because={"a twentieth as long": "So it is with the rate. But the step is rate × gradient.",
                 "about as long": "That would hold if the rate were cut to 1/100.",
                 "100 times as long": "So it would be at the old rate. But the account takes in the new "
                                      "square before it divides."},
        finding="The rate falls and the step rises, at the same moment",
        alt="Left, the rate falls slowly and then drops steeply at step 21. Right, the step shrinks and then leaps up to almost η at step 21."),
    Prediction(
        "first step", "06", "RMSprop with β = 0.9 takes its first step, from G = 0. How long is it, in units of η?",
        lambda: float(descend(rmsprop, given([7]), 1, eta=1.0, beta=0.9, eps=0.0).step[0, 0]),
        "After one gradient the account holds a tenth of g² only, and η is divided by the root of that.", unit="η",
        because={1: "So it is in Adagrad, whose account holds all of g².", 10: "For a gradient of 1 it would be so without the root.", 0.1: "The account stands below the fraction bar: a small one makes a long step.",
                 0.316: "The account stands below the fraction bar: a small one makes a long step.", 0.9: "The account takes in a share 1 − β of g², not β."},
        finding="The first step is η/√(1 − β), not η"),
    Prediction(
        "settles", "06", "RMSprop at η = 0.4 on the ravine: after 20 steps the loss is about 1e-5. What is it after 500? Which is nearest?", later,
        "As the gradients shrink the account forgets, and the rates rise past rate × curvature = 2. The weights are thrown out, the account fills, and in the end both gauges stand at 2: it rings.",
        choices=("1e-20", "1e-10", "1e-5", "1e-1"),
        because={"1e-20": "It would go on falling, if the rates stayed as they are.", "1e-10": "It would go on falling, if the rates stayed as they are.",
                 "1e-5": "It does not stand still: the account goes on forgetting."},
        finding="The smaller the gradients, the higher RMSprop's rates: watch both gauges"),
    Prediction(
        "chase", "06", "The minimum jumps every 100 steps. After the second jump, does each rule need more or fewer steps to come near than it needed from the start?", what_jumps_cost,
        "Adagrad's account keeps every jump, so its rates only fall. RMSprop's has forgotten the last jump when the next one comes, and its rates have risen by then.",
        choices=("both fewer", "both more", "Adagrad more, RMSprop fewer", "Adagrad fewer, RMSprop more"),
        because={"both fewer": "Adagrad's rates are smaller after each jump.", "both more": "RMSprop forgets: between two jumps its rates rise.",
                 "Adagrad fewer, RMSprop more": "The other way round: which of the two accounts forgets?"},
        finding="A minimum that jumps: count the steps after each jump"),
    Prediction(
        "becomes Adagrad", "06", "Let β approach 1, and take far fewer than 1/(1 − β) steps. Does RMSprop walk Adagrad's path?", becomes,
        "After so few steps the account is (1 − β) times Adagrad's sum, so η√(1 − β) gives the same path; at the same η the first steps explode.",
        choices=(SAME, RESCALED, "yes, at η/√(1 − β)", "no, at no η"),
        because={SAME: "The shares β and 1 − β sum to 1: with β near 1 the account takes in almost nothing.", "no, at no η": "An account that forgets nothing is Adagrad's, up to a factor.",
                 "yes, at η/√(1 − β)": "The account is too small, so the rates are too large already: η has to shrink."},
        finding="At the same η, the first steps explode as β nears 1"),
]


class Target(NamedTuple):
    """A goal on the sliders of a notebook: how to make it (anew for each figure), and a setting that reaches it, for tests."""

    notebook: str
    make: Callable
    solution: dict


TARGETS = {
    "valley": Target("01", lambda: reach(1e-6, within=100, why="Near 2 / (sum of the two curvatures) both weights shrink equally fast."), {"eta": 0.44}),
    "bold": Target("04", lambda: reach(1e-6, within=20, why="A bold η: it is only a limit on each step, and the account brings the rates down by itself."), {"eta": 3.2}),
    "quiet": Target("06", lambda: stay(1e-6, since=200, until=400, why="Near hη/2 = 0.2 of the steep weight the rate can no longer climb past the edge. Far above, η/ε is small, and the gentle weight crawls."), {"eps": 0.25}),
}
