"""Execute the notebooks in place and store them as they are committed: outputs of the current code, counts 1 … n, no widget state.

    python -m tools.notebooks.store            all of them
    python -m tools.notebooks.store 04 06      these alone

Stored anew, what did not change stays byte for byte: a picture with the same pixels keeps its old bytes. Then links.py stamps the line of
links at the end of each recap. Fails on the first error in a cell, and on a notebook that is heavier than it may be (`faults`).
Run it with ipywidgets 8, which stores a picture beside every live figure.
"""

import base64
import io
import os
import re
import sys
import tempfile
from pathlib import Path

import nbformat
import numpy as np
from nbclient import NotebookClient
from PIL import Image

from tools.notebooks import links, set_up
from tools.notebooks.books import FOLDER, chosen, read, text, write

MOST = 400_000  # bytes of a notebook
WIDEST = 200    # letters of a line of source: a code host shows no diff of a longer one
BINARY = re.compile(r"[A-Za-z0-9+/=!#$%&()*;<>?@^_`{|}~-]{120,}")  # what is packed or encoded has no blanks in it
LANGUAGE = {  # without the version: what another Python would store differently has no place here
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
}
INLINE = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=\n]+)")


def pixels(encoded):
    """The pixels of a PNG in base 64, as an array (rows, columns, 4)."""
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(encoded))).convert("RGBA"))


def same_picture(one, other):
    return one == other or np.array_equal(pixels(one), pixels(other))


def with_old_pictures(html, before):
    """The HTML with each inline picture as it stood in `before`, at the same place, where the pixels are the same."""
    old = INLINE.findall(before)
    new = INLINE.findall(html)
    if len(old) != len(new):
        return html
    for was, now in zip(old, new):
        if same_picture(was, now):
            html = html.replace(now, was)
    return html


def tidy(output, before):
    """Drop what changes from run to run, and a picture that the HTML beside it holds already; keep the bytes of unchanged pictures."""
    data = output.get("data", {})
    data.pop("application/vnd.jupyter.widget-view+json", None)  # the widget is gone with its kernel; its picture and its words stay
    old = before.get("data", {})
    html, old_html = ("".join(found.get("text/html", "")) for found in (data, old))
    if html and old_html:
        data["text/html"] = html = with_old_pictures(html, old_html)
    if "image/png" in data:
        inside = {picture.replace("\n", "") for picture in INLINE.findall(html)}
        if any(same_picture(picture, data["image/png"]) for picture in inside):
            del data["image/png"]
        elif "image/png" in old and same_picture(old["image/png"], data["image/png"]):
            data["image/png"] = old["image/png"]


def store(path):
    """Execute one notebook and write it back; -> its size in bytes. Exits with the reason where it may not be stored so."""
    before = {cell["id"]: cell for cell in read(path)["cells"]}
    book = nbformat.read(path, 4)
    if set_up.stamp(book):
        print(f"{path.name}: the set-up cell was put right")
    NotebookClient(
        book,
        timeout=120,
        kernel_name="python3",
        store_widget_state=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(FOLDER)}},
    ).execute()
    book.metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}, "language_info": LANGUAGE}
    for cell in book.cells:
        cell.metadata.pop("execution", None)  # time stamps
        if cell.metadata.get("jupyter", {}).get("source_hidden"):
            cell.metadata["cellView"] = "form"  # the same for Colab
        if "outputs" not in cell:
            continue
        # a bar of progress that is done has left an empty place
        cell.outputs = [output for output in cell.outputs if output.get("data", {}).get("text/html") != ""]
        old = before.get(cell["id"], {}).get("outputs", [])
        for place, output in enumerate(cell.outputs):
            tidy(output, old[place] if place < len(old) else {})
    nbformat.write(book, path)
    write(path, read(path))
    found = faults(path)
    if found:
        sys.exit(f"{path.name}: " + "; ".join(found))
    return path.stat().st_size


def faults(path):
    """What makes this notebook too heavy to review, each as a sentence: its size, a line that is too long, something packed."""
    book, found = read(path), []
    if path.stat().st_size > MOST:
        found.append(f"it has {path.stat().st_size / 1000:.0f} kB, more than {MOST // 1000}: make its pictures smaller")
    for cell in book["cells"]:
        for line in text(cell).split("\n"):
            if len(line) > WIDEST and not line.lstrip().startswith("|"):  # a row of a table cannot be broken
                found.append(f"cell {cell['id']} has a line of {len(line)} letters, more than {WIDEST}: {line[:40]!r}")
            if BINARY.search(line):
                found.append(f"cell {cell['id']} holds what looks packed or encoded: {BINARY.search(line).group(0)[:40]!r}")
    if "widgets" in book["metadata"]:
        found.append("the state of its widgets is saved in it")
    return found


def main(asked):
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PROGRESS_FILE"] = str(Path(folder) / "progress.json")  # stored as someone sees it who has answered nothing
        for path in chosen(asked):
            print(f"{path.name}: {store(path) / 1000:.0f} kB", flush=True)
    links.main()  # of all notebooks: a new one has neighbours, and its minutes stand in the map


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except ValueError as error:
        sys.exit(str(error))
