"""Exposures of an account that a hedge takes to a target: delta, vega."""

from dataclasses import dataclass
from enum import Enum
from typing import Final

import numpy as np

from novate.pricing import operand
from novate.risk.desk.sensitivity import contract_greeks
from novate.risk.desk.wide_integers import WideIntegers, narrow, wide, wide_div
from novate.risk.positions import Positions
from novate.risk.table import RiskTable
from novate.units import Integers, Rounding, bounds, div

NOWHERE: Final = 1 << 62
"""A size that nobody can hold: of a row that brings nothing."""
TARGET_MAX: Final = 1 << bounds.GROSS_NOTIONAL_BITS
"""Neither delta nor vega of an account is as large."""


class Exposure(Enum):
    """What a hedge takes to a target."""

    DELTA = "delta"
    """In millionths of a unit of the underlying."""
    VEGA = "vega"
    """In micro-USD per volatility point."""


@dataclass(frozen=True, slots=True, eq=False)
class Exposed:
    """One exposure of an account, and what a milli-contract of each row brings."""

    held: int
    each: WideIntegers
    """(I,)"""
    scale: int
    """Both are finer than the unit of the exposure by this."""

    @classmethod
    def of(cls, table: RiskTable, positions: Positions, exposure: Exposure) -> "Exposed":
        """That of one account in the market of a table."""
        greeks = contract_greeks(table.listing, table.market)
        if exposure is Exposure.DELTA:
            units_e3 = table.listing.instruments[0].multiplier.e3
            each, scale = wide(greeks.delta_q28) * units_e3, 1 << bounds.FRACTION_BITS
        else:
            each, scale = wide(greeks.vega_e6), bounds.PAYOFF_SCALE
        held = int((wide(positions.quantity_e3) * each[positions.row]).sum())
        return cls(held, each, scale)

    def sizes_e3(
        self, row: Integers, lot_e3: Integers, target_e6: int, brought: WideIntegers | int = 0
    ) -> Integers:
        """The whole lots of each row that bring the account nearest to a target, when others have
        `brought` so much; 2**62 where no size would. A tie is the smaller trade.

        Raises: NotIntegers, OutOfRange.
        """
        target = int(operand("target", target_e6, low=1 - TARGET_MAX, high=TARGET_MAX))
        gap = np.broadcast_to(target * self.scale - self.held - brought, row.shape)
        size_e3 = wide(lot_e3) * np.frompyfunc(nearest_lots, 2, 1)(gap, lot_e3 * self.each[row])
        return narrow(size_e3, NOWHERE)

    def after_e6(self, row: Integers, quantity_e3: Integers) -> Integers:
        """What it is after trades of several legs, (H, L); (H,). Rounded down."""
        brought = (wide(quantity_e3) * self.each[row]).sum(axis=1)
        return narrow(wide_div(self.held + brought, self.scale, Rounding.FLOOR))


def nearest_lots(gap: int, per_lot: int) -> int:
    """How many lots come nearest to a gap; a tie is the fewer. Of lots that bring nothing, more
    than anybody can hold."""
    if per_lot == 0:
        return NOWHERE
    # The nearest is ceil(gap / lot - 1/2), which takes the fewer of two.
    lots = div(2 * abs(gap) - abs(per_lot), 2 * abs(per_lot), Rounding.CEIL)
    return lots if (gap < 0) == (per_lot < 0) else -lots
