"""The exercises of notebook 06: RMSprop's missing line, a β for fifty steps, rates that rise, the final cycle."""

import functools

import numpy as np
from numpy import allclose, array_equal, isclose

from helpers.descent import descend
from helpers.exercises import rule_checks
from helpers.exercises.calling import needs_a_function
from helpers.exercises.findings import Exercise, Wrong
from helpers.exercises.quantities import digits, floats, number, returned
from helpers.exercises.records import ask, own_copy, places
from helpers.surfaces import given, moving, ravine
from helpers.update_rules import adagrad, rmsprop

FIFTY = 50


def check_rmsprop(answer, trial):
    return rule_checks.check_rule(rule_checks.RMSPROP, answer, trial)


# β for fifty steps

WRONG_SHARES = [
    (1 / FIFTY, 1e-4, "That is the share of the new square, 1 − β. β is the share of the old G that is kept."),
    (FIFTY, 1e-9, "That is the number of steps. β is a share, between 0 and 1."),
    (98, 1e-9, "As a percentage that would be right. β is a share, between 0 and 1: write it so."),
    (0.9, 1e-4, "β = 0.9 averages over about 10 steps, by the rule of this notebook. Fifty steps take a longer memory."),
    (0.99, 1e-4, "β = 0.99 averages over about 100 steps, by the rule of this notebook. Fifty take a shorter memory."),
    (1 - 2 / (FIFTY + 1), 3e-4, "That is another convention (the “span” of some libraries, where N steps go with 2/(N + 1)). "
     "Here N steps go with 1/(1 − β)."),
    (0.5 ** (1 / FIFTY), 6e-4, "That β halves a square's weight in 50 steps, which is its half-life. "
     "Here the question is for the length of the average, 1/(1 − β)."),
    (np.exp(-1 / FIFTY), 1e-4, "That β lets a square's weight fall to 1/e in 50 steps: close, and another rule. Here N steps go with 1/(1 − β)."),
    (1 - 1 / (FIFTY + 1), 2e-4, "That is 50/51, which averages over 51 steps. Put your β into 1/(1 − β)."),
    (1 - 1 / (FIFTY - 1), 2e-4, "That is 48/49, which averages over 49 steps. Put your β into 1/(1 − β)."),
    (1, 1e-9, "With β = 1 the old G is kept whole, and no new square ever enters: the average would be endless."),
    (0, 1e-9, "With β = 0 nothing is kept: the average would be one step long."),
]


def check_share(answer, trial):
    beta = number(answer, "β")
    for value, width, reason in WRONG_SHARES:
        if abs(beta - value) <= width and not abs(beta - 0.98) <= 1e-4:
            raise Wrong(reason)
    if abs(beta - 0.98) <= 2e-4:  # 49.5 to 50.5 steps
        return "1/(1 − 0.98) is 50."
    if not 0 <= beta < 1:
        raise Wrong(f"β is a share, from 0 up to but not including 1; {digits(beta)} is none.")
    raise Wrong(f"β = {digits(beta, 4)} averages over about {digits(1 / (1 - beta))} steps, by the rule of this notebook; asked for are 50.")


# rates that rise


@functools.cache
def _records():
    """(what it is, record), so that each mistake shows on one of them at least."""
    return [
        ("Adagrad on the ravine", descend(adagrad, ravine, steps=60, eta=0.4)),
        ("RMSprop on the ravine", descend(rmsprop, ravine, steps=40, eta=0.1)),
        ("RMSprop with β = 0.5 on the ravine", descend(rmsprop, ravine, steps=25, eta=0.3, beta=0.5)),
        ("RMSprop behind a minimum that jumps", descend(rmsprop, moving(ravine, every=15, jump=2.0), steps=50, eta=0.2)),
        ("Adagrad with gradients 3, 0, 0, 4, 0, 1", descend(adagrad, given([3, 0, 0, 4, 0, 1]), steps=6, eta=1.0)),
        ("RMSprop with gradients 4, 3, 2, 1, 5, 1", descend(rmsprop, given([4, 3, 2, 1, 5, 1]), steps=6, eta=1.0)),
        ("RMSprop with G begun at 100", descend(rmsprop, ravine, steps=12, eta=0.1, memory={"G": 100.0})),
    ]


def _rises(x):
    return np.diff(x, axis=0) > 0


WRONG_COUNTS = [
    ("You count where a rate falls; the question is where it rises.", lambda run: (np.diff(run.rate, axis=0) < 0).sum()),
    ("You count where a rate stays as it is, too: it rises only if it is larger than the one before.", lambda run: (np.diff(run.rate, axis=0) >= 0).sum()),
    ("You count only the first weight's rate: every weight has its own.", lambda run: _rises(run.rate)[:, 0].sum()),
    ("You count only the last weight's rate: every weight has its own.", lambda run: _rises(run.rate)[:, -1].sum()),
    ("You count steps in which some rate rises. Two rates that rise in the same step are two rises.", lambda run: _rises(run.rate).any(1).sum()),
    ("You count steps in which all rates rise. Each weight counts for itself.", lambda run: _rises(run.rate).all(1).sum()),
    ("You look at the step, which is rate × gradient; the question is about the rate alone.", lambda run: _rises(run.step).sum()),
    ("You look at the change Δw; the question is about the rate, run.rate.", lambda run: _rises(run.dw).sum()),
    ("You count where G rises: where G rises the rate falls.", lambda run: _rises(run.G).sum()),
    ("You count the fall of G from before the first step, too. The first rate is that of the first step: nothing came before it.",
     lambda run: (np.diff(run.G, axis=0) < 0).sum()),
    ("You compare the two weights with each other (along a row). Compare each row with the one before it: axis 0 is time.",
     lambda run: (np.diff(run.rate, axis=-1) > 0).sum()),
    ("You count every comparison, whether it is True or False: sum them, or use np.count_nonzero.", lambda run: np.diff(run.rate, axis=0).size),
    ("That is whether a rate rises at all; the question is how many times.", lambda run: int(_rises(run.rate).any())),
    ("You look at the loss; the question is about the rate, run.rate.", lambda run: _rises(run.loss).sum()),
    ("That is by how much the rates change; the question is how many times they rise.", lambda run: np.diff(run.rate, axis=0).sum()),
    ("That is by how much the rates rise; the question is how many times.", lambda run: np.maximum(np.diff(run.rate, axis=0), 0).sum()),
    ("That is the mean: a share of all comparisons. The question is how many times.", lambda run: _rises(run.rate).mean()),
]


def check_rises(answer, trial):
    needs_a_function(answer, 'check("rises", count_rises)')
    records, got, told = _records(), [], []
    for _, run in records:
        got.append(_count(ask(trial, answer, own_copy(run)), run))
        told.append(_rises(run.rate).sum())
    if array_equal(got, told):
        return f"It counts {told[0]:.0f} for Adagrad on the ravine, and {told[1]:.0f} for RMSprop: a rate that may rise."
    for reason, wrong in WRONG_COUNTS:
        if allclose(got, [wrong(run) for _, run in records], rtol=1e-9, atol=0):
            raise Wrong(reason)
    off = np.subtract(got, told)
    if np.ptp(off) == 0 and abs(off[0]) == 1 or set(off.tolist()) == {0.0, np.sign(off.sum())}:
        raise Wrong(f"It is one too {'many' if off.sum() > 0 else 'few'} for some records at least: "
                    f"{len(records[0][1].rate)} rates have one comparison less between them.")
    if np.ptp(got) == 0:
        raise Wrong(f"Your function answers {digits(got[0])} to every record: count what is in run.rate.")
    i = int(np.argmax(off != 0))
    raise Wrong(f"For {records[i][0]} the rates rise {told[i]:.0f} time{'' if told[i] == 1 else 's'}, all weights together; yours is {digits(got[i])}.")


def _count(result, run):
    if result is None:
        raise Wrong("Your function returned None: end it with `return`, and the count behind it.", hint="")
    if isinstance(result, type(run)):
        raise Wrong("Your function returned the record itself; the question is for a number: how many times a rate rises in it.")
    array = floats(result)
    if isinstance(result, np.ndarray) and result.dtype == bool:
        raise Wrong(f"Your function returned {result.size} comparisons, True or False each: add up the True ones.")
    if places(result):
        raise Wrong("Your function returned the places where a rate rises (np.where gives their rows and their columns); "
                    "the question is how many there are: count them, with len or np.count_nonzero.")
    if array is not None and array.size == 0:
        raise Wrong("Your function returned the rates that rise, and there is none here: count them, with .size or np.count_nonzero.")
    if array is not None and array.size > 1 and array.shape == (run.w.shape[-1],):
        raise Wrong(f"Your function returned one count for each of {array.size} weights: one number is asked "
                    "for, all weights together. Add them up.", hint="")
    if array is not None and array.size != 1:
        raise Wrong(f"Your function returned {array.size} numbers: one is asked for, all weights and steps together.")
    return returned(result, "the count")


# the amplitude of the final cycle

ETAS = (0.1, 0.05, 0.2, 0.4)


def _each_the_same(result):
    """One distance for several weights that are equally far, as the last row of a run on the ravine has them; anything else as it came."""
    array = floats(result)
    if array is None or array.size < 2 or not allclose(np.abs(array), np.abs(array).reshape(-1)[0], rtol=0.01, atol=0):
        return result
    return array.reshape(-1)[0]


def check_cycle(answer, trial):
    needs_a_function(answer, 'check("cycle", amplitude)')
    got = np.array([returned(_each_the_same(trial.call(answer, eta)), "the amplitude") for eta in ETAS])
    if (got < 0).any():
        raise Wrong(f"For η = {digits(ETAS[int(np.argmax(got < 0))])} yours is {digits(got[got < 0][0])}, "
                    "and a distance is never below 0: np.abs takes the sign away.")
    size, eta = got, np.array(ETAS)
    if allclose(size, eta / 2, rtol=0.01, atol=0):
        return "Close to a minimum it steps from one side to the other, and each side is so far away."
    for reason, wrong in WRONG_CYCLES:
        if allclose(size, wrong(eta), rtol=0.01, atol=1e-9):
            raise Wrong(reason)
    if np.isnan(size).any():
        raise Wrong("Your function returned nan for at least one η, which is not a number.")
    if np.ptp(size) <= 0.01 * size[0]:
        raise Wrong(f"Your answer is {digits(got[0])} for every η: take a longer and a shorter η, and watch the cycle grow and shrink with it.")
    i = int(np.argmax(~isclose(size, eta / 2, rtol=0.01, atol=0)))
    far = "larger" if size[i] > eta[i] / 2 else "smaller"
    raise Wrong(f"For η = {digits(eta[i])} yours is {digits(got[i])}, which is {far} than what a run shows. "
                "Let one take a thousand steps, and look at the last rows of |w|.")


WRONG_CYCLES = [
    ("That is the full swing, from one side to the other. Measure from the minimum.", lambda eta: eta),
    ("That is the distance of the point from the minimum, both weights together; asked for is each weight's own.", lambda eta: eta / np.sqrt(2)),
    ("That is half of the distance: measure from the minimum to where the weight turns.", lambda eta: eta / 4),
    ("That is too long: it would be two full swings. A step in the cycle goes from one side of the minimum to the other.", lambda eta: 2 * eta),
    ("That is the size of the first step, when G has only just begun. The cycle comes at the end, when G has caught up.", lambda eta: eta / np.sqrt(0.1)),
    ("That is half of the first step, when G has only just begun. In the cycle G has caught up with g².", lambda eta: eta / np.sqrt(0.1) / 2),
    ("It does not come to rest: with a tiny ε it steps to and fro for ever. Look at the last rows of a long run.", lambda eta: 0 * eta),
    ("That is the loss in the cycle; the amplitude is a distance, |w|.", lambda eta: eta**2 / 8),
    ("That is multiplied by a curvature. In the cycle the step is as long on every weight, whatever its curvature.", lambda eta: 0.2 * eta),
    ("That is multiplied by a curvature. In the cycle the step is as long on every weight, whatever its curvature.", lambda eta: 4 * eta),
    ("That is the share 1 − β times η. Which knob sets the length of a step, once G has caught up?", lambda eta: 0.1 * eta),
    ("That is the share β times η. Which knob sets the length of a step, once G has caught up?", lambda eta: 0.9 * eta),
    ("That grows with the square of η; look at two runs with different η: the cycle grows in proportion to it.", lambda eta: eta**2),
    ("That shrinks as η grows: look at two runs with different η.", lambda eta: 1 / (2 * eta)),
]

EXERCISES = [
    Exercise(
        "rmsprop", "06", "RMSprop's missing line",
        "Replace the ... by the line that updates G: a moving average of the squared gradients, in which the old G has the share β.",
        ("One line differs from Adagrad's. It says how much of the old G stays, and how much of the new square enters.",
         "By hand, with β = 0.9: one gradient of 10 on an empty account leaves 10 in it, and a gradient of 0 after that leaves 9.",
         "There are two terms with two shares, and the shares add up to 1: β belongs to the old G."),
        check_rmsprop),
    Exercise(
        "beta_50", "06", "A β that averages over 50 steps",
        "Give one number: the β whose moving average is about 50 steps long, by the rule of this notebook, 1/(1 − β).",
        ("β = 0.9 goes with 10 steps, and β = 0.99 with 100.",
         "Solve the rule for 1 − β first: which share enters anew at every step, if 50 of them make the whole?",
         "One fiftieth is new at every step. What is left is kept."),
        check_share),
    Exercise(
        "rises", "06", "Count where a rate rises",
        "Replace the ... by how many times a rate in run.rate is larger than the one before it, each weight counted for itself.",
        ("run.rate has one row a step and one column a weight. Compare each row with the row before.",
         "run.rate[1:] and run.rate[:-1] are two arrays of the same shape, one row apart.",
         "Compare the two for “larger”, and count the True ones, over both axes."),
        check_rises),
    Exercise(
        "cycle", "06", "The amplitude of the final cycle",
        "Replace the ... by how far from the minimum RMSprop ends up stepping to and fro, for a given η and a tiny ε.",
        ("Let RMSprop take a thousand steps on the bowl, and look at the last rows of run.w.",
         "In the cycle |g| is the same at every step. Which value does a moving average of g² then have, and which length the step?",
         "One step leads from one side of the minimum to the other side, equally far. How far is each side, if the step is that long?"),
        check_cycle),
]
