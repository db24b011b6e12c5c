"""Judge a rule of the reader's own: is it new, and does it train the digits, from two starts?"""

import functools
import inspect
import itertools

import numpy as np
from numpy import allclose, array_equal

from helpers import update_rules
from helpers.descent import descend
from helpers.exercises.calling import Broke, Endless, code_of, needs_a_function
from helpers.exercises.findings import Wrong
from helpers.exercises.quantities import digits as say
from helpers.exercises.roles import KNOBS, SEES, takes_weights, wants_weights
from helpers.exercises.training import ENDS, UPDATES, a_better_eta, share
from helpers.knobs import KNOBS as SYMBOLS
from helpers.looks import HOUSE
from helpers.network import digits, on_digits
from helpers.rules import Signature
from helpers.surfaces import given, ravine

GOAL = 0.95
PATIENCE = 5  # times as long as a single call a training may take: on a busy machine that is some seconds
FEW = 3  # updates on the ravine: enough to see whether its two weights share something
BEYOND = {  # what is said to a rule that cannot take arrays, by what Python says of it
    "Your rule takes one number at a time, and g holds all weights at once: in place of `if`, np.where(condition, this, that) chooses for each of them, "
    "and np.sqrt and np.maximum take arrays where math.sqrt and max do not.": ("ambiguous", "only length-1", "only 0-dimensional", "must be real number"),
    "What you remember begins as a single number, and an operation in place such as `G += ...` cannot turn it into an array: write `G = G + ...`.":
        ("non-broadcastable output",),
}
SHARES = (0.5, 0.9, 0.95, 0.99, 0.999)  # what β and α are set to most often


@functools.cache
def _other_start():
    return on_digits(seed=1)


def check_own(answer, trial):
    knobs = {}
    if isinstance(answer, dict):  # check("own_rule", my_rule, eta=0.02)
        knobs = {name: value for name, value in answer.items() if name != "rule"}
        answer = answer.get("rule")
    needs_a_function(answer, 'check("own_rule", my_rule)')
    weights = takes_weights(answer)
    if weights:
        raise Wrong(f"descend cannot take your rule: it takes the weights ({weights}) as well. {SEES}",
                    hint="")
    try:
        _try_once(answer, knobs, trial)
    except Broke as broke:
        raise wants_weights(broke) or broke from None
    known = _known(answer, knobs, trial)
    if known:
        raise Wrong(f"That is {known}, and the series has it already. Give it a twist of your own: another power or another root, "
                    "an account that forgets in another way, a bound on the step, two rules mixed.", hint="")
    trial.limit *= PATIENCE
    trial.watch.limit = trial.limit
    reached = [_train(answer, knobs, network, trial) for network in (digits, _other_start())]
    return (f"It comes to {reached[0]} of the images held back after {UPDATES} updates, and to {reached[1]} from another start with other batches. "
            "None of the six rules of the series, at its usual settings, does what yours does.")


def _try_once(rule, knobs, trial):
    """Raise what is plain from a single call: a stub, an exception, a form that descend cannot take."""
    g = np.array([0.5, -0.25, 0.0, 2.0])
    try:
        signature = Signature(rule)
        memory, values = signature.memories(None, g.size), {**signature.knobs, **knobs}
    except (TypeError, ValueError) as error:
        try:
            trial.call(rule, g)
        except Broke as broke:
            if _is_theirs(broke):
                raise
        raise _in_words(error, rule) from None
    for name, value in knobs.items():
        if name in signature.knobs and (not isinstance(value, (int, float, np.number)) or isinstance(value, bool)):
            raise Wrong(f"The {name} that you hand over should be one number; it is {value!r}.", hint="")
    for name, value in values.items():
        if value is inspect.Parameter.empty:
            raise Wrong(f"Your rule needs a value for {name}: write it behind the *, as in `{name}=0.1`, or hand it over, "
                        f'check("own_rule", my_rule, {name}=0.1).', hint="")
    if set(knobs) <= set(signature.knobs):
        try:
            trial.call(rule, g, *(value.copy() if isinstance(value, np.ndarray) else value for value in memory.values()), **values)
        except Broke as broke:
            said = next((words for words, parts in BEYOND.items() if any(part in str(broke.error) for part in parts)), "")
            if said:
                raise Wrong(f"{broke.reason} {said}", broke.details, "") from None
            if _is_theirs(broke):
                raise
    _run(rule, given([0.5, -0.25]), 2, knobs, trial)


def _is_theirs(broke):
    return " in line " in broke.reason


def _in_words(error, rule):
    text = str(error).replace("def <lambda>(", "def my_rule(").replace("<lambda>", "your lambda")
    return Wrong(f"descend cannot take your rule: {text}{'' if text.endswith('.') else '.'}", hint="")


def _run(rule, surface, steps, knobs, trial, **more):
    """descend, with what goes wrong told as the reader's where it is theirs."""
    try:
        return trial.call(descend, rule, surface, steps, **more, **knobs)
    except Broke as broke:
        error, code = broke.error, code_of(rule)
        frame, own = error.__traceback__, False
        while frame is not None:
            own, frame = own or frame.tb_frame.f_code is code, frame.tb_next
        if own or not isinstance(error, (TypeError, ValueError)):
            raise Broke(error, rule) from None
        raise _in_words(error, rule) from None
    except Endless:
        if steps < UPDATES:
            raise
        raise Wrong(f"{steps} updates of {surface.n} weights take longer than {trial.limit:g} seconds with your "
                    "rule. Is there a loop over the weights in it? "
                    "NumPy takes all of them at once: write the formula for g as it stands.", hint="") from None


# is it one of ours?


def _gradients():
    """Gradients of one weight: small and large, of both signs, some 0, so that whatever is bounded or cut off shows."""
    rng = np.random.default_rng(1847)
    g = rng.normal(size=60) * 10.0 ** rng.uniform(-3, 2, size=60)
    g[[0, 7, 8, 30]] = 0.0
    return g


def _known(rule, knobs, trial):
    """The words for the rule of the series that makes the same changes, whatever η, or None."""
    surface = given(_gradients())
    theirs, again = (_run(rule, surface, len(_gradients()), knobs, trial, keep="dw").dw[:, 0] for _ in range(2))
    if not array_equal(theirs, again, equal_nan=True):
        raise Wrong("The same gradients get other changes the second time: your rule keeps something between two runs (in a global name, an attribute, "
                    "or random numbers). All that it remembers should come in before the * and go out behind dw.", hint="")
    if not np.isfinite(theirs).all() or not theirs.any():
        return None
    for name in HOUSE:
        setting = _settings(Signature(getattr(update_rules, name)).knobs, rule, knobs)
        changes = descend(getattr(update_rules, name), surface, len(_gradients()), keep="dw", eta=1.0, **setting).dw[..., 0].reshape(len(theirs), -1)
        for i, ours in enumerate(changes.T):
            eta = np.median(theirs[ours != 0] / ours[ours != 0]) if np.isfinite(ours).all() and ours.any() else 0.0
            if eta > 0 and _same(theirs, eta * ours) and _same_for_two(rule, name, {knob: values[i] for knob, values in setting.items()}, eta, knobs, trial):
                told = ", ".join(f"{SYMBOLS[knob].symbol} = {say(values[i])}" for knob, values in setting.items() if knob != "eps")
                return f"{HOUSE[name][3]}{f' with {told}' if told else ''}"
    return None


def _same(theirs, ours, within=1e-3):
    return allclose(theirs, ours, rtol=within, atol=1e-6 * np.abs(ours).max())


def _same_for_two(rule, name, setting, eta, knobs, trial):
    """Whether it is our rule also where weights could share something: an account of all weights together looks, on one weight, like its own."""
    theirs = _run(rule, ravine, FEW, knobs, trial, keep="dw").dw
    return _same(theirs, descend(getattr(update_rules, name), ravine, FEW, keep="dw", eta=eta, **setting).dw, within=1e-2)


def _settings(ours, rule, knobs):
    """Settings at which one of our rules may be the reader's, {knob: (settings,)}: their own numbers, and those that are set most often."""
    numbers = _numbers(rule, knobs)
    between = sorted({*SHARES, *(x for x in numbers if 0 < x < 1), *(1 - x for x in numbers if 0 < x < 1)})
    small = sorted({0.0, 1e-8, *(x for x in numbers if 0 < x < 0.1)})
    choice = {name: small if name == "eps" else between for name in ours if name != "eta"}
    return dict(zip(choice, np.array(list(itertools.product(*choice.values()))).T)) if choice else {}


def _numbers(rule, knobs):
    """The numbers in a rule: defaults of its knobs, those that were handed over, constants in its code."""
    code = code_of(rule)
    found = [*knobs.values(), *Signature(rule).knobs.values(), *(code.co_consts if code is not None else ())]
    return {float(x) for x in found if isinstance(x, (int, float)) and not isinstance(x, bool)}


# does it train?


def _train(rule, knobs, network, trial):
    """The share of images classified rightly, in words; Wrong, and why, where it is too small."""
    run = _run(rule, network, UPDATES, knobs, trial, keep=ENDS)
    accuracy = float(network.accuracy(run.w[-1]))
    if accuracy >= GOAL:
        return share(network, accuracy)
    where = "" if network is digits else "On the digits it does well; from another start, with other batches, it does not. "
    before, after = (float(network.loss(w)) for w in (run.w[0], run.w[-1]))
    if run.undefined_at > 0 and (swapped := _one_way(run)):  # what was handed back as G may be the change: its root is no number from the second update on
        raise Wrong(where + swapped)
    if run.undefined_at >= 0:
        raise Wrong(where + _undefined(rule, knobs, network, run.undefined_at, trial))
    if run.diverged_at >= 0 or not np.isfinite(after):
        raise Wrong(f"{where}It diverges: after {run.diverged_at if run.diverged_at >= 0 else UPDATES} updates the weights have run off. "
                    f"{_uphill(run, 'Are the steps too long?')}")
    told = f"{where}After {UPDATES} updates it comes to {share(network, accuracy)} of the images held back; asked for is {GOAL:g}. The loss "
    if after > before:
        raise Wrong(f"{told}rose from {say(before)} to {say(after)}. {_uphill(run, 'Are the steps too long?')}")
    eta = _eta(rule, knobs)
    better = a_better_eta(lambda etas: _run(rule, network, UPDATES, {**knobs, eta[0]: etas}, trial, keep=ENDS), network, eta[1]) if eta else ""
    if not np.any(run.w[-1] != run.w[0]):
        raise Wrong(f"{told}stood still at {say(after)}: no weight moves at all. Is the change that you return 0?")
    if before - after < 0.02 * before:
        raise Wrong(f"{told}stood still, at {say(before)} first and {say(after)} at the end. {better or 'The steps may be far too short.'}")
    raise Wrong(f"{told}fell from {say(before)} to {say(after)}. {better}".rstrip())


def _one_way(run):
    dw = run.dw[0]
    if dw.any() and ((dw >= 0).all() or (dw <= 0).all()):
        return (f"Every weight is first moved the same way, {'up' if dw.max() > 0 else 'down'}, whatever the sign of its gradient: "
                "is the sign lost in a square or a size, or are the two results in the other order? The change comes first.")
    return ""


def _uphill(run, else_say):
    g, dw = run.g[0], run.dw[0]
    if _one_way(run):
        return _one_way(run)
    if (g * dw).sum() > 0:
        return "Its first change points uphill, along the gradient: turn the sign."
    return f"{else_say} The first change moves a weight by up to {say(np.abs(dw).max())}."


def _undefined(rule, knobs, network, step, trial):
    """Why a change is not a number. `step`: the first one."""
    run = _run(rule, network, step + 1, knobs, trial, keep={"quantities": ["g", "dw"], "steps": [step]})
    bad = np.isnan(run.dw[0])
    many = f"{bad.sum()} weight{'' if bad.sum() == 1 else 's'}"
    if (run.g[0][bad] == 0).all():
        return (f"At update {step + 1} the change of {many} is not a number: their gradient is 0 there, for their pixel is blank in the whole batch, "
                "and with nothing in the account yet that is 0/0. A small number beside what you divide by keeps it finite.")
    return (f"At update {step + 1} the change of {many} is not a number, though their gradients are not 0: "
            "is a root taken of something negative, or something infinite divided or subtracted?")


def _eta(rule, knobs):
    """(name, value) of the knob that is the learning rate, where there is one and it is a number."""
    values = {**Signature(rule).knobs, **knobs}
    named = [name for name in values if name.lower() in KNOBS["eta"] - {"alpha", "gamma"}]
    return next(((name, values[name]) for name in named if isinstance(values[name], (int, float)) and values[name] > 0), None)
