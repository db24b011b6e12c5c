"""The stored trajectories of PyTorch, Keras, optax, TensorFlow and d2l against the update rules, each through `descend`.

A case runs where the six rules express it exactly, if need be by algebra:
- the same path while the rate is constant: momentum with the rate outside (PyTorch) is momentum with the rate inside;
- with a falling rate the share α is multiplied by η(t)/η(t − 1); a first v of g, dampened later, is a larger first η;
- Adagrad's ε inside the root is a start of G that is ε higher, with ε = 0; `lr_decay` is the schedule η/(1 + decay · t);
- RMSprop with bias correction is Adam with β₁ = 0; Keras' Adam, (√v + ε)/√(1 − β₂ᵗ), is ε/√(1 − β₂ᵗ) as a schedule.
What is left is another rule, not another setting: those conventions are counted and named.
"""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from helpers.descent import descend
from helpers.schedules import exponential, inverse_time
from helpers.surfaces import Surface, beale, himmelblau, rosenbrock
from helpers.update_rules import adagrad, adam, gradient_descent, momentum, nesterov, rmsprop

FILE = np.load(Path(__file__).parent / "golden" / "trajectories.npz")
DOC = json.loads(FILE["meta_json"].tobytes())
CASES = DOC["cases"]
EXPRESSED, TOLERANCE = 296, 1e-9


class LeftOut(Exception):
    """A convention that no setting of the six rules gives."""


# the surfaces of the file


class Quadratic:
    """½ (w − c)ᵀ A (w − c)."""

    def __init__(self, A, c):
        self.A, self.c, self.start = A, c, np.zeros(len(c))

    def loss(self, w):
        return 0.5 * ((w - self.c) * self.gradient(w)).sum(-1)

    def gradient(self, w):
        return (w - self.c) @ self.A


class Logistic:
    """Mean log loss of a linear classifier, and λ/2 |w|²."""

    def __init__(self, X, y, lam):
        self.X, self.y, self.lam, self.start = X, y, lam, np.zeros(X.shape[1])

    def loss(self, w):
        z = w @ self.X.T
        return (np.logaddexp(0, z) - self.y * z).mean(-1) + self.lam / 2 * (w * w).sum(-1)

    def gradient(self, w):
        z = w @ self.X.T
        return (1 / (1 + np.exp(-z)) - self.y) @ self.X / len(self.y) + self.lam * w


def surface_of(case):
    p = {name: FILE[value[1:]] if isinstance(value, str) and value.startswith("@") else value for name, value in DOC["params"][case["params"]].items()}
    kind = case["surface"]
    if kind == "quad1d":
        return Surface(kind, lambda x: p["h"] / 2 * (x - p["c"]) ** 2, lambda x: (p["h"] * (x - p["c"]),), start=[0], view=(-5, 5))
    if kind == "quad2d":
        return Surface(kind, lambda x, y: (p["l1"] * x**2 + p["l2"] * y**2) / 2, lambda x, y: (p["l1"] * x, p["l2"] * y), start=[1, 1], view=((-5, 5), (-5, 5)))
    if kind == "saddle":
        return Surface(kind, lambda x, y: p["a"] * x**2 - p["b"] * y**2, lambda x, y: (2 * p["a"] * x, -2 * p["b"] * y), start=[1, 1], view=((-5, 5), (-5, 5)))
    if kind == "rosenbrock":
        assert (p["a"], p["b"]) == (1, 100)
    if kind == "quadn":
        return Quadratic(np.asarray(p["A"]), np.asarray(p["c"]))
    if kind == "logreg":
        return Logistic(np.asarray(p["X"]), np.asarray(p["y"]), p["lam"])
    return {"rosenbrock": rosenbrock, "beale": beale, "himmelblau": himmelblau}[kind]


# the conventions of the file, as settings of ours


def schedule_of(h):
    """η(t), and the share by which it falls from step to step."""
    s = h.get("schedule")
    if s is None:
        return h["lr"], lambda t: 1.0
    every, gamma = s.get("every", 1), s["gamma"]
    if s["kind"] == "exponential":
        return exponential(eta=h["lr"], decay=gamma ** (1 / every)), lambda t: gamma ** (1 / every)
    eta = lambda t: h["lr"] * gamma ** (t // every)  # noqa: E731
    return eta, lambda t: eta(t) / eta(max(t - 1, 0))


def setting(case):
    """(rule, knobs, memory) for a case; LeftOut with the convention where there is none."""
    h = dict(case["hparams"])
    known = {"lr", "schedule", "form", "momentum", "dampening", "eps", "eps_where", "init_acc", "lr_decay", "beta", "beta1", "beta2", "bias_correction", "centered"}
    eta, falls = schedule_of(h)
    rule, inside = case["rule"], h.get("eps_where") == "inside"
    if rule in ("adadelta", "adamw", "amsgrad"):
        raise LeftOut(rule)
    assert set(h) <= known, f"{case['id']}: a setting that this test does not know: {set(h) - known}"
    if rule == "sgd":
        return gradient_descent, {"eta": eta}, {}
    if rule in ("momentum", "nesterov"):
        alpha, mu = h["momentum"], h["momentum"]
        if h["form"] == "lr_outside" and "schedule" in h:
            assert rule == "momentum"
            alpha = lambda t: mu * falls(t)  # noqa: E731
        if h.get("dampening"):
            assert "schedule" not in h
            eta = lambda t: h["lr"] * (1 if t == 0 else 1 - h["dampening"])  # noqa: E731
        return {"momentum": momentum, "nesterov": nesterov}[rule], {"eta": eta, "alpha": alpha}, {}
    if rule == "adagrad":
        if "lr_decay" in h:
            eta = inverse_time(eta=h["lr"], decay=h["lr_decay"])
        G = h.get("init_acc", 0)
        return adagrad, {"eta": eta, "eps": 0 if inside else h["eps"]}, {"G": G + h["eps"] if inside else G}
    if rule == "rmsprop":
        for convention in ("momentum", "centered"):
            if h.get(convention):
                raise LeftOut(f"rmsprop, {convention}")
        if inside:
            raise LeftOut("rmsprop, ε inside the root")
        if h.get("bias_correction"):
            return adam, {"eta": eta, "beta1": 0, "beta2": h["beta"], "eps": h["eps"]}, {}
        return rmsprop, {"eta": eta, "beta": h["beta"], "eps": h["eps"]}, {"G": h.get("init_acc", 0)}
    if rule == "adam":
        if inside:
            raise LeftOut("adam, ε inside the root")
        eps = h["eps"] if h["eps_where"] == "outside_hat" else lambda t: h["eps"] / np.sqrt(1 - h["beta2"] ** (t + 1))
        return adam, {"eta": eta, "beta1": h["beta1"], "beta2": h["beta2"], "eps": eps}, {}
    raise AssertionError(f"{case['id']}: a rule that this test does not know: {rule}")


def difference(case):
    """The largest difference of the whole stored trajectory, relative to its size (at least 1)."""
    rule, knobs, memory = setting(case)
    stored = FILE["traj_" + case["id"]]
    run = descend(rule, surface_of(case), steps=case["steps"], start=case["start"], memory=memory, **knobs)
    rows = slice(None) if case["stored_steps"] == "all" else case["stored_steps"]
    assert run.w[rows].shape == stored.shape
    return np.abs(run.w[rows] - stored).max() / max(1, np.abs(stored).max())


def expressed():
    for case in CASES:
        try:
            setting(case)
        except LeftOut:
            continue
        yield case


@pytest.mark.parametrize("framework", ["torch", "keras", "optax", "tf1", "d2l"])
def test_every_case_that_the_rules_express_follows_the_stored_trajectory(framework):
    wrong = {case["id"]: d for case in expressed() if case["framework"] == framework and not (d := difference(case)) <= TOLERANCE}
    assert not wrong


def test_as_many_cases_run_as_the_rules_express_and_the_rest_is_named(record_property):
    ran, left, worst = Counter(), Counter(), 0.0
    for case in CASES:
        try:
            worst = max(worst, difference(case))
            ran[case["framework"]] += 1
        except LeftOut as convention:
            left[str(convention)] += 1
    told = f"golden trajectories: {sum(ran.values())} of {len(CASES)} ran (" + ", ".join(f"{name} {count}" for name, count in sorted(ran.items()))
    told += f"), largest difference {worst:.1e}; left out, as they are other rules: " + ", ".join(f"{name} {count}" for name, count in sorted(left.items()))
    record_property("told", told)  # said at the end, by conftest.py
    assert len(CASES) == 480 and sum(ran.values()) == EXPRESSED and sum(left.values()) == 480 - EXPRESSED
    assert worst <= TOLERANCE


def test_a_wrong_setting_would_be_noticed():
    """The comparison has teeth: another eps, start of G, or decay fails on most of the cases that have one."""
    noticed, tried = Counter(), Counter()
    for case in expressed():
        rule, knobs, memory = setting(case)
        spoilt = {"beta": {"beta": 0.89}, "G": {}, "eta": {"eta": 1.000001 * case["hparams"]["lr"]}}
        for what, change in spoilt.items():
            if (what == "beta" and rule is not rmsprop) or (what == "G" and rule is not adagrad) or "schedule" in case["hparams"]:
                continue
            tried[what] += 1
            stored = FILE["traj_" + case["id"]]
            start_at = {"G": memory.get("G", 0) + 0.1} if what == "G" else memory
            run = descend(rule, surface_of(case), steps=case["steps"], start=case["start"], memory=start_at, **{**knobs, **change})
            rows = slice(None) if case["stored_steps"] == "all" else case["stored_steps"]
            noticed[what] += not np.abs(run.w[rows] - stored).max() <= TOLERANCE * max(1, np.abs(stored).max())
    for what in tried:
        assert noticed[what] >= 0.9 * tried[what] > 0
