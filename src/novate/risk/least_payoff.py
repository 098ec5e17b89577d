"""The least that options can pay, wherever they settle: what makes a book cash-secured.

A payoff is a chain of straight lines, and so is the sum of an expiry's. It is least at a settlement
price of zero or at a strike, unless it falls for ever. Expiries settle apart, so a book pays at
least what the leasts of its expiries add up to; who holds that much cash can never owe.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from novate.risk.listing import Listing
from novate.risk.positions import Positions
from novate.units import Integers, Term, bounds

_COARSE: Final = 16
"""Amounts are first added up in units of 2**16: those of 2**13 positions cannot overflow."""
_REACH: Final = 1 << (bounds.PAYOFF_REACH_BITS - _COARSE)


def payoff_step_law(here: Term, slope: Term, strike: Term, next_strike: Term, there: Term) -> Term:
    """Zero when a payoff runs straight from one strike to the next: exact, nothing is rounded."""
    return here + slope * (next_strike - strike) - there


def least_payoffs_e6(
    listing: Listing, positions: Positions, is_asked: npt.NDArray[np.bool_]
) -> tuple[Integers, Integers]:
    """The least that the positions of each account pay, and whether there is one; (A,).

    It is asked of accounts that hold options alone, and in no expiry lose for ever as it rises;
    others have none, and neither has who reaches too far.

    Rounding: down, by a micro-USDC for each position of an expiry, as each is settled by itself;
              what can only be paid to the account is not rounded below zero.
    Range:    sizes times the highest strike, and constants, add up to less than 2**58.
    Law:      `payoff_step_law`; the slope changes at a strike by what is held there.
    Witness:  for each expiry a number that is at most its value at zero and at every strike.
    """
    least_e6 = np.zeros(positions.accounts, dtype=np.int64)
    is_bounded = np.zeros(positions.accounts, dtype=np.int64)
    asked = np.flatnonzero(is_asked)
    if asked.size:
        part = positions.part(asked)
        is_within = _reach(listing, part) < _REACH
        is_bounded[asked] = is_within
        least_e6[asked] = np.where(is_within, _added_up_e6(listing, part), 0)
    return least_e6, is_bounded


def _reach(listing: Listing, positions: Positions) -> Integers:
    """How far what the positions pay can be from zero, in units of 2**16, at least; (A,)."""
    highest = (int(listing.node_strike_e3.max(initial=0)) >> _COARSE) + 1
    turns = listing.sum_kinks(np.abs(listing.kink_turn))
    each = (np.abs(listing.constant_e3) >> _COARSE) + 1
    each = each + (np.abs(listing.slope) + turns) * highest
    reach: Integers = np.add.reduceat(
        np.abs(positions.quantity_e3) * each[positions.row], positions.start
    )
    return reach


def _added_up_e6(listing: Listing, positions: Positions) -> Integers:
    """The leasts of the expiries of each account, (A,)."""
    row, size_e3 = positions.row, positions.quantity_e3
    expiry = positions.account * listing.groups + listing.group[row]
    of_position, kink = _kinks_of(listing, row)
    # The slope at zero is a turn at a strike of zero, so that every expiry has one.
    strike_e3 = np.append(np.zeros_like(row), listing.node_strike_e3[listing.kink_node[kink]])
    turn_e3 = np.append(
        size_e3 * listing.slope[row], size_e3[of_position] * listing.kink_turn[kink]
    )
    place = np.append(expiry, expiry[of_position])
    order = np.lexsort((strike_e3, place))
    place, strike_e3, turn_e3 = place[order], strike_e3[order], turn_e3[order]
    first = np.flatnonzero(np.diff(place, prepend=-1))
    of_first = np.repeat(first, np.diff(first, append=len(place)))

    def running(values: Integers) -> Integers:
        # Differences are right although the sum of all accounts may wrap.
        sums = np.cumsum(values)
        return sums - sums[of_first] + values[of_first]

    begins = np.flatnonzero(np.diff(expiry, prepend=-1))
    at_zero_e6 = np.add.reduceat(size_e3 * listing.constant_e3[row], begins)
    may_owe = (size_e3 < 0) | (listing.can_owe[row] * size_e3 > 0)
    value_e6 = strike_e3 * running(turn_e3) - running(turn_e3 * strike_e3)
    least_e6 = np.minimum.reduceat(value_e6, first) + at_zero_e6
    least_e6 -= np.add.reduceat(1 * (size_e3 != 0), begins)
    never_owes = ~np.logical_or.reduceat(may_owe, begins)
    least_e6[never_owes] = np.maximum(least_e6[never_owes], 0)
    added_up_e6 = np.zeros(positions.accounts, dtype=np.int64)
    np.add.at(added_up_e6, positions.account[begins], least_e6)
    return added_up_e6


def _kinks_of(listing: Listing, row: Integers) -> tuple[Integers, Integers]:
    """The kinks of the instruments in some rows: the place of the row, and the kink; (K,)."""
    begin = np.searchsorted(listing.kink_instrument, row)
    count = np.searchsorted(listing.kink_instrument, row, side="right") - begin
    of_row = np.repeat(np.arange(len(row)), count)
    return of_row, np.arange(len(of_row)) + (begin - np.cumsum(count) + count)[of_row]
