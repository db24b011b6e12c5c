"""One-file copies of the notebooks: each carries the helpers, so it runs alone, offline, from a mail or uploaded to Colab.

    python start.py standalone           all of them, into the folder dist/, which git ignores
    python start.py standalone 04 06     these alone

The helpers are a zip, compressed as a whole with xz and written in base 85 into the set-up cell. Where such a copy lies beside a helpers/
folder of the project, or where they are installed, those count. Nothing is executed; outputs stay as they are stored.
"""

import base64
import io
import lzma
import sys
import textwrap
import zipfile

from tools.notebooks import set_up
from tools.notebooks.books import ROOT, chosen, read, text, write

HELPERS = ROOT / "helpers"
DIST = ROOT / "dist"
WIDTH = 100  # letters a line of the pack
SOURCE = '''\
# Find the helpers: this copy carries them.
import base64, io, lzma, pathlib, sys, tempfile, zipfile
packed = """
{packed}
"""
places = [*pathlib.Path("_").absolute().parents, *map(pathlib.Path, sys.path)]
home = next((str(place) for place in places if (place / "helpers/update_rules.py").is_file()), None)
if home is None:
    try:
        unpacked = tempfile.TemporaryDirectory(prefix="unpacked-helpers-")  # goes with the kernel
        archive = lzma.decompress(base64.b85decode("".join(packed.split())))
        zipfile.ZipFile(io.BytesIO(archive)).extractall(unpacked.name)
    except Exception as error:
        raise RuntimeError(f"The helpers in this notebook cannot be unpacked ({error}). Download it again.") from None
    home = unpacked.name
if sys.path[0] != home:
    sys.path.insert(0, home)'''


def files(folder=HELPERS):
    """{path inside the pack: bytes} of what is packed."""
    found = sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder.parent).as_posix(): path.read_bytes() for path in found}


def pack(contents):
    """The text of a pack, in lines: the same for the same files, on every machine with the same xz."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_STORED) as archive:
        for name, data in contents.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)  # no times of the day
    squeezed = lzma.compress(whole.getvalue(), preset=9 | lzma.PRESET_EXTREME)
    return "\n".join(textwrap.wrap(base64.b85encode(squeezed).decode("ascii"), WIDTH, break_on_hyphens=False))


def unpack(packed):
    """{path: bytes} of a pack."""
    archive = lzma.decompress(base64.b85decode("".join(packed.split())))
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def packed_in(book):
    """The pack in a one-file copy, as text."""
    first = next(cell for cell in book["cells"] if cell["cell_type"] == "code")
    return text(first).split('packed = """\n')[1].split('\n"""')[0]


def copy(book, packed):
    """The notebook as a copy that carries this pack."""
    set_up.cell_of(book)["source"] = SOURCE.replace("{packed}", packed).splitlines(keepends=True)
    return book


def build(asked=(), out=DIST):
    """Write the copies of the notebooks asked for (all of them where none is) into the folder `out`; -> their paths."""
    paths, packed = chosen(list(asked)), pack(files())
    out.mkdir(parents=True, exist_ok=True)
    made = []
    for path in paths:
        made.append(out / path.name)
        write(made[-1], copy(read(path), packed))
    return made


def main(asked):
    made = build(asked)
    for path in made:
        print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")
    print(f"They are in {DIST}. Each runs alone, without a network, wherever NumPy, Matplotlib, ipywidgets and anywidget are installed.")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (ValueError, OSError) as error:
        sys.exit(str(error))
