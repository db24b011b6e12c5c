"""The network as a surface: its slope fits its loss, leading axes are networks, a batch follows from seed and t, and errors say what to write."""

import numpy as np
import pytest

from helpers import network
from helpers.descent import descend
from helpers.network import Network, Several, digits, on_digits
from helpers.update_rules import adagrad, adam, momentum, rmsprop

SIZES = [(3, 2), (5, 4, 3), (4, 6, 5, 3)]
every_size = pytest.mark.parametrize("sizes", SIZES, ids=str)
pytestmark = pytest.mark.usefixtures("no_warning")


def small(sizes=(5, 4, 3), examples=40, **options):
    draw = np.random.default_rng(11)
    return Network(draw.random((examples, sizes[0])), draw.integers(0, sizes[-1], examples), sizes, **{"batch": 7, **options})


def somewhere(net, *runs, far=0.5):
    """Weights (*runs, n) at random, about the start."""
    return net.start + far * np.random.default_rng(12).normal(size=(*runs, net.n))


def numbered(examples=53, **options):
    """Every example is told by its only input: which of them did a batch see?"""
    return Network(np.arange(examples)[:, None] / examples, np.arange(examples) % 2, (1, 3, 2), **{"batch": 8, **options})


def seen(examples):
    return np.rint(examples.inputs[:, 0] * 53).astype(int).tolist()


def far_apart(x, y):
    """The largest difference, relative to the largest number."""
    return np.abs(x - y).max() / np.abs(y).max()


# the slope


@pytest.mark.parametrize("where", ["the start", "a random point", "far out"])
@pytest.mark.parametrize("t", [None, 0, 4], ids=["all examples", "a batch", "the last batch of an epoch"])
@every_size
def test_backpropagation_is_the_derivative_of_the_loss_in_every_layer(sizes, t, where):
    net = small(sizes)
    w = {"the start": net.start, "a random point": somewhere(net), "far out": somewhere(net, far=2.0)}[where]
    surface, h = net if t is None else net.at(t), 1e-5
    steps = h * np.eye(net.n)
    rises, said = (surface.loss(w + steps) - surface.loss(w - steps)) / (2 * h), surface.gradient(w)
    for name in net.layers:
        assert far_apart(net.part(name, rises), net.part(name, said)) < 1e-6


def test_backpropagation_is_the_derivative_on_the_digits_along_any_direction():
    w, h = somewhere(digits, far=0.1), 1e-5
    along = np.random.default_rng(3).normal(size=(8, digits.n))
    along /= np.linalg.norm(along, axis=-1, keepdims=True)
    for surface in (digits, digits.at(7)):
        rises = (surface.loss(w + h * along) - surface.loss(w - h * along)) / (2 * h)
        assert far_apart(rises, along @ surface.gradient(w)) < 1e-6


@every_size
def test_without_weights_the_loss_is_the_logarithm_of_the_number_of_classes(sizes):
    net = small(sizes)
    assert net.loss(np.zeros(net.n)) == pytest.approx(np.log(sizes[-1]), rel=1e-15)


def test_the_slopes_of_an_epochs_batches_average_to_the_slope_of_all_examples():
    net = small()
    w, batches = somewhere(net), [net.at(t) for t in range(net.updates_an_epoch)]
    mean = sum(len(batch.labels) * batch.gradient(w) for batch in batches) / net.examples
    assert len(batches) > 1 and far_apart(mean, net.gradient(w)) < 1e-14
    assert far_apart(small(batch=None).at(3).gradient(w), net.gradient(w)) == 0


def test_a_sure_network_has_a_finite_loss_and_no_warning():
    w = np.zeros(digits.n)
    digits.part("b2", w)[:] = 1e5 * np.arange(10)
    assert digits.loss(w) == pytest.approx(1e5 * (9 - digits.training.labels.mean())) and np.isfinite(digits.gradient(w)).all()


# leading axes are networks


@pytest.mark.parametrize("at_once", [network.AT_ONCE, 400, 1], ids=["all together", "a few at a time", "one at a time"])
@pytest.mark.parametrize("runs", [(), (1,), (5,), (2, 3), (0,)], ids=str)
@every_size
def test_networks_side_by_side_are_each_alone(monkeypatch, sizes, runs, at_once):
    net = small(sizes)
    w, alone = somewhere(net, *runs), small(sizes)
    monkeypatch.setattr(network, "AT_ONCE", at_once)
    for surface, single in ((net, alone), (net.at(2), alone.at(2))):
        loss, g = surface.loss(w), surface.gradient(w)
        assert loss.shape == runs and g.shape == w.shape
        for i in np.ndindex(*runs):
            assert loss[i] == pytest.approx(single.loss(w[i]), rel=1e-12) and far_apart(g[i], single.gradient(w[i])) < 1e-12
    accuracy = net.accuracy(w)
    assert np.shape(accuracy) == runs and all(accuracy[i] == alone.accuracy(w[i]) for i in np.ndindex(*runs))


# batches


def test_an_epoch_sees_each_training_example_exactly_once_and_each_epoch_in_another_order():
    net = numbered()
    assert net.examples == 43 and net.updates_an_epoch == 6
    epochs = [sum((seen(net.at(6 * epoch + turn)) for turn in range(6)), []) for epoch in range(4)]
    assert all(sorted(epoch) == sorted(seen(net.training)) for epoch in epochs) and len(set(map(tuple, epochs))) == 4
    assert [len(net.at(t).labels) for t in range(6)] == [8, 8, 8, 8, 8, 3]


def test_a_batch_brings_the_labels_of_its_own_examples():
    net = numbered()
    for examples in (net.training, net.held_back, net.at(0), net.at(77)):
        assert examples.labels.tolist() == [i % 2 for i in seen(examples)]


def test_a_fifth_is_held_back_the_same_for_every_seed_and_never_trained_on():
    first = numbered()
    assert len(first.held_back.labels) == 10 and sorted(seen(first.training) + seen(first.held_back)) == list(range(53))
    for seed in (0, 1, 99):
        net = numbered(seed=seed)
        assert seen(net.held_back) == seen(first.held_back)
        assert not set(seen(net.held_back)) & {i for t in range(60) for i in seen(net.at(t))}


def test_a_batch_follows_from_seed_and_t_alone_in_whatever_order_it_is_asked_for():
    in_order = [seen(numbered(seed=5).at(t)) for t in range(90)]
    net = numbered(seed=5)
    for t in [*range(89, -1, -1), *np.random.default_rng(1).permutation(90)]:
        assert seen(net.at(t)) == in_order[t]


def test_all_rules_and_all_numbers_of_networks_see_the_same_batches(monkeypatch):
    asked = []

    def listening(self, t, at=Network.at):
        asked[-1].append((t, seen(at(self, t))))
        return at(self, t)

    monkeypatch.setattr(Network, "at", listening)
    net = numbered()
    for rule, eta in [(adagrad, 0.1), (rmsprop, 0.1), (rmsprop, [0.1, 0.2, 0.3]), (momentum, [0.1])]:
        asked.append([])
        descend(rule, net, 20, eta=eta)
    assert [t for t, _ in asked[0]] == list(range(20)) and all(each == asked[0] for each in asked)


def test_two_seeds_differ_in_start_and_batches_and_one_seed_never():
    one, same, other = numbered(seed=1), numbered(seed=1), numbered(seed=2)
    assert np.array_equal(one.start, same.start) and seen(one.at(9)) == seen(same.at(9))
    matrices = [name for name in one.layers if name[0] == "W"]
    assert all((one.part(name, one.start) != other.part(name, other.start)).all() for name in matrices) and seen(one.at(0)) != seen(other.at(0))
    assert seen(numbered(batch=5).at(0)) == seen(numbered(batch=8).at(0))[:5]  # a batch is a stretch of the epoch's order, however long


def test_weights_that_are_no_numbers_give_no_warning_outside_the_loop_either():
    for wild in (np.inf, -np.inf, np.nan, 1e308, 1e300):
        w = somewhere(digits) * 0 + wild
        w[::2] *= -1
        digits.loss(w), digits.gradient(w), digits.accuracy(w)


# weights by name


@every_size
def test_layers_cover_every_weight_once_and_name_weight_part_and_matrices_agree(sizes):
    net = small(sizes)
    w, places = somewhere(net, 2), []
    assert list(net.layers) == [f"{kind}{i}" for i in range(1, len(sizes)) for kind in "Wb"]
    for i, (W, b) in enumerate(net.matrices(w), 1):
        for name, part, shape in ((f"W{i}", W, (2, sizes[i - 1], sizes[i])), (f"b{i}", b, (2, sizes[i]))):
            assert part.shape == shape and np.array_equal(part, net.part(name, w)) and net.layer(name) is net.layers[name]
            assert net.layer(name).size == part[0].size and np.array_equal(w[:, net.layer(name).place], part.reshape(2, -1))
            for at in np.ndindex(*shape[1:]):
                places.append(net.weight(name, *at))
                assert (w[:, places[-1]] == part[(slice(None), *at)]).all()
    assert places == list(range(net.n)) and net.start.shape == (net.n,)


def test_parts_and_matrices_are_views():
    w = somewhere(digits, 2)
    assert all(np.shares_memory(part, w) for pair in digits.matrices(w) for part in pair) and np.shares_memory(digits.part("b1", w), w)
    digits.part("W2", w)[1, 3, 4] = 77
    assert w[1, digits.weight("W2", 3, 4)] == 77


def test_biases_begin_at_0_and_matrices_with_the_width_that_keeps_sums_as_large():
    net = on_digits(hidden=500)
    for (W, b), units in zip(net.matrices(net.start), (64, 500)):
        assert (b == 0).all() and abs(W.std() * np.sqrt(units) - 1) < 0.05 and abs(W.mean()) * np.sqrt(W.size) < 4 * W.std()


# pure


def test_what_is_done_to_an_answer_or_to_what_was_given_changes_nothing():
    draw = np.random.default_rng(11)
    inputs, labels, sizes = draw.random((40, 5)), draw.integers(0, 3, 40), [5, 4, 3]
    net = Network(inputs, labels, sizes, batch=7)
    w = somewhere(net, 3)
    for surface in (net, net.at(3)):
        loss, g = surface.loss(w).copy(), surface.gradient(w).copy()
        surface.gradient(w)[:] = np.nan
        surface.loss(w)[:] = np.nan
        inputs[:], labels[:], sizes[:] = np.nan, 99, [0]
        assert np.array_equal(surface.loss(w), loss) and np.array_equal(surface.gradient(w), g) and np.array_equal(w, somewhere(net, 3))
    assert np.array_equal(net.loss(w), small().loss(w))


def test_the_slope_is_that_of_w_as_it_is_now_although_the_loss_was_asked_before():
    for surface, fresh in ((small(), small()), (small().at(1), small().at(1))):
        w = somewhere(small())
        surface.loss(w)
        w *= -1
        assert np.array_equal(surface.gradient(w), fresh.gradient(w))


def test_a_run_leaves_the_start_alone_and_nobody_can_change_it_for_the_next_cell():
    def in_place(g, *, eta=0.1):
        g *= -eta
        return g

    net, before = small(), small().start.copy()
    descend(in_place, net, 5)
    descend(in_place, net, 5, start=net.start, eta=[0.1, 0.2])
    assert np.array_equal(net.start, before)
    for shared in (net.start, net.training.inputs, net.held_back.labels, net.at(0).start, small(batch=None).at(0).inputs):
        with pytest.raises(ValueError, match="read-only"):
            shared[0] = 1
    net.at(0).inputs[:] = 0  # a batch is a copy
    assert np.array_equal(net.gradient(before), small().gradient(before)) and np.array_equal(net.at(0).inputs, small().at(0).inputs)


# bad input


FIVE = np.arange(10.0).reshape(5, 2) / 10


def refuses(words, call, *args, **options):
    """The message has all the words, and is about the caller's mistake, not about NumPy's insides."""
    with pytest.raises(ValueError) as caught:
        call(*args, **options)
    for word in words:
        assert word in str(caught.value), str(caught.value)


def with_one(value, dtype=float):
    """Five examples of two inputs, the fourth spoilt."""
    return np.where(np.arange(10).reshape(5, 2) == 7, value, FIVE).astype(dtype)


@pytest.mark.parametrize("inputs, said", [
    (with_one(np.nan), ["inputs must be finite", "example 3 has nan at input 1"]),
    (with_one(-np.inf), ["inputs must be finite", "example 3 has -inf at input 1"]),
    (FIVE[0], ["inputs must have the shape (examples, 2)", "the first of sizes is 2", "got (2,)"]), (FIVE[:, :1], ["(examples, 2)", "got (5, 1)"]),
    (FIVE.reshape(5, 2, 1), ["(examples, 2)", "got (5, 2, 1)"]), (FIVE[:4], ["labels must be one number an example", "the shape (4,)", "got (5,)"]),
    ([[0, 1], [2]], ["inputs must be rows of numbers", "different lengths"]), (with_one(7, str), ["inputs must be rows of numbers", "text"]),
    (with_one(1j, complex), ["inputs must be rows of numbers", "complex"]), ([[None, 1]] * 5, ["inputs must be rows of numbers", "object"]),
])
def test_inputs_are_a_row_of_finite_numbers_an_example(inputs, said):
    refuses(said, Network, inputs, [0, 1, 2, 0, 1], (2, 3))


@pytest.mark.parametrize("labels, said", [
    ([0, 1, 2, 3, 0], ["labels must be whole numbers from 0 to 2", "the last of sizes is 3", "example 3 has 3"]),
    ([0, -1, 2, 0, 0], ["0 to 2", "example 1 has -1"]),
    ([0, 1, 1.5, 0, 0], ["labels must be whole numbers", "example 2 has 1.5"]), ([0, 1, np.nan, 0, 0], ["whole numbers", "example 2 has nan"]),
    ([0, 1, np.inf, 0, 0], ["whole numbers", "example 2 has inf"]), ([0, 1, 2], ["labels must be one number an example", "the shape (5,)", "got (3,)"]),
    (np.eye(5, 3), ["labels must be one number an example", "got (5, 3)"]), (list("01201"), ["labels must be whole numbers", "text"]),
    ([0, 1, None, 0, 1], ["labels must be whole numbers", "object"]), ([0, [1, 2], 0, 0, 0], ["labels must be whole numbers", "different lengths"]),
])
def test_labels_are_a_class_an_example(labels, said):
    refuses(said, Network, FIVE, labels, (2, 3))


def test_a_network_needs_an_example_to_train_on_and_one_to_hold_back():
    refuses(["at least 2 examples", "got 1"], Network, FIVE[:1], [0], (2, 3))
    refuses(["at least 2 examples", "got 0"], Network, FIVE[:0], [], (2, 3))
    least = Network(FIVE[:2], [0, 1], (2, 3), batch=1)
    assert least.examples == 1 and least.accuracy(least.start) in (0, 1) and np.isfinite(least.loss(least.start))


@pytest.mark.parametrize("sizes, said", [
    ((64,), ["sizes names the units of each layer", "(64, 32, 10)", "got (64,)"]), (64, ["sizes names", "got (64,)"]), ((), ["sizes names", "got ()"]),
    ((2, 0, 3), ["each of sizes must be a whole number, 1 or more", "got 0"]), ((2, 2.5, 3), ["each of sizes", "got 2.5"]),
    ((2, (3, 3), 3), ["each of sizes", "(3, 3)"]), ("23", ["each of sizes", "'2'"]), ((2, True, 3), ["each of sizes", "True"]),
])
def test_sizes_are_the_units_of_two_layers_or_more(sizes, said):
    refuses(said, Network, FIVE, [0, 1, 2, 0, 1], sizes)


@pytest.mark.parametrize("options, said", [
    ({"batch": 0}, ["batch must be a whole number, 1 or more", "got 0"]), ({"batch": -3}, ["batch", "-3"]), ({"batch": 2.0}, ["batch", "2.0"]),
    ({"batch": True}, ["batch", "True"]), ({"batch": 1439}, ["batch = 1439", "the 1438 examples that are trained on", "None for all of them"]),
    ({"batch": "all"}, ["batch", "'all'"]),
    ({"seed": -1}, ["seed must be a whole number, 0 or more", "got -1"]), ({"seed": True}, ["seed", "True"]), ({"seed": 0.5}, ["seed", "0.5"]),
    ({"seed": None}, ["seed", "None"]), ({"hidden": 0}, ["each of sizes", "got 0"]),
])
def test_batch_seed_and_hidden_are_whole_numbers(options, said):
    refuses(said, on_digits, **options)


@pytest.mark.parametrize("t", [-1, 2.5, True, None, "3"])
def test_an_update_is_counted_from_0(t):
    for net in (digits, small(batch=None)):
        refuses(["t must be a whole number, 0 or more", repr(t)], net.at, t)


@pytest.mark.parametrize("w", [3.0, [1, 2], np.zeros((2410, 2)), np.zeros((4, 2409)), np.zeros((3, 0))], ids=np.shape)
def test_w_has_the_networks_weights_along_its_last_axis(w):
    calls = [digits.loss, digits.gradient, digits.accuracy, digits.at(0).loss, digits.at(0).gradient, digits.matrices, lambda w: digits.part("b1", w)]
    for call in calls:
        refuses(["2410 weights", "the last axis", f"the shape {np.shape(w)}"], call, w)


@pytest.mark.parametrize("name, said", [
    ("W3", ["no layer 'W3'", "Did you mean W", "W1, b1, W2, b2"]), ("w1", ["no layer 'w1'", "W1"]),
    ("hidden", ["no layer 'hidden'", "It has: W1, b1, W2, b2"]), (1, ["no layer 1"]), (["W1"], ["no layer ['W1']"]),
])
def test_an_unknown_layer_is_named_with_those_there_are(name, said):
    for call in (digits.layer, lambda name: digits.part(name, digits.start), lambda name: digits.weight(name, 0)):
        refuses(said, call, name)


@pytest.mark.parametrize("at, said", [
    (("W1", 64, 0), ["a weight of W1 is named by 2 whole numbers (0 to 63, 0 to 31)", "got (64, 0)"]), (("W1", 0, 32), ["got (0, 32)"]),
    (("W1", -1, 0), ["got (-1, 0)"]),
    (("W1", 3), ["2 whole numbers", "got (3,)"]), (("b1", 3, 3), ["a weight of b1 is named by 1 whole number (0 to 31)", "got (3, 3)"]),
    (("b2", 1.0), ["0 to 9", "got (1.0,)"]), (("b2", True), ["got (True,)"]), (("b2", "1"), ["got ('1',)"]),
])
def test_a_weight_outside_its_layer_is_told_the_range(at, said):
    refuses(said, digits.weight, *at)


def test_several_networks_side_by_side_walk_as_each_alone():
    nets = [on_digits(seed=seed) for seed in (3, 4)]
    both = Several(nets)
    for eta in (0.02, np.array([0.02, 0.1])):
        run = descend(adam, both, 50, eta=eta)  # past the end of an epoch, whose last batch is smaller
        for i, net in enumerate(nets):
            alone = descend(adam, net, 50, eta=eta)
            assert np.allclose(both.apart(run.w)[..., i, :], alone.w, rtol=1e-9, atol=1e-12)
        assert np.allclose(both.loss(run.w[-1]), sum(net.loss(w) for net, w in zip(nets, np.moveaxis(both.apart(run.w[-1]), -2, 0))))
        assert np.allclose(both.apart(both.gradient(run.w[-1]))[..., 1, :], nets[1].gradient(both.apart(run.w[-1])[..., 1, :]))


def test_networks_of_other_shapes_do_not_go_side_by_side():
    with pytest.raises(ValueError, match="2 kinds"):
        Several([on_digits(), on_digits(hidden=8)])
