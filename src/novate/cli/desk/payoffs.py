"""What a holding is worth over the price of its underlying, at expiry and today."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from novate.cli.desk.holdings import Holding
from novate.risk import Moves, stress
from novate.units import Integers, bounds

STEPS: Final = 161
NEAR, FAR = 0.6, 1.45
"""Parts of the index between which prices are always shown."""
LEAST, MOST = 0.3, 2.5
"""Parts of the index beyond which no strike is looked at."""


@dataclass(frozen=True, slots=True, eq=False)
class Payoff:
    """Profit and loss from now on, at prices of the underlying; micro-USD."""

    price_e3: Integers
    first_expiry: str
    """The first that something is held of, as names write it; empty if nothing held expires."""
    at_first_e6: Integers
    """When it comes, the index being at that price: later ones are priced anew, each forward
    moving in proportion and volatilities staying."""
    at_expiry_e6: Integers
    """When every instrument settles at that price, and the perpetual is closed at it."""
    today_e6: Integers
    """At once, as above."""

    @property
    def breaks_even_e3(self) -> list[int]:
        """Prices at which the profit at the first expiry changes its sign, by straight lines."""
        profit = self.at_first_e6
        found = []
        for place in np.flatnonzero((profit[:-1] < 0) != (profit[1:] < 0)).tolist():
            left, right = int(profit[place]), int(profit[place + 1])
            low, high = int(self.price_e3[place]), int(self.price_e3[place + 1])
            found.append(low + round((high - low) * left / (left - right)))
        return found


def payoff(holding: Holding) -> Payoff:
    """The payoff of a holding around today's index, every held strike among the prices."""
    table, positions = holding.market.table, holding.positions
    listing, index_e3 = table.listing, table.market.index_e3
    price_e3 = _prices_e3(index_e3, held_strikes_e3(holding))
    call_e3 = np.maximum(price_e3 - listing.node_strike_e3[:, None], 0)
    value_e3 = (
        listing.constant_e3[:, None]
        + listing.slope[:, None] * price_e3
        + listing.sum_kinks(listing.kink_turn[:, None] * call_e3[listing.kink_node])
    )
    settled_e6 = positions.quantity_e3[:, None] * (value_e3 - table.mark_e3[:, None])[positions.row]
    held = listing.group[positions.row]
    tenors_s = table.market.tenor_s[held]
    first_s = int(tenors_s[tenors_s > 0].min()) if tenors_s.any() else 0
    spot_e6 = (price_e3 - index_e3) * bounds.RATE_SCALE // index_e3
    today_e6, waited_e6 = (
        stress(listing, table.market, positions, Moves.of(spot_e6, elapsed_s=elapsed_s)).profit_e6
        for elapsed_s in (0, first_s)
    )
    # What expires then settles at the index, whatever its forward was.
    at_first_e6 = np.where((tenors_s == first_s)[:, None], settled_e6, waited_e6)
    return Payoff(
        price_e3=price_e3,
        first_expiry=holding.group_name(int(held[tenors_s == first_s][0])) if first_s else "",
        at_first_e6=at_first_e6.sum(axis=0),
        at_expiry_e6=settled_e6.sum(axis=0),
        today_e6=today_e6.sum(axis=0),
    )


def held_strikes_e3(holding: Holding) -> Integers:
    """The strikes of which something is held, ascending."""
    listing = holding.market.table.listing
    held = np.isin(listing.kink_instrument, holding.positions.row)
    found: Integers = np.unique(listing.node_strike_e3[listing.kink_node[held]])
    return found


def _prices_e3(index_e3: int, strikes_e3: Integers) -> Integers:
    near = strikes_e3[(strikes_e3 > LEAST * index_e3) & (strikes_e3 < MOST * index_e3)]
    low = min(NEAR * index_e3, *(0.95 * near)) if len(near) else NEAR * index_e3
    high = max(FAR * index_e3, *(1.05 * near)) if len(near) else FAR * index_e3
    even = np.rint(np.linspace(low, high, STEPS)).astype(np.int64)
    found: Integers = np.unique(np.concatenate([even, near, [index_e3]]))
    return found
