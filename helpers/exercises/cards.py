"""predict(): a card that asks first and shows the figure after, with what was said beside what is true."""

import base64
import sys
from html import escape
from pathlib import Path

import anywidget
import ipywidgets
import traitlets
from ipywidgets import widget_serialization

from helpers import figures, knobs
from helpers.arrivals import Picture, yes_or_no
from helpers.exercises import arithmetic
from helpers.exercises.keeper import keeper
from helpers.exercises.predictions import HOW, NAMES, ROUGHLY, Prediction, fits
from helpers.exercises.series import PREDICTIONS
from helpers.explorer.cells import close_all, once_per_cell
from helpers.surface import is_among, short
from helpers.views import script

HERE = Path(__file__).parent
BEGINS = "Where it begins. Run this cell to answer, and to see the rest."
LARGEST = sys.float_info.max
NUMBERS = {  # how the page reads what is typed: as Python does
    "roughly": ROUGHLY, "alike": arithmetic.ALIKE, "signs": arithmetic.SIGNS, "token": arithmetic.TOKEN,
    "mixed": arithmetic.MIXED, "spaced": arithmetic.SPACED, "unclear": arithmetic.UNCLEAR,
    "longest": arithmetic.LONGEST,
}
WORDS = {
    "label": "Predict, then look", "lock": "Lock in my answer", "show": "Show it without an answer", "again": "Ask me again", "number": "your number",
    "choose": "Choose an answer first.",
    "how": HOW, "not": "“{}” is not a number: ", "comma": arithmetic.COMMA,
    "open": "Not answered yet. What there is to see is shown when you have locked in an answer.",
    "yours": "your answer", "true": "true", "unsaid": "You looked without an answer. It is {truth}. {why}",
}


class Card(Picture, anywidget.AnyWidget):
    """The question, the form, and what is said back. `state` is all that changes: {"said": text or None, "value", "open"}."""

    _esm = script(HERE / "card.js")
    _css = (HERE / "card.css").read_text(encoding="utf-8")
    spec = traitlets.Dict().tag(sync=True)
    state = traitlets.Dict().tag(sync=True)
    layouts = traitlets.List().tag(sync=True, **widget_serialization)  # of the figure: the view hides and shows it, so no kernel is needed

    def check_state(self, state):
        """An answer to this question, none yet, or a look without one; what is neither leaves the card as it is."""
        state = state if isinstance(state, dict) else {}
        said, value, is_open = state.get("said"), state.get("value"), yes_or_no(state.get("open"))
        if is_open is not None and said is None:
            return {"said": None, "value": None, "open": is_open}
        value = self._answer(value) if is_open and isinstance(said, str) else None
        return None if value is None else {"said": said, "value": value, "open": True}

    def _answer(self, value):
        """The value of an answer, as the question takes it; None for what is not one."""
        if self.spec["choices"]:
            return value if isinstance(value, str) and value in self.spec["choices"] else None
        try:
            value = None if isinstance(value, bool) else float(value)
        except (TypeError, ValueError, OverflowError):
            return None
        if value is None or not abs(value) <= LARGEST:
            return None
        return value if any(fits(band, value) for band in self.spec["bands"]) else None


class Predict(ipywidgets.VBox):
    """What `predict` returns; it displays itself.

    .say(answer)   lock in an answer: a choice (or its place, from 1), a number or text that holds one; ValueError says what to write
    .show()        show the figure without an answer
    .again()       hide the figure and ask again
    .said, .seen   what was said, as text (None: nothing); is the figure shown?
    .reply         what is said back; .right: was it right? (None where nothing was said)
    """

    def __init__(self, prediction, figure):
        self.prediction, self.figure, self.shown = prediction, figure, figure
        if not isinstance(figure, ipywidgets.Widget):  # a still picture
            self.shown = ipywidgets.HTML(figure._repr_html_())
        bands = prediction.bands()
        unsaid = WORDS["unsaid"].format(truth=prediction.true_text(), why=prediction.why)
        spec = {"name": prediction.name, "question": prediction.question, "choices": list(prediction.choices), "unit": prediction.unit, "units": [*filter(None, (prediction.unit, NAMES.get(prediction.unit)))], "bands": bands,
                "truth": prediction.truth if prediction.choices else None, "numbers": NUMBERS,
                "words": {**WORDS, "unsaid": unsaid}}
        if prediction.finding and hasattr(figure, "retitle"):
            figure.retitle(prediction.finding)
        self.card = Card(spec=spec, state=self._kept(), layouts=[self.shown.layout])
        self._follow()
        self.card.observe(self._changed, "state")
        super().__init__([self.card, self.shown], layout=ipywidgets.Layout(width="100%", max_width="1400px"))
        self.add_class("predict")

    def _kept(self):
        """Where the reader left it."""
        entry = keeper.get("predictions", self.prediction.name)
        try:
            text, value = self.prediction.read(entry["value"])
            return {"said": entry.get("said", text), "value": value, "open": True}
        except (KeyError, ValueError):  # not answered, or answered when the card asked otherwise
            return {"said": None, "value": None, "open": bool(entry.get("shown"))}

    def _follow(self):
        self.shown.layout.display = None if self.seen else "none"

    def _changed(self, _):
        self._follow()
        if self.said is None and not self.seen:
            keeper.forget(self.prediction.name, kinds=("predictions",))
        elif self.said is None:
            keeper.put("predictions", self.prediction.name, shown=True)
        else:
            keeper.put("predictions", self.prediction.name, said=self.said, value=self.card.state["value"], right=self.right, truth=self.prediction.true_text())

    def say(self, answer):
        if self.seen:
            raise ValueError("this answer is locked in; .again() asks again")
        text, value = self.prediction.read(answer)
        self.card.state = {"said": text, "value": value, "open": True}

    def show(self):
        if not self.seen:
            self.card.state = {"said": None, "value": None, "open": True}

    def again(self):
        self.card.state = {"said": None, "value": None, "open": False}

    @property
    def said(self):
        return self.card.state["said"]

    @property
    def seen(self):
        return self.card.state["open"]

    @property
    def reply(self):
        if self.said is None:
            return self.card.spec["words"]["unsaid" if self.seen else "open"]
        return self.prediction.reply(self.said, self.card.state["value"])["text"]

    @property
    def right(self):
        return None if self.said is None else self.prediction.reply(self.said, self.card.state["value"])["right"]

    def close_all(self):
        close_all(self)

    def __repr__(self):
        return f"Predict: {self.prediction.question} {self.reply}"

    # for viewers without widgets: the question, and the start of the figure at most

    def _repr_mimebundle_(self, **kwargs):
        return {**super()._repr_mimebundle_(**kwargs), "text/html": self.stored(**kwargs)}

    def stored(self, **kwargs):
        """HTML of the card as it stands now: what a notebook keeps of it."""
        choices = "".join(f"<li>{escape(choice)}</li>" for choice in self.prediction.choices)
        html = f"<p><strong>{WORDS['label']}:</strong> {escape(self.prediction.question)}</p>" + (f"<ul>{choices}</ul>" if choices else "")
        if not self.seen:
            return html + self._beginning()
        shown = self.figure._repr_html_() if self.shown is not self.figure else self.figure._repr_mimebundle_(**kwargs).get("text/html", "")
        return f"{html}<p>{escape(self.reply)}</p>{shown}"

    def _beginning(self):
        if not hasattr(self.figure, "beginning"):
            return "<p><em>Run this cell to answer, and to see.</em></p>"
        picture, seen = self.figure.beginning()
        data = base64.b64encode(picture).decode()
        return (f'<figure style="margin:0"><img alt="{escape(seen)}" style="max-width:100%" src="data:image/png;base64,{data}">'
                f"<figcaption>{escape(getattr(self.figure, 'beginning_caption', BEGINS))}</figcaption></figure>")


def predict(question, figure):
    """Ask before showing: a card with `question`, and under it `figure`, which is hidden until an answer is locked in.

    question  the name of a card of this series, or a `Prediction`
    figure    what explore, hypotenuse or figures return, or any ipywidget; a still picture without words takes those of the card

    Nothing waits: a card that is not answered says so, and shows the figure on request. An answer survives a re-run and a restart.
    Returns a `Predict` that displays itself. Raises ValueError for an unknown name, TypeError for what cannot be shown.
    """
    if not isinstance(question, Prediction):
        if not is_among(question, PREDICTIONS):
            raise ValueError(f"there is no card {short(question)}.{knobs.suggest(question, list(PREDICTIONS))}")
        question = PREDICTIONS[question]
    if hasattr(figure, "get_figure"):
        figure = figures.show(figure, title=question.finding, caption=question.why, alt=question.alt)
    if not isinstance(figure, ipywidgets.Widget) and not hasattr(figure, "_repr_html_"):
        raise TypeError(f"predict shows what explore(...), hypotenuse(...) or figures.show(...) make; got {short(figure)}")
    return once_per_cell(Predict(question, figure))
