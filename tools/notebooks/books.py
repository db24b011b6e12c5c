"""The notebooks as files: where they lie, how one is read and written, and which ones a command means."""

import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "notebooks"


def all_of_them(folder=FOLDER):
    """The paths of the lessons, in order; a reader's own notebooks are not among them unless they are called 11_… and so on."""
    return sorted(folder.glob("[0-9][0-9]_*.ipynb"))


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def dumped(book):
    """The text of a notebook as it is stored: one key a line, so that a change is a small diff."""
    return json.dumps(book, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def write(path, book):
    path.write_bytes(dumped(book).encode("utf-8"))


def text(cell):
    return "".join(cell["source"])


def chosen(asked, folder=FOLDER):
    """The paths of the notebooks that `asked` names by number, name or path: ["4", "06_rmsprop"]; all of them where it is empty.

    Raises ValueError that names what is not there, with those that are.
    """
    books = all_of_them(folder)
    by_number = {path.stem[:2]: path for path in books}
    found = []
    for name in asked:
        number = Path(name).name.split("_")[0].removesuffix(".ipynb").zfill(2)
        if number not in by_number:
            raise ValueError(f"there is no notebook {name!r}; there are {', '.join(by_number)}: write 04, for instance")
        found.append(by_number[number])
    return found or books
