"""explore(): what it makes of what it is asked for, what it refuses, and that nothing is lost or left behind."""

import types
from pathlib import Path

import ipywidgets
import numpy as np
import pytest

from helpers.descent import descend
from helpers.explorer import cells, explore
from helpers.explorer.cells import close_all, once_per_cell
from helpers.looks import WEIGHTS
from helpers.schedules import exponential
from helpers.surfaces import beale, bowl, flat, moving, ravine, rosenbrock, turned_ravine
from helpers.update_rules import adagrad, adam, gradient_descent, momentum, rmsprop
from messages import check_readout, unpack
from widgets import alive


ROOT = Path(__file__).parents[1]


def only_run(figure):
    return next(iter(figure.runs.values()))


# what it makes


@pytest.mark.thorough
def test_the_readout_is_that_of_descend_at_many_joint_settings():
    figure, rng = explore(rmsprop, on=ravine, ghost=adagrad), np.random.default_rng(0)
    for _ in range(25):
        for control in figure.controls.values():
            control.index = int(rng.integers(len(control.values)))
        figure.step = int(rng.integers(101))
        at = {name: control.value for name, control in figure.controls.items()}
        np.testing.assert_array_equal(figure.runs["RMSprop"].w, descend(rmsprop, ravine, 100, **at).w)
        np.testing.assert_array_equal(figure.runs["Adagrad"].w, descend(adagrad, ravine, 100, eta=at["eta"], eps=at["eps"]).w)
        check_readout(figure)


def test_knobs_of_one_name_share_a_slider_that_begins_at_the_first_rules_default():
    figure = explore(adagrad, rmsprop, on=ravine)
    assert list(figure.controls) == ["eta", "eps", "beta"] and figure.controls["eta"].value == 0.4
    assert {run.knobs["eta"] for run in figure.runs.values()} == {0.4}


def test_own_knobs_have_a_slider_for_each_rule():
    figure = explore(adagrad, rmsprop, on=ravine, own=["eta"])
    assert [c.value for c in figure.controls.values() if c.name == "eta"] == [0.4, 0.1]
    assert [c.label for c in figure.controls.values() if c.name == "eta"] == ["learning rate η of Adagrad", "learning rate η of RMSprop"]
    figure.controls["eta@rmsprop"].index = 0
    assert figure.runs["Adagrad"].knobs["eta"] == 0.4 and figure.runs["RMSprop"].knobs["eta"] == figure.controls["eta@rmsprop"].values[0]
    check_readout(figure)
    assert figure.canvas.spec["etaShared"] is False


def test_one_rule_may_race_itself_with_an_eta_for_each():
    figure = explore(adagrad, adagrad, on=ravine, own="eta")
    assert len(figure.controls) == 3 and len(figure.runs) == 2
    [*figure.controls.values()][0].index = 3
    first, second = figure.runs.values()
    assert first.knobs["eta"] != second.knobs["eta"]


def test_a_ghost_follows_the_shared_sliders_and_brings_none():
    figure = explore(adagrad, on=ravine, ghost=rmsprop)
    assert list(figure.controls) == ["eta", "eps"] and figure.runs["RMSprop"].knobs["beta"] == 0.9
    figure.controls["eta"].index = 4
    assert {run.knobs["eta"] for run in figure.runs.values()} == {figure.controls["eta"].values[4]}
    assert "ghost: RMSprop at the same η" in figure.canvas.spec["subtitle"]
    unlinked = explore(adagrad, on=ravine, ghost=rmsprop, own=["eta"])
    assert list(unlinked.controls) == ["eta@adagrad", "eps", "eta@rmsprop"] and "ghost: RMSprop at its own η" in unlinked.canvas.spec["subtitle"]
    unlinked.controls["eta@rmsprop"].index = 2
    check_readout(unlinked)
    asked = explore(adagrad, on=ravine, ghost=rmsprop, beta=(0.5, 0.99))
    assert "beta" in asked.controls
    fixed = explore(adagrad, on=ravine, ghost=(rmsprop, gradient_descent), beta=0.5)
    assert fixed.runs["RMSprop"].knobs["beta"] == 0.5 and len(fixed.runs) == 3
    assert explore(adagrad, on=ravine, ghost=rmsprop, start_at={"beta": 0.3}).runs["RMSprop"].knobs["beta"] == 0.3


def test_a_rule_keeps_what_is_fixed_and_the_rest_slides():
    figure = explore(rmsprop, on=ravine, beta=0.5, eps=0)
    assert list(figure.controls) == ["eta"] and only_run(figure).knobs == {"eta": 0.1, "beta": 0.5, "eps": 0}
    figure = explore(rmsprop, on=ravine, eta=lambda t: 0.3 / (1 + t))
    assert list(figure.controls) == ["beta", "eps"]
    np.testing.assert_array_equal(only_run(figure).w, descend(rmsprop, ravine, 100, eta=lambda t: 0.3 / (1 + t)).w)


def test_a_rule_whose_word_or_pair_has_no_range_keeps_its_default():
    def worded(g, *, eta=0.1, kind="plain", pair=(0.5, 0.9)):
        return -eta * pair[0] * (g if kind == "plain" else np.sign(g))

    assert list(explore(worded, on=ravine).controls) == ["eta"]
    assert list(explore(worded, on=ravine, kind=["plain", "sign"]).controls) == ["eta", "kind"]


def test_a_dict_of_surfaces_is_a_menu():
    figure = explore(rmsprop, on={"ravine": ravine, "Beale": beale, "moving": moving(ravine, 50, 1)}, eta=[0.05, 0.1])
    for i, surface in enumerate((ravine, beale, moving(ravine, 50, 1))):
        figure.controls["surface"].index = i
        assert figure.engine.refused == "" and figure.canvas.spec["surface"] == [[0, i]]
        np.testing.assert_array_equal(only_run(figure).w, descend(rmsprop, surface, 100).w)
        check_readout(figure)
        header, _ = unpack(figure.canvas.rest, figure.canvas.spec)
        assert header["generation"] == figure.canvas.spec["generation"]
    assert "surface" not in explore(rmsprop, on={"one": ravine}).controls


def test_a_function_that_makes_surfaces_has_a_control_for_each_parameter():
    figure = explore(gradient_descent, on=turned_ravine, condition=(1, 100), angle=[0, 30, 45], eta=(0.001, 1))
    assert list(figure.controls) == ["condition", "angle", "eta"]
    figure.controls["condition"].index, figure.controls["angle"].index = 3, 2
    at = {name: figure.controls[name].value for name in ("condition", "angle")}
    np.testing.assert_array_equal(only_run(figure).w, descend(gradient_descent, turned_ravine(**at), 100).w)
    check_readout(figure)
    guessed = explore(rmsprop, on=turned_ravine)
    for name in ("condition", "angle"):
        for i in (0, len(guessed.controls[name].values) - 1):
            guessed.controls[name].index = i
            assert guessed.engine.refused == "" and guessed.engine.surface.name == turned_ravine(*[guessed.controls[n].value for n in ("condition", "angle")]).name
    fixed = explore(rmsprop, on=turned_ravine, angle=45)
    assert "angle" not in fixed.controls and fixed.engine.surface.name == turned_ravine(20, 45).name
    assert explore(rmsprop, on=turned_ravine, condition=[2, 50], start_at={"condition": 50}).engine.surface.name == turned_ravine(50, 0).name


def test_a_start_made_for_one_surface_gives_way_on_another():
    figure = explore(rmsprop, on={"ravine": ravine, "Rosenbrock": rosenbrock}, start=(-5, -1))
    figure.controls["surface"].index = 1
    assert figure.engine.refused == "" and figure.start.tolist() == rosenbrock.start.tolist()
    figure.controls["surface"].index = 0
    assert figure.start.tolist() == [-5, -1]


def test_a_surface_that_cannot_be_made_is_told_and_the_next_good_one_is_shown():
    def picky(*, size=1.0):
        if size > 5:
            raise ArithmeticError("too large")
        return turned_ravine(1 + size)

    figure = explore(rmsprop, on=picky, size=[1.0, 3.0, 9.0])
    figure.controls["size"].index = 2
    assert figure.readout == "ArithmeticError: too large"
    figure.controls["size"].index = 1
    check_readout(figure)
    assert "After 100 steps" in figure.readout


def test_start_at_moves_the_slider_of_one_rule_alone():
    figure = explore(adagrad, rmsprop, rmsprop, on=ravine, own=["eta"], start_at={"eta": 0.2, "eta@adagrad": 0.37, "eta@rmsprop 2": 0.05})
    assert {key: control.value for key, control in figure.controls.items() if key.startswith("eta")} == {"eta@adagrad": 0.37, "eta@rmsprop 1": 0.2, "eta@rmsprop 2": 0.05}
    with pytest.raises(TypeError, match="start_at names 'eta@adagrat', which is no knob here. Did you mean eta@adagrad"):
        explore(adagrad, rmsprop, on=ravine, own=["eta"], start_at={"eta@adagrat": 0.37})
    with pytest.raises(TypeError, match="start_at names 'eta@adagrad', which is no knob here"):
        explore(adagrad, rmsprop, on=ravine, start_at={"eta@adagrad": 0.37})


def test_start_at_presets_and_show():
    figure = explore(rmsprop, on=ravine, start_at={"eta": 0.37, "eps": 0}, presets=[{"eta": 0.1}, {"beta": 0.99, "eps": 0}], show=["G", "step"])
    assert figure.controls["eta"].value == 0.37 and only_run(figure).knobs["eps"] == 0
    controls = [*figure.controls.values()]
    read = [{c.name: c.values[i] for c, i in zip(controls, preset)} for preset in figure.canvas.spec["presets"]]
    assert [(p["eta"], p["beta"], p["eps"]) for p in read] == [(0.1, 0.9, 0), (0.37, 0.99, 0)]
    assert {"G", "step"} <= set(figure.canvas.spec["shown"])
    assert len(explore(rmsprop, on=ravine).canvas.spec["presets"]) == 4
    assert list(explore(rmsprop, on=ravine, show="G").canvas.spec["shown"]) == ["rate", "loss", "G"]


def test_memory_may_begin_elsewhere():
    figure = explore(adagrad, gradient_descent, on=ravine, memory={"G": 0.1})
    np.testing.assert_array_equal(only_run(figure).w, descend(adagrad, ravine, 100, memory={"G": 0.1}, eta=0.4).w)
    check_readout(figure)


def test_the_start_moves_and_reset_brings_everything_back():
    figure = explore(rmsprop, on=ravine, ghost=adagrad)
    before = figure.readout
    figure.move_start((-2, 1.5))
    np.testing.assert_array_equal(only_run(figure).w[0], [-2, 1.5])
    check_readout(figure)
    figure._hear(None, {"kind": "start", "at": [0.25, 0.75], "final": True}, [])
    assert figure.start == pytest.approx([-6 + 0.25 * 8.2, -3 + 0.75 * 6])
    check_readout(figure)
    figure.controls["eta"].index, figure.controls["eps"].index, figure.step = 3, len(figure.controls["eps"].values) - 1, 7
    figure.reset()
    assert figure.readout == before and figure.step == 100 and figure.start.tolist() == ravine.start.tolist()


def test_the_cursor_can_be_moved_by_either_side():
    figure = explore(rmsprop, on=ravine)
    figure._hear(None, {"kind": "step", "step": 12}, [])
    assert figure.step == 12 and "After 12 steps" in figure.readout
    for wrong in (-1, 101, 1.5, "a", True, None, float("nan")):
        with pytest.raises(ValueError, match="step must be a whole number from 0 to 100"):
            figure.step = wrong
    assert figure.step == 12


def test_a_figure_may_open_at_a_step_and_reset_goes_back_there():
    figure = explore(rmsprop, on=ravine, steps=40)
    assert figure.opens_at == 40 and figure.canvas.opens_at < 0, "a view takes the last step where nothing is said"
    figure.opens_at = 1
    assert figure.readout.startswith("After 1 step") and figure.canvas.opens_at == 1
    figure.step = 7
    figure.reset()
    assert figure.step == 1
    with pytest.raises(ValueError, match="whole number from 0 to 40"):
        figure.opens_at = 41


def test_what_the_view_sends_wrongly_is_answered_in_the_figure():
    figure, sent = explore(rmsprop, on=ravine), []
    figure.canvas.send = lambda message, buffers=None: sent.append(message)
    before = figure.readout
    figure._hear(None, {"kind": "start", "at": ["a", 0]}, [])
    figure._hear(None, {"kind": "need", "positions": [[0, [10**9]]]}, [])
    assert [m["kind"] for m in sent] == ["trouble"] and figure.readout == before  # a place beyond the list is its end, which is there


# what it refuses


def ends_in_none(g, *, eta=0.1):
    -eta * g


def gives_a_list(g, *, eta=0.1):
    return [0.1, 0.1]


def gives_another_shape(g, *, eta=0.1):
    return np.zeros(7)


def without_knobs(g):
    return -0.1 * g


def knob_before_the_star(g, eta=0.1, *, eps=1e-8):
    return -eta * g, eta


def named_like_an_argument(g, *, eta=0.1, show=1.0):
    return -eta * g


def named_like_the_loop(g, *, eta=0.1, keep=1.0):
    return -eta * g


def memory_named_like_a_field(g, loss=0.0, *, eta=0.1):
    return -eta * g, loss


def without_a_default(g, *, eta):
    return -eta * g


class WrongShape:
    start, name = (1.0, 2.0), "odd"

    def loss(self, w):
        return w

    def gradient(self, w):
        return w


BAD = [
    (lambda: explore(on=ravine), TypeError, "explore needs a rule"), (lambda: explore(ravine, on=rmsprop), TypeError, "a rule is a function"), (lambda: explore(rmsprop, on=adagrad), TypeError, "on="),
    (lambda: explore(rmsprop, on=rmsprop), TypeError, "on= must be a surface"),
    (lambda: explore(rmsprop, on=5), TypeError, "on= must be a surface"), (lambda: explore(rmsprop, on=None), TypeError, "write explore.rmsprop, on=ravine"), (lambda: explore(rmsprop, on={}), ValueError, "holds no surface"),
    (lambda: explore(rmsprop, on={"a": 3}), TypeError, "under 'a' what is no surface"), (lambda: explore(rmsprop, on=lambda: 3), TypeError, "gave 3"),
    (lambda: explore(rmsprop, on=lambda **k: ravine), TypeError, "cannot become a control"), (lambda: explore(rmsprop, on=lambda size: ravine), TypeError, r"size=\(low, high\)"),
    (lambda: explore(rmsprop, on=lambda eta=0.1: ravine), TypeError, "'eta' is a knob of a rule and belongs to the surface"), (lambda: explore(rmsprop, on=WrongShape()), ValueError, "the loss of odd has the shape"),
    (lambda: explore(rmsprop, on=ravine, eta=0), ValueError, "eta must be a number above 0"), (lambda: explore(rmsprop, on=ravine, eta=float("nan")), ValueError, "eta must"),
    (lambda: explore(rmsprop, on=ravine, eta="a"), ValueError, "eta must.*'a'"), (lambda: explore(rmsprop, on=ravine, eta=(3, 1)), ValueError, "first number must be below"),
    (lambda: explore(rmsprop, on=ravine, eta=[]), ValueError, "leaves no position"), (lambda: explore(rmsprop, on=ravine, beta=1.2), ValueError, "beta must lie in"),
    (lambda: explore(rmsprop, on=ravine, eps=-1), ValueError, "eps must be 0 or above"), (lambda: explore(rmsprop, on=ravine, eta=adagrad), TypeError, r"eta takes a number, a range"),
    (lambda: explore(rmsprop, on=ravine, etta=0.1), TypeError, "Did you mean eta"), (lambda: explore(rmsprop, on=ravine, own=["etta"]), TypeError, "own names 'etta'.*Did you mean eta"),
    (lambda: explore(rmsprop, on=ravine, own=3), TypeError, "own is a list of names"), (lambda: explore(rmsprop, on=ravine, show=["rates"]), ValueError, "show names 'rates'"),
    (lambda: explore(rmsprop, on=ravine, show=3), TypeError, "show is a list of names"), (lambda: explore(rmsprop, on=ravine, ghost=3), TypeError, "a rule is a function"),
    (lambda: explore(rmsprop, on=ravine, start_at={"etta": 1}), TypeError, "start_at names 'etta'"), (lambda: explore(rmsprop, on=ravine, start_at=3), TypeError, "start_at says where"),
    (lambda: explore(rmsprop, on=ravine, start_at={"eta": "x"}), ValueError, "start_at puts eta at 'x'"), (lambda: explore(rmsprop, on=ravine, eta=0.1, start_at={"eta": 1}), TypeError, "which is fixed here"),
    (lambda: explore(rmsprop, on=ravine, presets=[{"etta": 1}]), TypeError, "presets names 'etta'"), (lambda: explore(rmsprop, on=ravine, presets=[{"eta": 1e9}]), ValueError, "eta = .* is not on its slider"),
    (lambda: explore(rmsprop, on=ravine, presets=3), TypeError, "presets is a list of settings"), (lambda: explore(rmsprop, on=ravine, presets=[3]), TypeError, "presets is a list"),
    (lambda: explore(rmsprop, on=ravine, memory={"H": 1}), TypeError, "memory names 'H'.*It has: G"), (lambda: explore(rmsprop, on=ravine, memory=3), TypeError, "memory names what to start"),
    (lambda: explore(rmsprop, on=ravine, memory={"G": "a"}), TypeError, "memory 'G' must start as a number"), (lambda: explore(rmsprop, on=ravine, memory={"G": [1, 2, 3]}), ValueError, "memory 'G' starts with the shape"),
    (lambda: explore(rmsprop, on=ravine, steps=0), ValueError, "steps must be a whole number"), (lambda: explore(rmsprop, on=ravine, steps=2.5), ValueError, "steps must"),
    (lambda: explore(rmsprop, on=ravine, steps="a"), ValueError, "steps must"), (lambda: explore(rmsprop, on=ravine, steps=True), ValueError, "steps must"),
    (lambda: explore(rmsprop, on=ravine, start=(1, 2, 3)), ValueError, "start has 3 numbers"), (lambda: explore(rmsprop, on=ravine, start=(100, 0)), ValueError, "start is outside the view: w₁ = 100"),
    (lambda: explore(rmsprop, on=ravine, start="x"), ValueError, "start must be 2 numbers"), (lambda: explore(rmsprop, on=ravine, start=(np.nan, 0)), ValueError, "start must be finite"),
    (lambda: explore(ends_in_none, on=ravine), TypeError, "ends_in_none returned None"), (lambda: explore(gives_a_list, on=ravine), TypeError, "returned a list"),
    (lambda: explore(gives_another_shape, on=ravine), TypeError, "change of shape"), (lambda: explore(without_knobs, on=ravine), TypeError, "has no knob to slide"),
    (lambda: explore(knob_before_the_star, on=ravine), TypeError, "put `\\*` before it"), (lambda: explore(named_like_an_argument, on=ravine), TypeError, "'show' is also an argument of explore"),
    (lambda: explore(named_like_the_loop, on=ravine), TypeError, "'keep' is also an argument of descend"), (lambda: explore(memory_named_like_a_field, on=ravine), TypeError, "name of a field"),
    (lambda: explore(without_a_default, on=ravine), ValueError, r"eta=\(low, high\)"), (lambda: explore(rmsprop, on=ravine, eta=0.1, beta=0.9, eps=0), TypeError, "nothing to slide"),
    (lambda: explore(3, on=ravine), TypeError, "a rule is a function"), (lambda: explore(rmsprop, on=ravine, eta=exponential, decay="x"), ValueError, "decay of the schedule exponential must be a number"),
]


@pytest.mark.parametrize("wrong, kind, says", BAD, ids=[says for _, _, says in BAD])
def test_bad_input_is_refused_by_name_and_leaves_nothing_behind(wrong, kind, says):
    before = alive()
    with pytest.raises(kind, match=says):
        wrong()
    assert alive() == before


def test_a_knob_without_a_default_slides_where_a_range_is_given():
    assert list(explore(without_a_default, on=ravine, eta=(0.01, 1)).controls) == ["eta"]


def test_a_refused_start_loses_nothing():
    figure = explore(rmsprop, on=ravine)
    figure.move_start((-2, 1))
    before, sent = figure.readout, figure.canvas.near
    for wrong, says in [((100, 0), "outside the view"), ((1, 2, 3), "3 numbers"), ("a", "must be 2 numbers"), ((np.nan, 0), "finite"), (None, None)]:
        if says is not None:
            with pytest.raises(ValueError, match=says):
                figure.move_start(wrong)
            assert figure.start.tolist() == [-2, 1] and figure.readout == before and figure.canvas.near == sent
    figure.controls["eta"].index = 3
    check_readout(figure)


# nothing is left behind


FIGURES = [lambda: explore(rmsprop, on=ravine, ghost=adagrad), lambda: explore(adam, momentum, on={"a": ravine, "b": beale}, own=["eta"]),
           lambda: explore(gradient_descent, on=turned_ravine, eta=exponential)]


@pytest.mark.parametrize("make", FIGURES)
def test_closing_leaves_no_model_behind(make):
    before = alive()
    figure = make()
    assert len(alive()) > len(before) + 5
    figure.close_all()
    assert alive() == before


def test_a_cell_that_runs_again_closes_what_it_showed_before(monkeypatch):
    shell = types.SimpleNamespace(execution_count=1, user_ns={"In": ["", "explore(...)"]})
    monkeypatch.setattr(cells, "_shown", {})
    monkeypatch.setattr(cells, "_this_cell", lambda: (hash(shell.user_ns["In"][-1]), shell.execution_count))
    before, sizes = alive(), []
    for shell.execution_count in range(1, 5):
        shown = explore(rmsprop, on=ravine), explore(adagrad, on=ravine)  # two in one cell: both stay
        sizes.append(len(alive()))
    assert len(set(sizes)) == 1
    shell.user_ns["In"].append("another cell")
    other = explore(gradient_descent, on=ravine)
    assert len(alive()) > sizes[0]
    for figure in (*shown, other):
        assert figure.controls["eta"].widgets[0] in [w if isinstance(w, ipywidgets.Widget) else None for w in figure.canvas.widgets]
        close_all(figure)
    assert alive() == before


def test_outside_a_notebook_nothing_is_remembered(monkeypatch):
    monkeypatch.setattr(cells, "_shown", {})
    monkeypatch.setattr(cells, "_this_cell", lambda: None)
    widget = ipywidgets.HTML("x")
    assert once_per_cell(widget) is widget and not cells._shown
    close_all(widget)


def test_eta_stands_in_the_step_panel_where_it_is_a_length():
    for rule, there in ((adagrad, True), (rmsprop, False), (gradient_descent, False)):
        figure = explore(rule, on=ravine, steps=20)
        eta = figure.canvas.spec["lanes"][0]["eta"]
        assert (eta["steps"] is not None) == (there or figure.spec_maker._speed_limit(figure.engine.lanes[0]))
        if eta["steps"]:
            axis = figure.engine.scales["step"]
            assert np.allclose([axis.undo(u) for u in eta["steps"]], figure.controls["eta"].values)
        figure.close_all()
    assert eta["steps"] is None


def test_the_view_draws_the_weights_as_the_stills_do():
    for surface, shown in ((bowl, 1), (ravine, 2), (flat(5), 3)):
        said = explore(gradient_descent, on=surface, eta=[0.05, 0.1], steps=20).canvas.spec
        assert [(tuple(one["dash"]), one["marker"], one["filled"]) for one in said["weightLooks"]] == [weight[1:] for weight in WEIGHTS[:shown]]
        assert len(said["weights"]) == shown
    drawing = (ROOT / "helpers" / "explorer" / "pen.js").read_text()
    for marker in {weight.marker for weight in WEIGHTS} - {"o"}:  # a circle is what is drawn where no other shape is known
        assert f'shape === "{marker}"' in drawing
