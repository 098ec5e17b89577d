"""Order statistics: which of many sorted observations are sure to enclose a quantile.

How many of n independent observations lie below the quantile at a level has a binomial
distribution, whatever theirs is. So the ranks follow from n and the level alone, and exactly: the
sums below are integers over a common denominator.
"""

from dataclasses import dataclass
from math import gcd
from typing import Final

from novate.units import Rounding, bounds, div, within

ONE: Final = bounds.RATE_SCALE


@dataclass(frozen=True, slots=True)
class Ranks:
    """Ranks that enclose a quantile, counted from 1 at the smallest observation.

    Rank 0 is below all and rank n + 1 above all: where a bound is one of these, so few
    observations bound the quantile on one side only.
    """

    low: int
    high: int


def quantile_rank(count: int, level_e6: int) -> int:
    """The rank of the observed quantile: the least with the part `level` at or below it."""
    return max(div(count * level_e6, ONE, Rounding.CEIL), 1)


def enclosing_ranks(count: int, level_e6: int, confidence_e6: int) -> Ranks:
    """Ranks between which the quantile at `level` lies with at least this confidence, half of the
    rest left on either side.

    With B of `count` observations at or below the quantile, the bound of rank `low` fails when
    B < low, that of rank `high` when B >= high. Exact; sums terms from B = `count` downwards, about
    count x (1 - level) of them.

    Raises: OutOfRange.
    """
    within("number of observations", count, low=1, high=1 << 17)
    within("level", level_e6, low=div(ONE, 2, Rounding.FLOOR), high=ONE)
    within("confidence", confidence_e6, low=1, high=ONE)
    shared = gcd(level_e6, ONE)
    # Exact quotients, both here and below.
    hit, of = (div(part, shared, Rounding.FLOOR) for part in (level_e6, ONE))
    miss = of - hit
    # P(B >= k) = tail / of**count; a side may fail with (1 - confidence) / 2.
    whole = of**count
    may_fail = whole * (ONE - confidence_e6)
    term, tail, below = hit**count, 0, count
    high = count + 1
    while True:
        tail += term  # P(B >= below)
        if 2 * ONE * tail <= may_fail:
            high = below
        if 2 * ONE * (whole - tail) <= may_fail:
            return Ranks(below, high)
        # C(n, k - 1) hit**(k - 1) miss**(n - k + 1) from C(n, k) hit**k miss**(n - k).
        term = div(term * below * miss, (count - below + 1) * hit, Rounding.FLOOR)
        below -= 1
