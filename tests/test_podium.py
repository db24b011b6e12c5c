"""The podium: a table that is filled before the conclusion opens."""

import pytest
from widgets import alive, bundles

from helpers.podium import NOBODY, podium, winner
from helpers.race import ETAS, race_on
from helpers.surfaces import ravine, rosenbrock
from helpers.update_rules import adagrad, rmsprop

END = "Two races, two answers."


@pytest.fixture
def table():
    rows = [(name, race_on(surface, (20,), ETAS, (adagrad, rmsprop)), 20) for name, surface in (("straight", ravine), ("curved", rosenbrock))]
    made = podium(rows, END)
    yield made
    made.close_all()


def test_the_truths_are_the_races_winners_and_no_winner_where_nobody_leads_everywhere(table):
    assert table.truths == ["Adagrad", NOBODY] == [winner(race, steps) for _, race, steps in table.rows]
    assert table.choices == ["Adagrad", "RMSprop", NOBODY]


def test_the_conclusion_is_closed_until_every_row_is_filled(table):
    assert not table.filled and table.conclusion == "" and table.readout.startswith("0 of 2 filled")
    table.fill(0, "RMSprop")
    assert table.conclusion == "" and END not in table.readout and "1 of 2" in table.readout
    table.fill(1, NOBODY)
    assert table.filled and table.conclusion == END and "straight: you said RMSprop, measured Adagrad." in table.readout
    table.clear()
    assert table.said == [None, None] and table.conclusion == ""


def test_somebody_who_does_not_race_is_refused(table):
    with pytest.raises(ValueError, match="'Adam' does not race here; say one of Adagrad, RMSprop, no winner"):
        table.fill(0, "Adam")


def test_what_is_stored_says_neither_winner_nor_conclusion(table):
    with bundles():
        stored = str({kind: text for kind, text in table._repr_mimebundle_().items() if kind.startswith("text/")})
        assert END not in stored and "RMSprop" not in stored and "straight" in stored and "choose" in stored


def test_closing_leaves_no_widget_behind():
    before = alive()
    podium([("straight", race_on(ravine, (20,), ETAS, (adagrad, rmsprop)), 20)], END).close_all()
    assert alive() == before


@pytest.mark.parametrize("state", [
    {}, {"said": None}, {"said": "Adagrad"}, {"said": ["Adagrad"]}, {"said": [1, {}]},
    {"said": [None, "nobody"]}, {"said": [["Adagrad"], 3.5]},
])
def test_a_page_may_send_anything(table, state):
    content = {"data": {"method": "update", "state": {"state": state}, "buffer_paths": []}}
    table.canvas._handle_msg({"content": content, "buffers": []})
    assert table.said == [None, None] and "0 of 2 filled" in repr(table)


@pytest.mark.parametrize("row", [2, -1, None, "0", 0.0, True])
def test_a_row_that_is_none_is_refused(table, row):
    with pytest.raises(ValueError, match="from 0 to 1"):
        table.fill(row, NOBODY)
