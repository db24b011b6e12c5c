"""Does a rule keep runs apart? An array that notes what is done with it tells: where every number is only added,
multiplied, compared with what stands in the same place, one run cannot notice another, whatever their numbers are.
"""

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

BY_PLACE = {
    np.where,
    np.clip,
    np.nan_to_num,
    np.zeros_like,
    np.ones_like,
    np.full_like,
    np.empty_like,
    np.copy,
    np.round,
    np.around,
    np.real,
    np.isclose,
    np.sinc,
    np.select,
}  # functions that are no ufuncs and still keep every number in its place


class Trace:
    """`.array(x)` stands for an array; `.mixes` tells afterwards whether numbers of different places may have been mixed."""

    def __init__(self):
        self.mixes = False

    def array(self, x):
        return _Traced(x, self) if isinstance(x, np.ndarray) else x

    def plain(self, x):
        """What a function that was given such arrays has returned, as arrays."""
        if isinstance(x, _Traced):
            return x.values
        return tuple(map(self.plain, x)) if isinstance(x, tuple) else x


class _Traced(NDArrayOperatorsMixin):
    """An array, and what may be done with one that keeps every number in its place. A look inside is noted."""

    def __init__(self, values, trace):
        self.values, self.trace = values, trace

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **how):
        if method != "__call__" or ufunc.signature is not None:
            axis = how.get("axis", None)
            if not (
                method == "reduce" and axis == -1 and how.get("keepdims")
            ):  # over the weights of each run by itself
                self.trace.mixes = True
        if out is not None:
            how["out"] = tuple(_open(x) for x in out)
        result = getattr(ufunc, method)(
            *map(_open, inputs), **{name: _open(value) for name, value in how.items()}
        )
        if out is not None:
            return out[0] if len(out) == 1 else out
        return self._closed(result)

    def __array_function__(self, function, types, arguments, named):
        if function not in BY_PLACE or (function is np.where and len(arguments) != 3):
            self.trace.mixes = True
        return self._closed(function(*_open(arguments), **_open(named)))

    def __array__(self, dtype=None, copy=None):
        self.trace.mixes = True
        return np.array(self.values, dtype=dtype)

    def _closed(self, result):
        if isinstance(result, tuple):
            return tuple(map(self._closed, result))
        return (
            _Traced(np.asarray(result), self.trace)
            if isinstance(result, (np.ndarray, np.generic))
            else result
        )

    def __setitem__(self, place, value):
        by_place = (
            isinstance(place, _Traced)
            and place.values.dtype == bool
            and place.values.shape == self.values.shape
            and np.ndim(_open(value)) == 0
        )
        self.trace.mixes |= not (by_place or place is Ellipsis)
        self.values[_open(place)] = _open(value)

    def copy(self):
        return _Traced(self.values.copy(), self.trace)

    def astype(self, dtype, **named):
        return _Traced(self.values.astype(dtype, **named), self.trace)

    def clip(self, *limits, **named):
        return np.clip(self, *limits, **named)

    def __getattr__(self, name):  # all else an array offers: .sum(), .shape, len(g), g[0] ...
        if name.startswith("__"):
            raise AttributeError(name)
        self.trace.mixes = True
        return getattr(self.values, name)

    def __getitem__(self, place):
        self.trace.mixes = True
        return self._closed(self.values[_open(place)])

    def __bool__(self):
        self.trace.mixes = True
        return bool(self.values)

    def __float__(self):
        self.trace.mixes = True
        return float(self.values)

    def __int__(self):
        self.trace.mixes = True
        return int(self.values)

    def __len__(self):
        self.trace.mixes = True
        return len(self.values)

    def __iter__(self):
        self.trace.mixes = True
        return iter(self.values)


def _open(x):
    if isinstance(x, _Traced):
        return x.values
    if isinstance(x, (tuple, list)):
        return type(x)(map(_open, x))
    return {name: _open(value) for name, value in x.items()} if isinstance(x, dict) else x
