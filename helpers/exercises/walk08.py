"""The cards and the target of notebook 08, a fair race. Every truth is found by racing."""

import numpy as np

from helpers.descent import descend
from helpers.exercises.core_walk import Target
from helpers.exercises.predictions import Prediction
from helpers.explorer.goals import reach
from helpers.race import ETAS, grid, label, race_on
from helpers.surfaces import moving, ravine, rosenbrock, turned_ravine
from helpers.update_rules import adagrad, gradient_descent, momentum, rmsprop
from helpers.wine import wine_raw, wine_standardised

JUMP = (-3, 1.5)
SURFACES = {"quiet ravine": ravine, "curved valley": rosenbrock, "jumping ravine": moving(ravine, every=20, jump=JUMP)}
WINES = {"wine, raw measures": wine_raw, "wine, standardised": wine_standardised}
JUMPING = {f"a jump every {every} steps": moving(ravine, every=every, jump=JUMP) for every in (20, 50, 100)}
WINE_ETAS, WINE_HORIZONS = grid(1e-7, 10, (1, 2.2, 4.7)), (20, 50, 100, 200)
BOTH, SHORT = (adagrad, rmsprop), (20, 50, 100, 200, 500, 1000)


def races(surfaces):
    """{name: Race}: those of the figures."""
    return {name: race_on(surface, WINE_HORIZONS, WINE_ETAS) if surface in (wine_raw, wine_standardised) else race_on(surface) for name, surface in surfaces.items()}

CONCLUSION = (
    "Six races, four different winners, and one race that nobody wins. No rule stands on top of all of them, and none was favoured: each had its own best η (constant over the run), the same starts and "
    "the same steps. What decides is the problem: do the weights differ in scale, does the minimum move, is the valley curved or slanted, how many steps are there? So measure on yours."
)


def podium_rows():
    """The races of the podium: (name, Race, horizon)."""
    (quiet, curved, jumping), (raw, standardised) = races(SURFACES).values(), races(WINES).values()
    turned = race_on(turned_ravine(20, 45), (200,))
    return [("quiet ravine", quiet, 100), ("ravine turned by 45°", turned, 200), ("curved valley", curved, 1000), ("jumping ravine", jumping, 1000),
            ("wine, raw measures", raw, 100), ("wine, standardised", standardised, 100)]


def at_one_eta():
    """Who is ahead after 20 steps, at each of two η that both rules share?"""
    ahead = []
    for eta in (0.4, 1.6):
        loss = {rule: descend(rule, ravine, 20, eta=eta, keep="loss").loss[-1] for rule in BOTH}
        ahead.append(label(min(BOTH, key=loss.get)))
    bold, bolder = ahead
    return f"{bold} at both" if bold == bolder else f"{bold} at 0.4, {bolder} at 1.6"


def at_their_own():
    """Whose middle loss is lower, over all horizons of the quiet ravine? Both arrived counts as neither."""
    race, led = race_on(ravine), set()
    for horizon in race.horizons:
        one, other = (race.middle(rule.__name__, horizon) for rule in BOTH)
        led.add("level" if one == other else "Adagrad" if one < other else "RMSprop")
    lead = led - {"level"}
    return f"{lead.pop()}: never behind, at any horizon" if len(lead) == 1 else "each at some horizons"


def stray():
    """By which factor does Adagrad's η lie beside its best on the curved valley, after 200 steps, where the loss first is ten times as large?"""
    race, here = race_on(rosenbrock), race_on(rosenbrock).tuned("adagrad", 200)
    middle = race.valley("adagrad", 200)[0]
    beside = [race.etas[i] / race.etas[here] for i in range(len(middle)) if middle[i] > 10 * middle[here]]
    nearest = min(max(factor, 1 / factor) for factor in beside)
    return f"a factor of {min((1.2, 3, 10, 100), key=lambda factor: abs(np.log(nearest / factor))):g}"


def turned_losses(angle, rules=(gradient_descent, momentum, adagrad, rmsprop), steps=100):
    """{rule's name: the lowest loss over all η, after so many steps on the ravine turned by `angle` degrees}"""
    return {rule.__name__: float(np.nanmin(descend(rule, turned_ravine(20, angle), steps, eta=np.array(ETAS), keep="loss").loss[-1])) for rule in rules}


def who_suffers():
    straight, turned = turned_losses(0), turned_losses(45)
    hurt = [label(rule) for rule in straight if turned[rule] > 10 * straight[rule]]
    return " and ".join(hurt) if hurt else "none of them"


def who_follows():
    won = {}
    for name, surface in JUMPING.items():
        race = race_on(surface, SHORT, ETAS, BOTH)
        first = race.first(1000)
        won[name] = label(first[0]) if len(first) == 1 else "nobody"
    often, rarely = won["a jump every 20 steps"], won["a jump every 100 steps"]
    return f"{often} both times" if often == rarely else f"{often} at every 20 steps, {rarely} at every 100"


def wine_etas():
    """By which factor do Adagrad's own η on the quiet ravine and on the raw wine differ, after 200 steps?"""
    ratio = race_on(ravine).eta("adagrad", 200) / races(WINES)["wine, raw measures"].eta("adagrad", 200)
    known = {"about as large": 1, "about 10 times smaller": 10, "about 250 times smaller": 250, "about 5 000 times smaller": 5000}
    return min(known, key=lambda words: abs(np.log(ratio / known[words])))


CARDS = [
    Prediction(
        "one eta", "08", "Adagrad and RMSprop race down the ravine for 20 steps, with one η for both. Who is ahead at η = 0.4, and who at η = 1.6?", at_one_eta,
        "0.4 suits RMSprop's first steps and is far too small for Adagrad. At 1.6 RMSprop rings widely about the minimum, and Adagrad comes close to it.",
        choices=("RMSprop at both", "RMSprop at 0.4, Adagrad at 1.6", "Adagrad at 0.4, RMSprop at 1.6", "Adagrad at both"),
        because={"RMSprop at both": "It rings at about ±η/2, as notebook 06 saw: the larger η, the wider.", "Adagrad at both": "At 0.4 Adagrad has hardly left after 20 steps.",
                 "Adagrad at 0.4, RMSprop at 1.6": "The lead does change, the other way round."},
        finding="One η for both: who is ahead depends on η, and on when you look"),
    Prediction(
        "own eta", "08", "The same quiet ravine, but now each rule runs at the constant η that is best for itself, chosen anew for every horizon from 20 to 5 000 steps. Adagrad or RMSprop?",
        at_their_own, "The lead at η = 0.4 came from sharing an η that is far from Adagrad's own. At its own constant η for each horizon (12 for 20 steps, 2.7 for 5 000) Adagrad has arrived by then, from every start.",
        choices=("RMSprop: never behind, at any horizon", "each at some horizons", "Adagrad: never behind, at any horizon"),
        because={"each at some horizons": "So it looked at η = 0.4. That η suits RMSprop's start, and is far below Adagrad's own.",
                 "RMSprop: never behind, at any horizon": "Not here: nothing moves on this surface, so forgetting buys nothing, and at a constant η it rings at the end."},
        finding="Each rule at its own constant η: another surface, another order"),
    Prediction(
        "stray", "08", "On the curved valley, after 200 steps, take Adagrad at its best η and then move η, up or down. Which of these factors is the smallest that makes the loss ten times as large?", stray,
        "Already the next place of the grid, a factor of 1.2 downwards, is too far. Adapting the rates does not choose η for you.",
        choices=("a factor of 1.2", "a factor of 3", "a factor of 10", "a factor of 100"),
        because={"a factor of 100": "On the quiet ravine its valley is that wide after 5 000 steps. Not here.", "a factor of 10": "Look at the quiet ravine for that; the curved valley forgives less.",
                 "a factor of 3": "Closer; still too generous."},
        finding="Every method has its own valley; on the curved one Adagrad's is a notch",
        alt="Three panels of loss against η on logarithmic axes after 200 steps, with five curves each. On the quiet ravine Adagrad's valley is broad and flat, "
            "on the curved valley it is a narrow notch at η = 1.8; on the jumping ravine all valleys are shallow. The lowest points lie at different η, but for gradient descent and Adam on the quiet ravine; on each surface they lie elsewhere."),
    Prediction(
        "turned", "08", "Now the ravine is turned by 45°, so that it runs across the weights, and each rule is tuned again (one constant η). Whose best loss after 100 steps gets ten times worse, or more?",
        who_suffers, "One rate a weight can even out curvatures along the weights only. Turned, both weights see the same mix, and there is nothing to even out.",
        choices=("gradient descent and momentum", "Adagrad and RMSprop", "all four", "none of them"),
        because={"none of them": "The bowl is the same, and the weights are not its axes any more.", "all four": "Gradient descent and momentum add up slopes: turn the bowl, and the whole path turns with it.",
                 "gradient descent and momentum": "For them a turned bowl is the same bowl: the path turns with it."},
        finding="Gradient descent's path turns with the ravine; Adagrad and RMSprop scale along the weights, however it lies"),
    Prediction(
        "jumps", "08", "The minimum jumps, and what counts is the mean loss over 1 000 steps, each rule at its own best constant η. Adagrad or RMSprop (β = 0.9), where it jumps every 20 steps, and where every 100?",
        who_follows, "A bold η makes up for Adagrad's long memory as long as there is time to come back between two jumps. Where there is not, forgetting wins.",
        choices=("RMSprop both times", "RMSprop at every 20 steps, Adagrad at every 100", "Adagrad at every 20 steps, RMSprop at every 100", "Adagrad both times"),
        because={"RMSprop both times": "So notebook 06 looked, at the η chosen there. At its own η (3.3 here) Adagrad keeps up with ten jumps, one every 100 steps.",
                 "Adagrad both times": "Fifty jumps fill its account: its rates get too small for the next one.",
                 "Adagrad at every 20 steps, RMSprop at every 100": "The other way round: the more often it jumps, the more forgetting is worth."},
        finding="A minimum that jumps, each rule at its own constant η: how often it jumps decides"),
    Prediction(
        "wine", "08", "Real data: 178 wines, 13 measures in their own units. Adagrad's best η for 200 steps on the quiet ravine was 5.6. How large is its best η on the raw wine, compared with that?",
        wine_etas, "Every measure has its own unit, and a step of 5.6 in the weight of proline, which reaches 1 680, would be enormous.",
        choices=("about as large", "about 10 times smaller", "about 250 times smaller", "about 5 000 times smaller"),
        because={"about as large": "Adagrad divides by the size of the slopes, so η is in units of w. How far the weights have to go is another matter.",
                 "about 10 times smaller": "The right direction; the weights of the raw measures have to be far smaller than that.",
                 "about 5 000 times smaller": "Too far: at so small an η its loss is higher again, for its weights hardly leave 0."},
        finding="The same wines, raw or standardised, each rule at its own constant η"),
]
TARGETS = {
    "turned": Target("08", lambda: reach(3e-4, within=80, why="So bold an η is Adagrad's own here; 0.4 was only the default of this series. An adaptive rule has to be tuned like any other."), {"eta": 2.5}),
}
