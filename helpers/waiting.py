"""How far a long computation is: a bar in the notebook, a line in a terminal, nothing where it is done within a second."""

import os
import sys
from contextlib import contextmanager
from time import monotonic

from IPython import get_ipython
from IPython.display import HTML, ProgressBar, display

SOON = 1.0   # seconds before anything is shown
OFTEN = 0.2  # seconds between two pictures of the bar
COMPARED = "PYTEST_CURRENT_TEST"  # stands in the environment of a kernel that nbval started
_running = []  # a computation inside another one says nothing of its own


class Waiting:
    """`with Waiting(300, "steps") as waiting:` around a loop, `waiting.at(t)` in it. Nothing stays on the screen afterwards."""

    def __init__(self, total, what):
        self.total, self.what, self.bar = total, what, None

    def __enter__(self):
        self.outermost, self.next = not _running, monotonic() + SOON
        _running.append(self)
        return self

    def at(self, done):
        """So many are done. Costs next to nothing while there is nothing to show."""
        if self.outermost and monotonic() >= self.next:
            self.next = monotonic() + OFTEN
            self.bar = self.bar or _made(self.total, self.what)
            if self.bar:
                self.bar.say(done)

    def __exit__(self, *_):
        _running.remove(self)
        if self.bar is not None:
            self.bar.clear()
        return False


@contextmanager
def quiet():
    """`with quiet():` around a callback, where there is no cell whose output could take the bar."""
    _running.append(None)
    try:
        yield
    finally:
        _running.remove(None)


def _made(total, what):
    """A bar or a line, by where we are; None where a line would fill a log, and where outputs are compared: on a slow machine
    a bar would be one output too many."""
    if not hasattr(get_ipython(), "kernel"):
        return _Line(total, what) if sys.stderr.isatty() else None
    return None if COMPARED in os.environ else _Bar(total, what)


class _Bar(ProgressBar):
    """IPython's bar, with words beside it."""

    def __init__(self, total, what):
        super().__init__(total)
        self.what, self.html_width, self.handle = what, "30ex", None

    def __repr__(self):
        return f"{super().__repr__()} {self.what}"

    def _repr_html_(self):
        return f"<label>{super()._repr_html_()} {self._progress} of {self.total} {self.what}</label>"

    def say(self, done):
        self._progress = done
        if self.handle is None:
            self.handle = display(self, display_id=True)
        else:
            self.handle.update(self)

    def clear(self):
        self.handle.update(HTML(""))


class _Line(_Bar):
    """The same in a terminal: one line, written over and over."""

    def say(self, done):
        self._progress = done
        print(f"\r{self!r}", end="", file=sys.stderr, flush=True)

    def clear(self):
        print("\r" + " " * len(repr(self)), end="\r", file=sys.stderr, flush=True)
