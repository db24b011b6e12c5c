"""What a training of the digits came to, in words: how many images, and which way η should go."""

import numpy as np

from helpers.exercises.quantities import digits as say

UPDATES = 300
ENDS = {"quantities": ["w", "g", "dw"], "steps": [0, UPDATES]}  # all that is looked at of a training


def share(network, accuracy):
    """'0.975 (350 of 359)', rounded down: what has just not been reached does not look reached."""
    many = len(network.held_back.labels)
    return f"{np.floor(1000 * accuracy + 1e-9) / 1000:.3f} ({round(accuracy * many)} of {many})"


def a_better_eta(train, network, eta):
    """Which way η should go: a sentence, from trainings with less and with more of it. train(etas) -> a record of them."""
    w = train(eta * np.array([0.1, 0.5, 1, 2, 10])).w[-1]
    loss = np.nan_to_num(network.loss(w), nan=np.inf)
    learnt = loss < network.loss(network.start)  # where none has, the accuracy is chance
    best = int(np.argmax(network.accuracy(w) - 1e-3 * loss)) if learnt.any() else int(np.argmin(loss))
    if best == 2:
        return f"With another η, from a tenth of {say(eta)} to ten times as much, it does no better."
    return "Its steps are too long: a smaller η does better." if best < 2 else "Its steps are too short: a larger η does better."
