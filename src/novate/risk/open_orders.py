"""Margin with open orders: whichever of them are filled, the account can carry it.

The worst subset is bounded without trying any: in each scenario an order that would help is taken
as not filled, and one that would hurt as filled. For the scan this is exact, as the worst over
subsets and scenarios is the worst over scenarios of the worst subset. Each other part is bounded by
what the order would require alone.
"""

from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from novate.risk.least_payoff import least_payoffs_e6
from novate.risk.margin import (
    ONE,
    crowded_charge_e6,
    flagged_below_e6,
)
from novate.risk.positions import BadPositions, Positions
from novate.risk.scan import initial_losses_e6, maintenance_losses_e6
from novate.risk.sums import GROSS, GrossTooLarge, Sums, sums
from novate.risk.table import RiskTable
from novate.units import Integers, bounds, down, larger, within

ROUNDINGS: Final = 8
"""Micro-USD by which a part of an order may need more than its share of what the whole needs: basis
or a buffer is rounded up before a factor of at most 4.96, then once more, and so are charges for
value and confidence: 4.96 + 3 = 7.96. Of what would be flagged it is 2 x 2 + 1.
"""


@dataclass(frozen=True, slots=True, eq=False)
class OpenOrders:
    """Open orders of the accounts of some positions, each as the position it would become; (O,).

    Raises: BadPositions for arrays of other kinds or lengths; OutOfRange for prices and fees.
    """

    account: Integers
    """Place of the account among those of the positions."""
    row: Integers
    quantity_e3: Integers
    """What is left of the order: above zero buys, below zero sells."""
    price_e3: Integers
    """Limit, or the worst price."""
    fee_e6: Integers
    """The most that a fill, even of a part, can cost beside the price."""

    def __post_init__(self) -> None:
        for column in fields(self):
            values = np.asarray(getattr(self, column.name))
            if values.dtype != np.int64 or values.ndim != 1:
                raise BadPositions(
                    f"{column.name} of orders is {values.dtype} of shape {values.shape}; "
                    "next: give one row of integers of 64 bits"
                )
            object.__setattr__(self, column.name, values)
        lengths = {column.name: len(getattr(self, column.name)) for column in fields(self)}
        if len(set(lengths.values())) > 1:
            raise BadPositions(f"arrays of orders differ in length: {lengths}")
        for what, values, high in (
            ("limit price", self.price_e3, 1 << bounds.PRICE_BITS),
            ("fee of an order", self.fee_e6, 1 << bounds.GROSS_NOTIONAL_BITS),
        ):
            if len(values):
                within(what, int(values.min()), high=high)
                within(what, int(values.max()), high=high)


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
    both_e6 = _naked_e3(table, positions, orders) * table.naked_e3
    both_e6 = both_e6 + crowded_charge_e6(table.shocks.parameters, delta_e6)
    initial_e6 = worst_e6(*(_initial_ways(table, one, stable_e6) for one in (held, alone)))
    flagged_e6 = worst_e6(*(_flagged_ways(table, one) for one in (held, alone)))
    least_e6, is_bounded = _least_after_sales_e6(table, positions, orders)
    flagged_e6 = flagged_e6 + flagged_below_e6(both_e6, table.shocks.dials)
    # Equity counts no less than the least that is held, and marks may.
    above_e6 = _above_marks_e6(table, positions, held)
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


def _filled(positions: Positions, orders: OpenOrders, chosen: Integers) -> Positions:
    """The positions after some of the orders; what is then nothing stays as a size of zero."""
    account = np.concatenate([positions.account, orders.account[chosen]])
    row = np.concatenate([positions.row, orders.row[chosen]])
    quantity_e3 = np.concatenate([positions.quantity_e3, orders.quantity_e3[chosen]])
    order = np.lexsort((row, account))
    account, row = account[order], row[order]
    begins = (np.diff(account, prepend=-1) != 0) | (np.diff(row, prepend=-1) != 0)
    starts = np.flatnonzero(begins)
    netted_e3 = np.add.reduceat(quantity_e3[order], starts)
    return Positions.many(account[starts], row[starts], netted_e3)


def _naked_e3(table: RiskTable, positions: Positions, orders: OpenOrders) -> Integers:
    """Naked options after the subset that leaves most, (A,).

    They are a sum of max(0, -u) over groups and sides, u what options gain there. All orders that
    lower some u and raise none are taken as filled; one that does both adds what it is alone.
    """
    sides: Integers = orders.quantity_e3[:, None] * np.column_stack(
        [table.listing.upside[orders.row], table.listing.downside[orders.row]]
    )
    lowers, raises = (sides < 0).any(axis=1), (sides > 0).any(axis=1)
    sales, mixed = np.flatnonzero(lowers & ~raises), np.flatnonzero(lowers & raises)
    naked_e3: Integers = sums(table, _filled(positions, orders, sales)).naked_e3.copy()
    np.add.at(naked_e3, orders.account[mixed], np.maximum(-sides[mixed], 0).sum(axis=1))
    return naked_e3


def _above_marks_e6(table: RiskTable, positions: Positions, held: Sums) -> Integers:
    """How much more the equity of bounded positions is than their marks say, (A,)."""
    least_e6, is_bounded = least_payoffs_e6(table.listing, positions, held.is_bounded == 1)
    above_e6: Integers = is_bounded * np.maximum(least_e6 - held.mark_value_e6, 0)
    return above_e6


def _least_after_sales_e6(
    table: RiskTable, positions: Positions, orders: OpenOrders
) -> tuple[Integers, Integers]:
    """The least that positions pay after whichever orders are filled, without what those cost; and
    whether there is one, (A,).

    An option whose payoff is never below zero adds to what a book pays when it is bought and takes
    from it when it is sold, at every settlement price: no subset pays less than all sales alone,
    but for a rounding of each position that it has besides.
    """
    sales = np.flatnonzero(orders.quantity_e3 < 0)
    after = _filled(positions, orders, sales)
    is_asked = sums(table, after).is_bounded == 1
    np.logical_and.at(is_asked, orders.account, table.listing.can_owe[orders.row] == 0)
    return least_payoffs_e6(table.listing, after, is_asked)


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
