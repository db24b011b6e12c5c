"""your_framework(): the calls of PyTorch, Keras, optax and TensorFlow for one rule, with their defaults, and how far ours are from what they compute.

Where a library is installed, it is run; where it is not, the table tells of runs of it that were stored (tests/golden), each the library's own path.
"""

from html import escape

import numpy as np

from helpers.descent import descend
from helpers.framework_runs import library_run
from helpers.frameworks import CALLS, INSIDE, NONE
from helpers.looks import look
from helpers.surfaces import given

STEPS = 200
HEADINGS = ("rule", "call", "η", "β or α", "ε, and where", "G starts at", "corrected", "largest difference")
STORED = {  # call: (how many stored runs of it there are, below what their largest distance from our path lies, in units of the path's size)
    "torch_sgd": (32, 1e-14), "keras_sgd": (32, 1e-14), "optax_sgd": (24, 1e-14),
    "torch_adagrad": (32, 1e-14), "keras_adagrad": (16, 1e-14), "optax_adagrad": (16, 1e-14), "tf1_adagrad": (8, 1e-14),
    "torch_rmsprop": (32, 1e-9), "keras_rmsprop": (16, 1e-9), "optax_rmsprop": (16, 1e-9), "optax_rmsprop_corrected": (8, 1e-9), "tf1_rmsprop": (8, 1e-9),
    "torch_adam": (16, 1e-14), "keras_adam": (16, 1e-14), "optax_adam": (8, 1e-14), "optax_adam_inside": (8, 1e-14),
}


class Table:
    """A table that shows itself; `.rows` are tuples of texts, as in HEADINGS."""

    def __init__(self, title, rows):
        self.title, self.rows = title, rows

    def __repr__(self):
        return "\n".join([self.title, *(" | ".join(row) for row in self.rows)])

    def _repr_html_(self):
        tight = "text-align:left;padding:.3em;font-size:.9em"  # eight columns, in a window of 1 100 pixels
        head = "".join(f'<th scope="col" style="{tight}">{escape(name)}</th>' for name in HEADINGS)
        body = "".join("<tr>" + f'<th scope="row" style="{tight}">{escape(row[0])}</th><td style="{tight}"><code style="white-space:normal">{_may_break(row[1])}</code></td>'
                       + "".join(f'<td style="{tight}">{escape(part)}</td>' for part in row[2:]) + "</tr>" for row in self.rows)
        return f'<div style="overflow-x:auto" tabindex="0"><table><caption style="text-align:left">{escape(self.title)}</caption><tr>{head}</tr>{body}</table></div>'


def _may_break(call):
    """A call as HTML that may go on in another line after a dot and after a parenthesis, so that the table fits its cell."""
    return escape(call).replace(".", ".<wbr>").replace("(", "(<wbr>")


def gradients(steps=STEPS):
    """What both are handed: gradients of many sizes from a fixed seed, wherever the weight stands, so that no rounding can grow."""
    rng = np.random.default_rng(10)
    return given(rng.normal(size=steps) * 10.0 ** rng.uniform(-1, 1, size=steps))


def difference(call):
    """The largest relative distance of the library's path from ours over 200 steps. Raises ImportError where it is not installed."""
    theirs = library_run(call.rule, gradients(), STEPS)
    ours = descend(call.rule, gradients(), STEPS).w
    return float(np.abs(theirs - ours).max() / np.abs(ours).max())


def compared(call):
    """In words: what 200 steps of the library here come to, or what its stored runs do."""
    try:
        return f"{difference(call):.0e}, run here"
    except ImportError:
        many, bound = STORED.get(call.rule.__name__, (0, 0))
        return f"< {bound:.0e}, {many} stored runs".replace("e-", "e−") if many else "not installed here"


def your_framework(*rules, compare=True):
    """A table of the library calls that are these rules, of gradient_descent, momentum, nesterov, adagrad, rmsprop and adam.

    η, β and ε are the library's defaults; "ours" where it asks for a value. With `compare` each library that is installed runs 200 steps, and
    of the others the stored runs are told. Raises ValueError for a rule that no library call is listed for.
    """
    if not rules:
        raise TypeError("your_framework needs a rule, or several: your_framework(adagrad)")
    rows = []
    for rule in rules:
        name = getattr(rule, "__name__", rule)
        calls = [call for call in CALLS.values() if call.like.__name__ == name]
        if not calls:
            raise ValueError(f"no library call is listed for {name!r}; there are some for {', '.join(sorted({c.like.__name__ for c in CALLS.values()}))}")
        rows += [(look(rule).label, *_row(call, compare)) for call in calls]
    return Table("What the libraries call each rule, and how they begin", rows)


def _row(call, compare):
    knobs = call.knobs
    names = {ours: theirs for theirs, ours in call.arguments.items() if not isinstance(ours, tuple)}
    told = {name: f"{value:g}" + " (ours)" * (names.get(name) in call.ours) for name, value in knobs.items()}
    share = " / ".join(text for name, text in told.items() if name in ("alpha", "beta", "beta1", "beta2")) or "–"
    eps = "none" if call.eps == NONE else f"{told['eps']} {call.eps}" + (", in units of g²" if call.eps == INSIDE else "")
    start = "–" if call.start is None else f"{call.start:g}"
    return (call.text, told["eta"], share, eps, start, "–" if call.start is None else "yes" if call.corrected else "no", compared(call) if compare else "–")
