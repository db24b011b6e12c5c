"""The exercises of notebook 09: another rule by its name, a gradient check, weights of blank pixels, a rule of one's own."""

import functools

import numpy as np
from numpy import allclose

from helpers import update_rules
from helpers.descent import descend
from helpers.exercises import own_rule, slope_checks
from helpers.exercises.blank_weights import NUMBERS, PLACES, check_blank
from helpers.exercises.findings import Exercise, Untouched, Wrong
from helpers.exercises.quantities import digits as say
from helpers.exercises.training import ENDS, UPDATES, a_better_eta, share
from helpers.looks import HOUSE
from helpers.network import digits
from helpers.record import Run
from helpers.rules import Signature

# 1. swap the rule

ETA, GOAL = 0.01, 0.96  # gradient descent at this η ends far below the goal
HELD_BACK = "(The images that judge it also chose η: for a report keep others back, unseen by any choice.)"


@functools.cache
def first_accuracy():
    """What the line comes to that the reader begins with."""
    return float(digits.accuracy(descend(update_rules.gradient_descent, digits, UPDATES, eta=ETA, keep=ENDS).w[-1]))


def check_swap(answer, trial):
    run = _record(answer)
    w, after = _weights(run)
    accuracy = digits.accuracy(w)
    best = int(np.argmax(accuracy))
    knobs = {knob: np.broadcast_to(value, run.runs).reshape(-1)[best].item() if isinstance(value, np.ndarray) else value for knob, value in run.knobs.items()}
    eta, name = knobs.get("eta"), HOUSE[run.rule][3] if run.rule in HOUSE else run.rule
    told = (f"{name[:1].upper()}{name[1:]}{f' at η = {say(eta)}' if isinstance(eta, (int, float)) else ''}"
            f"{f' (the best of {len(w)} runs)' if len(w) > 1 else ''} comes to {share(digits, accuracy[best])} of the images held back")
    if run.rule == "gradient_descent":
        if eta == ETA and len(w) == 1:
            raise Untouched(f"This is gradient descent at η = {ETA:g} still, which comes to {share(digits, accuracy[best])}. "
                            "Write the name of another rule in the line, and choose an η for it.")
        enough = ": η alone was in the way, which is worth knowing" if accuracy[best] >= GOAL else ""
        raise Wrong(f"{told}{enough}. The exercise is to swap the rule: write another name in its place.")
    if after > UPDATES:
        raise Wrong(f"This record has {run.steps} updates, and {UPDATES} are allowed: a good rule at its η needs no more.", hint="")
    if accuracy[best] >= GOAL:
        return (f"{told}, after {after} updates. Gradient descent at η = {ETA:g} came to "
                f"{share(digits, first_accuracy())}. {HELD_BACK}")
    if not np.isfinite(w[best]).all():
        empty = np.any(run.undefined_at >= 0)
        why = "with ε = 0 a change is 0/0 where G is 0" if empty else "they ran off, so take a smaller η"
        raise Wrong(f"{told}, for they are no numbers any more: {why}.")
    if after < UPDATES:
        raise Wrong(f"{told} after {after} updates; {GOAL:g} is asked for, and {UPDATES} updates are allowed.")
    raise Wrong(f"{told}; {GOAL:g} is asked for. {_which_way(run.rule, knobs)}".rstrip())


def _record(answer):
    """The record, if it is one of a network on the digits."""
    if answer is None or answer is ...:
        raise Untouched
    if isinstance(answer, (list, tuple)) and answer and all(isinstance(part, Run) for part in answer):
        raise Wrong(f"These are {len(answer)} records; give the check the best of them.")
    if not isinstance(answer, Run):
        if callable(answer):
            raise Wrong('This is a function; the check needs what descend returns: run = descend(...), and then check("swap", run).')
        if isinstance(answer, str):
            raise Wrong("This is a word. The rule itself stands in the line, without quotes, as in "
                        "descend(adagrad, ...); the check then takes the record.", hint="")
        number = isinstance(answer, (int, float, np.number)) and not isinstance(answer, bool)
        seen = ", not a number taken from it" if number else ", not one array of it" if isinstance(answer, np.ndarray) else ""
        raise Wrong(f"The check needs the whole record that descend returns{seen}: it looks at the last weights itself.")
    if not isinstance(getattr(answer, "surface", None), str):
        raise Wrong("This record is empty: give the check what descend returns, run = descend(...).", hint="")
    if answer.surface != digits.name:
        raise Wrong(f"This is a record on another surface ({answer.surface.strip()}). The digits are trained with descend(..., digits, {UPDATES}, ...).")
    if "w" not in answer.__dict__:
        raise Wrong("The weights are not in this record, and the check asks them for the accuracy: leave keep= out, or name \"w\" in it.", hint="")
    if answer.w.shape[-1] != digits.n:
        raise Wrong(f"Only {answer.w.shape[-1]} of the {digits.n} weights are in this record: the accuracy takes all of them. Leave keep= out.", hint="")
    if answer.rows[0] == 0 and not allclose(answer.w[0], digits.start):
        raise Wrong("This training does not begin where `digits` begins: leave start= out, and train `digits` itself, so that all begin alike.", hint="")
    return answer


def _weights(run):
    """(the weights to judge (runs, n), after how many updates): those of the last update that is allowed, where the record has them."""
    last = min(run.steps, UPDATES)
    if last not in run.rows and run.rows[-1] < run.steps:
        raise Wrong(f"The last weights are not in this record: its last row is that of update {run.rows[-1]} of {run.steps}. Leave keep= out.", hint="")
    row = int(np.flatnonzero(run.rows == last)[0]) if last in run.rows else -1
    return run.w[row].reshape(-1, digits.n), int(run.rows[row])


def _which_way(name, knobs):
    rule, eta = getattr(update_rules, name, None) if name in HOUSE else None, knobs.get("eta")
    if rule is None or not isinstance(eta, (int, float)) or set(Signature(rule).knobs) != set(knobs):
        return "Try half of its η, and twice as much, and watch run.loss."
    return a_better_eta(lambda etas: descend(rule, digits, UPDATES, keep=ENDS, **{**knobs, "eta": etas}), digits, eta)


EXERCISES = [
    Exercise(
        "swap", "09", "Swap the rule by its name",
        f"Write the name of another rule in the line, and an η for it, so that the accuracy reaches {GOAL:g} within {UPDATES} updates.",
        ("The rules of the series go by the names momentum, adagrad, rmsprop and adam. η means another thing in each.",
         "A list of η trains side by side: eta=[0.003, 0.03, 0.3]. digits.accuracy(run.w[-1]) then holds one number a run.",
         "Start from the η that this notebook gave each rule: RMSprop and Adam take a far smaller one than Adagrad. Then try a third of it, and three times as much."),
        check_swap),
    Exercise(
        "slope", "09", "Check a gradient without calculus",
        "Replace each ... : the loss with w[i] moved up by h, the loss with w[i] moved down by h, and the slope between the two.",
        ("A slope is how much the loss differs between two places, divided by how far apart they are.",
         "Move one weight only, in a copy: w.copy() is a new array, and a second name for w is not.",
         "One place lies h above w[i], the other h below. How far apart are the two, and which loss is subtracted from which?"),
        slope_checks.check_slope),
    Exercise(
        "blank", "09", "Pixels that are always blank",
        "Find the places, among all weights, of those whose G is exactly 0 all the way; then say their rate and the length of their step.",
        (*PLACES, NUMBERS[0]),
        check_blank, ("weights", "rate", "step")),
    Exercise(
        "own_rule", "09", "A rule of your own",
        f"Replace each ... by a line: what your rule remembers, and the change Δw. It should train the digits to {own_rule.GOAL:g} within {UPDATES} updates.",
        ("Begin with a rule that you know, and change one thing: a power, a root, what is remembered, a bound.",
         "Train with several η side by side, descend(my_rule, digits, 300, eta=[0.01, 0.1, 1]), and write the best one behind the * as its default.",
         "Look at run.loss: does it fall at all, does it fall too slowly, does it jump about?"),
        own_rule.check_own, ("rule",)),
]
