"""Stop code of the reader that never comes back, on every system: no signals, so it works on Windows and in any thread.

A second thread looks at the clock. Where Python has no threads (in a browser, for instance) the call looks at it itself,
each time that a loop in it goes round.
"""

import sys
import threading
from time import monotonic

LIMIT = 5.0  # seconds that one call may take; the slowest honest rule (10⁷ weights) needs a fiftieth of it
TOOL = 4  # a number of sys.monitoring that no debugger, profiler or measure of coverage has by custom
_inside = []  # watches that look at the clock from inside their calls, the outermost first


class NeverEnds(BaseException):
    """Raised inside the call that took too long. Not an Exception, so that `except Exception` in the reader's code lets it through."""


class Watch:
    """`with Watch() as watch:` around a loop, `watch.call(function, ...)` for each call that must return within `limit` seconds."""

    def __init__(self, limit=None):
        self.limit = LIMIT if limit is None else limit
        self.since = None
        self.stopped = False  # was the present call told to stop?
        self.lock = threading.Lock()
        self.over = threading.Event()
        self.alone = False  # no second thread looks

    def __enter__(self):
        self.thread = threading.get_ident()
        try:
            threading.Thread(target=self._look, daemon=True).start()
        except RuntimeError:  # this Python cannot start a thread
            self.alone = True
            _inside.append(self)
            if len(_inside) == 1:
                _begin_to_look()
        return self

    def __exit__(self, *_):
        self.over.set()
        if self.alone:
            _inside.remove(self)
            if not _inside:
                _end_to_look()
        return False

    def call(self, function, *arguments, **named):
        """What the function returns. NeverEnds where it was told to stop, also where a bare `except:` in it swallowed that:
        what a call makes of a loop that was broken off is not its answer. (And CPython 3.12 and 3.13 do not let it be
        swallowed: what a callback of sys.monitoring raises at a jump leaves the function past its own handlers.)
        """
        self.stopped, self.since = False, monotonic()
        before = _trace_lines() if self.alone else None
        try:
            result = function(*arguments, **named)
            if self.stopped:
                raise NeverEnds
            return result
        finally:
            if before:
                sys.settrace(before[0])
            with self.lock:  # so that the exception never arrives after the call has come back
                self.since = None

    def is_late(self):
        return self.since is not None and monotonic() - self.since > self.limit

    def _look(self):
        import ctypes  # where there are no threads this may be missing, too

        while not self.over.wait(self.limit / 10):
            with self.lock:  # and again at the next look, for a loop with a bare `except:` in it
                if self.is_late():
                    self.stopped = True
                    ctypes.pythonapi.PyThreadState_SetAsyncExc(
                        ctypes.c_ulong(self.thread), ctypes.py_object(NeverEnds)
                    )


# without threads


def _look_inside(*_):
    late = [watch for watch in _inside if watch.is_late()]
    for watch in late:
        watch.stopped = True
    if late:
        raise NeverEnds


def _monitoring():
    """sys.monitoring, or None before Python 3.12: there every line of the call is traced, which is slower."""
    return getattr(sys, "monitoring", None)


def _begin_to_look():
    events = _monitoring()
    if events is not None:
        events.use_tool_id(TOOL, "watchdog")
        events.register_callback(TOOL, events.events.JUMP, _look_inside)
        events.set_events(TOOL, events.events.JUMP)  # every loop jumps back


def _end_to_look():
    events = _monitoring()
    if events is not None:
        events.set_events(TOOL, 0)
        events.register_callback(TOOL, events.events.JUMP, None)
        events.free_tool_id(TOOL)


def _trace_lines():
    """Trace from here on where there is no sys.monitoring: (the trace function set before,), or None if nothing is traced."""
    if _monitoring() is not None:
        return None
    before = sys.gettrace()
    if before is not _trace:
        sys.settrace(_trace)
    return (before,)


def _trace(frame, event, argument):
    _look_inside()
    return _trace
