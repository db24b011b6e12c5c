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


# a file that somebody edited, or planted


ODD_COUNTS = ['"2"', "null", "-5", "1.5", "NaN", "[1]", '{"a": 1}', "true", '"many"', "Infinity", "-1"]


@pytest.mark.parametrize("count", ODD_COUNTS)
def test_a_count_of_tries_that_is_none_counts_as_0(count, new_reader):
    from helpers import exercises

    kept = '{"exercises": {"halving": {"tries": COUNT, "solved": "yes"}}}'
    new_reader.write_text(kept.replace("COUNT", count), encoding="utf-8")
    verdict = exercises.check("halving", 0.3)
    assert verdict.state == "wrong" and verdict.headline.startswith("Not yet")
    assert Keeper([new_reader]).get("exercises", "halving") == {"tries": 1, "solved": False}
    assert "1 try so far" in repr(exercises.progress("02"))


@pytest.mark.parametrize("entry", [
    '{"said": 5, "value": 0.5}', '{"said": null, "value": [1]}', '{"said": "x", "value": NaN}',
    '{"said": ["x"], "value": {}}', '{"shown": "yes"}', '{"said": "3", "value": true}',
    '{"said": "3", "value": "many"}', '{"value": 1e999, "right": 3, "truth": []}',
])
def test_a_card_is_shown_whatever_the_file_says_of_it(entry, new_reader):
    from helpers import exercises
    from helpers.explorer import explore
    from helpers.surfaces import ravine
    from helpers.update_rules import gradient_descent

    new_reader.write_text(f'{{"predictions": {{"ravine edge": {entry}}}}}', encoding="utf-8")
    card = exercises.predict("ravine edge", explore(gradient_descent, on=ravine, steps=3, eta=[0.1, 0.2]))
    assert card.prediction.question in repr(card) and card.reply and card.right in (None, True, False)
    assert repr(exercises.progress("01"))


@pytest.mark.parametrize("text", [
    '{"exercises": ' + "[" * 100_000 + "]" * 100_000 + "}", '{"exercises": 3}', '{"exercises": {"a": null}}',
    '{"x": ' + "1" * 5000 + "}",
])
def test_a_file_that_no_reader_can_take_in_is_set_aside(tmp_path, text):
    place = tmp_path / "kept.json"
    place.write_text(text, encoding="utf-8")
    keeper = Keeper([place])
    assert keeper.get("exercises", "a") == {} and (tmp_path / "kept.json.damaged").exists()
    keeper.put("exercises", "a", tries=1)
    assert Keeper([place]).get("exercises", "a") == {"tries": 1}


def test_half_a_letter_is_no_obstacle(tmp_path):
    place = tmp_path / "kept.json"
    kept = '{"exercises": {"halving": {"tries": 1, "x": "HALF"}}, "predictions": {"HALF": {"said": "HALF"}}}'
    place.write_text(kept.replace("HALF", "\\ud800"), encoding="utf-8")
    keeper = Keeper([place])
    keeper.put("exercises", "halving", tries=2)
    keeper.put("predictions", "a", said="half: \ud83d")
    assert keeper.get("predictions", "a")["said"]
    assert Keeper([place]).get("exercises", "halving") == {"tries": 2}
    json.dumps(Keeper([place]).entries, ensure_ascii=False).encode("utf-8")


def test_a_file_saved_with_a_mark_at_its_beginning_is_read(tmp_path):
    place = tmp_path / "kept.json"
    place.write_bytes(b'\xef\xbb\xbf{"exercises": {"halving": {"tries": 2, "solved": true}}}')
    assert Keeper([place]).get("exercises", "halving") == {"tries": 2, "solved": True}
    assert os.listdir(tmp_path) == ["kept.json"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with a name")
def test_what_is_no_file_is_neither_read_nor_replaced(tmp_path):
    pipe, link = tmp_path / "pipe.json", tmp_path / "link.json"
    os.mkfifo(pipe)
    link.symlink_to("/dev/zero")
    for place in (pipe, link, tmp_path):
        before = os.lstat(place).st_mode
        keeper = Keeper([place])
        keeper.put("exercises", "a", tries=1)
        assert keeper.get("exercises", "a") == {"tries": 1} and "cannot be saved" in keeper.trouble
        assert os.lstat(place).st_mode == before


def test_what_cannot_be_written_is_remembered_beside_a_file_that_can_be_read(tmp_path, monkeypatch):
    place = tmp_path / "kept.json"
    Keeper([place]).put("exercises", "halving", tries=1)
    keeper, replace = Keeper([place]), os.replace

    def read_only(source, target):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "replace", read_only)
    for tries in (2, 3, 4):
        keeper.put("exercises", "halving", tries=tries)
        assert keeper.get("exercises", "halving") == {"tries": tries}
    assert "kept.json: Permission denied" in keeper.trouble
    monkeypatch.setattr(os, "replace", replace)
    keeper.put("exercises", "halving", tries=5)
    assert Keeper([place]).get("exercises", "halving") == {"tries": 5} and keeper.trouble == ""
    assert os.listdir(tmp_path) == ["kept.json"], "nothing half written is left"


@pytest.fixture
def shared(tmp_path, monkeypatch):
    """(a keeper that finds its own places, the first, the one in a folder for temporary files)"""
    monkeypatch.delenv("PROGRESS_FILE")
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr(sys.modules[Keeper.__module__].tempfile, "gettempdir", lambda: str(folder))
    where = tmp_path / "copy" / "helpers" / "exercises" / "keeper.py"
    monkeypatch.setattr(sys.modules[Keeper.__module__], "__file__", str(where))
    (tmp_path / "copy" / "notebooks").mkdir(parents=True)
    keeper = Keeper()
    return keeper, *keeper._places()


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="here the folder for temporary files is the user's own")
def test_a_file_that_another_user_has_planted_is_not_read(shared, monkeypatch):
    keeper, home, planted = shared
    keeper.put("exercises", "halving", tries=3, solved=True)
    planted.write_text('{"exercises": {"halving": {"tries": 7}}}', encoding="utf-8")
    os.utime(planted, (2e9, 2e9))  # the newest
    assert keeper.get("exercises", "halving") == {"tries": 7}, "one's own second place is read"
    home.unlink()
    planted.unlink()
    keeper.put("exercises", "halving", tries=3, solved=True)
    planted.write_text('{"exercises": {"halving": {"tries": 7}}}', encoding="utf-8")
    os.utime(planted, (2e9, 2e9))
    monkeypatch.setattr(os, "getuid", lambda: planted.stat().st_uid + 1)
    assert keeper.get("exercises", "halving") == {"tries": 3, "solved": True}


@pytest.mark.skipif(not hasattr(os, "symlink") or not hasattr(os, "getuid"), reason="no links here")
def test_a_link_that_another_user_has_laid_is_not_followed(shared, tmp_path):
    keeper, home, planted = shared
    precious = tmp_path / "precious.json"
    precious.write_text("{}", encoding="utf-8")
    planted.symlink_to(precious)
    home.mkdir()  # so that the first place cannot be written
    keeper.put("exercises", "halving", tries=1)
    assert precious.read_text(encoding="utf-8") == "{}" and keeper.get("exercises", "halving") == {"tries": 1}
