"""What a check is held to: the state it answers with, the words in its reason, and how long that takes."""

import time

from helpers import exercises
from helpers.exercises.keeper import keeper


def wrong(exercise, said, *answer, **parts):
    verdict = exercises.check(exercise, *answer, **parts)
    assert verdict.state == "wrong" and said in verdict.reason, verdict
    return verdict


def right(exercise, *answer, **parts):
    began = time.perf_counter()
    verdict = exercises.check(exercise, *answer, **parts)
    assert verdict.state == "right" and verdict.reason, verdict
    assert time.perf_counter() - began < 2
    return verdict


def waits(exercise, said, *answer, **parts):
    verdict = exercises.check(exercise, *answer, **parts)
    assert verdict.state == "open" and said in verdict.reason and keeper.get("exercises", exercise) == {}, verdict
