"""Surfaces that change with time: a minimum that jumps, a slope that drops, gradients set by hand, mini-batches.

Each offers `.at(t)`, which returns the surface of step t and keeps no counter, so that any step can be asked for in any order.
"""

import numpy as np

from helpers.surface import Surface, floats, is_number, short


class Moving:
    """A surface whose minimum jumps by `jump` and back again, every `every` steps; `.at(t)` is the surface of step t."""

    def __init__(self, surface, every, jump):
        if isinstance(every, bool) or not is_number(every) or int(every) != every or every < 1:
            raise ValueError(f"every must be a whole number of steps, 1 or more; got {short(every)}")
        if not all(hasattr(surface, part) for part in ("start", "loss", "gradient", "view", "minima", "curvature")):
            raise TypeError(f"moving needs a surface, such as ravine, or what Surface(...) makes, as in moving(ravine, every=100, jump=1); got {surface!r}")
        if hasattr(surface, "every"):
            raise ValueError(f"the minimum of {surface.name!r} jumps already: give moving the surface that stands still, and one every and one jump")
        self.still, self.every = surface, int(every)
        try:
            jump = np.asarray(jump, dtype=float)
        except (TypeError, ValueError, OverflowError):
            raise ValueError(f"jump must be one finite number, or one for each of the {surface.start.size} weights; got {short(jump)}") from None
        if jump.shape not in ((), (1,), (surface.start.size,)) or not np.isfinite(jump).all():
            raise ValueError(f"jump must be one finite number, or one for each of the {surface.start.size} weights; got {short(jump.tolist())}")
        self.jump = np.broadcast_to(jump, surface.start.shape).copy()
        self.start, self.n = surface.start, surface.n
        self.name = f"{surface.name}, jumping every {self.every} steps"
        self.view, self.curvature = surface.view, surface.curvature
        self.places = [_Shifted(surface, offset) for offset in (0 * self.jump, self.jump)]

    def place(self, t):
        """Which of the two places the minimum is at in step t: 0 or 1."""
        return (_step(t) // self.every) % 2

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
        if not (is_number(after) and int(after) == after and after >= 1 and is_number(factor) and factor > 0):
            raise ValueError(f"after must be a whole number of steps from 1 up, and factor a number above 0; got {short(after)} and {short(factor)}")
        if not isinstance(surface, Surface):
            raise TypeError(f"Dropping needs a surface that stands still, such as ravine, or what Surface(...) makes; got {short(getattr(surface, 'name', surface))}")
        lower = Surface(surface.name, lambda *w: factor * surface.formula(*w), lambda *w: tuple(factor * g for g in surface.slope(*w)), surface.start, surface.view)
        self.parts, self.after, self.name, self.curvature = (surface, lower), after, f"{surface.name}, times {factor:g} from step {after}", None
        self.start, self.n, self.view, self.minima, self.loss, self.gradient = surface.start, surface.n, surface.view, surface.minima, surface.loss, surface.gradient

    def at(self, t):
        return self.parts[_step(t) >= self.after]


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
        listed = floats(gradients).reshape(-1)
    except ValueError:
        listed = np.array([])
    if not listed.size or gradients is None:
        raise ValueError(f"given takes numbers, one gradient a step and at least one, as in given([3, 4, 12]); got {short(gradients)}")
    return Given(listed)


class Batches:
    """A regression of which each step sees a few examples: `.at(t)` has the loss of all of them, and the slope of the batch of step t.

    An epoch takes every example once, in an order shuffled anew from `seed`; the last batch of an epoch may be smaller.
    """

    curvature = None  # each batch bends otherwise

    def __init__(self, whole, features, targets, batch, seed):
        if isinstance(batch, bool) or not is_number(batch) or int(batch) != batch or not 1 <= batch <= len(targets):
            raise ValueError(f"batch must be a whole number of examples, 1 to {len(targets)}; got {short(batch)}")
        self.whole, self.features, self.targets, self.batch, self.seed, self.orders = whole, features, targets, int(batch), seed, {}
        self.name, self.start, self.n, self.view, self.minima, self.least = whole.name, whole.start, whole.n, whole.view, whole.minima, whole.least
        self.updates_an_epoch = -(-len(targets) // self.batch)

    def __repr__(self):
        return f"Batches({self.name!r}, {self.batch} of {len(self.targets)} examples a step)"

    def at(self, t):
        return _Batch(self, self.rows(t))

    def rows(self, t):
        """Which examples step t sees."""
        epoch, k = divmod(_step(t), self.updates_an_epoch)
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


def _step(t):
    """The number of a step, as an int."""
    if not is_number(t) or isinstance(t, bool) or int(t) != t or t < 0:
        raise ValueError(f"at(t) takes the number of a step, a whole number from 0 up; got {short(t)}")
    return int(t)
