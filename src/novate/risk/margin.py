"""What positions require: initial and maintenance margin.

Every number is exact or rounded against the account. All is of one underlying; an account with
several adds their requirements, for none pays for another.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from novate.risk.charge import charged_e6
from novate.risk.least_payoff import above_marks_e6, least_payoffs_e6
from novate.risk.parameters import (
    CROWDED_RATE_E6,
    CROWDED_RATE_MAX_E6,
    Dials,
    RiskParameters,
)
from novate.risk.positions import Positions
from novate.risk.scan import initial_scan_e6, maintenance_scan_e6
from novate.risk.sums import Sums, account_sums, sums
from novate.risk.table import RiskTable
from novate.units import Rounding, Term, bounds, div, larger, smaller

ONE: Final = bounds.RATE_SCALE


@dataclass(frozen=True, slots=True, eq=False)
class Requirement:
    """What positions in one underlying require, part by part; micro-USD, (A,) or of one."""

    scan_e6: Term
    """Maintenance margin's: the largest loss over the scenarios of both margins."""
    initial_scan_e6: Term
    """Initial margin's: larger by the buffer, or the loss in a buffered column."""
    value_e6: Term
    """For options that are worth something and may have to be sold."""
    crowded_e6: Term
    """For a net delta that is large for its market."""
    short_e6: Term
    """For naked short options."""
    confidence_e6: Term
    """For expiries whose prices are uncertain, in initial margin alone; so is the next."""
    funding_e6: Term
    """For what the perpetual is expected to cost in the next eight hours."""
    uncapped_maintenance_e6: Term
    uncapped_initial_e6: Term
    """Scan and charges together."""
    maintenance_e6: Term
    initial_e6: Term
    """What is asked: no more than the positions can lose, where they cannot lose for ever."""
    position_value_e6: Term
    """What the positions are worth to the account at least, less what is still to be paid."""
    gross_e6: Term
    is_bounded: Term
    """1 where the positions cannot lose for ever: there is a least that they pay."""
    compartment: int
    """In which: no other's requirement is ever added to it."""


def requirement(table: RiskTable, positions: Positions, *, stable_e6: int = ONE) -> Requirement:
    """What the positions of each account require at a tick.

    `stable_e6` is the price of one USDC; below 99 cents initial margin grows.

    Shape:    accounts (A,).
    Rounding: requirements up, values down.
    Error:    both margins are at least those of exact prices.
    Witness:  the column of the largest loss with its differences to the others, in each margin; a
              side for each positive part; a quotient and its dust for each charge (`charge_law`);
              where there is one the least of each expiry, and which is less, each margin or what
              can be lost.
    Raises:   GrossTooLarge.
    """
    cost_e6, held = np.add.reduceat(positions.cost_e6, positions.start), sums(table, positions)
    least = least_payoffs_e6(table.listing, positions, held.is_bounded == 1)
    return _required(table, held, cost_e6, least, stable_e6)


def account_requirement(
    table: RiskTable, positions: Positions, *, stable_e6: int = ONE
) -> Requirement:
    """What the positions of one account require at a tick, in Python's integers.

    Rounding, error, witness and what is raised: as of many.
    """
    cost_e6, held = int(positions.cost_e6.sum()), account_sums(table, positions)
    least = (0, 0)
    if held.is_bounded:
        found = least_payoffs_e6(table.listing, positions, np.array([True]))
        least = int(found[0][0]), int(found[1][0])
    return _required(table, held, cost_e6, least, stable_e6)


def _required(
    table: RiskTable, held: Sums, cost_e6: Term, least: tuple[Term, Term], stable_e6: int
) -> Requirement:
    least_e6, is_bounded = least
    parameters = table.shocks.parameters
    scan_e6 = maintenance_scan_e6(held)
    initial_e6 = initial_scan_e6(table, held, stable_e6)
    crowded_e6 = crowded_charge_e6(parameters, abs(held.delta_e6))
    short_e6 = held.naked_e3 * table.naked_e3
    funding_e6 = larger(held.funding_e6, 0)
    both_e6 = held.value_e6 + crowded_e6 + short_e6
    maintenance_e6 = scan_e6 + both_e6
    # Nobody may open what would be flagged at once, wherever the threshold stands.
    flagged_e6 = flagged_below_e6(maintenance_e6, table.shocks.dials)
    asked_e6 = larger(initial_e6 + both_e6 + held.confidence_e6 + funding_e6, flagged_e6)
    worth_e6 = held.mark_value_e6 + above_marks_e6(held.mark_value_e6, least_e6, is_bounded)
    # Not bounded, it can lose anything: no less than what is asked.
    loss_e6 = is_bounded * smaller(worth_e6 - least_e6, asked_e6) + (1 - is_bounded) * asked_e6
    return Requirement(
        scan_e6=scan_e6,
        initial_scan_e6=initial_e6,
        value_e6=held.value_e6,
        crowded_e6=crowded_e6,
        short_e6=short_e6,
        confidence_e6=held.confidence_e6,
        funding_e6=funding_e6,
        uncapped_maintenance_e6=maintenance_e6,
        uncapped_initial_e6=asked_e6,
        maintenance_e6=smaller(maintenance_e6, never_flagged_e6(loss_e6, table.shocks.dials)),
        initial_e6=loss_e6,
        position_value_e6=worth_e6 - cost_e6,
        gross_e6=held.gross_e6,
        is_bounded=is_bounded,
        compartment=table.compartment,
    )


def flagged_below_e6(maintenance_e6: Term, dials: Dials) -> Term:
    """The equity below which an account is flagged: maintenance margin times the threshold.

    Rounding: up, which is exact: a whole E is below T * M exactly when it is below that rounded up.
    """
    return charged_e6(maintenance_e6, dials.liquidation_threshold_e6)


def never_flagged_e6(loss_e6: Term, dials: Dials) -> Term:
    """The largest maintenance margin with which nobody is flagged who has equity for a loss.

    Rounding: down.
    Range:    a loss below 2**57: the quotient times 10**6 is below 2**58, the rest below 2**41.
    """
    threshold_e6 = dials.liquidation_threshold_e6
    if threshold_e6 <= ONE:
        return loss_e6
    whole = div(loss_e6, threshold_e6, Rounding.FLOOR)
    rest = loss_e6 - whole * threshold_e6
    return whole * ONE + div(rest * ONE, threshold_e6, Rounding.FLOOR)


def crowded_charge_e6(parameters: RiskParameters, delta_e6: Term) -> Term:
    """The charge on the magnitude of a net delta beyond what its market bears; rounded up.

    Range:   twice 2**46 times 50,000 < 2**63.
    Witness: the parts of what is beyond, cut at twice the market's; the rate's quotient, cut at the
             highest; which side of each cut.
    """
    crowded_e6 = parameters.crowded.e6
    excess_e6 = smaller(larger(delta_e6 - crowded_e6, 0), 2 * crowded_e6)
    rate_e6 = div(excess_e6 * CROWDED_RATE_E6, crowded_e6, Rounding.CEIL)
    return charged_e6(delta_e6, smaller(rate_e6, CROWDED_RATE_MAX_E6))
