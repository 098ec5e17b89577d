"""The profile of an account: its profit and loss over the price of its underlying."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from novate.pricing import operand
from novate.risk.desk.moves import BadMoves, Moves
from novate.risk.desk.stress import stress
from novate.risk.desk.valuation import UNMOVED, check_one, check_rows, values_e3
from novate.risk.listing import Listing
from novate.risk.market import Market
from novate.risk.positions import Positions
from novate.units import Integers, Rounding, bounds, div

ONE: Final = bounds.RATE_SCALE
PERPETUAL: Final = 0
"""The group of what does not expire."""


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """Profit and loss of one account from now on, micro-USD, over prices of the index, (K,)."""

    price_e3: Integers
    """Ascending, milli-USD per contract."""
    today_e6: Integers
    """At once: each forward moves in proportion to the index, and volatilities stay."""
    first_group: int
    """The group that expires first of those that are held; `PERPETUAL` where nothing does."""
    at_first_e6: Integers
    """When that expires at that price; later ones priced anew, as above."""
    at_expiry_e6: Integers
    """When every instrument settles at that price, and the perpetual is closed at it."""

    @property
    def breaks_even_e3(self) -> Integers:
        """Prices at which the profit at the first expiry changes its sign, by straight lines; down.

        42 bits of a price times 57 of profit: one by one, in integers of any size.
        """
        profit, price = self.at_first_e6.tolist(), self.price_e3.tolist()
        found = []
        for place in np.flatnonzero((self.at_first_e6[:-1] < 0) != (self.at_first_e6[1:] < 0)):
            left, right = profit[place], profit[place + 1]
            width = price[place + 1] - price[place]
            across = div(width * abs(left), abs(left) + abs(right), Rounding.FLOOR)
            found.append(price[place] + across)
        return np.array(found, dtype=np.int64)


def profile(listing: Listing, market: Market, positions: Positions, price_e3: Any) -> Profile:
    """The profile of one account at ascending prices of the index, up to five times it.

    Rounding: the move to a price down, to a millionth of the index.
    Raises:   BadMoves, BadPositions, GrossTooLarge, NotIntegers, OutOfRange.
    """
    check_one(positions)
    check_rows(listing, positions.row)
    prices_e3 = np.atleast_1d(operand("price", price_e3, low=0, high=1 << bounds.PRICE_BITS))
    if prices_e3.ndim != 1 or np.any(np.diff(prices_e3) <= 0):
        raise BadMoves("prices of a profile ascend, in one dimension")
    held = listing.group[positions.row]
    tenor_s = market.tenor_s[held]
    first_s = int(tenor_s[held != PERPETUAL].min(initial=1 << bounds.TENOR_BITS))
    is_first = (held != PERPETUAL) & (tenor_s == first_s)
    moved_e3 = (prices_e3 - market.index_e3) * ONE
    spot_e6 = div(moved_e3, market.index_e3, Rounding.FLOOR)
    today_e6 = stress(listing, market, positions, Moves.of(spot_e6)).profit_e6
    settled_e6 = _settled_e6(listing, market, positions, prices_e3)
    waited_e6 = (
        stress(listing, market, positions, Moves.of(spot_e6, elapsed_s=first_s)).profit_e6
        if is_first.any()
        else today_e6
    )
    # What expires then settles at the index, whatever its forward was.
    at_first_e6 = np.where(is_first[:, None], settled_e6, waited_e6)
    return Profile(
        price_e3=prices_e3,
        today_e6=today_e6.sum(axis=0),
        first_group=int(held[is_first][0]) if is_first.any() else PERPETUAL,
        at_first_e6=at_first_e6.sum(axis=0),
        at_expiry_e6=settled_e6.sum(axis=0),
    )


def _settled_e6(
    listing: Listing, market: Market, positions: Positions, price_e3: Integers
) -> Integers:
    """What each position gains when it settles at a price, (P, K)."""
    paid_e3 = np.maximum(price_e3 - listing.node_strike_e3[:, None], 0)[listing.kink_node]
    value_e3 = (
        listing.constant_e3[:, None]
        + listing.slope[:, None] * price_e3
        + listing.sum_kinks(listing.kink_turn[:, None] * paid_e3)
    )
    mark_e3 = values_e3(listing, market, UNMOVED, positions.row)
    return positions.quantity_e3[:, None] * (value_e3[positions.row] - mark_e3)
