"""The set-up cell that every notebook begins with: the same few lines in all of them, untouched by a change of the helpers.

It looks for the helpers in the notebook's folder and the folders above it, then among what is installed. Where the project is published,
`publish.py` writes the address of a release into the one string that is empty here, and the cell installs it if nothing was found.
"""

import re

from tools.notebooks.books import text

TAG = "setup"  # of this cell, of the cell with the imports below it, and of the sentence above both
SOURCE = """\
# Find the helpers, or install their release once.
import pathlib, subprocess, sys
release = ""
places = [*pathlib.Path("_").absolute().parents, *map(pathlib.Path, sys.path)]
find = lambda: next((str(place) for place in places if (place / "helpers/update_rules.py").is_file()), None)
if not find() and release: subprocess.run([sys.executable, *"-m pip install -q --no-deps".split(), release])
if not find(): raise ImportError("The helpers are missing: open the whole project, or a one-file copy.")
if sys.path[0] != find(): sys.path.insert(0, find())"""
RELEASE = re.compile(r'^release = "([^"]*)"$', re.M)


def source(release=""):
    """The text of the cell; `release` is the address of the archive that it installs where the helpers are missing."""
    return RELEASE.sub(lambda _: f'release = "{release}"', SOURCE, count=1)


def cell_of(book):
    """The set-up cell of a notebook: its first code cell. ValueError where that is another one."""
    first = next((cell for cell in book["cells"] if cell["cell_type"] == "code"), None)
    if first is None or not RELEASE.search(text(first)) or RELEASE.sub('release = ""', text(first)) != SOURCE:
        raise ValueError("its first code cell is not the set-up cell: copy that cell from another notebook, or run python -m tools.notebooks.store")
    return first


def stamp(book, release=None):
    """Make the first code cell the set-up cell as it is here; -> has anything changed? `release` None keeps the one that is there."""
    first = next(cell for cell in book["cells"] if cell["cell_type"] == "code")
    there = RELEASE.search(text(first))
    wanted = source(release if release is not None else there.group(1) if there else "")
    if text(first) == wanted:
        return False
    first["source"] = wanted.splitlines(keepends=True)
    return True
