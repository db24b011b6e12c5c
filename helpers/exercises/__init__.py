"""Predict, do, be corrected: cards that ask before they show, targets on the sliders, checks that answer with reasons."""

from helpers.exercises.blackboxes import bugs, suspects
from helpers.exercises.cards import predict
from helpers.exercises.checks import check, exercises_of
from helpers.exercises.fold import folded
from helpers.exercises.keeper import forget
from helpers.exercises.predictions import Prediction
from helpers.exercises.progress import progress
from helpers.exercises.targets import target

__all__ = ["Prediction", "bugs", "check", "exercises_of", "folded", "forget", "predict", "progress", "suspects", "target"]
