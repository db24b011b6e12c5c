"""Show a record to a function of the reader's, and see what it makes of records in general."""

import dis
import inspect

import numpy as np

from helpers.exercises.calling import Broke, code_of
from helpers.exercises.findings import Wrong

MISMATCHED = ("could not be broadcast", "boolean index did not match")  # what NumPy says of two arrays of unequal length


def ask(trial, function, run):
    """What the function says of the record. Raises Wrong, and says so where it counts on more weights than there are, or on rows that do not match."""
    try:
        return trial.call(function, run)
    except Broke as broke:
        if any(words in str(broke.error) for words in MISMATCHED):  # the line alone does not tell why; the hints of the exercise go on
            raise Wrong(f"{broke.reason} Row by row, two parts do not match: this record has {run.steps} steps; run.G, run.w and run.loss also have "
                        "a row for the start, run.g, run.rate and run.step have not.", broke.details) from None
        n = run.w.shape[-1]
        if isinstance(broke.error, IndexError) and n == 1:
            raise Wrong(f"{broke.reason} This record has only one weight: another record may have another number of weights than two. "
                        "How many there are says run.rate.shape[1].", broke.details, broke.hint) from None
        raise


def compares_exactly(function):
    """Is there a == in the code, or an np.array_equal?"""
    return _exact(code_of(function))


def _exact(code):
    if code is None:
        return False
    here = any(step.opname == "COMPARE_OP" and "==" in str(step.argval) for step in dis.get_instructions(code))
    return here or "array_equal" in code.co_names or any(_exact(const) for const in code.co_consts if inspect.iscode(const))


def places(result):
    """Is it what np.where, np.argwhere or np.flatnonzero give where there is nothing to find?"""
    parts = result if isinstance(result, tuple) else (result,)
    return bool(parts) and all(isinstance(part, np.ndarray) and part.dtype.kind == "i" and part.size == 0 for part in parts)


def own_copy(run):
    """A record of its own for the reader, who may spoil it."""
    own = type(run)(**run.__dict__)
    own.__dict__.update({name: part.copy() for name, part in run.__dict__.items() if isinstance(part, np.ndarray)})
    return own
