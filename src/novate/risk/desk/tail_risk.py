"""Value at risk and expected shortfall of many losses, and how sure both are."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import isqrt

import numpy as np

from novate.pricing import normal_cdf_q28
from novate.risk.desk.order_statistic import ONE, Ranks, enclosing_ranks, quantile_rank
from novate.units import Rounding, bounds, div, within


@dataclass(frozen=True, slots=True)
class Bounded:
    """An estimate and the interval around what it estimates; micro-USD, losses above zero."""

    e6: int
    low_e6: int
    high_e6: int


@dataclass(frozen=True, slots=True)
class LevelRisk:
    """Value at risk and expected shortfall at one level."""

    level_e6: int
    value_at_risk: Bounded
    expected_shortfall: Bounded
    ranks: Ranks
    """Between which of the sorted losses the interval lies."""
    is_bounded: bool
    """False where there are too few windows for an upper bound: the high end of value at risk is
    then the largest loss seen, although it may be more, and that of expected shortfall no bound."""


def level_risk(
    loss_e6: Iterable[int], level_e6: int, confidence_e6: int, *, independent: int
) -> LevelRisk:
    """Both measures of losses in any order, of which so many are independent.

    The interval of value at risk lies between two of the losses, whatever distribution they have
    (`enclosing_ranks`). Where windows overlap the ranks are those of the independent ones,
    stretched outwards over all; windows between them tell a little more, so that it is too wide.

    Expected shortfall is VaR + E max(L - VaR, 0) / (1 - level), and at its minimum over VaR: an
    error in VaR does not matter in first order. So its interval is as wide as the sample's standard
    deviation of max(L - VaR, 0) makes it, by the normal distribution. Asked for 95 %, it held the
    truth in 90 to 94 % of draws with fifty losses beyond the level, in 81 to 90 % with ten (normal,
    exponential, and Student's t with 3 and 4 degrees of freedom): what a tail holds that nobody has
    seen is in no sample.

    Raises: OutOfRange.
    Source: Rockafellar and Uryasev, Optimization of conditional value-at-risk, 2000.
    """
    ordered_e6 = sorted(int(one) for one in loss_e6)
    count = len(ordered_e6)
    within("number of independent losses", independent, low=1, high=count + 1)
    found = enclosing_ranks(independent, level_e6, confidence_e6)
    rank = quantile_rank(count, level_e6)
    is_bounded = found.high <= independent
    ranks = Ranks(
        min(div(found.low * count, independent, Rounding.FLOOR), rank),
        max(div(found.high * count, independent, Rounding.CEIL), rank) if is_bounded else count + 1,
    )
    low, high = max(ranks.low, 1), min(ranks.high, count)
    tail = sum(ordered_e6[rank:])
    # The worst n (1 - level) losses: all beyond the rank, and of the one at it what is left.
    worst = tail * ONE + ordered_e6[rank - 1] * (rank * ONE - count * level_e6)
    mean_e6 = div(worst, count * (ONE - level_e6), Rounding.CEIL)
    beyond = [loss_e6 - ordered_e6[rank - 1] for loss_e6 in ordered_e6[rank:]]
    spread = count * sum(one * one for one in beyond) - sum(beyond) ** 2
    half_e6 = _root(
        _normal_quantile_q28(confidence_e6) ** 2 * ONE**2 * spread,
        (count * (ONE - level_e6)) ** 2 * independent << 2 * bounds.FRACTION_BITS,
    )
    return LevelRisk(
        level_e6=level_e6,
        value_at_risk=Bounded(ordered_e6[rank - 1], ordered_e6[low - 1], ordered_e6[high - 1]),
        expected_shortfall=Bounded(mean_e6, mean_e6 - half_e6, mean_e6 + half_e6),
        ranks=ranks,
        is_bounded=is_bounded,
    )


def _root(numerator: int, denominator: int) -> int:
    """The square root of a ratio, rounded up."""
    square = div(numerator, denominator, Rounding.CEIL)
    return isqrt(square - 1) + 1 if square else 0


def _normal_quantile_q28(confidence_e6: int) -> int:
    """How many standard deviations either way enclose a normal variable with this confidence: the
    least that do, to 2**-28."""
    wanted = (ONE + confidence_e6) << bounds.FRACTION_BITS
    low, high = 0, 7 << bounds.FRACTION_BITS
    while high - low > 1:
        middle = div(low + high, 2, Rounding.FLOOR)
        below = int(normal_cdf_q28(np.array([middle], dtype=np.int64))[0])
        low, high = (low, middle) if 2 * ONE * below >= wanted else (middle, high)
    return high
