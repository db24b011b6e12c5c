"""A loss surface from two functions, its loss and its slope, which are held against each other.

A surface is whatever offers `.start` (n,), `.loss(w)` and `.gradient(w)`, with w of shape (..., n): leading axes are runs. One
whose steps see only a part of it (mini-batches) may offer `.measures`, {name: function of w}: what a live figure then shows as
"loss", and besides. What changes with time is in changing.py, those with a name in surfaces.py.
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


def is_number(value):
    """Whether it is one finite number."""
    return isinstance(value, (int, float, np.integer, np.floating)) and bool(np.isfinite(value))


def _sub(i):
    return str(i).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
