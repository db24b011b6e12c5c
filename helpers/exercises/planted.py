"""Wrong rules, each with the words for it: the reader's rule is run beside them, so that a mistake is called by its name.

A wrong rule is a function of all gradients g (steps, ...), the knobs k and `floor(G, eps)`, the thing divided by; it gives all changes.
"""

from itertools import product
from typing import Callable, NamedTuple

import numpy as np


class Planted(NamedTuple):
    name: str
    reason: str
    changes: Callable


FLOORS = {  # ε may stand wherever the reader puts it
    "outside": lambda G, eps: np.sqrt(G) + eps,
    "inside": lambda G, eps: np.sqrt(G + eps),
    "squared": lambda G, eps: np.sqrt(G + eps**2),
    "at least": lambda G, eps: np.maximum(np.sqrt(G), eps),
}
NO_FLOOR = {  # for a reader who has left ε out, or does not use it
    "tiny": lambda G, eps: np.sqrt(G) + 1e-8,
    "inside, tiny": lambda G, eps: np.sqrt(G + 1e-8),
    "none": lambda G, eps: np.sqrt(G),
}


def total(x):
    return np.cumsum(x, axis=0)


def average(x, keep, take=None):
    take, G, rows = 1 - keep if take is None else take, np.zeros(x.shape[1:]), []
    for part in x:
        G = keep * G + take * part
        rows.append(G)
    return np.array(rows)


def late(G):
    return np.concatenate([np.zeros_like(G[:1]), G[:-1]])


def shared(x, how=np.sum):
    return np.broadcast_to(how(x, axis=tuple(range(1, x.ndim)), keepdims=True), x.shape)


def counts(g):
    return np.arange(1, len(g) + 1).reshape(-1, *[1] * (g.ndim - 1))


def with_last(own, share):
    """Momentum on top: a share of the last change is kept."""
    return average(own, share, 1.0)


# the honest rules, for the comparison


def descent(g, k, floor=None):
    return -k.eta * g


def adagrad(g, k, floor):
    return -k.eta * g / floor(total(g**2), k.eps)


def rmsprop(g, k, floor):
    return -k.eta * g / floor(average(g**2, k.beta), k.eps)


def bias_corrected(g, k, floor):
    return -k.eta * g / floor(average(g**2, k.beta) / (1 - k.beta ** counts(g)), k.eps)


def adam(g, k, floor, keep=0.9):
    return -k.eta * (average(g, keep) / (1 - keep ** counts(g))) / floor(average(g**2, k.beta) / (1 - k.beta ** counts(g)), k.eps)


# what can go wrong in each of them

SIGN = "The change points uphill: against the slope is where the loss falls, so there is a sign to turn."
NO_ETA = "η is missing: the change should grow in proportion to the knob eta, and yours is the same for every η."
RATE = "That is the rate, not the change: the rate still has to be multiplied by the gradient, with the sign that goes downhill."
SHARED = "All weights share one account G here: each weight should keep its own. Take the elements one by one, without a sum or a mean over the weights."
FRESH = "Only the present gradient counts in your G: what was there before is lost at every step. The G that comes in has to enter the new one."
OLD_BACK = "The G that you return is still the old one: the new square counts in this change, and is lost for the next. Hand back the G that you divide by."
ALONE, OLD_ALONE = "only the present gradient counts in G", "the G that you return is still the old one"  # the same two, beside a second mistake
LATE = "You divide by the G from before this gradient: first enter the new square into the account, then divide."
NO_ROOT = "The root is missing: you divide by G itself, which has the units of g², so the length of the step depends on how large the gradients are."
ROOT_OF_EACH = "You take the root of each square, and that is |g| again (so it is, too, where square and root are both missing): first gather the squares, then take one root of the whole."
NO_SQUARE = "The square is missing: your account gathers |g|, or g, where it should gather g²."
WITHOUT_SIGN = ("The square is missing: your account gathers g with its sign, so gradients of opposite sign cancel, "
                "and a root of a negative number is no number.")
NEVER_G = "That is gradient descent: the change is −η times the gradient, and the account G has no say in it."
PARENTHESES = "A pair of parentheses is missing: ε belongs to what is divided by, so the root and ε stand together in them."
DEAF = "No g² ever enters your G: it stays 0, so the rate is η/ε."
HALF = "In Python `G**1/2` is half of G: the power is taken first. Write np.sqrt(G), or G**0.5."
G_SQUARED = "The change is multiplied by the square of the gradient: the square belongs into the account G, the change takes g as it is."

DESCENT = [
    Planted("uphill", SIGN, lambda g, k, floor: k.eta * g),
    Planted("no eta", NO_ETA, lambda g, k, floor: -g),
    Planted("no gradient", RATE, lambda g, k, floor: -k.eta + 0 * g),
    Planted("eta squared", "η enters twice: the change is in proportion to η, not to its square.", lambda g, k, floor: -(k.eta**2) * g),
    Planted("divided by eta", "You divide by η: a larger η should make a longer step, and yours makes a shorter one.", lambda g, k, floor: -g / k.eta),
    Planted("only the sign", "Your step is η long whatever the gradient is: only its sign is left. On a steeper slope the step should be longer.",
            lambda g, k, floor: -k.eta * np.sign(g)),
    Planted("size", "The sign of the gradient is lost: where the slope is negative the change should be positive.", lambda g, k, floor: -k.eta * np.abs(g)),
    Planted("square", "The gradient is squared: the change takes g as it is.", lambda g, k, floor: -k.eta * g**2),
    Planted("shared", "All weights get the same change here: each should follow its own part of the gradient.", lambda g, k, floor: -k.eta * shared(g)),
    Planted("shared mean", "All weights get the same change here: each should follow its own part of the gradient.",
            lambda g, k, floor: -k.eta * shared(g, np.mean)),
    Planted("unit length", "You divide by the length of the whole gradient: gradient descent takes longer steps on steeper slopes.",
            lambda g, k, floor: -k.eta * g / np.sqrt(shared(g**2))),
    Planted("uphill, no eta", "Two things are missing: the knob η, and the sign that goes downhill.", lambda g, k, floor: g),
    Planted("minus eta", "η is subtracted from the gradient; it should multiply it.", lambda g, k, floor: g - k.eta),
]


def memories(own, gathered, honest):
    """The mistakes that both rules with an account can have. own(x, k): the account of x; gathered: its words; honest: the rule."""
    return [
        Planted("uphill", SIGN, lambda g, k, floor: -honest(g, k, floor)),
        Planted("no eta", NO_ETA, lambda g, k, floor: honest(g, k, floor) / k.eta),
        Planted("descent", NEVER_G, descent),
        Planted("rate", RATE, lambda g, k, floor: k.eta / floor(own(g**2, k), k.eps)),
        Planted("rate, downhill", RATE, lambda g, k, floor: -k.eta / floor(own(g**2, k), k.eps)),
        Planted("g squared above", G_SQUARED, lambda g, k, floor: -k.eta * g**2 / floor(own(g**2, k), k.eps)),
        Planted("size of g", NO_SQUARE, lambda g, k, floor: -k.eta * g / floor(own(np.abs(g), k), k.eps)),
        Planted("g with its sign", WITHOUT_SIGN, lambda g, k, floor: -k.eta * g / floor(own(g, k), k.eps)),
        Planted("g with its sign, then its size", WITHOUT_SIGN, lambda g, k, floor: -k.eta * g / floor(np.abs(own(g, k)), k.eps)),
        Planted("square of all", f"You {gathered[0]} the gradients and square the result: the other way round, first the squares and then {gathered[1]}. "
                "Otherwise gradients of opposite sign cancel.", lambda g, k, floor: -k.eta * g / floor(own(g, k) ** 2, k.eps)),
        Planted("no root", NO_ROOT, lambda g, k, floor: -k.eta * g / (own(g**2, k) + k.eps)),
        Planted("no root, tiny", NO_ROOT, lambda g, k, floor: -k.eta * g / (own(g**2, k) + 1e-8)),
        Planted("root of each", ROOT_OF_EACH, lambda g, k, floor: -k.eta * g / (own(np.abs(g), k) + k.eps)),
        Planted("half of G", HALF, lambda g, k, floor: -k.eta * g / (own(g**2, k) / 2 + k.eps)),
        Planted("half of G, tiny", HALF, lambda g, k, floor: -k.eta * g / (own(g**2, k) / 2 + 1e-8)),
        Planted("half of G and ε", HALF, lambda g, k, floor: -k.eta * g / ((own(g**2, k) + k.eps) / 2)),
        Planted("half of η/G", HALF, lambda g, k, floor: -k.eta / (own(g**2, k) + k.eps) / 2 * g),
        Planted("half of η/G, no ε", HALF, lambda g, k, floor: -k.eta / own(g**2, k) / 2 * g),
        Planted("deaf", DEAF, lambda g, k, floor: -k.eta * g / floor(0 * g, k.eps)),
        Planted("doubled", "`g*2` doubles the gradient; its square is `g**2`.", lambda g, k, floor: -k.eta * g / floor(own(2 * g, k), k.eps)),
        Planted("ε outside", PARENTHESES, lambda g, k, floor: (-k.eta / np.sqrt(own(g**2, k)) + k.eps) * g),
        Planted("ε alone", PARENTHESES, lambda g, k, floor: -k.eta / np.sqrt(own(g**2, k)) * g + k.eps),
        Planted("ε times g", PARENTHESES, lambda g, k, floor: -k.eta / np.sqrt(own(g**2, k)) + k.eps * g),
        Planted("fresh", FRESH, lambda g, k, floor: -k.eta * g / floor(g**2, k.eps)),
        Planted("shared", SHARED, lambda g, k, floor: -k.eta * g / floor(own(shared(g**2), k), k.eps)),
        Planted("shared mean", SHARED, lambda g, k, floor: -k.eta * g / floor(own(shared(g**2, np.mean), k), k.eps)),
        Planted("late", LATE, lambda g, k, floor: -k.eta * g / floor(late(own(g**2, k)), k.eps)),
        *(Planted(f"momentum {share}", "There is momentum in it: part of the last change is added. The rule asked for has none.",
                  lambda g, k, floor, share=share: with_last(honest(g, k, floor), share)) for share in (0.9, 0.5)),
    ]


def pairs(own, summed):
    """Two mistakes at once, each pair with words for both. summed(g, k): the account of a reader who sums old and new over the weights."""
    gathered = {"": lambda g: g**2, "the account gathers |g| and not g²": np.abs, "the account gathers g and not g²": lambda g: g}
    accounts = {"": own, ALONE: lambda x, k: x, "all weights share one account G": lambda x, k: own(shared(x), k)}
    signs = {"": -1, "the change points uphill": 1}
    roots = {"": True, "the root of G is missing": False}

    def rule(part, account, sign, root):
        return lambda g, k, floor: sign * k.eta * g / (floor(account(part(g), k), k.eps) if root else account(part(g), k) + k.eps)

    found = [Planted("all in one sum", f"{SHARED} And where old and new are summed together, G is mixed anew at every step.",
                     lambda g, k, floor: -k.eta * g / floor(summed(g, k), k.eps)),
             Planted("fresh and shared", f"Two mistakes at once: {ALONE}, and all weights share that one account.",
                     lambda g, k, floor: -k.eta * g / floor(shared(g**2), k.eps)),
             Planted("fresh and shared, mean", f"Two mistakes at once: {ALONE}, and all weights share that one account.",
                     lambda g, k, floor: -k.eta * g / floor(shared(g**2, np.mean), k.eps))]
    for parts in product(signs.items(), gathered.items(), accounts.items(), roots.items()):
        (sign, s), (square, part), (kept, account), (root, r) = parts
        said = [words for words in (sign, square, kept, root) if words]
        if len(said) == 2 and not ("|g|" in square and root):  # |g| without a root is the root of each square
            found.append(Planted(" + ".join(said), f"Two mistakes at once: {said[0]}, and {said[1]}.", rule(part, account, s, r)))
    return found


def _remixed(keep, take):
    """G = sum(keep · G + take · g²) over the weights: the one G comes back to each of the n of them."""
    return lambda g, k: average(shared(g**2), g[0].size * keep(k), take(k))


ADAGRAD = [
    *memories(lambda x, k: total(x), ("add up", "the sum"), adagrad),
    Planted("two", "Your G holds only this gradient and the one before: every square so far belongs to the account.",
            lambda g, k, floor: -k.eta * g / floor(g**2 + late(g**2), k.eps)),
    Planted("mean", "Your G is the mean of the squares: dividing by the number of steps keeps the account from growing. Adagrad's account is never divided.",
            lambda g, k, floor: -k.eta * g / floor(total(g**2) / counts(g), k.eps)),
    Planted("only grows at a record", "Your G keeps the largest square only: every square should be entered.",
            lambda g, k, floor: -k.eta * g / floor(np.maximum.accumulate(g**2), k.eps)),
    *(Planted(f"rmsprop {keep or ''}".strip(), "That is RMSprop, which forgets: its G is a moving average. Adagrad's account forgets nothing.",
              lambda g, k, floor, keep=keep: rmsprop(g, k._replace(beta=keep or k.beta), floor)) for keep in (None, 0.9, 0.99, 0.999, 0.5)),
    *(Planted(f"adam {keep or ''}".strip(), "That is Adam, of the lecture to come: Adagrad needs only one account, and no correction.",
              lambda g, k, floor, keep=keep: adam(g, k._replace(beta=keep or k.beta), floor)) for keep in (None, 0.999)),
    *pairs(lambda x, k: total(x), _remixed(lambda k: 1.0, lambda k: 1.0)),
]

RMSPROP = [
    *memories(lambda x, k: average(x, k.beta), ("average", "the average"), rmsprop),
    Planted("exchanged", "β and 1 − β are exchanged: the old G should get β, the new square 1 − β.",
            lambda g, k, floor: -k.eta * g / floor(average(g**2, 1 - k.beta), k.eps)),
    Planted("no 1 − β", "The new square enters in full: the two shares should add up to 1, or G becomes 1/(1 − β) times too large.",
            lambda g, k, floor: -k.eta * g / floor(average(g**2, k.beta, 1.0), k.eps)),
    Planted("1 − β without parentheses", "A pair of parentheses is missing: the share 1 − β is one factor, so it stands in them before the `*`.",
            lambda g, k, floor: -k.eta * g / floor(average(1 - k.beta * g**2, k.beta, 1.0), k.eps)),
    Planted("nothing forgotten", "The old G is kept in full: only a share β of it should stay, or nothing is forgotten.",
            lambda g, k, floor: -k.eta * g / floor(average(g**2, 1.0, 1 - k.beta), k.eps)),
    Planted("old G lost", FRESH, lambda g, k, floor: -k.eta * g / floor((1 - k.beta) * g**2, k.eps)),
    Planted("share squared", "The share 1 − β is squared along with the gradient: square g alone, and then take the share.",
            lambda g, k, floor: -k.eta * g / floor(average(g**2, k.beta, (1 - k.beta) ** 2), k.eps)),
    Planted("same share twice", "Both terms get the share β: the new square gets what the old G leaves, so that the shares add up to 1.",
            lambda g, k, floor: -k.eta * g / floor(average(g**2, k.beta, k.beta), k.eps)),
    Planted("adagrad", "That is Adagrad: its account keeps every square in full and never falls. RMSprop lets the old ones fade.", adagrad),
    Planted("mean", "Your G is the mean of all squares so far: every one counts the same, so nothing is forgotten. "
            "RMSprop lets the old ones fade by β at every step.",
            lambda g, k, floor: -k.eta * g / floor(total(g**2) / counts(g), k.eps)),
    Planted("corrected", "Your G is corrected for its start at 0 (divided by 1 − βᵗ), as Adam does it. Plain RMSprop leaves the first steps long.",
            bias_corrected),
    Planted("adam", "That is Adam, of the lecture to come: RMSprop averages the squares only, and corrects nothing.", adam),
    *pairs(lambda x, k: average(x, k.beta), _remixed(lambda k: k.beta, lambda k: 1 - k.beta)),
]
