"""`jupyter nbconvert --to html` of any notebook keeps its figures, captions and alternative texts, and brings no widget state along."""

import html as markup
import json
import re
from pathlib import Path

import pytest
from thorough import every_time, of_the_core

NOTEBOOKS = sorted((Path(__file__).resolve().parents[1] / "notebooks").glob("[0-9]*.ipynb"))


def words(text):
    """Without tags, and with every gap a single space."""
    return " ".join(markup.unescape(re.sub(r"<[^>]*>", " ", text)).split())


@pytest.mark.parametrize("path", every_time([path for path in NOTEBOOKS if of_the_core(path)], NOTEBOOKS), ids=lambda path: path.stem)
def test_an_exported_page_has_every_figure_with_its_words(path):
    from nbconvert import HTMLExporter

    page, _ = HTMLExporter().from_filename(str(path))
    seen = [markup.unescape(alt) for alt in re.findall(r'<img\b[^>]*?\balt="([^"]*)"', page)]
    told, figures, captions = words(re.sub(r"<(script|style)\b.*?</\1>", " ", page, flags=re.S)), 0, 0
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        for output in cell.get("outputs", []):
            text = "".join(output.get("data", {}).get("text/html", ""))
            for alt in re.findall(r'<img\b[^>]*?\balt="([^"]*)"', text):
                assert markup.unescape(alt) in seen, alt
                figures += 1
            for caption in re.findall(r"<figcaption[^>]*>(.*?)</figcaption>", text, re.S):
                assert words(caption) in told, caption
                captions += 1
    assert figures >= 2 and captions >= 2 and page.count("data:image/") >= figures
    assert "application/vnd.jupyter.widget-state+json" not in page
