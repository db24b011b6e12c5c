"""Predict, do, be corrected: cards that ask before they show, targets on the sliders, checks that answer with reasons."""

from helpers.exercises.blackboxes import bugs, suspects
from helpers.exercises.checks import check, exercises_of

__all__ = ["bugs", "check", "exercises_of", "suspects"]
