"""Right answers as readers write them, by exercise: plain, odd, and odder."""

import functools
import math

import numpy as np

from helpers import update_rules

ADAGRAD, RMSPROP, DESCENT = {}, {}, {}


def into(book):
    def keep(function):
        book[function.__name__] = function
        return function

    return keep


# Adagrad


@into(ADAGRAD)
def numbers_only(g, G=0.0, *, eta=0.4, eps=1e-8):
    G = G + g**2
    if g == 0:
        return 0.0, G
    return -eta / (math.sqrt(G) + eps) * g, G


@into(ADAGRAD)
def lists_in_lists_out(g, G=None, *, eta, eps):
    G = [0.0] * len(g) if G is None else G
    G = [a + b * b for a, b in zip(G, g)]
    return [-eta * b / (math.sqrt(a) + eps) for a, b in zip(G, g)], G


@into(ADAGRAD)
def lists_without_defaults(g, G, *, eta, eps):
    if not isinstance(g, list):
        raise TypeError("lists, please")
    for i in range(len(g)):
        G[i] += g[i] ** 2
    return [-eta * g[i] / (G[i] ** 0.5 + eps) for i in range(len(g))], G


@into(ADAGRAD)
def in_place(g, G=0.0, *, eta=0.4, eps=1e-8):
    G += g**2
    return -eta / (np.sqrt(G) + eps) * g, G


@into(ADAGRAD)
def other_names(grad, acc, *, lr=0.1, epsilon=1e-6):
    acc = acc + np.square(grad)
    return -lr * grad / (np.sqrt(acc) + epsilon), acc


@into(ADAGRAD)
def knobs_by_place(g, G, learning_rate, epsilon):
    G = G + g * g
    return -learning_rate * g / np.sqrt(G + epsilon), G


@into(ADAGRAD)
def half_named(g, G, lr, e):
    G = G + g * g
    return -lr * g / (np.sqrt(G) + e), G


@into(ADAGRAD)
def an_array_as_default(g, G=np.zeros(2), *, step_length=0.4, small_one=1e-8):
    G = G + g * g
    return -step_length * g / (np.sqrt(G) + small_one), G


@into(ADAGRAD)
def letters_by_place(a, b, c, d):
    b = b + a**2
    return -c * a / (b**0.5 + d), b


@into(ADAGRAD)
def none_at_first(g, G=None, *, eta=0.4, eps=1e-8):
    if G is None:
        G = np.zeros_like(g)
    G = G + np.power(g, 2)
    return np.negative(eta * g / (np.power(G, 0.5) + eps)), G


@into(ADAGRAD)
def hypotenuse(g, root=0.0, *, eta=0.4, eps=1e-8):
    root = np.hypot(root, g)
    return -eta / (root + eps) * g, root


@into(ADAGRAD)
def all_squares_kept(g, past=(), *, eta=0.4, eps=1e-8):
    past = [*past, g**2]
    return -eta / (np.sqrt(sum(past)) + eps) * g, past


@into(ADAGRAD)
def history_without_default(g, history, *, eta=0.4, eps=1e-8):
    history.append(np.array(g))
    return -eta / (np.linalg.norm(history, axis=0) + eps) * g, history


@into(ADAGRAD)
def in_a_dict(g, state, *, eta=0.4, eps=1e-8):
    state["G"] = state.get("G", 0) + g**2
    return -eta / (np.sqrt(state["G"]) + eps) * g, state


@into(ADAGRAD)
def two_memories_in_a_tuple(g, memory=(0.0, 0), *, eta=0.4, eps=1e-8):
    G, t = memory
    G, t = G + g**2, t + 1
    return -eta / (np.sqrt(G) + eps) * g, (G, t)


@into(ADAGRAD)
def two_memories(g, G=0.0, t=0, *, eta=0.4, eps=1e-8):
    t = t + 1
    mean = G + (g**2 - G) / t
    return -eta / (np.sqrt(t * mean) + eps) * g, mean, t


@into(ADAGRAD)
def half_precision(g, G=0.0, *, eta=0.4, eps=1e-8):
    G = np.float32(G) + np.float32(g) ** 2
    return -np.float32(eta) / (np.sqrt(G) + np.float32(eps)) * np.float32(g), G


@into(ADAGRAD)
def a_list_of_two(g, G=0.0, *, eta=0.4, eps=1e-8):
    G = G + g**2
    return [-eta / (np.sqrt(G) + eps) * g, G]


@into(ADAGRAD)
def stacked(g, G=0.0, *, eta=0.4, eps=1e-8):
    G = G + g**2
    return np.stack([-eta / (np.sqrt(G) + eps) * g, G])


@into(ADAGRAD)
def a_constant_inside(g, G=0.0, *, eta=0.4):
    G = G + g**2
    return -eta / (np.sqrt(G) + 1e-7) * g, G


@into(ADAGRAD)
def one_argument_more(g, G=0.0, verbose=False, *, eta=0.4, eps=1e-8, clip=None):
    assert verbose is False
    G = G + g**2
    return -eta / (np.sqrt(G) + eps) * g, G


@into(ADAGRAD)
def one_result_more(g, G=0.0, *, eta=0.4, eps=1e-8):
    G = G + g**2
    rate = eta / (np.sqrt(G) + eps)
    return -rate * g, G, rate


@into(ADAGRAD)
def element_after_element(g, G=0.0, *, eta=0.4, eps=1e-8):
    G, dw = np.zeros_like(g) + G, np.empty_like(g)
    for i in np.ndindex(g.shape):
        G[i] += g[i] ** 2
        dw[i] = -eta * g[i] / (np.sqrt(G[i]) + eps)
    return dw, G


@into(ADAGRAD)
def knobs_first(eta, eps, g, G):
    G = G + g**2
    return -eta / (np.sqrt(G) + eps) * g, G


@into(ADAGRAD)
def whatever_else(g, G=0.0, **knobs):
    G = G + g**2
    return -knobs["eta"] / (np.sqrt(G) + knobs["eps"]) * g, G


@into(ADAGRAD)
def guarded(g, G=0.0, *, eta=0.4):
    G = G + g**2
    return -eta * np.divide(g, np.sqrt(G), out=np.zeros_like(g), where=G > 0), G


@into(ADAGRAD)
def complex_arithmetic(g, G=0.0, *, eta=0.4, eps=1e-8):
    G = G + abs(g + 0j) ** 2
    return -eta / (np.sqrt(G + 0j) + eps) * g, G


def shout(function):
    def loud(*arguments, **named):
        return function(*arguments, **named)

    return loud


def quiet(function):
    @functools.wraps(function)
    def wrapped(*arguments, **named):
        return function(*arguments, **named)

    return wrapped


class Called:
    def __call__(self, g, G=0.0, *, eta=0.4, eps=1e-8):
        G = G + g**2
        return -eta / (np.sqrt(G) + eps) * g, G

    def method(self, g, G=0.0, *, eta=0.4, eps=1e-8):
        return self(g, G, eta=eta, eps=eps)


ADAGRAD |= {
    "ours": update_rules.adagrad,
    "a lambda": lambda g, G=0, *, eta=1, eps=0: (-eta * g / (np.sqrt(G + g * g) + eps), G + g * g),
    "a partial": functools.partial(update_rules.adagrad, eta=3.0, eps=0.5),
    "an object": Called(),
    "a method": Called().method,
    "vectorized": np.vectorize(numbers_only),
    "decorated": quiet(numbers_only),
    "decorated without wraps": shout(update_rules.adagrad),
}


@into(ADAGRAD)
def only_the_change(g, G=0.0, *, eta=0.4, eps=1e-8):
    G += g**2
    return -eta / (np.sqrt(G) + eps) * g


# RMSprop


def rms(body):
    """An RMSprop whose line for G is `body(G, g, beta)`."""

    def rule(g, G=0.0, *, eta=0.1, beta=0.9, eps=1e-8):
        G = body(G, g, beta)
        return -eta / (np.sqrt(G) + eps) * g, G

    return rule


@into(RMSPROP)
def rms_numbers(g, v=0.0, *, lr, rho, epsilon):
    v = rho * v + (1 - rho) * g**2
    return -lr * g / (math.sqrt(v) + epsilon), v


@into(RMSPROP)
def rms_lists(g, G, *, eta, beta, eps):
    G = [beta * a + (1 - beta) * b**2 for a, b in zip(G, g)]
    return [-eta * b / (a**0.5 + eps) for a, b in zip(G, g)], G


@into(RMSPROP)
def rms_in_place(g, G=0.0, *, eta=0.1, beta=0.9, eps=1e-8):
    G *= beta
    G += (1 - beta) * g**2
    return -eta / (np.sqrt(G) + eps) * g, G


@into(RMSPROP)
def rms_by_place(a, b, c, d, e):
    b = d * b + (1 - d) * a**2
    return -c * a / np.sqrt(b + e), b


@into(RMSPROP)
def rms_none(g, cache=None, learning_rate=0.1, decay=0.9, eps=1e-8):
    cache = (1 - decay) * g**2 + (0 if cache is None else decay * cache)
    return -learning_rate / (np.sqrt(cache) + eps) * g, cache


@into(RMSPROP)
def rms_root_kept(g, root=0.0, *, eta=0.1, beta=0.9, eps=1e-8):
    root = np.hypot(np.sqrt(beta) * root, np.sqrt(1 - beta) * g)
    return -eta / (root + eps) * g, root


@into(RMSPROP)
def rms_all_kept(g, past=(), *, eta=0.1, beta=0.9, eps=1e-8):
    past = [*past, g**2]
    G = sum((1 - beta) * beta**age * square for age, square in enumerate(past[::-1]))
    return -eta / (np.sqrt(G) + eps) * g, past


@into(RMSPROP)
def rms_dict(g, state={}, *, eta=0.1, beta=0.9, eps=1e-8):
    state["G"] = beta * state.get("G", 0) + (1 - beta) * g**2
    return -eta / (np.sqrt(state["G"]) + eps) * g, state


@into(RMSPROP)
def rms_gamma(g, G, gamma, lr, eps=1e-6):
    G = gamma * G + (1 - gamma) * g**2
    return -lr * g / np.sqrt(G + eps), G


@into(RMSPROP)
def rms_alpha(g, v=0.0, *, alpha=0.1, beta=0.9, epsilon=1e-8):
    v = beta * v + (1 - beta) * g**2
    return -alpha * g / (np.sqrt(v) + epsilon), v


@into(RMSPROP)
def rms_constant_inside(g, G=0.0, *, eta=0.1, beta=0.9):
    G = beta * G + (1 - beta) * g**2
    return -eta / (np.sqrt(G) + 1e-8) * g, G


@into(RMSPROP)
def rms_only_the_change(g, G=0.0, *, eta=0.1, beta=0.9, eps=1e-8):
    G[...] = beta * G + (1 - beta) * g**2
    return -eta / (np.sqrt(G) + eps) * g


RMSPROP |= {
    "ours": update_rules.rmsprop,
    "a part of the way": rms(lambda G, g, beta: G + (1 - beta) * (g**2 - G)),
    "np.average": rms(lambda G, g, beta: np.average([G + 0 * g, g**2], axis=0, weights=[beta, 1 - beta])),
    "the dot product": rms(lambda G, g, beta: np.tensordot([beta, 1 - beta], np.array([G + 0 * g, g**2]), 1)),
    "float32": rms(lambda G, g, beta: (beta * np.float32(G) + (1 - beta) * np.float32(g) ** 2).astype(np.float32)),
    "a lambda": lambda g, G, *, eta, beta, eps: [-eta * g / ((beta * G + (1 - beta) * g**2) ** 0.5 + eps), beta * G + (1 - beta) * g**2],
    "a partial": functools.partial(update_rules.rmsprop, beta=0.5),
    "letters": lambda g, v=0.0, *, e=1e-8, b=0.9, lr=0.1: (-lr * g / (np.sqrt(b * v + (1 - b) * g**2) + e), b * v + (1 - b) * g**2),
    "vectorized": np.vectorize(rms_numbers),
    "decorated": quiet(rms_lists),
}


# gradient descent


@into(DESCENT)
def gd_lists(g, *, eta):
    return [-eta * x for x in g]


@into(DESCENT)
def gd_loop(g, *, eta=0.1):
    dw = np.zeros(g.shape)
    for i in np.ndindex(g.shape):
        dw[i] -= eta * g[i]
    return dw


@into(DESCENT)
def gd_numbers(grad, lr):
    return -lr * grad if grad > 0 else lr * abs(grad)


@into(DESCENT)
def gd_with_a_memory(g, last=0.0, *, eta=0.1):
    return -eta * g, last


@into(DESCENT)
def gd_alpha(gradient, alpha=0.01):
    return np.multiply(gradient, -alpha)


@into(DESCENT)
def gd_knob_first(eta, g):
    return -eta * g


@into(DESCENT)
def gd_keywords(g, **knobs):
    return -knobs["eta"] * g


DESCENT |= {
    "ours": update_rules.gradient_descent,
    "a lambda": lambda g, *, eta: -(eta * g),
    "letters": lambda a, b: -a * b,
    "a partial": functools.partial(update_rules.gradient_descent, eta=7),
    "vectorized": np.vectorize(gd_numbers),
    "float32": lambda g, *, eta: (-np.float32(eta) * np.asarray(g, np.float32)),
    "a tuple": lambda g, *, eta: tuple(-eta * x for x in g),
    "a tuple of one": lambda g, eta: (-eta * g,),
    "decorated": quiet(gd_lists),
    "momentum without any": lambda g, last=0.0, *, eta=0.1: 0 * last - eta * g,
}
