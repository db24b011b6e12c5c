"""What a rule keeps outside its memory: in an attribute, a global name, a closure, a default that changes.

A rule is asked more often than once a step (what does it do where the gradient is 0? does one run alone do the same?).
What it keeps outside is put back after each such question, so that its path is that of a plain loop. Random numbers are
put back as well. What cannot be put back (a generator) is `.opaque`: such a rule is asked once a step and nothing else.
"""

import contextlib
import copy
import dis
import functools
import inspect
import io
import random
import sys
import types
from collections import deque

import numpy as np

PLAIN = (
    type(None),
    bool,
    int,
    float,
    complex,
    str,
    bytes,
    range,
    np.generic,
    np.dtype,
    np.ufunc,
    types.ModuleType,
)
WRITES = {"STORE_GLOBAL", "DELETE_GLOBAL"}
LONG = 1000  # a longer list holds data: it is put back as a whole, and not looked into


class Outside:
    """What `rule` keeps outside its memory, as it is now. `.restore()` puts it back; `.changed()`: is it another by now?"""

    def __init__(self, rule):
        self.saved, self.draws, self.seen, self.opaque = [], [], {}, False
        if isinstance(rule, types.FunctionType):  # a wrapper of ours keeps nothing itself
            rule = rule.__dict__.get("stands_for", rule)
        self._look_at(rule)

    def __bool__(self):
        return bool(self.saved or self.draws or self.opaque)

    def changed(self):
        """Is it another than it was? (Random numbers that were drawn do not count.)"""
        return any(not _alike(now(), then) for now, then, _ in self.saved)

    def restore(self):
        for now, then, put_back in self.saved:
            if not _alike(now(), then):
                put_back(then)
        for state, put_back in self.draws:
            put_back(state)

    # where to look

    def _look_at(self, thing):
        if isinstance(thing, types.BuiltinFunctionType):
            thing = thing.__self__  # numpy.random.normal is a method of the generator that all share
        if isinstance(thing, PLAIN) or id(thing) in self.seen:
            return
        self.seen[id(thing)] = thing  # kept, so that no other thing gets its number
        if isinstance(thing, types.FunctionType):
            self._function(thing)
        elif isinstance(thing, types.MethodType):
            self._look_at(thing.__func__)
            self._look_at(thing.__self__)
        elif isinstance(thing, functools.partial):
            for part in (thing.func, thing.args, thing.keywords):
                self._look_at(part)
        elif isinstance(thing, type):
            self._class(thing)
        elif isinstance(thing, (np.random.Generator, np.random.RandomState, random.Random)):
            self._draws(thing)
        elif isinstance(thing, (tuple, frozenset)):
            for part in thing:
                self._look_at(part)
        elif isinstance(thing, (list, dict, set, deque, bytearray, np.ndarray)):
            self._container(thing)
        elif _is_stream(thing):
            self.opaque = True
        else:
            self._object(thing)

    def _function(self, function):
        for cell in function.__closure__ or ():
            self._cell(cell)
        if _of_a_library(function):
            return
        read, written = _names(function.__code__)
        for name in written:
            self._binding(function.__globals__, name)
        if "random" in read:
            self.draws += [(random.getstate(), random.setstate), (np.random.get_state(), np.random.set_state)]
        for name in read & function.__globals__.keys():
            self._look_at(function.__globals__[name])
        for part in (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()):
            self._look_at(part)
        if function.__dict__ or function.__name__ in (
            *read,
            *function.__code__.co_freevars,
        ):  # it may set attributes of its own
            self._look_at(function.__dict__)

    def _cell(self, cell):
        try:
            content = cell.cell_contents
        except ValueError:  # not filled yet
            return
        self.saved.append(
            (lambda: _content(cell), content, lambda then: setattr(cell, "cell_contents", then))
        )
        self._look_at(content)

    def _binding(self, names, name):
        def put_back(then):
            if then is _nothing:
                names.pop(name, None)
            else:
                names[name] = then

        self.saved.append((lambda: names.get(name, _nothing), names.get(name, _nothing), put_back))

    def _container(self, thing):
        if isinstance(thing, np.ndarray):
            if thing.flags.writeable:
                self.saved.append((lambda: thing, thing.copy(), lambda then: np.copyto(thing, then)))
            return
        kept = copy.copy(thing)
        self.saved.append((lambda: thing, kept, lambda then: _refill(thing, then)))
        if len(kept) <= LONG and not isinstance(kept, bytearray):
            for part in kept.values() if isinstance(kept, dict) else kept:
                self._look_at(part)

    def _class(self, thing):
        if _of_a_library(thing):
            return
        kept = {name: value for name, value in vars(thing).items() if not name.startswith("__")}
        for name, value in kept.items():
            if not callable(value) and not isinstance(
                value, (property, classmethod, staticmethod, types.MemberDescriptorType)
            ):
                self.saved.append(
                    (
                        lambda name=name: vars(thing).get(name, _nothing),
                        value,
                        lambda then, name=name: setattr(thing, name, then),
                    )
                )
            self._look_at(getattr(value, "__func__", value))

    def _draws(self, thing):
        if isinstance(thing, np.random.Generator):
            state, put_back = (
                thing.bit_generator.state,
                lambda then: setattr(thing.bit_generator, "state", then),
            )
        elif isinstance(thing, np.random.RandomState):
            state, put_back = thing.get_state(), thing.set_state
        else:
            state, put_back = thing.getstate(), thing.setstate
        self.draws.append((state, put_back))

    def _object(self, thing):
        if _of_a_library(type(thing)) and not isinstance(thing, types.SimpleNamespace):
            return
        self._look_at(type(thing))
        if hasattr(thing, "__dict__"):
            self._look_at(vars(thing))
        for name in getattr(type(thing), "__slots__", ()):
            if hasattr(thing, name):
                value = getattr(thing, name)
                self.saved.append(
                    (
                        lambda name=name: getattr(thing, name, _nothing),
                        value,
                        lambda then, name=name: setattr(thing, name, then),
                    )
                )
                self._look_at(value)


_nothing = object()


def _content(cell):
    try:
        return cell.cell_contents
    except ValueError:
        return _nothing


def _refill(thing, then):
    if isinstance(thing, (list, bytearray)):
        thing[:] = then
        return
    thing.clear()
    if isinstance(thing, deque):
        thing.extend(then)
    else:
        thing.update(then)


def _alike(now, then):
    """The same object, or equal numbers; containers hold the same things (what is inside those is saved by itself)."""
    if now is then:
        return True
    if isinstance(now, np.ndarray) and isinstance(then, np.ndarray):
        return now.shape == then.shape and np.array_equal(now, then, equal_nan=now.dtype.kind in "fc")
    if type(now) is not type(then):
        return False
    if isinstance(now, dict):
        return now.keys() == then.keys() and all(_alike(now[key], then[key]) for key in now)
    if isinstance(now, (list, tuple, deque)):
        return len(now) == len(then) and all(map(_alike, now, then))
    if isinstance(now, PLAIN + (set, frozenset, bytearray)):
        return now == then or now != now and then != then
    return False


@functools.lru_cache(256)
def _names(code):
    """The global names that a function, with all that is defined inside it, reads, and those that it sets."""
    read, written = (
        set(code.co_names),
        {step.argval for step in dis.get_instructions(code) if step.opname in WRITES},
    )
    for part in code.co_consts:
        if inspect.iscode(part):
            more, set_there = _names(part)
            read, written = read | more, written | set_there
    return read, written


def _of_a_library(thing):
    return _is_library(str(getattr(thing, "__module__", "")).partition(".")[0])


@functools.lru_cache(256)
def _is_library(name):
    file = getattr(sys.modules.get(name), "__file__", None) or ""
    return name == "helpers" or name in sys.stdlib_module_names or "site-packages" in file


def _is_stream(thing):
    """A generator or another iterator: what is taken out of it does not come back. (What is written to a file changes no path.)"""
    return hasattr(thing, "__next__") and not isinstance(thing, io.IOBase)


@contextlib.contextmanager
def unnoticed(rule):
    """Around a question to the rule that is no step of its path: it prints nothing, and what it keeps is put back."""
    before = Outside(rule)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        before.restore()
