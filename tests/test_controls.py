"""Controls: every knob gets the positions, the words and the widgets that it should."""

import ipywidgets
import numpy as np
import pytest

from helpers import knobs
from helpers.explorer.controls import MOST, SHARES, Control, fit, make_control, normal, slides
from helpers.explorer.cells import close_all


def control(name, default=None, given=None, start_at=None):
    made = make_control(name, name, default, normal(name, given), start_at)
    made.make()
    return made


@pytest.mark.parametrize("default", [1e-6, 1e-4, 0.001, 0.01, 0.1, 0.4, 1.0, 37.0])
def test_eta_has_31_positions_or_more_evenly_spaced_in_its_logarithm_round_its_default(default):
    eta = control("eta", default)
    assert len(eta.values) >= 31 and eta.value == default
    assert eta.values[0] <= default / 50 and eta.values[-1] >= default * 20
    assert (np.diff(np.log10(eta.values)) < 0.16).all() and (np.diff(eta.values) > 0).all()


def test_shares_are_even_in_the_number_of_steps_they_average_over():
    for name, default in [("beta", 0.9), ("beta1", 0.9), ("beta2", 0.999), ("alpha", 0.9), ("decay_of_mine", 0.95)]:
        share = control(name, default)
        assert share.values[0] == 0 and len(share.values) >= 9 and share.value == default
        memory = 1 / (1 - np.array(SHARES))
        ratios = memory[1:] / memory[:-1]
        assert ratios.min() > 1.9 and ratios[:-1].max() < 2.6  # the last goes on to 1000 steps
        assert share.values == sorted({*SHARES, default})


def test_a_share_says_how_many_steps_it_averages_over():
    assert control("beta", 0.9).texts[3] == "β = 0.9, averages over about 10 steps"
    assert control("beta", 0.1, [0.1, 0.5]).texts == ["β = 0.1, averages over about 1 step", "β = 0.5, averages over about 2 steps"]
    assert control("alpha", 0.9).texts[3] == "α = 0.9", "a momentum is no average"
    assert [label for label, _ in control("alpha", 0.9).widgets[0].options][3] == "0.9"
    assert [label for label, _ in control("beta", 0.9).widgets[0].options][3] == "0.9  (≈ 10 steps)"


@pytest.mark.parametrize("default", [1e-8, 1e-7, 1e-10, 0.0, 0.5])
def test_epsilon_has_seven_positions_and_an_explicit_zero(default):
    eps = control("eps", default)
    assert eps.has_zero and eps.values[-1] == 0 and len(eps.values) >= 8 and min(eps.values[:-1]) > 0 and eps.value == default
    slider, switch = eps.widgets
    assert isinstance(switch, ipywidgets.ToggleButton) and switch.description == "ε = 0" and all(v > 0 for _, v in slider.options)
    eps.index = 2
    assert eps.value == eps.values[2] and not switch.value
    switch.value = True
    assert eps.value == 0 and eps.index == len(eps.values) - 1
    slider.index = 3  # a message of the slider's that comes late does not undo the switch
    assert switch.value and eps.value == 0
    eps.index = 4  # moving the control leaves zero
    assert not switch.value and eps.value == eps.values[4]
    eps.index = len(eps.values) - 1
    assert switch.value and slider.index == 4


def test_a_given_range_keeps_its_ends_and_holds_the_default():
    for name, default, given in [("eta", 0.1, (0.03, 2)), ("eta", 0.123, (0.1, 1)), ("beta", 0.93, (0.5, 0.99)), ("wild", 3.3, (1, 400)), ("low", -0.5, (-1, 1)), ("k", 3, (1, 9))]:
        made = control(name, default, given)
        assert made.values[0] == given[0] and made.values[-1] == given[1] and made.value == default
        assert (np.diff(made.values) > 0).all()
    assert control("k", 3, (1, 9)).values == list(range(1, 10)) and all(isinstance(v, int) for v in control("k", 3, (1, 9)).values)
    small = control("eps", 1e-8, (0, 1))
    assert small.values[-1] == 0 and small.values[-2] == 1 and small.values[0] > 0
    assert control("eps", 1e-8, (1e-12, 1e3)).values[0] == 1e-12


def test_a_default_outside_the_range_begins_at_the_end_next_to_it():
    assert control("eta", 0.1, (0.5, 1)).value == 0.5
    assert control("eta", 4.0, (0.5, 1)).value == 1
    assert control("eps", 1e-8, (1e-3, 1)).value == 1e-3
    assert control("eps", 0.0, [1e-8, 1e-3]).value == 1e-8


def test_a_list_is_the_positions_in_order():
    assert control("eta", 0.1, [1, 0.1, 0.01]).values == [0.01, 0.1, 1]
    assert control("eta", 0.1, np.array([0.5, 0.25])).values == [0.25, 0.5]
    assert control("eps", 1e-8, [0, 1e-8, 1e-4]).values == [1e-8, 1e-4, 0]
    assert not control("eps", 1e-8, [1e-8, 1e-4]).has_zero
    assert control("mine", None, [-3, 5]).values == [-3, 5]


def test_one_value_fixes_a_knob_and_so_does_a_list_of_one():
    for given in (0.3, [0.3], np.float64(0.3), np.array([0.3]), [0.3, 0.3], "word", ["word"]):
        name = "mine" if "word" in np.ravel(given) else "eta"
        assert not slides(normal(name, given))
    for given in (None, (1, 2), [1, 2], True):
        assert slides(normal("mine", given))


def test_true_or_false_is_a_box():
    for default, given, value in [(False, None, False), (True, None, True), (False, True, True), (True, [True, False], True), (None, False, False)]:
        box = control("correct", default, given)
        assert box.kind == "box" and isinstance(box.widgets[0], ipywidgets.Checkbox) and box.value is value
        box.index = 1 - box.index
        assert box.value is not value and box.widgets[0].value is not value
    assert control("correct", False).texts == ["correct = no", "correct = yes"]


def test_words_are_a_menu():
    menu = control("kind", "fast", ["slow", "fast"])
    assert menu.kind == "menu" and isinstance(menu.widgets[0], ipywidgets.Dropdown) and menu.value == "fast"
    menu.index = 0
    assert menu.value == "slow" and menu.texts == ["kind = slow", "kind = fast"]
    assert control("kind", None, [None, "a", 3]).values == [None, "a", 3]


def test_whole_numbers_stay_whole():
    times = control("times", 3)
    assert all(isinstance(v, int) and v >= 1 for v in times.values) and times.value == 3 and times.values[-1] == 30


def test_a_knob_the_house_has_never_met_gets_a_range_round_its_default():
    for default in (0.02, 7.5, 1e4):
        made = control("novel", default)
        assert made.value == default and made.values[0] < default / 10 and made.values[-1] > default * 10
    for default in (-2.0, 0.0):
        made = control("novel", default)
        assert made.value == default and made.values[0] < default < made.values[-1] and len(made.values) >= 20
    assert control("angle", 0.0).values[-1] == 90


def test_start_at_puts_a_slider_elsewhere_and_adds_the_position():
    assert control("eta", 0.1, None, 0.37).value == 0.37
    assert control("eta", 0.1, [0.1, 1], 0.5).values == [0.1, 0.5, 1]
    assert control("eps", 1e-8, None, 0).value == 0
    assert control("kind", "a", ["a", "b"], "b").value == "b"
    assert control("flag", False, None, True).value is True


def test_the_nearest_position_is_found_on_the_slider_and_nowhere_else():
    eta = control("eta", 0.1)
    assert eta.values[eta.nearest(0.1)] == 0.1 and eta.values[eta.nearest(0.41)] == 0.4
    mine = control("mine", None, (-10, 10))
    assert mine.values[mine.nearest(-9.9)] == -10 and abs(mine.values[mine.nearest(0.1)]) < 0.4
    share = control("beta", 0.9)
    assert share.values[share.nearest(0.97)] == 0.98 and share.values[share.nearest(0)] == 0
    eps = control("eps", 1e-8)
    assert eps.values[eps.nearest(0)] == 0
    for wrong in (100, 1e-9, "a", True, -1, float("nan"), None):
        with pytest.raises(ValueError, match="eta"):
            eta.nearest(wrong)
    with pytest.raises(ValueError, match="kind has no position 'c'; it has 'a', 'b'"):
        control("kind", "a", ["a", "b"]).nearest("c")


@pytest.mark.parametrize("name, default, given, start_at, says", [
    ("eta", 0.1, (3, 1), None, r"eta=\(3, 1\) is not a range: the first number must be below"), ("eta", 0.1, (1, 1), None, "below the second"),
    ("eta", 0.1, (1, 2, 3), None, r"write eta=\(low, high\)"), ("eta", 0.1, ("a", "b"), None, r"write eta=\(low, high\)"), ("eta", 0.1, (0, 1), None, "eta must be a number above 0"),
    ("mine", 0.1, (1, np.inf), None, "not a range"), ("mine", 0.1, (True, False), None, "not a range"), ("mine", 0.1, ("1", "2"), None, "not a range"),
    ("eta", 0.1, [], None, r"eta=\[\] leaves no position"), ("eta", 0.1, "a", None, "eta must.*'a', which is not a number"), ("eta", 0.1, [0.1, "a"], None, "eta must"),
    ("eta", 0.1, [0.1, -1], None, "eta must.*got -1"), ("eta", 0.1, True, None, "eta must"), ("eta", 0.1, [True, False], None, "eta must"), ("eta", 0.1, {"a": 1}, None, "eta must"),
    ("beta", 0.9, (0, 1), None, r"beta must lie in \[0, 1\)"), ("beta", 0.9, 1.2, None, "beta must"), ("eps", 0.1, (-1, 1), None, "eps must be 0 or above"),
    ("eta", -0.1, None, None, "eta must be a number above 0"), ("eta", 0.1, None, "a", "start_at puts eta at 'a'"), ("eta", 0.1, [0.1, 1], "a", "start_at puts eta at 'a'"),
    ("eta", 0.1, None, -3, "eta must"), ("kind", "a", ["a", "b"], "c", "start_at puts kind at 'c'; it has 'a', 'b'"), ("mine", 0.1, [0.1, [3]], None, "mine slides over numbers"),
    ("mine", 0.1, [0.1, np.nan], None, "mine slides over numbers"), ("mine", None, None, None, r"give one, as in mine=\(low, high\)"),
])
def test_a_range_that_makes_no_sense_is_refused_by_name(name, default, given, start_at, says):
    with pytest.raises(ValueError, match=says):
        made = make_control(name, name, default, normal(name, given), start_at)
        pytest.fail(f"made {made.values}")


@pytest.mark.parametrize("defaults", [
    {"eta": 0.1, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}, {"eta": 0.1, "a": 3.0, "b": 3.0, "c": 3.0}, {"eta": 0.1, "beta": 0.97, "eps": 1e-7, "k": 30, "l": -3.0},
])
def test_many_knobs_are_thinned_and_keep_their_start_and_ends(defaults):
    controls = [make_control(name, name, default) for name, default in defaults.items()]
    before = [(c.values[0], c.values[c.start], c.values[-1], c.values[-2]) for c in controls]
    fit(controls)
    assert np.prod([len(c.values) for c in controls]) <= MOST
    for c, (first, start, last, one_before) in zip(controls, before):
        assert c.values[0] == first and c.values[-1] == last and c.values[c.start] == start == list(defaults.values())[controls.index(c)]
        assert not c.has_zero or c.values[-2] == one_before
        assert len(c.values) >= 3
    if len(controls) == 4:
        assert len(controls[0].values) == max(len(c.values) for c in controls)


def test_where_nothing_is_left_to_thin_the_reader_is_told_to_fix_some():
    controls = [make_control(f"k{i}", f"k{i}", 0.9) for i in range(12)]
    with pytest.raises(ValueError, match="fix some of them, as in k11="):
        fit(controls)
    with pytest.raises(ValueError, match="fix some"):
        fit([Control("a", "a", [str(i) for i in range(100)], 0), Control("b", "b", [str(i) for i in range(100)], 0)])


def test_labels_and_values_can_be_read_out():
    eta = control("eta", 0.4)
    assert eta.label == "learning rate η" and eta.widgets[0].description == "learning rate η" and "η = 0.4" in eta.texts
    assert [label for label, _ in eta.widgets[0].options][eta.index] == "0.4"  # the value, not its exponent
    assert make_control("eta@adagrad", "eta", 0.4, owner="Adagrad").label == "learning rate η of Adagrad"
    for name in knobs.KNOBS:
        assert control(name, 0.5).label


def test_every_position_of_every_control_can_be_reached_and_read_back():
    for name, default, given in [("eta", 0.1, None), ("beta", 0.9, None), ("eps", 0.0, None), ("flag", True, None), ("kind", "a", ["a", "b"]), ("mine", -3.0, None)]:
        made = control(name, default, given)
        for i, value in enumerate(made.values):
            made.index = i
            assert made.index == i and made.value == value
        for widget in made.widgets:
            close_all(widget)
