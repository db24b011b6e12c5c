"""Predict, do, be corrected: cards that ask before they show, targets on the sliders, checks that answer with reasons."""
