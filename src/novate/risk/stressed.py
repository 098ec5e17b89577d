"""The scenarios of one tick in numbers: forwards, volatilities and tenors, column by column."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from novate.risk.listing import Listing
from novate.risk.market import Market
from novate.risk.scenario import GRID, TAIL_BITS, TAILS, VolShock
from novate.risk.shock import (
    Shocks,
    buffered_e6,
    fallen_e6,
    horizon_s,
    risen_e6,
    vol_fall_e6,
    vol_rise_e6,
)
from novate.units import Integers, Rounding, bounds, div, down

ONE: Final = bounds.RATE_SCALE
MILLE: Final = 1000


@dataclass(frozen=True, slots=True, eq=False)
class Stressed:
    """What the columns of a risk table price.

    Shape: groups (G,), nodes (N,), columns (C,) = 19.
    """

    forward_e3: Integers
    """(G, C)"""
    tenor_s: Integers
    """(G, C)"""
    vol_e6: Integers
    """(N, C)"""


def stressed(listing: Listing, market: Market, shocks: Shocks) -> Stressed:
    """Forwards, tenors and volatilities of every column at a tick.

    Witness: for each group a side where a tenor ends at zero and where a forward stays at one; the
             witnesses of the shocks.
    """
    return Stressed(
        forward_e3=_forwards(market, shocks),
        tenor_s=_tenors(market, shocks),
        vol_e6=_vols(listing, market, shocks),
    )


def counted(gain_e3: Integers) -> Integers:
    """The part of a gain that counts, (I, C): of a tail a quarter, rounded down."""
    gain_e3[:, TAILS] = down(gain_e3[:, TAILS], TAIL_BITS)
    return gain_e3


def scenario_moves_e6(shocks: Shocks) -> Integers:
    """The part of itself by which the index moves in each column of the grid, (19,); its magnitude
    is rounded up, and a fall is at most all of it."""
    mille = np.array([scenario.move_mille for scenario in GRID], dtype=np.int64)
    is_buffered = np.array([scenario.is_buffered for scenario in GRID])
    size_e6 = div(np.abs(mille) * shocks.range_e6, MILLE, Rounding.CEIL)
    larger_e6 = buffered_e6(size_e6, shocks.dials)
    moves_e6: Integers = np.sign(mille) * np.where(is_buffered, larger_e6, size_e6)
    return np.maximum(moves_e6, -ONE)


def _forwards(market: Market, shocks: Shocks) -> Integers:
    """Forwards after the move, (G, C): the magnitude of each move is rounded up; at least 1.

    Range: 2**31 x 4 x 10**6 < 2**53.
    """
    moves = scenario_moves_e6(shocks)
    size_e3 = div(market.shocked_e3[:, None] * np.abs(moves), ONE, Rounding.CEIL)
    forward_e3: Integers = np.maximum(market.forward_e3[:, None] + np.sign(moves) * size_e3, 1)
    return forward_e3


def _tenors(market: Market, shocks: Shocks) -> Integers:
    """Tenors when a position is closed, (G, C): now or later; at least 0."""
    is_later = np.array([scenario.is_later for scenario in GRID], dtype=np.int64)
    passed_s = is_later * horizon_s(shocks.dials)
    tenor_s: Integers = np.maximum(market.tenor_s[:, None] - passed_s, 0)
    return tenor_s


def _vols(listing: Listing, market: Market, shocks: Shocks) -> Integers:
    """Volatilities after the shock, (N, C)."""
    same_e6, group = market.vol_e6, listing.node_group
    rise_e6 = vol_rise_e6(market.tenor_s, shocks)
    of_shock = {
        VolShock.SAME: same_e6,
        VolShock.UP: risen_e6(same_e6, rise_e6[group]),
        VolShock.DOWN: fallen_e6(same_e6, vol_fall_e6(market.tenor_s, shocks)[group]),
    }
    buffered = risen_e6(same_e6, buffered_e6(rise_e6, shocks.dials)[group])
    return np.column_stack(
        [buffered if scenario.is_buffered else of_shock[scenario.vol] for scenario in GRID]
    )
