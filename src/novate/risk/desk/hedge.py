"""Hedges to a delta, to a vega or to both: one candidate after another, in whole lots."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from novate.risk.desk.exposure import Exposed, Exposure
from novate.risk.desk.saving import lots_e3
from novate.risk.desk.standing import standing
from novate.risk.desk.trades import Trades, filled
from novate.risk.desk.valuation import check_one, check_rows
from novate.risk.desk.wide_integers import wide
from novate.risk.margin import ONE, Requirement
from novate.risk.positions import Positions
from novate.risk.sums import GROSS
from novate.risk.table import RiskTable
from novate.units import Integers, bounds


@dataclass(frozen=True, slots=True, eq=False)
class Hedges:
    """Hedges of one account, (H,), of one or two legs, (L,); the least initial margin first."""

    row: Integers
    """(H, L)"""
    quantity_e3: Integers
    """(H, L): whole lots, zero where none is nearer."""
    delta_e6: Integers
    """Delta afterwards, in millionths of a unit of the underlying."""
    vega_e6: Integers
    """Vega afterwards, in micro-USD per volatility point."""
    notional_e6: Integers
    """Gross notional that changes hands."""
    initial_e6: Integers
    """Initial margin afterwards."""
    maintenance_e6: Integers

    def trades(self, table: RiskTable, place: int) -> Trades:
        """The trades of one of them at the marks, without those of size zero."""
        chosen = np.flatnonzero(self.quantity_e3[place])
        return Trades.at_mark(table, self.row[place][chosen], self.quantity_e3[place][chosen])


def hedges(
    table: RiskTable,
    positions: Positions,
    row: Any,
    exposure: Exposure,
    *,
    target_e6: int = 0,
    cash_e6: int = 0,
    others: Sequence[Requirement] = (),
    lot_e3: Any = None,
    stable_e6: int = ONE,
) -> Hedges:
    """What brings one exposure of an account nearest to a target with each of the rows alone.

    `target_e6` is in the unit of the exposure. Nearest is within half of what a lot brings, a tie
    the smaller trade. Rows that bring nothing, and those that would take more than an account may
    hold, are left out. `lot_e3` as of `savings`.

    Raises: BadPositions, GrossTooLarge, NotIntegers, OutOfRange.
    """
    book = _Book.of(table, positions, cash_e6, others, stable_e6)
    rows, exposed = check_rows(table.listing, row), book.exposed[Exposure(exposure)]
    size_e3 = exposed.sizes_e3(rows, lots_e3(table, rows, lot_e3), target_e6)
    return book.ranked(rows[:, None], size_e3[:, None])


def delta_vega_hedges(
    table: RiskTable,
    positions: Positions,
    row: Any,
    *,
    delta_row: int = 0,
    delta_target_e6: int = 0,
    vega_target_e6: int = 0,
    cash_e6: int = 0,
    others: Sequence[Requirement] = (),
    lot_e3: Any = None,
    delta_lot_e3: Any = None,
    stable_e6: int = ONE,
) -> Hedges:
    """Both: vega with each of the rows alone, then delta with `delta_row`, which is linear.

    A linear instrument has no vega, so the second leg leaves what the first one did.

    Raises: BadPositions, GrossTooLarge, NotIntegers, OutOfRange; ValueError for a `delta_row` with
    vega.
    """
    book = _Book.of(table, positions, cash_e6, others, stable_e6)
    rows = check_rows(table.listing, row)
    linear = np.repeat(check_rows(table.listing, delta_row), len(rows))
    if table.listing.is_curved[delta_row]:
        raise ValueError(
            f"{table.listing.instruments[delta_row]} has vega; next: name a linear one"
        )
    delta, vega = book.exposed[Exposure.DELTA], book.exposed[Exposure.VEGA]
    option_e3 = vega.sizes_e3(rows, lots_e3(table, rows, lot_e3), vega_target_e6)
    future_e3 = delta.sizes_e3(
        linear,
        lots_e3(table, linear, delta_lot_e3),
        delta_target_e6,
        brought=wide(option_e3) * delta.each[rows],
    )
    return book.ranked(np.column_stack([rows, linear]), np.column_stack([option_e3, future_e3]))


@dataclass(frozen=True, slots=True, eq=False)
class _Book:
    """One account at a tick, ready to be hedged."""

    table: RiskTable
    positions: Positions
    cash_e6: int
    others: tuple[Requirement, ...]
    stable_e6: int
    exposed: dict[Exposure, Exposed]

    @classmethod
    def of(
        cls,
        table: RiskTable,
        positions: Positions,
        cash_e6: int,
        others: Sequence[Requirement],
        stable_e6: int,
    ) -> "_Book":
        check_one(positions)
        check_rows(table.listing, positions.row)
        exposed = {one: Exposed.of(table, positions, one) for one in Exposure}
        return cls(table, positions, cash_e6, tuple(others), stable_e6, exposed)

    def ranked(self, row: Integers, quantity_e3: Integers) -> Hedges:
        """The hedges that an account may hold, margined; the least initial margin first, then the
        least notional, then by row."""
        can = self._can_hold(row, quantity_e3)
        row, quantity_e3 = row[can], quantity_e3[can]
        afters = [
            filled(self.table.listing, self.positions, Trades.at_mark(self.table, *legs))
            for legs in zip(row, quantity_e3, strict=True)
        ]
        found = [
            standing(
                self.table,
                after.positions,
                self.cash_e6 + after.cash_e6,
                self.others,
                stable_e6=self.stable_e6,
            )
            for after in afters
        ]
        gross = self.table.contract.gross_e3
        initial_e6 = _column([one.initial_e6 for one in found])
        notional_e6 = (np.abs(quantity_e3) * gross[row]).sum(axis=1)
        order = np.lexsort((row[:, 0], notional_e6, initial_e6))
        return Hedges(
            row=row[order],
            quantity_e3=quantity_e3[order],
            delta_e6=self.exposed[Exposure.DELTA].after_e6(row, quantity_e3)[order],
            vega_e6=self.exposed[Exposure.VEGA].after_e6(row, quantity_e3)[order],
            notional_e6=notional_e6[order],
            initial_e6=initial_e6[order],
            maintenance_e6=_column([one.maintenance_e6 for one in found])[order],
        )

    def _can_hold(self, row: Integers, quantity_e3: Integers) -> npt.NDArray[np.bool_]:
        """Whether sizes and gross notional keep their widths, whatever else is held."""
        held = np.zeros(len(self.table.mark_e3), dtype=np.int64)
        held[self.positions.row] = np.abs(self.positions.quantity_e3)
        gross = self.table.contract.gross_e3
        size = np.abs(quantity_e3)
        fits = (size < 1 << bounds.QTY_BITS) & (size + held[row] < 1 << bounds.QTY_BITS)
        traded_e6 = np.where(fits, size, 0) * gross[row]
        whole_e6 = traded_e6.clip(max=GROSS).sum(axis=1) + int((held * gross).sum())
        can: npt.NDArray[np.bool_] = fits.all(axis=1) & (whole_e6 < GROSS)
        return can


def _column(parts: list[Integers]) -> Integers:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)
