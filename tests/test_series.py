"""What holds the series together: one order, links that lead somewhere, everything the lecture says taught somewhere, every reference listed."""

import json
import re
import shutil
from pathlib import Path
from urllib.parse import unquote

import pytest

from tools.notebooks import links

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "notebooks"

FILES = [f"{name}.ipynb" for name in links.ORDER if name not in links.COMING]
NOTEBOOKS = links.there()
GLOSSARY, README = ((folder / name).read_text(encoding="utf-8") for folder, name in ((FOLDER, "glossary.md"), (ROOT, "README.md")))
STATEMENTS = [f"S{i}" for i in range(1, 34)]
MISCONCEPTIONS = [f"M{i}" for i in range(1, 24)]
TO_COME = set()  # belong to the notebooks of links.COMING
NAMED = re.compile(
    r"arxiv(?:\.org/(?:abs|pdf)/|[:.\s]*)(\d{4}\.\d{4,5})|(10\.\d{4,9}/[^\s\"<>\]*]+)|(?:JMLR|Machine Learning Research)[\s,]*(\d+)",
    re.IGNORECASE)
EACH = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def written(path):
    """All its cells as one text."""
    return "\n".join(map(links.text, links.read(path)["cells"]))


def markdown(path):
    return [links.text(cell) for cell in links.read(path)["cells"] if cell["cell_type"] == "markdown"]


def targets(text):
    """Where its links and pictures lead, those in HTML too; code and addresses on the web left out."""
    text = re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)
    found = re.findall(r"\]\(((?:[^()\s]|\([^()\s]*\))+)\)", text)
    found += re.findall(r"(?:href|src)=[\"']([^\"']+)[\"']", text)
    return [unquote(link) for link in found if not re.match(r"[a-z][\w+.-]*:", link)]


def dead(text, folder):
    """Its local links that lead nowhere: no such file, or no such heading in it."""
    gone = []
    for link in targets(text):
        name, _, heading = link.partition("#")
        path = folder / name if name else None
        if path is not None and not path.exists() or heading and name.endswith(".md") and heading not in headings(path.read_text(encoding="utf-8")):
            gone.append(link)
    return gone


def headings(text):
    return [re.sub(r"[^\w\- ]", "", line.lstrip("# ").lower()).replace(" ", "-") for line in text.splitlines() if line.startswith("#")]


def identifiers(text):
    """What identifies papers in a text: {"10.1119/1.1707018", "1412.6980", "JMLR 12"}."""
    found = set()
    for preprint, doi, volume in NAMED.findall(text):
        if doi:
            doi = unquote(doi).rstrip(".,;:")
            preprint = doi.partition("/arXiv.")[2]  # arXiv gives each preprint a doi as well
            while doi.endswith(")") and doi.count(")") > doi.count("("):
                doi = doi[:-1].rstrip(".,;:")
        found.add(preprint or doi or f"JMLR {volume}")
    return found


def table(text):
    """[(number, title, file)] of the rows of a table of notebooks."""
    return re.findall(r"^\| \**(\d\d)\** \| \[([^\]]+)\]\((?:notebooks/)?([^)]+\.ipynb)\) \|", text, re.M)


# one order


def test_all_notebooks_of_the_series_are_there_and_no_other():
    there = sorted(path.name for path in FOLDER.glob("*.ipynb"))
    missing, strays = set(FILES) - set(there), set(there) - set(FILES)
    assert there == FILES, f"missing: {', '.join(sorted(missing)) or 'none'}; not in the order of links.py: {', '.join(sorted(strays)) or 'none'}"


def test_the_readme_lists_them_in_order_under_their_full_titles():
    rows = table(README)
    assert [file for _, _, file in rows] == FILES and all(file.startswith(number) for number, _, file in rows)
    listed = {file: title for _, title, file in rows}
    assert {path.name: listed[path.name] for path in NOTEBOOKS} == {path.name: links.full_title(path) for path in NOTEBOOKS}


def test_the_map_lists_all_others_in_order_with_title_and_minutes():
    words = next(text for text in markdown(FOLDER / FILES[0]) if text.startswith(links.MAP))
    rows = table(words)
    assert [file for _, _, file in rows] == FILES[1:]
    listed = {file: title for _, title, file in rows}
    minutes = {row[2]: int(row[4]) for row in filter(None, map(links.ROW.match, words.splitlines()))}
    for path in NOTEBOOKS[1:]:
        assert (listed[path.name], minutes[path.name]) == (links.title(path), links.minutes(path)), "run python -m tools.notebooks.links"
    assert re.findall(r"\*\*(\d\d)\*\*", words) == list(links.CORE)


def test_the_readme_promises_the_minutes_of_the_core_that_its_notebooks_name():
    core = [path for path in NOTEBOOKS if path.name[:2] in links.CORE]
    reading = sum(map(links.minutes, core))
    doing = sum(int(re.search(r"take about (\d+)", links.text(links.read(path)["cells"][0])).group(1)) for path in core)
    assert "about an hour of reading and driving, and an hour and a quarter more" in README
    assert abs(reading - 60) < 5 and abs(doing - 75) < 5, (reading, doing)


def test_the_glossary_lists_them_in_order_under_their_short_titles():
    line = next(line for line in GLOSSARY.splitlines() if line.startswith("[00 "))
    listed = re.findall(r"\[(\d\d) ([^\]]+)\]\(([^)]+)\)", line)
    assert [file for _, _, file in listed] == FILES
    titles = {file: title for _, title, file in listed}
    assert {path.name: titles[path.name] for path in NOTEBOOKS} == {path.name: links.title(path) for path in NOTEBOOKS}


@EACH
def test_the_recap_ends_with_the_line_of_links(path):
    recaps = [text for text in markdown(path) if text.startswith("## Recap")]
    assert len(recaps) == 1 and recaps[0].splitlines()[-1] == links.link_line(path), "run python -m tools.notebooks.links"
    assert recaps[0].count(links.GLOSSARY) >= 1 and recaps[0].splitlines()[-2] == ""


def test_the_first_has_no_way_back_and_the_last_none_on():
    assert links.link_line(NOTEBOOKS[0]).startswith(links.GLOSSARY) and links.link_line(NOTEBOOKS[-1]).endswith(links.GLOSSARY)
    assert all("← " in links.link_line(path) for path in NOTEBOOKS[1:]) and all(" →]" in links.link_line(path) for path in NOTEBOOKS[:-1])


# the stamp


def test_stamping_changes_nothing_but_the_line_and_nothing_the_second_time(tmp_path):
    for path in NOTEBOOKS:
        shutil.copy(path, tmp_path)
    path = tmp_path / FILES[1]
    before = path.read_bytes()
    assert not links.stamp(path, tmp_path) and path.read_bytes() == before
    book = links.read(path)
    recap = next(cell for cell in book["cells"] if links.text(cell).startswith("## Recap"))
    recap["source"] = links.text(recap).rsplit("\n\n", 1)[0].splitlines(keepends=True)
    links.write(path, book)
    assert links.GLOSSARY not in links.text(recap) and links.stamp(path, tmp_path) and path.read_bytes() == before
    assert not links.stamp(path, tmp_path)


def test_a_new_neighbour_changes_the_line_and_the_map_tells_its_minutes(tmp_path):
    for path in (FOLDER / FILES[0], FOLDER / FILES[1]):
        shutil.copy(path, tmp_path)
    links.main(folder=tmp_path)
    first = tmp_path / FILES[0]
    assert links.link_line(tmp_path / FILES[1], tmp_path).endswith(links.GLOSSARY)
    book = links.read(tmp_path / FILES[1])
    book["cells"][0]["source"] = ["# A rule: and more\n", "\n", "About 77 minutes of reading. You need notebooks 00 and 01; nothing more.\n"]
    links.write(tmp_path / FILES[2], book)
    links.main(folder=tmp_path)
    assert links.link_line(tmp_path / FILES[1], tmp_path).endswith(f"[02 A rule →]({FILES[2]})")
    assert re.search(rf"\| 02 \| \[A rule\]\({FILES[2]}\) \| .* \| 77 \| 00, 01 \|", json.dumps(links.read(first), ensure_ascii=False))


def test_a_notebook_without_a_recap_is_told_of(tmp_path):
    book = links.read(NOTEBOOKS[0])
    book["cells"] = book["cells"][:1]
    links.write(tmp_path / FILES[0], book)
    with pytest.raises(ValueError, match="Recap"):
        links.stamp(tmp_path / FILES[0], tmp_path)


@EACH
def test_the_stamp_writes_as_the_notebooks_are_stored(path, tmp_path):
    links.write(tmp_path / path.name, links.read(path))
    assert (tmp_path / path.name).read_bytes() == path.read_bytes(), "store it with python -m tools.notebooks.store"


# links that lead somewhere


@EACH
def test_every_link_of_a_notebook_leads_somewhere(path):
    assert dead("\n".join(markdown(path)), FOLDER) == []


def test_every_link_of_the_readme_and_the_glossary_leads_somewhere():
    assert dead(README, ROOT) == [] and dead(GLOSSARY, FOLDER) == []
    assert "notebooks/glossary.md" in targets(README)


def test_a_dead_link_is_found():
    text = "[a](nothing.ipynb) `[b](code.md)` [c](https://example.org/x) [d](glossary.md#terms) [e](glossary.md#no-such)"
    assert dead(text, FOLDER) == ["nothing.ipynb", "glossary.md#no-such"]


@EACH
def test_every_notebook_links_to_the_glossary(path):
    assert "glossary.md" in targets("\n".join(markdown(path)))


# everything is taught somewhere


@pytest.mark.parametrize("tags", [STATEMENTS, MISCONCEPTIONS], ids=["statements", "misconceptions"])
def test_all_that_the_lecture_says_and_people_believe_is_taught_somewhere(tags):
    taught = {tag for path in NOTEBOOKS for cell in links.read(path)["cells"] for tag in cell["metadata"].get("tags", [])}
    assert not taught & TO_COME, "taught now: take it out of TO_COME"
    assert bool(TO_COME) == bool(links.COMING), "all notebooks are there, so everything has to be taught"
    missing = [tag for tag in tags if tag not in taught | TO_COME]
    assert not missing, f"no cell of any notebook is tagged {', '.join(missing)}"


# glossary


def section(title):
    return re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", GLOSSARY, re.M | re.DOTALL).group(1)


def test_the_terms_are_in_alphabetical_order_and_each_names_a_notebook():
    lines = [line for line in section("Terms").splitlines() if line]
    terms = [re.match(r"- \*\*(.+?)\*\*: ", line).group(1) for line in lines]
    assert terms == sorted(terms, key=str.casefold) and len(terms) == len(set(terms)) >= 30
    to_come = "|".join(name[:2] for name in links.COMING) or "none"
    assert all(re.search(rf"(\[\d\d\]\(\d\d_\w+\.ipynb\)| ({to_come}))$", line) for line in lines)


def test_every_symbol_has_a_meaning_a_unit_and_a_notebook():
    rows = [re.split(r"(?<!\\)\|", line)[1:-1] for line in section("Symbols").splitlines() if line.startswith("| ")][1:]
    assert all(len(row) == 5 and all(cell.strip() for cell in row) for row in rows)
    named = " ".join(row[0] for row in rows)
    wanted = ("L", "w", "g", "η", "α", "β", "G", "ε", "m", "t", "h", "λ", "rate", "step")
    assert [symbol for symbol in wanted if not re.search(rf"(^|\W){symbol}(\W|$)", named)] == []


def test_every_reference_of_a_notebook_stands_in_the_glossary():
    listed = identifiers(section("References"))
    missing = {path.name: sorted(identifiers(written(path)) - listed) for path in NOTEBOOKS}
    assert not {name: found for name, found in missing.items() if found}, "add them to the references of notebooks/glossary.md"


def test_every_reference_says_whether_it_was_checked():
    lines = [line for line in section("References").splitlines() if line.startswith("- ")]
    assert len(lines) >= 10 and all("✓" in line and "checked against" in line or "Not checked." in line for line in lines)
    assert lines == sorted(lines, key=lambda line: re.search(r"- (?:[A-Z]\. )+(\w+)", line).group(1))


def test_every_reference_is_named_in_the_series():
    terms, instructors = GLOSSARY.split("## References")[0], (FOLDER / "instructors.md").read_text(encoding="utf-8")
    text = "\n".join([*map(written, NOTEBOOKS), terms, instructors, README])
    authors = re.findall(r"^- (?:[A-Z]\. )+(\w+)", section("References"), re.M)
    assert len(authors) > 15 and [author for author in authors if author not in text] == []


def test_every_column_of_a_table_has_a_name():
    for path in [*NOTEBOOKS, ROOT / "README.md", *FOLDER.glob("*.md")]:
        text = written(path) if path.suffix == ".ipynb" else path.read_text(encoding="utf-8")
        heads = re.findall(r"^\|(.*)\|\n\|[-:| ]+\|$", text, re.M)
        assert [head for head in heads if not all(name.strip() for name in head.split("|"))] == [], path.name


def test_identifiers_are_found_however_they_are_written():
    text = "doi:10.1119/1.1707018). (arXiv:1412.6980v9) https://arxiv.org/abs/1705.08292, JMLR 12:2121–2159; "
    text += "[x](https://doi.org/10.1016/0041-5553%2864%2990137-5) doi:10.48550/arXiv.1212.5701"
    assert identifiers(text) == {"10.1119/1.1707018", "1412.6980", "1705.08292", "1212.5701", "JMLR 12", "10.1016/0041-5553(64)90137-5"}


# the first notebook


def test_the_first_command_opens_the_first_notebook():
    first = f"notebooks/{FILES[0]}"
    assert re.search(r'^FIRST = "(.+)"', (ROOT / "start.py").read_text(encoding="utf-8"), re.M).group(1) == first
    assert set(re.findall(r"lab/tree/(notebooks/\S+\.ipynb)", README)) == {first}
    assert f"`{first}`" in "\n".join(markdown(FOLDER / FILES[0])), "what to write on Binder's page"
