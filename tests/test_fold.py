"""folded(): printed numbers lie one fold away, and errors do not."""

import pytest

from helpers import exercises


@pytest.fixture
def shown(monkeypatch):
    found = []
    monkeypatch.setattr("IPython.display.display", found.append)
    return found


def test_what_is_printed_lies_in_a_fold(shown, capsys):
    with exercises.folded("A title"):
        print("√G = 5 <and> more")
    (fold,) = shown
    assert fold._repr_html_().startswith("<details><summary>A title</summary>") and "5 &lt;and&gt; more" in fold._repr_html_() and " open" not in fold._repr_html_()
    assert repr(fold) == "√G = 5 <and> more" and capsys.readouterr().out == ""


def test_names_made_inside_live_on_and_errors_come_through(shown, capsys):
    with exercises.folded():
        kept = 3
    assert kept == 3
    with pytest.raises(AssertionError):
        with exercises.folded():
            print("before")
            assert kept == 4
    assert len(shown) == 1 and capsys.readouterr().out == "before\n"
