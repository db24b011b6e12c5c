"""Right answers to the exercises of notebook 09 as readers write them: plain, odd, and odder."""

import functools

import numpy as np

from helpers.descent import descend
from helpers.exercises.training import ENDS
from helpers.network import digits, on_digits
from helpers.update_rules import adagrad


@functools.cache
def trained(rule=adagrad, eta=0.18, steps=300, **more):
    return descend(rule, digits, steps, eta=eta, **more)


@functools.cache
def accuracies(rule, eta):
    """Of the images held back, after 300 updates from each of five starts."""
    networks = [on_digits(seed=seed) for seed in range(5)]
    return [float(network.accuracy(descend(rule, network, 300, eta=eta, keep=ENDS).w[-1])) for network in networks]


# the slope

SLOPES, OWN = {}, {}


def into(book):
    def keep(function):
        book[function.__name__] = function
        return function

    return keep


@into(SLOPES)
def copies(loss, w, i, h=1e-5):
    up, down = w.copy(), w.copy()
    up[i] += h
    down[i] -= h
    return (loss(up) - loss(down)) / (2 * h)


@into(SLOPES)
def in_place_and_back(loss, w, i, h):
    w[i] += h
    up = loss(w)
    w[i] -= 2 * h
    down = loss(w)
    w[i] += h
    return (up - down) / (2 * h)


@into(SLOPES)
def a_unit_vector(loss, w, i, h):
    e = np.zeros_like(w)
    e[i] = h
    return (loss(w + e) - loss(w - e)) / h / 2


@into(SLOPES)
def side_by_side(loss, w, i, h):
    e = np.eye(len(w))[i] * h
    up, down = loss(np.stack([w + e, w - e]))
    return (up - down) / (2 * h)


@into(SLOPES)
def lists(loss, w, i, h):
    up, down = list(w), list(w)
    up[i], down[i] = up[i] + h, down[i] - h
    return [(loss(up) - loss(down)) / (up[i] - down[i])]


@into(SLOPES)
def an_h_of_its_own(loss, w, i):
    return copies(loss, w, i, 1e-6)


@into(SLOPES)
def an_h_that_grows_with_the_weight(loss, w, i, h):
    return copies(loss, w, i, h * max(1, abs(w[i])))


@into(SLOPES)
def another_order(x, f, k, eps):
    return copies(f, x, k, eps)


@into(SLOPES)
def four_places(loss, w, i, h):
    return (4 * copies(loss, w, i, h) - copies(loss, w, i, 2 * h)) / 3


SLOPES |= {
    "a lambda": lambda a, b, c, d: copies(a, b, c, d),
    "a partial": functools.partial(copies, h=1e-4),
    "an array of one": lambda loss, w, i, h: np.array([copies(loss, w, i, h)]),
    "one option more": lambda loss, w, i, h=1e-5, quiet=True: copies(loss, w, i, h),
}


# the weights of blank pixels

PLACES = np.flatnonzero((digits.training.inputs == 0).all(0))[:, None] * 32 + np.arange(32)
MASK = np.isin(np.arange(2410), PLACES)
BLANK = {"weights": PLACES.reshape(-1), "rate": 0.18 / 1e-8, "step": 0}


# a rule of one's own


@into(OWN)
def cube(g, G=0.0, *, eta=0.05, eps=1e-8):
    G = G + np.abs(g) ** 3
    return -eta * g / (np.cbrt(G) + eps), G


@into(OWN)
def bounded(g, G=0.0, *, eta=0.1, eps=1e-8):
    G = G + g**2
    return np.clip(-eta * g / (np.sqrt(G) + eps), -0.05, 0.05), G


@into(OWN)
def signs(g, t=0, *, eta=0.05):
    return -eta / np.sqrt(t + 1) * np.sign(g), t + 1


@into(OWN)
def warming_up(g, G=0.0, t=0, *, lr=0.15, eps=1e-8):
    t, G = t + 1, G + g**2
    return -lr * min(1, t / 20) * g / (np.sqrt(G) + eps), G, t


@into(OWN)
def largest_so_far(g, G=0.0, top=0.0, *, eta=0.01, beta=0.99, eps=1e-8):
    G = beta * G + (1 - beta) * g**2
    top = np.maximum(top, G)
    return -eta * g / (np.sqrt(top) + eps), G, top


@into(OWN)
def averaged_sign(g, m=0.0, *, eta=0.005):
    return -eta * np.sign(0.9 * m + 0.1 * g), 0.99 * m + 0.01 * g


@into(OWN)
def two_mixed(g, m=0.0, G=0.0, *, eta=0.1, beta=0.9, eps=1e-8):
    m, G = beta * m + (1 - beta) * g, G + g**2
    return -eta * m / (np.sqrt(G) + eps), m, G


@into(OWN)
def a_bounded_gradient(g, *, eta=0.5):
    return -eta * g / max(1, np.linalg.norm(g) / 0.5)


@into(OWN)
def without_knobs(g, G=0.0):
    G = G + np.abs(g) ** 3
    return -0.1 * g / (np.cbrt(G) + 1e-8), G


@into(OWN)
def an_account_that_begins_full(g, G=0.1, *, eta=0.1, eps=1e-8):
    return adagrad(g, G, eta=eta, eps=eps)


OWN |= {
    "a partial": functools.partial(cube, eta=0.08),
    "a lambda": lambda g, G=0.0, *, eta=0.05: (-eta * g / (np.cbrt(G + abs(g) ** 3) + 1e-8), G + abs(g) ** 3),
}
