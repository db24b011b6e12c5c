"""The exercises of notebook 03: a moving average, a half-life of twenty steps, two ways of writing momentum."""

import numpy as np
from numpy import allclose, isclose

from helpers.exercises.calling import needs_a_function
from helpers.exercises.findings import Exercise, Wrong
from helpers.exercises.lesson02 import FOUR, few_digits, four_digits
from helpers.exercises.quantities import digits, floats, number, returned, yours
from helpers.exercises.roles import placed

# a moving average

SEEN = (3.0, -1.0, 4.0, 1.0, -5.0, 9.0)  # what is averaged, one after the other
BETAS = (0.9, 0.5, 0.99)
NEAR = 1e-5  # relative: single precision is fine
NAMES = {"x": {"x", "new", "value", "g", "grad", "gradient"},
         "m": {"m", "old", "avg", "average", "mean", "ema", "m_old"},
         "beta": {"beta", "b", "β", "alpha", "α", "decay", "rho", "gamma", "keep", "share"}}


def average(x, m, beta):
    return beta * m + (1 - beta) * x


WRONG_AVERAGES = [
    ("The two shares are exchanged: β belongs to the old average, and 1 − β to what is new.", lambda x, m, b: (1 - b) * m + b * x),
    ("That is momentum's sum: what is new enters with its full size, so the shares add up to 1/(1 − β), and not to 1.", lambda x, m, b: b * m + x),
    ("What is new has no share of its own: it enters times β, and so does the old average. The two shares have to add up to 1.", lambda x, m, b: b * m + b * x),
    ("Both enter times 1 − β. The two shares have to add up to 1.", lambda x, m, b: (1 - b) * m + (1 - b) * x),
    ("It forgets everything that came before: the old average does not enter.", lambda x, m, b: (1 - b) * x),
    ("It gives back what is new, and remembers nothing.", lambda x, m, b: x),
    ("It keeps the old average without fading it: that is a sum, which never forgets.", lambda x, m, b: m + (1 - b) * x),
    ("It adds up everything: that is a sum, which never forgets.", lambda x, m, b: m + x),
    ("What is new does not enter at all.", lambda x, m, b: b * m),
    ("The sign of what is new is turned round. An average takes it as it is.", lambda x, m, b: b * m - (1 - b) * x),
    ("It averages the squares, as RMSprop does. Here x itself is averaged, so that signs can cancel.", lambda x, m, b: b * m + (1 - b) * x**2),
    ("It is the plain mean of the old average and what is new: β does not enter.", lambda x, m, b: (m + x) / 2),
]


def check_ema(answer, trial):
    needs_a_function(answer, 'check("ema", my_average)')
    place, second = placed(answer, NAMES), []

    def step(*question):
        arguments, named = place(*question)
        value = trial.call(answer, *arguments, **named)
        if isinstance(value, tuple) and len(value) == 2:
            second.append(floats(value[1]))
            value = value[0]
        return returned(value, "the new average")

    asked = [(x, m, beta) for beta in BETAS for x, m in zip(SEEN, (0.0, 2.0, -3.0, 0.5, 7.0, -1.0))]
    got = np.array([step(*question) for question in asked])
    right = np.array([average(*question) for question in asked])
    if allclose(got, right, rtol=NEAR, atol=1e-6):
        chain = 0.0
        for x in SEEN:
            chain = step(x, chain, 0.9)
        return f"Of {', '.join(digits(x) for x in SEEN)}, one after the other, {digits(chain)} is left with β = 0.9: signs cancel."
    others = [part.item() for part in second if part is not None and part.size == 1]
    if len(others) == len(right) and allclose(others, right, rtol=NEAR, atol=1e-6):
        raise Wrong("The new average is the second thing that you return: return it alone.", hint="")
    for reason, wrong in WRONG_AVERAGES:
        if allclose(got, [wrong(*question) for question in asked], rtol=1e-6, atol=1e-12):
            raise Wrong(reason)
    i = int(np.argmax(~isclose(got, right, rtol=NEAR, atol=1e-6)))
    x, m, beta = asked[i]
    said, more = yours(got[i], right[i]), ""
    if not said.endswith("?"):
        more = ". The new average lies between the old one and x, nearer to the old one the larger β is."
    raise Wrong(f"For x = {digits(x)}, m = {digits(m)} and β = {digits(beta)} {said}{more}")


# a half-life of twenty steps

TWENTY = 20
WRONG_HALVES = [
    (2 ** (1 / TWENTY), "That is its inverse: multiplied twenty times it doubles. A share that is kept lies below 1."),
    (0.5 / TWENTY, "That is one fortieth: half of it shared out over twenty steps. α is multiplied, and "
     "nearly all is kept. (Did you write 0.5**1/20? A power binds first, so the exponent needs brackets.)"),
    (0.5 ** (1 / 19), "That halves in 19 steps. Twenty steps multiply it twenty times."),
    (0.5 ** (1 / 21), "That halves in 21 steps. Twenty steps multiply it twenty times."),
    (1 - 1 / 29, "That is the α with 1/(1 − α) = 29: close to the right one, since a half-life is about 0.69 "
     "of that length. There is an exact form, a power."),
    (0.5, "That halves at every single step. Twenty of them together shall make one half."),
    (0.5**TWENTY, "That is what is left after halving twenty times. The other way round: what is kept at each of twenty steps, so that one half is left?"),
    (1 - 1 / TWENTY, "That is the α with 1/(1 − α) = 20, another measure of memory. Its half-life is 13.5 steps."),
    (1 - 0.5 / TWENTY, "That shares the half out evenly, as if each step took the same amount away. Each takes the same share of what is left."),
    (np.exp(-1 / TWENTY), "After twenty steps that leaves 1/e, which is 37 %, not half."),
    (1 - np.log(2) / TWENTY, "That is close: the first two terms of a series for it. There is an exact form, a power."),
    (1 / TWENTY, "That forgets nearly everything at once: only one twentieth is kept at each step."),
    (np.log(2) / TWENTY, "That is the share that is lost at each step, nearly. α is the share that is kept."),
    (TWENTY, "That is the half-life itself. α is the share that is kept at each step, between 0 and 1."),
]


def check_half_life(answer, trial):
    alpha = number(answer, "The answer")
    for value, reason in WRONG_HALVES:
        if isclose(alpha, value, rtol=2e-6, atol=0):
            raise Wrong(reason)
    if not 0 < alpha < 1:
        raise Wrong(f"α is the share that is kept at each step, so it lies between 0 and 1; {digits(alpha)} does not.")
    left = alpha**TWENTY
    if four_digits(alpha, 0.5 ** (1 / TWENTY)):
        return f"After 20 steps {digits(100 * left, 4)} % of a gradient's share are left."
    close = FOUR if few_digits(alpha) and abs(left - 0.5) < 0.05 else ""
    raise Wrong(f"With {digits(alpha, 4)} there are {digits(100 * left)} % left after 20 steps, and half is asked for.{close}")


# two ways of writing momentum

SETTINGS = ((0.1, 0.9), (0.4, 0.5), (0.02, 0.99), (0.3, 0.25), (0.1234, 0.3))  # the last of many digits
SUM_NAMES = {"eta": {"eta", "η", "lr", "learning_rate", "rate"},
             "alpha": {"alpha", "α", "beta", "momentum", "mu", "a"}}
WRONG_ETAS = [
    ("The wrong way round: the average's steps are the shorter ones, so its η has to be larger, not smaller.", lambda e, a: e * (1 - a)),
    ("That leaves η as it is. But the average's shares add up to 1, and the sum's to 1/(1 − α).", lambda e, a: e),
    ("It divides by α. By how much do the shares of the two differ?", lambda e, a: np.divide(e, a)),
    ("It multiplies by α. By how much do the shares of the two differ?", lambda e, a: e * a),
    ("1/(1 − α) alone: η itself has to be in it.", lambda e, a: 1 / (1 - a)),
    ("1 + α is the sum of the first two shares. What do all of them add up to?", lambda e, a: e * (1 + a)),
    ("The root is too much, or too little: the shares themselves differ by 1 − α.", lambda e, a: e / np.sqrt(1 - a)),
    ("1 − α is squared there. Once is enough.", lambda e, a: e / (1 - a) ** 2),
    ("Ten times η fits α = 0.9 alone: α itself has to be in it.", lambda e, a: 10 * e),
]


def check_conventions(answer, trial):
    needs_a_function(answer, 'check("conventions", my_eta)')
    place, got = placed(answer, SUM_NAMES), []
    for setting in SETTINGS:
        arguments, named = place(*setting)
        got.append(returned(trial.call(answer, *arguments, **named), "one η"))
    got = np.array(got)
    right = np.array([eta / (1 - alpha) for eta, alpha in SETTINGS])
    if allclose(got, right, rtol=NEAR, atol=0):
        return "With it the two walk the same path, step for step. PyTorch, Keras and optax sum, so an η of theirs is that of the summing form."
    with np.errstate(all="ignore"):
        for reason, wrong in WRONG_ETAS:
            if allclose(got, [wrong(*setting) for setting in SETTINGS], rtol=1e-6, atol=0):
                raise Wrong(reason)
    off = np.abs(got / right - 1)
    i = int(np.argmax(off > NEAR))
    said = yours(got[i], right[i])
    more = ""
    if not said.endswith("?"):
        more = f", {digits(100 * off[i], 2)} % off, and the two paths part. Compare their first steps."
    raise Wrong(f"For η = {digits(SETTINGS[i][0], 4)} and α = {digits(SETTINGS[i][1])} {said}{more}")


EXERCISES = [
    Exercise(
        "ema", "03", "Write a moving average",
        "Replace the ... by the new average: the old one m, and what is new, x, with shares that add up to 1.",
        ("The old average keeps the share β. Which share is left for what is new?",
         "By hand, with β = 0.9 and m = 0: after x = 3 the average is 0.3.",
         "Two products, added: one with m in it, one with x."),
        check_ema),
    Exercise(
        "half_life", "03", "An α with a half-life of 20 steps",
        "Give one number: the α at which a gradient's share has halved after 20 steps.",
        ("What is kept at each step, multiplied by itself twenty times, shall be one half.",
         "Solve α²⁰ = ½ for α: which root undoes a twentieth power?",
         "A root is a power, too: the exponent of the twentieth root is 1/20."),
        check_half_life),
    Exercise(
        "conventions", "03", "Two ways of writing momentum",
        "Replace the ... by the η of the averaging form that walks the path of the summing one.",
        ("Compare the first steps, with m and the last Δw at 0. How long is each?",
         "With η = 0.1 and α = 0.9 the first step of the averaging form is a tenth of the other's.",
         "The shares of the one add up to 1, those of the other to 1/(1 − α)."),
        check_conventions),
]
