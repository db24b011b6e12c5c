"""What a link to a figure can set in it, and how the figure is written in a notebook with those settings."""

import ast
import numbers
from dataclasses import dataclass, field

from helpers.against_G import AgainstG
from helpers.atlas import Atlas
from helpers.explorer import Explorer
from helpers.hypotenuse import PRESETS, Hypotenuse
from helpers.memory_bars import MemoryBars
from helpers.podium import Podium
from helpers.race_figure import FairRace

MADE_BY = {Explorer: "explore", Hypotenuse: "hypotenuse", MemoryBars: "memory_bars", FairRace: "fair_race", AgainstG: "against_G", Atlas: "atlas", Podium: "podium"}
TOLD_ANEW = {"explore": ("start_at", "goal", "start", "show"), "hypotenuse": ("gradients", "leg"), "memory_bars": ("beta", "last", "kind"),
             "fair_race": ("horizon", "mode", "eta"), "against_G": ("eps", "inside", "hold", "G"), "atlas": (), "podium": ()}
DROPPED = ("start_at", "goal")  # the settings stand in the first, and the second is the page's own question


@dataclass
class Call:
    """A call in a cell, as code: its beginning without the arguments that the settings replace, and those as they were, {name: text}."""

    head: str
    was: dict = field(default_factory=dict)


def calls(text):
    """{function: [Call, in the order of the text]} of every call in the source of a cell that makes a live figure."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return {}
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TOLD_ANEW]
    made = {}
    for node in sorted(found, key=lambda node: (node.lineno, node.col_offset)):
        name = node.func.id
        was = {k.arg: ast.unparse(k.value) for k in node.keywords if k.arg in TOLD_ANEW[name] and k.arg not in DROPPED}
        node.keywords = [k for k in node.keywords if k.arg not in TOLD_ANEW[name]]
        made.setdefault(name, []).append(Call(ast.unparse(node)[:-1], was))
    return made


def figure_in(widget):
    """The live figure that is the widget, or lies in it (a card holds one); None where there is none, as in a card with a still picture."""
    if type(widget) in MADE_BY:
        return widget
    return next(filter(None, map(figure_in, getattr(widget, "children", ()))), None)


def settings(figure, written=None):
    """{"figure", "canvas", "knobs", "code"}: all that the page needs to give a link to the figure, to follow one, and to write the figure as code.

    written  `calls` of its cell, from which the figure's own is taken; without it, or where the cell has none, "code" is None
    A knob has a "key" and a "kind"; one with widgets has their ids, the "names" of its positions in a link, their "values" in code, and whether its slider is "log".
    How code tells of it: "argument", the name of an argument; "entry", a key of start_at; "line", a statement after the call.
    One that is "brief" is named in a link only where it was moved.
    """
    knobs = next(make for kind, make in KNOBS.items() if isinstance(figure, kind))(figure)
    waiting = (written or {}).get(MADE_BY[type(figure)])
    call = waiting.pop(0) if waiting else None
    return {"figure": figure.model_id, "canvas": figure.canvas.model_id, "knobs": knobs, "code": {"head": call.head, "was": call.was} if call else None}


def keys(told):
    """The keys of a link that the figure knows."""
    return [knob["key"] for knob in told["knobs"]] if told else []


def name(value):
    """A value as a link has it."""
    if isinstance(value, (bool, str)) or value is None:
        return str(value)
    return f"{value:.12g}"


def _listed(key, widgets, values, **how):
    slid = values[: len(values) + 1 - len(widgets)]  # the second widget is a switch that says 0, the last value
    log = all(isinstance(v, numbers.Real) and v > 0 for v in slid)  # as Control.nearest has it
    return {"kind": "widget", "key": key, "widgets": [widget.model_id for widget in widgets], "names": [name(v) for v in values], "values": [repr(v) for v in values], "log": log, **how}


def _options(widget):
    """The values of a widget that offers a list."""
    return [option[1] if isinstance(option, tuple) else option for option in widget.options]


def _explorer(figure):
    told = [_listed(key, control.widgets, control.values, entry=key) for key, control in figure.controls.items()]
    return [*told, {"kind": "step", "key": "step"},
            {"kind": "start", "key": "start", "argument": "start", "brief": True}, {"kind": "panels", "key": "show", "argument": "show", "brief": True}]


def _against_G(figure):
    shown = [name for name in figure.controls if figure.places or name not in ("inside", "hold")]
    return [_listed(name, figure.controls[name].widgets, figure.controls[name].values, argument=name) for name in shown]


def _memory_bars(figure):
    return [_listed(name, [widget], _options(widget), argument=name) for name, widget in (("kind", figure.kind), ("beta", figure.beta), ("last", figure.last))]


def _fair_race(figure):
    surface = [_listed("surface", [figure.surface], _options(figure.surface), line="figure.surface.value = {}")] if figure.surface else []
    return [*surface, *(_listed(name, [widget], _options(widget), argument=name) for name, widget in (("mode", figure.mode), ("horizon", figure.horizon), ("eta", figure.eta)))]


def _hypotenuse(figure):
    lists = {**_listed("gradients", [figure.presets], _options(figure.presets), argument="gradients"), "values": [repr(PRESETS.get(name, figure.first)) for name in figure.presets.options]}
    lists.update(names=[PRESETS.get(name, "own").replace(" ", "").replace("×", "x") for name in figure.presets.options], brief=True)
    beta = [_listed("beta", [figure.beta], _options(figure.beta), line="figure.beta.value = {}")] if figure.beta else []
    return [lists, *beta, {"kind": "leg", "key": "leg", "argument": "leg"}]


def _atlas(figure):
    return [{"kind": "place", "key": key, "of": of, "line": f"figure.{key} = {{}}"} for key, of in (("network", "network"), ("quantity", "quantity"), ("weight", "weight"), ("step", "frame"))]


def _podium(figure):
    return [{"kind": "row", "key": f"row{row + 1}", "row": row, "line": f"figure.fill({row}, {{}})", "brief": True} for row in range(len(figure.rows))]


KNOBS = {Explorer: _explorer, AgainstG: _against_G, MemoryBars: _memory_bars, FairRace: _fair_race, Hypotenuse: _hypotenuse, Atlas: _atlas, Podium: _podium}
