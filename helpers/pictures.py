"""A picture in a notebook: drawn in the house style, shown once, with its title, caption and alternative text."""

import base64
import io
import sys
import traceback
import warnings
from contextlib import contextmanager
from functools import lru_cache
from html import escape

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.mathtext import MathTextParser
from matplotlib.text import Text
from PIL import Image

from helpers.labels import fit, settle
from helpers.surface import is_number, is_whole_number, short

INK, FAINT, PALETTE = "#222222", "#5C5C5C", 128
_drawn = []  # (pixels an inch, how many times as large the type is): how pictures are drawn now, the last one counts


NOT_THE_READERS = ("Glyph .* missing", "constrained_layout not applied", "Matplotlib currently does not support")  # warnings about a long or a foreign name


@lru_cache(maxsize=1000)
def _is_math(words):
    """Can Matplotlib write these words as they stand? Dollars round what it cannot are taken as dollars."""
    if "$" not in words:
        return True
    try:
        MathTextParser("agg").parse(words)
        return True
    except ValueError:
        return False


@contextmanager
def style():
    """Matplotlib's own defaults and ours, whatever the reader has set; afterwards everything is as it was."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(
            {
                "font.size": 10,
                "axes.spines.top": False,
                "axes.spines.right": False,
                "axes.edgecolor": "#666666",
                "axes.titlelocation": "left",
                "axes.titlesize": 10,
                "text.color": INK,
                "axes.labelcolor": INK,
                "xtick.color": INK,
                "ytick.color": INK,
                "axes.labelsize": 10,
                "xtick.labelsize": 9.5,
                "ytick.labelsize": 9.5,
                "axes.unicode_minus": True,
                "lines.linewidth": 1.7,
                "grid.color": "#EBEBEB",
                "axes.axisbelow": True,
                "lines.solid_capstyle": "round",
            }
        )
        yield


class Layout(ConstrainedLayoutEngine):
    """Matplotlib's constrained layout, laid out once a drawing: each time it measures every word."""

    laid_out = False

    def execute(self, figure):
        if not self.laid_out:
            super().execute(figure)


class Picture(Figure):
    """A Matplotlib figure that a notebook shows once: pyplot does not know of it, so nothing stays open and nothing is shown twice."""

    def draw(self, renderer):
        with style(), warnings.catch_warnings():
            for told in NOT_THE_READERS:
                warnings.filterwarnings("ignore", told, UserWarning)
            for text in self.findobj(Text):
                text.set_parse_math(text.get_parse_math() and _is_math(text.get_text()))
            layout = self.get_layout_engine()
            if layout is not None:
                layout.execute(self)
            for ax in self.axes:
                settle(ax, renderer)
            if _drawn:
                fit(self.axes, renderer)
            try:
                if layout is not None:
                    layout.laid_out = True
                super().draw(renderer)
            finally:
                if layout is not None:
                    layout.laid_out = False

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"image/png": base64.b64encode(png(self)).decode(), "text/plain": "<a picture: figures.show gives it title, caption and alternative text>"}


def panels(n=1, height=None):
    """Axes of a new picture, 900 px wide (640 for one): n side by side, at most three a row. `left, right = figures.panels(2)`."""
    if not is_whole_number(n) or not 1 <= n <= 30:
        raise ValueError(f"panels takes how many axes there are, 1 to 30, as in figures.panels(2); got {short(n)}")
    if height is not None and (not is_number(height) or isinstance(height, bool) or not 0.5 <= height <= 100):
        raise ValueError(f"height is that of the picture in inches, 0.5 to 100, or None; got {short(height)}")
    rows, columns = -(-n // 3), min(n, 3)
    with style():
        picture = Picture(figsize=(6.4 if n == 1 else 9, height or 4.2 if rows == 1 else 3.2 * rows), dpi=100, facecolor="white", layout=Layout(w_pad=0.09, h_pad=0.09))
        FigureCanvasAgg(picture)
        return [picture.add_subplot(rows, columns, i + 1) for i in range(n)]


@contextmanager
def drawn_for(dpi, type=1.0):
    """Until it ends, every picture has so many pixels an inch, and type and lines `type` times as large: for slides, for print."""
    _drawn.append((dpi, type))
    try:
        yield
    finally:
        _drawn.pop()


def pixels(figure):
    """A figure as an image, in full colour."""
    inches, dpi = figure.get_size_inches(), figure.dpi
    if _drawn:
        figure.set_size_inches(inches / _drawn[-1][1])  # the same type on less paper, and more pixels to the inch of it
        figure.set_dpi(_drawn[-1][0] * _drawn[-1][1])
    try:
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        return Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3].copy())
    finally:
        figure.set_size_inches(inches)
        figure.set_dpi(dpi)


def png(figure):
    """A figure as PNG bytes, in a palette; in full colour where it is drawn for more than a page."""
    image = pixels(figure)
    return small(image if _drawn else image.quantize(PALETTE, dither=Image.Dither.NONE))


def small(image, **options):
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True, **options)
    return out.getvalue()


class Shown:
    """A picture with its title (the finding), caption (what it means) and alternative text (what is seen)."""

    def __init__(self, image, title, caption, alt):
        self.png, self.title, self.caption, self.alt = image, title, caption, alt

    def __repr__(self):
        return f"{self.title}\n{self.caption}\n[Picture: {self.alt}]"

    def _repr_png_(self):
        return self.png

    def _repr_html_(self):
        data = base64.b64encode(self.png).decode()
        return (
            f'<figure style="margin:0"><img alt="{escape(self.alt)}" style="max-width:100%" src="data:image/png;base64,{data}">'
            f"<figcaption><strong>{escape(self.title)}</strong><br>{escape(self.caption)}</figcaption></figure>"
        )

    def _repr_mimebundle_(self, include=None, exclude=None):
        data = {"text/html": self._repr_html_(), "image/png": base64.b64encode(self.png).decode(), "text/plain": repr(self)}
        return data, {"image/png": {"alt": self.alt}}


def with_still(bundle, draw, alt, caption, above=""):
    """What a widget shows of itself, with the still picture beside it that viewers without widgets see.

    draw() gives PNG bytes, alt() what is seen on them, caption() what stands under them; `above` what stands over them. Caption and above are HTML.
    """
    try:
        image = base64.b64encode(draw()).decode()
        over = f"<figcaption>{above}</figcaption>" if above else ""
        html = f'<figure style="margin:0">{over}<img alt="{escape(alt())}" style="max-width:100%" src="data:image/png;base64,{image}"><figcaption>{caption()}</figcaption></figure>'
        return {**bundle, "text/html": html, "image/png": image}
    except Exception:  # the live picture matters more than its still one
        traceback.print_exc()
        return bundle


def show(figure, title=None, caption=None, alt=None):
    """`figure` (or axes) with its title (the finding), caption (what it means) and alternative text (what is seen): three different sentences.

    Put it last in a cell. Raises ValueError where one is missing or two are the same.
    """
    said = {"title": title, "caption": caption, "alt": alt}
    meant = {"title": "the finding, as a sentence", "caption": "what it means", "alt": "what is seen, for readers who cannot see it"}
    for name, sentence in said.items():
        if not isinstance(sentence, str) or not sentence.strip():
            raise ValueError(f'show needs {name}="...": {meant[name]}')
        same = [other for other in said if other < name and str(said[other]).strip().lower() == sentence.strip().lower()]
        if same:
            raise ValueError(f"{same[0]} and {name} are the same sentence: {same[0]} says {meant[same[0]]}, {name} {meant[name]}")
    figure = figure.get_figure()
    image = png(figure)
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close(figure)  # a figure of the reader's own would be shown a second time
    return Shown(image, *(sentence.strip() for sentence in said.values()))
