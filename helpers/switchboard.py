"""Adam with its three parts behind switches: momentum, RMS, bias correction. Corners of the board are rules of the series."""

import numpy as np


def switchboard(g, m=0.0, G=0.0, t=0, *, eta=0.2, momentum=True, rms=True, correction=True, beta1=0.9, beta2=0.999, eps=1e-8):
    """(Δw, m, G, t) of Adam, of which each part may be switched off.

    g           ∂L/∂w, of any shape; m, G and t are its memories, as in `helpers.update_rules.adam`
    momentum    take the average m of the gradients, and not g alone
    rms         divide by the root of the average G of their squares
    correction  make up for averages that started at 0: divide each by 1 − βᵗ

    All off is gradient descent; momentum alone is momentum as an average, that is with η/(1 − β₁); rms alone is RMSprop; all three are Adam.
    """
    t = t + 1
    m = beta1 * m + (1 - beta1) * g
    G = beta2 * G + (1 - beta2) * g**2
    short_of_one = [np.where(correction, 1 - beta**t, 1.0) for beta in (beta1, beta2)]  # what the weights of the two averages make together by now
    direction = np.where(momentum, m / short_of_one[0], g)
    length = np.where(rms, np.sqrt(G / short_of_one[1]) + eps, 1.0)
    return -eta * direction / length, m, G, t


def said(momentum, rms, correction):
    """(a sentence, a name, "") of what these switches make of it: what a live figure says and calls it."""
    corners = {(False, False): "gradient descent", (True, False): "momentum as an average", (False, True): "RMSprop", (True, True): "Adam"}
    parts = {"momentum": momentum, "RMS": rms, "correction": correction}
    averages = (bool(momentum), bool(rms))
    if averages == (False, False) or bool(correction) == all(averages):
        name = corners[averages]  # without an average there is nothing to correct
    else:
        on, off = (" + ".join(part for part, is_on in parts.items() if bool(is_on) == wanted) for wanted in (True, False))
        name = f"{on}, no {off}"
    return f"With these switches it is {name}. ", name, ""


switchboard.said = said
