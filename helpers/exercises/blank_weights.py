"""Judge which weights of the network on the digits never get a gradient, however their places are written; and their rate and step."""

import contextlib
import functools

import numpy as np
from numpy import array_equal, isclose

from helpers.descent import descend
from helpers.exercises.findings import Untouched, Wrong
from helpers.exercises.quantities import digits as say
from helpers.exercises.quantities import floats, number
from helpers.exercises.training import UPDATES
from helpers.network import digits
from helpers.update_rules import adagrad

ETA, EPS = 0.18, 1e-8
PIXELS, UNITS = digits.layer("W1").shape
PLACES = ("run.G has one row an update and one column a weight. A pixel that no image inks sends nothing into the network.",
          "An account that is 0 at the end was 0 all the way, for it never falls. Ask for exactly 0, not for small.")
NUMBERS = (
    "The rate is η/(√G + ε), with G = 0 here. The step is that rate times the gradient, and which gradient do these weights have?",
    "With G = 0 only ε is left below the fraction bar. And a pixel that is 0 in every image multiplies each gradient of its weights by 0.",
)


@functools.cache
def accounts():
    """G of Adagrad (updates + 1, n), as the reader's own record has it."""
    return descend(adagrad, digits, UPDATES, eta=ETA, eps=EPS, keep="G").G


def blank():
    """The weights whose G is 0 to the end (it never falls, so it was 0 all the way)."""
    return set(np.flatnonzero(accounts()[-1] == 0).tolist())


def check_blank(answer, trial):
    parts = answer if isinstance(answer, dict) else {"weights": answer}
    strays = [str(name) for name in parts if name not in ("weights", "rate", "step")]
    if strays:
        raise Wrong(f'There is no part {strays[0]!r} in this answer: it is check("blank", weights=..., rate=..., step=...).', hint="")
    given = {name: value for name, value in parts.items() if value is not None and value is not ...}
    if not given:
        raise Untouched
    if "weights" not in given:
        raise Untouched("The weights are not there yet: give their places, too.")
    with _hinting(PLACES):
        _judge_weights(_places(given["weights"]))
    lacking = [name for name in ("rate", "step") if name not in given]
    if lacking:
        raise Untouched(f"The {len(blank())} weights are right. What is lacking is their {' and their '.join(lacking)}.")
    with _hinting(NUMBERS):
        _judge_rate(_one(given["rate"], "The rate"))
        _judge_step(_one(given["step"], "The step"))
    pixels = sorted({place // UNITS for place in blank()})
    return (f"{len(blank())} weights: those of the pixels {', '.join(map(str, pixels[:-1]))} and {pixels[-1]}, {UNITS} each. "
            f"No image of the training inks them, so the rate stands at η/ε = {say(ETA / EPS)}, and the step is 0 all the same: rate and step are two things.")


@contextlib.contextmanager
def _hinting(hint):
    """The hints of the part that is judged: those of another would miss the point."""
    try:
        yield
    except Wrong as wrong:
        if wrong.hint is None:
            wrong.hint = hint
        raise


# which weights were meant


def _places(given):
    """The places, a set of whole numbers from 0, of whatever says which weights are meant."""
    if callable(given):
        raise Wrong("This is a function: call it, and give the places that it returns.", hint="")
    if isinstance(given, (set, frozenset, range)):
        given = list(given)
    if isinstance(given, tuple) and len(given) and all(isinstance(part, np.ndarray) for part in given):  # of np.where
        given = given[0] if len(given) == 1 else np.stack(given, axis=1) if len({part.shape for part in given}) == 1 else given
        if isinstance(given, np.ndarray) and given.ndim == 2 and given.shape[1] == 2:
            return _pairs(given)
    array = _array(given)
    if array.dtype == bool or array.shape[-1:] == (digits.n,) and np.isin(array, (0, 1)).all():
        return _marked(array.astype(bool))
    if array.size == 0:
        return set()
    if array.ndim == 2 and array.shape[1] == 2:
        return _pairs(array)
    if array.ndim == 0:
        if array == len(blank()):
            raise Wrong("So many there are, yes. Which ones? Give their places among all weights: np.flatnonzero turns a comparison into places.")
        raise Wrong(f"{say(float(array), 7)} is one number; asked for are the places of all weights whose G stays exactly 0.")
    if array.shape[-1] == digits.n and array.ndim <= 2 and not array_equal(np.sort(array), np.arange(digits.n)):
        raise Wrong("That is a number for every weight, not the places of some. Compare it with 0, and let np.flatnonzero find where that is True.")
    if array.size > 1 and not array.any():
        raise Wrong(f"Those are {array.size} zeros: the accounts themselves, it seems. Asked for are places: np.flatnonzero turns a comparison into places.")
    if not np.isfinite(array).all() or (array != np.floor(array)).any():
        raise Wrong("Places are whole numbers, from 0. These are other numbers: a comparison such as ... == 0, and np.flatnonzero, give the places.")
    places = array.astype(int).reshape(-1)
    out = places[(places < -digits.n) | (places >= digits.n)]
    if out.size:
        raise Wrong(f"There is no weight {out[0]}: the places go from 0 to {digits.n - 1}.")
    return set((places % digits.n).tolist())


def _array(given):
    try:
        array = np.asarray(given)
    except ValueError:
        raise Wrong("Give one list or array of places, or of True and False, one for each weight; these are several of different lengths.") from None
    if array.dtype == bool:
        return array
    array = floats(given)
    if array is None:
        raise Wrong("Give the places as whole numbers, or one True or False for each weight; this is neither.")
    return array


def _marked(mask):
    """Of True and False."""
    if mask.shape == (digits.n,):
        return set(np.flatnonzero(mask).tolist())
    if mask.shape in ((PIXELS, UNITS), (PIXELS * UNITS,)):  # of W1, which comes first
        return set(np.flatnonzero(mask.reshape(-1)).tolist())
    if mask.shape == (UNITS, PIXELS):
        raise Wrong(f"The marks have the shape {mask.shape}: W1 has one row a pixel and one column a hidden unit, {PIXELS, UNITS}.")
    if mask.ndim == 2 and mask.shape[1] == digits.n:
        raise Wrong(f"That is one True or False for every weight in each of {len(mask)} rows. All the way means: in every row, so .all(axis=0), "
                    "or look at the last row alone.")
    if mask.shape == (PIXELS,):
        raise Wrong(f"Those are marks on {PIXELS} pixels. Asked for are weights: from each pixel {UNITS} of them lead to the hidden units.")
    if mask.ndim == 1 and len(mask) in (UPDATES, UPDATES + 1):
        raise Wrong("That is one True or False for each update. The weights are the last axis: look along axis 0, .all(axis=0).")
    if mask.ndim == 0:
        raise Wrong(f"That is one {bool(mask)} for everything; asked for is one for each of {digits.n} weights, or the places of those meant.")
    raise Wrong(f"The marks have the shape {mask.shape}; there are {digits.n} weights, so it should be {digits.n,}.")


def _pairs(pairs):
    """Of rows and columns, as np.where and np.argwhere give them for a table: of W1, or of all updates."""
    rows, columns = pairs.astype(int).T
    if len(pairs) and columns.max() < UNITS and rows.max() < PIXELS:
        return set((rows * UNITS + columns).tolist())
    if len(pairs) and columns.max() < digits.n and rows.max() <= UPDATES:
        raise Wrong("Those are pairs of an update and a weight, wherever a G is 0 at some time; before the first update every one is. "
                    "All the way means: in every row, so .all(axis=0), or look at the last row alone.")
    raise Wrong(f"Pairs are read as pixel and hidden unit of W1, below {PIXELS} and {UNITS}; these go further.")


# judge them


def _judge_weights(told):
    right = blank()
    if told == right:
        return
    if not told:
        raise Wrong("That is no weight at all. Is it the right layer? A pixel leads into the network by the weights of W1. "
                    "And is it G that is compared with 0?")
    pixels, W1 = {place // UNITS for place in right}, PIXELS * UNITS
    never = set(np.flatnonzero((digits.held_back.inputs == 0).all(axis=0)).tolist())
    G, all_ = accounts(), set(range(digits.n))
    full = lambda some: {pixel * UNITS + unit for pixel in some for unit in range(UNITS)}  # noqa: E731
    if told == pixels:
        raise Wrong(f"Those are the pixels. Asked for are the weights that lead from them: each has {UNITS}, one to every hidden unit.")
    if told in (never, full(never)):
        raise Wrong("Those pixels are blank in the images held back. The gradient comes from the images that are trained on.")
    if told == {unit * PIXELS + pixel for pixel in pixels for unit in range(UNITS)}:
        raise Wrong(f"The places run the other way: W1 has one row a pixel, so the weight from a pixel to a unit stands at pixel × {UNITS} + unit.")
    if told in ({place + 1 for place in right}, {place + digits.n - W1 for place in right}, {place - 1 for place in right}):
        raise Wrong("The places are shifted: they count from 0, and W1 comes first among all weights.")
    if told == all_ - right:
        raise Wrong("Those are all the others: turn the comparison round.")
    if told == all_:
        raise Wrong("Those are all weights. Before the first update every G is 0; asked for is who is still at 0 after the last.")
    if told < right:
        units = {place % UNITS for place in told}
        rows = {place // UNITS for place in told}
        part = (f"Those lead to hidden unit {units.pop()} only: there are {UNITS} units." if len(units) == 1 and rows == pixels else
                f"Those belong to pixel {rows.pop()} only: it is not the only one that stays blank." if len(rows) == 1 and len(told) == UNITS else
                f"{'It is' if len(told) == 1 else f'These {len(told)} are'} right, and more are lacking.")
        raise Wrong(part)
    if told > right:
        _too_many(told - right, G)
    if min(told) >= W1:
        raise Wrong(f"Those are not weights of the first layer, whose places are 0 to {W1 - 1}. A pixel leads into the network by W1: "
                    "did you look in another layer, and count from its first weight?")
    stray = min(told - right)
    told_of = _of_pixel(stray)
    raise Wrong(f"{len(told & right)} of these {len(told)} are right. Weight {stray}{told_of} is none of them: its G ends at {say(G[-1, stray])}.")


def _too_many(more, G):
    """The right ones and others besides."""
    for t in range(UPDATES):
        if more == set(np.flatnonzero((G[t] == 0) & (G[-1] != 0)).tolist()):
            raise Wrong(f"All of them are in it, and {len(more)} besides, whose G is 0 after {t} update{'s' * (t != 1)} and fills later, "
                        "when an image inks their pixel. Look at the last row, or ask for 0 in every row.")
    some = min(more, key=lambda place: G[-1, place])
    small = G[-1, list(more)].max()
    rest = np.delete(G[-1], [*more, *blank()])
    if small < rest.min():
        raise Wrong(f"All of them are in it, and {len(more)} besides whose G is small and not 0: weight {some}{_of_pixel(some)} ends at {say(G[-1, some])}. "
                    "Ask for exactly 0.")
    pixels = {place // UNITS for place in more}
    if more == {pixel * UNITS + unit for pixel in pixels for unit in range(UNITS)} and max(more) < PIXELS * UNITS:
        raise Wrong(f"All of them are in it, and besides those of pixel {', '.join(map(str, sorted(pixels)))}: blank in some batches, "
                    "so that gradient and step are 0 for a while, and inked in others. Ask G at the end, which keeps everything.")
    raise Wrong(f"All of them are in it, and {len(more)} besides, such as weight {min(more)}{_of_pixel(min(more))}, whose G ends at {say(G[-1, min(more)])}.")


def _of_pixel(place):
    return f" (from pixel {place // UNITS} to unit {place % UNITS})" if place < PIXELS * UNITS else " (not of the first layer)"


# their rate and step


def _one(given, what):
    """A number; many equal ones count as one."""
    array = floats(given)
    if array is not None and array.size > 1 and (np.ptp(array) == 0 if np.isfinite(array).all() else len(set(map(str, array.flat))) == 1):
        given = float(array.flat[0])
    elif array is not None and array.size > 1:
        raise Wrong(f"{what} is the same for all these weights: give one number. Yours holds {array.size}, and not all are equal; "
                    "which weights and updates are they of?")
    elif array is not None and array.size == 1 and np.isnan(array).all():
        raise Wrong(f"{what} is nan, which is not a number: 0/0. In these runs ε keeps it from that: divide by √G + ε.")
    return number(given, what)


def _judge_rate(rate):
    if isclose(rate, ETA / EPS, rtol=1e-3):
        return
    known = [(0.0, "It is the step that is 0. The rate is η/(√G + ε), and with G = 0 there is ε alone below the fraction bar."),
             (np.inf, "It would be infinite without ε: with G = 0 there is ε alone below the fraction bar."),
             (ETA, "That is η, the knob. The rate is η/(√G + ε), and G is 0 here."),
             (EPS, "That is ε itself; the rate is η divided by it."), (1 / EPS, "That is 1/ε: η stands above the fraction bar."),
             (EPS / ETA, "It is turned over: η stands above the fraction bar, ε below."), (ETA * EPS, "η is divided by ε, not multiplied."),
             (ETA / np.sqrt(EPS), "That is η/√ε: in this series ε stands outside the root (some frameworks have it inside).")]
    for value, words in known:
        if rate == value or isclose(rate, value, rtol=1e-3, atol=0):
            raise Wrong(f"The weights are right, and the rate not yet. {words}")
    if rate < 0:
        raise Wrong("The weights are right, and the rate not yet. A rate is above 0; the sign belongs to the change, −rate × gradient.")
    raise Wrong(f"The weights are right, and the rate not yet: with η = {say(ETA)}, ε = {say(EPS)} and G = 0, what is η/(√G + ε)? Yours is {say(rate)}.")


def _judge_step(step):
    if step == 0:
        return
    words = ("The step is the rate times the gradient. The rate is huge; and the gradient?" if isclose(abs(step), ETA / EPS, rtol=1e-3) else
             "The first step of Adagrad is η long where there is a gradient, however small. Is there one here?" if isclose(abs(step), ETA, rtol=1e-3) else
             "The step is the rate times the gradient. Which gradient does a weight have whose pixel is always blank?")
    raise Wrong(f"The weights and their rate are right. The step is not {say(step)}: {words[:1].lower()}{words[1:]}")
