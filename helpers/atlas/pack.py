"""Every weight at every drawn step, small enough for a page: codes on a logarithmic axis, and back.

A code says ZERO (exactly 0), INFINITE, NONE (not a number, or no step yet), or counts grains of a decade from FIRST on. A value that is
brought back is within half a grain of the record's, which is less than half a unit of its second digit. Where the rate follows from G
alone (that is tried on the record, not assumed), a table from G's code to the rate stands for the rates; where all rates are one, one number.
"""

import json
import zlib

import numpy as np

from helpers.atlas.lanes import QUANTITIES, STEPWISE

ZERO, INFINITE, NONE, FIRST = range(4)
CODES = {"zero": ZERO, "infinite": INFINITE, "none": NONE, "first": FIRST}
GRAIN = 0.004  # decades between two codes: half of it is 0.46 %
FINE = GRAIN / 8  # of a table, whose keys are coarse already
REACH = 60000  # codes that 16 bits have room for, some left over
BINS = 48  # bars of a histogram over its axis; two more stand for what lies below and above it
EXTRA = ("zero", "below"), ("above", "infinite", "none")  # the counts before and after the bars
SAME = 1e-9  # relative: numbers this close are one number


def encode(values, low, grain=GRAIN):
    """Values as uint16 codes over a logarithmic axis that begins at 10**low."""
    with np.errstate(all="ignore"):
        codes = FIRST + np.clip(np.rint((np.log10(values) - low) / grain), 0, 65535 - FIRST)
    return np.select([values == 0, np.isposinf(values), ~(values > 0)], [ZERO, INFINITE, NONE], codes).astype(np.uint16)


def decode(codes, low, grain=GRAIN):
    """Values from codes; 0, inf and NaN where these were meant."""
    with np.errstate(all="ignore"):
        values = 10.0 ** (low + (codes.astype(float) - FIRST) * grain)
    return np.select([codes == ZERO, codes == INFINITE, codes == NONE], [0.0, np.inf, np.nan], values)


def _lowest(values, grain=GRAIN):
    values = values[np.isfinite(values) & (values > 0)]
    if not values.size:
        return 0.0
    return float(max(np.floor(np.log10(values.min())), np.ceil(np.log10(values.max())) - REACH * grain))


def _table(codes, rates):
    """[rate at each code of G] if the rate follows from G's code to within half a grain; else None."""
    known = np.isfinite(rates) & (rates > 0)
    if not known.all():
        return None
    logs, order = np.log10(rates), np.argsort(codes, kind="stable")
    keys, first = np.unique(codes[order], return_index=True)
    low, high = np.minimum.reduceat(logs[order], first), np.maximum.reduceat(logs[order], first)
    if (high - low).max() > GRAIN - FINE:
        return None
    table = np.full(int(keys[-1]) + 1, np.nan)
    table[keys] = 10.0 ** ((low + high) / 2)
    return table


def _planes(codes, differences):
    """Bytes that deflate well: weight by weight, the differences along time folded to small numbers, high bytes apart from low ones."""
    codes = np.ascontiguousarray(codes.T)  # (n, frames)
    if differences:
        steps = np.diff(codes, axis=-1, prepend=np.uint16(0)).view(np.int16)
        codes = ((steps << 1) ^ (steps >> 15)).view(np.uint16)
    return np.frombuffer(codes.astype("<u2").tobytes(), np.uint8).reshape(-1, 2).T.tobytes()


def _codes(data, frames, differences):
    planes = np.frombuffer(data, np.uint8).reshape(2, -1).astype(np.uint16)
    codes = (planes[0] | planes[1] << 8).reshape(-1, frames)
    if differences:
        codes = np.cumsum((codes >> 1) ^ (0 - (codes & 1)), axis=-1, dtype=np.uint16)
    return codes.T


def channels(lane):
    """[(quantity, facts, data)] of one run: how each quantity is brought back, and its bytes."""
    made, held = [], None
    for quantity in sorted(lane.quantities):  # G first: the rate may follow from it
        values, taken = lane.values[quantity], lane.frames > 0 if quantity in STEPWISE else slice(None)
        part = values[taken]
        low = _lowest(part)
        if part.size and np.isfinite(part).all() and part.min() > 0 and np.ptp(part) <= SAME * part.max():
            made.append((quantity, {"kind": "one", "low": float(np.log10(part.flat[0])), "grain": GRAIN}, b""))
            continue
        table = _table(held[taken].ravel(), part.ravel()) if quantity == "rate" and held is not None else None
        if table is not None:
            low = _lowest(table, FINE)
            codes = encode(table, low, FINE)
            made.append((quantity, {"kind": "table", "low": low, "grain": FINE}, codes.astype("<u2").tobytes()))
            continue
        codes = encode(values, low)
        held = codes if quantity == "G" else held
        # steps are noise along time, and differences of noise are more noise
        made.append((quantity, {"kind": "codes", "low": low, "grain": GRAIN, "differences": quantity != "step"}, _planes(codes, quantity != "step")))
    return made


def histogram(values, axis, layers):
    """How many weights of each layer stand where: (frames, layers, 2 + BINS + 3), the counts named in EXTRA before and after the bars."""
    with np.errstate(all="ignore"):
        place = 2 + np.floor(axis.units(values) * BINS + SAME)
    above = 2 + BINS
    place = np.select([values == 0, np.isposinf(values), ~(values > 0)], [0, above + 1, above + 2], np.clip(np.nan_to_num(place), 1, above)).astype(int)
    counts = np.zeros((len(values), len(layers), above + 3), np.uint32)
    for l, layer in enumerate(layers):
        for row in range(len(values)):
            counts[row, l] = np.bincount(place[row, layer.place], minlength=above + 3)
    return counts


def pack(lanes, scales, layers, facts, generation):
    """The message: deflated; 4 bytes of length, a JSON header, then the bytes of every channel and all counts."""
    header, body = [], []
    for lane, told in zip(lanes, facts):
        made = channels(lane)
        counts = {quantity: histogram(lane.values[quantity], scales[quantity], layers) for quantity, _, _ in made}
        header.append({"channels": {quantity: {**how, "bytes": len(data)} for quantity, how, data in made}, "facts": told})
        body += [data for _, _, data in made] + [counts[quantity].astype("<u4").tobytes() for quantity, _, _ in made]
    head = json.dumps({"generation": generation, "lanes": header}, ensure_ascii=False, separators=(",", ":")).encode()
    return zlib.compress(b"".join([len(head).to_bytes(4, "little"), head, *body]), 6)


class Unpacked:
    """What a page makes of a message: the numbers as they are drawn and told. The view does the same."""

    def __init__(self, message, frames, layers):
        data = zlib.decompress(message)
        size, weights, at = int.from_bytes(data[:4], "little"), sum(layer.size for layer in layers), 4
        header = json.loads(data[at : at + size])
        at += size
        self.generation, self.lanes = header["generation"], []
        width = 2 + BINS + 3
        for lane in header["lanes"]:
            told = lane["channels"]
            kept = {"facts": lane["facts"], "values": {}, "counts": {}, "kinds": {quantity: how["kind"] for quantity, how in told.items()}}
            parts = {}
            for quantity, how in told.items():
                parts[quantity] = data[at : at + how["bytes"]]
                at += how["bytes"]
            for quantity in told:
                many = len(frames) * len(layers) * width
                kept["counts"][quantity] = np.frombuffer(data, "<u4", many, at).reshape(len(frames), len(layers), width)
                at += many * 4
            held = None
            for quantity, how in told.items():
                if how["kind"] == "one":
                    values = np.full((len(frames), weights), 10.0 ** how["low"])
                elif how["kind"] == "table":
                    values = decode(np.frombuffer(parts[quantity], "<u2")[held], how["low"], how["grain"])
                else:
                    codes = _codes(parts[quantity], len(frames), how["differences"])
                    held = codes if quantity == "G" else held
                    values = decode(codes, how["low"], how["grain"])
                if quantity in STEPWISE:
                    values = np.where(np.asarray(frames)[:, None] == 0, np.nan, values)
                kept["values"][quantity] = values
            kept["values"] = {name: kept["values"][name] for name in QUANTITIES if name in kept["values"]}
            self.lanes.append(kept)
