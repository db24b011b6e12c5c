"""The digits trained: as a textbook loop and PyTorch train them, side by side as alone, and as the series says."""

import functools

import numpy as np
import pytest

from helpers import data
from helpers.descent import descend
from helpers.network import digits, on_digits
from helpers.update_rules import adagrad, adam, gradient_descent, momentum, rmsprop

pytestmark = pytest.mark.usefixtures("no_warning")


def far_apart(x, y):
    """The largest difference, relative to the largest number."""
    return np.abs(x - y).max() / np.abs(y).max()


def test_training_side_by_side_is_training_each_alone():
    etas = [0.003, 0.018, 0.1]
    side = descend(rmsprop, digits, 60, eta=etas)
    assert side.how == "side by side" and side.w.shape == (61, 3, 2410)
    for i, eta in enumerate(etas):
        alone = descend(rmsprop, digits, 60, eta=eta)
        assert far_apart(side.w[:, i], alone.w) < 1e-9 and far_apart(side.loss[:, i], alone.loss) < 1e-9 and far_apart(side.G[:, i], alone.G) < 1e-9


# an independent reference: one network, one example at a time, the derivative of the softmax written out


@functools.cache
def textbook(rule, steps=200, batch=32, seed=0, **knobs):
    """The weights after each step (steps + 1, n), from the digits and a seed alone: nothing of helpers.network is used."""
    (images, labels), draw = data.digits(), np.random.default_rng([seed, 1])
    trained_on = np.random.default_rng(0).permutation(1797)[359:]
    W1, W2 = draw.normal(0, 1 / 8, (64, 32)), draw.normal(0, 1 / np.sqrt(32), (32, 10))
    weights, memory = [W1, np.zeros(32), W2, np.zeros(10)], [0.0] * 4
    path = [np.concatenate([part.ravel() for part in weights])]
    for t in range(steps):
        epoch, turn = divmod(t, -(-1438 // batch))
        order = np.random.default_rng([seed, 2, epoch]).permutation(1438)
        chosen = trained_on[order[turn * batch : (turn + 1) * batch]]
        slopes = [0.0] * 4
        for example in chosen:
            W1, b1, W2, b2 = weights
            x = images[example] / 16
            h = np.tanh(W1.T @ x + b1)
            e = np.exp(W2.T @ h + b2)
            p = e / e.sum()
            dL_dp = np.where(np.arange(10) == labels[example], -1 / p, 0)  # L = −log p of the right class
            dL_dz = (np.diag(p) - np.outer(p, p)) @ dL_dp
            dL_da = (1 / np.cosh(W1.T @ x + b1) ** 2) * (W2 @ dL_dz)
            for i, part in enumerate([np.outer(x, dL_da), dL_da, np.outer(h, dL_dz), dL_dz]):
                slopes[i] = slopes[i] + part / len(chosen)
        for i, g in enumerate(slopes):
            if rule == "gradient descent":
                change = -knobs["eta"] * g
            elif rule == "momentum":
                change = memory[i] = -knobs["eta"] * g + knobs["alpha"] * memory[i]
            else:
                old, new = (1, 1) if rule == "adagrad" else (knobs["beta"], 1 - knobs["beta"])
                memory[i] = old * memory[i] + new * g * g
                change = -knobs["eta"] * g / (np.sqrt(memory[i]) + 1e-8)
            weights[i] = weights[i] + change
        path.append(np.concatenate([part.ravel() for part in weights]))
    return np.array(path)


@pytest.mark.parametrize("rule, named, knobs", [
    (gradient_descent, "gradient descent", {"eta": 1.0}), (momentum, "momentum", {"eta": 0.18, "alpha": 0.9}),
    (adagrad, "adagrad", {"eta": 0.18}), (rmsprop, "rmsprop", {"eta": 0.018, "beta": 0.9}),
])
def test_200_steps_of_training_are_those_of_a_textbook_loop(rule, named, knobs):
    run = descend(rule, digits, 200, **knobs)
    assert far_apart(run.w, textbook(named, **knobs)) < 1e-9
    assert np.abs(run.w[-1] - run.w[0]).max() > 0.1  # it went somewhere


def test_another_seed_and_batch_are_those_of_the_textbook_loop_too():
    run = descend(adagrad, on_digits(batch=50, seed=4), 40, eta=0.1)
    assert far_apart(run.w, textbook("adagrad", steps=40, batch=50, seed=4, eta=0.1)) < 1e-9


def test_200_steps_of_training_are_those_of_pytorch(record_property):
    try:
        import torch
    except ImportError:  # nothing here depends on it, and the textbook loop has been compared all the same
        told = "not compared, PyTorch is not installed here (pip install torch); the textbook loop was compared"
        record_property("told", f"the network against torch.optim: {told}")
        return
    optim, worst = torch.optim, {}
    for rule, knobs, optimizer in [
        (gradient_descent, {"eta": 1.0}, lambda p: optim.SGD(p, lr=1.0)),
        (momentum, {"eta": 0.18, "alpha": 0.9}, lambda p: optim.SGD(p, lr=0.18, momentum=0.9)),
        (adagrad, {"eta": 0.18}, lambda p: optim.Adagrad(p, lr=0.18, eps=1e-8)),
        (rmsprop, {"eta": 0.018}, lambda p: optim.RMSprop(p, lr=0.018, alpha=0.9, eps=1e-8)),
        (adam, {"eta": 0.032}, lambda p: optim.Adam(p, lr=0.032, betas=(0.9, 0.999), eps=1e-8)),
    ]:
        model = torch.nn.Sequential(torch.nn.Linear(64, 32), torch.nn.Tanh(), torch.nn.Linear(32, 10)).double()
        parts = list(model.parameters())  # its matrices lead from the columns to the rows: ours turned over
        with torch.no_grad():
            for part, name in zip(parts, digits.layers):
                part.copy_(torch.tensor(digits.part(name, digits.start).T.copy()))
        steps, path = optimizer(parts), []
        for t in range(201):
            path.append(np.concatenate([part.detach().numpy().T.ravel() for part in parts]))
            batch = digits.at(t)
            steps.zero_grad()
            torch.nn.functional.cross_entropy(model(torch.tensor(batch.inputs)), torch.tensor(batch.labels)).backward()
            steps.step()
        worst[rule.__name__] = far_apart(descend(rule, digits, 200, **knobs).w, np.array(path))
    record_property("told", f"the network against torch.optim {torch.__version__}, 200 steps: " + ", ".join(f"{name} {x:.0e}" for name, x in worst.items()))
    assert len(worst) == 5 and max(worst.values()) < 1e-9


# what the series says about the digits


BLANK = [0, 32, 39]  # pixels that nobody ever inked


@pytest.mark.parametrize("rule", [adagrad, rmsprop])
def test_weights_of_blank_pixels_never_gather_any_G(rule):
    of_blank = {digits.weight("W1", pixel, unit) for pixel in BLANK for unit in range(32)}
    run = descend(rule, digits, 90, keep=["G", "w"])  # two epochs
    assert len(of_blank) == 96 and set(np.flatnonzero((run.G == 0).all(axis=0))) == of_blank
    assert (run.w[:, sorted(of_blank)] == run.w[0, sorted(of_blank)]).all()


@pytest.mark.parametrize("rule", [adagrad, rmsprop])
def test_without_eps_a_blank_pixel_is_0_over_0_and_not_divergence(rule):
    alone, grid = descend(rule, digits, 4, eps=0), descend(rule, digits, 4, eta=[0.01, 0.1], eps=0)
    assert alone.undefined_at == 0 and alone.diverged_at == -1 and np.isnan(digits.part("W1", alone.w[1])[BLANK]).all()
    assert grid.how == "side by side" and grid.undefined_at.tolist() == [0, 0] and grid.diverged_at.tolist() == [-1, -1]
    assert digits.accuracy(alone.w[-1]) == 0  # a network without numbers says nothing, not "0"


def test_adagrad_learns_the_digits_and_the_accuracy_is_what_a_count_gives():
    run = descend(adagrad, digits, 300, eta=0.18, keep={"steps": [0, 300]})
    for w in run.w:
        (W1, b1), (W2, b2) = digits.matrices(w)
        right = sum(np.argmax(np.tanh(x @ W1 + b1) @ W2 + b2) == label for x, label in zip(digits.held_back.inputs, digits.held_back.labels))
        assert digits.accuracy(w) == right / 359
    assert digits.accuracy(run.w[0]) < 0.3 and digits.accuracy(run.w[-1]) > 0.95


@pytest.mark.parametrize("eta", [1e6, 1e160, 1e299])
@pytest.mark.parametrize("rule", [gradient_descent, momentum, adagrad, rmsprop])
def test_a_network_that_runs_off_says_so_without_a_warning(rule, eta):
    run = descend(rule, digits, 30, eta=eta, keep=["w", "loss"])
    off = ~((np.abs(run.loss - run.loss[0]) <= 1e6 * run.loss[0]) & np.isfinite(run.w).all(axis=-1))
    assert off.any() and run.undefined_at == -1
    assert run.diverged_at == (len(off) - off[::-1].argmin() if off[-1] else -1)  # from where it never came back
    assert eta == 1e6 or run.diverged_at > 0
    assert descend(rule, digits, 30, eta=[eta, 0.01], keep="loss").diverged_at.tolist() == [run.diverged_at, -1]
