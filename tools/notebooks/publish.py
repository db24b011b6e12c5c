"""A published copy: links to Colab and Binder in README.md and the first cell of every notebook, and the release that Colab installs.

    python start.py publish OWNER/REPO@TAG        a release; without @TAG, or with a branch in its place, what that branch holds (main)
    python start.py publish --undo                take all of it out again

The same line twice changes nothing, another address replaces the first. Standard library alone.
"""

import json
import re
import sys

from tools.notebooks import links, set_up
from tools.notebooks.books import FOLDER, ROOT, dumped, text

README = ROOT / "README.md"
FIRST = "00_start_here.ipynb"
BEGIN, END = "<!-- published -->", "<!-- /published -->"
STAMP = re.compile(rf"\n{{0,2}}{BEGIN}.*?{END}", re.S)
COPIED = re.compile(r"^(?:(?:https?://)?(?:www\.)?github\.com/|git@github\.com:|ssh://git@github\.com/)")  # before OWNER/REPO, as browsers and git show it
ADDRESS = re.compile(r"^([A-Za-z0-9](?:[A-Za-z0-9-]{0,37}[A-Za-z0-9])?)/((?!\.{1,2}(?:$|@|/))[\w.-]{1,100}?)(?:\.git)?(?:(?:@|/tree/)((?:[\w-][\w.-]*/)*[\w-][\w.-]*))?/?$", re.A)


def address(said):
    """(owner, repository, tag or branch) of OWNER/REPO, OWNER/REPO@TAG or what GitHub shows of either; ValueError otherwise."""
    found = ADDRESS.match(COPIED.sub("", re.split("[?#]", said.strip())[0]))
    if not found or ".." in (found.group(3) or ""):
        raise ValueError(f"{said!r} is not a repository on GitHub: write OWNER/REPO@TAG, as in python start.py publish octocat/adaptive-learning-rates@v1.0")
    return found.group(1), found.group(2), found.group(3) or "main"


def opened_in(name, owner, repository, branch):
    """[(where, link)] that open the notebook `name` elsewhere."""
    return [
        ("Colab", f"https://colab.research.google.com/github/{owner}/{repository}/blob/{branch}/notebooks/{name}"),
        ("Binder", f"https://mybinder.org/v2/gh/{owner}/{repository}/{branch}?urlpath=lab/tree/notebooks/{name}"),
    ]


def archive(owner, repository, tag):
    """What pip installs: GitHub's archive of a tag or a branch."""
    return f"https://github.com/{owner}/{repository}/archive/{tag}.zip"


def line(name, where):
    return "Open it in " + " · ".join(f"[{place}]({link})" for place, link in opened_in(name, *where))


def pages(owner, repository, _=None):
    """Where GitHub publishes the pages of a repository; one that is called so has the whole of its owner's place."""
    place = f"{owner.lower()}.github.io"
    return f"https://{place}/" if repository.lower() == place else f"https://{place}/{repository}/"


def badges(where):
    colab, binder = (link for _, link in opened_in(FIRST, *where))
    return (f"[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({colab}) [![Open on Binder](https://mybinder.org/badge_logo.svg)]({binder})\n"
            f"The same as pages whose figures need no Python: <{pages(*where)}>")


def without(text):
    """The text as it was before it was stamped."""
    plain = STAMP.sub("", text)
    if BEGIN in plain or END in plain:
        raise ValueError(f"of the two marks {BEGIN} and {END} it holds only one. Put the other back at the other end of the links, or delete the links and the mark")
    return plain


def stamped(text, words, after=None):
    """The text with `words` between the two marks: after its last line, or after the first `after`; without marks where there are no words."""
    plain = without(text)
    if not words:
        return plain
    at = len(plain) if after is None else plain.index(after)
    return f"{plain[:at]}\n\n{BEGIN}\n{words}\n{END}{plain[at:]}"


def new_readme(text, where):
    lines = text.replace("\r\n", "\n")
    now = stamped(lines, where and badges(where), after="\n")
    return now if lines == text else now.replace("\n", "\r\n")


def new_notebook(raw, where, name):
    """The notebook with the links in its first cell and the release in its set-up cell, or without both; as it is where it says so already."""
    book = json.loads(raw)
    first = book["cells"][0]
    if first["cell_type"] != "markdown":
        raise ValueError("its first cell is not text: the links go to the end of the one with the title")
    now = stamped(text(first), where and line(name, where))
    linked = now != text(first)
    if linked:
        first["source"] = now.splitlines(keepends=True)
    set_up.cell_of(book)
    installed = set_up.stamp(book, archive(*where) if where else "")
    return dumped(book) if linked or installed else raw  # as store.py and JupyterLab write it


def publish(where=None, folder=FOLDER, readme=README):
    """Stamp (where: what `address` returns), or take the stamps out (None). Returns the names of the files that changed.

    Raises ValueError with the file's name where one cannot be read, stamped or written; nothing is written before all of them are made.
    """
    made = {}
    for path in [readme, *links.there(folder)]:
        try:
            raw = path.read_bytes().decode("utf-8")
            now = new_readme(raw, where) if path == readme else new_notebook(raw, where, path.name)
            if now != raw:
                with open(path, "r+b"):  # may it be written?
                    made[path] = now
        except (ValueError, LookupError, OSError) as error:
            raise ValueError(f"Nothing was changed, because of {path.name}: {error}") from None
    for path, now in made.items():
        path.write_bytes(now.encode("utf-8"))
    return [path.name for path in made]


def main(arguments):
    if len(arguments) != 1 or arguments[0].startswith("-") and arguments[0] != "--undo":
        raise ValueError("write python start.py publish OWNER/REPO@TAG, or python start.py publish --undo")
    where = None if arguments[0] == "--undo" else address(arguments[0])
    changed = publish(where)
    if not changed:
        return "Nothing to change: " + ("there are no links to take out." if where is None else "the links are there already.")
    if where is None:
        return f"The links are out of {', '.join(changed)}."
    return (
        f"Links to {'/'.join(where[:2])}, {where[2]}, stand in {', '.join(changed)}. For the pages, which are made from the branch main, choose "
        "Settings → Pages → Source: GitHub Actions in the repository, once. Then commit, push, and make the tag or release if it is not there yet."
    )


if __name__ == "__main__":
    try:
        print(main(sys.argv[1:]))
    except ValueError as error:
        sys.exit(str(error))
