"""After Run All the page stands at its end: its recap is folded, and a link leads back to the first figure."""

import json
import re
from pathlib import Path
from urllib.parse import unquote

import pytest

NOTEBOOKS = sorted((Path(__file__).resolve().parents[1] / "notebooks").glob("[0-9][0-9]_*.ipynb"))
LIVE = re.compile(r"\b(explore|hypotenuse|atlas|memory_bars|against_G|fair_race)\(")
EACH = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def cells(path):
    """[(kind, text)]"""
    return [
        (cell["cell_type"], "".join(cell["source"]))
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
    ]


def the_one(path, beginning):
    [text] = [text for kind, text in cells(path) if kind == "markdown" and text.startswith(beginning)]
    return text


@EACH
def test_the_recap_is_folded_and_the_ways_on_stay_in_sight(path):
    recap = the_one(path, "## Recap")
    heading, folded, after = re.fullmatch(
        r"(## Recap\n\n)<details>\n<summary>[^<]+</summary>\n(.*?)\n</details>\n(.*)", recap, re.DOTALL
    ).groups()
    assert folded.count("\n- ") >= 3 and not re.search(r"^- ", after, re.M), (
        "what the notebook found is in the fold"
    )
    assert "[Glossary](glossary.md)" in after.splitlines()[-1], "the line of links is not"


@EACH
def test_a_link_leads_back_to_the_heading_of_the_first_figure(path):
    shown = cells(path)
    first = next(i for i, (kind, text) in enumerate(shown) if kind == "code" and LIVE.search(text))
    above = [
        line
        for kind, text in shown[:first]
        if kind == "markdown"
        for line in re.findall(r"^#{2,3} +(.+)$", text, re.M)
    ]
    [link] = re.findall(r"\[↑ Back to the first figure\]\(#(.+)\)", the_one(path, "## What you have done"))
    assert link == above[-1].replace(" ", "-"), (
        "JupyterLab calls a heading by its words with hyphens between, and finds none with an escaped sign such as %3F"
    )


@EACH
def test_from_that_heading_the_first_figure_is_not_far(path):
    """A screen holds some 1,600 letters of text and code; JupyterLab itself is asked in tests/browser/test_lab_books.py."""
    shown = cells(path)
    first = next(i for i, (kind, text) in enumerate(shown) if kind == "code" and LIVE.search(text))
    above = "\n".join(text if kind == "markdown" else text.replace("#", "") for kind, text in shown[:first])
    assert len(re.split(r"^#{2,3} ", above, flags=re.M)[-1]) <= 1600


@EACH
def test_every_link_within_a_notebook_leads_to_a_heading_of_it(path):
    words = "\n".join(text for kind, text in cells(path) if kind == "markdown")
    headings = {line.replace(" ", "-") for line in re.findall(r"^#+ +(.+)$", words, re.M)}
    assert {unquote(link) for link in re.findall(r"\]\(#([^)]+)\)", words)} <= headings


@EACH
def test_the_first_lines_say_that_running_takes_the_page_to_its_end(path):
    shown = cells(path)
    first = next(i for i, (kind, _) in enumerate(shown) if kind == "code")
    assert "scroll up again" in "\n".join(text for _, text in shown[:first])
