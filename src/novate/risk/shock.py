"""How far the index and its volatility are assumed to move before a position is closed.

Both follow the market: the spot range grows with 14-day volatility, and a volatility moves by a
part of itself that falls with the square root of its tenor, as real ones do.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from novate.pricing import sqrt_floor
from novate.risk.parameters import DAY_S, HORIZON_S, MONTH_S, Dials, RiskParameters
from novate.units import Integers, Rounding, bounds, div, within

ONE: Final = bounds.RATE_SCALE
SQRT_BITS: Final = 20
"""Binary places of a square root here: sqrt(30 d / tenor) is below 6 x 2**20 < 2**23."""

RANGE_STEP_E6: Final = 500
"""Step of the spot range, a twentieth of a point: so that the tick of one expiry seldom changes the
rows of the others.
"""

RANGE_MAX_E6: Final = 499_500
"""Whatever the dials: with the largest buffer a fall is still less than all of the index."""


@dataclass(frozen=True, slots=True)
class Shocks:
    """What is assumed of one underlying at one tick."""

    parameters: RiskParameters
    dials: Dials
    range_e6: int
    """Spot range: how far the index may move either way, as a part of itself."""

    @classmethod
    def of(cls, parameters: RiskParameters, dials: Dials, fortnight_vol_e6: int) -> "Shocks":
        """The shocks at a volatility 14 days out.

        Raises: OutOfRange.
        """
        return cls(
            parameters,
            dials,
            spot_range_e6(parameters, dials, fortnight_vol_e6),
        )

    def __post_init__(self) -> None:
        within("spot range", self.range_e6, low=1, high=RANGE_MAX_E6 + 1)


def sqrt_ceil(value: Integers) -> Integers:
    """The smallest integer whose square is at least `value`: a shock's root counts against the
    account.

    Range: 0 <= value < 2**62. Law: `sqrt_law` of `pricing`, with `rest` from `-2 root + 2` to 0.
    """
    root = sqrt_floor(value)
    return root + (root * root < value)


def horizon_s(dials: Dials) -> int:
    """How long closing a position may take: six hours, longer or shorter as the dials are."""
    chosen = Dials()
    longer_s = dials.settlement_latency_s - chosen.settlement_latency_s
    return HORIZON_S + longer_s + dials.oracle_heartbeat_s - chosen.oracle_heartbeat_s


def horizon_factor_q20(dials: Dials) -> int:
    """sqrt of the time that closing may take, from the last proven state and the last tick, over
    the time the shocks were chosen for; rounded up.

    One at the default dials. Range: the ratio is below 2**6 (a week and a day over six hours), the
    root below 8.
    """
    chosen = Dials()
    waited_s = chosen.settlement_latency_s + chosen.oracle_heartbeat_s
    square = div(
        (horizon_s(dials) + waited_s) << 2 * SQRT_BITS, HORIZON_S + waited_s, Rounding.CEIL
    )
    return int(sqrt_ceil(np.array([square], dtype=np.int64))[0])


def spot_range_e6(parameters: RiskParameters, dials: Dials, fortnight_vol_e6: int) -> int:
    """How far the index may move either way, as a part of itself; rounded up to a step.

    A straight line in volatility: moves out of calm are of one size whatever the volatility, those
    in a storm grow with it.

    Raises: OutOfRange.
    Witness: the side of the minimum.
    """
    within("14-day volatility", fortnight_vol_e6, high=bounds.VOL_MAX_E6 + 1)
    by_vol_e6 = div(parameters.range_per_vol_e6 * fortnight_vol_e6, ONE, Rounding.CEIL)
    within_e6 = min(parameters.range_e6 + by_vol_e6, parameters.range_max_e6)
    scaled_e6 = div(within_e6 * horizon_factor_q20(dials), 1 << SQRT_BITS, Rounding.CEIL)
    return min(div(scaled_e6, RANGE_STEP_E6, Rounding.CEIL) * RANGE_STEP_E6, RANGE_MAX_E6)


def tenor_factor_q20(tenor_s: Integers) -> Integers:
    """sqrt(30 days / tenor), rounded up; a tenor shorter than a day counts as a day.

    Range:   30 d x 2**40 < 2**62; the factor is at most 5.48 x 2**20.
    Witness: whether the tenor is a day at least; the root and its rest.
    """
    counted_s = np.maximum(tenor_s, DAY_S)
    square = div(np.full_like(counted_s, MONTH_S << 2 * SQRT_BITS), counted_s, Rounding.CEIL)
    return sqrt_ceil(square)


def vol_rise_e6(tenor_s: Integers, shocks: Shocks) -> Integers:
    """How far volatilities of a tenor rise, as a part of themselves; rounded up.

    Range: a shock scaled below 2**26 x 2**23 < 2**63, a rise at most `vol_up_max`, below 2**23.
    Witness: the side of the minimum.
    """
    return _shock_e6(tenor_s, shocks.parameters.vol_up_e6, shocks.parameters.vol_up_max_e6, shocks)


def vol_fall_e6(tenor_s: Integers, shocks: Shocks) -> Integers:
    """How far volatilities of a tenor fall, as a part of themselves, at most all; rounded up.

    Range and witness: as of the rise.
    """
    parameters = shocks.parameters
    return _shock_e6(tenor_s, parameters.vol_down_e6, parameters.vol_down_max_e6, shocks)


def buffered_e6(shock_e6: Integers, dials: Dials) -> Integers:
    """A shock of initial margin: larger by the margin buffer; rounded up."""
    return div(shock_e6 * (ONE + dials.margin_buffer_e6), ONE, Rounding.CEIL)


def risen_e6(vol_e6: Integers, rise_e6: Integers) -> Integers:
    """Volatilities after a rise, at most 1000 %; rounded up.

    Range:   2**24 x 2**24 = 2**48.
    Witness: a quotient, and the side of its limit.
    """
    risen = div(vol_e6 * (ONE + rise_e6), ONE, Rounding.CEIL)
    return capped(risen, bounds.VOL_MAX_E6)


def fallen_e6(vol_e6: Integers, fall_e6: Integers) -> Integers:
    """Volatilities after a fall, which takes at most all; rounded down.

    Witness: a quotient, and whether the fall is at most all.
    """
    return div(vol_e6 * (ONE - capped(fall_e6, ONE)), ONE, Rounding.FLOOR)


def capped(values: Integers, most: int) -> Integers:
    """Values cut at the most they may be."""
    cut: Integers = np.minimum(values, most)
    return cut


def _shock_e6(tenor_s: Integers, at_30_days_e6: int, most_e6: int, shocks: Shocks) -> Integers:
    factor_q20 = horizon_factor_q20(shocks.dials)
    scaled_e6 = div(at_30_days_e6 * factor_q20, 1 << SQRT_BITS, Rounding.CEIL)
    by_tenor_e6 = div(scaled_e6 * tenor_factor_q20(tenor_s), 1 << SQRT_BITS, Rounding.CEIL)
    return capped(by_tenor_e6, most_e6)
