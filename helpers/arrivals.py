"""What comes back from the browser, checked where it comes in.

A front end may write a fraction (Colab's manager writes what a slider's percentages come to: index 20.000000000000004
of 35), text, nothing while it loads, or a place that the list no longer has. A trait would refuse that with an
exception, and stay behind.
"""

import math
import re

import ipywidgets

NUMERAL = re.compile(r"\s*[-+]?[0-9.]+(e[-+]?[0-9]+)?\s*", re.IGNORECASE)
YES_OR_NO = {"true": True, "1": True, "false": False, "0": False}


def whole_position(said, count):
    """The position in a list of `count` nearest to `said`, a number or text that holds one; None where it says none."""
    if isinstance(said, bool) or isinstance(said, str) and not NUMERAL.fullmatch(said):
        return None
    try:
        place = float(said)
    except (TypeError, ValueError, OverflowError):
        return None
    return min(max(math.floor(place + 0.5), 0), count - 1) if math.isfinite(place) and count >= 1 else None


def yes_or_no(said):
    """True or False, from either as a front end may write it; None where it says neither."""
    return YES_OR_NO.get(str(said).strip().lower())


class Checked:
    """Laid over a widget: what a front end writes to x goes through `check_x`; where that returns None, x stays."""

    def set_state(self, sync_data):
        # what stays is written as it stands, not left out: a front end that waits for an echo gets it
        super().set_state({name: self._sure(name, said) for name, said in sync_data.items()})

    def _sure(self, name, said):
        check = getattr(self, f"check_{name}", None)
        value = said if check is None else check(said)
        return getattr(self, name) if check and value is None else value


class Picture(Checked):
    """Laid over what draws a figure: a page may write the traits that have a check, and no other."""

    def set_state(self, sync_data):
        super().set_state({name: said for name, said in sync_data.items() if hasattr(self, f"check_{name}")})


class _Listed(Checked):
    def check_index(self, said):
        return whole_position(said, len(self._options_labels))


class _Switch(Checked):
    def check_value(self, said):
        return yes_or_no(said)


class SelectionSlider(_Listed, ipywidgets.SelectionSlider):
    pass


class Dropdown(_Listed, ipywidgets.Dropdown):
    pass


class ToggleButtons(_Listed, ipywidgets.ToggleButtons):
    pass


class Checkbox(_Switch, ipywidgets.Checkbox):
    pass


class ToggleButton(_Switch, ipywidgets.ToggleButton):
    pass


class Text(Checked, ipywidgets.Text):
    def check_value(self, said):
        return said if isinstance(said, str) else None
