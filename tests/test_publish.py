"""Links to Colab and Binder: stamped once, the same twice, another address instead, and taken out without a trace."""

import json
import re
import shutil
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "notebooks"))
import publish  # noqa: E402


@pytest.fixture
def project(tmp_path):
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        shutil.copy(path, tmp_path)
    shutil.copy(ROOT / "README.md", tmp_path)
    return tmp_path


def files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def stamp(project, where):
    return publish.publish(where, project, project / "README.md")


def test_every_notebook_and_the_readme_get_links_and_lose_them_again_byte_for_byte(project):
    before, where = files(project), publish.address("octocat/rates")
    assert set(stamp(project, where)) == set(before)
    once = files(project)
    assert stamp(project, where) == [] and files(project) == once
    stamp(project, publish.address("octocat/other@dev"))
    again = files(project)
    assert all(b"octocat/other" in text and b"octocat/rates" not in text and b"/dev" in text for text in again.values())
    assert set(stamp(project, None)) == set(before) and files(project) == before
    assert stamp(project, None) == []


def test_the_links_name_the_notebook_and_only_the_first_cell_changes(project):
    before = {name: json.loads(text) for name, text in files(project).items() if name.endswith(".ipynb")}
    stamp(project, publish.address("octocat/rates"))
    for name, book in before.items():
        now = json.loads((project / name).read_text(encoding="utf-8"))
        links = re.findall(r"\]\((https://[^)]+)\)", "".join(now["cells"][0]["source"]))
        assert [link for link in links if "octocat" in link] == [
            f"https://colab.research.google.com/github/octocat/rates/blob/main/notebooks/{name}",
            f"https://mybinder.org/v2/gh/octocat/rates/main?urlpath=lab/tree/notebooks/{name}",
        ]
        assert now["cells"][1:] == book["cells"][1:] and now["metadata"] == book["metadata"]
        assert "".join(now["cells"][0]["source"]).startswith("".join(book["cells"][0]["source"]).rstrip())


@pytest.mark.parametrize("said", ["octocat/rates", "https://github.com/octocat/rates", "git@github.com:octocat/rates.git", "https://github.com/octocat/rates/"])
def test_an_address_may_be_written_as_github_writes_it(said):
    assert publish.address(said) == ("octocat", "rates", "main")


@pytest.mark.parametrize("said", ["", "octocat", "octocat/", "/rates", "a b/c", "https://example.org/a/b", "o/r; rm -rf /", "OWNER/REPO/x"])
def test_what_is_no_address_is_refused_and_told_what_to_write(said):
    with pytest.raises(ValueError, match="write OWNER/REPO"):
        publish.address(said)


@pytest.mark.parametrize("arguments", [[], ["--redo"], ["a/b", "c/d"]])
def test_other_arguments_are_refused(arguments):
    with pytest.raises(ValueError, match="publish OWNER/REPO"):
        publish.main(arguments)


def test_this_copy_has_no_broken_links_before_it_is_published():
    for path in [ROOT / "README.md", *(ROOT / "notebooks").glob("*.ipynb")]:
        text = path.read_text(encoding="utf-8")
        assert "OWNER/REPO" not in text.replace("publish OWNER/REPO", "") and (publish.BEGIN in text or "colab.research.google.com/github" not in text)
