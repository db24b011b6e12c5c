"""What PyTorch, Keras, optax and TensorFlow 1 compute: one rule a call, with that library's defaults, and the table CALLS of what they differ in.

A rule is named after its call, and is written as what it is of the lecture's: `torch_adagrad` is `adagrad` with other defaults, `keras_adagrad`
puts ε inside the root. Above each stands the call, with our names in the place of values. Three things set the adaptive rules apart, and each
shows in a path: ε outside the root, √G + ε, is in units of g, and inside, √(G + ε), in units of g², where it acts like √ε outside; a G that
starts above 0 shortens the first steps; and bias correction takes the start at 0 out of an average.

`CALLS["keras_adagrad"]` has .library, .text (the call), .defaults (by the library's names), .eps, .start, .corrected and .differs (in words).
Where a library asks for a value, the default here is that of the lecture's rule; `.ours` names these arguments.
As in torch 2.13, keras 3.15, optax 0.2.8 and tensorflow 2.21 (tf.compat.v1.train); `helpers.framework_runs` runs the libraries themselves.
"""

import ast
import inspect
from typing import Callable, NamedTuple

import numpy as np

from helpers.update_rules import adagrad, adam, gradient_descent, momentum, nesterov, rmsprop

LIBRARIES = {"torch": "PyTorch", "keras": "Keras", "optax": "optax", "tf1": "TensorFlow 1"}
OUTSIDE, EARLY, INSIDE, NONE = "outside the root", "outside the root, before the correction", "inside the root", "none"
CALLS = {}  # name of the rule: Call


class Call(NamedTuple):
    """What a library's call computes. Values and starts are those of the rule's signature."""

    rule: Callable
    like: Callable   # the lecture's rule of that kind
    text: str        # the call, with our names in the place of values
    arguments: dict  # the library's argument -> our name for it (a tuple of names where it takes a pair)
    options: dict    # what the call sets besides: {"nesterov": True}
    eps: str         # where ε stands: outside the root (before the correction), inside the root, none
    corrected: bool  # is G corrected for its start at 0?
    ours: tuple      # the library's arguments that it asks for, or leaves off: their defaults are ours
    differs: str     # from the lecture's rule, in words

    @property
    def library(self):
        return LIBRARIES[self.rule.__name__.partition("_")[0]]

    @property
    def path(self):
        """What is called: "torch.optim.Adagrad"."""
        return self.text.partition("(")[0]

    @property
    def start(self):
        """Where G starts, or None where there is no G."""
        return self._values().get("G")

    @property
    def defaults(self):
        """{the library's argument: its default here}"""
        return self.filled()

    @property
    def knobs(self):
        """{our name: default}"""
        return {p.name: p.default for p in inspect.signature(self.rule).parameters.values() if p.kind is p.KEYWORD_ONLY}

    def filled(self, **values):
        """{the library's argument: value}, from values by our names; what is not given is the rule's default."""
        values = {**self._values(), **values}
        return {name: tuple(values[part] for part in ours) if isinstance(ours, tuple) else values[ours] for name, ours in self.arguments.items()}

    def _values(self):
        return {p.name: p.default for p in inspect.signature(self.rule).parameters.values()}


def call(text, like, eps=NONE, corrected=False, ours=()):
    """Enter the rule below in CALLS, and what is known of it in its docstring."""
    arguments, options = {}, {}
    for keyword in ast.parse(text, mode="eval").body.keywords:
        value = keyword.value
        if isinstance(value, ast.Constant):
            options[keyword.arg] = value.value
        else:
            arguments[keyword.arg] = tuple(part.id for part in value.elts) if isinstance(value, ast.Tuple) else value.id

    def enter(rule):
        differs = inspect.cleandoc(rule.__doc__ or "")
        entry = CALLS[rule.__name__] = Call(rule, like, text, arguments, options, eps, corrected, tuple(ours), differs)
        known = [f"{entry.library}: {text}"]
        if eps != NONE:
            known.append(f"ε stands {eps}, in units of {'g²' if eps == INSIDE else 'g'}.")
        elif entry.start is not None:
            known.append("There is no ε.")
        if entry.start is not None:
            known.append(f"G starts at {entry.start:g}, and is {'corrected for that' if corrected else 'not corrected for its start'}.")
        if ours:
            known.append(f"The default of {', '.join(ours)} is ours: {entry.library} asks for a value, or leaves it off.")
        rule.__doc__ = "\n".join([differs, "", *known])
        return rule

    return enter


def _inside(G, eta, eps):
    """The rate with ε inside the root."""
    return eta / np.sqrt(G + eps)


# gradient descent and momentum


@call("torch.optim.SGD(lr=eta, momentum=alpha)", momentum)
def torch_sgd(g, v=0.0, *, eta=1e-3, alpha=0.0):
    """v sums gradients, and η multiplies the sum: a new η acts on past gradients as well. While η is constant, the path is the lecture's.

    With α = 0 it is gradient descent.
    """
    v = alpha * v + g
    return -eta * v, v


@call("torch.optim.SGD(lr=eta, momentum=alpha, nesterov=True)", nesterov, ours=["momentum"])
def torch_sgd_nesterov(g, v=0.0, *, eta=1e-3, alpha=0.9):
    """v sums gradients, and η multiplies the sum. While η is constant, the path is that of `nesterov`."""
    _, v = torch_sgd(g, v, alpha=alpha)
    return -eta * (g + alpha * v), v


@call("keras.optimizers.SGD(learning_rate=eta, momentum=alpha)", momentum)
def keras_sgd(g, last=0.0, *, eta=1e-2, alpha=0.0):
    """The lecture's momentum; with α = 0 it is gradient descent."""
    return momentum(g, last, eta=eta, alpha=alpha)


@call("keras.optimizers.SGD(learning_rate=eta, momentum=alpha, nesterov=True)", nesterov, ours=["momentum"])
def keras_sgd_nesterov(g, v=0.0, *, eta=1e-2, alpha=0.9):
    """The same as `nesterov`."""
    return nesterov(g, v, eta=eta, alpha=alpha)


@call("optax.sgd(learning_rate=eta, momentum=alpha)", momentum, ours=["learning_rate"])
def optax_sgd(g, v=0.0, *, eta=0.1, alpha=0.0):
    """PyTorch's: η multiplies the sum."""
    return torch_sgd(g, v, eta=eta, alpha=alpha)


@call("optax.sgd(learning_rate=eta, momentum=alpha, nesterov=True)", nesterov, ours=["learning_rate", "momentum"])
def optax_sgd_nesterov(g, v=0.0, *, eta=0.1, alpha=0.9):
    """PyTorch's: η multiplies the sum."""
    return torch_sgd_nesterov(g, v, eta=eta, alpha=alpha)


@call("tf.compat.v1.train.GradientDescentOptimizer(learning_rate=eta)", gradient_descent, ours=["learning_rate"])
def tf1_gradient_descent(g, *, eta=0.1):
    """The lecture's gradient descent."""
    return gradient_descent(g, eta=eta)


@call("tf.compat.v1.train.MomentumOptimizer(learning_rate=eta, momentum=alpha)", momentum, ours=["learning_rate", "momentum"])
def tf1_momentum(g, v=0.0, *, eta=0.1, alpha=0.9):
    """PyTorch's: η multiplies the sum."""
    return torch_sgd(g, v, eta=eta, alpha=alpha)


# Adagrad


@call("torch.optim.Adagrad(lr=eta, initial_accumulator_value=G, eps=eps)", adagrad, OUTSIDE)
def torch_adagrad(g, G=0.0, *, eta=1e-2, eps=1e-10):
    """The lecture's Adagrad. (`lr_decay` is the schedule `inverse_time`.)"""
    return adagrad(g, G, eta=eta, eps=eps)


@call("keras.optimizers.Adagrad(learning_rate=eta, initial_accumulator_value=G, epsilon=eps)", adagrad, INSIDE)
def keras_adagrad(g, G=0.1, *, eta=1e-3, eps=1e-7):
    """The lecture's G from another start, and ε inside the root. At this η it crawls: no step is longer than 0.001."""
    _, G = adagrad(g, G)
    return -_inside(G, eta, eps) * g, G


@call("optax.adagrad(learning_rate=eta, initial_accumulator_value=G, eps=eps)", adagrad, INSIDE, ours=["learning_rate"])
def optax_adagrad(g, G=0.1, *, eta=0.4, eps=1e-7):
    """Keras' Adagrad, but a weight that has met no gradient stays where it is, even with ε = 0."""
    dw, G = keras_adagrad(g, G, eta=eta, eps=eps)
    return np.where(G == 0, 0.0, dw), G


@call("tf.compat.v1.train.AdagradOptimizer(learning_rate=eta, initial_accumulator_value=G)", adagrad, ours=["learning_rate"])
def tf1_adagrad(g, G=0.1, *, eta=0.4):
    """The lecture's Adagrad without ε: the start of G alone keeps the rate finite."""
    return adagrad(g, G, eta=eta, eps=0.0)


# RMSprop


@call("torch.optim.RMSprop(lr=eta, alpha=beta, eps=eps)", rmsprop, OUTSIDE)
def torch_rmsprop(g, G=0.0, *, eta=1e-2, beta=0.99, eps=1e-8):
    """The lecture's RMSprop; β is called alpha, and by default averages over 100 steps, not 10: its first step is 10 η."""
    return rmsprop(g, G, eta=eta, beta=beta, eps=eps)


@call("keras.optimizers.RMSprop(learning_rate=eta, rho=beta, epsilon=eps)", rmsprop, INSIDE)
def keras_rmsprop(g, G=0.0, *, eta=1e-3, beta=0.9, eps=1e-7):
    """The lecture's G, and ε inside the root: the default acts like 3e-4 outside."""
    _, G = rmsprop(g, G, beta=beta)
    return -_inside(G, eta, eps) * g, G


@call("optax.rmsprop(learning_rate=eta, decay=beta, eps=eps, initial_scale=G, eps_in_sqrt=True)", rmsprop, INSIDE, ours=["learning_rate"])
def optax_rmsprop(g, G=0.0, *, eta=0.1, beta=0.9, eps=1e-8):
    """Keras' RMSprop with a smaller ε."""
    return keras_rmsprop(g, G, eta=eta, beta=beta, eps=eps)


@call("optax.rmsprop(learning_rate=eta, decay=beta, eps=eps, initial_scale=G, eps_in_sqrt=False, bias_correction=True)", rmsprop, OUTSIDE, corrected=True,
      ours=["learning_rate"])
def optax_rmsprop_corrected(g, G=0.0, t=0, *, eta=0.1, beta=0.9, eps=1e-8):
    """Adam that does not average g: the first step is η, not η/√(1 − β)."""
    dw, _, G, t = adam(g, 0.0, G, t, eta=eta, beta1=0.0, beta2=beta, eps=eps)
    return dw, G, t


@call("tf.compat.v1.train.RMSPropOptimizer(learning_rate=eta, decay=beta, epsilon=eps)", rmsprop, INSIDE, ours=["learning_rate"])
def tf1_rmsprop(g, G=1.0, *, eta=0.1, beta=0.9, eps=1e-10):
    """Keras' RMSprop from another start of G, which TensorFlow fixes: the first steps are short where g is below 1, instead of long."""
    return keras_rmsprop(g, G, eta=eta, beta=beta, eps=eps)


# Adam


@call("torch.optim.Adam(lr=eta, betas=(beta1, beta2), eps=eps)", adam, OUTSIDE, corrected=True)
def torch_adam(g, m=0.0, G=0.0, t=0, *, eta=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    """Adam as it was published (algorithm 1): Δw = −η m̂ / (√Ĝ + ε)."""
    return adam(g, m, G, t, eta=eta, beta1=beta1, beta2=beta2, eps=eps)


@call("keras.optimizers.Adam(learning_rate=eta, beta_1=beta1, beta_2=beta2, epsilon=eps)", adam, EARLY, corrected=True)
def keras_adam(g, m=0.0, G=0.0, t=0, *, eta=1e-3, beta1=0.9, beta2=0.999, eps=1e-7):
    """ε joins √G before that is corrected, so it acts like ε/√(1 − β₂ᵗ): like 32 ε at the first step."""
    _, m, G, t = adam(g, m, G, t, beta1=beta1, beta2=beta2)
    corrected = np.sqrt(1 - beta2**t) / (1 - beta1**t)
    return -eta * corrected * m / (np.sqrt(G) + eps), m, G, t


@call("optax.adam(learning_rate=eta, b1=beta1, b2=beta2, eps=eps)", adam, OUTSIDE, corrected=True, ours=["learning_rate"])
def optax_adam(g, m=0.0, G=0.0, t=0, *, eta=0.1, beta1=0.9, beta2=0.999, eps=1e-8):
    """Adam as it was published (algorithm 1): Δw = −η m̂ / (√Ĝ + ε)."""
    return adam(g, m, G, t, eta=eta, beta1=beta1, beta2=beta2, eps=eps)


@call("optax.adam(learning_rate=eta, b1=beta1, b2=beta2, eps=0.0, eps_root=eps)", adam, INSIDE, corrected=True, ours=["learning_rate", "eps_root"])
def optax_adam_inside(g, m=0.0, G=0.0, t=0, *, eta=0.1, beta1=0.9, beta2=0.999, eps=1e-8):
    """Adam with ε inside the root: Δw = −η m̂ / √(Ĝ + ε)."""
    _, m, G, t = adam(g, m, G, t, beta1=beta1, beta2=beta2)
    return -_inside(G / (1 - beta2**t), eta, eps) * m / (1 - beta1**t), m, G, t


@call("tf.compat.v1.train.AdamOptimizer(learning_rate=eta, beta1=beta1, beta2=beta2, epsilon=eps)", adam, EARLY, corrected=True)
def tf1_adam(g, m=0.0, G=0.0, t=0, *, eta=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    """Keras' Adam with a smaller ε."""
    return keras_adam(g, m, G, t, eta=eta, beta1=beta1, beta2=beta2, eps=eps)
