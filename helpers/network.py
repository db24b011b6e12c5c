"""A small network on labelled data: a loss surface with as many axes as it has weights.

`descend(adagrad, digits, 300, eta=[0.05, 0.18])` trains two networks side by side, by the loop that walks down the ravine.
"""

import functools
import math
from typing import NamedTuple

import numpy as np

from helpers import data, knobs
from helpers.surface import is_whole_number, short

HELD_BACK = 0.2   # share of the data that no network is trained on
SPLIT = 0         # which share that is does not depend on the seed: seeds differ in start and batches alone
BLOCK = 128       # examples that are worked on together: products this small stay on one core, and wait for no other
AT_ONCE = 32_000  # numbers in a hidden layer that are worked on together: they fit beside the processor


class Layer(NamedTuple):
    """The weights between two layers (W1, W2, ...) or the biases of one (b1, b2, ...), and where they stand among all weights."""

    name: str
    shape: tuple
    first: int

    @property
    def size(self):
        return math.prod(self.shape)

    @property
    def place(self):
        return slice(self.first, self.first + self.size)


class Network:
    """A network of tanh layers with softmax and cross-entropy at the end, trained on mini-batches: a surface.

    inputs  (examples, inputs): finite numbers, best about 0 to 1
    labels  (examples,): whole numbers, 0 to sizes[-1] − 1
    sizes   how many units each layer has, inputs first: (64, 32, 10)
    batch   how many examples an update looks at; None: all of them
    seed    draws the start and the order of the examples; the examples that are held back are the same for every seed

    `.start` (n,), `.loss(w)` and `.gradient(w)` are those of all training examples, w of shape (..., n): leading axes are networks.
    `.at(t)` is the surface of update t: its batch follows from seed and t alone, so all networks that are compared see the same ones.
    An epoch of `.updates_an_epoch` updates shows every training example once, each epoch in another order; its last batch may be smaller.
    `.accuracy(w)` is the share of the examples held back that are classified rightly. `.layers` tells where each layer's weights are.
    Raises ValueError for data that does not fit, with what is wrong.
    """

    def __init__(self, inputs, labels, sizes, batch=32, seed=0, name="network"):
        self.sizes = _checked_sizes(sizes)
        self.name = f"{name}  {'–'.join(map(str, self.sizes))}"
        inputs, labels = _checked_data(inputs, labels, self.sizes)
        self.seed, self.layers, self.n = _whole("seed", seed, 0), {}, 0
        for i, (a, b) in enumerate(zip(self.sizes, self.sizes[1:]), 1):
            for name, shape in ((f"W{i}", (a, b)), (f"b{i}", (b,))):
                self.layers[name] = Layer(name, shape, self.n)
                self.n += self.layers[name].size
        pairs = [(self.layers[f"W{i}"], self.layers[f"b{i}"]) for i in range(1, len(self.sizes))]
        self.cuts = [(W.place, W.shape, b.place) for W, b in pairs]  # looked up once: every update asks for them
        self.start, draw = np.zeros(self.n), np.random.default_rng([self.seed, 1])
        for layer in self.layers.values():
            if len(layer.shape) == 2:  # the width that keeps sums of inputs about as large from layer to layer; biases begin at 0
                self.start[layer.place] = draw.normal(0, layer.shape[0] ** -0.5, layer.size)
        order, back = np.random.default_rng(SPLIT).permutation(len(labels)), max(1, int(HELD_BACK * len(labels)))
        self.held_back, self.training = (Examples(self, inputs[part], labels[part]) for part in (order[:back], order[back:]))
        for shared in (self.start, *(part for kind in (self.held_back, self.training) for part in (kind.inputs, kind.labels))):
            shared.flags.writeable = False  # every cell of a notebook has the same network
        self.examples = len(self.training.labels)
        self.batch = self.examples if batch is None else _whole("batch", batch, 1)
        if self.batch > self.examples:
            raise ValueError(f"batch = {batch} is more than the {self.examples} examples that are trained on; give fewer, or None for all of them")
        self.updates_an_epoch = -(-self.examples // self.batch)
        self.order = functools.lru_cache(4)(self._order)

    def __repr__(self):
        return f"<{self.name}: {self.n} weights, {self.examples} training examples in batches of {self.batch}>"

    # the surface

    def loss(self, w):
        """Mean cross-entropy over all training examples: (..., n) -> (...)."""
        return self.training.loss(w)

    def gradient(self, w):
        """∂L/∂w over all training examples, by backpropagation: (..., n) -> (..., n)."""
        return self.training.gradient(w)

    def accuracy(self, w):
        """Share of the examples held back that are classified rightly: (..., n) -> (...)."""
        return self.held_back.accuracy(w)

    @property
    def measures(self):
        """What a live figure shows of the weights at each drawn step: a mini-batch's own loss jumps about."""
        return {"loss": self.loss, "accuracy": self.accuracy}

    def at(self, t):
        """The surface of update t: the loss of its mini-batch."""
        epoch, turn = divmod(_whole("t", t, 0), self.updates_an_epoch)
        if self.batch == self.examples:
            return Examples(self, self.training.inputs, self.training.labels)
        part = self.order(epoch)[turn * self.batch : (turn + 1) * self.batch]
        return Examples(self, self.training.inputs[part], self.training.labels[part])

    def _order(self, epoch):
        return np.random.default_rng([self.seed, 2, epoch]).permutation(self.examples)

    # its weights by name

    def layer(self, name):
        """The `Layer` called W1, b1, W2 ...; ValueError that lists them for any other name."""
        if str(name) not in self.layers:
            raise ValueError(f"there is no layer {name!r} here.{knobs.suggest(str(name), list(self.layers))}")
        return self.layers[str(name)]

    def part(self, name, values):
        """The part of `values` (..., n) that belongs to a layer, in the layer's shape: part("W1", run.G) is (..., 64, 32)."""
        layer, values = self.layer(name), self._checked(values)
        return values[..., layer.place].reshape(*values.shape[:-1], *layer.shape)

    def weight(self, name, *at):
        """Where one weight stands among all: weight("W1", 20, 5) leads from input 20 to hidden unit 5, weight("b1", 5) is its bias."""
        layer = self.layer(name)
        whole = all(isinstance(i, (int, np.integer)) and not isinstance(i, bool) for i in at)
        if len(at) != len(layer.shape) or not whole or not all(0 <= i < size for i, size in zip(at, layer.shape)):
            wanted = ", ".join(f"0 to {size - 1}" for size in layer.shape)
            raise ValueError(f"a weight of {name} is named by {len(layer.shape)} whole number{'s' * (len(layer.shape) > 1)} ({wanted}); got {at}")
        return layer.first + int(np.ravel_multi_index(at, layer.shape))

    def matrices(self, w):
        """[(W, b), ...] of every layer, views into w (..., n)."""
        w = self._checked(w)
        return [(w[..., W].reshape(*w.shape[:-1], *shape), w[..., b]) for W, shape, b in self.cuts]

    def _checked(self, values):
        values = np.asarray(values)
        if values.shape[-1:] != (self.n,):
            raise ValueError(f"{self.name} has {self.n} weights, and they are the last axis; got the shape {values.shape}")
        return values


class Examples:
    """The surface of some of a network's examples: their mean cross-entropy. (With several networks each has its own: a leading axis more, as in w.)"""

    def __init__(self, network, inputs, labels):
        self.network, self.inputs, self.labels, self.start, self.name = network, inputs, labels, network.start, network.name
        self._last = None, None  # w, and what went forward there: the loop asks for loss and gradient at the same w
        cuts = range(0, len(labels), BLOCK)
        self.blocks = [Examples(network, inputs[i : i + BLOCK], labels[i : i + BLOCK]) for i in cuts] if len(cuts) > 1 else [self]

    def loss(self, w):
        """(..., n) -> (...)."""
        return self._total(w, lambda part, w: part._loss(part._forward(w)[-1]), ()) / len(self.labels)

    def gradient(self, w):
        """(..., n) -> (..., n)."""
        return self._total(w, lambda part, w: part._backward(w, len(self.labels)), (self.network.n,))

    def accuracy(self, w):
        """Share classified rightly: (..., n) -> (...)."""
        return self._total(w, lambda part, w: part._right(part._forward(w)[-1]).sum(-1), ()) / len(self.labels)

    def _total(self, w, ask, shape):
        """The sum of what `ask` says of each block of the examples."""
        return sum(part._in_groups(w, functools.partial(ask, part), shape) for part in self.blocks)

    def _in_groups(self, w, ask, shape):
        """Asked of a few networks at a time, for the sake of speed and memory."""
        try:
            w = np.asarray(w, dtype=float)
        except (TypeError, ValueError, OverflowError):
            raise ValueError(f"{self.network.name} takes its weights as an array of numbers, such as run.w[-1]; got {short(w)}") from None
        w = self.network._checked(w)
        lead, flat = w.shape[:-1], w.reshape(-1, self.network.n)
        most = max(1, AT_ONCE // (len(self.labels) * max(self.network.sizes[1:])))
        with np.errstate(all="ignore"):  # weights that ran off give inf and NaN
            if len(flat) <= most:
                return ask(w)
            return np.concatenate([ask(flat[i : i + most]) for i in range(0, len(flat), most)]).reshape(*lead, *shape)

    def _forward(self, w):
        """What leaves each layer (..., examples, units), the inputs first; the last one is log p of every class."""
        there, out = self._last
        if np.array_equal(there, w):
            return out
        out = [self.inputs]
        for W, b in self.network.matrices(w):  # in place where it can be: memory that is asked for anew costs more than the sums
            z = out[-1] @ W
            z += b[..., None, :]
            out.append(z)
            if len(out) < len(self.network.sizes):
                _tanh(z)
        z -= z.max(axis=-1, keepdims=True)  # so that exp never overflows
        z -= np.log(np.exp(z).sum(axis=-1, keepdims=True))
        self._last = w.copy(), out
        return out

    def _loss(self, log_p):
        return -log_p[self._of_labels()].sum(axis=-1)

    def _of_labels(self):
        """Where, among the outputs, the right class of each example stands."""
        return (..., *np.indices(self.labels.shape, sparse=True), self.labels)

    def _right(self, log_p):
        return (log_p.argmax(axis=-1) == self.labels) & ~np.isnan(log_p[..., 0])  # a network that ran off to NaN says nothing, not 0

    def _backward(self, w, examples):
        out, layers, g = self._forward(w), self.network.matrices(w), np.empty(w.shape)
        d = np.exp(out[-1])  # ∂L/∂z: what the softmax says, less 1 at the right class
        d[self._of_labels()] -= 1
        d /= examples
        for i, (W, b) in reversed(list(enumerate(self.network.matrices(g)))):
            np.matmul(np.swapaxes(out[i], -1, -2), d, out=W)
            np.sum(d, axis=-2, out=b)
            if i:
                d = d @ np.swapaxes(layers[i][0], -1, -2)
                d *= 1 - out[i] ** 2  # the slope of tanh
        return g


def _tanh(z):
    """tanh in place, as 1 − 2/(e²ᶻ + 1): within 4e-16 of what np.tanh gives, and two to three times as fast on processors for which NumPy has no vectors of tanh."""
    z *= 2
    np.exp(z, out=z)  # inf where z is large, and 1 in the end
    z += 1
    np.divide(-2, z, out=z)
    z += 1


class Several:
    """Networks of one shape, each with its own start and its own batches, as one surface: `descend` trains them side by side.

    Its weights are those of the first network, then those of the second, and so on; `.apart(w)` has an axis for the networks: (..., networks, n).
    `.loss(w)` is the sum of theirs. Rules work number by number, so no network notices the others.
    """

    def __init__(self, networks):
        self.networks = tuple(networks)
        shapes = {(net.sizes, net.batch, net.examples) for net in self.networks}
        if len(shapes) != 1:
            raise ValueError(f"side by side go networks of the same sizes, batch and number of examples; got {len(shapes)} kinds")
        self.name = f"{len(self.networks)} × {self.networks[0].name}"
        self.start = np.concatenate([net.start for net in self.networks])
        self.n = self.start.size

    def apart(self, w):
        return np.reshape(w, (*np.shape(w)[:-1], len(self.networks), -1))

    def loss(self, w):
        """(..., n) -> (...)."""
        return sum(net.loss(self.apart(w)[..., i, :]) for i, net in enumerate(self.networks))

    def gradient(self, w):
        """(..., n) -> (..., n)."""
        return np.concatenate([net.gradient(self.apart(w)[..., i, :]) for i, net in enumerate(self.networks)], axis=-1)

    def at(self, t):
        """The surface of update t: the mini-batch of each."""
        parts = [net.at(t) for net in self.networks]
        return Batches(self, Examples(self.networks[0], np.stack([part.inputs for part in parts]), np.stack([part.labels for part in parts])))


class Batches:
    """A mini-batch for each of several networks: one product for all of them."""

    def __init__(self, several, batch):
        self.apart, self.batch, self.start, self.name, self.many = several.apart, batch, several.start, several.name, batch.labels.shape[-1]

    def loss(self, w):
        with np.errstate(all="ignore"):
            return self.batch._loss(self.batch._forward(self.apart(w))[-1]).sum(axis=-1) / self.many

    def gradient(self, w):
        with np.errstate(all="ignore"):
            return self.batch._backward(self.apart(w), self.many).reshape(np.shape(w))


def on_digits(batch=32, seed=0, hidden=32):
    """The network 64–32–10 on the handwritten digits, with other batches, another seed or another number of hidden units."""
    images, labels = data.digits()
    return Network(images / 16, labels, (images.shape[1], hidden, 10), batch, seed, "digits")


# what was given, checked


def _whole(name, value, least):
    if not is_whole_number(value) or value < least:
        raise ValueError(f"{name} must be a whole number, {least} or more; got {short(value)}")
    return int(value)


def _checked_sizes(sizes):
    try:
        sizes = tuple(sizes)
    except TypeError:
        sizes = (sizes,)
    if len(sizes) < 2:
        raise ValueError(f"sizes names the units of each layer, inputs first and classes last, as in (64, 32, 10); got {short(sizes)}")
    return tuple(_whole("each of sizes", size, 1) for size in sizes)


def _checked_data(inputs, labels, sizes):
    """Both as arrays of their own: what becomes of the caller's is no matter."""
    inputs, labels = _array("inputs", inputs, "rows of numbers, one row an example"), _array("labels", labels, "whole numbers, one an example")
    if inputs.ndim != 2 or inputs.shape[1] != sizes[0]:
        raise ValueError(f"inputs must have the shape (examples, {sizes[0]}), for the first of sizes is {sizes[0]}; got {inputs.shape}")
    if labels.shape != inputs.shape[:1]:
        raise ValueError(f"labels must be one number an example, the shape ({len(inputs)},); got {labels.shape}")
    if len(inputs) < 2:
        raise ValueError(f"a network needs at least 2 examples, one to be trained on and one held back; got {len(inputs)}")
    bad = ~np.isfinite(inputs)
    if bad.any():
        row, column = np.argwhere(bad)[0]
        raise ValueError(f"inputs must be finite; example {row} has {inputs[row, column]} at input {column}")
    wrong = (labels != np.floor(labels)) | (labels < 0) | (labels >= sizes[-1])  # NaN is unlike itself
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ValueError(f"labels must be whole numbers from 0 to {sizes[-1] - 1}, for the last of sizes is {sizes[-1]}; example {row} has {labels[row]}")
    return inputs.astype(float), labels.astype(int)


def _array(name, values, must):
    try:
        values = np.asarray(values)
    except ValueError:
        raise ValueError(f"{name} must be {must}; got rows of different lengths") from None
    except Exception:  # an object that raises where NumPy asks for its numbers
        raise ValueError(f"{name} must be {must}; got {short(values)}") from None
    if values.dtype.kind not in "iufb":
        raise ValueError(f"{name} must be {must}; got {'text' if values.dtype.kind in 'SUT' else f'the type {values.dtype}'}")
    return values


digits = on_digits()
