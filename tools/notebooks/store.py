"""Execute the notebooks in place and store them as they are committed: outputs of the current code, counts 1 … n, no widget state.

    python notebooks/store.py            all of them
    python notebooks/store.py 04         those whose name begins with 04

links.py stamps the line of links at the end of each recap, pack.py the helpers into the set-up cells. Fails on the first error in a cell, and on a notebook of 1 MB or more.
Run it with ipywidgets 8, which stores a picture beside every live figure.
"""

import os
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

import links
import pack

FOLDER = Path(__file__).resolve().parent
MOST = 1_000_000  # bytes


def store(path):
    """Execute one notebook and write it back without anything that changes from run to run."""
    book = nbformat.read(path, 4)
    NotebookClient(book, timeout=120, kernel_name="python3", store_widget_state=False, coalesce_streams=True,
                   resources={"metadata": {"path": str(FOLDER)}}).execute()
    book.metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}, "language_info": {"name": "python"}}
    for cell in book.cells:
        cell.metadata.pop("execution", None)  # time stamps
        if cell.metadata.get("jupyter", {}).get("source_hidden"):
            cell.metadata["cellView"] = "form"  # the same for Colab
        if "outputs" in cell:  # a bar of progress that is done has left an empty place
            cell.outputs = [output for output in cell.outputs if output.get("data", {}).get("text/html") != ""]
        for output in cell.get("outputs", []):
            # the widget itself is gone with its kernel; its picture and its words stay
            output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)
    nbformat.write(book, path)
    if path.stat().st_size >= MOST:
        sys.exit(f"{path.name} has {path.stat().st_size / 1e6:.1f} MB: make its pictures smaller")
    return path.stat().st_size


def main(beginning=""):
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PROGRESS_FILE"] = str(Path(folder) / "progress.json")  # stored as someone sees it who has answered nothing
        for path in sorted(FOLDER.glob(f"{beginning}*.ipynb")):
            print(f"{path.name}: {store(path) / 1000:.0f} kB")
    pack.main()  # what a notebook that is opened alone runs with
    links.main()  # of all notebooks: a new one has neighbours, and its minutes stand in the map


if __name__ == "__main__":
    main(*sys.argv[1:2])
