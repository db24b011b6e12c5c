"""Judge a reader's central difference: by the slopes it finds, and by the places at which it asks for the loss."""

import inspect
from typing import Callable, NamedTuple

import numpy as np
from numpy import allclose, isclose

from helpers.exercises.calling import Broke, needs_a_function
from helpers.exercises.findings import Wrong
from helpers.exercises.quantities import digits, floats, returned
from helpers.network import Network

H = 1e-5
NEAR = 1e-6  # relative to the largest slope there
TINY, COARSE = 1e-9, 5e-4  # an h below drowns in rounding, one above is felt
NAMES = {
    "loss": {"loss", "l", "f", "fun", "func", "function", "cost"},
    "w": {"w", "weights", "x", "theta", "params", "ws"},
    "i": {"i", "index", "k", "j", "idx", "which"},
    "h": {"h", "eps", "epsilon", "ε", "delta", "dx", "dw", "step", "d"},
}


ONE_SIDED = "a one-sided difference, which is off by about h times half the curvature. Go as far to the other side, and the error shrinks with h²."


class Question(NamedTuple):
    words: str
    loss: Callable      # (..., n) -> (...)
    w: np.ndarray
    gradient: np.ndarray
    h: float = H


def questions():
    """Losses with slopes known by hand, one of them with an h that is felt in a one-sided difference; then a network with its backpropagation."""
    rng = np.random.default_rng(1986)
    network = Network(rng.normal(size=(12, 3)), rng.integers(0, 2, 12), (3, 4, 2), batch=None, seed=1)
    w = rng.normal(size=network.n)
    w[0] = 0.0
    x, y = 0.5, -1.2
    return [
        Question("w[0]**2 + 3 * w[1]", lambda w: w[..., 0] ** 2 + 3 * w[..., 1], np.array([3.0, 0.0]), np.array([6.0, 3.0]), 0.1),
        Question("np.exp(w[0]) * np.sin(w[1])", lambda w: np.exp(w[..., 0]) * np.sin(w[..., 1]), np.array([x, y]),
                 np.exp(x) * np.array([np.sin(y), np.cos(y)])),
        Question("w[0] * w[1] - 2 * w[2]**2", lambda w: w[..., 0] * w[..., 1] - 2 * w[..., 2] ** 2, np.array([1.5, -2.0, 0.75]), np.array([-2.0, 1.5, -3.0])),
        Question("", network.loss, w, network.gradient(w)),
    ]


class Odd(Exception):
    """The loss was asked for at a place that is none; the message is for the reader."""


class Asked:
    """A loss that remembers where it was asked for: `.places`, one row each."""

    def __init__(self, question):
        self.question, self.n, self.places, self.kinds = question, question.w.size, [], set()

    def __call__(self, w):
        given = np.asarray(w)
        if given.dtype.kind == "c":
            raise Odd("You ask for the loss at a complex place. The central difference needs two real ones: one h above w[i], one h below.")
        place = floats(w)
        if place is None or place.shape[-1:] != (self.n,):
            seen = "something else than numbers" if place is None else "a single number" if place.ndim == 0 else f"an array of shape {place.shape}"
            raise Odd(f"You ask for the loss at {seen}: it needs all {self.n} weights, as an array of the shape of w, with one of them moved.")
        self.kinds.add(given.dtype)
        self.places += list(place.reshape(-1, self.n).copy())
        return self.question.loss(place)


class Answer(NamedTuple):
    question: Question
    i: int
    got: float
    moved: np.ndarray  # (times asked, n): how far from w
    kinds: set


def check_slope(answer, trial):
    needs_a_function(answer, 'check("slope", slope)')
    order, answers = _order(answer), []
    for question in questions():
        for i in range(question.w.size):
            answers.append(_ask(answer, order, question, i, trial))
    off = [abs(a.got - a.question.gradient[a.i]) / np.abs(a.question.gradient).max() for a in answers]
    if np.max(off) < NEAR:  # False for NaN
        network = [x for a, x in zip(answers, off) if not a.question.words]
        return (f"It agrees with backpropagation on all {len(network)} weights of a small network: "
                f"the largest difference is {digits(max(network), 1)} of the largest slope.")
    bad = [a for a, x in zip(answers, off) if not x < NEAR]
    raise Wrong(_by_its_places(bad[0]) or _by_its_size(answers) or _example(bad[0]))


def _order(function):
    """The order of the arguments, by their names where all are known, else by place; without h where the function has one of its own."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return ["loss", "w", "i", "h"]
    places = [p.name.lower() for p in signature.parameters.values() if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    order = [next((role for role, names in NAMES.items() if place in names), "") for place in places]
    if sorted(order) in (sorted(NAMES), ["i", "loss", "w"]):
        return order
    for order in (["loss", "w", "i", "h"], ["loss", "w", "i"]):
        try:
            signature.bind(*order)
            return order
        except TypeError:
            pass
    raise Wrong("Your function is called as slope(loss, w, i, h): the loss, all weights, the place of one of them, and how far to move it. "
                f"It takes other arguments: {signature}.", hint="")


def _ask(function, order, question, i, trial):
    loss, w = Asked(question), question.w.copy()
    try:
        result = trial.call(function, *({"loss": loss, "w": w, "i": i, "h": question.h}[role] for role in order))
    except Broke as broke:
        if isinstance(broke.error, Odd):
            raise Wrong(str(broke.error)) from None
        if isinstance(broke.error, ZeroDivisionError) and question.w[i] == 0:
            raise Wrong(f"{broke.reason} The weight is 0 there: an h in proportion to the weight is 0, too.", broke.details) from None
        raise
    left = np.abs(w - question.w)
    if w.shape != question.w.shape or not left.max() <= 1e-9:
        raise Wrong("Your function moves the weight in the array that it is given, and does not put it back: afterwards w is another place, "
                    "and whoever handed it over goes on from there. Work on a copy, w.copy().")
    if isinstance(result, tuple) and len(result) != 1:
        raise Wrong(f"Your function returned {len(result)} things; asked for is one number, the slope.")
    array = floats(result)
    if array is not None and array.size == w.size > 1:
        raise Wrong(f"Your function returned {w.size} numbers, one a weight; asked for is the slope along weight i alone.")
    return Answer(question, i, returned(result, "the slope"), np.array(loss.places).reshape(-1, w.size) - question.w, loss.kinds)


# what is wrong, told from where it looked


def _by_its_places(answer):
    moved, i, n = answer.moved, answer.i, answer.question.w.size
    if not len(moved):
        return "Your function never asks for the loss: call loss(...) at two places, and take the difference."
    for kind in answer.kinds:
        if kind.kind in "iu":
            return "The weights became whole numbers on the way: an h so small is rounded away. Keep the array as it is, w.copy()."
        if kind.itemsize < 8:
            return f"The weights became {kind} on the way: that has about seven digits, and the difference of two losses so close needs all sixteen."
    others = np.delete(moved, i, axis=1)
    if n > 1 and np.abs(others).max() > 0:
        if all(np.ptp(row) <= 1e-9 for row in moved):
            return "You move all weights at once: w + h adds h to each of them. Only w[i] should move, in a copy of w."
        if not moved[:, i].any() or (moved != 0).sum(axis=1).max() == 1:
            where = int(np.argmax(np.abs(others).max(axis=0) > 0))
            return f"For i = {i} you move weight {where + (where >= i)}: the one to move is w[i]."
        return "You move more than one weight: only w[i] should move, and what was moved for one difference should be back for the next."
    along = moved[:, i]
    if not along.any():
        if answer.question.w[i] == 0:
            return "The weight is 0 there, and you do not move it at all: an h in proportion to the weight is 0, too. Add h as it is."
        return ("You ask for the loss twice at the same place. Does one name stand for both arrays? `up = w` makes no copy, `up = w.copy()` does. "
                "Or is h so small that w + h is w?" if len(along) > 1 else "You ask for the loss at w alone: it takes two places, one on each side of w[i].")
    far, asked = np.abs(along).max(), answer.question.h
    if far < TINY:
        return (f"Your h is {digits(far, 1)}: so close together the two losses agree in nearly all of their sixteen digits, and their difference is rounding. "
                "Use the h that is handed over.")
    up, down = along.max(), -along.min()
    if up > 0 and down > 0 and not isclose(up, down, rtol=1e-3):
        return f"One place lies {digits(up, 2)} above w[i], the other {digits(down, 2)} below: for a central difference both should be equally far."
    if far > COARSE and far > 1.5 * asked:
        return f"You go {digits(far, 2)} away from w[i], and the loss bends on so long a way. Use the h that is handed over."
    return _by_its_sides(along, far, answer)


def _by_its_sides(along, far, answer):
    """Of a weight that moves alone, by a sensible h."""
    up, down = along.max(), -along.min()
    if up > 0 and down > 0:
        return None
    side = "above" if up > 0 else "below"
    if not (along == 0).any() and len(along) < 2:
        return f"You ask for the loss at one place only, {side} w[i]: a slope takes two."
    half = isclose(answer.got, answer.question.gradient[answer.i] / 2, rtol=0.05, atol=0)
    return (f"One of your two places is h {side} w[i], and the other is w itself"
            + (", so they are h apart, and you divide by 2h. Go to the other side, too." if half and answer.question.gradient[answer.i] else
               f": {ONE_SIDED}"))


# what is wrong, told from the numbers


def _formulas(a):
    """(words, what it would give) for two places that are right, h as the reader took it."""
    q, i, h = a.question, a.i, np.abs(a.moved[:, a.i]).max(initial=0.0)
    if not h:
        return []
    to = np.eye(q.w.size)[i] * h
    above, here, below = (float(q.loss(q.w + side * to)) for side in (1, 0, -1))
    rise, slope = above - below, q.gradient[i]
    return [
        ("You divide by h, and the two places are 2h apart: yours is twice the slope.", rise / h),
        ("You divide by h, and the two places are 2h apart; and the sign is turned: take the loss above minus the loss below.", -rise / h),
        ("The sign is turned: take the loss above minus the loss below. Where the loss rises with the weight the slope is positive.", -rise / (2 * h)),
        ("`/ 2 * h` divides by 2 and then multiplies by h: write `/ (2 * h)`.", rise / 2 * h),
        ("The sign is turned, and `/ 2 * h` divides by 2 and then multiplies by h: write `/ (2 * h)`, and take above minus below.", -rise / 2 * h),
        ("That is the difference of the two losses; the slope is that difference divided by how far apart they are.", rise),
        ("That is the difference of the two losses, below minus above; the slope is above minus below, divided by how far apart they are.", -rise),
        ("That is half of the difference, and h is missing: divide by how far apart the two places are.", rise / 2),
        ("You multiply by 2h: divide by how far apart the two places are.", rise * 2 * h),
        ("You divide by h²: the slope is the difference divided by how far apart the two places are.", rise / h**2),
        ("You divide by 2h²: the slope is the difference divided by how far apart the two places are.", rise / (2 * h**2)),
        ("You divide by 4h, and the two places are 2h apart: yours is half of the slope.", rise / (4 * h)),
        ("A pair of parentheses is missing: only the second loss is divided by 2h.", above - below / (2 * h)),
        ("A pair of parentheses is missing: only the second loss is divided.", above - below / 2 * h),
        ("The two losses are added, where they should be subtracted.", (above + below) / (2 * h)),
        ("The sign is lost: where the loss falls as the weight grows the slope is negative.", abs(slope)),
        ("That is the curvature, how the slope itself changes: the slope is a single difference of two losses.", (above - 2 * here + below) / h**2),
        ("That is the square of the slope.", slope**2),
        (f"You take the difference from w itself to one side: {ONE_SIDED}", (above - here) / h),
        (f"You take the difference from w itself to one side: {ONE_SIDED}", (here - below) / h),
    ]


def _by_its_size(answers):
    listed = [_formulas(a) for a in answers]
    if not all(listed):
        return None
    got = np.array([a.got for a in answers])
    for told in zip(*listed):
        size = np.array([value for _, value in told])
        if all(_same(got[there], size[there]) for there in _by_question(answers)):
            return told[0][0]
    return None


def _by_question(answers):
    """Which answers belong to one question, as masks."""
    return [np.array([a.question.loss is loss for a in answers]) for loss in dict.fromkeys(a.question.loss for a in answers)]


def _same(got, told):
    return allclose(got, told, rtol=1e-3, atol=1e-3 * np.abs(told).max())


def _example(a):
    q, told = a.question, a.question.gradient[a.i]
    mine = "yours is not a number" if np.isnan(a.got) else f"yours is {digits(a.got, 6)}"
    near = " It is close: is something rounded on the way?" if abs(a.got - told) < 1e-3 * np.abs(q.gradient).max() else ""
    if q.words:
        return f"For the loss {q.words} at w = {q.w.tolist()}, along w[{a.i}] with h = {digits(q.h)}, the slope is {digits(told, 6)}; {mine}.{near}"
    return f"On a small network, along weight {a.i} with h = {digits(q.h)}, backpropagation finds {digits(told, 6)}; {mine}.{near}"
