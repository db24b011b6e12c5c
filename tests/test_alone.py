"""A notebook alone in an empty folder, as on Colab: it finds its helpers in its own set-up cell, and runs to the end."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
sys.path.insert(0, str(ROOT / "notebooks"))

import pack  # noqa: E402

RUN = """
import json, sys
from pathlib import Path
import nbformat
from nbclient import NotebookClient
book = nbformat.read(sys.argv[1], 4)
book.cells.append(nbformat.v4.new_code_cell("import helpers; print(helpers.__file__)"))
NotebookClient(book, timeout=120, kernel_name="python3", resources={"metadata": {"path": "."}}).execute()
print("HELPERS " + book.cells[-1].outputs[0].text.strip())
"""


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_alone_in_an_empty_folder_it_runs_to_the_end_with_the_helpers_from_its_own_cell(path, tmp_path):
    alone = tmp_path / "empty"
    alone.mkdir()
    shutil.copy(path, alone / path.name)
    done = subprocess.run([sys.executable, "-c", RUN, path.name], cwd=alone, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    used = next(line for line in done.stdout.splitlines() if line.startswith("HELPERS "))
    assert str(ROOT) not in used, "it found the helpers of the project, not its own"
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
