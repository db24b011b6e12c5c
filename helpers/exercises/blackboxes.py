"""Three suspects: each is Adagrad with one bug. Which has which is to be found out by running them, not by reading on here."""

import numpy as np

bugs = ("no square", "no root", "one shared G", "not kept", "forgets", "wrong sign")

_MARKS = {"A": (2, 2, True), "B": (1, 2, False), "C": (2, 1, False)}


def _suspect(letter):
    p, q, r = _MARKS[letter]

    def suspect(g, G=0.0, *, eta=0.4, eps=1e-8):
        """Adagrad with one bug."""
        part = np.abs(g) ** p
        G = G + (np.sum(part, axis=-1, keepdims=True) if r and np.ndim(part) else part)
        return -eta * g / (G ** (1 / q) + eps), G

    suspect.__name__ = suspect.__qualname__ = f"suspect_{letter.lower()}"
    return suspect


suspects = {letter: _suspect(letter) for letter in _MARKS}
