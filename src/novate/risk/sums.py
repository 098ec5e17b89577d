"""What accounts hold, summed over the risk table: all that margin is computed from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from novate._stark import grouped_sums
from novate.risk.charge import GroupCharge, charged_e6
from novate.risk.positions import Positions
from novate.risk.scenario import COLUMNS, MAINTENANCE_COLUMNS, NEAR_COLUMNS
from novate.risk.table import RiskTable, Summand
from novate.units import Integers, NamedError, Term, bounds

_PARTS: Final = (slice(MAINTENANCE_COLUMNS), slice(MAINTENANCE_COLUMNS, COLUMNS))

GROSS: Final = 1 << bounds.GROSS_NOTIONAL_BITS


class GrossTooLarge(NamedError, ValueError):
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

    entry_e6: tuple[Term, ...]
    """Gain in each of 19 columns at least, that is without gains of expiries that will be gone,
    less what the table's entries may err and, where the index stays near, less basis."""
    worst_e6: Term
    """The least gain in the columns of both margins."""
    worst_buffered_e6: Term
    """The least gain in the columns of initial margin alone."""
    least_e6: Term
    """Least scan of the options, long and short added up."""
    basis_e6: Term
    """Loss when the forward of each group moves against the account: sum of rate times magnitude
    of each group's delta."""
    delta_e6: Term
    """Net: what the account gains when the underlying doubles, linearly."""
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
    is_bounded: Term
    """1 where options alone are held and no expiry loses for ever: there is a least they pay."""


def sums(table: RiskTable, positions: Positions) -> Sums:
    """Sums over each account's positions.

    Range:   a product is below 2**35 x 2**27 = 2**62, and a sum that would leave 64 bits is
             refused; of what is not refused, the gross notional is below 2**53.
    Witness: the two parts of what each group is charged for; of an expiry that will be gone, those
             of its gain in each column (`parts_law`).
    Raises:  GrossTooLarge.
    """
    whole_e6, apart_e6 = _summed(table, positions)
    _check(int(whole_e6[:, Summand.GROSS].max(initial=0)))
    entry_e6 = whole_e6[:, :COLUMNS] - whole_e6[:, Summand.ENTRY_ERROR, None]
    entry_e6[:, :NEAR_COLUMNS] -= apart_e6[:, GroupCharge.BASIS, None]
    worst_e6 = [entry_e6[:, part].min(axis=1) for part in _PARTS]
    return _collected(entry_e6.T, worst_e6, whole_e6.T[COLUMNS:], apart_e6.T)


def account_sums(table: RiskTable, positions: Positions) -> Sums:
    """Sums over the positions of one account, in Python's integers: faster than arrays of one.

    Range and what is raised: as of many.
    """
    assert positions.accounts == 1
    (whole_e6,), (apart_e6,) = (some_e6.tolist() for some_e6 in _summed(table, positions))
    _check(whole_e6[Summand.GROSS])
    error_e6 = whole_e6[Summand.ENTRY_ERROR]
    near_e6 = error_e6 + apart_e6[GroupCharge.BASIS]
    entry_e6 = [gain_e6 - near_e6 for gain_e6 in whole_e6[:NEAR_COLUMNS]]
    entry_e6 += [gain_e6 - error_e6 for gain_e6 in whole_e6[NEAR_COLUMNS:COLUMNS]]
    worst_e6 = [min(entry_e6[part]) for part in _PARTS]
    return _collected(entry_e6, worst_e6, whole_e6[COLUMNS:], apart_e6)


def _check(gross_e6: int) -> None:
    if gross_e6 >= GROSS:
        raise GrossTooLarge(gross_e6)


def _summed(table: RiskTable, positions: Positions) -> tuple[Integers, Integers]:
    """Sums of the summands, (A, 30), and of what each group is charged, (A, 5)."""
    try:
        group_e6, group, first, whole_e6 = grouped_sums(
            table.summand_e3,
            Summand.GROSS,
            table.listing.group,
            positions.row,
            positions.quantity_e3,
            positions.start,
        )
    except OverflowError:
        raise GrossTooLarge(_gross_e6(table, positions)) from None
    apart_e6 = np.add.reduceat(_apart(group_e6, table.group_rates_e6.take(group, axis=0)), first)
    if table.has_gone:
        # What expires before a position can be closed is a hedge of nothing that stays.
        gain_e6 = np.maximum(group_e6[:, :COLUMNS], 0) * table.is_gone[group, None]
        whole_e6[:, :COLUMNS] -= np.add.reduceat(gain_e6, first)
    return whole_e6, apart_e6


def _gross_e6(table: RiskTable, positions: Positions) -> int:
    """The largest gross notional, in integers of any size."""
    each_e6 = np.abs(positions.quantity_e3).astype(object) * table.contract.gross_e3[positions.row]
    return int(np.add.reduceat(each_e6, positions.start).max())


def _collected(
    entry_e6: Iterable[Term],
    worst_e6: Sequence[Term],
    summed_e6: Iterable[Term],
    apart_e6: Iterable[Term],
) -> Sums:
    """All of them by name; `summed_e6` in the order of `Summand`."""
    mark, funding, _, _, delta, _, gross, _, mark_error, linear, least = summed_e6
    short_up, short_down, basis, value, confidence = apart_e6
    return Sums(
        entry_e6=tuple(entry_e6),
        worst_e6=worst_e6[0],
        worst_buffered_e6=worst_e6[1],
        least_e6=least,
        basis_e6=basis,
        delta_e6=delta,
        value_e6=value,
        confidence_e6=confidence,
        naked_e3=short_up + short_down,
        funding_e6=funding,
        mark_value_e6=mark - mark_error,
        gross_e6=gross,
        is_bounded=1 * ((linear == 0) & (short_up == 0)),
    )


_POSITIVE_PART: Final = np.array([0, 0, -1, 0, 1])
"""max(x, c x): positive parts of short sides, magnitude of a delta, positive part of a value, and
gross notional itself."""


def _apart(group_e6: Integers, rates_e6: Integers) -> Integers:
    """What each group is charged, (groups, 5), in the order of `GroupCharge`."""
    amounts_e6 = group_e6[:, Summand.SHORT_UP : Summand.GROSS + 1]
    # What an expiry may be worth at most.
    amounts_e6[:, GroupCharge.VALUE] += group_e6[:, Summand.MARK_ERROR]
    parts_e6: Integers = charged_e6(np.maximum(amounts_e6, amounts_e6 * _POSITIVE_PART), rates_e6)
    return parts_e6
