"""The value of a contract expanded around a market, to second order in forward and volatility."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from novate.pricing import Greeks, call_greeks
from novate.risk.desk.sensitivity import contract_greeks
from novate.risk.desk.wide_integers import WideIntegers, wide, wide_div
from novate.risk.listing import Listing
from novate.risk.market import Market
from novate.units import Integers, Rounding, bounds

MILLE: Final = 1000
ONE_Q28: Final = 1 << bounds.FRACTION_BITS
HALF_POINT_E6: Final = 5_000
"""Vanna and volga are differences of delta and vega over a point, half of it either side."""
POINT_E6: Final = 2 * HALF_POINT_E6
"""A volatility point."""


def second_order_e6(
    listing: Listing, before: Market, after: Market, row: Integers
) -> tuple[WideIntegers, ...]:
    """Delta, basis, gamma, vega, vanna and volga of one contract of each row in micro-USD; a gamma
    a moment before expiry has 62 bits.

    Rounding: down.
    """
    group = listing.group[row]
    move_e3 = wide(after.forward_e3 - before.forward_e3)
    with_index_e3 = _down(
        wide(before.forward_e3) * (after.index_e3 - before.index_e3), before.index_e3
    )
    vol_move_e6 = wide(after.vol_e6 - before.vol_e6)
    greeks = contract_greeks(listing, before)
    delta_e6_q28 = wide(greeks.delta_q28[row]) * MILLE
    by_vol = _by_vol(listing, before)

    def of_kinks(values: WideIntegers) -> WideIntegers:
        sums = np.zeros(len(listing.group), dtype=object)
        np.add.at(sums, listing.kink_instrument, listing.kink_turn * values[listing.kink_node])
        return sums[row]

    node_move_e3 = move_e3[listing.node_group]
    # Per half point to the left and right: two differences over one point.
    vega_e6 = _down(by_vol.vega_e6 * vol_move_e6, POINT_E6)
    vanna_e6 = _down(by_vol.delta_q28 * node_move_e3 * vol_move_e6 * MILLE, POINT_E6 * ONE_Q28)
    volga_e6 = _down(by_vol.vega_slope_e6 * vol_move_e6**2, 2 * POINT_E6**2)
    return (
        _down(delta_e6_q28 * with_index_e3[group], ONE_Q28),
        _down(delta_e6_q28 * (move_e3 - with_index_e3)[group], ONE_Q28),
        # dollars squared are 10**-6, steps 10**-9: in micro-USD divided by 10**9, and halved.
        _down(wide(greeks.gamma_e9[row]) * move_e3[group] ** 2, 2 * MILLE**3),
        of_kinks(vega_e6),
        of_kinks(vanna_e6),
        of_kinks(volga_e6),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _ByVol:
    """How the call at each node changes with its volatility, (N,); integers of any size."""

    vega_e6: WideIntegers
    delta_q28: WideIntegers
    """Change of delta over a volatility point."""
    vega_slope_e6: WideIntegers
    """Change of vega over a volatility point."""


def _by_vol(listing: Listing, market: Market) -> _ByVol:
    group = listing.node_group

    def at(vol_e6: Integers) -> Greeks:
        return call_greeks(
            market.forward_e3[group], listing.node_strike_e3, vol_e6, market.tenor_s[group]
        )

    low = np.maximum(market.vol_e6 - HALF_POINT_E6, 0)
    high = np.minimum(low + POINT_E6, bounds.VOL_MAX_E6)
    below, here, above = at(high - POINT_E6), at(market.vol_e6), at(high)
    return _ByVol(
        wide(here.vega_e6),
        wide(above.delta_q28 - below.delta_q28),
        wide(above.vega_e6 - below.vega_e6),
    )


def _down(a: WideIntegers, b: int) -> WideIntegers:
    return wide_div(a, b, Rounding.FLOOR)
