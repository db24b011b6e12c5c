"""Stop code of the reader that never comes back, on every system: no signals, so it works on Windows and in any thread."""

import ctypes
import threading
from time import monotonic

LIMIT = 5.0  # seconds that one call may take; the slowest honest rule (10⁷ weights) needs a fiftieth of it


class NeverEnds(BaseException):
    """Raised inside the call that took too long. Not an Exception, so that `except Exception` in the reader's code lets it through."""


class Watch:
    """`with Watch() as watch:` around a loop, `watch.call(function, ...)` for each call that must return within `limit` seconds."""

    def __init__(self, limit=None):
        self.limit = LIMIT if limit is None else limit
        self.since = None
        self.lock = threading.Lock()
        self.over = threading.Event()

    def __enter__(self):
        self.thread = threading.get_ident()
        threading.Thread(target=self._look, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.over.set()
        return False

    def call(self, function, *arguments, **named):
        self.since = monotonic()
        try:
            return function(*arguments, **named)
        finally:
            with self.lock:  # so that the exception never arrives after the call has come back
                self.since = None

    def _look(self):
        while not self.over.wait(self.limit / 10):
            with self.lock:  # and again at the next look, for a loop with a bare `except:` in it
                if self.since is not None and monotonic() - self.since > self.limit:
                    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self.thread), ctypes.py_object(NeverEnds))
