"""Right answers to the exercises of notebook 02 as readers write them: plain, odd, and odder."""

import functools
import math

import numpy as np

from helpers.schedules import exponential, schedule

SCHEDULES, TRACES = {}, ("QS", "sq", "Q, S", "Q and S", ["Q", "S"], ("S", "Q"), {"Q", "S"}, np.array(["Q", "S"]), {"adaptive": "QS", "preset": "PRT"},
                         {"P": "preset", "Q": "adaptive", "R": "preset", "S": "adaptive", "T": "preset"}, {"P": False, "Q": True, "R": False, "S": True, "T": False})
FACTORS = (0.5 ** (1 / 50), 2 ** (-1 / 50), math.exp(-math.log(2) / 50), np.exp(np.log(0.5) / 50), np.float32(0.5 ** (1 / 50)), 0.9862, 0.98623, "0,98623", [0.98623],
           np.array(0.98623), 1 / 2 ** (1 / 50))


def into(book):
    def keep(function):
        book[function.__name__] = function
        return function

    return keep


@into(SCHEDULES)
def plain(t, *, eta=0.1, decay=0.98):
    return eta * decay**t


@into(SCHEDULES)
def by_place(t, eta, decay):
    return eta * decay**t


@into(SCHEDULES)
def other_names(n, lr, c):
    return lr * c**n


@into(SCHEDULES)
def other_order(eta, decay, t):
    return eta * decay**t


@into(SCHEDULES)
def names_that_say_nothing(x, y, z):
    return y * z**x


@into(SCHEDULES)
def with_a_loop(t, *, eta=0.1, decay=0.98):
    for _ in range(t):
        eta *= decay
    return eta


@into(SCHEDULES)
def again_and_again(t, *, eta=0.1, decay=0.98):
    return eta if t == 0 else decay * again_and_again(t - 1, eta=eta, decay=decay)


@into(SCHEDULES)
def logarithms(t, *, eta=0.1, decay=0.98):
    return eta * math.exp(t * math.log(decay))


@into(SCHEDULES)
def an_array(t, *, eta=0.1, decay=0.98):
    return np.array([eta]) * np.power(decay, t)


@into(SCHEDULES)
def a_list(t, *, eta=0.1, decay=0.98):
    return [eta * decay**t]


@into(SCHEDULES)
def positional_only(t, eta, decay, /):
    return eta * decay**t


@into(SCHEDULES)
def anything(*values, **named):
    t, eta, decay = values or (named["t"], named["eta"], named["decay"])
    return eta * decay**t


SCHEDULES |= {"a lambda": lambda t, eta, decay: eta * decay**t, "the house's own": exponential, "one of the reader's": schedule(plain),
              "a partial": functools.partial(plain, eta=3.0), "vectorised": np.vectorize(lambda t, eta, decay: eta * decay**t)}
