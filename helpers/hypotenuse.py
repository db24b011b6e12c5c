"""The hypotenuse: why square, and why the root? hypotenuse(adagrad) lays each gradient at right angles to the last √G.

Two legs give √(a² + b²), so if each gradient is a leg at right angles to the last hypotenuse, the new hypotenuse is √G. Adagrad's step
is η times the sine of the new angle: never longer than η. RMSprop first shrinks the old side by √β and takes √(1 − β) of the leg.
"""

import math
import re
import traceback
from fractions import Fraction
from html import escape
from pathlib import Path

import anywidget
import ipywidgets
import numpy as np
import traitlets
from ipywidgets import widget_serialization

from helpers import arrivals, figures, knobs, triangles
from helpers.descent import descend
from helpers.explorer.cells import once_per_cell
from helpers.pictures import with_still
from helpers.rules import Signature
from helpers.surface import is_whole_number, short
from helpers.surfaces import given
from helpers.views import LECTURE, script, styles

HERE = Path(__file__).parent
SHARES = [0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99]  # positions of β
MOST, SIZES = 60, (1e-100, 1e100)  # legs that a picture has room for; beyond these a square is no longer a number
PRESETS = {
    "by hand: 3, 4, 12, 84": "3, 4, 12, 84",
    "constant (the spiral of Theodorus)": "1 × 24",
    "large, then small: a drop": "4 × 12, 1 × 24",
    "spike": "1 × 8, 12, 1 × 20",
}
OWN = "a list of your own"
HOW = "write numbers separated by commas, such as 3, 4, 12, 84 (1 × 24 stands for twenty-four ones)"
BEAT = 1.1, 0.2, 12.0  # seconds a leg takes when played: at most, at least, and all of them together where that fits
TOP = 4.0  # the bars show steps up to 4 η; longer ones are cut and carry their number

# the list of gradients


def _parts(text):
    """The numbers in a text, as texts. A comma between two digits is a decimal comma where blanks or semicolons separate the numbers."""
    text = re.sub(r"\s*[x×*]\s*", "×", text).strip()
    chunks = [chunk for chunk in re.split(r"\s*;\s*|\s*,\s+|\s+,\s*|\s+", text) if chunk.strip(",")]
    decimal = [chunk for chunk in chunks if re.fullmatch(r"[-−+]?\d+,\d+(e[-−+]?\d+)?(×\d+)?", chunk, re.IGNORECASE)]
    if decimal and "." not in text:
        lists = [chunk for chunk in chunks if "," in chunk.strip(",") and chunk not in decimal]
        if len(chunks) == 1 and ";" not in text or lists or re.search(r"\s,|,\s", text):
            one, two = decimal[0].replace(",", "."), decimal[0].replace(",", ", ")
            raise ValueError(f"{decimal[0]!r} can be one number or two: write {one}, or {two} with a blank")
        return [chunk.replace(",", ".") for chunk in chunks]
    return [part for chunk in chunks for part in chunk.strip(",").split(",")] or [""]


def read_gradients(said):
    """Gradients from '3, 4, 12, 84', '0,5; 1,5', '1 × 24' or numbers -> list of floats. Raises ValueError that says what to write instead."""
    parts = _parts(said) if isinstance(said, str) else said
    if not np.iterable(parts):
        raise ValueError(f"gradients are a list of numbers, or a text; got {short(said)}: {HOW}")
    gradients = []
    for part in parts:
        value, _, times = part.partition("×") if isinstance(part, str) else (part, "", "")
        try:
            value = float(str(value).replace("−", "-"))
            repeated = int(times) if times else 1
        except ValueError:
            raise ValueError(f"{part!r} is not a number: {HOW}" if part else f"there is no gradient: {HOW}") from None
        if not math.isfinite(value) or value and not SIZES[0] <= abs(value) <= SIZES[1]:
            raise ValueError(f"{part} cannot be a leg, for its square is not a finite number above 0: write numbers between 1e-100 and 1e100, or 0")
        if repeated < 1 or len(gradients) + repeated > MOST:
            many = f"{part} repeats it {repeated} times" if repeated < 1 else f"these are more than {MOST} gradients"
            raise ValueError(f"{many}: a picture has room for 1 to {MOST}")
        gradients += [value] * repeated
    if not gradients:
        raise ValueError(f"there is no gradient: {HOW}")
    return gradients


# what is drawn: corners and tips as seen from the point that all triangles share, in a figure of size 1


class Lane:
    """One rule over a list of gradients, at every position of β at once. `.legs(gradients)` gives what the picture needs."""

    def __init__(self, rule, betas, eta):
        self.rule, self.signature, self.look, self.eta = rule, Signature(rule), figures.look(rule), eta
        self.knobs = {name: value for name, value in (("eta", eta), ("eps", 0.0)) if name in self.signature.knobs}
        self.betas = betas if "beta" in self.signature.knobs else None
        if self.betas is not None:
            self.knobs["beta"] = np.array(betas, dtype=float)
        refused = (f"{self.signature.name} draws no hypotenuse: the picture needs a rule with a memory G that is a share of the old G "
                   "plus a share of g², such as adagrad or rmsprop")
        if list(self.signature.memory) != ["G"] or "eta" not in self.signature.knobs:
            raise TypeError(refused)
        # What the rule keeps of the old G and takes of g² is asked of the rule itself.
        self.keep, self.take = self._run([0.0], 1.0).G[1], self._run([1.0], 0.0).G[1]  # (positions,)
        trial = self._run([3.0], 2.0)
        if not (np.allclose(trial.G[1], 2 * self.keep + 9 * self.take) and np.allclose(trial.step[0] * np.sqrt(trial.G[1]), 3 * eta)):
            raise TypeError(refused)
        self.kept = bool(np.allclose(self.keep, 1) and np.allclose(self.take, 1))

    def _run(self, gradients, G=0.0):
        run = descend(self.rule, given(gradients), len(gradients), memory={"G": G}, keep=["G", "dw"], **self.knobs)
        run.G, run.dw = (x.reshape(len(x), -1) for x in (run.G, run.dw))  # (steps + 1 or steps, positions)
        return run

    def legs(self, gradients):
        """{"points": (legs, positions, 4), ...}: corner and tip of each triangle, seen from its first corner, and the numbers beside it."""
        run, g = self._run(gradients), np.array(gradients)[:, None]
        before, root = np.sqrt(run.G[:-1]), np.sqrt(run.G[1:])
        old, leg = np.sqrt(self.keep) * before, np.sqrt(self.take) * np.abs(g)
        turn = np.cumsum(np.arctan2(leg, old), axis=0) - np.pi / 2  # the first leg is laid along the horizontal
        last = np.vstack([np.full(turn.shape[1], -np.pi / 2), turn[:-1]])
        corner = old[..., None] * np.stack([np.cos(last), np.sin(last)], axis=-1)
        tip = root[..., None] * np.stack([np.cos(turn), np.sin(turn)], axis=-1)
        everything = np.concatenate([np.zeros_like(tip[:1]), corner, tip])
        low, high = everything.min(axis=0), everything.max(axis=0)
        size, middle = (high - low).max(axis=-1), (high + low) / 2
        size[size == 0] = 1.0
        return {"before": before, "root": root, "old": old, "leg": leg, "share": run.step / self.eta, "turn": turn, "size": size,
                "centre": -middle / size[:, None], "points": np.concatenate([corner, tip], axis=-1) / size[:, None],
                "close": triangles.closer(everything, len(gradients), size)}

    def spec(self, gradients):
        """What the view needs of this rule: words, and for each position of β the points and the texts of every leg."""
        legs, g = self.legs(gradients), np.array(gradients)[:, None]
        case = np.where(np.isnan(legs["share"]), 3, np.where(g == 0, 2, np.where(legs["before"] == 0, 0, 1)))
        move = np.where(np.isclose(legs["root"], legs["before"], rtol=1e-12), 2, np.where(legs["root"] > legs["before"], 0, 1))
        positions = []
        for i in range(legs["root"].shape[1]):
            turn = legs["turn"][:, i]
            longest = 1 / math.sqrt(self.take[i])
            positions.append({
                "points": [[float(f"{x:.5g}") for x in point] for point in legs["points"][:, i]], "centre": legs["centre"][i].round(5).tolist(),
                "ruler": triangles.ruler(legs["size"][i]), "close": [triangles.close(times, centre, legs["size"][i]) for times, *centre in legs["close"][:, i]],
                "bars": [None if math.isnan(s) else round(float(s), 4) for s in legs["share"][:, i]],
                "since": np.searchsorted(turn, turn - 2 * np.pi + 1e-6).tolist(),  # the first leg of the last full turn
                "case": case[:, i].tolist(), "move": move[:, i].tolist(),
                **{name: [_number(x) for x in legs[name][:, i]] for name in ("before", "root", "old", "leg")},
                "step": [_step(s, self.kept, self.eta) for s in legs["share"][:, i]],
                "part": _number(math.sqrt(self.take[i])), "aside": self._aside(i, longest),
            })
        return {"name": self.signature.name, "label": self.look.label, "title": self._title(), "colour": self.look.text, "line": self.look.colour, "dark": self.look.dark,
                "shrinks": not self.kept, "leg": "|g| = {leg}" if self.kept else "leg {leg}", "root": "√G = {root}",
                "cases": CASES["kept" if self.kept else "shrinks"], "positions": positions}

    def _title(self):
        if self.kept:
            return f"{self.look.label}: every leg is kept"
        by = " by √β" if self.betas is not None and np.allclose(self.keep, self.betas) else ""
        return f"{self.look.label}: the old side shrinks{by} first"

    def _aside(self, i, longest):
        never = f"no step is longer than {_step(longest, self.kept, self.eta)}"
        return never if self.betas is None else f"β = {self.betas[i]:g}{_steps_averaged(self.betas[i])}; {never}"


CASES = {  # first leg, any leg, g = 0, 0/0
    "kept": [
        "{who} has this leg alone: √G = {root}, and its step is {step}, the longest there is. ",
        "{who}: {old} and {leg} at right angles make √G = {root}; its step, η times the sine of the new angle, is {step}. ",
        "{who}: no leg is laid, √G stays {root} and the step is 0. ",
        "{who}: G is 0 as well, so the step is 0/0; this is what ε is for. "],
    "shrinks": [
        "{who} starts with {part} of the leg: √G = {root}, and its step is {step}, the longest there is. ",
        "{who}: the old side shrinks from {before} to {old}, the leg to {leg}, so √G {move} {root}; its step is {step}. ",
        "{who}: no leg is laid, the old side shrinks from {before} to {root} and the step is 0. ",
        "{who}: G is 0 as well, so the step is 0/0; this is what ε is for. "],
}
WORDS = {
    "play": "Play", "pause": "Pause", "reset": "Reset", "leg": "leg", "at": "{t} of {n}", "columns": ["leg {t}", "g", "√G", "step"],
    "strip": "step at each leg",
    "eta": "η", "moves": ["rises to", "falls to", "stays"], "start": "No leg is laid yet: G begins at 0. ", "lead": "Leg {t} of {n}: g = {g}. ",
    "minus": "Leg {t} of {n}: g = {g}; the square drops its sign. ", "scale": "Each picture has its own scale; the ruler tells it. Where a later leg would dwarf the first ones, they are drawn larger until it comes.",
    "waiting": "Waiting for the kernel to lay this list; the picture still shows {shown}.", "undefined": "0/0", "enlarged": "enlarged {times} times", "none": "–", "beta": "decay β",
}


def fill(data, t, beta):
    """The read-out after leg t with β's slider at position `beta`; the view fills the same sentences."""
    if t == 0:
        return data["words"]["start"].strip()
    slots = {"t": t, "n": len(data["g"]), "g": data["g"][t - 1]}
    said = data["words"]["minus" if data["g"][t - 1].startswith("−") else "lead"].format(**slots)
    for rule in data["rules"]:
        at = rule["positions"][beta if len(rule["positions"]) > 1 else 0]
        texts = {name: at[name][t - 1] for name in ("before", "root", "old", "leg", "step")}
        said += rule["cases"][at["case"][t - 1]].format(who=rule["label"], part=at["part"], move=data["words"]["moves"][at["move"][t - 1]], **texts)
    return said.strip()


# numbers as they read


def _number(x):
    whole = x == round(x) and 1 <= abs(x) < 1e7
    return (f"{x:.0f}" if whole else f"{x:.4g}").replace("-", "−", 1)


def _step(share, exact, eta):
    """A step in units of η: 4η/5 or η/√2 = 0.707η where Adagrad's is just that, else 0.48η; with its value where η is not 1."""
    if math.isnan(share):
        return "0/0"
    if share == 0:
        return "0"
    text = "η" if abs(share - 1) < 1e-12 else f"{share:.3g}η"
    square = Fraction(share**2).limit_denominator(10**5)
    top, under = math.isqrt(square.numerator), math.isqrt(square.denominator)
    if exact and share < 1 - 1e-12 and abs(float(square) - share**2) < 1e-14 and top**2 == square.numerator:
        times = f"{top}η" if top > 1 else "η"
        if under**2 == square.denominator:
            text = f"{times}/{under}"
        elif square.denominator < 1000:
            text = f"{times}/√{square.denominator} = {text}"
    return text if eta == 1 else f"{text} = {share * eta:.3g}"


def _steps_averaged(beta):
    return f", averages over about {1 / (1 - beta):.0f} steps" if beta > 0 else ", remembers nothing"


# the widget


class Canvas(arrivals.Picture, anywidget.AnyWidget):
    """Draws the legs that it is given; computes nothing."""

    _esm = script(LECTURE, HERE / "hypotenuse.js")
    _css = styles(HERE / "hypotenuse.css")
    data = traitlets.Dict().tag(sync=True)  # a few kB, so a reloaded or exported page stays live
    controls = traitlets.Dict().tag(sync=True, **widget_serialization)
    cursor = traitlets.Int(0).tag(sync=True)  # how many legs are laid
    problem = traitlets.Unicode().tag(sync=True)

    def check_cursor(self, said):
        return arrivals.whole_position(said, len(self.data["g"]) + 1)


class Hypotenuse(ipywidgets.VBox):
    """What `hypotenuse` returns; it displays itself.

    .gradients   the list that is drawn; assign to lay another
    .text, .presets, .beta   its controls (beta is None where no rule has a slider for it)
    .cursor      how many legs are laid; assign to move it
    .readout     the sentence that the picture says at the current settings
    .problem     why the list in the field cannot be drawn, else empty
    """

    def __init__(self, rules, gradients, betas, start, eta):
        self.lanes = [Lane(rule, betas, eta) for rule in rules]
        said = gradients if isinstance(gradients, str) else ", ".join(f"{g:.12g}" for g in read_gradients(gradients))
        wide = {"style": {"description_width": "initial"}, "layout": ipywidgets.Layout(width="360px", max_width="100%")}
        self.text = arrivals.Text(value=said, description="gradients g", continuous_update=False, **wide)
        wide["layout"] = ipywidgets.Layout(width="330px", max_width="100%")
        self.presets = arrivals.Dropdown(options=[*PRESETS, OWN], value=self._preset(said), description="or choose", **wide)
        wide["layout"] = ipywidgets.Layout(width="330px", max_width="100%")
        self.beta = None
        if len(betas) > 1 and any(lane.betas for lane in self.lanes):
            options = [(f"{b:g}", b) for b in betas]
            self.beta = arrivals.SelectionSlider(options=options, index=start, description=WORDS["beta"], **wide)
        controls = {"text": self.text, "presets": self.presets, **({"beta": self.beta} if self.beta else {})}
        for name, control in controls.items():
            control.add_class(f"hypotenuse-{name}")
        self.first, self._betas, self._start = said, betas, start
        self.canvas = Canvas(controls=controls)
        self._lay(said)
        self.text.observe(self._typed, "value")
        self.presets.observe(self._chosen, "value")
        row = ipywidgets.HBox([*controls.values()], layout=ipywidgets.Layout(flex_flow="row wrap", max_width="100%", overflow="visible"))
        row.add_class("hypotenuse-controls")
        super().__init__([row, self.canvas], layout=ipywidgets.Layout(width="100%", max_width="1100px"))
        self.add_class("hypotenuse")

    @property
    def gradients(self):
        return list(self._gradients)

    @gradients.setter
    def gradients(self, gradients):
        self.text.value = gradients if isinstance(gradients, str) else ", ".join(f"{g:.12g}" for g in gradients)

    @property
    def cursor(self):
        return self.canvas.cursor

    @cursor.setter
    def cursor(self, t):
        if not 0 <= t <= len(self._gradients):
            raise ValueError(f"cursor must lie between 0 and {len(self._gradients)}, the number of legs; got {t!r}")
        self.canvas.cursor = int(t)

    @property
    def readout(self):
        return fill(self.canvas.data, self.canvas.cursor, self.beta.index if self.beta else 0)

    @property
    def problem(self):
        return self.canvas.problem

    @staticmethod
    def _preset(said):
        return next((name for name, listed in PRESETS.items() if listed == said), OWN)

    def _chosen(self, change):
        if change["new"] in PRESETS:
            self.text.value = PRESETS[change["new"]]

    def _typed(self, change):
        self.presets.value = self._preset(change["new"])
        try:
            self._lay(change["new"])
        except ValueError as error:  # the last good list stays, and so does what was typed
            self.canvas.data = {**self.canvas.data, "asked": change["new"]}
            self.canvas.problem = f"{error}. The picture still shows {self.canvas.data['shown']}."
        except Exception as error:  # an exception in a callback is invisible in JupyterLab
            self.canvas.problem = f"{type(error).__name__}: {error}"
            traceback.print_exc()

    def _lay(self, said):
        """Lay a new list of gradients; raises ValueError, and nothing has changed, where it is not one."""
        gradients = read_gradients(said)
        rules = [lane.spec(gradients) for lane in self.lanes]
        shares = [s for rule in rules for at in rule["positions"] for s in at["bars"] if s is not None]
        last = self.canvas.data
        rulers = [at["ruler"] for rule in rules for at in rule["positions"]]
        rescaled = last and rulers != [at["ruler"] for rule in last["rules"] for at in rule["positions"]]
        slow, quick, whole = BEAT
        data = {
            "asked": said, "shown": said.strip(), "first": self.first, "g": [_number(g) for g in gradients], "rules": rules, "words": WORDS,
            "top": min(TOP, max(1.0, *shares)) * 1.12 if shares else 1.12, "start": self._start, "beat": round(1000 * min(slow, max(quick, whole / len(gradients)))),
            "lists": list(PRESETS.values()),
            "betas": [f"β = {b:g}{_steps_averaged(b)}" for b in self._betas] if self.beta else [],
            "note": "New list, new scale: see the ruler." if rescaled else WORDS["scale"],
        }
        self._gradients = gradients
        with self.canvas.hold_sync():
            self.canvas.data, self.canvas.problem, self.canvas.cursor = data, "", len(gradients)

    # for viewers without widgets

    def still(self, at=None):
        """The picture at the current settings, as PNG bytes; up to leg `at`, if not up to the cursor."""
        data, t, texts = self.canvas.data, self.cursor if at is None else at, []
        beta = self.beta.index if self.beta else 0
        panels = figures.panels(len(self.lanes), height=4.2)
        for ax, rule in zip(np.ravel(panels), data["rules"]):
            at = rule["positions"][beta if len(rule["positions"]) > 1 else 0]
            seen = at["close"][t - 1] if t and at["close"][t - 1] else {"times": 1, "centre": at["centre"], "ruler": at["ruler"]}
            (x0, y0), times, ruler = seen["centre"], seen["times"], seen["ruler"]
            for k, (cx, cy, x, y) in enumerate(at["points"][:t]):
                now, old = k == t - 1, k < at["since"][t - 1]
                cx, cy, x, y = times * cx + x0, times * cy + y0, times * x + x0, times * y + y0
                if now or t <= triangles.FEW:
                    triangles.name_sides(ax, rule, at, k, ((x0, y0), (cx, cy), (x, y)), now)
                ax.fill([x0, cx, x], [y0, cy, y], color=rule["line"], alpha=0.35 if now else 0.03 if old else 0.12, linewidth=0)
                ax.plot([x0, x], [y0, y], color=rule["line"], alpha=0.25 if old else 1, linewidth=2.2 if now else 0.9)
                ax.plot([cx, x], [cy, y], color=figures.INK, alpha=0.3 if old else 1, linewidth=2.2 if now else 1.3)
            texts = f"√G = {at['root'][t - 1]},  step = {at['step'][t - 1]}" if t else "G = 0"
            ax.set_title(f"{rule['title']}\n{texts}", color=rule["colour"])
            ax.plot([-0.5, -0.5 + ruler["length"]], [-0.6, -0.6], color=figures.INK, linewidth=1.5)
            ax.text(-0.5 + ruler["length"] + 0.02, -0.6, ruler["text"], va="center", color=figures.INK)
            ax.set(aspect="equal", xlim=(-0.55, 0.55), ylim=(-0.65, 0.55))
            ax.axis("off")
        return figures.png(np.ravel(panels)[0].get_figure())

    def beginning(self):
        """(PNG, what is seen on it): the first gradient alone, which gives nothing away."""
        return self.still(at=1), f"One line, the first gradient, {self.canvas.data['shown'].split(',')[0]}, and nothing laid on it yet."

    def _repr_mimebundle_(self, **kwargs):
        return with_still(super()._repr_mimebundle_(**kwargs), self.still,
                          lambda: f"Right-angled triangles round one point, each laid on the last one's longest side. {self.readout}",
                          lambda: escape(f"Gradients {self.canvas.data['shown']}. Each is a leg at right angles to the last hypotenuse; the new hypotenuse is √G. "
                                         "Run this cell to play it."))


def hypotenuse(*rules, gradients=(3, 4, 12, 84), beta=None, eta=1, leg=None):
    """Each gradient as a leg at right angles to the last hypotenuse: the new hypotenuse is √G. One rule, or several side by side.

    rules      adagrad, rmsprop, or a rule of your own whose memory G is a share of the old G plus a share of g²
    gradients  up to 60 numbers, or a text such as "4 × 12, 1 × 24"; the reader can set others in the picture
    beta       positions of its slider as a list; one number fixes it (0 … 0.99, beginning at the rule's own default)
    leg        how many legs are laid at first (all)
    eta        steps are told in units of η, and as numbers too where it is not 1; ε is 0 here

    Returns a `Hypotenuse` that displays itself. Raises TypeError or ValueError that says what to write instead.
    """
    if not rules:
        raise TypeError("hypotenuse needs a rule: hypotenuse(adagrad)")
    own = [Signature(rule).knobs["beta"] for rule in rules if "beta" in Signature(rule).knobs]
    if beta is not None and not own:
        raise TypeError("none of these rules has a knob beta: leave it out, or add rmsprop")
    knobs.check("eta", eta)
    if np.ndim(eta):
        raise ValueError(f"eta is one number here; got {short(eta)}")
    eta = eta if isinstance(eta, (int, float)) else float(eta)
    if beta is None:
        start = own[0] if own and isinstance(own[0], (int, float)) else 0.9
        betas = sorted({*SHARES, start})
    else:
        betas = list(np.atleast_1d(beta))
        knobs.check("beta", betas)
        start = own[0] if own[0] in betas else betas[0]
    legs = len(read_gradients(gradients))
    if leg is not None and (not is_whole_number(leg) or not 0 <= leg <= legs):
        raise ValueError(f"leg is how many legs are laid at first, a whole number between 0 and {legs}; got {short(leg)}")
    picture = Hypotenuse(rules, gradients, [float(b) for b in betas], betas.index(start), eta)
    if leg is not None:
        picture.cursor = leg
    return once_per_cell(picture)
