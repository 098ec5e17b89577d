"""Trades, and an account after them."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from novate.pricing import operand
from novate.risk.desk.valuation import check_one, check_rows
from novate.risk.listing import Listing
from novate.risk.positions import BadPositions, Positions
from novate.risk.table import RiskTable
from novate.units import Integers, bounds


@dataclass(frozen=True, slots=True, eq=False)
class Trades:
    """Trades in rows of one risk table; (T,)."""

    row: Integers
    quantity_e3: Integers
    """Above zero bought, below zero sold."""
    price_e3: Integers
    fee_e6: Integers

    @classmethod
    def of(cls, row: Any, quantity_e3: Any, price_e3: Any, fee_e6: Any = 0) -> "Trades":
        """Trades of what broadcasts to one dimension; integers.

        Raises: NotIntegers, OutOfRange; BadPositions for shapes that do not fit.
        """
        size_max = 1 << bounds.QTY_BITS
        parts = [
            _operand("row of a trade", row, high=1 << bounds.INSTRUMENT_BITS),
            _operand("size of a trade", quantity_e3, low=1 - size_max, high=size_max),
            _operand("price of a trade", price_e3, high=1 << bounds.PRICE_BITS),
            _operand("fee of a trade", fee_e6, high=1 << bounds.GROSS_NOTIONAL_BITS),
        ]
        try:
            row, size, price, fee = np.broadcast_arrays(*parts)
        except ValueError:
            shapes = [part.shape for part in parts]
            raise BadPositions(f"rows, sizes, prices and fees have shapes {shapes}") from None
        return cls(row, size, price, fee)

    @classmethod
    def at_mark(cls, table: RiskTable, row: Any, quantity_e3: Any) -> "Trades":
        """Trades at the marks, without fee.

        Raises: NotIntegers, OutOfRange, BadPositions.
        """
        rows = _operand("row of a trade", row, high=1 << bounds.INSTRUMENT_BITS)
        check_rows(table.listing, rows)
        return cls.of(rows, quantity_e3, table.mark_e3[rows])

    def __len__(self) -> int:
        return len(self.row)

    def part(self, chosen: slice | Integers) -> "Trades":
        """Some of them."""
        return Trades(
            self.row[chosen], self.quantity_e3[chosen], self.price_e3[chosen], self.fee_e6[chosen]
        )

    def cost_e6(self, listing: Listing) -> Integers:
        """What of each price is not paid at once but owed by the position, (T,): all of a perpetual
        or a future, nothing of an option."""
        return self.quantity_e3 * self.price_e3 * ~listing.is_curved[self.row]

    def cash_e6(self, listing: Listing) -> Integers:
        """What each brings in cash, (T,): less the premium of an option, and less the fee."""
        return self.cost_e6(listing) - self.quantity_e3 * self.price_e3 - self.fee_e6


@dataclass(frozen=True, slots=True, eq=False)
class Filled:
    """Accounts after trades, (A,)."""

    positions: Positions
    cash_e6: Integers
    """What the trades brought."""


def no_positions() -> Positions:
    """The positions of an account that has none: none of the first instrument."""
    return Positions.of(np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64))


def filled(listing: Listing, positions: Positions, trades: Trades) -> Filled:
    """One account after all of the trades, netted.

    What nets to nothing stays as a position of size zero, for what its linear trades cost.

    Raises: BadPositions.
    """
    check_one(positions)
    row = np.concatenate([positions.row, trades.row])
    check_rows(listing, row)
    after = Positions.netted(
        np.zeros_like(row),
        row,
        np.concatenate([positions.quantity_e3, trades.quantity_e3]),
        np.concatenate([positions.cost_e6, trades.cost_e6(listing)]),
    )
    return Filled(after, trades.cash_e6(listing).sum(keepdims=True))


def filled_each(listing: Listing, positions: Positions, trades: Trades) -> Filled:
    """One account after each of the trades alone, (T,): as many accounts as trades, in their order.

    Raises: BadPositions.
    """
    check_one(positions)
    check_rows(listing, np.concatenate([positions.row, trades.row]))
    count, held = len(trades), len(positions.row)
    row = np.tile(positions.row, (count, 1))
    quantity_e3 = np.tile(positions.quantity_e3, (count, 1))
    cost_e6 = np.tile(positions.cost_e6, (count, 1))
    cost = trades.cost_e6(listing)
    place = np.minimum(np.searchsorted(positions.row, trades.row), held - 1)
    is_held = positions.row[place] == trades.row
    at = np.flatnonzero(is_held)
    quantity_e3[at, place[at]] += trades.quantity_e3[at]
    cost_e6[at, place[at]] += cost[at]
    new = np.flatnonzero(~is_held)
    account = np.concatenate([np.repeat(np.arange(count), held), new])
    return Filled(
        Positions.many(
            account,
            np.concatenate([row.ravel(), trades.row[new]]),
            np.concatenate([quantity_e3.ravel(), trades.quantity_e3[new]]),
            np.concatenate([cost_e6.ravel(), cost[new]]),
        ),
        trades.cash_e6(listing),
    )


def _operand(what: str, values: Any, *, low: int = 0, high: int) -> Integers:
    """Integers in one dimension; an empty list is no floats."""
    array = np.atleast_1d(np.asarray(values))
    return operand(what, array if array.size else array.astype(np.int64), low=low, high=high)
