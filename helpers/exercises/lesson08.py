"""The exercises of notebook 08: an honest sentence, a fair protocol, a surface won and one lost."""

import functools
import inspect
import re

import numpy as np
from numpy import isclose

from helpers.descent import descend
from helpers.exercises import arithmetic
from helpers.exercises.calling import Broke, Endless, needs_a_function
from helpers.exercises.findings import Exercise, Untouched, Wrong
from helpers.exercises.quantities import digits, floats, plain
from helpers.race import ENOUGH, ETAS, HORIZONS, RULES, label, moves, race_on
from helpers.surfaces import himmelblau, moving, ravine, rosenbrock, turned_ravine
from helpers.update_rules import adagrad, adam, gradient_descent, momentum, rmsprop

# a fair protocol

SLANTED = turned_ravine(20, 45)
QUESTIONS = [
    (gradient_descent, ravine, 50), (gradient_descent, SLANTED, 50),
    (rmsprop, SLANTED, 50), (rmsprop, SLANTED, 20), (momentum, ravine, 100),
    (gradient_descent, himmelblau, 20),  # a large η ends in nan there, which np.argmin takes for the least
    (adagrad, SLANTED, 20),
]
FINE, COARSE = 48, 8  # our own search has 48 places a decade; every eighth of them is about what a reader's grid may be
LONG = 500            # steps among which the loss of another horizon is looked for
PATIENCE = 30.0       # seconds for one question: an honest loop of some hundred runs, one η at a time, is slow and not endless


@functools.cache
def searched(place):
    """(etas, losses at the horizon (etas,), what is good enough) of one of the questions.

    Good enough is what a grid of six places a decade finds, wherever in a narrow valley its places happen to lie.
    """
    rule, surface, steps = QUESTIONS[place]
    etas = np.geomspace(1e-4, 100, 6 * FINE + 1)
    loss = descend(rule, surface, steps, eta=etas, keep="loss").loss[-1]
    loss = np.where(np.isfinite(loss), loss, np.inf)
    return etas, loss, max(loss[first::COARSE].min() for first in range(COARSE))


def check_protocol(answer, trial):
    needs_a_function(answer, 'check("protocol", tune)')
    got, trial.limit = [], max(trial.limit, PATIENCE)
    trial.watch.limit = trial.limit
    for rule, surface, steps in QUESTIONS:
        try:
            said = trial.call(answer, rule, surface, steps)
        except Endless:
            raise Wrong(f"Your code did not come back within {trial.limit:g} seconds, so it was stopped. If it is a loop over many η it is too slow, not wrong: "
                        "descend takes all of them at once, as in eta=etas. Else: does a loop in it never end?", hint="") from None
        got.append((*_pair(said), rule, surface, steps))
    places = all(eta.is_integer() for eta, *_ in got) and len({eta for eta, *_ in got}) > 1
    for place, (eta, loss, rule, surface, steps) in enumerate(got):
        where = f"{label(rule.__name__)} on the surface “{surface.name.split('  ')[0]}”, {steps} steps"
        its_place = f"For {where} it returns {digits(eta, 6)}, which looks like the place of η in your list: return the η that stands there, as in etas[best]."
        if eta == 0 and places:
            raise Wrong(its_place)
        if not eta > 0 or not np.isfinite(eta):
            raise Wrong(f"For {where} it returns η = {digits(eta)}, and η is a number above 0. The order is η first, then its loss.")
        here = descend(rule, surface, steps, eta=eta, keep="loss").loss
        etas, losses, good = searched(place)
        if not isclose(loss, here[-1], rtol=1e-4, atol=1e-30, equal_nan=True):
            if places:
                raise Wrong(its_place)
            turned = descend(rule, surface, steps, eta=loss, keep="loss").loss[-1] if loss > 0 and np.isfinite(loss) else np.nan
            if isclose(turned, eta, rtol=1e-4, atol=0):
                raise Wrong("Loss and η are exchanged: return η first, then the loss that it leads to.")
            if isclose(loss, np.nanmin(here), rtol=1e-4, atol=0) and loss < here[-1]:
                raise Wrong(f"For {where} it returns the lowest loss on the way. The race ends at the horizon: what counts is the loss after the last step.")
            after = np.flatnonzero(isclose(descend(rule, surface, LONG, eta=eta, keep="loss").loss[1:], loss, rtol=1e-6, atol=1e-300)) + 1
            if loss > 0 and after.size:
                raise Wrong(f"For {where} it returns the loss after {after[0]} steps. The horizon is the third argument, and it was {steps}.")
            if isclose(loss, here.mean(), rtol=1e-4, atol=0):
                raise Wrong(f"For {where} it returns the mean loss on the way; here the loss after the last step is asked for.")
            if isclose(loss, here[0], rtol=1e-6, atol=0):
                raise Wrong(f"For {where} it returns the loss before the first step, which is the same for every η. The horizon is the last row.")
            raise Wrong(f"For {where} it returns η = {digits(eta)} with the loss {digits(loss)}, but after {steps} steps that η leads to {digits(here[-1])}: both have to be those of the horizon that is asked for.")
        if not here[-1] <= max(1.4 * good, ENOUGH):  # where a loss is jagged, an honest grid may miss the notch
            raise Wrong(_not_best(place, got, eta, here[-1], where))
    told = ", ".join(f"{digits(eta, 2)}" for eta, *_ in got)
    return (f"Each rule gets the η that is best for itself, on this surface and at this horizon: here "
            f"{told}. None of them would do for all. "
            "A fair race then judges them from starts that had no say in the choice.")


def _not_best(place, got, eta, loss, where):
    """What is said of an η that is not the best one."""
    etas, losses, _ = searched(place)
    near, best = etas[np.argmin(losses)], losses.min()
    if len({said[0] for said in got}) == 1:
        return f"It returns η = {digits(eta)} whatever it is asked. That is one η for all: a rule whose own η lies elsewhere has lost before it starts."
    fits = [i for i, said in enumerate(got) if said[2] is got[place][2] and said[0] == eta and said[1] <= max(searched(i)[2], ENOUGH)]
    tried = [said[0] for said in got]
    if fits and min(tried) < eta < max(tried):  # the edge of a range may come up twice by itself
        return (f"It gives {label(got[place][2].__name__)} η = {digits(eta)} twice, and was asked about another surface or another horizon each time. "
                "A valley belongs to a rule, a surface and a horizon.")
    if not np.isfinite(loss):
        return f"For {where} its η = {digits(eta)} runs off. A run that diverges ends in inf or nan, and must not win: mind what argmin does with nan."
    if loss >= 0.9 * losses[np.isfinite(losses)].max():
        return f"For {where} it picks the worst η that stays finite. The lowest loss is asked for."
    if near < min(tried) or near > max(tried):
        return (f"For {where} it finds η = {digits(eta)} with a loss of {digits(loss)}; at {'smaller' if near < eta else 'larger'} η, outside the range that you seem to try, "
                f"there is {digits(best)}. A best value at the edge of a range is no best value: widen it.")
    return (f"For {where} it finds a loss of {digits(loss)}, and {digits(best)} is there to be found, at a {'smaller' if near < eta else 'larger'} η. "
            "Try more values, evenly spaced on a logarithmic scale, and judge them at the horizon that is asked for.")


def _pair(said):
    if said is None:
        raise Wrong("Your function returned None: end it with return eta, loss.", hint="")
    values = floats(said)
    if values is None or values.size != 2:
        raise Wrong("Your function should return two numbers, the best η and the loss it leads to: return eta, loss.")
    return tuple(float(value) for value in values.reshape(-1))


# won and lost

PARTS = ("loss", "gradient", "start", "minima", "name")  # what a surface needs to be raced on
STEPS = 100  # at this horizon Adagrad wins on the quiet ravine; after 200 steps gradient descent has arrived there as well


def _raced(surface):
    """The race that the figures show: from five starts, each rule at its own η, and below ENOUGH nobody is ahead."""
    return race_on(surface, (STEPS,))


def check_won_and_lost(answer, trial):
    if answer is None or answer is ...:
        raise Untouched
    if isinstance(answer, (list, tuple)) and len(answer) == 2:
        answer = dict(zip(("wins", "loses"), answer))
    if not isinstance(answer, dict):
        raise Wrong('The check needs two surfaces by name: check("won_and_lost", wins=..., loses=...).')
    answer = {str(key): value for key, value in answer.items()}
    surfaces = [answer.get(key) for key in ("wins", "loses")]
    if any(surface is None or surface is ... for surface in surfaces):
        raise Untouched
    told = {}
    for key, surface in zip(("wins", "loses"), surfaces):
        lacking = [part for part in PARTS if not hasattr(surface, part)]
        if lacking and inspect.isfunction(surface):
            raise Wrong(f"{key}= is a function that makes a surface: call it, as in {surface.__name__}(...).",
                        hint="")
        if lacking or not (callable(surface.loss) and callable(surface.gradient)):
            why = f": it has no .{lacking[0]}" if lacking else ""
            raise Wrong(f"{key}= is not a surface{why}. Take one of helpers.surfaces, such as "
                        "ravine, or make one: Surface(name, loss, slope, start, view).")
        try:
            told[key] = trial.call(_raced, surface)
        except Broke as broke:
            if len(broke.details) > 1:  # a line of the reader's
                raise
            raise Wrong(f"{key}= cannot be raced. Its loss gets the weights of many starts at once, w[..., i] "
                        "being weight number i, and gives one number for each; its gradient gives an array "
                        f"like w. ({broke.error})",
                        hint="") from None
    first = {key: race.first(STEPS) for key, race in told.items()}
    won = {key: leaders == ["adagrad"] for key, leaders in first.items()}
    lost = {key: "adagrad" not in leaders for key, leaders in first.items()}
    if won["loses"] and lost["wins"]:
        raise Wrong("They are the other way round: Adagrad wins on the one that you call loses, and loses on the other.")
    if surfaces[0] is surfaces[1]:
        raise Wrong("It is the same surface twice: at the same horizon Adagrad cannot both win and lose there.")
    for key, right, verb in (("wins", won, "win"), ("loses", lost, "lose")):
        if not right[key]:
            raise Wrong(f"Adagrad does not {verb} on {key}=. After {STEPS} steps, each rule at its own constant η: {told[key].verdict(STEPS)}")
    ahead = {key: next(rule for rule in race.order(STEPS) if rule != "adagrad") for key, race in told.items()}
    losses = {key: f"{'mean ' * moves(race.surface)}loss: Adagrad {race.told('adagrad', STEPS)}, {label(ahead[key])} {race.told(ahead[key], STEPS)}" for key, race in told.items()}
    return (f"After {STEPS} steps, each rule at its own constant η, from each of five starts. On the one, {losses['wins']}; on the other, {losses['loses']} (the middle start). "
            "Both pictures are true, and neither is a ranking.")


# the honest sentence

EVERY = 20
MEANT = {"the", "on", "a", "surface", "rosenbrock", "with", "which", "jump", "jumps", "every", str(EVERY), "steps"}  # words that change nothing
PLACES = {"quiet ravine": ravine, "curved valley": rosenbrock, "jumping ravine": moving(ravine, every=EVERY, jump=(-3, 1.5))}
NAMES = {"gradient_descent": gradient_descent, "momentum": momentum, "adagrad": adagrad, "rmsprop": rmsprop, "adam": adam}
SLOTS = ("winner", "loser", "surface", "steps", "eta")


def check_sentence(answer, trial):
    if answer is None or answer is ...:
        raise Untouched
    if isinstance(answer, (list, tuple)) and len(answer) == len(SLOTS):
        answer = dict(zip(SLOTS, answer))
    if not isinstance(answer, dict):
        raise Wrong('The sentence has five slots, each by its name: check("sentence", winner=..., loser=..., surface=..., steps=..., eta=...).')
    said = {str(key): value for key, value in answer.items()}
    if any(value is ... for value in said.values()):
        raise Untouched
    missing = [slot for slot in SLOTS if said.get(slot) is None]
    if missing:
        raise Wrong(f"Without {missing[0]} the sentence claims too much: say it, and the reader can check it.")
    winner, loser = (_rule(said[slot], slot) for slot in ("winner", "loser"))
    if winner == loser:
        raise Wrong("Winner and loser are the same rule.", hint="")
    place = _place(said["surface"])
    steps = _steps(said["steps"])
    at = _eta(said["eta"])
    rules = tuple(sorted((NAMES[winner], NAMES[loser]), key=RULES.index))
    race = race_on(PLACES[place], tuple(horizon for horizon in HORIZONS if horizon <= steps), ETAS, rules)
    how = "each at its own best η" if at is None else f"both at η = {race.etas[at]:g}"
    sentence = f"On the {place}, after {steps} steps, {how}, {label(winner)}'s {'mean ' * moves(race.surface)}loss is lower than {label(loser)}'s from each of five starts."
    if race.ahead(winner, loser, steps, at):
        fair = "" if at is None else " It is true, and it speaks of one η only: say so wherever you say it."
        return f"“{sentence}”{fair} Nothing more was measured, and nothing less is said."
    numbers = f"{label(winner)}: {race.told(winner, steps, at)}, {label(loser)}: {race.told(loser, steps, at)}"
    if race.ahead(loser, winner, steps, at):
        raise Wrong(f"The measurement says the opposite of “{sentence}” ({numbers}).")
    raise Wrong(f"“{sentence}” is not carried: there is a start from which it does not hold ({numbers}, in the middle).")


def _rule(said, slot):
    if callable(said):
        said = getattr(said, "__name__", "")
    name = plain(said)
    if name in ("gd", "sgd"):
        name = "gradient_descent"
    if name in ("adaptive_methods", "adaptive", "all", "all_others", "every_other", "the_others", "others", "everything"):
        raise Wrong(f"{slot}= names more than one rule. A comparison is between two: name them.")
    if name not in NAMES:
        raise Wrong(f"{slot}= names no rule of this race; it has {', '.join(NAMES)}.", hint="")
    return name


def _place(said):
    text = str(getattr(said, "name", said)).strip().lower()
    same = [name for name, surface in PLACES.items() if said is surface or text == surface.name.lower()]
    if same:
        return same[0]
    if text in ("all", "any", "every", "everywhere", "every surface", "all surfaces", "any surface"):
        raise Wrong("Three surfaces are not all surfaces. Name the one on which it was measured.")
    found = [name for name in PLACES if text and (text in name or name in text)]
    found = found or [name for name, words in (("quiet ravine", "ravine  0.1"), ("curved valley", "rosenbrock"), ("jumping ravine", "jump")) if words in text]
    if len(found) > 1:
        raise Wrong(f"surface= may mean {' or '.join(found)}: write it out.")
    if not found:
        raise Wrong(f"surface= names none of {', '.join(PLACES)}.", hint="")
    more = [word for word in re.findall(r"\w+", text.replace(found[0], "")) if word not in MEANT]
    if found[0] in text and more:
        raise Wrong(f"surface= says more than a name: {' '.join(more)}. What was raced here is the {found[0]}{f', with a jump every {EVERY} steps' * (found[0] == 'jumping ravine')}: write the name alone.")
    return found[0]


def _number(said):
    """As floats; a number in quotes is one, too, also as figures print it: 1 000."""
    try:
        said = arithmetic.value(said) if isinstance(said, str) else said
    except arithmetic.Unclear as unclear:
        raise Wrong(f"{unclear}.", hint="") from None
    return None if said is None else floats(said)


def _steps(said):
    if isinstance(said, str) and said.strip().lower() in ("always", "all", "any", "every", "ever", "in the end"):
        raise Wrong("A race has a horizon: after how many steps was it so?")
    value = _number(said)
    if value is None or value.size != 1 or value.reshape(-1)[0] not in HORIZONS:
        raise Wrong(f"The race was told after {', '.join(map(str, HORIZONS))} steps; "
                    "steps= has to be one of these numbers.", hint="")
    return int(value.reshape(-1)[0])


def _eta(said):
    if isinstance(said, str) and said.strip().lower() in ("any", "all", "every", "whatever", "always"):
        raise Wrong("No rule was ahead at every η. Either both run at one η, then say which, or each at its own best one.")
    if isinstance(said, str) and said.strip().lower() in ("own", "its own", "each its own", "best", "tuned", "own best", "each at its own", "each at its own best η"):
        return None
    value = _number(said)
    if value is None or value.size != 1:
        raise Wrong('eta= is "own", for each at its own best η, or one number, for both at that η.', hint="")
    near = int(np.argmin(np.abs(np.log(np.array(ETAS) / max(float(value.reshape(-1)[0]), 1e-300)))))
    if not isclose(ETAS[near], float(value.reshape(-1)[0]), rtol=0.02):
        raise Wrong(f"At this η nothing was raced; the nearest one that was is {ETAS[near]:g}.", hint="")
    return near


EXERCISES = [
    Exercise(
        "sentence", "08", "The honest sentence",
        'Fill the five slots so that the sentence is true: winner, loser, surface, steps, and eta, which is "own" or one number.',
        ("A claim that can be checked names the two rules, the surface, the horizon, and how η was chosen.",
         "Move the figure of valleys and lanes to a place where one rule wins, and write down where you stand.",
         "The lanes tell who is lower from every start: look for a place where the read-out says wins."),
        check_sentence, SLOTS),
    Exercise(
        "won_and_lost", "08", "A surface won, and one lost",
        f"Give two surfaces: one where Adagrad, each rule at its own constant η, wins after {STEPS} steps, and one where it loses to another rule.",
        ("Think of what Adagrad can even out: curvatures that differ from weight to weight. What if they do not differ, or differ in a slanted direction?",
         "helpers.surfaces has many to try, and your own protocol tells who wins there.",
         "A valley that lies along the weights suits it. One that is slanted does not, and neither does one whose minimum jumps often, every 20 steps."),
        check_won_and_lost, ("wins", "loses")),
    Exercise(
        "protocol", "08", "Build a fair protocol",
        "Replace each ... : try many η on this surface, for so many steps, and return the best one with the loss that it leads to.",
        ("descend takes an array of η and walks with all of them at once; .loss then has one column a run, and its last row is the horizon.",
         "Learning rates differ by powers of ten: space them evenly on a logarithmic scale, and let the range be wide: 1e-4 to 100.",
         "Some η run off, to inf or nan. np.nanargmin passes over nan, and np.nan_to_num(loss, nan=np.inf) makes it lose."),
        check_protocol),
]
