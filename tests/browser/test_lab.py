"""JupyterLab in a real Chromium: one notebook with a figure of each kind, and what the figures do when things go wrong."""

import re

import cells
import pytest
from explorers import RESTED, SLIDER, until
from frontends import Lab
from thorough import THOROUGH

RACE, SECOND, ONE, BOLD, TURNED = range(5)  # the figures of the bench notebook, from the top; SECOND is the race displayed once more


def brightness(rgb):
    parts = [c / 255 / 12.92 if c / 255 <= 0.03928 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in rgb]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one, other):
    high, low = sorted((brightness(one), brightness(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def colour(css):
    if css.startswith("#"):
        return [int(css[i : i + 2], 16) for i in (1, 3, 5)]
    return [float(x) for x in re.findall(r"[\d.]+", css)[:3]]


# One notebook with one figure of each kind, open for all tests down to the next headline


@pytest.fixture(scope="module")
def bench_open(lab, new_context):
    return Lab(new_context(reduced_motion="no-preference"), lab, "notebooks/bench.ipynb").run_all_but_the_last()


@pytest.fixture
def bench(bench_open):
    yield bench_open
    bench_open.watch.check()
    if bench_open.figure(RACE).box.evaluate("box => box.classList.contains('xp-lecture')"):
        bench_open.page.keyboard.press("Escape")
    for nth in (RACE, ONE, BOLD, TURNED):
        bench_open.figure(nth).reset()


@THOROUGH
@pytest.mark.parametrize("nth, name", [(RACE, "race"), (ONE, "one"), (TURNED, "turned")], ids=["race", "one weight", "surface"])
def test_each_slider_moves_the_picture_by_mouse_and_by_key_and_the_words_are_pythons(bench, bench_twins, nth, name):
    figure, twin = bench.figure(nth), bench_twins[name]
    figure.obey(twin)
    for c in figure.sliders():
        for move in (lambda: figure.drag(c, 0.75), lambda: figure.press(c, "ArrowLeft", 3), lambda: figure.drag(c, 0), lambda: figure.drag(c, 1)):
            value, picture, said = figure.value(c), figure.picture(), figure.readout
            move()
            assert figure.value(c) != value
            figure.obey(twin, c, wait=3)
            assert figure.picture() != picture or figure.readout == said, f"{figure.value(c)} looks as {value} did"
        figure.press(c, "Home")


def test_epsilon_zero_is_a_switch_and_moving_the_slider_leaves_it(bench, bench_twins):
    figure, twin = bench.figure(RACE), bench_twins["race"]
    eps = next(i for i, c in enumerate(figure.controls()) if c["zero"])
    figure.press(eps, "End")
    large = figure.picture()
    figure.zero(eps)
    assert figure.value(eps) == "ε = 0"
    figure.obey(twin)
    assert figure.picture() != large
    figure.press(eps, "ArrowLeft")
    assert figure.value(eps) != "ε = 0"
    figure.obey(twin)


@THOROUGH
def test_epsilon_zero_holds_when_it_is_pressed_right_after_the_slider_was_moved(bench):
    figure, keys = bench.figure(RACE), bench.page.keyboard
    eps = next(i for i, c in enumerate(figure.controls()) if c["zero"])
    for _ in range(5):  # the slider's messages are still under way
        figure.press(eps, "Home")
        figure.part(eps, SLIDER).focus()
        for _ in range(5):
            keys.press("ArrowRight")
        figure.switch(eps).focus()
        keys.press("Space")
        bench.ask("1")  # the kernel has heard, and answered, all that was said before
        assert figure.value(eps) == "ε = 0"


def test_play_runs_from_the_start_and_pauses_and_scrubbing_shows_any_step(bench, bench_twins):
    figure = bench.figure(RACE)
    assert figure.step == 60
    figure.click("play")
    until(bench.page, lambda: figure.step < 60)
    early = figure.step
    until(bench.page, lambda: figure.step > early)
    assert 0 <= early < figure.step < 60
    figure.click("play")
    stopped = figure.step
    bench.page.wait_for_timeout(300)
    assert figure.step == stopped
    picture = figure.picture()
    figure.scrub(0.9)
    assert 45 < figure.step < 60 and figure.picture() != picture
    figure.obey(bench_twins["race"])
    bar = figure.box.locator(".xp-scrub")
    bar.press("Home")
    assert figure.step == 0
    bar.press("ArrowRight")
    assert figure.step == 1
    figure.obey(bench_twins["race"])


def test_panels_open_and_close(bench):
    figure = bench.figure(RACE)
    plain, height = figure.picture(), figure.canvas.bounding_box()["height"]
    for panel in ("G", "step"):
        figure.panel(panel)
        assert any(panel in word["text"] and "of each weight" in word["text"] for word in figure.words())
    assert figure.canvas.bounding_box()["height"] >= height
    figure.panel("G")
    figure.panel("step")
    assert figure.picture() == plain


def test_a_pinned_run_stays_as_a_ghost_and_reset_takes_everything_back(bench, bench_twins):
    figure = bench.figure(RACE)
    began = figure.picture()
    figure.click("pin")
    figure.press(0, "ArrowRight", 4)
    assert any(word["text"].startswith("pinned") for word in figure.words())
    assert figure.box.locator('.xp-bar > [aria-label^="pin"]').inner_text() == "pinned: 1"
    figure.scrub(0.4)
    figure.reset()
    assert figure.picture() == began
    figure.obey(bench_twins["race"])


def test_the_start_point_follows_mouse_keyboard_and_finger(bench):
    figure, page = bench.figure(RACE), bench.page
    figure.box.scroll_into_view_if_needed()
    where = lambda: figure.start.get_attribute("aria-label")  # noqa: E731

    def moved(act):
        place, said, picture = where(), figure.readout, figure.picture()
        act()
        until(page, lambda: where() != place and figure.readout != said and figure.picture() != picture and not figure.note)

        def agree():
            answer = bench.ask("(race.readout, ', '.join(f'{x:.3g}' for x in race.start))")
            return figure.readout == answer[0] and answer[1] in where()

        until(page, agree)

    def by_mouse():
        b = figure.start.bounding_box()
        page.mouse.move(b["x"] + 16, b["y"] + 16)
        page.mouse.down()
        page.mouse.move(b["x"] + 76, b["y"] - 64, steps=8)
        page.mouse.up()

    def by_key():
        figure.start.focus()
        for key in ("ArrowRight", "ArrowRight", "ArrowUp", "Shift+ArrowUp"):
            page.keyboard.press(key)

    def by_finger():
        b = figure.start.bounding_box()
        finger = page.context.new_cdp_session(page)
        for kind, dx in (("touchStart", 0), ("touchMove", 15), ("touchMove", 40), ("touchEnd", None)):
            points = [] if dx is None else [{"x": b["x"] + 16 + dx, "y": b["y"] + 16 + dx}]
            finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        finger.detach()

    for act in (by_mouse, by_key, by_finger):
        moved(act)
    figure.reset()
    until(page, lambda: "-5, -2" in where())

    figure.start.focus()
    page.keyboard.press("Shift+ArrowUp")
    figure.reset()  # before the kernel has answered the key
    until(page, lambda: "-5, -2" in where() and bench.ask("race.start.tolist()") == pytest.approx([-5, -2]))
    figure.settle()
    assert "-5, -2" in where()


def test_two_views_of_one_figure_follow_each_other(bench):
    one, two = bench.figure(RACE), bench.figure(SECOND)
    one.press(0, "ArrowRight", 5)
    assert two.value(0) == one.value(0) and two.readout == one.readout and two.picture() == one.picture()
    two.drag(0, 0.2)
    assert two.value(0) == one.value(0) and two.readout == one.readout and two.picture() == one.picture()
    two.scrub(0.5)
    assert two.step == one.step and two.picture() == one.picture()


def test_an_error_of_the_readers_rule_is_shown_with_its_line_and_the_figure_recovers(bench, bench_twins):
    figure = bench.figure(BOLD)
    good = figure.readout
    figure.drag(0, 1)
    assert "eta is too bold" in figure.readout and re.search(r"line 3", figure.readout)
    figure.reset()
    assert figure.readout == good
    figure.obey(bench_twins["bold"])


def test_a_busy_kernel_does_not_hold_up_the_figure(bench, bench_twins):
    last = len(cells.BENCH) - 1
    bench.start_cell(last)
    bench.page.wait_for_function(bench.running, arg=last)
    figure = bench.figure(RACE)
    for share in (0.3, 0.7, 0.5):
        picture = figure.picture()
        figure.drag(0, share)
        figure.obey(bench_twins["race"])
        assert figure.picture() != picture
    assert bench.page.evaluate(bench.running, last)
    bench.interrupt()
    bench.page.wait_for_function(f"i => !({bench.running})(i)", arg=last)


@THOROUGH
def test_running_a_cell_twenty_times_leaves_what_running_it_once_left(bench):
    count = lambda: (bench.ask("len(ipywidgets.widgets.widget._instances)"), bench.page.evaluate("[...__explorerStores.values()].map(s => s.views.size).sort()"))  # noqa: E731
    bench.run_cell(3)
    bench.figure(ONE)
    once = count()
    for _ in range(20):
        bench.run_cell(3)
    bench.figure(ONE)
    assert count() == once


# What a screen, a theme, a habit or a screen reader asks for


@THOROUGH
def test_handles_and_the_read_out_speak(bench, bench_twins):
    figure = bench.figure(RACE)
    for c, control in enumerate(bench_twins["race"].controls.values()):
        handle = figure.part(c, SLIDER)
        assert handle.get_attribute("role") == "slider" and handle.get_attribute("aria-label") == control.label
        assert handle.get_attribute("aria-valuetext") == control.texts[control.start]
        assert handle.get_attribute("tabindex") == "0"
    figure.press(0, "ArrowRight", 2)
    spoken = figure.box.locator("[aria-live=polite]")
    bench.page.wait_for_function(RESTED, arg=[spoken.element_handle(), figure.readout])
    assert figure.readout in figure.canvas.get_attribute("aria-label")
    nameless = figure.box.evaluate("""box => [...box.querySelectorAll("button, input, select, [role=slider], canvas")]
      .filter(e => !(e.getAttribute("aria-label") || e.textContent.trim() || e.labels?.length)).map(e => e.outerHTML.slice(0, 120))""")
    assert not nameless
    told = figure.box.evaluate("""box => [...box.querySelectorAll("[title=null], [title=undefined], [aria-label=null]")].map(e => e.outerHTML.slice(0, 120))""")
    assert not told, "a tooltip says “null”"


def cut_off(figure):
    """What does not fit: sliders' words wider than their room, words beyond the canvas, the canvas beyond its parent."""
    found = figure.box.evaluate("""box => [...box.querySelectorAll(".widget-label, .widget-readout, .xp-button, .xp-read, .explorer-sliders, .explorer-sliders > *, .xp-bar, .jupyter-button")]
      .filter(e => e.offsetParent && e.scrollWidth > e.clientWidth + 1).map(e => `${e.className}: ${e.textContent.trim().slice(0, 40)} needs ${e.scrollWidth}, has ${e.clientWidth}`)""")
    found += figure.box.evaluate("""box => { const room = box.getBoundingClientRect(), sticking = [...box.querySelectorAll(".explorer-sliders *, .xp-bar *, canvas")].filter(e => e.offsetParent && !e.closest(".noUi-base"))
      .filter(e => e.getBoundingClientRect().right > room.right + 1).map(e => `${e.tagName} ${e.className} sticks out of the figure`); return sticking; }""")
    return found + figure.words_outside()


@THOROUGH
@pytest.mark.parametrize("width", [1280, 800, 420])
def test_nothing_is_cut_off(bench, width):
    page = bench.page
    try:
        page.set_viewport_size({"width": width, "height": 900})
        bench.hide_file_browser()
        page.wait_for_timeout(400)
        for nth in (RACE, ONE, TURNED):
            figure = bench.figure(nth)
            figure.panel("step")
            for c in figure.sliders():
                figure.press(c, "End")  # the longest read-outs
            assert not cut_off(figure)
            figure.panel("step")
    finally:
        page.set_viewport_size({"width": 1280, "height": 900})


def unreadable(figure, least=3.0):
    """Words of the canvas with too little contrast to what they stand on."""
    behind = figure.box.evaluate("""box => { for (let e = box; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (!/, 0\\)|transparent/.test(c)) return c; } return "rgb(255, 255, 255)"; }""")
    figure.page.evaluate("globalThis.__lookBehindWords = true")
    try:
        figure.press(0, "ArrowRight")
        words = figure.words()
    finally:
        figure.page.evaluate("globalThis.__lookBehindWords = false")
    page, found = colour(behind), []
    for word in words:
        if not word["text"].strip():
            continue
        *ink, cover = word["behind"]
        under = [i + p * (1 - cover) for i, p in zip(ink, page)]
        if contrast(colour(word["ink"]), under) < least:
            found.append(f"“{word['text']}” {word['ink']} on {[round(x) for x in under]}: {contrast(colour(word['ink']), under):.1f} to 1")
    return found


@THOROUGH
@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_every_word_can_be_read_in_both_themes(bench, theme):
    try:
        bench.command("apputils:change-theme", theme=theme)
        bench.page.wait_for_timeout(600)
        for nth in (RACE, ONE):
            figure = bench.figure(nth)
            assert not unreadable(figure)
            ink, paper = figure.box.locator(".xp-read").evaluate("e => [getComputedStyle(e).color, getComputedStyle(e.closest('.jp-Notebook')).backgroundColor]")
            assert contrast(colour(ink), colour(paper)) >= 7
    finally:
        bench.command("apputils:change-theme", theme="JupyterLab Light")
        bench.page.wait_for_timeout(600)


@THOROUGH
def test_the_canvas_is_sharp_at_two_pixels_a_point(bench):
    figure, screen = bench.figure(RACE), bench.page.context.new_cdp_session(bench.page)
    try:
        screen.send("Emulation.setDeviceMetricsOverride", {"width": 1280, "height": 900, "deviceScaleFactor": 2, "mobile": False})
        figure.press(0, "ArrowRight")
        wide, seen = figure.canvas.evaluate("c => [c.width, c.clientWidth]")
        assert wide == 2 * seen and not cut_off(figure)
    finally:
        screen.send("Emulation.clearDeviceMetricsOverride")
        screen.detach()
        bench.page.set_viewport_size({"width": 1280, "height": 900})


@THOROUGH
def test_who_asked_for_less_motion_gets_a_few_still_pictures(bench):
    figure = bench.figure(RACE)
    bench.page.emulate_media(reduced_motion="reduce")
    try:
        figure.click("play")
        steps = []
        for _ in range(12):
            steps.append(figure.step)
            bench.page.wait_for_timeout(100)
        figure.click("play")
        assert len(set(steps)) <= 3, f"an animation: {steps}"
        figure.scrub(0.5)
        assert 20 < figure.step < 40
        figure.click("play")
        figure.scrub(0)
        figure.click("play")  # within the second that the first clock sleeps
        steps = []
        for _ in range(24):
            steps.append(figure.step)
            bench.page.wait_for_timeout(100)
        figure.click("play")
        assert steps == sorted(steps) and len(set(steps)) > 1, f"two clocks: {steps}"
    finally:
        bench.page.emulate_media(reduced_motion="no-preference")


@THOROUGH
def test_lecture_mode_fills_the_screen_in_large_letters_and_keys_recall_presets(bench, bench_twins):
    figure, page = bench.figure(RACE), bench.page
    figure.part(0, SLIDER).focus()
    page.keyboard.press("f")
    screen = page.evaluate("[innerWidth, innerHeight]")
    until(page, lambda: [round(x) for x in figure.box.bounding_box().values()] == [0, 0, *screen])
    small = figure.box.evaluate("""box => [...box.querySelectorAll("*")].filter(e => e.offsetParent && [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
      .filter(e => !e.closest("[aria-live]") && parseFloat(getComputedStyle(e).fontSize) < 24).map(e => `${e.className}: ${e.textContent.slice(0, 40)}: ${getComputedStyle(e).fontSize}`)""")
    small += [f"{w['text']}: {w['size']}" for w in figure.words() if w["size"] < 24]
    assert not small
    assert not cut_off(figure)
    seen = set()
    for key in "1234":
        page.keyboard.press(key)
        figure.obey(bench_twins["race"])
        seen.add(figure.picture())
    assert len(seen) == 4
    page.keyboard.press("Escape")
    until(page, lambda: figure.box.bounding_box()["width"] < screen[0])


# Without a kernel, and after a reload: a notebook of its own


@pytest.fixture(scope="module")
def alone_open(lab, new_context):
    return Lab(new_context(), lab, "notebooks/alone.ipynb").run_all_but_the_last()


@pytest.fixture
def alone(alone_open):
    yield alone_open
    alone_open.watch.check()


@THOROUGH
def test_a_reloaded_page_shows_its_figures_again(alone, bench_twins):
    alone.save()
    alone.reload()
    figure = alone.figure(RACE)
    figure.obey(bench_twins["race"], wait=5)
    picture = figure.picture()
    figure.press(0, "ArrowRight", 2)
    assert figure.picture() != picture
    figure.obey(bench_twins["race"])


@THOROUGH
def test_without_a_kernel_the_figure_goes_on(alone, bench_twins):
    figure, twin = alone.figure(RACE), bench_twins["race"]
    alone.end_kernel()
    first = {c: figure.value(c) for c in figure.sliders()}
    began = figure.picture()
    for c in figure.sliders():
        picture = figure.picture()
        figure.drag(c, 0.85)
        figure.press(c, "ArrowLeft")
        assert figure.picture() != picture
        figure.obey(twin, c)
    for c in figure.sliders():  # all of them stand elsewhere now: a joint setting
        while figure.value(c) != first[c]:
            here = twin.controls[list(twin.controls)[c]]
            figure.press(c, "ArrowRight" if here.texts.index(figure.value(c)) < here.texts.index(first[c]) else "ArrowLeft")
            figure.obey(twin, c)
    assert figure.picture() == began
    figure.click("play")
    alone.page.wait_for_timeout(300)
    assert 0 <= figure.step < 60
    figure.click("play")


@THOROUGH
def test_without_a_kernel_the_start_says_why_it_does_not_move(alone):
    figure = alone.figure(RACE)
    figure.start.focus()
    figure.page.keyboard.press("ArrowRight")
    until(figure.page, lambda: "No kernel" in figure.note)
    place = figure.start.get_attribute("aria-label")
    assert "-5, -2" in place
