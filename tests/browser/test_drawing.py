"""How a figure draws, in a real browser: lines by their corners, what stands still once, pixel for pixel, words after the picture."""

from pathlib import Path

import numpy as np
import pytest
from thorough import every_time

import helpers.explorer

PEN = (Path(helpers.explorer.__file__).parent / "pen.js").read_text(encoding="utf-8")
NEAR = 0.2
CORNERS = """([points, box, near]) => {
  const lines = [], ctx = { beginPath() {}, stroke() {}, getLineDash: () => [], setLineDash() {}, moveTo: (x, y) => lines.push([[x, y]]), lineTo: (x, y) => lines.at(-1).push([x, y]) };
  if (NEAR !== near) throw new Error(`NEAR is ${NEAR} now`);
  line(ctx, (t) => points[t].map((x) => x ?? NaN), 0, points.length - 1, box);
  return lines;
}"""
BOX = {"x": 0, "y": 0, "w": 400, "h": 300}


@pytest.fixture(scope="module")
def pen(new_context):
    page = new_context().new_page()
    page.set_content("<!doctype html><p>a pen</p>")
    page.add_script_tag(content=PEN)
    return lambda points, box=BOX: [np.array(one) for one in page.evaluate(CORNERS, [[[None if np.isnan(x) else float(x) for x in p] for p in points], box, NEAR])]


def away(points, lines):
    """How far the farthest of `points` is from the nearest of `lines`, in px."""
    least = np.full(len(points), np.inf)
    for one in lines:
        for a, b in zip(one, one[1:], strict=False):
            along = np.clip((points - a) @ (b - a) / max((b - a) @ (b - a), 1e-12), 0, 1)
            least = np.minimum(least, np.linalg.norm(points - a - along[:, None] * (b - a), axis=1))
    return least.max()


def between(lines, every=0.5):
    """Points on `lines`, `every` px or nearer."""
    return np.concatenate([a + np.linspace(0, 1, int(np.linalg.norm(b - a) / every) + 2)[:, None] * (b - a) for one in lines for a, b in zip(one, one[1:], strict=False)])


@pytest.mark.parametrize("seed", every_time(range(8), range(40)))
def test_a_line_by_its_corners_is_nowhere_farther_off_than_a_fifth_of_a_pixel(pen, seed):
    random = np.random.default_rng(seed)
    t = np.linspace(0, 1, 300)[:, None]
    points = [
        [200, 150] + [150, 100] * np.exp(-random.uniform(1, 9) * t) * np.cos(random.uniform(5, 200, 2) * t),      # a run that settles, or swings
        np.hstack([400 * t, 150 + random.uniform(0, 140) * np.exp(-random.uniform(0, 8) * t)]),                   # a loss that falls
        [20, 20] + 260 * np.clip(np.cumsum(random.normal(0, 0.05, (300, 2)), axis=0) % 1, 0, 1),                  # jumps about
        np.hstack([200 + 150 * np.cos(random.uniform(5, 90) * t), np.full_like(t, 150.0)]),                       # to and fro on one straight line
    ][seed % 4]
    lines = pen(points)
    assert away(points, lines) < NEAR + 1e-6             # no point is missed
    assert away(between(lines), [points]) < NEAR + 1e-6  # and nothing is drawn where the run has not been


def test_what_is_straight_has_no_corners(pen):
    assert [len(one) for one in pen([[x, 100 + x / 4] for x in np.linspace(0, 400, 101)])] == [2]
    assert [len(one) for one in pen([[x, 100 if x < 200 else 200] for x in range(0, 401)])] == [4]


def test_a_line_breaks_where_there_is_no_number_and_leaves_the_far_outside_out(pen):
    assert [one.tolist() for one in pen([[0, 0], [10, 10], [np.nan, 0], [20, 0], [30, 9]])] == [[[0, 0], [10, 10]], [[20, 0], [30, 9]]]
    lines = pen([[10, 10], [10, 1e9], [20, 1e9], [20, 10]])
    assert [one[:, 0].tolist() for one in lines] == [[10, 10], [20, 20]]
    assert max(one.max() for one in lines) <= 320
