"""The atlas of a network: what it shows of every weight is what descend recorded."""

import functools
import json
from types import SimpleNamespace

import numpy as np
import pytest

from helpers import data, figures
from helpers.atlas import atlas
from helpers.atlas.lanes import MOST, frames_of, named, power, widened
from helpers.explorer.axes import Axis
from helpers.atlas.pack import FIRST, GRAIN, ZERO, decode, encode
from helpers.atlas.readout import where
from helpers.descent import descend
from helpers.explorer import cells
from helpers.explorer.cells import close_all
from helpers.labels import number
from helpers.network import Network, digits
from helpers.surfaces import ravine
from helpers.update_rules import adagrad, adam, gradient_descent, momentum, rmsprop
from seen import cut, overlaps
from widgets import alive, bundles

TWO_DIGITS = 10 ** (GRAIN / 2) - 1 + 1e-9  # less than half a unit of the second digit of 9.9
RULES = {"adagrad": (adagrad, 0.18), "rmsprop": (rmsprop, 0.018), "gradient_descent": (gradient_descent, 1.0), "adam": (adam, 0.01)}


@functools.cache
def run_of(name, steps=300):
    rule, eta = RULES[name]
    return descend(rule, digits, steps, eta=eta)


@functools.cache
def little():
    images, labels = data.digits()
    return Network(images[:, 10:15] / 16, labels, (5, 7, 12, 10), name="little")


@pytest.fixture(scope="module")
def four():
    shown = atlas(*map(run_of, RULES))
    yield shown
    close_all(shown)


@pytest.fixture
def fresh():
    """A function that makes an atlas, closed after the test."""
    made = []

    def make(*runs, **more):
        made.append(atlas(*runs, **more))
        return made[-1]

    yield make
    for one in made:
        close_all(one)


def recorded(run, quantity, frames):
    """What descend recorded at the drawn steps: beside row t stands the step that led there, and before the first there is none."""
    if quantity == "G":
        return run.G[frames]
    values = getattr(run, quantity)[np.maximum(frames - 1, 0)].copy()
    values[frames == 0] = np.nan
    return values


# what is sent is what was recorded


@pytest.mark.parametrize("rule", RULES)
def test_every_number_that_is_brought_back_is_the_records_to_two_digits(four, rule):
    run, read = run_of(rule), four._read.lanes[list(RULES).index(rule)]
    assert set(read["values"]) == {"step"} | ({"rate"} if run.rate is not None else set()) | ({"G"} if "G" in run.memory else set())
    for quantity, values in read["values"].items():
        wanted = recorded(run, quantity, four.frames)
        assert values.shape == wanted.shape == (len(four.frames), 2410)
        np.testing.assert_array_equal(values == 0, wanted == 0)
        np.testing.assert_array_equal(np.isnan(values), np.isnan(wanted))
        some = wanted > 0
        assert (np.abs(values[some] / wanted[some] - 1) <= TWO_DIGITS).all()


def test_half_a_grain_is_less_than_half_a_unit_of_the_second_digit():
    assert TWO_DIGITS < 0.05 / 9.9


@pytest.mark.parametrize("rule", ["adagrad", "rmsprop"])
def test_the_rate_follows_from_G_alone_so_a_table_stands_for_it(four, rule):
    assert four._read.lanes[list(RULES).index(rule)]["kinds"]["rate"] == "table"


def test_where_all_rates_are_one_a_single_number_is_sent(four):
    lane = four._read.lanes[2]
    assert lane["kinds"] == {"rate": "one", "step": "codes"} and np.nanmax(np.abs(lane["values"]["rate"] - 1.0)) < 1e-12


def test_with_a_schedule_the_rate_does_not_follow_from_G_and_is_sent_itself(fresh):
    run = descend(adagrad, digits, 30, eta=lambda t: 0.18 / (1 + t))
    shown = fresh(run)
    assert shown._read.lanes[0]["kinds"]["rate"] == "codes"
    wanted = recorded(run, "rate", shown.frames)[1:]
    assert (np.abs(shown._read.lanes[0]["values"]["rate"][1:] / wanted - 1) <= TWO_DIGITS).all()
    assert shown.canvas.spec["lanes"][0]["label"] == "Adagrad, η = η(t)"


def test_codes_keep_exact_zeros_infinity_and_not_a_number_apart():
    values = np.array([0.0, 1e-300, 3e-9, 1.0, 9.9e7, np.inf, np.nan])
    back = decode(encode(values, -20), -20)
    np.testing.assert_array_equal(back[[0, 5, 6]], values[[0, 5, 6]])
    assert (np.abs(back[2:5] / values[2:5] - 1) <= TWO_DIGITS).all()
    assert encode(values, -20)[1] == FIRST and back[1] > 0 and encode(values, -20)[0] == ZERO  # too small to be told, it is still no zero


def test_the_pixels_that_are_blank_in_every_image_keep_a_G_of_exactly_0_in_all_32_units(four):
    blank = [digits.weight("W1", pixel, unit) for pixel in (0, 32, 39) for unit in range(32)]
    for lane in (0, 1):
        G = four._read.lanes[lane]["values"]["G"][-1]
        assert (G[blank] == 0).all() and np.count_nonzero(G == 0) == len(blank) == 96


# the histograms


def test_at_every_drawn_step_the_counts_of_a_layer_add_up_to_its_weights(four):
    for lane in four._read.lanes:
        for counts in lane["counts"].values():
            np.testing.assert_array_equal(counts.sum(axis=-1), np.broadcast_to([layer.size for layer in digits.layers.values()], counts.shape[:2]))


def test_a_bar_counts_the_weights_between_its_ends_and_zeros_stand_apart(four):
    run, axis, frame = run_of("adagrad"), four.scales["G"], len(four.frames) - 1
    edges = 10 ** np.linspace(axis.low, axis.high, four.canvas.spec["bins"] + 1)
    G = digits.part("W1", run.G[four.frames[frame]]).ravel()
    counts = four._read.lanes[0]["counts"]["G"][frame, 0]
    np.testing.assert_array_equal(counts[2:-3], np.histogram(G, edges)[0])
    assert counts[0] == (G == 0).sum() and counts[1] == ((G > 0) & (G < edges[0])).sum() and counts[-3] == (G >= edges[-1]).sum()
    assert counts[-2] == counts[-1] == 0


def test_at_no_step_does_half_of_a_network_lie_beyond_the_scale(four):
    for lane in four._read.lanes:
        for counts in lane["counts"].values():
            up = counts[1:, :, 1:-2].sum(axis=(1, 2))  # weights whose value is a number above 0
            assert (counts[1:][..., [1, -3]].sum(axis=1) <= up[:, None] / 2 + 1).all()


# the drawn steps


def test_an_axis_is_widened_by_whole_decades_and_only_where_a_line_leaves_it():
    axis = Axis(-6, 2, True, "rate")
    for lines, ends in (([[1e-6, 1, 100]], (-6, 2)), ([[1, 1.8e7]], (-6, 8)), ([[2.7e-7], [150.0]], (-7, 3)), ([[0, np.nan, np.inf]], (-6, 2)), ([], (-6, 2)), ([[1e-10, 1e7]], (-10, 7))):
        wide = widened(axis, *map(np.array, lines))
        assert (wide.low, wide.high) == ends and len(wide.ticks()) >= 3
    assert [power(k) for k in (-8, -1, 0, 2, 7)] == ["10⁻⁸", "0.1", "1", "100", "10⁷"]


@pytest.mark.parametrize("steps, count", [(1, 2), (7, 8), (109, 110), (300, 108), (5000, 110)])
def test_short_runs_are_drawn_whole_and_long_ones_at_every_so_many_steps(steps, count):
    frames = frames_of(steps, 2410, 2)
    assert len(frames) <= count and frames[0] == 0 and frames[-1] == steps and (np.diff(frames) > 0).all()
    assert set(range(min(steps, 10) + 1)) <= set(frames.tolist())


def test_a_larger_network_is_drawn_at_fewer_steps():
    assert len(frames_of(300, 100_000, 2)) < 25


def test_two_runs_of_300_steps_are_a_message_of_less_than_a_megabyte(fresh, record_property):
    shown = fresh(run_of("adagrad"), run_of("rmsprop"))
    sizes = len(shown.canvas.data), len(json.dumps(shown.canvas.spec))
    record_property("told", f"atlas of two runs of 300 steps: {sizes[0] / 1e6:.2f} MB, {sizes[1] / 1e3:.0f} kB beside it")
    assert sizes[0] < 1_000_000 and sizes[1] < 20_000
    assert "drawn: 108 of 301 steps" in shown.canvas.spec["sub"]


# the read-out


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("step", [1, 120, 300])
def test_the_read_out_says_descends_numbers(four, rule, step):
    run, lane = run_of(rule), list(RULES).index(rule)
    four.network, four.step, four.weight = lane, step, digits.weight("W1", 20, 5)
    for quantity in four.lanes[lane].quantities:
        four.quantity = quantity
        said, values = four.readout, recorded(run, quantity, np.array([step]))[0]
        up = values[values > 0]
        least, low, middle, high, most = np.percentile(up, [1, 5, 50, 95, 99])
        assert f"update {step} of 300, in epoch {(step - 1) // digits.updates_an_epoch + 1}." in said
        assert number(middle) in said and ("W1[20, 5], leads from the pixel in row 2, column 4 to hidden unit 5" in said)
        if number(least) != number(most):
            assert f"below {number(middle)} (5\u00a0% below {number(low)}, 5\u00a0% above {number(high)})" in said
            assert f"spans {np.log10(most / least):.1f} decades" in said
        zeros = int((values == 0).sum())
        assert (f"{zeros} weights stand at exactly 0." in said) == (zeros > 1)


def test_the_ringed_weights_numbers_are_told_to_two_digits(four):
    four.network, four.step, four.weight = 0, 150, digits.weight("W2", 3, 7)
    told = four.readout.rsplit("output 7: ", 1)[1].rstrip(".").split(", ")
    values = [run_of("adagrad").G[150, four.weight], run_of("adagrad").rate[149, four.weight], run_of("adagrad").step[149, four.weight]]
    for text, name, value in zip(told, ("G", "rate", "last step"), values):
        said, shown = text.rsplit("\u00a0", 1)
        assert said == name and abs(float(shown) / value - 1) < 0.06


def test_before_the_first_step_there_is_no_rate_and_every_G_is_exactly_0(four):
    four.network, four.step, four.quantity = 0, 0, "rate"
    assert "before the first of 300 updates" in four.readout and "there is no rate" in four.readout
    four.quantity = "G"
    assert "G is exactly 0 for all 2410 weights." in four.readout


def test_plain_gradient_descent_has_one_rate_for_all_weights_and_adagrads_first_step_is_eta_for_nearly_all(four):
    four.network, four.step, four.quantity = 2, 300, "rate"
    assert "The rate is 1.0 for all 2410 weights: one and the same." in four.readout
    four.network, four.step, four.quantity = 0, 1, "step"
    assert "have the same one to two digits: 0.18." in four.readout


def test_a_run_that_leaves_the_numbers_says_so(fresh):
    images, labels = data.digits()
    dark = Network(images[:, :5] / 16, labels, (5, 7, 12, 10))  # its first input is 0 in every image
    shown = fresh(descend(adagrad, dark, 20, eta=9.0, eps=0.0), of=dark)
    shown.quantity = "step"
    assert "Not a number: 268." in shown.readout and "none" in shown.canvas.spec["marks"]["step"]
    assert figures.png(shown.still())[:4] == b"\x89PNG"


def test_each_weight_of_any_network_is_named_as_the_network_names_it():
    from helpers.atlas.figure import _layer_specs

    for network in (digits, little()):
        specs = _layer_specs(network)
        for name, layer in network.layers.items():
            for at in [tuple(0 for _ in layer.shape), tuple(size - 1 for size in layer.shape)]:
                assert where(specs, network.weight(name, *at))["name"] == f"{name}[{', '.join(map(str, at))}]"
    assert where(_layer_specs(digits), digits.weight("b1", 5))["where"] == "to hidden unit 5, as its bias"
    assert where(_layer_specs(little()), little().weight("W3", 4, 9))["where"] == "from hidden unit 4 of layer 2 to output 9"


# moved from Python


def test_step_weight_network_and_quantity_are_set_from_python_and_told_to_the_view(fresh):
    shown = fresh(run_of("adagrad"), run_of("gradient_descent"))
    assert (shown.step, shown.network, shown.quantity) == (300, 0, "rate")
    shown.step, shown.weight, shown.quantity = 121, 7, "G"
    assert shown.step == 120 and shown.canvas.at["frame"] == list(shown.frames).index(120)  # the nearest that is drawn
    assert (shown.canvas.at["weight"], shown.canvas.at["quantity"], shown.canvas.at["by"]) == (7, "G", "python")
    shown.network = 1
    assert shown.quantity == "rate"  # gradient descent has no G: the first quantity that it has is shown
    shown.network = 0
    assert shown.quantity == "G"  # and what was asked for comes back
    shown.reset()
    assert (shown.step, shown.network, shown.quantity) == (300, 0, "rate")


def test_what_the_view_says_is_what_python_says_next(fresh):
    shown = fresh(run_of("adagrad"), run_of("rmsprop"))
    told = {"kind": "at", "generation": 1, "at": {"network": 1, "quantity": "step", "weight": 9, "frame": 4}}
    shown._hear(None, told, [])
    assert (shown.network, shown.quantity, shown.weight, shown.step) == (1, "step", 9, 4) and shown.canvas.at["by"] == "view"
    shown.show(run_of("rmsprop"), run_of("adagrad"))
    shown._hear(None, {**told, "at": {**told["at"], "frame": 2}}, [])
    assert shown.step == 4  # said of a picture that is no longer there


def test_other_runs_are_shown_at_the_same_step_weight_and_quantity(fresh):
    shown = fresh(run_of("adagrad"), run_of("rmsprop"))
    shown.step, shown.weight, shown.quantity, shown.network = 60, 1234, "G", 1
    before = shown.canvas.data
    shown.show(descend(rmsprop, digits, 200, eta=0.01))
    assert (shown.step, shown.weight, shown.quantity, shown.network) == (60, 1234, "G", 0)
    assert shown.canvas.data != before and shown.canvas.spec["generation"] == 2 and "RMSprop, η = 0.01, update 60 of 200" in shown.readout
    with pytest.raises(ValueError, match="side by side"):
        shown.show(descend(adagrad, digits, 3, eta=[0.1, 0.2]))
    assert shown.canvas.spec["generation"] == 2 and "RMSprop, η = 0.01" in shown.readout  # a refused run changes nothing


def test_runs_are_told_apart_by_what_differs():
    runs = [descend(adagrad, little(), 2, eta=eta) for eta in (0.1, 0.2)] + [descend(rmsprop, little(), 2, eta=0.1)]
    assert named(runs) == [("Adagrad, η = 0.1", "η = 0.1"), ("Adagrad, η = 0.2", "η = 0.2"), ("RMSprop, η = 0.1", "RMSprop")]
    assert named(runs[:1] * 2) == [("Adagrad, η = 0.1 (1)", "Adagrad (1)"), ("Adagrad, η = 0.1 (2)", "Adagrad (2)")]


# for viewers without widgets


@pytest.mark.parametrize("rule, quantity, step", [("adagrad", "G", 120), ("gradient_descent", "rate", 300), ("adam", "step", 0)])
def test_the_still_picture_has_no_word_cut_off_or_on_another(four, rule, quantity, step):
    four.network = list(RULES).index(rule)
    four.quantity, four.step, four.weight = quantity, step, digits.weight("W1", 20, 5)
    picture = four.still()
    assert not cut(picture) and not overlaps(picture) and len(figures.png(picture)) < 60_000


def test_a_still_picture_with_the_read_out_as_its_words_stands_beside_the_live_one(fresh):
    shown = fresh(run_of("adagrad"), title="Each weight for itself")
    with bundles():
        bundle = shown._repr_mimebundle_()
        assert {"application/vnd.jupyter.widget-view+json", "text/html", "image/png"} <= set(bundle)
        assert shown.readout in bundle["text/html"] and "Each weight for itself" in bundle["text/html"] and '<img alt="' in bundle["text/html"]


# kind errors


@pytest.mark.parametrize("make, error, words", [
    (lambda: atlas(), TypeError, r"atlas needs a run, as in descend\(adagrad, digits, 300, eta=0.18\)"),
    (lambda: atlas(adagrad), TypeError, "what descend returns"),
    (lambda: atlas(descend(adagrad, digits, 2, eta=[0.1, 0.2, 0.3, 0.4, 0.5])), ValueError,
     r"this record has 5 runs side by side; give one, as in descend\(adagrad, digits, 300, eta=0.18\)"),
    (lambda: atlas(descend(adagrad, ravine, 3)), ValueError, r"of ravine.* \(2 weights\), and the atlas of digits  64–32–10 \(2410 weights\)"),
    (lambda: atlas(descend(adagrad, digits, 3, keep=["loss", "G"])), ValueError, "lacks dw and rate, which keep= left out"),
    (lambda: atlas(descend(adagrad, digits, 3, keep={"weights": [0, 1]})), ValueError, "lacks 2408 of its weights, which keep= left out"),
    (lambda: atlas(descend(adagrad, digits, 9, keep={"steps": [0, 4, 9]})), ValueError, "lacks 7 of its steps, which keep= left out"),
    (lambda: atlas(descend(adagrad, digits, 3), of=ravine), TypeError, "of is the Network that was trained"),
    (lambda: atlas(descend(adagrad, digits, 3), descend(adagrad, digits, 4)), ValueError, "3 and 4 steps"),
    (lambda: atlas(*[descend(adagrad, little(), 2)] * (MOST + 1), of=little()), ValueError, "room for 5 networks; got 6"),
])
def test_what_cannot_be_shown_is_refused_with_what_to_write_instead(make, error, words):
    before = alive()
    with pytest.raises(error, match=words):
        make()
    assert alive() == before


def test_what_cannot_be_set_is_refused_with_the_reason(four):
    four.network, four.quantity = 2, "rate"
    for name, value, words in [
        ("quantity", "G", "gradient descent has no G: it keeps no account of g². It has: rate, step"), ("quantity", "speed", "one of rate, G, step"),
        ("weight", 2410, r"from 0 to 2409; got 2410; digits.weight\("), ("step", 301, "from 0 to 300"), ("step", True, "whole number"),
        ("network", 4, "from 0 to 3"),
    ]:
        with pytest.raises(ValueError, match=words):
            setattr(four, name, value)
    four.network = 3
    with pytest.raises(ValueError, match="Adam has no rate: its step does not lie along g"):
        four.quantity = "rate"


def test_a_rule_whose_step_does_not_lie_along_g_is_shown_by_its_step_alone(fresh):
    shown = fresh(descend(momentum, little(), 12), of=little())
    assert shown.quantity == "step" and set(shown.canvas.spec["lanes"][0]["why"]) == {"rate", "G"} and "last step" in shown.readout


# re-running a cell


def test_running_a_cell_twenty_times_leaves_no_more_widgets_than_once(monkeypatch):
    execution = SimpleNamespace(count=0)
    monkeypatch.setattr(cells, "_shown", {})
    monkeypatch.setattr(cells, "_this_cell", lambda: ("cell", execution.count))
    before, run = alive(), descend(adagrad, little(), 5)
    counts = []
    for execution.count in range(20):
        last = atlas(run, of=little())
        counts.append(len(alive() - before))
    assert len(set(counts)) == 1
    close_all(last)
    assert alive() == before
