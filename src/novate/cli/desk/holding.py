"""What is held in one underlying, by row of its risk table."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Final

import numpy as np

from novate.cli.desk.chains import day_of
from novate.cli.desk.markets import DeskMarket
from novate.instruments import Instrument, format_expiry, format_name, parse_name
from novate.nodes import FileRefused, OptionChain, Portfolio, PortfolioPosition
from novate.risk import Positions
from novate.units import Instant, Integers, Multiplier, OutOfRange, bounds

CONTRACT: Final = Multiplier(1000)
"""A contract is one unit of the underlying, so that prices are those that desks read."""

PRICE_LIMIT: Final = Decimal(1 << bounds.PRICE_BITS) / 1000


@dataclass(frozen=True, slots=True, eq=False)
class Holding:
    """What is held in one underlying, by row of its risk table."""

    market: DeskMarket
    positions: Positions

    @property
    def names(self) -> list[str]:
        """The name of each position's instrument."""
        listed = self.market.table.listing.instruments
        return [format_name(listed[row]) for row in self.positions.row]

    @property
    def groups(self) -> Integers:
        """The group of each position, 0 for perpetuals, then expiry by expiry."""
        return self.market.table.listing.group[self.positions.row]

    @property
    def value_e6(self) -> Integers:
        """What each position adds to equity at its mark: an option its value, another its gain."""
        mark_e3 = self.market.table.mark_e3[self.positions.row]
        return self.positions.quantity_e3 * mark_e3 - self.positions.cost_e6

    @property
    def delta_e6(self) -> Integers:
        """Quantity times delta times forward, of each position; micro-USD."""
        delta_e3 = self.market.table.contract.delta_e3[self.positions.row]
        return self.positions.quantity_e3 * delta_e3

    def group_name(self, group: int) -> str:
        """`perpetual`, or the expiry as names write it."""
        expiry_s = int(self.market.table.listing.expiry_s[group])
        return format_expiry(Instant(expiry_s)) if expiry_s else "perpetual"


def holding(
    portfolio: Portfolio, mine: Sequence[PortfolioPosition], market: DeskMarket, notices: list[str]
) -> Holding:
    """Those positions of a portfolio that are in the underlying of a market.

    Raises: FileRefused for an instrument that the market does not list and for what does not fit.
    """
    listing = market.table.listing
    row_of = {instrument: row for row, instrument in enumerate(listing.instruments)}
    rows, quantities, costs = [], [], []
    for position in mine:
        instrument = parse_name(position.instrument_name, CONTRACT)
        if instrument not in row_of:
            raise FileRefused(
                portfolio.source,
                why_unlisted(position.instrument_name, instrument, market.chain),
                line=position.line,
                field="instrument",
                value=position.instrument_name,
            )
        _require_price(portfolio, position)
        row = row_of[instrument]
        quantity = portfolio.contracts(position, CONTRACT)
        rows.append(row)
        quantities.append(quantity.e3)
        costs.append(_cost_e6(position, quantity.e3, row, market, notices))
    try:
        positions = Positions.of(_integers(rows), _integers(quantities), _integers(costs))
    except (OutOfRange, OverflowError) as error:
        raise FileRefused(portfolio.source, str(error)) from None
    return Holding(market, positions)


def _require_price(portfolio: Portfolio, position: PortfolioPosition) -> None:
    if position.average_price is not None and position.average_price >= PRICE_LIMIT:
        raise FileRefused(
            portfolio.source,
            f"is not below {PRICE_LIMIT:,} USD a unit",
            line=position.line,
            field="average_price",
            value=str(position.average_price),
        )


def _cost_e6(
    position: PortfolioPosition, quantity_e3: int, row: int, market: DeskMarket, notices: list[str]
) -> int:
    """What a linear position still has to pay: its size at the average price, rounded up."""
    if market.table.listing.is_curved[row]:
        return 0
    if position.average_price is None:
        notices.append(
            f"line {position.line}: {position.instrument_name} has no average price; taken as "
            "entered at its mark, without gain or loss"
        )
        return quantity_e3 * int(market.table.mark_e3[row])
    exact = position.quantity * position.average_price * 10**6
    return int(exact.to_integral_value(ROUND_CEILING))


def why_unlisted(name: str, instrument: Instrument, chain: OptionChain) -> str:
    """Why a chain does not list an instrument, and what it lists instead."""
    left_out = {out.what.replace("_USDC", ""): out for out in chain.excluded}
    out = left_out.get(name.replace("_USDC", ""))
    expiries = sorted(set(chain.expiry_s.tolist()))
    maturity = instrument.maturity
    if out is not None:
        why = f"its quote was left out: {out}"
    elif isinstance(maturity, Instant) and maturity.s <= chain.taken_at_s:
        why = f"it expired at {maturity}"
    elif isinstance(maturity, Instant) and maturity.s in expiries:
        strikes = chain.strike[chain.expiry_s == maturity.s]
        why = (
            f"that expiry has strikes from {strikes.min():,.10g} to {strikes.max():,.10g}, and not "
            "this one"
        )
    else:
        why = f"it has the expiries {', '.join(map(day_of, expiries))}"
    return f"is not in {chain.source.name}: {why}"


def _integers(values: list[int]) -> Integers:
    return np.array(values, dtype=np.int64)
