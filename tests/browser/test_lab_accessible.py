"""axe-core looks at every notebook in JupyterLab. On a server of its own: where a notebook was open before, JupyterLab restores that view, and scrolled-away cells leave the page again."""

import cells
import pytest
from conftest import ROOT
from frontends import Lab

BOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("book", BOOKS, ids=[book.stem for book in BOOKS])
def test_axe_finds_nothing_serious_of_ours_in_jupyterlab(book, lab, new_context, axe):
    """Texts and outputs of all cells, cards looked behind and folds open, in both themes. What JupyterLab itself draws, links and coloured code among it, is not judged."""
    opened = Lab(new_context(), lab, f"notebooks/{book.name}").all_cells_on_the_page()
    opened.run_all().look_behind_the_cards(cells.cards_in(cells.code_of(book)))
    page = opened.page
    page.evaluate("document.querySelectorAll('.jp-RenderedMarkdown details, .jp-OutputArea details').forEach((fold) => { fold.open = true; })")
    page.add_style_tag(content="body { height: 100vh !important; }")  # it has none, and axe takes what stands in it for hidden
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', { theme }).then(() => 1)", theme)
        opened.as_tall_as_the_notebook()
        page.wait_for_timeout(2500)  # colours arrive after the theme's name; what is drawn gets its label when the hand rests
        ours = "{ include: [['.jp-Cell-outputArea'], ['.jp-RenderedMarkdown']], exclude: [['.jp-RenderedMarkdown pre']] }"
        assert axe(page, ours, without=["link-in-text-block"]) > 50
    page.close()
    lab.end_kernels()
