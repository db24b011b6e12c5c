"""What a fold of a notebook tells, for tests that compute its numbers anew."""

import json
from pathlib import Path

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"


def fold(number, line):
    """The text of the one prose cell of notebook `number` ("05") that holds this line of code."""
    [path] = NOTEBOOKS.glob(f"{number}_*.ipynb")
    texts = ["".join(cell["source"]) for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "markdown"]
    [found] = [text for text in texts if line in text]
    return found
