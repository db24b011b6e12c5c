"""The scripts and styles of live figures: every figure's own, behind what all of them need of a page."""

from pathlib import Path

PAGE, POSITION, LECTURE = (Path(__file__).parent / name for name in ("page.js", "position.js", "lecture.js"))
CONTROLS = Path(__file__).parent / "controls.css"


def script(*files):
    """The module of a figure as text: page.js and position.js, then `files` in order."""
    return "\n".join(path.read_text(encoding="utf-8") for path in (PAGE, POSITION, *files))


def styles(file):
    """The style of a figure that has ipywidgets' controls round it, as text."""
    return "".join(path.read_text(encoding="utf-8") for path in (CONTROLS, file))
