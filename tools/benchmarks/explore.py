"""What one explore() costs: sweep, packing and backdrop, and the whole against a bare grid of `descend`. python tools/benchmarks/explore.py"""

import sys
import time
from pathlib import Path

import matplotlib
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
matplotlib.use("Agg")

from helpers import figures  # noqa: E402
from helpers.descent import descend  # noqa: E402
from helpers.explorer import explore  # noqa: E402
from helpers.surfaces import ravine, turned_ravine  # noqa: E402
from helpers.update_rules import adagrad, adam, gradient_descent, rmsprop  # noqa: E402


def milliseconds(job, times=5):
    job()
    taken = []
    for _ in range(times):
        begin = time.perf_counter()
        job()
        taken.append(time.perf_counter() - begin)
    return 1e3 * np.median(taken)


def parts(rules, ghosts, steps):
    """(whole, sweep of everything, packing it, backdrop, bare grid of descend) in milliseconds."""
    def make():
        explore(*rules, on=ravine, ghost=ghosts, steps=steps).close_all()

    figure = explore(*rules, on=ravine, ghost=ghosts, steps=steps)
    engine = figure.engine
    swept = [(lane, frames, list(engine.sweep.run(lane, range(lane.count)))) for lane, frames in zip(engine.lanes, engine.frames)]

    def bare():
        for lane in engine.lanes:
            descend(lane.rule, ravine, steps, keep="w", **lane.arguments({name: np.array(v) for name, v in lane.knobs_at(range(lane.count)).items()}))

    return [
        milliseconds(make),
        milliseconds(lambda: [list(engine.sweep.run(lane, range(lane.count))) for lane, _, _ in swept]),
        milliseconds(lambda: [frames.pack(part, run) for _, frames, runs in swept for part, run in runs]),
        milliseconds(lambda: figures.backdrop(ravine, 840, 640)),
        milliseconds(bare),
        sum(lane.count for lane in engine.lanes),
    ]


def main():
    print(f"{'':34} {'runs':>6} {'explore':>10} {'sweep':>9} {'packing':>9} {'backdrop':>9} {'bare grid':>10} {'ratio':>6}")
    for name, rules, ghosts, steps in [
        ("gradient descent", (gradient_descent,), (), 100), ("RMSprop, ghost Adagrad", (rmsprop,), (adagrad,), 100),
        ("Adam", (adam,), (), 100), ("RMSprop, 500 steps", (rmsprop,), (), 500), ("RMSprop, 5000 steps", (rmsprop,), (), 5000),
    ]:
        whole, sweep, packing, backdrop, bare, runs = parts(rules, ghosts, steps)
        print(f"{name:34} {runs:6} {whole:7.0f} ms {sweep:6.0f} ms {packing:6.0f} ms {backdrop:6.0f} ms {bare:7.0f} ms {whole / bare:6.1f}")
    figure = explore(rmsprop, on=turned_ravine, condition=(1, 100), angle=[0, 30, 60])
    angle = figure.controls["angle"]
    print(f"{'surface changed, RMSprop':34} {'':6} {milliseconds(lambda: setattr(angle, 'index', (angle.index + 1) % 3)):7.0f} ms")
    figure = explore(rmsprop, on=ravine, ghost=adagrad)
    print(f"{'start moved, RMSprop, Adagrad':34} {'':6} {milliseconds(lambda: figure.move_start((-2, 1))):7.0f} ms")
    print(f"{'start under the hand (near only)':34} {'':6} {milliseconds(lambda: figure._hear(None, {'kind': 'start', 'at': [0.3, 0.4]}, [])):7.0f} ms")


if __name__ == "__main__":
    main()
