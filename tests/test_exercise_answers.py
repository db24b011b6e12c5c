"""Numbers, counts, properties and suspects: unusual right answers pass, and each wrong one is told why."""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from helpers import exercises
from helpers.descent import descend
from helpers.exercises import lesson01, lesson04, lesson06
from helpers.surfaces import bowl, given, ravine, turned_ravine
from helpers.update_rules import adagrad, gradient_descent, rmsprop

pytestmark = pytest.mark.usefixtures("new_reader")


def wrong(exercise, answer, said):
    verdict = exercises.check(exercise, answer)
    assert verdict.state == "wrong" and said in verdict.reason, verdict
    return verdict


def right(exercise, answer):
    verdict = exercises.check(exercise, answer)
    assert verdict.state == "right" and verdict.reason, verdict


# the largest safe η


def by_power_iteration(H):
    v = np.arange(1.0, len(H) + 1)
    for _ in range(2000):
        v = H @ v / np.linalg.norm(H @ v)
    return 2 / (v @ H @ v)


def by_hand(H):
    v, n = [1.0 + i for i in range(len(H))], len(H)
    for _ in range(500):
        u = [sum(H[i][j] * v[j] for j in range(n)) for i in range(n)]
        size = max(abs(x) for x in u)
        v = [x / size for x in u]
    return 2 / size


def lists_only(H):
    if not isinstance(H, list):
        raise TypeError("a list, please")
    return by_hand(H)


def by_trial(H):
    low, high = 0.0, 2 * 2 / np.abs(H).max()
    for _ in range(30):
        eta = (low + high) / 2
        steps = np.linalg.matrix_power(np.eye(len(H)) - eta * H, 20000)
        low, high = (eta, high) if np.isfinite(steps).all() and np.abs(steps).max() < 10 else (low, eta)
    return low


EDGES = {
    "eigvalsh": lambda H: 2 / np.linalg.eigvalsh(H)[-1],
    "eigvals": lambda H: 2 / np.linalg.eigvals(H).max(),
    "eigh": lambda H: 2.0 / max(np.linalg.eigh(H)[0]),
    "complex": lambda H: 2 / np.linalg.eigvals(H.astype(complex)).real.max() + 0j,
    "the second norm": lambda H: 2 / np.linalg.norm(H, 2),
    "singular values": lambda H: 2 / np.linalg.svd(H, compute_uv=False)[0],
    "the inverse": lambda H: 2 * np.linalg.eigvalsh(np.linalg.inv(H)).min(),
    "zero-dimensional": lambda H: np.array(2 / np.linalg.eigvalsh(H)[-1]),
    "a list of one": lambda H: [2 / np.linalg.eigvalsh(H)[-1]],
    "an array of one": lambda H: 2 / np.linalg.eigvalsh(H)[-1:],
    "a fraction": lambda H: Fraction(2) / Fraction(float(np.linalg.eigvalsh(H)[-1])),
    "float32": lambda H: np.float32(2) / np.linalg.eigvalsh(H.astype(np.float32))[-1],
    "a little below": lambda H: 1.995 / np.linalg.eigvalsh(H)[-1],
    "a text": lambda H: str(2 / np.linalg.eigvalsh(H)[-1]),
    "power iteration": by_power_iteration, "by hand": by_hand, "lists only": lists_only, "by trial": by_trial,
}


@pytest.mark.parametrize("name", EDGES)
def test_the_largest_safe_rate_may_be_found_in_any_way(name):
    right("safe_eta", EDGES[name])


@pytest.mark.parametrize("answer, said", [
    (lambda H: 1 / np.linalg.eigvalsh(H)[-1], "half of it"), (lambda H: 2 / np.linalg.eigvalsh(H)[0], "smallest curvature: the steepest"),
    (lambda H: 1 / np.linalg.eigvalsh(H)[0], "half of the edge"), (lambda H: 2 / (np.linalg.eigvalsh(H)[0] + np.linalg.eigvalsh(H)[-1]), "arrives fastest"),
    (lambda H: 2 / np.trace(H), "trace"), (lambda H: np.linalg.eigvalsh(H)[-1], "curvature itself"), (lambda H: np.linalg.eigvalsh(H)[-1] / 2, "turned over"),
    (lambda H: 2 / np.diag(H).max(), "diagonal"), (lambda H: 2 / H.max(), "entries"), (lambda H: 2 / np.linalg.norm(H), "np.linalg.norm"),
    (lambda H: 2 / np.linalg.norm(H, np.inf), "along a row"), (lambda H: 2 / np.linalg.det(H), "determinant"), (lambda H: 2 / H[0, 0], "first entry"),
    (lambda H: 2 / np.linalg.eigvals(H)[0], "no order"), (lambda H: 2 / np.linalg.eigvalsh(H), "numbers, one a direction"), (lambda H: 0.1, "whatever the Hessian"),
    (lambda H: -2 / np.linalg.eigvalsh(H)[-1], "sign"), (lambda H: None, ""), (lambda H: H, "hold"), (lambda H: np.nan, "nan"), (lambda H: 1.2 / np.linalg.eigvalsh(H)[-1], "is safe"),
    (lambda H: 3 / np.linalg.eigvalsh(H)[-1], "diverges"), (lambda H: True, "truth value"), (lambda H: H.fill(1) or 1, "changes the Hessian"),
    (lambda H: 2 / np.mean(np.linalg.eigvalsh(H)), "mean"), (0.1, "without parentheses"), (lambda H: 2j / np.linalg.eigvalsh(H)[-1], "one number"),
])
def test_a_wrong_edge_is_told_what_it_is(answer, said):
    if said:
        wrong("safe_eta", answer, said)
    else:
        assert exercises.check("safe_eta", answer).state == "open", "a function that only returns None is a stub"


# an η that is done in 100 steps


@pytest.mark.parametrize("answer", [0.09, "0.09", "0,09", np.float32(0.085), np.array(0.09), [0.09], Fraction(2, 21), "2/21", Decimal("0.09"), 2 / 21, 0.08, 0.0955, 0.09 + 0j, np.array([[0.09]])])
def test_an_eta_that_does_it_is_accepted_however_it_is_written(answer):
    right("eta_in_100", answer)


@pytest.mark.parametrize("answer, said", [
    (0.1, "right at the edge"), (0.4, "is 8, and 2 is the edge"), (0.0999, "a little too large"), (0.01, "too small: after 100 steps the gentle weight is still 1.46"), (0, "no weight moves"), (-0.09, "climbs"),
    ("a lot", "'a lot' is not one"), ([0.09, 0.1], "holds 2"), (True, "truth value"), (np.nan, "not a number"), (np.inf, "finite"), (lambda: 0.09, "function"),
    ({"eta": 0.09}, "is not one"), (0.09j, "is not one"), (object(), "of type object"),
])
def test_an_eta_that_does_not_is_told_why(answer, said):
    wrong("eta_in_100", answer, said)


def test_the_etas_that_do_it_lie_in_one_range_around_the_best():
    etas = np.linspace(0.001, 0.12, 600)
    run = descend(gradient_descent, turned_ravine(20, 0), steps=lesson01.STEPS, eta=etas)
    good = etas[(run.loss < lesson01.GOAL).any(0)]
    assert good.min() < 2 / 21 < good.max() and good.max() - good.min() > 0.015
    assert np.isclose(np.diff(good).max(), np.diff(etas)[0]), "one range, without gaps"


def test_the_range_in_the_folded_solution_is_the_one_that_the_check_accepts():
    told = (Path(__file__).resolve().parents[1] / "notebooks" / "01_gradient_descent.ipynb").read_text(encoding="utf-8")
    assert "From about 0.0764 to 0.0958 all will do" in told
    etas = np.arange(7000, 10000) / 1e5
    run = descend(gradient_descent, turned_ravine(20, 0), steps=lesson01.STEPS, eta=etas, keep="loss")
    good = etas[(run.loss < lesson01.GOAL).any(0)]
    assert (round(good.min(), 4), round(good.max(), 4)) == (0.0764, 0.0958)


# steps at η = 0.4


@pytest.mark.parametrize("answer", [327, 327.0, "327", [327], np.int64(327), np.array(327), Fraction(327), Decimal(327), np.float32(327), 327 + 0j])
def test_the_count_is_accepted_however_it_is_written(answer):
    right("steps_at_04", answer)


@pytest.mark.parametrize("answer, said", [
    (328, "one too many"), (326, "one too few"), (89, "gradient descent"), (90, "gradient descent"), (23, "RMSprop"), (69, "steep weight w₂"), (9.9e-7, "looks like a loss"), (327.5, "327.5 is not whole"),
    (200, "not below 1e-6 yet"), (500, "not for the first time"), (1000, "not for the first time"), (-3, "0 or more"), (np.inf, "0 or more"), (0, "np.argmax says 0"), (10**9, "first time"),
    ([1, 2], "holds 2"), ("soon", "is not one"), (False, "truth value"),
])
def test_a_wrong_count_is_told_what_was_counted(answer, said):
    wrong("steps_at_04", answer, said)


def test_the_counts_are_what_descend_counts():
    losses = descend(adagrad, ravine, steps=600, eta=0.4).loss
    assert losses[326] >= 1e-6 > losses[327] and lesson04.steps_taken(adagrad)[0] == 327


# a property that only Adagrad has

PROPERTIES = {
    "G grows by g²": lambda run: np.allclose(run.G[1:], run.G[:-1] + run.g**2),
    "by differences": lambda run: np.allclose(np.diff(run.G, axis=0), run.g**2),
    "exactly": lambda run: (run.G[1:] == run.G[:-1] + run.g**2).all(),
    "the sum": lambda run: np.allclose(run.G[-1], np.sum(run.g**2, axis=0)),
    "cumulated": lambda run: bool(np.all(np.isclose(run.G[1:], np.cumsum(np.square(run.g), axis=0)))),
    "the rate": lambda run: np.allclose(run.rate * (np.sqrt(np.cumsum(run.g**2, 0)) + 1e-8), run.knobs["eta"]),
    "the step": lambda run: np.allclose(run.step * (np.sqrt(np.cumsum(run.g**2, 0)) + 1e-8), run.knobs["eta"] * np.abs(run.g)),
    "a loop": lambda run: all(abs(run.G[t + 1, i] - run.G[t, i] - run.g[t, i] ** 2) <= 1e-9 * (1 + run.G[t, i]) for t in range(run.steps) for i in range(run.g.shape[1])),
    "all weights together": lambda run: np.allclose(np.diff(run.G.sum(1)), (run.g**2).sum(1)),
    "1 or 0": lambda run: int(np.allclose(np.diff(run.G, axis=0), run.g**2)),
    "an array of one": lambda run: np.array([np.allclose(np.diff(run.G, axis=0), run.g**2)]),
    "zero-dimensional": lambda run: np.array(np.allclose(np.diff(run.G, axis=0), run.g**2)),
    "first weight alone": lambda run: np.allclose(np.diff(run.G[:, 0]), run.g[:, 0] ** 2),
    "each weight's first step": lambda run: all(
        np.isclose(run.step[np.flatnonzero(g)[0], i], run.knobs["eta"]) for i, g in enumerate(run.g.T) if g.any()) and (np.diff(run.G, axis=0) >= 0).all(),
}


@pytest.mark.parametrize("name", PROPERTIES)
def test_a_property_of_adagrad_alone_is_accepted(name):
    right("property", PROPERTIES[name])


@pytest.mark.parametrize("holds, said", [
    (lambda run: True, "True to every record"), (lambda run: False, "False to every record"), (lambda run: not np.allclose(np.diff(run.G, axis=0), run.g**2), "other way round"),
    (lambda run: (np.diff(run.G, axis=0) >= 0).all(), "no square (G adds |g|)"),
    (lambda run: (np.diff(run.G, axis=0) >= run.g**2 - 1e-9 * run.G[1:]).all(), "one G for all weights"),
    (lambda run: np.allclose(np.diff(run.G, axis=0), run.g**2) or np.abs(run.g).max() > 200, "no square (G adds |g|), on Rosenbrock"),
    (lambda run: np.allclose(np.diff(run.G, axis=0), run.g**2) or (run.G >= 0).all() and (np.diff(run.G, axis=0) < 0).any(), "forgets"),
    (lambda run: (np.diff(run.G, axis=0) > 0).all(), "G stays where it is then"),
    (lambda run: (run.rate <= run.knobs["eta"]).all() and np.allclose(np.diff(run.G, axis=0), run.g**2), "that no rate is above η"),
    (lambda run: (run.rate[run.g != 0] <= run.knobs["eta"]).all() and np.allclose(np.diff(run.G, axis=0), run.g**2), "that no rate is above η"),
    (lambda run: np.allclose(np.diff(run.G, axis=0), run.g**2) and run.step.max() <= 0.4 + 1e-6, "η = 2"),
    (lambda run: np.diff(run.G, axis=0) == run.g**2, "values, and should return one"),
    (lambda run: "yes", "True or False"), (lambda run: None if run else True, "returned None"), (lambda run: run, "True or False"),
    (lambda run: (np.diff(run.step, axis=0) <= 1e-12).all(), "steps may grow"), (True, "without parentheses"),
])
def test_a_property_that_does_not_separate_is_told_which_record_it_gets_wrong(holds, said):
    wrong("property", holds, said)


def test_every_record_is_finite_and_every_impostor_has_two_weights():
    honest, impostors = lesson04._records()
    for *_, run in honest + impostors:
        assert np.isfinite(run.w).all() and np.isfinite(run.rate).all()
    assert all(run.w.shape[1] == 2 for *_, run in impostors)


def test_each_impostor_can_slip_through_alone():
    honest, impostors = lesson04._records()
    for name in lesson04.IMPOSTORS:
        taken = [run.G for n, _, run in impostors if n == name] + [run.G for *_, run in honest]
        said = wrong("property", lambda run: any(np.array_equal(run.G, G) for G in taken), "slipped through").reason
        assert name in said


def test_a_reader_who_spoils_the_record_spoils_only_their_own():
    def spoils(run):
        verdict = np.allclose(np.diff(run.G, axis=0), run.g**2)
        run.G[:] = 0
        run.g = None
        return verdict

    right("property", spoils)
    right("property", PROPERTIES["exactly"])


# the suspects


@pytest.mark.parametrize("answers", [
    {"A": "one shared G", "B": "no square", "C": "no root"}, {"a": "shared", "b": "No Square", "c": "NO ROOT"}, {"A": "One G for all weights", "B": "|g|", "C": "no sqrt"},
    {"A": " one  shared  g. ", "B": "no_square", "C": "no-root"}, {"A": "shared G", "B": "square missing", "C": "root missing"},
    {"suspect_a": "one shared G", "suspect_b": "no square", "suspect_c": "no root"}, ("one shared G", "no square", "no root"), ["shared", "no square", "no root"],
    {"A": "one sharedG", "B": "no squares", "C": "no roots"}, {"A": "common G", "B": "without square", "C": "no square root"},
])
def test_the_suspects_are_named_in_many_words(answers):
    right("suspects", answers)


def test_the_suspects_may_be_named_as_arguments():
    assert exercises.check("suspects", A="one shared G", B="no square", C="no root")
    assert not exercises.check("suspects", A="no square", B="one shared G", C="no root")


@pytest.mark.parametrize("answers, said", [
    ({"A": "no square", "B": "no square", "C": "no root"}, "B and C are right, A not yet. No two suspects"), ({"A": "forgets", "B": "no square", "C": "wrong sign"}, "B is right, A and C not yet. If A forgot"),
    ({"A": "no root", "B": "one shared G", "C": "no square"}, "None of the three is right yet. If A had no root"), ({"A": "one shared G", "B": "not kept", "C": "no root"}, "If B did not keep its G"),
    ({"A": "one shared G", "B": "no square", "C": "one shared G"}, "If C shared one G"), ({"A": "one shared G", "B": "no square", "C": "sign"}, "wrong sign, the loss"),
    ({"A": "too slow", "B": "no square", "C": "no root"}, "'too slow' is not on the list"), ({"D": "no root"}, "no suspect D"), (5, "Name a bug for each"), ("no root", "Name a bug for each"),
])
def test_wrong_names_for_the_suspects_get_an_experiment(answers, said):
    wrong("suspects", answers, said)


def test_naming_some_suspects_only_is_not_a_try():
    verdict = exercises.check("suspects", A="no root", B=..., C=...)
    assert verdict.state == "open" and "B and C" in verdict.reason


def test_the_three_suspects_differ_from_adagrad_and_from_one_another_and_do_what_is_said_of_them():
    records = {letter: descend(rule, ravine, steps=30, eta=0.4) for letter, rule in exercises.suspects.items()}
    records["Adagrad"] = descend(adagrad, ravine, steps=30, eta=0.4)
    names = list(records)
    for i, one in enumerate(names):
        for other in names[:i]:
            assert not np.allclose(records[one].w, records[other].w)
    assert np.array_equal(records["A"].G[:, 0], records["A"].G[:, 1])
    assert np.allclose(np.diff(records["B"].G, axis=0), np.abs(records["B"].g))
    assert np.allclose(records["C"].rate, 0.4 / records["C"].G[1:])
    grid = descend(exercises.suspects["A"], ravine, steps=10, eta=np.array([0.1, 0.4]))
    assert grid.how == "side by side" and np.allclose(grid.w[:, 1], records["A"].w[:11])


def test_a_suspect_does_not_tell_its_bug_by_its_looks():
    for letter, rule in exercises.suspects.items():
        assert rule.__doc__ == "Adagrad with one bug." and rule.__name__ == f"suspect_{letter.lower()}"
        assert not any(bug in repr(rule) for bug in exercises.bugs)
    assert set(lesson04.TRUTH.values()) < set(exercises.bugs) and set(lesson04.SAID) == set(lesson04.IF_SO) == set(exercises.bugs)


# β for fifty steps


@pytest.mark.parametrize("answer", [0.98, "0.98", "0,98", 1 - 1 / 50, np.float32(0.98), [0.98], np.array(0.98), Fraction(49, 50), "49/50", Decimal("0.98"), 0.9799, 0.98 + 0j])
def test_the_share_is_accepted_however_it_is_written(answer):
    right("beta_50", answer)


@pytest.mark.parametrize("answer, said", [
    (0.02, "share of the new"), (1 / 50, "share of the new"), (50, "number of steps"), (98, "percentage"), (0.9, "about 10 steps"), (0.99, "about 100"), (0.9608, "convention"), (0.961, "convention"), (0.9604, "about 25.3 steps"), (1 - 2 / 51, "convention"),
    (0.5 ** (1 / 50), "half-life"), (1.5, "up to but not including"), (-0.98, "up to but not including"), (1, "ever enters"), (0, "nothing is kept"), ("fifty", "is not one"), (0.95, "about 20 steps"),
    (50 / 51, "51 steps"), (np.exp(-1 / 50), "1/e"), (None, None),
])
def test_a_wrong_share_is_told_what_it_is(answer, said):
    if answer is None:
        assert exercises.check("beta_50", answer).state == "open"
    else:
        wrong("beta_50", answer, said)


# rates that rise


def looped(run):
    many = 0
    for i in range(run.rate.shape[1]):
        for t in range(1, len(run.rate)):
            if run.rate[t][i] > run.rate[t - 1][i]:
                many = many + 1
    return many


COUNTS = {
    "sum": lambda run: (run.rate[1:] > run.rate[:-1]).sum(),
    "differences": lambda run: np.count_nonzero(np.diff(run.rate, axis=0) > 0),
    "a loop": looped,
    "an int": lambda run: int(np.sum(np.diff(run.rate, axis=0) > 0)),
    "a float": lambda run: float(np.sum(np.diff(run.rate, axis=0) > 0)),
    "where": lambda run: len(np.where(np.diff(run.rate, axis=0) > 0)[0]),
    "falls of G": lambda run: (np.diff(run.G[1:], axis=0) < 0).sum(),
    "signs": lambda run: (np.sign(np.diff(run.rate, axis=0)) == 1).sum(),
    "the rate by hand": lambda run: (np.diff(1 / np.sqrt(run.G[1:] + 1e-300), axis=0) > 0).sum(),
    "Python's sum": lambda run: sum(b > a for column in run.rate.T.tolist() for a, b in zip(column, column[1:])),
    "zero-dimensional": lambda run: np.array((np.diff(run.rate, axis=0) > 0).sum()),
    "an array of one": lambda run: np.array([(np.diff(run.rate, axis=0) > 0).sum()]),
}


@pytest.mark.parametrize("name", COUNTS)
def test_rises_may_be_counted_in_any_way(name):
    right("rises", COUNTS[name])


@pytest.mark.parametrize("count, said", [
    (lambda run: (np.diff(run.rate, axis=0) < 0).sum(), "rate falls"), (lambda run: (np.diff(run.rate, axis=0) >= 0).sum(), "stays as it is"),
    (lambda run: (np.diff(run.rate[:, 0]) > 0).sum(), "first weight"), (lambda run: (np.diff(run.rate[:, -1]) > 0).sum(), "last weight"),
    (lambda run: (np.diff(run.rate, axis=0) > 0).any(axis=1).sum(), "same step are two"), (lambda run: (np.diff(run.rate, axis=0) > 0).all(axis=1).sum(), "all rates rise"),
    (lambda run: (np.diff(run.step, axis=0) > 0).sum(), "step, which is rate × gradient"), (lambda run: (np.diff(run.G, axis=0) < 0).sum(), "before the first step"),
    (lambda run: (np.diff(run.G, axis=0) > 0).sum(), "where G rises"), (lambda run: (np.diff(run.rate) > 0).sum(), "with each other"), (lambda run: np.diff(run.rate, axis=0).size, "every comparison"),
    (lambda run: (np.diff(run.rate, axis=0) > 0).any(), "truth value"), (lambda run: looped(run) + 1, "one too many"), (lambda run: looped(run) - 1, "one too few"), (lambda run: run, "the record itself"),
    (lambda run: max(looped(run) - 1, 0), "one too few"),
    (lambda run: run.rate, "numbers: one is asked"), (lambda run: np.diff(run.rate, axis=0) > 0, "add up the True"), (lambda run: 0, "to every record"), (lambda run: looped(run) // 2, "the rates rise 62 times"),
    (lambda run: (np.diff(run.rate, axis=0) > 0).mean(), "share of all"), (lambda run: run.nothing, "AttributeError"), (7, "without parentheses"),
])
def test_a_wrong_count_of_rises_is_told_what_was_counted(count, said):
    wrong("rises", count, said)


def test_on_the_records_a_rate_rises_exactly_where_g_falls():
    """So that a reader may count either; and every planted count differs from the right one on one of them."""
    records = lesson06._records()
    told = [(np.diff(run.rate, axis=0) > 0).sum() for _, run in records]
    assert told == [(np.diff(run.G[1:], axis=0) < 0).sum() for _, run in records]
    assert [n for n, (name, _) in zip(told, records) if name.startswith("Adagrad")] == [0, 0] and min(told[1:4]) > 0
    for reason, count in lesson06.WRONG_COUNTS:
        assert not np.array_equal(told, [count(run) for _, run in records]), reason


# the final cycle


def measured(eta):
    return np.abs(descend(rmsprop, bowl, steps=600, eta=eta).w[-1, 0])


def measured_by_hand(eta, beta=0.9):
    w, G = -4.0, 0.0
    for _ in range(1500):
        G = beta * G + (1 - beta) * w**2
        w -= eta * w / (G**0.5 + 1e-12)
    return abs(w)


CYCLES = {
    "half": lambda eta: eta / 2, "times": lambda eta: 0.5 * eta, "measured": measured, "by hand": measured_by_hand,
    "half of the swing": lambda eta: np.ptp(descend(rmsprop, ravine, steps=600, eta=eta).w[-2:, 1]) / 2, "an array": lambda eta: np.array([eta / 2]), "a list": lambda eta: [eta / 2],
    "a fraction": lambda eta: Fraction(eta) / 2, "float32": lambda eta: np.float32(eta) / 2, "half of a step": lambda eta: descend(rmsprop, bowl, steps=600, eta=eta).step[-1] / 2,
    "another option": lambda eta, h=1.0: eta / 2, "both weights": lambda eta: np.abs(descend(rmsprop, ravine, steps=1000, eta=eta).w[-1]),
    "the last rows": lambda eta: np.abs(descend(rmsprop, bowl, steps=1000, eta=eta).w[-4:]),
}


@pytest.mark.parametrize("name", CYCLES)
def test_the_amplitude_may_be_known_or_measured(name):
    right("cycle", CYCLES[name])


@pytest.mark.parametrize("answer, said", [
    (lambda eta: eta, "full swing"), (lambda eta: eta / 4, "half of the distance"), (lambda eta: 2 * eta, "too long"), (lambda eta: np.linalg.norm(descend(rmsprop, ravine, steps=1000, eta=eta).w[-1]), "both weights together"), (lambda eta: eta / np.sqrt(1 - 0.9), "first step"), (lambda eta: 0.05, "for every η"),
    (lambda eta: 0.0, "does not come to rest"), (lambda eta: eta**2 / 8, "loss in the cycle"), (lambda eta: eta * 4, "curvature"), (lambda eta: 0.9 * eta, "share β"), (lambda eta: eta * (1 - 0.9), "share 1 − β"), (lambda eta: 1e-8, "for every η"),
    (lambda eta: None if eta else 0, "returned None"), (lambda eta: 0.3 * eta, "smaller than what a run shows"), (lambda eta: np.array([eta, -3 * eta]), "holds 2"), (lambda eta: np.array([eta, -eta]), "full swing"), (lambda eta: np.nan, "nan"), (0.2, "without parentheses"),
])
def test_a_wrong_amplitude_is_told_what_it_is(answer, said):
    wrong("cycle", answer, said)


def test_no_reply_to_a_wrong_amplitude_gives_the_right_one_away():
    assert not any("half of it" in reason or "η/2" in reason for reason, _ in lesson06.WRONG_CYCLES)


def test_the_cycle_is_half_of_eta_for_every_eta_asked():
    for eta in lesson06.ETAS:
        assert np.isclose(measured(eta), eta / 2, rtol=1e-3)
    assert np.isclose(np.abs(descend(rmsprop, given([1.0]), steps=5, eta=0.1).dw[0, 0]), 0.1 / np.sqrt(0.1)), "the first step is longer"


@pytest.mark.parametrize("answer", [
    lambda run: (np.diff(run.rate, axis=0) > 0).sum(axis=0),
    lambda run: (np.diff(run.rate, axis=0) > 0).sum(axis=0).tolist(),
])
def test_one_count_a_weight_is_not_one_count(answer):
    wrong("rises", answer, "one count for each of 2 weights")


@pytest.mark.parametrize("answer", [
    lambda eta: -eta / 2, lambda eta: -abs(measured(eta)),
    lambda eta: descend(rmsprop, ravine, steps=1000, eta=eta).w[-1],
    lambda eta: np.array([-eta / 2, -eta / 2]),
])
def test_a_distance_has_no_sign(answer):
    wrong("cycle", answer, "a distance is never below 0")


@pytest.mark.parametrize("beta, steps", [(1 - 1 / 49, 49), (1 - 1 / 51, 51), (0.97959, 49), (0.9804, 51)])
def test_a_share_that_is_off_by_one_step_is_so_on_either_side(beta, steps):
    wrong("beta_50", beta, f"averages over {steps} steps")


@pytest.mark.parametrize("eta", [0.0003, 1e-4, 1e-6, 1e-9, 1e-300, 0.0004, 0.05])
def test_a_small_eta_is_too_small_however_small(eta):
    wrong("eta_in_100", eta, "is too small: after 100 steps the gentle weight")


@pytest.mark.parametrize("answer", ["1 / 11", "1/(2 + 9)", "0.09 ", "9e-2", "2 / 21"])
def test_plain_arithmetic_in_a_text_is_a_number(answer):
    right("eta_in_100", answer)


@pytest.mark.parametrize("count, said", [
    (10**9, "far fewer than 1e9"), (1e300, "far fewer than 1e300"), (10**400, "whole number"),
    (5001, "far fewer"),
])
def test_a_wild_count_gets_a_short_answer(count, said):
    assert len(wrong("steps_at_04", count, said).reason) < 150


@pytest.mark.parametrize("parts", [
    {"A": "one shared G", "nope": "no square", "C": "no root"},
    {"A": "no root", "B": "no root", "": "forgets"}, {"A": "no root", "AB": "no root", "C": "forgets"},
])
def test_a_suspect_of_another_name_is_none(parts):
    wrong("suspects", parts, "There is no suspect")


def test_suspects_may_be_called_by_their_functions():
    right("suspects", {"suspect_a": "one shared G", "Suspect B": "no square", "c": "no root"})


@pytest.mark.parametrize("name, said", [("beta_50", "98 %"), ("beta_50", "98%"), ("halving", "98.62 %"), ("halving", " 98,62% ")])
def test_a_share_may_be_said_in_percent(new_reader, name, said):
    assert exercises.check(name, said)


@pytest.mark.parametrize("name, said", [("beta_50", "97 %"), ("beta_50", "0.98 %"), ("beta_50", "%"), ("halving", "98 % %"), ("halving", "%50")])
def test_a_wrong_share_in_percent_is_wrong(new_reader, name, said):
    assert exercises.check(name, said).state == "wrong"
