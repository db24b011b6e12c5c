"""Every figure of the notebooks as pictures for slides: a PNG in large type, and a GIF in which it moves.

    python start.py slides               all notebooks, into the folder slides/
    python start.py slides 04 06         these alone

The notebooks are run here, and each figure draws itself as it does beside its live form: no browser, no network. A card's figure is shown as
if the card had been answered. index.md in the folder lists files, titles and alternative texts.
"""

import base64
import io
import os
import re
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from html import unescape
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402
from PIL import Image  # noqa: E402

from helpers.exercises.cards import Predict  # noqa: E402
from helpers.pictures import drawn_for, pixels, png  # noqa: E402
from tools.notebooks.books import chosen  # noqa: E402
from tools.site.run import read, shown_by, source  # noqa: E402

HALL = {"dpi": 200, "type": 1.25}  # 1 800 pixels across, type a quarter larger than on a page
MOVING = {"dpi": 100, "type": 1.25}
FRAMES = 40  # pictures of a GIF, at most
WHOLE, SLOWEST, REST = 4400, 900, 2500  # milliseconds of all of them together, of one at most, and of the last
LARGEST = 3_000_000  # bytes of a GIF
SPELT = {"η": "eta", "α": "alpha", "β": "beta", "ε": "eps", "√": "root-", "₁": "1", "₂": "2"}
NOTHING = "no picture, for this figure cannot draw itself and the notebook holds none"
NO_PICTURE = "stored in the notebook; this figure cannot draw itself at another state"


class Slide(NamedTuple):
    name: str      # of its files, without ending; "" where there are none
    notebook: str  # the file
    title: str
    alt: str
    moving: bool   # is there a GIF?
    note: str = ""


# what a notebook shows


def figures_of(thing):
    """[(figure, name of its card or "", title of its card or "")]: the figures in what a cell showed, out of their cards and boxes."""
    if isinstance(thing, Predict):
        return [(thing.figure, thing.prediction.name, thing.prediction.finding)]
    if hasattr(thing, "still") or hasattr(thing, "_repr_png_") or isinstance(thing, Figure):
        return [(thing, "", "")]
    return [found for child in getattr(thing, "children", ()) for found in figures_of(child)]


def words(thing):
    """(title, alternative text) that it has in the notebook."""
    html = _bundle(thing).get("text/html", "")
    title, alt = re.search(r"<strong>(.*?)</strong>", html, re.S), re.search(r'<img alt="([^"]*)"', html)
    return tuple(unescape(found.group(1)) if found else "" for found in (title, alt))


def _bundle(thing):
    made = thing._repr_mimebundle_() if hasattr(thing, "_repr_mimebundle_") else {}
    return made[0] if isinstance(made, tuple) else made


def picture(thing):
    """Its present state as PNG bytes; None where it cannot draw itself."""
    drawn = thing if isinstance(thing, Figure) else thing.still() if hasattr(thing, "still") else None
    if drawn is None:
        return thing._repr_png_() if hasattr(thing, "_repr_png_") else None
    return drawn if isinstance(drawn, bytes) else png(drawn)


# how it moves


def finish(thing):
    """Triangles that are still being laid are laid to the end: on a slide the first of them would stand alone in an empty picture."""
    if hasattr(thing, "gradients") and hasattr(thing, "cursor"):
        thing.cursor = len(thing.gradients)


def clock(thing):
    """(positions, function that goes to one of them): its time, where it has one, else its first slider; ([], None) for what stands still."""
    if not hasattr(thing, "still"):
        return [], None
    for name, last in (("step", lambda: thing.frames), ("step", lambda: range(thing.engine.steps + 1)), ("cursor", lambda: range(len(thing.gradients) + 1))):
        try:
            getattr(thing, name)
            return [int(t) for t in last()], lambda t: setattr(thing, name, t)
        except AttributeError:
            continue
    slider = next(filter(_slides, _tree(thing)), None)
    if slider is None:
        return [], None
    if hasattr(slider, "index"):
        return list(range(len(slider.options))), lambda i: setattr(slider, "index", i)
    return np.arange(slider.min, slider.max + slider.step / 2, slider.step).tolist(), lambda value: setattr(slider, "value", value)


def _slides(widget):
    return type(widget).__name__.endswith("Slider") and (hasattr(widget, "index") or hasattr(widget, "step"))


def _tree(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from _tree(child)


def thinned(positions, most=FRAMES):
    """At most so many of them, both ends among them."""
    places = np.unique(np.linspace(0, len(positions) - 1, min(most, len(positions))).round().astype(int))
    return [positions[i] for i in places]


def played(thing, most=FRAMES):
    """Images of it along its clock, the axes where they are in the last one, so that nothing trembles; [] for what stands still."""
    positions, go = clock(thing)
    images, places = [], None
    for position in reversed(thinned(positions, most)):
        go(position)
        drawn = thing.still()
        if isinstance(drawn, bytes):
            image = Image.open(io.BytesIO(drawn)).convert("RGB")
        else:
            if places and len(places) == len(drawn.axes):
                drawn.set_layout_engine("none")
                for ax, place in zip(drawn.axes, places):
                    ax.set_position(place)
            image = pixels(drawn)
            places = places or [ax.get_position() for ax in drawn.axes]
        images.insert(0, image)
    return images


def gif(images, largest=LARGEST):
    """Images as one GIF, in bytes: with fewer of them, and then smaller ones, where it would be larger than `largest`."""
    beat = min(SLOWEST, WHOLE // len(images))
    while True:
        palette = _palette(images)
        packed = [image.quantize(256, palette=palette, dither=Image.Dither.NONE) for image in images]
        waits = [max(800, beat)] + [beat] * (len(packed) - 2) + [REST]
        out = io.BytesIO()
        packed[0].save(out, "GIF", save_all=True, append_images=packed[1:], duration=waits, loop=0, optimize=True)
        if out.tell() < largest or len(images) < 3 or images[0].width < 300:
            return out.getvalue()
        if len(images) > 20:
            images = thinned(images, 2 * len(images) // 3)
        else:
            images = [image.resize((image.width * 3 // 4, image.height * 3 // 4), Image.LANCZOS) for image in images]


def _palette(images):
    """One for all of them, so that no colour flickers: of the first, the middle and the last, one above the other."""
    seen = [images[0], images[len(images) // 2], images[-1]]
    sheet = Image.new("RGB", (seen[0].width, sum(image.height for image in seen)))
    for i, image in enumerate(seen):
        sheet.paste(image, (0, i * seen[0].height))
    return sheet.quantize(256, method=Image.Quantize.FASTOCTREE)


# files


def slug(text, most=5):
    """The first words of a title, as a file may be called."""
    for sign, spelt in SPELT.items():
        text = text.replace(sign, spelt)
    return "-".join(re.findall(r"[a-z0-9]+", text.lower())[:most]) or "figure"


def export(path, out, most=FRAMES):
    """Run one notebook and write its figures into `out`: [Slide]."""
    cells, made = read(path)["cells"], []
    with drawn_for(**HALL):  # still pictures are drawn while the notebook runs
        shown = shown_by(path)
    for place, things in shown.items():
        for figure, card, finding in (found for thing in things for found in figures_of(thing)):
            finish(figure)
            title, alt = words(figure)
            title = finding or title or _headline(cells, place)
            name, note = f"{cells[place].get('id', place)}-{slug(card or title)}", ""
            name += f"-{sum(slide.name.startswith(name) for slide in made) + 1}" if any(slide.name == name for slide in made) else ""
            with drawn_for(**HALL):
                image = picture(figure)
            if image is None:
                image, note = _stored(cells[place]), NO_PICTURE
                if image is None:
                    made.append(Slide("", path.name, title, alt, False, f"{NOTHING}: {cells[place].get('id', place)}, {type(figure).__name__}"))
                    continue
            (out / f"{name}.png").write_bytes(image)
            with drawn_for(**MOVING):
                pictures = played(figure, most)
            if len(pictures) > 1:
                (out / f"{name}.gif").write_bytes(gif(pictures))
            made.append(Slide(name, path.name, title, alt or getattr(figure, "readout", ""), len(pictures) > 1, note))
    return made


def _headline(cells, place):
    """The nearest headline above."""
    for cell in reversed(cells[:place]):
        found = re.findall(r"^#+ (.+)$", source(cell), re.M) if cell["cell_type"] == "markdown" else []
        if found:
            return found[-1]
    return ""


def _stored(cell):
    """The picture that the notebook holds of a cell, as PNG bytes, or None."""
    found = [output["data"]["image/png"] for output in cell.get("outputs", []) if "image/png" in output.get("data", {})]
    return base64.b64decode("".join(found[0])) if found else None


def index(slides, out):
    """Write index.md into `out`; what it lists of other notebooks stays."""
    listed, path = {slide.notebook for slide in slides}, out / "index.md"
    rows = [_row(slide) for slide in slides]
    if path.exists():
        rows += [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("| [") and line.split("|")[3].strip() not in listed]
    head = ["# Figures for slides", "", "CC BY 4.0, as the texts and pictures of the series. Made anew by `python start.py slides`.", "",
            "| picture | moving | notebook | title | alternative text |", "|---|---|---|---|---|"]
    path.write_text("\n".join([*head, *sorted(rows)]) + "\n", encoding="utf-8")


def _row(slide):
    title, alt = (re.sub(r"\s+", " ", text).replace("|", "\\|") for text in (slide.title, slide.alt))
    moving = f"[GIF]({slide.name}.gif)" if slide.moving else slide.note or "stands still"
    return f"| [{slide.name}]({slide.name}.png) | {moving} | {slide.notebook} | {title} | {alt} |"


# the command


def _export(job):
    path, out = job
    try:
        return export(path, out)
    except Exception as error:  # of a cell: the notebook is to be mended, not this
        return f"{path.name} does not run to its end: {type(error).__name__}: {error}"


def main(asked, out=ROOT / "slides"):
    paths = chosen(asked)
    out.mkdir(exist_ok=True)
    with ProcessPoolExecutor(min(len(paths), os.cpu_count() or 1)) as pool:
        failed = []
        for path, made in zip(paths, pool.map(_export, [(path, out) for path in paths])):
            if isinstance(made, str):
                failed.append(made)
                continue
            index([slide for slide in made if slide.name], out)
            print(f"{path.name}: {sum(bool(slide.name) for slide in made)} figures, {sum(slide.moving for slide in made)} of them moving", flush=True)
            for slide in (slide for slide in made if slide.note):
                print(f"    {slide.name or slide.title}: {slide.note}", flush=True)
    if failed:
        raise ValueError("; ".join(failed))
    print(f"They are in {out}; index.md lists them.")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PROGRESS_FILE"] = str(Path(folder) / "progress.json")  # what a reader has answered is not for slides
        try:
            main(sys.argv[1:])
        except ValueError as error:
            sys.exit(str(error))
