"""Judge a reader's update rule by the changes it makes: against the formula, and against wrong rules that are known by name."""

import copy
from typing import Callable, NamedTuple

import numpy as np
from numpy import allclose, array_equal, isclose

from helpers.exercises import planted
from helpers.exercises.calling import BUDGET, Broke, name_of, needs_a_function
from helpers.exercises.findings import Wrong
from helpers.exercises.quantities import CLOSE, digits, floats
from helpers.exercises.roles import Roles, wants_weights
from helpers.exercises.usable import one_thing

ENOUGH = 20  # steps of every list of gradients that a slow rule is watched for
TOLERANCE = 1e-4  # relative: float32 inside is fine
BEYOND_ARRAYS = "ambiguous", "scalar", "length-1", "0-dimensional", "must be real number"  # what is said where a function takes numbers only
LOOSE = 1e-3  # where the reader's small number is a constant of their own


class Knobs(NamedTuple):
    eta: float
    beta: float = 0.9
    eps: float = 1e-8


class Question(NamedTuple):
    g: np.ndarray  # (steps, ...)
    knobs: Knobs


class Kind(NamedTuple):
    """What is asked for."""

    called: str       # "Adagrad"
    example: str      # the call to write
    knobs: tuple
    remembers: bool
    honest: Callable  # as in planted.py
    wrong: list


DESCENT = Kind("gradient descent", 'check("gradient_descent", my_rule)', ("eta",), False, planted.descent, planted.DESCENT)
ADAGRAD = Kind("Adagrad", 'check("adagrad", my_adagrad)', ("eta", "eps"), True, planted.adagrad, planted.ADAGRAD)
RMSPROP = Kind("RMSprop", 'check("rmsprop", my_rmsprop)', ("eta", "beta", "eps"), True, planted.rmsprop, planted.RMSPROP)


def questions(kind):
    """Lists of gradients with knobs. First two short ones that a reader can follow by hand, then long ones, then other shapes."""
    rng = np.random.default_rng(2011)

    def many(steps, *shape):
        g = rng.normal(size=(steps, *shape)) * 10.0 ** rng.uniform(-1, 1.5, size=(steps, *shape))
        if kind.remembers and steps > 20:
            g[5:9] = 0.0
            g.reshape(steps, -1)[:4, -1] = 0.0  # one weight begins with no slope at all
        return g

    by_hand = np.array([[3.0, 0.0], [4.0, 2.0], [12.0, 2.0], [84.0, 1.0]])
    long = 500 if kind.remembers else 100
    return [
        Question(by_hand, Knobs(1.0, 0.9, 1e-8)),
        Question(by_hand * [1, -1] * [[1], [-1], [1], [-1]], Knobs(0.5, 0.75, 5.0)),  # an ε that is felt, wherever it stands
        Question(many(long, 3), Knobs(0.4, 0.9, 1e-8)),
        Question(many(60, 3), Knobs(1.7, 0.5, 0.3)),
        Question(many(40), Knobs(0.25, 0.99, 0.1)),
        Question(many(30, 2, 3, 4), Knobs(2.0, 0.8, 1e-3)),
        Question(many(21, 1), Knobs(0.01, 0.6, 1e-8)),
    ]


def check_rule(kind, function, trial):
    """Raise Wrong where the changes are not those of the rule asked for; else what to add to the praise."""
    needs_a_function(function, kind.example)
    roles = Roles(function, kind.knobs, kind.remembers)
    if kind.remembers and not roles.slots and not roles.rest:
        raise Wrong("Your function takes no account G: what it remembers must come in as the second argument and go out as the second result. "
                    "A rule keeps nothing itself, else two runs would mix their memories.")
    asked = questions(kind)
    answers, in_place = [], False
    for question in asked:
        got, kept_in_place = _follow(kind, roles, question, trial)
        answers.append(got)
        in_place |= kept_in_place
    tolerance = TOLERANCE if "eps" in roles.knobs or not kind.remembers else LOOSE
    if "eps" not in roles.knobs:
        asked = [q._replace(knobs=q.knobs._replace(eps=1e-8)) for q in asked]
    if all(knob in roles.knobs for knob in kind.knobs if knob != "eps"):
        for floor in planted.FLOORS.values():
            if _agree(kind.honest, floor, asked, answers, tolerance):
                return f"{_praise(kind, asked, answers)} {one_thing(kind, function, in_place, trial)}".rstrip()
    raise Wrong(_name_it(kind, roles, asked, answers, trial))


def _praise(kind, asked, answers):
    seen = sum(len(got) * got[0].size for got in answers)
    return f"It agrees with {kind.called} on {seen} gradients, in several shapes and at several settings of the knobs."


# run it


class Misfit(Wrong):
    """What came back is no change of the gradient's shape. `numbers`: it does consist of numbers."""

    def __init__(self, reason, numbers=False):
        super().__init__(reason, hint=None if numbers else "")
        self.numbers = numbers


def _follow(kind, roles, question, trial, swapped=False):
    """(changes (steps, ...), was G kept in place?), in the first form that the rule can take: arrays, flat arrays, lists, numbers."""
    g, shape = question.g, question.g.shape[1:]
    flat = g.reshape(len(g), -1)
    array = lambda row: np.array(row, dtype=float)  # noqa: E731
    full = lambda like: lambda x: np.full(like, x)  # noqa: E731
    run = lambda rows, form, start_of: _trajectory(kind, roles, rows, form, start_of, question.knobs, trial, swapped)  # noqa: E731
    problems = []
    for form in ("arrays", "flat", "lists", "numbers"):
        try:
            if form == "arrays":
                return run(g, array, full(shape))
            if form == "flat" and len(shape) != 1:
                got, in_place = run(flat, array, full(flat.shape[1:]))
            elif form == "lists" and problems and not isinstance(problems[-1], Misfit):
                got, in_place = run(flat, lambda row: row.tolist(), lambda x: [x] * flat.shape[1])
            elif form == "numbers" and isinstance(problems[0], Broke):
                columns = [run(flat[:, i], float, float) for i in range(flat.shape[1])]
                steps = min(len(column) for column, _ in columns)
                got, in_place = np.stack([column[:steps] for column, _ in columns], axis=1), any(kept for _, kept in columns)
            else:
                continue
            return got.reshape(-1, *shape), in_place
        except (Broke, Misfit) as problem:
            problems.append(problem)
    first, last = problems[0], problems[-1]
    beyond = isinstance(first, Broke) and any(word in str(first.details) for word in BEYOND_ARRAYS)
    problem = last if beyond and isinstance(last, Broke) else first
    if isinstance(problem, Broke) and wants_weights(problem):
        raise wants_weights(problem)
    if kind.remembers and isinstance(problem, Broke) and isinstance(problem.error, ZeroDivisionError):
        raise Wrong(problem.reason + " G is still 0 where no gradient has come yet: the small number ε is there for that.", problem.details)
    raise problem


def _trajectory(kind, roles, rows, form, start_of, knobs, trial, swapped):
    problem = None
    for start in roles.starts(start_of):
        try:
            return _walk(kind, roles, rows, form, start, knobs._asdict(), trial, swapped)
        except (Broke, Misfit) as misfit:
            problem = problem or misfit
    raise problem


def _walk(kind, roles, rows, form, memory, knobs, trial, swapped):
    changes, kept_in_place = [], None
    for t, row in enumerate(rows):
        if t >= ENOUGH and trial.spent > BUDGET:
            break
        g, before = form(row), copy.deepcopy(memory) if kept_in_place is None else None
        result = roles.call(trial, g, memory, knobs)
        if not array_equal(g, row):
            raise Wrong("Your function changes the gradient that it is given (an operation such as `g *= ...` works in place): "
                        "whoever handed it over still needs it. Write the result to a new name.")
        change, after = _parts(kind, result, np.shape(row), roles)
        if swapped and not after:
            raise Misfit("There is no second result.")
        if swapped:
            change, after = _numbers(after[0], np.shape(row)), [result[0], *after[1:]]
            if change is None:
                raise Misfit("The second result is not of the gradient's shape.", numbers=True)
        changes.append(change)
        if kept_in_place is None and kind.remembers and (after or np.any(row)):  # a gradient of 0 leaves no trace
            kept_in_place = not after and not _same(before, memory)
            if not after and not kept_in_place:
                raise Wrong("The account G is not handed back: only one thing is returned, so the next step starts from nothing. End with `return dw, G`.")
        if after:
            memory = [*after[: max(1, len(roles.slots))]]
    return np.array(changes), bool(kept_in_place)


def _parts(kind, result, shape, roles):
    """(change, the memories) of what a rule returned. Raises Misfit."""
    wanted = "`return dw, G`" if kind.remembers else "`return dw`, with dw of the shape of g"
    if result is None:
        raise Wrong(f"{name_of(roles.function)} returned None: end it with {wanted}.", hint="")
    if not isinstance(result, tuple) or not kind.remembers:
        whole = _numbers(result, shape)
        if whole is not None:
            return whole, []
    if isinstance(result, (tuple, list)) or isinstance(result, np.ndarray) and result.ndim == len(shape) + 1:
        if len(result) and _numbers(result[0], shape) is not None:
            return _numbers(result[0], shape), list(result[1:])
        if isinstance(result, tuple) or (len(result) and np.ndim(result[0])):
            result = result[0] if len(result) else None
    if isinstance(result, dict):
        raise Misfit(f"Your function returned a dict: end it with {wanted}.")
    array = floats(result)
    if array is None:
        raise Misfit(f"The change that came back is not made of numbers (it is of type {type(result).__name__}): end with {wanted}.")
    raise Misfit(f"Your change has the shape {array.shape} for a gradient of the shape {shape}: every weight needs a change of its own.", numbers=True)


def _numbers(thing, shape):
    """`thing` as floats of this shape, a copy; None where it is something else."""
    array = floats(thing)
    if array is None or array.shape != shape:
        return array.reshape(shape).copy() if array is not None and array.size == 1 and np.prod(shape) == 1 else None
    return array.copy()


def _same(a, b):
    """Are two memories equal, whatever they are made of?"""
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(map(_same, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_same(a[key], b[key]) for key in a)
    try:
        return bool(array_equal(a, b))
    except Exception:
        return a is b


# judge it


def _agree(rule, floor, asked, answers, tolerance):
    return all(_near(got, rule(q.g[: len(got)], q.knobs, floor), q.knobs.eta, tolerance) for q, got in zip(asked, answers))


def _near(got, told, eta, tolerance):
    return got.shape == told.shape and allclose(got, told, rtol=tolerance, atol=1e-6 * eta, equal_nan=True)


def _name_it(kind, roles, asked, answers, trial):
    """The reason, in words: which known mistake it is, else where it first departs."""
    vectors = [(q, got) for q, got in zip(asked, answers) if q.g.ndim == 2]
    some, theirs = [q for q, _ in vectors], [got for _, got in vectors]
    spare = planted.FLOORS | planted.NO_FLOOR if kind.remembers else {"none": None}
    for name, floor in planted.NO_FLOOR.items() if kind.remembers else ():
        zeroed = [np.where(np.isnan(got), 0, got) for got in theirs] if name == "none" else theirs
        if all(knob in roles.knobs for knob in kind.knobs) and (
                _agree(kind.honest, floor, some, theirs, LOOSE) or _agree(lambda *a: np.nan_to_num(kind.honest(*a)), floor, some, zeroed, LOOSE)):
            return ("ε is missing: the knob eps changes nothing in what you compute. "
                    "Where G is still 0 it keeps the rate finite, so it belongs beside the root.")
    if kind.remembers and "eps" not in roles.knobs and any(np.isnan(got).any() for got in theirs) and _agree(
            kind.honest, planted.NO_FLOOR["none"], some, theirs, LOOSE):
        return "ε is missing: where G and the gradient are both 0, yours is 0/0, which is not a number."
    swapped = _swapped(kind, roles, asked, trial)
    if swapped:
        return swapped
    known = recognise(kind, some, theirs)
    lost = known and known.reason.startswith(planted.FRESH)
    if lost and _account_is_right(kind, roles, asked[0], trial):
        return ("Your account G comes back right, and the change does not use it: it is made of this "
                "gradient alone. The rate is η over the root of the new G.")
    if known and _hands_back_the_old(roles, asked[0], trial):
        return known.reason.replace(planted.FRESH, planted.OLD_BACK).replace(planted.ALONE, planted.OLD_ALONE)
    if known:
        return known.reason
    return (_fixed_knob(kind, roles, some, theirs, spare) or _other_start(kind, roles, some, theirs)
            or _lacking(kind, roles) or _keeps_something(kind, roles, asked, answers, trial) or _departs(kind, asked, answers))


def recognise(kind, asked, answers):
    """The planted wrong rule that makes these changes, or None."""
    floors = planted.FLOORS | planted.NO_FLOOR if kind.remembers else {"none": None}
    return next((wrong for wrong in kind.wrong if any(_agree(wrong.changes, floor, asked, answers, LOOSE) for floor in floors.values())), None)


def _swapped(kind, roles, asked, trial):
    try:
        got = [_follow(kind, roles, q, trial, swapped=True)[0] for q in asked[:2]]
    except Exception:
        return None
    if any(_agree(kind.honest, floor, asked[:2], got, LOOSE) for floor in planted.FLOORS.values()):
        if not kind.remembers:
            return ("The change is the second thing that you return. Gradient descent has nothing else to "
                    "give: end with `return dw`.")
        return "The two results are in the other order: the change comes first, the account second, as in `return dw, G`."


def _hands_back_the_old(roles, question, trial):
    """Does the account come out as it went in, although a gradient came?"""
    row = question.g[0]
    for g, form in ((row.copy(), lambda x: np.full(row.shape, x)), (float(row[0]), float)):  # some rules take numbers only
        try:
            memory = roles.starts(form)[0]
            return _same(roles.call(trial, g, copy.deepcopy(memory), question.knobs._asdict())[1], memory[0])
        except Exception:
            continue
    return False


def _account_is_right(kind, roles, question, trial):
    """Does the account that comes back hold what it should, whatever the change is?"""
    g, before = question.g[0], np.array([2.0, 5.0])
    share = question.knobs.beta if "beta" in kind.knobs else None
    told = before + g**2 if share is None else share * before + (1 - share) * g**2
    try:
        after = roles.call(trial, g.copy(), [before.copy()], question.knobs._asdict())[1]
    except Exception:  # a rule with another memory, or for numbers only
        return False
    array = floats(after)
    return array is not None and array.shape == told.shape and allclose(array, told, rtol=LOOSE)


def _fixed_knob(kind, roles, asked, answers, floors):
    own = [p.default for p in roles.parameters if roles.role.get(p.name) == "beta" and isinstance(p.default, float)]
    for floor in floors.values():
        size = np.median(np.abs(answers[0]) / np.maximum(np.abs(kind.honest(asked[0].g, asked[0].knobs, floor)), 1e-300)) * asked[0].knobs.eta
        fixed = [q._replace(knobs=q.knobs._replace(eta=size)) for q in asked]
        if np.isfinite(size) and _agree(kind.honest, floor, fixed, answers, LOOSE):
            return f"η is fixed at {digits(size)} in your rule: it should be the knob eta that is handed over, so that a slider can turn it."
        for beta in (0.9, 0.99, 0.999, 0.95, 0.5, 0.1, *own) if "beta" in kind.knobs else ():
            fixed = [q._replace(knobs=q.knobs._replace(beta=beta)) for q in asked]
            if _agree(kind.honest, floor, fixed, answers, LOOSE):
                return f"β is fixed at {digits(beta)} in your rule: it should be the knob beta that is handed over, so that a slider can turn it."
    return None


def _other_start(kind, roles, asked, answers):
    own = [float(p.default) for p in roles.slots if isinstance(p.default, (int, float, np.number)) and p.default]
    for start in [*own, 0.1, 1.0] if kind.remembers else ():
        def begun(g, k, floor):
            left = k.beta ** planted.counts(g) if "beta" in kind.knobs else 1.0
            G = planted.average(g**2, k.beta) if "beta" in kind.knobs else planted.total(g**2)
            return -k.eta * g / floor(G + left * start, k.eps)

        if any(_agree(begun, floor, asked, answers, LOOSE) for floor in (planted.FLOORS | planted.NO_FLOOR).values()):
            return f"Your account starts at {digits(start)}. Some libraries do that; here G begins at 0, before any gradient has come."
    return None


def _lacking(kind, roles):
    for knob, symbol in (("eta", "η"), ("beta", "β")):
        if knob in kind.knobs and knob not in roles.knobs:
            return f"Your function has no knob for {symbol}: take it as an argument, as in `*, {', '.join(kind.knobs)}`, and use it."
    return None


def _keeps_something(kind, roles, asked, answers, trial):
    try:
        again = _follow(kind, roles, asked[0], trial)[0]
    except Wrong:
        again = None
    if again is None or not array_equal(again, answers[0], equal_nan=True):
        return ("The same gradients get another answer the second time: your function keeps something between two runs (in a global name, an attribute, "
                "or random numbers). All that it remembers should come in as an argument and go out as a result.")
    return None


def _departs(kind, asked, answers):
    """Where the changes first differ from those of the formula, the examples that can be followed by hand first."""
    for q, got in zip(asked, answers):
        told = min((kind.honest(q.g[: len(got)], q.knobs, floor) for floor in planted.FLOORS.values()), key=lambda told: _far(got, told))
        off = ~isclose(got, told, rtol=LOOSE, atol=1e-6 * q.knobs.eta)
        if not off.any():
            continue
        look = [digits(a) != digits(b) for a, b in zip(got.ravel(), told.ravel())]
        off &= np.reshape(look, off.shape)  # a number beside itself would tell nothing
        if not off.any():
            continue
        step, *weight = np.argwhere(off)[0]
        past = [digits(x) for x in q.g[: step + 1][(slice(None), *weight)]]
        setting = " and ".join(f"{symbol} = {digits(getattr(q.knobs, knob))}" for knob, symbol in (("eta", "η"), ("beta", "β"), ("eps", "ε"))
                               if knob in kind.knobs and (knob != "eps" or q.knobs.eps > 1e-6))
        mine, right = got[(step, *weight)], told[(step, *weight)]
        yours = "yours is not a number" if np.isnan(mine) else f"yours is {digits(mine)}"
        if len(past) == 1 or not kind.remembers:
            seen = f"for the gradient {past[-1]}"
        else:
            seen = f"for the gradients so far {', '.join(past[:-1])} and {past[-1]}" if step < 5 else f"for the last of {step + 1} gradients, {past[-1]},"
        many = "" if q.g.ndim == 2 else f" (the gradient has the shape {q.g.shape[1:]} here)"
        return f"At step {step + 1}, {seen} with {setting}, the change should be {digits(right)}; {yours}{many}."
    return f"Each change is {CLOSE}"


def _far(got, told):
    off = ~isclose(got, told, rtol=LOOSE, equal_nan=True)
    return -int(np.argmax(off.reshape(len(off), -1).any(1))) if off.any() else -len(off)
