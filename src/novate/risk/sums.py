"""What accounts hold, summed over the risk table: all that margin is computed from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from novate.risk.charge import charged_e6
from novate.risk.positions import Positions
from novate.risk.scenario import ACCOUNT_COLUMNS, COLUMNS
from novate.risk.table import RiskTable, Summand
from novate.units import Integers, Rounding, Term, bounds, div

GROSS: Final = 1 << bounds.GROSS_NOTIONAL_BITS
LOSSES: Final = ACCOUNT_COLUMNS + 3
"""Ways to lose: the account columns, the smiles' tilt, their wings, the least for naked shorts."""


class GrossTooLarge(ValueError):
    """An account whose gross notional is beyond what its sums are sure to hold."""

    def __init__(self, gross_e6: int) -> None:
        super().__init__(
            f"gross notional of {gross_e6} micro-USD is not below {GROSS}; "
            "next: split the portfolio over two accounts"
        )
        self.gross_e6 = gross_e6


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """Sums over the positions of each account; micro-USD, (A,). Integers when it is of one."""

    loss_e6: Integers
    """(A, 32): in each column, with what the table's entries may err; then the sums over expiries
    of the worse tilt and the worse wings of each; then the least for naked short options."""
    delta_e6: Term
    """Net: what the account gains when the underlying doubles, linearly."""
    delta_size_e6: Term
    """Sum of the magnitudes of each group's delta."""
    basis_e6: Term
    """Basis charge on the whole of that."""
    value_e6: Term
    """Charge on what each expiry is worth, where it is worth something."""
    confidence_e6: Term
    naked_e3: Term
    """Milli-contracts of options that are short and not covered by others of their expiry."""
    funding_e6: Term
    """Expected payment of the next eight hours; negative when the account receives."""
    mark_value_e6: Term
    """What the positions are worth at least: a mark less its error if long, with it if short."""
    gross_e6: Term
    is_long_only: Term
    """1 where nothing is short and nothing can come to owe."""


def sums(table: RiskTable, positions: Positions) -> Sums:
    """Sums over each account's positions.

    Range:  a product is below 2**35 x 2**27 = 2**62; once the gross notional is known to be below
            2**53, so is every sum.
    Raises: GrossTooLarge.
    """
    loss_e6, whole_e6, apart_e6 = _summed(table, positions)
    return _collected(loss_e6, list(whole_e6.T), list(apart_e6.T))


def account_sums(table: RiskTable, positions: Positions) -> Sums:
    """Sums over the positions of one account, in Python's integers: faster than arrays of one.

    Range and what is raised: as of many.
    """
    assert positions.accounts == 1
    loss_e6, whole_e6, apart_e6 = _summed(table, positions)
    return _collected(loss_e6[0], whole_e6[0].tolist(), apart_e6[0].tolist())


def _summed(table: RiskTable, positions: Positions) -> tuple[Integers, Integers, Integers]:
    """Losses (A, 32), sums of the summands (A, 45), and of what groups answer for (A, 8)."""
    each_e6 = positions.quantity_e3[:, None] * table.summand_e3.take(positions.row, axis=0)
    np.abs(each_e6[:, Summand.GROSS :], out=each_e6[:, Summand.GROSS :])
    _check_gross(each_e6)
    group, first, start = _groups(table, positions)
    group_e6 = np.add.reduceat(each_e6, first, axis=0)
    whole_e6 = np.add.reduceat(group_e6, start, axis=0)
    _check_gross(whole_e6)
    apart_e6 = np.add.reduceat(_apart(group_e6, table.group_rates_e6.take(group, axis=0)), start)
    return _losses(table, whole_e6, apart_e6), whole_e6, apart_e6


def _collected(loss_e6: Integers, whole_e6: Sequence[Term], apart_e6: Sequence[Term]) -> Sums:
    is_long = whole_e6[Summand.SIZE] == whole_e6[Summand.ONE]
    return Sums(
        loss_e6=loss_e6,
        delta_e6=whole_e6[Summand.DELTA],
        delta_size_e6=apart_e6[2],
        basis_e6=apart_e6[3],
        value_e6=apart_e6[4],
        confidence_e6=apart_e6[5],
        naked_e3=apart_e6[6] + apart_e6[7],
        funding_e6=whole_e6[Summand.FUNDING],
        mark_value_e6=whole_e6[Summand.MARK] - whole_e6[Summand.MARK_ERROR],
        gross_e6=whole_e6[Summand.GROSS],
        is_long_only=1 * (is_long & (whole_e6[Summand.CAN_OWE] == 0)),
    )


def per_naked_e3(table: RiskTable, rate_e6: int) -> int:
    """A part of the index price, per contract, rounded up."""
    return div(table.market.index_e3 * rate_e6, bounds.RATE_SCALE, Rounding.CEIL)


_POSITIVE_PART: Final = np.array([-1, 0, 1])
"""max(x, c x) of a delta, a value and a gross notional: magnitude, positive part, and itself."""


def _apart(group_e6: Integers, rates_e6: Integers) -> Integers:
    """What each group answers for by itself, (groups, 8), to be added up: no group's gain pays for
    another's loss."""
    smile_e6 = group_e6[:, ACCOUNT_COLUMNS:COLUMNS] - group_e6[:, Summand.ENTRY_ERROR, None]
    amounts_e6 = group_e6[:, Summand.DELTA : Summand.GROSS + 1]
    amounts_e6 = np.maximum(amounts_e6, amounts_e6 * _POSITIVE_PART)
    apart = np.empty((len(group_e6), 8), dtype=np.int64)
    np.minimum(smile_e6[:, 0::2], smile_e6[:, 1::2], out=apart[:, 0:2])
    apart[:, 2] = -amounts_e6[:, 0]
    apart[:, 3:6] = -charged_e6(amounts_e6, rates_e6)
    apart[:, 6:8] = group_e6[:, Summand.UPSIDE : Summand.DOWNSIDE + 1]
    np.minimum(apart, 0, out=apart)
    return np.negative(apart, out=apart)


def _losses(table: RiskTable, whole_e6: Integers, apart_e6: Integers) -> Integers:
    """The ways to lose, (A, 32)."""
    loss_e6 = np.empty((len(whole_e6), LOSSES), dtype=np.int64)
    np.subtract(
        whole_e6[:, Summand.ENTRY_ERROR, None],
        whole_e6[:, :ACCOUNT_COLUMNS],
        out=loss_e6[:, :ACCOUNT_COLUMNS],
    )
    loss_e6[:, ACCOUNT_COLUMNS:-1] = apart_e6[:, 0:2]
    least_e3 = per_naked_e3(table, table.shocks.parameters.short_option_min_e6)
    loss_e6[:, -1] = (apart_e6[:, 6] + apart_e6[:, 7]) * least_e3
    return loss_e6


def _groups(table: RiskTable, positions: Positions) -> tuple[Integers, Integers, Integers]:
    """The group of each sum, where it begins among the positions, and where each account begins
    among the sums."""
    group = table.listing.group[positions.row]
    begins = np.empty(len(group), dtype=np.bool_)
    np.not_equal(group[1:], group[:-1], out=begins[1:])
    begins[positions.start] = True
    first = np.flatnonzero(begins)
    return group[first], first, np.searchsorted(first, positions.start)


def _check_gross(summed_e6: Integers) -> None:
    gross_e6 = int(summed_e6[:, Summand.GROSS].max(initial=0))
    if gross_e6 >= GROSS:
        raise GrossTooLarge(gross_e6)
