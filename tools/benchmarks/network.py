"""How much it costs to train the network: `descend` against its matrix products alone, and against PyTorch. python tools/benchmarks/network.py"""

import sys
import time
import tracemalloc
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from helpers.descent import descend  # noqa: E402
from helpers.network import digits  # noqa: E402
from helpers.update_rules import adagrad, rmsprop  # noqa: E402

try:
    import torch
except ImportError:
    torch = None

STEPS = digits.updates_an_epoch - 1  # the last batch of an epoch is smaller
BESIDE = (1, 4, 16, 64, 125)
RATES = {adagrad: 0.18, rmsprop: 0.018}


def microseconds(jobs, times=5):
    """Medians of the jobs {name: job}, asked for in turn: a busy moment of the machine meets them all."""
    taken = {name: [] for name in jobs}
    for turn in range(times + 1):
        for name, job in jobs.items():
            begin = time.perf_counter()
            job()
            taken[name].append(time.perf_counter() - begin)
    return {name: 1e6 * np.median(each[1:]) for name, each in taken.items()}


def etas(rule, networks):
    return RATES[rule] if networks == 1 else RATES[rule] * np.geomspace(0.1, 1, networks)


def products(networks):
    """The five matrix products of a step forwards and back, and nothing else: what no code on this machine can do without."""
    lead = () if networks == 1 else (networks,)
    x, draw = digits.at(0).inputs, np.random.default_rng(0)
    W1, W2, h, d = (draw.normal(size=(*lead, *shape)) for shape in ((64, 32), (32, 10), (32, 32), (32, 10)))

    def run():
        for _ in range(STEPS):
            x @ W1, h @ W2, np.swapaxes(h, -1, -2) @ d, d @ np.swapaxes(W2, -1, -2), x.T @ h

    return run


def in_pytorch(rule):
    """One network of the same start and batches in float64. Its batches lie ready, and like `descend` it keeps every loss."""
    batches = [(torch.tensor(batch.inputs), torch.tensor(batch.labels)) for batch in map(digits.at, range(STEPS))]
    made, options = {adagrad: (torch.optim.Adagrad, {}), rmsprop: (torch.optim.RMSprop, {"alpha": 0.9})}[rule]

    def run():
        model = torch.nn.Sequential(torch.nn.Linear(64, 32), torch.nn.Tanh(), torch.nn.Linear(32, 10)).double()
        with torch.no_grad():
            for part, name in zip(model.parameters(), digits.layers):
                part.copy_(torch.tensor(digits.part(name, digits.start).T.copy()))
        optimizer, losses = made(model.parameters(), lr=RATES[rule], eps=1e-8, **options), []
        for inputs, labels in batches:
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(model(inputs), labels)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return losses

    return run


def step_costs():
    rules = list(RATES)
    print(f"{repr(digits)[1:-1]}; µs for one step of one network")
    beside = f" {'PyTorch':>9} {'ratio':>6}" if torch else ""
    print(f"{'networks side by side':22} {'products':>9}" + "".join(f" {rule.__name__:>9} {'ratio':>6}{beside}" for rule in rules))
    rows = []
    for networks in BESIDE:
        jobs = {"products": products(networks)}
        for rule in rules:
            jobs[rule] = lambda rule=rule: descend(rule, digits, STEPS, keep="loss", eta=etas(rule, networks))
            if torch:
                jobs["torch", rule] = in_pytorch(rule)
        taken = microseconds(jobs)
        each = {name: t / STEPS / (1 if isinstance(name, tuple) else networks) for name, t in taken.items()}  # PyTorch trained one
        line = f"{networks:<22} {each['products']:9.1f}"
        for rule in rules:
            line += f" {each[rule]:9.1f} {each[rule] / each['products']:6.1f}"
            if torch:
                line += f" {each['torch', rule]:9.1f} {each[rule] / each['torch', rule]:6.2f}"
        print(line)
        rows.append(each)
    alone, many = rows[0], rows[-1]
    if torch:
        compared = f"; PyTorch, one by one, takes {np.median([row['torch', rmsprop] for row in rows]) / many[rmsprop]:.1f} times as long."
    else:
        compared = "; PyTorch is not installed here (pip install torch), so it was not compared."
    print(f"Reading: a step of RMSprop costs {alone[rmsprop] / alone['products']:.0f} times its matrix products alone "
          f"and {many[rmsprop] / many['products']:.0f} times with {BESIDE[-1]} networks side by side, "
          f"which is {alone[rmsprop] / many[rmsprop]:.1f} times cheaper for each than one by one{compared}")


def sweep(networks=125, steps=300):
    def run():
        return descend(rmsprop, digits, steps, keep="loss", eta=etas(rmsprop, networks))

    begin = time.perf_counter()
    run()
    seconds = time.perf_counter() - begin
    tracemalloc.start()  # in a run of its own, for it slows everything down
    run()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    weights = networks * digits.n * 8
    print(f"\nA sweep of {networks} networks, {steps} steps of RMSprop, recording the loss alone: {seconds:.1f} s and {peak / 1e6:.0f} MB at its peak, "
          f"{peak / weights:.0f} times the weights of all networks ({weights / 1e6:.1f} MB).")


if __name__ == "__main__":
    step_costs()
    sweep()
