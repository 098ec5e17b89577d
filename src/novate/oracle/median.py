"""The middle of what publishers say: a number that a minority of liars cannot move out of what
the others say.

Of m values, sorted, the lower median is the one of rank (m - 1) // 2, counted from 0: the middle,
or of two middles the lower. If f of the values are lies and 2 f < m, at least one honest value is
no greater and at least one is no less, wherever the lies lie. The upper median has rank m // 2 and
the same property; it serves where the greater number is the careful one.

A circuit needs no sorting. Its witness for a median is the rank, the number of values below it and
the number of values not above it, each counted by comparing every value with the median; it checks
`median_law`, that the median is one of the values, and `below_law` and `reach_law` with what is
left over at least zero.
"""

from collections.abc import Sequence

from novate.units import Rounding, Term, div


def median_law(count: Term, rank: Term, is_lower: Term) -> Term:
    """Zero when `rank`, counted from 0, is the middle of `count`, or the lower one of two.

    `is_lower` is a bit: 1 when there are two middles.
    """
    return count - 1 - 2 * rank - is_lower


def below_law(rank: Term, below: Term, spare: Term) -> Term:
    """Zero when `below` values, and no more than `rank`, are less than the value; `spare >= 0`."""
    return rank - below - spare


def reach_law(rank: Term, not_above: Term, spare: Term) -> Term:
    """Zero when `not_above` values, more than `rank`, are at most the value; `spare >= 0`."""
    return not_above - 1 - rank - spare


def lower_median(values: Sequence[int]) -> int:
    """The middle value; of the two middle ones, the lower.

    Range: at least one value.
    """
    count = len(values)
    rank = div(count - 1, 2, Rounding.FLOOR)
    assert median_law(count, rank, int(count % 2 == 0)) == 0
    return _of_rank(values, rank)


def upper_median(values: Sequence[int]) -> int:
    """The middle value; of the two middle ones, the higher.

    Range: at least one value.
    """
    return _of_rank(values, div(len(values), 2, Rounding.FLOOR))


def _of_rank(values: Sequence[int], rank: int) -> int:
    value = sorted(values)[rank]
    below = sum(other < value for other in values)
    not_above = sum(other <= value for other in values)
    assert below_law(rank, below, rank - below) == 0 and below <= rank
    assert reach_law(rank, not_above, not_above - 1 - rank) == 0 and rank < not_above
    return value
