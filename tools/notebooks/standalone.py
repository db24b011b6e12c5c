"""The helpers, packed into each notebook: a notebook that is opened alone, as on Colab or from a mail, unpacks them and runs.

    python notebooks/pack.py             stamp all notebooks
    python notebooks/pack.py 04          those whose name begins with 04

The pack is one long line in the folded set-up cell: a zip of helpers/ (without the site), compressed as a whole with xz, written in base 85. Where the
notebook lies beside helpers/, that folder counts, and the pack is left alone. Nothing is executed; a pack that holds what helpers/ holds stays
byte for byte. store.py calls this at its end, and a test unpacks every one of them.
"""

import base64
import io
import json
import lzma
import re
import sys
import zipfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
HELPERS = FOLDER.parent / "helpers"
LEFT_OUT = {"site", "__pycache__"}  # folders that no notebook needs
LINE = re.compile(r'^packed = "([^"]*)"$', re.M)
SETUP = '''# Find the helpers. Where this notebook is alone, as on Colab, they are unpacked from the long line below.
import os, sys, tempfile
from pathlib import Path
packed = "{packed}"
places = [Path.cwd(), *Path.cwd().parents, *map(Path, sys.path)]
home = next((p for p in places if os.path.isfile(p / "helpers" / "update_rules.py")), None)
if home is None:
    try:
        import base64, io, lzma, zipfile
        unpacked = tempfile.TemporaryDirectory(prefix="unpacked-helpers-")  # goes with the kernel
        zipfile.ZipFile(io.BytesIO(lzma.decompress(base64.b85decode(packed)))).extractall(unpacked.name)
    except Exception as error:
        raise RuntimeError(f"The helpers in this notebook cannot be unpacked ({error}). Download the notebook again; if that changes nothing, take a Python that has lzma.") from None
    home = unpacked.name
sys.path.insert(0, str(home))
'''
MARK = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")  # by chance, 300 000 letters may spell what searches for unfinished work find: then they are drawn again
BEFORE = re.compile(r"\A# Find the helpers.*?^sys\.path\.insert\(0, str\(home\)\)\n", re.M | re.S)


def files(folder=HELPERS):
    """{path inside the pack: bytes} of what is packed."""
    found = sorted(path for path in folder.rglob("*") if path.is_file() and not LEFT_OUT & set(path.relative_to(folder).parts))
    return {path.relative_to(folder.parent).as_posix(): path.read_bytes() for path in found}


def pack(contents):
    """The text of a pack: the same for the same files, on every machine with the same xz."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_STORED) as archive:
        for name, data in contents.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)  # no times of the day
    for lc, pb in ((3, 2), (3, 0), (4, 0), (2, 0), (4, 2), (2, 2), (1, 0), (0, 0)):  # bits that xz looks at: with others all letters are others
        filters = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "lc": lc, "pb": pb}]
        text = base64.b85encode(lzma.compress(whole.getvalue(), filters=filters)).decode("ascii")
        if not MARK.search(text):
            return text
    raise ValueError("no pack without a mark of unfinished work was found")


def unpack(text):
    """{path: bytes} of a pack."""
    with zipfile.ZipFile(io.BytesIO(lzma.decompress(base64.b85decode(text)))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def setup_cell(book):
    """The first code cell, which finds the helpers; ValueError where there is none."""
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            if BEFORE.match("".join(cell["source"])):
                return cell
            break
    raise ValueError("the first code cell does not begin with '# Find the helpers' and put them on sys.path")


def packed_in(book):
    """The pack in a notebook, as text; "" where there is none yet."""
    found = LINE.search("".join(setup_cell(book)["source"]))
    return found.group(1) if found else ""


def stamp(path, text, contents):
    """Put the pack into one notebook. Returns whether anything changed."""
    book = json.loads(path.read_text(encoding="utf-8"))
    cell, there = setup_cell(book), packed_in(book)
    try:
        fresh = there if there and not MARK.search(there) and unpack(there) == contents else text
    except (ValueError, lzma.LZMAError, zipfile.BadZipFile):  # not whole any more
        fresh = text
    source = BEFORE.sub(lambda _: SETUP.replace("{packed}", fresh), "".join(cell["source"]), count=1)
    if source == "".join(cell["source"]) and cell["metadata"].get("cellView") == "form":
        return False
    cell["source"] = source.splitlines(keepends=True)
    cell["metadata"]["cellView"] = "form"  # Colab folds it; JupyterLab does by source_hidden
    path.write_bytes((json.dumps(book, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode("utf-8"))  # as store.py writes it
    return True


def main(beginning=""):
    contents = files()
    text = pack(contents)
    for path in sorted(FOLDER.glob(f"{beginning}[0-9]*.ipynb")):
        if stamp(path, text, contents):
            print(f"{path.name}: pack of {len(text) / 1000:.0f} kB")


if __name__ == "__main__":
    main(*sys.argv[1:2])
