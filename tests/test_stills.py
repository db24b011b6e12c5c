"""helpers/stills.py: the still picture of a live figure shows what the live one shows."""


import numpy as np
import pytest
from matplotlib.colors import same_color, to_hex
from matplotlib.patches import Rectangle

from helpers import figures, stills
from helpers.descent import descend
from helpers.explorer import explore
from helpers.explorer.spec import PANELS
from helpers.looks import ALARM, AT_EDGE, GAUGE, look
from helpers.record import steps_back
from helpers.schedules import exponential
from helpers.surfaces import Surface, bowl, moving, ravine, rosenbrock, saddle, turned_ravine
from helpers.update_rules import adagrad, adam, gradient_descent, momentum, rmsprop
from seen import cut, drawn, overlaps, words
from thorough import every_time

RUN = descend(rmsprop, ravine, 60, eta=0.4)
JUMPS = moving(ravine, every=60, jump=(-3, 1.5))
CHASE = [descend(rmsprop, JUMPS, 240, eta=0.1), descend(adagrad, JUMPS, 240, eta=0.4)]


def constant_slope(slope=1.0):
    return Surface(f"constant slope {slope:g}", loss=lambda x: slope * x, slope=lambda x: (slope + 0 * x,), start=(4,), view=((-6, 6),))


class Five:
    name, start, h = "five weights", np.linspace(-2, 2, 5), np.geomspace(0.01, 2, 5)

    def loss(self, w):
        return 0.5 * (self.h * w**2).sum(-1)

    def gradient(self, w):
        return self.h * w


class OnePointAtATime:
    """No view, no curvature, and nothing but single points."""

    start = np.array([2.0, -1.0])

    def loss(self, w):
        x, y = map(float, w)
        return x**2 + y**2

    def gradient(self, w):
        x, y = map(float, w)
        return np.array([2 * x, 2 * y])


pytestmark = pytest.mark.usefixtures("no_warning")


def panel(picture, title):
    """The axes under this title; None where there are none."""
    return next((ax for ax in picture.axes if ax.get_title(loc="left").split("  ")[0] == title), None)


def gauge(picture):
    """[(how far a bar reaches, its colour)] of the gauge, top bar first, without the grey ground; None where there is no gauge."""
    ax = panel(picture, "rate × curvature")
    if ax is None:
        return None
    bars = [bar for bar in ax.patches if isinstance(bar, Rectangle) and not same_color(bar.get_facecolor(), "#EBEBEB")]
    return [(bar.get_x() + bar.get_width(), to_hex(bar.get_facecolor()).upper()) for bar in sorted(bars, key=lambda bar: bar.get_y())]


def boxes(picture):
    """[(centre, half a side)] of the η-boxes on the surface."""
    found = [patch for patch in picture.axes[0].patches if isinstance(patch, Rectangle)]
    assert all(patch.get_zorder() > max(line.get_zorder() for line in picture.axes[0].lines) for patch in found), "a point covers the box"
    return [(tuple(patch.get_center()), patch.get_width() / 2) for patch in found]


# every live figure has a still that can be read


FIGURES = {
    "bowl": lambda: explore(gradient_descent, on=bowl),
    "at the edge": lambda: explore(gradient_descent, on=bowl, steps=30, eta=(0.01, 3), start_at={"eta": 2.0}),
    "ghost": lambda: explore(adagrad, on=ravine, ghost=gradient_descent),
    "ringing": lambda: explore(rmsprop, on=ravine, ghost=adagrad, start_at={"eta": 0.4}, steps=500),
    "step": lambda: explore(adagrad, on=constant_slope, slope=[0.01, 0.1, 1, 10, 100], start_at={"slope": 1}, steps=30, eps=1e-8, show="step"),
    "jumps": lambda: explore(rmsprop, adagrad, on=moving(ravine, every=100, jump=(-3, 1.5)), steps=1000, own=["eta"], beta=[0.5, 0.9, 0.95, 0.99], eps=1e-8),
    "many jumps": lambda: explore(rmsprop, on=moving(ravine, every=25, jump=1), steps=1000),
    "jumping bowl": lambda: explore(rmsprop, adagrad, on=moving(bowl, every=50, jump=1), steps=200),
    "no rate": lambda: explore(adam, on=ravine),
    "only the ghost has a rate": lambda: explore(momentum, on=ravine, ghost=gradient_descent),
    "diverged": lambda: explore(gradient_descent, on=ravine, eta=(0.01, 3), start_at={"eta": 0.8}),
    "0/0": lambda: explore(adagrad, on=ravine, start=(-5, 0), start_at={"eps": 0}),
    "turned": lambda: explore(rmsprop, gradient_descent, on=turned_ravine, eta=(0.01, 1)),
    "turned by 45°": lambda: explore(rmsprop, on=turned_ravine, angle=[0, 45], start_at={"angle": 45}),
    "five weights": lambda: explore(rmsprop, on=Five(), ghost=adagrad),
    "everything": lambda: explore(rmsprop, on=ravine, ghost=adagrad, show=["G", "step"], steps=60),
    "three rules": lambda: explore(rmsprop, adagrad, gradient_descent, on=ravine, own=["eta"], show=["G"]),
    "saddle": lambda: explore(rmsprop, on=saddle),
    "without a view": lambda: explore(rmsprop, on=OnePointAtATime(), eta=[0.05, 0.1], steps=20),
}


@pytest.mark.parametrize("name", every_time(("ghost", "0/0"), FIGURES))
def test_the_still_has_the_live_figures_panels_and_nothing_in_it_is_cut_or_covered(name):
    figure = FIGURES[name]()
    spec = figure.canvas.spec
    for step, only_start in [(0, True), (0, False), (figure.engine.steps // 8, False), (figure.engine.steps, False)]:
        figure.step = step
        picture = figure.still(only_start)
        assert cut(picture) == [] and overlaps(picture) == []
        assert all(text.get_fontsize() >= 9 for ax in picture.axes for text in [*ax.texts, *ax.get_xticklabels(), *ax.get_yticklabels()])
        titles = [ax.get_title(loc="left").split("  ")[0] for ax in picture.axes]
        wanted = [PANELS[panel].replace("step |Δw| of each weight", "step of each weight") for panel in spec["shown"]]
        assert [title for title in titles if title in wanted] == wanted
        assert ("rate × curvature" in titles) == (spec["gauge"] is not None)
    assert len(figures.png(picture)) < 60_000 and picture.get_size_inches()[0] * picture.dpi == 900
    figure.close_all()


@pytest.mark.parametrize("name", every_time(("ghost",), ("at the edge", "ghost", "ringing", "diverged", "turned", "three rules")))
def test_the_gauge_reaches_as_far_as_rate_times_curvature_and_is_red_from_2_on(name):
    figure = FIGURES[name]()
    curvature, mains = figure.engine.surface.curvature, [run for lane, run in zip(figure.engine.lanes, figure.runs.values()) if not lane.ghost]
    for step in (1, 7, figure.engine.steps):
        figure.step = step
        truth = [(run.rate[step - 1][i] * curvature[i], look(run.rule).colour) for i in range(len(curvature)) for run in mains]
        drawn_bars = gauge(figure.still())
        assert [x for x, _ in drawn_bars] == pytest.approx([np.clip(x, GAUGE[0] * 1.03, GAUGE[1]) for x, _ in truth])
        assert [colour for _, colour in drawn_bars] == [ALARM if x >= AT_EDGE else colour for x, colour in truth]
        assert ("at or past the edge" in figure.readout) == any(x >= AT_EDGE for x, _ in truth) or "diverged" in figure.readout
    figure.step = 0
    assert gauge(figure.still()) == [], "no step, no rate"
    assert "2: the edge" in words(figure.still())
    figure.close_all()


def test_a_gauge_stands_only_where_there_is_a_rate_and_a_curvature_of_each_weight():
    assert len(gauge(stills.signature(descend(rmsprop, bowl, 20), bowl))) == 1
    for rule, surface in [(momentum, ravine), (rmsprop, rosenbrock), (rmsprop, Five()), (rmsprop, turned_ravine(20, 45))]:
        assert gauge(stills.signature(descend(rule, surface, 20, eta=0.001), surface)) is None
    both = [descend(momentum, ravine, 60), RUN]
    assert gauge(stills.signature(both, ravine, show=("rate", "loss"))) is None, "only the ghost has a rate"
    assert len(gauge(stills.signature(both, ravine, show=("rate", "loss"), main=2))) == 2
    assert gauge(stills.signature(RUN, ravine, show=("loss", "step"))) is None


@pytest.mark.parametrize("rule, boxed", [(gradient_descent, False), (momentum, False), (adagrad, True), (rmsprop, True), (adam, True)])
def test_the_eta_box_stands_round_the_point_where_the_live_figure_draws_it(rule, boxed):
    figure = explore(rule, on=ravine, ghost=rmsprop if rule is adagrad else (), start_at={"eta": 0.1})
    assert (figure.canvas.spec["lanes"][0]["box"] is not None) == boxed
    for figure.step in (0, 12, 100):
        w = next(iter(figure.runs.values())).w[figure.step]
        found = boxes(figure.still())
        assert len(found) == boxed
        for centre, half in found:
            assert centre == pytest.approx(tuple(w)) and half == pytest.approx(0.1)
    figure.close_all()


@pytest.mark.thorough
def test_the_eta_box_follows_a_schedule_and_stays_in_the_picture():
    run = descend(adagrad, ravine, 60, eta=exponential)
    for at in (1, 30, 60):
        (_, half), = boxes(stills.signature(run, ravine, at=at, boxed=[run]))
        assert half == pytest.approx(exponential(at - 1))
    gone = descend(adagrad, saddle, 400, eta=0.4)
    assert abs(gone.w[-1, 1]) > 4
    assert boxes(stills.signature(gone, saddle, boxed=[gone])) == [] and len(boxes(stills.signature(gone, saddle, at=1, boxed=[gone]))) == 1
    assert boxes(stills.signature(RUN, ravine)) == [], "only those that are named"
    assert "η-box" in words(stills.signature(RUN, ravine, at=5, boxed=[RUN])) and "η-box" not in words(stills.signature(RUN, ravine, at=5))


def test_the_panel_of_a_memory_or_of_the_step_holds_what_the_run_holds():
    picture = stills.signature([RUN, descend(gradient_descent, ravine, 60)], ravine, show=("rate", "loss", "G", "step"))
    for title, truth in (("G of each weight", RUN.G), ("step of each weight", RUN.step)):
        ax = panel(picture, title)
        inside = np.clip(truth[:, 0], *ax.get_ylim())
        assert any(len(line.get_ydata()) == len(inside) and np.allclose(line.get_ydata(), inside) for line in ax.lines)
    assert "m of each weight" in words(stills.signature(descend(adam, ravine, 30), ravine, show=("loss", "m")))


@pytest.mark.parametrize("at", [30, 130, 240])
def test_the_bars_are_as_high_as_the_steps_that_each_jump_took(at):
    ax = panel(stills.signature(CHASE, JUMPS, at=at, show=("rate", "loss", "back"), main=2), "steps needed after each jump")
    for run, bars in zip(CHASE, (ax.patches[:4], ax.patches[4:])):
        back = steps_back(run.loss, 60)
        assert (back >= 0).any() and (run is CHASE[0] or (back < 0).any())
        assert [bar.get_height() if bar.get_fill() else -1 for bar in bars] == back.tolist()
        assert [bar.get_alpha() for bar in bars] == [1 if j * 60 <= min(at, 239) else 0.3 for j in range(4)]
        assert {to_hex(bar.get_facecolor() if bar.get_fill() else bar.get_edgecolor()).upper() for bar in bars} == {look(run.rule).colour}
    assert {"Adagrad", "RMSprop"} <= {text.get_text() for text in ax.texts}


def test_the_ground_of_a_surface_that_jumps_is_that_of_the_step_shown():
    low = [tuple(stills.signature(CHASE, JUMPS, at=at).axes[0].lines[0].get_xydata()[0]) for at in (0, 60, 239, 240)]
    assert low == [(0, 0), (-3, 1.5), (-3, 1.5), (-3, 1.5)], "the last loss is that of the last step's surface"


# a preview


@pytest.mark.thorough
def test_a_preview_shows_the_surface_and_the_start_whatever_the_rule_did():
    same = [figures.png(stills.signature(descend(rule, ravine, 60, eta=eta), ravine, only_start=True)) for rule, eta in [(adagrad, 0.4), (rmsprop, 0.1), (gradient_descent, 0.8)]]
    assert len(set(same)) == 1
    assert same[0] != figures.png(stills.signature(descend(adagrad, ravine, 60, start=(-2, 1)), ravine, only_start=True)), "the start shows"
    figure = explore(rmsprop, adagrad, on=JUMPS, steps=240, show="step")
    picture = figure.still(only_start=True)
    told = {text for text, _ in drawn(picture)}
    assert {"start", "minimum", "rate of each weight", "loss", "steps needed after each jump", "2: the edge"} <= told
    assert not told & {"RMSprop", "Adagrad", "η: your knob"} and gauge(picture) == [] and boxes(picture) == []
    assert all(not ax.lines and not ax.patches for ax in picture.axes[2:])
    figure.close_all()
    five = stills.signature(descend(adagrad, Five(), 20), Five(), only_start=True)
    assert [len(ax.lines) for ax in five.axes] == [0, 0] and "rate of each weight" in words(five)


# what is refused


def test_what_a_still_cannot_show_is_refused_with_what_to_write_instead():
    thin = descend(rmsprop, JUMPS, 240, keep={"steps": [0, 120, 240]})
    for call, kind, says in [
        (lambda: stills.signature(3, ravine), TypeError, "draws what descend returns"),
        (lambda: stills.signature([], ravine), ValueError, "needs a run"),
        (lambda: stills.signature(RUN, ravine, at=61), ValueError, "0 to 60; got 61"),
        (lambda: stills.signature(RUN, ravine, at=1.5), ValueError, "whole number"),
        (lambda: stills.signature(RUN, ravine, show=("loss", "H")), ValueError, "show names 'H'; the panels are rate, loss, step, back, G"),
        (lambda: stills.signature(RUN, ravine, show="back"), ValueError, r"moving\(surface"),
        (lambda: stills.signature(descend(adam, ravine, 9), ravine, show="rate"), ValueError, r"adam has no rate.*show=\('step', 'loss'\)"),
        (lambda: stills.signature(thin, JUMPS, show="back"), ValueError, "leave out keep"),
    ]:
        with pytest.raises(kind, match=says):
            call()


def test_the_shade_of_a_still_tells_a_rise_where_the_live_figure_does_and_not_for_what_no_eye_sees():
    def nearly_still(g, t=0, *, eta=0.1):
        return -eta * (1 + 1e-6 * t) * g, t + 1  # its rate rises by a millionth in a step

    grows = stills.signature(descend(nearly_still, bowl, 40), bowl)
    assert not any("shaded" in ax.get_title(loc="left") for ax in grows.axes)
    assert any("rises" in ax.get_title(loc="left") for ax in stills.signature(RUN, ravine).axes)
