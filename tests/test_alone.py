"""A notebook alone in an empty folder, as on Colab: it finds its helpers in its own set-up cell, and runs to the end."""

import functools
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from start import NBVAL

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
sys.path.insert(0, str(ROOT / "notebooks"))

import pack  # noqa: E402

ITS_OWN = "import helpers\nassert 'unpacked-helpers-' in helpers.__file__, f'it found {helpers.__file__}, not the helpers that it carries'"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_alone_in_an_empty_folder_it_runs_to_the_end_with_the_helpers_from_its_own_cell(path, tmp_path):
    """nbval runs it, so what its cells print is compared as well; a cell at the end asks whose helpers these were."""
    alone = tmp_path / "empty"
    alone.mkdir()
    book = nbformat.read(path, 4)
    book.cells.append(nbformat.v4.new_code_cell(ITS_OWN))
    nbformat.write(book, alone / path.name)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--rootdir={alone}", *NBVAL, path.name]
    done = subprocess.run(command, cwd=alone, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
    assert f"{sum(cell.cell_type == 'code' for cell in book.cells)} passed" in done.stdout
    assert sorted(p.name for p in alone.iterdir() if p.name != ".progress.json") == [path.name], "it leaves nothing lying about"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_pack_holds_what_helpers_holds(path):
    there = pack.unpack(pack.packed_in(json.loads(path.read_text(encoding="utf-8"))))
    now = pack.files()
    stale = sorted(name for name in {*there, *now} if there.get(name) != now.get(name))
    assert not stale, f"run python notebooks/pack.py: {', '.join(stale[:5])}"


def test_no_pack_spells_a_mark_of_unfinished_work_by_chance(monkeypatch):
    some = dict(list(pack.files().items())[:8])
    plain = pack.pack(some)
    monkeypatch.setattr(pack, "MARK", re.compile(re.escape(plain[2000:2010])))
    other = pack.pack(some)
    assert plain[2000:2010] not in other and pack.unpack(other) == some
    monkeypatch.undo()
    for path in NOTEBOOKS:
        assert not pack.MARK.search(pack.packed_in(json.loads(path.read_text(encoding="utf-8"))))


def test_a_pack_is_the_same_for_the_same_files_and_comes_out_as_it_went_in():
    some = dict(list(pack.files().items())[:8])
    assert pack.pack(some) == pack.pack(dict(some)) and pack.unpack(pack.pack(some)) == some
    assert not any("/site/" in name or "__pycache__" in name for name in pack.files())


@functools.cache
def fresh():
    """A pack of what helpers holds now."""
    return pack.pack(pack.files())


BESIDE = {
    "another package called helpers": {"helpers/__init__.py": ""},
    "a module called helpers": {"helpers.py": "x = 1"},
    "a folder of that name": {"helpers/notes.txt": ""},
}


def set_up(folder, then, packed=None, **env):
    """Run the set-up cell as a kernel in `folder` does, `then` after it; -> what it printed."""
    cell = pack.SETUP.replace("{packed}", fresh() if packed is None else packed)
    plain = {name: value for name, value in os.environ.items() if name not in ("PROGRESS_FILE", "PYTHONPATH")}
    (folder.parent / "cell.py").write_text(f"import sys\nsys.path[0] = ''\nCELL = {cell!r}\nexec(CELL)\n{then}\n", encoding="utf-8")
    return subprocess.run([sys.executable, str(folder.parent / "cell.py")], cwd=folder, capture_output=True, text=True, env={**plain, **env})


def temporary(folder):
    """The environment of a kernel whose temporary files go there."""
    return dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder))


@pytest.fixture
def alone(tmp_path):
    folder = tmp_path / "alone"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("beside", BESIDE)
def test_what_is_called_helpers_and_is_not_ours_is_passed_over(beside, alone):
    for name, text in BESIDE[beside].items():
        (alone / name).parent.mkdir(exist_ok=True)
        (alone / name).write_text(text, encoding="utf-8")
    done = set_up(alone, "from helpers import exercises, selftest; print(exercises.__file__)")
    assert "unpacked-helpers-" in done.stdout and not done.stderr


def test_run_again_the_cell_unpacks_nothing_and_the_copy_goes_with_the_kernel(alone):
    done = set_up(alone, "first = home\nexec(CELL)\nprint(first); print(home)", **temporary(alone.parent))
    first, again = done.stdout.split()
    assert first == again and alone.parent in Path(first).parents and not Path(first).exists()


def test_what_was_answered_is_there_after_a_restart_and_in_the_next_notebook(alone):
    for then, said in (("keeper.put('predictions', 'x', said='3')", ""), ("print(keeper.get('predictions', 'x'))", "{'said': '3'}")):
        done = set_up(alone, f"from helpers.exercises.keeper import keeper\n{then}", **temporary(alone.parent))
        assert done.stdout.strip() == said and not done.stderr
    assert list(alone.iterdir()) == []


@pytest.mark.parametrize("hurt", [lambda text: text[: len(text) // 2], lambda text: text[:1000] + " " + text[1001:], lambda text: text[:5000] + ("a" if text[5000] != "a" else "b") + text[5001:]])
def test_a_damaged_pack_is_told_in_a_sentence(hurt, alone):
    done = set_up(alone, "print('never')", hurt(fresh()))
    assert done.returncode and "Download the notebook again" in done.stderr.splitlines()[-1] and "never" not in done.stdout


def test_a_python_without_lzma_needs_none_beside_the_helpers_and_is_told_so_elsewhere(alone):
    without = "import sys; sys.modules['_lzma'] = None\n"
    for folder, fine in ((ROOT / "notebooks", True), (alone, False)):
        cell = pack.SETUP.replace("{packed}", fresh())
        done = subprocess.run([sys.executable, "-"], input=f"{without}{cell}print('on')", cwd=folder, capture_output=True, text=True)
        assert ("on" in done.stdout) == fine and (fine or "a Python that has lzma" in done.stderr)


def book_with(source, tmp_path):
    path = tmp_path / "01_x.ipynb"
    path.write_text(json.dumps({"cells": [{"cell_type": "code", "id": "a", "metadata": {}, "source": source.splitlines(keepends=True), "outputs": [], "execution_count": 1}],
                                "metadata": {}, "nbformat": 4, "nbformat_minor": 5}), encoding="utf-8")
    return path


@pytest.mark.parametrize("packed", ["", "nothing that can be unpacked", pack.pack({"helpers/old.py": b"x"})])
def test_a_missing_a_broken_and_a_stale_pack_are_replaced_and_a_fresh_one_is_left_alone(packed, tmp_path):
    contents = {"helpers/__init__.py": b"", "helpers/new.py": b"y = 1\n"}
    path = book_with(pack.SETUP.replace("{packed}", packed) + "\nimport numpy as np\n", tmp_path)
    assert pack.stamp(path, pack.pack(contents), contents)
    stamped = path.read_bytes()
    assert pack.unpack(pack.packed_in(json.loads(stamped))) == contents and b"import numpy as np" in stamped
    assert not pack.stamp(path, pack.pack(contents), contents) and path.read_bytes() == stamped


def test_a_notebook_without_the_set_up_cell_is_refused_with_the_reason(tmp_path):
    with pytest.raises(ValueError, match="Find the helpers"):
        pack.stamp(book_with("print(1)\n", tmp_path), "", {})
