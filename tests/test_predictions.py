"""The cards' questions: what may be said, and what is said back."""

import json
import math
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from helpers import exercises
from helpers.descent import descend
from helpers.exercises.predictions import Prediction, fits, read_number
from helpers.exercises.series import CARDS, PREDICTIONS
from helpers.explorer import explore
from helpers.surfaces import ravine, turned_ravine
from helpers.update_rules import adagrad, gradient_descent
from not_run import not_run
from thorough import every_time, without_a_race


NUMBERS = [
    ("0.5", 0.5), ("0,5", 0.5), ("1/2", 0.5), (" 1 / 2 ", 0.5), ("½", 0.5), ("3e-4", 3e-4), ("−2", -2), ("3.16 η", 3.16), ("3.16η", 3.16), (".5", 0.5), (7, 7), (0.25, 0.25), ("1e2/4", 25), ("√10", 10**0.5), ("sqrt(10)", 10**0.5), ("-√ 2", -(2**0.5)), ("√2/2", 2**0.5 / 2), ("about 0.5", 0.5), ("≈3,2 eta", 3.2), ("~ .5", 0.5),
    ("0,5/0,25", 2), ("Ca. 3E-4", 3e-4), ("5.", 5), ("+.5e+1", 5), ("SQRT 4", 2), ("0/4", 0),
    ("1½", 1.5), ("2⅓", 2 + 1 / 3), ("-1½", -1.5), ("3 ¼ η", 3.25), ("½/½", 1), ("2·¾", 1.5), ("0,500", 0.5),
    ("1 000", 1000), ("12 000 000", 12e6), ("10\u00a0000", 10000), ("1000", 1000), ("1,25", 1.25), ("1,0000", 1),
    ("1/(1-0.75)", 4), ("1/(1 − 0,75) η", 4), ("(1 + 2) * 3", 9), ("2 × 3 - 1", 5), ("8 ÷ 2 / 2", 2), ("2**3", 8),
    ("2^-1", 0.5), ("-2^2", -4), ("2*-3", -6), ("√(9 + 16)", 5), ("sqrt(2*8)", 4), ("1/2/2", 0.25),
    ("((((1))))", 1), ("0.5 - 0.5", 0), ("0.125", 0.125),
]
NONE = ["", "many", "1/0", "nan", "inf", "1,000.5x", "--3", "η", "√", "√-1", "sqrt(x)", "about", "1,000,5", "½½", "٣", "1e999", "1 2", "0x10",
        "1/(1-1)", "1/(1/0)", "10**400", "1/10**400", "0**-1", "(-1)**0.5", "(1", "1)", "()", "1 +", "*2", "2**",
        "1__0", "exp(1)", "0.5½", "1,5 + 2.5", "(" * 1000 + "1" + ")" * 1000, "1" * 101, "import os", "1;2",
        "1 0000", "1,000.5", "√√", "1e"]
UNCLEAR = ["1,000", "10,000", "-1,000 η", "1,000,000", "about 2,500", "3 * 1,000", "999,999"]


@pytest.mark.parametrize("text, value", NUMBERS)
def test_a_number_is_read_as_people_write_it(text, value):
    assert read_number(text, "η") == value


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_number_is_refused_with_what_to_write(text):
    with pytest.raises(ValueError, match="is not a number: write it in digits") as problem:
        read_number(text, "η")
    told = str(problem.value).removeprefix(repr(text.strip()))
    assert not re.search(r"[0-9½√]", told), "an example may be the answer of a card"


@pytest.mark.parametrize("text", UNCLEAR)
def test_a_comma_that_may_mean_thousands_is_asked_about(text):
    with pytest.raises(ValueError, match="[0-9],[0-9]{3} can be read in two ways"):
        read_number(text, "η")


def test_the_browser_reads_every_answer_as_python_does():
    node = shutil.which("node")
    if not node:
        not_run("The browser's reader of answers", "it needs node. Install Node.js and run the same line again.")
    source = (Path(__file__).parents[1] / "helpers" / "exercises" / "card.js").read_text(encoding="utf-8")
    functions = (rf"^function {name}.+?^}}$" for name in ("readNumber", "arithmetic"))
    reader = "".join(re.search(function, source, re.DOTALL | re.MULTILINE)[0] for function in functions)
    spec = next(exercises.predict(card.name, explore(adagrad, on=ravine, steps=5, eta=[0.1, 0.2])).card.spec for card in CARDS if card.unit == "η")
    said = [str(text) for text, _ in NUMBERS] + NONE
    ask = f"{reader}\nconsole.log(JSON.stringify({json.dumps(said)}.map((said) => readNumber(said, {json.dumps(spec)})?.value ?? null)))"
    told = json.loads(subprocess.run([node, "-e", ask], check=True, capture_output=True, text=True, encoding="utf-8").stdout)
    assert told == [value for _, value in NUMBERS] + [None] * len(NONE)
    ask = ask.replace(json.dumps(said), json.dumps(UNCLEAR)).replace("?.value ?? null", ".unclear")
    asked = subprocess.run([node, "-e", ask], check=True, capture_output=True, text=True, encoding="utf-8")
    told = json.loads(asked.stdout)
    assert told == ["1,000", "10,000", "1,000", "1,000,000", "2,500", "1,000", "999,999"]


@pytest.mark.parametrize("card", every_time(without_a_race(CARDS), CARDS), ids=lambda card: card.name)
def test_every_card_finds_its_truth_and_answers_every_answer(card):
    if card.choices:
        assert card.truth in card.choices and len(set(card.choices)) == len(card.choices) >= 3
        rights = [choice for choice in card.choices if card.reply(*card.read(choice))["right"]]
        assert rights == [card.truth]
        for choice in card.choices:
            said = card.reply(*card.read(choice))["text"]
            assert f"“{choice}”" in said and card.truth in said and card.why in said
    else:
        assert math.isfinite(card.truth) and card.reply(*card.read(card.truth))["right"]
        for said, words in card.because.items():
            answer = card.reply(*card.read(said))
            assert not answer["right"] and words in answer["text"] and f"{said:g}" in answer["text"], said
        for factor, word in ((0.6, "little"), (1.7, "much")):
            answer = card.reply(*card.read(card.truth * factor))
            assert not answer["right"] and f"which is too {word}. It is {card.true_text()}" in answer["text"]
        for wild in (0, -1, 1e300, -1e300, 1e-300):
            assert card.reply(*card.read(wild))["text"]


@pytest.mark.parametrize("said, words", [("3.5", "the mean of the gradients"), ("7/2", "the mean of the gradients"), ("3.54", "root of an average"),
                                         ("3.5355", "root of an average"), ("12.5", "average of the squares")])
def test_a_mean_and_a_root_of_a_mean_are_told_apart(said, words):
    card = PREDICTIONS["by hand"]
    assert words in card.reply(*card.read(said))["text"]


def test_the_reasons_about_the_condition_number_are_those_of_its_figure():
    for condition in (10, 30, 100):
        ravine = turned_ravine(condition, 30, steepest=1)
        etas = np.linspace(0.02, 2.5, 2481)
        loss = descend(gradient_descent, ravine, 400, eta=etas, keep="loss").loss
        met = loss <= 1e-6 * loss[0]
        fewest = np.where(met.any(axis=0), met.argmax(axis=0), 400)
        best = etas[fewest == fewest.min()]
        assert best.min() > 1.7 and best.max() < 2, "it does not shrink as the condition number grows: the steep curvature stays 1"
        assert best.mean() / condition == pytest.approx(2 / condition, rel=0.15), "the gentle weight's share of its way, η × its curvature"


def test_the_steps_that_the_condition_card_names_are_those_of_its_figure():
    loss = descend(gradient_descent, turned_ravine(10, 0, steepest=1), 100, eta=1.8).loss
    assert "33 steps" in PREDICTIONS["condition"].question and np.argmax(loss <= 1e-6 * loss[0]) == 33


def test_the_truths_are_those_of_the_lecture():
    truths = {card.name: card.truth for card in CARDS}
    assert truths["ravine edge"] == 0.5 and truths["by hand"] == 5 and math.isclose(truths["first step"], 10**0.5, rel_tol=1e-9)
    assert truths["scale"] == "1.5 times" and truths["condition"] == "about 3 times as many" and truths["chase"] == "Adagrad more, RMSprop fewer"
    assert truths["rates"] == "neither ever rises" and truths["what jumps"] == "about 4.5 times as long" and truths["large gradient"] == "the same"
    assert truths["settles"] == "1e-1" and truths["becomes Adagrad"] == "yes, at η√(1 − β)"


def test_a_card_finds_out_instead_of_knowing():
    wrong = Prediction("x", "01", "Which?", lambda: "c", "Because.", choices=("a", "b"))
    with pytest.raises(ValueError, match="finds 'c', which is none of its choices"):
        wrong.bands()
    with pytest.raises(ValueError, match="answers 'd', which is no choice"):
        Prediction("x", "01", "Which?", lambda: "a", "Because.", choices=("a", "b"), because={"d": "no"})


def test_names_are_not_given_twice():
    assert len(PREDICTIONS) == len(CARDS)
    assert all(card.question.endswith("?") for card in CARDS) or [card.question for card in CARDS if not card.question.rstrip(".").endswith("?")]


def test_an_answer_is_a_choice_or_its_place():
    card = Prediction("x", "01", "Which?", lambda: "b", "Because.", choices=("a", "b"))
    assert card.read(2) == card.read("b") == ("b", "b")
    for wrong in (0, 3, "c", True, None, 1.0):
        with pytest.raises(ValueError, match="answer with one of 'a', 'b'"):
            card.read(wrong)


def test_where_per_cent_are_asked_for_a_number_up_to_1_is_a_share():
    card = Prediction("x", "03", "How many per cent?", lambda: 65.1, "Because.", because={100: "A window.", 50: "Half."}, unit="%", tell="{:.0f}".format)
    for said, right, words in ((65, True, "You said 65 %. Right: 65 %."), (0.65, True, "Your number was taken for a share of 1. Right: 65 %."), ("0,65", True, "share"), ("2/3", True, "share"), (1, False, "A window."),
                               (0.5, False, "share of 1. Half. It is 65 %."), (0.4, False, "share of 1, which is too little"), (0.9, False, "share of 1, which is too much"),
                               (2, False, "You said 2 %, which is too little"), (-0.5, False, "You said -0.5 %, which is too little"), (90, False, "You said 90 %, which is too much")):
        told = card.reply(*card.read(said))
        assert told["right"] == right and words in told["text"], told
    little = Prediction("x", "03", "How many per cent?", lambda: 0.5, "Because.", unit="%")
    assert little.reply(*little.read(0.5))["right"] and not little.reply(*little.read(0.005))["right"]
    assert PREDICTIONS["last ten"].reply(*PREDICTIONS["last ten"].read("0.65"))["right"]


def test_a_negative_trap_is_met_too():
    card = Prediction("x", "01", "How much?", lambda: 2.0, "Because.", because={-2: "The sign."}, unit="m")
    assert "The sign." in card.reply(*card.read(-2.01))["text"] and card.reply(*card.read("2 m"))["right"]
    assert [fits(band, 2.0) for band in card.bands()][0]
