"""The scan: the largest loss over scenarios, of maintenance and of initial margin."""

from typing import Final

import numpy as np

from novate.risk.charge import charged_e6
from novate.risk.parameters import STABLE_E6, STABLE_FACTOR
from novate.risk.scenario import MAINTENANCE_COLUMNS
from novate.risk.sums import Sums
from novate.risk.table import RiskTable
from novate.units import Integers, Term, bounds, larger, within

ONE: Final = bounds.RATE_SCALE


def maintenance_scan_e6(held: Sums) -> Term:
    """The largest loss over the scenarios of both margins; at least what options count at least.

    A book whose loss is bounded within the range is asked for all of it, and not for a part.
    Witness: which it is, and its differences to all others, none negative.
    """
    return larger(-held.worst_e6, held.least_e6)


def initial_scan_e6(table: RiskTable, held: Sums, stable_e6: int) -> Term:
    """Maintenance margin's scan larger by the buffer, or the loss in a buffered column; more when
    USDC is worth less than 99 cents.

    The buffer is the way from being allowed to open to being flagged, and every book has it; moves
    that are larger by it find what grows faster than they do.

    Rounding: up, so that the scan of a sum is at most the sum of the scans.
    Witness:  the largest with its differences to all others; the quotients of buffer and price.
    """
    buffer_e6 = ONE + table.shocks.dials.margin_buffer_e6
    buffered_e6 = charged_e6(maintenance_scan_e6(held), buffer_e6)
    return charged_e6(larger(-held.worst_buffered_e6, buffered_e6), depeg_factor_e6(stable_e6))


def depeg_factor_e6(stable_e6: int) -> int:
    """What a cheap USDC makes of initial margin's scan: 4 % for each 1 % below 99 cents.

    Witness: the parts of what lacks to 99 cents, once a tick.
    Raises:  OutOfRange for a price of USDC that is not below two dollars.
    """
    within("price of USDC", stable_e6, high=2 * ONE)
    return ONE + STABLE_FACTOR * max(0, STABLE_E6 - stable_e6)


def initial_losses_e6(table: RiskTable, held: Sums, stable_e6: int) -> Integers:
    """All that initial margin's scan is the largest of, (A, 21): nothing, the buffered columns, and
    with the buffer those of both margins and the least of the options."""
    buffer_e6 = ONE + table.shocks.dials.margin_buffer_e6
    more_e6 = np.array([*held.entry_e6[:MAINTENANCE_COLUMNS], -held.least_e6])
    columns_e6 = [-gain_e6 for gain_e6 in held.entry_e6[MAINTENANCE_COLUMNS:]]
    nothing_e6 = np.zeros_like(held.least_e6)
    losses_e6 = np.column_stack([nothing_e6, *columns_e6, *charged_e6(-more_e6, buffer_e6)])
    counted_e6: Integers = charged_e6(losses_e6, depeg_factor_e6(stable_e6))
    return counted_e6


def maintenance_losses_e6(held: Sums) -> Integers:
    """All that maintenance margin's scan is the largest of, (A, 19): nothing, the columns of both
    margins, the least of the options."""
    columns_e6 = [-gain_e6 for gain_e6 in held.entry_e6[:MAINTENANCE_COLUMNS]]
    return np.column_stack([np.zeros_like(held.least_e6), *columns_e6, held.least_e6])
