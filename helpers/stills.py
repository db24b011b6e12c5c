"""The still picture of a live figure: what `explore` shows at one step, for readers without a kernel."""

import numpy as np
from matplotlib.patches import Rectangle

from helpers import figures
from helpers.labels import gauged, label
from helpers.looks import ALARM, AT_EDGE, EDGE, GAUGE, GAUGE_TICKS, WEIGHTS, look
from helpers.pictures import FAINT, INK, panels, style
from helpers.record import a_tenth_ago, steps_back, turns

TITLES = {"rate": "rate of each weight", "loss": "loss", "step": "step of each weight  |Δw|", "back": "steps needed after each jump"}


def signature(runs, surface, at=None, show=None, main=1, boxed=(), only_start=False):
    """The still of the live explorer at one step: the path with its gauge at the left, panels on one time cursor at the right.

    runs        records of single runs, or one; the first `main` of them race, the others are ghosts
    surface     what they ran on: with a view and one or two weights its contours, or its loss curve, are drawn; else panels alone
    at          the step of the cursor, 0 to steps (the last)
    show        the panels, from the top: "rate", "loss", "step", "back" (steps needed after each jump of a `moving` surface) or the
                name of a memory; rate (step, where the first rule has no rate) and loss are drawn if nothing is named
    boxed       those of the runs whose η is drawn as a box round the point: half its side is η
    only_start  only the surface and the start: a preview that does not give the answer away; gauge and panels are empty

    Returns a picture, 900 px wide. Raises ValueError for a step or a panel that is not there, TypeError for what is no record.
    """
    runs = figures.checked([runs], "signature")
    first, n = runs[0], np.size(surface.start)
    at, show = _step(first, at), _panels(runs, surface, show)
    flat, curvature = n <= 2 and getattr(surface, "view", None) is not None, getattr(surface, "curvature", None)
    gauged = [run for run in runs[:main] if run.rate is not None] if flat and curvature is not None and "rate" in show else []
    shares = [1.7 if panel == "rate" else 1 for panel in show]
    with style(), np.errstate(all="ignore"):
        picture = panels(1)[0].get_figure()
        picture.clear()
        height = 4.4 + 1.25 * max(0, sum(shares) - 2.7)
        picture.set_size_inches(9, height)
        sides = picture.add_gridspec(1, 2 if flat else 1, width_ratios=(1.1, 1) if flat else None)
        if flat:
            room = (0.5 + 0.33 * n) / height
            left = sides[0].subgridspec(2, 1, height_ratios=(1 - room, room)) if gauged else sides[0].subgridspec(1, 1)
            _ground(picture.add_subplot(left[0]), runs, surface, at, boxed, only_start)
            if gauged:
                _gauge(picture.add_subplot(left[1]), [] if only_start else gauged, curvature, at, len(gauged))
        right = sides[-1].subgridspec(len(show), 1, height_ratios=shares)
        axes = {panel: picture.add_subplot(right[i]) for i, panel in enumerate(show)}
        for panel, ax in axes.items():
            if only_start:
                _empty(ax, panel, first.steps)
            elif panel == "back":
                _bars(ax, runs, surface.every, at)
            else:
                _panel(ax, panel, runs, surface, at)
        timed = [ax for panel, ax in axes.items() if panel != "back"]
        for ax in timed[:-1]:
            ax.set_xlabel("")
            ax.tick_params(labelbottom=False)
    return picture


def _step(run, at):
    if at is None:
        return run.steps
    if isinstance(at, bool) or not isinstance(at, (int, np.integer)) or not 0 <= at <= run.steps:
        raise ValueError(f"at must be a whole number of steps, 0 to {run.steps}; got {at!r}")
    return int(at)


def _panels(runs, surface, show):
    show = ("step" if runs[0].rate is None else "rate", "loss") if show is None else (show,) if isinstance(show, str) else tuple(show)
    known = dict.fromkeys([*TITLES, *getattr(surface, "measures", ()), *(name for run in runs for name in run.memory)])
    for panel in show:
        if panel not in known:
            raise ValueError(f"show names {panel!r}; the panels are {', '.join(known)}")
    if "rate" in show and all(run.rate is None for run in runs):
        raise ValueError(f"{runs[0].rule} has no rate: its change does not lie along the gradient. Show its steps instead: show=('step', 'loss')")
    if "back" in show and not hasattr(surface, "every"):
        raise ValueError("show names 'back', and the minimum of this surface does not jump: make one with moving(surface, every=100, jump=1)")
    return show


def _ground(ax, runs, surface, at, boxed, only_start):
    """Path, points and η-boxes, or the start alone."""
    if only_start:
        _, lift = figures.ground(ax, surface)
        start = lift(runs[0].w[:1])[0]
        ax.plot(*start, "o", mfc="white", mec=INK, ms=7, zorder=6)
        label(ax, "start", start, INK)
        return
    figures.path(*runs, on=surface, ax=ax, at=at)
    for run in runs:
        place = np.searchsorted(run.rows, at)
        if not any(run is one for one in boxed) or np.size(surface.start) != 2 or place >= len(run.w):
            continue
        w, eta = run.w[place], figures.eta_at(run, [max(at - 1, 0)])[0]
        if eta > 0 and ((w >= np.asarray(surface.view)[:, 0]) & (w <= np.asarray(surface.view)[:, 1])).all():
            ax.add_patch(Rectangle(w - eta, 2 * eta, 2 * eta, fill=False, ec=INK, lw=1, ls=(0, (2, 2)), zorder=7))
            if 0.04 < 2 * eta / np.ptp(surface.view[0]) < 0.8:
                label(ax, "η-box", w - (0, eta), FAINT)


def _gauge(ax, runs, curvature, at, most):
    """Rate × curvature of each weight at the cursor: red from the edge on; a rate below 0 has a number and no bar."""
    (low, high), n = GAUGE, len(curvature)
    ax.set(xlim=(low, high * (1.14 + 0.13 * most)), ylim=(n - 0.4, -0.6), yticks=range(n), yticklabels=_names(n))
    ax.barh(range(n), high - low, 0.62, left=low, color="#EBEBEB")
    values = np.array([_now(run, run.rate, at) * curvature for run in runs]).reshape(-1, n)
    for i in range(n):
        there = [(run, x) for run, x in zip(runs, values[:, i]) if np.isfinite(x)]
        for k, (run, x) in enumerate(there):
            thick = 0.62 / len(there)
            ax.barh(i - 0.31 + (k + 0.5) * thick, np.clip(x, low, high), thick, left=low, color=ALARM if x >= AT_EDGE else look(run.rule).colour)
        told = " · ".join(gauged(x, x >= AT_EDGE) + (" !" if x >= AT_EDGE else "") for _, x in there)
        ax.text(high * 1.02, i, told, va="center", fontsize=9.5, color=ALARM if any(x >= AT_EDGE for _, x in there) else INK)
    ax.plot([EDGE, EDGE], [-0.6, n - 0.4], color=ALARM, lw=1.5)
    ax.text(EDGE, -0.72, f"{EDGE:g}: the edge", color=ALARM, fontsize=9.5)
    ax.set_title("rate × curvature")
    ax.tick_params(length=0)
    ax.set_xticks(GAUGE_TICKS, [f"{tick:g}" for tick in GAUGE_TICKS], fontsize=9, color=FAINT)
    ax.spines[:].set_visible(False)


def _panel(ax, panel, runs, surface, at):
    """A quantity over time, with the cursor; where a rate of the first run rises, the panel of the rates is shaded."""
    if panel == "rate":
        runs = [run for run in runs if run.rate is not None]
        figures.rates(*runs, ax=ax, at=at)
        _shade(ax, runs[0], len(runs) > 1)
    elif panel in getattr(surface, "measures", ()):
        figures.measured(*runs, of=surface.measures[panel], name=panel, ax=ax, at=at)
    elif panel == "loss":
        figures.loss(*runs, ax=ax, at=at)
    elif panel == "step":
        figures.steps(*runs, ax=ax, at=at)
    else:
        figures.memory([run for run in runs if panel in run.memory], panel, ax=ax, at=at)
    ax.axvline(at, color="#888888", lw=1, zorder=2)


def _shade(ax, run, several):
    if run.rate.shape[-1] > len(WEIGHTS):
        return
    rows = run.rows[run.rows < run.steps]
    late, earlier = rows + 1, np.searchsorted(rows, a_tenth_ago(rows[1:]))
    rising = turns(run.rate[earlier], run.rate[:-1], run.rate[1:])[0].any(axis=1)  # as the live figure tells it
    ax.fill_between((late[1:] + late[:-1]) / 2, 0, 1, where=rising, transform=ax.get_xaxis_transform(), color=look(run.rule).colour, alpha=0.08, lw=0)
    if rising.any():
        ax.set_title(f"rate of each weight  (shaded: {look(run.rule).label + chr(39) + 's' if several else 'one' if run.rate.shape[-1] > 1 else 'it'} rises)")


def _bars(ax, runs, every, at):
    """Steps needed after each jump, one bar a run: the dashed ones did not get there in time, the faint ones are still to come."""
    told = [(run, steps_back(run.loss, every)) for run in runs if len(run.rows) == run.steps + 1]
    if not told:
        raise ValueError("the panel 'back' needs the loss of every step: leave out keep in descend")
    count, now, wide = len(told[0][1]), min(at, told[0][0].steps - 1) // every, 0.76 / len(told)
    roomy = count * len(told) <= 12
    for k, (run, back) in enumerate(told):
        colour, x = look(run.rule).colour, np.arange(count) - 0.38 + (k + 0.5) * wide
        for j, steps in enumerate(back):
            like = dict(color=colour) if steps >= 0 else dict(fill=False, ec=colour, ls=(0, (2.5, 1.5)), lw=1)
            ax.bar(x[j], steps if steps >= 0 else every, 0.9 * wide, alpha=1 if j <= now else 0.3, **like)
            if roomy and 0 <= steps and j <= now:
                ax.text(x[j], steps, str(steps), ha="center", va="bottom", fontsize=9, color=look(run.rule).text)
        end = back[-1] if back[-1] >= 0 else every
        label(ax, look(run.rule).label, (count, end), colour, beside=True)
    ax.set(title=TITLES["back"], xlim=(-0.5, count - 0.5), ylim=(0, (1.25 if roomy else 1.04) * every), yticks=[every] if every % 2 else [every // 2, every])
    stride = -(-count // 12)
    ax.set_xticks(range(0, count, stride), ["start", *range(1, count)][::stride])
    ax.tick_params(axis="x", length=0)


def _empty(ax, panel, steps):
    ax.set(title=TITLES.get(panel, f"{panel} of each weight"), yticks=[])
    if panel == "back":
        ax.set_xticks([])
    else:
        ax.set(xlabel="step", xlim=(0, steps))


def _names(n):
    return [weight.name for weight in WEIGHTS[:n]] if n > 1 else ["w"]


def _now(run, quantity, at):
    """Row of a quantity of steps that led to step `at`: (n,); not a number before the first."""
    place = np.flatnonzero(run.rows[run.rows < run.steps] == at - 1)
    return quantity[place[0]] if place.size else np.full(run.w.shape[-1], np.nan)
