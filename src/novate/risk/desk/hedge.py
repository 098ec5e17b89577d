"""Hedges to a delta, to a vega or to both: one candidate after another, in whole lots."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from novate.risk.desk.saving import lots_e3
from novate.risk.desk.sensitivity import contract_greeks
from novate.risk.desk.standing import standing
from novate.risk.desk.trades import Trades, filled
from novate.risk.desk.valuation import check_one, check_rows
from novate.risk.desk.wide_integers import WideIntegers, narrow, wide, wide_div
from novate.risk.margin import ONE, Requirement
from novate.risk.positions import Positions
from novate.risk.sums import GROSS
from novate.risk.table import RiskTable
from novate.units import Integers, Rounding, bounds, div

NOWHERE: Final = 1 << 62
"""A size that nobody can hold: of a row that brings nothing."""


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


def delta_hedges(
    table: RiskTable,
    positions: Positions,
    row: Integers,
    *,
    target_e6: int = 0,
    cash_e6: int = 0,
    others: Sequence[Requirement] = (),
    lot_e3: Any = None,
    stable_e6: int = ONE,
) -> Hedges:
    """What brings one account's delta nearest to a target with each of the rows alone.

    `target_e6` is in millionths of a unit of the underlying. Nearest is within half a lot's delta,
    a tie the smaller trade. Rows without delta, and those that would take more than an account may
    hold, are left out.

    Raises: BadPositions, GrossTooLarge.
    """
    book = _Book(table, positions, cash_e6, tuple(others), stable_e6)
    lot = _lots(table, row, lot_e3)
    size = book.delta.sizes_e3(row, lot, target_e6 << bounds.FRACTION_BITS)
    return book.ranked(row[:, None], size[:, None])


def vega_hedges(
    table: RiskTable,
    positions: Positions,
    row: Integers,
    *,
    target_e6: int = 0,
    cash_e6: int = 0,
    others: Sequence[Requirement] = (),
    lot_e3: Any = None,
    stable_e6: int = ONE,
) -> Hedges:
    """What brings one account's vega nearest to a target with each of the rows alone.

    `target_e6` is in micro-USD per volatility point; else as `delta_hedges`.

    Raises: BadPositions, GrossTooLarge.
    """
    book = _Book(table, positions, cash_e6, tuple(others), stable_e6)
    lot = _lots(table, row, lot_e3)
    size = book.vega.sizes_e3(row, lot, target_e6 * bounds.PAYOFF_SCALE)
    return book.ranked(row[:, None], size[:, None])


def delta_vega_hedges(
    table: RiskTable,
    positions: Positions,
    row: Integers,
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

    Raises: BadPositions, GrossTooLarge; ValueError for a `delta_row` with vega.
    """
    book = _Book(table, positions, cash_e6, tuple(others), stable_e6)
    linear = np.array([delta_row])
    check_rows(table.listing, linear)
    if table.listing.is_curved[delta_row]:
        raise ValueError(
            f"{table.listing.instruments[delta_row]} has vega; next: name a linear one"
        )
    option = book.vega.sizes_e3(
        row, _lots(table, row, lot_e3), vega_target_e6 * bounds.PAYOFF_SCALE
    )
    brought = wide(option) * book.delta.each[row]
    future = book.delta.sizes_e3(
        np.repeat(linear, len(row)),
        np.repeat(_lots(table, linear, delta_lot_e3), len(row)),
        (delta_target_e6 << bounds.FRACTION_BITS) - brought,
    )
    rows = np.column_stack([row, np.repeat(linear, len(row))])
    return book.ranked(rows, np.column_stack([option, future]))


@dataclass(frozen=True, slots=True, eq=False)
class _Exposure:
    """One sensitivity of the contracts, (I,), and of the account."""

    each: WideIntegers
    held: int

    def sizes_e3(self, row: Integers, lot_e3: Integers, target: WideIntegers | int) -> Integers:
        """The whole lots of each row that bring the account nearest to a target; 2**62 where no
        size would. A tie is the smaller trade."""
        gap = np.broadcast_to(np.asarray(target, dtype=object) - self.held, row.shape)
        sizes = [
            _nearest(int(need), int(lot) * int(self.each[place])) * int(lot)
            for need, place, lot in zip(gap, row.tolist(), lot_e3.tolist(), strict=True)
        ]
        return np.array([min(max(size, -NOWHERE), NOWHERE) for size in sizes], dtype=np.int64)


def _nearest(gap: int, per_lot: int) -> int:
    """How many lots come nearest to a gap; a tie is the fewer."""
    if per_lot == 0:
        return NOWHERE
    # The nearest is ceil(gap / lot - 1/2), which takes the fewer of two.
    lots = div(2 * abs(gap) - abs(per_lot), 2 * abs(per_lot), Rounding.CEIL)
    return lots if (gap < 0) == (per_lot < 0) else -lots


@dataclass(frozen=True, slots=True, eq=False)
class _Book:
    """One account at a tick, ready to be hedged."""

    table: RiskTable
    positions: Positions
    cash_e6: int
    others: tuple[Requirement, ...]
    stable_e6: int

    def __post_init__(self) -> None:
        check_one(self.positions)
        check_rows(self.table.listing, self.positions.row)

    @property
    def delta(self) -> _Exposure:
        """Delta in millionths of a unit, times 2**28, of a milli-contract."""
        greeks = contract_greeks(self.table.listing, self.table.market)
        units_e3 = self.table.listing.instruments[0].multiplier.e3
        return self._exposure(wide(greeks.delta_q28) * units_e3)

    @property
    def vega(self) -> _Exposure:
        """Vega in micro-USD, times 1000, of a milli-contract."""
        greeks = contract_greeks(self.table.listing, self.table.market)
        return self._exposure(wide(greeks.vega_e6))

    def _exposure(self, each: WideIntegers) -> _Exposure:
        size_e3 = wide(self.positions.quantity_e3)
        return _Exposure(each, int((size_e3 * each[self.positions.row]).sum()))

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
        delta, vega = self.delta, self.vega
        gross = self.table.contract.gross_e3
        initial_e6 = _column([one.initial_e6 for one in found])
        notional_e6 = (np.abs(quantity_e3) * gross[row]).sum(axis=1)
        order = np.lexsort((row[:, 0], notional_e6, initial_e6))
        return Hedges(
            row=row[order],
            quantity_e3=quantity_e3[order],
            delta_e6=_after(delta, row, quantity_e3, 1 << bounds.FRACTION_BITS)[order],
            vega_e6=_after(vega, row, quantity_e3, bounds.PAYOFF_SCALE)[order],
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


def _lots(table: RiskTable, row: Integers, lot_e3: Any) -> Integers:
    check_rows(table.listing, row)
    return lots_e3(table, row) if lot_e3 is None else np.broadcast_to(lot_e3, row.shape)


def _after(exposure: _Exposure, row: Integers, quantity_e3: Integers, scale: int) -> Integers:
    brought = (wide(quantity_e3) * exposure.each[row]).sum(axis=1)
    return narrow(wide_div(exposure.held + brought, scale, Rounding.FLOOR))


def _column(parts: list[Integers]) -> Integers:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)
