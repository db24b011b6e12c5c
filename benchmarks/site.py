"""How soon the first figure of each page is live, and what a key on its slider costs, beside the same on a page with one slider and one line of text.

    python benchmarks/site.py            builds the site into a temporary folder, and opens it from there in Chromium

Printed: milliseconds from opening a page to its first figure being live, and for 40 keys on the first figure's first slider the time from the key
to the frame in which the figure says the new value, as median and 95 %, with the floor measured in the same window in turn.
"""

import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

FLOOR = """<!doctype html><input id=s type=range min=0 max=99 value=50><p id=p>50</p>
<script>s.oninput = () => requestAnimationFrame(() => { p.textContent = s.value; });</script>"""
KEYS = """async ([slider, told, times]) => {
  const out = [];
  for (let k = 0; k < times; k++) {
    const before = told.textContent, began = performance.now(), up = +slider.value < +slider.max && k % 8 < 4;
    slider.value = +slider.value + (up ? 1 : -1);
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    await new Promise((done) => {
      const look = () => (told.textContent !== before || performance.now() - began > 500 ? requestAnimationFrame(() => done()) : requestAnimationFrame(look));
      look();
    });
    if (told.textContent !== before) out.push(performance.now() - began);
    await new Promise((done) => setTimeout(done, 30));
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
        subprocess.run([sys.executable, "-m", "helpers.site", str(out)], cwd=ROOT, check=True, capture_output=True)
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        for path in sorted(out.glob("[0-9]*.html")):
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.set_content(FLOOR)
            floor = page.evaluate(KEYS, [page.query_selector("#s"), page.query_selector("#p"), 40])
            page.goto(path.as_uri())
            page.evaluate("document.querySelector('.live').scrollIntoView()")
            page.wait_for_function("document.querySelector('.live').dataset.live === 'yes'")
            live = page.evaluate("performance.now()")
            keys = []
            slider, words = page.query_selector(".live .explorer-sliders input[type=range]"), page.query_selector(".live .xp-read")
            if slider and words and words.is_visible():
                keys = page.evaluate(KEYS, [slider, words, 40])
            print(f"{path.stem:28s} first figure live after {live:5.0f} ms; key {told(keys)}, floor {told(floor)}", flush=True)
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
