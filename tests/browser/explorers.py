"""An explorer on a page, as a reader meets it: read-out, picture, sliders, buttons, start point. Nothing here looks inside the widget."""

SLIDER = ".noUi-handle, .ui-slider-handle"
TRACK = ".noUi-base, .ui-slider"
BUTTONS = {"play": '[aria-label="play"], [aria-label="pause"]', "reset": '[aria-label^="reset"]', "pin": '[aria-label^="pin"]', "lecture": '[aria-label^="lecture"]'}
TWO_FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done())))"
RESTED = "([e, said]) => e.textContent === said"  # what is told to a screen reader follows when the hand rests
CONTROLS = """box => {
  const found = [];
  for (let c = 0; ; c++) {
    const parts = box.querySelectorAll(`.explorer-control-${c}`);
    if (!parts.length) return found;
    const one = (what) => parts[0].matches(what) ? parts[0] : parts[0].querySelector(what);
    const handle = one(".noUi-handle, .ui-slider-handle"), menu = one("select"), box_ = one("input[type=checkbox]");
    const buttons = [...parts[0].querySelectorAll(".widget-toggle-button")];
    found.push({ kind: handle ? "slider" : menu ? "menu" : box_ ? "box" : buttons.length ? "buttons" : "?", zero: parts.length > 1, text: handle?.getAttribute("aria-valuetext"),
                 index: menu ? menu.selectedIndex : box_ ? +box_.checked : buttons.length ? buttons.findIndex((b) => b.classList.contains("mod-active")) : null });
  }
}"""


def until(page, holds, seconds=20):
    """Wait until `holds()` is true, which has to come from a kernel, or through several frames."""
    for _ in range(seconds * 20):
        if holds():
            return
        page.wait_for_timeout(50)
    assert holds()


class OnPage:
    """One figure; `box` is a locator of its `.explorer`."""

    def __init__(self, box):
        self.box, self.page = box, box.page
        self.canvas, self.start = box.locator(".xp-canvas"), box.locator(".xp-start")

    def show(self):
        """Scroll to it, and wait until it has painted something."""
        self.canvas.wait_for()
        self.box.scroll_into_view_if_needed()
        self.canvas.evaluate("""c => new Promise((done, fail) => {
          const until = performance.now() + 20000, look = () => {
            if (c.__words?.length && c.clientWidth) return done();
            performance.now() > until ? fail(new Error("this figure has painted nothing for 20 seconds")) : requestAnimationFrame(look);
          };
          look();
        })""")
        return self

    # what is seen

    def settle(self):
        self.page.evaluate(TWO_FRAMES)

    def picture(self):
        """Every pixel, as text that can be compared."""
        self.settle()
        return self.canvas.evaluate("c => c.toDataURL()")

    def words(self):
        """What the canvas says: a dict a word (probe.js)."""
        self.settle()
        return self.canvas.evaluate("c => c.__words")

    def words_outside(self):
        """The words that do not fit on the canvas, and by how much."""
        self.settle()
        words, width, height = self.canvas.evaluate("c => [c.__words, c.width, c.height]")
        return [f"“{w['text']}” on the canvas: {w['left']:.0f} to {w['right']:.0f} of {width}, {w['top']:.0f} to {w['bottom']:.0f} of {height}" for w in words
                if w["left"] < -1 or w["top"] < -1 or w["right"] > width + 1 or w["bottom"] > height + 1]

    @property
    def title(self):
        return self.box.locator(".xp-title").text_content()

    @property
    def readout(self):
        self.settle()
        return self.box.locator(".xp-read").inner_text()

    @property
    def note(self):
        self.settle()
        note = self.box.locator(".xp-note")
        return note.inner_text() if note.is_visible() else ""

    @property
    def step(self):
        self.settle()
        return int(self.box.locator(".xp-where").inner_text().split()[1])

    def controls(self):
        self.settle()
        return self.box.evaluate(CONTROLS)

    def sliders(self):
        """The numbers of the controls that are sliders."""
        return [i for i, control in enumerate(self.controls()) if control["kind"] == "slider"]

    def value(self, control):
        return self.controls()[control]["text"]

    # what a reader does

    def part(self, control, what):
        return self.box.locator(f".explorer-control-{control}").locator(what).first

    def press(self, control, key, times=1):
        handle = self.part(control, SLIDER)
        handle.focus()
        for _ in range(times):
            self.page.keyboard.press(key)
        self.settle()

    def drag(self, control, share, by=5):
        """Take the handle with the mouse to `share` of its track, 0 to 1."""
        handle, track = self.part(control, SLIDER), self.part(control, TRACK)
        handle.scroll_into_view_if_needed()
        h, t = handle.bounding_box(), track.bounding_box()
        mouse, y = self.page.mouse, h["y"] + h["height"] / 2
        mouse.move(h["x"] + h["width"] / 2, y)
        mouse.down()
        mouse.move(t["x"] + t["width"] * share, y, steps=by)
        mouse.up()
        self.settle()

    def switch(self, control):
        """The button that says "= 0"."""
        return self.box.locator(f"button.explorer-control-{control}, .explorer-control-{control} button").first

    def zero(self, control):
        self.switch(control).click()
        self.settle()

    def click(self, button):
        self.box.locator(f".xp-bar > {BUTTONS[button].replace(', ', ', .xp-bar > ')}").first.click()
        self.settle()

    def panel(self, name):
        self.box.locator(f'.xp-toggles [data-panel="{name}"]').click()
        self.settle()

    def scrub(self, share):
        bar = self.box.locator(".xp-scrub")
        bar.scroll_into_view_if_needed()
        b = bar.bounding_box()
        bar.click(position={"x": max(2, min(b["width"] - 2, b["width"] * share)), "y": b["height"] / 2})
        self.settle()

    def reset(self):
        self.click("reset")

    # what it should say

    def obey(self, twin, control=None, wait=0):
        """The page says what Python says at the same setting: `twin` is the same explorer, made in this process. `wait` is for a kernel that must answer first."""
        for _ in range(int(wait * 20) + 1):
            set_like(twin, self.controls(), self.step)
            said, wanted = self.readout, twin.readout
            if said == wanted:
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"the figure “{self.title}”{'' if control is None else f', control {control}'} at {[c['text'] or c['index'] for c in self.controls()]} says\n  {said}\nwhere Python says\n  {wanted}")


def assert_sliders_move(figure, twin):
    """Every slider, by mouse and by key: the figure says what Python says, and draws something else wherever Python's picture is another."""
    moved = 0
    for c in figure.sliders():
        before, said, began = figure.picture(), figure.readout, figure.value(c)
        figure.drag(c, 0.3)
        figure.press(c, "ArrowRight")
        if figure.value(c) == began:  # back where it began: few positions
            figure.press(c, "End")
        figure.obey(twin, c, wait=5)
        changed = figure.picture() != before
        assert changed or figure.readout == said
        moved += changed  # a constant schedule has no use for its half-life: that slider may change nothing
    assert moved or not figure.sliders(), f"no slider of “{figure.title}” changes its picture"
    figure.reset()


def set_like(twin, controls, step):
    """Put a twin's controls and cursor where a page's stand."""
    assert len(controls) == len(twin.controls)
    for here, control in zip(controls, twin.controls.values()):
        if here["kind"] == "slider":
            assert here["text"] in control.texts, f"a handle says {here['text']!r}; it should be one of {control.texts}"
        index = control.texts.index(here["text"]) if here["kind"] == "slider" else here["index"]
        if control.index != index:
            control.index = index
    twin.step = step
