"""What a front end may write to a kernel, as messages to a figure's controls.

Each position a hair beside a whole number, as Colab's slider does, and worse.
"""

import gc
import math

import ipywidgets

from helpers.against_G import AgainstG
from helpers.explorer import Explorer
from helpers.hypotenuse import Hypotenuse
from helpers.memory_bars import MemoryBars
from helpers.podium import Podium
from helpers.race_figure import FairRace

FIGURES = (Explorer, Hypotenuse, MemoryBars, AgainstG, FairRace, Podium)

HAIR = 4e-15  # what Colab's slider is off by: 20.000000000000004 of 35
PLACES = [  # (what is said, of how many positions, the position that it comes to: None is none)
    (20.000000000000004, 35, 20),
    (19.999999999999996, 35, 20),
    (HAIR, 35, 0),
    (-HAIR, 35, 0),
    (34 + 2 * HAIR, 35, 34),
    (7, 35, 7),
    (2.4, 5, 2),
    (2.5, 5, 3),
    (2.6, 5, 3),
    ("20", 35, 20),
    (" 3.0000000000000004 ", 35, 3),
    ("2e0", 35, 2),
    ("1e999", 35, None),
    ("", 35, None),
    (" ", 35, None),
    ("η = 0.4", 35, None),
    ("0x10", 35, None),
    ("1_0", 35, None),
    ("1.2.3", 35, None),
    (99, 35, 34),
    (-7, 35, 0),
    (1e300, 35, 34),
    (0, 0, None),
    (None, 35, None),
    (True, 35, None),
    (False, 35, None),
    ([], 35, None),
    ([3], 35, None),
    ({}, 35, None),
]
NOWHERE = [None, math.nan, math.inf, -math.inf, "", "NaN", "undefined", True, [], [1], {"index": 1}]


def says(widget, **state):
    """A front end writes `state` to the widget."""
    widget._handle_msg(
        {"content": {"data": {"method": "update", "state": state, "buffer_paths": []}}, "buffers": []}
    )


def controls_of(figure):
    """The sliders, menus, rows of buttons, boxes and switches of a figure, in order."""
    found = []
    for child in getattr(figure, "children", ()):
        found += controls_of(child)
    kinds = (
        ipywidgets.SelectionSlider,
        ipywidgets.Dropdown,
        ipywidgets.ToggleButtons,
        ipywidgets.Checkbox,
        ipywidgets.ToggleButton,
    )
    return [figure] if isinstance(figure, kinds) else found


def told_at_every_position(figure, control, check):
    """What the figure says at each position of a control that Colab's front end moves along, there and back.

    check(figure)  holds it against descend
    """
    many, told = len(control.options), []
    for i in range(many):
        for off in (HAIR, -HAIR):
            says(control, index=i + off * (1 + i // 32))  # a hair grows with the number that it is beside
            assert control.index == i and type(control.index) is int
            told.append(figure.readout)
        check(figure)
    assert told[::2] == told[1::2]
    if not _runs_anew(figure, control):
        for i in reversed(range(many)):
            says(control, index=i - HAIR)
            assert control.index == i and figure.readout == told[2 * i]
    return told[::2]


def _runs_anew(figure, control):
    """Does a move of this control have the kernel run everything again? Once is enough then."""
    return (
        isinstance(figure, Explorer)
        and any(control in part.widgets for part in figure.engine.request.surface_controls)
        or isinstance(figure, Hypotenuse)
    )


def walk(figure, check=lambda figure: None):
    """Colab's front end moves every control to every position; then it says nothing of use, and the figure stays."""
    for control in controls_of(figure):
        trait = "index" if hasattr(control, "index") else "value"
        began = getattr(control, trait)
        if trait == "index":
            assert len(told_at_every_position(figure, control, check)) == len(control.options) > 1
            says(control, index=len(control.options) + 5)
            assert control.index == len(control.options) - 1
            says(control, index=f" {began}.0 ")
        else:
            for said, value in (
                ("true", True),
                (0, False),
                (1, True),
                ("False", False),
                (True, True),
                (began, began),
            ):
                says(control, value=said)
                assert control.value is value
                check(figure)
        assert getattr(control, trait) == began
        before = figure.readout
        for said in [None, math.nan, "undefined", []]:
            says(control, **{trait: said})
            assert getattr(control, trait) == began and figure.readout == before


def walk_all():
    """Every figure of this process that has controls, as its cells have left it; at least one."""
    figures = [found for found in gc.get_objects() if isinstance(found, FIGURES) and controls_of(found)]
    assert figures, "there is no figure here that a slider moves"
    for figure in figures:
        walk(figure)
