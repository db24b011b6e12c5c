"""Figures for slides: every figure of a notebook is there, in large type and moving where it has a clock, and what is asked for wrongly is named."""

import io
import sys
from pathlib import Path

import pytest
from PIL import Image

from helpers.explorer import explore
from helpers.hypotenuse import hypotenuse
from helpers.memory_bars import memory_bars
from helpers.pictures import drawn_for, panels, png
from helpers.surfaces import ravine
from helpers.update_rules import adagrad, rmsprop

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "images"))

import slides  # noqa: E402

BOOKS = [path.stem[:2] for path in sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))]


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Notebooks 03 and 07 as slides, with few pictures each: cards, explorers, bars, curves and stills."""
    out = tmp_path_factory.mktemp("slides")
    made = [slide for number in ("03", "07") for slide in slides.export(slides.chosen([number])[0], out, most=4)]
    slides.index(made, out)
    return out, made


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
    assert {"The last ten of β = 0.9 hold 65 % of the weight", "The same ε in two places: tenfold apart"} <= titles


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
