"""What a trader may take on a chain: every listed option near enough to the money, the perpetual.

A market of the 87 books lists what those books need; here all is listed that is traded.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.backtest.books import NOTIONAL_USD
from benchmarks.backtest.chains import Chain
from benchmarks.backtest.market import (
    LEAST_DAYS,
    LOTS_A_COIN,
    Listed,
    Market,
    deltas_of,
    later_values,
    scene_of,
)
from benchmarks.peers import Books, Kind
from benchmarks.peers.interface import Floats

LEAST_DELTA = 0.02
"""Options beyond, on either side, cost next to nothing and are marked by nobody."""


@dataclass(frozen=True)
class Offer:
    """A market without books, and which of its instruments a book may hold."""

    market: Market
    is_tradable: NDArray[np.bool_]

    @classmethod
    def of(cls, chain: Chain) -> "Offer":
        """All of a chain whose delta is at least `LEAST_DELTA` from zero and from one."""
        listed = Listed(chain)
        tradable = {0}
        for i, (smile, deltas) in enumerate(zip(chain.smiles, listed.deltas, strict=True)):
            near = (deltas >= LEAST_DELTA) & (deltas <= 1 - LEAST_DELTA)
            if listed.days[i] >= LEAST_DAYS:
                for strike in smile.strikes[near]:
                    tradable |= {listed.add(kind, i, strike) for kind in (Kind.CALL, Kind.PUT)}
        scene = scene_of(chain, listed)
        none = Books.of(np.zeros((0, scene.kinds.size)))
        market = Market(chain, np.arange(0), scene, none, listed.expiries)
        return cls(market, np.isin(np.arange(scene.kinds.size), list(tradable)))

    @property
    def days(self) -> Floats:
        """To expiry, of each instrument; 0 of the perpetual."""
        scene = self.market.scene
        return scene.by_instrument(scene.tenors * 365)

    @property
    def deltas(self) -> Floats:
        """Of one coin of each instrument."""
        return deltas_of(self.market.scene)

    def gains(self, later: Chain) -> Floats:
        """What a coin of each instrument gains until a later chain."""
        return later_values(self.market, later) - self.market.scene.marks

    def in_words(self, book: Floats) -> str:
        """When a book was held, and its legs in coins, the largest first."""
        legs = sorted(np.flatnonzero(book), key=lambda i: -abs(book[i]))
        named = (f"{book[i]:+.3f} {self._name(int(i))}" for i in legs)
        return f"{self.market.chain.at:%Y-%m-%d %H:%M}: {', '.join(named) or 'none'}"

    def _name(self, i: int) -> str:
        """An instrument as Deribit spells it."""
        scene, expiry = self.market.scene, self.market.expiries[i]
        if expiry is None:
            return f"{scene.underlying}-PERPETUAL"
        right = "C" if scene.kinds[i] == Kind.CALL else "P"
        day = f"{expiry.day}{expiry:%b%y}".upper()
        return f"{scene.underlying}-{day}-{scene.strikes[i]:g}-{right}"

    def held(self, quantities: Floats) -> Market:
        """The market with books of these sizes."""
        books = Books.of(quantities)
        return replace(self.market, recipes=np.arange(books.cash.size), books=books)


def in_lots(quantities: Floats) -> Floats:
    """Sizes in coins, each rounded to the nearest lot."""
    return np.asarray(np.round(quantities * LOTS_A_COIN) / LOTS_A_COIN)


def scaled(quantities: Floats, index_price: float) -> Floats:
    """A book with the gross notional that all books have."""
    return np.asarray(quantities * (NOTIONAL_USD / (np.abs(quantities).sum() * index_price)))
