"""Notebook 00: what its card says of the ball is so, and its self-test tells in plain words what is wrong."""

import pytest

from helpers.descent import descend
from helpers.exercises.series import PREDICTIONS
from helpers.exercises.walk00 import CARDS, needed
from helpers.explorer import explore
from helpers.selftest import self_test, trouble_with, versions
from helpers.surfaces import bowl
from helpers.update_rules import gradient_descent


def test_each_doubling_takes_less_than_half_the_steps_until_one_overshoots():
    steps = needed(0.1, 0.2, 0.4, 0.8, 1.6)
    assert steps == [54, 26, 12, 4, 12]
    assert all(2 * after < before for before, after in zip(steps[:3], steps[1:4]))
    assert needed(2.0) == [-1] and needed(1.9)[0] > 0


def test_the_card_finds_its_truth_and_answers_every_wrong_choice():
    card = PREDICTIONS["double"]
    assert card.truth == "three times as many" and set(card.because) == set(card.choices) - {card.truth}
    assert abs(1 - 0.8) == pytest.approx(1 / 5) and abs(1 - 1.6) == pytest.approx(6 / 10)  # what its answer says of one step
    assert [card.notebook for card in CARDS] == ["00"]


def test_where_all_is_well_the_self_test_says_so_and_shows_the_moved_figure(capsys):
    figure = self_test()
    said = capsys.readouterr().out
    assert "All in order" in said and figure.readout in said and figure.controls["eta"].value == 0.2
    assert all(word in said for word in ("Python 3.", "numpy ", "matplotlib ", "ipywidgets ", "anywidget "))
    figure.close_all()


@pytest.mark.parametrize("gone, words", [(["anywidget"], "anywidget is missing."), (["numpy", "ipywidgets"], "numpy, ipywidgets are missing.")])
def test_a_missing_package_is_named_with_the_way_to_get_it(gone, words, capsys):
    assert self_test(found=lambda name: None if name in gone else "1.0") is None
    said = capsys.readouterr().out
    assert words in said and "python start.py" in said and f"%pip install {' '.join(gone)}" in said and "All in order" not in said


def test_no_page_of_ours_is_no_fault():
    lines, missing = versions(lambda name: None if name in ("jupyterlab", "notebook") else "1.0")
    assert missing == [] and "neither jupyterlab nor notebook" in lines[-1]
    assert versions(lambda name: None if name == "jupyterlab" else "6.5.7")[0][-1] == "notebook 6.5.7"


@pytest.mark.parametrize("broken, words", [("still", "did not follow"), ("false", "is not true")])
def test_a_figure_that_does_not_follow_is_told_of(broken, words):
    figure = explore(gradient_descent, on=bowl, steps=10, eta=[0.1, 0.2, 0.4])
    run = descend(gradient_descent, bowl, 10, eta=0.4)
    assert trouble_with(figure, run) is None
    figure.reset()
    if broken == "still":
        run = descend(gradient_descent, bowl, 10, eta=figure.controls["eta"].value)
    else:
        run.loss[-1] *= 3
    assert words in trouble_with(figure, run)
    figure.close_all()


def test_an_error_is_told_in_words(monkeypatch, capsys):
    def explodes(*_, **__):
        raise RuntimeError("no canvas")

    monkeypatch.setattr("helpers.explorer.explore", explodes)
    assert self_test() is None
    said = capsys.readouterr().out
    assert "no figure could be made (RuntimeError: no canvas)" in said and "Restart the kernel" in said
