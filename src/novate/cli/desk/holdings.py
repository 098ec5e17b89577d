"""What a portfolio holds, underlying by underlying, and what it requires there."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from typing import Final

import numpy as np

from novate.cli.desk.chains import day_of
from novate.cli.desk.markets import DeskMarket
from novate.instruments import Instrument, format_expiry, format_name, parse_name
from novate.nodes import FileRefused, OptionChain, Portfolio, PortfolioPosition
from novate.risk import (
    Dials,
    GrossTooLarge,
    Health,
    Margin,
    Positions,
    Requirement,
    flagged_below,
    health,
    margins,
    requirement,
)
from novate.units import Instant, Integers, Multiplier, OutOfRange, Usd, bounds

CONTRACT: Final = Multiplier(1000)
"""A contract is one unit of the underlying, so that prices are those that desks read."""

FINEST: Final = Decimal("0.001")

PRICE_LIMIT: Final = Decimal(1 << bounds.PRICE_BITS) / 1000
GROSS_LIMIT: Final = (1 << bounds.GROSS_NOTIONAL_BITS) // 10**6
"""USD, whole ones."""


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


@dataclass(frozen=True, slots=True, eq=False)
class Holdings:
    """A whole portfolio: its cash and what it holds in each underlying."""

    portfolio: Portfolio
    cash: Usd
    dials: Dials
    by_symbol: dict[str, Holding]
    requirements: dict[str, Requirement]
    """What the positions in each underlying require; none pays for another."""
    notices: tuple[str, ...]

    @property
    def margin(self) -> Margin:
        """Equity and what is required, of all together."""
        cash_e6 = np.array([self.cash.e6], dtype=np.int64)
        return margins(cash_e6, list(self.requirements.values())).of(0)

    @property
    def health(self) -> Health:
        """Where the account stands."""
        return health(self.margin, self.dials)

    @property
    def flagged_below(self) -> Usd:
        """The equity below which the account may be liquidated."""
        return flagged_below(self.margin, self.dials)


def symbols_of(portfolio: Portfolio) -> list[str]:
    """The underlyings of a portfolio, in the order of the file.

    Raises: FileRefused for a portfolio without any position.
    """
    found = dict.fromkeys(symbol_of(position.instrument_name) for position in portfolio.positions)
    if not found:
        raise FileRefused(
            portfolio.source, "holds no position, so nothing can be lost and nothing is required"
        )
    return list(found)


def holdings(
    portfolio: Portfolio,
    markets: Mapping[str, DeskMarket],
    *,
    dials: Dials = Dials(),  # noqa: B008 - frozen
    is_rounded: bool = False,
) -> Holdings:
    """The portfolio in the markets of its underlyings.

    `is_rounded` takes quantities finer than 0.001 of a unit as the nearest: what stands for a
    coin-settled position is no whole number of them.

    Raises: FileRefused for an instrument that its market does not list, a quantity that does not
    fit, and more than an account can hold.
    """
    notices = [*portfolio.notices]
    for market in markets.values():
        notices += market.notices
    found = {}
    for symbol in symbols_of(portfolio):
        mine = [
            _rounded(one, notices) if is_rounded else one
            for one in portfolio.positions
            if symbol_of(one.instrument_name) == symbol
        ]
        found[symbol] = _holding(portfolio, mine, markets[symbol], notices)
    cash_e6 = int((portfolio.cash * 10**6).to_integral_value(ROUND_FLOOR))
    try:
        requirements = {
            symbol: requirement(holding.market.table, holding.positions)
            for symbol, holding in found.items()
        }
    except GrossTooLarge as error:
        raise FileRefused(portfolio.source, gross_words(error)) from None
    return Holdings(portfolio, Usd(cash_e6), dials, found, requirements, tuple(notices))


def gross_words(error: GrossTooLarge) -> str:
    """What is too large for an account, in USD."""
    return (
        f"gross notional of {error.gross_e6 / 10**6:,.0f} USD is not below "
        f"{GROSS_LIMIT:,} USD; next: split the portfolio over two accounts"
    )


def symbol_of(name: str) -> str:
    """The underlying of a canonical name."""
    return name.split("_USDC", 1)[0]


def _rounded(position: PortfolioPosition, notices: list[str]) -> PortfolioPosition:
    nearest = position.quantity.quantize(FINEST, ROUND_HALF_EVEN)
    if nearest != position.quantity:
        notices.append(
            f"line {position.line}: {position.quantity} of {position.instrument_name} is taken as "
            f"{nearest}"
        )
    return replace(position, quantity=nearest)


def _holding(
    portfolio: Portfolio, mine: list[PortfolioPosition], market: DeskMarket, notices: list[str]
) -> Holding:
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
