"""The least that options can pay, wherever they settle: what makes a book cash-secured.

A payoff is a chain of straight lines, and so is the sum of an expiry's. It is least at a settlement
price of zero or at a strike, unless it falls for ever. Expiries settle apart and one after the
other, so what one pays for certain does not pay for another's loss: a book pays at least what the
leasts of its expiries add up to, none above zero. Who holds that much cash can never owe.
"""

import numpy as np
import numpy.typing as npt

from novate._stark import least_sums
from novate.risk.listing import Listing
from novate.risk.positions import Positions
from novate.units import Integers, Term, bounds, larger


def payoff_step_law(here: Term, slope: Term, strike: Term, next_strike: Term, there: Term) -> Term:
    """Zero when a payoff runs straight from one strike to the next: exact, nothing is rounded."""
    return here + slope * (next_strike - strike) - there


def least_payoffs_e6(
    listing: Listing, positions: Positions, is_asked: npt.NDArray[np.bool_]
) -> tuple[Integers, Integers]:
    """The least that the positions of each account pay, and whether there is one; (A,).

    It is asked of accounts that hold options alone, as a perpetual never settles. Others have none,
    nor has who loses for ever in an expiry as it rises, or 2**60 micro-USDC; it is then 0.

    Rounding: down, by less than a micro-USDC for each position of an expiry, as each is settled by
              itself; what all are settled for is whole, so by one less than there are positions.
    Law:      `payoff_step_law`; the slope changes at a strike by what is held there.
    Witness:  for each expiry a number that is at most its value at zero and at every strike.
    """
    if not is_asked.any():
        return np.zeros_like(positions.start), np.zeros_like(positions.start)
    least_e6, is_bounded = least_sums(
        listing.constant_e3,
        listing.slope,
        listing.first_kink,
        listing.kink_strike_e3,
        listing.kink_turn,
        listing.group,
        listing.can_owe,
        positions.row,
        positions.quantity_e3,
        positions.start,
    )
    is_bounded *= is_asked & (np.abs(least_e6) < 1 << bounds.LEAST_PAYOFF_BITS)
    return least_e6 * is_bounded, is_bounded


def above_marks_e6(mark_value: Term, least: Term, is_bounded: Term) -> Term:
    """How much more positions are worth than their marks say: to the least that they pay, if less.

    Witness: the parts of the difference.
    """
    return is_bounded * larger(least - mark_value, 0)
