"""Which argument of a reader's rule is the gradient, which is memory, and which are the knobs: by name first, else by place."""

import copy
import inspect
import re

import numpy as np

from helpers.exercises.findings import Wrong

KNOBS = {
    "eta": {"eta", "η", "lr", "learning_rate", "learningrate", "rate", "step_size", "stepsize", "alpha", "gamma"},
    "beta": {"beta", "β", "rho", "ρ", "gamma", "γ", "decay", "decay_rate", "beta2", "forget", "keep"},
    "eps": {"eps", "epsilon", "ε", "tiny", "small", "delta", "δ", "eps_"},
}
GRADIENT = {"g", "grad", "gradient", "grads", "gradients", "dl", "dldw", "dl_dw", "dw", "slope", "derivative"}
WEIGHTS = {"w", "weights", "weight", "theta", "params", "parameters", "θ", "x", "w_old"}
MEMORY = {"g", "acc", "accumulator", "cache", "memory", "state", "v", "s", "h", "r", "m", "account", "accum", "g_old", "gs", "sum_sq", "mem", "history", "past"}
NO_NAME = re.compile(r"(?:name|local variable) '(\w+)'")  # what Python says of a name that stands for nothing
SHORT = {"beta": {"b"}, "eps": {"e"}}  # after the `*` only: elsewhere a letter says too little
SHARE = {"alpha", "momentum", "mu", "beta1"}  # a knob that an honest rule has not
SEES = ("A rule sees only the gradient, and gives back the change Δw: adding it to the weights is the work "
        "of descend.")
# a knob of RMSprop where none of the names above is there: PyTorch calls its β alpha
ALSO_BETA = {"alpha", "α", "beta1", "mu"}
EMPTY = inspect.Parameter.empty
BY_PLACE = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def placed(function, wanted):
    """How to hand over what a reader's function takes: -> place(*values), which gives (by place, by name).

    wanted  {role: names by which it is known}, in the usual order. By name where every role has its name
            there; else what stands before the `*` in this order, and what stands after it by its name, or in
            the order that is left.
    """
    try:
        parameters = list(inspect.signature(getattr(function, "pyfunc", function)).parameters.values())
    except (TypeError, ValueError):  # some functions of NumPy tell nothing
        return lambda *values: (values, {})
    fixed = [p for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    role_of = _roles_by_name(fixed, wanted)
    if len(role_of) < len(wanted):
        role_of = _roles_by_name([p for p in fixed if p.kind is p.KEYWORD_ONLY], wanted)
        left = [role for role in wanted if role not in role_of.values()]
        before = [p for p in fixed if p.kind in BY_PLACE]
        after = [p for p in fixed if p.kind is p.KEYWORD_ONLY]
        needed = [p for p in after if p.default is EMPTY]
        for p in (*before, *needed, *(p for p in after if type(p.default) is float)):
            if left and p.name not in role_of:
                role_of[p.name] = left.pop(0)
    left = [role for role in wanted if role not in role_of.values()]
    ends = {p.kind for p in parameters}
    by_keyword = inspect.Parameter.VAR_KEYWORD in ends and inspect.Parameter.VAR_POSITIONAL not in ends
    kinds = {p.name: p.kind for p in fixed if p.name in role_of}

    def place(*values):
        value = dict(zip(wanted, values))
        by_place = (inspect.Parameter.POSITIONAL_ONLY,) if not left else BY_PLACE
        first = [value[role_of[name]] for name, kind in kinds.items() if kind in by_place]
        named = {name: value[role_of[name]] for name, kind in kinds.items() if kind not in by_place}
        more = {role: value[role] for role in left}
        return (first, {**named, **more}) if by_keyword else ([*first, *more.values()], named)

    return place


def _roles_by_name(parameters, wanted):
    """{name of a parameter: role}, each role once."""
    role_of = {}
    for role, names in wanted.items():
        name = next((p.name for p in parameters if p.name.lower() in names and p.name not in role_of), None)
        if name:
            role_of[name] = role
    return role_of


def takes_weights(function):
    """The name of an argument that can only be the weights, or ""."""
    try:
        parameters = list(inspect.signature(getattr(function, "pyfunc", function)).parameters.values())
    except (TypeError, ValueError):
        return ""
    places = [p.name for p in parameters if p.kind in BY_PLACE]
    if places and places[0].lower() in WEIGHTS and any(name.lower() in GRADIENT for name in places[1:]):
        return places[0]
    return next((name for name in places[1:] if name.lower() in WEIGHTS - {"x"}), "")


def wants_weights(broke):
    """Wrong with what to write instead, where a rule stopped because it asks for the weights; else None."""
    found = NO_NAME.search(str(broke.error)) if isinstance(broke.error, NameError) else None
    if not found or found[1].lower() not in WEIGHTS:
        return None
    return Wrong(f"Your function uses the weights ({found[1]}), and it is not given them. A rule gives the "
                 "change Δw alone, such as −η · g in gradient descent: adding it to the weights is the work "
                 "of descend.",
                 broke.details, "")


class Roles:
    """How to call a rule: `.call(trial, g, memory, knobs)`; `.slots` are its memory arguments, `.knobs` the knobs it takes."""

    def __init__(self, function, wanted, remembers):
        self.function, self.wanted = function, wanted
        try:
            parameters = list(inspect.signature(getattr(function, "pyfunc", function)).parameters.values())
        except (TypeError, ValueError):  # some functions of NumPy tell nothing: by place, then
            parameters = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_ONLY) for name in ("g", "G")[: 1 + remembers]]
        self.anything = any(p.kind is p.VAR_KEYWORD for p in parameters)
        self.open_end = any(p.kind is p.VAR_POSITIONAL for p in parameters)
        self.parameters = [p for p in parameters if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)]
        self.role = {}
        self._gradient()
        self._by_name(remembers)
        self._by_place(remembers)
        self.slots = [p for p in self.parameters if self.role.get(p.name) == "memory"]
        self.knobs = {role for role in self.role.values() if role in KNOBS} | (set(wanted) if self.anything else set())
        self.rest = remembers and self.open_end and not self.slots  # memory goes in as *args
        unknown = [p.name for p in self.parameters if p.name not in self.role and p.default is EMPTY]
        if unknown:
            raise Wrong(f"Your function asks for {unknown[-1]!r}, which a rule is not given: it gets the gradient"
                        f"{', the account G' * remembers} and the knobs.")

    def _gradient(self):
        if not self.parameters:
            if not self.open_end:
                raise Wrong("Your function takes no argument: the first is the gradient g.")
            return
        names = [p.name.lower() for p in self.parameters]
        here = 0
        weights = takes_weights(self.function)
        if weights:
            raise Wrong(f"Your function takes the weights ({weights}) as well. {SEES}")
        if names[0] in KNOBS["eta"] | KNOBS["beta"] | KNOBS["eps"]:
            here = next((i for i, name in enumerate(names) if name in GRADIENT), 0)
        self.role[self.parameters[here].name] = "g"

    def _by_name(self, remembers):
        for role in ("eps", "eta", "beta"):  # the names that say least come last in each set, and a name serves once
            for p in self.parameters:
                words = KNOBS[role] | (SHORT.get(role, set()) if p.kind is p.KEYWORD_ONLY else set())
                named = p.name.lower() in words and p.name not in self.role and p.name not in ("G", "E")
                better = role == "eta" and p.name.lower() in SHARE | {"gamma"} and any(
                    q.name.lower() in KNOBS["eta"] - SHARE - {"gamma"} for q in self.parameters)
                if named and not better and role not in self.role.values():
                    self.role[p.name] = role
        if "beta" in self.wanted and "beta" not in self.role.values():
            free = [p.name for p in self.parameters if p.name not in self.role]
            also = [name for name in free if name.lower() in ALSO_BETA]
            self.role.update(dict.fromkeys(also[:1], "beta"))
        for p in self.parameters:
            if p.name not in self.role and p.name.lower() in SHARE and p.kind is p.KEYWORD_ONLY:
                self.role[p.name] = "share"
            if remembers and p.name not in self.role and p.kind is p.KEYWORD_ONLY and p.name.lower() in MEMORY:
                self.role[p.name] = "memory"

    def _by_place(self, remembers):
        places = [p for p in self.parameters if p.kind in BY_PLACE]
        open_places = [p for p in places if p.name not in self.role]
        lacking = [knob for knob in self.wanted if knob not in self.role.values()] if not self.anything else []
        first_knob = next((i for i, p in enumerate(places) if i and self.role.get(p.name) in KNOBS), len(places))
        memories = 0
        if remembers and "eta" in lacking:
            memories = max(1, len(open_places) - len(lacking))
        elif remembers:  # what stands before the first knob
            memories = max(1, sum(p.name not in self.role for p in places[:first_knob]))
        for p in open_places[:memories]:
            self.role[p.name] = "memory"
        more = open_places[memories:] + [p for p in self.parameters if p.kind is p.KEYWORD_ONLY and p.name not in self.role and p.default is EMPTY]
        more += [p for p in self.parameters if p.kind is p.KEYWORD_ONLY and p.name not in self.role and type(p.default) is float]
        for p, knob in zip(more, lacking):
            self.role[p.name] = knob

    def starts(self, as_form):
        """What the memory may begin as, the reader's own defaults first: lists of one object a slot. `as_form(number)` -> in the form of g."""
        if self.rest:
            return [[], [as_form(0.0)]]
        own, plain, zeros = [], [], []
        for p in self.slots:
            number = isinstance(p.default, (int, float, np.number)) and not isinstance(p.default, bool)
            own.append(as_form(float(p.default)) if number else as_form(0.0) if p.default is EMPTY else p.default)
            plain.append(None if p.default is EMPTY else p.default)
            zeros.append(as_form(0.0) if p is self.slots[0] or p.default is EMPTY else p.default)
        listed = [own, plain, zeros]
        if any(p.default is EMPTY for p in self.slots):
            listed += [[type(kind)() if p.default is EMPTY else p.default for p in self.slots] for kind in ({}, [])]
        told = {repr(start): start for start in reversed(listed)}  # each once: what fails would only fail again
        return [copy.deepcopy(told[said]) for said in dict.fromkeys(map(repr, listed))]

    def call(self, trial, g, memory, knobs):
        places, named, gap = [], {}, False
        memory = list(memory)
        given = {p.name: part for p, part in zip(self.slots, memory)}
        for p in self.parameters:
            role = self.role.get(p.name)
            if role == "g":
                value = g
            elif p.name in given:
                value = given[p.name]
            elif role in knobs:
                value = knobs[role]
            elif role in ("share", "beta") and p.default is EMPTY:
                value = 0.9
            else:  # a memory that is never handed back, or something more with a default
                gap = True
                continue
            if p.kind in BY_PLACE and not gap:
                places.append(value)
            else:
                named[p.name] = value
        if not self.parameters:
            places.append(g)
        if self.rest:
            places += memory
        if self.anything:
            named.update({knob: knobs[knob] for knob in self.wanted if knob not in self.role.values()})
        return trial.call(self.function, *places, **named)
