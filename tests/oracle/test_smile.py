"""The smile that a quorum agrees on."""

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novate.oracle.median import lower_median
from novate.oracle.smile import (
    NODES,
    WEIGHTS,
    level_e6,
    nearest_smile,
    smile_disagreement_e6,
    variances_e6,
)
from novate.pricing import Svi, SviRefused, variance_e13

from .scene import SMILE
from .strategies import smiles

ALIKE = (
    Svi(-822_812, 639_662, -643_184, -1_500_000, 2_110_161),
    Svi(-846_970, 445_177, 78_926, 500_000, 2_372_744),
    Svi(191_191, 99_838, -541_103, 0, 159_860),
)
"""Three fits of v(z) = 0.12 + 0.15 (-0.3 (z - 0.05) + sqrt((z - 0.05)^2 + 0.36)) with noise of 0.4
volatility points: none is further than 0.9 points from it for |z| <= 1.
"""


def honest_near(level_e6: int) -> Svi:
    """The usual smile at another level."""
    return replace(SMILE, a_e6=SMILE.a_e6 + level_e6)


def weighted_distance(smile: Svi, medians: list[int]) -> int:
    """How far a smile is from the medians: at the worst node, rounded up to millionths."""
    return max(
        weight * math.ceil(Fraction(abs(variance - median) * 10**6, median))
        for variance, median, weight in zip(variances_e6(smile), medians, WEIGHTS, strict=True)
    )


def test_variances_are_of_the_nodes_and_rounded_down() -> None:
    exact = variance_e13(SMILE, np.array(NODES, dtype=np.int64) * 10**7).tolist()
    assert variances_e6(SMILE) == tuple(variance // 10**7 for variance in exact)
    assert level_e6(SMILE) == exact[NODES.index(0)] // 10**7


@settings(max_examples=100, deadline=None)
@given(smiles)
def test_no_smile_has_a_variance_of_zero_at_a_node(smile: Svi) -> None:
    assert all(96 <= variance < 2**32 for variance in variances_e6(smile))


def test_the_least_and_the_steepest_smile_keep_the_widths() -> None:
    deep = Svi(100, 2**24 - 1, 10**6 - 1, 2**26 - 1, 1)
    high = Svi(2**27 - 1, 2**24 - 1, 1 - 10**6, 2**26 - 1, 2**26 - 1)
    assert min(variances_e6(deep)) >= 96
    assert max(variances_e6(high)) < 2**32


def test_medians_of_parameters_would_make_no_smile_of_three_that_are_alike() -> None:
    vols = [[variance**0.5 / 10 for variance in variances_e6(smile)[3:6]] for smile in ALIKE]
    for column in zip(*vols, strict=True):
        assert max(column) - min(column) < 1.8  # volatility points
    fields = ("a_e6", "b_e6", "rho_e6", "m_e6", "s_e6")
    medians = [lower_median([getattr(smile, field) for smile in ALIKE]) for field in fields]
    with pytest.raises(SviRefused, match="least variance"):
        Svi(*medians)
    assert nearest_smile(ALIKE) in ALIKE


def test_the_smile_nearest_to_the_median_variances_is_taken() -> None:
    said = [honest_near(level) for level in (0, 1_000, 5_000)]
    assert nearest_smile(said) == said[1]


def test_a_wing_decides_nothing_about_the_middle() -> None:
    """A liar's wings are in the middle of the honest ones, further than its middle is off."""
    honest = [replace(SMILE, b_e6=b) for b in (225_000, 240_000, 260_000, 275_000)]
    liar = replace(SMILE, a_e6=SMILE.a_e6 + 12_000, b_e6=248_000)
    said = [*honest, liar]
    medians = list(map(lower_median, zip(*map(variances_e6, said), strict=True)))
    worst = {
        one: max(abs(a - b) / b for a, b in zip(variances_e6(one), medians, strict=True))
        for one in said
    }
    assert min(worst, key=lambda one: worst[one]) == liar
    assert nearest_smile(said) in honest


def test_of_equally_near_smiles_the_one_of_least_parameters_is_taken() -> None:
    twins = [replace(SMILE, b_e6=0, rho_e6=rho, a_e6=90_000) for rho in (7, 5)]
    for said in (twins, twins[::-1]):
        assert nearest_smile(said) == twins[1]


@settings(max_examples=60, deadline=None)
@given(st.lists(smiles, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_smiles_is_of_no_account(said: list[Svi], chance: object) -> None:
    shuffled = list(said)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert nearest_smile(shuffled) == nearest_smile(said)
    assert nearest_smile(said) in said


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.integers(-20_000, 20_000).map(honest_near), min_size=2, max_size=4),
    st.lists(smiles, max_size=3),
)
def test_a_minority_of_liars_moves_no_node_further_than_the_honest_are_apart(
    honest: list[Svi], lies: list[Svi]
) -> None:
    lies = lies[: len(honest) - 1]
    medians = list(map(lower_median, zip(*map(variances_e6, honest + lies), strict=True)))
    own = list(zip(*map(variances_e6, honest), strict=True))
    assert all(min(v) <= m <= max(v) for v, m in zip(own, medians, strict=True))
    best = min(weighted_distance(one, medians) for one in honest)
    assert weighted_distance(nearest_smile(honest + lies), medians) <= best


def test_wings_that_differ_cast_no_doubt() -> None:
    """These two are 8 % apart at one standardised unit from the forward, and 141 % at eight."""
    flat, curved = Svi(200_000, 0, 0, 0, 1), Svi(160_000, 40_000, 0, 0, 1_000_000)
    assert variances_e6(curved)[NODES.index(1)] == 216_568
    assert variances_e6(curved)[NODES.index(8)] == 482_490
    assert smile_disagreement_e6([flat, curved], flat) == 82_840


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.integers(-20_000, 20_000).map(honest_near), min_size=2, max_size=4),
    st.lists(smiles, max_size=3),
)
def test_a_minority_of_liars_cannot_drive_the_disagreement_alone(
    honest: list[Svi], lies: list[Svi]
) -> None:
    chosen = nearest_smile(honest + lies[: len(honest) - 1])
    disagreement = smile_disagreement_e6(honest + lies[: len(honest) - 1], chosen)
    own = zip(variances_e6(chosen)[3:6], *(variances_e6(one)[3:6] for one in honest), strict=True)
    apart = max(
        max(abs(variance - centre) for variance in said) * 10**6 // centre + 1
        for centre, *said in own
    )
    assert disagreement <= apart
