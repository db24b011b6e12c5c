"""The live picture: `explore(adagrad, on=ravine)`."""

from helpers.explorer.figure import Explorer, explore

__all__ = ["Explorer", "explore"]
