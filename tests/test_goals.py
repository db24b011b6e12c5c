"""Targets on the sliders: judged for every position in advance, from the same runs as the read-out."""

import numpy as np
import pytest

from helpers.descent import descend
from helpers.exercises.keeper import keeper
from helpers.exercises.series import TARGETS
from helpers.exercises.targets import target
from helpers.explorer import explore
from helpers.explorer.goals import Goal, reach, stay
from helpers.surfaces import moving, ravine
from helpers.update_rules import adagrad, gradient_descent, rmsprop

EPS = [1e-8, 0.01, 0.1, 0.2, 0.25, 0.3, 0.5]


def test_reaching_is_the_first_step_below_and_not_later_than_asked():
    run = descend(gradient_descent, ravine, 100, eta=np.array([0.1, 0.4, 0.45, 3.0]))
    met, missed = reach(1e-6, within=80).ints(run, 4)
    for i in range(4):
        first = next((t for t in range(81) if run.loss[t, i] < 1e-6), -1)
        assert met[i] == first and missed[i] == 80
    assert (met >= 0).tolist() == [False, False, True, False]


def test_staying_names_the_last_step_that_is_not_below():
    run = descend(rmsprop, ravine, 400, eta=0.1, eps=np.array(EPS))
    met, missed = stay(1e-6, since=200, until=400).ints(run, len(EPS))
    for i in range(len(EPS)):
        over = [t for t in range(200, 401) if not run.loss[t, i] < 1e-6]
        assert (met[i], missed[i]) == ((-1, over[-1]) if over else (200, -1))
    assert (met >= 0).tolist() == [False, False, False, True, True, True, False]


def test_a_run_that_is_not_a_number_has_reached_nothing():
    run = descend(adagrad, ravine, 20, start=(-5, 0), eps=np.array([0.0, 0.0]))
    assert (stay(1e9, 5, 20).ints(run, 2)[0] == -1).all()


@pytest.mark.parametrize("wrong", [lambda: reach(0, 10), lambda: reach(-1, 10), lambda: reach(1e-6, 0), lambda: reach(1e-6, 2.5), lambda: reach("small", 5),
                                   lambda: stay(1e-6, 20, 10), lambda: stay(1e-6, 0, 10), lambda: stay(np.inf, 1, 2), lambda: reach(1e-6, True)])
def test_a_goal_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValueError, match="a goal needs a loss above 0|a goal counts whole steps|from an earlier step to a later"):
        wrong()


def test_an_explorer_refuses_what_is_no_goal_and_too_few_steps():
    with pytest.raises(TypeError, match="goal is what reach"):
        explore(gradient_descent, on=ravine, goal="reach it")
    with pytest.raises(ValueError, match="looks at 100 steps, and the runs have 60: write steps=100"):
        explore(gradient_descent, on=ravine, steps=60, goal=reach(1e-6, 100))


@pytest.mark.parametrize("steps", [400, 1000])  # 1000: only 256 steps are drawn, and the goal still sees every one
def test_every_position_tells_what_descend_says(steps):
    figure = explore(rmsprop, on=ravine, steps=steps, eta=0.1, beta=0.9, eps=EPS, goal=stay(1e-6, 200, 400))
    for i, eps in enumerate(EPS):
        figure.controls["eps"].index = i
        loss = descend(rmsprop, ravine, steps, eta=0.1, beta=0.9, eps=eps).loss[200:401]
        assert figure.reached == bool((loss < 1e-6).all())
        assert figure.target.startswith("Reached" if figure.reached else f"Not yet: at step {200 + np.flatnonzero(loss >= 1e-6)[-1]} ")
    figure.close_all()


def test_a_goal_is_that_of_the_first_rule():
    figure = explore(adagrad, gradient_descent, on=ravine, steps=60, own=["eta"], goal=reach(1e-6, 20))
    figure.controls["eta@gradient_descent"].index = 20
    assert not figure.reached
    figure.controls["eta@adagrad"].index = figure.controls["eta@adagrad"].nearest(3.2)
    assert figure.reached
    figure.close_all()


def test_a_start_that_was_moved_counts_for_nothing_until_it_is_put_back():
    figure = explore(gradient_descent, on=ravine, steps=100, eta=[0.1, 0.4, 0.44, 0.46], goal=reach(1e-6, 100))
    figure.controls["eta"].index = 2
    assert figure.reached
    figure.move_start((0, 0))
    assert not figure.reached and "press reset" in figure.target
    figure.reset()
    figure.controls["eta"].index = 2
    assert figure.reached
    figure.close_all()


def test_a_goal_on_a_surface_that_moves():
    figure = explore(rmsprop, on=moving(ravine, every=50, jump=(-1, 0.5)), steps=100, goal=reach(0.5, within=40))
    assert figure.reached == bool((figure.runs["RMSprop"].loss[:41] < 0.5).any())
    figure.close_all()


def test_a_rule_that_raises_reaches_nothing():
    def bold(g, *, eta=0.1):
        if np.any(np.asarray(eta) > 0.5):
            raise ValueError("too bold")
        return -eta * g

    figure = explore(bold, on=ravine, steps=100, goal=reach(1e-6, 100))
    figure.controls["eta"].index = len(figure.controls["eta"].values) - 1
    assert not figure.reached and figure.target == "Not yet."
    figure.close_all()


def test_reaching_is_told_once_with_the_setting():
    told = []
    goal = reach(1e-6, 100)
    goal.reached = told.append
    figure = explore(gradient_descent, on=ravine, steps=100, eta=[0.1, 0.4, 0.44, 0.46], goal=goal)
    assert told == []
    for i in (1, 2, 0, 3):
        figure.controls["eta"].index = i
    assert told == ["η = 0.4"] and goal.done == "η = 0.4"
    figure.close_all()


def test_the_view_reports_a_position_that_it_passed_and_python_looks_for_itself():
    told = []
    goal = reach(1e-6, 100)
    goal.reached = told.append
    figure = explore(gradient_descent, on=ravine, steps=100, eta=[0.1, 0.4, 0.44, 0.46], goal=goal)
    said = {"kind": "goal", "generation": figure.engine.generation}
    figure._hear(None, {**said, "position": 0}, [])  # not reached there
    figure._hear(None, {**said, "position": 2, "generation": figure.engine.generation - 1}, [])  # of an older sweep
    assert told == []
    figure._hear(None, {**said, "position": 2}, [])
    assert told == ["η = 0.44"]
    figure.close_all()


@pytest.mark.parametrize("name", TARGETS)
def test_every_target_has_a_sentence_for_each_case_and_is_remembered(name):
    keeper.forget(name)
    goal = target(name)
    assert isinstance(goal, Goal) and goal.done == "" and goal.words.endswith(".") and goal.words not in ("", goal.sentence(-1, 5))
    goal.reached("η = 1")
    assert target(name).done == "η = 1"
    keeper.forget(name)


def test_an_unknown_target_is_refused_with_the_nearest():
    with pytest.raises(ValueError, match="valley"):
        target("vally")
