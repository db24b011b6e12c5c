"""The cards, the target, the switchboard and the table of notebook 10."""

import re

import numpy as np
import pytest

from helpers import framework_table
from helpers.descent import descend
from helpers.exercises import walk10
from helpers.framework_table import HEADINGS, gradients, your_framework
from helpers.frameworks import CALLS, keras_adagrad
from helpers.network import digits
from helpers.surfaces import ravine
from helpers.switchboard import switchboard
from helpers.update_rules import adagrad, adam, gradient_descent, momentum, rmsprop
from golden_cases import distance
from test_frameworks import cases

RULES = (gradient_descent, momentum, adagrad, rmsprop, adam)


def test_the_truths_are_those_of_the_rules():
    truths = {card.name: card.truth for card in walk10.CARDS}
    assert truths["uncorrected"] == pytest.approx(0.1 / np.sqrt(0.001))
    assert truths["defaults"] == "about half of them" and truths["wrong way"] == "up, the wrong way"


@pytest.mark.parametrize("switches, rule, knobs", [
    ((False, False, False), gradient_descent, {"eta": 0.2}), ((False, False, True), gradient_descent, {"eta": 0.2}), ((True, False, False), momentum, {"eta": 0.02, "alpha": 0.9}),
    ((False, True, False), rmsprop, {"eta": 0.2, "beta": 0.999}), ((True, True, True), adam, {"eta": 0.2}), ((False, True, True), adam, {"eta": 0.2, "beta1": 0}),
])
def test_corners_of_the_board_are_the_rules_of_the_series(switches, rule, knobs):
    board = descend(switchboard, ravine, 40, eta=0.2, **dict(zip(("momentum", "rms", "correction"), switches)))
    assert np.allclose(board.w, descend(rule, ravine, 40, **knobs).w, rtol=0, atol=1e-12)


def test_switches_may_be_arrays_of_runs():
    both = descend(switchboard, ravine, 30, rms=np.array([True, False]))
    for i, rms in enumerate((True, False)):
        assert np.allclose(both.w[:, i], descend(switchboard, ravine, 30, rms=rms).w, rtol=1e-12)


@pytest.mark.thorough
def test_at_keras_defaults_adagrad_is_at_89_per_cent_after_300_epochs():
    """Too long for a cell: the card names it."""
    steps = [many * digits.updates_an_epoch for many in (100, 300)]
    w = descend(keras_adagrad, digits, steps[-1], keep={"quantities": ["w"], "steps": steps}).w
    assert [round(100 * digits.accuracy(here)) for here in w] == [79, 89]
    assert "89 %" in next(card for card in walk10.CARDS if card.name == "defaults").because["about 10 %, as by chance"]


def test_no_eta_reaches_the_target_with_all_of_adam_and_a_range_does_with_rms_alone():
    goal = walk10.TARGETS["right switches"].make()
    eta = np.linspace(0.05, 1.2, 47)

    def met(**switches):
        return goal.ints(descend(switchboard, ravine, 60, eta=eta, **switches), len(eta))[0] >= 0

    assert not met().any() and met(momentum=False)[eta > 0.5].all()


def test_the_table_has_every_call_of_a_rule_with_its_defaults():
    table = your_framework(*RULES, compare=False)
    assert len(table.rows) == sum(call.like in RULES for call in CALLS.values()) and all(len(row) == len(HEADINGS) for row in table.rows)
    keras = next(row for row in table.rows if row[1].startswith("keras.optimizers.Adagrad"))
    assert keras[2:7] == ("0.001", "–", "1e-07 inside the root, in units of g²", "0.1", "no")
    torch = next(row for row in table.rows if row[1].startswith("torch.optim.RMSprop"))
    assert torch[2:7] == ("0.01", "0.99", "1e-08 outside the root", "0", "no")
    asked = {row[1].partition("(")[0] + ("eps_root" if "eps_root" in row[1] else ""): row[2:5] for row in table.rows if "(ours)" in "".join(row)}
    assert asked["tf.compat.v1.train.MomentumOptimizer"] == ("0.1 (ours)", "0.9 (ours)", "none")
    assert asked["optax.adameps_root"] == ("0.1 (ours)", "0.9 / 0.999", "1e-08 (ours) inside the root, in units of g²")
    for row in table.rows:  # as many marks as values that the library asks for
        call = next(call for call in CALLS.values() if call.text == row[1] and call.like in RULES)
        assert "".join(row).count("(ours)") == len(call.ours), row
    html = table._repr_html_()
    calls = re.findall(r"<code[^>]*>(.*?)</code>", html)
    assert len(calls) == len(table.rows) and max(len(part) for call in calls for part in re.split(r"\s|<wbr>", call)) <= 30, "it fits its cell"
    assert html.count("<tr>") == len(table.rows) + 1 and 'scope="col"' in html and "<caption" in html and "keras.optimizers.Adagrad" in repr(table)


def test_a_library_that_is_not_there_is_no_error_and_one_that_is_there_is_run_and_compared(monkeypatch):
    def missing(*given):
        raise ImportError("no library here")

    monkeypatch.setattr(framework_table, "library_run", missing)
    rows = your_framework(momentum, adagrad).rows
    assert {row[-1] for row in rows if row[0] == "Adagrad"} == {f"< 1e−14, {many} stored runs" for many in (32, 16, 8)}
    assert [row[-1] for row in rows if row[1].startswith("tf.compat.v1.train.Mom")] == ["not installed here"]
    monkeypatch.setattr(framework_table, "library_run", lambda rule, surface, steps: descend(rule, surface, steps).w * (1 + 1e-7))
    assert {row[-1] for row in your_framework(adagrad, adam).rows} == {"1e-07, run here"}


@pytest.mark.thorough
def test_the_stored_runs_are_as_many_and_as_near_as_the_table_says():
    found = {}
    for case, name, knobs, memory in cases():
        if case["framework"] != "d2l" and CALLS[name].like in RULES[1:]:
            found.setdefault(name, []).append(distance(case, CALLS[name].rule, knobs, memory))
            assert 26 <= case["steps"] <= 150  # as the notebook says
    assert {name: len(distances) for name, distances in found.items()} == {name: many for name, (many, _) in framework_table.STORED.items()}
    assert all(max(found[name]) < bound for name, (_, bound) in framework_table.STORED.items())


def test_the_comparison_sees_another_default():
    for name in ("torch_adagrad", "keras_adagrad", "torch_rmsprop", "keras_adam"):
        call = CALLS[name]
        paths = [descend(rule, gradients(), 200, **call.knobs).w for rule in (call.rule, call.like)]
        differ = np.abs(paths[0] - paths[1]).max() / np.abs(paths[0]).max()
        assert (differ > 1e-9) == (name not in ("torch_adagrad", "torch_rmsprop")), name


def test_a_rule_without_calls_is_refused_by_name():
    with pytest.raises(ValueError, match="no library call is listed for 'switchboard'"):
        your_framework(switchboard)
