"""Links to Colab and Binder, once the repository has an address: stamped into README.md and the first cell of every notebook.

    python start.py publish OWNER/REPO            or OWNER/REPO@BRANCH (main, if nothing is said)
    python start.py publish --undo                take all of it out again

The same line twice changes nothing, another address replaces the first. Standard library alone.
"""

import json
import re
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
README = FOLDER.parent / "README.md"
FIRST = "00_start_here.ipynb"
BEGIN, END = "<!-- published -->", "<!-- /published -->"
STAMP = re.compile(rf"\n*{BEGIN}.*?{END}\n*", re.S)
ADDRESS = re.compile(r"^([A-Za-z0-9](?:[A-Za-z0-9-]{0,38}))/([\w.-]{1,100})(?:@([\w./-]+))?$")


def address(said):
    """(owner, repository, branch) of OWNER/REPO, OWNER/REPO@BRANCH or a GitHub address; ValueError otherwise."""
    plain = re.sub(r"^(https://github\.com/|git@github\.com:)", "", said.strip()).rstrip("/").removesuffix(".git")
    found = ADDRESS.match(plain)
    if not found:
        raise ValueError(f"{said!r} is no repository on GitHub: write OWNER/REPO, as in python start.py publish octocat/adaptive-learning-rates")
    return found.group(1), found.group(2), found.group(3) or "main"


def opened_in(name, owner, repository, branch):
    """[(where, link)] that open the notebook `name` elsewhere."""
    return [
        ("Colab", f"https://colab.research.google.com/github/{owner}/{repository}/blob/{branch}/notebooks/{name}"),
        ("Binder", f"https://mybinder.org/v2/gh/{owner}/{repository}/{branch}?urlpath=lab/tree/notebooks/{name}"),
    ]


def line(name, where):
    return "Open it in " + " · ".join(f"[{place}]({link})" for place, link in opened_in(name, *where))


def badges(where):
    owner, repository, _ = where
    colab, binder = (link for _, link in opened_in(FIRST, *where))
    return (f"[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({colab}) [![Open on Binder](https://mybinder.org/badge_logo.svg)]({binder})\n"
            f"The same as pages whose figures need no Python: <https://{owner.lower()}.github.io/{repository}/>")


def stamped(text, words):
    """The text with `words` between the two marks, after its last line; without marks where there are no words."""
    plain = STAMP.sub("\n\n", text).rstrip("\n")
    return f"{plain}\n\n{BEGIN}\n{words}\n{END}" if words else plain


def stamped_readme(text, words):
    """The same under the headline."""
    head, rest = STAMP.sub("\n\n", text).split("\n", 1)
    return f"{head}\n\n{BEGIN}\n{words}\n{END}\n\n" + rest.lstrip("\n") if words else f"{head}\n\n" + rest.lstrip("\n")


def publish(where=None, folder=FOLDER, readme=README):
    """Stamp (where: what `address` returns), or take the stamps out (None). Returns the names of the files that changed."""
    changed, before = [], readme.read_text(encoding="utf-8")
    after = stamped_readme(before, where and badges(where))
    if after != before:
        readme.write_bytes(after.encode("utf-8"))
        changed.append(readme.name)
    for path in sorted(folder.glob("[0-9][0-9]_*.ipynb")):
        book = json.loads(path.read_text(encoding="utf-8"))
        first = book["cells"][0]
        text = "".join(first["source"])
        wanted = stamped(text, where and line(path.name, where))
        if wanted != text:
            first["source"] = wanted.splitlines(keepends=True)
            path.write_bytes((json.dumps(book, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode("utf-8"))  # as store.py writes it
            changed.append(path.name)
    return changed


def main(arguments):
    if len(arguments) != 1 or arguments[0].startswith("-") and arguments[0] != "--undo":
        raise ValueError("write python start.py publish OWNER/REPO, or python start.py publish --undo")
    where = None if arguments[0] == "--undo" else address(arguments[0])
    changed = publish(where)
    if not changed:
        return "Nothing to change: " + ("there are no links to take out." if where is None else "the links are there already.")
    if where is None:
        return f"The links are out of {', '.join(changed)}."
    return (f"Links to {'/'.join(where[:2])}, branch {where[2]}, stand in {', '.join(changed)}. Commit and push them. For the pages, choose "
            "Settings → Pages → Source: GitHub Actions in the repository, once.")


if __name__ == "__main__":
    try:
        print(main(sys.argv[1:]))
    except ValueError as error:
        sys.exit(str(error))
