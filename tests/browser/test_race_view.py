"""The fair race in a real browser, on a model without Jupyter: its words are readable at every width, and its title is true at every setting."""

import base64
import itertools

import pytest

from helpers.race_figure import fair_race
from helpers.surfaces import ravine, rosenbrock
from helpers.update_rules import adagrad, gradient_descent, rmsprop

PAGE = """async ([code, css, data, controls]) => {
  const style = document.createElement("style"); style.textContent = css; document.head.append(style);
  const object = (values) => { const heard = []; return { get: (k) => values[k], save_changes: () => {}, on: (e, f) => heard.push([e, f]), off: () => {},
    set: (k, v) => { values[k] = v; heard.forEach(([e, f]) => e === "change:" + k && f()); } }; };
  const models = Object.fromEntries(Object.entries(controls).map(([k, v]) => [k, object(v)]));
  const model = object({ data, controls: Object.fromEntries(Object.keys(controls).map((k) => [k, "IPY_MODEL_" + k])) });
  model.widget_manager = { get_model: async (id) => models[id] };
  const { default: widget } = await import("data:text/javascript;base64," + code);
  const box = document.createElement("div"); document.body.append(box);
  Object.assign(window, { models, box });
  await widget.render({ model, el: box });
}"""
FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(done))))"
SAID = "() => ['title', 'read'].map((part) => box.querySelector(`.fair-race-${part}`).textContent)"
WORDS = """() => { const svg = box.querySelector("svg"), scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
  return [...svg.querySelectorAll("text")].filter((t) => t.textContent).map((t) => { const r = t.getBoundingClientRect();
    return { text: t.textContent, size: parseFloat(getComputedStyle(t).fontSize) * scale, left: r.left, right: r.right, top: r.top + 3, bottom: r.bottom - 3 }; }); }"""


@pytest.mark.parametrize("width", [1280, 800, 400])
def test_words_are_readable_and_apart_and_the_title_follows_until_reset(new_context, width):
    figure = fair_race({"quiet ravine": ravine, "curved valley": rosenbrock}, rules=(gradient_descent, adagrad, rmsprop), horizons=(20, 100), title="A finding")
    controls = {name: {"index": w.index, "_options_labels": list(w._options_labels), "description": w.description} for name, w in figure._controls.items()}
    page = new_context(width=width).new_page()
    page.set_content("<!doctype html><body></body>")
    canvas = figure.canvas
    page.evaluate(PAGE, [base64.b64encode(str(canvas._esm).encode()).decode(), str(canvas._css), canvas.data, controls])
    for surface, horizon, mode, eta in ((0, 0, 0, 37), (1, 1, 0, 37), (1, 0, 1, 5), (0, 1, 1, 59)):
        for name, place in (("surface", surface), ("horizon", horizon), ("mode", mode), ("eta", eta)):
            getattr(figure, name).index = place
            page.evaluate("([name, place]) => models[name].set('index', place)", [name, place])
        page.evaluate(FRAMES)
        assert page.evaluate(SAID) == [figure.heading, figure.readout]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        words = page.evaluate(WORDS)
        assert len(words) > 15 and min(word["size"] for word in words) >= 10
        for a, b in itertools.combinations(words, 2):
            over = min(a["right"], b["right"]) - max(a["left"], b["left"]), min(a["bottom"], b["bottom"]) - max(a["top"], b["top"])
            assert min(over) <= 1, (a["text"], b["text"], over)
    page.get_by_role("button", name="reset").click()
    page.evaluate(FRAMES)
    assert page.evaluate(SAID)[0] == "A finding"
    page.close()
    figure.close_all()
