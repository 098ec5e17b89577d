"""Books of least margin: strikes and sides by lot, sizes by a linear program.

Nobody who takes such a book knows anything; a margin that calls it harmless says how much it sees.
"""

import numpy as np

from benchmarks.backtest.adversary.offer import Offer
from benchmarks.backtest.adversary.program import Program
from benchmarks.peers.interface import Floats

PART = 0.8
"""Of the notional, at least, is in the options that were drawn."""
NEAREST_DAYS = 0.5
NEAR, FAR = 0.05, 0.5
"""Deltas: what is in the money is the same position with the other right."""
OF_ALL, OF_ONE, FEWEST = 24, 16, 6
"""Options drawn from all expiries, or from one that has at least so many."""


def sides(offer: Offer, rng: np.random.Generator, count: int) -> list[Floats]:
    """Per instrument 1 (long), -1 (short) or 0: drawn from all expiries and from one, in turns."""
    scene, reach = offer.market.scene, np.abs(offer.deltas)
    is_near = (reach >= NEAR) & (reach <= FAR) & (offer.days > NEAREST_DAYS)
    able = np.flatnonzero(scene.is_option & offer.is_tradable & is_near)
    expiries, strikes = np.unique(scene.expiries[able], return_counts=True)
    expiries = expiries[strikes >= FEWEST]
    drawn = []
    for turn in range(count):
        of_one = able[scene.expiries[able] == rng.choice(expiries)]
        some, most = (of_one, OF_ONE) if turn % 2 else (able, OF_ALL)
        chosen = rng.choice(some, min(most, some.size), replace=False)
        book = np.zeros(scene.kinds.size)
        book[chosen] = rng.choice((-1.0, 1.0), chosen.size)
        drawn.append(book)
    return drawn


def cheapest(program: Program, drawn: list[Floats]) -> Floats:
    """The sizes of each draw that a model asks least for, books x instruments."""
    nothing = np.zeros(program.instruments)
    return np.array([program.confined(each, PART).best(nothing) for each in drawn])
