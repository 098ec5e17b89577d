"""A linear program whose answer is a book: sizes of instruments, long and short, in coins.

A margin that is made of largest losses and charges on magnitudes is a cost in it, so that the book
which loses most beyond its margin is found and not guessed.
"""

from collections.abc import Sequence
from copy import copy

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

from benchmarks.backtest.adversary.offer import Offer
from benchmarks.backtest.books import NOTIONAL_USD
from benchmarks.peers.interface import Floats

SCALE = 1e-4
"""Of what is minimised: dollars a coin are too large for the solver's tolerances."""
DUST = 1e-9
"""Coins that the solver leaves where there are none."""
Term = tuple[int, float]
Row = tuple[Floats, Floats]


class Program:
    """Sizes of what is on offer, up to a gross notional, and whatever a margin adds to them.

    Unknowns: coins held long, coins held short, then those that were asked for.
    """

    def __init__(self, offer: Offer) -> None:
        scene = offer.market.scene
        self.instruments = scene.kinds.size
        self.index_price = scene.index_price
        most = np.where(offer.is_tradable, np.inf, 0.0)
        self._most = np.concatenate([most, most])
        self._costs: list[float] = []
        self._least: list[float] = []
        self._rows: list[Row] = []
        self._limits: list[float] = []
        # The first row is the notional.
        self.at_most(size=np.full(self.instruments, self.index_price), limit=NOTIONAL_USD)

    def unknown(self, cost: float = 0.0, *, least: float = 0.0) -> int:
        """A new unknown, from `least` up; what it costs is minimised together with the gain."""
        self._costs.append(cost)
        self._least.append(least)
        return 2 * self.instruments + len(self._costs) - 1

    def at_most(
        self,
        *,
        net: Floats | float = 0.0,
        size: Floats | float = 0.0,
        terms: Sequence[Term] = (),
        limit: float = 0.0,
    ) -> None:
        """`net` of each instrument times what is held of it, `size` times its magnitude, and terms
        of other unknowns, are together at most a limit."""
        nothing = np.zeros(self.instruments)
        row = np.concatenate([nothing + size + net, nothing + size - net])
        held = np.flatnonzero(row)
        places = np.concatenate([held, [place for place, _ in terms]])
        values = np.concatenate([row[held], [value for _, value in terms]])
        self._rows.append((places, values))
        self._limits.append(limit)

    def confined(self, sides: Floats, part: float) -> "Program":
        """The same, but what is held is on its side (1 long, -1 short, 0 not at all), and together
        at least a part of the notional; the perpetual, the first, is free and does not count."""
        other = copy(self)
        other._rows, other._limits = [*self._rows], [*self._limits]
        is_open = np.concatenate([sides > 0, sides < 0])
        is_open[[0, self.instruments]] = True
        other._most = np.where(is_open, self._most, 0.0)
        counted = np.where(np.arange(self.instruments) == 0, 0.0, sides * self.index_price)
        other.at_most(net=-counted, limit=-part * NOTIONAL_USD)
        return other

    def best(self, gains: Floats) -> Floats:
        """The book, in coins, that minimises what it gains plus what all unknowns cost; zeros where
        no book is feasible.
        """
        nothing = np.zeros(2 * self.instruments)
        found = self._solved(gains, (nothing, self._most), self._rows, self._limits)
        longs, shorts = np.split(nothing if found is None else found[: nothing.size], 2)
        return np.where(np.abs(longs - shorts) > DUST, longs - shorts, 0.0)

    def asked(self, book: Floats) -> float:
        """What all unknowns cost at least when a book is held, of any notional: its margin."""
        sizes = np.concatenate([np.maximum(book, 0.0), np.maximum(-book, 0.0)])
        nothing = np.zeros(self.instruments)
        found = self._solved(nothing, (sizes, sizes), self._rows[1:], self._limits[1:])
        assert found is not None, "a program that asks for what no book can have"
        return float(found[2 * self.instruments :] @ self._costs)

    def _solved(
        self, gains: Floats, sizes: tuple[Floats, Floats], rows: list[Row], limits: list[float]
    ) -> Floats | None:
        costs = np.concatenate([gains, -gains, self._costs])
        lowest = np.concatenate([sizes[0], self._least])
        highest = np.concatenate([sizes[1], np.full(len(self._costs), np.inf)])
        places, values = (np.concatenate(column) for column in zip(*rows, strict=True))
        ends = np.cumsum([0, *(row.size for row, _ in rows)])
        found = linprog(
            costs * SCALE,
            A_ub=csr_array((values, places, ends), shape=(len(rows), costs.size)),
            b_ub=limits,
            bounds=np.column_stack([lowest, highest]),
            method="highs-ds",
            options={"presolve": False},  # takes longer than it saves
        )
        return None if found.x is None else np.asarray(found.x)
