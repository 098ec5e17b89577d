"""What contracts and positions are worth after moves of the market, each priced anew."""

from typing import Any

import numpy as np

from novate.pricing import call_given_q28, ln_q28, operand, sqrt_years_q28, total_vol_q28
from novate.risk.desk.moves import Moves, moved_forward_e3, moved_tenor_s, moved_vol_e6
from novate.risk.desk.wide_integers import wide
from novate.risk.listing import Listing
from novate.risk.market import Market
from novate.risk.positions import BadPositions, Positions
from novate.risk.sums import GROSS, GrossTooLarge
from novate.units import Integers

UNMOVED = Moves.of(0)
ANY = 1 << 62


def values_e3(listing: Listing, market: Market, moves: Moves, row: Any) -> Integers:
    """What one contract of each row is worth after each move, (R, S); unmoved, its mark.

    Only strikes that the rows are made of are priced.

    Range:  a forward below 2**31 x 5 < 2**34, times a steepness of at most 8, plus a constant below
            2**37: below 2**39.
    Error:  as of the calls it is made of: `price_error_e3` of the moved forward for each.
    Raises: BadPositions for a row that the listing does not have; NotIntegers.
    """
    held, back = np.unique(check_rows(listing, row), return_inverse=True)
    forward_e3 = moved_forward_e3(market, moves)
    value_e3 = (
        listing.constant_e3[held, None]
        + listing.slope[held, None] * forward_e3[listing.group[held]]
    )
    kinks = np.flatnonzero(np.isin(listing.kink_instrument, held))
    if kinks.size:
        nodes, node = np.unique(listing.kink_node[kinks], return_inverse=True)
        call_e3 = _calls_e3(listing, market, moves, forward_e3, nodes)
        place = np.searchsorted(held, listing.kink_instrument[kinks])
        np.add.at(value_e3, place, listing.kink_turn[kinks, None] * call_e3[node])
    return value_e3[back]


def profits_e6(listing: Listing, market: Market, moves: Moves, positions: Positions) -> Integers:
    """What each position gains or loses by each move, (P, S), in micro-USD; exact.

    Range:  a value moves by at most ten times the contract's gross notional, so with that of the
            account below 2**53 every product and sum is below 2**57.
    Raises: BadMarket, BadPositions, GrossTooLarge, OutOfRange.
    """
    market.check(listing)
    check_gross(listing, market, positions)
    mark_e3 = values_e3(listing, market, UNMOVED, positions.row)
    moved_e3 = values_e3(listing, market, moves, positions.row)
    return positions.quantity_e3[:, None] * (moved_e3 - mark_e3)


def gross_e3(listing: Listing, market: Market) -> Integers:
    """Forward times the number of calls, or of forwards, that a contract is, (I,)."""
    calls = listing.sum_kinks(np.abs(listing.kink_turn))
    return market.forward_e3[listing.group] * np.maximum(np.abs(listing.slope), calls)


def check_rows(listing: Listing, row: Any) -> Integers:
    """Rows of the listing as an array, in one dimension; an empty list is no floats.

    Raises: BadPositions for a row that is none of the listing, NotIntegers.
    """
    array = np.atleast_1d(np.asarray(row))
    rows = operand("row", array if array.size else array.astype(np.int64), low=-ANY, high=ANY)
    count = len(listing.group)
    for outside in rows[(rows < 0) | (rows >= count)][:1].tolist():
        raise BadPositions(f"row {outside} is none of the {count} listed; next: see `Listing.rows`")
    return rows


def check_gross(listing: Listing, market: Market, positions: Positions) -> None:
    """Refuse an account whose sums may leave their width.

    Raises: BadPositions, GrossTooLarge.
    """
    check_rows(listing, positions.row)
    # A thousand products of 61 bits are added up.
    each_e6 = wide(np.abs(positions.quantity_e3)) * gross_e3(listing, market)[positions.row]
    largest_e6 = int(np.add.reduceat(each_e6, positions.start).max())
    if largest_e6 >= GROSS:
        raise GrossTooLarge(largest_e6)


def check_one(positions: Positions) -> None:
    """Refuse the positions of several accounts where those of one are meant.

    Raises: BadPositions.
    """
    if positions.accounts != 1:
        raise BadPositions(f"positions of {positions.accounts} accounts; next: give those of one")


def _calls_e3(
    listing: Listing, market: Market, moves: Moves, forward_e3: Integers, nodes: Integers
) -> Integers:
    """Values of the calls at some nodes, (nodes, S): a logarithm of each strike and of each
    forward, not of each pair."""
    group, strike_e3 = listing.node_group[nodes], listing.node_strike_e3[nodes][:, None]
    groups, place = np.unique(group, return_inverse=True)
    k_q28 = ln_q28(strike_e3) - ln_q28(forward_e3[groups])[place]
    root_q28 = sqrt_years_q28(moved_tenor_s(market, moves)[groups])[place]
    total_q28 = total_vol_q28(moved_vol_e6(listing, market, moves, nodes), root_q28)
    return call_given_q28(forward_e3[group], strike_e3, k_q28, total_q28)
