"""How large triangles of the hypotenuse picture are drawn, with which ruler, and what a still writes beside them."""

import math

import numpy as np

from helpers import figures

# What is laid so far is drawn so many times as large, or 16, 64 …, where it fits: one long leg would dwarf the first.
CLOSER = 4.0
FEW, READ = 6, 0.08  # a still names the legs of so few triangles, and none shorter than this share of it
OFF = 0.035  # of the picture, from a side to its name


def ruler(size):
    """A ruler for a picture that is `size` wide: its length in it, and what that is."""
    length = _round_length(size / 4)
    return {"length": round(float(length / size), 5), "text": f"{length:g}"}


def _round_length(x):
    """The largest of 1, 2, 5, 10, 20 … up to x."""
    power = 10.0 ** math.floor(math.log10(x))
    return max(m * power for m in (1, 2, 5) if m * power <= x * (1 + 1e-9))


def closer(points, legs, size):
    """How many times as large the first t legs are drawn, and where their common point is then: (legs, positions, 3).

    points (1 + 2 legs, positions, 2): the common point, then all corners, then all tips.
    All t of one enlargement share one place.
    """
    reach = np.stack([points[1 : legs + 1], points[legs + 1 :]], axis=1)  # (legs, 2, positions, 2)
    low = np.minimum(np.minimum.accumulate(reach.min(axis=1), axis=0), 0)
    high = np.maximum(np.maximum.accumulate(reach.max(axis=1), axis=0), 0)
    there = (high - low).max(axis=-1)  # grows with t; 0 while nothing is laid
    room = np.log(size / np.where(there > 0, there, size)) / np.log(CLOSER)
    times = CLOSER ** np.maximum(np.floor(room + 1e-9), 0)
    found = np.ones((legs, points.shape[1], 3))
    for i in range(points.shape[1]):
        for t in range(legs):
            last = np.flatnonzero(times[:, i] == times[t, i])[-1]
            found[t, i] = times[t, i], *(-times[t, i] * (high[last, i] + low[last, i]) / 2 / size[i])
    return found


def close(times, centre, size):
    """What the view needs where it draws closer; None where it does not."""
    if times == 1:
        return None
    return {"times": float(times), "centre": [round(float(x), 5) for x in centre], "ruler": ruler(size / times)}


def name_sides(ax, rule, at, k, corners, root_too):
    """The leg's length beside it, and with `root_too` that of the hypotenuse, where they are long enough to be read.

    corners  the common point, the corner and the tip of triangle k, as drawn
    """
    common, corner, tip = (np.array(point) for point in corners)
    sides = [(corner, tip, 1, rule["leg"].format(leg=at["leg"][k]), figures.INK)]
    if root_too:
        sides.append((common, tip, -1, rule["root"].format(root=at["root"][k]), rule["colour"]))
    for one, other, side, words, colour in sides:
        along = other - one
        if np.linalg.norm(along) < READ:
            continue
        # triangles are laid against the clock, so a leg's outside is on its right
        away = side * np.array([along[1], -along[0]]) / np.linalg.norm(along)
        x, y = (one + other) / 2 + OFF * away
        across = "left" if away[0] > 0.3 else "right"
        ax.text(x, y, words, color=colour, ha=across if abs(away[0]) > 0.3 else "center", va=_upright(away[1]))


def _upright(up):
    if abs(up) <= 0.3:
        return "center"
    return "bottom" if up > 0 else "top"
