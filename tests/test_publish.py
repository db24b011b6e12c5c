"""Links to Colab and Binder: stamped once, the same twice, another address instead, and taken out without a trace."""

import json
import re
import shutil
from pathlib import Path

import pytest

from tools.notebooks import publish, set_up

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def project(tmp_path):
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        shutil.copy(path, tmp_path)
    shutil.copy(ROOT / "README.md", tmp_path)
    stamp(tmp_path, None)  # this copy of the project may have been published
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


def test_the_links_name_the_notebook_and_only_two_cells_change(project):
    before = {name: json.loads(text) for name, text in files(project).items() if name.endswith(".ipynb")}
    stamp(project, publish.address("octocat/rates"))
    for name, book in before.items():
        now = json.loads((project / name).read_text(encoding="utf-8"))
        links = re.findall(r"\]\((https://[^)]+)\)", "".join(now["cells"][0]["source"]))
        assert [link for link in links if "octocat" in link] == [
            f"https://colab.research.google.com/github/octocat/rates/blob/main/notebooks/{name}",
            f"https://mybinder.org/v2/gh/octocat/rates/main?urlpath=lab/tree/notebooks/{name}",
        ]
        changed = [i for i, (one, other) in enumerate(zip(now["cells"], book["cells"])) if one != other]
        place = next(i for i, cell in enumerate(book["cells"]) if cell["cell_type"] == "code")
        assert changed == [0, place] and len(now["cells"]) == len(book["cells"]) and now["metadata"] == book["metadata"]
        assert "".join(now["cells"][place]["source"]) == set_up.source("https://github.com/octocat/rates/archive/main.zip")
        assert "".join(now["cells"][0]["source"]).startswith("".join(book["cells"][0]["source"]).rstrip())


@pytest.mark.parametrize("said", ["octocat/rates", "https://github.com/octocat/rates", "git@github.com:octocat/rates.git", "https://github.com/octocat/rates/", "github.com/octocat/rates",
                                  "http://www.github.com/octocat/rates", "ssh://git@github.com/octocat/rates.git", "https://github.com/octocat/rates?tab=readme-ov-file#rates"])
def test_an_address_may_be_written_as_github_writes_it(said):
    assert publish.address(said) == ("octocat", "rates", "main")


@pytest.mark.parametrize("said", ["octocat/ra.tes@a/b-c.d", "https://github.com/octocat/ra.tes/tree/a/b-c.d"])
def test_a_branch_may_have_slashes(said):
    assert publish.address(said) == ("octocat", "ra.tes", "a/b-c.d")


def test_the_pages_of_a_repository_that_is_called_like_its_owners_place_have_the_whole_of_it():
    assert publish.pages("Octocat", "octocat.github.io") == "https://octocat.github.io/"
    assert publish.pages("Octocat", "rates") == "https://octocat.github.io/rates/"


@pytest.mark.parametrize("said", ["", "octocat", "octocat/", "/rates", "a b/c", "https://example.org/a/b", "o/r; rm -rf /", "OWNER/REPO/x", "octocat/..", "octocat/.", "octocat-/x",
                                  "o/r@..//x", "o/r@a..b", "o/r@/x", "o/r@x//y", "öcto/cat"])
def test_what_is_no_address_is_refused_and_told_what_to_write(said):
    with pytest.raises(ValueError, match="write OWNER/REPO"):
        publish.address(said)


def test_windows_line_ends_of_the_readme_stay(project):
    readme = project / "README.md"
    readme.write_bytes(readme.read_bytes().replace(b"\n", b"\r\n"))
    before = readme.read_bytes()
    stamp(project, publish.address("o/r"))
    assert before.count(b"\n") + 5 == readme.read_bytes().count(b"\r\n") == readme.read_bytes().count(b"\n")
    stamp(project, None)
    assert readme.read_bytes() == before


def test_a_notebook_of_the_readers_own_is_left_alone(project):
    own = project / "11_mine.ipynb"
    own.write_text(json.dumps({"cells": [{"cell_type": "code", "source": ["x = 1"]}]}), encoding="utf-8")
    before = own.read_bytes()
    stamp(project, publish.address("o/r"))
    assert own.read_bytes() == before


def test_a_text_that_ends_in_an_empty_line_is_not_touched_where_there_is_nothing_to_take_out(project):
    path = project / "01_gradient_descent.ipynb"
    book = json.loads(path.read_text(encoding="utf-8"))
    book["cells"][0]["source"][-1] += "\n"
    path.write_bytes((json.dumps(book, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode("utf-8"))
    before = files(project)
    assert stamp(project, None) == [] and files(project) == before
    stamp(project, publish.address("o/r"))
    stamp(project, None)
    assert files(project) == before


def broken(path):
    path.write_text("<<<<<<< HEAD", encoding="utf-8")


def half_marked(path):
    path.write_bytes(path.read_bytes().replace(publish.END.encode(), b""))


@pytest.mark.parametrize("name, hurt", [("02_schedules.ipynb", broken), ("README.md", half_marked), ("05_what_adagrad_buys.ipynb", half_marked)])
def test_where_one_file_cannot_be_stamped_none_is_and_it_is_named(name, hurt, project):
    stamp(project, publish.address("o/r"))
    hurt(project / name)
    before = files(project)
    with pytest.raises(ValueError, match=f"Nothing was changed, because of {name}"):
        stamp(project, publish.address("a/b"))
    assert files(project) == before


@pytest.mark.parametrize("arguments", [[], ["--redo"], ["a/b", "c/d"]])
def test_other_arguments_are_refused(arguments):
    with pytest.raises(ValueError, match="publish OWNER/REPO"):
        publish.main(arguments)


def test_this_copy_has_no_broken_links_before_it_is_published():
    for path in [ROOT / "README.md", *(ROOT / "notebooks").glob("*.ipynb")]:
        text = path.read_text(encoding="utf-8")
        assert "OWNER/REPO" not in text.replace("publish OWNER/REPO", "") and (publish.BEGIN in text or "colab.research.google.com/github" not in text)
