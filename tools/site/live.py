"""What a live figure is without a kernel: the state of its widgets, and the answers that Python would have given."""

import base64
import hashlib
import itertools
import json
import zlib

from ipywidgets.embed import dependency_state

from helpers.exercises.cards import Predict
from helpers.explorer import Explorer
from helpers.hypotenuse import PRESETS, Hypotenuse
from tools.site.links import figure_in, settings
from tools.site.starts import other_starts

HEAVIEST = 1_950_000   # bytes of one figure: 2 MB with what stands around its runs
STARTS = 500_000       # bytes that the other starts of a figure may take, where so much is left
LOADS = "The figure is on its way."
LOST = "The file with the runs from other starts could not be loaded."
ELSEWHERE = "From this start, this page holds each slider moved alone: put the others back, or press reset. In a notebook all of them move from any start."


class Shelf:
    """Scripts and styles that figures share, each kept once: {name: text}."""

    def __init__(self):
        self.scripts, self.styles = {}, {}

    def put(self, kind, text):
        name = hashlib.sha256(text.encode()).hexdigest()[:10]
        kind[name] = text
        return name


def packed(widget, shelf, written=None):
    """The figure as plain data: {"root", "models", "variants", "told", "starts"}.

    written   the calls in its cell, as links.calls found them; the figure's own is taken out
    models    by id: the class, the state, and the bytes (base64)
    variants  what Python would send when a control is moved that only Python can answer:
              [{"model", "controls": [ids], "positions": {"0,2": changes of the state}}]; "field", where there is one, is the text that goes with it
    starts    what Python would send when the start is moved: {"0,2": [bytes (base64), one for each start in the spec]}, the key as above, "" without such controls
    told      what a link can set in it, and its code: links.settings; None for a card with a still picture
    """
    figure, variants, starts, spec, whole = figure_in(widget), [], {}, None, False
    told = settings(figure, written) if figure else None
    if isinstance(figure, Explorer):
        controls, (at, positions, begun) = figure.engine.request.surface_controls, _surfaces(figure)
        spec = {**positions.pop(at)["spec"], "generation": figure.canvas.spec["generation"]}
        variants = [{"model": figure.canvas.model_id, "controls": [c.widgets[0].model_id for c in controls], "positions": positions}] if positions else []
        starts, whole = begun if any(begun.values()) else {}, _whole(figure.canvas.rest)
        if not starts:
            told["knobs"] = [knob for knob in told["knobs"] if knob["key"] != "start"]
    elif isinstance(figure, Hypotenuse):
        variants = _lists(figure)
    models = {name: _model(entry, shelf) for name, entry in dependency_state([widget], drop_defaults=False).items()}
    if spec:
        models[told["canvas"]]["state"]["spec"] = spec
    for entry in models.values():
        for part in entry["buffers"]:
            entry["buffers"][part] = _text(tight(base64.b64decode(entry["buffers"][part])))
    if whole:
        del models[told["canvas"]]["buffers"]["near"]  # all of it is in the rest
    return {"root": widget.model_id, "models": models, "variants": variants, "told": told, "starts": starts}


def _model(entry, shelf):
    state = {name: value for name, value in entry["state"].items() if not name.startswith(("_model", "_view")) or name == "_view_name"}
    kind = "AnyModel" if "_esm" in state else entry["model_name"]
    if kind == "AnyModel":
        state["_esm"], state["_css"] = shelf.put(shelf.scripts, state["_esm"]), shelf.put(shelf.styles, state.get("_css", ""))
        state.pop("_anywidget_id", None)
    return {"kind": kind, "state": state, "buffers": {part["path"][0]: part["data"] for part in entry.get("buffers", [])}}


def _surfaces(explorer):
    """(here, {choice: what Python sends for it}, {choice: [message of each other start]}).

    A choice is where the surface's controls stand, as text: "0,2", or "" where there are none. Each is swept now, and the figure is left as it was.
    """
    controls, canvas = explorer.engine.request.surface_controls, explorer.canvas
    at, positions, begun = [c.index for c in controls], {}, {}
    choices = list(itertools.product(*(range(len(c.values)) for c in controls)))
    explorer.finish()
    light = min(STARTS, HEAVIEST - len(choices) * len(_text(tight(canvas.rest)))) / len(choices)
    for choice in choices:
        key = ",".join(map(str, choice))
        for control, index in zip(controls, choice):
            control.index = index
        explorer.finish()
        near, made = b"" if _whole(canvas.rest) else canvas.near, other_starts(explorer.engine, lambda message: _text(tight(message)), light)
        positions[key] = {"spec": _spec(explorer, [w for w, _ in made]), "near": _text(tight(near)), "rest": _text(tight(canvas.rest))}
        begun[key] = [message for _, message in made]
    for control, index in zip(controls, at):
        control.index = index
    return ",".join(map(str, at)), positions, begun


def _spec(explorer, others):
    """The figure's spec, with the starts that a page has: its own first, `at` in units of the picture's axes."""
    engine, spec = explorer.engine, dict(explorer.canvas.spec)
    if not others:
        return {**spec, "words": {**spec["words"], "idle": LOADS, "start": "start"}}  # nobody answers here when it is dragged
    starts = [{"w": [float(x) for x in w], "at": [float(engine.scales["xy"[i]].units(x)) for i, x in enumerate(w)]} for w in [engine.sweep.start, *others]]
    return {**spec, "starts": starts, "words": {**spec["words"], "idle": LOADS, "waiting": ELSEWHERE, "noKernel": LOST}}


def _lists(picture):
    """The lists of gradients that the menu offers; one that is typed needs Python."""
    before, legs, positions, texts = picture.text.value, picture.cursor, {}, {}
    for i, name in enumerate(picture.presets.options):
        if name in PRESETS:
            picture.text.value = PRESETS[name]
            positions[str(i)] = {"data": picture.canvas.data, "cursor": picture.canvas.cursor, "problem": ""}
            texts[str(i)] = PRESETS[name]
    picture.text.value, picture.cursor = before, legs  # another list is laid whole
    return [{"model": picture.canvas.model_id, "controls": [picture.presets.model_id], "positions": positions, "field": [picture.text.model_id, texts]}]


def _parts(message):
    """(header, deflated body) of a message of the explorer; (None, None) for other bytes."""
    length = int.from_bytes(message[:4], "little")
    try:
        return json.loads(bytes(message[4 : 4 + length])), bytes(message[4 + length :])
    except ValueError:
        return None, None


def _whole(message):
    """Does this message hold every position?"""
    header, _ = _parts(message) if message else (None, None)
    return header is not None and all(lane["positions"] is None for lane in header["lanes"])


def tight(message):
    """The same message, deflated as far as it goes: a page is loaded more often than it is built."""
    header, body = _parts(message) if message else (None, None)
    if header is None:
        return bytes(message)
    return bytes(message[: len(message) - len(body)]) + zlib.compress(zlib.decompress(body), 9)


def _text(data):
    return base64.b64encode(bytes(data)).decode()


def is_live(thing):
    return isinstance(thing, Predict) or hasattr(thing, "canvas")
