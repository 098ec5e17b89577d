"""Listings and markets to compute margin in: a small one with smiles, and a published one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from tests.shared_data import published

from novate.instruments import Instrument, Option, Right, Underlying, future, perpetual
from novate.nodes import chain_listing, chain_market, read_option_chains
from novate.risk import (
    BTC,
    Dials,
    Listing,
    Market,
    Positions,
    RiskParameters,
    RiskTable,
    risk_table,
)
from novate.units import Instant, Integers, Multiplier, Price, bounds

NOW_S = 1_768_435_200
DAY_S = 86_400
TENORS_S = (36 * 3600, 25 * DAY_S, 160 * DAY_S)
STRIKES = (60, 80, 100, 120, 160)
"""Per cent of the index."""


USUAL = Dials()


@dataclass(frozen=True)
class Scene:
    """A listing with a market of it, and its rows by what they are.

    Expiries count from 1, as groups do; strikes are per cent of the index.
    """

    listing: Listing
    market: Market

    @property
    def perp(self) -> int:
        return 0

    def future(self, expiry: int) -> int:
        found = (self.listing.group == expiry) & ~self.listing.is_curved
        return int(np.flatnonzero(found)[0])

    def call(self, expiry: int, strike: float) -> int:
        return self._option(Right.CALL, expiry, strike)

    def put(self, expiry: int, strike: float) -> int:
        return self._option(Right.PUT, expiry, strike)

    def table(self, parameters: RiskParameters = BTC, dials: Dials = USUAL) -> RiskTable:
        return risk_table(self.listing, self.market, parameters, dials)

    def but(self, **changes: object) -> "Scene":
        """The same listing in another market; one number stands for a whole array."""
        for name, value in changes.items():
            before = getattr(self.market, name)
            if isinstance(before, np.ndarray) and not isinstance(value, np.ndarray):
                changes[name] = np.full_like(before, value)
        return replace(self, market=replace(self.market, **changes))

    def _option(self, right: Right, expiry: int, strike: float) -> int:
        wanted = option(right, self.listing.expiry_s[expiry], self.market.index_e3, strike)
        return int(self.listing.rows([wanted])[0])


def option(right: Right, expiry_s: int, index_e3: int, strike: float) -> Instrument:
    """A strike in per cent of the index."""
    price = Price(round(index_e3 * strike / 100))
    return Option(Underlying.BTC, right, price, Instant(int(expiry_s)), ONE_UNIT).instrument


ONE_UNIT = Multiplier(1000)


@cache
def synthetic(
    *,
    index_e3: int = 100_000_000,
    tenors_s: Sequence[int] = TENORS_S,
    strikes: Sequence[float] = STRIKES,
    level_e6: int = 500_000,
    with_options: bool = True,
) -> Scene:
    """Forwards a little apart, a smile that is higher at low strikes and in the wings."""
    tenor_s = np.array([0, *tenors_s])
    rights = (Right.CALL, Right.PUT) if with_options else ()
    options = [
        option(right, NOW_S + second, index_e3, strike)
        for second in tenors_s
        for strike in strikes
        for right in rights
    ]
    dated = [future(Underlying.BTC, ONE_UNIT, Instant(NOW_S + second)) for second in tenors_s]
    listing = Listing.of([perpetual(Underlying.BTC, ONE_UNIT), *dated, *options])
    forward_e3 = index_e3 + index_e3 * tenor_s // (25 * bounds.YEAR_S)
    forward_e3[0] = index_e3 - index_e3 // 5000
    group = listing.node_group
    moneyness = np.log(listing.node_strike_e3 / forward_e3[group])
    vol = level_e6 * (1 - 0.2 * moneyness + 0.4 * moneyness**2)
    market = Market(
        index_e3=index_e3,
        tenor_s=tenor_s,
        forward_e3=forward_e3,
        shocked_e3=forward_e3,
        confidence_e6=np.full(listing.groups, bounds.RATE_SCALE),
        vol_e6=np.minimum(np.rint(vol), bounds.VOL_MAX_E6).astype(np.int64),
        fortnight_vol_e6=min(level_e6, bounds.VOL_MAX_E6),
    )
    return Scene(listing, market)


@cache
def real(currency: str = "BTC", at: str = "20260115T092130Z") -> Scene:
    """A published chain; without the data beside the repository the test is skipped."""
    chains = read_option_chains(published(f"deribit/deribit_options_snapshot_{at}.csv"))
    (chain,) = (one for one in chains if one.currency == currency)
    listing = chain_listing(chain)
    return Scene(listing, chain_market(chain, listing))


def held(*positions: tuple[int, int]) -> Positions:
    """One account: rows with milli-contracts."""
    row, quantity_e3 = _columns(positions)
    return Positions.of(row, quantity_e3)


def drawn(listing: Listing, random: np.random.Generator, count: int, size: int) -> Positions:
    """Random positions of some size in distinct instruments."""
    row = random.choice(len(listing.instruments), size=count, replace=False)
    return Positions.of(row, random.integers(-size, size + 1, count))


def accounts(books: Iterable[Sequence[tuple[int, int]]]) -> Positions:
    """Many accounts, each as `held` takes it."""
    flat = [(account, *one) for account, book in enumerate(books) for one in book]
    account, row, quantity_e3 = np.array(flat, dtype=np.int64).T
    return Positions.many(account, row, quantity_e3)


def _columns(pairs: Sequence[tuple[int, ...]]) -> tuple[Integers, ...]:
    return tuple(np.array(column, dtype=np.int64) for column in zip(*pairs, strict=True))
