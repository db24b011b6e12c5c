"""library_run(): the path that a library's own optimiser takes, for comparison with its rule in `helpers.frameworks`.

Nothing here is needed to follow the series: a library is imported when it is asked for, and may be missing.
"""

import contextlib
import functools
import importlib
import importlib.util
import os
import sys

import numpy as np

from helpers import knobs as facts
from helpers.frameworks import CALLS

PACKAGES = {"torch": "torch", "keras": "keras jax", "optax": "optax", "tf1": "tensorflow"}  # what to install


def library_run(rule, surface, steps=50, start=None, **knobs):
    """Walk down `surface` with the library's own optimiser: -> path (steps + 1, n), float64, row 0 the start.

    rule     a rule of helpers.frameworks or its name, as "torch_adagrad": its call in CALLS is the one that is made
    surface  anything with .start, .gradient(w), and .at(t) where it changes with time; the library is handed its gradients
    steps    how many, 1 or more
    start    where to begin, one number a weight (the surface's start)
    knobs    numbers by our names, as eta=0.1; the others are as in the rule's signature

    The path is that of `descend(rule, surface, ...).w` but for rounding. Keras on TensorFlow rounds its knobs to seven digits, and a path to
    five: where Keras has not been imported yet, it is asked to run on JAX or PyTorch, if one of them is installed.
    Raises ImportError with what to install where the library is missing, ValueError or TypeError that says what to write instead.
    """
    name, call = _named(rule)
    for knob, value in knobs.items():
        if knob not in call.knobs:
            raise TypeError(f"{name} has no knob {knob!r}.{facts.suggest(knob, list(call.knobs))}")
        if not isinstance(value, (int, float, np.integer, np.floating)):
            raise TypeError(f"library_run takes one number for {knob}, and no schedule or array; got {value!r}")
        facts.check(knob, value)
    if isinstance(steps, bool) or not isinstance(steps, (int, np.integer)) or steps < 1:
        raise ValueError(f"steps must be a whole number, 1 or more; got {steps!r}")
    if not all(hasattr(surface, part) for part in ("start", "gradient")):
        raise TypeError(f"library_run takes a rule and a surface, as in library_run({name!r}, ravine); got {surface!r}")
    try:
        w = np.array(surface.start if start is None else start, dtype=float).reshape(np.size(surface.start))
    except (TypeError, ValueError):
        raise ValueError(f"start must be {np.size(surface.start)} numbers, one a weight; got {start!r}") from None
    library = library_of(name)
    make = functools.partial(functools.reduce(getattr, call.path.split(".")[1:], library), **call.options)
    path = [w]
    with OPTIMISERS[_family(name)](library, make, call.filled(**knobs), w) as step:
        for t in range(steps):  # not descend: the optimiser keeps its memory to itself, and must be asked once a step
            here = surface.at(t) if hasattr(surface, "at") else surface
            path.append(step(np.asarray(here.gradient(path[-1].copy()), dtype=float)))
    return np.array(path)


def library_of(rule):
    """The library that a rule of helpers.frameworks is named after, imported: torch, keras, optax or tensorflow. Raises ImportError as above."""
    name, call = _named(rule)
    family = _family(name)
    if family == "keras" and "keras" not in sys.modules:
        for backend in ("jax", "torch"):
            if importlib.util.find_spec(backend):
                os.environ.setdefault("KERAS_BACKEND", backend)  # a choice that the reader has made stays
    try:
        return importlib.import_module({"tf1": "tensorflow"}.get(family, family))
    except ImportError as error:
        raise ImportError(
            f"{name} can be compared with {call.library} where that is installed, and here it cannot be imported ({error}): "
            f"run `%pip install {PACKAGES[family]}` in a cell. Everything else works without it."
        ) from error


def _named(rule):
    name = getattr(rule, "__name__", str(rule))
    if name not in CALLS:
        raise ValueError(f"helpers.frameworks has no rule {name!r}.{facts.suggest(name, list(CALLS))}")
    return name, CALLS[name]


def _family(name):
    return name.partition("_")[0]


# one optimiser on one array of weights: step(g) hands it a gradient and returns where the weights are then


@contextlib.contextmanager
def _torch(torch, make, arguments, start):
    w = torch.tensor(start, requires_grad=True)
    optimiser = make([w], **arguments)

    def step(g):
        w.grad = torch.tensor(g)
        optimiser.step()
        return w.detach().numpy().copy()

    yield step


@contextlib.contextmanager
def _keras(keras, make, arguments, start):
    before = keras.config.floatx()
    keras.config.set_floatx("float64")  # otherwise the learning rate is kept to seven digits
    try:
        with _float64_in_jax() if keras.config.backend() == "jax" else contextlib.nullcontext():
            w, optimiser = keras.Variable(start, dtype="float64"), make(**arguments)

            def step(g):
                optimiser.apply([keras.ops.convert_to_tensor(g, dtype="float64")], [w])
                return np.array(keras.ops.convert_to_numpy(w.value))

            yield step
    finally:
        keras.config.set_floatx(before)


@contextlib.contextmanager
def _optax(optax, make, arguments, start):
    with _float64_in_jax():
        optimiser = make(**arguments)
        w = importlib.import_module("jax.numpy").asarray(start)
        memory = optimiser.init(w)

        def step(g):
            nonlocal w, memory
            dw, memory = optimiser.update(g, memory, w)
            w = optax.apply_updates(w, dw)
            return np.array(w)

        yield step


@contextlib.contextmanager
def _tf1(tf, make, arguments, start):
    w = tf.Variable(start)
    optimiser = make(**{name: np.float64(value) for name, value in arguments.items()})  # a plain number would be kept to seven digits

    def step(g):
        optimiser.apply_gradients([(tf.constant(g), w)])
        return w.numpy().copy()

    yield step


def _float64_in_jax():
    jax = importlib.import_module("jax")
    if hasattr(jax, "enable_x64"):
        return jax.enable_x64(True)
    return importlib.import_module("jax.experimental").enable_x64()  # older versions


OPTIMISERS = {"torch": _torch, "keras": _keras, "optax": _optax, "tf1": _tf1}
