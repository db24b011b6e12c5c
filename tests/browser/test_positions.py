"""What controls say of where they stand, on a plain page: one figure of each kind, models that say fractions, text, nothing."""

import base64
import math

import pytest
from explorers import TWO_FRAMES

from fronts import HAIR, NOWHERE, PLACES, controls_of
from helpers.against_G import against_G
from helpers.epsilon import epsilon_rule
from helpers.explorer import explore
from helpers.hypotenuse import hypotenuse
from helpers.memory_bars import memory_bars
from helpers.race_figure import fair_race
from helpers.surfaces import ravine
from helpers.update_rules import adagrad, rmsprop
from helpers.views import POSITION

FIGURES = {
    "explorer": lambda: explore(
        rmsprop,
        ghost=adagrad,
        on=ravine,
        steps=12,
        beta=[0.5, 0.9],
        eps=[1e-8, 0.1, 0.2, 0],
        start_at={"eps": 0},
    ),
    "against G": lambda: against_G(epsilon_rule, eps=0),
    "memory bars": memory_bars,
    "hypotenuse": lambda: hypotenuse(rmsprop),
    "race": lambda: fair_race(
        {"ravine": ravine}, horizons=[10, 20], etas=[0.1, 0.2, 0.4], mode="one η for all"
    ),
}
READ = ".xp-read, .fair-race-read, .memory-bars-read, .readout"
SHOWN = """async ([code, state, bytes, controls, classes]) => {
  class Fake {
    constructor(state) { Object.assign(this, { state, heard: [] }); }
    get(name) { return this.state[name]; }
    set(name, value) {
      if (Object.is(this.state[name], value)) return;
      this.state[name] = value;
      for (const [event, f] of [...this.heard]) if (event === `change:${name}`) f();
    }
    on(event, f) { this.heard.push([event, f]); }
    off(event, f) { this.heard = this.heard.filter((h) => h[1] !== f); }
    save_changes() {}
    send() {}
  }
  for (const [name, text] of Object.entries(bytes)) state[name] = new DataView(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
  const models = Object.fromEntries(controls.map(([id, said]) => [id, new Fake(said)])), model = new Fake(state);
  model.widget_manager = { get_model: async (id) => models[id] };
  const box = document.createElement("div"), outer = document.createElement("div"), row = document.createElement("div");
  outer.className = classes.join(" "); row.className = `${classes[0]}-controls`;
  for (const [id, said] of controls) { // as ipywidgets' manager shows a slider, its readout left blank
    const part = row.appendChild(document.createElement("div"));
    part.id = id; part.className = said._dom_classes.join(" ");
    part.innerHTML = '<div class="noUi-handle"></div><div class="widget-readout"></div>';
  }
  outer.append(box, row); document.body.replaceChildren(outer);
  const found = (await import("data:text/javascript;base64," + code)).default, widget = typeof found === "function" ? found() : found;
  widget.initialize?.({ model });
  widget.render({ model, el: box });
  globalThis.models = models;
}"""


@pytest.fixture(scope="module")
def page(new_context):
    page = new_context(width=800, height=600).new_page()
    page.wrong = []
    page.on("pageerror", lambda error: page.wrong.append(str(error)))
    page.on("console", lambda message: page.wrong.append(message.text) if message.type == "error" else None)
    page.set_content("<!doctype html><p>a page</p>")
    return page


def show(page, figure, said=lambda control: {}):
    """The figure on the page; `said(control)` is what its models say instead of what the kernel holds."""
    canvas, controls = figure.canvas, controls_of(figure)
    if hasattr(figure, "text"):
        controls.append(figure.text)
    state = {name: value for name, value in canvas.get_state().items() if not name.startswith("_")}
    blobs = {
        name: base64.b64encode(bytes(state.pop(name))).decode() for name in ("near", "rest") if name in state
    }
    kept = ("index", "value", "description", "_options_labels", "_dom_classes")
    told = [(c.model_id, {k: v for k, v in c.get_state().items() if k in kept} | said(c)) for c in controls]
    page.evaluate(
        SHOWN,
        [base64.b64encode(str(canvas._esm).encode()).decode(), state, blobs, told, list(figure._dom_classes)],
    )
    return controls


def reads(page, text):
    """The page says `text`, and nothing else."""
    page.wait_for_function(
        "([read, text]) => document.querySelector(read)?.textContent.replaceAll('\\u00a0', ' ').trim() === text",
        arg=[READ, text.replace("\u00a0", " ").strip()],
        timeout=8000,
    )


def test_the_page_and_the_kernel_take_the_same_whole_position(page):
    page.add_script_tag(content=POSITION.read_text(encoding="utf-8"))
    cases = [[said, count] for said, count, _ in PLACES] + [[said, 35] for said in NOWHERE]
    found = page.evaluate("cases => cases.map(([said, count]) => wholePosition(said, count))", cases)
    assert found == [place for *_, place in PLACES] + [None] * len(NOWHERE)


@pytest.mark.parametrize("kind", FIGURES)
@pytest.mark.parametrize("off", [HAIR, -HAIR], ids=["above", "below"])
def test_a_figure_opens_and_moves_where_its_controls_stand_a_hair_beside(page, kind, off):
    figure = FIGURES[kind]()
    controls = show(page, figure, lambda c: {"index": c.index + off} if hasattr(c, "index") else {})
    reads(page, figure.readout)
    for control in controls:
        if not hasattr(control, "index") or control is getattr(figure, "presets", None):
            continue  # another list of gradients comes from the kernel
        for zero in [c for c in controls if c.description == "ε = 0" and "ε" in control.description]:
            page.evaluate(
                "([id, off]) => { const m = models[id]; m.set('index', Math.round(m.get('index')) + off / 2); }",
                [control.model_id, off],
            )
            page.evaluate(TWO_FRAMES)
            assert page.evaluate("id => models[id].get('value')", zero.model_id) is True, (
                "a fraction beside the same position leaves ε = 0"
            )
            zero.value = False  # but a move does
        for index in [i for i in range(len(control.options)) if i != control.index]:
            control.index = index
            page.evaluate("([id, index]) => models[id].set('index', index)", [control.model_id, index + off])
            reads(page, figure.readout)
    assert not page.wrong, page.wrong


@pytest.mark.parametrize("kind", FIGURES)
def test_beside_a_slider_stands_its_label_and_the_slider_says_its_value(page, kind):
    figure = FIGURES[kind]()
    controls = [
        c
        for c in show(page, figure, lambda c: {"index": c.index + HAIR} if hasattr(c, "index") else {})
        if type(c).__name__ == "SelectionSlider"
    ]
    reads(page, figure.readout)
    page.wait_for_timeout(400)
    for control in controls:
        row = page.locator(f"[id='{control.model_id}']")
        assert row.locator(".widget-readout").text_content() == control.label
        said = row.locator(".noUi-handle").get_attribute("aria-valuetext")
        assert said and not any(word in said for word in ("undefined", "null", "NaN"))


@pytest.mark.parametrize("kind", FIGURES)
def test_a_figure_whose_control_says_nothing_goes_on_and_says_what_it_waits_for(page, kind):
    figure = FIGURES[kind]()
    silent = next(c for c in controls_of(figure) if type(c).__name__ == "SelectionSlider")
    show(page, figure, lambda c: {"index": None} if c is silent else {})
    waits = f"Waiting for “{silent.description}”: this control has not said where it stands."
    see = "text => document.body.textContent.includes(text)"
    page.wait_for_function(see, arg=waits, timeout=8000)
    for said in (
        silent.index,
        math.nan,
        str(silent.index),
        None,
        silent.index + HAIR,
        silent.index + HAIR,
        {},
        silent.index,
    ):
        page.evaluate("([id, said]) => models[id].set('index', said)", [silent.model_id, said])
        missing = said in (None, {}) or said != said
        page.wait_for_function(f"text => ({see})(text) === {str(missing).lower()}", arg=waits, timeout=8000)
    reads(page, figure.readout)
    page.evaluate(
        "([id, many]) => models[id].set('index', many + 3)", [silent.model_id, len(silent.options)]
    )  # of a longer list
    silent.index = len(silent.options) - 1
    if hasattr(figure, "engine") or hasattr(figure, "rates"):
        figure.controls["eps"].widgets[1].value = page.evaluate(
            "id => models[id].get('value')", figure.controls["eps"].widgets[1].model_id
        )
    reads(page, figure.readout)
    assert not page.wrong, page.wrong
