"""The stored trajectories of PyTorch, Keras, optax, TensorFlow and d2l: the cases, their surfaces, and how far a rule of ours is from one."""

import json
from pathlib import Path

import numpy as np

from helpers.descent import descend
from helpers.schedules import exponential
from helpers.surfaces import Surface, beale, himmelblau, rosenbrock

FILE = np.load(Path(__file__).parent / "golden" / "trajectories.npz")
DOC = json.loads(FILE["meta_json"].tobytes())
CASES = DOC["cases"]
TOLERANCE = 1e-9


class LeftOut(Exception):
    """A convention that none of the rules in question has; the message names it."""


def distance(case, rule, knobs, memory):
    """The largest difference of the whole stored trajectory from that of `rule`, relative to its size (at least 1)."""
    stored = FILE["traj_" + case["id"]]
    run = descend(rule, surface_of(case), steps=case["steps"], start=case["start"], memory=memory, **knobs)
    rows = slice(None) if case["stored_steps"] == "all" else case["stored_steps"]
    assert run.w[rows].shape == stored.shape
    return np.abs(run.w[rows] - stored).max() / max(1, np.abs(stored).max())


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
