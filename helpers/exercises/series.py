"""All cards and all targets of the series, by name."""

from helpers.exercises import core_walk, network_walk, walk02

CARDS = [*core_walk.CARDS, *walk02.CARDS, *network_walk.CARDS]
PREDICTIONS = {card.name: card for card in CARDS}
TARGETS = core_walk.TARGETS | walk02.TARGETS | network_walk.TARGETS
