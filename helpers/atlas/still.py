"""The still picture of an atlas: the maps, the histogram and the ringed weight's account, of the same numbers as the live one."""

from textwrap import fill

import matplotlib
import numpy as np
from matplotlib.colors import Normalize
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from helpers.atlas.lanes import widened
from helpers.atlas.readout import ORDER, where
from helpers.labels import label
from helpers.looks import look
from helpers.pictures import FAINT, INK, panels, style

COLOURS = "viridis"  # even steps to the eye, also to one that is colour-blind, and light to dark in print
EMPTY, GAP = "#E3E3E3", 1  # the ground of a cell without a number; cells between two tiles


def tiled(values, layer, across):
    """One layer as a picture (rows, columns), NaN between the tiles of a first layer of pixels."""
    matrix, side = values.reshape(layer["rows"], layer["cols"]), layer["side"]
    if not side:
        return matrix
    across = min(across, layer["cols"])
    down, pitch = -(-layer["cols"] // across), side + GAP
    picture = np.full((down * pitch - GAP, across * pitch - GAP), np.nan)
    for unit in range(layer["cols"]):
        y, x = divmod(unit, across)
        picture[y * pitch : y * pitch + side, x * pitch : x * pitch + side] = matrix[:, unit].reshape(side, side)
    return picture


def cell(weight, layer, across):
    """Where a weight stands in that picture: (row, column)."""
    at, to = divmod(weight - layer["first"], layer["cols"])
    if not layer["side"]:
        return at, to
    (y, x), (row, column) = divmod(to, min(across, layer["cols"])), divmod(at, layer["side"])
    return y * (layer["side"] + GAP) + row, x * (layer["side"] + GAP) + column


def picture(atlas):
    """A Matplotlib figure, 900 px wide, of what an atlas shows now."""
    spec, frame, quantity = atlas.canvas.spec, atlas._at["frame"], atlas.quantity
    axis, lane = atlas.scales[quantity], atlas._read.lanes[atlas.network]
    values, layers = lane["values"][quantity][frame], spec["layers"]
    here = next(i for i, layer in enumerate(layers) if atlas.weight < layer["first"] + layer["size"])
    with style(), np.errstate(all="ignore"):
        figure = panels(1)[0].get_figure()
        figure.clear()
        figure.set_size_inches(9, 6.4)
        top, bottom = figure.add_gridspec(2, 1, height_ratios=(1.5, 1))
        blocks = len(layers) // 2
        maps = top.subgridspec(2, blocks, width_ratios=[1.6, *[1] * (blocks - 1)] if layers[0]["side"] else None, height_ratios=(11, 1))
        for i, layer in enumerate(layers):
            ax = figure.add_subplot(maps[i % 2, i // 2])
            _map(ax, axis.units(tiled(values[layer["first"] : layer["first"] + layer["size"]], layer, spec["across"])),
                 tiled(values[layer["first"] : layer["first"] + layer["size"]], layer, spec["across"]), layer, i)
            if i == here:
                row, column = cell(atlas.weight, layer, spec["across"])
                size = 1.8 if layer["side"] else 1
                for colour, width in (("white", 3.4), ("black", 1.5)):
                    ax.add_patch(Rectangle((column - size / 2, row - size / 2), size, size, fill=False, ec=colour, lw=width, zorder=5, clip_on=False))
        left, right = (bottom.subgridspec(1, 2, width_ratios=(1, 2))[i] for i in range(2))
        accounts = right.subgridspec(1, 3)
        _bars(figure, left, lane["counts"][quantity][frame], layers, axis, spec["full"][quantity], "zero" in spec["marks"][quantity])
        name = where(layers, atlas.weight)["name"]
        for i, what in enumerate(ORDER):
            _account(figure.add_subplot(accounts[i]), atlas, what, name)
        likes = spec["lanes"]
        figure.legend([_line(like, i == atlas.network) for i, like in enumerate(likes)], [like["label"] for like in likes], loc="outside lower right",
                      ncols=3, frameon=False, fontsize=9, handlelength=3)
        run = spec["lanes"][atlas.network]["label"]
        figure.suptitle(f"{run}, step {atlas.step} of {spec['steps']}: the {quantity} of every weight", x=0.01, ha="left", fontsize=11)
    return figure


def _line(like, main):
    return Line2D([], [], color=like["colour"], marker=like["marker"], ls=(0, like["dash"]) if like["dash"] else "-", ms=5, lw=1.7 if main else 0.9)


def _map(ax, units, values, layer, i):
    colours = matplotlib.colormaps[COLOURS](Normalize(0, 1, clip=True)(np.nan_to_num(units)))
    gone = ~(values > 0) | ~np.isfinite(values)
    image = np.where(gone[..., None], matplotlib.colors.to_rgba(EMPTY), colours)
    outside = np.isnan(values) if layer["side"] else np.zeros(values.shape, bool)
    ruled = np.zeros(values.shape, bool)
    if layer["side"]:  # the lines between tiles are paper
        ruled[layer["side"] :: layer["side"] + GAP] = ruled[:, layer["side"] :: layer["side"] + GAP] = True
    image[outside & ruled] = (1, 1, 1, 1)
    ax.imshow(image, aspect="equal" if layer["side"] else "auto", interpolation="nearest")
    y, x = np.nonzero(values == 0)
    ax.plot(x, y, "x", color="#555555", ms=2.4, mew=0.6)
    ax.set(xticks=[], yticks=[], anchor="W")
    ax.set_title(fill(layer["words"].split(". ")[0], 26 if i > 1 else 60), fontsize=9)
    for spine in ax.spines.values():
        spine.set_visible(False)


def _bars(figure, place, counts, layers, axis, full, zeros):
    """One row of bars a layer, over the scale of colours."""
    rows = place.subgridspec(len(layers) + 1, 1, height_ratios=[2] * len(layers) + [1], hspace=0.05)
    edges = np.linspace(axis.low, axis.high, counts.shape[1] - 5 + 1)
    middle, wide = (edges[1:] + edges[:-1]) / 2, edges[1] - edges[0]
    for i, layer in enumerate(layers):
        ax = figure.add_subplot(rows[i])
        share = counts[i] / layer["size"]
        centres = np.r_[edges[0] - 1.5 * wide, middle, edges[-1] + 1.5 * wide]
        colours = matplotlib.colormaps[COLOURS](np.clip((centres - axis.low) / (axis.high - axis.low), 0, 1))
        ax.bar(centres, np.minimum(share[1:-2], full[i]), 0.94 * wide, color=colours)
        ax.set(xlim=(edges[0] - 2.5 * wide, edges[-1] + 2.5 * wide), ylim=(0, full[i]), xticks=[], yticks=[])
        ax.set_ylabel(layer["name"], rotation=0, ha="right", va="center")
        ax.spines["left"].set_visible(False)
        if counts[i][0]:
            label(ax, f"× {counts[i][0]}", (0, full[i] / 2), FAINT, beside=True)
    ax = figure.add_subplot(rows[-1])
    ax.imshow(np.linspace(0, 1, 256)[None], cmap=COLOURS, aspect="auto", extent=(axis.low, axis.high, 0, 1))
    ticks = axis.ticks()
    ax.set(xlim=(edges[0] - 2.5 * wide, edges[-1] + 2.5 * wide), yticks=[])
    ax.set_xticks([axis.low + tick["u"] * (axis.high - axis.low) for tick in ticks], [tick["text"] for tick in ticks])
    ax.set_xlabel(axis.label + ("   (× exactly 0)" if zeros else ""))
    for spine in ax.spines.values():
        spine.set_visible(False)


def _account(ax, atlas, what, name):
    """One quantity of the ringed weight over time, in all networks that have it."""
    frame, weight = atlas._at["frame"], atlas.weight
    lines = [read["values"][what][:, weight] for read in atlas._read.lanes if what in read["values"]]
    axis = widened(atlas.scales[what], *lines)
    for i, (lane, read) in enumerate(zip(atlas.lanes, atlas._read.lanes)):
        if what in read["values"]:
            seen, main = look(lane.run.rule), i == atlas.network
            y = read["values"][what][:, weight]
            y = np.where(np.isfinite(y) & (y > 0), y, np.nan)
            ax.plot(atlas.frames, y, color=seen.colour, ls=(0, seen.dash) if seen.dash else "-", lw=1.7 if main else 0.9, alpha=1 if main else 0.7)
            there = np.r_[False, np.isfinite(y), False]
            for t in np.flatnonzero(there[1:-1] & ~there[:-2] & ~there[2:]):  # single steps between zeros, which no line joins
                ax.plot([atlas.frames[t]] * 2, [10.0**axis.low, y[t]], color=seen.colour, lw=1.2 if main else 0.7)
            if np.isfinite(y[frame]):
                ax.plot(atlas.frames[frame], y[frame], seen.marker, color=seen.colour, ms=5, clip_on=False)
    ax.axvline(atlas.frames[frame], color=INK, lw=0.8)
    last = int(atlas.frames[-1])
    ax.set(yscale="log", ylim=(10.0**axis.low, 10.0**axis.high), xlim=(0, last), xlabel="step", xticks=[0, last // 2, last])
    ax.get_xticklabels()[-1].set_ha("right")
    ticks = axis.ticks()
    ax.set_yticks([10.0 ** (axis.low + tick["u"] * (axis.high - axis.low)) for tick in ticks], [tick["text"] for tick in ticks])
    ax.minorticks_off()
    ax.set_title(f"{what} of {name}")
