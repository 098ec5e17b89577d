"""The fills of open orders that leave an account worst: most naked options, least payoff.

No subset is tried: of plain options the worst is that all sales are filled, and nothing else.
"""

import numpy as np

from novate.risk.least_payoff import least_payoffs_e6
from novate.risk.open_orders import OpenOrders
from novate.risk.positions import Positions
from novate.risk.sums import sums
from novate.risk.table import RiskTable
from novate.units import Integers


def naked_after_e3(table: RiskTable, positions: Positions, orders: OpenOrders) -> Integers:
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


def least_after_sales_e6(
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


def _filled(positions: Positions, orders: OpenOrders, chosen: Integers) -> Positions:
    """The positions after some of the orders, without what is still to be paid for either."""
    quantity_e3 = np.concatenate([positions.quantity_e3, orders.quantity_e3[chosen]])
    return Positions.netted(
        np.concatenate([positions.account, orders.account[chosen]]),
        np.concatenate([positions.row, orders.row[chosen]]),
        quantity_e3,
        np.zeros_like(quantity_e3),
    )
