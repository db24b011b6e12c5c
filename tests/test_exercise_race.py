"""The exercises of notebook 08: every right answer is taken, and a wrong one is told which mistake it is."""

import time

import numpy as np
import pytest
from judged import right, waits, wrong
from solutions_race import SENTENCES, SURFACES, TUNERS, plain
from thorough import THOROUGH

from helpers import exercises
from helpers.descent import descend
from helpers.exercises.keeper import keeper
from helpers.race import race_on
from helpers.surfaces import bowl, ravine, rosenbrock, turned_ravine

pytestmark = pytest.mark.usefixtures("new_reader")


def tuner(etas=None, steps_for=lambda steps: steps, look=lambda loss: loss[-1], pick=np.nanargmin, on=None, back=lambda eta, loss: (eta, loss)):
    """A protocol with a part of it exchanged."""
    etas = np.geomspace(1e-4, 100, 121) if etas is None else etas

    def tune(rule, surface, steps):
        seen = look(descend(rule, on or surface, steps_for(steps), eta=etas, keep="loss").loss)
        best = pick(seen)
        return back(etas[best], seen[best])

    return tune


# a fair protocol


@pytest.mark.parametrize("answer", TUNERS.values(), ids=TUNERS.keys())
def test_any_fair_protocol_is_taken(answer):
    right("protocol", answer)


@pytest.mark.parametrize("many", [37, 49, 50, 55, 58, 61, 81, 101, 201, 401])
def test_the_grid_may_be_any_that_is_fine_enough(many):
    right("protocol", tuner(np.geomspace(1e-4, 100, many)))


def nan_wins(seen):
    return int(np.argmin(seen))


def last_that_lives(seen):
    return int(np.flatnonzero(np.isfinite(seen)).max())


@pytest.mark.parametrize("answer, said", [
    (tuner(np.array([0.01, 0.01])), "one η for all"),
    (lambda rule, surface, steps: (0.1, descend(rule, surface, steps, eta=0.1).loss[-1]), "one η for all"),
    (tuner(steps_for=lambda steps: 5), "the loss after 5 steps"),
    (tuner(pick=nan_wins), "mind what argmin does with nan"),
    (tuner(steps_for=lambda steps: 150), "the loss after 150 steps"),
    (tuner(look=lambda loss: loss.min(axis=0)), "the lowest loss on the way"),
    (tuner(look=lambda loss: loss.mean(axis=0)), "the mean loss on the way"),
    (tuner(look=lambda loss: loss[0]), "before the first step"),
    (tuner(pick=np.nanargmax), "worst η"),
    (tuner(np.geomspace(1e-3, 0.3, 80)), "range that you seem to try"),
    (tuner(np.geomspace(1e-4, 100, 13)), "Try more values"),
    (tuner(np.linspace(0.01, 100, 60)), "evenly spaced on a logarithmic scale"),
    (tuner(back=lambda eta, loss: (loss, eta)), "exchanged"),
    (tuner(back=lambda eta, loss: eta), "two numbers"),
    (tuner(back=lambda eta, loss: None), "returned None"),
    (tuner(back=lambda eta, loss: (eta, 2 * loss)), "of the horizon that is asked for"),
    (tuner(back=lambda eta, loss: (-eta, loss)), "above 0"),
    (tuner(on=ravine), "of the horizon that is asked for"),
    (lambda rule, surface, steps: (plain(rule, ravine, steps)[0],) * 2, "of the horizon that is asked for"),
    (0.4, "needs the function itself"),
    (lambda rule: (0.4, 1.0), "TypeError"),
])
def test_other_protocols_are_told_what_is_unfair(answer, said):
    wrong("protocol", said, answer)


def test_the_place_of_eta_is_no_eta():
    def tune(rule, surface, steps):
        loss = descend(rule, surface, steps, eta=np.geomspace(1e-4, 100, 121)).loss[-1]
        return np.nanargmin(loss), np.nanmin(loss)

    assert "as in etas[best]" in wrong("protocol", "looks like the place of η in your list", tune).reason
    wrong("protocol", "0, which looks like the place", lambda *question: (0, 0.0) if question[2] == 50 else [120 - part for part in tune(*question)][:1] + [0.0])


@THOROUGH
def test_a_loop_of_many_descends_is_slow_and_not_endless(monkeypatch):
    def one_by_one(rule, surface, steps):
        etas = np.geomspace(1e-4, 100, 200)
        losses = [descend(rule, surface, steps, eta=float(eta)).loss[-1] for eta in etas]
        best = int(np.nanargmin(losses))
        return etas[best], losses[best]

    assert exercises.check("protocol", one_by_one)

    def slow(rule, surface, steps):
        time.sleep(0.5)
        return plain(rule, surface, steps)

    monkeypatch.setattr("helpers.exercises.calling.LIMIT", 0.2)
    assert exercises.check("protocol", slow)
    monkeypatch.setattr("helpers.exercises.lesson08.PATIENCE", 0.3)
    assert "eta=etas" in wrong("protocol", "it is too slow, not wrong", slow).reason


def test_an_eta_from_another_surface_is_told_where_it_belongs():
    def tune(rule, surface, steps):
        eta = plain(rule, ravine, steps)[0]
        return eta, descend(rule, surface, steps, eta=eta).loss[-1]

    wrong("protocol", "a surface and a horizon", tune)


def test_an_eta_from_another_horizon_is_told():
    def tune(rule, surface, steps):
        eta = plain(rule, surface, 50)[0]
        return eta, descend(rule, surface, steps, eta=eta).loss[-1]

    wrong("protocol", "a surface and a horizon", tune)


def test_a_stub_waits():
    def stub(rule, surface, steps):
        ...

    for answer in (None, ..., stub):
        waits("protocol", "Replace each ...", answer)


# won and lost


@pytest.mark.parametrize("answer", SURFACES, ids=range(len(SURFACES)))
def test_any_two_surfaces_with_clear_results_are_taken(answer):
    right("won_and_lost", answer)


@pytest.mark.parametrize("answer, said", [
    ({"wins": turned_ravine(20, 45), "loses": ravine}, "other way round"),
    ({"wins": rosenbrock, "loses": ravine}, "does not win on wins="),
    ({"wins": ravine, "loses": ravine}, "same surface twice"),
    ({"wins": ravine, "loses": rosenbrock}, "No winner at constant η: Adagrad and Adam are level: neither is lower than the other from all 5 starts"),
    ({"wins": turned_ravine(20), "loses": rosenbrock}, "No winner at constant η: Adagrad and RMSprop are level"),
    ({"wins": ravine, "loses": turned_ravine(20)}, "does not lose on loses="),
    ({"wins": rosenbrock, "loses": turned_ravine(20, 45)}, "does not win on wins="),
    ({"wins": bowl, "loses": rosenbrock}, "does not win on wins="),
    ({"wins": "ravine", "loses": rosenbrock}, "wins= is not a surface"),
    ({"wins": ravine, "loses": 3}, "loses= is not a surface"),
    (ravine, "two surfaces by name"),
    (0.5, "two surfaces by name"),
])
def test_other_surfaces_are_told_the_numbers_or_what_is_missing(answer, said):
    wrong("won_and_lost", said, answer)


def test_surfaces_by_name_and_one_that_is_missing_waits():
    for answer in ({"wins": ravine, "loses": ...}, {"wins": ...}, ..., None):
        waits("won_and_lost", "Give two surfaces", answer)
    assert exercises.check("won_and_lost", wins=ravine, loses=turned_ravine(20, 45))


@pytest.mark.parametrize("answer", SURFACES, ids=range(len(SURFACES)))
def test_what_is_said_of_two_surfaces_is_what_the_figures_say(answer):
    wins, loses = answer.values() if isinstance(answer, dict) else answer
    races = {name: race_on(surface, (100,)) for name, surface in (("wins", wins), ("loses", loses))}
    assert races["wins"].verdict(100).startswith("Adagrad wins") and " wins at constant η: lower" in races["loses"].verdict(100)
    assert all(race.told("adagrad", 100) in exercises.check("won_and_lost", answer).reason for race in races.values())


# the honest sentence


@pytest.mark.parametrize("answer", SENTENCES, ids=range(len(SENTENCES)))
def test_any_sentence_that_is_measured_is_taken(answer):
    right("sentence", answer)


FIRST = SENTENCES[0]


@pytest.mark.parametrize("changed, said", [
    ({"winner": "RMSprop", "loser": "Adagrad"}, "says the opposite"),
    ({"eta": 0.4}, "says the opposite"),
    ({"eta": "0.4"}, "says the opposite"),
    ({"eta": "4 %"}, 'eta= is "own"'),
    ({"loser": "Adagrad"}, "same rule"),
    ({"loser": "all others"}, "more than one rule"),
    ({"winner": "Nadam"}, "names no rule"),
    ({"surface": "any"}, "not all surfaces"),
    ({"surface": "ravine"}, "may mean"),
    ({"surface": "the moon"}, "names none"),
    ({"winner": "RMSprop", "loser": "Adagrad", "surface": "jumping ravine, a jump every 100 steps", "steps": 1000}, "a jump every 20 steps: write the name alone"),
    ({"surface": "quiet ravine, turned by 45°"}, "turned by 45"),
    ({"surface": turned_ravine(20, 45)}, "names none"),
    ({"steps": "always"}, "has a horizon"),
    ({"steps": 30}, "has to be one of these"),
    ({"steps": None}, "Without steps"),
    ({"eta": "any"}, "at every η"),
    ({"eta": 0.5}, "nothing was raced"),
    ({"eta": "good"}, 'eta= is "own"'),
    ({"eta": -1}, "nothing was raced"),
    ({"surface": "curved valley"}, "is not carried"),
    ({"loser": "gradient descent", "steps": 500}, "is not carried"),
])
def test_other_sentences_are_told_what_they_claim_too_much(changed, said):
    wrong("sentence", said, {**FIRST, **changed})


def test_a_sentence_with_open_slots_waits_and_one_without_slots_is_told_them():
    for answer in ({**FIRST, "steps": ...}, dict.fromkeys(FIRST, ...), None, ...):
        waits("sentence", "Fill the five slots", answer)
    wrong("sentence", "five slots", "Adagrad is best")


def test_no_hint_says_the_answer_and_the_hints_grow():
    for name, answer in (("protocol", 0.4), ("won_and_lost", 0.4), ("sentence", 0.4)):
        said = [exercises.check(name, answer).hint for _ in range(4)]
        assert len(set(said[:3])) == 3 and said[3] == said[2]
        keeper.forget()
