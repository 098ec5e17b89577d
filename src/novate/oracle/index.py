"""The index price: a mean of several markets, none of which can pull it far.

Every source is clamped to within 0.5 % of the median of the sources, then they are averaged by
weight. While fewer than half of the sources are wrong the median lies between the right ones, so
the index lies between the right ones too, give or take the clamp.
"""

from collections.abc import Sequence
from typing import Final

from novate.oracle.mean import mean
from novate.oracle.median import lower_median
from novate.units import Rounding, Term, bounds, div

SOURCES_FULL: Final = 3
"""With fewer sources confidence is halved."""

SOURCES_NEW_RISK: Final = 2
"""With fewer sources nobody may take on new risk."""

_ONE = bounds.RATE_SCALE


def floor_price_law(median: Term, clamp: Term, lowest: Term, excess: Term) -> Term:
    """Zero when `lowest` is the median less the clamp, rounded up; `excess` in [0, 1e6)."""
    return lowest * _ONE - median * (_ONE - clamp) - excess


def ceiling_price_law(median: Term, clamp: Term, highest: Term, dust: Term) -> Term:
    """Zero when `highest` is the median plus the clamp, rounded down; `dust` in [0, 1e6)."""
    return highest * _ONE + dust - median * (_ONE + clamp)


def clamp_bounds(median: int, clamp_e6: int) -> tuple[int, int]:
    """The least and the greatest price that a source counts with; the median is between them.

    A circuit compares a source with both, and takes a bit for each side as its witness.
    """
    lowest = div(median * (_ONE - clamp_e6), _ONE, Rounding.CEIL)
    highest = div(median * (_ONE + clamp_e6), _ONE, Rounding.FLOOR)
    excess = lowest * _ONE - median * (_ONE - clamp_e6)
    dust = median * (_ONE + clamp_e6) - highest * _ONE
    assert 0 <= excess < _ONE and 0 <= dust < _ONE
    assert floor_price_law(median, clamp_e6, lowest, excess) == 0
    assert ceiling_price_law(median, clamp_e6, highest, dust) == 0
    return lowest, highest


def index_price_e3(sources: Sequence[tuple[int, int]], clamp_e6: int) -> int:
    """The index of (price, weight) of each source, rounded down.

    Of two middle sources the lower is the median.

    Range: at least one source; prices below 2**31, weights below 2**10.
    """
    lowest, highest = clamp_bounds(lower_median([price for price, _ in sources]), clamp_e6)
    return mean((min(max(price, lowest), highest), weight) for price, weight in sources)


def stated_confidence_e6(stated_e6: int, sources: int) -> int:
    """What is left of a stated confidence with that many sources: half, rounded down, below three.

    The law is that of `mean` with weight 2; a circuit takes the odd unit as a bit.
    """
    return stated_e6 if sources >= SOURCES_FULL else mean([(stated_e6, 1), (0, 1)])
