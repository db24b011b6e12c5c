"""Every weight of a network and the account it keeps: `atlas(descend(adagrad, digits, 300))`."""

from helpers.atlas.figure import Atlas, atlas

__all__ = ["Atlas", "atlas"]
