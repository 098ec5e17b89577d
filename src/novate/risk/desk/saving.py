"""What to trade to lower a margin most: every listed trade of a lot, margined exactly."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from novate.pricing import operand
from novate.risk.desk.sensitivity import contract_greeks
from novate.risk.desk.standing import standing, standing_after_each
from novate.risk.desk.trades import Trades
from novate.risk.desk.valuation import check_one, check_rows
from novate.risk.desk.wide_integers import narrow, wide, wide_div
from novate.risk.margin import ONE, Requirement
from novate.risk.positions import BadPositions, Positions
from novate.risk.table import RiskTable
from novate.units import Integers, Rounding, bounds, div

SIDES: Final = (1, -1)
RATIO_MAX_E6: Final = 1 << 62
"""Where a ratio saturates: a vega or a delta of a micro-USD that saves a great deal."""


@dataclass(frozen=True, slots=True, eq=False)
class Savings:
    """What each trade saves; (T,), the best first: by initial margin saved, then by row."""

    row: Integers
    quantity_e3: Integers
    """A lot bought, or sold when below zero."""
    initial_e6: Integers
    """Initial margin saved by the trade; below zero it would cost more."""
    maintenance_e6: Integers
    notional_e6: Integers
    """Gross notional that changes hands; above zero."""
    cash_delta_e6: Integers
    """Micro-USD of delta that it brings."""
    vega_e6: Integers
    """Micro-USD per volatility point that it brings."""

    def part(self, chosen: slice | Integers) -> "Savings":
        """Some of them."""
        return Savings(*(getattr(self, name)[chosen] for name in self.__slots__))

    @property
    def per_notional_e6(self) -> Integers:
        """Initial margin saved per USD of notional traded, in millionths; rounded down."""
        return _ratio_e6(self.initial_e6, self.notional_e6)

    @property
    def per_delta_e6(self) -> Integers:
        """Initial margin saved per USD of delta brought, either way; 0 where there is none."""
        return _ratio_e6(self.initial_e6, np.abs(self.cash_delta_e6))

    @property
    def per_vega_e6(self) -> Integers:
        """Initial margin saved per USD of vega brought, either way; 0 where there is none."""
        return _ratio_e6(self.initial_e6, np.abs(self.vega_e6))

    def ranked(self, by_e6: Integers) -> "Savings":
        """The same, the largest of a figure first; equal ones stay in order."""
        return self.part(np.argsort(-by_e6, kind="stable"))


def savings(
    table: RiskTable,
    positions: Positions,
    *,
    cash_e6: int = 0,
    others: Sequence[Requirement] = (),
    row: Any = None,
    lot_e3: Any = None,
    stable_e6: int = ONE,
) -> Savings:
    """What a lot of each instrument, bought and sold at its mark, saves one account.

    Every figure is the difference of two margins, not a slope: what a lot hedges and what it brings
    both count. `row` says which instruments, all of them by default; `lot_e3` is one size for all,
    or one for each of them, the instrument's lot by default.

    Raises: BadPositions, GrossTooLarge, NotIntegers, OutOfRange.
    """
    check_one(positions)
    rows = check_rows(table.listing, np.arange(len(table.mark_e3)) if row is None else row)
    lot = lots_e3(table, rows, lot_e3)
    both = np.concatenate([rows, rows])
    size_e3 = np.concatenate([side * lot for side in SIDES])
    now = standing(table, positions, np.array([cash_e6]), others, stable_e6=stable_e6)
    trades = Trades.at_mark(table, both, size_e3)
    then = standing_after_each(table, positions, cash_e6, trades, others, stable_e6=stable_e6)
    greeks = contract_greeks(table.listing, table.market)
    found = Savings(
        row=both,
        quantity_e3=size_e3,
        initial_e6=now.initial_e6 - then.initial_e6,
        maintenance_e6=now.maintenance_e6 - then.maintenance_e6,
        notional_e6=np.abs(size_e3) * table.contract.gross_e3[both],
        cash_delta_e6=size_e3 * table.contract.delta_e3[both],
        vega_e6=div(size_e3 * greeks.vega_e6[both], bounds.PAYOFF_SCALE, Rounding.FLOOR),
    )
    order = np.lexsort((found.row, -found.initial_e6))
    return found.part(order)


def lots_e3(table: RiskTable, row: Any, lot_e3: Any = None) -> Integers:
    """The lot of each row: what is asked for, one for all or one each, or else the least size of an
    order.

    Raises: BadPositions for an unlisted row, or lots that are not as many as rows; NotIntegers,
    OutOfRange.
    """
    rows = check_rows(table.listing, row)
    if lot_e3 is None:
        ticks = (table.listing.instruments[place].tick for place in rows.tolist())
        return np.array([tick.lot.e3 for tick in ticks], dtype=np.int64)
    lots = operand("lot", lot_e3, low=1, high=1 << bounds.QTY_BITS)
    try:
        return np.broadcast_to(lots, rows.shape)
    except ValueError:
        raise BadPositions(f"lots of shape {lots.shape} for {len(rows)} rows") from None


def _ratio_e6(saved_e6: Integers, divisor_e6: Integers) -> Integers:
    """Millionths, rounded down; 0 where nothing divides."""
    ratio = wide_div(wide(saved_e6) * ONE, np.maximum(divisor_e6, 1), Rounding.FLOOR)
    found: Integers = narrow(ratio, RATIO_MAX_E6) * (divisor_e6 > 0)
    return found
