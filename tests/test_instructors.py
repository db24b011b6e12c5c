"""The page for instructors: its minutes are the notebooks' own, its routes add up, its keys come out of the helpers, its lines of code run."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest

from helpers.descent import descend
from helpers.epsilon import epsilon_rule
from helpers.memory_bars import half_life, share
from helpers.network import digits
from helpers.surfaces import Surface, bowl, flat, given, ravine
from helpers.switchboard import switchboard
from helpers.update_rules import adagrad, adam, gradient_descent, rmsprop

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "notebooks"))

import links  # noqa: E402

PAGE = (ROOT / "notebooks" / "instructors.md").read_text(encoding="utf-8")
QUESTIONS = re.findall(r"^\*\*(\d\d)\.\*\* (.*?)\n(A .*?)\n\*\*Key: ([A-D])\.\*\*(.*?)$", PAGE, re.M)
EXAM = [float(key) for key in re.findall(r"\*\*Key: ([\d.]+)\*\*", PAGE)]
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.S)


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
    "02": lambda: nearest(0.98**100, [0.02, 0.13, 0.5, None]),
    "03": lambda: nearest(1 - share(0.9, 10), [0, 0.1, 0.35, 0.65]),
    "04": lambda: nearest(last(adagrad, given([100.0] * 4), 4, eta=1.0).step[3, 0], [100, 1 / 2, 1 / 4, 25]),
    "05": fate_of_the_rates,
    "06": lambda: nearest(last(rmsprop, given([7.0]), 1, eta=1.0, beta=0.9, eps=0).step[0, 0], [1, 3.16, 0.316, 10]),
    "07": lambda: nearest(1 / ceiling(1e-6, True), [1e-12, 1e-6, 1e-3, 1000]),
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


ANSWERS = [
    lambda: last(adagrad, given([3, 4, 12]), 3, eta=1.0, eps=0).step[2, 0],
    lambda: edge((0.5, 8)),
    lambda: half_life(1 - 1 / 50),
    quieting_eps,
    lambda: last(adagrad, given([0] * 9 + [5]), 10, eta=0.3).step[9, 0],
    lambda: 0.5 ** (1 / 50),
    lambda: last(adagrad, flat(1), 1, memory={"G": 1.0}, eta=2.0, eps=100).rate[0, 0],
    lambda: last(switchboard, given([7.0]), 1, eta=1.0, correction=False, eps=0).step[0, 0],
]


def test_the_minutes_and_needs_of_each_notebook_are_its_own():
    rows = dict(re.findall(r"^\| \[(\d\d) .*?\]\(\S+\) \| (\d+ \| \d+ \| .*?) \|$", PAGE, re.M))
    for path in links.there():
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
    assert [number for number, *_ in QUESTIONS] == [path.name[:2] for path in links.there()] == sorted(KEYS)
    for number, _, choices, key, betrayed in QUESTIONS:
        assert [part[:2] for part in choices.split(" · ")] == ["A ", "B ", "C ", "D "], number
        told = re.findall(r"(?:^|[.;,] |and )([A-D])(?= )", betrayed.strip())
        assert sorted([key, *told]) == ["A", "B", "C", "D"], f"{number}: what does each wrong answer betray?"


@pytest.mark.parametrize("number", sorted(KEYS))
def test_the_key_of_each_question_is_what_the_rules_do(number):
    assert {n: key for n, _, _, key, _ in QUESTIONS}[number] == KEYS[number]()


def test_the_half_life_named_beside_a_wrong_answer_is_that_of_the_schedule():
    assert int(re.search(r"half is gone after about (\d+) steps", PAGE).group(1)) == round(half_life(0.98))


def test_the_files_named_for_slides_are_what_the_command_writes():
    import json

    cells = {cell["id"]: "".join(cell["source"]) for cell in json.loads((ROOT / "notebooks" / "06_rmsprop.ipynb").read_text(encoding="utf-8"))["cells"]}
    named, card = re.search(r"`(06-\w+)-(\w+)\.gif`", PAGE).groups()
    assert f'predict("{card}"' in cells[named]


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


def test_every_link_leads_to_something():
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", PAGE):
        assert (ROOT / "notebooks" / target).exists(), target
