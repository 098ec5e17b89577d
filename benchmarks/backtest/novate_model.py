"""The product's own model: `novate.risk`, in integers, behind what every model here is asked.

Nothing is computed here but units: a scene becomes a listing and a market, books become accounts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from benchmarks.peers import Books, Kind, Requirement, Scene
from benchmarks.peers.interface import Floats, Integers
from novate.instruments import REGISTRY, Option, Right, perpetual
from novate.pricing import fortnight_vol
from novate.risk import (
    BTC,
    ETH,
    Dials,
    Listing,
    Market,
    Positions,
    RiskParameters,
    RiskTable,
    requirement,
    risk_table,
)
from novate.units import Instant, Multiplier, Price, Tenor, Vol, bounds

PARAMETERS = {"BTC": BTC, "ETH": ETH}
NOW_S = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
"""When a scene is: any instant will do, as only times to expiry count."""
COIN = Multiplier(1000)
DEFAULT = Dials()
AS_THEY_ARE: Mapping[int, int | None] = {}


class Novate:
    """Account margin of this project, in US dollars; as it is, or with a part of it changed."""

    def __init__(
        self,
        name: str = "novate",
        parameters: Mapping[str, RiskParameters] = PARAMETERS,
        dials: Dials = DEFAULT,
        columns: Mapping[int, int | None] = AS_THEY_ARE,
    ) -> None:
        """`columns` repeat another one, or are none: then nothing is gained or lost in them."""
        self.name = name
        self.parameters = parameters
        self.dials = dials
        self.columns = columns

    def margin(self, scene: Scene, books: Books) -> Requirement:
        """What each book must hold."""
        return margins_of([self], scene, books)[0]

    def table(self, scene: Scene) -> tuple[RiskTable, Integers]:
        """The risk table of a scene, and per instrument of the scene its row."""
        listing, row_of = _listing(scene)
        return self.table_of(scene.underlying, listing, _market(scene, listing)), row_of

    def table_of(self, underlying: str, listing: Listing, market: Market) -> RiskTable:
        """The product's table, with the columns that are changed."""
        table = risk_table(listing, market, self.parameters[underlying], self.dials)
        if not self.columns:
            return table
        summand_e3 = table.summand_e3.copy()
        for column, other in self.columns.items():
            summand_e3[:, column] = 0 if other is None else table.entry_e3[:, other]
        return replace(table, summand_e3=summand_e3)


def margins_of(models: Sequence[Novate], scene: Scene, books: Books) -> list[Requirement]:
    """What each book must hold by each of several versions of the model."""
    listing, row_of = _listing(scene)
    market, positions = _market(scene, listing), _positions(books, row_of)
    held = [
        requirement(model.table_of(scene.underlying, listing, market), positions)
        for model in models
    ]
    return [
        Requirement(one.uncapped_initial_e6 / 1e6, one.uncapped_maintenance_e6 / 1e6)
        for one in held
    ]


def margins_at(scene: Scene, books: Books, settings: Sequence[Dials]) -> list[Requirement]:
    """What each book must hold at each setting of the system's dials."""
    return margins_of([Novate(dials=dials) for dials in settings], scene, books)


def _positions(books: Books, row_of: Integers) -> Positions:
    account, column = np.nonzero(books.quantities)
    lots = np.rint(books.quantities[account, column] * 1000).astype(np.int64)
    assert np.unique(account).size == books.cash.size, "a book holds nothing"
    return Positions.many(account, row_of[column], lots)


def _expiry_s(scene: Scene) -> Integers:
    return NOW_S + np.rint(scene.tenors * bounds.YEAR_S).astype(np.int64)


def _listing(scene: Scene) -> tuple[Listing, Integers]:
    """The scene's instruments, and per column of the scene its row in the listing."""
    underlying = REGISTRY.underlying(scene.underlying)
    expiry_s = _expiry_s(scene)
    instruments = [
        perpetual(underlying, COIN)
        if kind == Kind.PERPETUAL
        else Option(
            underlying=underlying,
            right=Right.CALL if kind == Kind.CALL else Right.PUT,
            strike=Price(round(strike * 1000)),
            expiry=Instant(int(expiry_s[expiry])),
            multiplier=COIN,
        ).instrument
        for kind, strike, expiry in zip(scene.kinds, scene.strikes, scene.expiries, strict=True)
    ]
    # Strikes of drawn chains have all digits: two of them may be one in milli-USD.
    listing = Listing.of(list(dict.fromkeys(instruments)))
    return listing, listing.rows(instruments)


def _market(scene: Scene, listing: Listing) -> Market:
    groups = np.searchsorted(_expiry_s(scene), listing.expiry_s[1:])
    forwards = np.append(scene.index_price, scene.forwards[groups])
    vols = np.empty(listing.node_group.size)
    at_the_money = []
    for group, expiry in enumerate(groups.tolist(), start=1):
        nodes = listing.node_group == group
        strikes, smile = _smile(scene, expiry)
        vols[nodes] = np.interp(listing.node_strike_e3[nodes] / 1000, strikes, smile)
        at_the_money.append(float(np.interp(scene.forwards[expiry], strikes, smile)))
    forward_e3 = np.rint(forwards * 1000).astype(np.int64)
    tenor_s = np.maximum(listing.expiry_s - NOW_S, 0)
    points = zip(tenor_s[1:].tolist(), at_the_money, strict=True)
    return Market(
        index_e3=round(scene.index_price * 1000),
        tenor_s=tenor_s,
        forward_e3=forward_e3,
        shocked_e3=forward_e3,
        confidence_e6=np.full(listing.groups, bounds.RATE_SCALE, dtype=np.int64),
        # A drawn wing in the worst night of 2020 is above the largest volatility that there is.
        vol_e6=np.minimum(np.rint(vols * 1e6).astype(np.int64), bounds.VOL_MAX_E6),
        fortnight_vol_e6=fortnight_vol([(Tenor(s), Vol(round(vol * 1e6))) for s, vol in points]).e6,
    )


def _smile(scene: Scene, expiry: int) -> tuple[Floats, Floats]:
    mine = scene.is_option & (scene.expiries == expiry)
    strikes, first = np.unique(scene.strikes[mine], return_index=True)
    return strikes, scene.vols[mine][first]
