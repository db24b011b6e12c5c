"""What can be read on a picture, and where it stands."""

import functools
import itertools

from matplotlib.backends.backend_agg import FigureCanvasAgg


@functools.lru_cache(maxsize=1)  # each question about a picture needs it drawn
def drawn(picture):
    """The picture's texts, the labels of its ticks with them, once it is drawn: [(text, box in pixels)]."""
    canvas = FigureCanvasAgg(picture)
    canvas.draw()
    texts = [text for ax in picture.axes for text in [*ax.texts, ax.title, ax._left_title, ax.xaxis.label, ax.yaxis.label, *_ticks(ax)] if text.get_text()]
    return [(text.get_text(), text.get_window_extent(canvas.get_renderer())) for text in texts]


def _ticks(ax):
    for axis, ends in ((ax.xaxis, ax.get_xlim()), (ax.yaxis, ax.get_ylim())):
        for tick in axis.get_major_ticks():
            if min(ends) <= tick.get_loc() <= max(ends) and tick.label1.get_visible():
                yield tick.label1


def words(picture):
    return " | ".join(text for text, _ in drawn(picture))


def overlaps(picture):
    boxes = drawn(picture)
    return [(a, b) for (a, p), (b, q) in itertools.combinations(boxes, 2) if min(p.x1, q.x1) - max(p.x0, q.x0) > 2 and min(p.y1, q.y1) - max(p.y0, q.y0) > 3]


def cut(picture):
    width, height = picture.bbox.width, picture.bbox.height
    return [text for text, box in drawn(picture) if box.x0 < 0 or box.y0 < 0 or box.x1 > width or box.y1 > height]
