"""The scenarios of one tick in numbers: forwards, volatilities and weights, column by column."""

from dataclasses import dataclass

import numpy as np

from novate.pricing import ln_ratio_q28, sqrt_years_q28
from novate.risk.listing import Listing
from novate.risk.market import Market
from novate.risk.parameters import MONTH_S
from novate.risk.scenario import (
    COLUMNS,
    GRID,
    RangeMove,
    Smile,
    TailMove,
    Term,
    VolShock,
)
from novate.risk.shock import Shocks, shocked_down_e6, shocked_up_e6
from novate.units import Integers, Rounding, bounds, div

ONE = bounds.RATE_SCALE
Z_BITS = 20
"""Binary places of a place on the smile."""


@dataclass(frozen=True, slots=True, eq=False)
class Stressed:
    """What the columns of a risk table price.

    Shape: groups (G,), nodes (N,), columns (C,).
    """

    forward_e3: Integers
    """(G, C)"""
    vol_e6: Integers
    """(N, C)"""
    weight_e6: Integers
    """(C,): what a gain or loss counts."""


def stressed(listing: Listing, market: Market, shocks: Shocks) -> Stressed:
    """Forwards, volatilities and weights of every column at a tick."""
    return Stressed(
        forward_e3=_forwards(market, shocks.range_e6),
        vol_e6=_vols(listing, market, shocks),
        weight_e6=_weights(shocks),
    )


def damped(gain_e3: Integers, weight_e6: Integers) -> Integers:
    """The part of a gain that counts, (I, C); rounded down.

    Range: a gain is below 2**36 even at five times the forward, times 10**6: below 2**56.
    """
    return div(gain_e3 * weight_e6, ONE, Rounding.FLOOR)


def move_e6(move: RangeMove | TailMove, range_e6: int) -> int:
    """The part of itself by which the index moves: a fraction of the range is rounded away from
    zero, so that it is never smaller than the fraction.
    """
    match move:
        case RangeMove(thirds):
            size_e6 = div(abs(thirds) * range_e6, 3, Rounding.CEIL)
            return size_e6 if thirds > 0 else -size_e6
        case TailMove(tail_e6):
            return tail_e6


def _forwards(market: Market, range_e6: int) -> Integers:
    """Forwards after the move, (G, C): the move of each is rounded away from zero.

    Range: 2**31 x 4 x 10**6 < 2**53.
    """
    moves_e6 = np.zeros(COLUMNS, dtype=np.int64)
    moves_e6[: len(GRID)] = [move_e6(scenario.move, range_e6) for scenario in GRID]
    product = market.shocked_e3[:, None] * np.abs(moves_e6)
    moved_e3 = np.sign(moves_e6) * div(product, ONE, Rounding.CEIL)
    forward_e3: Integers = np.maximum(market.forward_e3[:, None] + moved_e3, 1)
    return forward_e3


def _weights(shocks: Shocks) -> Integers:
    """What a gain or loss counts in each column, (C,); rounded up.

    A tail nearer than the range would not be damped: it counts in full.
    """
    weights_e6 = np.full(COLUMNS, ONE, dtype=np.int64)
    for column, scenario in enumerate(GRID):
        match scenario.move:
            case TailMove(tail_e6):
                product = shocks.parameters.tail_weight_e6 * shocks.range_e6
                weights_e6[column] = min(div(product, abs(tail_e6), Rounding.CEIL), ONE)
            case RangeMove():
                pass
    return weights_e6


def _vols(listing: Listing, market: Market, shocks: Shocks) -> Integers:
    """Volatilities after the shock, (N, C).

    Rounding: of a twist or a tilt to the millionth below, a fall in a twist to the one above; a
    place on a smile is cut at 2**-20. What is rounded to is the scenario: prices are of it.
    """
    twist_e6, skew_e6 = shocks.parameters.twist_e6, shocks.parameters.skew_e6
    same_e6 = market.vol_e6
    tenor_s = market.tenor_s[listing.node_group]
    up_e6 = shocked_up_e6(same_e6, tenor_s, shocks)
    down_e6 = shocked_down_e6(same_e6, tenor_s, shocks)
    of_shock = {VolShock.UP: up_e6, VolShock.SAME: same_e6, VolShock.DOWN: down_e6}
    twisted_up_e6 = same_e6 + twist_e6 * (up_e6 - same_e6) // ONE
    twisted_down_e6 = same_e6 - twist_e6 * (same_e6 - down_e6) // ONE
    is_front = tenor_s <= MONTH_S
    vols = np.empty((len(same_e6), COLUMNS), dtype=np.int64)
    for column, scenario in enumerate(GRID):
        vols[:, column] = of_shock[scenario.vol]
    vols[:, Term.FRONT_UP] = np.where(is_front, twisted_up_e6, twisted_down_e6)
    vols[:, Term.FRONT_DOWN] = np.where(is_front, twisted_down_e6, twisted_up_e6)
    tilt_e6 = skew_e6 * _places_q20(listing, market) >> Z_BITS
    for column, shift_e6 in (
        (Smile.TILT_UP, tilt_e6),
        (Smile.TILT_DOWN, -tilt_e6),
        (Smile.WINGS_UP, np.abs(tilt_e6)),
        (Smile.WINGS_DOWN, -np.abs(tilt_e6)),
    ):
        vols[:, column] = same_e6 * (ONE + shift_e6) // ONE
    return np.minimum(vols, bounds.VOL_MAX_E6)


def _places_q20(listing: Listing, market: Market) -> Integers:
    """Where each node lies on its smile, (N,): -1 at four standard deviations below the forward, 1
    at four above, level beyond.

    Range: 4 x 2**24 x 2**28 = 2**54; |ln| < 24 in Q28, times 2**20: below 2**53.
    Witness: the side of the clamp.
    """
    forward_e3 = market.forward_e3[listing.node_group]
    k_q28 = ln_ratio_q28(listing.node_strike_e3, forward_e3)
    root_q28 = sqrt_years_q28(market.tenor_s)[listing.node_group]
    width_q28 = np.maximum(4 * max(market.month_vol_e6, 1) * root_q28 // ONE, 1)
    place_q20 = div(k_q28 << Z_BITS, width_q28, Rounding.FLOOR)
    return np.clip(place_q20, -(1 << Z_BITS), 1 << Z_BITS)
