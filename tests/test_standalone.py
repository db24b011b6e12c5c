"""A notebook without the project beside it: as a one-file copy, alone in an empty folder, and as a published copy that installs its release."""

import functools
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest

from tools.check import NBVAL
from tools.notebooks import books, publish, set_up, standalone

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = books.all_of_them()
ITS_OWN = "import helpers\nassert 'unpacked-helpers-' in helpers.__file__, f'it found {helpers.__file__}, not the helpers that it carries'"
MOVED = f"import sys\nsys.path.append({str(ROOT / 'tests')!r})\nfrom fronts import walk_all\nwalk_all()"
WALK = "--nbval-cell-timeout=900"  # seconds: the last cell moves every control of the notebook to each of its positions


def run_alone(book, folder, name, python=sys.executable, options=(), **env):
    """nbval runs it in that folder, so what its cells print is compared as well; it leaves nothing lying about."""
    folder.mkdir()
    nbformat.write(book, folder / name)
    command = [str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--rootdir={folder}", *NBVAL, *options, name]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env={**os.environ, **env})
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
    assert f"{sum(cell.cell_type == 'code' for cell in book.cells)} passed" in done.stdout
    assert sorted(p.name for p in folder.iterdir() if p.name != ".progress.json") == [name], "it leaves nothing lying about"


@functools.cache
def packed():
    """A pack of what helpers holds now."""
    return standalone.pack(standalone.files())


@pytest.mark.thorough
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_one_file_copy_runs_alone_with_the_helpers_that_it_carries_and_a_front_end_moves_its_figures(path, tmp_path):
    """Two cells at the end ask whose helpers these were, and move every control to a hair beside each of its positions, as Colab's front end does."""
    [made] = standalone.build([path.stem], tmp_path / "dist")
    book = nbformat.read(made, 4)
    book.cells += [nbformat.v4.new_code_cell(source) for source in (ITS_OWN, MOVED)]
    run_alone(book, tmp_path / "empty", path.name, options=[WALK])


def test_a_copy_differs_from_its_notebook_in_the_set_up_cell_alone(tmp_path):
    made = standalone.build(["04", "06"], tmp_path / "dist")
    assert [path.name[:2] for path in made] == ["04", "06"]
    for path in made:
        copy, book = books.read(path), books.read(ROOT / "notebooks" / path.name)
        assert standalone.unpack(standalone.packed_in(copy)) == standalone.files()
        set_up.cell_of(book)["source"] = copy["cells"][[cell["cell_type"] for cell in book["cells"]].index("code")]["source"]
        assert copy == book and max(map(len, "".join(set_up_source(copy)).splitlines())) <= 120


def set_up_source(book):
    return next(cell for cell in book["cells"] if cell["cell_type"] == "code")["source"]


def test_a_pack_is_the_same_for_the_same_files():
    some = dict(list(standalone.files().items())[:8])
    assert standalone.pack(some) == standalone.pack(dict(some)) and standalone.unpack(standalone.pack(some)) == some
    assert not any("__pycache__" in name for name in standalone.files())


# the set-up cell


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_notebook_begins_with_the_same_cell_and_then_imports(path):
    code = [cell for cell in books.read(path)["cells"] if cell["cell_type"] == "code"]
    release = set_up.RELEASE.search(books.text(code[0])).group(1)
    assert books.text(code[0]) == set_up.source(release) and set_up.TAG in code[0]["metadata"]["tags"]
    lines = [line for line in books.text(code[1]).splitlines() if not line.startswith(("#", " ", ")"))]
    assert set_up.TAG in code[1]["metadata"]["tags"] and all(line.startswith(("import ", "from ")) for line in lines)


def test_the_cell_is_short_and_narrow():
    lines = set_up.SOURCE.splitlines()
    assert len(lines) <= 8 and max(map(len, lines)) <= 110


BESIDE = {
    "a folder of helpers": {"helpers/__init__.py": "", "helpers/other.py": "x = 1"},
    "a module": {"helpers.py": "x = 1"},
    "our name, another package": {"helpers/exercises.py": "raise SystemExit('not this one')"},
}


def execute(cell, folder, then, before="", **env):
    """Run the cell as a kernel in `folder` does, `then` after it; -> what it printed."""
    plain = {name: value for name, value in os.environ.items() if name not in ("PROGRESS_FILE", "PYTHONPATH")}
    script = folder.parent / "cell.py"
    script.write_text(f"import sys\nsys.path[0] = ''\nCELL = {cell!r}\n{before}\nexec(CELL)\n{then}\n", encoding="utf-8")
    return subprocess.run([sys.executable, str(script)], cwd=folder, capture_output=True, text=True, env={**plain, **env})


def copied(text=None):
    """The set-up cell of a one-file copy."""
    return standalone.SOURCE.replace("{packed}", packed() if text is None else text)


def temporary(folder):
    """The environment of a kernel whose temporary files go there."""
    return dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder))


@pytest.fixture
def alone(tmp_path):
    folder = tmp_path / "alone"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("folder", [ROOT, ROOT / "notebooks"], ids=["the project", "its notebooks"])
@pytest.mark.parametrize("cell", [set_up.SOURCE, None], ids=["as it is", "one-file copy"])
def test_in_the_project_its_own_helpers_are_found_and_the_path_grows_by_one_entry_at_most(cell, folder, tmp_path):
    then = "exec(CELL)\nexec(CELL)\nimport helpers\nprint(helpers.__file__)\nprint(len(sys.path) - before)"
    script = tmp_path / "x" / "y"
    script.mkdir(parents=True)
    plain = {name: value for name, value in os.environ.items() if name not in ("PROGRESS_FILE", "PYTHONPATH")}
    text = f"import sys\nbefore = len(sys.path)\nCELL = {cell or copied()!r}\nexec(CELL)\n{then}\n"
    done = subprocess.run([sys.executable, "-"], input=text, cwd=folder, capture_output=True, text=True, env=plain)
    found, grown = done.stdout.split()
    assert Path(found).parent == ROOT / "helpers" and int(grown) <= 1, done.stderr


def test_where_the_helpers_are_missing_and_nothing_is_published_it_says_what_to_do(alone):
    done = execute(set_up.SOURCE, alone, "print('never')")
    assert done.returncode and "never" not in done.stdout
    assert done.stderr.splitlines()[-1] == "ImportError: The helpers are missing: open the whole project, or a one-file copy."


def test_a_release_that_cannot_be_had_ends_in_the_same_words(alone):
    done = execute(set_up.source("no such archive.zip"), alone, "print('never')")
    assert "ImportError: The helpers are missing" in done.stderr.splitlines()[-1] and "never" not in done.stdout


@pytest.mark.parametrize("beside", BESIDE)
def test_what_is_called_helpers_and_is_not_ours_is_passed_over(beside, alone):
    for name, text in BESIDE[beside].items():
        (alone / name).parent.mkdir(exist_ok=True)
        (alone / name).write_text(text, encoding="utf-8")
    done = execute(copied(), alone, "from helpers import exercises, selftest; print(exercises.__file__)")
    assert "unpacked-helpers-" in done.stdout and not done.stderr


def test_run_again_a_copy_unpacks_nothing_and_what_it_unpacked_goes_with_the_kernel(alone):
    done = execute(copied(), alone, "first = home\nexec(CELL)\nprint(first); print(home)", **temporary(alone.parent))
    first, again = done.stdout.split()
    assert first == again and alone.parent in Path(first).parents and not Path(first).exists()


def test_what_was_answered_is_there_after_a_restart_and_in_the_next_notebook(alone):
    for then, said in (("keeper.put('predictions', 'x', said='3')", ""), ("print(keeper.get('predictions', 'x'))", "{'said': '3'}")):
        done = execute(copied(), alone, f"from helpers.exercises.keeper import keeper\n{then}", **temporary(alone.parent))
        assert done.stdout.strip() == said and not done.stderr
    assert list(alone.iterdir()) == []


HURT = [lambda t: t[: len(t) // 2], lambda t: t[:1010] + "a" * 5 + t[1010:], lambda t: t[:5000] + ("a" if t[5000] != "a" else "b") + t[5001:]]


@pytest.mark.parametrize("hurt", HURT, ids=["cut off", "letters too many", "another letter"])
def test_a_damaged_pack_is_told_in_a_sentence(hurt, alone):
    done = execute(copied(hurt(packed())), alone, "print('never')")
    assert done.returncode and "Download it again" in done.stderr.splitlines()[-1] and "never" not in done.stdout


def test_a_notebook_without_the_set_up_cell_is_refused_with_the_reason():
    cell = {"cell_type": "code", "metadata": {}, "source": ["print(1)\n"], "outputs": []}
    with pytest.raises(ValueError, match="not the set-up cell"):
        standalone.copy({"cells": [cell], "metadata": {}}, "")


# a published copy installs its release


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    """The archive that GitHub would make of a tag, as a file: what git tracks, in one folder."""
    path = tmp_path_factory.mktemp("release") / "v1.zip"
    subprocess.run(["git", "archive", "--format=zip", "--prefix=rates-1/", f"--output={path}", "HEAD"], cwd=ROOT, check=True)
    return path


@pytest.fixture(scope="module")
def fresh_environment(tmp_path_factory):
    """A Python with the packages of this environment, which may be Colab's versions, and nothing of ours installed."""
    folder = tmp_path_factory.mktemp("published") / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    theirs = subprocess.run([sys.executable, "-c", "import site; print(site.getsitepackages()[0])"], capture_output=True, text=True, check=True)
    ours = subprocess.run([str(python), "-c", "import site; print(site.getsitepackages()[0])"], capture_output=True, text=True, check=True)
    Path(ours.stdout.strip(), "theirs.pth").write_text(theirs.stdout.strip() + "\n", encoding="utf-8")
    return python


@pytest.mark.thorough
@pytest.mark.skipif(not (ROOT / ".git").exists() or not shutil.which("git"), reason="A published copy: the project is not a git checkout here.")
def test_a_published_notebook_installs_its_release_once_and_runs_alone(release, fresh_environment, tmp_path):
    """The stamped command, with the archive as a local file in the place of the address on GitHub."""
    where = publish.address("octocat/rates@v1")
    name = "04_adagrad.ipynb"
    raw = publish.new_notebook((ROOT / "notebooks" / name).read_text(encoding="utf-8"), where, name)
    assert publish.archive(*where) in raw and zipfile.is_zipfile(release)
    book = nbformat.reads(raw.replace(publish.archive(*where), release.as_posix()), 4)
    check = "import helpers, sys\nassert sys.prefix in helpers.__file__ and 'site-packages' in helpers.__file__, helpers.__file__"
    book.cells.append(nbformat.v4.new_code_cell(check))
    run_alone(book, tmp_path / "empty", name, fresh_environment)
    again = subprocess.run([str(fresh_environment), "-c", set_up.source("no such archive.zip")], cwd=tmp_path, capture_output=True, text=True)
    assert again.returncode == 0 and again.stdout == "", "run again it installs nothing"
