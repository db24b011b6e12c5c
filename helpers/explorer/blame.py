"""Whose error is it, and in which line? What a figure says where the reader's rule raises."""

import functools
import inspect
import linecache
import traceback

from helpers.rules import RuleError


def blame(error, rule):
    """'ZeroDivisionError: division by zero, in line 3 of my_rule: ...' for an exception in the reader's code; a RuleError says all itself."""
    if isinstance(error, RuleError):
        return str(error)
    frames, code = list(traceback.walk_tb(error.__traceback__)), _code(rule)
    mine = [(frame, line) for frame, line in frames if code is not None and frame.f_code.co_filename == code.co_filename] or frames[-1:]
    frame, line = mine[-1]
    text = linecache.getline(frame.f_code.co_filename, line).strip()
    first = code.co_firstlineno if code is not None and frame.f_code is code else frame.f_code.co_firstlineno
    said = str(error) or "no message"
    return f"{type(error).__name__}: {said} – in line {line - first + 1} of {frame.f_code.co_name}" + (f": {text}" if text else "")


def _code(rule):
    return getattr(inspect.unwrap(getattr(rule, "func", rule)), "__code__", None)


def readers_own(error, rule):
    """Was the error raised in the rule's own code?"""
    code = _code(rule)
    return code is None or any(frame.f_code is code for frame, _ in traceback.walk_tb(error.__traceback__))


class Raised(BaseException):
    """Takes an error of the rule past `descend`, which would go on one by one: here the positions that raise are looked for in halves."""


def telling(rule):
    """The rule, whose own errors come as Raised."""
    @functools.wraps(rule)
    def told(*arguments, **named):
        try:
            return rule(*arguments, **named)
        except Exception:
            raise Raised from None

    told.stands_for = rule
    return told
