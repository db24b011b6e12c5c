"""What a library computes otherwise: the stored trajectories by the library's own rule, its defaults, and the library itself where it is installed.

A stored case names the call that made it. The rule is chosen by that call alone, through CALLS, and gets the call's values; no algebra.
d2l is a book: its functions are no library call, and each is the formula of one, with the book's ε and start.
"""

import functools
import importlib
import importlib.util
import inspect
import itertools
import os
import sys
from collections import Counter

import numpy as np
import pytest

from helpers import frameworks, update_rules
from helpers.descent import descend
from helpers.framework_runs import PACKAGES, library_of, library_run
from helpers.frameworks import CALLS, EARLY, INSIDE, LIBRARIES, NONE, OUTSIDE
from helpers.schedules import exponential, inverse_time
from helpers.surfaces import ravine
from golden_cases import CASES, TOLERANCE, LeftOut, distance, schedule_of
from test_update_rules import Given, follow

EXPRESSED = 344
D2L = {"momentum": ("torch_sgd", {}), "adagrad": ("keras_adagrad", {"G": 0.0}), "rmsprop": ("keras_rmsprop", {}), "adam": ("torch_adam", {})}
NAMES = {"lr": "eta", "momentum": "alpha"}  # of the file's hparams; the others are called as ours

# the rules in one set compute the same from the same knobs and the same start
SAME = [
    {"torch_sgd", "optax_sgd", "tf1_momentum"}, {"keras_sgd"}, {"tf1_gradient_descent"},
    {"torch_sgd_nesterov", "optax_sgd_nesterov"}, {"keras_sgd_nesterov"},
    {"torch_adagrad"}, {"keras_adagrad", "optax_adagrad"}, {"tf1_adagrad"},
    {"torch_rmsprop"}, {"keras_rmsprop", "optax_rmsprop", "tf1_rmsprop"}, {"optax_rmsprop_corrected"},
    {"torch_adam", "optax_adam"}, {"keras_adam", "tf1_adam"}, {"optax_adam_inside"},
]
# (stored, in its place): no stored path shows the difference, as η is constant there (so it does not matter what it multiplies) or ε is PyTorch's 1e-10
UNSEEN = [
    *itertools.permutations(("torch_sgd_nesterov", "keras_sgd_nesterov")), *itertools.permutations(("optax_sgd_nesterov", "keras_sgd_nesterov")),
    ("optax_sgd", "keras_sgd"), ("tf1_adagrad", "torch_adagrad"),
]


# the stored trajectories


def chosen(case):
    """(name of the rule, knobs, memory) for a case; LeftOut with what its call asks for and no rule has."""
    h, family = case["hparams"], case["framework"]
    eta, _ = schedule_of(h)
    if family == "d2l":
        if case["rule"] not in D2L:
            raise LeftOut(case["rule"])
        name, memory = D2L[case["rule"]]
        values = {NAMES.get(key, key): value for key, value in h.items()}
        return name, {**{knob: values[knob] for knob in CALLS[name].knobs}, "eta": eta}, memory
    asked = {key: value for key, value in case["call"].items() if key not in ("opt", "schedule")}
    if asked.pop("lr_decay", 0):
        eta = inverse_time(eta=h["lr"], decay=h["lr_decay"])  # what PyTorch calls so is a schedule
    alike = {name: call for name, call in CALLS.items() if name.startswith(family) and call.path.endswith("." + case["call"]["opt"])}
    if not alike:
        raise LeftOut(case["rule"])
    fitting = {name: call for name, call in alike.items() if not unknown(asked, call) and all(asked.get(key) == value for key, value in call.options.items())}
    if not fitting:
        asked_in_vain = set.intersection(*(unknown(asked, call) for call in alike.values()))
        raise LeftOut(" with ".join([case["rule"], *sorted(asked_in_vain - {case["rule"]})]))
    assert len(fitting) == 1, f"{case['id']}: {sorted(fitting)} would all be that call"
    (name, call), = fitting.items()
    values = {}
    for key in asked.keys() & call.arguments.keys():
        ours = call.arguments[key]
        values.update(zip(ours, asked[key]) if isinstance(ours, tuple) else {ours: asked[key]})
    memory = {"G": values.pop("G")} if "G" in values else {}
    return name, {**values, "eta": eta}, memory


def unknown(asked, call):
    """What is switched on and is no part of the call."""
    return {key for key, value in asked.items() if value and key not in call.arguments and key not in call.options}


def cases():
    for case in CASES:
        try:
            yield case, *chosen(case)
        except LeftOut:
            continue


@functools.cache
def difference(number):
    """(name of the call, how far its rule is from case `number` of the file); LeftOut where no rule is named after the call."""
    name, knobs, memory = chosen(CASES[number])
    return name, distance(CASES[number], CALLS[name].rule, knobs, memory)


@pytest.mark.parametrize("framework", ["torch", "keras", "optax", "tf1", "d2l"])
def test_every_stored_path_is_that_of_the_rule_named_after_its_call(framework):
    wrong = {}
    for number, case in enumerate(CASES):
        try:
            if case["framework"] == framework and not (d := difference(number)[1]) <= TOLERANCE:
                wrong[case["id"]] = d
        except LeftOut:
            continue
    assert not wrong


def test_the_calls_without_a_rule_are_counted_and_named(record_property):
    ran, left, worst = Counter(), Counter(), 0.0
    for number in range(len(CASES)):
        try:
            name, apart = difference(number)
            worst = max(worst, apart)
            ran[name] += 1
        except LeftOut as why:
            left[str(why)] += 1
    by_name, why = (", ".join(f"{name} {count}" for name, count in sorted(counts.items())) for counts in (ran, left))
    told = f"golden trajectories by the libraries' own rules: {sum(ran.values())} of {len(CASES)} ran ({by_name}), largest difference {worst:.1e}"
    record_property("told", f"{told}; left out, as no rule is named after these calls: {why}")  # said at the end, by conftest.py
    assert sum(ran.values()) == EXPRESSED and sum(left.values()) == len(CASES) - EXPRESSED
    assert worst <= TOLERANCE


def plain(case):
    """Is it a call without centering, momentum inside RMSprop, dampening or a decay of η that is the library's own, of a rule that the series teaches?"""
    h = case["hparams"]
    apart = h.get("centered") or h.get("dampening") or h.get("lr_decay") or case["rule"] == "rmsprop" and h.get("momentum")
    return not apart and case["rule"] not in ("adadelta", "adamw", "amsgrad")


def test_every_plain_call_is_compared():
    compared = {case["id"] for case, *_ in cases()}
    wanted = {case["id"] for case in CASES if plain(case)}
    assert len(wanted) >= 328 and wanted <= compared, sorted(wanted - compared)


def kin(one, other):
    """Are two calls like the same rule of the lecture? (gradient descent is momentum that keeps nothing)"""
    def kind(name):
        like = CALLS[name].like
        return update_rules.momentum if like is update_rules.gradient_descent else like

    return kind(one) is kind(other)


def same(one, other):
    return any({one, other} <= names for names in SAME)


STORED = sorted({name for _, name, _, _ in cases()})


@pytest.mark.parametrize("one", STORED)
def test_another_rule_in_the_place_of_a_stored_one_is_noticed_unless_it_is_the_same_formula(one):
    ours = CALLS[one]
    for other in (name for name in CALLS if name != one and kin(one, name)):
        rule, noticed = CALLS[other].rule, False
        for case, _, knobs, memory in (found for found in cases() if found[1] == one):
            swapped = {knob: value for knob, value in {**ours.knobs, **knobs}.items() if knob in CALLS[other].knobs}
            start = {} if ours.start is None else {"G": ours.start, **memory}
            noticed = noticed or not distance(case, rule, swapped, start) <= TOLERANCE
        assert noticed != (same(one, other) or (one, other) in UNSEEN), f"{other} in the place of {one}"


@pytest.mark.parametrize("one, other", [(one, other) for one in STORED for other in CALLS if kin(one, other) and CALLS[one].start != CALLS[other].start])
def test_another_start_of_G_is_noticed(one, other):
    runs = [(case, knobs, memory) for case, name, knobs, memory in cases() if name == one]
    assert any(not distance(case, CALLS[one].rule, knobs, {"G": CALLS[other].start}) <= TOLERANCE for case, knobs, memory in runs)


@pytest.mark.parametrize("name", CALLS)
def test_a_grid_runs_side_by_side_and_a_rule_that_follows_g_has_a_rate(name):
    run = descend(CALLS[name].rule, ravine, 20, eta=np.array([0.01, 0.02, 0.04]))
    assert run.how == "side by side" and run.w.shape == (21, 3, 2)
    assert (run.rate is None) == ("m" in run.memory or CALLS[name].knobs.get("alpha", 0) > 0)


# what each computes

rng = np.random.default_rng(7)
GRADIENTS = rng.normal(size=(200, 6)) * 10.0 ** rng.uniform(-6, 2, size=6)
KNOBS = {"eta": exponential(eta=0.05, decay=0.98), "alpha": 0.8, "beta": 0.95, "beta1": 0.8, "beta2": 0.99, "eps": 0.1}


def test_the_sets_of_like_formulas_hold_every_call_once():
    assert sorted(itertools.chain(*SAME)) == sorted(CALLS)


@pytest.mark.parametrize("one, other", [pair for pair in itertools.combinations(CALLS, 2) if kin(*pair)])
def test_two_calls_compute_the_same_only_where_they_are_the_same_formula(one, other):
    """From the same start and the same knobs, with an η that falls, given gradients, and an ε large enough to be seen."""
    def change(name):
        memory = {"G": 0.5} if CALLS[name].start is not None else {}
        return follow(CALLS[name].rule, GRADIENTS[:50], memory=memory, **{knob: KNOBS[knob] for knob in CALLS[name].knobs}).dw

    assert np.allclose(change(one), change(other), rtol=1e-12, atol=0) == same(one, other)


@pytest.mark.parametrize("name", [name for name, call in CALLS.items() if "eps" in call.knobs])
def test_eps_stands_where_the_table_says(name):
    """A huge ε leaves of the first step η/ε outside the root, η/√ε inside, and η √(1 − β₂)/ε before the correction."""
    call = CALLS[name]
    step = -call.rule(1.0, eps=1e16)[0] / call.knobs["eta"]
    assert step == pytest.approx({OUTSIDE: 1e-16, INSIDE: 1e-8, EARLY: 1e-16 * np.sqrt(1 - call.knobs.get("beta2", 0))}[call.eps], rel=1e-6)


@pytest.mark.parametrize("name", CALLS)
def test_a_call_without_eps_says_so(name):
    assert (CALLS[name].eps == NONE) == ("eps" not in CALLS[name].knobs)


@pytest.mark.parametrize("name", [name for name, call in CALLS.items() if {"beta", "beta2"} & set(call.knobs)])
def test_the_first_step_is_eta_only_where_G_is_corrected_for_its_start(name):
    call = CALLS[name]
    assert (-call.rule(2.0)[0] == pytest.approx(call.knobs["eta"], rel=1e-4)) == call.corrected


def test_momentum_with_the_rate_outside_gives_a_new_eta_to_past_gradients():
    falls = lambda t: 0.1 if t == 0 else 0.01  # noqa: E731
    outside, inside = (follow(CALLS[name].rule, [[1.0], [0.0]], eta=falls, alpha=0.5).dw[1, 0] for name in ("torch_sgd", "keras_sgd"))
    assert outside == pytest.approx(-0.01 * 0.5) and inside == pytest.approx(-0.1 * 0.5)


def test_without_eps_only_optax_leaves_a_weight_alone_that_has_met_no_gradient():
    with np.errstate(all="ignore"):
        assert frameworks.optax_adagrad(np.zeros(2), G=np.zeros(2), eps=0.0)[0].tolist() == [0, 0]
        assert np.isnan(frameworks.keras_adagrad(np.zeros(2), G=np.zeros(2), eps=0.0)[0]).all()
        assert np.isnan(frameworks.optax_adagrad(np.array([np.nan]))[0]).all()


# the table: by the library's own names, where ε stands, where G starts, and what is ours

DEFAULTS = {
    "torch_sgd": ({"lr": 1e-3, "momentum": 0}, NONE, None, ()),
    "torch_sgd_nesterov": ({"lr": 1e-3, "momentum": 0.9}, NONE, None, ("momentum",)),
    "keras_sgd": ({"learning_rate": 1e-2, "momentum": 0}, NONE, None, ()),
    "keras_sgd_nesterov": ({"learning_rate": 1e-2, "momentum": 0.9}, NONE, None, ("momentum",)),
    "optax_sgd": ({"learning_rate": 0.1, "momentum": 0}, NONE, None, ("learning_rate",)),
    "optax_sgd_nesterov": ({"learning_rate": 0.1, "momentum": 0.9}, NONE, None, ("learning_rate", "momentum")),
    "tf1_gradient_descent": ({"learning_rate": 0.1}, NONE, None, ("learning_rate",)),
    "tf1_momentum": ({"learning_rate": 0.1, "momentum": 0.9}, NONE, None, ("learning_rate", "momentum")),
    "torch_adagrad": ({"lr": 1e-2, "initial_accumulator_value": 0, "eps": 1e-10}, OUTSIDE, 0, ()),
    "keras_adagrad": ({"learning_rate": 1e-3, "initial_accumulator_value": 0.1, "epsilon": 1e-7}, INSIDE, 0.1, ()),
    "optax_adagrad": ({"learning_rate": 0.4, "initial_accumulator_value": 0.1, "eps": 1e-7}, INSIDE, 0.1, ("learning_rate",)),
    "tf1_adagrad": ({"learning_rate": 0.4, "initial_accumulator_value": 0.1}, NONE, 0.1, ("learning_rate",)),
    "torch_rmsprop": ({"lr": 1e-2, "alpha": 0.99, "eps": 1e-8}, OUTSIDE, 0, ()),
    "keras_rmsprop": ({"learning_rate": 1e-3, "rho": 0.9, "epsilon": 1e-7}, INSIDE, 0, ()),
    "optax_rmsprop": ({"learning_rate": 0.1, "decay": 0.9, "eps": 1e-8, "initial_scale": 0}, INSIDE, 0, ("learning_rate",)),
    "optax_rmsprop_corrected": ({"learning_rate": 0.1, "decay": 0.9, "eps": 1e-8, "initial_scale": 0}, OUTSIDE, 0, ("learning_rate",)),
    "tf1_rmsprop": ({"learning_rate": 0.1, "decay": 0.9, "epsilon": 1e-10}, INSIDE, 1, ("learning_rate",)),
    "torch_adam": ({"lr": 1e-3, "betas": (0.9, 0.999), "eps": 1e-8}, OUTSIDE, 0, ()),
    "keras_adam": ({"learning_rate": 1e-3, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7}, EARLY, 0, ()),
    "optax_adam": ({"learning_rate": 0.1, "b1": 0.9, "b2": 0.999, "eps": 1e-8}, OUTSIDE, 0, ("learning_rate",)),
    "optax_adam_inside": ({"learning_rate": 0.1, "b1": 0.9, "b2": 0.999, "eps_root": 1e-8}, INSIDE, 0, ("learning_rate", "eps_root")),
    "tf1_adam": ({"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}, EARLY, 0, ()),
}


def test_the_table_is_that_of_the_libraries():
    assert {name: (call.defaults, call.eps, call.start, call.ours) for name, call in CALLS.items()} == DEFAULTS


def test_every_rule_of_the_module_is_in_the_table_under_its_name():
    rules = {name: f for name, f in vars(frameworks).items() if inspect.isfunction(f) and f.__module__ == frameworks.__name__ and not name.startswith("_")}
    assert {name: call.rule for name, call in CALLS.items()} == {name: f for name, f in rules.items() if f is not frameworks.call}


@pytest.mark.parametrize("name", CALLS)
def test_where_a_library_asks_for_a_value_the_default_is_that_of_the_lectures_rule(name):
    call = CALLS[name]
    lecture = {p.name: p.default for p in inspect.signature(call.like).parameters.values()}
    for argument in call.ours:
        assert call.defaults[argument] == lecture[call.arguments[argument]]


@pytest.mark.parametrize("name", CALLS)
def test_every_knob_stands_in_the_call_and_the_docstring_gives_it_with_eps_and_start(name):
    call = CALLS[name]
    named = set(itertools.chain(*([ours] if isinstance(ours, str) else ours for ours in call.arguments.values())))
    assert set(call.knobs) <= named <= {*call.knobs, "G"}
    assert call.differs and call.library in LIBRARIES.values()
    for said in [call.text, call.differs, *([f"G starts at {call.start:g}"] if call.start is not None else []), *([call.eps] if call.eps != NONE else [])]:
        assert said in call.rule.__doc__


# the libraries themselves, where they are installed


def installed(family):
    """Skip where the library is missing, and say how to get it (conftest.py repeats that at the end); it is no dependency, so that is no failure."""
    needed = {"keras": ["keras", "jax"], "tf1": ["tensorflow"]}.get(family, [family])
    if not all(map(importlib.util.find_spec, needed)):
        how = f"not installed. `pip install {PACKAGES[family]}`, and run the same line again."
        pytest.skip(f"The optimisers of {LIBRARIES[family]} itself, beside our rules: {how}")
    if family == "keras" and os.environ.get("KERAS_BACKEND", "jax") not in ("jax", "torch"):
        pytest.skip("The optimisers of Keras itself, beside our rules: set KERAS_BACKEND to jax or torch; on others it rounds its knobs to seven digits.")


@pytest.mark.parametrize("family", LIBRARIES)
def test_the_librarys_own_optimiser_takes_the_path_of_its_rule_for_200_steps(family, record_property):
    installed(family)
    off, calls = [], [name for name in CALLS if name.startswith(family)]
    for name in calls:
        known = {knob: value for knob, value in {**KNOBS, "eta": 0.05}.items() if knob in CALLS[name].knobs}
        for surface, knobs in itertools.product((Given(GRADIENTS), ravine), ({}, known, {**known, "eps": 1e-6} if "eps" in known else {})):
            path = library_run(name, surface, 200, **knobs)
            ours = descend(CALLS[name].rule, surface, 200, **knobs).w
            assert path.dtype == float and path.shape == ours.shape
            off.append(np.max(np.abs(path - ours).max(0) / np.abs(path - path[0]).max(0)))  # of the way that each weight has gone
    record_property("told", f"{LIBRARIES[family]} itself, {len(calls)} calls over 200 steps: largest difference from our rules {np.max(off):.1e} of the way")
    assert np.max(off) <= 1e-12


@pytest.mark.parametrize("family", LIBRARIES)
def test_the_librarys_own_signature_has_the_defaults_of_the_table(family):
    installed(family)
    for name, call in CALLS.items():
        if name.startswith(family):
            theirs = inspect.signature(functools.reduce(getattr, call.path.split(".")[1:], library_of(name))).parameters
            for argument, value in call.defaults.items():
                default = theirs[argument].default if argument in theirs else None
                assert (default == value or default is None and value == 0) != (argument in call.ours), f"{call.path}: {argument} is {default!r} there"


def test_a_comparison_leaves_the_precision_of_keras_and_jax_as_it_was():
    installed("keras")
    installed("optax")
    keras = library_of("keras_adam")
    before = keras.config.floatx()
    library_run("keras_adam", ravine, 2)
    library_run("optax_adam", ravine, 2)
    assert keras.config.floatx() == before == "float32" and importlib.import_module("jax.numpy").ones(1).dtype == "float32"


def test_a_missing_library_is_named_with_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ImportError, match="torch_adagrad can be compared with PyTorch .* run `%pip install torch` in a cell"):
        library_run("torch_adagrad", ravine)


@pytest.mark.parametrize("error, said, arguments, knobs", [
    (ValueError, "no rule 'torch_adagard'. Did you mean torch_adagrad?", ["torch_adagard", ravine], {}),
    (TypeError, "torch_adagrad has no knob 'beta'. It has: eta, eps", ["torch_adagrad", ravine], {"beta": 0.9}),
    (TypeError, "one number for eta, and no schedule or array", ["torch_adagrad", ravine], {"eta": exponential}),
    (ValueError, "eta must be a number above 0", ["torch_adagrad", ravine], {"eta": -1}),
    (ValueError, "steps must be a whole number", ["torch_adagrad", ravine, 0], {}),
    (ValueError, "start must be 2 numbers, one a weight; got", ["torch_adagrad", ravine, 5, [1, 2, 3]], {}),
])
def test_what_library_run_cannot_do_is_said_before_anything_is_imported(error, said, arguments, knobs):
    with pytest.raises(error, match=said):
        library_run(*arguments, **knobs)
