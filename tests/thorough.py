"""Which tests wait for `python start.py test all`, each with a cheaper one that runs every time and holds the main part of it."""

import pytest

THOROUGH = pytest.mark.thorough


def every_time(chosen, values):
    """`values` for pytest's parametrize, of which only those in `chosen` are looked at every time; the others where all is tested."""
    return [value if value in chosen else pytest.param(*(value if isinstance(value, tuple) else [value]), marks=THOROUGH) for value in values]


def without_a_race(cards):
    """Cards whose truth does not take a whole race to find."""
    return [card for card in cards if card.name not in ("own eta", "stray", "wine")]


def of_the_core(path):
    """Notebooks 01, 04 and 06, through which the shortest way leads."""
    return path.name[:2] in ("01", "04", "06")
