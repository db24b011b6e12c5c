"""Make images/explorer.gif, the README's moving picture: the real figure in a real browser, its η slider moved by this script.

    python images/make_explorer_gif.py        needs the test extra and a Chromium, as `python start.py test` does

The view gets a model of its own kind here instead of Jupyter's, with a plain range input for every slider.
"""

import base64
import io
import json
import os
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from PIL import Image
from playwright.sync_api import sync_playwright

from helpers.explorer import explore
from helpers.surfaces import ravine
from helpers.update_rules import adagrad, rmsprop

TARGET = Path(__file__).with_name("explorer.gif")
TITLE = "RMSprop forgets the steep start, so its rate rises again"
PAGE = """<!doctype html><meta charset="utf-8"><style>body {margin: 14px; background: #fff} %s
.sliders {display: flex; gap: 36px; font: 14px system-ui, "DejaVu Sans", sans-serif} .sliders label {white-space: nowrap} .sliders input {width: 140px; vertical-align: middle; accent-color: #333}</style>
<div class="explorer"><div id="figure"></div><div class="sliders"></div></div>
<script type="module">
%s
const bytes = (s) => { const a = Uint8Array.from(atob(s), (c) => c.charCodeAt(0)); return new DataView(a.buffer); };
const state = %s;
state.near = bytes(state.near); state.rest = bytes(state.rest);
const sliders = state.spec.controls.flatMap((control, c) => {
  const heard = [], own = { index: control.start, value: false };
  const input = document.querySelector(".sliders").appendChild(document.createElement("label"));
  const tell = () => { input.innerHTML = `${control.name} <input type=range min=0 max=${control.count - 1} value=${own.index}> ${control.texts[own.index].split(",")[0].split("= ")[1]}`; };
  tell();
  const model = { changed: {}, get: (k) => own[k], on: (_, f) => heard.push(f), off() {}, save_changes() {}, set(k, v) { own[k] = v; tell(); heard.forEach((f) => f()); } };
  return control.zero === null ? [model] : [model, { changed: {}, get: () => false, on() {}, off() {}, set() {}, save_changes() {} }];
});
const model = { get: (k) => state[k], set: (k, v) => { state[k] = v; }, on() {}, off() {}, send() {}, widget_manager: { get_model: async (id) => sliders[+id] } };
state.widgets = sliders.map((_, i) => String(i));
initialize({ model }); render({ model, el: document.getElementById("figure") });
globalThis.move = (slider, index) => sliders[slider].set("index", index);
globalThis.store = storeOf(state.uid);
globalThis.go = (frame) => { store.frame = frame; for (const view of store.views) view.later(); };
</script>"""


def page(figure):
    """The figure as one HTML page, its data in it."""
    canvas = figure.canvas
    state = {"uid": canvas.uid, "spec": canvas.spec, "near": base64.b64encode(canvas.near).decode(), "rest": base64.b64encode(canvas.rest).decode()}
    return PAGE % (canvas._css, canvas._esm.replace("export default { initialize, render };", ""), json.dumps(state))


def moves(figure):
    """(slider, index, frame): first the run is played, then the hand moves η up, down and back."""
    last, eta = figure.engine.steps, figure.controls["eta"].start
    yield from ((0, eta, t) for t in range(0, last + 1, 2))
    there = [*range(eta, eta + 8), *range(eta + 8, eta - 8, -1), *range(eta - 8, eta + 1)]
    yield from ((0, i, last) for i in there)


def main():
    figure = explore(rmsprop, on=ravine, ghost=adagrad, steps=60, title=TITLE)
    chromium = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if not chromium:
        sys.exit("No Chromium found: install it, or name it in the environment variable CHROMIUM.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        tab = browser.new_page(viewport={"width": 980, "height": 585})
        tab.set_content(page(figure))
        tab.wait_for_function("globalThis.store?.lanes.length")
        tab.wait_for_timeout(500)
        pictures = []
        for slider, index, frame in moves(figure):
            tab.evaluate("([s, i, f]) => { move(s, i); go(f); }", [slider, index, frame])
            tab.wait_for_timeout(40)
            pictures.append(Image.open(io.BytesIO(tab.screenshot())).convert("RGB").resize((784, 468), Image.LANCZOS))
        browser.close()
    palette = pictures[len(pictures) // 2].quantize(128, method=Image.Quantize.FASTOCTREE)
    frames = [picture.quantize(128, palette=palette, dither=Image.Dither.NONE) for picture in pictures]
    waits = [1200 if i in (len(frames) - 1,) else 90 for i in range(len(frames))]
    frames[0].save(TARGET, save_all=True, append_images=frames[1:], duration=waits, loop=0, optimize=True)
    print(f"{TARGET.name}: {len(frames)} pictures, {TARGET.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
