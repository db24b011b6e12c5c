"""A rule that keeps something itself, in an attribute, a closure, a global: walked as by a plain loop, or refused."""

import collections
import contextlib
import io
import itertools
import random
import types

import numpy as np
import pytest

from helpers.apart import KeepsSomething
from helpers.descent import descend
from helpers.explorer import explore
from helpers.explorer.blame import telling
from helpers.outside import Outside
from helpers.surfaces import bowl, ravine
from helpers.update_rules import adagrad, adam, gradient_descent, rmsprop

SAID = r"keeps something between two runs \(in a global name, an attribute, or random numbers\)"
calls = 0
rng = np.random.default_rng(0)


class Adam:
    def __init__(self):
        self.m = self.v = 0.0
        self.t = 0

    def __call__(self, g, *, eta=0.1):
        self.t += 1
        self.m = 0.9 * self.m + 0.1 * g
        self.v = 0.999 * self.v + 0.001 * g**2
        return -eta * (self.m / (1 - 0.9**self.t)) / (np.sqrt(self.v / (1 - 0.999**self.t)) + 1e-8)


class Slotted:
    __slots__ = ("G",)

    def __init__(self):
        self.G = 0.0

    def __call__(self, g, *, eta=0.1):
        self.G = self.G + g**2
        return -eta / (np.sqrt(self.G) + 1e-8) * g


class OfTheClass:
    def __init__(self):
        type(self).t = 0

    def __call__(self, g, *, eta=0.1):
        OfTheClass.t += 1
        return -eta / OfTheClass.t * g


class Method:
    def __init__(self):
        self.parts = {"G": [0.0]}

    def step(self, g, *, eta=0.1):
        self.parts["G"].append(self.parts["G"][-1] + g**2)
        return -eta / (np.sqrt(self.parts["G"][-1]) + 1e-8) * g


def of_a_global():
    global calls
    calls = 0

    def rule(g, *, eta=0.1):
        global calls
        calls += 1
        return -eta / np.sqrt(calls) * g

    return rule


def of_a_closure():
    G = 0.0

    def rule(g, *, eta=0.1):
        nonlocal G
        G = G + g**2
        return -eta / (np.sqrt(G) + 1e-8) * g

    return rule


def in_place():
    G = np.zeros(2)

    def rule(g, *, eta=0.1):
        np.add(G, g**2, out=G)
        return -eta / (np.sqrt(G) + 1e-8) * g

    return rule


def of_a_default():
    def rule(g, *, eta=0.1, kept={}):  # noqa: B006
        kept["G"] = kept.get("G", 0) + g**2
        return -eta / (np.sqrt(kept["G"]) + 1e-8) * g

    return rule


def of_an_attribute():
    def rule(g, *, eta=0.1):
        rule.t = getattr(rule, "t", 0) + 1
        return -eta / rule.t * g

    return rule


def of_a_helper():
    kept = types.SimpleNamespace(last=0.0, seen=collections.deque(maxlen=3))

    def remember(g):
        kept.seen.append(g)
        kept.last = 0.9 * kept.last + g
        return kept.last

    def rule(g, *, eta=0.1):
        return -eta * remember(g)

    return rule


def of_a_counter():
    count = itertools.count(1)

    def rule(g, *, eta=0.1):
        return -eta / next(count) * g

    return rule


STATEFUL = [
    Adam,
    Slotted,
    OfTheClass,
    lambda: Method().step,
    of_a_global,
    of_a_closure,
    of_a_default,
    of_an_attribute,
    of_a_helper,
    of_a_counter,
]
NAMES = [
    "class",
    "slots",
    "class attribute",
    "method",
    "global",
    "closure",
    "default",
    "attribute",
    "helper",
    "counter",
]
stateful = pytest.mark.parametrize("make", STATEFUL, ids=NAMES)


def plain_loop(rule, steps, surface=ravine):
    w, path = surface.start.copy(), [surface.start]
    for _ in range(steps):
        w = w + rule(surface.gradient(w))
        path.append(w)
    return np.array(path)


@pytest.mark.parametrize("make", [*STATEFUL, in_place], ids=[*NAMES, "in place"])
@pytest.mark.parametrize("steps", [1, 2, 20])
def test_a_rule_with_a_state_of_its_own_walks_as_in_a_plain_loop(make, steps):
    assert np.array_equal(descend(make(), ravine, steps).w, plain_loop(make(), steps))


def test_and_goes_on_where_it_stands_as_a_plain_loop_does():
    rule, plain = Adam(), Adam()
    for _ in range(2):
        assert np.array_equal(descend(rule, ravine, 9).w, plain_loop(plain, 9))
    assert rule.t == plain.t == 18


def test_it_has_the_rate_that_the_same_rule_with_a_memory_has():
    assert np.allclose(
        descend(of_a_closure(), ravine, 20).rate, descend(adagrad, ravine, 20, eta=0.1).rate, rtol=1e-12
    )
    assert descend(Adam(), ravine, 20).rate is None and descend(adam, ravine, 20).rate is None


@stateful
@pytest.mark.parametrize("runs", [2, 3, 40])
def test_in_a_grid_it_is_refused_by_name(make, runs):
    rule = make()
    for _ in range(2):  # nothing is left over that would be blamed the second time
        with pytest.raises(KeepsSomething, match=SAID):
            descend(rule, ravine, 20, eta=np.linspace(0.05, 0.2, runs))


@stateful
def test_a_figure_refuses_it_with_the_same_sentence(make):
    with pytest.raises(KeepsSomething, match=SAID):
        explore(make(), on=ravine, steps=20)


def test_number_by_number_it_is_refused_where_there_are_several_weights():
    class Branches:
        def __init__(self):
            self.m = 0.0

        def __call__(self, g, *, eta=0.1):
            self.m = 0.9 * self.m + g
            return -eta * self.m if g > 0 else -2 * eta * self.m

    with pytest.raises(KeepsSomething, match=SAID):
        descend(Branches(), ravine, 5)
    assert np.array_equal(descend(Branches(), bowl, 5).w, plain_loop(Branches(), 5, bowl))


def test_a_log_has_one_entry_a_step_and_is_no_reason_to_refuse():
    log = []

    def logs(g, *, eta=0.1):
        log.append(g.copy())
        return -eta * g

    for knobs, shape in (({}, (2,)), ({"eta": [0.1, 0.2]}, (2, 2))):
        log.clear()
        run = descend(logs, ravine, 10, **knobs)
        assert len(log) == 10 and all(g.shape == shape for g in log) and np.array_equal(log, run.g)
        assert run.how == "side by side"
    assert "keeps something" not in explore(logs, on=ravine, steps=5).readout


def branching(g, *, eta=0.1):
    print("asked for", g)
    return -eta * g if g > 0 else -eta * g


@pytest.mark.parametrize(
    "rule, knobs, lines",
    [
        (lambda g, *, eta=0.1: print(g.shape) or -eta * g, {}, 10),
        (lambda g, *, eta=0.1: print(g.shape) or -eta * g, {"eta": [0.1, 0.2]}, 10),
        (lambda g, G=0.0, *, eta=0.1: print(g.shape) or (-eta * g, G + g), {}, 10),
        (branching, {}, 20),
    ],
)
def test_what_a_rule_prints_is_seen_once_a_step(rule, knobs, lines):
    """Number by number, once for each of the two weights."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        descend(rule, ravine, 10, **knobs)
    assert out.getvalue().count("\n") == lines and "[0. 0.]" not in out.getvalue()


def test_a_schedule_is_asked_once_a_step():
    asked = []

    def eta(t):
        asked.append(t)
        return 0.1 * 0.9 ** len(asked)

    run = descend(gradient_descent, ravine, 3, eta=eta)
    assert (
        asked == [0, 1, 2]
        and np.allclose(run.rate[:, 0], [0.09, 0.081, 0.0729], rtol=1e-12)
        and run.knobs["eta"] is eta
    )
    asked.clear()
    descend(
        lambda g, *, eta, mode="a": -eta * g, ravine, 3, eta=eta, mode=["a", "b"]
    )  # one by one: the same η for both
    assert asked == [0, 1, 2]


def noisy(g, *, eta=0.1):
    return -eta * (g + np.random.normal(size=np.shape(g)))


def noisy_by_python(g, *, eta=0.1):
    return -eta * (g + random.gauss(0, 1))


def noisy_by_a_generator(g, *, eta=0.1):
    return -eta * (g + rng.normal(size=np.shape(g)))


@pytest.mark.parametrize("rule", [noisy, noisy_by_python, noisy_by_a_generator])
def test_random_numbers_come_as_in_a_plain_loop(rule):
    paths = []
    for walk in (lambda: plain_loop(rule, 20), lambda: descend(rule, ravine, 20).w):
        global rng
        np.random.seed(3), random.seed(3)
        rng = np.random.default_rng(3)
        paths.append(walk())
    assert np.array_equal(*paths)


@pytest.mark.parametrize(
    "rule",
    [
        noisy,
        noisy_by_a_generator,
        lambda g, *, eta=0.1: -eta * (g + np.random.default_rng().normal(size=np.shape(g))),
    ],
)
def test_a_random_rule_runs_one_by_one_and_the_record_says_why(rule):
    run = descend(rule, ravine, 10, eta=[0.1, 0.2])
    assert (run.how, run.why) == ("one by one", "the rule is random")


def test_nothing_is_kept_outside_by_the_rules_of_the_house():
    assert not any(Outside(rule) for rule in (gradient_descent, adagrad, adam))


def test_the_wrapper_of_a_sweep_keeps_nothing_itself_and_hides_nothing_that_its_rule_keeps():
    """Where something is kept, every step of a grid is proven anew: that would double the time of each figure."""
    kept = []

    def keeps(g, *, eta=0.1):
        kept.append(g)
        return -eta * g

    assert not Outside(telling(rmsprop))
    looked = Outside(telling(keeps))
    assert looked and not looked.changed()
    kept.append(1)
    assert looked.changed()
    looked.restore()
    assert kept == []
