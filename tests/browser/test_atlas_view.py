"""The atlas in a real browser: on a model without Jupyter at every control, then in JupyterLab and the classic notebook, with a kernel and without."""

import base64
import itertools
from pathlib import Path

import cells
import numpy as np
import pytest
from explorers import RESTED, until
from frontends import Classic, Lab
from thorough import THOROUGH

from helpers.atlas import atlas
from helpers.descent import descend
from helpers.explorer.cells import close_all
from helpers.looks import contrast
from helpers.network import digits
from helpers.update_rules import adagrad, adam, gradient_descent, rmsprop

PAGE = """async ([code, css, state, data, dark]) => {
  const style = document.createElement("style");
  style.textContent = css + `body { margin: 8px; background: ${dark ? "#111" : "#fff"}; }`;
  document.head.append(style);
  const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0)), heard = [];
  const values = { ...state, data: new DataView(bytes.buffer) };
  const model = { get: (k) => values[k], send: (message) => window.said.push(message), on: (e, f) => heard.push([e, f]),
    set: (k, v) => { values[k] = v; heard.forEach(([e, f]) => e === "change:" + k && f()); },
    off: (e, f) => { const i = heard.findIndex((h) => h[0] === e && h[1] === f); if (i >= 0) heard.splice(i, 1); } };
  const { default: widget } = await import("data:text/javascript;base64," + code);
  const outer = document.createElement("div"), box = document.createElement("div");
  outer.className = "atlas"; outer.append(box); document.body.append(outer);
  Object.assign(window, { said: [], model, heard, box, outer, widget, ends: [widget.initialize({ model })] });
  window.ends.push(widget.render({ model, el: box }));
}"""
FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(done))))"
RULES = ((adagrad, 0.18), (rmsprop, 0.018), (gradient_descent, 1.0), (adam, 0.01))
CELLS = [
    cells.SETUP.split("import time")[0] + """from helpers.atlas import atlas
from helpers.descent import descend
from helpers.looks import contrast
from helpers.network import digits
from helpers.update_rules import adagrad, gradient_descent, rmsprop""",
    "shown = atlas(descend(adagrad, digits, 40, eta=0.18), descend(rmsprop, digits, 40, eta=0.018))\nshown",
]


@pytest.fixture(scope="module")
def runs():
    return [descend(rule, digits, 300, eta=eta) for rule, eta in RULES]


@pytest.fixture(scope="module")
def made(runs):
    shown = atlas(*runs)
    yield shown
    close_all(shown)


@pytest.fixture
def twin(made, runs):
    """The atlas of all runs, as at first."""
    if list(made.runs) != runs:
        made.show(*runs)
    made.reset()
    return made


@pytest.fixture
def put(new_context):
    """A function that puts an atlas into an empty page: what a page without any kernel has."""
    pages = []

    def put(shown, width=1280, dark=False, **more):
        page = new_context(width=width, **more).new_page()
        pages.append(page)
        page.trouble = []
        page.on("pageerror", lambda error: page.trouble.append(str(error)))
        page.on("console", lambda message: page.trouble.append(message.text) if message.type == "error" else None)
        page.set_content("<!doctype html><body></body>")
        canvas = shown.canvas
        state = {"uid": canvas.uid, "spec": canvas.spec, "at": canvas.at}
        page.evaluate(PAGE, [base64.b64encode(str(canvas._esm).encode()).decode(), str(canvas._css), state, base64.b64encode(canvas.data).decode(), dark])
        page.wait_for_function("box.querySelector('.at-read').textContent.includes('The ringed weight')")
        return page

    yield put
    for page in pages:
        assert page.trouble == []
        page.close()


def said(page):
    page.evaluate(FRAMES)
    return page.locator(".at-read").first.text_content()


def test_the_slider_moves_through_all_drawn_steps_and_says_what_python_says(twin, put):
    page = put(twin)
    slider = page.locator(".at-scrub")
    slider.focus()
    assert said(page) == twin.readout
    for key, frame in (("Home", 0), ("ArrowRight", 1), ("ArrowRight", 2), ("End", len(twin.frames) - 1), ("ArrowLeft", len(twin.frames) - 2)):
        page.keyboard.press(key)
        twin.step = int(twin.frames[frame])
        assert said(page) == twin.readout and slider.get_attribute("aria-valuetext") == f"step {twin.step} of 300"
    drawn = set()
    for frame in range(0, len(twin.frames), 9):
        slider.evaluate("(s, i) => { s.value = i; s.dispatchEvent(new Event('input', { bubbles: true })); }", frame)
        twin.step = int(twin.frames[frame])
        assert said(page) == twin.readout
        drawn.add(page.locator(".at-map").first.evaluate("c => c.toDataURL()"))
    assert len(drawn) == len(range(0, len(twin.frames), 9))


def test_every_button_shows_what_it_names_and_a_quantity_that_is_not_there_gives_the_reason(twin, put):
    page = put(twin)
    for network, lane in enumerate(twin.canvas.spec["lanes"]):
        page.get_by_role("button", name=lane["label"], exact=True).click()
        twin.network = network
        assert said(page) == twin.readout
        assert page.locator(".at-why").text_content() == " ".join(f"{lane['why'][q]}." for q in ("rate", "G", "step") if q in lane["why"])
        for quantity in ("rate", "G", "step"):
            button = page.get_by_role("button", name=twin.canvas.spec["axes"][quantity]["label"], exact=True)
            before = said(page)
            button.click(force=True)
            if quantity in lane["why"]:
                assert button.get_attribute("aria-disabled") == "true" and button.get_attribute("title") == lane["why"][quantity] and said(page) == before
            else:
                twin.quantity = quantity
                assert said(page) == twin.readout and button.get_attribute("aria-pressed") == "true"
    page.get_by_role("button", name="reset").click()
    twin.reset()
    assert said(page) == twin.readout


def test_a_weight_is_chosen_by_a_click_and_by_the_arrow_keys(twin, put):
    page = put(twin)
    for layer, part in (("W1", 0), ("b1", 1), ("W2", 2), ("b2", 3)):
        box = page.locator(".at-map").nth(part).bounding_box()
        page.mouse.click(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.63)
        assert f"The ringed weight, {layer}[" in said(page)
    maps = page.locator(".at-maps")
    assert maps.evaluate("m => document.activeElement === m")
    page.keyboard.press("PageUp")
    page.keyboard.press("PageUp")
    page.keyboard.press("PageUp")
    for keys, at in ((["Home"], (0, 0)), (["ArrowRight"] * 3, (3, 0)), (["ArrowDown"] * 2, (19, 0)), (["ArrowRight"] * 5, (16, 1)),
                     (["Shift+ArrowDown"], (16, 9)), (["ArrowUp"] * 99, (0, 1)), (["ArrowLeft"] * 99, (0, 0)), (["End"], (63, 31))):
        for key in keys:
            page.keyboard.press(key)
        twin.weight = digits.weight("W1", *at)
        assert said(page) == twin.readout
    page.keyboard.press("PageDown")
    assert "b1[0]" in said(page)


@THOROUGH
def test_tab_goes_through_the_controls_in_the_order_in_which_they_are_read_and_each_shows_it(twin, put):
    page = put(twin)
    seen = []
    for _ in range(13):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("[document.activeElement.className || '', getComputedStyle(document.activeElement).outlineWidth]"))
    order = ["at-button"] * 8 + ["at-scrub", "at-button", "at-button", "at-maps"]
    assert [kind.split()[0] for kind, _ in seen[:12]] == order
    assert {width for _, width in seen[:12]} == {"3px"}


def test_a_drag_in_the_plots_moves_time(twin, put):
    page = put(twin)
    box = page.locator(".at-account").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 120)
    page.mouse.down()
    first = said(page)
    page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + 120)
    page.mouse.up()
    assert first != said(page) and "update 300 of 300" not in first
    page.mouse.move(box["x"] + 1, box["y"] + 120)
    page.mouse.down()
    page.mouse.up()
    assert "before the first of 300 updates" in said(page)


@THOROUGH
@pytest.mark.parametrize("calm", ["no-preference", "reduce"])
def test_play_runs_to_the_end_and_a_hand_on_the_slider_stops_it(twin, put, calm):
    page = put(twin, reduced_motion=calm)
    page.get_by_role("button", name="play").click()
    page.wait_for_timeout(700)
    first = int(page.locator(".at-scrub").input_value())
    assert first < 30
    page.wait_for_timeout(1300)
    assert int(page.locator(".at-scrub").input_value()) > first
    page.locator(".at-scrub").focus()
    page.keyboard.press("ArrowRight")
    at = page.locator(".at-scrub").input_value()
    page.wait_for_timeout(1200)
    assert page.locator(".at-scrub").input_value() == at and page.get_by_role("button", name="play").count() == 1


@THOROUGH
def test_play_pressed_anew_runs_on_one_clock(twin, put):
    page = put(twin, reduced_motion="reduce")
    play, scrub = page.get_by_role("button", name="play"), page.locator(".at-scrub")
    scrub.fill("50")
    play.click()
    scrub.fill("0")  # stops it
    play.click()  # within the second that the first clock sleeps
    seen = []
    for _ in range(25):
        seen.append(int(scrub.input_value()))
        page.wait_for_timeout(100)
    assert seen == sorted(seen) and len(set(seen)) > 1, seen


def test_when_the_hand_rests_the_words_are_spoken_and_python_is_told_once(twin, put):
    page = put(twin)
    page.locator(".at-scrub").focus()
    for _ in range(6):
        page.keyboard.press("ArrowLeft")
    words = said(page)
    page.wait_for_function(RESTED, arg=[page.locator("[aria-live=polite]").element_handle(), words])
    assert words == page.locator(".at-account").get_attribute("aria-label")
    told = page.evaluate("window.said")
    assert [message["kind"] for message in told] == ["at"] and told[0]["at"]["frame"] == len(twin.frames) - 7
    twin._hear(None, told[0], [])
    assert twin.readout == words


@THOROUGH
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 800, 420])
def test_no_word_is_cut_off_covers_another_or_is_hard_to_read(twin, put, width, dark):
    page = put(twin, width, dark)
    for network, quantity, frame, weight in ((0, "rate", 20, 1152), (1, "G", 50, 0), (2, "step", 0, 2409), (3, "G", 107, 2100)):
        page.evaluate("at => model.set('at', at)", {"network": network, "quantity": quantity, "frame": frame, "weight": weight, "by": "python"})
        page.evaluate(FRAMES)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        for canvas in page.locator(".at canvas").all():
            words, wide, high, kind = canvas.evaluate("c => [c.__words ?? [], c.width, c.height, c.className]")
            assert len(words) > 8 or kind in ("at-sign", "at-map")
            for word in words:
                assert contrast(word["ink"], "#111111" if dark else "#FFFFFF") >= 4.5, word
                assert word["left"] >= -1 and word["right"] <= wide + 1 and word["top"] >= -1 and word["bottom"] <= high + 1, word
                assert word["size"] >= 10
            for a, b in itertools.combinations([word for word in words if word["text"].strip()], 2):
                over = min(a["right"], b["right"]) - max(a["left"], b["left"]), min(a["bottom"], b["bottom"]) - max(a["top"], b["top"])
                assert min(over) <= 2, (a["text"], b["text"], over)


@pytest.mark.parametrize("weight", [0, 1152, digits.weight("W1", 31, 5), digits.weight("W1", 31, 30), digits.weight("W1", 7, 12), 2409])
def test_the_account_holds_every_line_of_the_ringed_weight(twin, put, weight):
    """Its axes say that they were widened where, and only where, a line leaves the scale of the colours."""
    page = put(twin)
    page.evaluate("at => model.set('at', at)", {"network": 0, "quantity": "rate", "frame": len(twin.frames) - 1, "weight": weight, "by": "python"})
    page.evaluate(FRAMES)
    lines = {what: [read["values"][what][:, weight] for read in twin._read.lanes if what in read["values"]] for what in ("G", "rate", "step")}
    lines = {what: np.concatenate([line[np.isfinite(line) & (line > 0)] for line in those]) for what, those in lines.items()}
    scales = {what: (10.0 ** twin.scales[what].low, 10.0 ** twin.scales[what].high) for what in lines}
    leaves = any(line.size and (line.min() < 0.99 * scales[what][0] or line.max() > 1.01 * scales[what][1]) for what, line in lines.items())
    words = page.locator(".at-account").evaluate("c => c.__words")
    assert ("(axes widened to hold it)" in [word["text"] for word in words]) == leaves
    exponents = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
    powers = [word["text"] for word in words if word["text"].startswith("10") and word["text"][2:].translate(exponents).lstrip("-").isdigit()]
    if leaves and max(line.max() for line in lines.values() if line.size) > 1e6:
        assert any(int(power[2:].translate(exponents)) >= 6 for power in powers if power[2:])


@pytest.mark.parametrize("width", [1280, 800, 801, 420])
def test_what_is_spoken_makes_no_output_too_high_for_its_box(twin, put, width):
    page = put(twin, width)
    over = page.evaluate("""() => { const box = document.createElement("div");
      box.style.cssText = "overflow: auto; position: relative"; outer.before(box); box.append(outer);
      return [box.scrollHeight - box.clientHeight, box.scrollWidth - box.clientWidth]; }""")
    assert over == [0, 0]


@THOROUGH
def test_a_new_step_is_drawn_in_a_few_milliseconds(twin, put, record_property):
    page = put(twin)
    times = page.evaluate("""async () => {
      const s = box.querySelector(".at-scrub"), out = [];
      for (let i = 0; i <= +s.max; i++) {
        s.value = i;
        s.dispatchEvent(new Event("input"));
        await new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)));
        out.push(+box.dataset.drawn);
      }
      return out.sort((a, b) => a - b);
    }""")
    record_property("told", f"atlas of four networks, a new step drawn: median {times[len(times) // 2]} ms, 95 % within {times[int(len(times) * 0.95)]} ms")
    assert times[len(times) // 2] < 16


@THOROUGH
def test_the_data_is_taken_out_of_what_a_notebook_saves_and_a_closed_figure_hears_nothing_more(twin, put):
    page = put(twin)
    assert page.evaluate("model.get('data')") is None
    page.evaluate("() => { window.more = document.createElement('div'); outer.append(more); ends.push(widget.render({ model, el: more })); }")
    page.evaluate(FRAMES)
    assert page.evaluate("more.querySelector('.at-read').textContent") == said(page)  # a second view has the same data
    page.evaluate("ends.reverse().forEach((end) => end())")
    assert page.evaluate("[heard.length, globalThis.__explorerStores.size]") == [0, 0]


@THOROUGH
def test_other_runs_and_other_places_are_followed(twin, put, runs):
    page = put(twin)
    twin.step, twin.weight, twin.network, twin.quantity = 60, 77, 1, "G"
    twin.show(runs[1], runs[0])
    page.evaluate("""([spec, at, data]) => {
      model.set("spec", spec); model.set("at", at);
      model.set("data", new DataView(Uint8Array.from(atob(data), (c) => c.charCodeAt(0)).buffer));
    }""", [twin.canvas.spec, twin.canvas.at, base64.b64encode(twin.canvas.data).decode()])
    page.wait_for_function("words => box.querySelector('.at-read').textContent === words", arg=twin.readout)
    assert page.get_by_role("button", name="Adam, η = 0.01").count() == 0
    page.evaluate("at => model.set('at', at)", {**twin.canvas.at, "weight": 5, "by": "view"})  # an echo of what another view said long ago
    assert said(page) == twin.readout


# in Jupyter


def in_jupyter(opened):
    page = opened.page
    page.locator(".at-map").first.wait_for()
    read = page.locator(".at-read")
    page.wait_for_function("document.querySelector('.at-read')?.textContent.includes('The ringed weight')")
    assert read.text_content() == opened.ask("shown.readout")
    page.locator(".at-scrub").focus()
    for key in ["ArrowLeft"] * 5:
        page.keyboard.press(key)
    page.get_by_role("button", name="RMSprop, η = 0.018").click()
    page.get_by_role("button", name="G", exact=True).click()
    page.locator(".at-maps").focus()
    for key in ("ArrowRight", "ArrowDown", "PageDown"):  # none of them may move the notebook's own cursor
        page.keyboard.press(key)
    until(page, lambda: opened.ask("[shown.step, shown.weight, shown.network, shown.quantity]") == [35, digits.weight("b1", 0), 1, "G"])
    assert read.text_content() == opened.ask("shown.readout")
    opened.ask("1", "shown.step = 12; shown.weight = 300; shown.network = 0")
    page.wait_for_function("document.querySelector('.at-where').textContent === 'step 12 of 40'")
    assert read.text_content() == opened.ask("shown.readout")
    opened.ask("1", "shown.show(descend(adagrad, digits, 40, eta=0.5))")
    page.wait_for_function("document.querySelector('.at-read').textContent.startsWith('Adagrad, η = 0.5, update 12 of 40')")
    assert read.text_content() == opened.ask("shown.readout")
    opened.watch.check()


def goes_on_alone(opened):
    page = opened.page
    opened.end_kernel()
    page.evaluate("document.querySelectorAll('.modal, .modal-backdrop').forEach(e => e.remove())")
    for key, step in (("Home", 0), ("ArrowRight", 1), ("End", 40)):
        page.locator(".at-scrub").focus()
        page.keyboard.press(key)
        page.wait_for_function("t => document.querySelector('.at-where').textContent === `step ${t} of 40`", arg=step)
    before = page.locator(".at-read").text_content()
    page.get_by_role("button", name="step |Δw|").click()
    page.evaluate(FRAMES)
    assert page.locator(".at-read").text_content() != before


@THOROUGH
def test_in_jupyterlab_page_and_kernel_say_the_same_a_reload_shows_it_again_and_without_a_kernel_it_goes_on(workshop, lab, new_context):
    path = workshop / "notebooks" / "atlas_bench.ipynb"
    cells.write(CELLS, path)
    opened = Lab(new_context(), lab, f"notebooks/{path.name}").run_all()
    in_jupyter(opened)
    opened.save()
    until(opened.page, lambda: not opened.page.evaluate("jupyterapp.shell.currentWidget.context.model.dirty"))
    assert Path(path).stat().st_size < 200_000
    opened.reload()
    opened.page.wait_for_function("document.querySelector('.at-read')?.textContent.includes('update 12 of 40')", timeout=20000)
    assert opened.page.locator(".at-read").text_content() == opened.ask("shown.readout")
    goes_on_alone(opened)
    opened.page.close()


@THOROUGH
def test_in_the_classic_notebook_with_colabs_versions_page_and_kernel_say_the_same(workshop, old, new_context):
    path = workshop / "notebooks" / "atlas_old.ipynb"
    cells.write(CELLS, path)
    opened = Classic(new_context(), old, f"notebooks/{path.name}").run_all()
    in_jupyter(opened)
    goes_on_alone(opened)
    opened.page.close()
