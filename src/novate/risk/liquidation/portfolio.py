"""A portfolio: what one account has in its compartment, and a part of it that moves to another.

Contracts and what is still to be paid for them move together, so that what leaves one portfolio is
what the other one gets, to the last unit.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from novate.risk.liquidation.account_slice import cut_e3
from novate.risk.liquidation.rules import WHOLE
from novate.risk.positions import Positions
from novate.risk.table import RiskTable
from novate.units import Integers, Rounding, Term, div


def slice_cost_law(cost: Term, size: Term, cut: Term, moved: Term, rest: Term) -> Term:
    """Zero when `moved` of what is still to be paid for a position goes with `cut` of its `size`,
    rounded down; sizes without sign, `rest` in [0, size)."""
    return moved * size + rest - cost * cut


@dataclass(frozen=True, slots=True, eq=False)
class Portfolio:
    """One account of a compartment."""

    account: int
    cash_e6: int
    positions: tuple[Positions, ...]
    """In each underlying, in the order of its tables; one of size 0 where there are none. Funding
    was settled before, or is part of the cost (`with_funding`)."""

    def part(self, tables: Sequence[RiskTable], part: int) -> tuple[Positions, ...]:
        """The part of every position, in 2**-30: what moves when it is taken.

        Law and witness: as of `cut_e3` and `slice_cost_law`.
        """
        both = zip(tables, self.positions, strict=True)
        return tuple(_part(table, held, part) for table, held in both)

    def less(self, moved: Sequence[Positions], received_e6: int) -> "Portfolio":
        """After positions left for cash; of positions that are closed and paid for none is kept."""
        left = tuple(
            _open(held.row, held.quantity_e3 - gone.quantity_e3, held.cost_e6 - gone.cost_e6)
            for held, gone in zip(self.positions, moved, strict=True)
        )
        return Portfolio(self.account, self.cash_e6 + received_e6, left)

    def plus(self, moved: Sequence[Positions], received_e6: int) -> "Portfolio":
        """After positions came, netted, with what cash came with them.

        Raises: BadPositions for a position beyond its width.
        """
        joined = tuple(map(_joined, self.positions, moved))
        return Portfolio(self.account, self.cash_e6 + received_e6, joined)


def _part(table: RiskTable, held: Positions, part: int) -> Positions:
    lots = [table.listing.instruments[row].tick.lot.e3 for row in held.row.tolist()]
    size_e3 = cut_e3(held.quantity_e3, np.array(lots), part)
    cost_e6 = held.cost_e6 if part == WHOLE else _part_of_cost_e6(held, size_e3)
    return Positions.of(held.row, size_e3, cost_e6)


def _part_of_cost_e6(held: Positions, cut_e3: Integers) -> Integers:
    """What is still to be paid of the contracts that move: pro rata, rounded down.

    Who keeps the dust is of no account: the slice is worth so much more or less, and is paid for.
    """
    moved_e6 = []
    for cost_e6, size_e3, part_e3 in zip(
        held.cost_e6.tolist(),
        np.abs(held.quantity_e3).tolist(),
        np.abs(cut_e3).tolist(),
        strict=True,
    ):
        one_e6 = div(cost_e6 * part_e3, size_e3, Rounding.FLOOR) if part_e3 else 0
        rest = cost_e6 * part_e3 - one_e6 * size_e3
        assert 0 <= rest < max(size_e3, 1)
        assert slice_cost_law(cost_e6, size_e3, part_e3, one_e6, rest) == 0
        moved_e6.append(one_e6)
    return np.array(moved_e6, dtype=np.int64)


def _joined(held: Positions, moved: Positions) -> Positions:
    row = np.concatenate([held.row, moved.row])
    both = Positions.netted(
        np.zeros_like(row),
        row,
        np.concatenate([held.quantity_e3, moved.quantity_e3]),
        np.concatenate([held.cost_e6, moved.cost_e6]),
    )
    return _open(both.row, both.quantity_e3, both.cost_e6)


def _open(row: Integers, size_e3: Integers, cost_e6: Integers) -> Positions:
    """Positions without those that are closed and paid for; one of them, if there is no other."""
    is_open = (size_e3 != 0) | (cost_e6 != 0)
    if not is_open.any():
        is_open[:1] = True
    return Positions.of(row[is_open], size_e3[is_open], cost_e6[is_open])
