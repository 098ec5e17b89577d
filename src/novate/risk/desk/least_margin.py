"""The trades that lower a margin most: greedy over candidates, exact at each step."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from novate.risk.charge import charged_e6
from novate.risk.desk.saving import lots_e3, savings
from novate.risk.desk.standing import standing, standing_after_each
from novate.risk.desk.trades import Trades, filled
from novate.risk.desk.valuation import check_one, check_rows
from novate.risk.health import Margins
from novate.risk.margin import ONE, Requirement
from novate.risk.positions import Positions
from novate.risk.sums import GROSS
from novate.risk.table import RiskTable
from novate.units import Integers, Rounding, bounds, div, within

SHORTLIST: Final = 16
"""How many candidates of a step are tried in all sizes: so many that save most a lot, and so many
that save most per notional."""
WAYS: Final = 16
"""Sizes tried at once on either side of the best so far."""


@dataclass(frozen=True, slots=True, eq=False)
class Lowered:
    """Trades in their order, (T,), and what they leave."""

    trades: Trades
    initial_e6: Integers
    """Initial margin before the first and after each, (T + 1,); never rises."""
    maintenance_e6: Integers
    """(T + 1,)"""
    cost_e6: Integers
    """What each trade costs at the rate that was given, (T,)."""


def lower_margin(
    table: RiskTable,
    positions: Positions,
    *,
    cash_e6: int = 0,
    others: Sequence[Requirement] = (),
    row: Any = None,
    lot_e3: Any = None,
    trades_max: int = 3,
    cost_rate_e6: int = 0,
    least_saving_e6: int = 10**6,
    stable_e6: int = ONE,
) -> Lowered:
    """Trades at the marks, in whole lots, that lower the initial margin of one account.

    At each step every candidate is margined with one lot either way; those that save most, by lot
    and by notional, are margined in sizes that double, and around the best of these ever closer,
    down to the lot. What saves most after its cost, the part `cost_rate_e6` of the notional traded,
    is taken, of equals the smaller and then the earlier row; a step that saves less than
    `least_saving_e6` is not. So no step raises the margin, each figure is exact, and the result is
    the same every time; that no other set of trades does better is not claimed.

    `row` says which instruments may be traded, all by default; `lot_e3` as of `savings`.

    Raises: BadPositions, GrossTooLarge, NotAnInteger, NotIntegers, OutOfRange.
    """
    check_one(positions)
    within("cost rate", cost_rate_e6, high=ONE + 1)
    within("number of trades", trades_max, high=1 << bounds.INSTRUMENT_BITS)
    rows = check_rows(table.listing, np.arange(len(table.mark_e3)) if row is None else row)
    lots = lots_e3(table, rows, lot_e3)
    step = _Step(table, tuple(others), rows, lots, cost_rate_e6, stable_e6)
    now = standing(table, positions, np.array([cash_e6]), others, stable_e6=stable_e6)
    found: list[_Choice] = []
    initial, maintenance = [int(now.initial_e6[0])], [int(now.maintenance_e6[0])]
    for _ in range(trades_max):
        choice = step.best(positions, cash_e6)
        if choice.saving_e6 < max(least_saving_e6, 1):
            break
        trade = Trades.at_mark(table, choice.row, choice.quantity_e3)
        after = filled(table.listing, positions, trade)
        positions, cash_e6 = after.positions, cash_e6 + int(after.cash_e6[0])
        found.append(choice)
        initial.append(choice.initial_e6)
        maintenance.append(choice.maintenance_e6)
    return Lowered(
        Trades.at_mark(
            table,
            _array([choice.row for choice in found]),
            _array([choice.quantity_e3 for choice in found]),
        ),
        _array(initial),
        _array(maintenance),
        _array([choice.cost_e6 for choice in found]),
    )


@dataclass(frozen=True, slots=True)
class _Choice:
    row: int
    quantity_e3: int
    initial_e6: int
    maintenance_e6: int
    cost_e6: int
    saving_e6: int
    """After its cost."""


@dataclass(frozen=True, slots=True, eq=False)
class _Step:
    """What each step may choose from, (R,)."""

    table: RiskTable
    others: tuple[Requirement, ...]
    row: Integers
    lot_e3: Integers
    cost_rate_e6: int
    stable_e6: int

    def best(self, positions: Positions, cash_e6: int) -> _Choice:
        """The trade that saves most; one of size zero when none saves anything."""
        row, lot_e3 = self._shortlist(positions, cash_e6)
        most = self._most_lots(positions, row, np.abs(lot_e3))
        row, lot_e3, most = row[most > 0], lot_e3[most > 0], most[most > 0]

        def cheapest(lots: Integers) -> Integers:
            """Of several sizes of each, (K, sizes), what leaves least; the first of equals."""
            place = np.repeat(np.arange(len(row)), lots.shape[1])
            tried = self._tried(positions, cash_e6, row[place], lots.ravel() * lot_e3[place])
            best = tried.whole_e6.reshape(lots.shape).argmin(axis=1)
            chosen: Integers = lots[np.arange(len(row)), best]
            return chosen

        lots = cheapest(np.minimum(1 << np.arange(bounds.QTY_BITS), most[:, None]))
        width = div(lots, 2, Rounding.FLOOR)
        while np.any(width > 0):
            spread = np.maximum(div(width, WAYS, Rounding.FLOOR), 1)
            around = lots[:, None] + spread[:, None] * np.arange(-WAYS, WAYS + 1)
            lots = cheapest(around.clip(1, most[:, None]))
            width = np.where(spread > 1, spread, 0)
        # Nothing is a choice too.
        row, size_e3 = np.append(0, row), np.append(0, lots * lot_e3)
        tried = self._tried(positions, cash_e6, row, size_e3)
        place = int(np.lexsort((row, np.abs(size_e3), tried.whole_e6))[0])
        return _Choice(
            row=int(row[place]),
            quantity_e3=int(size_e3[place]),
            initial_e6=int(tried.margins.initial_e6[place]),
            maintenance_e6=int(tried.margins.maintenance_e6[place]),
            cost_e6=int(tried.cost_e6[place]),
            saving_e6=int(tried.whole_e6[0] - tried.whole_e6[place]),
        )

    def _shortlist(self, positions: Positions, cash_e6: int) -> tuple[Integers, Integers]:
        """Rows, and their lots with a side, of which one saves most: by lot, and by notional."""
        found = savings(
            self.table, positions, cash_e6=cash_e6, others=self.others, row=self.row,
            lot_e3=self.lot_e3, stable_e6=self.stable_e6,
        )  # fmt: skip
        found = found.part(np.flatnonzero(found.initial_e6 > 0))
        by_notional = found.ranked(found.per_notional_e6)
        tops = [
            np.column_stack([one.row, one.quantity_e3])[:SHORTLIST] for one in (found, by_notional)
        ]
        signed = np.unique(np.concatenate(tops), axis=0)
        return signed[:, 0], signed[:, 1]

    def _tried(
        self, positions: Positions, cash_e6: int, row: Integers, size_e3: Integers
    ) -> "_Tried":
        trades = Trades.at_mark(self.table, row, size_e3)
        after = standing_after_each(
            self.table, positions, cash_e6, trades, self.others, stable_e6=self.stable_e6
        )
        notional_e6 = np.abs(size_e3) * self.table.contract.gross_e3[row]
        return _Tried(after, charged_e6(notional_e6, self.cost_rate_e6))

    def _most_lots(self, positions: Positions, row: Integers, lot_e3: Integers) -> Integers:
        """The most lots worth trying: twice the account's gross notional, within its widths."""
        gross = self.table.contract.gross_e3
        held_e6 = int((np.abs(positions.quantity_e3) * gross[positions.row]).sum())
        room_e6 = min(2 * held_e6, max(GROSS - 1 - held_e6, 0))
        held = np.zeros(len(self.table.mark_e3), dtype=np.int64)
        held[positions.row] = np.abs(positions.quantity_e3)
        room_e3 = (1 << bounds.QTY_BITS) - 1 - held[row]
        most_e3 = np.minimum(room_e3, div(room_e6, gross[row], Rounding.FLOOR))
        return div(most_e3, lot_e3, Rounding.FLOOR)


@dataclass(frozen=True, slots=True, eq=False)
class _Tried:
    """Trades, each alone, (T,): the margins they leave and what they cost."""

    margins: Margins
    cost_e6: Integers

    @property
    def whole_e6(self) -> Integers:
        """Initial margin and cost together: what is made least."""
        whole_e6: Integers = self.margins.initial_e6 + self.cost_e6
        return whole_e6


def _array(values: list[int]) -> Integers:
    return np.array(values, dtype=np.int64)
