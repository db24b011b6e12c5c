"""fair_race(): loss against η for every rule, each valley marked, and beside it the lanes in which the rules stand after so many steps."""

import math
from html import escape
from pathlib import Path

import anywidget
import ipywidgets
import numpy as np
import traitlets
from ipywidgets import widget_serialization

from helpers import arrivals, figures
from helpers.explorer.cells import close_all, once_per_cell
from helpers.looks import look
from helpers.pictures import with_still
from helpers.race import ETAS, HORIZONS, RULES, STARTS, Race, capital, entries, moves, number, race_on
from helpers.surface import is_among, short, text
from helpers.surfaces import himmelblau
from helpers.views import LECTURE, script, styles

HERE = Path(__file__).parent
OWN, SHARED = "each at its own best η", "one η for all"
UNITS = 1000  # a loss is sent in thousandths of its axis
MARKERS = {  # as SVG paths, about 12 across; the same shapes as Matplotlib's
    "X": "M-6,-3L-3,-6L0,-3L3,-6L6,-3L3,0L6,3L3,6L0,3L-3,6L-6,3L-3,0Z", "^": "M0,-6L6,5L-6,5Z", "s": "M-5,-5H5V5H-5Z",
    "o": "M-6,0A6,6 0 1 0 6,0A6,6 0 1 0 -6,0Z", "P": "M-2,-6H2V-2H6V2H2V6H-2V2H-6V-2H-2Z",
}
WORDS = {
    "eta": "learning rate η", "loss": "loss", "mean": "mean loss so far", "after": "after {n} steps", "arrived": "arrived", "off": "off the top",
    "waiting": "Run this cell to see the race.", "valleys": "loss against η: every rule has its own valley", "lanes": "the lanes", "reset": "↺ reset",
    "own": "{surface}: after {n} steps, each rule at its own constant η", "shared": "{surface}: after {n} steps, every rule at constant η = {eta}",
}
EXAMPLE, EXAMPLE_STEPS = himmelblau, 100  # a race that stands in for one that nobody has asked about yet


def up(race):
    """What goes up: the loss, or where it is measured from."""
    above = "" if race.bounded and not race.measured_from() else " above the least"
    return f"{WORDS['mean' if moves(race.surface) else 'loss']}{above if race.bounded else ' above the lowest seen'}"


class Axis:
    """The losses of one race on a logarithmic axis, the same at every horizon; what ran off lies above its top."""

    def __init__(self, race):
        starts = [middles[0, 0] for middles in race.middles.values()]  # at the smallest η hardly anything has moved yet
        start = max((loss for loss in starts if np.isfinite(loss)), default=race.begin)
        low = min(losses.min() for losses in race.losses.values())
        self.low = math.log10(low)
        high = math.log10(start) + 0.08 * (math.log10(start) - self.low) + 0.2
        self.high = max(high, self.low + 1)  # where all losses are alike, a decade
        powers = range(math.ceil(self.low - 1e-9), math.floor(self.high) + 1)
        every = max(1, round(len(powers) / 6))
        self.ticks = [power for power in powers if (power - powers[0]) % every == 0]
        if len(self.ticks) < 2:
            places = [m * 10.0**p for p in range(math.floor(self.low) - 1, math.ceil(self.high) + 1) for m in (1, 2, 5)]
            self.ticks = [math.log10(place) for place in places if self.low <= math.log10(place) <= self.high]

    def units(self, loss):
        """0 at the lowest loss, 1 at the top and above."""
        with np.errstate(all="ignore"):
            return np.clip((np.log10(loss) - self.low) / (self.high - self.low), 0, 1)


def valleys(ax, race, horizon, axis=None, at=None):
    """Loss against η for every rule of a race, with the band of its starts, its own η (or the place `at` of all) marked."""
    axis = axis or Axis(race)
    low, high = 10**axis.low, 10**axis.high
    for rule in race.losses:
        seen, (middle, least, most), place = look(rule), np.clip(race.valley(rule, horizon), low, high), race.tuned(rule, horizon) if at is None else at
        ax.plot(race.etas, middle, color=seen.colour, linestyle=(0, seen.dash) if seen.dash else "-", label=seen.label)
        ax.fill_between(race.etas, least, most, color=seen.colour, alpha=0.15, linewidth=0)
        ax.plot(race.etas[place], middle[place], seen.marker, color=seen.colour, markersize=8, clip_on=False)
    ax.set(xscale="log", yscale="log", xlabel=WORDS["eta"], ylabel=f"{up(race)} {WORDS['after'].format(n=horizon)}",
           xlim=(race.etas[0], race.etas[-1]), ylim=(low / 1.15, high))


class Canvas(arrivals.Picture, anywidget.AnyWidget):
    """Draws the curves and lanes that it is given; computes nothing."""

    _esm = script(LECTURE, HERE / "race_figure.js")
    _css = styles(HERE / "race_figure.css")
    data = traitlets.Dict().tag(sync=True)
    controls = traitlets.Dict().tag(sync=True, **widget_serialization)


class FairRace(ipywidgets.VBox):
    """What `fair_race` returns; it displays itself.

    .races                              {name of the surface: Race}
    .surface, .horizon, .mode, .eta     its controls (the first is None where there is one surface)
    .readout                            the sentence that the picture says at the current settings
    .heading                            what stands over it: .title where the controls began, elsewhere the setting itself
    .reset()                            every control back to where it began
    """

    def __init__(self, races, horizon, mode, eta, title):
        self.races, self.title, names = races, title, list(races)
        race = races[names[0]]
        self.horizons, self.etas, self.rules = race.horizons, race.etas, list(race.losses)
        wide = {"style": {"description_width": "initial"}, "layout": ipywidgets.Layout(width="330px", max_width="100%")}
        self.surface = arrivals.Dropdown(options=names, index=0, description="surface", **wide) if len(names) > 1 else None
        wide["layout"] = ipywidgets.Layout(width="330px", max_width="100%")
        self.horizon = arrivals.SelectionSlider(options=[(f"{n:,}".replace(",", " "), n) for n in self.horizons], index=self.horizons.index(horizon),
                                                  description="horizon (steps)", **wide)
        self.mode = arrivals.ToggleButtons(options=(OWN, SHARED), index=(OWN, SHARED).index(mode), description="", style={"button_width": "auto"},
                                             layout=ipywidgets.Layout(max_width="100%"))
        wide["layout"] = ipywidgets.Layout(width="330px", max_width="100%")
        self.eta = arrivals.SelectionSlider(options=[(number(e), e) for e in self.etas], index=self.etas.index(eta), description="η for all", **wide)
        controls = {"mode": self.mode, **({"surface": self.surface} if self.surface else {}), "horizon": self.horizon, "eta": self.eta}
        self._controls, self._begin = controls, {**{name: control.index for name, control in controls.items()}, **({} if self.surface else {"surface": 0})}
        self.axes = {name: Axis(race) for name, race in races.items()}
        self.canvas = Canvas(data=self._data(), controls=controls)
        row = ipywidgets.HBox([*controls.values()], layout=ipywidgets.Layout(flex_flow="row wrap", max_width="100%", overflow="visible"))
        row.add_class("fair-race-controls")
        super().__init__([self.canvas, row], layout=ipywidgets.Layout(width="100%", max_width="1100px"))
        self.add_class("fair-race")

    def __repr__(self):
        return self.readout

    def retitle(self, title):
        """What a card calls it once it is seen. A finding names a surface or a horizon, so it stands only where the controls began."""
        self.title = title
        self.canvas.data = {**self.canvas.data, "title": title}

    def _data(self):
        low, high = (math.log10(eta) for eta in (self.etas[0], self.etas[-1]))
        rules = []
        for rule in self.rules:
            seen = look(rule)
            rules.append({"label": seen.label, "colour": seen.colour, "dark": seen.dark, "dash": " ".join(map(str, seen.dash)), "marker": MARKERS.get(seen.marker, MARKERS["o"])})
        return {
            "title": self.title, "names": [capital(name) for name in self.races], "begin": self._begin, "rules": rules, "words": WORDS, "horizons": [f"{n:,}".replace(",", " ") for n in self.horizons],
            "etas": [number(eta) for eta in self.etas], "across": [round((math.log10(eta) - low) / (high - low), 4) for eta in self.etas],
            "decades": [[round((power - low) / (high - low), 4), number(10.0**power)] for power in range(math.ceil(low), math.floor(high) + 1)],
            "surfaces": [self._of(name) for name in self.races],
        }

    def _of(self, name):
        """One surface: its axis, and for every horizon the curves, the places of the valleys and what is said."""
        race, axis, told, settings = self.races[name], self.axes[name], [], (None, *range(len(self.etas)))
        for horizon in self.horizons:
            told.append({
                "curves": [np.rint(UNITS * axis.units(race.valley(rule, horizon))).astype(int).tolist() for rule in self.rules],
                "own": [race.tuned(rule, horizon) for rule in self.rules],
                "places": [[places[rule] for rule in self.rules] for places in (race.places(horizon, at) for at in settings)],
                "texts": [race.verdict(horizon, at) for at in settings],
                "arrived": [[int(race.arrived(rule, horizon, at) == STARTS - STARTS // 2) for at in range(len(self.etas))] for rule in self.rules],
            })
        ticks = [[round((tick - axis.low) / (axis.high - axis.low), 4), number(10.0**tick)] for tick in axis.ticks]
        return {"ticks": ticks, "up": up(race), "horizons": told}

    @property
    def readout(self):
        entry = self.canvas.data["surfaces"][self.surface.index if self.surface else 0]["horizons"][self.horizon.index]
        return entry["texts"][0 if self.mode.index == 0 else 1 + self.eta.index]

    @property
    def heading(self):
        data, now = self.canvas.data, {name: control.index for name, control in self._controls.items()}
        if self.title and all(now[name] == self._begin[name] for name in now if name != "eta" or now["mode"]):
            return self.title
        slots = {"surface": data["names"][now.get("surface", 0)], "n": data["horizons"][now["horizon"]], "eta": data["etas"][now["eta"]]}
        return WORDS["shared" if now["mode"] else "own"].format(**slots)

    def reset(self):
        for name, control in self._controls.items():
            control.index = self._begin[name]

    @property
    def race(self):
        """The race that is shown."""
        return self.races[self.surface.value] if self.surface else next(iter(self.races.values()))

    def close_all(self):
        close_all(self)

    # for viewers without widgets

    def still(self):
        """The picture at the current settings, as PNG bytes."""
        at = None if self.mode.index == 0 else self.eta.index
        return _drawn(self.race, self.horizon.value, at)

    def beginning(self):
        """(PNG, what is seen on it): how such a race looks, on a surface that no question of the series is about."""
        rules = [rule for rule in RULES if rule.__name__ in self.rules] or list(RULES)
        race = race_on(EXAMPLE, (EXAMPLE_STEPS,), ETAS, rules)
        seen = f"An example, on another surface: {race.surface.name}, after {EXAMPLE_STEPS} steps. {ALT} {race.verdict(EXAMPLE_STEPS)}"
        return _drawn(race, EXAMPLE_STEPS, title=f"An example on another surface: {race.surface.name.split('  ')[0]}"), seen

    beginning_caption = "Such a race on another surface. Run this cell to answer, and to see the one that is asked about."

    def _repr_mimebundle_(self, **kwargs):
        return with_still(super()._repr_mimebundle_(**kwargs), self.still,
                          lambda: f"{ALT} {self.readout}",
                          lambda: f"<strong>{escape(self.heading)}</strong><br>{escape(self.readout)} Run this cell to move the sliders.")


ALT = "On the left one curve a rule, loss against η, the η chosen from the other five starts marked; on the right a lane a rule."


def _drawn(race, horizon, at=None, title=""):
    """A race at one setting as PNG bytes: the valleys, and beside them the lanes."""
    left, right = figures.panels(2, height=4.0)
    axis = Axis(race)
    low, high = 10**axis.low, 10**axis.high
    valleys(left, race, horizon, axis, at)
    left.set_title(title)
    for i, rule in enumerate(race.losses):
        seen, place = look(rule), race.tuned(rule, horizon) if at is None else at
        middle, least, most = np.clip(race.valley(rule, horizon)[:, place], low, high)
        right.plot([high, low], [-i, -i], color="#BBBBBB", linewidth=1)
        right.plot([most, least], [-i, -i], color=seen.colour, linewidth=7, alpha=0.35, solid_capstyle="butt")
        right.plot(middle, -i, seen.marker, color=seen.colour, markersize=9, clip_on=False)
        right.text(high, -i + 0.2, f"{seen.label}, η = {number(race.etas[place])}", color=seen.text, va="bottom")
    if at is not None:
        left.axvline(race.etas[at], color=figures.INK, linewidth=1)
    right.set(xscale="log", xlim=(high, low / 1.15), ylim=(0.7 - len(race.losses), 0.75), yticks=[],
              xlabel=f"{up(race)} {WORDS['after'].format(n=horizon)}: better to the right")
    return figures.png(left.get_figure())


def fair_race(surfaces, rules=RULES, horizons=HORIZONS, etas=ETAS, horizon=None, mode=OWN, eta=None, title=""):
    """Rules in their lanes on some surfaces, after any of `horizons` steps, each at its own best η or all at one; beside it loss against η.

    surfaces  {name: surface}; a surface that was raced before is not raced again
    horizon   where its slider begins, one of `horizons` (the first)
    mode      "each at its own best η" or "one η for all"; eta: where that slider begins, one of `etas`
    title     a finding; it stands over the figure where the controls begin, elsewhere the title names the setting

    Returns a `FairRace` that displays itself. Raises TypeError for what is no dict of surfaces, ValueError for a place where no slider can stand.
    """
    if not isinstance(surfaces, dict) or not surfaces:
        raise TypeError(f"fair_race needs surfaces by name, at least one: fair_race({{'ravine': ravine}}); got {short(surfaces)}")
    horizons, etas, rules = entries(horizons, etas, rules)
    title = text("title", title) or ""
    horizon, eta = horizons[0] if horizon is None else horizon, (0.4 if 0.4 in etas else etas[len(etas) // 2]) if eta is None else eta
    for name, value, places in (("horizon", horizon, horizons), ("mode", mode, (OWN, SHARED)), ("eta", eta, etas)):
        if not is_among(value, places):
            raise ValueError(f"{name} is {short(value)}; it is one of {', '.join(map(str, places))}")
    races = {name: surface if isinstance(surface, Race) else race_on(surface, horizons, etas, rules) for name, surface in surfaces.items()}
    return once_per_cell(FairRace(races, horizon, mode, eta, title))
