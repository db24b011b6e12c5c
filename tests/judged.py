"""What a check is held to: the state it answers with, and the words in its reason."""

from helpers import exercises
from helpers.exercises.keeper import keeper


def wrong(exercise, said, *answer, **parts):
    verdict = exercises.check(exercise, *answer, **parts)
    assert verdict.state == "wrong" and said in verdict.reason, verdict
    return verdict


def right(exercise, *answer, **parts):
    verdict = exercises.check(exercise, *answer, **parts)
    assert verdict.state == "right" and verdict.reason, verdict
    return verdict


def waits(exercise, said, *answer, **parts):
    verdict = exercises.check(exercise, *answer, **parts)
    assert verdict.state == "open" and said in verdict.reason and keeper.get("exercises", exercise) == {}, verdict
