"""The page for instructors: its minutes are the notebooks' own, its routes add up, its keys come out of the helpers, its lines of code run."""

import csv
import re
from pathlib import Path

import numpy as np
import pytest

from helpers import exercises
from helpers.descent import descend
from helpers.epsilon import epsilon_rule
from helpers.exercises.checks import exercises_of
from helpers.exercises.series import PREDICTIONS
from helpers.memory_bars import half_life, share
from helpers.network import digits
from helpers.schedules import exponential
from helpers.surfaces import Surface, bowl, flat, given, ravine
from helpers.switchboard import switchboard
from helpers.update_rules import adagrad, adam, gradient_descent, rmsprop
from tools.notebooks import links

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "notebooks"
PAGE = (ROOT / "notebooks" / "instructors.md").read_text(encoding="utf-8")
QUESTIONS = re.findall(r"^\*\*(\d\d)\.\*\* (.*?)\n(A .*?)\n\*\*Key: ([A-D])\.\*\*(.*?)$", PAGE, re.M)
EXAM = [float(key) for key in re.findall(r"\*\*Key: ([\d.]+)\*\*", PAGE)]
YOURS, GRADING = (PAGE.split(f"## {title}")[1].split("\n## ")[0] for title in ("Make it yours", "Handing in and grading"))
BLOCKS, GRADES = (re.findall(r"```python\n(.*?)```", part, re.S) for part in (YOURS, GRADING))


def last(rule, surface, steps, **knobs):
    with np.errstate(all="ignore"):
        return descend(rule, surface, steps, **knobs)


def nearest(value, options):
    """The letter of the option that is this value."""
    [letter] = [letter for letter, option in zip("ABCD", options) if option is not None and np.isclose(value, option, rtol=0.05)]
    return letter


def ravine_at_06():
    settles = np.abs(last(gradient_descent, ravine, 300, eta=0.6).w[-1]) < 1e-3
    return {(True, True): "A", (False, True): "B", (True, False): "C", (False, False): "D"}[tuple(settles.tolist())]


def fate_of_the_rates():
    rate = last(adagrad, ravine, 5000, eta=0.4).rate
    if (rate[-1] > rate[2500] * 1.001).any():
        return "D"
    return "A" if (rate[-1] < 1e-3).all() else "C" if np.allclose(rate[-1], rate[2500]) else "B"


def ceiling(eps, inside):
    return last(epsilon_rule, flat(1), 1, memory={"G": 0.0}, eta=1.0, eps=eps, inside=inside).rate[0, 0]


def two_winners():
    ahead = [last(rmsprop, ravine, n, eta=0.4).loss[-1] < last(adagrad, ravine, n, eta=0.4).loss[-1] for n in (20, 5000)]
    return {(True, True): "A", (True, False): "B", (False, True): "C", (False, False): "D"}[tuple(map(bool, ahead))]


KEYS = {
    "00": lambda: nearest(int(np.flatnonzero(last(gradient_descent, bowl, 20, eta=1.0).w[:, 0] == 0)[0]), [1, 2, 10, None]),
    "01": ravine_at_06,
    "02": lambda: nearest(exponential(eta=1.0, decay=0.98)(100), [0.02, 0.13, 0.5, None]),
    "03": lambda: nearest(1 - share(0.9, 10), [0, 0.1, 0.35, 0.65]),
    "04": lambda: nearest(last(adagrad, given([100.0] * 4), 4, eta=1.0).step[3, 0], [100, 1 / 2, 1 / 4, 25]),
    "05": fate_of_the_rates,
    "06": lambda: nearest(last(rmsprop, given([7.0]), 1, eta=1.0, beta=0.9, eps=0).step[0, 0], [1, 3.16, 0.316, 10]),
    "07": lambda: nearest(1 / ceiling(1e-6, True), [1e-12, 1e-6, 1e-3, 1]),
    "08": two_winners,
    "09": lambda: nearest(3 * digits.updates_an_epoch, [3, 45, 135, 4314]),
    "10": lambda: nearest(last(adam, given([7.0]), 1, eta=1.0).step[0, 0], [7, 1, 0.7, 3.16]),
}


def edge(curvatures):
    """The largest of many η at which gradient descent still settles on a bowl of these curvatures."""
    valley = Surface("valley", lambda x, y: 0.5 * (curvatures[0] * x**2 + curvatures[1] * y**2), lambda x, y: (curvatures[0] * x, curvatures[1] * y), (1, 1), ((-2, 2), (-2, 2)))
    etas = np.linspace(0.2, 0.3, 401)
    return etas[(last(gradient_descent, valley, 4000, eta=etas).loss[-1] < 1e-3)].max()


def quieting_eps():
    """The smallest of many ε at which RMSprop comes to rest on a weight of curvature 10."""
    steep = Surface("steep bowl", lambda x: 5 * x**2, lambda x: (10 * x,), (1,), ((-2, 2),))
    eps = np.linspace(0.02, 0.1, 81)
    return eps[(last(rmsprop, steep, 4000, eta=0.01, eps=eps).loss[-1] < 1e-12)].min()


def halving_factor():
    """The factor, of many, at which an exponential schedule comes closest to half of η in 50 steps."""
    factors = np.linspace(0.95, 1, 5001)
    return factors[np.abs([exponential(eta=1.0, decay=c)(50) - 0.5 for c in factors]).argmin()]


ANSWERS = [
    lambda: last(adagrad, given([3, 4, 12]), 3, eta=1.0, eps=0).step[2, 0],
    lambda: edge((0.5, 8)),
    lambda: half_life(1 - 1 / 50),
    quieting_eps,
    lambda: last(adagrad, given([0] * 9 + [5]), 10, eta=0.3).step[9, 0],
    halving_factor,
    lambda: last(adagrad, flat(1), 1, memory={"G": 1.0}, eta=2.0, eps=100).rate[0, 0],
    lambda: last(switchboard, given([7.0]), 1, eta=1.0, correction=False, eps=0).step[0, 0],
]


def test_the_minutes_and_needs_of_each_notebook_are_its_own():
    rows = dict(re.findall(r"^\| \[(\d\d) .*?\]\(\S+\) \| (\d+ \| \d+ \| .*?) \|$", PAGE, re.M))
    for path in links.there(FOLDER):
        first = links.text(links.read(path)["cells"][0])
        doing = re.search(r"take about (\d+)", first).group(1)
        needs = [n for n in links.needs(path) if n != path.name[:2]]
        reading, told, asked = rows.pop(path.name[:2]).split(" | ")
        assert (int(reading), told) == (links.minutes(path), doing), path.name
        assert set(re.findall(r"\d\d", asked)) == set(needs), (path.name, needs)
    assert not rows


@pytest.mark.parametrize("headline, minutes", [("45 minutes", 45), ("90 minutes", 90), ("Half a day", 240)])
def test_the_minutes_of_a_route_add_up(headline, minutes):
    part = PAGE.split(f"### {headline}")[1].split("\n#")[0]
    assert sum(map(int, re.findall(r"^\| (\d+) \|", part, re.M))) == minutes


def test_there_is_a_question_for_each_notebook_with_four_choices():
    assert [number for number, *_ in QUESTIONS] == [path.name[:2] for path in links.there(FOLDER)] == sorted(KEYS)
    for number, _, choices, _, betrayed in QUESTIONS:
        assert [part[:2] for part in choices.split(" · ")] == ["A ", "B ", "C ", "D "], number
        assert len(betrayed) > 30, "it says what a wrong answer betrays"


@pytest.mark.parametrize("number", sorted(KEYS))
def test_the_key_of_each_question_is_what_the_rules_do(number):
    assert {n: key for n, _, _, key, _ in QUESTIONS}[number] == KEYS[number]()


@pytest.mark.parametrize("i", range(len(ANSWERS)))
def test_the_key_of_each_exam_question_is_what_the_rules_do(i):
    assert len(EXAM) == len(ANSWERS) and EXAM[i] == pytest.approx(ANSWERS[i](), rel=0.02)


@pytest.mark.parametrize("block", BLOCKS, ids=[re.findall(r"\w+", block.strip().splitlines()[-1])[0] + f"-{i}" for i, block in enumerate(BLOCKS)])
def test_every_line_of_code_runs_as_it_stands(block):
    from helpers.explorer.cells import close_all

    names = {}
    *before, final = re.split(r"\n(?=\S)", block.strip())
    exec("\n".join(before), names)
    figure = eval(final, names)
    shown = getattr(figure, "figure", figure)
    assert shown.readout
    close_all(figure)


def test_the_numbers_beside_wrong_answers_are_what_the_rules_do():
    wrong = PAGE.split("## Wrong answers to expect")[1].split("\n## ")[0]
    firsts = [last(rmsprop, given([7.0]), 1, eta=1.0, beta=beta, eps=0).step[0, 0] for beta in (0.9, 0.99)]
    assert "3.16 η at 0.9, 10 η at 0.99" in wrong and firsts == pytest.approx([3.16, 10], rel=0.01)
    assert "65 %; half of the weight lies in the last 6.6" in wrong and [100 * share(0.9, 10), half_life(0.9)] == pytest.approx([65, 6.6], rel=0.01)
    outside, inside = (last(epsilon_rule, flat(1), 1, memory={"G": 1e-8}, eps=1e-6, inside=place).rate[0, 0] for place in (False, True))
    assert "tenfold apart at G = 1e-8, ε = 1e-6" in wrong and outside / inside == pytest.approx(10, rel=0.05)
    assert f"{digits.updates_an_epoch} an epoch" in wrong
    assert "C is 34 steps" in PAGE and exponential(eta=1.0, decay=0.98)(34) == pytest.approx(0.5, rel=0.01)


def test_every_link_leads_to_something():
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", PAGE):
        assert (ROOT / "notebooks" / target).exists(), target


# handing in and grading


def test_a_right_answer_passes_as_a_line_of_a_test_and_a_wrong_one_does_not(new_reader):
    exec(GRADES[0], {})
    with pytest.raises(AssertionError):
        exec(GRADES[0].replace("adagrad as my_adagrad", "gradient_descent as my_adagrad"), {})


def test_the_place_of_the_progress_file_is_told(new_reader, capsys):
    exec(GRADES[1], {})
    assert capsys.readouterr().out.strip() == str(new_reader) and new_reader.exists()


def test_files_handed_in_become_one_table(new_reader, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "handed_in"
    folder.mkdir()
    for who, rule in (("ben", gradient_descent), ("anna", adagrad)):
        exercises.forget()
        exercises.check("adagrad", rule)
        (folder / f"{who}.json").write_bytes(new_reader.read_bytes())
    exec(GRADES[2], {})
    names = [name for name, _ in exercises_of("04")]
    with open("grades.csv", newline="", encoding="utf-8") as file:
        head, anna, ben = csv.reader(file)
    assert head == ["who", *names] and anna == ["anna", *("1" if name == "adagrad" else "0" for name in names)]
    assert ben == ["ben", *["0"] * len(names)]


def test_a_notebook_for_the_class_has_everything_but_its_solutions(tmp_path, monkeypatch):
    for path in links.there(FOLDER):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.chdir(tmp_path)
    exec(GRADES[3], {})
    given_out, whole = (links.read(tmp_path / name)["cells"] for name in ("04_for_class.ipynb", "04_adagrad.ipynb"))
    solutions = [cell for cell in whole if "solution" in cell["metadata"].get("tags", [])]
    assert solutions and len(given_out) == len(whole) - len(solutions) and not any(cell in given_out for cell in solutions)


def test_a_vote_and_a_card_of_its_notebook_do_not_ask_the_same():
    for number, question, *_ in QUESTIONS:
        assert question not in {card.question for card in PREDICTIONS.values() if card.notebook == number}
