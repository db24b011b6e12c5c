"""Storing: what has not changed stays byte for byte, and a notebook that nobody could review is refused with its reasons."""

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from tools.notebooks import store
from tools.notebooks.books import all_of_them, read, write


def picture(shade, **options):
    """A PNG in base 64; other options, other bytes of the same pixels."""
    out = io.BytesIO()
    Image.fromarray(np.full((20, 30, 3), shade, np.uint8)).save(out, "PNG", **options)
    return base64.b64encode(out.getvalue()).decode()


ONE, SAME, OTHER = picture(100), picture(100, compress_level=0), picture(101)


def shown(image):
    return f'<figure><img alt="a grey field, said in words" src="data:image/png;base64,{image}"></figure>'


def test_pictures_are_compared_by_their_pixels():
    assert ONE != SAME and store.same_picture(ONE, SAME) and not store.same_picture(ONE, OTHER)


@pytest.mark.parametrize("now, kept", [(SAME, ONE), (OTHER, OTHER)])
def test_a_picture_with_the_same_pixels_keeps_its_bytes_and_another_is_taken(now, kept):
    for make in (lambda image: {"image/png": image}, lambda image: {"text/html": shown(image)}):
        output = {"data": make(now)}
        store.tidy(output, {"data": make(ONE)})
        assert output["data"] == make(kept)


def test_a_picture_that_the_html_beside_it_shows_is_stored_once():
    output = {"data": {"text/html": shown(ONE), "image/png": SAME}}
    store.tidy(output, {})
    assert output["data"] == {"text/html": shown(ONE)}
    output = {"data": {"text/html": shown(ONE), "image/png": OTHER}}
    store.tidy(output, {})
    assert "image/png" in output["data"], "it is another picture"


def test_html_with_more_pictures_than_before_is_taken_as_it_is():
    html = shown(SAME) + shown(OTHER)
    assert store.with_old_pictures(html, shown(ONE)) == html


HEAVY = {
    "more than 400": {"source": ["x = 1\n"] * 60_000},
    "a line of 202 letters": {"source": ["x = '" + "a b " * 49 + "'"]},
    "packed or encoded": {"source": ["x = '" + "c1XB9k" * 21 + "'"]},
}


@pytest.mark.parametrize("said", HEAVY)
def test_what_nobody_could_review_is_refused_with_the_reason(said, tmp_path):
    path = tmp_path / "01_x.ipynb"
    cell = {"cell_type": "code", "id": "01-00", "metadata": {}, "outputs": [], "execution_count": 1, "source": ["x = 1"]}
    write(path, {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    assert store.faults(path) == []
    write(path, {"cells": [{**cell, **HEAVY[said]}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    [found] = store.faults(path)
    assert said in found


def test_saved_state_of_widgets_is_refused(tmp_path):
    write(tmp_path / "01_x.ipynb", {"cells": [], "metadata": {"widgets": {}}, "nbformat": 4, "nbformat_minor": 5})
    assert store.faults(tmp_path / "01_x.ipynb") == ["the state of its widgets is saved in it"]


@pytest.mark.parametrize("path", all_of_them(), ids=lambda path: path.stem)
def test_every_notebook_can_be_reviewed_and_exported_as_a_script(path):
    assert store.faults(path) == []
    assert read(path)["metadata"]["language_info"]["file_extension"] == ".py"
    assert path.read_text(encoding="utf-8") == json.dumps(read(path), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
