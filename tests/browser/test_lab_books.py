"""Every notebook of the project in JupyterLab: its key figure, as far as which it is run, and, where all is tested, all figures, and what axe-core says."""

import cells
import pytest
from conftest import ROOT
from explorers import assert_sliders_move
from frontends import Lab
from thorough import THOROUGH

from tools.check import QUICK

BOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module", params=BOOKS, ids=lambda book: book.stem)
def book(request):
    return request.param


@pytest.fixture(scope="module")
def opened(book, lab, new_context):
    """The notebook's page in JupyterLab, run and with all cards looked behind."""
    page = Lab(new_context(), lab, f"notebooks/{book.name}").run_all().look_behind_the_cards(cells.cards_in(cells.code_of(book)))
    yield page
    page.page.close()
    lab.end_kernels()


@THOROUGH
def test_every_slider_of_a_notebook_moves_its_figure(book, opened, site):
    twins, figures = site.explorers(book.stem), opened.figures()
    assert [figure.title for figure in figures] == [twin.spec_maker.heading() for twin in twins]
    for figure, twin in zip(figures, twins):
        assert_sliders_move(figure, twin)
    opened.watch.check()


# the farthest way, the longest notebook, and a heading with a name of many words; test_way_back.py measures them all
LINKED = [book for book in BOOKS if book.name[:2] in ("00", "05", "08")]


@THOROUGH
@pytest.mark.parametrize("book", LINKED, ids=lambda book: book.stem, indirect=True, scope="module")
def test_from_the_end_of_the_page_a_link_leads_back_to_the_first_figure(opened):
    """Running all cells takes the page to its end."""
    page = opened.all_cells_on_the_page().page
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
    opened.watch.check()


# every kind of figure stands in one of these; the pages of all notebooks are looked at in test_site.py
LOOKED_AT = [book for book in BOOKS if book.name[:2] in ("03", "04", "07", "08", "09")]


@THOROUGH
@pytest.mark.parametrize("book", LOOKED_AT, ids=lambda book: book.stem, indirect=True, scope="module")
def test_axe_finds_nothing_serious_of_ours_in_jupyterlab(opened, axe):
    """Texts and outputs of all cells, folds open, in both themes. What JupyterLab itself draws, links and coloured code among it, is not judged."""
    page = opened.all_cells_on_the_page().page
    page.evaluate("document.querySelectorAll('.jp-RenderedMarkdown details, .jp-OutputArea details').forEach((fold) => { fold.open = true; })")
    page.add_style_tag(content="body { height: 100vh !important; }")  # it has none, and axe takes what stands in it for hidden
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', { theme }).then(() => 1)", theme)
        opened.as_tall_as_the_notebook()
        page.wait_for_timeout(2500)  # colours arrive after the theme's name; what is drawn gets its label when the hand rests
        ours = "{ include: [['.jp-Cell-outputArea'], ['.jp-RenderedMarkdown']], exclude: [['.jp-RenderedMarkdown pre']] }"
        assert axe(page, ours, without=["link-in-text-block"]) > 50


@pytest.fixture
def with_its_key_figure(book, request):
    """(the notebook's page in JupyterLab, run as far as its key figure at least; that figure made here). The last to have it may end its kernel."""
    if request.config.option.markexpr == QUICK[1]:
        twin, many = cells.key_figure_of(book)
        return request.getfixturevalue("turn_to")(f"notebooks/{book.name}").run_first(many), twin
    return request.getfixturevalue("opened"), request.getfixturevalue("site").explorers(book.stem)[0]


def test_the_key_figure_follows_each_of_its_sliders_with_a_kernel_and_without(with_its_key_figure):
    lab, twin = with_its_key_figure
    lab.page.set_viewport_size({"width": 1280, "height": 900})
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
