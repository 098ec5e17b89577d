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
    at_expiry_e6: Integers
    """When every instrument settles at that price, and the perpetual is closed at it."""
    today_e6: Integers
    """At once, every forward moving in proportion and volatilities staying."""

    @property
    def breaks_even_e3(self) -> list[int]:
        """Prices at which the profit at expiry changes its sign, by straight lines."""
        profit = self.at_expiry_e6
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
    gain_e3 = (value_e3 - table.mark_e3[:, None])[positions.row]
    moves = Moves.of((price_e3 - index_e3) * bounds.RATE_SCALE // index_e3)
    today = stress(listing, table.market, positions, moves)
    return Payoff(price_e3, positions.quantity_e3 @ gain_e3, today.total_e6[0])


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
