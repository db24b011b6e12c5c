"""A surface of the reader's own: right slopes are taken, wrong ones are not, and a loss may be for one point."""

import math
import warnings

import numpy as np
import pytest

from helpers.descent import descend
from helpers.surfaces import Surface, ravine
from helpers.update_rules import adagrad

TWO, FOUR, WIDE = ((-2, 2), (-2, 2)), ((-4, 4), (-4, 4)), ((-100, 100), (-100, 100))


@pytest.fixture(autouse=True)
def no_warning_reaches_the_reader():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


RIGHT = {
    "view beyond the domain": (lambda x: x - np.log(x), lambda x: (1 - 1 / x,), 2, (-1, 4)),
    "a power beyond its domain": (lambda x: x**1.5, lambda x: (1.5 * x**0.5,), 2, (-1, 4)),
    "a barrier": (
        lambda x, y: -np.log(x) - np.log(1 - x) + y**2,
        lambda x, y: (-1 / x + 1 / (1 - x), 2 * y),
        (0.5, 1),
        ((-1, 2), (-2, 2)),
    ),
    "cross-entropy": (
        lambda p: -0.3 * np.log(p) - 0.7 * np.log(1 - p),
        lambda p: (-0.3 / p + 0.7 / (1 - p),),
        0.5,
        (-0.5, 1.5),
    ),
    "a pole in the view": (lambda x: 1 / x**2, lambda x: (-2 / x**3,), 1, (-4, 4)),
    "a large offset": (lambda x, y: 1e8 + x**2 + y**2, lambda x, y: (2 * x, 2 * y), (1, 1), TWO),
    "a larger offset": (lambda x, y: 1e12 + x**2 + y**2, lambda x, y: (2 * x, 2 * y), (1, 1), TWO),
    "another term is huge": (
        lambda x, y: np.exp(x) + y**2,
        lambda x, y: (np.exp(x), 2 * y),
        (1, 1),
        ((-50, 50), (-50, 50)),
    ),
    "another term is larger still": (
        lambda x, y: np.exp(x) + y**2,
        lambda x, y: (np.exp(x), 2 * y),
        (1, 1),
        WIDE,
    ),
    "short waves": (
        lambda x, y: np.sin(x**2 - y**2),
        lambda x, y: (2 * x * np.cos(x**2 - y**2), -2 * y * np.cos(x**2 - y**2)),
        (1, 1),
        WIDE,
    ),
    "shorter waves": (
        lambda x, y: np.sin(1e4 * x) + y**2,
        lambda x, y: (1e4 * np.cos(1e4 * x), 2 * y),
        (1, 1),
        WIDE,
    ),
    "waves that no difference can follow": (
        lambda x: np.sin(1e7 * x),
        lambda x: (1e7 * np.cos(1e7 * x),),
        1,
        (-100, 100),
    ),
    "a narrow bump": (
        lambda x, y: -np.exp(-50 * x**2) + y**2,
        lambda x, y: (100 * x * np.exp(-50 * x**2), 2 * y),
        (0.2, 1),
        ((-3, 3), (-3, 3)),
    ),
    "ReLU, start on the kink": (
        lambda x, y: np.maximum(x, 0) + y**2,
        lambda x, y: (1.0 * (x > 0), 2 * y),
        (0, 1),
        TWO,
    ),
    "ReLU, the other slope": (
        lambda x, y: np.maximum(x, 0) + y**2,
        lambda x, y: (1.0 * (x >= 0), 2 * y),
        (0, 1),
        TWO,
    ),
    "leaky ReLU": (
        lambda x, y: np.where(x > 0, x, 0.1 * x) + y**2,
        lambda x, y: (np.where(x > 0, 1, 0.1), 2 * y),
        (0, 1),
        TWO,
    ),
    "hinge": (lambda x: np.maximum(0, 1 - x), lambda x: (-1.0 * (x < 1),), 1, (-2, 2)),
    "absolute": (lambda x: np.abs(x), lambda x: (np.sign(x),), 0, (-2, 2)),
    "a constant": (lambda x, y: 5.0, lambda x, y: (0, 0), (1, 1), TWO),
}
WRONG = {
    "the sign": (lambda x, y: x**2 + y**2, lambda x, y: (2 * x, -2 * y), (1, 1), TWO),
    "a thousandth": (lambda x, y: x**2 + y**2, lambda x, y: (2 * x, 2.002 * y), (1, 1), TWO),
    "a tenth on a large offset": (lambda x, y: 1e8 + x**2 + y**2, lambda x, y: (2 * x, 2.2 * y), (1, 1), TWO),
    "twice on one side of a kink": (
        lambda x, y: np.maximum(x, 0) + y**2,
        lambda x, y: (2.0 * (x > 0), 2 * y),
        (0, 1),
        TWO,
    ),
    "the wrong side of a kink": (
        lambda x, y: np.maximum(x, 0) + y**2,
        lambda x, y: (1.0 * (x < 0), 2 * y),
        (0, 1),
        TWO,
    ),
    "not a number": (lambda x: x**2, lambda x: (np.nan * x,), 1, (-2, 2)),
    "of waves": (
        lambda x, y: np.sin(x**2 - y**2),
        lambda x, y: (2 * x * np.cos(x**2 - y**2), 2 * y * np.cos(x**2 - y**2)),
        (1, 1),
        WIDE,
    ),
    "within the domain": (lambda x: x - np.log(x), lambda x: (1 + 1 / x,), 2, (-1, 4)),
    "beside a huge term": (
        lambda x, y: np.exp(x) + y**2,
        lambda x, y: (np.exp(x), 3 * y),
        (1, 1),
        ((-50, 50), (-50, 50)),
    ),
    "of a loss for one point": (lambda x, y: math.hypot(x, y), lambda x, y: (2 * x, 2 * y), (1, 1), TWO),
}


@pytest.mark.parametrize("parts", RIGHT.values(), ids=RIGHT)
def test_a_right_slope_is_taken(parts):
    surface = Surface("mine", *parts)
    assert not surface.pointwise and descend(adagrad, surface, 5, eta=[0.1, 0.2]).how == "side by side"


@pytest.mark.parametrize("parts", WRONG.values(), ids=WRONG)
def test_a_wrong_slope_is_refused(parts):
    with pytest.raises(ValueError, match="the slope of 'mine' does not fit its loss: at "):
        Surface("mine", *parts)


A, XS, YS = np.array([[1, 0.5], [0.5, 2]]), np.array([1, 2, 3]), np.array([2, 3, 5])
FOR_ONE_POINT = {
    "math": (
        lambda x, y: math.sqrt(x**2 + y**2),
        lambda x, y: (x / np.hypot(x, y), y / np.hypot(x, y)),
        (2, 1),
        FOUR,
    ),
    "math in both": (
        lambda x, y: math.hypot(x, y),
        lambda x, y: (x / math.hypot(x, y), y / math.hypot(x, y)),
        (2, 1),
        FOUR,
    ),
    "math beyond its domain": (lambda x: x - math.log(x), lambda x: 1 - 1 / x, 2, (-1, 4)),
    "if": (
        lambda x, y: x**2 + y**2 if x > 0 else y**2,
        lambda x, y: (2 * x if x > 0 else 0, 2 * y),
        (1, 1),
        TWO,
    ),
    "max": (lambda x, y: max(x, 0) ** 2 + y**2, lambda x, y: (2 * max(x, 0), 2 * y), (1, 1), TWO),
    "float": (lambda x, y: float(x) ** 2 + y**2, lambda x, y: (2 * float(x), 2 * y), (1, 1), TWO),
    "w A w": (
        lambda x, y: np.array([x, y]) @ A @ np.array([x, y]),
        lambda x, y: tuple(2 * A @ np.array([x, y])),
        (2, 1),
        FOUR,
    ),
    "np.dot": (lambda x, y: np.dot([x, y], [x, y]), lambda x, y: 2 * np.array([x, y]), (2, 1), FOUR),
    "norm": (lambda x, y: np.linalg.norm([x, y]) ** 2, lambda x, y: (2 * x, 2 * y), (2, 1), FOUR),
    "np.sum": (lambda x, y: np.sum([x**2, y**2]), lambda x, y: (2 * x, 2 * y), (2, 1), FOUR),
    "a line": (
        lambda a, b: np.mean((a * XS + b - YS) ** 2),
        lambda a, b: (np.mean(2 * (a * XS + b - YS) * XS), np.mean(2 * (a * XS + b - YS))),
        (2, 1),
        FOUR,
    ),
}


@pytest.mark.parametrize("parts", FOR_ONE_POINT.values(), ids=FOR_ONE_POINT)
def test_a_loss_for_one_point_is_asked_point_by_point(parts):
    surface = Surface("mine", *parts)
    grid = descend(adagrad, surface, 5, eta=[0.1, 0.2, 0.3])
    assert surface.pointwise and grid.how == "side by side"
    for i, eta in enumerate((0.1, 0.2, 0.3)):
        assert np.allclose(grid.w[:, i], descend(adagrad, surface, 5, eta=eta).w, rtol=1e-12)
    points = surface._points()
    with np.errstate(all="ignore"):
        assert (
            surface.loss(points.reshape(4, 6, -1)).shape == (4, 6)
            and surface.gradient(points).shape == points.shape
        )
    assert np.isclose(surface.loss(surface.start), float(parts[0](*surface.start)), rtol=1e-12)


REFUSED = {
    "a vector": (
        dict(loss=lambda w: w[0] ** 2 + w[1] ** 2),
        TypeError,
        ["the loss of 'mine' has 2 weights", "write loss=lambda x, y: ..., not (w)"],
    ),
    "a vector in the slope": (
        dict(slope=lambda w: 2 * w),
        TypeError,
        ["the slope of 'mine' has 2 weights", "write slope=lambda x, y: ..."],
    ),
    "three arguments": (dict(loss=lambda x, y, z: x**2 + y**2), TypeError, ["2 weights", "lambda x, y"]),
    "two numbers": (
        dict(loss=lambda x, y: [1, 2]),
        ValueError,
        ["the loss of 'mine' gives 2 numbers at one point"],
    ),
    "text": (
        dict(loss=lambda x, y: "a"),
        ValueError,
        ["the loss of 'mine' gives 'a', which is not a number"],
    ),
    "complex": (dict(loss=lambda x, y: x * 1j), ValueError, ["the loss of 'mine' gives complex numbers"]),
    "complex slope": (
        dict(slope=lambda x, y: (2 * x + 0j, 2 * y)),
        ValueError,
        ["the slope of 'mine' gives complex numbers"],
    ),
    "nowhere a number": (
        dict(loss=lambda x, y: np.log(-1 - x**2)),
        ValueError,
        ["not a finite number at the start, nor at any other point"],
    ),
    "math and None": (
        dict(loss=lambda x, y: math.sqrt(x), slope=lambda x, y: None),
        ValueError,
        ["slope of 'mine' gives None"],
    ),
}


@pytest.mark.parametrize("changed, kind, words", REFUSED.values(), ids=REFUSED)
def test_what_is_no_loss_is_refused_by_name(changed, kind, words):
    parts = {
        "loss": lambda x, y: x**2 + y**2,
        "slope": lambda x, y: (2 * x, 2 * y),
        "start": (1, 1),
        "view": TWO,
        **changed,
    }
    with pytest.raises(kind) as caught:
        Surface("mine", **parts)
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_an_error_in_a_loss_arrives_as_it_is():
    with pytest.raises(NameError, match="xx"):
        Surface("mine", lambda x, y: xx, lambda x, y: (2 * x, 2 * y), (1, 1), TWO)  # noqa: F821


@pytest.mark.parametrize("w", [-5, [1, 2, 3], [[1], [2]]])
def test_the_last_axis_is_the_weights(w):
    for ask in (ravine.loss, ravine.gradient):
        with pytest.raises(ValueError, match="has 2 weights, and w has the shape"):
            ask(w)
