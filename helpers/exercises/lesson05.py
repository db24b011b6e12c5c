"""The exercises of notebook 05: how steeply rates fall, where they level off, when a falling schedule is too slow, an η that matches Adagrad."""

import functools

import numpy as np
from numpy import allclose, isclose

from helpers.descent import descend
from helpers.exercises.calling import Broke, needs_a_function
from helpers.exercises.findings import Exercise, Untouched, Wrong
from helpers.exercises.keeper import keeper
from helpers.exercises.quantities import digits, floats, number, returned
from helpers.exercises.records import ask, own_copy
from helpers.rare_feature import arrival, rare_feature
from helpers.surfaces import given, ravine
from helpers.update_rules import adagrad, gradient_descent, rmsprop

# how steeply the rates fall

STEPS, SEEDS = 2000, range(5)


def slope_of(y, from_step=STEPS // 2):
    """Slope of log y against log t over the late steps; y (steps,), its first entry being step 1."""
    t = np.arange(1, len(y) + 1)
    return np.polyfit(np.log(t[from_step:]), np.log(y[from_step:]), 1)[0]


@functools.cache
def _falls():
    """Records of one weight: of one size and random sign or normal (several seeds), growing, shrinking, and RMSprop's."""
    t = np.arange(1, STEPS + 1)
    same = [np.random.default_rng(seed).choice([-2.0, 2.0], STEPS) for seed in SEEDS] + [np.random.default_rng(seed).normal(size=STEPS) for seed in SEEDS]
    return ([descend(adagrad, given(g), STEPS, eta=0.1) for g in same],
            [descend(adagrad, given(np.sqrt(t)), STEPS, eta=0.3), descend(adagrad, given(t**-0.25), STEPS, eta=1.0), descend(rmsprop, given([1.0]), STEPS, eta=0.1)])


PLAIN = "That is the plain slope, of the rate itself against the step. Take the logarithm of both first."
NO_ZERO = "It takes the logarithm of 0, or comes to nan or inf in another way. The first step is number 1, not 0."
WRONG_SLOPES = [
    ("That has the other sign: a rate that falls has a slope below 0. (√G grows as the rate falls.)", lambda r: -slope_of(r.rate[:, 0])),
    ("That is how G grows. The rate is η/√G.", lambda r: slope_of(r.G[1:, 0])),
    (PLAIN, lambda r: np.polyfit(np.arange(1, STEPS + 1)[STEPS // 2 :], r.rate[STEPS // 2 :, 0], 1)[0]),
    (PLAIN, lambda r: np.polyfit(np.arange(1, STEPS + 1), r.rate[:, 0], 1)[0]),
    ("Its steps are counted from 1 again. The late half begins in the middle: the numbers of its steps go on.", lambda r: slope_of(r.rate[STEPS // 2 :, 0], 0)),
    ("Only the rate has its logarithm taken there. Take that of the step number, too.", lambda r: np.polyfit(np.arange(1, STEPS + 1)[STEPS // 2 :], np.log(r.rate[STEPS // 2 :, 0]), 1)[0]),
    ("Only the step number has its logarithm taken there. Take that of the rate, too.", lambda r: np.polyfit(np.log(np.arange(1, STEPS + 1)[STEPS // 2 :]), r.rate[STEPS // 2 :, 0], 1)[0]),
    ("Two kinds of logarithm are mixed there, log and log10. Any kind will do, but the same for both.", lambda r: slope_of(r.rate[:, 0]) / np.log(10)),
    ("Two kinds of logarithm are mixed there, log and log10. Any kind will do, but the same for both.", lambda r: slope_of(r.rate[:, 0]) * np.log(10)),
    ("The axes are exchanged: the logarithm of the rate is what falls, that of the step number is what it falls with.", lambda r: 1 / slope_of(r.rate[:, 0])),
]


def check_late_slope(answer, trial):
    needs_a_function(answer, 'check("late_slope", late_slope)')
    same, others = _falls()
    records = same + others
    with np.errstate(all="ignore"):
        try:
            got = np.array([returned(ask(trial, answer, own_copy(run)), "one slope") for run in records])
        except Broke as broke:
            if isinstance(broke.error, np.linalg.LinAlgError):
                raise Wrong(NO_ZERO, broke.details) from None
            raise
        true = np.array([slope_of(run.rate[:, 0]) for run in records])
        if np.isnan(got).any() or np.isinf(got).any():
            raise Wrong(NO_ZERO)
        means = got[: len(SEEDS)].mean(), got[len(SEEDS) : len(same)].mean()
        if max(abs(mean + 0.5) for mean in means) <= 0.05 and np.abs(got[len(same) :] - true[len(same) :]).max() <= 0.01:
            return (f"The mean over {len(SEEDS)} seeds is {digits(means[0])} for gradients of one size and {digits(means[1])} for normal ones: 1/√t. "
                    f"For gradients that grow as √t it is {digits(got[len(same)])}, and for RMSprop {digits(np.round(got[-1], 6) + 0.0)}.")
        if allclose(got, [slope_of(run.rate[:, 0], 0) for run in records], rtol=1e-3, atol=1e-3):
            raise Wrong("That is the slope of the whole run. Its first steps are not typical: take the late half.")
        if allclose(got, got[0]):
            raise Wrong(f"It is {digits(got[0])} for every record, also for one in which the rate does not fall at all. Find it from the record that is handed over.")
        for reason, wrong in WRONG_SLOPES:
            seen = np.array([wrong(run) for run in records[:-1]])
            if allclose(got[:-1], seen, rtol=0.1, atol=1e-3 * np.abs(seen).max()):  # or fitted otherwise
                raise Wrong(reason)
    i = len(same) + int(np.argmax(np.abs(got - true)[len(same) :])) if max(abs(mean + 0.5) for mean in means) <= 0.05 else 0
    what = "gradients of one size" if i == 0 else ("gradients that grow as √t", "gradients that shrink as t^−¼", "RMSprop with a constant gradient")[i - len(same)]
    raise Wrong(f"For {what} yours is {digits(got[i])}. On a plot of log rate against log t, how steep is the late half?")


# where they level off

BOLD = 1.6  # four times the η of the text


@functools.cache
def _quiet():
    return descend(adagrad, ravine, 5000, eta=BOLD)


def check_level_off(answer, trial):
    if answer is None or answer is ... or isinstance(answer, (tuple, list)) and any(part is None or part is ... for part in answer):
        raise Untouched
    said = floats(answer)
    if said is None or said.size != 2:
        raise Wrong("Two numbers are asked for, one a weight, such as (0.3, 0.2).")
    said, run, bend = said.reshape(-1), _quiet(), ravine.curvature
    ends = run.rate[-1]
    near = functools.partial(allclose, said, rtol=0.025, atol=1e-12)  # two digits are enough
    before = descend(adagrad, ravine, 500, eta=BOLD / 4).rate[-1]
    if near(ends):
        return (f"They stand at {digits(ends[0])} and {digits(ends[1])}. Four times the η, and they end {digits(ends[0] / before[0], 2)} and {digits(ends[1] / before[1], 2)} times "
                "as high: larger steps arrive sooner, so the accounts stay smaller.")
    for reason, wrong in (
        ("The two are exchanged: w₁ is the gentle weight, whose account stays small.", ends[::-1]), ("Those are the accounts G. The rate is η/√G.", run.G[-1]),
        ("Those are the roots of G. The rate is η/√G.", np.sqrt(run.G[-1])), ("Those are the rates of the first step.", run.rate[0]),
        ("Those are 1/√G: η is missing.", ends / BOLD), ("Those are the gauges, rate × curvature.", ends * bend), ("Those are η/G: the root is missing.", BOLD / run.G[-1]),
        ("Those are the rates at η = 0.4, told above. What becomes of them at 1.6?", before),
        ("Those are four times the rates at η = 0.4. But another η makes another path, and so other accounts: run it.", 4 * before),
            ):
        if near(wrong):
            raise Wrong(reason)
    if (np.abs(said) < 1e-3).all():
        raise Wrong("The rates do not go to 0. The steps do, which are rate × gradient. Look at the last row of run.rate.")
    early = int(np.argmin(np.abs(run.rate - said).sum(axis=1)))
    if allclose(run.rate[early], said, rtol=0.02):
        raise Wrong(f"Those are the rates of step {early + 1}: they still fall. Look at the last row of a run of some thousand steps.")
    raise Wrong(f"The rates do not end at {digits(said[0])} and {digits(said[1])}. "
                "Run Adagrad on the ravine at η = 1.6 for some thousand steps, and look at the last row of "
                "its rates.")


# when a falling schedule is too slow

RARITIES = (0.5, 0.2, 0.1, 0.05, 0.02, 0.01)


@functools.cache
def _with_a_falling_rate():
    """When each rarity's rare weight has arrived, under gradient descent with η = 0.5/√t; 2001 where it has not in 2 000 steps."""
    return {r: int(arrival(descend(gradient_descent, rare_feature(r), 2000, eta=lambda t: 0.5 / np.sqrt(t + 1)))[1]) for r in RARITIES}


@functools.cache
def too_late():
    """When the rare weight arrives in the end, at the rarity that is asked for."""
    return int(arrival(descend(gradient_descent, rare_feature(0.02), 4000, eta=lambda t: 0.5 / np.sqrt(t + 1)))[1])


def check_too_slow(answer, trial):
    rarity = number(answer, "The share")
    arrived = _with_a_falling_rate()
    if 1 < rarity <= 100 and any(isclose(rarity, 100 * r) for r in RARITIES):
        raise Wrong("Give it as a share, as in the list: 0.5 and not 50.")
    known = next((r for r in RARITIES if isclose(r, rarity, rtol=1e-6)), None)
    if known is None:
        raise Wrong(f"It is one of {', '.join(f'{r:g}' for r in RARITIES)}; {digits(rarity)} is not.")
    failing = [r for r in RARITIES if arrived[r] > 2000]
    if known != max(failing) and not keeper.get("exercises", "too_slow").get("tries"):
        raise Wrong(f"It is not {known:g}. Run all six: arrival(run)[1] tells of each when the rare weight "
                    "was in place.")  # five guesses are no run
    if known == max(failing):
        return (f"There the rate has become small before the rare feature came often enough: its weight would arrive only at step {f'{too_late():,}'.replace(',', ' ')}. "
                "The common weight was there from step 1 on. Adagrad's rate falls with what a weight has met, not with the calendar.")
    if known in failing:
        raise Wrong("It fails there, yes, but it already fails at one that is less rare.")
    raise Wrong(f"At {known:g} the rare weight has arrived: at step {arrived[known]}.")


# an η that matches Adagrad

SHUFFLES = range(4)


@functools.cache
def adagrads_worst():
    """Steps until both weights are in place, Adagrad at η = 0.4: the largest over the shuffles."""
    return int(max(arrival(descend(adagrad, rare_feature(seed=seed), 600, eta=0.4)).max() for seed in SHUFFLES))


@functools.cache
def adagrads_best():
    """The same at its own best η, one for each shuffle: the fewest steps and the most."""
    etas = np.geomspace(0.05, 10, 46)  # those of the card "tuned"
    best = [int(arrival(descend(adagrad, rare_feature(seed=seed), 100, eta=etas)).max(axis=-1).min()) for seed in SHUFFLES]
    return min(best), max(best)


def check_match(answer, trial):
    eta = number(answer, "η")
    if not eta > 0 or np.isinf(eta):
        raise Wrong(f"η is a finite number above 0; {digits(eta)} is not.")
    goal, worst = adagrads_worst(), 0
    for seed in SHUFFLES:
        with np.errstate(all="ignore"):
            run = descend(gradient_descent, rare_feature(seed=seed), 600, eta=eta)
        if not np.isfinite(run.loss[-1]) or run.loss[-1] > 100 * run.loss[0]:
            raise Wrong("With that η the common weight swings further and further out: it is too bold.")
        arrived = arrival(run)
        if arrived[0] > goal and eta > 0.5:  # from there on the common weight jumps over its place at every step
            raise Wrong("At that η the common weight jumps from side to side, and never comes in: it is too bold." if arrived[0] > 600 else
                        "The common weight trembles too long: that η is a little too bold.")
        worst = max(worst, int(arrived.max()))
    if worst <= goal:
        few, most = adagrads_best()
        return (f"In {len(SHUFFLES)} shuffles it needs {worst} steps at most, and Adagrad at η = 0.4 needs {goal}. So a tuned constant rate matches the worst of an Adagrad that nobody tuned; "
                f"at its own best η on the list of the card above, Adagrad needs {few} to {most}.")
    late = "has not arrived in 600 steps" if worst > 600 else f"arrives at step {worst}"
    raise Wrong(f"In one of the shuffles the rare weight {late}; Adagrad at η = 0.4 needs {goal} at most. Be bolder.")


EXERCISES = [
    Exercise(
        "level_off", "05", "Where the rates level off",
        "Give two numbers: the rates of w₁ and w₂ at the end of a long run on the quiet ravine, at η = 1.6.",
        ("Run Adagrad there, with η = 1.6, for 5000 steps.", "A record keeps the rates by step and weight: run.rate has one row a step.", "The last row of a table has the index −1."),
        check_level_off),
    Exercise(
        "too_slow", "05", "When a falling schedule is too slow",
        "Give the largest of the listed shares at which the rare weight has not arrived after 2 000 steps.",
        ("A schedule is a function of t that stands where η does: eta=lambda t: ...", "Run it on rare_feature(s) for each share s, and ask arrival(run).",
         "arrival gives one number a weight; where it is 2001 the weight has not arrived in 2 000 steps."),
        check_too_slow),
    Exercise(
        "match", "05", "A constant rate that matches Adagrad",
        "Give one η for gradient descent that is no later than Adagrad's worst, in each of four shuffles.",
        ("Look at the curve in the card above: where is it lowest?", "Too small, and the rare weight waits. Above a certain η the common weight swings out.",
         "arrival(descend(gradient_descent, rare_feature(seed=s), 600, eta=my_eta)) tells it for shuffle s = 0, 1, 2, 3."),
        check_match),
    Exercise(
        "late_slope", "05", "How steeply the rates fall",
        "Replace the ... by the slope of log rate against log t over the late half of the run.",
        ("The rates of the one weight are run.rate[:, 0]; the first belongs to step 1.", "np.arange(1, n + 1) counts the steps; take np.log of both, and the later half of both.",
         "np.polyfit(x, y, 1) fits a straight line; its first number is the slope."),
        check_late_slope),
]
