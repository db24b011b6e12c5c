"""The update rules: what the mathematics promises of each, and 500 given gradients against references written otherwise."""

import inspect
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from helpers import update_rules
from helpers.descent import descend
from helpers.frameworks import CALLS
from helpers.surfaces import ravine
from helpers.update_rules import adagrad, adam, gradient_descent, momentum, nesterov, rmsprop

RULES = [gradient_descent, momentum, nesterov, adagrad, rmsprop, adam]
ALL = [*RULES, *(call.rule for call in CALLS.values())]
gradients = arrays(float, st.tuples(st.integers(1, 40), st.integers(1, 3)), elements=st.floats(-1e6, 1e6, allow_subnormal=False))
nonzero = st.floats(1e-6, 1e6) | st.floats(-1e6, -1e-6)
rates = st.floats(1e-4, 10)
shares = st.floats(0, 0.999)


class Given:
    """A surface whose gradients are given, whatever the weights: row t at step t."""

    def __init__(self, gradients):
        self.gradients, self.start = np.asarray(gradients), np.zeros(np.shape(gradients)[-1])

    def at(self, t):
        return Fixed(self.gradients[t], self.start)

    def loss(self, w):
        raise AssertionError("descend asks the surface of the step")

    gradient = loss


class Fixed:
    def __init__(self, g, start):
        self.g, self.start = g, start

    def loss(self, w):
        return np.zeros(w.shape[:-1])

    def gradient(self, w):
        return np.broadcast_to(self.g, w.shape)


def follow(rule, gradients, **knobs):
    return descend(rule, Given(gradients), steps=len(gradients), **knobs)


# one contract for every rule


@pytest.mark.parametrize("rule", ALL)
def test_a_rule_leaves_what_it_is_given_as_it_was(rule):
    parameters = inspect.signature(rule).parameters.values()
    memory = [np.full((3, 2), 2.0) for p in parameters if p.kind is not p.KEYWORD_ONLY][1:]
    g = np.arange(6.0).reshape(3, 2) - 2.5
    kept = [x.copy() for x in (g, *memory)]
    rule(g, *memory)
    for x, before in zip((g, *memory), kept):
        assert np.array_equal(x, before)


@pytest.mark.parametrize("rule", ALL)
def test_a_rule_answers_each_element_as_if_it_were_alone(rule):
    rng = np.random.default_rng(3)
    g = rng.normal(size=(40, 5, 3)) * 10.0 ** rng.integers(-3, 4, size=(40, 5, 3))
    together = descend_open(rule, g)
    assert together.dtype == np.float64
    for i, j in np.ndindex(5, 3):
        alone = descend_open(rule, g[:, i, j])
        assert np.allclose(together[:, i, j], alone, rtol=1e-14, atol=0)


def descend_open(rule, gradients):
    memory, out = [], []
    for g in gradients:
        answer = rule(g, *memory)
        dw, *memory = answer if isinstance(answer, tuple) else (answer,)
        out.append(dw)
    return np.array(out)


@pytest.mark.parametrize("rule", RULES)
def test_a_docstring_has_formula_symbols_limit_source(rule):
    first, *rest = rule.__doc__.strip().splitlines()
    text = " ".join(rest)
    assert "Δw =" in rule.__doc__ and "where " in text and "Limit: " in text.replace("limit", "Limit") and "Source: " in text
    for name, p in inspect.signature(rule).parameters.items():
        symbol = {"eta": "η", "alpha": "α", "beta": "β", "beta1": "β₁", "beta2": "β₂", "eps": "ε"}.get(name, name)
        assert symbol in rule.__doc__, f"{name} is not explained"
        assert p.kind is p.KEYWORD_ONLY or name == "g" or p.default == 0


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_of_the_module_is_tested_here(rule):
    public = {f for name, f in vars(update_rules).items() if inspect.isfunction(f) and not name.startswith("_")}
    assert public == set(RULES)


@pytest.mark.parametrize("rule", [adagrad, rmsprop])
def test_adagrad_and_rmsprop_are_two_lines(rule):
    body = inspect.getsource(rule).split('"""')[2].strip().splitlines()
    assert len(body) == 3 and body[-1].strip() == "return dw, G"
    assert body[1].strip() == "dw = -eta / (np.sqrt(G) + eps) * g"


# what each promises


@given(gradients, rates)
def test_adagrads_G_never_falls_so_its_rate_never_rises(g, eta):
    run = follow(adagrad, g, eta=eta)
    assert (np.diff(run.G, axis=0) >= 0).all()
    assert (np.diff(run.rate, axis=0) <= 0).all()


@given(gradients, rates)
def test_gradient_descents_rate_never_changes(g, eta):
    rate = follow(gradient_descent, g, eta=eta).rate
    assert np.isclose(rate, eta, rtol=1e-14, atol=0).all() and (rate[1:] == rate[:-1]).all()


@given(st.lists(nonzero, min_size=1, max_size=4), st.floats(-9, 9), rates)
def test_adagrads_first_step_is_eta_whatever_the_scale_of_the_gradient(g, decade, eta):
    g = np.array(g) * 10**decade
    first = follow(adagrad, [g], eta=eta, eps=0).dw[0]
    assert np.allclose(first, -eta * np.sign(g), rtol=1e-14, atol=0)
    nearly = follow(adagrad, [g], eta=eta, eps=1e-9 * np.abs(g).min()).dw[0]
    assert np.allclose(nearly, -eta * np.sign(g), rtol=2e-9, atol=0)


@given(gradients, shares)
def test_rmsprops_G_lies_between_0_and_the_largest_squared_gradient_so_far(g, beta):
    G = follow(rmsprop, g, beta=beta).G[1:]
    assert (G >= 0).all()
    assert (G <= np.maximum.accumulate(g**2, axis=0) * (1 + 1e-13)).all()


@given(nonzero, shares, rates)
def test_rmsprops_first_step_is_eta_over_the_root_of_1_minus_beta(g, beta, eta):
    assert np.isclose(follow(rmsprop, [[g]], eta=eta, beta=beta, eps=0).step[0, 0], eta / math.sqrt(1 - beta), rtol=1e-13)


def test_rmsprop_forgets_an_early_spike_and_adagrad_does_not():
    g = np.ones((200, 1))
    g[0] = 1000
    assert follow(rmsprop, g, eta=0.1).rate[-1, 0] == pytest.approx(0.1, rel=1e-3)
    assert follow(adagrad, g, eta=0.1).rate[-1, 0] < 1.01e-4


def test_under_a_steady_gradient_adagrads_rate_falls_like_one_over_the_root_of_t():
    rate = follow(adagrad, np.full((400, 1), 3.0), eta=0.6, eps=0).rate[:, 0]
    assert np.allclose(rate, 0.6 / 3 / np.sqrt(np.arange(1, 401)), rtol=1e-13)


@pytest.mark.parametrize("rule", [adagrad, rmsprop])
@given(g=gradients, eta=rates)
def test_an_eps_far_above_the_root_of_G_is_gradient_descent_with_eta_over_eps(rule, g, eta):
    eps = 1e9 * (1 + np.abs(g).max() * math.sqrt(len(g)))
    adaptive, plain = follow(rule, g, eta=eta, eps=eps).dw, follow(gradient_descent, g, eta=eta / eps).dw
    assert np.allclose(adaptive, plain, rtol=2e-9, atol=0)


@pytest.mark.parametrize("rule", [adagrad, rmsprop])
@given(scale=st.floats(1e-6, 1e6), eta=st.floats(0.01, 1))
def test_scaling_the_loss_leaves_the_path_unchanged_for_eps_0(rule, scale, eta):
    run = descend(rule, ravine, steps=8, eta=eta, eps=0)
    scaled = descend(rule, Scaled(ravine, scale), steps=8, eta=eta, eps=0)
    assert np.allclose(run.w, scaled.w, rtol=1e-9, atol=1e-9)


class Scaled:
    def __init__(self, surface, scale):
        self.surface, self.scale, self.start = surface, scale, surface.start

    def loss(self, w):
        return self.scale * self.surface.loss(w)

    def gradient(self, w):
        return self.scale * self.surface.gradient(w)


@pytest.mark.parametrize("rule", [momentum, nesterov])
@given(g=gradients, eta=rates)
def test_without_momentum_it_is_gradient_descent(rule, g, eta):
    assert np.array_equal(follow(rule, g, eta=eta, alpha=0).dw, follow(gradient_descent, g, eta=eta).dw)


def test_momentum_walks_a_steady_slope_1_over_1_minus_alpha_times_as_fast():
    steps = follow(momentum, np.ones((400, 1)), eta=0.1, alpha=0.9).step[:, 0]
    assert steps[0] == pytest.approx(0.1) and steps[-1] == pytest.approx(0.1 / (1 - 0.9))


@given(gradients, st.floats(0, 0.99))
def test_adam_without_averaging_g_is_rmsprop_with_its_start_corrected(g, beta):
    eps = 1e-8
    dw = follow(adam, g, eta=0.1, beta1=0, beta2=beta, eps=eps).dw
    G = follow(rmsprop, g, beta=beta).G[1:]
    corrected = G / (1 - beta ** np.arange(1, len(g) + 1))[:, None]
    assert np.allclose(dw, -0.1 / (np.sqrt(corrected) + eps) * g, rtol=1e-10, atol=0)


@given(nonzero, st.floats(0, 0.99), st.floats(0, 0.999))
def test_adams_first_step_is_eta_whatever_its_decays(g, beta1, beta2):
    assert np.isclose(follow(adam, [[g]], eta=0.3, beta1=beta1, beta2=beta2, eps=0).dw[0, 0], -0.3 * np.sign(g), rtol=1e-12)


# 500 given gradients against closed forms, summed exactly (math.fsum), with no recursion in them

rng = np.random.default_rng(500)
FIVE_HUNDRED = rng.normal(size=(500, 3)) * 10.0 ** rng.uniform(-2, 2, size=(500, 3))


def decayed(terms, share):
    """Σ share^(t − k) · term_k for each t."""
    return [math.fsum(share ** (t - k) * terms[k] for k in range(t + 1)) for t in range(len(terms))]


def gradient_descent_closed(g):
    return [-0.07 * x for x in g]


def momentum_closed(g):
    return [-0.07 * s for s in decayed(g, 0.9)]


def nesterov_closed(g):
    return [-0.07 * (0.9 * s + x) for s, x in zip(decayed(g, 0.9), g)]


def adagrad_closed(g):
    return [-0.07 * x / (math.sqrt(math.fsum(y * y for y in g[: t + 1])) + 1e-3) for t, x in enumerate(g)]


def rmsprop_closed(g):
    return [-0.07 * x / (math.sqrt((1 - 0.9) * s) + 1e-3) for s, x in zip(decayed([y * y for y in g], 0.9), g)]


def adam_closed(g):
    m, v = decayed(g, 0.9), decayed([y * y for y in g], 0.999)
    return [-0.07 * (0.1 * m[t] / (1 - 0.9 ** (t + 1))) / (math.sqrt((1 - 0.999) * v[t] / (1 - 0.999 ** (t + 1))) + 1e-3) for t in range(len(g))]


OPEN = [
    (gradient_descent, gradient_descent_closed, {}),
    (momentum, momentum_closed, {"alpha": 0.9}),
    (nesterov, nesterov_closed, {"alpha": 0.9}),
    (adagrad, adagrad_closed, {"eps": 1e-3}),
    (rmsprop, rmsprop_closed, {"beta": 0.9, "eps": 1e-3}),
    (adam, adam_closed, {"beta1": 0.9, "beta2": 0.999, "eps": 1e-3}),
]


@pytest.mark.parametrize("rule, closed, knobs", OPEN, ids=[r.__name__ for r, _, _ in OPEN])
def test_500_given_gradients_agree_with_the_closed_form(rule, closed, knobs):
    run = follow(rule, FIVE_HUNDRED, eta=0.07, **knobs)
    wanted = np.array([closed(list(map(float, g))) for g in FIVE_HUNDRED.T]).T
    # where past gradients cancel, rounding is measured against what cancels
    size = np.maximum.accumulate(np.abs(wanted), axis=0) if rule in (momentum, nesterov, adam) else np.abs(wanted)
    assert (np.abs(run.dw - wanted) <= 1e-12 * size).all()
    path = np.array([[math.fsum(column[:t]) for column in wanted.T] for t in range(501)])
    assert np.abs(run.w - path).max() <= 1e-12 * np.abs(wanted).sum(0).max()


def test_the_closed_forms_cover_every_rule():
    assert {rule for rule, _, _ in OPEN} == set(RULES)
