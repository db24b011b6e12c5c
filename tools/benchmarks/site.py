"""How soon the first figure of each page is live, and what a key on its slider costs, beside the same on a page with one slider and one line on a canvas.

    python tools/benchmarks/site.py            builds the site into a temporary folder, and opens it from there in Chromium

Printed: milliseconds from opening a page to its first figure being live, and for 40 keys on the first figure's first slider the time from the key
to the end of the frame that shows the new picture, as median and 95 %, with the floor measured in the same window in turn.
"""

import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

FLOOR = """<!doctype html><input id=s type=range min=0 max=99 value=50><canvas id=c width=900 height=400></canvas>
<script>const ctx = c.getContext("2d");
s.oninput = () => requestAnimationFrame(() => { ctx.clearRect(0, 0, 900, 400); ctx.beginPath(); ctx.moveTo(0, 0); ctx.lineTo(900, 4 * s.value); ctx.stroke(); });</script>"""
WATCH = """(() => {
  const paint = CanvasRenderingContext2D.prototype, { clearRect } = paint;
  globalThis.pictures = 0;
  paint.clearRect = function (...box) { if (this.canvas.isConnected) globalThis.pictures++; return clearRect.apply(this, box); };
})()"""
KEYS = """async ([slider, times]) => {
  const out = [];
  for (let k = 0; k < times; k++) {
    const before = globalThis.pictures, began = performance.now(), up = +slider.value < +slider.max && k % 8 < 4;
    slider.value = +slider.value + (up ? 1 : -1);
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    await new Promise((done) => {
      const look = () => (globalThis.pictures !== before || performance.now() - began > 500 ? scheduler.postTask(done, { priority: "user-blocking" }) : requestAnimationFrame(look));
      requestAnimationFrame(look);
    });
    if (globalThis.pictures !== before) out.push(performance.now() - began);
    await new Promise((done) => setTimeout(done, 30 + 17 * Math.random())); // a key comes at any time between two frames
  }
  return out;
}"""


def told(times):
    times = sorted(times)
    return f"{statistics.median(times):5.1f} / {times[int(0.95 * (len(times) - 1))]:5.1f} ms of {len(times)}" if times else "no change seen"


def main():
    from conftest import find_chromium
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        out = Path(folder) / "pages"
        subprocess.run([sys.executable, "-m", "tools.site", str(out)], cwd=ROOT, check=True, capture_output=True)
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        for path in sorted(out.glob("[0-9]*.html")):
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.add_init_script(WATCH)
            page.goto("about:blank")
            page.set_content(FLOOR)
            floor = page.evaluate(KEYS, [page.query_selector("#s"), 40])
            page.goto(path.as_uri())
            page.evaluate("document.querySelector('.live').scrollIntoView()")
            page.wait_for_function("document.querySelector('.live').dataset.live === 'yes'")
            live = page.evaluate("performance.now()")
            keys = []
            slider, canvas = page.query_selector(".live .explorer-sliders input[type=range]"), page.query_selector(".live .xp-canvas")
            if slider and canvas and canvas.is_visible():
                keys = page.evaluate(KEYS, [slider, 40])
            print(f"{path.stem:28s} first figure live after {live:5.0f} ms; key {told(keys)}, floor {told(floor)}", flush=True)
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
