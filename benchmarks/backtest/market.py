"""One chain with its books, and what each of them loses until a later chain."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from benchmarks.backtest.black import call_delta, value
from benchmarks.backtest.books import NOTIONAL_USD, Leg, Recipe
from benchmarks.backtest.chains import Chain
from benchmarks.peers.interface import Books, Floats, Integers, Kind, Scene

SHORTEST = 2 / 24
"""Days an expiry must still have to be traded."""


@dataclass(frozen=True)
class Market:
    """A scene and its books; per book the number of its recipe, per instrument its expiry."""

    at: datetime
    recipes: Integers
    scene: Scene
    books: Books
    expiries: tuple[datetime | None, ...]

    @property
    def notional(self) -> Floats:
        """Of each book: sizes without sign times index."""
        return np.abs(self.books.quantities).sum(axis=1) * self.scene.index_price

    def losses(self, later: Chain) -> Floats:
        """Of each book, as a part of its notional; a gain is negative.

        Each option is valued at the later chain: with the volatility of its strike where that is
        still quoted, else between its neighbours. What expired on the way pays its intrinsic value
        at the later index, so that an option and its hedge see one price.
        """
        gain = later_values(self, later) - self.scene.marks
        return np.asarray(-(self.books.quantities @ gain) / self.notional)


def later_values(market: Market, later: Chain) -> Floats:
    """Per instrument, its mark on a later chain."""
    scene = market.scene
    found = np.full(scene.kinds.size, later.index_price)
    for expiry in {e for e in market.expiries if e is not None}:
        mine = np.array([e == expiry for e in market.expiries])
        strikes, is_call = scene.strikes[mine], scene.kinds[mine] == Kind.CALL
        smile = later.smile(expiry)
        if smile is None:
            index = np.full(strikes.size, later.index_price)
            if expiry > later.at:
                raise ValueError(f"{expiry} is not on the chain of {later.at}")
            found[mine] = value(index, strikes, 0 * strikes, 0 * strikes, is_call)
        else:
            forward = np.full(strikes.size, smile.forward)
            tenor = np.full(strikes.size, later.tenor(smile))
            found[mine] = value(forward, strikes, smile.vol(strikes), tenor, is_call)
    return found


class _Columns:
    """Instruments as they are first needed."""

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self.days = np.array([chain.tenor(s) * 365 for s in chain.smiles])
        self.deltas = [self._deltas(i) for i in range(len(chain.smiles))]
        self.found: dict[tuple[Kind, int, float], int] = {(Kind.PERPETUAL, -1, 0.0): 0}
        self.column_of: dict[tuple[Kind, float, float], int] = {}
        for i, smile in enumerate(chain.smiles):
            for strike in _around(smile.strikes, smile.forward):
                self._add(Kind.CALL, i, strike)

    def _deltas(self, i: int) -> Floats:
        smile = self.chain.smiles[i]
        tenor = np.full(smile.strikes.size, self.chain.tenor(smile))
        return call_delta(np.full(smile.strikes.size, smile.forward), smile.strikes, smile.vols, tenor)

    def _add(self, kind: Kind, i: int, strike: float) -> int:
        return self.found.setdefault((kind, i, float(strike)), len(self.found))

    def of(self, leg: Leg) -> int:
        """The listed instrument nearest to a leg: first in tenor, then in delta."""
        if leg.kind == Kind.PERPETUAL:
            return 0
        key = (leg.kind, leg.days, leg.delta)
        if key not in self.column_of:
            far = np.abs(np.log(np.maximum(self.days, 1e-6) / leg.days))
            i = int(np.argmin(np.where(self.days >= SHORTEST, far, np.inf)))
            wanted = leg.delta if leg.kind == Kind.CALL else 1 - leg.delta
            at = int(np.argmin(np.abs(self.deltas[i] - wanted)))
            self.column_of[key] = self._add(leg.kind, i, self.chain.smiles[i].strikes[at])
        return self.column_of[key]


def _around(strikes: Floats, forward: float) -> list[float]:
    """The strikes on both sides of the forward: every model may read the volatility there."""
    at = int(np.clip(np.searchsorted(strikes, forward), 1, strikes.size - 1))
    return [float(strikes[at - 1]), float(strikes[at])]


def market(chain: Chain, recipes: list[Recipe]) -> Market:
    """The books of a chain, each of the same gross notional.

    A book whose legs meet at one strike is nothing, and left out.
    """
    columns = _Columns(chain)
    legs = [[(columns.of(leg), leg.size) for leg in recipe.legs] for recipe in recipes]
    quantities = np.zeros((len(recipes), len(columns.found)))
    for row, book in enumerate(legs):
        for column, size in book:
            quantities[row, column] += size
    scene = _scene(chain, columns)
    hedged = np.array([recipe.hedged for recipe in recipes])
    quantities[hedged, 0] -= quantities[hedged] @ _deltas(scene)
    gross = np.abs(quantities).sum(axis=1, keepdims=True) * chain.index_price
    some = np.flatnonzero(gross[:, 0] > 0)
    books = Books.of(quantities[some] * (NOTIONAL_USD / gross[some]))
    expiries = [None if i < 0 else chain.smiles[i].expiry for _, i, _ in columns.found]
    return Market(chain.at, some, scene, books, tuple(expiries))


def _scene(chain: Chain, columns: _Columns) -> Scene:
    kinds, expiries, strikes = (np.array(x) for x in zip(*columns.found, strict=True))
    forwards = np.array([s.forward for s in chain.smiles])
    tenors = np.array([chain.tenor(s) for s in chain.smiles])
    vols, marks = np.zeros(kinds.size), np.full(kinds.size, chain.index_price)
    for i, smile in enumerate(chain.smiles):
        mine = expiries == i
        vols[mine] = smile.vol(strikes[mine])
        shape = np.ones(int(mine.sum()))
        marks[mine] = value(
            shape * forwards[i], strikes[mine], vols[mine], shape * tenors[i], kinds[mine] == Kind.CALL
        )
    return Scene(
        chain.underlying, chain.index_price, forwards, tenors, kinds, expiries, strikes, vols, marks
    )


def _deltas(scene: Scene) -> Floats:
    """Of one unit of each instrument."""
    found = np.ones(scene.kinds.size)
    o = scene.is_option
    e = scene.expiries[o]
    call = call_delta(scene.forwards[e], scene.strikes[o], scene.vols[o], scene.tenors[e])
    found[o] = np.where(scene.kinds[o] == Kind.CALL, call, call - 1)
    return found
