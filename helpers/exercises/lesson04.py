"""The exercises of notebook 04: Adagrad written, a count, three suspects, a property that tells Adagrad from three wrong rules."""

import copy
import difflib
import functools
import re

import numpy as np

from helpers.descent import descend
from helpers.exercises import rule_checks
from helpers.exercises.blackboxes import bugs
from helpers.exercises.calling import needs_a_function
from helpers.exercises.findings import Exercise, Untouched, Wrong
from helpers.exercises.quantities import digits, floats, number
from helpers.exercises.records import ask, compares_exactly
from helpers.surfaces import bowl, given, ravine, rosenbrock
from helpers.update_rules import adagrad, gradient_descent, rmsprop

ETA, GOAL, LONG = 0.4, 1e-6, 1000
FAR = 5000  # steps of the longest run that a number of steps is answered with


def check_adagrad(answer, trial):
    return rule_checks.check_rule(rule_checks.ADAGRAD, answer, trial)


# how many steps at η = 0.4


@functools.cache
def steps_taken(rule):
    """(steps until the loss is below the goal, the same for w₂ alone)."""
    run = descend(rule, ravine, steps=LONG, eta=ETA)
    return int(np.argmax(run.loss < GOAL)), int(np.argmax(ravine.curvature[1] / 2 * run.w[:, 1] ** 2 < GOAL))


def check_steps(answer, trial):
    count = number(answer, "The answer")
    right, steep = steps_taken(adagrad)
    if count == right:
        return f"After {right} steps Adagrad's loss on the ravine is below 1e-6 for the first time."
    if abs(count - right) == 1:
        counted = "Count steps, not rows: row 0 is the start, before any step, so row t of run.loss is the loss after t steps."
        raise Wrong(f"That is one too {'many' if count > right else 'few'}. {counted} And it should be below 1e-6, not only close to it.")
    for other, name in ((gradient_descent, "gradient descent"), (rmsprop, "RMSprop")):
        if abs(count - steps_taken(other)[0]) <= 1:
            raise Wrong(f"That is how many steps {name} needs at η = {ETA}. The question is for Adagrad.")
    if abs(count - steep) <= 1:
        raise Wrong("After so many steps the part of the steep weight w₂ is below 1e-6. "
                    "The loss has a second part, of the gentle weight w₁, and that takes longer.")
    if count == 0:
        raise Wrong("Did your run ever get below 1e-6? Before the first step the loss is not. Where nothing in a list is True, np.argmax says 0: let descend take more steps.")
    if not np.isfinite(count) or count < 0:
        raise Wrong("A number of steps is a whole number, 0 or more.")
    if count != int(count):
        seen = "looks like a loss" if 0 < count < 1 else "is not whole"
        raise Wrong(f"{digits(count, 7)} {seen}; the question is for a number of steps: how many until the loss is below 1e-6?")
    if count > FAR:
        raise Wrong(f"It takes far fewer than {digits(count)} steps: by then it has long been below 1e-6, "
                    "and the question is for the first time.")
    loss = descend(adagrad, ravine, steps=int(max(1, count)), eta=ETA).loss[-1]
    if count < right:
        raise Wrong(f"After {int(count)} steps Adagrad's loss on the ravine is {digits(loss)}: that is not below 1e-6 yet.")
    raise Wrong(f"After {int(count)} steps it is below 1e-6, yes ({digits(loss)}), but not for the first time: it was so before.")


# a property that Adagrad has, and three wrong rules have not


def _no_square(g, G=0.0, *, eta=0.4, eps=1e-8):
    G = G + np.abs(g)
    return -eta / (np.sqrt(G) + eps) * g, G


def _forgets(g, G=0.0, *, eta=0.4, eps=1e-8):
    G = 0.9 * G + 0.1 * g**2
    return -eta / (np.sqrt(G) + eps) * g, G


def _one_for_all(g, G=0.0, *, eta=0.4, eps=1e-8):
    G = G + np.sum(g**2, axis=-1, keepdims=True)
    return -eta / (np.sqrt(G) + eps) * g, G


IMPOSTORS = {
    "no square (G adds |g|)": (_no_square, "Its G grows by |g| at every step. What in the record would tell that from g²?"),
    "forgets (G is a moving average)": (_forgets, "Its G loses a tenth at every step. What does an account do that forgets nothing?"),
    "one G for all weights": (_one_for_all, "Each of its columns of G grows by the squares of both weights. Compare a weight's G with that weight's own g."),
}
PLAIN = "This is Adagrad as the notebook has it, so your property asks for something that does not hold."
HELD = "This is Adagrad as the notebook has it."
EXACT = " Your property asks for exact equality (==), and rounding in the last digit may spoil that: np.allclose forgives it."
FLAT = ("There a gradient is 0 for some steps, the first among them: G stays where it is then, and the step is 0. If your property says otherwise, here it fails. "
        "If it says that the rate is η/√G: where G is still 0 the rate is η/ε, so ε belongs in it.")
SMALL = ("There the gradients are below 1, and the loss is 0 throughout, for there is no surface under gradients set by hand. "
         "If your property says that no rate is above η: with √G below 1, η/√G is.")
GROWING = "There the gradients grow. If your property says that no step is longer than the one before: steps may grow with the gradient, although the rates fall."
OTHER = "Nothing is different there but the place and the knob η."


@functools.cache
def _records():
    """Honest records: (what it is, why it may be rejected, record); and impostors: (name, what it is, record)."""
    honest = [
        ("the ravine with η = 0.4", PLAIN, descend(adagrad, ravine, steps=40, eta=0.4)),
        ("gradients set by hand, 0.1, 0.2, 0.1, with η = 0.4", SMALL, descend(adagrad, given([0.1, 0.2, 0.1]), steps=3, eta=0.4)),
        ("gradients set by hand, 1, 0.1, 5, 100, with η = 0.4", GROWING, descend(adagrad, given([1, 0.1, 5, 100]), steps=4, eta=0.4)),
        ("gradients set by hand, 0, 0, 3, 0, 0, 4, with η = 0.4", FLAT, descend(adagrad, given([0, 0, 3, 0, 0, 4]), steps=6, eta=0.4)),
        ("the ravine from (−5, 0) with η = 0.4", FLAT, descend(adagrad, ravine, steps=30, start=(-5, 0), eta=0.4)),
        ("the ravine with η = 2 from (3, 1)", OTHER, descend(adagrad, ravine, steps=40, eta=2.0, start=(3, 1))),
        ("the bowl with η = 0.1", OTHER, descend(adagrad, bowl, steps=60, eta=0.1)),
        ("Rosenbrock's valley with η = 0.02", OTHER, descend(adagrad, rosenbrock, steps=40, eta=0.02)),
    ]
    others = [("the ravine with η = 0.4", ravine, {"eta": 0.4}), ("the ravine with η = 2 from (3, 1)", ravine, {"eta": 2.0, "start": (3, 1)}),
              ("Rosenbrock's valley with η = 0.02", rosenbrock, {"eta": 0.02})]
    impostors = [(name, where, descend(rule, surface, steps=40, **how)) for name, (rule, _) in IMPOSTORS.items() for where, surface, how in others]
    for *_, run in impostors:
        run.rule = "adagrad"
    return honest, impostors


def check_property(answer, trial):
    needs_a_function(answer, 'check("property", holds)')
    honest, impostors = _records()
    kept = [_truth(ask(trial, answer, copy.deepcopy(run))) for _, _, run in honest]
    passed = [_truth(ask(trial, answer, copy.deepcopy(run))) for _, _, run in impostors]
    exact = EXACT if not any(passed) and compares_exactly(answer) else ""
    if not any(kept) and all(passed):
        raise Wrong("It answers the other way round: True is for records that are Adagrad's, False for the others.")
    if all(kept) and all(passed):
        raise Wrong("It says True to every record, so it tells nothing: what holds for Adagrad's G, and not for the wrong rules'?")
    if not any(kept) and not any(passed):
        raise Wrong(f"It says False to every record, Adagrad's own among them. {HELD + exact if exact else PLAIN}")
    for (where, why, _), yes in zip(honest, kept):
        if not yes:
            raise Wrong(f"An honest record of Adagrad was rejected: {where}. {HELD if exact and why is PLAIN else why}{exact}")
    for (name, where, _), yes in zip(impostors, passed):
        if yes:
            raise Wrong(f"A wrong rule slipped through: {name}, on {where}. {IMPOSTORS[name][1]}")
    return f"{len(honest)} records of Adagrad pass, and every record of the three wrong rules is caught."


def _truth(result):
    if result is None:
        raise Wrong("Your function returned None: end it with `return`, and True or False behind it.", hint="")
    if isinstance(result, (bool, np.bool_)):
        return bool(result)
    array = np.asarray(result) if isinstance(result, (np.ndarray, list, tuple)) else None
    if array is not None and array.dtype == bool and array.size == 1:
        return bool(array.all())
    if array is not None and array.size != 1:
        raise Wrong(f"Your function returned {array.size} values, and should return one True or False for the whole record: np.all(...) gathers them.")
    value = floats(result)
    if value is None or value.size != 1 or value not in (0, 1):
        raise Wrong("Your function should return True or False; it returned something else"
                    f" (of type {type(result).__name__}): write a comparison, such as `... >= 0`.")
    return bool(value)


# three suspects

TRUTH = dict(zip("ABC", ("one shared G", "no square", "no root")))
SAID = {
    "no square": {"no square", "square missing", "missing square", "nosquare", "not squared", "abs", "g", "abs g", "adds abs g", "without square", "unsquared"},
    "no root": {"no root", "root missing", "missing root", "noroot", "no sqrt", "no square root", "without root", "sqrt missing"},
    "one shared G": {"one shared g", "shared g", "shared", "one g", "one g for all", "one g for all weights", "common g", "same g",
                     "sum over weights", "shared account"},
    "not kept": {"not kept", "g not kept", "fresh", "not stored", "starts anew", "no memory", "reset", "lost"},
    "forgets": {"forgets", "moving average", "rmsprop", "forgetting", "decay", "average"},
    "wrong sign": {"wrong sign", "sign", "uphill", "plus", "sign wrong"},
}
IF_SO = {
    "no square": "If {0} had no square, a single gradient of 4 would leave 4 in its G. Try descend(exercises.suspects[\"{0}\"], given([4]), steps=1).G.",
    "no root": "If {0} had no root, its first step would get shorter when the gradient gets larger. Compare the first steps for gradients 2 and 4.",
    "one shared G": "If {0} shared one G, both columns of G would be equal on the ravine. Look at run.G there.",
    "not kept": "If {0} did not keep its G, run.G would fall whenever the gradient falls. Look at run.G on the ravine.",
    "forgets": "If {0} forgot, its G would shrink while the gradient is 0. Give it the gradients 4, 0, 0, 0 with given([4, 0, 0, 0]).",
    "wrong sign": "If {0} had the wrong sign, the loss would rise from the first step on. Look at run.loss.",
}


def check_suspects(answer, trial):
    given_ones = _letters(answer)
    named = {letter: _bug(letter, word) for letter, word in given_ones.items() if word is not None and word is not ...}
    if not named:
        raise Untouched
    if len(named) < len(TRUTH):
        lacking = " and ".join(letter for letter in TRUTH if letter not in named)
        raise Untouched(f"There is no answer for {lacking} yet: all three are checked together.")
    wrong = [letter for letter in TRUTH if named[letter] != TRUTH[letter]]
    if not wrong:
        return "All three are found out: one shared account, one without its square, one without its root."
    right = [letter for letter in TRUTH if letter not in wrong]
    told = f"{' and '.join(right)} {'is' if len(right) == 1 else 'are'} right, {' and '.join(wrong)} not yet." if right else "None of the three is right yet."
    twice = "" if len(set(named.values())) == len(named) else " No two suspects have the same bug."
    raise Wrong(f"{told}{twice} {IF_SO[named[wrong[0]]].format(wrong[0])}")


def _letters(answer):
    if answer is None or answer is ...:
        raise Untouched
    if isinstance(answer, (list, tuple)) and len(answer) == len(TRUTH):
        answer = dict(zip(TRUTH, answer))
    if not isinstance(answer, dict):
        raise Wrong('Name a bug for each suspect, as in check("suspects", A="...", B="...", C="...").')
    letters = {re.sub(r"^SUSPECT[\s_-]*", "", str(key).strip().upper()): word for key, word in answer.items()}
    for letter in letters:
        if letter not in TRUTH:
            raise Wrong(f"There is no suspect {letter[:20] or 'without a name'}: they are A, B and C.")
    return letters


def _bug(letter, word):
    said = " ".join(re.sub(r"[^a-z²√ ]", " ", str(word).lower().replace("_", " ")).split())
    known = {way: bug for bug, ways in SAID.items() for way in ways}
    near = [said] if said in known else difflib.get_close_matches(said, known, 1, 0.8)
    if not near:
        raise Wrong(f"{letter}: {str(word)!r} is not on the list. The bugs to choose from are {', '.join(bugs)}.")
    return known[near[0]]


EXERCISES = [
    Exercise(
        "adagrad", "04", "Write Adagrad",
        "Replace each ... by a line: first what happens to the account G, then the change Δw.",
        ("Two lines: the account first, then the change that divides by its root.",
         "By hand: after the gradients 3 and 4 the root of the account is 5, and after 12 it is 13. What does the account hold?",
         "The new account is the old one and the square of this gradient. The rate is η over the root, with ε beside it; the change is downhill."),
        check_adagrad),
    Exercise(
        "steps_at_04", "04", "Steps that Adagrad needs at η = 0.4",
        "Give one whole number: after how many steps is Adagrad's loss on the ravine below 1e-6 for the first time, with η = 0.4?",
        ("Let descend take many steps, and look at run.loss.",
         "run.loss has a row for the start, and then one after every step. Which is the first row below 1e-6?",
         "np.argmax of a list of True and False gives the place of the first True. Take enough steps: where none is True, it says 0."),
        check_steps),
    Exercise(
        "suspects", "04", "Three suspects, each with one bug",
        "Name the bug of each suspect in exercises.suspects, as in check(\"suspects\", A=\"...\", B=\"...\", C=\"...\"); exercises.bugs lists them.",
        ("Let each walk on the ravine beside Adagrad, and look where run.G differs.",
         "A single gradient says much: descend(exercises.suspects[\"B\"], given([4]), steps=1) shows G and the step after it.",
         "Three questions settle it. Are the columns of G different? What does one gradient of 4 leave in G? Is the first step η, whatever the gradient?"),
        check_suspects, tuple(TRUTH)),
    Exercise(
        "property", "04", "A property that tells Adagrad from three wrong rules",
        "Replace the ... by a comparison that is True for every record of Adagrad, and False for each of the three wrong rules.",
        ("“G never falls” is true of Adagrad, and catches one of the three. Ask for more: by how much does G grow?",
         "run.G has one row more than run.g: row t of run.g leads from row t to row t + 1 of run.G.",
         "Compare what G gains in each step, for each weight, with something made of that step's g. np.allclose forgives rounding."),
        check_property),
]
