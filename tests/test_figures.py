"""helpers/figures.py and what it stands on: helpers/looks.py, labels.py and pictures.py."""

import base64
import io
import itertools
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from PIL import Image

from helpers import figures, stills, surfaces, update_rules
from helpers.descent import descend
from helpers.looks import HOUSE, STRANGERS, contrast
from helpers.schedules import exponential
from seen import cut, drawn, overlaps, words
from thorough import every_time

RULES = [getattr(update_rules, name) for name in HOUSE]
SURFACES = [
    surfaces.ravine,
    surfaces.rosenbrock,
    surfaces.beale,
    surfaces.himmelblau,
    surfaces.saddle,
    surfaces.wall,
    surfaces.turned_ravine(20, 30),
    surfaces.moving(surfaces.ravine, 20, 1.0),
]
SAID = dict(title="The rate rises", caption="It forgets.", alt="Two lines that rise.")
RMSPROP = descend(update_rules.rmsprop, surfaces.ravine, 60, eta=0.12)
ADAGRAD = descend(update_rules.adagrad, surfaces.ravine, 60, eta=0.12)
DIVERGED = descend(update_rules.gradient_descent, surfaces.ravine, 60, eta=0.6)
UNDEFINED = descend(update_rules.adagrad, surfaces.ravine, 30, start=(-5, 0), eps=0.0)
ADAM = descend(update_rules.adam, surfaces.ravine, 60)


class Many:
    name, start = "fifty weights", np.linspace(-2, 2, 50)
    h = np.geomspace(0.01, 2, 50)

    def loss(self, w):
        return 0.5 * (self.h * w**2).sum(-1)

    def gradient(self, w):
        return self.h * w


pytestmark = pytest.mark.usefixtures("no_warning")


# looks


def test_each_rule_has_one_look_by_function_and_by_name():
    for rule in RULES:
        assert figures.look(rule) == figures.look(rule.__name__)
    assert figures.look("rmsprop").colour == "#D55E00" and figures.look("adagrad").dark == "#56B4E9"
    for part in ("colour", "dash", "marker", "label"):
        assert len({getattr(figures.look(rule), part) for rule in RULES}) == len(RULES), part


def test_text_in_the_colour_of_a_rule_can_be_read_on_white_and_on_dark():
    for name in (*HOUSE, "sign", "adadelta", "mine", *"abcdefghijklmnop"):
        assert contrast(figures.look(name).text, "#FFFFFF") >= 4.5 and contrast(figures.look(name).dark, "#111111") >= 4.5, name


def test_a_rule_never_met_has_a_look_of_its_own_that_stays():
    def sign_descent(g, *, eta=0.1):
        return -eta * np.sign(g)

    assert figures.look(sign_descent) == figures.look("sign_descent")
    assert figures.look(sign_descent).label == "sign descent"
    assert figures.look("sign_descent").colour == "#7733CC"  # crc32, not hash(): the same tomorrow
    ours = {colour for colour, *_ in HOUSE.values()}
    assert not ours & {figures.look(f"rule{i}").colour for i in range(50)} and not ours & set(STRANGERS)


def test_dashes_serve_matplotlib_and_a_canvas_alike():
    for dash in [figures.look(rule).dash for rule in RULES] + [weight.dash for weight in figures.WEIGHTS]:
        assert isinstance(dash, tuple) and len(dash) % 2 == 0 and all(point > 0 for point in dash)
    assert figures.WEIGHTS[0][1:] == ((), "o", True) and figures.WEIGHTS[1].marker == "D" and not figures.WEIGHTS[1].filled


# every picture: nothing cut, nothing on top of another, nothing left behind


@pytest.mark.parametrize("surface", every_time(SURFACES[:3], SURFACES), ids=lambda s: s.name.split()[0])
def test_every_surface_has_its_paths_on_it_with_labels_that_can_be_read(surface):
    runs = [
        descend(update_rules.adagrad, surface, 60),
        descend(update_rules.rmsprop, surface, 60, eta=0.05),
        descend(update_rules.gradient_descent, surface, 60, eta=0.002),
    ]
    for picture in (figures.path(*runs, on=surface), stills.signature(runs, surface, at=25)):
        assert cut(picture) == [] and overlaps(picture) == []
        assert "RMSprop" in words(picture) and "start" in words(picture)


PICTURES = {
    "rates": lambda: figures.rates(RMSPROP, ADAGRAD),
    "rates of gd": lambda: figures.rates(descend(update_rules.gradient_descent, surfaces.ravine, 60)),
    "schedule": lambda: figures.rates(descend(update_rules.gradient_descent, surfaces.ravine, 60, eta=exponential)),
    "loss": lambda: figures.loss(RMSPROP, ADAGRAD, DIVERGED, ADAM),
    "G": lambda: figures.G(RMSPROP, ADAGRAD),
    "m": lambda: figures.memory(ADAM, "m"),
    "steps": lambda: figures.steps(ADAM, RMSPROP),
    "diverged": lambda: stills.signature([DIVERGED, RMSPROP], surfaces.ravine, at=30),
    "0/0": lambda: stills.signature([UNDEFINED, RMSPROP], surfaces.ravine, at=10),
    "0/0 alone": lambda: stills.signature(UNDEFINED, surfaces.ravine),
    "without a rate": lambda: stills.signature([ADAM, RMSPROP], surfaces.ravine),
    "many": lambda: stills.signature(descend(update_rules.rmsprop, Many(), 40), Many(), at=20),
    "one weight": lambda: stills.signature(descend(update_rules.rmsprop, surfaces.bowl, 40), surfaces.bowl, at=9),
    "one weight diverged": lambda: figures.path(descend(update_rules.gradient_descent, surfaces.bowl, 40, eta=2.1), on=surfaces.bowl),
    "far": lambda: figures.path(descend(update_rules.gradient_descent, surfaces.rosenbrock, 60, eta=0.5), on=surfaces.rosenbrock),
    "saddle": lambda: figures.loss(descend(update_rules.gradient_descent, surfaces.saddle, 60, eta=0.5)),
    "at rest": lambda: figures.steps(descend(update_rules.gradient_descent, surfaces.ravine, 5, start=(0, 0))),
    "kept": lambda: figures.rates(descend(update_rules.rmsprop, surfaces.ravine, 60, keep={"steps": [0, 5, 10, 60]})),
}


@pytest.mark.parametrize("name", every_time(("diverged", "0/0", "G", "one weight"), PICTURES))
def test_every_picture_is_whole_small_and_leaves_matplotlib_as_it_was(name):
    with matplotlib.rc_context({"font.size": 31, "axes.spines.top": True, "lines.linewidth": 9, "text.color": "red"}):
        before = dict(matplotlib.rcParams)
        picture = PICTURES[name]()
        assert cut(picture) == [] and overlaps(picture) == []
        image = figures.png(PICTURES[name]())
        assert dict(matplotlib.rcParams) == before
    assert image == figures.png(PICTURES[name]()), "the picture depends on rcParams"
    assert len(image) < 50_000
    assert all(text.get_fontsize() >= 9 for ax in picture.axes for text in [*ax.texts, *ax.get_xticklabels(), *ax.get_yticklabels(), ax._left_title])
    assert all(ax.get_legend() is None for ax in picture.axes)


def test_a_run_that_diverges_or_is_0_0_says_so():
    assert f"diverged at step {DIVERGED.diverged_at}" in words(figures.loss(DIVERGED))
    assert f"diverged at step {DIVERGED.diverged_at}" in words(figures.path(DIVERGED, on=surfaces.ravine))
    assert "diverged" not in words(figures.path(DIVERGED, on=surfaces.ravine, at=2)), "not yet"
    assert "0/0 from step 1 on" in words(figures.loss(UNDEFINED))
    no_square = descend(lambda g, G=0.0, *, eta=0.1: (-eta / np.sqrt(G + g) * g, G + g), surfaces.ravine, 5)  # the root of a number below 0
    assert "not a number from step 1 on" in words(figures.loss(no_square)) and "0/0" not in words(figures.loss(no_square))


def test_lines_are_labelled_at_their_end_and_eta_is_the_readers_knob():
    assert {"w₁", "w₂", "η: your knob"} <= {text for text, _ in drawn(figures.rates(RMSPROP))}
    assert "Adagrad η = 0.4" in words(figures.loss(ADAGRAD, descend(update_rules.adagrad, surfaces.ravine, 60, eta=0.4)))
    ax = figures.rates(RMSPROP).axes[0]
    first, second = ax.lines[0], next(line for line in ax.lines if line.get_linestyle() == "--" and line.get_color() == "#D55E00")
    assert first.get_linestyle() == "-" and np.allclose(first.get_ydata(), RMSPROP.rate[:, 0]) and np.allclose(second.get_ydata(), RMSPROP.rate[:, 1])
    assert list(first.get_xdata()[:2]) == [1, 2], "beside step t stands the step that led there"


def test_the_path_is_what_descend_gave_and_is_clipped_to_the_view():
    ax = figures.path(RMSPROP, on=surfaces.ravine).axes[0]
    assert any(line.get_xydata().shape == RMSPROP.w.shape and np.allclose(line.get_xydata(), RMSPROP.w) for line in ax.lines)
    ax = figures.path(DIVERGED, on=surfaces.ravine).axes[0]
    assert (*ax.get_xlim(), *ax.get_ylim()) == (*surfaces.ravine.view[0], *surfaces.ravine.view[1])
    assert all(line.get_clip_on() for line in ax.lines if len(line.get_xdata()) > 2)


def test_pictures_share_given_axes():
    left, right = figures.panels(2)
    assert figures.rates(RMSPROP, ax=left) is figures.loss(RMSPROP, ax=right) is left.get_figure()
    plt = pytest.importorskip("matplotlib.pyplot")
    figure, ax = plt.subplots()
    assert figures.rates(RMSPROP, ax=ax) is ax, "the reader's own figure is shown by pyplot, so it is not returned to be shown again"
    figures.show(ax, **SAID)
    assert not plt.fignum_exists(figure.number)


# what is refused


def test_what_cannot_be_drawn_is_refused_with_what_to_write_instead():
    grid = descend(update_rules.adagrad, surfaces.ravine, 5, eta=np.array([0.1, 0.2]))
    many = descend(update_rules.adagrad, Many(), 5)
    for call, message in [
        (lambda: figures.rates(grid), "single runs, and this is a grid of 2"),
        (lambda: figures.loss(3), "draws what descend returns"),
        (lambda: figures.loss(), "needs a run"),
        (lambda: figures.rates(ADAM), r"adam has no rate.*figures.steps"),
        (lambda: figures.path(many, on=Many()), "one or two weights.*figures.loss"),
        (lambda: figures.memory(ADAM, "v"), "has no 'v'"),
        (lambda: figures.backdrop(surfaces.bowl, 300, 200), "two weights"),
        (lambda: stills.signature([], surfaces.ravine), "needs a run"),
    ]:
        with pytest.raises((ValueError, TypeError, AttributeError), match=message):
            call()


# title, caption and alternative text


def test_a_shown_picture_keeps_its_three_sentences_wherever_it_goes():
    shown = figures.show(figures.rates(RMSPROP), title='A "rate" <rises>', caption="It forgets & forgets.", alt='Two lines, "w₁" above w₂.')
    html = shown._repr_html_()
    assert (
        html.startswith("<figure")
        and "A &quot;rate&quot; &lt;rises&gt;" in html
        and "It forgets &amp; forgets." in html
        and 'alt="Two lines, &quot;w₁&quot; above w₂."' in html
    )
    data, metadata = shown._repr_mimebundle_()
    assert data["text/html"] == html and base64.b64decode(data["image/png"]) == shown._repr_png_() and metadata["image/png"]["alt"] == shown.alt
    assert all(sentence in data["text/plain"] for sentence in (shown.title, shown.caption, shown.alt))


@pytest.mark.parametrize("missing", SAID)
def test_show_names_the_sentence_that_is_missing(missing):
    for given in ({}, {missing: " "}):
        with pytest.raises(ValueError, match=f"needs {missing}="):
            figures.show(figures.rates(RMSPROP), **({k: v for k, v in SAID.items() if k != missing} | given))


@pytest.mark.parametrize("one, other", list(itertools.combinations(SAID, 2)))
def test_show_refuses_the_same_sentence_twice(one, other):
    with pytest.raises(ValueError, match=f"({one} and {other}|{other} and {one}) are the same sentence"):
        figures.show(figures.rates(RMSPROP), **{**SAID, other: f" {SAID[one].upper()}"})


@pytest.mark.thorough
def test_the_words_survive_an_export_and_each_picture_is_shown_once():
    nbformat, nbclient, nbconvert = (pytest.importorskip(name) for name in ("nbformat", "nbclient", "nbconvert"))
    set_up = (
        "from helpers import figures\nfrom helpers.descent import descend\nfrom helpers.surfaces import ravine\nfrom helpers.update_rules import rmsprop\n"
        "import matplotlib.pyplot as plt\nrun = descend(rmsprop, ravine)"
    )
    sources = [
        f"import sys; sys.path.insert(0, {str(Path(figures.__file__).parents[1])!r})\n{set_up}",
        "figures.rates(run)",
        f"figures.show(figures.rates(run), title={SAID['title']!r}, caption={SAID['caption']!r}, alt={SAID['alt']!r})",
        "left, right = figures.panels(2)\nfigures.loss(run, ax=left)\nfigures.rates(run, ax=right)",
        "fig, ax = plt.subplots()\nfigures.rates(run, ax=ax)",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    nbclient.NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    assert [sum("image/png" in output.get("data", {}) for output in cell.outputs) for cell in notebook.cells] == [0, 1, 1, 1, 1]
    html, _ = nbconvert.HTMLExporter().from_notebook_node(notebook)
    assert f'alt="{SAID["alt"]}"' in html and SAID["title"] in html and SAID["caption"] in html


# the backdrop


@pytest.mark.parametrize("surface", SURFACES[:-1], ids=lambda s: s.name.split()[0])
def test_the_backdrop_is_transparent_small_and_fills_the_view(surface):
    data = figures.backdrop(surface, 1100, 900)
    image = Image.open(io.BytesIO(data))
    assert image.size == (1100, 900) and len(data) <= 60_000
    alpha = np.asarray(image.convert("RGBA"))[..., 3]
    levels, count = np.unique(alpha, return_counts=True)
    assert alpha.min() < 30 and alpha.max() < 220 and (count > 2000).sum() >= 8, "quantised to too few levels"
    assert alpha[:, [0, -1]].any() and alpha[[0, -1]].any(), "no margins"


def test_the_backdrop_is_higher_where_the_loss_is():
    alpha = np.asarray(Image.open(io.BytesIO(figures.backdrop(surfaces.ravine, 820, 600))).convert("RGBA"))[..., 3].astype(int)
    column, row = int(820 * 6 / 8.2), 300  # the minimum, (0, 0)
    assert alpha[row - 4 : row + 5, column - 4 : column + 5].mean() < 20 < alpha[10:20, 200:600].mean()


def test_the_valleys_of_winding_surfaces_show():
    for surface, low in ((surfaces.rosenbrock, (0.5, 0.25)), (surfaces.beale, (3, 0.5)), (surfaces.himmelblau, (3, 2)), (surfaces.himmelblau, (-2.8, 3.13))):
        alpha = np.asarray(Image.open(io.BytesIO(figures.backdrop(surface, 400, 400))).convert("RGBA"))[..., 3].astype(float)
        (x0, x1), (y0, y1) = surface.view
        column, row = int(400 * (low[0] - x0) / (x1 - x0)), int(400 * (y1 - low[1]) / (y1 - y0))
        assert alpha[row - 2 : row + 3, column - 2 : column + 3].mean() < np.quantile(alpha, 0.25), surface.name


def test_runs_that_differ_in_their_start_alone_are_told_apart_by_it():
    runs = [descend(update_rules.adagrad, surfaces.bowl, 20, start=(start,)) for start in (-4, -1)]
    seen = words(figures.rates(*runs))
    assert "(from −4)" in seen and "(from −1)" in seen


def test_an_only_weight_is_called_w_alone_and_by_its_run_among_others():
    runs = [descend(update_rules.adagrad, surfaces.bowl, 20, start=(start,)) for start in (-4, -1)]
    assert [text.get_text() for text in figures.rates(runs[0]).axes[0].texts] == ["w", "η: your knob"]
    assert [text.get_text() for text in figures.rates(*runs).axes[0].texts] == ["Adagrad (from −4)", "Adagrad (from −1)", "η: your knob"]


def test_the_backdrop_of_one_surface_is_drawn_once_and_of_another_view_or_size_anew():
    ravine = surfaces.ravine
    figures._backdrop.cache_clear()
    first = figures.backdrop(ravine, 84, 64)
    assert figures.backdrop(ravine, 84, 64) == first and figures._backdrop.cache_info().misses == 1
    closer = surfaces.Surface(ravine.name, ravine.formula, ravine.slope, start=ravine.start, view=ravine.view / 2)
    assert len({first, figures.backdrop(closer, 84, 64), figures.backdrop(ravine, 42, 64)}) == 3
