"""Open orders as short tuples, and contracts of several options to order."""

from collections.abc import Sequence

import numpy as np

from novate.instruments import LINEAR, Instrument, Underlying, call, perpetual, put
from novate.risk import BTC, Listing, OpenOrders, RiskTable, risk_table
from novate.units import Instant, Price

from .scene import DAY_S, NOW_S, ONE_UNIT, synthetic

Order = tuple[int, int, int, int]
"""Row, milli-contracts, price, fee."""


def of(orders: Sequence[Order], account: Sequence[int] | None = None) -> OpenOrders:
    columns = np.array(orders, dtype=np.int64).reshape(len(orders), 4).T
    places = np.zeros(len(orders), dtype=np.int64) if account is None else np.array(account)
    return OpenOrders(places, *columns)


def composites() -> RiskTable:
    """Risk reversals, covered calls and spreads: a contract of one may be short of one kind of
    option and long another."""
    a, b, expiry = Price(90_000_000), Price(110_000_000), Instant(NOW_S + 20 * DAY_S)
    payoffs = (call(a), put(a), call(b) - put(a), LINEAR - call(b), call(a) - call(b), put(b))
    listing = Listing.of(
        [
            perpetual(Underlying.BTC, ONE_UNIT),
            *(Instrument(Underlying.BTC, ONE_UNIT, expiry, payoff) for payoff in payoffs),
            Instrument(Underlying.BTC, ONE_UNIT, Instant(NOW_S + 90 * DAY_S), call(a) - 2 * put(b)),
        ]
    )
    market = synthetic(tenors_s=(20 * DAY_S, 90 * DAY_S), strikes=(90, 110)).market
    return risk_table(listing, market, BTC)
