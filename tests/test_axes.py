"""Axes: numbers there and back again, ticks that can be read, ranges that hold what they should."""

import numpy as np
import pytest

from helpers.explorer import axes
from helpers.explorer.axes import CODES, FAR, Axis, decode, encode, logarithmic


def test_a_value_comes_back_from_its_code_within_half_a_code():
    for axis, values in [(Axis(-3, 2, True, "loss"), np.geomspace(1e-30, 1e15, 400)), (Axis(-6, 2.2, False, "w"), np.linspace(-14, 10, 400))]:
        low, high = axis.carried
        half = (high - low) / CODES / 2
        for value, code in zip(values, encode(axis.units(values), axis.carried)):
            assert abs(decode(int(code), axis.carried) - axis.units(value)) <= half * (1 + 1e-9)


def test_two_digits_of_a_logarithmic_quantity_survive_whatever_the_axis_shows():
    for low, high in [(-3, 0), (-9, 2), (0, 2), (-20, 4), (5, 14)]:
        axis = Axis(low, high, True, "rate")
        values = np.geomspace(1e-31, 1e15, 1000)
        back = np.array([axis.undo(decode(int(c), axis.carried)) for c in encode(axis.units(values), axis.carried)])
        assert np.abs(back / values - 1).max() < 2e-3


def test_what_is_not_a_number_and_what_is_beyond_have_codes_of_their_own():
    codes = encode(np.array([np.nan, -np.inf, np.inf, -1e300, 1e300]), FAR)
    assert codes.tolist() == [CODES + 1, 0, CODES, 1, CODES], "0 is kept for what is exactly 0 on a logarithmic axis"
    assert np.isnan(decode(CODES + 1, FAR)) and decode(0, FAR) == FAR[0] and decode(CODES, FAR) == FAR[1]


def test_zero_and_negative_numbers_on_a_logarithmic_axis_make_no_warning():
    axis = Axis(-3, 0, True, "loss")
    assert encode(axis.units(np.array([0.0])), axis.carried)[0] == 0
    assert encode(axis.units(np.array([-1.0])), axis.carried)[0] == CODES + 1


def test_ticks_lie_on_the_axis_are_few_and_say_their_value():
    for axis in (Axis(-6, 2.2, False, "w"), Axis(-9, 2, True, "loss"), Axis(-3, 0, True, "rate"), Axis(0, 1, False, "loss"), Axis(-200, 5, False, "loss")):
        ticks = axis.ticks()
        assert 2 <= len(ticks) <= 9 and all(-1e-9 <= t["u"] <= 1 + 1e-9 for t in ticks)
        for tick in ticks:
            said = tick["text"].translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹−", "-0123456789-"))
            value = axis.undo(tick["u"])
            read = float(said) if not (axis.log and "⁰" <= tick["text"][-1] or tick["text"][-1] in "¹²³") else 10.0 ** float(said[2:])
            assert value == pytest.approx(read, rel=1e-9, abs=1e-12)
    assert [t["text"] for t in Axis(-3, 1, True, "rate").ticks()] == ["10⁻³", "0.01", "0.1", "1", "10"]


def test_a_logarithmic_axis_holds_its_samples_in_whole_decades():
    axis = logarithmic("rate", np.array([0.02, 0.3, 5]))
    assert axis.low == -2 and axis.high == 1
    assert logarithmic("rate", np.array([1.0])).high - logarithmic("rate", np.array([1.0])).low >= 2
    wide = logarithmic("loss", np.geomspace(1e-30, 10, 100), most=9, top=10)
    assert wide.high - wide.low == 9 and 10**wide.high >= 10
    held = logarithmic("rate", np.array([0.1]), always=[30.0])
    assert held.low <= -1 and held.high >= np.log10(30)


def test_an_axis_of_nothing_is_still_an_axis():
    for samples in ([], [np.array([])], [np.zeros(3)], [np.full(3, np.nan)], [np.array([np.inf, -1])]):
        axis = logarithmic("rate", *samples)
        assert np.isfinite([axis.low, axis.high]).all() and axis.low < axis.high


@pytest.mark.parametrize("value", [0, 0.0, 1, -1, 12, 1e9, -1e-9, 1e300])
def test_an_axis_has_a_length_where_a_quantity_is_the_same_everywhere(value):
    for log in (False, True):
        axis = Axis(value % 300, value % 300, log, "loss")
        assert axis.low < axis.high and np.isfinite(axis.units(np.array([1.0]))).all() and axis.spec()["ticks"] is not None


def test_the_gauge_is_linear_and_knows_its_edge():
    gauge = axes.Gauge(Axis(-3, 1, True, "rate"), [0.2, 4])
    units = gauge.spec()["axis"]
    assert (units["low"], units["high"], units["log"]) == (0, 2.5, False) and [tick["text"] for tick in units["ticks"]] == ["0", "0.5", "1", "1.5", "2"]
    for rate in (1e-3, 0.1, 0.49, 0.51, 3):
        at = float(Axis(-3, 1, True, "rate").units(rate))
        assert [gauge.value(i, at) for i in (0, 1)] == pytest.approx([0.2 * rate, 4 * rate]) and gauge.past(1, at) == (4 * rate >= 2)


def test_the_default_range_carries_48_decades():
    assert axes.MOST - axes.LEAST == 48 and Axis(-3, 0, True, "x").carried == pytest.approx(((-32 + 3) / 3, (16 + 3) / 3))
