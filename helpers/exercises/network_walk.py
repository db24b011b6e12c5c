"""The cards and targets of notebook 09, inside a network. Every truth is found by training it."""

import numpy as np

from helpers.descent import descend
from helpers.exercises.core_walk import Target
from helpers.exercises.predictions import Prediction
from helpers.explorer.goals import stay
from helpers.network import digits, on_digits
from helpers.record import settled_at
from helpers.update_rules import adagrad

ETA, EPOCHS = 0.18, 30


def decades(rates):
    """How many powers of ten lie between the 1st and the 99th percentile of the rates, those that are infinite left out."""
    low, high = np.percentile(rates[np.isfinite(rates) & (rates > 0)], [1, 99])
    return float(np.log10(high / low))


def spreads(network=digits, steps=300):
    """{layer: decades of its rates} after so many updates of Adagrad. Weights whose G is 0 are left out: their rate η/ε says nothing but ε."""
    run = descend(adagrad, network, steps, eta=ETA, keep={"quantities": ["rate", "G"], "steps": [steps - 1, steps]})
    return {name: decades(network.part(name, run.rate[-1])[network.part(name, run.G[-1]) > 0]) for name in network.layers}


def wider_layer():
    first, second = (spreads()[name] for name in ("W1", "W2"))
    return "the first layer, W1" if first > 1.5 * second else "the second layer, W2" if second > 1.5 * first else "both about the same"


def settled_shares(network=digits):
    """The share of the weights that has settled by the end of each epoch, epoch 0 first: (EPOCHS + 1,). Those that never move are left out."""
    told = settled_at(descend(adagrad, network, EPOCHS * network.updates_an_epoch, eta=ETA, keep="w").w)
    return np.array([(told[told >= 0] <= epoch * network.updates_an_epoch).mean() for epoch in range(EPOCHS + 1)])


def share_by_epoch_3():
    known = {"about a tenth": 0.1, "about a third": 1 / 3, "about two thirds": 2 / 3, "nearly all": 0.95}
    share = settled_shares()[3]
    return min(known, key=lambda words: abs(known[words] - share))


def squares_with_larger_batches():
    """What becomes of the number of squares in an account, over as many epochs, where batches grow from 32 to 128 images."""
    known = {"four times as many": 4, "just as many": 1, "about a quarter as many": 1 / 4}
    small, large = (on_digits(batch=batch).updates_an_epoch for batch in (32, 128))
    return min(known, key=lambda words: abs(np.log(large / small / known[words])))


CARDS = [
    Prediction(
        "one epoch", "09", "Train for 30 epochs, in batches of 128 images instead of 32. How many squares does the account of each weight collect, compared with before? (0² counts.)",
        squares_with_larger_batches, "Every batch gives one gradient, every gradient one update, and every update one square: fewer batches, fewer squares.",
        choices=("four times as many", "just as many", "about a quarter as many"),
        because={"just as many": "It would be so if an account grew once an epoch. An epoch is one look at all images, and the weights do not wait for its end.",
                 "four times as many": "The images of a batch share one gradient, so a larger batch still adds one square."},
        finding="One epoch, as many updates as there are batches",
        alt="Two bar charts for batches of 32, of 128 and of all images. In one epoch: 45, 12 and 1 updates; in 30 epochs: 1 350, 360 and 30."),
    Prediction(
        "layers", "09", "Adagrad at η = 0.18, after 300 updates: in which layer do the rates of the weights spread more?", wider_layer,
        "A pixel at the left or right edge is inked in few images: its weights meet next to no gradient, so their accounts stay nearly empty and their rates high. "
        "Hidden units speak for every image. (Weights of pixels that are always blank are left out: their G is exactly 0.)",
        choices=("the first layer, W1", "the second layer, W2", "both about the same"),
        because={"the second layer, W2": "Its rates differ by less than a factor of ten, for all of its weights meet gradients of about one size.",
                 "both about the same": "They share η, and that is all they share: every weight's rate follows from its own gradients."},
        finding="The rates of W1 spread over decades, those of W2 do not"),
    Prediction(
        "settled", "09", "A weight has settled once it stays within 10 % of its travel from where it ends up. Adagrad at η = 0.18 trains for 30 epochs: "
        "which share of the weights has settled by the end of epoch 3?", share_by_epoch_3,
        "By then the loss has come most of its way, and the weights have not: each settles in its own time, and most of them late.",
        choices=("about a tenth", "about a third", "about two thirds", "nearly all"),
        because={"nearly all": "The accuracy has nearly arrived by then; the weights have not.",
                 "about two thirds": "It takes until about epoch 19 for two thirds to settle.",
                 "about a third": "It takes until about epoch 12 for a third to settle."},
        finding="The accuracy arrives early, the weights settle late, each in its own time",
        alt="Three histograms over 30 epochs. Adagrad's has some weights in the first epochs and most between epoch 10 and 28; gradient descent's begins later; "
            "RMSprop's stands nearly whole in the last ten epochs."),
]
TARGETS = {
    "calm": Target("09", lambda: stay(0.16, since=200, until=300, why="Every batch has another gradient, and RMSprop answers each with steps of about η. "
                                      "A smaller η had not arrived, a larger one is too restless."), {"eta@rmsprop": 0.007}),
}
