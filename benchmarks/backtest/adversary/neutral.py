"""Books that are neutral to what a grid of scenarios moves: to delta and vega, or to gamma as well.

They know no future either; desks hold their like.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
from scipy.stats import norm

from benchmarks.backtest.adversary.offer import Offer, scaled
from benchmarks.peers import Kind
from benchmarks.peers.interface import Floats, Scene

TENORS_DAYS = (1.5, 7.0, 30.0, 90.0, 180.0, 330.0)
NEAREST_DAYS = 0.5
WIDE, MIDDLE = 0.10, 0.25
MONEY = 0.5


class Desk:
    """Straddles, strangles and single options of an offer, as units of which books are made."""

    def __init__(self, offer: Offer) -> None:
        self.offer, self.scene = offer, offer.market.scene
        self.reach = np.abs(offer.deltas)
        self.vega, self.root_vega, self.gamma = _greeks(self.scene)
        days = self.scene.tenors * 365
        near = [int(np.argmin(np.abs(np.log(days / each)))) for each in TENORS_DAYS]
        self.expiries = [i for i in dict.fromkeys(near) if days[i] >= NEAREST_DAYS]

    def option(self, expiry: int, kind: Kind, delta: float) -> Floats:
        """One coin of the option nearest to a delta."""
        is_it = (self.scene.expiries == expiry) & (self.scene.kinds == kind)
        far = np.where(is_it & self.offer.is_tradable, np.abs(self.reach - delta), np.inf)
        unit = np.zeros(far.size)
        unit[np.argmin(far)] = 1.0
        return unit

    def pair(self, expiry: int, delta: float) -> Floats:
        """A call and a put."""
        return self.option(expiry, Kind.CALL, delta) + self.option(expiry, Kind.PUT, delta)

    def book(self, units: Sequence[Floats], greeks: Sequence[Floats]) -> Iterator[Floats]:
        """One of the first unit, of the others as many as make each Greek vanish, perpetuals that
        make it flat in delta; and the opposite. None where units are the same."""
        held, wanted = np.array(units), np.array(greeks)
        table = wanted @ held[1:].T
        if np.linalg.matrix_rank(table) < len(wanted):
            return
        others = np.linalg.solve(table, -wanted @ held[0])
        book = held[0] + others @ held[1:]
        book[0] -= book @ np.where(self.scene.is_option, self.offer.deltas, 0.0)
        if np.abs(book[1:]).sum() > 0:
            one = scaled(book, self.scene.index_price)
            yield from (one, -one)


def books(offer: Offer) -> Floats:
    """All of them, books x instruments."""
    desk = Desk(offer)
    return np.array([*_of_one_expiry(desk), *_of_many(desk)])


def _of_one_expiry(desk: Desk) -> Iterator[Floats]:
    """Risk reversals, and wings against the money."""
    for expiry in desk.expiries:
        for delta in (MIDDLE, WIDE):
            reversal = [desk.option(expiry, kind, delta) for kind in (Kind.CALL, Kind.PUT)]
            yield from desk.book(reversal, [desk.vega])
        wide, middle, money = (desk.pair(expiry, delta) for delta in (WIDE, MIDDLE, MONEY))
        for units in ((wide, money), (middle, money), (wide, middle)):
            yield from desk.book(units, [desk.vega])


def _of_many(desk: Desk) -> Iterator[Floats]:
    """Calendars, neutral to vega or to vega as the square-root law moves it; and butterflies of the
    term structure, neutral to that and to gamma."""
    money = {expiry: desk.pair(expiry, MONEY) for expiry in desk.expiries}
    for near, far in combinations(desk.expiries, 2):
        for greek in (desk.vega, desk.root_vega):
            yield from desk.book([money[near], money[far]], [greek])
    for near, middle, far in combinations(desk.expiries, 3):
        units = [money[middle], money[near], money[far]]
        yield from desk.book(units, [desk.root_vega, desk.gamma])


def _greeks(scene: Scene) -> tuple[Floats, Floats, Floats]:
    """Vega, vega as the square-root law moves a volatility, and gamma, of one coin of each."""
    found = np.zeros((3, scene.kinds.size))
    o = scene.is_option
    forwards, tenors = (scene.by_instrument(each)[o] for each in (scene.forwards, scene.tenors))
    vols = scene.vols[o]
    deviation = vols * np.sqrt(tenors)
    density = norm.pdf(np.log(forwards / scene.strikes[o]) / deviation + deviation / 2)
    vega = forwards * density * np.sqrt(tenors)
    speed = np.sqrt(30 / np.maximum(tenors * 365, 1.0))
    found[:, o] = vega, vega * vols * speed, density / (forwards * deviation)
    return found[0], found[1], found[2]
