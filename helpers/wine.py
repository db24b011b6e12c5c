"""Thirteen measures of a wine, three cultivars to tell apart: softmax regression on real data, a surface of 42 weights.

`wine_raw` takes the measures in their own units (proline reaches 1 680, nonflavanoid phenols 0.66), `wine_standardised` after each was
shifted to mean 0 and scaled to spread 1. Everything else is the same.
"""

import numpy as np

from helpers import data

BATCH, CULTIVARS = 16, 3


class Wine:
    """A surface: the mean cross-entropy of a softmax regression. w is (..., 42): 13 weights and a bias for each of three cultivars; they begin at 0.

    `.at(t)` is the surface of update t, a batch of 16 wines in an order that the seed draws anew in every epoch; `.loss(w)` is that of all wines.
    With several seeds there are 42 weights for each, side by side, and `.loss(w)` is the sum of theirs.
    """

    view = curvature = None
    enough = 0.01  # the right cultivar gets 99 % on average: nobody needs less

    def __init__(self, standardised, seeds=(0,)):
        measures, labels = data.wine()
        if standardised:
            measures = (measures - measures.mean(axis=0)) / measures.std(axis=0)
        self.name = f"wine, {'standardised' if standardised else 'raw'} measures"
        self.standardised, self.seeds = standardised, tuple(seeds)
        self.inputs = np.hstack([measures, np.ones((len(measures), 1))])  # (wines, 14): the last one for the bias
        self.targets = np.eye(CULTIVARS)[labels]                          # (wines, 3)
        self.n = len(self.seeds) * self.inputs.shape[1] * CULTIVARS
        self.start, self.minima = np.zeros(self.n), np.empty((0, self.n))
        self.updates_an_epoch = -(-len(labels) // BATCH)
        self.orders = {}

    def __repr__(self):
        return f"Wine({self.name!r}, {self.n} weights)"

    def together(self, many):
        """The same from `many` seeds side by side: all begin at 0, each sees the wines in an order of its own."""
        return Wine(self.standardised, range(many))

    def rows(self, t):
        """Which wines update t sees, for each seed: (seeds, 16). The last batch of an epoch is filled up with the epoch's first wines."""
        epoch, turn = divmod(int(t), self.updates_an_epoch)
        if epoch not in self.orders:
            many = self.updates_an_epoch * BATCH
            self.orders = {epoch: np.stack([np.resize(np.random.default_rng([seed, epoch]).permutation(len(self.targets)), many) for seed in self.seeds])}
        return self.orders[epoch][:, turn * BATCH : (turn + 1) * BATCH]

    def at(self, t):
        rows = self.rows(t)
        return Examples(self, self.inputs[rows], self.targets[rows])

    @property
    def all(self):
        return Examples(self, *(np.broadcast_to(part, (len(self.seeds), *part.shape)) for part in (self.inputs, self.targets)))

    def each(self, w):
        """The loss of all wines for each seed: (..., n) -> (..., seeds)."""
        return self.all.each(w)

    def loss(self, w):
        """Mean cross-entropy of all wines: (..., n) -> (...)."""
        return self.all.loss(w)

    def gradient(self, w):
        return self.all.gradient(w)

    def accuracy(self, w):
        """Share of all wines whose cultivar is told rightly, for each seed: (..., n) -> (..., seeds)."""
        return self.all.accuracy(w)


class Examples:
    """The loss of some wines, their own for each seed: inputs (seeds, wines, 14), targets (seeds, wines, 3)."""

    def __init__(self, wine, inputs, targets):
        self.inputs, self.targets = inputs, targets
        self.name, self.start, self.n = wine.name, wine.start, wine.n
        self.asked = self.answer = None

    def shares(self, w):
        """(losses (runs, seeds), shares of the three cultivars (seeds, wines, 3, runs)) for w (runs, n); what was asked last is kept."""
        if self.asked is None or not np.array_equal(self.asked, w):
            seeds, many, k = self.inputs.shape
            columns = w.reshape(-1, seeds, k, CULTIVARS).transpose(1, 2, 3, 0).reshape(seeds, k, -1)  # one product a seed, for all runs
            scores = (self.inputs @ columns).reshape(seeds, many, CULTIVARS, -1)
            scores -= scores.max(axis=2, keepdims=True)
            powers = np.exp(scores)
            total = powers.sum(axis=2, keepdims=True)
            losses = (np.log(total[:, :, 0]) - (scores * self.targets[..., None]).sum(axis=2)).mean(axis=1).T
            powers /= total
            self.asked, self.answer = w.copy(), (losses, powers)
        return self.answer

    def each(self, w):
        w = np.asarray(w, dtype=float)
        losses = self.shares(w.reshape(-1, self.n))[0]
        return losses.reshape(*w.shape[:-1], -1)

    def loss(self, w):
        return self.each(w).sum(axis=-1)

    def gradient(self, w):
        w = np.asarray(w, dtype=float)
        seeds, many, k = self.inputs.shape
        off = self.shares(w.reshape(-1, self.n))[1] - self.targets[..., None]
        slopes = self.inputs.transpose(0, 2, 1) @ off.reshape(seeds, many, -1) / many  # (seeds, 14, 3 × runs)
        return slopes.reshape(seeds, k, CULTIVARS, -1).transpose(3, 0, 1, 2).reshape(w.shape)

    def accuracy(self, w):
        w = np.asarray(w, dtype=float)
        shares = self.shares(w.reshape(-1, self.n))[1]
        told = shares.argmax(axis=2) == self.targets.argmax(axis=-1)[..., None]
        return told.mean(axis=1).T.reshape(*w.shape[:-1], -1)


wine_raw, wine_standardised = Wine(standardised=False), Wine(standardised=True)
