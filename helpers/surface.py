"""A loss surface from two functions, its loss and its slope, which are held against each other.

A surface is whatever offers `.start` (n,), `.loss(w)` and `.gradient(w)`, with w of shape (..., n): leading axes are runs. One
whose steps see only a part of it (mini-batches) may offer `.measures`, {name: function of w}: what a live figure then shows as
"loss", and besides; and `.milestones`, steps that a live figure counts and flags (milestones.py). What changes with time is
in changing.py, those with a name in surfaces.py.
"""

import inspect
import numbers
import warnings
from decimal import Decimal

import numpy as np

NUDGES = (1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9)  # of the view, from long to short: the loss bends along the long ones, and the short ones are rounded
ROUNDING = 4e-16  # of a difference of two losses, relative to them


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
                raise TypeError(f"the {what} of {self.name!r} is a function of the weights, as in {what}=lambda x, y: ...; got {short(part)}")
        try:
            self.start = floats(start).reshape(-1)
        except ValueError:
            self.start = np.array([])
        self.n = self.start.size
        if not self.n or not np.isfinite(self.start).all():
            raise ValueError(f"the surface {self.name!r} needs a start of finite numbers, one a weight, such as start=(-5, -2); got {short(start)}")
        self.view = pairs(self.name, view, self.n)
        try:
            self.minima = floats(minima).reshape(-1, self.n)
        except ValueError:
            raise ValueError(f"the minima of {self.name!r} are points, one number a weight in each, such as minima=[{(0,) * self.n}]; got {short(minima)}") from None
        self.pointwise = False  # does it have to be asked for one point at a time?
        self._takes_weights_apart()
        self.pointwise = not self._takes_points_together()
        self._check_slope()
        self.curvature = self._find_curvature()

    def __repr__(self):
        return f"Surface({self.name!r})"

    def loss(self, w):
        """Loss at w: (..., n) -> (...)."""
        w = self._points_of(w)
        if self.pointwise:
            return np.array([self._loss_at(point) for point in w.reshape(-1, self.n)]).reshape(w.shape[:-1])[()]
        if w.ndim == 1:  # as an array of one point: NumPy squares a lone number by pow, and its last bit may differ
            return self._losses(w[None])[0]
        return self._losses(w)

    def _losses(self, w):
        loss = self.formula(*self._weights(w))
        if loss is None:
            raise ValueError(f"the loss of {self.name!r} gives None: end it with `return`")
        loss = loss.copy() if _is_plain(loss) else _real(f"the loss of {self.name!r}", loss)
        if loss.shape == w.shape[:-1]:
            return loss
        if loss.size != 1:
            raise TypeError(f"the loss of {self.name!r} gives {loss.size} numbers at {w[..., 0].size} points, and should give one at each")
        return np.broadcast_to(loss.reshape(()), w.shape[:-1]).copy()

    def gradient(self, w):
        """∂L/∂w at w: (..., n) -> (..., n)."""
        w = self._points_of(w)
        if self.pointwise:
            return np.array([self._slope_at(point) for point in w.reshape(-1, self.n)]).reshape(w.shape)
        return self._slopes(w[None])[0] if w.ndim == 1 else self._slopes(w)

    def _slopes(self, w):
        parts = self.slope(*self._weights(w))
        if self.n == 1 and not isinstance(parts, (tuple, list)):
            parts = (np.reshape(parts, w.shape[:-1]) if np.size(parts) == w.size else parts,)
        self._check_parts(parts)
        g = np.empty(w.shape)
        for i, part in enumerate(parts):
            if not _is_plain(part):
                part = _real(f"the slope of {self.name!r}", part)
            if part.size not in (1, g[..., i].size):
                raise TypeError(f"the slope of {self.name!r} gives {part.size} numbers for w{_sub(i + 1)} "
                                f"at {g[..., i].size} points, and should give one at each")
            g[..., i] = part
        return g

    def _check_parts(self, parts):
        if not hasattr(parts, "__len__"):
            raise ValueError(f"the slope of {self.name!r} gives {short(parts)} for {self.n} weights: return one array a weight, as in `return dx, dy`")
        if len(parts) != self.n:
            raise ValueError(f"the slope of {self.name!r} gives {len(parts)} parts for {self.n} weights: return one array a weight, as in `return dx, dy`")

    # a loss that was written for one point: math.sqrt, `if x > 0`, w @ A @ w

    def _loss_at(self, point):
        loss = _at_one_point(self.formula, point)
        if loss is None:
            raise ValueError(f"the loss of {self.name!r} gives None: end it with `return`")
        return _one_number(f"the loss of {self.name!r}", loss)

    def _slope_at(self, point):
        parts = _at_one_point(self.slope, point)
        if isinstance(parts, float) and np.isnan(parts):  # where math.sqrt has no value
            return [np.nan] * self.n
        if self.n == 1 and np.ndim(parts) == 0 and parts is not None:
            parts = (parts,)
        self._check_parts(parts)
        return [_one_number(f"the slope of {self.name!r}", part) for part in parts]

    def _takes_weights_apart(self):
        """TypeError where loss or slope does not take one argument a weight."""
        for what, part in (("loss", self.formula), ("slope", self.slope)):
            try:
                signature = inspect.signature(part)
            except (TypeError, ValueError):  # some functions written in C say nothing about their arguments
                continue
            try:
                signature.bind(*self.start)
            except TypeError:
                letters = ", ".join("xyz"[: self.n]) if self.n <= 3 else "*w"
                raise TypeError(f"the {what} of {self.name!r} has {self.n} weight{'s' * (self.n > 1)} and takes each as an argument of its own: "
                                f"write {what}=lambda {letters}: ..., not {signature}") from None

    def _takes_points_together(self):
        """Are loss and slope at many points, in rows and columns, what they are at each alone?"""
        points = self._points()
        grid = points.reshape(4, 6, self.n)
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for ask, ask_alone, shape in ((self.loss, self._loss_at, (24,)), (self.gradient, self._slope_at, (24, self.n))):
                try:
                    together, problem = ask(grid).reshape(shape), None
                except Exception as error:
                    together, problem = None, error
                try:
                    alone = np.array([ask_alone(point) for point in points]).reshape(shape)
                except Exception as error:
                    if problem is None:  # it wants arrays
                        continue
                    raise (problem if isinstance(problem, ValueError) and self.name in str(problem) else error) from None
                if problem is not None or not np.allclose(together, alone, rtol=1e-6, atol=1e-9 * _size(alone), equal_nan=True):
                    return False
        return True

    def _points_of(self, w):
        if not isinstance(w, np.ndarray) or w.dtype != float:
            try:
                w = floats(w)
            except ValueError:
                raise ValueError(f"{self.name!r} takes w as numbers, one a weight; got {short(w)}") from None
        if w.shape[-1:] != (self.n,):
            raise ValueError(f"{self.name!r} has {self.n} weight{'s' * (self.n > 1)}, and w has the shape {w.shape}: its last axis is the weights")
        return w

    def _weights(self, w):
        return [w[..., i] for i in range(self.n)]

    def _points(self):
        """The start, and points spread over the view: (24, n). Fixed, so that a definition passes or fails for good."""
        low, high = self.view.T if self.view is not None else (self.start - 1, self.start + 1)
        return np.vstack([self.start, low + (high - low) * np.random.default_rng(1).random((23, self.n))])

    def _check_slope(self):
        points = self._points()
        span = np.maximum(np.ptp(points, axis=0), 1e-3)
        with np.errstate(all="ignore"):
            here, said = self.loss(points)[:, None], self.gradient(points)
            if not np.isfinite(here).any():
                raise ValueError(f"the loss of {self.name!r} is not a finite number at the start, nor at any other point of the view")
            seen, doubt, (low, high) = self._differences(points, span, here)
        level = np.abs(seen)
        unit = level + 1e-3 * _size(level, axis=0) + 1e-9
        off = np.abs(seen - said)
        slack = 1e-4 * unit + doubt
        on_a_kink = (said >= low - slack) & (said <= high + slack)  # there either slope, and what lies between, is one
        wrong = np.isfinite(here) & np.isfinite(seen) & ~(off <= slack) & ~on_a_kink
        if wrong.any():
            p, i = np.argwhere(wrong)[0]
            at = ", ".join(f"{x:.4g}" for x in points[p])
            raise ValueError(
                f"the slope of {self.name!r} does not fit its loss: at ({at}) it says ∂L/∂w{_sub(i + 1)} = {said[p, i]:.6g}, but the loss "
                f"rises by {seen[p, i]:.6g} there (a difference of {off[p, i]:.2g}). Check that part of `slope` against `loss`."
            )

    def _differences(self, points, span, here):
        """How steeply the loss rises at the points, by the surest of several differences: (slopes, their doubt, (the lower, the higher of the two
        one-sided slopes)), each (points, n). The doubt is what rounding and bending may do to such a difference."""
        found = []
        for h in (s * span for s in NUDGES):
            ahead, behind = (np.stack([self.loss(points + side * d) for d in h * np.eye(self.n)], axis=-1) for side in (1, -1))
            noise = ROUNDING * np.maximum(np.maximum(np.abs(ahead), np.abs(behind)), np.abs(here)) / h
            found.append(((ahead - behind) / (2 * h), noise, (ahead - here) / h, (here - behind) / h))
        seen, noise, right, left = (np.stack(part) for part in zip(*found))
        bend = np.nan_to_num(np.abs(np.diff(seen, axis=0)), nan=0.0)
        waves = np.maximum(bend - 4 * (noise[1:] + noise[:-1]), 0)  # shorter than a nudge: then the shorter nudges do not agree either
        doubt = noise[1:] + noise[:-1] + np.maximum(bend, np.maximum.accumulate(waves[::-1], axis=0)[::-1])
        best = np.argmin(np.where(np.isnan(doubt), np.inf, doubt), axis=0)[None]

        def surest(part):
            return np.take_along_axis(part[1:], best, axis=0)[0]

        doubt = 2 * np.take_along_axis(doubt, best, axis=0)[0]
        sides = surest(right), surest(left)
        return surest(seen), doubt, (np.minimum(*sides), np.maximum(*sides))

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
        bounds = floats(view).reshape(n, 2)
    except ValueError:
        bounds = np.full((n, 2), np.nan)
    with np.errstate(over="ignore"):
        width = bounds[:, 1] - bounds[:, 0]
    if not (np.isfinite(width) & (width > 0)).all():
        raise ValueError(f"the surface {name!r} needs view=((low, high), ...) with one pair a weight and low below high; got {short(view)}")
    return bounds


def is_number(value):
    """Whether it is one finite number (that fits a float)."""
    try:
        real = isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, np.timedelta64)
        return real and bool(np.isfinite(float(value)))
    except OverflowError:
        return False


def is_whole_number(value):
    """Whether it is of a kind of whole numbers: True is none, nor is a span of time, which NumPy counts among them."""
    return isinstance(value, (int, np.integer)) and not isinstance(value, (bool, np.timedelta64))


def is_among(value, places):
    """Whether it is one of them: no array is, nor what cannot be compared."""
    try:
        return not isinstance(value, np.ndarray) and bool(value in places)
    except Exception:
        return False


def text(name, value):
    """`value`, a sentence or None; TypeError by name for anything else."""
    if value is not None and not isinstance(value, str):
        raise TypeError(f"{name} is a text, such as {name}='Two weights, one rate'; got {short(value)}")
    return value


def floats(value):
    """An array of floats of what somebody gave; ValueError for what is not made of real numbers alone.

    Text, True, None, dates, complex and masked numbers are none, nor is what raises where NumPy asks for its numbers.
    """
    if np.ma.isMaskedArray(value):
        raise ValueError("it is a masked array")
    try:
        array = np.array(value)
        if array.dtype.kind == "O":
            is_real = all(isinstance(x, (numbers.Real, Decimal)) and not isinstance(x, bool) for x in array.flat)
        else:
            is_real = array.dtype.kind in "fiu"
        if not is_real:
            raise TypeError("it is not made of numbers")
        return array.astype(float)
    except Exception as error:  # a list of lists of different lengths, a number that is too large, an object's own
        raise ValueError(str(error)) from None


def short(value):
    """What somebody gave, for a message: no more than a line of it."""
    try:
        told = " ".join(repr(value).split())
    except Exception:  # its own repr raises, or it is a whole number of thousands of digits
        return f"something of type {type(value).__name__}"
    return told if len(told) <= 60 else f"{told[:57]}..."


def _at_one_point(function, point):
    """What a function says of one point; where math.log or Python's own numbers know no answer, NumPy's: not a number, or inf."""
    try:
        return function(*point)
    except OverflowError:
        return np.inf
    except ZeroDivisionError:
        return np.nan
    except ValueError as error:
        if "math domain" in str(error) or "expected a" in str(error):  # so math says it, by version
            return np.nan
        raise


def _one_number(what, value):
    value = _real(what, value)
    if value.size != 1:
        raise ValueError(f"{what} gives {value.size} numbers at one point, and should give one")
    return float(value.reshape(()))


def _is_plain(value):
    """Is it an array of floats already? (It nearly always is, and this is asked at every step.)"""
    return type(value) is np.ndarray and value.dtype.char == "d"


def _real(what, value):
    """An array of floats; ValueError for what is no array of real numbers."""
    if np.ma.isMaskedArray(value):
        raise ValueError(f"{what} gives a masked array: what is masked would be taken for a number. Write np.where")
    try:
        array = np.asarray(value)
    except Exception:  # lists of different lengths, or an object that raises
        raise ValueError(f"{what} gives {short(value)}, which is not a number") from None
    if array.dtype.kind == "c":
        raise ValueError(f"{what} gives complex numbers, such as {array.flat[0]}: a power or a root of something negative? Loss and slope are real")
    try:
        if array.dtype.kind not in "fiubO":
            raise TypeError
        return array.astype(float)
    except Exception:
        raise ValueError(f"{what} gives {short(value)}, which is not a number that fits a float") from None


def _size(values, axis=None):
    """The median size of what is finite, 0 where nothing is."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # nothing finite
        return np.nan_to_num(np.nanmedian(np.where(np.isfinite(values), np.abs(values), np.nan), axis=axis))


def _sub(i):
    return str(i).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
