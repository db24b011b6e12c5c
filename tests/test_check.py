"""The test command: which stages run when, what goes to pytest, and what it says at the end."""

from xml.etree import ElementTree

import pytest

from tools import check

COLAB = {"3.12": check.COLAB_VENV, "3.13": check.COLAB_VENV.with_name(".venv-colab-313")}


def test_without_paths_everything_is_checked():
    assert check.split(["-k", "adagrad"]) == (["-k", "adagrad"], ["tests"], ["notebooks"])


def test_a_path_goes_to_the_call_that_it_belongs_to():
    assert check.split(["-x", "tests/test_start.py::test_x"]) == (["-x"], ["tests/test_start.py::test_x"], [])
    assert check.split(["notebooks"]) == ([], [], ["notebooks"])


def test_a_folder_is_all_its_files_and_a_file_is_itself():
    found = check.expanded(["tests"], "test_*.py", (1, 1))
    assert "tests/test_check.py" in found and "tests/browser/test_lab.py" in found and len(set(found)) == len(found)
    assert check.expanded(["tests/test_check.py::test_x"], "test_*.py", (1, 1)) == ["tests/test_check.py::test_x"]


def test_the_parts_are_the_whole_and_no_file_is_in_two():
    whole = check.expanded(["tests"], "test_*.py", (1, 1))
    parts = [check.expanded(["tests"], "test_*.py", (k, 4)) for k in (1, 2, 3, 4)]
    assert sorted(sum(parts, [])) == sorted(whole)


@pytest.mark.parametrize("said", [["--part"], ["--part", "5/4"], ["--part", "0/4"], ["--part", "a/b"], ["--part", "-k", "x"]])
def test_a_part_that_there_is_not_is_told_how_to_write_one(said):
    with pytest.raises(check.Problem, match="such as 1/4"):
        check.part_of(said)
    assert check.part_of(["-x", "--part", "2/3", "-q"]) == ((2, 3), ["-x", "-q"])


@pytest.fixture
def stages(monkeypatch):
    """A function that runs the command and returns [(title, environment, arguments of pytest)]; nothing is installed or run."""
    ran = []

    def pytest_stage(title, venv, arguments, **_):
        ran.append((title, venv.name, arguments))
        return {"title": title, "passed": 1, "failed": 0, "skipped": 0, "reasons": [], "seconds": {}, "code": 0}

    monkeypatch.setattr(check, "pytest", pytest_stage)
    monkeypatch.setattr(check.environments, "prepare_tests", lambda: None)
    monkeypatch.setattr(check.environments, "prepare_colab", lambda most: dict(list(COLAB.items())[:most]))

    def run(*arguments):
        ran.clear()
        assert check.main(list(arguments)) == 0
        return list(ran)

    return run


def test_a_quick_run_leaves_out_what_takes_long_and_says_so(stages, capsys):
    ran = stages()
    assert [title for title, *_ in ran] == ["Tests", "Tests in a browser", "Notebooks"] and {venv for _, venv, _ in ran} == {".venv"}
    for title, _, arguments in ran:
        assert any(argument.startswith("tests/browser/") for argument in arguments) == (title == "Tests in a browser"), "browsers run by themselves"
    assert all(("not thorough" in arguments) == (title != "Notebooks") for title, _, arguments in ran)
    assert "start.py test all" in capsys.readouterr().out


def test_all_leaves_nothing_out_but_what_it_names(stages, capsys):
    ran = stages("all")
    whole = [arguments for title, _, arguments in ran if not title.startswith("Widgets with Colab's versions")]
    assert len(whole) == len(ran) - 1 and not any("not thorough" in arguments for arguments in whole)
    assert {venv for _, venv, _ in ran} == {".venv", ".venv-colab", ".venv-colab-313"}
    said = capsys.readouterr().out
    assert check.NOT_TWICE in said and check.REST not in said


def test_all_asks_both_sets_of_colabs_versions_for_every_notebook(stages):
    ran = [(venv, arguments) for title, venv, arguments in stages("all") if title.startswith("Notebooks with Colab")]
    assert [venv for venv, _ in ran] == [".venv-colab", ".venv-colab-313"]
    assert all(set(check.UNDER_COLAB) <= set(arguments) for _, arguments in ran)
    for path in check.UNDER_COLAB:
        name = path.partition("::")
        text = (check.ROOT / name[0]).read_text(encoding="utf-8")
        assert not name[2] or f"def {name[2]}(" in text


def test_our_versions_leave_the_copies_out_only_where_colabs_run_them(stages, monkeypatch):
    def left_out(*arguments):
        return any("--deselect" in given for *_, given in stages(*arguments))

    assert left_out("all") and not left_out() and not left_out("colab") and not left_out(check.STANDALONE)
    monkeypatch.setenv("CI", "")
    monkeypatch.setattr(check, "colab_environments", lambda *_: ({}, []))
    assert not left_out("all")


def test_the_parts_of_a_run_of_all_ask_colabs_versions_once(stages):
    asked = [path for k in "123" for title, _, arguments in stages("all", "--part", f"{k}/3") for path in arguments
             if title.startswith("Notebooks with Colab") and path in check.UNDER_COLAB]
    assert sorted(asked) == sorted(check.UNDER_COLAB * 2)


def test_a_path_that_is_named_runs_whole(stages):
    [(_, _, arguments)] = stages("tests/test_start.py")
    assert "tests/test_start.py" in arguments and "not thorough" not in arguments


def test_colab_alone_runs_in_colabs_environments_alone_and_nothing_that_is_not_made_there(stages):
    ran = stages("colab")
    assert {venv for _, venv, _ in ran} == {".venv-colab", ".venv-colab-313"}
    assert not any(check.is_one_of(argument, check.NOT_FOR_COLAB) for *_, arguments in ran for argument in arguments)
    assert all("tests/test_network.py" not in arguments for title, _, arguments in stages("all") if "Colab" in title)


def test_help_says_in_a_few_lines_what_runs_when_and_runs_nothing(stages, capsys):
    assert stages("--help") == []
    said = capsys.readouterr().out
    assert 6 <= len(said.splitlines()) <= 8 and "test all" in said and "test colab" in said


@pytest.mark.parametrize("ci, code", [("true", 1), ("", 0)])
def test_missing_colab_versions_fail_only_where_everything_is_asked_for(ci, code, monkeypatch, capsys):
    monkeypatch.setenv("CI", ci)
    ran = {"title": "Tests", "passed": 3, "failed": 0, "skipped": 1, "reasons": ["A browser: install one."], "seconds": {"a": 2.0, "b": 3.0}, "code": 0}
    assert check.summary([ran], [check.COLAB_MISSING]) == code
    said = capsys.readouterr().out
    assert "Python 3.12 or 3.13" in said and "A browser: install one." in said
    assert said.index("3.0 s  b") < said.index("2.0 s  a"), "the slowest come first"
    assert said.splitlines()[-1] == f"Total: 3 passed, {code} failed, 1 skipped"


def test_what_pytest_reports_is_counted():
    result = {"passed": 0, "failed": 0, "skipped": 0, "reasons": [], "seconds": {}}
    report = ElementTree.fromstring(
        '<s><testcase classname="t" name="a" time="1.5"/><testcase classname="t" name="b" time="2"><failure/></testcase>'
        '<testcase classname="t" name="c"><skipped message="no browser"/></testcase></s>'
    )
    for case in report:
        check.count(result, case)
    assert (result["passed"], result["failed"], result["skipped"], result["reasons"]) == (1, 1, 1, ["no browser"])
    assert result["seconds"] == {"t::a": 1.5, "t::b": 2.0, "t::c": 0.0}
