"""Still pictures of runs: every function draws records of `descend` on given axes, and computes nothing that `descend` does not give.

    figures.rates(run)                                               a picture, as the last line of a cell
    left, right = figures.panels(2)                                  axes side by side
    figures.show(figures.rates(run), title=..., caption=..., alt=...)    the same with title, caption and alternative text

A drawing function returns the picture that its axes are part of. Colour tells the rule, dash and marker tell the weight.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, SymmetricalLogLocator
from PIL import Image

from helpers import fates
from helpers.labels import label
from helpers.looks import WEIGHTS, Look, Weight, look  # noqa: F401  (figures.look is what others call)
from helpers.pictures import FAINT, INK, Picture, Shown, panels, png, show, small, style  # noqa: F401
from helpers.surface import short

SIGNS = {"eta": "η", "alpha": "α", "beta": "β", "beta1": "β₁", "beta2": "β₂", "eps": "ε"}

# runs: checked, named


def checked(runs, what):
    """Single runs, from records and lists of them; TypeError or ValueError where a thing is no such record."""
    runs = [run for item in runs for run in (item if isinstance(item, (list, tuple)) else [item])]
    if not runs:
        raise ValueError(f"{what} needs a run: figures.{what}(descend(adagrad, ravine))")
    for run in runs:
        if not hasattr(run, "diverged_at"):
            raise TypeError(f"{what} draws what descend returns, as in figures.{what}(descend(adagrad, ravine)); got {short(run)}")
        if run.runs:
            raise ValueError(f"{what} draws single runs, and this is a grid of {int(np.prod(run.runs))}: give descend one number for each knob")
    return runs


def _names(runs):
    """What tells the runs apart: the rule, and where two are of one rule, the knobs that differ (the first one, if that is enough), or the start."""
    names = []
    for run in runs:
        twins = [other for other in runs if other.rule == run.rule]
        told = {knob: len({str(twin.knobs.get(knob)) for twin in twins}) for knob in run.knobs}
        enough = [knob for knob, different in told.items() if different == len(twins) > 1][:1]
        words = [f"{SIGNS.get(knob, knob)} = {_number(run.knobs[knob])}" for knob in enough or [knob for knob, different in told.items() if different > 1]]
        starts = {twin.w[0].tobytes(): 1 for twin in twins if "w" in twin.__dict__}
        if not words and len(starts) == len(twins) > 1:
            words = [f"(from {', '.join(_number(x).replace('-', '−') for x in run.w[0])})"]
        names.append(" ".join([look(run.rule).label, ", ".join(words)]).strip())
    return [f"{name} ({i + 1})" if names.count(name) > 1 else name for i, name in enumerate(names)]


def _number(value):
    return "η(t)" if callable(value) else f"{value:.3g}" if isinstance(value, (int, float, np.number)) else str(value)


def _fate(run, last):
    """How the run ended, if not well and not later than row `last`."""
    if 0 <= run.undefined_at < last:
        return f"{'0/0' if run.zero_over_zero else 'not a number'} from step {run.undefined_at + 1} on"  # axes count the first step as 1
    return fates.said_of(run) if 0 <= run.diverged_at <= last else ""


def _stop(run):
    """The last row worth drawing: where the run diverged or was no number any more, else the last."""
    ends = [end for end in (run.diverged_at, run.undefined_at) if end >= 0]
    return min([*ends, run.steps])


# quantities over time


def _over_time(what, runs, pick, ax, heading, late=False, knob=False, at=None, decades=16):
    """One line a weight (from five weights on: quantiles), or one a run. late: row t belongs to the step that leads to t + 1. at: the time cursor."""
    runs = checked(runs, what)
    with style(), np.errstate(all="ignore"):
        ax = panels()[0] if ax is None else ax
        lines = [line for k, run in enumerate(runs) for line in _lines(ax, runs, k, pick, late, ghost=at is not None)]
        tops = [line.y[0] for line in lines if line.y.size]
        if knob:
            lines += _knobs(runs)
        ax.set_xlim(0, max(run.steps for run in runs))
        _scale(
            ax, [line.y for line in lines], decades, cap=1e3 * max(tops) if what == "loss" and tops and any(_fate(run, run.steps) for run in runs) else np.inf
        )
        ends = {}  # lines that end in one point share a label
        for line in lines:
            x, y, dash = line.x, np.clip(line.y, *ax.get_ylim()), (0, line.like.dash) if line.like.dash else "-"
            now = np.inf if at is None or not line.who else at
            ax.plot(x[x <= now], y[x <= now], color=line.colour, ls=dash, lw=line.width)
            ax.plot(x[x >= now], y[x >= now], color=line.colour, ls=dash, lw=1, alpha=0.45)
            seen = np.flatnonzero(np.isfinite(y))
            if not seen.size or not line.text:
                continue
            end = seen[-1]
            dot = max(seen[x[seen] <= now], default=seen[0])
            if line.who:
                ax.plot(
                    x[dot],
                    y[dot],
                    line.like.marker,
                    color=line.colour,
                    mfc=line.colour if getattr(line.like, "filled", True) else "white",
                    ms=5.5,
                    zorder=5,
                    clip_on=False,
                )
            ends.setdefault((line.who, x[end], float(f"{y[end]:.3g}")), []).append((line.text, line.colour))
        for (who, x, y), texts in ends.items():
            beside = x >= 0.9 * ax.get_xlim()[1]
            text = ", ".join(dict.fromkeys(text for text, _ in texts))
            label(ax, text if len(runs) == 1 or text.startswith(who) else f"{who} {text}", (x, y), texts[0][1], beside)
        ax.set_xlabel("step")
        ax.set_title(heading)
        ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        ax.grid(True, axis="y")
    return _given(ax)


class _Line(NamedTuple):
    x: np.ndarray
    y: np.ndarray
    like: object  # a Weight or a Look: dash and marker
    colour: str
    width: float
    text: str  # at its end; empty for none
    who: str  # the run; empty for η


def _lines(ax, runs, k, pick, late, ghost):
    """The lines of run k, up to where it diverged."""
    run, seen, who = runs[k], look(runs[k].rule), _names(runs)[k]
    x, y = run.rows[run.rows < run.steps] + 1 if late else run.rows, np.asarray(pick(run), dtype=float)
    x, y = x[x <= _stop(run)], y[x <= _stop(run)]
    fate, width = _fate(run, run.steps), 1.1 if k and (ghost or run.rule in [other.rule for other in runs[:k]]) else 1.9
    if y.ndim == 1:
        return [_Line(x, y, seen, seen.colour, width, f"{who}\n{fate}".strip(), who)]
    if y.shape[1] <= len(WEIGHTS):
        names = [weight.name for weight in WEIGHTS] if y.shape[1] > 1 else ["w" if len(runs) == 1 else who]  # among runs, an only weight is its run
        return [
            _Line(x, y[:, i], WEIGHTS[i], seen.colour, width, names[i] + (f"\n{fate}" if fate and i + 1 == y.shape[1] else ""), who)
            for i in range(y.shape[1])
        ]
    low, middle, high = np.quantile(y, (0.05, 0.5, 0.95), axis=1)
    ax.fill_between(x, low, high, color=seen.colour, alpha=0.18, lw=0)
    edges = [_Line(x, edge, WEIGHTS[1], seen.colour, 0.6, "", who) for edge in (low, high)]
    return [_Line(x, middle, WEIGHTS[0], seen.colour, width, "median, 5–95 %" + (f"\n{fate}" if fate else ""), who), *edges]


def _knobs(runs):
    """η of each run, dashed; one line if it is the same for all."""
    etas = {}
    for run in runs:
        if "eta" in run.knobs:
            rows = run.rows[run.rows < run.steps]
            etas.setdefault(_number(run.knobs["eta"]), (rows + 1, eta_at(run, rows)))
    dashed = Weight("η", (4, 3), "", False)
    return [
        _Line(x, y, dashed, FAINT, 1.2, "η: your knob" if len(etas) == 1 else told if told == "η(t)" else f"η = {told}", "") for told, (x, y) in etas.items()
    ]


def _given(ax):
    return ax.get_figure() if isinstance(ax.get_figure(), Picture) else ax


def eta_at(run, rows):
    """η at the steps that begin at these rows."""
    eta = run.knobs["eta"]
    return np.array([float(eta(t)) for t in rows]) if callable(eta) else np.full(len(rows), float(eta))


def _scale(ax, ys, decades=16, cap=np.inf):
    """Logarithmic where nothing is negative (zeros then lie at the lower edge, what exceeds `cap` at the upper), else linear, or both."""
    values = np.concatenate([np.ravel(y) for y in ys])
    values = values[np.isfinite(values)]
    if not values.size or not values.any():
        return ax.set_ylim(-0.05, 1)
    if values.min() < 0:
        low, high = values.min(), values.max()
        if high - low > 1e3:
            ax.set_yscale("symlog", linthresh=1.0)
            ax.yaxis.set_major_locator(SymmetricalLogLocator(base=10, linthresh=max(1.0, np.abs(values).max() ** 0.25)))
        return ax.set_ylim(low - 0.05 * (high - low) - 1e-12, high + 0.05 * (high - low) + 1e-12)
    high = min(values.max(), cap)
    low = max(values[values > 0].min(), high * 10.0**-decades)
    room = max(1.5, np.sqrt(12 * low / high))
    ax.set_yscale("log")
    ax.set_ylim(low / room, high * room)
    decades = np.floor(np.log10(high * room)) - np.ceil(np.log10(low / room)) + 1
    ax.yaxis.set_major_locator(LogLocator(numticks=6) if decades > 1 else LogLocator(subs=(1, 2, 5)))
    if decades <= 1:
        ax.yaxis.set_major_formatter(lambda y, _: f"{y:g}")
    ax.yaxis.set_minor_formatter(NullFormatter())


def loss(*runs, ax=None, at=None):
    """The loss at every step, one line a run. A run that diverges is cut off above a thousand times its start, and says so."""
    return _over_time("loss", runs, lambda run: run.loss, ax, "loss", at=at)


def measured(*runs, of, name, ax=None, at=None):
    """What `of(w)` says of the weights at every row kept, one line a run: `figures.measured(run, of=digits.accuracy, name="accuracy")`."""
    if not callable(of):
        raise TypeError(f"of is a function of the weights, as in of=digits.accuracy; got {short(of)}")
    picture = _over_time(name, runs, lambda run: of(run.w), ax, name, at=at)
    ax = picture.axes[0] if ax is None else ax
    if ax.get_ylim()[1] < 2 and name != "loss":  # a share
        values = np.concatenate([line.get_ydata() for line in ax.lines])
        ax.set_yscale("linear")
        ax.set_ylim(0.5 if np.median(values) > 0.75 else 0, 1)
        ax.yaxis.set_major_formatter(lambda y, _: f"{100 * y:.0f} %")
    return picture


def rates(*runs, ax=None, at=None):
    """The rate of each weight, what multiplies its gradient; η dashed. Raises ValueError for a rule that has no rate (momentum, Adam)."""
    for run in checked(runs, "rates"):
        if run.rate is None:
            raise ValueError(f"{run.rule} has no rate: its change does not lie along the gradient. Draw its steps instead: figures.steps(run)")
    return _over_time("rates", runs, lambda run: run.rate, ax, "rate of each weight", late=True, knob=True, at=at)


def memory(run, name="G", ax=None, at=None):
    """What a rule remembers, by name, for each weight: `figures.memory(run, "m")`. `run` may be a list of runs."""
    if not isinstance(name, str):
        raise TypeError(f"memory draws what a rule remembers by its name, as in figures.memory(run, 'G'); got {short(name)}")
    return _over_time("memory", [run], lambda run: getattr(run, name), ax, f"{name} of each weight", at=at)


def G(*runs, ax=None):
    """G, what the rule remembers of g², for each weight."""
    return memory(runs, "G", ax)


def steps(*runs, ax=None, at=None):
    """The length of each weight's step, |Δw|; η dashed where it is a length, too: for rules that divide by the root of G."""
    runs = checked(runs, "steps")
    return _over_time("steps", runs, lambda run: run.step, ax, "step of each weight  |Δw|", late=True,
                      knob=all("G" in run.memory for run in runs), at=at, decades=8)


# on the surface

BLUE = (0.25, 0.53, 0.87)  # suits a white and a dark page
ACROSS = 181  # points along each side of a view, between which contours are drawn


def contours(ax, surface):
    """Only the filled contours of a surface of two weights, in transparent blue that suits a light and a dark page: the more blue, the higher.

    Levels are spaced logarithmically above the least loss in view; where the loss has no lowest point there (a saddle), symmetrically about 0.
    """
    view = np.asarray(surface.view, dtype=float)
    _fill(ax, view, _heights(surface, view))


def _heights(surface, view):
    """The loss all over the view, row by row from below: (181, 181)."""
    x, y = (np.linspace(low, high, ACROSS) for low, high in view)
    with np.errstate(all="ignore"):
        return np.array(surface.loss(np.stack(np.meshgrid(x, y), axis=-1)), dtype=float)


def _fill(ax, view, z):
    x, y = (np.linspace(low, high, ACROSS) for low, high in view)
    z = np.ma.masked_invalid(z)
    low, high = float(z.min()), float(z.max())
    if high > low:
        on_edge = min(z[[0, -1]].min(), z[:, [0, -1]].min()) <= low
        if low < 0 and on_edge:
            half = np.geomspace(0.04, 1, 5) * max(-low, high)
            levels = np.r_[-half[::-1], 0, half]
        else:
            above = z.compressed() - low
            levels = low + np.geomspace(max(np.quantile(above, 0.004), 1e-6 * (high - low)), (high - low) * 1.0001, 11)
        colours = [(*BLUE, alpha) for alpha in np.linspace(0.03, 0.42, len(levels) - 1)]
        ax.contourf(x, y, z, levels=levels, colors=colours)
        ax.contour(x, y, z, levels=levels, colors=[(*BLUE, 0.45)], linewidths=0.7, linestyles="solid")
    ax.set_xlim(view[0])
    ax.set_ylim(view[1])


def backdrop(surface, width_px, height_px):
    """The contours as a transparent PNG of that size that fills the view exactly: no margins, no axes."""
    if np.size(surface.start) != 2:
        raise ValueError(f"a backdrop needs two weights, and {getattr(surface, 'name', 'this surface')} has {np.size(surface.start)}")
    view = np.asarray(surface.view, dtype=float)
    return _backdrop(_heights(surface, view).tobytes(), view.tobytes(), width_px, height_px)


@lru_cache(maxsize=16)
def _backdrop(heights, view, width_px, height_px):
    """Drawn once for the same heights: a notebook has many figures of one surface. The arrays come as their bytes, which can be compared."""
    with style():
        figure = Picture(figsize=(width_px / 100, height_px / 100), dpi=100, facecolor="none")
        canvas, ax = FigureCanvasAgg(figure), figure.add_axes((0, 0, 1, 1))
        ax.axis("off")
        _fill(ax, np.frombuffer(view).reshape(2, 2), np.frombuffer(heights).reshape(ACROSS, ACROSS))
        canvas.draw()
        clear = np.asarray(canvas.buffer_rgba())[..., 3] // 8  # one blue all over, so only how clear it is must be kept
        image = Image.fromarray(clear).convert("P")
        image.putpalette([round(255 * part) for part in BLUE] * 32)
        return small(image, transparency=bytes(range(0, 256, 8)))


def ground(ax, surface, t=0):
    """What the paths are drawn on, as it is at step t: the contours of a surface of two weights, the loss curve of one, and the minima.

    Returns what is in view, as (low, high) for each direction, and a function that lifts w (rows, n) to points (rows, 2).
    """
    still, view, n = (surface.at(t) if hasattr(surface, "at") else surface), np.asarray(surface.view, dtype=float), np.size(surface.start)
    if n == 1:
        x = np.linspace(*view[0], 400)
        curve = still.loss(x[:, None])
        ax.plot(x, curve, color="#7FA8D0", lw=1.5, zorder=1)
        low, high = np.nanmin(curve[np.isfinite(curve)]), np.nanmax(curve[np.isfinite(curve)])
        low, high = (low, high) if high > low else (low - 0.5, high + 0.5)  # the loss is the same everywhere
        view = np.array([view[0], (low - 0.06 * (high - low), high + 0.04 * (high - low))])
        ax.set(ylabel="loss", xlabel="w", xlim=view[0], ylim=view[1])
    else:
        contours(ax, still)
        ax.set(xlabel="w₁", ylabel="w₂")
    name = getattr(surface, "name", "")
    ax.set_title(name if len(name) < 42 else name.split("  ")[0], color=FAINT)
    lift = lambda w: w if n == 2 else np.column_stack([w[:, 0], still.loss(w)])  # noqa: E731
    minima = lift(np.reshape(getattr(still, "minima", []), (-1, n)))
    ax.plot(*minima.T, "+", color=INK, ms=10, mew=1.5, zorder=4)
    for point in minima[:1]:
        label(ax, "minimum" if len(minima) == 1 else "minima: +", point, INK)
    return view, lift


def path(*runs, on, ax=None, at=None):
    """The path of each run on the contours of `on`, clipped to its view; for one weight on its loss curve. at: bold up to that step, faint from there."""
    if not hasattr(on, "start"):
        raise TypeError(f"path is drawn on a surface, as in figures.path(run, on=ravine); got on={short(on)}")
    runs, n = checked(runs, "path"), np.size(on.start)
    if n > 2 or getattr(on, "view", None) is None:
        raise ValueError(
            f"path needs a surface of one or two weights with a view, and {getattr(on, 'name', 'this one')} has {n}: draw figures.loss or figures.rates"
        )
    with style(), np.errstate(all="ignore"):
        ax = panels(1, height=4.6)[0] if ax is None else ax
        view, lift = ground(ax, on, 0 if at is None else min(at, runs[0].steps - 1))
        for k, (run, name) in reversed(list(enumerate(zip(runs, _names(runs))))):
            seen, rows = look(run.rule), run.rows[run.rows <= _stop(run)]
            xy = _carried(lift(run.w[: len(rows)]), view)
            thin = dict(lw=1, ms=2.5, alpha=0.8) if at is not None and k else dict(lw=1.6, ms=3.6, alpha=1)
            now = run.steps if at is None else at
            ax.plot(*xy[rows >= now].T, color=seen.colour, lw=0.9, alpha=0.4, zorder=3)
            ax.plot(*xy[rows <= now].T, color=seen.colour, marker=seen.marker, mew=0, markevery=max(1, len(rows) // 120), zorder=4, **thin)
            inside = ((xy >= view[:, 0]) & (xy <= view[:, 1])).all(axis=1)
            away = np.flatnonzero(~inside & (rows <= now))
            last = max(np.flatnonzero(inside & (rows <= now)), default=0)
            fate = _fate(run, now) or (f"leaves the view at step {rows[away[0]]}" if away.size and away[-1] > last else "")
            ax.plot(*xy[0], "o", mfc="white", mec=INK, ms=7, zorder=6)
            if last:
                ax.plot(*xy[last], seen.marker, color=seen.colour, mec="white", mew=1, ms=6 if thin["ms"] < 3 else 9, zorder=6)
            label(ax, f"{name}\n{fate}".strip(), xy[last], seen.colour)
        label(ax, "start", xy[0], INK)
    return _given(ax)


def _carried(xy, view, spans=50):
    """A path that runs far off is cut `spans` views away, along its last segment, so that no coordinate is too large to draw."""
    size = (np.abs(xy - view.mean(axis=1)) / np.ptp(view, axis=1)).max(axis=1)
    far = np.flatnonzero(~(size < spans))
    if not far.size or not far[0]:
        return xy
    a, b = xy[far[0] - 1], np.nan_to_num(xy[far[0]], posinf=1e200, neginf=-1e200)
    out = np.full(xy.shape, np.nan)
    out[: far[0]] = xy[: far[0]]
    out[far[0]] = a + (b - a) * (spans / max(size[far[0]], spans) if np.isfinite(size[far[0]]) else 0)
    return out
