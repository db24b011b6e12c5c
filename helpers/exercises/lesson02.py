"""The exercises of notebook 02: an exponential schedule, a factor that halves in fifty steps, five traces to sort."""

import itertools

import numpy as np
from numpy import allclose, isclose

from helpers.exercises.calling import needs_a_function
from helpers.exercises.findings import Exercise, Untouched, Wrong
from helpers.exercises.quantities import digits, number, returned, yours
from helpers.exercises.roles import placed
from helpers.exercises.traces import adaptive, traces

# an exponential schedule

NEAR = 1e-5  # relative: single precision is fine
ASKED = [(t, eta, decay) for eta, decay in ((0.4, 0.9), (0.1, 0.98), (2.0, 0.5)) for t in (7, 0, 1, 2, 30, 1, 3, 100, 7)]  # in no order, and twice
NAMES = {"t": {"t", "step", "steps", "k", "n", "i", "time"}, "eta": {"eta", "η", "eta0", "eta_0", "lr", "lr0", "rate", "initial", "a"},
         "decay": {"decay", "c", "gamma", "γ", "factor", "q", "r", "base", "share", "beta", "b", "keep"}}
WRONG_SCHEDULES = [
    ("It is one factor ahead: at t = 0, the first step, nothing has been lost yet, and yours is multiplied "
     "by decay already.", lambda t, e, c: e * c ** (t + 1)),
    ("It is one factor behind: at t = 0 it stands above η. No factor has been applied there, and none taken "
     "back.", lambda t, e, c: e * c ** (t - 1)),
    ("It multiplies by decay once, whatever the step is. After t steps, how often has it been multiplied?", lambda t, e, c: e * c),
    ("It is the same at every step. The step t has to enter.", lambda t, e, c: e),
    ("decay is the share that is kept at each step. You keep 1 − decay.", lambda t, e, c: e * (1 - c) ** t),
    ("That is the 1/t schedule. It falls by less and less; the exponential one loses the same share at every step.", lambda t, e, c: e / (1 + c * t)),
    ("That falls by the same amount at every step, a straight line. The exponential one loses the same share.", lambda t, e, c: e - c * t),
    ("That falls by the same amount at every step, a straight line. The exponential one loses the same share.", lambda t, e, c: e * (1 - (1 - c) * t)),
    ("With exp(−decay · t) a decay near 1 would lose most of η at once. Here decay is the factor itself: what it is multiplied by at every step.",
     lambda t, e, c: e * np.exp(-c * t)),
    ("That grows. A factor below 1, applied again and again, makes it smaller.", lambda t, e, c: e * c**-t),
    ("It grows without end: exp(decay · t). Here decay is the factor, below 1, that it is multiplied by at every step.", lambda t, e, c: e * np.exp(c * t)),
    ("It multiplies by t. The step says how often to multiply by decay; it is no factor itself.", lambda t, e, c: e * c * t),
    ("Base and exponent are exchanged: t to the power of decay.", lambda t, e, c: e * t**c),
    ("η is left out: at t = 0 it has to be η.", lambda t, e, c: c**t),
    ("η is inside the power, so it is multiplied again and again as well. It stands in front, once.", lambda t, e, c: (e * c) ** t),
    ("The two knobs are exchanged: at t = 0 it has to be η.", lambda t, e, c: c * e**t),
    ("It subtracts where it should multiply: at t = 0 it has to be η.", lambda t, e, c: e - c**t),
    ("That is Δw's sign. A schedule gives η itself, a number above 0; the minus belongs to the rule.", lambda t, e, c: -e * c**t),
    ("It is multiplied by decay once in several steps only, as a step schedule would. Here it is at every step.", lambda t, e, c: e * c ** (t // 10)),
    ("That adds up η over the steps. What is asked for is η at step t alone.", lambda t, e, c: e * (1 - c ** (t + 1)) / (1 - c)),
]


def check_exponential(answer, trial):
    needs_a_function(answer, 'check("exponential", my_exponential)')
    place = placed(answer, NAMES)
    got = []
    for t, eta, decay in ASKED:
        arguments, named = place(t, eta, decay)
        got.append(returned(trial.call(answer, *arguments, **named), "η at step t"))
    got, asked = np.array(got), np.array(ASKED)
    with np.errstate(all="ignore"):
        right = asked[:, 1] * asked[:, 2] ** asked[:, 0]
        if allclose(got, right, rtol=NEAR, atol=0):
            return (f"It begins at η and keeps the share decay at every step: {len(ASKED)} questions were "
                    "asked, in no order. Nothing of this needed any data.")
        first = {}
        if any(first.setdefault(question, value) != value for question, value in zip(ASKED, got.tolist()) if value == value):
            raise Wrong("Asked twice for the same step it gives two answers: it remembers that it was called. A schedule depends on t alone, "
                        "so that it can be asked for any step, in any order.")
        for reason, wrong in WRONG_SCHEDULES:
            if allclose(got, [float(wrong(*question)) for question in ASKED], rtol=1e-6, atol=0):
                raise Wrong(reason)
    if np.isnan(got).any():
        raise Wrong("For at least one step it returned nan, which is not a number.")
    for (t, eta, decay), value in zip(ASKED, got):
        if t == 0 and not isclose(value, eta, rtol=NEAR) and digits(value) != digits(eta):
            raise Wrong(f"At t = 0, the first step, it has to be η itself: for η = {digits(eta)} yours is {digits(value)}.")
    off = ~isclose(got, right, rtol=NEAR, atol=0)
    look = np.array([digits(a) != digits(b) for a, b in zip(got, right)])
    i = int(np.argmax(off & look if (off & look).any() else off))
    t, eta, decay = ASKED[i]
    more = ". From each step to the next it has to keep the share decay." if look[i] else ""
    raise Wrong(f"For η = {digits(eta)}, decay = {digits(decay)} and t = {t} {yours(got[i], right[i])}{more}")


# a factor that halves in fifty steps

FIFTY = 50
FOUR = " So close to 1 it needs at least four digits; better, leave it as a power."


def four_digits(said, right):
    """Are the first four digits behind the point right, or better?"""
    return abs(said - right) < 0.51e-4


def few_digits(said):
    """Does it have fewer than four digits behind the point?"""
    return abs(said - round(said, 3)) < 1e-12


WRONG_FACTORS = [
    (2 ** (1 / FIFTY), "That is its inverse: multiplied fifty times it doubles. A factor that halves lies below 1."),
    (0.5, "That halves at every single step. Fifty of them together shall make one half."),
    (0.5**FIFTY, "That is what is left after halving fifty times. The other way round: which factor, applied fifty times, makes one half?"),
    (1 - 0.5 / FIFTY, "That shares the half out evenly over fifty steps, as if each took the same amount away. Each takes the same share of what is left."),
    (0.5 / FIFTY, "That is one hundredth: half of η shared out over fifty steps. The factor is multiplied, and each time almost all is kept. (Did you write 0.5**1/50? A power binds first, so the exponent needs brackets.)"),
    (1 / FIFTY, "That is one fiftieth. The factor is what is kept at each step, and that is nearly all of it."),
    (1 - 1 / FIFTY, "After fifty steps 0.98 leaves 36 %, not half."),
    (np.exp(-1 / FIFTY), "After fifty steps that leaves 1/e, which is 37 %, not half."),
    (np.log(2) / FIFTY, "That is the c of exp(−c t). Here c itself is multiplied at every step: η · cᵗ."),
    (-np.log(2) / FIFTY, "That is the logarithm of the factor. What is the factor, then?"),
    (1 - np.log(2) / FIFTY, "That is close: the first two terms of a series for it. There is an exact form, a power."),
    (np.log(0.5) / np.log(FIFTY), "The logarithms are mixed up: c to the power of 50 shall be ½, so take the fiftieth root of both sides."),
    (np.sqrt(0.5), "That is the square root: it halves in two steps. Which root is it for fifty?"),
    (0.5 ** (1 / 49), "That halves in 49 steps: from t = 0 to t = 50 there are fifty factors."),
    (0.5 ** (1 / 51), "That halves in 51 steps: from t = 0 to t = 50 there are fifty factors."),
]


def check_halving(answer, trial):
    c = number(answer, "The answer")
    with np.errstate(all="ignore"):
        left = np.float64(c) ** FIFTY
    for value, reason in WRONG_FACTORS:
        if isclose(c, value, rtol=2e-6, atol=0):
            raise Wrong(reason)
    if four_digits(c, 0.5 ** (1 / FIFTY)):
        return f"After 50 steps {digits(100 * left, 4)} % of η are left."
    if c <= 0:
        raise Wrong("A rate stays above 0, so its factor does, too.")
    if c >= 1:
        raise Wrong(f"A factor of {digits(c)} does not fall: it has to lie below 1.")
    close = FOUR if few_digits(c) and abs(left - 0.5) < 0.05 else ""
    raise Wrong(f"With {digits(c, 4)} there are {digits(100 * left)} % of η left after 50 steps, and half is asked for.{close}")


# five traces


YES, NO = ("adaptive", "true", "1", "1.0", "yes"), ("preset", "false", "0", "0.0", "no")


def check_sort(answer, trial):
    named = _letters(answer)
    right, all_ = adaptive(), set(traces())
    if named == right:
        return "What tells them apart is not how they look, but whether other data changes them."
    if named == all_ - right:
        raise Wrong("It is just the other way round: you name the preset ones.")
    if named == all_:
        raise Wrong("You name all five. For which of them do the two curves coincide?")
    if not named:
        raise Wrong("You name none. Is there no trace whose two curves part?")
    wrongly, missing = named - right, right - named
    said = [f"{_count(len(wrongly))} of those that you name {'has' if len(wrongly) == 1 else 'have'} two curves that coincide, however they look"] if wrongly else []
    said += [f"{_count(len(missing))} that you leave out {'has' if len(missing) == 1 else 'have'} two curves that part"] if missing else []
    sentence = ", and ".join(said)
    raise Wrong(f"{sentence[0].upper()}{sentence[1:]}.")


def _count(n):
    return ("none", "one", "two", "three", "four")[n]


def _letters(answer):
    """The set of letters that an answer names as adaptive."""
    if answer is None or answer is ...:
        raise Untouched
    known = sorted(traces())
    if isinstance(answer, dict):
        if any(value is ... or value is None for value in answer.values()):
            raise Untouched
        kinds = {str(value).strip().lower() for value in answer.values()}
        if set(map(str.lower, map(str, answer))) <= {"adaptive", "preset"}:  # {"adaptive": "..."}
            answer = next((value for key, value in answer.items() if str(key).lower() == "adaptive"), "")
        elif kinds <= {*YES, *NO}:
            if {str(key).strip().upper() for key in answer} != set(known):
                raise Wrong(f"Say of each of the five, {', '.join(known)}, which it is.")
            answer = [key for key, value in answer.items() if str(value).strip().lower() in YES]
        else:
            raise Wrong('Write the letters of the adaptive ones, as in "XY".')
    if callable(answer):
        raise Wrong('This is a function; the answer is the letters of the adaptive ones, as in "XY".')
    try:
        parts = answer if isinstance(answer, str) else map(str, itertools.islice(answer, 100))
        text = "".join(parts)
    except TypeError:
        raise Wrong(f'{type(answer).__name__} names no traces: write the letters of the adaptive ones, '
                    'as in "XY".') from None
    letters = {letter for letter in text.upper().replace("AND", "") if letter.isalnum()}
    strangers = sorted(letters - set(known))
    if strangers:
        raise Wrong(f"There is no trace {strangers[0]!r}; they are {', '.join(known)}.", hint="")
    return letters


EXERCISES = [
    Exercise(
        "sort", "02", "Five traces: preset or adaptive?",
        'Write the letters of the adaptive ones in quotes, as in "XY".',
        ("Look at the two lines of each trace, not at its shape.",
         "A preset rate is known before the data is. So what may other data do to its curve?",
         "Where the dashed line lies on the solid one all the way, the data had no say."),
        check_sort),
    Exercise(
        "exponential", "02", "Write an exponential schedule",
        "Replace the ... by η at step t: it begins at eta, and at every step the share decay of it is kept.",
        ("At t = 0 it is eta, at t = 1 it is eta times decay. And at t = 2?",
         "By hand, with eta = 0.4 and decay = 0.5: 0.4, 0.2, 0.1, 0.05.",
         "The same factor t times is a power. In Python a power has two stars."),
        check_exponential),
    Exercise(
        "halving", "02", "A factor that halves in 50 steps",
        "Give one number: the c of η · cᵗ that leaves half of η after 50 steps.",
        ("c, multiplied by itself fifty times, shall be one half.",
         "Solve c⁵⁰ = ½ for c: which root undoes a fiftieth power?",
         "A root is a power, too: the exponent of the fiftieth root is 1/50."),
        check_halving),
]
