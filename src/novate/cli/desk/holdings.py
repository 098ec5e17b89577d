"""What a portfolio holds, underlying by underlying, and what it requires there."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from typing import Final

import numpy as np

from novate.cli.desk.holding import Holding, holding
from novate.cli.desk.markets import DeskMarket
from novate.nodes import FileRefused, Portfolio, PortfolioPosition
from novate.risk import (
    Dials,
    GrossTooLarge,
    Health,
    Margin,
    Requirement,
    flagged_below,
    health,
    margins,
    requirement,
)
from novate.units import Usd, bounds

FINEST: Final = Decimal("0.001")

GROSS_LIMIT: Final = (1 << bounds.GROSS_NOTIONAL_BITS) // 10**6
"""USD, whole ones."""


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
        found[symbol] = holding(portfolio, mine, markets[symbol], notices)
    cash_e6 = int((portfolio.cash * 10**6).to_integral_value(ROUND_FLOOR))
    try:
        requirements = {
            symbol: requirement(one.market.table, one.positions) for symbol, one in found.items()
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
