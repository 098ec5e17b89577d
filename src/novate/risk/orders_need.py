"""Margin with open orders: whichever of them are filled, the account can carry it.

The worst subset is bounded without trying any: in each scenario an order that would help is taken
as not filled, and one that would hurt as filled. For the scan this is exact, as the worst over
subsets and scenarios is the worst over scenarios of the worst subset. Each other part is bounded by
what the order would require alone.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from novate.risk.least_payoff import above_marks_e6, least_payoffs_e6
from novate.risk.margin import ONE, crowded_charge_e6, flagged_below_e6
from novate.risk.open_orders import OpenOrders
from novate.risk.positions import BadPositions, Positions
from novate.risk.scan import initial_losses_e6, maintenance_losses_e6
from novate.risk.sums import GROSS, GrossTooLarge, Sums, sums
from novate.risk.table import RiskTable
from novate.risk.worst_fills import least_after_sales_e6, naked_after_e3
from novate.units import Integers, bounds, down, larger

ROUNDINGS: Final = 8
"""Micro-USD by which a part of an order may need more than its share of what the whole needs: basis
or a buffer is rounded up before a factor of at most 4.96, then once more, and so are charges for
value and confidence: 4.96 + 3 = 7.96. Of what would be flagged it is 2 x 2 + 1.
"""


@dataclass(frozen=True, slots=True, eq=False)
class OrdersNeed:
    """What accounts need so that any of their orders may be filled; micro-USD, (A,)."""

    initial_e6: Integers
    """Equity at present that is enough."""
    is_bounded: Integers
    """1 where, whatever is filled, options alone are held and no expiry loses for ever: then no
    more is needed than can be lost."""


def orders_need(
    table: RiskTable, positions: Positions, orders: OpenOrders, *, stable_e6: int = ONE
) -> OrdersNeed:
    """What each account needs now, so that it has initial margin whichever orders are filled.

    Naked options are those after all sales: no subset leaves more. So an order that closes a long
    option is not charged for a short one.

    Never below the initial margin after filling any subset, in whole or in part, less what is then
    gained at the marks. Above the worst of these by at most what the orders' charges for value,
    crowding, confidence and funding do not share with the positions' and each other's, and by what
    basis and the least of options are less in a sum.

    Error:    up. Measured on a published chain against all subsets, in the median: a lone order
              and both legs of a spread 0 %, one order on a book of five 0 %, two-sided quotes 1 %
              on any book, an order to close each of five positions 1.5 %; of each kind 19 in 20
              within 18 %, all within 98 %.
    Witness:  for each order and way what it adds there, the positive part of a sum; the largest of
              21 and of 19 ways and of both, with differences; the larger side of a delta; rows of
              the netted positions, ascending; the least of each expiry after all sales.
    Raises:   GrossTooLarge when positions and orders together are too large; BadPositions for an
              order of no account, for more than 128 of one, for orders that could cost 2**61
              micro-USD, or for sales after which a size does not fit 27 bits.
    """
    _check_counts(positions, orders)
    held = sums(table, positions)
    alone = sums(table, Positions.apart(orders.row, orders.quantity_e3))
    price_e6 = orders.quantity_e3 * orders.price_e3

    def by_account(values: Integers) -> Integers:
        total = np.zeros((positions.accounts, *values.shape[1:]), dtype=np.int64)
        np.add.at(total, orders.account, values)
        return total

    def worst_e6(ways_held: Integers, ways_alone: Integers) -> Integers:
        """The largest over all ways to lose, (A, W) and (O, W), of all that adds to it."""
        order_e6 = np.maximum(ways_alone + (price_e6 - alone.mark_value_e6)[:, None], 0)
        need_e6 = by_account(order_e6 + (orders.fee_e6 + ROUNDINGS)[:, None])
        worst: Integers = (ways_held + need_e6).max(axis=1)
        return worst

    _check_amounts(held.gross_e6 + by_account(alone.gross_e6), by_account(down(abs(price_e6), 10)))
    up_e6, down_e6 = by_account(larger(alone.delta_e6, 0)), by_account(larger(-alone.delta_e6, 0))
    delta_e6 = larger(abs(held.delta_e6 + up_e6), abs(held.delta_e6 - down_e6))
    both_e6 = naked_after_e3(table, positions, orders) * table.naked_e3
    both_e6 = both_e6 + crowded_charge_e6(table.shocks.parameters, delta_e6)
    initial_e6 = worst_e6(*(_initial_ways(table, one, stable_e6) for one in (held, alone)))
    flagged_e6 = worst_e6(*(_flagged_ways(table, one) for one in (held, alone)))
    least_e6, is_bounded = least_after_sales_e6(table, positions, orders)
    flagged_e6 = flagged_e6 + flagged_below_e6(both_e6, table.shocks.dials)
    # Equity counts no less than the least that is held, and marks may.
    held_least = least_payoffs_e6(table.listing, positions, held.is_bounded == 1)
    above_e6 = above_marks_e6(held.mark_value_e6, *held_least)
    asked_e6 = larger(initial_e6 + both_e6, flagged_e6) + above_e6
    # A position more or less is settled by itself, and rounded.
    paid_e6 = by_account(np.maximum(price_e6, 0) + orders.fee_e6 + 1)
    loss_e6 = paid_e6 + held.mark_value_e6 + above_e6 - least_e6
    return OrdersNeed(
        initial_e6=np.where(is_bounded == 1, np.minimum(asked_e6, loss_e6), asked_e6),
        is_bounded=is_bounded,
    )


def _initial_ways(table: RiskTable, held: Sums, stable_e6: int) -> Integers:
    """Losses with the charges of which that of a sum is at most the sum of theirs, (A, 21)."""
    charges_e6 = held.value_e6 + held.confidence_e6 + larger(held.funding_e6, 0)
    ways: Integers = initial_losses_e6(table, held, stable_e6) + charges_e6[:, None]
    return ways


def _flagged_ways(table: RiskTable, held: Sums) -> Integers:
    """The same of what would be flagged, (A, 19)."""
    maintenance_e6 = maintenance_losses_e6(held) + held.value_e6[:, None]
    ways: Integers = flagged_below_e6(maintenance_e6, table.shocks.dials)
    return ways


def _check_amounts(gross_e6: Integers, price_part: Integers) -> None:
    """Gross notional and a 1024th of all prices."""
    if gross_e6.max() >= GROSS:
        raise GrossTooLarge(int(gross_e6.max()))
    if price_part.max() >= 1 << 51:
        raise BadPositions("the orders of an account could cost 2**61 micro-USD")


def _check_counts(positions: Positions, orders: OpenOrders) -> None:
    for account in (orders.account.min(initial=0), orders.account.max(initial=0)):
        if not 0 <= account < positions.accounts:
            raise BadPositions(f"an order of account {account}, but there are {positions.accounts}")
    counts = np.bincount(orders.account, minlength=positions.accounts)
    if counts.max() > bounds.ORDER_SLOTS:
        raise BadPositions(f"{counts.max()} orders of an account; it has {bounds.ORDER_SLOTS}")
