"""All cards and all targets of the series, by name."""

from helpers.exercises import core_walk, network_walk, walk00

CARDS = [*walk00.CARDS, *core_walk.CARDS, *network_walk.CARDS]
PREDICTIONS = {card.name: card for card in CARDS}
TARGETS = walk00.TARGETS | core_walk.TARGETS | network_walk.TARGETS
