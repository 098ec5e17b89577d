"""The value of a contract expanded around a market, to second order in forward and volatility."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from novate.pricing import call_greeks
from novate.risk.desk.sensitivity import contract_greeks
from novate.risk.listing import Listing
from novate.risk.market import Market
from novate.units import Integers, bounds

MILLE: Final = 1000
POINT_E6: Final = 10_000
"""A volatility point."""
HALF_POINT_E6: Final = POINT_E6 // 2
"""Vanna and volga are differences of delta and vega over a point, half of it either side."""


def second_order_e6(
    listing: Listing, before: Market, after: Market, row: Integers
) -> tuple[Any, ...]:
    """Delta, basis, gamma, vega, vanna and volga of one contract of each row in micro-USD, as
    integers of any size: a gamma a moment before expiry has 62 bits."""
    group = listing.group[row]
    forward_e3 = before.forward_e3.astype(object)
    move_e3 = (after.forward_e3 - before.forward_e3).astype(object)
    with_index_e3 = forward_e3 * (after.index_e3 - before.index_e3) // before.index_e3
    vol_move_e6 = (after.vol_e6 - before.vol_e6).astype(object)
    greeks = contract_greeks(listing, before)
    delta_q28 = greeks.delta_q28[row].astype(object)
    by_vol = _by_vol(listing, before)
    bits = bounds.FRACTION_BITS

    def of_kinks(values: Any) -> Any:
        sums = np.zeros(len(listing.group), dtype=object)
        np.add.at(sums, listing.kink_instrument, listing.kink_turn * values[listing.kink_node])
        return sums[row]

    node_move_e3 = move_e3[listing.node_group]
    # Per half point to the left and right: two differences over one point.
    vega_e6 = by_vol.vega_e6 * vol_move_e6 // POINT_E6
    vanna_e6 = (by_vol.delta_q28 * node_move_e3 * vol_move_e6 * MILLE >> bits) // POINT_E6
    volga_e6 = by_vol.vega_slope_e6 * vol_move_e6 * vol_move_e6 // (2 * POINT_E6 * POINT_E6)
    gamma_e9 = greeks.gamma_e9[row].astype(object)
    return (
        delta_q28 * with_index_e3[group] * MILLE >> bits,
        delta_q28 * (move_e3 - with_index_e3)[group] * MILLE >> bits,
        # dollars squared are 10**-6, steps 10**-9: in micro-USD divided by 10**9, and halved.
        gamma_e9 * move_e3[group] ** 2 // (2 * MILLE**3),
        of_kinks(vega_e6),
        of_kinks(vanna_e6),
        of_kinks(volga_e6),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _ByVol:
    """How the call at each node changes with its volatility, (N,); integers of any size."""

    vega_e6: Any
    delta_q28: Any
    """Change of delta over a volatility point."""
    vega_slope_e6: Any
    """Change of vega over a volatility point."""


def _by_vol(listing: Listing, market: Market) -> _ByVol:
    group = listing.node_group

    def at(vol_e6: Integers) -> Any:
        return call_greeks(
            market.forward_e3[group], listing.node_strike_e3, vol_e6, market.tenor_s[group]
        )

    low = np.maximum(market.vol_e6 - HALF_POINT_E6, 0)
    high = np.minimum(low + POINT_E6, bounds.VOL_MAX_E6)
    below, here, above = at(high - POINT_E6), at(market.vol_e6), at(high)
    return _ByVol(
        here.vega_e6.astype(object),
        (above.delta_q28 - below.delta_q28).astype(object),
        (above.vega_e6 - below.vega_e6).astype(object),
    )
