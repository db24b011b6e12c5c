"""The pages of the site, each built once in a process, and the figures that running its notebook made on the way: what the page should say, computed without it."""

from pathlib import Path

import pytest

from helpers.explorer import Explorer
from tools.site import build, links
from tools.site.run import read, shown_by

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"


def page_of(name):
    """The page of a notebook has its number for a name."""
    return f"{name[:2] if name[0].isdigit() else name}.html"


class Site:
    """`site(name)` is the folder of a site.

    Of a notebook it holds that page, its figures live, between those to which it has links, which are still; of "index" all pages, still.
    """

    def __init__(self, new_folder):
        self.new_folder, self.folders, self.ran = new_folder, {}, {}

    def __call__(self, name):
        page = page_of(name)
        if page not in self.folders:
            self.folders[page] = self.new_folder("site") / "pages"
            number = int(name[:2]) if name[0].isdigit() else None
            only = None if number is None else [f"{n:02}" for n in (number - 1, number, number + 1)]
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(build, "shown_by", lambda path: self._run(path) if page_of(path.stem) == page else {})
                build.build(self.folders[page], only, say=lambda line: None)
        return self.folders[page]

    def _run(self, path):
        names = {}
        shown = shown_by(path, names)
        figures = [links.figure_in(thing) for things in shown.values() for thing in things]
        self.ran[path.stem] = shown, names, [(figure, *_stands(figure)) for figure in figures if isinstance(figure, Explorer)]
        return shown

    def run(self, book):
        """({figure: what the notebook shows there}, the notebook's variables), every slider and start where the notebook left it."""
        self.explorers(book)
        shown, names, _ = self.ran[book]
        cells, things = read(NOTEBOOKS / f"{book}.ipynb")["cells"], {}
        for place, those in shown.items():
            for number, thing in enumerate(those):
                things[f"{cells[place]['id']}{'abc'[number - 1] if number else ''}"] = thing
        return things, names

    def explorers(self, book):
        """The notebook's explorers, in order, as the notebook left them."""
        self(book)
        for figure, indices, start in self.ran[book][2]:
            for control, index in zip(figure.controls.values(), indices):
                control.index = index
            if figure.engine.asked_start is not start:
                figure.move_start(start)
        return [figure for figure, *_ in self.ran[book][2]]


def _stands(figure):
    return [control.index for control in figure.controls.values()], figure.engine.asked_start
