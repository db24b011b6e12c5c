"""The cards and the target of notebook 10, Adam, your framework, and how to choose. Every truth is found by running the rules."""

from helpers.descent import descend
from helpers.exercises.core_walk import Target
from helpers.exercises.predictions import Prediction
from helpers.explorer.goals import reach
from helpers.frameworks import keras_adagrad
from helpers.network import digits
from helpers.surfaces import given
from helpers.switchboard import switchboard
from helpers.update_rules import adam

EPOCHS = 30
ENDS = {"quantities": ["w"], "steps": [0, EPOCHS * digits.updates_an_epoch]}
THREES = [3.0, -1.0, -1.0] * 100  # over three steps these gradients sum to +1


def trained(rule, **knobs):
    """Share of the digits held back that are right after 30 epochs."""
    run = descend(rule, digits, EPOCHS * digits.updates_an_epoch, keep=ENDS, **knobs)
    return float(digits.accuracy(run.w[-1]))


def first_step_uncorrected():
    return float(descend(switchboard, given([7.0]), 1, eta=1.0, correction=False, eps=0.0).step[0, 0])


def at_keras_defaults():
    right = trained(keras_adagrad)
    return "nearly all, 98 %" if right > 0.95 else "about half of them" if 0.4 < right < 0.6 else "about 10 %, as by chance" if right < 0.15 else f"{right:.0%}"


def which_way():
    end = descend(adam, given(THREES), len(THREES), eta=0.1, beta1=0.0, beta2=0.1).w[-1, 0]
    return "up, the wrong way" if end > 0.5 else "down" if end < -0.5 else "it stays about where it is"


CARDS = [
    Prediction(
        "uncorrected", "10", "Adam with its usual β₁ = 0.9 and β₂ = 0.999, but without bias correction: how long is the very first step, in units of η?",
        first_step_uncorrected, "m is a tenth of g, and G a thousandth of g²: 0.1/√0.001. The correction divides both out, and leaves η.", unit="η", within=0.03,
        because={1: "That is what bias correction makes of it.", 0.1: "That is m alone: the root of G is too small as well, by a factor of 31.6.", 0.316: "That is the inverse: the small root of G stands below the fraction bar.",
                 0.0316: "That is the root of G's share alone, √0.001. It stands below the fraction bar, and m's share above it.", 31.6: "That is 1/√0.001, RMSprop's. Here m is too small as well, by a factor of ten.",
                 100: "0.1/0.001 it would be without the root.", 10: "1/(1 − β₁) is the factor that m lacks: it makes the step shorter, not longer."},
        finding="Without correction the first step is 3.16 η"),
    Prediction(
        "defaults", "10", "“Just say: use Adagrad.” Keras' Adagrad with all its defaults, the network of the digits, 30 epochs: how many of the images held back are right?",
        at_keras_defaults, "Its default η is 0.001, and its G starts at 0.1: its rates begin below 0.0032, and a rate of Adagrad never rises.",
        choices=("nearly all, 98 %", "about half of them", "about 10 %, as by chance"),
        because={"nearly all, 98 %": "So it is at η = 0.18. Nothing in the call says so.", "about 10 %, as by chance": "It does learn, and slowly: even after 300 epochs it is at 89 %."},
        finding="At Keras' defaults Adagrad has hardly begun after 30 epochs",
        alt="Two bars of the share of images that are right. Keras' Adagrad at its defaults stands at about 55 per cent, the same call with η = 0.18 at 97 per cent."),
    Prediction(
        "wrong way", "10", "The gradients 3, −1, −1 come again and again: their sum is +1 every three steps. Adam with β₁ = 0 and a short memory, β₂ = 0.1: "
        "which way does the weight go?",
        which_way, "The 3 is divided by its own large root at once, and counts about 1; by then it is forgotten, and each −1 counts about 1 as well. Two against one.",
        choices=("down", "it stays about where it is", "up, the wrong way"),
        because={"down": "It would, if all three were divided by the same number.", "it stays about where it is": "Then 3 would have to count as two of the others. It counts as about one."},
        finding="Without momentum and with a short memory, Adam walks the wrong way",
        alt="The weight over 300 steps. Gradient descent goes steadily down. Adam with β₁ = 0 and the usual β₂ = 0.999 goes down as well, with β₂ = 0.1 it goes up."),
]

TARGETS = {
    "right switches": Target("10", lambda: reach(1e-6, within=40, why="On this quiet ravine momentum only swings: RMS alone is enough. (Without the correction smaller η do as well: the first step is then a leap of 31.6 η.)"),
                             {"momentum": False, "rms": True, "correction": True, "eta": 0.6}),
}
