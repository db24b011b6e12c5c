"""The site in a real browser, opened from its folder as from a memory stick: every figure live, alone and with all its sliders, and nothing asked of anybody."""

import re
from pathlib import Path

import pytest
from explorers import OnPage, until
from pages import page_of
from thorough import THOROUGH, every_time

from helpers.against_G import AgainstG
from helpers.explorer import Explorer
from helpers.exercises.cards import Predict
from helpers.hypotenuse import Hypotenuse
from helpers.memory_bars import MemoryBars
from helpers.podium import Podium
from helpers.race_figure import FairRace
from tools.site import links

ROOT = Path(__file__).resolve().parent.parent.parent
BOOK = "06_rmsprop"  # the one that is looked at every time, and by all that is no matter of one notebook
BOOKS = sorted(path.stem for path in (ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))


@pytest.fixture
def open_page(site, new_context):
    """A function that opens a page of the site in a window of its own; what it asked for and what went wrong is kept and judged at the end."""
    opened = []

    def goto(name, fragment="", script="", **window):
        page = new_context(**window).new_page()
        if script:
            page.add_init_script(script)
        page.asked, page.wrong = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("pageerror", lambda error: page.wrong.append(str(error)))
        page.on("console", lambda message: page.wrong.append(message.text) if message.type == "error" else None)
        page.goto((site(name) / page_of(name)).as_uri() + fragment)
        opened.append(page)
        return page

    yield goto
    for page in opened:
        assert not page.wrong, page.wrong
        assert all(url.startswith(("file:", "data:", "blob:")) for url in page.asked), [url for url in page.asked if not url.startswith("file:")]
        page.close()


def awake(page, place):
    """The figure, scrolled to and live."""
    place.scroll_into_view_if_needed()
    page.wait_for_function("place => place.dataset.live === 'yes'", arg=place.element_handle())
    return place


@pytest.mark.parametrize("book", every_time([BOOK], BOOKS))
def test_every_figure_of_a_page_comes_alive_and_says_what_python_says(book, open_page, site):
    page = open_page(book)
    things, _ = site.run(book)
    for place in page.locator(".live").all():
        awake(page, place)
        thing = things[place.get_attribute("id")[4:]]
        if isinstance(thing, Predict):
            look = place.get_by_role("button", name="Show it without an answer")
            assert place.locator("input").count() and look.is_visible()
            look.click()
            thing = thing.figure
        if isinstance(thing, (AgainstG, FairRace, MemoryBars)):
            page.wait_for_function("([e, text]) => e.textContent.replaceAll('\u00a0', ' ').includes(text)", arg=[place.element_handle(), thing.readout.replace("\u00a0", " ")], timeout=8000)
        if isinstance(thing, Explorer):
            told = place.locator(".xp-read")
            assert told.is_visible()
            assert not OnPage(place.locator(".explorer")).show().words_outside()
            page.wait_for_function("([e, text]) => e.textContent === text", arg=[told.element_handle(), thing.readout], timeout=8000)
            for share in (1.0, 0.0, 0.5):  # all sliders together
                for c, control in enumerate(thing.controls.values()):
                    index = round(share * (len(control.values) - 1 - control.has_zero))
                    control.index = index
                    slider = place.locator(f".explorer-control-{c}")
                    if control.kind == "slider":
                        slider.locator("input[type=range]").first.evaluate("(e, i) => { e.value = i; e.dispatchEvent(new Event('input', { bubbles: true })); }", index)
                    elif control.kind == "box":
                        slider.locator("input").set_checked(bool(control.value))
                    elif slider.locator("select").count():
                        slider.locator("select").select_option(index=index)
                    else:
                        slider.locator("button").nth(index).click()
                page.wait_for_function("([e, text]) => e.textContent === text", arg=[told.element_handle(), thing.readout], timeout=8000)


A_HAIR_BESIDE = """
globalThis.requestAnimationFrame = (draw) => setTimeout(() => draw(performance.now()), 0); // nobody looks on
globalThis.cancelAnimationFrame = clearTimeout;
globalThis.hair = 4e-15;
const beside = (index) => (typeof index === "number" ? index + hair * (1 + Math.floor(index / 32)) : index); // it grows with the number that it is beside
addEventListener("DOMContentLoaded", () => { // before the page's own
  const { set } = Model.prototype, mounted = mount;
  Model.prototype.set = function (name, value) {
    const values = typeof name === "string" ? { [name]: value } : { ...name };
    if ("index" in values) values.index = beside(values.index);
    set.call(this, values);
  };
  globalThis.mount = (id) => {
    for (const { state } of Object.values(site.files[id].models)) if ("index" in state) state.index = beside(state.index);
    return mounted(id);
  };
});
"""
MOVED_THERE = """async ([place, controls, opened]) => {
  const { models, cards } = site.figures[place.id.slice(4)], wrong = [], said = () => place.querySelector(".xp-read, .fair-race-read, .memory-bars-read, .readout").textContent.replaceAll("\u00a0", " ").trim();
  for (const card of cards) card.set("state", { said: null, value: null, open: true });
  const shows = async (text, where) => {
    const until = performance.now() + 8000;
    while (said() !== text && performance.now() < until) await new Promise((done) => setTimeout(done, 0));
    if (said() !== text) wrong.push(`${where}: ${said()} | and not | ${text}`);
    for (const node of place.querySelectorAll("[aria-valuetext]")) if (/undefined|NaN|null/.test(node.getAttribute("aria-valuetext"))) wrong.push(`${where}: a slider says ${node.getAttribute("aria-valuetext")}`);
    for (const node of place.querySelectorAll("output.value")) if (!node.textContent) wrong.push(`${where}: nothing beside a slider`);
  };
  const put = (model, zero, i, texts) => {
    zero?.set("value", i === texts.length - 1);
    if (zero && i === texts.length - 1) return;
    "index" in model.state ? model.set("index", i) : model.set("value", !!i);
  };
  await shows(opened, "as it opens");
  for (const { name, ids, texts, rest } of controls) {
    const [model, zero] = ids.map((id) => models[id]), places = [...texts.keys()];
    for (const [sign, order] of [[1, places], [-1, [...places].reverse()]]) {
      globalThis.hair = sign * 4e-15;
      for (const i of order) { put(model, zero, i, texts); await shows(texts[i], `${name} at ${i}, ${sign}`); }
    }
    put(model, zero, rest, texts);
    if (wrong.length > 5) break;
  }
  return wrong;
}"""


def parts(figure):
    """[(name, where it goes back to, number of positions, a function that moves it, its widgets)] of a figure's controls."""
    if hasattr(figure, "engine") or isinstance(figure, AgainstG):
        shown = figure.canvas.controls if isinstance(figure, AgainstG) else figure.controls
        return [(key, control.index, len(control.values), lambda i, c=control: setattr(c, "index", i), control.widgets) for key, control in figure.controls.items() if key in shown]
    keys = [key for key in ("mode", "surface", "horizon", "eta", "kind", "beta", "last", "presets") if getattr(figure, key, None) is not None]
    widgets = {key: getattr(figure, key) for key in keys if hasattr(getattr(figure, key), "options")}
    return [(key, 1 if key == "mode" else w.index, len(w.options), lambda i, w=w: setattr(w, "index", i), [w]) for key, w in widgets.items()]  # η counts in one of the modes


def told_there(figure):
    """(What Python says now, what it says at every position of every control); the figure is left as it was."""
    controls, opened = [], figure.readout.replace("\u00a0", " ").strip()
    began = [(move, index) for _, index, _, move, _ in parts(figure)]
    gradients, legs = getattr(figure, "gradients", None), getattr(figure, "cursor", None)
    for name, rest, count, move, widgets in parts(figure):
        texts = []
        for i in range(count):
            move(i)
            texts.append(figure.readout.replace("\u00a0", " ").strip())
        move(rest)
        controls.append({"name": name, "ids": [w.model_id for w in widgets], "texts": texts, "rest": rest})
    for move, index in began:
        move(index)
    if isinstance(figure, Hypotenuse):
        figure.gradients, figure.cursor = gradients, legs
    return opened, controls


@pytest.mark.parametrize("book", every_time([BOOK], BOOKS))
def test_models_that_stand_a_hair_beside_their_positions_show_what_python_says_there(book, open_page, site):
    """As Colab's do, whose slider writes 20.000000000000004; tests/test_notebooks.py has the kernel's part of it."""
    page = open_page(book, script=A_HAIR_BESIDE, width=700, height=500)
    things, _ = site.run(book)
    moved = 0
    for place in page.locator(".live").all():
        thing = things[place.get_attribute("id")[4:]]
        figure = thing.figure if isinstance(thing, Predict) else thing
        if not hasattr(figure, "canvas") or not parts(figure):
            continue
        opened, controls = told_there(figure)
        awake(page, place)
        wrong = page.evaluate(MOVED_THERE, [place.element_handle(), controls, opened])
        assert not wrong, (place.get_attribute("id"), wrong)
        moved += len(controls)
    assert moved


@pytest.mark.parametrize("book", every_time([BOOK], BOOKS))
def test_no_figure_weighs_more_than_two_megabytes_and_no_page_more_than_six(book, site):
    page = (site(book) / page_of(book)).read_text(encoding="utf-8")
    figures = {name: sum(path.stat().st_size for path in (site(book) / "data").glob(f"{Path(name).stem}.*")) for name in re.findall(r'data-file="([^"]+)"', page)}
    assert figures and max(figures.values()) <= 2_000_000 and sum(figures.values()) + len(page.encode()) <= 6_000_000, (book, figures)
    assert "Find the helpers" not in page and len(page) < 600_000, "a page needs no helpers, nor the cell that finds them"


def test_the_first_figure_comes_alive_by_itself_and_the_others_wait(open_page):
    page = open_page("06_rmsprop")
    page.evaluate("document.querySelector('.live').scrollIntoView()")
    page.wait_for_function("document.querySelector('.live').dataset.live === 'yes' && document.querySelector('.xp-read').textContent.length > 20")
    assert page.locator(".live[data-live=yes]").count() < page.locator(".live").count()  # the others wait until they are scrolled to


def test_a_link_restores_its_setting_and_the_page_gives_the_link_and_the_code(open_page):
    page = open_page("06_rmsprop", "#eta=.13&beta=.99&step=24&start=-5,-2")
    place = page.locator(".live").first
    page.wait_for_function("document.querySelector('.xp-where')?.textContent.startsWith('step 24 ')")
    assert [out for out in place.locator(".explorer-sliders output").all_inner_texts()][:2] == ["0.13", "0.99 (≈ 100 steps)"]
    page.evaluate("() => { navigator.clipboard.writeText = async (text) => { window.copied = text; }; }")
    place.get_by_role("button", name="copy link").click()
    link = page.evaluate("window.copied")
    assert "eta=0.13" in link and "beta=0.99" in link and "step=24" in link and "fig=" in link
    place.get_by_role("button", name="copy as code").click()
    code = page.evaluate("window.copied")
    assert code.startswith("explore(rmsprop, on=ravine") and '"beta": 0.99' in code
    names = {}
    exec("from helpers.explorer import explore\nfrom helpers.surfaces import ravine\nfrom helpers.update_rules import adagrad, rmsprop\nfigure = " + code, names)
    assert names["figure"].controls["eta"].value == 0.13 and names["figure"].controls["beta"].value == 0.99


MOVE = """id => { for (const knob of site.figures[id].knobs) if (!["start", "step", "show", "leg"].includes(knob.said.key)) knob.put((knob.first + 1) % knob.names().length); }"""
OPEN = """id => { for (const knob of site.figures[id].knobs) if (knob.texts) { knob.show(knob.can); return knob.can; } return []; }"""
PLACES = "id => site.figures[id].knobs.map((knob) => knob.text())"
SAYS = "([e, text]) => e.textContent.replaceAll('\u00a0', ' ').includes(text)"


@THOROUGH
@pytest.mark.parametrize("book", BOOKS)
def test_every_figure_has_a_link_that_brings_its_setting_back_and_code_that_says_the_same(book, open_page, site):
    page = open_page(book)
    _, names = site.run(book)
    page.evaluate("() => { navigator.clipboard.writeText = async (text) => { window.copied = text; }; }")
    for place in page.locator(".live").all():
        awake(page, place)
        while place.get_by_role("button", name="Show it without an answer").count():
            place.get_by_role("button", name="Show it without an answer").click()
        name, node = place.get_attribute("id")[4:], place.element_handle()
        place.get_by_role("button", name="copy link").click()
        assert f"{page_of(book)}#fig={name}" in page.evaluate("window.copied")
        if not page.evaluate("id => site.figures[id].knobs.length", name):
            continue  # a still picture behind a card
        page.wait_for_timeout(300)
        words = place.locator(".told").evaluate_all("all => all.map((told) => { told.textContent = ''; })") and place.evaluate("e => e.textContent")
        page.evaluate(MOVE, name)
        panels = page.evaluate(OPEN, name)
        page.wait_for_function("([e, before]) => e.textContent !== before", arg=[node, words])
        place.get_by_role("button", name="copy link").click()
        link = page.evaluate("window.copied")
        code = place.get_by_role("button", name="copy as code")
        assert code.count() or name == "00-13"  # the figure of the self-test, which no line of the notebook makes
        page.wait_for_timeout(300)
        if code.count():
            code.click()
            text = page.evaluate("window.copied")
            if "\n" in text:
                exec(text, names)
            figure = names["figure"] if "\n" in text else eval(text, names)
            if isinstance(figure, Explorer):
                here = dict(zip(links.keys(links.settings(figure)), page.evaluate(PLACES, name)))
                assert {key: here[key] for key in figure.controls} == {key: links.name(control.value) for key, control in figure.controls.items()}
            elif isinstance(figure, Podium):
                assert figure.said == page.evaluate(PLACES, name)
            else:
                page.wait_for_function(SAYS, arg=[node, figure.readout.replace("\u00a0", " ")], timeout=8000)
            assert not panels or set(panels) <= set(figure.canvas.spec["shown"])
        moved = page.evaluate(PLACES, name)
        page.evaluate("name => { location.hash = `fig=${name}`; }", name)
        page.wait_for_function("id => site.figures[id].knobs.every((knob) => knob.text() === (knob.texts ? knob.first : knob.names()[knob.first]))", arg=name)
        page.evaluate("link => { location.hash = link.split('#')[1]; }", link)
        page.wait_for_function(f"([id, texts]) => ({PLACES})(id).join(';') === texts.join(';')", arg=[name, moved])
        assert not page.locator(".from-link").count()


@THOROUGH
@pytest.mark.parametrize("fragment, said", [
    ("#eta=.12&step=24", "asks for eta = .12; the nearest position of this page is shown, 0.13."),
    ("#eta=abc", "“abc” in the link is no value of eta, which stands where it began, at 0.1."),
    ("#eta=.13&step=xyz&start=foo", "“xyz” in the link is no value of step, which stands where it began, at 60. “foo” in the link is no value of start"),
    ("#eta=.13&speed=3", "“speed” in the link cannot be set in this figure, only eta, beta, eps, step, start, show."),
    ("#eta=.13&show=G,pie", "opens “pie”, which is no panel of this figure."),
    ("#fig=06-99&eta=.13", "leads to a figure “06-99”; this page has none of that name."),
    ("#speed=3", "sets “speed”; no figure of this page knows that."),
    ("#fig=06-30&beta=.5", "waits behind this question: answer it, or show the figure without an answer."),
    ("#fig=07-05&eps=0.15", "asks for eps = 0.15; the nearest position of this page is shown, 0.1."),  # by factors, as the slider goes; its switch for 0 is not near
    ("#fig=06-23&eps=0.05", "asks for eps = 0.05; the nearest position of this page is shown, 0.1."),
    ("#fig=07-05&eps=1e-300", "asks for eps = 1e-300; the nearest position of this page is shown, 1e-12."),
    ("#fig=07-05&eps=-1", "“-1” in the link is no value of eps, which stands where it began"),
    ("#fig=01-18&condition=4", "asks for condition = 4; the nearest position of this page is shown, 3."),
    ("#fig=01-18&condition=11", "asks for condition = 11; the nearest position of this page is shown, 10."),
])
def test_what_a_link_asks_and_the_page_cannot_do_is_said(fragment, said, open_page):
    page = open_page(fragment[5:7] if fragment.startswith("#fig=") else "06", fragment)
    page.wait_for_function("said => document.querySelector('.from-link')?.textContent.includes(said)", arg=said)
    if "eta=.13" in fragment and "fig=" not in fragment:  # what it can do, it does
        assert page.locator("#fig-06-05 .explorer-sliders output").first.inner_text() == "0.13"
    if "behind" in said:
        page.locator("#fig-06-30").get_by_role("button", name="Show it without an answer").click()
        page.wait_for_function("!document.querySelector('.from-link')")
        assert page.locator("#fig-06-30 .explorer-sliders output").all_inner_texts()[1] == "0.5 (≈ 2 steps)"


@THOROUGH
def test_a_link_alone_leads_to_its_figure_and_what_it_does_not_name_is_as_at_first(open_page):
    page = open_page("06_rmsprop", "#fig=06-23")
    page.wait_for_function("document.querySelector('#fig-06-23').dataset.live === 'yes' && Math.abs(document.querySelector('#fig-06-23').getBoundingClientRect().top - 8) < 2")
    assert page.evaluate("document.querySelectorAll('.live[data-live=yes]').length") < page.locator(".live").count(), "only what is near is loaded"
    page.evaluate("location.hash = 'eta%3D.13%26beta%3D.99%26step%3D24'")  # as some programs send it
    page.wait_for_function("document.querySelector('#fig-06-05 .xp-where')?.textContent.startsWith('step 24 ')")
    outs = page.locator("#fig-06-05 .explorer-sliders output")
    assert outs.all_inner_texts()[:2] == ["0.13", "0.99 (≈ 100 steps)"]
    page.evaluate("location.hash = 'fig=06-05&beta=.5'")
    page.wait_for_function("document.querySelector('#fig-06-05 .xp-where').textContent.startsWith('step 60 ')")
    assert outs.all_inner_texts()[:2] == ["0.1", "0.5 (≈ 2 steps)"]


@THOROUGH
@pytest.mark.parametrize("how", ["key", "link"])
def test_a_figure_whose_other_starts_cannot_be_loaded_says_so(how, open_page):
    page = open_page("06_rmsprop")
    place = awake(page, page.locator("#fig-06-05"))
    page.evaluate("() => { loaded = async () => { throw new Error('gone'); }; }")
    if how == "key":
        place.locator(".xp-start").focus()
        page.keyboard.press("ArrowRight")
    else:
        page.evaluate("location.hash = 'fig=06-05&start=-4,2'")
    page.wait_for_function("document.querySelector('#fig-06-05').textContent.includes('The file with the runs from other starts could not be loaded.')")


WAIT = """part => { // what is loaded from now on and has `part` in its name waits for `arrive()`
    const at_once = loaded, gate = new Promise((open) => { window.arrive = open; });
    loaded = async (src) => { if (src.includes(part)) { window.asked = src; await gate; } return at_once(src); };
}"""
ASKED = "window.asked"
START_OF = "id => document.querySelector(`#fig-${id} .xp-start`)?.getAttribute('aria-label')?.split('w = ')[1].split(';')[0]"


def follow(page, link):
    page.evaluate("async link => { const heard = new Promise((done) => addEventListener('hashchange', done, { once: true })); location.hash = link; await heard; }", link)


def settled(page):
    """Whatever had waited has come, and is drawn."""
    page.evaluate("arrive()")
    page.wait_for_timeout(800)


@THOROUGH
@pytest.mark.parametrize("second", ["fig=06-05", "fig=06-05&start=-4,2"])
def test_a_start_that_arrives_late_does_not_win_over_a_later_link(second, open_page):
    page = open_page("06_rmsprop")
    awake(page, page.locator("#fig-06-05"))
    page.evaluate(WAIT, "06-05.starts.js")
    follow(page, "fig=06-05&start=2,2")
    page.wait_for_function(ASKED)
    follow(page, second)
    settled(page)
    assert page.evaluate(START_OF, "06-05") == ("-4, 2" if "start" in second else "-5, -2")


@THOROUGH
@pytest.mark.parametrize("pause", [0, 600])  # milliseconds: the view asks once more when the key has rested
def test_reset_wins_over_a_start_that_is_on_its_way(pause, open_page):
    page = open_page("06_rmsprop")
    place = awake(page, page.locator("#fig-06-05"))
    page.evaluate(WAIT, "06-05.starts.js")
    place.locator(".xp-start").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(ASKED)
    page.wait_for_timeout(pause)
    place.get_by_role("button", name="reset").click()
    page.wait_for_timeout(500)
    settled(page)
    assert page.evaluate(START_OF, "06-05") == "-5, -2"
    page.wait_for_timeout(3000)  # after which the view would say that nothing came
    assert place.locator(".xp-note").is_hidden()


@THOROUGH
@pytest.mark.parametrize("book", ["01_gradient_descent"])
def test_a_link_to_another_surface_keeps_the_start_that_it_names(book, open_page):
    page = open_page(book, "#fig=01-22&scale=1&eta=0.1&start=-2,0")
    page.locator("#fig-01-22").get_by_role("button", name="Show it without an answer").click()
    page.wait_for_function(f"({START_OF})('01-22') === '-2, 0'")
    follow(page, "fig=01-22&scale=2&eta=0.1&start=-2,0")
    page.wait_for_timeout(800)
    assert page.evaluate(START_OF, "01-22") == "-2, 0"
    assert page.evaluate("site.figures['01-22'].knobs.find((knob) => knob.said.key === 'scale').text()") == "2" and not page.locator(".from-link").count()


@THOROUGH
def test_of_two_links_in_a_row_the_last_one_stays(open_page):
    page = open_page("06_rmsprop")
    awake(page, page.locator("#fig-06-05"))
    page.evaluate(WAIT, "06-30.js")
    follow(page, "fig=06-30&beta=.5&nonsense=1")
    page.wait_for_function(ASKED)
    follow(page, "fig=06-05&eta=.4&other=1")
    settled(page)
    page.wait_for_function("document.querySelector('#fig-06-30').dataset.live === 'yes'")
    [said] = page.locator(".from-link").all_inner_texts()
    assert "“other”" in said and page.locator("#fig-06-05 > .from-link").count()
    assert page.locator("#fig-06-05 .explorer-sliders output").first.inner_text() == "0.4"
    assert abs(page.evaluate("document.querySelector('#fig-06-05').getBoundingClientRect().top - 8")) < 2


@THOROUGH
@pytest.mark.parametrize("then", ["fig=99-99", "06-03", ""])
def test_what_was_said_of_a_link_goes_with_it(then, open_page):
    page = open_page("06_rmsprop", "#fig=06-30&nonsense=2")
    page.wait_for_function("document.querySelector('#fig-06-30 > .from-link')?.textContent.includes('“nonsense”')")
    follow(page, then)
    page.locator("#fig-06-30").get_by_role("button", name="Show it without an answer").click()
    page.wait_for_timeout(200)
    said = page.locator(".from-link").all_inner_texts()
    assert [text for text in said if "99-99" not in text] == [] and len(said) == (then == "fig=99-99")


BREAK = """how => { for (const [name, module] of Object.entries(site.modules)) site.modules[name] = {
    never: undefined,
    first: { render() { throw new Error("broken"); } },
    late: { async render({ el }) { el.append("half of a picture"); await null; throw new Error("broken"); } } }[how]; }"""


@THOROUGH
@pytest.mark.parametrize("how", ["never", "first", "late"])  # the script came to nothing, or throws while the figure is drawn
def test_a_figure_whose_script_throws_says_so_and_keeps_its_still_picture(how, open_page):
    page = open_page("06_rmsprop")
    place = page.locator(".live:not([data-live])").last
    words, name = place.inner_text(), place.get_attribute("id")[4:]
    place = page.locator(f"#fig-{name}")
    page.evaluate(BREAK, how)
    for _ in range(2):  # asked again, it says so once
        assert page.evaluate("id => load(id)", name) is None
        assert place.locator("img").count() and place.inner_text().replace("The data of this figure could not be loaded; the still picture remains.", "").strip() == words.strip()
        assert place.get_by_role("status").count() == 1 and place.get_attribute("data-live") == ""
    assert page.wrong
    page.wrong.clear()


@THOROUGH
def test_a_figure_that_cannot_be_drawn_says_why(open_page):
    page = open_page("06_rmsprop")
    place = awake(page, page.locator("#fig-06-05"))
    page.evaluate("() => { CanvasRenderingContext2D.prototype.clearRect = () => { throw new Error('no paper'); }; }")
    place.locator(".explorer-sliders input[type=range]").first.press("ArrowRight")
    page.wait_for_function("document.querySelector('#fig-06-05 .xp-note').textContent === 'This figure could not be drawn: Error: no paper'")
    assert place.locator(".xp-note").is_visible() and page.wrong
    page.wrong.clear()


UNDER = """() => {
  const paint = CanvasRenderingContext2D.prototype, { fillText } = paint;
  globalThis.under = 0;
  paint.fillText = function (...words) { if (!this.canvas.isConnected) globalThis.under++; return fillText.apply(this, words); };
}"""


@THOROUGH
@pytest.mark.parametrize("ratio", [1, 2])
def test_what_stands_still_is_drawn_once_and_every_pixel_is_one_of_the_screen(ratio, open_page):
    page = open_page("06_rmsprop", device_scale_factor=ratio, width=1013)
    place = awake(page, page.locator("#fig-06-05"))
    figure, slider = OnPage(place.locator(".explorer")), place.locator(".explorer-sliders input[type=range]").first
    figure.show().settle()
    assert figure.canvas.evaluate("c => [c.clientWidth * devicePixelRatio, c.getBoundingClientRect().height * devicePixelRatio]") == figure.canvas.evaluate("c => [c.width, c.height]")
    page.evaluate(UNDER)
    began = figure.picture(), figure.readout
    for key in ("ArrowRight", "ArrowRight", "ArrowRight"):
        slider.press(key)
    assert (figure.picture(), figure.readout) != began and page.evaluate("under") == 0
    assert {"loss", "step", "w₁"} <= {word["text"] for word in figure.words()}
    place.get_by_role("button", name="show or hide the panel").first.click()  # other panels, another ground
    figure.settle()
    assert page.evaluate("under") > 5


def test_a_key_is_shown_in_the_next_frame_and_told_in_the_one_after_it(open_page):
    page = open_page("06_rmsprop")
    place = awake(page, page.locator("#fig-06-05"))
    OnPage(place.locator(".explorer")).show().settle()
    page.wait_for_timeout(700)  # the hand rests
    seen = page.evaluate("""async () => {
      const box = document.querySelector("#fig-06-05"), slider = box.querySelector(".explorer-sliders input[type=range]"), canvas = box.querySelector("canvas"), told = box.querySelector(".xp-read");
      const frame = () => new Promise((done) => requestAnimationFrame(() => scheduler.postTask(done, { priority: "user-blocking" })));
      const out = [];
      for (let k = 0; k < 6; k++) {
        const picture = canvas.toDataURL(), words = told.textContent, seen = [];
        slider.value = +slider.value + 1;
        slider.dispatchEvent(new Event("input", { bubbles: true }));
        for (let n = 0; n < 2; n++) { await frame(); seen.push([canvas.toDataURL() !== picture, told.textContent !== words]); }
        out.push(seen);
        await new Promise((done) => setTimeout(done, 120));
      }
      return out;
    }""")
    assert all(first == [True, False] and second == [True, True] for first, second in seen), seen


def _hidden_readout(site, book, cell, start, **moves):
    """What Python says of the figure of a cell, begun at `start`, with controls at these positions."""
    figure = site.run(book)[0][cell]
    figure.move_start(start)
    for key, index in moves.items():
        figure.controls[key].index = index
    return figure.readout


def test_the_start_moves_by_hand_and_by_keys_and_a_link_brings_it_back(open_page, site):
    page = open_page("06_rmsprop", "#fig=06-05&start=-2,2&eta=.13")
    told, place = page.locator("#fig-06-05 .xp-read"), page.locator("#fig-06-05")
    def says(text):
        page.wait_for_function("([e, text]) => e.textContent === text", arg=[told.element_handle(), text], timeout=8000)
    page.wait_for_function("document.querySelector('#fig-06-05 .xp-start')?.getAttribute('aria-label')?.startsWith('start point, w = -2, 2')")
    index = int(place.locator(".explorer-control-0 input[type=range]").input_value())
    says(_hidden_readout(site, "06_rmsprop", "06-05", [-2, 2], eta=index))

    ring = place.locator(".xp-start")
    ring.focus()
    page.keyboard.press("ArrowLeft")  # the next start of the page
    says(_hidden_readout(site, "06_rmsprop", "06-05", [-4, 2], eta=index))
    box, canvas = ring.bounding_box(), place.locator("canvas.xp-canvas").bounding_box()
    page.mouse.move(box["x"] + 16, box["y"] + 16)
    page.mouse.down()
    page.mouse.move(box["x"] + 16, canvas["y"] + canvas["height"] * 0.7, steps=8)
    page.mouse.up()
    page.wait_for_function("!document.querySelector('#fig-06-05 .xp-start').getAttribute('aria-label').includes('-4, 2')")
    start = ring.get_attribute("aria-label").split("w = ")[1].split(";")[0]
    says(_hidden_readout(site, "06_rmsprop", "06-05", [float(x) for x in start.split(",")], eta=index))

    page.evaluate("() => { navigator.clipboard.writeText = async (text) => { window.copied = text; }; }")
    place.get_by_role("button", name="copy link").click()
    assert f"start={start.replace(' ', '')}" in page.evaluate("window.copied")
    place.get_by_role("button", name="copy as code").click()
    assert f", start=[{start}], " in page.evaluate("window.copied")

    place.locator(".explorer-control-1 input[type=range]").evaluate("(e) => { e.value = 1; e.dispatchEvent(new Event('input', { bubbles: true })); }")
    page.wait_for_function("document.querySelector('#fig-06-05 .xp-read').textContent.startsWith('From this start, this page holds each slider moved alone')")
    place.get_by_role("button", name="reset").click()
    says(_hidden_readout(site, "06_rmsprop", "06-05", [-5, -2]))


@THOROUGH
@pytest.mark.parametrize("book", BOOKS)
def test_on_a_phone_nothing_sticks_out_and_sliders_follow_a_finger(book, open_page):
    page = open_page(book, width=420, height=800, has_touch=True, is_mobile=True)
    for place in page.locator(".live").all():
        awake(page, place)
    assert page.evaluate("document.documentElement.scrollWidth") <= 420
    for figure in page.locator(".explorer").all():
        if figure.is_visible():  # not behind a card
            assert not OnPage(figure).show().words_outside()
    sliders = [slider for slider in page.locator(".live input[type=range]").all() if slider.is_visible()]
    for slider in sliders[:3]:
        slider.scroll_into_view_if_needed()
        box = slider.bounding_box()
        values = []
        for share in (0.15, 0.85):
            page.touchscreen.tap(box["x"] + share * box["width"], box["y"] + box["height"] / 2)
            page.wait_for_timeout(60)
            values.append(slider.input_value())
        assert box["height"] >= 24 and (values[0] != values[1] or slider.get_attribute("max") == "0")


@THOROUGH
def test_on_a_phone_the_tab_key_goes_as_the_eye_does(open_page):
    page = open_page("06_rmsprop", width=420, height=800)
    place = awake(page, page.locator("#fig-06-05"))
    place.evaluate("place => { place.tabIndex = -1; place.focus(); }")
    stops = []
    for _ in range(5):
        page.keyboard.press("Tab")
        stops.append(page.evaluate("document.activeElement.matches('input[type=range]:not(.xp-scrub)') ? 'slider' : document.activeElement.className"))
    assert stops[0] == "slider" and stops[-1].startswith("xp-"), stops


@THOROUGH
@pytest.mark.parametrize("width, height", [(1280, 720), (1024, 768), (800, 600)])
@pytest.mark.parametrize("book", ["03_momentum", "06_rmsprop"])
def test_lecture_mode_fills_the_window_cuts_no_word_off_and_keeps_the_sliders_in_sight(book, width, height, open_page):
    page = open_page(book, width=width, height=height)
    place = awake(page, page.locator(f"#fig-{book[:2]}-05"))
    figure = OnPage(place.locator(".explorer")).show()
    figure.click("lecture")
    fills = "([...box]) => JSON.stringify(Object.values(document.querySelector('.xp-lecture')?.getBoundingClientRect().toJSON() ?? {}).slice(0, 4)) === JSON.stringify(box)"
    page.wait_for_function(fills, arg=[0, 0, width, height])
    until(page, lambda: {"rate of each weight", "loss"} <= {word["text"] for word in figure.words()})
    assert {word["text"] for word in figure.words()} >= {"rate of each weight", "loss"} and not figure.words_outside()
    for where in ("0", "document.querySelector('.xp-lecture').scrollHeight"):  # also where the figure is higher than the screen
        page.evaluate(f"document.querySelector('.xp-lecture').scrollTop = {where}")
        boxes = [slider.bounding_box() for slider in place.locator(".explorer-sliders input[type=range]").all()]
        assert boxes and all(0 <= box["y"] and box["y"] + box["height"] <= height for box in boxes)


def test_of_code_only_what_scrolls_is_a_stop_of_the_tab_key_and_on_paper_it_wraps(open_page):
    counts = """() => [...document.querySelectorAll("pre")].filter((e) => e.checkVisibility({ contentVisibilityAuto: true }))
        .map((e) => [e.scrollWidth > e.clientWidth, e.tabIndex >= 0])"""  # in a closed fold nothing can be reached
    page = open_page(BOOK)
    for width in (1280, 420):
        page.set_viewport_size({"width": width, "height": 900})
        until(page, lambda: all(scrolls == stop for scrolls, stop in page.evaluate(counts)))
        shown = page.evaluate(counts)
        assert len(shown) > 5 and all(scrolls == stop for scrolls, stop in shown), width
    assert any(scrolls for scrolls, _ in shown)
    page.emulate_media(media="print")
    assert not any(scrolls for scrolls, _ in page.evaluate(counts))


@THOROUGH
@pytest.mark.parametrize("book", ["06_rmsprop", "08_a_fair_race"])
def test_the_tab_key_reaches_everything_and_shows_where_it_is(book, open_page):
    page = open_page(book)
    for place in page.locator(".live").all():
        awake(page, place)
    page.evaluate("document.querySelector('.skip').focus()")
    where = """() => { const e = document.activeElement, look = getComputedStyle(e);
        return e === document.body ? null : [e.id || e.className || e.textContent, look.outlineStyle !== 'none' && parseFloat(look.outlineWidth) >= 2, e.closest('.live')?.id ?? ''] }"""
    stops = []
    for _ in range(600):
        page.keyboard.press("Tab")
        stops.append(page.evaluate(where))
        if stops[-1] is None:
            break
    assert stops.pop() is None, "the key got stuck"
    assert not [stop for stop in stops if not stop[1]], "no mark of the focus"
    figures = page.locator(".live").evaluate_all("all => all.filter((e) => e.querySelector('button, input, select')).map((e) => e.id)")
    assert {stop[2] for stop in stops} >= set(figures) and len(figures) > 4 and stops[-1][0].endswith("→")


@THOROUGH
@pytest.mark.parametrize("book", ["index", *BOOKS])
def test_axe_finds_nothing_serious(book, open_page, axe):
    page = open_page(book, color_scheme="light")
    for place in page.locator(".live").all():
        awake(page, place)
    look = page.get_by_role("button", name="Show it without an answer")
    while look.count():  # each press takes the button away
        look.first.click()
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(800)  # what is drawn later gets its label when the hand rests
        assert axe(page) > 40
