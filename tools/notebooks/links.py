"""The order of the series, and what follows from it: the line of links that ends each recap, and the map in notebook 00.

    python -m tools.notebooks.links            stamp all notebooks
    python -m tools.notebooks.links 04         those whose name begins with 04

The line of links is `[← 03 Title](file) · [Glossary](glossary.md) · [05 Title →](file)`. The minutes and what a notebook needs stand in its
first cell, and are copied into the map. Nothing is executed, and everything else stays byte for byte. store.py calls this at its end.
"""

import re
import sys

from tools.notebooks.books import FOLDER, read, text, write

ORDER = (
    "00_start_here", "01_gradient_descent", "02_schedules", "03_momentum", "04_adagrad", "05_what_adagrad_buys", "06_rmsprop", "07_epsilon",
    "08_a_fair_race", "09_inside_a_network", "10_adam_and_your_framework",
)
COMING = ()  # named, and not linked, until they are there
CORE = ("01", "04", "06")
MAP = "## A map of the series"
GLOSSARY = "[Glossary](glossary.md)"
ROW = re.compile(r"^\| (?:\*\*)?(\d\d)(?:\*\*)? \| \[[^\]]+\]\(([^)]+)\) \| (.+) \| (\d+) \| (.+) \|$")


def there(folder=FOLDER):
    """The paths of the notebooks that there are, in order."""
    return [path for path in (folder / f"{name}.ipynb" for name in ORDER) if path.exists()]


def full_title(path):
    return text(read(path)["cells"][0]).splitlines()[0].removeprefix("# ").strip()


def title(path):
    """The short one, before a colon."""
    return full_title(path).split(":")[0]


def minutes(path):
    return int(re.search(r"^About (\d+) minutes", text(read(path)["cells"][0]), re.M).group(1))


def needs(path):
    """The numbers of the notebooks that its first cell asks for."""
    asked = re.search(r"You need ([^.]*)", text(read(path)["cells"][0]))
    return re.findall(r"\b\d\d\b", asked.group(1)) if asked else []


def link_line(path, folder=FOLDER):
    """The last line of a notebook's recap."""
    order = there(folder)
    i = order.index(path)
    back = [f"[← {order[i - 1].name[:2]} {title(order[i - 1])}]({order[i - 1].name})"] if i else []
    on = [f"[{order[i + 1].name[:2]} {title(order[i + 1])} →]({order[i + 1].name})"] if i + 1 < len(order) else []
    return " · ".join([*back, GLOSSARY, *on])


def with_line(words, line):
    """A recap that ends with this line; one that was stamped before is replaced."""
    lines = words.rstrip().split("\n")
    if GLOSSARY in lines[-1] and re.match(r"^\[(←|Glossary)", lines[-1]):
        lines = "\n".join(lines[:-1]).rstrip().split("\n")
    return "\n".join([*lines, "", line])


def with_rows(words, folder=FOLDER):
    """The map with titles, minutes and needs as the notebooks themselves give them; of those that are not there yet, as they stand."""
    known, lines = {path.name: path for path in there(folder)}, []
    for line in words.split("\n"):
        row = ROW.match(line)
        if row and row.group(2) in known:
            number, name, question, _, _ = row.groups()
            path = known[name]
            shown = f"**{number}**" if number in CORE else number
            line = f"| {shown} | [{title(path)}]({name}) | {question} | {minutes(path)} | {', '.join(needs(path)) or '–'} |"
        lines.append(line)
    return "\n".join(lines)


def stamp(path, folder=FOLDER):
    """Write the line of links, and in notebook 00 the map; -> has anything changed? ValueError where there is no recap."""
    book, changed = read(path), False
    recaps = [cell for cell in book["cells"] if cell["cell_type"] == "markdown" and text(cell).startswith("## Recap")]
    if len(recaps) != 1:
        raise ValueError(f"{path.name} has {len(recaps)} cells that begin with “## Recap”; the line of links goes to the end of the one")
    maps = [cell for cell in book["cells"] if cell["cell_type"] == "markdown" and text(cell).startswith(MAP)]
    for cell, wanted in [(recaps[0], with_line(text(recaps[0]), link_line(path, folder))), *((cell, with_rows(text(cell), folder)) for cell in maps)]:
        if text(cell) != wanted:
            cell["source"], changed = wanted.splitlines(keepends=True), True
    if changed:
        write(path, book)
    return changed


def main(beginning="", folder=FOLDER):
    for path in there(folder):
        if path.name.startswith(beginning) and stamp(path, folder):
            print(f"{path.name}: links")


if __name__ == "__main__":
    main(*sys.argv[1:2])
