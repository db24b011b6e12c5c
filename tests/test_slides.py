"""Figures for slides: every figure of a notebook is there, in large type and moving where it has a clock, and what is asked for wrongly is named."""

import io
from pathlib import Path

import pytest
from PIL import Image

from helpers.exercises.series import PREDICTIONS
from helpers.explorer import explore
from helpers.hypotenuse import hypotenuse
from helpers.memory_bars import memory_bars
from helpers.pictures import drawn_for, panels, png
from helpers.surfaces import ravine
from helpers.update_rules import adagrad, rmsprop
from tools import slides

ROOT = Path(__file__).resolve().parents[1]
BOOKS = [path.stem[:2] for path in sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))]


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Notebooks 03 and 07 as slides, with few pictures each: cards, explorers, bars, curves and stills."""
    out = tmp_path_factory.mktemp("slides")
    made = [slide for number in ("03", "07") for slide in slides.export(slides.chosen([number])[0], out, most=4)]
    slides.index(made, out)
    return out, made


@pytest.mark.thorough
def test_each_figure_is_a_large_png_and_a_gif_where_it_moves(exported):
    out, made = exported
    assert len({slide.name for slide in made}) == len(made) >= 9
    for slide in made:
        image = Image.open(out / f"{slide.name}.png")
        assert image.width >= 1200 and slide.title and len(slide.alt) >= 15, slide
        assert (out / f"{slide.name}.gif").exists() == slide.moving
        if slide.moving:
            moving = Image.open(out / f"{slide.name}.gif")
            assert 2 <= moving.n_frames <= 4 and (out / f"{slide.name}.gif").stat().st_size < slides.LARGEST
            frames = []
            for k in range(moving.n_frames):
                moving.seek(k)
                frames.append(moving.convert("RGB").tobytes())
            assert len(set(frames)) > 1, f"{slide.name} does not move"
    assert any(slide.moving for slide in made) and not any(slide.note for slide in made)


def test_the_figure_of_a_card_has_the_finding_as_its_title(exported):
    titles = {slide.title for slide in exported[1]}
    assert {PREDICTIONS[card].finding for card in ("last ten", "two places")} <= titles


def test_the_list_names_every_file_and_keeps_what_other_notebooks_have(exported):
    out, made = exported
    listed = (out / "index.md").read_text(encoding="utf-8")
    assert all(f"({slide.name}.png)" in listed for slide in made) and "CC BY 4.0" in listed
    slides.index([slide for slide in made if slide.notebook.startswith("07")], out)
    assert (out / "index.md").read_text(encoding="utf-8") == listed


def test_a_clock_runs_over_steps_legs_or_positions_of_the_first_slider():
    for figure, last in ((explore(rmsprop, on=ravine, steps=7, eta=[0.1]), 7), (hypotenuse(adagrad), 4), (memory_bars(), 8)):
        positions, go = slides.clock(figure)
        assert positions[0] == 0 and positions[-1] == last
        go(last)
    assert slides.clock(panels(1)[0].get_figure()) == ([], None)


def test_thinned_keeps_both_ends():
    assert slides.thinned(list(range(100)), 5) == [0, 25, 50, 74, 99] and slides.thinned([3, 4], 40) == [3, 4]


def test_type_is_larger_only_while_asked_for():
    [ax] = panels(1)
    ax.plot([0, 1])
    before = png(ax.get_figure())
    with drawn_for(200, 1.25):
        large = png(ax.get_figure())
    assert Image.open(io.BytesIO(large)).width > 1.5 * Image.open(io.BytesIO(before)).width and png(ax.get_figure()) == before


def drawn_large(panes):
    """The texts of a figure drawn for a slide, with their boxes, and the figure's own."""
    figure = panes[0].get_figure()
    with drawn_for(200, 1.5):
        before = figure.draw
        boxes = {}

        def draw(renderer):
            before(renderer)
            for ax in figure.axes:
                ticks = [*ax.get_xticklabels(), *ax.get_xticklabels(minor=True)]
                boxes[ax] = [(t.get_text(), t.get_window_extent(renderer)) for t in [ax.title, *ticks] if t.get_text() and t.get_visible()]
            boxes["all"] = figure.bbox.frozen()

        figure.draw = draw
        png(figure)
    return boxes


def test_in_large_type_titles_touch_neither_each_other_nor_the_edge():
    panes = panels(2)
    for ax in panes:
        ax.set_title("a title as long as its half of the picture is wide, and longer")
    boxes = drawn_large(panes)
    (_, left), (_, right) = boxes[panes[0]][0], boxes[panes[1]][0]
    assert left.x1 < right.x0 and right.x1 <= boxes["all"].x1 and left.height == pytest.approx(right.height, rel=0.01)


@pytest.mark.parametrize("scale, limits", [("linear", (0, 300)), ("log", (2, 0.2))])
def test_in_large_type_the_numbers_below_an_axis_do_not_touch(scale, limits):
    panes = panels(4)
    panes[0].set(xscale=scale, xlim=limits)
    if scale == "linear":
        panes[0].set_xticks(range(0, 301, 20))
    numbers = sorted((box for text, box in drawn_large(panes)[panes[0]] if box.width > 0), key=lambda box: box.x0)
    assert len(numbers) >= 2 and all(a.x1 < b.x0 for a, b in zip(numbers, numbers[1:]))


def test_triangles_are_laid_to_the_end_on_a_slide():
    figure = hypotenuse(adagrad)
    slides.finish(figure)
    assert figure.cursor == len(figure.gradients) > 2


def test_a_figure_that_cannot_draw_itself_is_named_and_the_others_are_made(tmp_path, monkeypatch, capsys):
    class Newcomer:
        children = ()

        def _repr_png_(self):
            return None

    [ax] = panels(1)
    book = tmp_path / "77_new.ipynb"
    book.write_text('{"cells": [{"cell_type": "code", "id": "77-00", "source": [], "metadata": {}, "outputs": []}]}', encoding="utf-8")
    monkeypatch.setattr(slides, "shown_by", lambda path: {0: [Newcomer(), ax.get_figure()]})
    monkeypatch.setattr(slides, "chosen", lambda asked: [book])
    monkeypatch.setattr(slides, "ProcessPoolExecutor", Here)
    slides.main(["77"], tmp_path / "slides")
    said = capsys.readouterr().out
    assert "77_new.ipynb: 1 figures" in said and "77-00, Newcomer" in said and slides.NOTHING in said
    assert len(list((tmp_path / "slides").glob("*.png"))) == 1 and "Newcomer" not in (tmp_path / "slides" / "index.md").read_text(encoding="utf-8")


class Here:
    """A pool that works in this process."""

    def __init__(self, *_):
        self.map = map

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


def test_a_long_gif_is_made_smaller_until_it_fits():
    noise = [Image.effect_noise((400, 300), 80 + k).convert("RGB") for k in range(6)]
    small = Image.open(io.BytesIO(slides.gif(noise, largest=200_000)))
    assert small.width < 400 and small.n_frames == 6


@pytest.mark.parametrize("asked, found", [([], BOOKS), (["6"], ["06"]), (["04", "06"], ["04", "06"]), (["notebooks/03_momentum.ipynb"], ["03"])])
def test_notebooks_are_chosen_by_number_name_or_path(asked, found):
    assert [path.stem[:2] for path in slides.chosen(asked)] == found


def test_a_notebook_that_is_not_there_is_named_with_those_that_are():
    with pytest.raises(ValueError, match="there is no notebook '44'.*00, 01"):
        slides.chosen(["44"])
