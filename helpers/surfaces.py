"""The loss surfaces of the series, by name, each with a start and a view; what `Surface` and `moving` are, surface.py and changing.py say."""

import functools

import numpy as np

from helpers.changing import Batches, Dropping, given, moving
from helpers.surface import Surface, floats, is_number, is_whole_number, short

__all__ = [
    "Surface", "moving", "Dropping", "given", "flat", "turned_ravine", "regression", "two_features",
    "bowl", "ravine", "endless", "rosenbrock", "beale", "himmelblau", "saddle", "wall", "data_a", "data_b",
]


def flat(n):
    """n weights with a loss and a gradient of exactly 0: for asking a rule for its rates alone."""
    if not is_number(n) or isinstance(n, bool) or int(n) != n or not 1 <= n <= 10**7:
        raise ValueError(f"flat takes the number of weights, a whole number from 1 up to 10 million, as in flat(2); got {short(n)}")
    return _flat(int(n))


@functools.cache  # some figures ask hundreds of times, and a surface is looked at closely when it is made
def _flat(n):
    return Surface("flat", lambda *w: 0 * sum(w), lambda *w: tuple(0 * x for x in w), np.zeros(n), [(-1, 1)] * n)


def turned_ravine(condition=20.0, angle=0.0, steepest=None):
    """½ (u² + condition · v²), with (u, v) the weights turned by `angle` degrees: curvatures 1 and `condition`.

    With `steepest`, the same scaled so that the larger curvature is that number, and the smaller one steepest / condition.
    The start turns with it, so a rule that does not care about direction (gradient descent) takes the same path at every angle.
    Raises ValueError for a condition below 1, a steepest curvature that is not above 0, or an angle that is not finite.
    """
    if not (is_number(condition) and condition >= 1):
        raise ValueError(f"condition must be a number from 1 up: it is the ratio of the steepest to the gentlest curvature; got {short(condition)}")
    if not is_number(angle):
        raise ValueError(f"angle must be a finite number of degrees; got {short(angle)}")
    if steepest is not None and not (is_number(steepest) and steepest > 0):
        raise ValueError(f"steepest must be a number above 0, or None: it is the larger curvature; got {short(steepest)}")
    gentle, steep = (1.0, condition) if steepest is None else (steepest / condition, steepest)
    c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))

    def loss(x, y):
        u, v = c * x + s * y, c * y - s * x
        return 0.5 * (gentle * u**2 + steep * v**2)

    def slope(x, y):
        u, v = c * x + s * y, c * y - s * x
        return c * gentle * u - s * steep * v, s * gentle * u + c * steep * v

    start = (c * -4 - s * -2, s * -4 + c * -2)
    return Surface(f"ravine of condition {condition:g}, turned by {angle:g}°", loss, slope, start, ((-6, 6), (-5, 5)), [(0, 0)])


def regression(features, targets, start=None, view=None, batch=None, seed=0, name="least squares"):
    """Fit `features @ w` to `targets`: the loss is the mean squared error, less the least that any weights can reach (its `.least`).

    features (examples, n), targets (examples,); one weight a feature, starting at 0 unless told otherwise. The view is a square round start and
    minimum. With `batch` each step sees so many examples: see `Batches`. Raises ValueError for arrays that do not fit each other.
    """
    try:
        features, targets = floats(features), floats(targets)
    except ValueError:
        raise ValueError("a regression needs features (examples, n) and one target an example, all of them numbers; "
                         f"got {short(features)} and {short(targets)}") from None
    if features.ndim != 2 or targets.shape != features.shape[:1] or not targets.size or not (np.isfinite(features).all() and np.isfinite(targets).all()):
        raise ValueError(f"a regression needs features (examples, n) and one target an example, all finite; got {features.shape} and {targets.shape}")
    best, half_bend = np.linalg.lstsq(features, targets, rcond=None)[0], features.T @ features / len(targets)

    def away(w):
        return np.stack(w) - best.reshape(-1, *[1] * np.ndim(w[0]))  # (n, ...)

    def loss(*w):
        return (away(w) * np.tensordot(half_bend, away(w), 1)).sum(axis=0)

    def slope(*w):
        return tuple(np.tensordot(2 * half_bend, away(w), 1))

    start = np.zeros(len(best)) if start is None else start
    if not (is_whole_number(seed) and seed >= 0):
        raise ValueError(f"seed must be a whole number, 0 or more; got {short(seed)}")
    if view is None and len(best) <= 2:
        try:
            begin = floats(start).reshape(best.shape)
        except ValueError:
            raise ValueError(f"start must be {len(best)} numbers, one a feature; got {short(start)}") from None
        if not (np.abs(begin) < 1e150).all():
            raise ValueError(f"start must be {len(best)} numbers, one a feature, below 1e150 in size; got {short(start)}")
        reach = 1.4 * np.abs(begin - best).max() + 1e-9
        view = [(x - reach, x + reach) for x in best]
    whole = Surface(name, loss, slope, start, view, [best])
    whole.least = float(np.mean((features @ best - targets) ** 2))
    return whole if batch is None else Batches(whole, features, targets, batch, seed)


def two_features(spread, seed, examples=64, weights=(1.5, -1.0), noise=0.5):
    """(features, targets) made from a seed: normal features of that spread each, targets features @ weights and noise."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(examples, 2)) * spread
    return features, features @ weights + noise * rng.normal(size=examples)


bowl = Surface(
    "bowl  ½ w²",
    loss=lambda x: 0.5 * x**2,
    slope=lambda x: (x,),
    start=(-4,), view=((-5, 5),), minima=[(0,)],
)

ravine = Surface(
    "ravine  0.1 w₁² + 2 w₂²",
    loss=lambda x, y: 0.1 * x**2 + 2 * y**2,
    slope=lambda x, y: (0.2 * x, 4 * y),
    start=(-5, -2), view=((-6, 2.2), (-3, 3)), minima=[(0, 0)],
)

endless = Surface("endless slope  w", loss=lambda x: x, slope=lambda x: (np.ones_like(x),), start=(0,), view=((-60, 4),))

rosenbrock = Surface(
    "Rosenbrock  (1 − w₁)² + 100 (w₂ − w₁²)²",
    loss=lambda x, y: (1 - x) ** 2 + 100 * (y - x**2) ** 2,
    slope=lambda x, y: (-2 * (1 - x) - 400 * x * (y - x**2), 200 * (y - x**2)),
    start=(-1.5, 1.5), view=((-2.2, 2.2), (-1, 3)), minima=[(1, 1)],
)


def _beale_slope(x, y):
    parts = [(1.5 - x + x * y, y - 1, x), (2.25 - x + x * y**2, y**2 - 1, 2 * x * y), (2.625 - x + x * y**3, y**3 - 1, 3 * x * y**2)]
    return sum(2 * p * px for p, px, _ in parts), sum(2 * p * py for p, _, py in parts)


beale = Surface(
    "Beale  Σ (cₖ − w₁ + w₁ w₂ᵏ)²",
    loss=lambda x, y: (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2,
    slope=_beale_slope,
    start=(1, 1.5), view=((-4.5, 4.5), (-2.5, 2.5)), minima=[(3, 0.5)],
)

himmelblau = Surface(
    "Himmelblau  (w₁² + w₂ − 11)² + (w₁ + w₂² − 7)²",
    loss=lambda x, y: (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2,
    slope=lambda x, y: (4 * x * (x**2 + y - 11) + 2 * (x + y**2 - 7), 2 * (x**2 + y - 11) + 4 * y * (x + y**2 - 7)),
    start=(-0.5, -1), view=((-6, 6), (-6, 6)),
    minima=[(3, 2), (-2.805118086952745, 3.131312518250573), (-3.779310253377747, -3.283185991286170), (3.584428340330492, -1.848126526964404)],
)

saddle = Surface(
    "saddle  ½ w₁² − ½ w₂²",
    loss=lambda x, y: 0.5 * x**2 - 0.5 * y**2,
    slope=lambda x, y: (x, -y),
    start=(-3, -0.01), view=((-4, 4), (-4, 4)),
)

# Steep at first (slope about 5), then flat (about 0.02 w): a rule that remembers the wall for ever crawls through the valley.
wall = Surface(
    "wall  5 ln(1 + e^(−4(w₁ + 3)))/4 + 0.01 w₁² + 0.5 w₂²",
    loss=lambda x, y: 1.25 * np.logaddexp(0, -4 * (x + 3)) + 0.01 * x**2 + 0.5 * y**2,
    slope=lambda x, y: (-2.5 * (1 + np.tanh(-2 * (x + 3))) + 0.02 * x, 1.0 * y),
    start=(-5, 1.5), view=((-6, 2), (-2.5, 2.5)), minima=[(0, 0)],
)

# The same small model for two data sets: what varies much in one varies little in the other.
data_a, data_b = (
    regression(*two_features(spread, seed), start=(-3, 2.5), view=((-4, 4), (-3.5, 3.5)), batch=4, name=f"{name}: two weights, fitted to 64 examples")
    for name, spread, seed in (("data set A", (1.0, 0.4), 1), ("data set B", (0.25, 0.8), 11))
)
