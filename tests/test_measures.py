"""A surface that measures its weights: networks under the sliders show the loss of all their examples, and their accuracy."""

import tracemalloc

import numpy as np
import pytest

from helpers import stills
from helpers.descent import descend
from helpers.explorer import explore
from helpers.explorer.goals import reach
from helpers.network import digits
from helpers.record import MOST_BYTES
from helpers.update_rules import adagrad, rmsprop
from messages import check_readout, unpack, values
from thorough import THOROUGH
from widgets import alive

ETAS, BETAS, EPS = [0.003, 0.02, 0.1], [0.5, 0.9], [1e-8, 1e-3, 0]


@pytest.fixture(scope="module")
def figure():
    made = explore(rmsprop, on=digits, steps=60, ghost=adagrad, own=["eta"], eta=ETAS, beta=BETAS, eps=EPS, goal=reach(0.3, within=55))
    yield made
    made.close_all()


@pytest.mark.thorough
def test_every_position_shows_the_loss_of_all_examples_and_the_accuracy_not_a_batchs_own(figure):
    spec, rows = figure.canvas.spec, np.array(figure.canvas.spec["frames"])
    assert rows.size == 31 and rows[-1] == 60 and "drawn: 31 of 61 steps" == spec["words"]["sampled"]
    for lane, rule in ((0, rmsprop), (1, adagrad)):
        for p, (codes, ints) in unpack(figure.canvas.rest, spec)[1][lane].items():
            knobs = {name: v[0] for name, v in figure.engine.lanes[lane].knobs_at([p]).items()}
            run = descend(rule, digits, 60, **knobs)
            for name, of in digits.measures.items():
                got, error = values(spec, lane, codes, name)
                told = of(run.w[rows])
                good = np.isfinite(told)
                np.testing.assert_allclose(got[good], told[good], rtol=1.1 * error if name == "loss" else 0, atol=0 if name == "loss" else 1e-4)
            if lane == 0:
                reached = (digits.loss(run.w[rows]) < 0.3) & (rows <= 55)  # of all examples, at a step that is drawn
                assert ints[-2] == (rows[reached.argmax()] if reached.any() else -1), knobs


def test_the_read_out_and_the_target_follow_the_sliders(figure):
    for eta in range(len(ETAS)):
        for eps in range(len(EPS)):
            figure.controls["eta@rmsprop"].index, figure.controls["eps"].index = eta, eps
            check_readout(figure)
            run = descend(rmsprop, digits, 60, eta=ETAS[eta], eps=EPS[eps])
            if EPS[eps] == 0:
                assert "RMSprop's change is 0/0 from step 1 on" in figure.readout
                continue
            assert f"Its accuracy is {100 * digits.accuracy(run.w[-1]):.1f} %." in figure.readout
            assert figure.reached == figure.target.startswith("Reached at step")
    figure.reset()


def test_sliders_of_a_network_nobody_chose_positions_for_are_thinned_to_what_takes_seconds():
    figure = explore(rmsprop, on=digits, steps=300, beta=0.9, eps=1e-8)
    assert figure.engine.lanes[0].count == 35
    figure.close_all()
    from helpers.explorer.request import Request
    request = Request((rmsprop,), (), digits, (), {}, {}, None, set(), 300)
    assert 60 <= request.lanes[0].count <= 207 and {0.9} <= set(request.controls[1].values) and len(request.controls[0].values) >= 9


def test_the_still_shows_loss_and_accuracy_of_all_examples(figure):
    run = descend(rmsprop, digits, 60, eta=0.02)
    picture = stills.signature([run], digits, show=("rate", "loss", "accuracy"))
    loss, accuracy = picture.axes[1:3]
    assert np.allclose(loss.lines[0].get_ydata(), digits.loss(run.w)) and np.allclose(accuracy.lines[0].get_ydata(), digits.accuracy(run.w))
    assert accuracy.get_ylim()[1] == 1 and accuracy.get_yscale() == "linear"
    assert "accuracy" in [ax.get_title(loc) for ax in figure.still().axes for loc in ("left", "center")]
    with pytest.raises(ValueError, match="show names 'error'; the panels are .*accuracy"):
        stills.signature([run], digits, show=("loss", "error"))


def test_running_the_figure_again_leaves_no_more_widgets(figure):
    before = len(alive())
    again = explore(adagrad, on=digits, steps=20, eta=ETAS, eps=1e-8)
    again.close_all()
    assert len(alive()) == before


def test_a_record_too_large_for_a_small_machine_says_what_to_keep():
    grid = {"eta": np.geomspace(1e-3, 1, 25)[:, None], "beta": np.array([0, 0.5, 0.9, 0.99, 0.999])}
    with pytest.raises(ValueError, match=r'in 125 runs of 2410 weights over 300 steps takes 3.6 GB: say what to keep, as in keep=\["loss"\]'):
        descend(rmsprop, digits, 300, **grid)
    assert MOST_BYTES == 2e9


@THOROUGH
def test_a_sweep_of_125_networks_over_300_steps_stays_far_below_a_gigabyte():
    grid = {"eta": np.geomspace(1e-3, 1, 25)[:, None], "beta": np.array([0, 0.5, 0.9, 0.99, 0.999])}
    tracemalloc.start()
    try:
        run = descend(rmsprop, digits, 300, keep={"quantities": ["loss", "w", "G"], "steps": range(0, 301, 30)}, **grid)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert run.how == "side by side" and run.loss.shape == (11, 25, 5) and run.G.shape == (11, 25, 5, digits.n)
    assert peak < 3e8  # what is recorded is chosen: 2 quantities of 11 rows are 53 MB of it
