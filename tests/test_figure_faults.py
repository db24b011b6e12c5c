"""Figures of what readers really write: rules that walk uphill, print, raise or branch, losses that are no numbers, surfaces without a slope."""

import asyncio
import contextlib
import io
import math
import warnings

import numpy as np
import pytest

from helpers import fates
from helpers.descent import descend
from helpers.epsilon import epsilon_rule
from helpers.explorer import explore
from helpers.explorer.controls import can_guess
from helpers.explorer.later import LONG, effort
from helpers.explorer.sweep import kept_rows
from helpers.labels import number
from helpers.network import digits
from helpers.pictures import png
from helpers.schedules import exponential, schedule
from helpers.surface import Surface
from helpers.surfaces import (
    bowl,
    flat,
    given,
    himmelblau,
    moving,
    ravine,
    regression,
    rosenbrock,
    turned_ravine,
)
from helpers.switchboard import switchboard
from helpers.update_rules import adagrad, adam, gradient_descent, rmsprop
from widgets import bundles


@pytest.fixture(autouse=True)
def stored():
    """What a figure stores, with either ipywidgets."""
    with bundles():
        yield



def uphill(g, *, eta=0.1):
    return eta * g


def adagrad_uphill(g, G=0.0, *, eta=0.1, eps=1e-8):
    G = G + g**2
    return eta / (np.sqrt(G) + eps) * g, G


def by_sign(g, *, eta=0.1):
    return eta * np.sign(g)


def through_0(g, t=0, *, eta=0.1):
    return -eta * np.cos(0.5 * t) * g, t + 1


# a rate below 0


@pytest.mark.parametrize("rule", [uphill, adagrad_uphill, by_sign, through_0])
def test_a_rule_that_walks_uphill_has_a_figure_that_says_its_negative_rates(rule):
    figure = explore(rule, on=ravine, steps=20)
    run = descend(rule, ravine, 20)
    for step in (1, 3, 5, 20):
        figure.step = step
        said = figure.readout
        assert "not a number" not in said
        reading = figure.engine.reading(0)
        for i in (0, 1):
            assert reading.uphill(i, step) == (run.rate[step - 1, i] < 0)
            told = reading.number(f"rate{i}", step)
            assert float(told.replace("−", "-")) == pytest.approx(run.rate[step - 1, i], rel=0.06), told
        assert ("uphill" in said.replace("uphill's", "")) == (run.rate[step - 1] < 0).any()
    assert "image/png" in figure._repr_mimebundle_()


def test_a_constant_rate_below_0_stays_and_is_said_once():
    assert "Its rate is −0.10 for both weights (stays). " in explore(uphill, on=ravine, steps=20).readout
    assert (
        "Its rate is −0.10 for all weights. " in explore(uphill, on=digits, steps=3, eta=[0.1, 0.2]).readout
    )
    assert "Its rate is −0.10 for w (stays). " in explore(uphill, on=bowl, steps=4).readout
    assert "stand at −0.020 and −0.40. " in explore(uphill, on=ravine, steps=20).readout + " ", (
        "a gauge has a sign, too"
    )


def test_in_a_race_only_the_rule_that_walks_uphill_is_said_to():
    said = explore(gradient_descent, uphill, on=ravine, steps=9).readout
    assert said.count("walks uphill") == 1 and said.index("Uphill's loss") < said.index("walks uphill")


# a run that ended, and did not run off

LOG = Surface("x - ln x", lambda x: x - np.log(x), lambda x: (1 - 1 / x,), start=3, view=(0.01, 4))
POLE = Surface("1/x²", lambda x: 1 / x**2, lambda x: (-2 / x**3,), start=1, view=(-4, 4))
SLIDE = Surface("exp(x)", lambda x: np.exp(x), lambda x: (np.exp(x),), start=-380, view=(-400, 4))


def test_a_loss_that_is_no_number_is_not_called_diverged():
    figure = explore(adagrad, on=LOG, steps=9, start_at={"eta": 8.0})
    assert "its loss is not a number from step 1 on" in figure.readout and "diverged" not in figure.readout
    assert fates.said_of(descend(adagrad, LOG, 9, eta=8.0)) == "loss not a number from step 1 on"
    assert "image/png" in figure._repr_mimebundle_()


def test_a_loss_that_is_infinite_at_the_start_is_said_to_be():
    figure = explore(adagrad, on=POLE, start=0.0, steps=9)
    for figure.step in (0, 9):
        assert "the loss is infinite at the start" in figure.readout and "diverged" not in figure.readout
    assert "image/png" in figure._repr_mimebundle_()


def test_a_weight_that_went_off_while_the_loss_is_fine_is_said_to_have():
    figure = explore(adagrad, on=SLIDE, steps=9, eps=[0.0], eta=[0.1, 0.4])
    run = descend(adagrad, SLIDE, 9, eps=0.0)
    assert (
        run.diverged_at >= 0
        and np.isfinite(run.loss[run.diverged_at])
        and not np.isfinite(run.w[run.diverged_at]).any()
    )
    assert f"its weight is not finite from step {run.diverged_at} on" in figure.readout


def test_what_really_ran_off_still_diverged_alone_and_side_by_side():
    run = descend(gradient_descent, ravine, 400, eta=[0.4, 0.6, 3.0])
    assert fates.how_it_ended(run)[1:].tolist() == [fates.RAN_OFF, fates.RAN_OFF]
    assert (
        "diverged at step"
        in explore(gradient_descent, on=ravine, eta=[0.4, 0.6], start_at={"eta": 0.6}, steps=400).readout
    )


# surfaces on which nothing changes


@pytest.mark.parametrize(
    "on",
    [
        given([3, 4, 12]),
        flat(1),
        flat(2),
        Surface("a plain", lambda x: -1 + 0 * x, lambda x: (0 * x,), 1, (-2, 2)),
        Surface("level", lambda x, y: 5 + 0 * x, lambda x, y: (0 * x, 0 * y), (1, 1), ((-2, 2), (-2, 2))),
        Surface("three", lambda x, y, z: -2 + 0 * x, lambda x, y, z: (0 * x, 0 * y, 0 * z), (1, 1, 1)),
    ],
    ids=lambda on: on.name,
)
def test_a_level_surface_has_axes_of_some_length_and_no_warning(on):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", message=".*deprecated")  # Colab's Matplotlib with a newer pyparsing
        figure = explore(adagrad, on=on, steps=20)
        assert "image/png" in figure._repr_mimebundle_()
    assert all(axis["low"] < axis["high"] for axis in figure.canvas.spec["axes"].values())
    assert (
        "nan" not in str(figure.canvas.spec["path"]).lower() and "loss is not a number" not in figure.readout
    )


def test_a_loss_that_is_exactly_0_is_0():
    assert "loss is 0 (it began at 0)" in explore(gradient_descent, on=ravine, start=(0, 0), steps=5).readout
    assert (
        "below 1.0e-32"
        in explore(gradient_descent, on=bowl, eta=[0.9, 0.99], start_at={"eta": 0.99}, steps=30).readout
    )


# rules that raise, print or branch


def test_a_rule_that_raises_everywhere_is_said_in_the_figure_and_nowhere_else():
    def bad(g, *, eta=0.1):
        return -eta * gg  # noqa: F821

    err = io.StringIO()
    with contextlib.redirect_stderr(err):
        bundle = explore(bad, on=ravine, steps=20)._repr_mimebundle_()
    assert err.getvalue() == "" and "image/png" in bundle and "NameError" in bundle["text/html"]


@pytest.mark.parametrize(
    "name",
    [
        r"$\frac12 w^2$",
        r"$\tfrac12 w^2$",
        "costs $5 or $6_",
        "损失 🎉",
        "a long name " * 25,
        "$x^2$",
        r"$\nonsense{$",
    ],
)
def test_a_name_that_matplotlib_cannot_write_is_written_all_the_same(name):
    def rule(g, *, eta=0.1):
        return -eta * g

    rule.__name__ = name
    surface = Surface(name, lambda x, y: x**2 + y**2, lambda x, y: (2 * x, 2 * y), (1, 1), ((-2, 2), (-2, 2)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", message=".*deprecated")  # Colab's Matplotlib with a newer pyparsing
        assert (
            "image/png"
            in explore(rule, adagrad, on=surface, steps=5, eta=[0.1, 0.2], eps=1e-8)._repr_mimebundle_()
        )


def test_an_error_of_ours_is_no_line_of_the_readers():
    def sometimes(g, *, eta=0.1, k=1):
        if k < 2:
            return -eta * g

    class Thing:
        def __call__(self, g, *, eta=0.1, k=1):
            return -eta * g if k < 2 else [1, 2]

    for rule, said in (
        (sometimes, "sometimes returned None: end it with `return dw`"),
        (Thing(), "Thing returned a list"),
    ):
        figure = explore(rule, on=ravine, steps=10, k=[1, 2])
        figure.controls["k"].index = 1
        assert (
            said in figure.readout and "in line" not in figure.readout and "RuleError" not in figure.readout
        )


def printed(make):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        figure = make()
        figure._repr_mimebundle_()
        for control in figure.controls.values():
            control.index = 0
        figure._hear(None, {"kind": "start", "at": [0.3, 0.4], "final": True}, [])
    return out.getvalue()


@pytest.mark.thorough
def test_what_a_rule_a_slope_or_a_schedule_prints_is_shown_in_its_first_lines():
    def chatty(g, *, eta=0.1):
        print("g is", g)
        return -eta * g

    @schedule
    def loud(t, *, eta=0.1):
        print("t", t)
        return eta

    talks = Surface(
        "talks",
        lambda x, y: x**2 + y**2,
        lambda x, y: (print("slope"), (2 * x, 2 * y))[1],
        (1, 1),
        ((-2, 2), (-2, 2)),
    )
    for make in (
        lambda: explore(chatty, on=ravine, steps=30),
        lambda: explore(gradient_descent, on=talks, steps=30),
        lambda: explore(gradient_descent, on=ravine, eta=loud(), steps=30),
    ):
        said = printed(make)
        assert 2 <= said.count("\n") <= 6 and "left out" in said, said[:400]


def branches(g, t=0, *, eta=0.1, warm=10):
    t = t + 1
    return -eta * (t / warm if t < warm else 1) * g, t


def normed(g, *, eta=0.1):
    return -eta * g / np.sqrt((g**2).sum())


def counted(g, *, eta=0.1, times=3):
    for _ in range(times):
        g = 0.9 * g
    return -eta * g


@schedule
def cosine(t, *, eta=0.1, period=50):
    return eta * (1 + math.cos(math.pi * t / period)) / 2 if t < period else 0.001


class OnePoint:
    start, view, name = np.array([-5.0, -2.0]), ((-6, 6), (-3, 3)), "one point"

    def loss(self, w):
        return float(0.1 * w[0] ** 2 + 2 * w[1] ** 2)

    def gradient(self, w):
        return np.array([0.2 * w[0], 4 * w[1]])


@pytest.mark.parametrize(
    "make, said",
    [
        (
            lambda: explore(branches, on=ravine, steps=20),
            "branches branches on the knob warm, so it was run one by one",
        ),
        (
            lambda: explore(counted, on=ravine, steps=20),
            "takes its knob times one number at a time, so it was run one by one",
        ),
        (
            lambda: explore(gradient_descent, on=ravine, steps=20, eta=cosine()),
            "the schedule of gradient descent takes one number at a time",
        ),
        (
            lambda: explore(adagrad, on=OnePoint(), steps=10, eps=1e-8),
            "the surface takes one point at a time",
        ),
        (
            lambda: explore(normed, on=ravine, steps=20),
            "normed mixes weights or runs, so it was run one by one",
        ),
    ],
    ids=["knob", "range", "schedule", "surface", "mixes"],
)
def test_the_figure_says_what_really_keeps_runs_from_being_side_by_side(make, said):
    setting = make().spec_maker.setting()
    assert said in setting and setting.count("mixes weights") == ("mixes weights" in said)


def test_whole_numbers_of_a_schedule_do_not_overflow():
    assert (
        "one by one"
        not in explore(gradient_descent, on=ravine, steps=100, eta=exponential(decay=1)).spec_maker.setting()
    )


# knobs, presets, titles


@pytest.mark.parametrize("default", [np.inf, -np.inf, np.nan, 1e308, 5e-324, 10**30, 10**400])
def test_a_default_that_no_range_can_be_guessed_for_gets_no_slider(default):
    def rule(g, *, eta=0.1, clip=default):
        return -eta * g

    assert not can_guess(default) and list(explore(rule, on=ravine, steps=3).controls) == ["eta"]


def test_what_becomes_an_array_is_a_list_of_positions():
    class Series:
        def __array__(self, dtype=None, copy=None):
            return np.array([0.1, 0.2])

    assert explore(adagrad, on=ravine, steps=5, eta=Series()).controls["eta"].values == [0.1, 0.2]


@pytest.mark.parametrize(
    "call, said",
    [
        (
            lambda: explore(adagrad, on=ravine, steps=5, presets=[{1: 2}]),
            "presets names 1, which is no control here",
        ),
        (lambda: explore(adagrad, on=ravine, steps=5, eta=(0.1, 10**400)), "is not a range"),
        (
            lambda: explore(adagrad, on=ravine, steps=5, title=lambda nothing: "x"),
            "title follows 'nothing', which is not a control",
        ),
        (lambda: explore(adagrad, on=ravine, steps=5, title=lambda eta: 3), "title must give a sentence"),
    ],
)
def test_bad_presets_ranges_and_titles_are_named(call, said):
    with pytest.raises((TypeError, ValueError), match=said):
        call()


def test_a_title_follows_the_sliders_that_it_names():
    figure = explore(
        rmsprop,
        on=ravine,
        steps=9,
        own=["eta"],
        title=lambda beta, eta_rmsprop: f"β = {beta:g}, η = {eta_rmsprop:g}",
    )
    told, order = figure.canvas.spec["titles"], list(figure.controls)
    assert [order[i] for i in told["of"]] == ["beta", "eta@rmsprop"]
    for i in (0, 3, 8):
        for j in (0, 34):
            figure.controls["beta"].index, figure.controls["eta@rmsprop"].index = i, j
            wanted = f"β = {figure.controls['beta'].value:g}, η = {figure.controls['eta@rmsprop'].value:g}"
            assert told["texts"][told["at"][i * len(figure.controls["eta@rmsprop"].values) + j]] == wanted
            assert figure.spec_maker.heading() == wanted and repr(figure).startswith(wanted)
    figure.retitle("a sentence")
    assert figure.canvas.spec["title"] == "a sentence" and figure.canvas.spec["titles"] is None


def test_a_rule_says_what_its_switches_make_of_it():
    figure = explore(switchboard, on=ravine, steps=9, beta1=0.9, beta2=0.999, eps=1e-8, eta=[0.1, 0.2])
    corners = {
        (1, 1, 1): "Adam",
        (0, 0, 0): "gradient descent",
        (0, 1, 0): "RMSprop",
        (1, 0, 0): "momentum as an average",
        (0, 1, 1): "RMS + correction, no momentum",
        (1, 1, 0): "momentum + RMS, no correction",
    }
    for at, name in corners.items():
        for key, index in zip(("momentum", "rms", "correction"), at):
            figure.controls[key].index = index
        assert f"With these switches it is {name}. " in figure.readout
        told = figure.canvas.spec["lanes"][0]["told"]
        assert told["texts"][told["at"][figure.engine.lanes[0].position()]][1] == name


def test_an_eta_that_is_held_is_told_as_it_is_used():
    figure = explore(
        epsilon_rule,
        on=ravine,
        steps=9,
        eta=[0.4],
        inside=[False],
        hold=[False, True],
        start_at={"hold": True, "eps": 1000},
        eps=[1, 1000],
    )
    assert (
        "η = 400. " in figure.readout
        and figure.canvas.spec["lanes"][0]["told"]["texts"][-1][2] == "η/ε, held at 0.4"
    )
    figure.controls["hold"].index = 0
    assert "held" not in figure.readout


def test_a_menu_says_whether_it_holds_data_or_surfaces():
    x = np.linspace(-1, 1, 8).reshape(4, 2)
    data = regression(x, x.sum(-1))
    assert (
        explore(gradient_descent, on={"data set A": data, "data set B": data}, steps=3)
        .controls["surface"]
        .label
        == "data"
    )
    assert (
        explore(gradient_descent, on={"ravine": ravine, "jumps": moving(ravine, 10, 1)}, steps=3)
        .controls["surface"]
        .label
        == "surface"
    )


# axes


def axes_of(figure):
    return {name: (axis["low"], axis["high"]) for name, axis in figure.canvas.spec["axes"].items()}


def constant_slope(slope=1.0):
    return Surface(
        f"slope {slope:g}", lambda x: slope * x, lambda x: (slope + 0 * x,), start=(4,), view=((-6, 6),)
    )


def scaled(scale=1.0):
    return Surface(
        f"{scale:g} × ravine",
        lambda x, y: scale * (0.1 * x**2 + 2 * y**2),
        lambda x, y: (scale * 0.2 * x, scale * 4 * y),
        (-5, -2),
        ((-6, 2.2), (-3, 3)),
    )


@pytest.mark.parametrize(
    "make, key",
    [
        (
            lambda: explore(
                gradient_descent,
                on=turned_ravine,
                steepest=1,
                condition=[1, 10, 100],
                angle=[0, 45],
                eta=(0.02, 2.5),
                start_at={"condition": 10, "eta": 1.8},
                steps=60,
            ),
            "condition",
        ),
        (
            lambda: explore(
                gradient_descent,
                on=scaled,
                scale=[0.1, 1, 10],
                eta=(0.01, 1),
                start_at={"scale": 1, "eta": 0.4},
                steps=40,
            ),
            "scale",
        ),
        (
            lambda: explore(
                adagrad, on=constant_slope, slope=[0.01, 1, 100], start_at={"slope": 1}, steps=20, eps=1e-8
            ),
            "slope",
        ),
    ],
    ids=["condition", "scale", "slope"],
)
def test_axes_of_rate_step_and_loss_stay_whatever_the_controls_of_the_surface_do_and_a_reset_brings_all_back(
    make, key
):
    figure = make()
    first = axes_of(figure)
    kept = [
        name for name in first if name not in ("height", "x", "y") and figure.canvas.spec["axes"][name]["log"]
    ]
    assert {"rate", "step"} <= set(kept)
    figure.controls["eta"].index = len(figure.controls["eta"].values) - 1
    for figure.controls[key].index in (0, 2, 0):
        assert {name: axes_of(figure)[name] for name in kept} == {name: first[name] for name in kept}
    figure.reset()
    assert axes_of(figure) == first


def test_the_axis_of_the_rates_holds_every_eta_of_the_slider():
    for figure in (
        explore(gradient_descent, on=bowl, steps=30, eta=(0.01, 3)),
        explore(adagrad, on=ravine, steps=30),
        explore(rmsprop, adagrad, on=ravine, own=["eta"], steps=30),
    ):
        low, high = axes_of(figure)["rate"]
        for control in figure.controls.values():
            if control.name == "eta":
                assert low <= np.log10(min(control.values)) and np.log10(max(control.values)) <= high


def test_the_drawn_frames_hold_the_first_steps_and_the_round_ones():
    for steps in (60, 300, 500, 1000, 5000, 10_000):
        rows = kept_rows(steps)
        assert len(rows) <= 301 and {
            *range(30),
            *(t for t in (20, 50, 100, 200, 500, 1000, 2000) if t <= steps),
            steps,
        } <= set(rows.tolist())
        assert np.isin(rows[1:-1] - 1, rows).sum() + np.isin(rows[1:-1] + 1, rows).sum() >= len(rows) - 2, (
            "every row has a neighbour"
        )


# long runs


def test_a_figure_with_long_runs_shows_the_present_setting_first_and_the_rest_when_there_is_time():
    async def shown():
        figure = explore(
            adagrad,
            on=rosenbrock,
            steps=1000,
            eps=[1e-8, 1e-6, 1e-4, 0.01, 0.1, 1],
            eta=np.geomspace(0.01, 2, 1700).tolist(),
        )
        assert effort(figure.engine) > LONG
        lane = figure.engine.lanes[0]
        assert figure.engine.near_parts[0][0] == [lane.position()] and not figure.canvas.rest
        here = figure.readout
        for _ in range(2000):
            if figure.canvas.rest:
                break
            await asyncio.sleep(0.05)
        assert figure.engine.full_parts[0][0] == list(range(lane.count)) and figure.readout == here
        return figure

    figure = asyncio.run(shown())
    alone = descend(adagrad, rosenbrock, 1000, **{c.name: c.value for c in figure.controls.values()})
    assert f"loss is {number(alone.loss[-1])} " in figure.readout


@pytest.mark.thorough
def test_without_a_loop_a_long_figure_computes_what_is_asked_for_and_finish_all_of_it():
    figure = explore(
        adam, on=himmelblau, steps=900, beta1=0.9, eps=1e-8, eta=np.geomspace(0.001, 1, 800).tolist()
    )
    assert effort(figure.engine) > LONG and not figure.canvas.rest
    figure._hear(None, {"kind": "need", "positions": [[0, [3, 5]]]}, [])
    assert figure.engine.near_parts[0][0] == [3, 5]
    figure.finish()
    assert figure.canvas.rest and figure.engine.full_parts[0][0] == list(range(figure.engine.lanes[0].count))


def test_a_still_of_a_rule_that_walks_uphill_is_drawn_with_a_linear_gauge():
    picture = explore(uphill, on=ravine, steps=8).still()
    gauge = next(ax for ax in picture.axes if ax.get_title(loc="left") == "rate × curvature")
    assert gauge.get_xscale() == "linear" and [t.get_text() for t in gauge.get_xticklabels()] == [
        "0",
        "0.5",
        "1",
        "1.5",
        "2",
    ]
    assert len(png(picture)) > 1000
