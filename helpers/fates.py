"""How a run ended, where it did not go well: its loss ran off, or the loss or the weights are no longer numbers."""

import numpy as np

RAN_OFF, NOT_A_NUMBER, INFINITE, WEIGHTS_GONE = range(4)
MODEST = 1e50  # a weight of that size has run off long ago: what its loss is then says nothing about the loss


def how_it_ended(run):
    """One of the four numbers above for each run (*runs) of a record; it means something where `diverged_at` is not −1."""
    diverged = np.reshape(run.diverged_at, -1)
    kept = run.__dict__
    place = np.clip(np.searchsorted(run.rows, np.maximum(diverged, 0)), 0, len(run.rows) - 1)
    each = np.arange(diverged.size)
    ended = np.full(diverged.size, RAN_OFF)
    if "loss" not in kept:
        return ended.reshape(np.shape(run.diverged_at))
    loss = np.reshape(run.loss, (len(run.rows), -1))[place, each]
    modest, gone = np.ones(diverged.size, bool), np.zeros(diverged.size, bool)
    if "w" in kept:
        w = np.reshape(run.w, (len(run.rows), diverged.size, -1))[place, each]
        with np.errstate(invalid="ignore"):
            modest = (np.abs(w) < MODEST).all(axis=-1)
        gone = ~np.isfinite(w).all(axis=-1)
    ended[modest & np.isinf(loss)] = INFINITE
    ended[modest & np.isnan(loss)] = NOT_A_NUMBER
    ended[gone & np.isfinite(loss)] = WEIGHTS_GONE
    return ended.reshape(np.shape(run.diverged_at))


def said_of(run):
    """How a single run ended, in a few words for a picture."""
    step = int(run.diverged_at)
    what = {
        NOT_A_NUMBER: "loss not a number",
        INFINITE: "loss infinite",
        WEIGHTS_GONE: "weights not finite",
    }.get(int(how_it_ended(run)))
    if what is None:
        return f"diverged at step {step}"
    return f"{what} from step {step} on" if step else f"{what} at the start"
