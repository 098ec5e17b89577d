"""The prices over which the profile of a holding is shown, and what is held there."""

from typing import Final

import numpy as np

from novate.cli.desk.holding import Holding
from novate.risk import Profile, profile
from novate.units import Integers

STEPS: Final = 161
NEAR, FAR = 0.6, 1.45
"""Parts of the index between which prices are always shown."""
LEAST, MOST = 0.3, 2.5
"""Parts of the index beyond which no strike is looked at."""


def profile_of(holding: Holding) -> Profile:
    """The profile of a holding around today's index, every held strike among the prices."""
    table = holding.market.table
    price_e3 = _prices_e3(table.market.index_e3, held_strikes_e3(holding))
    return profile(table.listing, table.market, holding.positions, price_e3)


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
