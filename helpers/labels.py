"""Labels on a picture: beside the end of a line or near a point, never on one another; and numbers in them."""

from itertools import combinations

import numpy as np
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from helpers.looks import EDGE, readable

NEARLY = "nearly "


def number(x, beyond=""):
    """Two digits of x: 0.28, 23, 4.1e-9."""
    if not np.isfinite(x):
        return "not a number" if np.isnan(x) else "infinite"
    if x == 0:
        return beyond + "0"
    digits, exponent = f"{x:.1e}".split("e")
    e = int(exponent)
    if -4 <= e < 4:
        return beyond + (f"{float(digits) * 10.0**e:.{max(0, 1 - e)}f}")
    return f"{beyond}{digits}e{e}"


def gauged(x, past, beyond=""):
    """What a gauge says of x; `past`: is x at the edge, or past it? Two digits alone would not tell."""
    return NEARLY + number(x) if number(x) == number(EDGE) and not past else number(x, beyond)


def label(ax, text, xy, colour, beside=False):
    """`text` in the right margin at the height of xy (beside=True), or near the point xy."""
    note = ax.annotate(
        text.replace("\n", ", ") if beside else text,
        xy=(1, xy[1]) if beside else xy,
        xycoords=("axes fraction", "data") if beside else "data",
        xytext=(8, 0),
        textcoords="offset points",
        va="center",
        color=readable(colour, "#FFFFFF"),
        fontsize=9.5,
        annotation_clip=False,
        zorder=9,
        path_effects=[withStroke(linewidth=3, foreground="white")],
    )
    note.set_in_layout(beside)
    note.set_gid("beside" if beside else "near")


def settle(ax, renderer):
    """Push the labels apart: those in the margin up or down, the others to the emptiest side of their point."""
    scale, (low, high) = ax.get_figure().dpi / 72, (ax.bbox.y0, ax.bbox.y1)
    margin = sorted((t for t in ax.texts if t.get_gid() == "beside"), key=lambda t: t.xy[1])
    at = np.array([ax.transData.transform((ax.get_xlim()[0], t.xy[1]))[1] for t in margin])
    if margin:
        tall = 1.25 * 9.5 * scale
        wanted = np.clip(at, low + tall / 3, high - tall / 3) - tall * np.arange(len(at))
        blocks = []  # neighbours that would overlap share the mean of where they want to be
        for y in wanted:
            blocks.append([y, 1])
            while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
                (a, n), (b, m) = blocks[-2:]
                blocks[-2:] = [[(a * n + b * m) / (n + m), n + m]]
        placed = np.repeat([y for y, _ in blocks], [n for _, n in blocks]) + tall * np.arange(len(at))
        for text, y, y0 in zip(margin, placed, at):
            text.set_position((8, (y - y0) / scale))
    taken = []
    crowd = [np.empty((0, 2))] + [_dense(ax.transData.transform(np.column_stack(line.get_data()))) for line in ax.lines if line.get_transform() == ax.transData]
    crowd = np.vstack(crowd)
    for text in (t for t in ax.texts if t.get_gid() == "near"):
        if not np.isfinite(ax.transData.transform(text.xy)).all():  # of a point that is nowhere: an infinite loss
            text.set_visible(False)
            continue
        best = (np.inf,)
        for reach in (8, 20, 34, 52):
            for dx, dy in ((1, 1), (1, -1), (0, 1), (0, -1), (1, 0), (-1, 1), (-1, -1), (-1, 0)):
                place = dict(ha=("center", "left", "right")[dx], va=("center", "bottom", "top")[dy])
                text.set(position=(reach * dx * 0.8, reach * dy * 0.8), **place)
                box = text.get_window_extent(renderer).padded(2)
                hits = ((crowd > (box.x0, box.y0)) & (crowd < (box.x1, box.y1))).all(axis=1).sum()
                over = sum(max(0, min(box.x1, b.x1) - max(box.x0, b.x0)) * max(0, min(box.y1, b.y1) - max(box.y0, b.y0)) for b in taken)
                out = sum(max(0, d) for d in (ax.bbox.x0 - box.x0, box.x1 - ax.bbox.x1, ax.bbox.y0 - box.y0, box.y1 - ax.bbox.y1))
                best = min(best, (hits + 3 * over + 200 * out + reach, reach * dx * 0.8, reach * dy * 0.8, place["ha"], place["va"]))
        text.set(position=best[1:3], ha=best[3], va=best[4])
        taken.append(text.get_window_extent(renderer).padded(2))


def fit(axes, renderer):
    """Where the type is larger than the picture was made for: titles that would leave it or touch each other, and what would touch below the x axis, give way."""
    edge = axes[0].get_figure().bbox.x1 if axes else 0
    titles = [t for ax in axes for t in ax.get_children() if isinstance(t, Text) and t not in ax.texts and t.get_text()]
    for title in titles:
        row = [t for t in titles if t.get_fontsize() == title.get_fontsize() and abs(t.get_window_extent(renderer).y0 - title.get_window_extent(renderer).y0) < 2]
        _shrink(row, lambda title=title: (box := title.get_window_extent(renderer)).x1 > edge > box.x0)
    for one, other in combinations(titles, 2):
        _shrink([one, other], lambda pair=(one, other): Bbox.intersection(*(t.get_window_extent(renderer).padded(4) for t in pair)))
    for ax in axes:
        label = ax.xaxis.label
        _shrink([label], lambda label=label: label.get_text() and label.get_window_extent(renderer).x1 > edge)
        _space(ax, renderer)


def _shrink(texts, crowded):
    """Smaller type, down to half of it, until they are not crowded; what is larger than the rest goes first, so that neighbours end alike."""
    least = min(text.get_fontsize() for text in texts) / 2
    while crowded() and (largest := max(text.get_fontsize() for text in texts)) > least:
        for text in (t for t in texts if t.get_fontsize() == largest):
            text.set_fontsize(0.96 * largest)


def _space(ax, renderer):
    """Numbers on the x axis that touch get smaller; where that is not enough, some of them go."""

    def numbers():
        return [(t, t.get_window_extent(renderer)) for minor in (False, True) for t in ax.get_xticklabels(minor=minor) if t.get_text() and t.get_visible()]

    def touching():
        boxes = sorted((box for _, box in numbers()), key=lambda box: box.x0)
        return any(a.x1 + a.height / 4 > b.x0 for a, b in zip(boxes, boxes[1:]))

    if touching():
        ax.tick_params(axis="x", which="both", labelsize=0.85 * numbers()[0][0].get_fontsize())
    if touching() and ax.get_xscale() == "linear":
        ax.set_xticks([t for t in ax.get_xticks() if min(ax.get_xlim()) <= t <= max(ax.get_xlim())][::2])
    kept = []
    for text, box in numbers() if touching() else []:  # powers of ten before what lies between them
        text.set_visible(not any(box.x0 < other.x1 + box.height / 4 and other.x0 < box.x1 + box.height / 4 for other in kept))
        kept += [box] * text.get_visible()


def _dense(points):
    """Points every few pixels along a line (gaps stay gaps)."""
    points = points[np.isfinite(points).all(axis=1)][:4000]
    if len(points) < 2:  # a marker: it is wider than its point
        return (points + np.mgrid[-5:6:5, -5:6:5].reshape(2, -1).T) if len(points) else points
    along = np.r_[0, np.cumsum(np.minimum(np.hypot(*np.diff(points, axis=0).T), 4000))]
    at = np.linspace(0, along[-1], int(min(along[-1] / 4, 4000)) + 2)
    return np.column_stack([np.interp(at, along, points[:, i]) for i in (0, 1)])
