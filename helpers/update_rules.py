"""The update rules: each gives the change in w, elementwise, in as many lines as its formula has.

Before the lone `*` stand the gradient and what the rule remembers, after it the knobs. A rule with a memory
returns (change, new memory ...); it keeps nothing itself, so the same lines serve two weights, a whole network,
or three thousand runs side by side.

Symbols: g = ∂L/∂w, eta = η the learning rate, alpha = α the momentum, beta = β the decay of a moving average,
eps = ε the small number, G what a rule remembers of g², m a moving average of g, t a counter of updates.
The *rate* is what multiplies g, the *step* is rate × g; η is only the knob.
"""

import numpy as np


def gradient_descent(g, *, eta=0.1):
    """One rate for every weight:  Δw = −η g.

    where g is the gradient ∂L/∂w (any shape) and η > 0 the learning rate, in units of w²/L.
    Limit: on a curvature h it settles only while η h < 2, so the steepest direction sets the pace of all.
    Source: Cauchy, Comptes rendus 25, 1847, pp. 536-538.
    """
    return -eta * g


def momentum(g, last=0.0, *, eta=0.1, alpha=0.9):
    """Keep a share of the last change:  Δw = −η g + α · the last Δw.

    where g is the gradient, `last` the change of the step before (0 at first), η > 0 the learning rate and α in
    [0, 1) the share that is kept. The weights of past gradients add up to 1/(1 − α), so momentum sums, it does not average.
    With α = 0 it is gradient descent. Limit: it overshoots and rings; a steady slope is walked 1/(1 − α) times as fast.
    Source: Polyak, USSR Comp. Math. and Math. Phys. 4(5), 1964, pp. 1-17.
    """
    dw = alpha * last - eta * g
    return dw, dw


def nesterov(g, v=0.0, *, eta=0.1, alpha=0.9):
    """Momentum that looks ahead:  v = α v − η g,  Δw = α v − η g.

    where v is the velocity (0 at first), η > 0 the learning rate, α in [0, 1) the share of v that is kept. This is the form in
    which g is taken where the weights are, as PyTorch and Keras write it; the weights stored are the ones looked ahead to.
    Limit: the gain over momentum is proven for smooth convex losses and exact gradients; noise takes it away.
    Source: Nesterov, Soviet Math. Doklady 27(2), 1983, pp. 372-376; this form: Sutskever et al., ICML 2013.
    """
    v = alpha * v - eta * g
    return alpha * v - eta * g, v


def adagrad(g, G=0.0, *, eta=0.4, eps=1e-8):
    """Divide each weight's rate by the root of its squared gradients so far:  G = G + g²,  Δw = −η / (√G + ε) · g.

    where G is the sum of squared gradients of that weight (0 at first; Keras, optax and TensorFlow start it at 0.1), η > 0 is
    the longest step a weight can take, in units of w, and ε ≥ 0 stands outside the root, in units of g.
    G never falls, so the rate never rises. Limit: under gradients that do not die out the rate falls like t^−½, for good.
    Source: Duchi, Hazan, Singer, JMLR 12, 2011, pp. 2121-2159.
    """
    G = G + g**2
    dw = -eta / (np.sqrt(G) + eps) * g
    return dw, G


def rmsprop(g, G=0.0, *, eta=0.1, beta=0.9, eps=1e-8):
    """Let G forget:  G = β G + (1 − β) g²,  Δw = −η / (√G + ε) · g.

    where G is a moving average of g² over about 1/(1 − β) steps (0 at first), η > 0 the learning rate in units of w, β in [0, 1)
    the share of the old G that is kept, ε ≥ 0 outside the root, in units of g. One line differs from Adagrad.
    Limit: the first step is η/√(1 − β), not η, for G starts at 0; and it does not settle: close to a minimum its rate rises
    until it steps to and fro by about η/2, unless ε or a falling η stops it.
    Source: Hinton, Neural Networks for Machine Learning, lecture 6, 2012 (unpublished slides).
    """
    G = beta * G + (1 - beta) * g**2
    dw = -eta / (np.sqrt(G) + eps) * g
    return dw, G


def adam(g, m=0.0, G=0.0, t=0, *, eta=0.1, beta1=0.9, beta2=0.999, eps=1e-8):
    """Average g and g², both corrected for their start at 0:  Δw = −η m̂ / (√Ĝ + ε).

    where m = β₁ m + (1 − β₁) g and G = β₂ G + (1 − β₂) g² are moving averages (0 at first), t counts updates, m̂ = m/(1 − β₁ᵗ)
    and Ĝ = G/(1 − β₂ᵗ), η > 0 is about the length of a step, in units of w, and ε ≥ 0 stands outside the root.
    With β₁ = 0 it is RMSprop with its start corrected. Limit: it need not converge, not even on convex losses (Reddi et al., 2018).
    Source: Kingma and Ba, arXiv:1412.6980, algorithm 1.
    """
    t = t + 1
    m = beta1 * m + (1 - beta1) * g
    G = beta2 * G + (1 - beta2) * g**2
    dw = -eta * (m / (1 - beta1**t)) / (np.sqrt(G / (1 - beta2**t)) + eps)
    return dw, m, G, t
