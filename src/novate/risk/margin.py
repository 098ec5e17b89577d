"""What positions require: initial and maintenance margin.

Every number is exact or rounded against the account. All is of one underlying; an account with
several adds their requirements, for none pays for another.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from novate.risk.charge import charged_e6
from novate.risk.parameters import (
    CROWDED_RATE_E6,
    CROWDED_RATE_MAX_E6,
    MAINTENANCE_E6,
    STABLE_E6,
    STABLE_FACTOR,
    RiskParameters,
)
from novate.risk.positions import Positions
from novate.risk.sums import Sums, account_sums, per_naked_e3, scan_e6, sums
from novate.risk.table import RiskTable
from novate.units import Rounding, Term, bounds, div, larger, smaller

ONE: Final = bounds.RATE_SCALE
MILLE: Final = 1000


@dataclass(frozen=True, slots=True, eq=False)
class Requirement:
    """What positions in one underlying require, part by part; micro-USD, (A,) or of one."""

    scan_e6: Term
    """The worst loss over all scenarios, or the least for naked short options if that is more."""
    basis_e6: Term
    """For forwards that move apart, on the delta that expiries hedge for each other."""
    value_e6: Term
    """For options that are worth something and may have to be sold."""
    crowded_e6: Term
    """For a net delta that is large for its market."""
    short_e6: Term
    """For naked short options."""
    short_initial_e6: Term
    """For naked short options, in initial margin alone; so are the next two."""
    confidence_e6: Term
    """For expiries whose prices are uncertain."""
    funding_e6: Term
    """For what the perpetual is expected to cost in the next eight hours."""
    maintenance_e6: Term
    initial_e6: Term
    position_value_e6: Term
    """What the positions are worth to the account at least, less what is still to be paid."""
    gross_e6: Term
    is_long_only: Term


def requirement(table: RiskTable, positions: Positions, *, stable_e6: int = ONE) -> Requirement:
    """What the positions of each account require at a tick.

    `stable_e6` is the price of one USDC; below 99 cents initial margin grows.

    Shape:    accounts (A,).
    Rounding: requirements up, values down.
    Error:    both margins are at least those of exact prices.
    Witness:  the column of the largest loss with its differences to the others; a side for each
              positive part; a quotient and its dust for each charge (`charge_law`).
    Raises:   GrossTooLarge.
    """
    held = sums(table, positions)
    cost_e6 = np.add.reduceat(positions.cost_e6, positions.start)
    return _required(table, held, scan_e6(table, held), cost_e6, stable_e6)


def account_requirement(
    table: RiskTable, positions: Positions, *, stable_e6: int = ONE
) -> Requirement:
    """What the positions of one account require at a tick, in Python's integers.

    Rounding, error, witness and what is raised: as of many.
    """
    held = account_sums(table, positions)
    cost_e6 = int(positions.cost_e6.sum())
    return _required(table, held, scan_e6(table, held), cost_e6, stable_e6)


def _required(
    table: RiskTable, held: Sums, worst_e6: Term, cost_e6: Term, stable_e6: int
) -> Requirement:
    parameters = table.shocks.parameters
    basis_e6 = hedged_basis_e6(held)
    crowded_e6 = crowded_charge_e6(parameters, abs(held.delta_e6))
    short_e6 = held.naked_e3 * per_naked_e3(table, parameters.short_option_e6)
    short_initial_e6 = held.naked_e3 * per_naked_e3(table, parameters.short_option_initial_e6)
    funding_e6 = larger(held.funding_e6, 0)
    both_e6 = basis_e6 + held.value_e6 + crowded_e6 + short_e6
    initial_alone_e6 = short_initial_e6 + held.confidence_e6 + funding_e6
    return Requirement(
        scan_e6=worst_e6,
        basis_e6=basis_e6,
        value_e6=held.value_e6,
        crowded_e6=crowded_e6,
        short_e6=short_e6,
        short_initial_e6=short_initial_e6,
        confidence_e6=held.confidence_e6,
        funding_e6=funding_e6,
        maintenance_e6=charged_e6(worst_e6, MAINTENANCE_E6) + both_e6,
        initial_e6=initial_scan_e6(table, worst_e6, stable_e6) + both_e6 + initial_alone_e6,
        position_value_e6=held.mark_value_e6 - cost_e6,
        gross_e6=held.gross_e6,
        is_long_only=held.is_long_only,
    )


def initial_scan_e6(table: RiskTable, loss_e6: Term, stable_e6: int) -> Term:
    """The part of a loss that initial margin asks: the maintenance margin's part and the buffer.

    Rounding: up, twice, so the part of a sum is at most the sum of the parts. A gain (a negative
    loss) has a part too.
    """
    depeg_e6 = STABLE_FACTOR * max(0, STABLE_E6 - stable_e6)
    factor_e6 = div(
        (ONE + table.shocks.dials.margin_buffer_e6) * (ONE + depeg_e6), ONE, Rounding.CEIL
    )
    return charged_e6(charged_e6(loss_e6, MAINTENANCE_E6), factor_e6)


def hedged_basis_e6(held: Sums) -> Term:
    """The basis charge on that part of all delta which other expiries hedge, rounded up.

    The part is (sum of magnitudes - magnitude of the sum) / sum of magnitudes, per mille: below
    2**53 x 1000 < 2**63.
    """
    unhedged_e6 = abs(held.delta_e6)
    whole_e6 = larger(held.delta_size_e6, 1)
    hedged_e6 = held.delta_size_e6 - unhedged_e6
    hedged_mille = div(hedged_e6 * MILLE, whole_e6, Rounding.CEIL)
    return div(held.basis_e6 * hedged_mille, MILLE, Rounding.CEIL)


def crowded_charge_e6(parameters: RiskParameters, delta_e6: Term) -> Term:
    """The charge on the magnitude of a net delta beyond what its market bears; rounded up.

    Range: twice 2**46 times 50,000 < 2**63.
    """
    crowded_e6 = parameters.crowded.e6
    excess_e6 = smaller(larger(delta_e6 - crowded_e6, 0), 2 * crowded_e6)
    rate_e6 = div(excess_e6 * CROWDED_RATE_E6, crowded_e6, Rounding.CEIL)
    return charged_e6(delta_e6, smaller(rate_e6, CROWDED_RATE_MAX_E6))
