"""The figures without a time bar in a real browser: lecture mode, and forced colours."""

import base64

import cells
import pytest
from frontends import Lab

from helpers.against_G import against_G
from helpers.atlas import atlas
from helpers.descent import descend
from helpers.epsilon import epsilon_rule
from helpers.explorer.cells import close_all
from helpers.hypotenuse import hypotenuse
from helpers.memory_bars import memory_bars
from helpers.network import digits
from helpers.podium import podium
from helpers.race import race_on
from helpers.race_figure import fair_race
from helpers.surfaces import ravine
from helpers.update_rules import adagrad, gradient_descent, rmsprop

PAGE = """async ([code, css, classes, state, buffers, controls]) => {
  document.head.append(Object.assign(document.createElement("style"), { textContent: css }));
  const object = (values) => { const heard = []; return { save_changes: () => {}, send: () => {},
    get: (k) => values[k], on: (e, f) => heard.push([e, f]), off: () => {},
    set: (k, v) => { values[k] = v; heard.forEach(([e, f]) => e === "change:" + k && f()); } }; };
  const models = Object.fromEntries(Object.entries(controls).map(([k, v]) => [k, object(v)]));
  const bytes = (text) => new DataView(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
  for (const [k, text] of Object.entries(buffers)) state[k] = bytes(text);
  const names = Object.fromEntries(Object.keys(controls).map((k) => [k, "IPY_MODEL_" + k]));
  const model = object({ ...state, controls: names });
  model.widget_manager = { get_model: async (id) => models[id] };
  const module = (await import("data:text/javascript;base64," + code)).default;
  const widget = typeof module === "function" ? module() : module;
  const box = document.createElement("div"), around = document.createElement("div");
  around.className = classes; around.style.maxWidth = "1100px";
  around.append(box); document.body.append(around);
  widget.initialize?.({ model });
  const end = await widget.render({ model, el: box });
  Object.assign(window, { box, around, end });
}"""
FRAMES = """() => new Promise((done) => setTimeout(() =>
  requestAnimationFrame(() => requestAnimationFrame(done)), 400))"""
NOW = """() => { const root = document.querySelector(".xp-lecture"), r = root?.getBoundingClientRect();
  return r && { box: [r.left, r.top, r.width, r.height].map(Math.round), zoom: root.currentCSSZoom,
    wide: root.scrollWidth - root.clientWidth, high: root.scrollHeight - root.clientHeight }; }"""
NOT_SENT = ("layout", "tabbable", "tooltip", "controls")
OF_A_CONTROL = ("index", "value", "_options_labels", "description")


def race():
    return fair_race({"quiet ravine": ravine}, rules=(gradient_descent, adagrad, rmsprop), horizons=(20, 100))


def table():
    raced = race_on(ravine, (20, 100), rules=(gradient_descent, adagrad, rmsprop))
    return podium([("quiet ravine", raced, 100)], "So it is.")


def weights():
    return atlas(*(descend(rule, digits, 20, eta=eta) for rule, eta in ((adagrad, 0.18), (rmsprop, 0.01))))


def triangles():
    return hypotenuse(adagrad, rmsprop, gradients=[3, 4, 12, 84])


def rates():
    return against_G(epsilon_rule)


FIGURES = [race, table, weights, triangles, memory_bars, rates]


def shown(figure, page):
    """Draw a figure's canvas on a page of its own."""
    canvas = figure.canvas
    state = {name: value for name, value in canvas.get_state().items() if name[0] != "_"}
    state = {name: value for name, value in state.items() if name not in NOT_SENT}
    binary = [name for name, value in state.items() if isinstance(value, (bytes, memoryview))]
    buffers = {name: base64.b64encode(bytes(state.pop(name))).decode() for name in binary}
    controls = {}
    for name, control in getattr(canvas, "controls", {}).items():
        its = {key: getattr(control, key) for key in OF_A_CONTROL if control.has_trait(key)}
        controls[name] = {key: [*value] if isinstance(value, tuple) else value for key, value in its.items()}
    page.set_content("<!doctype html><body style='margin: 8px'><p>A page.</p></body>")
    code = base64.b64encode(str(canvas._esm).encode()).decode()
    page.evaluate(PAGE, [code, str(canvas._css), " ".join(figure._dom_classes), state, buffers, controls])
    page.evaluate(FRAMES)
    return page


@pytest.mark.parametrize("make", FIGURES)
def test_the_key_f_fills_the_window_enlarged_hides_nothing_and_gives_the_page_back(new_context, make):
    figure, page = make(), new_context(width=1600, height=900).new_page()
    shown(figure, page)
    before = page.evaluate("[around.getAttribute('style'), box.clientWidth]")
    page.keyboard.press("f")
    assert page.evaluate(NOW) is None, "nobody has clicked into the figure"
    page.locator("svg, canvas, th").first.click(position={"x": 3, "y": 3})
    for leave in ("f", "Escape", "button"):
        page.keyboard.press("f")
        page.evaluate(FRAMES)
        now = page.evaluate(NOW)
        assert now["box"] == [0, 0, 1600, 900] and now["zoom"] >= 1.04, now
        assert now["wide"] <= 1 and now["high"] <= 1, now
        assert page.get_by_role("button", name="leave (F) lecture mode").is_visible()
        if leave == "button":
            page.get_by_role("button", name="lecture").click()
        else:
            page.keyboard.press(leave)
        page.evaluate(FRAMES)
        assert page.evaluate(NOW) is None
        style, width = page.evaluate("[around.getAttribute('style'), box.clientWidth]")
        assert width == before[1] and "fixed" not in style and "zoom" not in style
    page.evaluate("end()")
    page.keyboard.press("f")
    assert page.evaluate(NOW) is None, "a figure that has gone hears nothing"
    page.close()
    close_all(figure)


def test_in_lecture_mode_a_click_still_meets_the_weight_under_it(new_context):
    figure, page = weights(), new_context(width=1600, height=900).new_page()
    shown(figure, page)
    said, across = [], figure.canvas.spec["across"]
    for _ in range(2):
        box, zoom = page.locator(".at-map").first.bounding_box(), page.evaluate("box.currentCSSZoom")
        left, top, gap, pad = 25, 5, 6, 5  # as maps.js lays out its tiles of 8 x 8 cells
        cell = ((box["width"] / zoom - left - pad + gap) / across - gap) / 8
        tile = 8 * cell + gap
        x, y = left + 6 * tile + 5.5 * cell, top + 3 * tile + 4.5 * cell  # row 4, column 5 of unit 30
        page.mouse.click(box["x"] + zoom * x, box["y"] + zoom * y)
        page.evaluate(FRAMES)
        said.append(page.evaluate("box.querySelector('.at-read').textContent"))
        page.keyboard.press("f")
        page.evaluate(FRAMES)
    assert said[0] == said[1], said
    assert "leads from the pixel in row 4, column 5 to hidden unit 30" in said[0].replace("\xa0", " ")
    page.close()
    close_all(figure)


STAND_INS = """() => {
  const button = (name) => `<button class="jupyter-button ${name}" style="border: 0">on?</button>`;
  const slider = '<div class="noUi-target"><div class="noUi-handle"></div></div>';
  around.insertAdjacentHTML("beforeend", slider + button("") + button("mod-active"));
  const look = (node) => { const s = getComputedStyle(node);
    return { ground: s.backgroundColor, border: s.borderTopStyle }; };
  return [...around.querySelectorAll(".noUi-target, .noUi-handle, .jupyter-button")].map(look); }"""


@pytest.mark.parametrize("make", [race, triangles, memory_bars, rates])
def test_where_the_system_forces_its_colours_sliders_have_edges_and_what_is_on_differs(new_context, make):
    figure, page = make(), new_context(width=1280, forced_colors="active").new_page()
    slider, handle, off, on = shown(figure, page).evaluate(STAND_INS)
    assert {part["border"] for part in (slider, handle, off, on)} == {"solid"}
    assert handle["ground"] != slider["ground"] and on["ground"] != off["ground"]
    page.close()
    close_all(figure)


def test_where_the_system_forces_its_colours_the_atlas_shows_what_is_chosen(new_context):
    figure, page = weights(), new_context(width=1280, forced_colors="active").new_page()
    grounds = """(on) => [...box.querySelectorAll(`.at-group .at-button[aria-pressed=${on}]`)]
        .map((b) => getComputedStyle(b).backgroundColor)"""
    shown(figure, page)
    chosen, others = (set(page.evaluate(grounds, on)) for on in ("true", "false"))
    assert chosen and others and not chosen & others
    page.close()
    close_all(figure)


BOOK = "notebooks/lectured.ipynb"
CELLS = [
    cells.SETUP + "\nfrom helpers.race_figure import fair_race",
    """fair_race({"quiet ravine": ravine, "turned": turned_ravine(20, 45)},
          rules=(gradient_descent, adagrad, rmsprop), horizons=(20, 100))""",
]


def test_in_jupyterlab_a_click_and_the_key_f_do_and_the_sliders_still_move(workshop, lab, new_context):
    cells.write(CELLS, workshop / BOOK)
    page = Lab(new_context(1280, 800), lab, BOOK).run_all().page
    page.locator(".fair-race-read", has_text="wins").wait_for()
    page.locator(".fair-race svg").click(position={"x": 200, "y": 120})
    page.keyboard.press("f")
    page.evaluate(FRAMES)
    now, said = page.evaluate(NOW), page.locator(".fair-race-read").inner_text()
    assert now["box"] == [0, 0, 1280, 800] and now["zoom"] > 1, now
    assert now["wide"] <= 1 and now["high"] <= 1, now
    slider = page.locator(".fair-race-controls .noUi-base").first.bounding_box()
    page.mouse.click(slider["x"] + slider["width"] - 2, slider["y"] + slider["height"] / 2)
    page.locator(".fair-race-title", has_text="after 100 steps").wait_for()
    assert page.locator(".fair-race-read").inner_text() != said
    page.keyboard.press("F")
    page.evaluate(FRAMES)
    assert page.evaluate(NOW) is None and page.locator(".fair-race").bounding_box()["width"] < 1200
