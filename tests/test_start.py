"""The launcher: what it tells a reader whose machine lacks something, and what it hands on to pytest."""

import json

import start
import pytest


@pytest.mark.parametrize(
    "said, word",
    [
        ("NewConnectionError('...: Failed to establish a new connection')\nERROR: No matching distribution found for numpy", "Connect to the internet"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]", "certificate"),
        ("ERROR: something nobody has seen", "something nobody has seen"),
    ],
)
def test_a_failed_installation_says_what_to_do(said, word):
    assert word in start.reason(said)


def test_an_old_python_is_told_which_one_is_needed(monkeypatch, capsys):
    monkeypatch.setattr(start.sys, "version_info", (3, 10, 13))
    assert start.main([]) == 1
    assert "needs Python 3.11 or newer; this is 3.10" in capsys.readouterr().out


@pytest.mark.parametrize("said, near", [("tset", "Did you mean test?"), ("Publish", "Did you mean publish?"), ("notebooks", "python start.py site")])
def test_a_word_that_is_no_command_is_told_what_there_is_and_starts_nothing(said, near, monkeypatch, capsys):
    monkeypatch.setattr(start, "lab", lambda _: pytest.fail("JupyterLab was started"))
    assert start.main([said]) == 1
    told = capsys.readouterr().out
    assert f"There is no command {said!r}" in told and near in told


def test_what_begins_with_a_dash_goes_to_jupyterlab(monkeypatch):
    monkeypatch.setattr(start, "lab", lambda options: options)
    assert start.main([]) == [] and start.main(["--no-browser", "--port", "9000"]) == ["--no-browser", "--port", "9000"]


def test_without_paths_everything_is_checked():
    assert start.split(["-k", "adagrad"]) == (["-k", "adagrad"], ["tests"], ["notebooks"])


def test_a_path_goes_to_the_call_that_it_belongs_to():
    assert start.split(["-x", "tests/test_start.py::test_x"]) == (["-x"], ["tests/test_start.py::test_x"], [])
    assert start.split(["notebooks"]) == ([], [], ["notebooks"])


def test_tests_in_a_browser_run_by_themselves():
    assert start.apart(["tests"]) == (["tests", "--ignore=tests/browser"], ["tests/browser"])
    assert start.apart(["tests/browser/test_lab.py"]) == ([], ["tests/browser/test_lab.py"])
    assert start.apart(["tests/test_start.py"]) == (["tests/test_start.py", "--ignore=tests/browser"], [])


@pytest.mark.parametrize("version", start.COLAB_PYTHONS)
def test_colab_decides_and_our_pins_fill_the_gaps(version):
    lines = start.colab_constraints(version).splitlines()
    assert "ipywidgets==7.7.1" in lines and "notebook==6.5.7" in lines
    assert any(line.startswith("hypothesis==") for line in lines)
    assert sum(start.name_of(line) == "ipywidgets" for line in lines) == 1


def test_a_half_made_environment_is_made_anew(tmp_path, monkeypatch):
    made = []
    monkeypatch.setattr(start, "make", lambda venv, python: (made.append(venv), venv.mkdir(exist_ok=True)))
    monkeypatch.setattr(start, "pip_install", lambda *_: "")
    monkeypatch.setattr(start, "version_of", lambda *_: "3.11")
    venv = tmp_path / ".venv"
    venv.mkdir()
    start.prepare(venv, "python", ["numpy"], "numpy==2.0")  # no stamp: it was interrupted
    start.prepare(venv, "python", ["numpy"], "numpy==2.0")  # nothing to do
    start.prepare(venv, "python", ["numpy", "pytest"], "numpy==2.0")  # completed
    assert len(made) == 1
    start.prepare(venv, "python", ["numpy"], "numpy==2.1")  # other pins
    assert len(made) == 2


def test_the_glossary_opens_as_a_page(tmp_path, monkeypatch):
    monkeypatch.setattr(start, "make", lambda venv, python: venv.mkdir())
    monkeypatch.setattr(start, "pip_install", lambda *_: "")
    monkeypatch.setattr(start, "version_of", lambda *_: "3.11")
    start.prepare(tmp_path / ".venv", "python", ["jupyterlab"], "")
    settings = json.loads((tmp_path / ".venv" / "share" / "jupyter" / "lab" / "settings" / "overrides.json").read_text(encoding="utf-8"))
    assert settings["@jupyterlab/docmanager-extension:plugin"]["defaultViewers"] == {"markdown": "Markdown Preview"}


@pytest.mark.parametrize("ci, code", [("true", 1), ("", 0)])
def test_missing_colab_versions_fail_only_where_everything_is_asked_for(ci, code, monkeypatch, capsys):
    monkeypatch.setenv("CI", ci)
    ran = {"title": "Tests", "passed": 3, "failed": 0, "skipped": 1, "reasons": ["A browser: install one."], "code": 0}
    assert start.summary([ran], [start.COLAB_MISSING]) == code
    said = capsys.readouterr().out
    assert "Python 3.12 or 3.13" in said and "A browser: install one." in said
    assert said.splitlines()[-1] == f"Total: 3 passed, {code} failed, 1 skipped"


def test_a_second_python_of_colabs_gets_an_environment_of_its_own(monkeypatch):
    made = []
    monkeypatch.setattr(start, "colab_pythons", lambda: [("3.12", "/a/python3.12"), ("3.13", "/a/python3.13")])
    monkeypatch.setattr(start, "prepare", lambda folder, python, names, pins: made.append((folder.name, python, "ipywidgets==7.7.1" in pins)))
    assert {version: folder.name for version, folder in start.prepare_colab().items()} == {"3.12": ".venv-colab", "3.13": ".venv-colab-313"}
    assert made == [(".venv-colab", "/a/python3.12", True), (".venv-colab-313", "/a/python3.13", True)]


def test_each_of_colabs_pythons_is_found_once(monkeypatch):
    monkeypatch.delenv("COLAB_PYTHON", raising=False)
    monkeypatch.setattr(start, "this_python", lambda: "/usr/bin/python3.11")
    monkeypatch.setattr(start.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(start.glob, "glob", lambda pattern: ["/x/3.13.0/bin/python"] if "3.13" in pattern else [])
    monkeypatch.setattr(start, "version_of", lambda command, modules="": "3.13" if "3.13" in command[0] else "3.12" if "3.12" in command[0] else "3.11")
    monkeypatch.setattr(start, "ask", lambda command, code: command[0])
    assert start.colab_pythons() == [("3.12", "/usr/bin/python3.12"), ("3.13", "/usr/bin/python3.13")]
