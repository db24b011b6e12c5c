"""All cards and all targets of the series, by name."""

from helpers.exercises import core_walk, network_walk, walk00, walk02, walk03, walk05, walk07, walk08, walk10

WALKS = (walk00, core_walk, walk02, walk03, walk05, walk07, walk08, network_walk, walk10)
CARDS = [card for walk in WALKS for card in walk.CARDS]
PREDICTIONS = {card.name: card for card in CARDS}
TARGETS = {name: target for walk in WALKS for name, target in walk.TARGETS.items()}
