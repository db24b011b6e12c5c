"""A figure whose runs take long shows the present setting first; its other settings are computed afterwards, part by part."""

import asyncio

import numpy as np

from helpers.waiting import quiet

LONG = 20_000  # of `effort`: some seconds
A_STEP = 500  # numbers that a step of a run costs as much as, however few it has
PAUSE = 0.05  # seconds between two parts, in which the kernel answers others


def effort(engine):
    """How much work all runs of a figure are, from its sizes alone."""
    n = engine.sweep.start.size
    return sum(engine.steps * (1 + lane.count * n / A_STEP) for lane in engine.lanes)


class Later:
    """The settings of an engine that wait: `.left` says whether there are any, `.go_on()` computes some and gives their message."""

    def __init__(self, engine):
        self.engine, self.generation, self.parts = engine, engine.generation, []
        for i, lane in enumerate(engine.lanes):
            here, *near = lane.near()
            rest = sorted(set(range(lane.count)) - {here, *near}) if engine.in_advance(lane) else []
            most = max(16, 3_000_000 // (engine.sweep.keep["steps"].size * engine.sweep.start.size))
            self.parts += [
                (k > 0, i, positions[j : j + most])
                for k, positions in enumerate((near, rest))
                for j in range(0, len(positions), most)
            ]
        self.parts.sort(key=lambda part: part[0])  # what is near comes first, of every rule

    @property
    def left(self):
        return bool(self.parts) and self.generation == self.engine.generation

    def go_on(self):
        engine = self.engine
        _, which, positions = self.parts.pop(0)
        lanes = list(zip(engine.lanes, engine.frames))
        done = [
            engine.packed(lane, frames, positions if i == which else [])
            for i, (lane, frames) in enumerate(lanes)
        ]
        engine.full_parts = [_joined(old, new) for old, new in zip(engine.full_parts, done)]
        return engine.message(done)


def _joined(old, new):
    """Two lots of packed positions as one, in order."""
    positions = [*old[0], *new[0]]
    order = np.argsort(positions)
    return [positions[i] for i in order], *(np.concatenate(both)[order] for both in zip(old[1:], new[1:]))


def in_the_background(later, send, finished):
    """Go on with `later` whenever the kernel is idle: `send(message)` each part, and in the end call `finished()`. False where nothing runs in the background."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return False

    def some():
        if not later.left:
            return
        with quiet():
            send(later.go_on())
        if later.left:
            loop.call_later(PAUSE, some)
        else:
            finished()

    loop.call_later(PAUSE, some)
    return True
