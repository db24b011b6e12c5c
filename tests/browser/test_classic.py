"""The classic notebook with Colab's own versions (ipywidgets 7.7.1): run every notebook, move every slider, with a kernel and without."""

from pathlib import Path

import cells
import pytest
from conftest import COLAB_VENVS
from explorers import OnPage, assert_sliders_move
from frontends import Classic
from thorough import THOROUGH

from helpers.exercises.series import PREDICTIONS

ROOT = Path(__file__).resolve().parent.parent.parent
BOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
# between them these hold every kind of control; that every notebook runs alone, and that each position of each of its controls reaches
# its figure by a front end's message, is asked with both of Colab's sets in test_standalone.py
SHOWN = [book for book in BOOKS if book.name[:2] in ("02", "04", "06", "10")]
ASKED = [(book, venv) for venv in COLAB_VENVS[:1] or [None] for book in SHOWN]
ASKED += [(SHOWN[1], venv) for venv in COLAB_VENVS[1:]]


@THOROUGH
@pytest.mark.parametrize(
    "book, old_alone",
    ASKED,
    indirect=["old_alone"],
    ids=[f"{venv.name.lstrip('.') if venv else 'colab'}-{book.stem}" for book, venv in ASKED],
)
def test_every_slider_of_a_notebook_that_lies_alone_moves_its_figure(book, old_alone, new_context, site):
    opened = Classic(new_context(), old_alone, f"notebooks/{book.name}").run_all().look_behind_the_cards(cells.cards_in(cells.code_of(book)))
    twins = site.explorers(book.stem)
    opened.page.wait_for_function("n => document.querySelectorAll('.explorer').length >= n", arg=len(twins), timeout=30000)
    figures = opened.figures()
    assert [figure.title for figure in figures] == [twin.spec_maker.heading() for twin in twins]
    for figure, twin in zip(figures, twins):
        figure.show()
        assert_sliders_move(figure, twin)
    opened.watch.check()
    opened.page.close()


def test_a_card_is_answered_and_a_target_reached_and_without_a_kernel_the_sliders_go_on(old, new_context):
    opened = Classic(new_context(), old, "notebooks/06_rmsprop.ipynb").run_all()
    card, prediction = opened.card(0), PREDICTIONS["first step"]
    if not card.hidden:  # another test has looked behind it, and that is remembered
        card.again()
    assert card.hidden and card.told.startswith("Not answered yet")
    card.answer("1")
    assert not card.hidden and card.told == prediction.reply(*prediction.read("1"))["text"]
    assert OnPage(card.figure).show().title == prediction.finding
    target = OnPage(opened.page.locator(".explorer").filter(has_text="How much ε stills")).show()
    goal = target.box.locator(".xp-goal")
    assert "Not yet" in goal.inner_text()
    target.press(0, "ArrowRight", 6)
    assert goal.inner_text().startswith("✓") and "Reached" in goal.inner_text()
    opened.page.wait_for_function("document.body.textContent.includes('reached with ε = ')", timeout=10000)
    opened.watch.check()

    (twin, _), figure = cells.key_figure_of(ROOT / "notebooks" / "06_rmsprop.ipynb"), opened.figure(0)
    figure.obey(twin, wait=3)
    opened.end_kernel()
    opened.page.evaluate("document.querySelectorAll('.modal, .modal-backdrop').forEach(e => e.remove())")
    for c, share in ((0, 0.2), (1, 0.8), (0, 0.7)):
        before = figure.picture()
        figure.drag(c, share)
        figure.obey(twin, c)
        assert figure.picture() != before
    opened.page.close()
