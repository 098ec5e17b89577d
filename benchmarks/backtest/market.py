"""One chain with its books, and what each of them loses until a later chain."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from benchmarks.backtest.books import NOTIONAL_USD, Leg, Recipe
from benchmarks.backtest.chains import Chain
from benchmarks.peers import Books, Kind, Scene, black76
from benchmarks.peers.interface import Floats, Integers

LEAST_DAYS = 2 / 24
"""An expiry nearer than this is not traded."""
LOTS_A_COIN = 1000


@dataclass(frozen=True)
class Market:
    """A scene and its books; per book the number of its recipe, per instrument its expiry."""

    chain: Chain
    recipes: Integers
    scene: Scene
    books: Books
    expiries: tuple[datetime | None, ...]

    @property
    def notional(self) -> Floats:
        """Of each book: sizes without sign times index."""
        return np.asarray(np.abs(self.books.quantities).sum(axis=1) * self.scene.index_price)

    def losses(self, later: Chain) -> Floats:
        """Of each book, as a part of its notional; a gain is negative."""
        gain = later_values(self, later) - self.scene.marks
        return np.asarray(-(self.books.quantities @ gain) / self.notional)


def later_values(market: Market, later: Chain) -> Floats:
    """What one unit of each instrument is worth on a later chain.

    An option has the volatility of its strike where that is still quoted, else one between its
    neighbours. What expired on the way pays its intrinsic value at the later index, so that an
    option and its hedge see one price.
    """
    scene = market.scene
    found = np.full(scene.kinds.size, later.index_price)
    for expiry in sorted({e for e in market.expiries if e is not None}):
        mine = np.array([e == expiry for e in market.expiries])
        strikes, is_call = scene.strikes[mine], scene.kinds[mine] == Kind.CALL
        place = later.place(expiry)
        if place is not None:
            smile, tenor = later.smiles[place], later.tenors[place]
            vols = smile.vol(strikes)
            found[mine] = black76.price(is_call, smile.forward, strikes, vols, tenor)
        else:
            assert expiry <= later.at, f"{expiry} is not on the chain of {later.at}"
            found[mine] = black76.price(is_call, later.index_price, strikes, 0.0, 0.0)
    return found


def carried(market: Market, later: Chain) -> Market:
    """The books as they stand on a later chain: without what expired on the way, and without those
    of which nothing is left.
    """
    scene, listed = market.scene, Listed(later)
    places = [-1 if expiry is None else later.place(expiry) for expiry in market.expiries]
    alive = [(old, place) for old, place in enumerate(places) if place is not None]
    columns = [listed.add(Kind(scene.kinds[i]), place, scene.strikes[i]) for i, place in alive]
    quantities = np.zeros((len(market.recipes), len(listed.found)))
    quantities[:, columns] = market.books.quantities[:, [old for old, _ in alive]]
    some = np.flatnonzero(np.any(quantities != 0, axis=1))
    left = Books.of(quantities[some])
    return Market(later, market.recipes[some], scene_of(later, listed), left, listed.expiries)


class Listed:
    """Instruments in the order in which books first need them; the perpetual is the first."""

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self.days = chain.tenors * 365
        self.found: dict[tuple[Kind, int, float], int] = {(Kind.PERPETUAL, -1, 0.0): 0}
        self.column_of: dict[tuple[Kind, float, float], int] = {}
        self.deltas = [
            black76.delta(True, smile.forward, smile.strikes, smile.vols, tenor)
            for smile, tenor in zip(chain.smiles, chain.tenors, strict=True)
        ]
        for i, smile in enumerate(chain.smiles):
            # Every model may read the volatility at the forward, whoever trades there.
            at = int(np.clip(np.searchsorted(smile.strikes, smile.forward), 1, len(smile.vols) - 1))
            for strike in smile.strikes[at - 1 : at + 1]:
                self.add(Kind.CALL, i, strike)

    def add(self, kind: Kind, i: int, strike: float) -> int:
        """The column of an instrument, a new one where it is not yet listed."""
        return self.found.setdefault((kind, i, float(strike)), len(self.found))

    @property
    def expiries(self) -> tuple[datetime | None, ...]:
        """Of each instrument; a perpetual has none."""
        return tuple(None if i < 0 else self.chain.smiles[i].expiry for _, i, _ in self.found)

    def column(self, leg: Leg) -> int:
        """The instrument nearest to a leg: first in tenor, then in delta."""
        if leg.kind == Kind.PERPETUAL:
            return 0
        key = (leg.kind, leg.days, leg.delta)
        if key not in self.column_of:
            with np.errstate(divide="ignore"):
                far = np.abs(np.log(self.days / leg.days))
            i = int(np.argmin(np.where(self.days >= LEAST_DAYS, far, np.inf)))
            wanted = leg.delta if leg.kind == Kind.CALL else 1 - leg.delta
            at = int(np.argmin(np.abs(self.deltas[i] - wanted)))
            self.column_of[key] = self.add(leg.kind, i, self.chain.smiles[i].strikes[at])
        return self.column_of[key]


def market(chain: Chain, recipes: list[Recipe]) -> Market:
    """The books of a chain in whole lots, each of the same gross notional.

    A book whose legs meet at one strike is nothing, and is left out.
    """
    listed = Listed(chain)
    legs = [[(listed.column(leg), leg.size) for leg in recipe.legs] for recipe in recipes]
    quantities = np.zeros((len(recipes), len(listed.found)))
    for row, book in enumerate(legs):
        for column, size in book:
            quantities[row, column] += size
    scene = scene_of(chain, listed)
    hedged = np.array([recipe.hedged for recipe in recipes])
    quantities[hedged, 0] -= quantities[hedged] @ deltas_of(scene)
    gross = np.abs(quantities).sum(axis=1) * chain.index_price
    some = np.flatnonzero(gross > 0)
    scaled = quantities[some] * (NOTIONAL_USD / gross[some, None])
    lots = np.round(scaled * LOTS_A_COIN) / LOTS_A_COIN
    return Market(chain, some, scene, Books.of(lots), listed.expiries)


def scene_of(chain: Chain, listed: Listed) -> Scene:
    """The scene of what is listed, each instrument at the mark that its volatility gives."""
    kinds, expiries, strikes = (np.array(each) for each in zip(*listed.found, strict=True))
    vols, marks = np.zeros(kinds.size), np.full(kinds.size, chain.index_price)
    for i, smile in enumerate(chain.smiles):
        mine = expiries == i
        vols[mine] = smile.vol(strikes[mine])
        is_call = kinds[mine] == Kind.CALL
        marks[mine] = black76.price(
            is_call, smile.forward, strikes[mine], vols[mine], chain.tenors[i]
        )
    return Scene(
        chain.underlying,
        chain.index_price,
        chain.forwards,
        chain.tenors,
        kinds,
        expiries,
        strikes,
        vols,
        marks,
    )


def deltas_of(scene: Scene) -> Floats:
    """Of one unit of each instrument."""
    found = np.ones(scene.kinds.size)
    o = scene.is_option
    found[o] = black76.delta(
        scene.kinds[o] == Kind.CALL,
        scene.by_instrument(scene.forwards)[o],
        scene.strikes[o],
        scene.vols[o],
        scene.by_instrument(scene.tenors)[o],
    )
    return found
