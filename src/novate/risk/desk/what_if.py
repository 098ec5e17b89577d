"""What if: margin before and after trades, and how much of an instrument an account can carry."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from novate.risk.desk.saving import SIDES, lots_e3
from novate.risk.desk.standing import standing, standing_after_each
from novate.risk.desk.trades import Trades, filled
from novate.risk.desk.valuation import check_one, check_rows
from novate.risk.health import Margin, Margins, is_accepted
from novate.risk.margin import ONE, Requirement, requirement
from novate.risk.open_orders import OpenOrders
from novate.risk.orders_need import orders_need
from novate.risk.parameters import Dials
from novate.risk.positions import BadPositions, Positions
from novate.risk.sums import GROSS
from novate.risk.table import RiskTable
from novate.units import Integers, Rounding, bounds, div


@dataclass(frozen=True, slots=True, eq=False)
class WhatIf:
    """One account before and after trades."""

    before: Margin
    after: Margin
    requirement_before: Requirement
    requirement_after: Requirement
    positions_after: Positions
    cash_after_e6: int
    is_accepted: bool
    """Whether the account may make all of these trades at once by its own doing."""
    orders_need_e6: int
    """Equity at present that is enough to leave them all open as orders, whichever is filled."""


def what_if(
    table: RiskTable,
    positions: Positions,
    cash_e6: int,
    trades: Trades,
    others: Sequence[Requirement] = (),
    *,
    stable_e6: int = ONE,
) -> WhatIf:
    """Margin of one account before and after at most 128 trades, all filled, with what it takes to
    leave them open.

    Raises: BadPositions, GrossTooLarge.
    """
    after = filled(table.listing, positions, trades)
    cash_after_e6 = cash_e6 + int(after.cash_e6[0])
    states = [
        standing(table, held, np.array([cash]), others, stable_e6=stable_e6).of(0)
        for held, cash in ((positions, cash_e6), (after.positions, cash_after_e6))
    ]
    orders = OpenOrders(
        account=np.zeros_like(trades.row),
        row=trades.row,
        quantity_e3=trades.quantity_e3,
        price_e3=trades.price_e3,
        fee_e6=trades.fee_e6,
    )
    need = orders_need(table, positions, orders, stable_e6=stable_e6)
    return WhatIf(
        before=states[0],
        after=states[1],
        requirement_before=requirement(table, positions, stable_e6=stable_e6),
        requirement_after=requirement(table, after.positions, stable_e6=stable_e6),
        positions_after=after.positions,
        cash_after_e6=cash_after_e6,
        is_accepted=is_accepted(states[0], states[1], table.shocks.dials),
        orders_need_e6=int(need.initial_e6[0]) + sum(int(other.initial_e6[0]) for other in others),
    )


PROBES: Final = bounds.QTY_BITS + 1
"""Sizes that are tried first: one lot, twice as many, and so on."""


def buying_power_e3(
    table: RiskTable,
    positions: Positions,
    cash_e6: int,
    row: Any,
    side: int,
    others: Sequence[Requirement] = (),
    *,
    price_e3: Any = None,
    lot_e3: Any = None,
    stable_e6: int = ONE,
) -> Integers:
    """How much of each row one account may buy (`side` 1) or sell (-1) in one trade, (R,), from 0.

    At the marks unless prices are given, in whole lots, and by the rule of acceptance: it leaves
    the account with its initial margin, or safer. Margin is no monotone function of size, as a
    trade first hedges and then adds, so a search must say what it found: the size is accepted, one
    lot more is not, and neither is any larger one among the doubled lots, the size that closes a
    position, and the largest that any account may have. Every size is margined exactly.

    Raises: BadPositions, GrossTooLarge.
    """
    check_one(positions)
    if side not in SIDES:
        raise BadPositions(f"side {side} is neither 1, which buys, nor -1, which sells")
    row = check_rows(table.listing, row)
    lot = lots_e3(table, row, lot_e3)
    price = table.mark_e3[row] if price_e3 is None else np.broadcast_to(price_e3, row.shape)
    before = standing(table, positions, np.array([cash_e6]), others, stable_e6=stable_e6).of(0)
    most, closing = _most_lots(table, positions, row, side, lot)

    def accepted(place: Integers, lots: Integers) -> npt.NDArray[np.bool_]:
        trades = Trades.of(row[place], side * lots * lot[place], price[place])
        after = standing_after_each(table, positions, cash_e6, trades, others, stable_e6=stable_e6)
        return _accepted(before, after, table.shocks.dials)

    ladder = np.minimum(1 << np.arange(PROBES), most[:, None])
    probes = np.sort(np.column_stack([ladder, np.minimum(closing, most)]), axis=1)
    place = np.repeat(np.arange(len(row)), probes.shape[1])
    is_good = accepted(place, probes.ravel()).reshape(probes.shape)
    low = np.where(is_good, probes, 0).max(axis=1, initial=0)
    high = np.where(probes > low[:, None], probes, most[:, None] + 1).min(axis=1)
    while (open_ := np.flatnonzero(high - low > 1)).size:
        middle = div(low[open_] + high[open_], 2, Rounding.FLOOR)
        is_carried = accepted(open_, middle)
        low[open_] = np.where(is_carried, middle, low[open_])
        high[open_] = np.where(is_carried, high[open_], middle)
    size_e3: Integers = low * lot
    return size_e3


def _most_lots(
    table: RiskTable, positions: Positions, row: Integers, side: int, lot_e3: Integers
) -> tuple[Integers, Integers]:
    """The most lots of each row that an account may trade at all, and how many close a position."""
    held = np.zeros(len(table.mark_e3), dtype=np.int64)
    held[positions.row] = positions.quantity_e3
    gross = table.contract.gross_e3
    room_e6 = GROSS - 1 - int((np.abs(positions.quantity_e3) * gross[positions.row]).sum())
    room_e3 = (1 << bounds.QTY_BITS) - 1 - side * held[row]
    most_e3 = np.minimum(room_e3, div(max(room_e6, 0), gross[row], Rounding.FLOOR)).clip(
        max=(1 << bounds.QTY_BITS) - 1
    )
    closing_e3 = np.maximum(-side * held[row], 0)
    most, closing = (
        div(size_e3, lot_e3, Rounding.FLOOR) for size_e3 in (np.maximum(most_e3, 0), closing_e3)
    )
    return most, closing


def _accepted(before: Margin, after: Margins, dials: Dials) -> npt.NDArray[np.bool_]:
    places = range(len(after.equity_e6))
    return np.array(
        [is_accepted(before, after.of(place), dials) for place in places],
        dtype=np.bool_,
    )
