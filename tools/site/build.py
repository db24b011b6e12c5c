"""Building the site: every notebook run, every live figure packed with what it can show, every page written."""

import json
from html import escape
from pathlib import Path

from pygments.formatters import HtmlFormatter

from helpers.views import POSITION
from tools.notebooks import standalone
from tools.site import links, live, pages
from tools.site.run import read, shown_by, source

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CODE_STYLES = ("a11y-high-contrast-light", "a11y-high-contrast-dark")  # of accessible-pygments
# in the order in which they are loaded
SCRIPTS = {"runtime": HERE / "runtime.js", "position": POSITION, "links": HERE / "links.js"}
TEXTS = ("notebooks/glossary.md", "notebooks/instructors.md", "helpers/data/digits.md", "helpers/data/wine.md")
KINDS = {".": (".html",), "shared": (".js", ".css"), "data": (".js",), "notebooks": (".ipynb",)}  # what a site consists of, folder by folder
MARK = "runtime.js"  # a site is known by it: the first that is written and the last that goes, so that an interrupted build is known for one, too


def _script(text):
    """An ES module of ours as a plain script, which pages opened from a folder may load, too."""
    head, found, tail = text.rpartition("export default")
    if not found:
        raise ValueError("a figure's script ends in `export default { render }`; this one has none")
    return f"(() => {{\n{head}\nreturn {tail.strip().rstrip(';')};\n}})()"


def _data(out, kind, name, data):
    """Write the data of the figure `name` as a script, which pages opened from a folder may load, too; returns its bytes."""
    file = out / "data" / f"{name}{'' if kind == 'files' else f'.{kind}'}.js"
    file.write_text(f"site.{kind}[{json.dumps(name)}] = {json.dumps(data, ensure_ascii=False, separators=(',', ':'))};\n", encoding="utf-8")
    return file.stat().st_size


def _name(path):
    return path.stem[:2]


def _pages():
    """[(file, title)] of everything that gets a page, in order."""
    books = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
    named = [(path, pages.title_of(source(read(path)["cells"][0]))) for path in books]
    return named + [(path, pages.title_of(path.read_text(encoding="utf-8"))) for path in (ROOT / name for name in TEXTS) if path.exists()]


def build(out, only=None, say=print):
    """Write the site into `out`, from which an earlier one is removed before. `only`: numbers of notebooks to rebuild, as in ["06"]; the others get no page.

    Returns {page: bytes of its figures}. ValueError where `out` holds, or is, something else.
    """
    out = Path(out)
    _make_room(out)
    shelf, listed, sizes = live.Shelf(), _pages(), {}
    if only:
        listed = [(path, title) for path, title in listed if _name(path) in only]
    written = []
    for path, title in listed:
        if path.suffix == ".md":
            written.append((path, title, f'<section class="text">{pages.text(path.read_text(encoding="utf-8"))}</section>'))
            continue
        say(f"{path.name} ...")
        cells, figures = read(path)["cells"], {}
        shown = shown_by(path)
        for place, things in shown.items():
            called = links.calls(source(cells[place]))
            for number, thing in enumerate(things):
                if live.is_live(thing):
                    name = f"{cells[place]['id']}{'abc'[number - 1] if number else ''}"
                    data = live.packed(thing, shelf, called)
                    starts = data.pop("starts")  # a file of its own, loaded once somebody moves the start
                    size = _data(out, "files", name, data) + (_data(out, "starts", name, starts) if starts else 0)
                    figures[place, number] = name, links.keys(data["told"])
                    sizes.setdefault(_name(path), {})[name] = size
        written.append((path, title, pages.body(cells, figures, f"notebooks/{path.name}")))
    standalone.build([path.stem for path, _ in listed if path.suffix == ".ipynb"], out / "notebooks")
    _shared(out, shelf)
    contents = "".join(f'<li><a href="{pages.address(path.name)}">{escape(_label(path, title))}</a></li>' for path, title in listed)
    for i, (path, title, html) in enumerate(written):
        back = _link(written[i - 1], "← ") if i else ""
        on = _link(written[i + 1], "", " →") if i + 1 < len(written) else ""
        scripts = "".join(f'<script defer src="shared/{name}.js"></script>' for name in [*SCRIPTS, *shelf.scripts]) if _name(path) in sizes else ""
        styles = "".join(f'<link rel="stylesheet" href="shared/{name}.css">' for name in shelf.styles) if _name(path) in sizes else ""
        page = pages.PAGE.substitute(title=escape(title), head=styles + scripts, contents=contents, back=back, on=on, body=pages.headlines(html))
        (out / pages.address(path.name)).write_text(page, encoding="utf-8")
    _index(out, written, contents)
    return sizes


def _make_room(out):
    """Make the folder, and remove from it what an earlier build wrote and nothing else; ValueError names what is in the way."""
    here, made, strange = out.resolve(), [], []
    if here == ROOT.resolve() or here in ROOT.resolve().parents:
        raise ValueError(f"{out} holds the project itself: name a folder for the site alone")
    for folder, kinds in KINDS.items():
        for path in (out / folder).glob("[!.]*"):  # what begins with a dot, as .git and .DS_Store, is never touched
            if path.is_file() and path.suffix in kinds:
                made.append(path)
            elif not (folder == "." and path.name in KINDS and path.is_dir()):
                strange.append(path)
    if not (out / "shared" / MARK).is_file():
        strange += made
    if strange:
        names = ", ".join(sorted(path.relative_to(out).as_posix() for path in strange)[:3]) + (", ..." if len(strange) > 3 else "")
        raise ValueError(f"{out} holds something that is no site ({names}): name a folder that is empty, or does not exist")
    try:
        for folder in KINDS:
            (out / folder).mkdir(parents=True, exist_ok=True)
        for path in sorted(made, key=lambda path: path.name == MARK):
            path.unlink()
        _our_scripts(out)
    except OSError as error:
        raise ValueError(f"{out} cannot be made into a site ({error.strerror}): name a folder that is empty, or does not exist") from None


def _label(path, title):
    return f"{_name(path)} {title}" if path.suffix == ".ipynb" else title


def _link(page, before="", after=""):
    path, title = page[:2]
    return f'<a href="{pages.address(path.name)}">{before}{escape(_label(path, title.split(":")[0]))}{after}</a>'


def _our_scripts(out):
    for name, path in SCRIPTS.items():
        (out / "shared" / f"{name}.js").write_text(path.read_text(encoding="utf-8"), encoding="utf-8")


def _shared(out, shelf):
    for name, text in shelf.scripts.items():
        (out / "shared" / f"{name}.js").write_text(f"site.modules[{json.dumps(name)}] = {_script(text)};\n", encoding="utf-8")
    for name, text in shelf.styles.items():
        (out / "shared" / f"{name}.css").write_text(text, encoding="utf-8")
    light, dark = (HtmlFormatter(style=style).get_style_defs(".highlight") for style in CODE_STYLES)
    (out / "shared" / "page.css").write_text(f"{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n" + (HERE / "page.css").read_text(encoding="utf-8"), encoding="utf-8")


def _index(out, written, contents):
    items = []
    for path, title, _ in written:
        about = ""
        if path.suffix == ".ipynb":
            about = pages.text("\n".join(source(read(path)["cells"][0]).splitlines()[1:]))
        items.append(f'<li><h2><a href="{pages.address(path.name)}">{escape(_label(path, title))}</a></h2>{about}</li>')
    body = f'<h1>Adaptive learning rates, live</h1><p>From plain gradient descent to Adagrad to RMSprop. Every figure on these pages moves under your hand; nothing is installed, and nothing is fetched from anywhere else.</p><ul class="index">{"".join(items)}</ul>'
    page = pages.PAGE.substitute(title="Adaptive learning rates, live", head="", contents=contents, back="", on="", body=body)
    (out / "index.html").write_text(page, encoding="utf-8")
