"""How much the loop costs: `descend` against the bare NumPy loop, in the same run. python tools/benchmarks/descend.py"""

import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from helpers.descent import descend  # noqa: E402
from helpers.surfaces import ravine  # noqa: E402
from helpers.update_rules import rmsprop  # noqa: E402

STEPS = 100


def bare(eta, beta, eps, runs=()):
    """The least that a loop can do: the path alone, no loss, no checks."""
    w = np.broadcast_to(ravine.start, (*runs, 2)).copy()
    G, path = np.zeros_like(w), np.empty((STEPS + 1, *w.shape))
    path[0] = w
    for t in range(STEPS):
        g = np.stack([0.2 * w[..., 0], 4 * w[..., 1]], axis=-1)
        G = beta * G + (1 - beta) * g**2
        w = w - eta / (np.sqrt(G) + eps) * g
        path[t + 1] = w
    return path


def milliseconds(job, times):
    job()
    taken = []
    for _ in range(times):
        begin = time.perf_counter()
        job()
        taken.append(time.perf_counter() - begin)
    return 1e3 * np.median(taken)


def main():
    grid = [part.reshape(-1) for part in np.meshgrid(np.geomspace(1e-3, 3, 41), np.linspace(0, 0.99, 9), np.geomspace(1e-8, 1, 8), indexing="ij")]
    cases = [("1 run", (), [0.1, 0.9, 1e-8], 50), (f"{grid[0].size} runs", grid[0].shape, grid, 9)]
    print(f"{'rmsprop on the ravine, ' + str(STEPS) + ' steps':36} {'bare loop':>10} {'descend':>10} {'ratio':>7} {'path only':>10} {'ratio':>7}")
    for name, runs, (eta, beta, eps), times in cases:
        floor = milliseconds(lambda: bare(*[np.asarray(x)[..., None] for x in (eta, beta, eps)], runs), times)
        whole = milliseconds(lambda: descend(rmsprop, ravine, steps=STEPS, eta=eta, beta=beta, eps=eps), times)
        path = milliseconds(lambda: descend(rmsprop, ravine, steps=STEPS, keep="w", eta=eta, beta=beta, eps=eps), times)
        print(f"{name:36} {floor:7.2f} ms {whole:7.2f} ms {whole / floor:7.1f} {path:7.2f} ms {path / floor:7.1f}")


if __name__ == "__main__":
    main()
