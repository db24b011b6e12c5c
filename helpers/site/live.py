"""What a live figure is without a kernel: the state of its widgets, and the answers that Python would have given."""

import ast
import base64
import hashlib
import itertools
import json
import re
import zlib

from ipywidgets.embed import dependency_state

from helpers.exercises.cards import Predict
from helpers.explorer import Explorer
from helpers.hypotenuse import PRESETS, Hypotenuse
from helpers.site.starts import other_starts

HEAVIEST = 1_950_000   # bytes of one figure: 2 MB with what stands around its runs
STARTS = 500_000       # bytes that the other starts of a figure may take, where so much is left
ELSEWHERE = "From this start, this page holds each slider moved alone: put the others back, or press reset. In a notebook all of them move from any start."
SLOT = "__settings__"  # where the present settings go in the code of a figure


class Shelf:
    """Scripts and styles that figures share, each kept once: {name: text}."""

    def __init__(self):
        self.scripts, self.styles = {}, {}

    def put(self, kind, text):
        name = hashlib.sha256(text.encode()).hexdigest()[:10]
        kind[name] = text
        return name


def packed(widget, shelf, code=()):
    """The figure as plain data: {"root", "models", "variants", "codes", "starts"}.

    models    by id: the class, the state, and the bytes (base64)
    variants  what Python would send when a control is moved that only Python can answer:
              [{"model", "controls": [ids], "positions": {"0,2": changes of the state}}]; "field", where there is one, is the text that goes with it
    starts    what Python would send when the start is moved: {model: {"0,2": [bytes (base64), one for each start in the spec]}}, the key as above, "" without such controls
    codes     how to write the figure in a notebook: [{"canvas", "text" with a slot, "values": {control: [text at each position]}}]
    """
    explorers = [w for w in _tree(widget) if isinstance(w, Explorer)]
    variants, codes, starts, specs = [], [], {}, {}
    for explorer, text in itertools.zip_longest(explorers, code):
        if explorer is None:
            break
        name, controls, (at, positions, begun) = explorer.canvas.model_id, explorer.engine.request.surface_controls, _surfaces(explorer)
        specs[name] = {**positions.pop(at)["spec"], "generation": explorer.canvas.spec["generation"]}
        variants += [{"model": name, "controls": [c.widgets[0].model_id for c in controls], "positions": positions}] if positions else []
        starts.update({name: begun} if any(begun.values()) else {})
        codes += [{"canvas": name, "text": text, "keys": list(explorer.controls), "values": [[repr(v) for v in c.values] for c in explorer.controls.values()]}] if text else []
    near = {explorer.canvas.model_id for explorer in explorers if _whole(explorer.canvas.rest)}
    variants += [variant for w in _tree(widget) if isinstance(w, Hypotenuse) for variant in _lists(w)]
    models = {name: _model(entry, shelf) for name, entry in dependency_state([widget], drop_defaults=False).items()}
    for name, entry in models.items():
        entry["state"].update({"spec": specs[name]} if name in specs else {})
        if name in near:
            entry["buffers"].pop("near", None)  # all of it is in the rest
        for part in entry["buffers"]:
            entry["buffers"][part] = _text(tight(base64.b64decode(entry["buffers"][part])))
    return {"root": widget.model_id, "models": models, "variants": variants, "codes": codes, "starts": starts}


def _tree(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from _tree(child)


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
    light = min(STARTS, HEAVIEST - len(choices) * len(_text(tight(canvas.rest)))) / len(choices)
    for choice in choices:
        key = ",".join(map(str, choice))
        for control, index in zip(controls, choice):
            control.index = index
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
        return {**spec, "words": {**spec["words"], "start": "start"}}  # nobody answers here when it is dragged
    starts = [{"w": [float(x) for x in w], "at": [float(engine.scales["xy"[i]].units(x)) for i, x in enumerate(w)]} for w in [engine.sweep.start, *others]]
    return {**spec, "starts": starts, "words": {**spec["words"], "waiting": ELSEWHERE, "noKernel": ""}}


def _lists(picture):
    """The lists of gradients that the menu offers; one that is typed needs Python."""
    before, positions, texts = picture.text.value, {}, {}
    for i, name in enumerate(picture.presets.options):
        if name in PRESETS:
            picture.text.value = PRESETS[name]
            positions[str(i)] = {"data": picture.canvas.data, "cursor": picture.canvas.cursor, "problem": ""}
            texts[str(i)] = PRESETS[name]
    picture.text.value = before
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


def calls(text, name="explore"):
    """The calls of `name` in the source of a cell, each as one line of code with a slot for the settings."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return []
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name]
    lines = []
    for call in sorted(found, key=lambda node: (node.lineno, node.col_offset)):
        call.keywords = [k for k in call.keywords if k.arg not in ("start_at", "goal")]
        lines.append(re.sub(r"\)$", f", start_at={SLOT})", ast.unparse(call)))
    return lines
