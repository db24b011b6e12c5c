"""Which widgets are alive: what was closed must not be among them. What widgets store, with either ipywidgets."""

from contextlib import contextmanager, nullcontext
from unittest import mock

import ipywidgets


def alive():
    held = getattr(ipywidgets.widgets.widget, "_instances", None)  # ipywidgets 8; in 7.7.1 the class has them
    return set(ipywidgets.Widget.widgets if held is None else held)


@contextmanager
def bundles():
    """Inside, every widget says what it stores. ipywidgets 7 has no bundle for that: there the live view stands for it, so that what we lay beside it is looked at all the same."""
    with nullcontext() if hasattr(ipywidgets.Widget, "_repr_mimebundle_") else mock.patch.object(ipywidgets.Widget, "_repr_mimebundle_", _live_view, create=True):
        yield


def _live_view(self, **kwargs):
    return {"application/vnd.jupyter.widget-view+json": {"model_id": self.model_id}, "text/plain": repr(self)}
