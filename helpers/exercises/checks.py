"""check("adagrad", my_adagrad): judge an answer, count the tries, and let the hints grow with them."""

from helpers import knobs
from helpers.exercises import lesson01, lesson02, lesson03, lesson04, lesson05, lesson06, lesson07, lesson08, lesson09, lesson10
from helpers.exercises.calling import Trial, is_readers
from helpers.exercises.findings import Untouched, Wrong
from helpers.exercises.keeper import keeper
from helpers.exercises.verdict import Verdict
from helpers.surface import short
from helpers.watchdog import NeverEnds

EXERCISES = {exercise.name: exercise for lesson in (lesson01, lesson02, lesson03, lesson04, lesson05, lesson06, lesson07, lesson08, lesson09, lesson10) for exercise in lesson.EXERCISES}
FOLD = "One way to write it is in the fold “Solution” under this exercise."


def check(name, answer=None, /, **answers):
    """Judge the answer to the exercise `name`: -> Verdict, which is true where the answer is right.

    The answer is a function, a number, a record or a few words, as the exercise says. A wrong one gets the reason and a hint that grows with
    every try; one that is not written yet does not count as a try. Raises ValueError for a name that is no exercise.
    """
    if not isinstance(name, str) or name not in EXERCISES:
        raise ValueError(f"there is no exercise {short(name)}.{knobs.suggest(name, list(EXERCISES))}")
    exercise = EXERCISES[name]
    if answers and exercise.parts:
        answer = answers if answer is None else {exercise.parts[0]: answer, **answers}
    elif answers and answer is None:
        answer = next(iter(answers.values())) if len(answers) == 1 else answers
    trial = Trial()
    try:
        with trial:
            praise = exercise.check(trial.listed(answer), trial)
    except Untouched as nothing:
        return Verdict("open", f"Nothing to check yet: {exercise.title}", str(nothing) or exercise.todo)
    except Wrong as wrong:
        return _wrong(exercise, wrong, trial)
    except NeverEnds:
        return _wrong(exercise, Wrong("Your code did not come back, so it was stopped: does a loop in it never end?"), trial)
    except (Exception, SystemExit) as error:
        if not is_readers(error):
            return Verdict("open", f"No verdict: {exercise.title}",
                           f"The check stopped with {type(error).__name__} before it could judge this "
                           f"answer. {exercise.todo} If yours is of that kind, this is a fault of the check, "
                           "not of yours; either way it does not count as a try.")
        return _wrong(exercise, Wrong(f"This answer cannot be checked: looking at it raised {type(error).__name__}. {exercise.todo}"), trial)
    before = keeper.get("exercises", name)
    keeper.put("exercises", name, solved=True, tries=before.get("tries", 0))
    return Verdict("right", f"Right: {exercise.title}", praise or "", details=_said(trial))


def exercises_of(notebook):
    """(name, title) of each exercise of a notebook, by its number as in "04", in its order."""
    return [(exercise.name, exercise.title) for exercise in EXERCISES.values() if exercise.notebook == notebook]


def _wrong(exercise, wrong, trial):
    before = keeper.get("exercises", exercise.name)
    tries, solved = before.get("tries", 0) + 1, bool(before.get("solved"))
    keeper.put("exercises", exercise.name, solved=solved, tries=tries)
    hints = exercise.hints if wrong.hint is None else (wrong.hint,) if isinstance(wrong.hint, str) else wrong.hint
    hint = hints[min(tries, len(hints)) - 1] if hints else ""
    hint = f"{hint} {FOLD}".strip() if tries >= len(exercise.hints) else hint
    headline = f"Not this time (solved before, and it stays so): {exercise.title}" if solved else f"Not yet: {exercise.title}"
    return Verdict("wrong", headline, wrong.reason, hint, [*wrong.details, *_said(trial)])


def _said(trial):
    return ["Your code printed:", *(f"  {line}" for line in trial.printed)] if trial.printed else []
