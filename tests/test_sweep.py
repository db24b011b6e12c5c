"""The sweep: every position says what descend says there, in both messages, whatever the rule."""

import math

import numpy as np
import pytest

from helpers import watchdog
from helpers.descent import descend
from helpers.explorer import explore
from helpers.exercises.walk05 import noisy
from helpers.explorer.sweep import kept_rows
from helpers.record import a_tenth_ago, turns, why_undefined
from helpers.schedules import exponential, schedule
from helpers.surfaces import Surface, beale, bowl, moving, ravine
from helpers.update_rules import adagrad, adam, gradient_descent, momentum, nesterov, rmsprop
from messages import check_readout, units, unpack, values
from thorough import THOROUGH, every_time


def stands(codes, kept):
    """The codes that are numbers, and not at the end of what is carried."""
    return (codes != 65535) & (codes > 1) & (codes < 65534) & np.isfinite(kept)


def compare(figure, rule, surface, lane=0, settings=8, steps=100, seed=0, start=None, **fixed):
    """Decode `settings` joint positions of the message and compare every channel with descend alone."""
    spec, engine = figure.canvas.spec, figure.engine
    _, near = unpack(figure.canvas.near, spec)
    _, rest = unpack(figure.canvas.rest, spec) if figure.canvas.rest else (None, [{} for _ in near])
    known = {**near[lane], **rest[lane]}
    dims, names = engine.lanes[lane].dims, [c["name"] for c in spec["lanes"][lane]["channels"]]
    rng, rows = np.random.default_rng(seed), np.array(spec["frames"])
    chosen = rng.choice(sorted(known), min(settings, len(known)), replace=False)
    for p in [*map(int, chosen), *list(near[lane])[:2]]:
        index = [(p // stride) % len(c.values) for c, stride in zip(dims, spec["lanes"][lane]["strides"])]
        run = descend(rule, surface, steps, start, **fixed, **{c.name: c.values[i] for c, i in zip(dims, index)})
        codes, ints = known[p]
        assert ints[0] == run.diverged_at and ints[1] == (run.undefined_at + 1 or -1) and ints[2] == -1 and ints[3] == why_undefined(run)
        late, n = np.maximum(rows - 1, 0), run.w.shape[-1]
        truth = {"loss": run.loss[rows], **{f"step{i}": run.step[late, i] for i in range(n)}}
        if run.rate is not None:
            truth.update({f"rate{i}": run.rate[late, i] for i in range(n)})
        if "G0" in names:
            truth.update({f"G{i}": getattr(run, engine.memory_name)[rows, i] for i in range(n)})
        for name in set(truth) & set(names):
            got, error = values(spec, lane, codes, name)
            raw = codes[names.index(name)]
            good = stands(raw, truth[name]) & (rows > 0)
            off = np.abs(got - truth[name])[good]
            axis = spec["axes"][spec["lanes"][lane]["channels"][names.index(name)]["axis"]]
            assert (off <= error * (np.abs(truth[name][good]) if axis["log"] else 1) * 1.001).all(), (name, p)
            assert ((raw == 65535) == (np.isnan(truth[name]) | (axis["log"] & (truth[name] < 0))))[rows > 0].all(), name
        for i, name in enumerate("xy"[:n]):
            low, high = engine.view[i]
            kept = (run.w[rows, i] - low) / (high - low)
            inside = (np.abs((run.w[rows] - engine.view[:, 0]) / np.ptp(engine.view, axis=1) - 0.5) < 8.4).all(-1)
            assert (np.abs(units(spec, lane, codes, name) - kept)[inside] <= 17 / 65534).all()
        if run.rate is not None and "rate0" in names:
            for i in range(n):
                with np.errstate(all="ignore"):
                    change = np.diff(run.rate[:, i]) / run.rate[1:, i]  # a change in the last bits is none
                turns = (codes[-1] >> (2 * i)) & 3
                for r in np.flatnonzero(rows >= 2):
                    step = rows[r] - 1
                    with np.errstate(all="ignore"):
                        by, over = change[step - 1], run.rate[step, i] / run.rate[step - max(1, rows[r] // 10), i] - 1
                    if np.isfinite(by) and not 0.99e-4 < abs(by) < 1.01e-4 and not 0.0099 < abs(over) < 0.0101:
                        by = by if abs(by) > 1e-4 else over if abs(over) > 0.01 else 0
                        assert turns[r] == (0 if by == 0 else 1 if by > 0 else 2)


@pytest.mark.parametrize("rule", [gradient_descent, momentum, nesterov, adagrad, rmsprop, adam])
@pytest.mark.parametrize("surface", [bowl, ravine, beale], ids=["bowl", "ravine", "beale"])
def test_every_position_is_what_descend_does_there(rule, surface):
    figure = explore(rule, on=surface, steps=60)
    compare(figure, rule, surface, steps=60)
    figure.close_all()


def test_both_messages_say_the_same_and_together_hold_everything():
    figure = explore(rmsprop, adagrad, on=ravine, ghost=gradient_descent)
    first, near = unpack(figure.canvas.near, figure.canvas.spec)
    second, rest = unpack(figure.canvas.rest, figure.canvas.spec)
    assert first["generation"] == second["generation"] == figure.canvas.spec["generation"] and first["start"] == second["start"]
    for lane, some, every in zip(figure.engine.lanes, near, rest):
        assert sorted(every) == list(range(lane.count)) and lane.count == np.prod(lane.sizes)
        assert list(some)[0] == lane.position() and len(some) == 1 + sum(n - 1 for n in lane.sizes)
        for p, (codes, ints) in some.items():
            np.testing.assert_array_equal(codes, every[p][0])
            np.testing.assert_array_equal(ints, every[p][1])


def test_a_race_costs_the_sum_of_its_rules_and_never_the_product():
    figure = explore(rmsprop, adam, on=ravine, ghost=adagrad, own=["eta"])
    for lane in figure.engine.lanes:
        assert {c.name for c in lane.dims} == set(lane.signature.knobs) and lane.count <= 8000
    for i, rule in enumerate((rmsprop, adam, adagrad)):
        compare(figure, rule, ravine, lane=i, settings=5)


def test_the_steps_of_a_long_run_are_kept_in_pairs():
    rows = kept_rows(5000)
    assert len(rows) <= 256 and rows[0] == 0 and rows[-1] == 5000
    assert all(row - 1 in rows or row + 1 in rows for row in rows)
    assert kept_rows(255).size == 256 and kept_rows(20).tolist() == list(range(21))


@THOROUGH
def test_a_long_run_says_which_steps_are_kept():
    figure = explore(rmsprop, on=ravine, steps=5000, eta=[0.05, 0.1], beta=[0.5, 0.9], eps=0)
    assert len(figure.canvas.spec["frames"]) <= 256 and "of 5001 steps" in figure.canvas.spec["words"]["sampled"]
    compare(figure, rmsprop, ravine, steps=5000, eps=0.0)
    for step in (0, 17, 2500, 4999, 5000):
        figure.step = step
        check_readout(figure)
    assert explore(rmsprop, on=ravine).canvas.spec["words"]["sampled"] == ""


@THOROUGH
@pytest.mark.parametrize("surface, said", [(noisy, "falling"), (ravine, "stays")], ids=["mini-batches", "quiet ravine"])
def test_a_level_rate_is_told_from_one_that_falls_as_one_over_the_root_of_t(surface, said):
    figure = explore(adagrad, on=surface, steps=5000, eta=[0.1, 0.4, 1.6], eps=1e-8)
    for figure.controls["eta"].index in range(3):
        assert figure.readout.count(f"({said})") == 2, figure.readout
        check_readout(figure)
    compare(figure, adagrad, surface, steps=5000, settings=3, eps=1e-8)
    figure.close_all()


def test_what_last_step_and_last_tenth_say_of_a_rate():
    told = [("rises", 1.0, 1.0, 1.001), ("falls", 1.0, 1.0, 0.999), ("falls", 1.02, 1.0, 1.0), ("rises", 0.98, 1.0, 1.0), ("neither", 1.005, 1.00005, 1.0),
            ("rises", 1.02, 1.0, 1.001), ("falls", 0.98, 1.0, 0.999), ("neither", np.nan, 1.0, 1.0), ("falls", np.inf, 1.0, 1.0), ("neither", np.inf, np.inf, np.inf)]
    for word, *rates in told:
        assert [*map(bool, turns(*map(np.array, rates)))] == [word == "rises", word == "falls"], rates
    assert a_tenth_ago(np.array([0, 1, 9, 18, 19, 99, 4999])).tolist() == [0, 0, 8, 17, 17, 89, 4499]


def recovery(loss, every):
    parts = [loss[j : j + every] for j in range(0, len(loss) - 1, every)]
    return [next((i for i, x in enumerate(part) if x <= 0.01 * part[0]), -1) if np.isfinite(part[0]) else -1 for part in parts]


@pytest.mark.parametrize("steps", [200, 500])
def test_recovery_bars_count_the_steps_after_each_jump(steps):
    surface = moving(ravine, every=50, jump=1.0)
    figure = explore(rmsprop, adagrad, on=surface, steps=steps, eta=[0.05, 0.4, 4], beta=[0.5, 0.9], eps=1e-8)
    assert figure.engine.jumps == steps // 50 and figure.canvas.spec["jumps"]["every"] == 50
    for i, rule in enumerate((rmsprop, adagrad)):
        _, lanes = unpack(figure.canvas.rest, figure.canvas.spec)
        for p, (_, ints) in lanes[i].items():
            knobs = {name: v[0] for name, v in figure.engine.lanes[i].knobs_at([p]).items()}
            bars = len(ints) - figure.engine.jumps
            assert ints[bars:].tolist() == recovery(descend(rule, surface, steps, **knobs, eps=1e-8).loss, 50)
    assert "Steps needed, from the start and after each jump: " in figure.readout


def test_a_diverged_run_has_recovered_from_no_jump():
    figure = explore(gradient_descent, on=moving(ravine, 50, 1), eta=[0.1, 5])
    figure.controls["eta"].index = 1
    assert figure.engine.reading(0).int("back1") == -1 and "diverged at step" in figure.readout


def test_three_weights_and_a_hundred_are_shown_by_their_quantiles():
    three = Surface("three", lambda x, y, z: x**2 + 2 * y**2 + 3 * z**2, lambda x, y, z: (2 * x, 4 * y, 6 * z), (1, -1, 2))

    class Hundred:
        start = np.linspace(-1, 1, 100)

        def loss(self, w):
            return (np.arange(1, 101) * w**2).sum(-1)

        def gradient(self, w):
            return 2 * np.arange(1, 101) * w

    for surface in (three, Hundred()):
        figure = explore(rmsprop, on=surface, steps=40, eta=[0.01, 0.1], beta=[0.5, 0.9], eps=[1e-8, 0])
        spec = figure.canvas.spec
        assert spec["path"]["kind"] == "none" and spec["weights"] == ["5 %", "50 %", "95 %"] and [c["name"] for c in spec["lanes"][0]["channels"]][:4] == ["loss", "rate0", "rate1", "rate2"]
        _, lanes = unpack(figure.canvas.rest, spec)
        for p, (codes, _) in lanes[0].items():
            run = descend(rmsprop, surface, 40, **{name: v[0] for name, v in figure.engine.lanes[0].knobs_at([p]).items()})
            levels = np.percentile(run.rate, (5, 50, 95), axis=-1)
            for i, level in enumerate(levels):
                got, error = values(spec, 0, codes, f"rate{i}")
                np.testing.assert_allclose(got[1:], level, rtol=error * 1.001)
        check_readout(figure)


def test_rules_without_a_rate_show_their_steps():
    for rule in (momentum, nesterov, adam):
        figure = explore(rule, on=ravine, steps=30)
        assert "rate" not in [p["id"] for p in figure.canvas.spec["panels"]] and "step" in figure.canvas.spec["shown"]
        assert "Its last steps were" in figure.readout


def test_momentum_that_begins_at_zero_shows_steps_at_every_position():
    figure = explore(momentum, on=ravine, start_at={"alpha": 0}, steps=30)
    for i in (0, 3):
        figure.controls["alpha"].index = i
        check_readout(figure)
        assert "not a number" not in figure.readout


def test_a_schedule_stands_for_eta_and_its_parameters_slide():
    figure = explore(gradient_descent, on=ravine, eta=exponential(eta=0.2, decay=0.95), decay=(0.5, 0.99), steps=60)
    assert list(figure.controls) == ["eta", "decay"] and figure.controls["eta"].value == 0.2
    spec = figure.canvas.spec
    for i, j in [(3, 2), (20, 5), (30, 0)]:
        figure.controls["eta"].index, figure.controls["decay"].index = i, j
        eta, decay = figure.controls["eta"].value, figure.controls["decay"].value
        run = descend(gradient_descent, ravine, 60, eta=exponential(eta=eta, decay=decay))
        _, lanes = unpack(figure.canvas.rest, spec)
        codes, _ = lanes[0][figure.engine.lanes[0].position()]
        got, error = values(spec, 0, codes, "eta")
        np.testing.assert_allclose(got[1:], eta * decay ** np.arange(60), rtol=error * 1.001)
        np.testing.assert_array_equal(next(iter(figure.runs.values())).w, run.w)
        check_readout(figure)
    fixed = explore(gradient_descent, on=ravine, eta=exponential, decay=0.9)
    assert list(fixed.controls) == ["eta"] and np.array_equal(fixed.runs["gradient descent"].w, descend(gradient_descent, ravine, 100, eta=exponential(eta=0.1, decay=0.9)).w)


# the reader's own rules


def clipped(g, *, eta=0.4, most=0.5):
    return np.clip(-eta * g, -most, most)


def clipped_by_norm(g, *, eta=0.4, most=0.5):
    return -eta * g * np.minimum(1, most / np.sqrt((g**2).sum(-1, keepdims=True)))


def clipped_by_the_norm_of_everything(g, *, eta=0.1, most=1.0):
    return -eta * g * min(1, most / np.linalg.norm(g))


def adadelta(g, G=0.0, D=0.0, *, eta=1.0, beta=0.9, eps=1e-6):
    G = beta * G + (1 - beta) * g**2
    dw = -eta * np.sqrt(D + eps) / np.sqrt(G + eps) * g
    return dw, G, beta * D + (1 - beta) * dw**2


def sign_descent(g, *, eta=0.1):
    return -eta * np.sign(g)


def four_knobs(g, m=0.0, G=0.0, *, eta=0.1, mine=0.9, other=0.95, floor=1e-3):
    m, G = mine * m + (1 - mine) * g, other * G + (1 - other) * g**2
    return -eta * m / (np.sqrt(G) + floor), m, G


def in_place(g, G=0.0, *, eta=0.4, eps=1e-8):
    G += g**2
    g *= -eta
    g /= np.sqrt(G) + eps
    return g, G


def branching(g, *, eta=0.1, drop=0.5):
    if g > 1:
        return -eta
    return -eta * drop * g


def with_math(g, G=0.0, *, eta=0.4, eps=1e-8):
    G = G + g**2
    return -eta / (math.sqrt(G) + eps) * g, G


def strange_start(g, G=None, t=0, first=True, *, eta=0.1):
    G = g**2 if first else G + g**2
    return -eta / np.sqrt(G + 1e-12) * g / (t + 1) ** 0.1, G, t + 1, False


def with_a_box(g, *, eta=0.1, sign=False):
    return -eta * (np.sign(g) if sign else g)


def with_words(g, *, eta=0.1, kind="plain"):
    return -eta * {"plain": g, "sign": np.sign(g), "root": np.sign(g) * np.sqrt(np.abs(g))}[kind]


def whole_number(g, *, eta=0.1, times=3):
    for _ in range(times):
        g = 0.9 * g
    return -eta * g


OWN = [(clipped, {}), (clipped_by_norm, {}), (clipped_by_the_norm_of_everything, {}), (adadelta, {}), (sign_descent, {}), (four_knobs, {}), (in_place, {}), (branching, {}), (with_math, {}),
       (strange_start, {}), (with_a_box, {}), (with_words, {"kind": ["plain", "sign", "root"]}), (whole_number, {}), (lambda g, *, eta=0.1: -eta * g, {})]


@pytest.mark.parametrize("rule, ranges", every_time(OWN[:4], OWN), ids=[rule.__name__ for rule, _ in OWN])
def test_a_rule_of_the_readers_own_is_shown_as_descend_runs_it(rule, ranges):
    figure = explore(rule, on=ravine, steps=40, **ranges)
    compare(figure, rule, ravine, settings=12, steps=40)
    rng = np.random.default_rng(1)
    for _ in range(6):
        for control in figure.controls.values():
            control.index = int(rng.integers(len(control.values)))
        run = descend(rule, ravine, 40, **{c.name: c.value for c in figure.controls.values()})
        shown = next(iter(figure.runs.values()))
        np.testing.assert_array_equal(shown.w, run.w)
        for figure.step in (1, 20, 40):
            check_readout(figure)
    assert figure.engine.lanes[0].count <= 8000
    figure.close_all()


@pytest.mark.thorough
def test_a_rule_that_cannot_run_side_by_side_says_so_in_the_figure():
    for rule, words in [(clipped_by_the_norm_of_everything, "was run one by one"), (branching, "called number by number"), (with_math, "called number by number"), (whole_number, "one by one")]:
        assert words in explore(rule, on=ravine, steps=40).canvas.spec["subtitle"]
    for rule in (clipped, clipped_by_norm, adadelta, in_place, rmsprop):
        assert "one by one" not in explore(rule, on=ravine, steps=40).canvas.spec["subtitle"]


def test_a_slow_rule_is_run_round_the_sliders_only_and_the_rest_when_asked_for():
    figure = explore(clipped_by_the_norm_of_everything, on=ravine, eta=(1e-3, 1e3), steps=100)
    lane = figure.engine.lanes[0]
    lane.seconds = 1.0
    figure.reset()
    _, rest = unpack(figure.canvas.rest, figure.canvas.spec)
    assert not rest[0]
    wanted = [3, 11, lane.count - 1]
    figure._hear(None, {"kind": "need", "positions": [[0, wanted]]}, [])
    _, near = unpack(figure.canvas.near, figure.canvas.spec)
    assert set(near[0]) <= set(wanted) and near[0]


# surfaces of the reader's own


def test_a_hand_written_surface_needs_only_start_loss_and_gradient():
    class Together:
        start = [1.0, 2.0]

        def loss(self, w):
            return w[..., 0] ** 2 + 3 * w[..., 1] ** 2

        def gradient(self, w):
            return w * [2, 6]

    class OnePoint:  # knows nothing of runs side by side
        start = (1.0, 2.0)

        def loss(self, w):
            return float(w[0] ** 2 + 3 * w[1] ** 2)

        def gradient(self, w):
            return np.array([2 * w[0], 6 * w[1]])

    for surface in (Together(), OnePoint()):
        figure = explore(rmsprop, on=surface, steps=40)
        compare(figure, rmsprop, surface, steps=40)
        check_readout(figure)
        assert all(low <= x <= high for x, (low, high) in zip(figure.start, figure.engine.view))
        assert figure.canvas.spec["path"]["kind"] == "contours"
    own = Surface("mine", lambda x, y: x**4 + y**2, lambda x, y: (4 * x**3, 2 * y), (1, 1), ((-2, 2), (-2, 2)))
    compare(explore(adagrad, on=own, steps=40), adagrad, own, steps=40)


# errors


def broken(g, *, eta=0.1, beta=0.9):
    return -eta * g * undefined_name  # noqa: F821


def broken_when_large(g, *, eta=0.1, beta=0.9):
    if np.any(np.asarray(eta) > 1):
        raise ArithmeticError("too large for me")
    return -eta * g


def test_an_error_in_the_readers_rule_is_shown_with_its_line():
    figure = explore(broken, on=ravine)
    assert figure.readout == "NameError: name 'undefined_name' is not defined – in line 2 of broken: return -eta * g * undefined_name  # noqa: F821"
    assert len(figure.engine.sweep.errors) == 1


def test_where_a_rule_raises_at_some_positions_the_others_are_drawn():
    figure = explore(broken_when_large, on=ravine)
    header, lanes = unpack(figure.canvas.rest, figure.canvas.spec)
    assert header["errors"] == ['ArithmeticError: too large for me – in line 3 of broken_when_large: raise ArithmeticError("too large for me")']
    for p, (codes, ints) in lanes[0].items():
        large = figure.engine.lanes[0].knobs_at([p])["eta"][0] > 1
        assert ints[2] == (0 if large else -1) and (codes == 65535).all() == large
    eta = figure.controls["eta"]
    eta.index = len(eta.values) - 1
    assert figure.readout == header["errors"][0]
    eta.index = eta.start
    check_readout(figure)
    assert "After 100 steps" in figure.readout


def test_a_figure_recovers_at_the_next_good_start():
    def dislikes_the_left(g, *, eta=0.1, beta=0.9):
        if np.any(g[..., 0] < -0.9):
            raise ArithmeticError("left")
        return -eta * g

    figure = explore(dislikes_the_left, on=ravine)
    assert "ArithmeticError: left" in figure.readout
    figure.move_start((-2, -2))
    check_readout(figure)
    assert "After 100 steps" in figure.readout


def test_a_rule_that_never_ends_is_stopped_and_the_others_are_drawn(monkeypatch):
    monkeypatch.setattr(watchdog, "LIMIT", 0.2)

    def never(g, *, eta=0.1, beta=0.9):
        while True:
            pass

    with pytest.raises(TimeoutError, match="never did not come back from step 0"):
        explore(never, on=ravine)

    def sometimes(g, *, eta=0.1, beta=0.9):
        while np.any(np.asarray(eta) > 1):
            pass
        return -eta * g

    figure = explore(sometimes, on=ravine)
    check_readout(figure)
    eta = figure.controls["eta"]
    eta.index = len(eta.values) - 1
    assert "did not come back" in figure.readout
    eta.index = eta.start - 2
    check_readout(figure)
    figure.move_start((-1, -1))
    check_readout(figure)
    assert "After 100 steps" in figure.readout


def test_divergence_is_told_with_its_step_and_leaves_no_warning(recwarn):
    figure = explore(gradient_descent, on=ravine, eta=(0.1, 30))
    for i in range(len(figure.controls["eta"].values)):
        figure.controls["eta"].index = i
        check_readout(figure)
    assert "diverged at step" in figure.readout and not [w for w in recwarn if issubclass(w.category, RuntimeWarning)]


def test_0_over_0_is_told_apart_from_divergence():
    figure = explore(adagrad, rmsprop, on=ravine, start=(-5, 0), start_at={"eps": 0})
    assert figure.controls["eps"].widgets[1].value and figure.readout.count("0/0 from step 1 on") == 2
    figure.controls["eps"].index = 0
    check_readout(figure)
    assert "0/0" not in figure.readout


def forgets_the_square(g, G=0.0, *, eta=0.1):
    G = G + g
    return -eta / np.sqrt(G) * g, G


def forgets_epsilon(g, G=0.0, *, eta=0.1):
    G = G + g**2
    return -eta / np.sqrt(G) * g, G


def test_what_is_said_of_a_change_that_is_no_number_is_its_reason():
    # the start's slope is below 0, so a G without the square is, too: no gradient is 0, and there is no ε
    figure = explore(forgets_the_square, on=ravine)
    check_readout(figure)
    assert figure.readout == "Forgets the square's change is not a number from step 1 on, although the gradient is one."
    ghost = explore(gradient_descent, ghost=forgets_the_square, on=ravine)
    check_readout(ghost)
    assert ghost.readout.endswith(" Forgets the square is not a number from step 1 on.")
    figure = explore(forgets_epsilon, on=ravine, start=(-5, 0))
    check_readout(figure)
    assert figure.readout == "Forgets epsilon's change is 0/0 from step 1 on: a gradient is exactly 0 there."
    both = explore(adagrad, on=ravine, start=(-5, 0), start_at={"eps": 0})
    assert both.readout == "Adagrad's change is 0/0 from step 1 on: ε = 0 and a gradient of exactly 0."


@schedule
def straight_down(t, *, eta=0.1, slope=0.001):
    return eta - slope * t


def test_a_schedule_that_falls_below_0_says_so_in_the_figure_without_lines_of_our_code():
    figure = explore(gradient_descent, on=ravine, steps=60, eta=straight_down, slope=[0.001, 0.01], start_at={"eta": 0.1, "slope": 0.001})
    check_readout(figure)
    figure.controls["slope"].index = 1
    assert figure.readout == "eta must be a number above 0: it sets the length of a step; at step 11 its schedule gives -0.01"
