"""The exercises of notebook 01: the rule, the edge of divergence, an η that is good enough."""

import numpy as np
from numpy import allclose, array_equal, isclose

from helpers.descent import descend
from helpers.exercises import rule_checks
from helpers.exercises.calling import Broke, needs_a_function
from helpers.exercises.findings import Exercise, Wrong
from helpers.exercises.quantities import digits, floats, number, returned
from helpers.surfaces import turned_ravine
from helpers.update_rules import gradient_descent

CURVATURES = 1.0, 20.0
STEPS, GOAL = 100, 1e-6


def check_descent(answer, trial):
    return rule_checks.check_rule(rule_checks.DESCENT, answer, trial)


# the largest safe η


def hessians():
    """Symmetric, positive definite, 1 × 1 to 6 × 6, turned so that no curvature stands on the diagonal."""
    rng = np.random.default_rng(1847)
    for n in (2, 1, 3, 4, 5, 6) * 4:
        axes = np.linalg.qr(rng.normal(size=(n, n)))[0]
        H = axes @ np.diag(10.0 ** rng.uniform(-1, 1.5, size=n)) @ axes.T
        yield (H + H.T) / 2


def _curvatures(H):
    return np.linalg.eigvalsh(H)


WRONG_EDGES = [
    ("That is half of it: at 1 over the largest curvature the steep weight arrives in one step, and it still settles for larger η.",
     lambda H: 1 / _curvatures(H)[-1]),
    ("You took the smallest curvature: the steepest direction is the one that diverges first.", lambda H: 2 / _curvatures(H)[0]),
    ("You took the smallest curvature, and half of the edge: the steepest direction is the one that diverges first.", lambda H: 1 / _curvatures(H)[0]),
    ("That is the η which arrives fastest, between the smallest and the largest curvature. The largest one that is safe lies further up.",
     lambda H: 2 / (_curvatures(H)[0] + _curvatures(H)[-1])),
    ("The trace adds up all curvatures: only the largest sets the edge.", lambda H: 2 / np.trace(H)),
    ("That is the largest curvature itself: the larger it is, the smaller η has to be.", lambda H: _curvatures(H)[-1]),
    ("It is turned over: the larger the curvature, the smaller η has to be, and yours grows with it.", lambda H: _curvatures(H)[-1] / 2),
    ("Twice the curvature grows with it: the larger the curvature, the smaller η has to be.", lambda H: 2 * _curvatures(H)[-1]),
    ("You read the curvatures off the entries of the matrix: the largest one is on the diagonal. They stand there only if the axes of the bowl "
     "are the weights; here it is turned.", lambda H: 2 / np.diag(H).max()),
    ("You read the first entry of the matrix. The curvatures stand on the diagonal only if the axes of the bowl are the weights; here it is turned.",
     lambda H: 2 / H[0, 0]),
    ("np.linalg.norm adds the squares of all entries: that is more than the largest curvature.", lambda H: 2 / np.linalg.norm(H)),
    ("The sum along a row is only a bound: it is safe, and smaller than it need be.", lambda H: 2 / np.abs(H).sum(1).max()),
    ("The determinant multiplies all curvatures: only the largest sets the edge.", lambda H: 2 / np.linalg.det(H)),
    ("The mean of the curvatures is too small: the largest one sets the edge.", lambda H: 2 / _curvatures(H).mean()),
    ("The curvatures come in no order from np.linalg.eigvals, and you take the first of them.", lambda H: 2 / np.linalg.eigvals(H)[0]),
    ("That is the edge of the curvature of H², or its root: the curvatures are needed as they are.", lambda H: 2 / _curvatures(H)[-1] ** 2),
    ("That is the edge of the curvature of H², or its root: the curvatures are needed as they are.", lambda H: 2 / np.sqrt(_curvatures(H)[-1])),
]


def check_edge(answer, trial):
    needs_a_function(answer, 'check("safe_eta", safe_eta)')
    asked, got = list(hessians()), []
    for H in asked:
        given = H.copy()
        try:
            result = trial.call(answer, given)
        except Broke as broke:
            try:
                result = trial.call(answer, H.tolist())
            except Wrong:
                raise broke from None
        if not array_equal(given, H):
            raise Wrong("Your function changes the Hessian that it is given: work on a copy, for whoever handed it over still needs it.")
        array = floats(result)
        if array is not None and array.size == len(H) > 1:
            raise Wrong(f"Your function returned {array.size} numbers, one a direction: which of them is safe for all directions?")
        got.append(returned(result, "the largest safe η"))
    got, edges = np.array(got), np.array([2 / _curvatures(H)[-1] for H in asked])
    if allclose(got, edges, rtol=0.01, atol=0):
        return f"It finds the edge for {len(asked)} Hessians with up to {max(map(len, asked))} weights."
    for reason, wrong in WRONG_EDGES:
        if allclose(got, [wrong(H) for H in asked], rtol=0.005, atol=0):
            raise Wrong(reason)
    if np.isnan(got).any():
        raise Wrong("Your function returned nan for at least one Hessian, which is not a number.")
    if np.ptp(got) <= 1e-9 * abs(got[0]):
        raise Wrong(f"Your function says {digits(got[0])} whatever the Hessian is: a steeper bowl needs a smaller η.")
    if allclose(got, -edges, rtol=0.01):
        raise Wrong("The size is right, and the sign is not: η is a number above 0.")
    i = int(np.argmax(~isclose(got, edges, rtol=0.01, atol=0)))
    H, way = asked[i], "diverges" if got[i] > edges[i] else "is safe, and a larger one would be, too"
    rows = [f"H = {np.array2string(H, precision=3, suppress_small=True, prefix='H = ')}"] if len(H) < 4 else []
    raise Wrong(f"For a Hessian of {len(H)} weight{'s' * (len(H) > 1)} yours is {digits(got[i])}: with that η gradient descent {way}." if got[i] > 0 else
                f"For a Hessian of {len(H)} weight{'s' * (len(H) > 1)} yours is {digits(got[i])}, and η has to be above 0.", rows)


# an η that brings the loss below a goal


def check_eta(answer, trial):
    eta = number(answer, "The answer")
    if eta == 0:
        raise Wrong("With η = 0 no weight moves at all.")
    if eta < 0:
        raise Wrong(f"A negative η climbs: with {digits(eta)} the loss rises from the first step on.")
    if not np.isfinite(eta):
        raise Wrong("η has to be a finite number.")
    run = descend(gradient_descent, turned_ravine(CURVATURES[1], 0), steps=STEPS, eta=eta)
    below = np.flatnonzero(run.loss < GOAL)
    if below.size:
        return f"With η = {digits(eta)} the loss is below 1e-6 after {below[0]} steps."
    gentle, steep = (0.5 * h * run.w[-1, i] ** 2 for i, h in enumerate(CURVATURES))
    if eta >= 2 / CURVATURES[1]:
        if isclose(eta, 2 / CURVATURES[1]):
            raise Wrong(f"η = {digits(eta)} is right at the edge: η times the curvature of the steep weight is 2, so that weight swings to and fro for ever, "
                        "always equally far. A little less, and it settles.")
        raise Wrong(f"η = {digits(eta)} is too large: the steep weight diverges, for η times its curvature is "
                    f"{digits(eta * CURVATURES[1])}, and 2 is the edge.")
    if steep > gentle and eta > 2 / sum(CURVATURES):  # below that the gentle weight is the slower one
        raise Wrong(f"η = {digits(eta)} is a little too large: so close to the edge the steep weight swings to and fro and shrinks too slowly. "
                    f"After {STEPS} steps the loss is still {digits(run.loss[-1])}, nearly all of it from that weight.")
    raise Wrong(f"η = {digits(eta)} is too small: after {STEPS} steps the gentle weight is still {digits(abs(run.w[-1, 0]))} from its minimum, "
                f"and the loss is {digits(run.loss[-1])}.")


EXERCISES = [
    Exercise(
        "gradient_descent", "01", "Write gradient descent",
        "Replace the ... by the change Δw that gradient descent makes for a gradient g and the knob eta.",
        ("The change goes against the slope, and η sets how far.",
         "Try it by hand: on a slope of 3 with η = 0.1 the weight should go down by 0.3.",
         "Three things stand in the line: a sign, the knob, the gradient. NumPy takes all weights at once, so no loop is needed."),
        check_descent),
    Exercise(
        "safe_eta", "01", "The largest safe η for a Hessian",
        "Replace the ... by the largest η for which gradient descent does not diverge on a bowl with the Hessian H.",
        ("On one weight the edge is where η times the curvature reaches 2. Which direction of a turned bowl reaches it first?",
         "The curvatures of a turned bowl are the eigenvalues of its Hessian: np.linalg.eigvalsh(H) lists them, the smallest first.",
         "Take the curvature of the steepest direction, and ask which η brings the product of the two to the edge."),
        check_edge),
    Exercise(
        "eta_in_100", "01", "An η that is done in 100 steps",
        "Give one number: an η with which the loss falls below 1e-6 within 100 steps.",
        ("Too small, and the gentle weight crawls; too large, and the steep one swings. There is a narrow range between.",
         "Draw the loss after 100 steps over η, from 0.01 up to the edge, and look for the lowest point.",
         "The best η is where both weights shrink by the same factor a step: compare |1 − η · 1| with |1 − η · 20|."),
        check_eta),
]
