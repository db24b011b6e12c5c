"""The launcher: what it hands on, and what it tells a reader whose Python is too old, or who writes what is not a command."""

import pytest

import start
from tools import environments


def test_an_old_python_is_told_which_one_is_needed(monkeypatch, capsys):
    monkeypatch.setattr(start.sys, "version_info", (3, 10, 13))
    assert start.main([]) == 1
    assert "needs Python 3.11 or newer; this is 3.10" in capsys.readouterr().out


@pytest.mark.parametrize(
    "said, near",
    [("tset", "Did you mean test?"), ("Publish", "Did you mean publish?"), ("standalon", "Did you mean standalone?"), ("notebooks", "start.py site")],
)
def test_a_word_that_is_not_a_command_is_told_what_there_is_and_starts_nothing(said, near, monkeypatch, capsys):
    monkeypatch.setattr(start, "lab", lambda _: pytest.fail("JupyterLab was started"))
    assert start.main([said]) == 1
    told = capsys.readouterr().out
    assert f"There is no command {said!r}" in told and near in told


def test_what_begins_with_a_dash_goes_to_jupyterlab(monkeypatch):
    monkeypatch.setattr(start, "lab", lambda options: options)
    assert start.main([]) == [] and start.main(["--no-browser", "--port", "9000"]) == ["--no-browser", "--port", "9000"]


@pytest.mark.parametrize("wrong", [["99"], ["x"], ["04", "77"]])
@pytest.mark.parametrize("command", ["slides", "standalone"])
def test_a_notebook_that_is_not_there_is_refused_before_anything_is_installed(command, wrong, monkeypatch, capsys):
    monkeypatch.setattr(environments, "prepare", lambda *_: pytest.fail("something was installed"))
    assert start.main([command, *wrong]) == 1
    assert f"there is no notebook {wrong[-1]!r}" in capsys.readouterr().out


@pytest.mark.parametrize("wrong", [["--fast"], ["a", "b"]])
def test_a_site_in_two_folders_is_refused_before_anything_is_installed(wrong, monkeypatch, capsys):
    monkeypatch.setattr(environments, "prepare", lambda *_: pytest.fail("something was installed"))
    assert start.main(["site", *wrong]) == 1
    assert "built into one folder" in capsys.readouterr().out


def test_a_wrong_address_is_told_what_to_write(capsys):
    assert start.main(["publish", "octocat"]) == 1
    assert "write OWNER/REPO@TAG" in capsys.readouterr().out
