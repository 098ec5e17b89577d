"""Margin with open orders: whichever of them are filled, the account can carry it.

The worst subset is bounded without trying any: in each scenario an order that would help is taken
as not filled, and one that would hurt as filled. For the scan this is exact, as the worst over
subsets and scenarios is the worst over scenarios of the worst subset. Each other part is bounded by
what the order would require alone.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from novate.risk.charge import charged_e6
from novate.risk.margin import (
    ONE,
    crowded_charge_e6,
    hedged_basis_e6,
    initial_scan_e6,
)
from novate.risk.positions import Positions
from novate.risk.sums import GROSS, GrossTooLarge, Sums, losses_e6, per_naked_e3, sums
from novate.risk.table import RiskTable
from novate.units import Integers

BASIS_TIMES: Final = 3
"""An order of delta x raises the basis charge by at most three times x at the highest rate.

The charge is C (T - |n|) / T with C the charge on all deltas, T their magnitudes, n their sum. An
order that enlarges its expiry's delta raises T - |n| by at most 2x and C by x times a rate; C / T
is a mean of rates, so three products are each at most x times the highest. One that shrinks it does
not raise T - |n|, and raises C / T by at most x / (T - x) of itself, on a part below T - x.
"""


@dataclass(frozen=True, slots=True, eq=False)
class OpenOrders:
    """Open orders of the accounts of some positions, each as the position it would become; (O,)."""

    account: Integers
    """Place of the account among those of the positions."""
    row: Integers
    quantity_e3: Integers
    """What is left of the order: above zero buys, below zero sells."""
    price_e3: Integers
    """Limit, or the worst price."""
    fee_e6: Integers
    """The most that the fill can cost beside the price."""


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

    Never below the initial margin after filling any subset, less what the subset gains at the
    marks. Above the worst of these by at most what the orders' charges for basis, value, naked
    options, crowding, confidence and funding do not share with the positions' and each other's.

    Rounding: up.
    Raises:   GrossTooLarge when positions and orders together are too large.
    """
    held = sums(table, positions)
    alone = sums(table, Positions.apart(orders.row, orders.quantity_e3))

    def by_account(values: Integers) -> Integers:
        total = np.zeros((positions.accounts, *values.shape[1:]), dtype=np.int64)
        np.add.at(total, orders.account, values)
        return total

    gross_e6 = held.gross_e6 + by_account(alone.gross_e6)
    if gross_e6.max() >= GROSS:
        raise GrossTooLarge(int(gross_e6.max()))
    price_e6 = orders.quantity_e3 * orders.price_e3 + orders.fee_e6
    order_e6 = (
        BASIS_TIMES * charged_e6(alone.delta_size_e6, int(table.group_rates_e6[:, 0].max()))
        + _charges_e6(table, alone)
        + price_e6
        - alone.mark_value_e6
    )
    need_e6 = by_account(
        np.maximum(
            initial_scan_e6(table, losses_e6(table, alone), stable_e6) + order_e6[:, None], 0
        )
    )
    worst_e6 = (initial_scan_e6(table, losses_e6(table, held), stable_e6) + need_e6).max(axis=1)
    high_e6 = held.delta_e6 + by_account(np.maximum(alone.delta_e6, 0))
    low_e6 = held.delta_e6 + by_account(np.minimum(alone.delta_e6, 0))
    largest_e6 = np.maximum(np.abs(high_e6), np.abs(low_e6))
    return OrdersNeed(
        initial_e6=worst_e6
        + hedged_basis_e6(held)
        + _charges_e6(table, held)
        + crowded_charge_e6(table.shocks.parameters, largest_e6),
        is_long_only=held.is_long_only & (by_account(1 - alone.is_long_only) == 0),
        cost_e6=by_account(np.maximum(price_e6, 0)),
    )


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
