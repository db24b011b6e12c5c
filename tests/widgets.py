"""Which widgets are alive: what was closed must not be among them."""

import ipywidgets


def alive():
    held = getattr(ipywidgets.widgets.widget, "_instances", None)  # ipywidgets 8; in 7.7.1 the class has them
    return set(ipywidgets.Widget.widgets if held is None else held)
