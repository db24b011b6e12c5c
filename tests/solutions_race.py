"""Right answers to the exercises of notebook 08 as readers write them: plain, odd, and odder."""

import numpy as np

from helpers.descent import descend
from helpers.surfaces import Surface, moving, ravine, turned_ravine
from helpers.update_rules import adagrad, rmsprop

TUNERS = {}
STRAIGHT = Surface("my valley", lambda x, y: 0.5 * x**2 + 50 * y**2, lambda x, y: (x, 100 * y), start=(-3, -1), view=((-4, 4), (-2, 2)))
SURFACES = [
    {"wins": ravine, "loses": turned_ravine(20, 45)}, (STRAIGHT, turned_ravine(20, 45)), [ravine, turned_ravine(50, 30)],
    *({"wins": ravine, "loses": moving(ravine, every=every, jump=(-3, 1.5))} for every in (20, 10, 5)),  # as the last hint says
]
SENTENCES = [
    {"winner": "Adagrad", "loser": "RMSprop", "surface": "quiet ravine", "steps": 20, "eta": "own"},
    {"winner": "rmsprop", "loser": "adagrad", "surface": ravine, "steps": "20", "eta": 0.4},
    {"winner": rmsprop, "loser": adagrad, "surface": "jumping", "steps": 200, "eta": "its own"},
    ("Adam", "Gradient descent", "Rosenbrock", 1000, "best"),
    {"winner": "adagrad", "loser": "GD", "surface": "quiet", "steps": np.int64(100), "eta": "tuned"},
    {"winner": "RMSprop", "loser": "momentum", "surface": "quiet ravine", "steps": 20.0, "eta": np.float64(0.4)},
    {"winner": "RMSprop", "loser": "momentum", "surface": "the quiet ravine", "steps": "20", "eta": "0.4"},
    {"winner": "RMSprop", "loser": "Adagrad", "surface": "jumping ravine, a jump every 20 steps", "steps": 1000, "eta": "own"},
]


def into(book):
    def keep(function):
        book[function.__name__] = function
        return function

    return keep


@into(TUNERS)
def plain(rule, surface, steps):
    etas = np.geomspace(1e-4, 100, 121)
    loss = descend(rule, surface, steps, eta=etas).loss[-1]
    best = np.nanargmin(loss)
    return etas[best], loss[best]


@into(TUNERS)
def one_by_one(rule, surface, steps):
    best = None, np.inf
    for power in np.arange(-4, 2.01, 0.1):
        loss = descend(rule, surface, steps, eta=float(10**power), keep="loss").loss[-1]
        if loss < best[1]:
            best = 10**power, loss
    return best


@into(TUNERS)
def coarse_then_fine(rule, surface, steps):
    etas = np.logspace(-4, 2, 49)
    for _ in range(2):
        loss = np.nan_to_num(descend(rule, surface, steps, eta=etas).loss[-1], nan=np.inf)
        i = int(np.argmin(loss))
        etas = np.geomspace(etas[max(i - 1, 0)], etas[min(i + 1, len(etas) - 1)], 20)
    loss = np.nan_to_num(descend(rule, surface, steps, eta=etas).loss[-1], nan=np.inf)
    return [etas[loss.argmin()], loss.min()]


@into(TUNERS)
def an_array(rule, surface, steps):
    return np.array(plain(rule, surface, steps))


@into(TUNERS)
def other_names(method, valley, horizon=100):
    return plain(method, valley, horizon)


TUNERS["a lambda"] = lambda rule, surface, steps: plain(rule, surface, steps)
