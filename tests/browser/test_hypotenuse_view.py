"""The hypotenuse picture in a real browser, on a model without Jupyter: it says what Python says, at every leg and every β."""

import base64

import pytest

from helpers.hypotenuse import SHARES, fill, hypotenuse
from helpers.update_rules import adagrad, rmsprop

PAGE = """async ([code, css, state]) => {
  const style = document.createElement("style"); style.textContent = css; document.head.append(style);
  const object = (values) => { const heard = []; return { get: (k) => values[k], set: (k, v) => { values[k] = v; heard.forEach(([e, f]) => e === "change:" + k && f()); },
    save_changes: () => {}, on: (e, f) => heard.push([e, f]), off: (e, f) => { const i = heard.findIndex((h) => h[0] === e && h[1] === f); if (i >= 0) heard.splice(i, 1); }, heard }; };
  const beta = object({ index: 0 }), text = object({ value: state.data.asked }), model = object({ ...state, controls: { beta: "IPY_MODEL_b", text: "IPY_MODEL_t" } });
  model.widget_manager = { get_model: async (id) => ({ b: beta, t: text })[id] };
  const { default: make } = await import("data:text/javascript;base64," + code);
  const box = document.createElement("div"); document.body.append(box);
  const done = await make().render({ model, el: box });
  const frames = () => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)));
  const said = [];
  for (let i = 0; i < state.data.betas.length; i++) for (let t = 0; t <= state.data.g.length; t++) {
    beta.set("index", i); model.set("cursor", t); await frames(); said.push(box.querySelector(".readout").textContent);
  }
  await new Promise((go) => setTimeout(go, 500));
  const label = box.querySelector("canvas").getAttribute("aria-label"), spoken = box.querySelector("[aria-live=polite]").textContent, wide = box.scrollWidth;
  done();
  return { said, label, spoken, wide, left: [beta, text, model].map((m) => m.heard.length), inside: box.childElementCount };
}"""


@pytest.mark.parametrize("width", [420, 1100])
def test_the_browser_says_what_python_says_at_every_position(new_context, width):
    picture = hypotenuse(adagrad, rmsprop, gradients=(0, 3, -4, 0, 12))
    canvas, trouble = picture.canvas, []
    page = new_context(width=width).new_page()
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("console", lambda message: trouble.append(message.text) if message.type == "error" else None)
    page.set_content("<!doctype html><body style='margin:0'></body>")
    code = base64.b64encode(canvas._esm.encode() if isinstance(canvas._esm, str) else str(canvas._esm).encode()).decode()
    seen = page.evaluate(PAGE, [code, str(canvas._css), {"data": canvas.data, "cursor": 0, "problem": ""}])
    page.close()
    wanted = [fill(canvas.data, t, i) for i in range(len(SHARES)) for t in range(len(picture.gradients) + 1)]
    assert seen["said"] == wanted and trouble == []
    assert seen["label"] == seen["spoken"] == wanted[-1] and seen["wide"] <= width
    assert seen["left"] == [0, 0, 0] and seen["inside"] == 0  # a view that is taken away hears nothing any more
