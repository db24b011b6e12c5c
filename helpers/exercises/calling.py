"""Call what the reader wrote: exceptions are told as theirs, endless loops stop, what it prints is said once.

A loop in C code, such as sum(range(10**11)), does not stop: while it runs Python raises nothing, so that the
stop button waits for it, too.
"""

import builtins
import contextlib
import dis
import functools
import inspect
import io
import itertools
import linecache
import random
import re
import sys
import traceback
import warnings
from pathlib import Path
from time import monotonic

import numpy as np
from IPython.utils.capture import capture_output

from helpers.exercises.findings import Untouched, Wrong
from helpers.waiting import quiet
from helpers.watchdog import NeverEnds, Watch

HELPERS, NUMPY, LIBRARY = (str(Path(file).parent) for file in (Path(__file__).parent, np.__file__, traceback.__file__))
LIMIT = 4.0  # seconds that a single call may take: an honest answer takes a few hundredths, on a slow and shared machine some tenths
BUDGET = 5.0  # seconds of calls after which a slow answer is judged by what it has shown so far
SHOWN = 4  # lines of what the reader's code prints
MANY = 1_000_000  # things that an answer may consist of
CARET = re.compile(r"bitwise_xor|for \^")  # what is said of g^2
IDLE = {"RESUME", "LOAD_CONST", "RETURN_VALUE", "RETURN_CONST", "NOP", "POP_TOP"}  # all that `pass`, `...` and a docstring compile to


class Broke(Wrong):
    """The reader's code raised an exception."""

    def __init__(self, error, function):
        self.error = error
        where, lines = _place(error, function)
        power = " In Python a power is written with two stars: g**2." if isinstance(error, TypeError) and CARET.search(str(error)) else ""
        super().__init__(f"Your code stopped with {_article(type(error).__name__)}{where}.{power}", [*lines, f"{type(error).__name__}: {error}".rstrip(": ")],
                         "" if power else "Look at the line shown, and at the words of Python under it." if lines else "")


class Asks(Exception):
    """The reader's code called input()."""


class Endless(Wrong):
    """The reader's code did not come back."""

    def __init__(self, reason):
        super().__init__(reason, hint="")


class Trial:
    """`with Trial() as trial:` around one check, `trial.call(function, ...)` for each call of the reader's code.

    Inside it nothing is printed, nothing is warned of, no bar and no picture is shown, nobody is asked
    for input, NumPy stays as it was, and the random numbers of the reader go on afterwards as if nothing had
    been drawn.
    `.printed` holds the first lines that were printed, `.spent` the seconds that the calls took.
    """

    def __init__(self, limit=None):
        self.limit, self.spent, self.out = LIMIT if limit is None else limit, 0.0, _Short()

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            stack.callback(np.random.set_state, np.random.get_state())
            stack.callback(random.setstate, random.getstate())
            stack.enter_context(quiet())
            stack.enter_context(_without_pictures())
            stack.enter_context(_without_input())
            stack.enter_context(warnings.catch_warnings())
            warnings.simplefilter("ignore")
            stack.enter_context(np.errstate(all="ignore"))
            stack.enter_context(contextlib.redirect_stdout(self.out))
            stack.enter_context(contextlib.redirect_stderr(self.out))
            self.watch, self.numpy = Watch(self.limit), dict(vars(np))
            with contextlib.suppress(RuntimeError):  # a Python without threads, in a browser: unwatched
                stack.enter_context(self.watch)
            self.stack = stack.pop_all()
        return self

    def __exit__(self, *problem):
        return self.stack.__exit__(*problem)

    def call(self, function, *arguments, **named):
        """What the function returns. Raises Broke or Endless, and Untouched for a stub; a KeyboardInterrupt goes through."""
        began = monotonic()
        try:
            result = self.watch.call(function, *arguments, **named)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            if isinstance(error, NeverEnds) or (isinstance(error, TimeoutError) and monotonic() - began > self.limit):
                raise Endless(f"Your code did not come back within {self.limit:g} seconds, so it was stopped: does a loop in it never end?") from None
            if isinstance(error, Asks):
                raise Wrong("Your code calls input(). The check calls it many times and types nothing: "
                            "take what it needs as an argument.", hint="") from None
            if isinstance(error, NotImplementedError) or _has_dots(code_of(function)):
                raise Untouched from None
            raise Broke(error, function) from None
        finally:
            self.spent += monotonic() - began
            replaced = [name for name, part in self.numpy.items() if vars(np).get(name) is not part]
            vars(np).update((name, self.numpy[name]) for name in replaced)
        if result is ... or result is NotImplemented or isinstance(result, tuple) and any(part is ... for part in result):
            raise Untouched
        if result is None and _does_nothing(code_of(function)):
            raise Untouched
        return result

    def listed(self, answer):
        """An iterator as a list, so that an endless one is met here; of a dict each part; else as it came."""
        if type(answer) is dict:
            return {name: self._listed(part) for name, part in answer.items()}
        return self._listed(answer)

    def _listed(self, answer):
        if callable(answer) or not all(hasattr(type(answer), part) for part in ("__iter__", "__next__")):
            return answer
        found = self.call(list, itertools.islice(answer, MANY + 1))
        if len(found) > MANY:
            raise Wrong("Your answer goes on and on: more than a million things came out of it. "
                        "Give a list that ends.", hint="")
        return found

    @property
    def printed(self):
        lines = self.out.getvalue().strip("\n").splitlines()
        return lines[:SHOWN] + ["..."] * (len(lines) > SHOWN)


class _Short(io.StringIO):
    """A text that takes no more once it is long enough for what is shown of it."""

    def write(self, text):
        return super().write(text[:400]) if self.tell() < 2000 else len(text)

    def close(self):
        """Not by the reader's code: the check still asks what was printed."""


@contextlib.contextmanager
def _without_pictures():
    """What is displayed is thrown away, and figures of Matplotlib that were begun are closed."""
    def figures():
        pyplot = sys.modules.get("matplotlib.pyplot")
        return set(pyplot.get_fignums()) if pyplot else set()

    before = figures()
    with capture_output(stdout=False, stderr=False, display=True):
        yield
    for number in figures() - before:
        sys.modules["matplotlib.pyplot"].close(number)


@contextlib.contextmanager
def _without_input():
    def refuse(*_, **__):
        raise Asks

    kept, builtins.input = builtins.input, refuse
    try:
        yield
    finally:
        builtins.input = kept


def needs_a_function(answer, example):
    """Raise Wrong, with the call to write instead, where the answer is no function; Untouched where there is none."""
    if answer is None or answer is ...:
        raise Untouched
    if isinstance(answer, type):
        raise Wrong(f"{answer.__name__} is a class, and the check calls a function: give it a function, or an object that can be called.")
    if not callable(answer):
        raise Wrong(f"The check needs the function itself, without parentheses behind it, as in {example}; it got {_article(type(answer).__name__)}.")


def name_of(function):
    return str(getattr(function, "__name__", "")).replace("<lambda>", "Your lambda") or type(function).__name__


def code_of(function):
    """The code that the reader wrote, inside of what may be wrapped around it; None for what is not written in Python."""
    for _ in range(20):
        if isinstance(function, functools.partial):
            function = function.func
        elif hasattr(function, "pyfunc"):  # np.vectorize
            function = function.pyfunc
        elif hasattr(function, "__wrapped__"):
            function = function.__wrapped__
        elif inspect.ismethod(function):
            function = function.__func__
        elif not hasattr(function, "__code__") and hasattr(type(function), "__call__") and hasattr(type(function).__call__, "__code__"):
            function = type(function).__call__
    return getattr(function, "__code__", None)


def is_readers(error):
    """Was it raised in an object that the reader made, and not in the checks or in NumPy under them?"""
    files = [frame.f_code.co_filename for frame, _ in traceback.walk_tb(error.__traceback__)]
    return not all(file.startswith((HELPERS, NUMPY, LIBRARY, "<__array_function__")) for file in files)


def _has_dots(code):
    """Is there a `...` in the code, at any depth? Asked only of code that failed: an honest x[..., 0] does not."""
    return code is not None and any(const is ... or (inspect.iscode(const) and _has_dots(const)) for const in code.co_consts)


def _does_nothing(code):
    return code is not None and all(step.opname in IDLE for step in dis.get_instructions(code))


def _place(error, function):
    """(' in line 3 of my_adagrad', the line) of the last place in the reader's own file; ('', []) where there is none."""
    code = code_of(function)
    frames = [(frame, line) for frame, line in traceback.walk_tb(error.__traceback__)
              if not frame.f_code.co_filename.startswith(HELPERS)]
    theirs = [(frame, line) for frame, line in frames if code is not None and frame.f_code.co_filename == code.co_filename]
    theirs = theirs or [(frame, line) for frame, line in frames if not frame.f_code.co_filename.startswith((sys.prefix, sys.base_prefix))]
    if not theirs:
        return "", []
    frame, line = theirs[-1]
    named = [f.f_code for f, _ in theirs if not f.f_code.co_name.startswith("<")]  # the function around a comprehension
    outer = named[-1] if named and named[-1].co_firstlineno <= line else frame.f_code
    text = linecache.getline(frame.f_code.co_filename, line, frame.f_globals).strip()
    number = line - outer.co_firstlineno + 1
    called = outer.co_name
    if called.startswith("<") and code is not None and code.co_name == "<lambda>":  # or a list made in it
        called = "your lambda"
    return f" in line {number} of {called}", [f"line {number}:  {text}"] if text else []


def _article(word):
    return f"{'an' if word[:1] in 'AEIOUaeiou' else 'a'} {word}"
