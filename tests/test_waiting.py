"""A long computation says how far it is, in a notebook and in a terminal, and leaves nothing behind."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from helpers import waiting
from helpers.descent import descend
from helpers.surfaces import ravine
from helpers.update_rules import rmsprop
from helpers.waiting import Waiting, quiet

ROOT = Path(__file__).parents[1]


@pytest.fixture
def at_once(monkeypatch):
    monkeypatch.setattr(waiting, "SOON", 0.0)
    monkeypatch.setattr(waiting, "OFTEN", 0.0)


@pytest.fixture
def terminal(monkeypatch, capsys):
    monkeypatch.setattr(type(sys.stderr), "isatty", lambda self: True)


def test_a_terminal_gets_one_line_that_grows_and_is_wiped(at_once, terminal, capsys):
    with Waiting(4, "steps") as told:
        for t in range(5):
            told.at(t)
    said = capsys.readouterr()
    assert not said.out
    lines = [line for line in said.err.split("\r") if line.strip()]
    assert [line.split("]")[1] for line in lines] == [f" {t}/4 steps" for t in range(5)]
    assert [line.count("=") for line in lines] == sorted(line.count("=") for line in lines) and lines[-1].count("=") == 60
    assert said.err.endswith("\r") and not said.err.split("\r")[-2].strip()


def test_a_log_gets_no_line_that_is_written_over_and_over(at_once, capsys):
    descend(rmsprop, ravine, 5)
    assert capsys.readouterr() == ("", "")


def test_what_is_done_soon_says_nothing(capsys):
    descend(rmsprop, ravine, 50, eta=np.geomspace(0.01, 1, 20))
    assert capsys.readouterr() == ("", "")


def test_a_loop_inside_a_loop_and_a_callback_say_nothing(at_once, terminal, capsys):
    with Waiting(2, "runs") as outer:
        outer.at(1)
        descend(rmsprop, ravine, 5)
    with quiet():
        descend(rmsprop, ravine, 5)
    assert "steps" not in capsys.readouterr().err
    descend(rmsprop, ravine, 5)
    assert "5/5 steps" in capsys.readouterr().err


def test_an_error_takes_the_bar_away_and_the_next_loop_has_one_again(at_once, terminal, capsys):
    with pytest.raises(ZeroDivisionError), Waiting(3, "steps") as told:
        told.at(1)
        1 / 0
    assert not capsys.readouterr().err.split("\r")[-2].strip() and not waiting._running
    descend(rmsprop, ravine, 5)
    assert "5/5 steps" in capsys.readouterr().err


AT_ONCE = ("from helpers import waiting\nfrom helpers.descent import descend\nfrom helpers.surfaces import ravine\nfrom helpers.update_rules import rmsprop\n"
           "waiting.SOON = waiting.OFTEN = 0\n")


def test_a_notebook_shows_a_bar_with_words_and_keeps_nothing_of_it(monkeypatch):
    code = AT_ONCE + "descend(rmsprop, ravine, 5)"
    monkeypatch.delenv(waiting.COMPARED)  # as a reader's kernel begins
    client, seen = NotebookClient(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])), []
    take = client.process_message

    def watched(message, *rest):
        seen.append(message["content"].get("data", {}).get("text/html"))
        return take(message, *rest)

    client.process_message = watched
    book = client.execute()
    bars = [html for html in seen if html]
    assert len(bars) == 6 and "<progress" in bars[-1] and "5 of 5 steps" in bars[-1] and "<label>" in bars[-1]
    assert [output["data"].get("text/html", "") for output in book.cells[0].outputs] == ["", ""] and "stderr" not in str(book.cells[0].outputs)


@pytest.mark.thorough
def test_where_nbval_compares_outputs_a_slow_machine_adds_none(tmp_path):
    path, cell = tmp_path / "slow.ipynb", nbformat.v4.new_code_cell(AT_ONCE + "print(len(descend(rmsprop, ravine, 5).loss))", execution_count=1)
    cell.metadata.tags, cell.outputs = ["nbval-check-output"], [nbformat.v4.new_output("stream", text="6\n")]
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    done = subprocess.run([sys.executable, "-m", "pytest", "--nbval-lax", "--nbval-current-env", "-p", "no:cacheprovider", f"--rootdir={tmp_path}", str(path)],
                          capture_output=True, text=True, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout
