"""The smile that a quorum agrees on: one that a publisher signed, and the one nearest to them all.

The five parameters of a smile say nothing one by one: two fits of the same chain may differ much in
each and hardly in any volatility, so the medians of the parameters may make a smile that is far
from every reported one, or none at all. What publishers agree on are variances. So the median is
taken field by field of the variances at fixed places, `NODES`, and the tick's smile is the reported
one whose worst distance from those medians is least: as a part of them, and by weights that keep
far wings, where good fits differ, from deciding about the middle.

While fewer than half of the smiles are lies, each median lies between honest variances, and the
smile is no further from the medians than the best honest one is, whoever signed it. Between nodes a
smile is convex in z, so it cannot leave the chords above it nor the prolonged chords below. And
since it was signed whole, it is a smile: nothing has to be repaired.

A circuit takes the variances as witnesses with the laws of `variance_e13`, counts ranks as for any
median, and checks that no distance is less than the chosen one.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np

from novate.oracle.confidence import disagreement_e6, part_e6
from novate.oracle.median import lower_median
from novate.pricing import Svi, variance_e13
from novate.units import Rounding, div

NODES: Final = (-8, -4, -2, -1, 0, 1, 2, 4, 8)
"""Standardised log-moneyness where smiles are compared. At a volatility of 50 % one step is two
standard deviations."""

WEIGHTS: Final = (1, 2, 4, 8, 8, 8, 4, 2, 1)
"""How much a distance at a node counts."""

_CENTRE: Final = NODES.index(0)
_INNER: Final = slice(_CENTRE - 1, _CENTRE + 2)
"""Where smiles are compared for confidence: far out even good fits of one chain differ."""

_NODES_E7: Final = np.array(NODES, dtype=np.int64) * 10**7


@lru_cache(maxsize=1 << 12)
def variances_e6(smile: Svi) -> tuple[int, ...]:
    """The variance per year at each node, rounded down; below 2**32.

    At least 96: the least variance of an `Svi` is 100, and `variance_e13` is below it by no more
    than 2e-7 times a slope below 2**24 millionths. Remembered, since a tick compares a smile
    several times.
    """
    return tuple(div(variance_e13(smile, _NODES_E7), 10**7, Rounding.FLOOR).tolist())


def level_e6(smile: Svi) -> int:
    """The variance per year at the forward."""
    return variances_e6(smile)[_CENTRE]


def nearest_smile(smiles: Sequence[Svi]) -> Svi:
    """The smile nearest to the median variances; of equally near ones that of least parameters.

    Its distance is that at the worst node, as a part of the median there, times the weight.

    Range: at least one smile.
    """
    medians = [lower_median(column) for column in zip(*map(variances_e6, smiles), strict=True)]

    def rank(smile: Svi) -> tuple[int, ...]:
        distance_e6 = max(
            weight * part_e6(abs(variance - median), median)
            for variance, median, weight in zip(variances_e6(smile), medians, WEIGHTS, strict=True)
        )
        return (distance_e6, smile.a_e6, smile.b_e6, smile.rho_e6, smile.m_e6, smile.s_e6)

    return min(smiles, key=rank)


def smile_disagreement_e6(smiles: Sequence[Svi], chosen: Svi) -> int:
    """How far the smiles are from the chosen one: at the worst inner node, as a part of it.

    At each node the upper median of the distances, so that a minority of liars cannot drive it.

    Range: at least one smile.
    """
    columns = zip(*(variances_e6(smile)[_INNER] for smile in smiles), strict=True)
    centres = variances_e6(chosen)[_INNER]
    return max(disagreement_e6(said, own) for said, own in zip(columns, centres, strict=True))
