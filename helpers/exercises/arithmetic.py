"""Plain arithmetic in a text: 0.5, "0,5", 1½, √10, 3e-4, 1/(1 - 0.9), 1 000. card.js reads the same."""

import math
import re

SIGNS = {"½": "1/2", "¼": "1/4", "¾": "3/4", "⅓": "1/3", "⅔": "2/3", "⅛": "1/8"}
ALIKE = {"−": "-", "×": "*", "·": "*", "÷": "/"}
# these patterns are the browser's, too
TOKEN = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?|\*\*|[-+*/^()√]|sqrt"
MIXED = r"(^|[^0-9.,])([0-9]+) ?([½¼¾⅓⅔⅛])"  # 1½ is one and a half
# 1 000, as the figures write it
SPACED = r"(^|[^0-9.,])([1-9][0-9]{0,2}(?:[ \u00a0\u2009\u202f][0-9]{3})+)(?![0-9])"
# 1,000 is a thousand to some and one to others
UNCLEAR = r"(?:^|[^0-9.,])([1-9][0-9]{0,2}(?:,[0-9]{3})+)(?![0-9.,])"
LONGEST = 100  # letters
COMMA = "{} can be read in two ways: write it without the comma, or with a point in its place"


class Unclear(ValueError):
    """The text may mean two numbers; the message says what to write."""


def value(text):
    """What the text comes to: a finite float, or None where it is no number. Unclear for 1,000."""
    for sign, plain in ALIKE.items():
        text = text.replace(sign, plain)
    text = re.sub(SPACED, lambda found: found[1] + re.sub(r"\s", "", found[2]), text)
    unclear = re.search(UNCLEAR, text)
    if unclear:
        raise Unclear(COMMA.format(unclear[1]))
    if "." not in text:
        text = text.replace(",", ".")
    text = re.sub(MIXED, r"\1(\2+\3)", text)
    for sign, fraction in SIGNS.items():
        text = text.replace(sign, f"({fraction})")
    tokens, at = [], 0
    while at < len(text) <= LONGEST:
        found = re.compile(rf"\s*({TOKEN})\s*", re.IGNORECASE).match(text, at)
        if not found:
            return None
        tokens.append(found[1].lower())
        at = found.end()
    try:
        result = float(_Reader(tokens).all())
    except (ValueError, ZeroDivisionError, OverflowError, TypeError):  # a root of less than 0 is no float
        return None
    return result if math.isfinite(result) else None


class _Reader:
    """Sums of products of powers: each method takes tokens from the front, and gives a number or raises."""

    def __init__(self, tokens):
        self.tokens = tokens

    def _take(self, *wanted):
        return self.tokens.pop(0) if self.tokens and self.tokens[0] in wanted else ""

    def all(self):
        result = self._sum()
        if self.tokens:
            raise ValueError
        return result

    def _sum(self):
        result = self._product()
        while sign := self._take("+", "-"):
            result += self._product() if sign == "+" else -self._product()
        return result

    def _product(self):
        result = self._signed()
        while sign := self._take("*", "/"):
            by = self._signed()
            result = result * by if sign == "*" else result / by
        return result

    def _signed(self):
        return -self._power() if self._take("+", "-") == "-" else self._power()

    def _power(self):
        base = self._atom()
        return base ** self._signed() if self._take("**", "^") else base

    def _atom(self):
        if self._take("√", "sqrt"):
            return self._atom() ** 0.5
        if self._take("("):
            result = self._sum()
            if not self._take(")"):
                raise ValueError
            return result
        if not self.tokens:
            raise ValueError
        return float(self.tokens.pop(0))  # ValueError for a sign
