"""Predict, do, be corrected: cards that ask before they show, targets on the sliders, checks that answer with reasons."""

from helpers.exercises.cards import predict
from helpers.exercises.predictions import Prediction
from helpers.exercises.progress import progress
from helpers.exercises.targets import target

__all__ = ["Prediction", "predict", "progress", "target"]
