"""Every notebook of the project in JupyterLab: its key figure, as far as which it is run, and, where all is tested, all figures, and what axe-core says."""

import cells
import pytest
from conftest import ROOT
from explorers import assert_sliders_move
from frontends import Lab
from thorough import THOROUGH

BOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.stem)
def test_the_key_figure_follows_each_of_its_sliders_with_a_kernel_and_without(book, turn_to):
    twin, many = cells.key_figure_of(book)
    lab = turn_to(f"notebooks/{book.name}").run_first(many)
    figure = lab.key_figure()
    assert figure.title == twin.spec_maker.heading()
    assert_sliders_move(figure, twin)
    lab.watch.check()
    slider = next((c for c, name in enumerate(twin.controls) if name.startswith("eta") and c in figure.sliders()), figure.sliders()[0])
    for key in ("End", "Home"):
        figure.press(slider, key)
        figure.obey(twin, slider, wait=20)
    lab.end_kernel()
    pictures = []
    for key in ("End", "Home"):  # where the figure has been with a kernel, it goes without
        figure.press(slider, key)
        figure.obey(twin, slider)
        pictures.append(figure.picture())
    assert pictures[0] != pictures[1]


@pytest.fixture(scope="module", params=BOOKS, ids=lambda book: book.stem)
def opened(request, lab, new_context):
    """(path of the notebook, its page in JupyterLab, run and with all cards looked behind)."""
    book = request.param
    page = Lab(new_context(), lab, f"notebooks/{book.name}").run_all().look_behind_the_cards(cells.cards_in(cells.code_of(book)))
    yield book, page
    page.page.close()
    lab.end_kernels()


@THOROUGH
def test_every_slider_of_a_notebook_moves_its_figure(opened):
    book, lab = opened
    twins = cells.twins_of(book)
    figures = lab.figures()
    assert [figure.title for figure in figures] == [twin.spec_maker.heading() for twin in twins]
    for figure, twin in zip(figures, twins):
        assert_sliders_move(figure, twin)
    lab.watch.check()


@THOROUGH
def test_from_the_end_of_the_page_a_link_leads_back_to_the_first_figure(opened):
    """Running all cells takes the page to its end."""
    _, lab = opened
    page = lab.all_cells_on_the_page().page
    page.set_viewport_size({"width": 1280, "height": 800})
    link, in_view = page.get_by_role("link", name="Back to the first figure"), """() => {
        const first = document.querySelector('.jp-OutputArea .pc, .jp-OutputArea canvas'); // its card comes first
        const { top, bottom } = first.getBoundingClientRect();
        return top < innerHeight && bottom > 0;
    }"""
    link.scroll_into_view_if_needed()
    page.wait_for_function(f"() => !({in_view})()")
    link.click()
    page.wait_for_function(in_view)
    lab.watch.check()


@THOROUGH
def test_axe_finds_nothing_serious_of_ours_in_jupyterlab(opened, axe):
    """Texts and outputs of all cells, folds open, in both themes. What JupyterLab itself draws, links and coloured code among it, is not judged."""
    _, lab = opened
    page = lab.all_cells_on_the_page().page
    page.evaluate("document.querySelectorAll('.jp-RenderedMarkdown details, .jp-OutputArea details').forEach((fold) => { fold.open = true; })")
    page.add_style_tag(content="body { height: 100vh !important; }")  # it has none, and axe takes what stands in it for hidden
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', { theme }).then(() => 1)", theme)
        lab.as_tall_as_the_notebook()
        page.wait_for_timeout(2500)  # colours arrive after the theme's name; what is drawn gets its label when the hand rests
        ours = "{ include: [['.jp-Cell-outputArea'], ['.jp-RenderedMarkdown']], exclude: [['.jp-RenderedMarkdown pre']] }"
        assert axe(page, ours, without=["link-in-text-block"]) > 50
