"""Margin with open orders: whichever of them are filled, the account can carry it.

The worst subset is bounded without trying any: in each scenario an order that would help is taken
as not filled, and one that would hurt as filled. For the scan this is exact, as the worst over
subsets and scenarios is the worst over scenarios of the worst subset. Each other part is bounded by
what the order would require alone.
"""

from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from novate.risk.charge import charged_e6
from novate.risk.margin import (
    MILLE,
    ONE,
    crowded_charge_e6,
    hedged_basis_e6,
    initial_scan_e6,
)
from novate.risk.positions import BadPositions, Positions
from novate.risk.sums import GROSS, GrossTooLarge, Sums, losses_e6, per_naked_e3, sums
from novate.risk.table import RiskTable
from novate.units import Integers, Rounding, bounds, div, within

BASIS_TIMES: Final = 2
"""An order of delta x raises the basis charge by at most twice x at the highest rate r.

The charge is C (1 - a), with C the charge on all deltas, T their magnitudes, n their sum and
a = |n| / T. Let the delta of an expiry with rate q grow by dx in magnitude, and |n| by s dx, where
s is 1 or -1. By the derivative of a quotient the charge grows by

    q (1 - a) - (C / T) (s - a)    times dx.

C / T is a mean of rates, so this is at most r (1 - a) + r (1 + a) = 2 r. Where the delta shrinks it
is the opposite, at most r (1 - a). Twice is reached when all rates are equal and n shrinks.
"""

ROUNDINGS: Final = 8
"""Micro-USD by which a part of an order may need more than all of it: what is rounded up, twice in
the scan and once in each charge.
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
    """Equity at present, positions and cash, that is enough."""
    is_long_only: Integers
    """1 where neither a position nor an order is short or can come to owe."""
    cost_e6: Integers
    """Where it is: cash that is enough."""


def orders_need(
    table: RiskTable, positions: Positions, orders: OpenOrders, *, stable_e6: int = ONE
) -> OrdersNeed:
    """What each account needs now, so that it has initial margin whichever orders are filled.

    The charge for basis is bounded twice, and the lower bound taken: by what each order may add to
    it (`BASIS_TIMES`), and as a whole. C (T - |n|) / T is at most the highest rate times T - |n|,
    which is twice the lesser of all deltas above zero and of all below it.

    Never below the initial margin after filling any subset, in whole or in part, less what is then
    gained at the marks. Above the worst of these by at most what the orders' charges for basis,
    value, naked options, crowding, confidence and funding do not share with the positions' and each
    other's.

    Error:    up. Measured on a published chain against all subsets, in the median: a lone order
              0 %, one order on a book of five 1 %, two-sided quotes 10 % on a book of thirty and
              30 % on none, an order to close each of five positions 17 %; at most 160 %.
    Raises:   GrossTooLarge when positions and orders together are too large; BadPositions for an
              order of no account, for more than 128 of one, or for orders that could cost 2**62
              micro-USD.
    """
    counts = _counts(positions, orders)
    held = sums(table, positions)
    alone = sums(table, Positions.apart(orders.row, orders.quantity_e3))

    def by_account(values: Integers) -> Integers:
        total = np.zeros((positions.accounts, *values.shape[1:]), dtype=np.int64)
        np.add.at(total, orders.account, values)
        return total

    gross_e6 = held.gross_e6 + by_account(alone.gross_e6)
    if gross_e6.max() >= GROSS:
        raise GrossTooLarge(int(gross_e6.max()))
    price_e6 = orders.quantity_e3 * orders.price_e3
    if by_account(np.maximum(price_e6, -price_e6) >> 10).max() >= 1 << 51:
        raise BadPositions("the orders of an account could cost 2**62 micro-USD")
    order_e6 = _charges_e6(table, alone) + ROUNDINGS + price_e6 - alone.mark_value_e6
    column_e6 = initial_scan_e6(table, losses_e6(table, alone), stable_e6) + order_e6[:, None]
    held_e6 = initial_scan_e6(table, losses_e6(table, held), stable_e6)

    def worst_e6(more_e6: Integers) -> Integers:
        """Over all columns, with what each order may cost more than in `order_e6`."""
        need_e6 = by_account(np.maximum(column_e6 + more_e6[:, None], 0) + orders.fee_e6[:, None])
        worst: Integers = (held_e6 + need_e6).max(axis=1)
        return worst

    rate_e6 = _highest_rate_e6(table, positions, orders)
    up_e6, down_e6 = np.maximum(alone.delta_e6, 0), np.maximum(-alone.delta_e6, 0)
    above_e6 = (held.delta_size_e6 + held.delta_e6) // 2 + by_account(up_e6)
    below_e6 = (held.delta_size_e6 - held.delta_e6) // 2 + by_account(down_e6)
    times_e6 = charged_e6(alone.delta_size_e6, BASIS_TIMES * rate_e6[orders.account])
    one_by_one_e6 = worst_e6(times_e6) + hedged_basis_e6(held)
    as_a_whole_e6 = worst_e6(np.zeros_like(times_e6)) + charged_e6(
        np.minimum(above_e6, below_e6), 2 * rate_e6
    )
    dust_e6 = _basis_dust_e6(table, held, by_account(alone.basis_e6))
    with_basis_e6 = np.where(
        counts > 0, np.minimum(one_by_one_e6, as_a_whole_e6) + dust_e6, one_by_one_e6
    )
    largest_e6 = np.maximum(
        np.abs(held.delta_e6 + by_account(up_e6)), np.abs(held.delta_e6 - by_account(down_e6))
    )
    return OrdersNeed(
        initial_e6=with_basis_e6
        + _charges_e6(table, held)
        + crowded_charge_e6(table.shocks.parameters, largest_e6),
        is_long_only=held.is_long_only & (by_account(1 - alone.is_long_only) == 0),
        cost_e6=by_account(np.maximum(price_e6, 0) + orders.fee_e6),
    )


def _highest_rate_e6(table: RiskTable, positions: Positions, orders: OpenOrders) -> Integers:
    """The highest basis rate of what an account holds or may come to hold."""
    of_row_e6 = table.group_rates_e6[table.listing.group, 0]
    rate_e6: Integers = np.maximum.reduceat(of_row_e6[positions.row], positions.start)
    np.maximum.at(rate_e6, orders.account, of_row_e6[orders.row])
    return rate_e6


def _counts(positions: Positions, orders: OpenOrders) -> Integers:
    """How many orders each account has."""
    for account in (orders.account.min(initial=0), orders.account.max(initial=0)):
        if not 0 <= account < positions.accounts:
            raise BadPositions(f"an order of account {account}, but there are {positions.accounts}")
    counts: Integers = np.bincount(orders.account, minlength=positions.accounts).astype(np.int64)
    if counts.max() > bounds.ORDER_SLOTS:
        raise BadPositions(f"{counts.max()} orders of an account; it has {bounds.ORDER_SLOTS}")
    return counts


def _basis_dust_e6(table: RiskTable, held: Sums, ordered_e6: Integers) -> Integers:
    """What rounding adds to the basis charge of whatever is filled: a thousandth of the charge on
    all deltas, one for each group and two for the whole."""
    per_mille_e6: Integers = div(held.basis_e6 + ordered_e6, MILLE, Rounding.CEIL)
    return per_mille_e6 + table.listing.groups + 2


def _charges_e6(table: RiskTable, held: Sums) -> Integers:
    """The charges of which that of a sum is at most the sum of theirs."""
    parameters = table.shocks.parameters
    naked_rate_e6 = (parameters.short_option_e6, parameters.short_option_initial_e6)
    naked_e3 = sum(per_naked_e3(table, rate_e6) for rate_e6 in naked_rate_e6)
    charges_e6: Integers = (
        held.value_e6
        + held.confidence_e6
        + held.naked_e3 * naked_e3
        + np.maximum(held.funding_e6, 0)
    )
    return charges_e6
