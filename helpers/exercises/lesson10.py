"""The exercises of notebook 10: choose a rule for four stories, write Adam, reduce it to RMSprop and to momentum."""

import inspect
import itertools

import numpy as np
from numpy import allclose, array_equal, isclose

from helpers.descent import descend
from helpers.exercises import planted
from helpers.exercises.calling import Broke, needs_a_function
from helpers.exercises.findings import Exercise, Untouched, Wrong
from helpers.exercises.quantities import CLOSE, digits, floats, plain
from helpers.exercises.roles import SEES, takes_weights, wants_weights
from helpers.surfaces import given
from helpers.update_rules import adam, momentum, rmsprop

# Adam

STEPS = 500
NEAR = 1e-4  # relative: single precision is fine
COUNTS = ("t", "step", "steps", "n", "k", "count")
KNOBS = ({"eta": 0.1, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}, {"eta": 0.5, "beta1": 0.5, "beta2": 0.9, "eps": 0.3}, {"eta": 2.0, "beta1": 0.0, "beta2": 0.99, "eps": 1e-3})
NAMES = {"eta": ("eta", "lr", "η", "learning_rate", "alpha"), "beta1": ("beta1", "beta_1", "b1", "β1"), "beta2": ("beta2", "beta_2", "b2", "β2"), "eps": ("eps", "epsilon", "ε")}


def gradients(steps=STEPS):
    """Of many sizes, for three weights, from a fixed seed; the last weight begins with no slope."""
    rng = np.random.default_rng(2014)
    g = rng.normal(size=(steps, 3)) * 10.0 ** rng.uniform(-1, 1, size=(steps, 3))
    g[:3, 2] = 0
    return g


def reference(g, knobs, correct=(True, True), short=lambda b, t: 1 - b**t, outside=False, top="m", root=np.sqrt, inside=False, sign=-1, early=0,
              swap=False, keeps=(True, True), summed=(False, False), handed=(False, False), squares=True,
              floor=True, peak=False, early_eps=False):
    """Adam's changes, and with other settings those of its usual slips; g (steps, n)."""
    eta, b1, b2, eps = (knobs[name] for name in ("eta", "beta1", "beta2", "eps"))
    if swap:
        b1, b2 = b2, b1
    m = G = before = np.zeros_like(g[0])
    out = []
    for t, now in enumerate(g, start=1):
        m = (b1 if keeps[0] else 1.0) * m + (1.0 if summed[0] else 1 - b1) * now
        G = (b2 if keeps[1] else 1.0) * G + (1.0 if summed[1] else 1 - b2) * (now**2 if squares else np.abs(now))
        G = np.maximum(G, before) if peak else G
        before, t = G, t - early
        up = m / np.float64(short(b1, t)) if correct[0] else m
        down = G / np.float64(short(b2, t)) if correct[1] and not outside else G
        small = eps if floor else 0
        small = eps / np.sqrt(short(b2, t)) if early_eps else small  # beside the root of the uncorrected G
        divisor = root(down + eps) if inside else root(down) / (short(b2, t) if outside else 1) + small
        out.append(sign * eta * {"m": up, "g": now}[top] / divisor)
        m, G = up if handed[0] else m, down if handed[1] else G
    return np.array(out)


WRONG_ADAMS = [
    ("Bias correction is missing: both averages start at 0, and have to be divided by what their weights make together by now.", {"correct": (False, False)}),
    ("m is corrected for its start at 0, and G is not.", {"correct": (True, False)}),
    ("G is corrected for its start at 0, and m is not.", {"correct": (False, True)}),
    ("The correction is 1 − βᵗ, a power of the step: at step 2 it is no longer 1 − β.", {"short": lambda b, t: 1 - b}),
    ("G is corrected after its root is taken. Correct G first, then take the root.", {"outside": True}),
    ("The root over G is missing: without it the step would have another unit.", {"root": np.asarray}),
    ("ε stands inside the root. Here it stands outside, beside it.", {"inside": True}),
    ("That is how Keras and TensorFlow write Adam: ε stands beside the root of G before G is corrected, so "
     "in the first steps it weighs more. Here correct G first, take the root, and then add ε.",
     {"early_eps": True}),
    ("Your G never falls: that is AMSGrad, which keeps the largest G so far. Adam's G is an average and may "
     "fall.", {"peak": True}),
    ("ε is missing: for the weight whose first gradients are 0 that is 0/0.", {"floor": False}),
    ("The sign is turned round: that walks uphill.", {"sign": 1}),
    ("β₁ and β₂ are exchanged: β₁ belongs to m, β₂ to G.", {"swap": True}),
    ("The gradient itself stands above the fraction bar. It should be its corrected average m.", {"top": "g"}),
    ("What is new enters m with its full size. An average gives it the share 1 − β₁.", {"summed": (True, False)}),
    ("What is new enters G with its full size. An average gives it the share 1 − β₂.", {"summed": (False, True)}),
    ("What is new enters m and G with its full size. An average gives it the share 1 − β.", {"summed": (True, True)}),
    ("G averages |g|, not g².", {"squares": False}),
    ("The count is one ahead: at the first step t has to be 1 in the correction.", {"early": -1}),
    ("The count is one behind: at the first step t has to be 1 in the correction, for 1 − β⁰ is 0.", {"early": 1}),
    ("The correction multiplies β by t. βᵗ is a power: β multiplied by itself, t times.", {"short": lambda b, t: 1 - b * t}),
    ("It divides by βᵗ. That is the share of the weights that is missing by now; those that are there make 1 − βᵗ.", {"short": lambda b, t: b**t}),
    ("It multiplies by 1 − βᵗ. The averages are too small at first, and multiplied they get smaller still.", {"short": lambda b, t: 1 / (1 - b**t)}),
    ("m and G sum up, and nothing is forgotten: what was there before keeps the share β, what is new gets 1 − β.", {"keeps": (False, False), "summed": (True, True)}),
    ("m sums up, and nothing is forgotten: what was there before keeps the share β₁, what is new gets 1 − β₁.", {"keeps": (False, True), "summed": (True, False)}),
    ("G sums up, as Adagrad's does: what was there before keeps the share β₂, what is new gets 1 − β₂.", {"keeps": (True, False), "summed": (False, True)}),
    ("What was there before enters m and G with its full size. It keeps the share β.", {"keeps": (False, False)}),
    ("The corrected m is handed on to the next step. Hand m on uncorrected: the correction is for the change alone.", {"handed": (True, False)}),
    ("The corrected G is handed on to the next step. Hand G on uncorrected: the correction is for the change alone.", {"handed": (False, True)}),
    ("The corrected m and G are handed on to the next step. Hand both on uncorrected: the correction is for the change alone.", {"handed": (True, True)}),
]


def check_adam(answer, trial):
    needs_a_function(answer, 'check("adam", my_adam)')
    g = gradients()
    try:
        got = [_walk(answer, g if i == 0 else g[:60], knobs, trial) for i, knobs in enumerate(KNOBS)]
    except Misfit:
        _in_order(answer, trial)
        raise
    asked = [(g[: len(dw)], knobs) for dw, knobs in zip(got, KNOBS)]
    with np.errstate(all="ignore"):
        if all(_near(dw, reference(*question)) for dw, question in zip(got, asked)):
            return f"It agrees with Adam on {len(got[0])} steps of three weights, and at two other settings of the knobs."
        for reason, slip in WRONG_ADAMS:
            if all(_near(dw, reference(*question, **slip)) for dw, question in zip(got, asked)):
                raise Wrong(reason)
        _in_order(answer, trial)
        said = _parentheses(got, asked)
        if said:
            raise Wrong(said)
        if any(np.isnan(dw).any() for dw in got):
            raise Wrong("It gives nan, which is not a number: 0/0, or the root of something below 0. Is t = 1 at the first step and one more at each, does ε stand beside the root, and is the correction 1 − βᵗ?")
        for knob, values in zip(KNOBS[0], zip(*(knobs.values() for knobs in KNOBS))):
            fixed = [{**knobs, knob: values[0]} for knobs in KNOBS]
            if all(_near(dw, reference(g, knobs)) for dw, (g, _), knobs in zip(got, asked, fixed)):
                raise Wrong(f"{knob} is fixed in your rule: use the knob that is handed over.")
    for dw, question in zip(got, asked):
        right = reference(*question)
        off = ~isclose(dw, right, rtol=NEAR, atol=1e-6 * np.abs(right).max())
        look = [digits(a) != digits(b) for a, b in zip(dw.ravel(), right.ravel())]
        off &= np.reshape(look, off.shape)
        if off.any():
            t = int(off.any(axis=1).argmax())
            i = int(off[t].argmax())
            raise Wrong(f"At step {t + 1} a weight whose gradient is {digits(question[0][t, i])} is changed by {digits(dw[t, i])}; Adam changes it by {digits(right[t, i])}."
                        + (" The first step is right: look at what is handed from step to step." if t == 1 else ""))
    raise Wrong(f"Each change is {CLOSE}")


class Misfit(Wrong):
    """The first thing that came back is not a change of the gradient's shape."""


def _in_order(answer, trial):
    """Raise Wrong where the four results are Adam's in another order."""
    g = gradients(6)
    told = [reference(g, knobs) for knobs in KNOBS]
    for order in list(itertools.permutations(range(4)))[1:]:
        try:
            got = [_walk(answer, g, knobs, trial, order) for knobs in KNOBS]
        except Wrong:
            continue
        if all(map(_near, got, told)):
            raise Wrong("The four results come in another order. First the change, then the memories in the "
                        "order in which the function takes them: end it with `return dw, m, G, t`.", hint="")


def _start(parameter, many):
    """What a memory begins as: the reader's own number, as in descend; a count stays one number."""
    own = parameter.default
    number = isinstance(own, (int, float, np.number)) and not isinstance(own, bool)
    if parameter.name.lower() in COUNTS:
        return own if number else 0
    return np.full(many, float(own) if number else 0.0)


def _parentheses(got, asked):
    """What is said where m/(1 − β₁ᵗ) or G/(1 − β₂ᵗ), or both, were written without their parentheses: m / 1 − β₁ᵗ. Empty where they were not."""
    told = []
    for g, knobs in asked:
        eta, b1, b2, eps = (knobs[name] for name in ("eta", "beta1", "beta2", "eps"))
        t = np.arange(1, len(g) + 1)[:, None]
        m, G = (planted.average(part, b) for part, b in ((g, b1), (g**2, b2)))
        m_right, m_bare, G_right, G_bare = m / (1 - b1**t), m - b1**t, G / (1 - b2**t), G - b2**t
        root, bare = np.sqrt(G_right) + eps, np.sqrt(G_bare) + eps
        told.append({"m / (1 - beta1**t)": (-eta * m_bare / root, -eta / root * m - b1**t), "G / (1 - beta2**t)": (-eta * m_right / bare,),
                     "m / (1 - beta1**t) and G / (1 - beta2**t)": (-eta * m_bare / bare, -eta / bare * m - b1**t)})
    for write in told[0]:
        for way in range(len(told[0][write])):
            if all(_near(dw, one[write][way]) for dw, one in zip(got, told)):
                return f"A pair of parentheses is missing: `/ 1 - beta**t` divides by 1 and then subtracts. Write {write}."
    return ""


def _near(got, told):
    size = np.abs(told[np.isfinite(told)]).max(initial=0)
    return got.shape == told.shape and allclose(got, told, rtol=NEAR, atol=1e-6 * size, equal_nan=True)


def _walk(function, g, knobs, trial, order=(0, 1, 2, 3)):
    """The changes (steps, n) that the function makes, its memories handed on in the `order` given."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        raise Wrong("Its arguments cannot be seen: write it with def.") from None
    weights = takes_weights(function)
    if weights:
        raise Wrong(f"Your function takes the weights ({weights}) as well. {SEES}", hint="")
    if any(p.kind in (p.VAR_KEYWORD, p.VAR_POSITIONAL) for p in parameters):  # it takes anything: by our own names, then
        parameters = list(inspect.signature(adam).parameters.values())
    named = {p.name: role for p in parameters[1:] for role, names in NAMES.items() if p.name.lower() in names}
    if set(named.values()) < set(NAMES):
        raise Wrong(f"It needs the knobs eta, beta1, beta2 and eps; {', '.join(sorted(set(NAMES) - set(named.values())))} is not among its arguments.")
    given_ = {name: knobs[role] for name, role in named.items()}
    slots = [p for p in parameters[1:] if p.name not in named]
    if len(slots) != 3:
        raise Wrong(f"Adam has three memories, m, G and t: your function takes {len(slots)} besides the gradient and the knobs.")
    memory = [_start(p, g.shape[1]) for p in slots]
    changes = []
    for row in g:
        before = row.copy()
        try:
            result = trial.call(function, row, **dict(zip((p.name for p in slots), memory)), **given_)
        except Broke as broke:
            if isinstance(broke.error, ZeroDivisionError):
                raise Wrong("It divides by 0: at the first step t has to be 1 in the correction, for 1 − β⁰ is 0.", broke.details) from None
            raise wants_weights(broke) or broke from None
        if isinstance(result, tuple) and any(part is ... for part in result):
            raise Untouched
        if result is None:
            raise Wrong("Your function returned None: end it with `return dw, m, G, t`.", hint="")
        if not isinstance(result, (tuple, list)) or len(result) != 4:
            raise Wrong("It should return four things: end it with `return dw, m, G, t`.")
        if not array_equal(row, before):
            raise Wrong("Your function changes the gradient that it is given. Write the result to a new name.")
        result = [result[place] for place in order]
        dw = floats(result[0])
        if dw is None or dw.shape != row.shape:
            raise Misfit(f"The change that came back does not have the shape of the gradient, {row.shape}.")
        changes.append(dw.copy())
        memory = result[1:]
    return np.array(changes)


# reduce it

WANTED = {"rmsprop": (rmsprop, {"eta": 0.1, "beta": 0.9}), "momentum": (momentum, {"eta": 0.1, "alpha": 0.9})}
LATE = slice(100, 300)
HINTS = {  # of the fault that was found, growing with the tries
    "m": ("Which part of Adam does RMSprop not have, and which β switches that off?", "An average that forgets at once is the last gradient itself. How much of the old does it keep?"),
    "G": ("What you do not name stays at Adam's usual value, and that of β₂ is not RMSprop's.", "Adam's β₂ is what RMSprop calls β."),
    "size": ("Both rules take η and ε in the same way: no other number than RMSprop's own is needed.",
             "η is 0.1 in both, and ε stays as small as it is: leave ε out of the dict."),
    "forgets": ("Momentum's α is the share that it keeps of the old. Which β of Adam is that?",
                "Adam's m is the average of g, and β₁ is the share of the old m that it keeps. Compare it with α."),
    "root": ("Nothing is divided by a root there. Which number beside the root can drown it?", "If ε is huge, √G + ε is nearly ε: every step gets far too short. Which knob makes up for that?",
             "With a huge ε Adam's change is η/ε · m. It has to be 0.1/(1 − 0.9) · m."),
    "factor": ("An average of equal gradients is as large as one of them. How large is momentum's sum of them?", "With a huge ε Adam's change is η/ε · m. It has to be 0.1/(1 − 0.9) · m."),
}


def _settings(answer):
    if answer is None or answer is ...:
        raise Untouched
    if not isinstance(answer, dict) or set(answer) != set(WANTED):
        raise Wrong('Give a dict with two entries, "rmsprop" and "momentum", each a dict of Adam\'s knobs.')
    if any(value is None or value is ... or isinstance(value, dict) and any(part is None or part is ... for part in value.values()) for value in answer.values()):
        raise Untouched
    for name, knobs in answer.items():
        if not isinstance(knobs, dict) or set(knobs) - set(NAMES):
            raise Wrong(f"For {name}: give Adam's knobs by name, eta, beta1, beta2 and eps, as dict(eta=0.1, beta1=0.9).")
        for knob, value in knobs.items():
            number = floats(value)
            if number is None or number.size != 1 or not np.isfinite(number).all() or knob.startswith("beta") and not 0 <= number < 1 or knob == "eps" and number < 0 or knob == "eta" and number <= 0:
                raise Wrong(f"For {name}: {knob} is {value!r}; it is a number, a β from 0 up to but not including 1, η above 0, ε not below 0.")
    return {name: {knob: floats(value).item() for knob, value in knobs.items()}
            for name, knobs in answer.items()}


def check_reduce(answer, trial):
    settings = _settings(answer)
    for name, (rule, knobs) in WANTED.items():
        surface = given(gradients(300)[:, 0])
        own = {"eta": 0.1, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, **settings[name]}
        mine, told = (descend(r, surface, 300, **k).dw[LATE, 0] for r, k in ((adam, own), (rule, knobs)))
        if not np.isfinite(mine).all():
            raise Wrong(f"For {name}: on the way there is more than a number can hold (inf or nan). "
                        "Take an ε of 1e6, say, or less, and η with it.", hint="")
        off = np.abs(mine - told).max() / np.abs(told).max()
        if off <= 1e-3:
            continue
        reason, fault = _why(name, own, np.median(np.abs(mine)) / np.median(np.abs(told)), off)
        raise Wrong(f"For {name}: {reason}", hint=HINTS[fault])
    return "After the first hundred steps both walk with Adam, to a thousandth. In the first ones bias correction still tells them apart, which neither of the two has."


def _why(name, own, ratio, off):
    """(the reason, the fault of HINTS)"""
    if name == "rmsprop":
        if own["beta1"] != 0:
            return "there is momentum in it. RMSprop takes the last gradient alone: what does β₁ have to be?", "m"
        if own["beta2"] != 0.9:
            return f"its G forgets with β₂ = {digits(own['beta2'])}, and RMSprop's with 0.9.", "G"
        return "η and ε should be RMSprop's.", "size"
    if own["beta1"] != 0.9:
        return f"its m forgets with β₁ = {digits(own['beta1'])}, and momentum's sum with α = 0.9.", "forgets"
    if own["eps"] < 1e3:
        return "it still divides by the root of G. Which number beside the root can make the root count for nothing?", "root"
    if 0.09 < ratio < 0.11:
        return "its steps are a tenth as long. m is an average, and momentum sums: by which factor do they differ?", "factor"
    if abs(ratio - 1) > 0.01:
        return f"its steps are {digits(ratio)} times as long. With a large ε Adam's change is η/ε · m, and momentum's 0.1/(1 − 0.9) · m.", "factor"
    return f"they differ by {digits(100 * off)} %: make ε larger, and η with it.", "root"


# choose

CASES = {
    "rare": ("adagrad", "adam"), "drift": ("rmsprop", "adam"), "network": ("adam",), "smooth": ("gradient_descent", "momentum"),
}
RULES = ("gradient_descent", "momentum", "adagrad", "rmsprop", "adam")
MODERN = {
    "adamw": "AdamW is Adam with a weight decay that is kept out of its averages: a good choice in practice, "
             "and not one of the rules here.",
    "nadam": "Nadam is Adam that looks one step ahead, and not one of the rules here.",
    "amsgrad": "AMSGrad is Adam whose G never falls, and not one of the rules here.",
    "adadelta": "Adadelta averages g² as RMSprop does, and is not one of the rules here.",
    "nesterov": "Nesterov's momentum is not one of the rules here; momentum is.",
}
REASONS = {
    ("rare", "gradient_descent"): "one rate for products of every order and of one order in a thousand? It can be tuned to get there, at a price.",
    ("rare", "momentum"): "one rate for all products, and the momentum of a rare one has died away before it comes again.",
    ("rare", "rmsprop"): "its average (β = 0.9) forgets a rare product between two of its orders, so each of them meets an account that is nearly empty. "
                         "Adam's, at β₂ = 0.999, forgets a hundred times more slowly.",
    ("drift", "adagrad"): "its account is never cleared: after a year no rate is left to follow the drift.",
    ("drift", "gradient_descent"): "a constant rate can follow, but it has to be chosen for the largest gradient of all weights, and nobody is there to tune it anew.",
    ("drift", "momentum"): "a constant rate can follow, but it has to be chosen for the largest gradient of all weights, and nobody is there to tune it anew.",
    ("network", "gradient_descent"): "it can be the best in the end, after tuning; here is no time to tune.",
    ("network", "momentum"): "with time to tune its η and the schedule it is a usual choice for images, and "
                             "can be the best in the end. One evening is few tries.",
    ("network", "adagrad"): "over a long training with mini-batches its rates fall as 1/√t, and libraries' defaults hardly learn.",
    ("network", "rmsprop"): "close; but without bias correction its first steps are too long, and there is no momentum against the noise of mini-batches.",
    ("smooth", "adagrad"): "scaling each weight gains nothing where the curvatures are alike. Something simpler is enough, and settles.",
    ("smooth", "rmsprop"): "near the minimum it rings. Where the curvatures are alike something simpler is enough, and settles.",
    ("smooth", "adam"): "nothing here needs its own rate for each weight. Something simpler is enough, and settles.",
}
CLUES = {  # of the situation that is wrong, growing with the tries
    "rare": ("A rare product has a slope in few steps. What should its rate be then?", "Whose rate stays high for a weight that meets few gradients?",
             "An account of one's own for each weight, and one that keeps what it has collected."),
    "drift": ("What does the rule do with gradients that are a year old?", "Which account is never cleared, and where is that wrong?",
              "An account of one's own for each weight, and one that forgets."),
    "network": ("A deep network has layers of many scales, and one evening is few tries.", "Which of the five works over the widest range of problems with little tuning?",
                "One of the five has both averages, and makes up for their start at 0."),
    "smooth": ("What do curvatures that are alike leave for a rate of one's own to do?", "Which of the five have one rate for all weights?",
               "Where nothing asks for a rate of its own for each weight, the simplest rules are enough."),
}


def check_choose(answer, trial):
    if answer is None or answer is ...:
        raise Untouched
    if not isinstance(answer, dict) or set(answer) != set(CASES):
        raise Wrong(f"Give a dict with one rule for each of {', '.join(CASES)}.")
    if any(value is None or value is ... for value in answer.values()):
        raise Untouched
    said = {case: plain(value) for case, value in answer.items()}
    said = {case: {"sgd": "gradient_descent", "gd": "gradient_descent"}.get(value, value) for case, value in said.items()}
    for case, value in said.items():
        if value in MODERN:
            raise Wrong(f"{case}: {MODERN[value]} Name one of the five: {', '.join(RULES)}.", hint="")
        if value not in RULES:
            raise Wrong(f"{case}: {value!r} is not one of the rules: {', '.join(RULES)}.", hint="")
    wrong = [case for case, value in said.items() if value not in CASES[case]]
    if wrong:
        case = wrong[0]
        more = "" if len(wrong) == 1 else " (None of the four yet.)" if len(wrong) == len(CASES) else f" ({len(wrong)} of the four need another look.)"
        raise Wrong(f"{case}: {REASONS[case, said[case]]}{more}", hint=CLUES[case])
    return "Each is a place to begin, not a verdict: tune η for the rule you take, and for one other, before you compare."


EXERCISES = [
    Exercise(
        "choose", "10", "Choose a rule to begin with",
        "Name one rule for each of the four situations.",
        ("Ask of each situation: do the weights need rates of their own?", "Then ask: is it good to forget there?",
         "Look for what decides in each story: are slopes rare, does the problem move, how much time is there?"),
        check_choose),
    Exercise(
        "adam", "10", "Write Adam",
        "Replace the ... by Adam's lines: m, G, and dw with both corrected.",
        ("m averages g with β₁, G averages g² with β₂, as in notebooks 03 and 06.",
         "What do the weights of an average make together after t steps? 1 − βᵗ. Divide by that, with t = 1 at the first step.",
         "dw is −η times the corrected m, over the root of the corrected G plus ε."),
        check_adam),
    Exercise(
        "reduce", "10", "Reduce Adam to RMSprop and to momentum",
        "Give Adam's knobs with which it walks, after its first steps, as RMSprop with η = 0.1 and β = 0.9 does, and as momentum with η = 0.1 and α = 0.9 does.",
        ("Begin with RMSprop: which part of Adam does it not have?", "Each part is a dict of Adam's knobs; what you do not name stays as it is.",
         "RMSprop is Adam without momentum, momentum is Adam whose root counts for nothing."),
        check_reduce),
]
