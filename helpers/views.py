"""The scripts of live figures: every figure's own, behind what all of them need of a page."""

from pathlib import Path

PAGE = Path(__file__).parent / "page.js"


def script(*files):
    """The module of a figure as text: page.js, then `files` in order."""
    return "\n".join(path.read_text(encoding="utf-8") for path in (PAGE, *files))
