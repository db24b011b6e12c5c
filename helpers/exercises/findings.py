"""What an exercise is, and what a check may find in an answer."""

from typing import Callable, NamedTuple


class Exercise(NamedTuple):
    name: str        # as in check("adagrad", ...)
    notebook: str    # its number, as in "04"
    title: str       # as a table of progress has it
    todo: str        # what to write, said while there is nothing to check yet
    hints: tuple     # three, one a failed try; none says the answer
    check: Callable  # check(answer, trial) -> what to add to the praise; raises Wrong or Untouched
    parts: tuple = ()  # names of what is answered together; with more than one, `answer` is a dict, and what has no name is the first


class Wrong(Exception):
    """The answer is wrong: the reason in words, lines to be shown as code, and what to say where the hints of the exercise would miss the point.

    `hint` is a text, or several: one a failed try, as those of the exercise.
    """

    def __init__(self, reason, details=(), hint=None):
        super().__init__(reason)
        self.reason, self.details, self.hint = reason, tuple(details), hint


class Untouched(Exception):
    """There is no answer yet: nothing given, or a stub with its `...` still in it."""
