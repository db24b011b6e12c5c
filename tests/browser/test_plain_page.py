"""A figure on a plain page, without any front end round it: what it says and draws at every setting, its keys, its size."""

import base64
import json

import pytest

from helpers.exercises.walk05 import dropping
from helpers.explorer import explore
from helpers.explorer.figure import Canvas
from helpers.rare_feature import rare_feature
from helpers.surfaces import bowl, moving, ravine, turned_ravine
from helpers.switchboard import switchboard
from helpers.update_rules import adagrad, gradient_descent, rmsprop

HOST = """<!doctype html><meta charset="utf-8"><style>body {{ margin: 0 }} {css}</style>
<div id="box" style="overflow: auto"><div class="explorer"><div id="view"></div><div class="explorer-sliders"></div></div></div>
<script type="module">
const data = {data};
const {{ default: figure }} = await import(URL.createObjectURL(new Blob([data.esm], {{ type: "text/javascript" }})));
const bytes = (s) => new DataView(Uint8Array.from(atob(s), (c) => c.charCodeAt(0)).buffer);
class Model {{
  constructor(state) {{ Object.assign(this, {{ state, heard: {{}}, changed: {{}} }}); }}
  get(name) {{ return this.state[name]; }}
  set(name, value) {{
    this.changed = {{ [name]: value }}; this.state[name] = value;
    for (const f of this.heard["change:" + name] ?? []) f();
  }}
  on(event, f) {{ (this.heard[event] ??= []).push(f); }}
  off() {{}}
  save_changes() {{}}
  send() {{}}
}}
globalThis.sliders = data.sliders.map((state) => new Model(state));
const near = bytes(data.near), rest = bytes(data.rest), widgets = data.sliders.map((_, i) => "IPY_MODEL_" + i);
const model = new Model({{ uid: "plain", spec: data.spec, widgets, near, rest }});
model.widget_manager = {{ get_model: async (i) => sliders[+i] }};
figure.initialize({{ model }});
figure.render({{ model, el: document.getElementById("view") }});
</script>"""


class Plain:
    """A figure's page; `.move(key, index)` moves a slider in the page and its twin in Python."""

    def __init__(self, figure, page):
        self.figure, self.page, canvas = figure, page, figure.canvas
        self.widgets = [widget for control in figure.controls.values() for widget in control.widgets]
        states = [{name: getattr(w, name, None) for name in ("index", "value")} for w in self.widgets]
        packed = {name: base64.b64encode(getattr(canvas, name)).decode() for name in ("near", "rest")}
        data = json.dumps({"esm": Canvas._esm, "spec": canvas.spec, "sliders": states, **packed})
        page.set_content(HOST.format(css=Canvas._css, data=data.replace("</", "<\\/")))
        page.wait_for_function("document.querySelector('.xp-read')?.textContent.length > 10")
        page.wait_for_timeout(200)

    def move(self, key, index):
        control = self.figure.controls[key]
        control.index = index
        name = "value" if control.kind == "box" else "index"
        at = self.widgets.index(control.widgets[0])
        value = json.dumps(bool(index) if control.kind == "box" else index)
        self.page.evaluate(f"() => sliders[{at}].set('{name}', {value})")
        self.page.wait_for_timeout(150)

    def agrees(self):
        for _ in range(40):
            if self.page.inner_text(".xp-read") == self.figure.readout:
                return
            self.page.wait_for_timeout(100)
        assert self.page.inner_text(".xp-read") == self.figure.readout

    def words(self):
        return self.page.evaluate("document.querySelector('.xp-canvas').__words")


def uphill(g, *, eta=0.1):
    return eta * g


@pytest.fixture
def plain(new_context):
    def make(figure, width=1280):
        page, wrong = new_context(width=width).new_page(), []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        made = Plain(figure, page)
        made.wrong = wrong
        return made

    return make


@pytest.mark.parametrize("make", [
    lambda: explore(uphill, on=ravine, steps=9),
    lambda: explore(uphill, gradient_descent, on=bowl, steps=9),
    lambda: explore(gradient_descent, on=bowl, steps=30, eta=(0.01, 3)),
    lambda: explore(switchboard, on=ravine, steps=20, beta1=0.9, beta2=0.999, eps=1e-8, eta=[0.1, 0.2]),
    lambda: explore(rmsprop, adagrad, on=moving(ravine, 20, 1), steps=60, own=["eta"], eps=1e-8, beta=[0.5, 0.9]),
], ids=["uphill", "race uphill", "blow up", "switches", "jumps"])
def test_page_and_python_say_the_same_at_the_ends_of_every_control(plain, make):
    page = plain(make())
    page.agrees()
    for key, control in page.figure.controls.items():
        for index in (0, len(control.values) - 1 - control.has_zero):
            page.move(key, index)
            page.agrees()
    assert page.wrong == []


def test_an_open_panel_is_read_out_and_spoken_and_a_closed_one_is_not(plain):
    page = plain(explore(adagrad, on=ravine, steps=60, ghost=gradient_descent))
    before = page.page.inner_text(".xp-read")
    for panel in ("G", "step"):
        page.page.click(f'[data-panel="{panel}"]')
    page.page.wait_for_timeout(900)
    said = explore(adagrad, on=ravine, steps=60, ghost=gradient_descent, show=["G", "step"]).readout
    assert page.page.inner_text(".xp-read") == said == page.page.text_content(".xp-spoken").strip()
    for panel in ("G", "step"):
        page.page.click(f'[data-panel="{panel}"]')
    page.page.wait_for_timeout(200)
    assert page.page.inner_text(".xp-read") == before


def test_what_leaves_a_panel_has_an_arrow_with_its_number_at_the_edge(plain):
    page = plain(explore(gradient_descent, on=bowl, steps=30, eta=(0.01, 3)))
    assert not [word for word in page.words() if word["text"][0] in "▲▼"]
    page.move("eta", len(page.figure.controls["eta"].values) - 1)
    [arrow] = [word["text"] for word in page.words() if word["text"][0] in "▲▼"]
    assert arrow.startswith("▲ ")
    assert [word for word in page.words() if word["text"] == "η: your knob"], "the rate itself stays in its panel"


@pytest.mark.parametrize("width", [1280, 800])
def test_flags_stand_where_weights_are_in_place_and_where_a_rate_has_grown_tenfold(plain, width):
    both = explore(adagrad, gradient_descent, on=rare_feature(0.02), steps=600, own=["eta"], eps=0.01, eta=[0.1, 0.4],
                   start_at={"eta@adagrad": 0.4, "eta@gradient_descent": 0.1})
    page = plain(both, width)
    page.agrees()
    flags = {word["text"]: word for word in page.words() if word["text"].count(": ") == 1 and word["text"].split(": ")[1].isdigit()}
    assert set(flags) == {"Adagrad w₁: 13", "Adagrad w₂: 49", "GD w₁: 12", "GD w₂: 569"}
    boxes = list(flags.values())
    for i, one in enumerate(boxes):  # none on another
        for other in boxes[:i]:
            assert min(one["right"], other["right"]) < max(one["left"], other["left"]) or min(one["bottom"], other["bottom"]) < max(one["top"], other["top"]) + 2
    assert flags["GD w₂: 569"]["right"] > flags["Adagrad w₂: 49"]["right"], "it stands at its step"
    page = plain(explore(rmsprop, ghost=adagrad, on=dropping, steps=600, eta=[0.1], beta=[0.8, 0.9, 0.99], eps=1e-8), width)
    for index, steps in ((1, 44), (2, 460), (0, 21)):
        page.move("beta", index)
        page.agrees()
        assert [word["text"] for word in page.words() if word["text"].startswith("RMSprop: ")] == [f"RMSprop: {steps}"]


def test_digits_recall_from_the_pad_and_from_other_keyboards_and_only_shift_without_a_digit_stores(plain):
    page = plain(explore(adagrad, on=ravine, steps=30, eps=1e-8))
    eta, count = (lambda: page.page.evaluate("sliders[0].get('index')")), len(page.figure.controls["eta"].values)
    start = eta()
    page.page.focus(".xp-button")
    for key, at in (("Numpad4", count - 1), ("Numpad1", start), ("Digit4", count - 1), ("Digit1", start)):
        page.page.keyboard.press(key)
        assert eta() == at, key
    for event, at in (({"key": "4", "code": "Digit4", "shiftKey": True}, count - 1), ({"key": "&", "code": "Digit1"}, start)):  # AZERTY
        page.page.evaluate("(e) => document.querySelector('.xp-button').dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, ...e }))", event)
        assert eta() == at and not page.page.is_visible(".xp-note")
    page.page.keyboard.press("Shift+Digit4")
    page.page.wait_for_timeout(100)
    assert page.page.inner_text(".xp-note") == "Setting stored under 4."


@pytest.mark.parametrize("width", [800, 1280])
def test_a_figure_is_as_high_and_as_wide_as_its_box(plain, width):
    page = plain(explore(adagrad, on=ravine, steps=20), width)
    sizes = "(() => { const b = document.getElementById('box'); return [b.scrollHeight - b.clientHeight, b.scrollWidth - b.clientWidth]; })()"
    assert page.page.evaluate(sizes) == [0, 0]
    page.page.evaluate("document.querySelector('.explorer').style.cssText = 'display: flex; flex-flow: column'")
    page.page.evaluate("document.querySelector('.explorer-sliders').style.order = -1")  # as on a narrow page
    assert page.page.evaluate(sizes) == [0, 0]


def test_a_title_follows_the_sliders_in_the_page(plain):
    page = plain(explore(rmsprop, on=ravine, steps=9, title=lambda beta: f"It averages over {1 / (1 - beta):.0f}", eps=1e-8))
    for index in (0, 3, 8):
        page.move("beta", index)
        assert page.page.inner_text(".xp-title") == page.figure.spec_maker.heading()


@pytest.mark.parametrize("lecture", [False, True])
def test_small_words_stand_at_their_things_or_not_at_all(plain, lecture):
    figure = explore(rmsprop, adagrad, on=moving(ravine, every=100, jump=(-3, 1.5)), steps=200, own=["eta"], beta=[0.9], eps=1e-8)
    page = plain(figure)
    if lecture:
        page.page.focus(".xp-button")
        page.page.keyboard.press("f")
        page.page.wait_for_timeout(900)
    scale, words = (24 if lecture else 12), page.words()
    ticks = {word["text"]: word for word in words}
    ring = page.page.evaluate("(() => { const h = document.querySelector('.xp-start').style; return [parseFloat(h.left), parseFloat(h.top)]; })()")
    for word in [word for word in words if word["text"] == "start: drag me"]:
        x, y = (max(word[a] - at, at - word[b], 0) for at, a, b in ((ring[0], "left", "right"), (ring[1], "top", "bottom")))
        assert (x**2 + y**2) ** 0.5 < 2.2 * scale
    assert "rate × curvature" in ticks


def test_while_another_surface_is_on_its_way_the_line_below_the_title_names_it(plain):
    page = plain(explore(adagrad, on=lambda angle=0.0: turned_ravine(20, angle), steps=9, eta=[0.4], eps=1e-8, angle=[0.0, 45.0]))
    assert page.page.inner_text(".xp-sub") == "ravine of condition 20, turned by 0°"
    at = page.widgets.index(page.figure.controls["angle"].widgets[0])
    page.page.evaluate(f"() => sliders[{at}].set('index', 1)")
    page.page.wait_for_timeout(150)
    assert page.page.inner_text(".xp-sub") == "angle = 45"
    assert page.page.inner_text(".xp-read").startswith("Waiting for the kernel")
