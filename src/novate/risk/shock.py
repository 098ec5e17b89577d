"""How far the index and its volatility are assumed to move before a position is closed.

Both follow the market: the spot range grows with 30-day volatility, and a volatility moves by a
part of itself that falls with the square root of its tenor, as real ones do.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from novate.pricing import sqrt_floor
from novate.risk.parameters import DAY_S, HORIZON_S, MONTH_S, Dials, RiskParameters
from novate.units import Integers, Rounding, Term, bounds, div, within

ONE: Final = bounds.RATE_SCALE
SQRT_BITS: Final = 20
"""Binary places of a square root here: sqrt(30 d / tenor) is below 6 x 2**20 < 2**23."""

RANGE_STEP_E6: Final = 20_000
"""The spot range moves by at most two points an hour, so that margin rises over hours and not at
once with the market's first fright.
"""


@dataclass(frozen=True, slots=True)
class Shocks:
    """What is assumed of one underlying at one tick."""

    parameters: RiskParameters
    dials: Dials
    range_e6: int
    """Spot range: how far the index may move either way, as a part of itself."""

    def __post_init__(self) -> None:
        within("spot range", self.range_e6, low=1, high=bounds.RATE_SCALE)


def quotient_law(product: Term, divisor: Term, quotient: Term, rest: Term) -> Term:
    """Zero when `quotient` is `product / divisor` rounded down; `rest` in [0, divisor).

    Rounded up: the same with `-product` and `-quotient`.
    """
    return quotient * divisor + rest - product


def square_root_law(square: Term, root: Term, rest: Term) -> Term:
    """Zero when `root` is the square root of `square` rounded down; `rest` in [0, 2 * root]."""
    return root * root + rest - square


def horizon_factor_q20(dials: Dials) -> int:
    """sqrt of the time until a position can be closed over the time the shocks were chosen for.

    One at the default dials. Range: the ratio is below 2**6 (a week and a day over six hours), the
    root below 8.
    """
    chosen = Dials()
    assumed_s = HORIZON_S + chosen.settlement_latency_s + chosen.oracle_heartbeat_s
    asked_s = HORIZON_S + dials.settlement_latency_s + dials.oracle_heartbeat_s
    square = div(asked_s << 2 * SQRT_BITS, assumed_s, Rounding.CEIL)
    return int(sqrt_floor(np.array([square], dtype=np.int64))[0])


def spot_range_e6(parameters: RiskParameters, dials: Dials, month_vol_e6: int) -> int:
    """How far the index may move either way, as a part of itself; rounded up.

    Raises: OutOfRange.
    Witness: which of three the clamp chose, with the two differences that are not negative.
    """
    within("30-day volatility", month_vol_e6, high=bounds.VOL_MAX_E6 + 1)
    wanted_e6 = div(parameters.range_factor_e6 * month_vol_e6, ONE, Rounding.CEIL)
    within_e6 = min(max(wanted_e6, parameters.range_min_e6), parameters.range_max_e6)
    scaled_e6 = div(within_e6 * horizon_factor_q20(dials), 1 << SQRT_BITS, Rounding.CEIL)
    return min(scaled_e6, ONE - 1)


def limited_range_e6(*, previous_e6: int, wanted_e6: int, elapsed_s: int) -> int:
    """The spot range after `elapsed_s` seconds: on its way to `wanted_e6`, two points an hour.

    Rounding: a step down, so ticks a second apart go at nine tenths of the pace.
    Raises: OutOfRange.
    """
    within("spot range before", previous_e6, low=1, high=ONE)
    within("spot range", wanted_e6, low=1, high=ONE)
    within("time since the last tick", elapsed_s, high=1 << bounds.TIME_BITS)
    step_e6 = div(RANGE_STEP_E6 * elapsed_s, 3600, Rounding.FLOOR)
    return min(max(wanted_e6, previous_e6 - step_e6), previous_e6 + step_e6)


def tenor_factor_q20(tenor_s: Integers) -> Integers:
    """sqrt(30 days / tenor), rounded down; a tenor shorter than a day counts as a day.

    Range: 30 d x 2**40 < 2**62; the factor is below 5.48 x 2**20.
    """
    counted_s = np.maximum(tenor_s, DAY_S)
    return sqrt_floor((MONTH_S << 2 * SQRT_BITS) // counted_s)


def shocked_up_e6(vol_e6: Integers, tenor_s: Integers, shocks: Shocks) -> Integers:
    """Volatility after a rise: by a part of itself, and to a floor at least; rounded up.

    Shape: `vol_e6` and `tenor_s` broadcast. Range: the rise is at most `vol_up_max`, so the product
    is below 2**24 x 2**23 = 2**47.
    Witness: for each of the two clamps the side chosen and the difference that is not negative.
    """
    parameters, factor_q20 = shocks.parameters, tenor_factor_q20(tenor_s)
    rise_e6: Integers = np.minimum(
        _ceil_q20(_scaled_e6(parameters.vol_up_e6, shocks.dials) * factor_q20),
        parameters.vol_up_max_e6,
    )
    floor_e6 = _ceil_q20(parameters.vol_floor_e6 * np.minimum(factor_q20, 1 << SQRT_BITS))
    risen_e6 = div(vol_e6 * (ONE + rise_e6), ONE, Rounding.CEIL)
    shocked_e6: Integers = np.maximum(risen_e6, floor_e6).clip(max=bounds.VOL_MAX_E6)
    return shocked_e6


def shocked_down_e6(vol_e6: Integers, tenor_s: Integers, shocks: Shocks) -> Integers:
    """Volatility after a fall by a part of itself; rounded down.

    Shape, range and witness: as of the rise, without a floor.
    """
    parameters = shocks.parameters
    fall_e6: Integers = np.minimum(
        _ceil_q20(_scaled_e6(parameters.vol_down_e6, shocks.dials) * tenor_factor_q20(tenor_s)),
        parameters.vol_down_max_e6,
    )
    return div(vol_e6 * (ONE - fall_e6), ONE, Rounding.FLOOR)


def _scaled_e6(shock_e6: int, dials: Dials) -> int:
    return div(shock_e6 * horizon_factor_q20(dials), 1 << SQRT_BITS, Rounding.CEIL)


def _ceil_q20(product: Integers) -> Integers:
    return div(product, 1 << SQRT_BITS, Rounding.CEIL)
