"""Means with weights, rounded down."""

from collections.abc import Iterable

from novate.units import Rounding, Term, div


def mean_law(weighted: Term, weight: Term, mean: Term, dust: Term) -> Term:
    """Zero when `mean` is the sum of values times weights over the sum of weights, rounded down.

    `dust` lies in [0, weight).
    """
    return mean * weight + dust - weighted


def mean(weighted_values: Iterable[tuple[int, int]]) -> int:
    """The mean of (value, weight), rounded down: between the least value and the greatest.

    A price is nobody's claim, so there is no account to round against: down, as every price here.

    Range: weights at least zero, not all zero.
    """
    pairs = list(weighted_values)
    weighted = sum(value * weight for value, weight in pairs)
    weight = sum(weight for _, weight in pairs)
    result = div(weighted, weight, Rounding.FLOOR)
    dust = weighted - result * weight
    assert 0 <= dust < weight
    assert mean_law(weighted, weight, result, dust) == 0
    return result
