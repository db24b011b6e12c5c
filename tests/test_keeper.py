"""Where a reader's predictions, targets and solutions are kept."""

import json
import os
import sys

import pytest

from helpers.exercises.keeper import NAME, Keeper


def test_what_is_put_is_there_for_the_next_kernel(tmp_path):
    place = tmp_path / "kept.json"
    Keeper([place]).put("predictions", "first step", said="3", right=False)
    assert Keeper([place]).get("predictions", "first step") == {"said": "3", "right": False}
    assert Keeper([place]).get("predictions", "another") == {}


def test_an_entry_grows_by_what_is_put(tmp_path):
    keeper = Keeper([tmp_path / "kept.json"])
    keeper.put("exercises", "adagrad", tries=1)
    keeper.put("exercises", "adagrad", solved=True)
    assert keeper.get("exercises", "adagrad") == {"tries": 1, "solved": True}


def test_two_notebooks_that_are_open_at_once_keep_both_answers(tmp_path):
    place = tmp_path / "kept.json"
    one, other = Keeper([place]), Keeper([place])
    one.put("predictions", "a", said="1")
    other.put("predictions", "b", said="2")
    one.put("targets", "c", setting="η = 1")
    assert {kind: set(entries) for kind, entries in json.loads(place.read_text(encoding="utf-8")).items()} == {"predictions": {"a", "b"}, "targets": {"c"}, "exercises": set()}


@pytest.mark.parametrize("text", ["{half a fi", "[1, 2]", '{"predictions": {"a": 3}}', "\x00"])
def test_a_file_that_cannot_be_read_is_set_aside_and_spoken_of(tmp_path, text):
    place = tmp_path / "kept.json"
    place.write_text(text, encoding="utf-8")
    keeper = Keeper([place])
    assert keeper.get("predictions", "a") == {}
    assert (tmp_path / "kept.json.damaged").read_text(encoding="utf-8") == text and "kept.json.damaged" in keeper.trouble
    keeper.put("predictions", "a", said="1")
    assert Keeper([place]).get("predictions", "a") == {"said": "1"}


def test_where_the_first_place_cannot_be_written_the_next_one_is_taken(tmp_path):
    blocked = tmp_path / "no folder" / "kept.json"
    Keeper([blocked, tmp_path / "kept.json"]).put("predictions", "a", said="1")
    assert Keeper([blocked, tmp_path / "kept.json"]).get("predictions", "a") == {"said": "1"} and not blocked.exists()


def test_where_nothing_can_be_written_it_is_kept_as_long_as_the_kernel_lives(tmp_path):
    keeper = Keeper([tmp_path / "none" / "kept.json"])
    keeper.put("predictions", "a", said="1")
    assert keeper.get("predictions", "a") == {"said": "1"} and os.listdir(tmp_path) == []


def test_deleting_the_file_begins_anew_in_a_kernel_that_lives(tmp_path):
    keeper = Keeper([tmp_path / "kept.json"])
    keeper.put("predictions", "a", said="1")
    (tmp_path / "kept.json").unlink()
    assert keeper.get("predictions", "a") == {}
    keeper.put("predictions", "b", said="2")
    assert Keeper([tmp_path / "kept.json"]).get("predictions", "a") == {}


def test_what_could_only_be_written_in_the_second_place_is_read_from_there(tmp_path, monkeypatch):
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    Keeper([first]).put("predictions", "a", said="old")
    os.utime(first, (1, 1))
    keeper, replace = Keeper([first, second]), os.replace

    def read_only(source, target):
        if target == first:
            raise PermissionError
        replace(source, target)

    monkeypatch.setattr(os, "replace", read_only)
    keeper.put("predictions", "a", said="new")
    assert keeper.get("predictions", "a")["said"] == Keeper([first, second]).get("predictions", "a")["said"] == "new"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first.json", "second.json"]


def test_forgetting_some_or_all(tmp_path):
    keeper = Keeper([tmp_path / "kept.json"])
    for name in "abc":
        keeper.put("predictions", name, said=name)
    keeper.forget("a")
    assert [bool(keeper.get("predictions", name)) for name in "abc"] == [False, True, True]
    keeper.forget()
    assert not any(keeper.get("predictions", name) for name in "abc")


def test_listeners_hear_of_every_change(tmp_path):
    keeper, heard = Keeper([tmp_path / "kept.json"]), []
    keeper.listeners.append(lambda: heard.append(1))
    keeper.put("predictions", "a", said="1")
    keeper.forget("a")
    assert len(heard) == 2


def test_the_place_is_beside_the_helpers_unless_the_environment_names_another(tmp_path, monkeypatch):
    monkeypatch.setenv("PROGRESS_FILE", str(tmp_path / "mine.json"))
    Keeper().put("predictions", "a", said="1")
    assert (tmp_path / "mine.json").exists()
    monkeypatch.delenv("PROGRESS_FILE")
    first, second = Keeper()._places()
    assert first.name == NAME and (first.parent / "helpers" / "exercises" / "keeper.py").exists() and second.parent != first.parent


def test_two_copies_of_the_project_never_read_each_others_answers(tmp_path, monkeypatch):
    monkeypatch.delenv("PROGRESS_FILE")
    places = []
    for copy in ("mine", "yours"):
        (tmp_path / copy / "notebooks").mkdir(parents=True)
        monkeypatch.setattr(sys.modules[Keeper.__module__], "__file__", str(tmp_path / copy / "helpers" / "exercises" / "keeper.py"))
        places += Keeper()._places()
    assert len(places) == len(set(places)) == 4


def test_a_listener_that_raises_stops_nobody(tmp_path):
    keeper = Keeper([tmp_path / "kept.json"])
    keeper.listeners.append(lambda: 1 / 0)
    keeper.put("predictions", "a", said="1")
    assert keeper.get("predictions", "a") == {"said": "1"} and "ZeroDivisionError" in keeper.trouble
