"""A question that is answered before the figure is seen: what may be said, what is true, and what is said back."""

import re
from functools import cached_property

from helpers.exercises import arithmetic

ROUGHLY = r"(about|roughly|around|ca\.?|~|≈)\s*"
NAMES = {"η": "eta", "α": "alpha", "β": "beta", "ε": "eps"}  # a unit, spelt out
# no example: it might be a card's answer
HOW = "write it in digits: a decimal number, a fraction, a root, a power of ten with e, or plain arithmetic"
NEAR = 0.02  # a number this close (relative) to a trap is meant for it


class Prediction:
    """One card.

    name, notebook   its key, and the number of its notebook, as in "06"
    question         a plain sentence; for a number it says in which unit
    truth            a function that finds out: the number, or one of the choices (computed, so that the card cannot be wrong)
    why              the reason in a sentence or two, said after every answer
    choices          what there is to choose from; empty: a number is asked for
    because          {choice or number that many say: what is wrong with it}
    unit             stands behind the number; `tell` writes the true number (three digits unless told otherwise)
    within           how far off a number may be and still be right, relative to the truth
    finding          the title of the figure, once it is seen; `why` is the caption of a still one, `alt` its alternative text
    """

    def __init__(self, name, notebook, question, truth, why, choices=(), because=None, unit="", tell="{:.3g}".format, within=0.05, finding="", alt=""):
        self.name, self.notebook, self.question, self.why = name, notebook, question, why
        self.choices, self.because, self.unit, self.tell = tuple(choices), dict(because or {}), unit, tell
        self.within, self.finding, self.alt, self._find = within, finding, alt, truth
        strays = [said for said in self.because if self.choices and said not in self.choices]
        if strays:
            raise ValueError(f"because answers {strays[0]!r}, which is no choice of the card {name!r}: {', '.join(map(repr, self.choices))}")

    def __repr__(self):
        return self.question

    @cached_property
    def truth(self):
        return self._find()

    def bands(self):
        """What is said back: [{"low", "high" (or "choice"), "right", "text"}], the first that fits counts. {said} stands for what was said."""
        truth = self.truth
        if self.choices:
            if truth not in self.choices:
                raise ValueError(f"the card {self.name!r} finds {truth!r}, which is none of its choices: {', '.join(map(repr, self.choices))}")
            return [{"choice": choice, "right": choice == truth, "text": f"You said “{choice}”: right. {self.why}" if choice == truth else " ".join(
                filter(None, (f"You said “{choice}”.", self.because.get(choice, ""), f"It is “{truth}”.", self.why)))} for choice in self.choices]
        truth, room = float(truth), abs(float(truth)) * self.within
        true = self._with_unit(self.tell(truth))
        bands = [{"low": truth - room, "high": truth + room, "right": True, "text": f"You said {{said}}. Right: {true}. {self.why}"}]
        for said, words in self.because.items():
            bands.append({"low": min(said * (1 - NEAR), said * (1 + NEAR)), "high": max(said * (1 - NEAR), said * (1 + NEAR)), "right": False,
                          "text": f"You said {{said}}. {words} It is {true}. {self.why}"})
        rest = [{"low": low, "high": high, "right": False, "text": f"You said {{said}}, which is too {words}. It is {true}. {self.why}"}
                for low, high, words in ((None, truth, "little"), (truth, None, "much"))]
        return [*bands, *(_shares([*bands, *rest]) if self.unit == "%" and truth - room > 1 else []), *rest]

    def true_text(self):
        """The truth in words."""
        truth = self.truth
        return f"“{truth}”" if self.choices else self._with_unit(self.tell(float(truth)))

    def _with_unit(self, text):
        return f"{text} {self.unit}".strip()

    def read(self, said):
        """(text, value) of an answer: one of the choices (or its place from 1), a number, or text that holds one. ValueError otherwise."""
        if self.choices:
            if isinstance(said, int) and not isinstance(said, bool) and 1 <= said <= len(self.choices):
                said = self.choices[said - 1]
            if said not in self.choices:
                raise ValueError(f"answer with one of {', '.join(map(repr, self.choices))}; got {said!r}")
            return said, said
        value = read_number(said, self.unit)
        return self._with_unit(bare(said, self.unit) if isinstance(said, str) else f"{value:g}"), value

    def reply(self, text, value):
        """The band that fits an answer, its text filled."""
        band = next(b for b in self.bands() if fits(b, value))
        return {**band, "text": band["text"].replace("{said}", text)}


def _shares(bands):
    """The same bands for an answer from 0 to 1, which gives a share where per cent are asked for."""
    shares = [{**band, "low": max(band["low"] or 0, 0) / 100, "high": min(100 if band["high"] is None else band["high"], 100) / 100,
               "text": band["text"].replace("You said {said}", "Your number was taken for a share of 1")} for band in bands]
    return [band for band in shares if band["low"] < band["high"]]


def fits(band, value):
    if "choice" in band:
        return band["choice"] == value
    return (band["low"] is None or value >= band["low"]) and (band["high"] is None or value <= band["high"])


def read_number(said, unit=""):
    """A number from "0,5", "1½", "√10", "3e-4", "1/(1 - 0.9)", "about 3.2 η". ValueError says how."""
    value = arithmetic.value(re.sub(rf"^{ROUGHLY}", "", bare(str(said), unit), flags=re.IGNORECASE))
    if value is None:
        raise ValueError(f"{str(said).strip()!r} is not a number: {HOW}")
    return value


def bare(said, unit):
    """What was said, without the unit behind it."""
    said = said.strip()
    for name in filter(None, (unit, NAMES.get(unit))):
        said = said.removesuffix(name).strip()
    return said
