"""Cards, targets, checks and progress in JupyterLab, in a real Chromium: with mouse and keys, after a restart, and without a kernel."""

import cells
import pytest
from explorers import OnPage, until
from frontends import Lab
from thorough import THOROUGH, every_time

from helpers.exercises.predictions import HOW
from helpers.exercises.series import PREDICTIONS

BOOK = "notebooks/taught.ipynb"
NUMBER, CHOICE, STILL, TARGET, PROGRESS, CHECK = range(1, 7)  # the cells
CELLS = [
    cells.SETUP + "\nfrom helpers import exercises, figures\nfrom helpers.descent import descend\nfrom helpers.surfaces import given",
    'exercises.predict("first step", explore(rmsprop, on=ravine, steps=40))',
    'exercises.predict("rates", explore(adagrad, on=ravine, steps=60))',
    'exercises.predict("what jumps", figures.steps(descend(adagrad, given([1] * 20 + [100] * 20), 40)))',
    'explore(rmsprop, on=ravine, steps=400, eta=0.1, beta=0.9, eps=[1e-8, 0.1, 0.2, 0.25, 0.3, 0.5], goal=exercises.target("quiet"))',
    'exercises.progress("06")',
    'exercises.check("adagrad", lambda g, G=0.0, *, eta=0.4, eps=1e-8: (-eta / (np.sqrt(G + abs(g)) + eps) * g, G + abs(g)))',
]


@pytest.fixture(scope="module")
def taught(workshop, lab, new_context):
    cells.write(CELLS, workshop / BOOK)
    opened = Lab(new_context(), lab, BOOK).run_all()
    opened.page.wait_for_function("document.querySelectorAll('.pc').length >= 3", timeout=30000)
    return opened


def test_a_number_is_asked_for_before_the_figure_is_seen(taught):
    card, prediction = taught.card(0), PREDICTIONS["first step"]
    assert card.hidden and card.told.startswith("Not answered yet")
    card.answer("many")
    assert card.hidden and card.told == f"“many” is not a number: {HOW}"
    card.answer("")
    assert card.hidden and card.told == HOW
    card.box.locator(".pc-number").fill("1/2 η")
    card.page.keyboard.press("Enter")
    card.settle()
    assert not card.hidden and card.told == prediction.reply(*prediction.read("1/2 η"))["text"]
    assert card.page.evaluate("document.activeElement.className") == "pc-told"  # a keyboard goes on from here
    assert card.box.locator(".pc-number").is_disabled() and not card.button("Lock in my answer").is_visible()
    figure = OnPage(card.figure).show()  # it was drawn though it began hidden
    assert figure.title == prediction.finding


SAID = ["3.16", "3,2", "10", "1", "½", "0,1", "−3", "1e3", "10/3.1", "√10", "about sqrt(9.9) eta", "0.316 η"]


@pytest.mark.parametrize("said", every_time(["3.16", "½", "0.316 η"], SAID))
def test_the_page_says_what_python_says_to_every_number(taught, said):
    card, prediction = taught.card(0), PREDICTIONS["first step"]
    card.again()
    assert card.hidden
    card.answer(said)
    assert card.told == prediction.reply(*prediction.read(said))["text"]
    right = card.box.evaluate("e => e.closest('.pc').dataset.state") == "right"
    assert right == prediction.reply(*prediction.read(said))["right"]


def test_a_choice_is_made_with_the_keyboard_alone(taught):
    card, prediction, page = taught.card(1), PREDICTIONS["rates"], taught.page
    assert card.hidden and [choice.strip() for choice in card.choices()] == list(prediction.choices)
    card.button("Lock in my answer").click()
    assert card.told == "Choose an answer first." and card.hidden
    card.box.locator("input").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    card.settle()
    assert not card.hidden and card.told == prediction.reply(*prediction.read(1))["text"]
    marks = [("your answer" in choice, "✓ true" in choice) for choice in card.choices()]
    assert marks == [(i == 0, choice == prediction.truth) for i, choice in enumerate(prediction.choices)]
    assert "✗ your answer" in card.choices()[0]
    assert taught.page.locator(".jp-Notebook.jp-mod-editMode").count() == 0  # no key went to the notebook


def test_a_card_has_names_for_a_screen_reader(taught):
    page = taught.page
    group = page.get_by_role("group", name=PREDICTIONS["rates"].question)
    assert group.get_by_role("radio", name=PREDICTIONS["rates"].choices[0]).count() == 1
    assert page.get_by_role("textbox", name="your number, in η").count() == 1
    assert page.locator(".pc").first.get_by_role("status").count() == 1


def test_looking_without_an_answer_is_said(taught):
    card = taught.card(2)
    assert card.hidden
    card.look()
    assert not card.hidden and card.told.startswith(f"You looked without an answer. It is “{PREDICTIONS['what jumps'].truth}”.")
    assert card.figure.locator("img").get_attribute("alt") == PREDICTIONS["what jumps"].alt


def goal_of(figure):
    figure.settle()
    return figure.box.locator(".xp-goal").text_content()  # also where JupyterLab, done with running, has just scrolled on to the last cell


def test_a_target_is_recognised_while_the_slider_moves(taught):
    figure = OnPage(taught.page.locator(".explorer").last).show()
    assert goal_of(figure).startswith("○ Target: Keep the loss below 1e-6") and "Not yet: at step 400" in goal_of(figure)
    seen = []
    for _ in range(5):
        figure.press(0, "ArrowRight")
        seen.append(goal_of(figure)[:1])
    assert seen == ["○", "✓", "✓", "✓", "("]
    assert "You reached it with ε = 0.2." in goal_of(figure)
    spoken = figure.box.locator(".xp-spoken")
    until(taught.page, lambda: "Target: Keep the loss" in spoken.text_content())


def test_progress_has_followed(taught):
    table = taught.page.locator("table caption").filter(has_text="Done so far")
    table.scroll_into_view_if_needed()
    taught.page.wait_for_function("document.body.textContent.includes('reached with ε = 0.2')", timeout=10000)
    text = table.locator("xpath=..").inner_text()
    assert "1 of 1 target" in text and "it is 3.16 η" in text and "1 of 4 predictions" in text


def test_a_check_answers_with_the_reason(taught):
    verdict = taught.page.locator(".jp-OutputArea-output [role=status]").filter(has_text="✗")
    verdict.first.scroll_into_view_if_needed()
    assert verdict.count() == 1 and "square" in verdict.inner_text()


@THOROUGH
def test_answers_are_there_again_after_a_restart_and_a_reload(taught):
    said = [taught.card(nth).told for nth in range(3)]
    taught.save()
    until(taught.page, lambda: not taught.page.evaluate("jupyterapp.shell.currentWidget.context.model.dirty"))
    taught.server.end_kernels()
    taught.reload()
    taught.run_all()
    taught.page.wait_for_function("document.querySelectorAll('.pc').length >= 3", timeout=30000)
    until(taught.page, lambda: [taught.card(nth).told for nth in range(3)] == said)
    assert not any(taught.card(nth).hidden for nth in range(3))
    figure = OnPage(taught.page.locator(".explorer").last).show()
    assert "You reached it with ε = 0.2." in goal_of(figure)


def test_without_a_kernel_a_card_still_asks_and_a_target_is_still_met(taught):
    card = taught.card(1)
    card.again()
    taught.end_kernel()
    assert card.hidden
    card.answer(2)
    assert not card.hidden and card.told == PREDICTIONS["rates"].reply(*PREDICTIONS["rates"].read(3))["text"]
    OnPage(card.figure).show()
    figure = OnPage(taught.page.locator(".explorer").last).show()
    figure.press(0, "Home")
    assert goal_of(figure).startswith("(✓)") and "Not yet" in goal_of(figure)
    figure.press(0, "ArrowRight", 3)
    assert goal_of(figure).startswith("✓") and "Reached" in goal_of(figure)
    taught.page.close()
