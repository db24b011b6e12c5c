"""Data that is swapped in a figure: the same axes, so that a difference can be seen; and schedules whose parameters are controls."""

from helpers.descent import descend
from helpers.explorer import explore
from helpers.schedules import exponential, preset
from helpers.surfaces import data_a, data_b, ravine, regression, rosenbrock, two_features
from helpers.update_rules import adagrad, gradient_descent, rmsprop
from messages import check_readout

SWAP = {"data set A": data_a, "data set B": data_b}


def test_surfaces_in_one_view_are_swapped_in_the_same_axes():
    figure = explore(adagrad, on=SWAP, steps=60)
    before = figure.canvas.spec
    assert before["swaps"] == ["data set A", "data set B"]
    figure.controls["eta"].index += 8
    figure.controls["surface"].index = 1
    after = figure.canvas.spec
    assert after["axes"] == before["axes"] and after["swaps"] == before["swaps"] and after["path"] != before["path"]
    check_readout(figure)
    figure.reset()
    assert figure.canvas.spec["axes"] == before["axes"]


def test_the_axes_hold_what_runs_on_either_of_them():
    small = regression(*two_features((0.02, 0.02), 5), start=(-3, 2.5), view=data_a.view)
    axes = explore(adagrad, on={"A": data_a, "small": small}, steps=60).engine.scales
    for surface in (data_a, small):
        units = axes["rate"].units(descend(adagrad, surface, 60).rate)
        assert (units > -0.1).all() and (units < 1.1).all()


def test_surfaces_in_other_views_keep_their_own_axes():
    figure = explore(rmsprop, on={"ravine": ravine, "Rosenbrock": rosenbrock})
    assert figure.canvas.spec["swaps"] is None
    assert explore(rmsprop, on=ravine).canvas.spec["swaps"] is None


def test_two_surfaces_are_buttons_and_more_are_a_menu():
    two, three = (explore(rmsprop, on=on).controls["surface"].widgets[0] for on in (SWAP, {**SWAP, "ravine": ravine}))
    assert type(two).__name__ == "ToggleButtons" and type(three).__name__ == "Dropdown"


def test_the_schedule_that_a_rule_begins_with_has_sliders_whose_range_can_be_given():
    def calendar(g, *, eta=exponential(eta=0.4, decay=0.98)):
        return -eta * g

    figure = explore(calendar, on=data_a, steps=20, decay=[0.9, 0.98])
    assert list(figure.controls) == ["eta", "decay"] and figure.controls["decay"].values == [0.9, 0.98]
    check_readout(figure)


def test_a_schedule_is_chosen_from_a_menu():
    figure = explore(gradient_descent, on=data_a, steps=40, eta=preset(eta=0.3), kind=["constant", "step", "exponential", "1/t"], half=[5, 20])
    for figure.controls["kind"].index in range(4):
        for figure.controls["half"].index in range(2):
            check_readout(figure)
