"""What a hedge is for: a delta, a vega, both, or least margin, in whole lots of what is quoted."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import click
import numpy as np

from novate.cli.desk.holdings import Holdings
from novate.cli.desk.tradeable import LOTS_E3, PERPETUAL_LOT_E3, Quotes, quotes
from novate.risk import (
    Exposure,
    Hedges,
    Lowered,
    RiskTable,
    delta_vega_hedges,
    hedges,
    lower_margin,
)
from novate.units import Integers, bounds

AIMS: Final = ("delta", "vega", "delta-vega", "margin")
TARGET_MAX: Final = 10**9
LOT_MAX_E3: Final = (1 << bounds.QTY_BITS) - 1


@dataclass(frozen=True, slots=True)
class Aim:
    """What somebody wants of a hedge."""

    what: str
    """One of `AIMS`."""
    delta_e6: int
    vega_e6: int
    count: int
    """Of hedges to see; for least margin, of trades."""
    lot_e3: int | None
    """The step of every size; None is that of each instrument."""
    cost_e6: int
    """Of trading, as a part of the notional."""

    def hedges(self, held: Holdings, symbol: str) -> Hedges | Lowered:
        """What serves it in one underlying, margined as the whole account would be."""
        holding = held.by_symbol[symbol]
        table, positions = holding.market.table, holding.positions
        quoted = quotes(holding.market)
        lots = self._lots_e3(table, quoted, symbol)
        is_option = table.listing.is_curved[quoted.row]
        others = [required for other, required in held.requirements.items() if other != symbol]
        cash_e6 = held.cash.e6
        match self.what:
            case "delta" | "vega":
                return hedges(
                    table, positions, quoted.row, Exposure(self.what), cash_e6=cash_e6,
                    target_e6=self.delta_e6 if self.what == "delta" else self.vega_e6,
                    others=others, lot_e3=lots,
                )  # fmt: skip
            case "delta-vega":
                return delta_vega_hedges(
                    table, positions, quoted.row[is_option], delta_row=0,
                    delta_target_e6=self.delta_e6, vega_target_e6=self.vega_e6, cash_e6=cash_e6,
                    others=others, lot_e3=lots[is_option],
                    delta_lot_e3=np.int64(self.lot_e3 or PERPETUAL_LOT_E3),
                )  # fmt: skip
            case _:
                return lower_margin(
                    table, positions, cash_e6=cash_e6, others=others, row=quoted.row, lot_e3=lots,
                    trades_max=self.count, cost_rate_e6=self.cost_e6,
                )  # fmt: skip

    def _lots_e3(self, table: RiskTable, quoted: Quotes, symbol: str) -> Integers:
        if self.lot_e3 is not None:
            return np.full(len(quoted.row), self.lot_e3, dtype=np.int64)
        is_option = table.listing.is_curved[quoted.row]
        lots: Integers = np.where(is_option, LOTS_E3[symbol], PERPETUAL_LOT_E3).astype(np.int64)
        return lots


def lot_e3_of(ctx: click.Context, parameter: click.Parameter, value: str | None) -> int | None:
    """A lot in units of the underlying, in thousandths."""
    if value is None:
        return None
    try:
        exact = Decimal(value) * 1000
        if not 1 <= exact <= LOT_MAX_E3 or exact != exact.to_integral_value():
            raise ValueError
    except (ArithmeticError, ValueError):
        raise click.BadParameter(
            f"{value!r} is not a multiple of 0.001 up to {LOT_MAX_E3 / 1000:,}"
        ) from None
    return int(exact)
