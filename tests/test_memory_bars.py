"""The bars of what an average remembers: what is drawn and said is what the rules keep."""

import json

import numpy as np
import pytest

from helpers.memory_bars import BACK, KINDS, LAST, SHARES, SHIFT, half_life, memory_bars, sentence, share, weights


@pytest.mark.parametrize("beta", SHARES)
def test_the_weights_are_powers_of_beta_and_the_sum_is_the_average_without_its_factor(beta):
    average, summed = weights(beta)
    powers = beta ** np.arange(BACK)
    np.testing.assert_allclose(average, (1 - beta) * powers, rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(summed, powers, rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("beta", SHARES[1:])
def test_half_life_and_share_are_those_of_the_weights(beta):
    assert np.isclose(beta ** half_life(beta), 0.5)
    for last in (*LAST, 100, 1000):
        assert np.isclose(share(beta, last), 1 - beta**last)


def test_the_axis_tells_the_weights_of_the_kind_that_is_shown_and_the_sum_has_the_average_beside_it():
    data = memory_bars().canvas.data
    for at, beta in enumerate(SHARES):
        for kind, part in enumerate(weights(beta, 1)):
            first, middle = float(data["firsts"][at][kind]), float(data["middles"][at][kind])
            assert first == pytest.approx(part[0], rel=5e-3) and middle == pytest.approx(part[0] / 2, rel=5e-3)
        assert data["ghost"][at] == pytest.approx(1 - beta, abs=1e-5) and data["firsts"][at][1] == "1"


def test_a_thousand_is_written_out_and_every_mark_stands_at_its_number():
    for beta in SHARES:
        for kind in KINDS:
            assert "e+" not in sentence(kind, beta, 10)
    assert "1/(1 − β) is 1000." in sentence(KINDS[0], 0.999, 10) and "= 1000. " in sentence(KINDS[1], 0.999, 10)
    assert SHIFT == 0.5


def test_reset_puts_every_control_back():
    bars = memory_bars(beta=0.98, last=20, kind=KINDS[1])
    first = bars.readout
    bars.beta.index, bars.last.index, bars.kind.index = 0, 0, 0
    assert bars.readout != first
    bars.reset()
    assert bars.readout == first and (bars.beta.value, bars.last.value, bars.kind.value) == (0.98, 20, KINDS[1])


def test_nothing_is_remembered_at_zero():
    assert half_life(0) == 0 and share(0, 1) == 1
    bars = memory_bars(beta=0.0)
    assert "nothing is remembered" in bars.readout and "hold all of it" in bars.readout


def test_the_lectures_ten_steps_in_numbers():
    bars = memory_bars()
    assert bars.readout == "β = 0.9: this step has the share 0.1, and all shares add up to 1. The last 10 steps hold 65 % of it; a share halves every 6.58 steps. 1/(1 − β) is 10."
    bars.kind.value = KINDS[1]
    assert "α = 0.9: this step has the share 1, and all shares add up to 1/(1 − α) = 10" in bars.readout


def test_every_control_changes_what_is_said_and_the_bars_have_the_same_shape_in_both():
    bars, data = memory_bars(), memory_bars().canvas.data
    for control in (bars.beta, bars.last, bars.kind):
        said = set()
        for control.index in range(len(control.options)):
            said.add(bars.readout)
        assert len(said) == len(control.options)
    assert all(average == pytest.approx(summed, abs=2e-5) and len(average) == BACK for average, summed in data["bars"])
    assert len(json.dumps(data)) < 150_000


def test_a_still_picture_and_an_empty_one_with_words():
    bars = memory_bars(beta=0.98, last=20)
    assert bars.still()[:4] == b"\x89PNG" and bars.still() != memory_bars().still()
    picture, seen = bars.beginning()
    assert picture[:4] == b"\x89PNG" and seen.startswith("Empty axes")


@pytest.mark.parametrize("given, said", [({"beta": 0.7}, "beta is 0.7; it is one of 0.0, 0.5"), ({"last": 11}, "last is 11; it is one of"), ({"kind": "mean"}, "kind is 'mean'; it is one of 'average'")])
def test_a_place_without_a_position_is_named_with_those_that_there_are(given, said):
    with pytest.raises(ValueError, match=said):
        memory_bars(**given)
