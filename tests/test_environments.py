"""The environments that start.py makes: made once, made anew where they are half made, and a reason where they cannot be made."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools import environments
from tools.environments import Problem

ROOT = Path(__file__).resolve().parents[1]


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
    assert word in environments.reason(said)


@pytest.mark.parametrize("version", environments.COLAB_PYTHONS)
def test_colab_decides_and_our_pins_fill_the_gaps(version):
    lines = environments.colab_constraints(version).splitlines()
    assert "ipywidgets==7.7.1" in lines and "notebook==6.5.7" in lines
    assert any(line.startswith("hypothesis==") for line in lines)
    assert sum(environments.name_of(line) == "ipywidgets" for line in lines) == 1


@pytest.fixture
def made(monkeypatch):
    """The environments that were made, as a list; nothing is installed."""
    made = []
    monkeypatch.setattr(environments, "make", lambda venv, python: (made.append(venv), venv.mkdir(exist_ok=True)))
    monkeypatch.setattr(environments, "pip_install", lambda *_: "")
    monkeypatch.setattr(environments, "version_of", lambda *_: "3.11")
    return made


def test_a_half_made_environment_is_made_anew(tmp_path, made):
    venv = tmp_path / ".venv"
    venv.mkdir()
    environments.prepare(venv, "python", ["numpy"], "numpy==2.0")  # no stamp: it was interrupted
    environments.prepare(venv, "python", ["numpy"], "numpy==2.0")  # nothing to do
    environments.prepare(venv, "python", ["numpy", "pytest"], "numpy==2.0")  # completed
    assert len(made) == 1
    environments.prepare(venv, "python", ["numpy"], "numpy==2.1")  # other pins
    assert len(made) == 2


def test_the_glossary_opens_as_a_page(tmp_path, made):
    environments.prepare(tmp_path / ".venv", "python", ["jupyterlab"], "")
    path = tmp_path / ".venv" / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
    settings = json.loads(path.read_text(encoding="utf-8"))
    assert settings["@jupyterlab/docmanager-extension:plugin"]["defaultViewers"] == {"markdown": "Markdown Preview"}


HOLDER = """
import sys
from pathlib import Path
from tools import environments
with environments.alone(Path(sys.argv[1])):
    print("mine", flush=True)
    sys.stdin.readline()
"""


def test_a_second_command_waits_for_the_first_and_then_installs_nothing_again(tmp_path, made, monkeypatch, capsys):
    """The first holds the lock; while the second waits for it, the first finishes its work and goes."""
    venv = tmp_path / ".venv"
    first = subprocess.Popen([sys.executable, "-c", HOLDER, str(venv)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert first.stdout.readline() == "mine\n"

    def let_go(_):  # what the second does between two looks
        venv.mkdir(exist_ok=True)
        digest = environments.hashlib.sha256(b"numpy==2.0").hexdigest()
        (venv / "installed.json").write_text(json.dumps({"pins": digest, "requirements": ["numpy"]}), encoding="utf-8")
        first.communicate("\n")

    monkeypatch.setattr(environments.time, "sleep", let_go)
    environments.prepare(venv, "python", ["numpy"], "numpy==2.0")
    assert made == [] and "this one goes on after it" in capsys.readouterr().out


def test_a_command_that_was_killed_leaves_no_lock_behind(tmp_path, made):
    venv = tmp_path / ".venv"
    first = subprocess.Popen([sys.executable, "-c", HOLDER, str(venv)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert first.stdout.readline() == "mine\n"
    first.kill()
    first.communicate()
    environments.prepare(venv, "python", ["numpy"], "numpy==2.0")
    assert made == [venv]


def test_a_folder_whose_name_splits_the_path_is_told_to_be_renamed(tmp_path, made):
    folder = tmp_path / f"week 1{os.pathsep} rates"
    with pytest.raises(Problem, match="Rename the folder"):
        environments.prepare(folder / ".venv", "python", ["numpy"], "")
    assert made == []


def test_a_folder_that_cannot_be_written_is_told_to_be_copied(tmp_path, made):
    with pytest.raises(Problem, match="Copy the folder"):
        environments.prepare(tmp_path / "not there" / ".venv", "python", ["numpy"], "")


def test_without_a_home_that_can_be_written_jupyterlab_keeps_its_settings_in_the_environment(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("HOME", str(tmp_path / "gone"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "gone"))
    monkeypatch.setenv("JUPYTER_DATA_DIR", "the reader's own")
    folders = environments.own_folders()
    assert {"JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "MPLCONFIGDIR"} <= set(folders) and "JUPYTER_DATA_DIR" not in folders
    assert all(Path(place).is_relative_to(environments.VENV) for place in folders.values())
    assert "(HOME)" in capsys.readouterr().out
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert environments.own_folders() == {}


def test_a_second_python_of_colabs_gets_an_environment_of_its_own(monkeypatch):
    made = []
    monkeypatch.setattr(environments, "colab_pythons", lambda: [("3.12", "/a/python3.12"), ("3.13", "/a/python3.13")])
    monkeypatch.setattr(environments, "prepare", lambda folder, python, names, pins: made.append((folder.name, python, "ipywidgets==7.7.1" in pins)))
    assert {version: folder.name for version, folder in environments.prepare_colab().items()} == {"3.12": ".venv-colab", "3.13": ".venv-colab-313"}
    assert made == [(".venv-colab", "/a/python3.12", True), (".venv-colab-313", "/a/python3.13", True)]
    assert list(environments.prepare_colab(most=1)) == ["3.12"]


def test_each_of_colabs_pythons_is_found_once(monkeypatch):
    monkeypatch.delenv("COLAB_PYTHON", raising=False)
    monkeypatch.setattr(environments, "this_python", lambda: "/usr/bin/python3.11")
    monkeypatch.setattr(environments.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(environments.glob, "glob", lambda pattern: ["/x/3.13.0/bin/python"] if "3.13" in pattern else [])

    def version_of(command, modules=""):
        return next((version for version in ("3.13", "3.12") if version in command[0]), "3.11")

    monkeypatch.setattr(environments, "version_of", version_of)
    monkeypatch.setattr(environments, "ask", lambda command, code: command[0])
    assert environments.colab_pythons() == [("3.12", "/usr/bin/python3.12"), ("3.13", "/usr/bin/python3.13")]
