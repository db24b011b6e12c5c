"""Loss surfaces: formula and slope side by side, with a start and a view.

A surface is whatever offers `.start` (n,), `.loss(w)` and `.gradient(w)`, with w of shape (..., n): leading axes are runs. One
that changes with time offers `.at(t)` as well, which returns the surface of step t and keeps no counter. One whose steps see
only a part of it (mini-batches) may offer `.measures`, {name: function of w}: what a live figure then shows as "loss", and besides.
"""

import numpy as np


class Surface:
    """A surface from `loss(x, y)` and `slope(x, y)`, one array a weight.

    name    what it is called, with its formula
    loss    loss(x, y, ...) -> array of the common shape
    slope   slope(x, y, ...) -> one array a weight: ∂loss/∂x, ∂loss/∂y, ...
    start   where runs begin, one number a weight
    view    one (low, high) a weight: what a picture shows (may be left out for more than two weights)
    minima  points where the loss is least, to be marked (optional)

    `.curvature` is the second derivative along each weight where the loss is quadratic with the weights as its axes, else None.
    Raises ValueError where the slope does not fit the loss, with the point and by how much.
    """

    def __init__(self, name, loss, slope, start, view=None, minima=()):
        self.name, self.formula, self.slope = str(name), loss, slope
        for what, part in (("loss", loss), ("slope", slope)):
            if not callable(part):
                raise TypeError(f"the {what} of {self.name!r} is a function of the weights, as in {what}=lambda x, y: ...; got {part!r}")
        try:
            self.start = np.array(start, dtype=float).reshape(-1)
        except (TypeError, ValueError):
            self.start = np.array([])
        self.n = self.start.size
        if not self.n or not np.isfinite(self.start).all():
            raise ValueError(f"the surface {self.name!r} needs a start of finite numbers, one a weight, such as start=(-5, -2); got {start!r}")
        self.view = pairs(self.name, view, self.n)
        try:
            self.minima = np.array(minima, dtype=float).reshape(-1, self.n)
        except (TypeError, ValueError):
            raise ValueError(f"the minima of {self.name!r} are points, one number a weight in each, such as minima=[{(0,) * self.n}]; got {minima!r}") from None
        self._check_slope()
        self.curvature = self._find_curvature()

    def __repr__(self):
        return f"Surface({self.name!r})"

    def loss(self, w):
        """Loss at w: (..., n) -> (...)."""
        w = np.asarray(w, dtype=float)
        if w.ndim == 1:  # as an array of one point: NumPy squares a lone number by pow, and its last bit may differ
            return self.loss(w[None])[0]
        loss = self.formula(*self._weights(w))
        if loss is None:
            raise ValueError(f"the loss of {self.name!r} gives None: end it with `return`")
        loss = np.asarray(loss, dtype=float)
        return loss if loss.shape == w.shape[:-1] else np.broadcast_to(loss, w.shape[:-1]).copy()

    def gradient(self, w):
        """∂L/∂w at w: (..., n) -> (..., n)."""
        w = np.asarray(w, dtype=float)
        if w.ndim == 1:
            return self.gradient(w[None])[0]
        parts = self.slope(*self._weights(w))
        if self.n == 1 and not isinstance(parts, (tuple, list)):
            parts = (np.reshape(parts, w.shape[:-1]) if np.size(parts) == w.size else parts,)
        if not hasattr(parts, "__len__"):
            raise ValueError(f"the slope of {self.name!r} gives {parts!r} for {self.n} weights: return one array a weight, as in `return dx, dy`")
        if len(parts) != self.n:
            raise ValueError(f"the slope of {self.name!r} gives {len(parts)} parts for {self.n} weights: return one array a weight, as in `return dx, dy`")
        g = np.empty(w.shape)
        for i, part in enumerate(parts):
            g[..., i] = part
        return g

    def _weights(self, w):
        if w.shape[-1] != self.n:
            raise ValueError(f"{self.name!r} has {self.n} weights, and w has the shape {w.shape}: its last axis is the weights")
        return [w[..., i] for i in range(self.n)]

    def _points(self):
        """The start, and points spread over the view: (24, n). Fixed, so that a definition passes or fails for good."""
        low, high = self.view.T if self.view is not None else (self.start - 1, self.start + 1)
        return np.vstack([self.start, low + (high - low) * np.random.default_rng(1).random((23, self.n))])

    def _check_slope(self):
        points = self._points()
        span = np.maximum(np.ptp(points, axis=0), 1e-3)
        with np.errstate(all="ignore"):
            said = self.gradient(points)
            off, told = np.full(said.shape, np.inf), np.zeros(said.shape)
            for h in (1e-6 * span, 1e-5 * span, 1e-4 * span):  # the best of three, for rounding and for bending
                nudge = h * np.eye(self.n)
                seen = np.stack([self.loss(points + d) - self.loss(points - d) for d in nudge], axis=-1) / (2 * h)
                better = np.abs(seen - said) < off
                off, told = np.where(better, np.abs(seen - said), off), np.where(better | ~np.isfinite(off), seen, told)
        unit = np.abs(told) + 1e-3 * np.nanmedian(np.abs(told), axis=0) + 1e-9
        wrong = ~(off <= 1e-4 * unit)
        if wrong.any():
            p, i = np.argwhere(wrong)[0] if not wrong.all() else (0, 0)
            at = ", ".join(f"{x:.4g}" for x in points[p])
            raise ValueError(
                f"the slope of {self.name!r} does not fit its loss: at ({at}) it says ∂L/∂w{_sub(i + 1)} = {said[p, i]:.6g}, but the loss "
                f"rises by {told[p, i]:.6g} there (a difference of {abs(said[p, i] - told[p, i]):.2g}). Check that part of `slope` against `loss`."
            )

    def _find_curvature(self):
        points = self._points()[:4]
        with np.errstate(all="ignore"):
            bend = np.stack([(self.gradient(points + d) - self.gradient(points - d)) / 2 for d in np.eye(self.n)], axis=-1)  # (4, n, n)
        diagonal = np.diagonal(bend, axis1=1, axis2=2)
        size = np.abs(diagonal).max()
        quadratic = np.isfinite(bend).all() and np.allclose(bend, bend[0], rtol=1e-9, atol=1e-9 * size) and np.allclose(
            bend[0], np.diag(diagonal[0]), rtol=0, atol=1e-9 * size)
        return np.array([float(f"{h:.9g}") for h in diagonal[0]]) if quadratic and (diagonal[0] > 0).all() else None


class Moving:
    """A surface whose minimum jumps by `jump` and back again, every `every` steps; `.at(t)` is the surface of step t."""

    def __init__(self, surface, every, jump):
        if isinstance(every, bool) or not _is_number(every) or int(every) != every or every < 1:
            raise ValueError(f"every must be a whole number of steps, 1 or more; got {every!r}")
        if not all(hasattr(surface, part) for part in ("start", "loss", "gradient", "view", "minima", "curvature")):
            raise TypeError(f"moving needs a surface, such as ravine, or what Surface(...) makes, as in moving(ravine, every=100, jump=1); got {surface!r}")
        if hasattr(surface, "every"):
            raise ValueError(f"the minimum of {surface.name!r} jumps already: give moving the surface that stands still, and one every and one jump")
        self.still, self.every = surface, int(every)
        try:
            jump = np.asarray(jump, dtype=float)
        except (TypeError, ValueError):
            raise ValueError(f"jump must be one finite number, or one for each of the {surface.start.size} weights; got {jump!r}") from None
        if jump.shape not in ((), (1,), (surface.start.size,)) or not np.isfinite(jump).all():
            raise ValueError(f"jump must be one finite number, or one for each of the {surface.start.size} weights; got {jump.tolist()!r}")
        self.jump = np.broadcast_to(jump, surface.start.shape).copy()
        self.start, self.n = surface.start, surface.n
        self.name = f"{surface.name}, jumping every {self.every} steps"
        self.view, self.curvature = surface.view, surface.curvature
        self.places = [_Shifted(surface, offset) for offset in (0 * self.jump, self.jump)]

    def place(self, t):
        """Which of the two places the minimum is at in step t: 0 or 1."""
        return (int(t) // self.every) % 2

    def at(self, t):
        here = self.places[self.place(t)]
        return _Shifted(self.still.at(t), here.offset) if hasattr(self.still, "at") else here  # mini-batches jump as well

    @property
    def minima(self):
        return self.places[0].minima

    def loss(self, w):
        """Loss before the first jump: (..., n) -> (...)."""
        return self.places[0].loss(w)

    def gradient(self, w):
        """∂L/∂w before the first jump: (..., n) -> (..., n)."""
        return self.places[0].gradient(w)


class _Shifted:
    """A surface moved by `offset` as a whole."""

    def __init__(self, surface, offset):
        self.surface, self.offset = surface, offset
        self.name, self.start, self.view, self.curvature = surface.name, surface.start, surface.view, surface.curvature
        self.n, self.minima = surface.n, surface.minima + offset

    def loss(self, w):
        return self.surface.loss(w - self.offset)

    def gradient(self, w):
        return self.surface.gradient(w - self.offset)


def moving(surface, every=100, jump=1.0):
    """`surface` with a minimum that jumps by `jump` (one number, or one a weight) and back, every `every` steps.

    The weights are left where they are: only the target moves. What changes with time in the surface itself (mini-batches) goes on.
    Raises ValueError for every < 1, a jump of the wrong length, or a surface that jumps already.
    """
    return Moving(surface, every, jump)


class Dropping:
    """A surface that is `factor` times as high, and as steep, from step `after` on; `.at(t)` is the surface of step t."""

    def __init__(self, surface, after, factor):
        if not (_is_number(after) and int(after) == after and after >= 1 and _is_number(factor) and factor > 0):
            raise ValueError(f"after must be a whole number of steps from 1 up, and factor a number above 0; got {after!r} and {factor!r}")
        if not isinstance(surface, Surface):
            raise TypeError(f"Dropping needs a surface that stands still, such as ravine, or what Surface(...) makes; got {getattr(surface, 'name', surface)!r}")
        lower = Surface(surface.name, lambda *w: factor * surface.formula(*w), lambda *w: tuple(factor * g for g in surface.slope(*w)), surface.start, surface.view)
        self.parts, self.after, self.name, self.curvature = (surface, lower), after, f"{surface.name}, times {factor:g} from step {after}", None
        self.start, self.n, self.view, self.minima, self.loss, self.gradient = surface.start, surface.n, surface.view, surface.minima, surface.loss, surface.gradient

    def at(self, t):
        return self.parts[int(t) >= self.after]


class Given:
    """One weight whose gradient at step t is the t-th number of a list, wherever the weight stands; see `given`."""

    name, view = "gradients set by hand", None

    def __init__(self, gradients, t=0):
        self.gradients, self.t, self.start, self.n = gradients, t, np.zeros(1), 1

    def at(self, t):
        return Given(self.gradients, t)

    def loss(self, w):
        return np.zeros(np.shape(w)[:-1])

    def gradient(self, w):
        return np.full(np.shape(w), self.gradients[min(self.t, len(self.gradients) - 1)])


def given(gradients):
    """A surface of one weight that answers with these gradients, one a step (the last one from then on): for looking at a rule alone."""
    try:
        listed = np.asarray(gradients, dtype=float).reshape(-1)
    except (TypeError, ValueError):
        listed = np.array([])
    if not listed.size or gradients is None:
        raise ValueError(f"given takes numbers, one gradient a step and at least one, as in given([3, 4, 12]); got {gradients!r}")
    return Given(listed)


def flat(n):
    """n weights with a loss and a gradient of exactly 0: for asking a rule for its rates alone."""
    return Surface("flat", lambda *w: 0 * sum(w), lambda *w: tuple(0 * x for x in w), np.zeros(n), [(-1, 1)] * n)


def turned_ravine(condition=20.0, angle=0.0, steepest=None):
    """½ (u² + condition · v²), with (u, v) the weights turned by `angle` degrees: curvatures 1 and `condition`.

    With `steepest`, the same scaled so that the larger curvature is that number, and the smaller one steepest / condition.
    The start turns with it, so a rule that does not care about direction (gradient descent) takes the same path at every angle.
    Raises ValueError for a condition below 1, a steepest curvature that is not above 0, or an angle that is not finite.
    """
    if not (_is_number(condition) and condition >= 1):
        raise ValueError(f"condition must be a number from 1 up: it is the ratio of the steepest to the gentlest curvature; got {condition!r}")
    if not _is_number(angle):
        raise ValueError(f"angle must be a finite number of degrees; got {angle!r}")
    if steepest is not None and not (_is_number(steepest) and steepest > 0):
        raise ValueError(f"steepest must be a number above 0, or None: it is the larger curvature; got {steepest!r}")
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


class Batches:
    """A regression of which each step sees a few examples: `.at(t)` has the loss of all of them, and the slope of the batch of step t.

    An epoch takes every example once, in an order shuffled anew from `seed`; the last batch of an epoch may be smaller.
    """

    curvature = None  # each batch bends otherwise

    def __init__(self, whole, features, targets, batch, seed):
        if isinstance(batch, bool) or not _is_number(batch) or int(batch) != batch or not 1 <= batch <= len(targets):
            raise ValueError(f"batch must be a whole number of examples, 1 to {len(targets)}; got {batch!r}")
        self.whole, self.features, self.targets, self.batch, self.seed, self.orders = whole, features, targets, int(batch), seed, {}
        self.name, self.start, self.n, self.view, self.minima, self.least = whole.name, whole.start, whole.n, whole.view, whole.minima, whole.least
        self.updates_an_epoch = -(-len(targets) // self.batch)

    def __repr__(self):
        return f"Batches({self.name!r}, {self.batch} of {len(self.targets)} examples a step)"

    def at(self, t):
        return _Batch(self, self.rows(t))

    def rows(self, t):
        """Which examples step t sees."""
        epoch, k = divmod(int(t), self.updates_an_epoch)
        if epoch not in self.orders:
            self.orders[epoch] = np.random.default_rng([self.seed, epoch]).permutation(len(self.targets))
        return self.orders[epoch][k * self.batch : (k + 1) * self.batch]

    def loss(self, w):
        """Loss of all examples: (..., n) -> (...)."""
        return self.whole.loss(w)

    def gradient(self, w):
        """∂L/∂w of all examples: (..., n) -> (..., n)."""
        return self.whole.gradient(w)


class _Batch:
    """One step of `Batches`."""

    def __init__(self, batches, rows):
        self.features, self.targets, self.loss = batches.features[rows], batches.targets[rows], batches.loss
        self.name, self.start, self.n, self.view, self.minima, self.curvature = batches.name, batches.start, batches.n, batches.view, batches.minima, None

    def gradient(self, w):
        return 2 / len(self.targets) * (np.asarray(w, dtype=float) @ self.features.T - self.targets) @ self.features


def regression(features, targets, start=None, view=None, batch=None, seed=0, name="least squares"):
    """Fit `features @ w` to `targets`: the loss is the mean squared error, less the least that any weights can reach (its `.least`).

    features (examples, n), targets (examples,); one weight a feature, starting at 0 unless told otherwise. The view is a square round start and
    minimum. With `batch` each step sees so many examples: see `Batches`. Raises ValueError for arrays that do not fit each other.
    """
    features, targets = np.array(features, dtype=float), np.array(targets, dtype=float)
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
    if view is None and len(best) <= 2:
        reach = 1.4 * np.abs(np.array(start) - best).max() + 1e-9
        view = [(x - reach, x + reach) for x in best]
    whole = Surface(name, loss, slope, start, view, [best])
    whole.least = float(np.mean((features @ best - targets) ** 2))
    return whole if batch is None else Batches(whole, features, targets, batch, seed)


def two_features(spread, seed, examples=64, weights=(1.5, -1.0), noise=0.5):
    """(features, targets) made from a seed: normal features of that spread each, targets features @ weights and noise."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(examples, 2)) * spread
    return features, features @ weights + noise * rng.normal(size=examples)


def pairs(name, view, n):
    """view as (n, 2), from one (low, high) a weight or from the numbers in a row."""
    if view is None and n > 2:
        return None
    try:
        bounds = np.array(view, dtype=float).reshape(n, 2)
    except (TypeError, ValueError):
        bounds = np.full((n, 2), np.nan)
    if not (np.isfinite(bounds).all() and (bounds[:, 0] < bounds[:, 1]).all()):
        raise ValueError(f"the surface {name!r} needs view=((low, high), ...) with one pair a weight and low below high; got {view!r}")
    return bounds


def _is_number(value):
    return isinstance(value, (int, float, np.integer, np.floating)) and bool(np.isfinite(value))


def _sub(i):
    return str(i).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


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
