"""Shares in whole lots: everybody the same part, to a lot, and nobody able to choose which.

The candidates of a tier stand in a row, by account number. What is closed of the row up to each of
them is the part of it that must be, rounded down, and each closes what that grew by. Everybody, and
every stretch of neighbours, is within a lot of their part, and the total is exact. Where in a lot
the row begins is drawn by the tick: over all beginnings every account closes its part exactly, so
neither a number nor a split of an account is worth anything.
"""

from itertools import accumulate, pairwise

import numpy as np

from novate.pricing import operand
from novate.risk.liquidation.rules import WHOLE
from novate.units import Integers, Rounding, Term, bounds, div, within


def row_start_law(draw: Term, total: Term, start: Term, rest: Term) -> Term:
    """Zero when a row of `total` lots begins at the part `draw` of it, in 2**-30, rounded down.

    `rest` in [0, 2**30).
    """
    return start * WHOLE + rest - draw * total


def lot_share_law(
    so_far: Term, need: Term, total: Term, start: Term, reached: Term, rest: Term
) -> Term:
    """Zero when a row up to somewhere, `so_far` of `total` lots, has closed `reached` of `need`.

    `rest` in [0, total). A candidate closes what `reached` grew by: with `start` from 0 and below
    `total` a row begins at 0 and ends at exactly `need`.
    """
    return reached * total + rest - need * so_far - start


def shares_in_order(amount: int, weight: list[int], start: int = 0) -> list[int]:
    """An amount over a row by weights from 0, with sums rounded down: they add up, with no dust.

    Each share is its part rounded down or up; over all starts in [0, total) it is the part exactly.

    Law:     `lot_share_law`.
    Witness: of each the sum reached and its rest.
    """
    total = sum(weight)
    reached = [div(amount * so_far + start, total, Rounding.FLOOR) for so_far in accumulate(weight)]
    assert 0 <= start < total
    assert reached[-1] == amount
    return [after - before for before, after in pairwise([0, *reached])]


def closed_lots(
    need: int, size: Integers, tier: Integers, account: Integers, draw: int
) -> Integers:
    """How many lots each candidate closes: tier by tier downwards, pro rata within the last.

    `draw` in [0, 2**30) says where the row of the last tier begins.

    Rounding: each sum that runs along down, so a candidate closes within a lot of its part.
    Range:    need * so_far below 2**(27 + 50), and a total more for the start: 78 bits; draw *
              total below 2**(30 + 50).
    Law:      `row_start_law`, `lot_share_law`.
    Witness:  the order; of each row whether its tier is before, at or after the marginal one; there
              start, sum reached and both rests.
    Raises:   NotIntegers; OutOfRange when there is more to close than there are candidates for.
    """
    limit = 1 << bounds.QTY_BITS
    size = operand("lots of a candidate", size, low=1, high=limit)
    within("lots to close", need, high=min(int(size.sum()) + 1, limit))
    within("draw", draw, high=WHOLE)
    closed = np.zeros_like(size)
    for one in np.unique(tier)[::-1]:
        rows = np.flatnonzero(tier == one)
        rows = rows[np.argsort(account[rows], kind="stable")]
        lots = size[rows].tolist()
        total = sum(lots)
        if need < total:
            start = div(draw * total, WHOLE, Rounding.FLOOR)
            assert 0 <= draw * total - start * WHOLE < WHOLE
            closed[rows] = shares_in_order(need, lots, start)
            break
        closed[rows] = size[rows]
        need -= total
    return closed
