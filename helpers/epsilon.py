"""Adagrad with what ε can be switched to: its place, and an η that is held in proportion to it."""

import numpy as np

from helpers.labels import number


def epsilon_rule(g, G=0.0, *, eta=0.4, eps=1e-8, inside=False, hold=False):
    """(Δw, G) of Adagrad, with two switches.

    g, G    ∂L/∂w, and the account, of any shape
    inside  ε stands inside the root, √(G + ε), where it is in units of g²; else outside, √G + ε, in units of g
    hold    η/ε is held at `eta`: the η that is used is eta · ε. Then, once ε is far above √G, the rate is eta, whatever G
    """
    G = G + g**2
    divisor = np.where(inside, np.sqrt(G + eps), np.sqrt(G) + eps)
    scale = np.where(hold, np.where(inside, np.sqrt(eps), eps), 1.0)  # inside the root ε acts like √ε
    return -eta * scale / divisor * g, G


def said(eta, eps, inside, hold):
    """(a sentence, "", what the dashed line is called) of the η in use: what a live figure says and writes."""
    if not hold:
        return "", "", ""
    root = "√ε" if inside else "ε"
    return f"η is held in proportion to {root}, so η = {number(eta * (eps**0.5 if inside else eps))}. ", "", f"η/{root}, held at {eta:g}"


epsilon_rule.said = said
