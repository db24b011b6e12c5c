"""A notebook as one page: text, formulas as MathML, code, stored outputs, and a place for each live figure."""

import re
from html import escape
from string import Template

from latex2mathml.converter import convert
from nbconvert.filters import markdown2html
from nbconvert.filters.ansi import strip_ansi
from nbconvert.filters.highlight import Highlight2HTML

from tools.notebooks import set_up
from tools.site.run import source

CODE = re.compile(r"(```.*?```|`[^`\n]+`)", re.S)
ABOUT = [(re.compile(head, re.M), said) for head, said in (
    (r"# ", "This is the page of a notebook: its figures move, its cells cannot be run, and it keeps nothing when you leave. $download"),
    (r"## Exercises\s*$", 'Writing code and having it checked takes the notebook itself: <a href="00.html">Start here</a> tells the ways to open it. Here the solutions can be unfolded.'),
    (r"## What you have done\b", "A page keeps no answers, so this table stands as a notebook begins."),
)]
DOWNLOAD = Template('<a href="$file" download>Download the notebook</a>: one file that runs alone in Jupyter, also offline, and on Colab by upload.')
RUN_IT = re.compile(r"\s*Run this cell to [^.<]*\.")  # under a still picture, in a notebook; a page has no cells to run
FORMULA = re.compile(r"\$\$(.+?)\$\$|\$([^$\n]+?)\$", re.S)
PAGE = Template("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title><link rel="icon" href="data:,"><link rel="stylesheet" href="shared/page.css">$head</head>
<body><a class="skip" href="#text">to the text</a>
<header><nav aria-label="contents"><details><summary>Contents</summary><ol>$contents</ol></details>$back<a href="index.html">All notebooks</a>$on</nav></header>
<main id="text">
<noscript><p>Without JavaScript the figures on this page stand still.</p></noscript>
$body
</main>
<footer><nav aria-label="previous and next">$back$on</nav><p>Code: MIT licence. Text and pictures: CC BY 4.0.</p></footer>
</body></html>
""")
highlight = Highlight2HTML(pygments_lexer="ipython3")


def mathml(formula, display):
    html = convert(formula.strip(), display="block" if display else "inline")
    # MathML Core has no menclose: a row with a border of ours does it
    return re.sub(r"<menclose[^>]*>", '<mrow class="boxed">', html).replace("</menclose>", "</mrow>")


def text(markdown):
    """Markdown as HTML, with formulas as MathML, and links that lead to pages."""
    formulas = []

    def take(match):
        formulas.append(mathml(match.group(1) or match.group(2), match.group(1) is not None))
        return f"\ue000{len(formulas) - 1}\ue001"

    parts = CODE.split(markdown)
    html = markdown2html("".join(part if i % 2 else FORMULA.sub(take, part) for i, part in enumerate(parts)))
    html = re.sub("\ue000(\\d+)\ue001", lambda m: formulas[int(m.group(1))], html)
    html = html.replace("<pre>", '<pre tabindex="0">')  # it may scroll, so the keyboard must reach it
    html = re.sub(r'<a class="anchor-link".*?</a>', "", html, flags=re.S)
    return re.sub(r'href="(?![a-z]+:)(?:[^"#]*/)?([^"#/]+\.(?:ipynb|md))(#[^"]*)?"', lambda m: f'href="{address(m.group(1))}{m.group(2) or ""}"', html)


def address(name):
    """The page of a notebook or a text: "06_rmsprop.ipynb" is on 06.html."""
    stem, _, kind = name.rpartition(".")
    return f"{stem.split('_')[0] if kind == 'ipynb' else stem}.html"


def _joined(value):
    return "".join(value) if isinstance(value, list) else value


def output(stored):
    """A stored output as HTML."""
    if stored["output_type"] == "stream":
        return f'<pre class="out" tabindex="0">{escape(strip_ansi(_joined(stored["text"])))}</pre>'
    if stored["output_type"] == "error":
        return f'<pre class="out" tabindex="0">{escape(strip_ansi(chr(10).join(stored["traceback"])))}</pre>'
    data = stored["data"]
    if "text/html" in data:
        return f'<div class="out">{_joined(data["text/html"])}</div>'
    if "text/markdown" in data:
        return text(_joined(data["text/markdown"]))
    return f'<pre class="out" tabindex="0">{escape(_joined(data.get("text/plain", "")))}</pre>'


def code(cell):
    html, first = highlight(source(cell)), source(cell).splitlines()[0].lstrip("# ")
    html = html.replace("<pre>", '<pre tabindex="0">', 1)
    if cell["metadata"].get("jupyter", {}).get("source_hidden"):
        return f"<details><summary>Code: {escape(first)}</summary>{html}</details>"
    return html


def about(markdown, file):
    """What a page says about itself under a title, and where something is asked for that takes Python; "" for other texts."""
    said = next((said for head, said in ABOUT if head.match(markdown)), "").replace("$download", DOWNLOAD.substitute(file=file))
    return f'<p class="about">{said}</p>' if said else ""


def body(cells, live, file):
    """All cells; `live` is {(place of the cell, number of what it displayed): (the name of the figure, the keys of a link that it knows)}.

    file  where the notebook itself can be downloaded
    """
    parts = []
    for place, cell in enumerate(cells):
        if set_up.TAG in cell["metadata"].get("tags", []):
            continue  # a page needs no helpers, and no sentence about how they are found
        if cell["cell_type"] == "markdown":
            parts.append(f'<section class="text">{text(source(cell))}{about(source(cell), file)}</section>')
        elif cell["cell_type"] == "code" and source(cell).strip():
            outs, number = [], 0
            for stored in cell["outputs"]:
                html = output(stored)
                if stored["output_type"] in ("display_data", "execute_result"):
                    (name, keys), number = live.get((place, number), (None, ())), number + 1
                    if name:
                        html = f'<div class="live" id="fig-{name}" data-file="data/{name}.js" data-keys="{escape(",".join(keys))}">{RUN_IT.sub("", html)}</div>'
                outs.append(html)
            parts.append(f'<section class="code" id="{cell["id"]}">{code(cell)}{"".join(outs)}</section>')
    return "\n".join(parts)


def title_of(markdown):
    """(title, what follows it) of a text that begins with a headline."""
    first = markdown.lstrip().splitlines()[0]
    return first.lstrip("# ").strip()


def headlines(html):
    """Tables scroll by themselves on a narrow screen; a scrolled region can be reached by keyboard."""
    return html.replace("<table", '<div class="wide" tabindex="0" role="group" aria-label="table"><table').replace("</table>", "</table></div>")
