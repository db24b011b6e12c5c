"""The exercises of notebook 07: the gradient descent behind a large ε, where the two places part, whose curve is whose, a NaN made and cured."""

import functools

import numpy as np
from numpy import isclose

from helpers import figures
from helpers.descent import descend
from helpers.exercises.findings import Exercise, Untouched, Wrong
from helpers.exercises.quantities import digits, floats, number, plain
from helpers.exercises.walk07 import rate_at
from helpers.frameworks import CALLS
from helpers.surfaces import flat, given
from helpers.update_rules import adagrad

# the gradient descent behind a large ε

WRONG_ETAS = [
    (0.4, "That is η itself. It is divided by √G + ε, and ε is 100."), (40.0, "That multiplies by ε. The rate is η divided by it."), (250.0, "That is ε/η, upside down."),
    (0.04, "That divides by the root of ε. Outside the root ε is not under it."), (100.0, "That is ε."), (0.4 / 115, "That adds 15, the √G of the steep weight on the ravine. Here √G is about 1, and beside ε = 100 that may be left out."),
]


def check_large_eps(answer, trial):
    eta = number(answer, "η")
    if isclose(eta, 0.004, rtol=0.02):
        return "η/ε: with an ε far above √G, Adagrad is gradient descent at that η."
    for value, reason in WRONG_ETAS:
        if isclose(eta, value, rtol=0.002):
            raise Wrong(reason)
    raise Wrong(f"It is not {digits(eta)}. With ε far above √G, what is left of η/(√G + ε)?")


# where the two places part


def apart(G, eps):
    """By which share the two rates differ."""
    return rate_at(G, eps, False) / rate_at(G, eps, True) - 1


def check_crossover(answer, trial):
    G, eps = number(answer, "G"), 1e-6
    if not 0 < G < np.inf:
        raise Wrong(f"G is a number above 0; {digits(G)} is not.")
    share = apart(G, eps)
    if 0.085 <= share <= 0.116:
        return (f"There they differ by {digits(100 * share)} % of the smaller rate, which is {digits(100 * share / (1 + share))} % of the larger one. "
                f"It is {digits(G / eps)} ε, and for a smaller ε it is nearly the same multiple.")
    if isclose(G, np.sqrt(4.76e-6), rtol=0.06):
        raise Wrong("That is √G. What is asked for is G.")
    if 3.9 <= G <= 5.2:
        raise Wrong("That is G as a multiple of ε. Give G itself.")
    raise Wrong(f"There they differ by {digits(100 * share)} %, and asked for are 10 %: G has to be {'larger' if share > 0.1 else 'smaller'}.")


# whose curve is whose

LINES = {"P": "keras_rmsprop", "Q": "torch_adagrad", "R": "torch_rmsprop"}  # letter: the call
COLOURS = "#0072B2", "#D55E00", "#009E73"  # two of the three are the same rule, so its own colour would not tell them apart
GRID = 10.0 ** np.arange(-24, 3.01, 0.25)


@functools.cache
def _curve(name):
    """rate/η of a library's rule at its defaults, against what the account holds after a step with no gradient."""
    call = CALLS[name]
    with np.errstate(all="ignore"):
        kept = call.knobs.get("beta", 1.0)  # an average fades during the step that is asked for
        return descend(call.rule, flat(GRID.size), 1, memory={"G": GRID / kept}).rate[0] / call.knobs["eta"]


def three_curves():
    """A picture of three calls' rates at their defaults, divided by η, against G: P, Q and R."""
    [ax] = figures.panels(1, height=3.6)
    for (letter, name), style, colour in zip(LINES.items(), ("-", "--", "-."), COLOURS):
        ax.loglog(GRID, _curve(name), style, color=colour, label=letter)
    ax.set(xlabel="G", ylabel="rate / η")
    ax.legend()
    return ax


def check_match_eps(answer, trial):
    if answer is None or answer is ...:
        raise Untouched
    if not isinstance(answer, dict) or set(map(str, answer)) != set(LINES):
        raise Wrong(f"Give a dict with one call for each of {', '.join(LINES)}.")
    if any(value is None or value is ... for value in answer.values()):
        raise Untouched
    said = {str(letter): plain(value) for letter, value in answer.items()}
    for value in said.values():
        if value not in LINES.values():
            raise Wrong(f"{value!r} is not one of the three: {', '.join(sorted(LINES.values()))}.")
    if len(set(said.values())) < len(LINES):
        raise Wrong("One call is named twice: each curve belongs to another.")
    wrong = [letter for letter, name in LINES.items() if said[letter] != name]
    if not wrong:
        return "Each ceiling is 1 over what ε adds to the root: 1/√ε inside, 1/ε outside."
    call = CALLS[said[wrong[0]]]
    ceiling = float(_curve(said[wrong[0]])[0])
    raise Wrong(f"{wrong[0]} is not {said[wrong[0]]}: with ε = {call.knobs['eps']:g} {call.eps} its ceiling is at {ceiling:.0e}. ({len(wrong)} of the three need another look.)")


# a NaN, made and cured


def check_nan(answer, trial):
    if answer is None or answer is ... or isinstance(answer, dict) and any(value is None or value is ... for value in answer.values()):
        raise Untouched
    if not isinstance(answer, dict) or set(answer) != {"gradients", "sick", "cured"}:
        raise Wrong('Give a dict with "gradients", a list, and two values of ε, "sick" and "cured".')
    g = floats(answer["gradients"])
    if g is None or not g.size or not np.isfinite(g).all():
        raise Wrong("The gradients are a list of finite numbers: nan is to come out, not to go in.")
    if not np.any(g):
        raise Wrong("All gradients are 0: then even the cured weight has nowhere to go. Let a later one be different.")
    sick, cured = (number(answer[key], f"The ε of {key!r}") for key in ("sick", "cured"))
    if not (0 <= sick < np.inf and 0 <= cured < np.inf):
        raise Wrong("ε is a finite number, 0 or above.")
    ends = {name: descend(adagrad, given(g.reshape(-1)), g.size, eta=0.4, eps=eps).w[:, 0] for name, eps in (("sick", sick), ("cured", cured))}
    if not np.isnan(ends["sick"]).any():
        if sick > 0:
            raise Wrong(f"With ε = {digits(sick)} nothing is 0/0: the sick one needs another ε.")
        if g.all():
            raise Wrong("No 0/0 comes out: none of these gradients is 0, so no step is 0/0. What has to "
                        "stand in the list, and where?")
        raise Wrong("No 0/0 comes out: G is already above 0 when the first gradient of 0 comes. Which gradient has to be 0?")
    if np.isnan(ends["cured"]).any():
        if cured > 0:
            raise Wrong(f"{digits(cured)} is above 0, and still too small: η/ε is more than a number can hold (inf), and inf · 0 is not a number.", hint="The ε of this series, for one, is large enough.")
        raise Wrong("The cured one is not a number, either: its ε has to be above 0.")
    told = descend(adagrad, given(g[np.flatnonzero(g)[0] :].reshape(-1)), g.size - int(np.flatnonzero(g)[0]), eta=0.4, eps=0.0).w[-1, 0]
    if abs(ends["cured"][-1] - told) > 0.01 * max(abs(told), 1e-12):
        raise Wrong(f"It is cured, and lamed: with that ε it comes to {digits(ends['cured'][-1])}, and without any it would be {digits(told)}. A much smaller ε is enough.")
    return "One gradient of 0 before any other, and ε = 0: that is all it takes. A tiny ε cures it, and η stays."


EXERCISES = [
    Exercise(
        "large_eps", "07", "Behind a large ε",
        "Give one number: the η of gradient descent that Adagrad with η = 0.4 and ε = 100 comes close to, where √G is about 1.",
        ("Write down the rate of Adagrad, with 100 in place of ε.", "√G + ε is nearly ε there.", "What does gradient descent have in place of the rate? Its η."),
        check_large_eps),
    Exercise(
        "nan", "07", "Make a NaN, and cure it",
        "Give a list of gradients, an ε with which Adagrad makes nan of them, and one that cures it.",
        ("What has to be 0 for 0/0?", "G is 0 until the first gradient that is not.", "The cure need not be large: any ε far below √G leaves the rates as they are."),
        check_nan),
    Exercise(
        "match_eps", "07", "Whose curve is whose?",
        "Name the call that each of the curves P, Q and R belongs to.",
        ("Look at the left end: each curve has a ceiling.", "Outside the root the ceiling is at 1/ε, inside at 1/√ε.", "The ε of each call, and its place, stand in the table above."),
        check_match_eps),
    Exercise(
        "crossover", "07", "Where the two places part",
        "Give one number: the G at which, for ε = 1e-6, the two rates differ by 10 %.",
        ("Write down both rates for the same G, with ε outside the root and inside. Which one is larger?",
         "For ε so small, √G + ε is nearly √G there; so √(G + ε) has to be 1.1 times √G.",
         "Square both sides of that, and solve for G."),
        check_crossover),
]
