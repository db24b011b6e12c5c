"""Predict cards: locked in before the figure is seen, compared after, and there again after a re-run and a restart."""

import ipywidgets
import pytest

from helpers import exercises, figures
from helpers.descent import descend
from helpers.exercises.cards import Predict
from helpers.exercises.keeper import Keeper, keeper
from helpers.exercises.predictions import Prediction
from helpers.exercises.progress import Progress
from helpers.exercises.series import CARDS, PREDICTIONS
from helpers.explorer import Explorer, explore
from helpers.hypotenuse import hypotenuse
from helpers.surfaces import given, ravine
from helpers.update_rules import adagrad, gradient_descent
from thorough import every_time, without_a_race
from widgets import alive, bundles

HALF = Prediction("half", "01", "How much is half of one?", lambda: 0.5, "Two of them make one.", because={2: "That is the double."}, finding="A half and a half are one",
                  alt="Two curves.")


@pytest.fixture(autouse=True)
def nothing_said():
    keeper.forget()
    yield
    keeper.forget()


def live():
    return explore(gradient_descent, on=ravine, steps=20)


def test_the_figure_is_hidden_until_an_answer_is_locked_in():
    card = exercises.predict(HALF, live())
    assert card.figure.layout.display == "none" and not card.seen and card.reply.startswith("Not answered yet")
    card.say("1/4")
    assert card.figure.layout.display is None and card.seen and card.said == "1/4" and card.right is False
    assert card.reply == "You said 1/4, which is too little. It is 0.5. Two of them make one."
    with pytest.raises(ValueError, match="locked in; .again"):
        card.say(0.5)
    card.close_all()


@pytest.mark.parametrize("said, right, told", [(0.5, True, "You said 0.5. Right: 0.5."), ("½", True, "You said ½. Right"), (2, False, "That is the double"), (-7, False, "too little")])
def test_what_is_said_back_fits_what_was_said(said, right, told):
    card = exercises.predict(HALF, live())
    card.say(said)
    assert card.right is right and told in card.reply
    card.close_all()


def test_an_answer_that_is_none_is_refused_and_locks_nothing():
    card = exercises.predict(HALF, live())
    with pytest.raises(ValueError, match="is not a number: write it in digits"):
        card.say("many")
    assert not card.seen and keeper.get("predictions", "half") == {}
    card.close_all()


def test_an_answer_survives_a_re_run_and_a_new_kernel():
    card = exercises.predict(HALF, live())
    card.say("1/4")
    card.close_all()
    again = exercises.predict(HALF, live())
    assert again.said == "1/4" and again.seen and again.figure.layout.display is None and "1/4" in again.reply
    assert Keeper().get("predictions", "half") == {"said": "1/4", "value": 0.25, "right": False, "truth": "0.5"}
    again.close_all()


def test_looking_without_an_answer_is_possible_and_said():
    card = exercises.predict(HALF, live())
    card.show()
    assert card.seen and card.said is None and card.right is None and card.reply == "You looked without an answer. It is 0.5. Two of them make one."
    assert card.figure.layout.display is None
    card.again()
    assert not card.seen and card.figure.layout.display == "none" and keeper.get("predictions", "half") == {}
    card.close_all()


def test_the_view_sets_the_same_state_as_python():
    card = exercises.predict(HALF, live())
    card.card.state = {"said": "0.5", "value": 0.5, "open": True}  # as card.js does
    assert card.right and card.figure.layout.display is None and keeper.get("predictions", "half")["right"] is True
    card.close_all()


def test_asked_again_a_card_forgets_its_own_answer_and_nothing_else_of_that_name():
    keeper.put("exercises", "half", solved=True)
    keeper.put("targets", "half", setting="η = 1")
    card = exercises.predict(HALF, live())
    card.show()
    card.again()
    assert keeper.get("predictions", "half") == {} and keeper.get("exercises", "half") == {"solved": True} and keeper.get("targets", "half") == {"setting": "η = 1"}
    card.close_all()


def test_an_answer_to_a_card_that_now_asks_otherwise_is_asked_for_again():
    keeper.put("predictions", "half", said="a", value="a", right=True)
    card = exercises.predict(HALF, live())
    assert card.said is None and not card.seen
    card.close_all()


@pytest.mark.parametrize("make", [live, lambda: hypotenuse(adagrad), lambda: figures.steps(descend(adagrad, given([1] * 20 + [100] * 20), 40)),
                                  lambda: ipywidgets.HTML("0.5: the answer")])
def test_what_is_stored_under_a_card_gives_nothing_away(make):
    card = exercises.predict(HALF, make())
    html = card.stored()
    assert HALF.question in html and "Run this cell" in html
    for secret in (HALF.finding, HALF.why, "0.5", "the answer", "0.08"):
        assert secret not in html
    assert "After" not in html, "the read-out of the figure is in it"
    with bundles():
        assert card._repr_mimebundle_()["text/html"] == html
        card.say(0.5)
        assert HALF.why in card.stored()
    card.close_all()


def test_the_start_alone_is_another_picture_than_the_run():
    figure = live()
    start, seen = figure.beginning()
    assert start[:4] == b"\x89PNG" and "start" in seen and start != figures.png(figure.still())
    figure.close_all()


def test_a_live_figure_gets_the_finding_as_its_title_and_a_still_one_its_words():
    card = exercises.predict(HALF, live())
    assert card.figure.spec_maker.heading() == HALF.finding == card.figure.canvas.spec["title"]
    still = exercises.predict(HALF, figures.steps(descend(adagrad, ravine, 9)))
    assert HALF.finding in still.shown.value and HALF.alt in still.shown.value and still.shown.layout.display == "none"
    card.close_all(), still.close_all()


def test_an_unknown_card_and_what_cannot_be_shown_are_refused():
    with pytest.raises(ValueError, match="no card 'frist step'.*first step"):
        exercises.predict("frist step", live())
    with pytest.raises(TypeError, match="predict shows what explore"):
        exercises.predict("first step", 3)


def test_a_card_on_a_figure_leaves_no_widget_behind():
    before = alive()
    for _ in range(3):
        exercises.predict(HALF, live()).close_all()
    assert alive() == before


@pytest.mark.parametrize("prediction", every_time(without_a_race(CARDS), CARDS), ids=lambda card: card.name)
def test_every_card_of_the_series_is_answered_right_and_wrong(prediction):
    for said in prediction.choices or (prediction.truth, 1.3 * prediction.truth, *prediction.because):
        card = Predict(prediction, ipywidgets.HTML(""))
        card.say(said)
        assert card.right == (said == prediction.truth) and prediction.why in card.reply
        card.again()
        card.close_all()


def test_progress_shows_what_was_said_beside_what_is_true():
    table = exercises.progress("06")
    assert "0 of 4 predictions" in table.value and "0 of 1 target" in table.value and "3.16" not in table.value
    keeper.put("predictions", "first step", said="2 η", value=2, right=False, truth="3.16 η")
    keeper.put("predictions", "chase", said="Adagrad", value="Adagrad", right=True, truth="Adagrad")
    keeper.put("targets", "quiet", setting="ε = 0.2")
    assert "2 of 4 predictions" in table.value and "1 of 1 target" in table.value
    lines = {what: told for _, what, _, told in table.lines}
    assert lines[PREDICTIONS["first step"].question] == "you said 2 η; it is 3.16 η" and lines[PREDICTIONS["chase"].question] == "you said Adagrad: right"
    assert "reached with ε = 0.2" in lines.values() and "not answered yet" in lines.values()
    count = len(keeper.listeners)
    table.close()
    assert len(keeper.listeners) == count - 1


def test_progress_of_a_notebook_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="no notebook '6'"):
        exercises.progress("6")
    assert isinstance(exercises.progress("01"), Progress) and Explorer


ODD_STATES = [
    {}, {"open": True, "value": 1}, {"open": "yes"}, {"said": None, "value": 3, "open": None}, {"other": 1},
    {"said": 5, "value": 0.5, "open": True}, {"said": ["x"], "value": {}, "open": 1},
    {"said": "0.5", "value": 0.5, "open": False},
    *({"said": "x", "value": value, "open": True} for value in (
        "no", float("nan"), float("inf"), True, None, [0.5], 10**400)),
]


def send(card, state):
    """As a page does."""
    content = {"data": {"method": "update", "state": {"state": state}, "buffer_paths": []}}
    card.card._handle_msg({"content": content, "buffers": []})


@pytest.mark.parametrize("card", [HALF, PREDICTIONS["rates"]], ids=["a number", "a choice"])
@pytest.mark.parametrize("state", every_time(ODD_STATES[::4], ODD_STATES), ids=str)
def test_a_page_may_send_anything(card, state):
    card = exercises.predict(card, live())
    send(card, state)
    with bundles():
        assert card.said is None and card.right is None and card.reply and card.stored()
    assert card.prediction.question in repr(card)
    assert card.seen == (state.get("open") is True and state.get("said") is None)
    card.again()
    card.say(card.prediction.truth)
    assert card.right
    card.close_all()


def test_what_a_page_sends_is_an_answer_where_it_is_one():
    card = exercises.predict(HALF, live())
    send(card, {"said": "1/4", "value": 0.25, "open": True})
    assert card.said == "1/4" and card.right is False and keeper.get("predictions", "half")["value"] == 0.25
    card.close_all()
