"""folded(): what is printed inside it lies one fold away, so that the numbers behind a card do not answer it."""

import contextlib
import io
from html import escape

import IPython.display


class Folded:
    """Printed text in a fold that opens without a kernel, on every page that shows HTML."""

    def __init__(self, text, title):
        self.text, self.title = text, title

    def __repr__(self):
        return self.text.rstrip("\n")

    def _repr_html_(self):
        return f"<details><summary>{escape(self.title)}</summary><pre style='white-space:pre-wrap'>{escape(self.text)}</pre></details>"


@contextlib.contextmanager
def folded(title="The numbers behind the answer: unfold them after your own"):
    """`with exercises.folded():` around code that prints: the text is shown folded, under `title`. What goes wrong inside is shown as ever."""
    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out):
            yield
    except BaseException:
        print(out.getvalue(), end="")  # what was said before it went wrong
        raise
    IPython.display.display(Folded(out.getvalue(), title))
