"""Ranks that enclose a quantile: against scipy's binomial, and exact at the edges."""

from fractions import Fraction
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from novate.risk import Ranks, enclosing_ranks
from novate.risk.desk.order_statistic import quantile_rank
from novate.units import OutOfRange

ONE = 10**6


def below(count: int, level: Fraction, rank: int) -> Fraction:
    """How likely fewer than `rank` of `count` observations are at or below the quantile."""
    return sum(
        (comb(count, k) * level**k * (1 - level) ** (count - k) for k in range(rank)), Fraction(0)
    )


@given(
    st.integers(1, 60),
    st.sampled_from([500_000, 750_000, 900_000, 950_000, 990_000]),
    st.sampled_from([500_000, 900_000, 950_000, 999_999]),
)
def test_each_side_fails_no_oftener_than_it_may_and_one_rank_nearer_would(
    count: int, level_e6: int, confidence_e6: int
) -> None:
    found = enclosing_ranks(count, level_e6, confidence_e6)
    level, may_fail = Fraction(level_e6, ONE), Fraction(ONE - confidence_e6, 2 * ONE)
    assert 0 <= found.low < found.high <= count + 1
    assert below(count, level, found.low) <= may_fail
    assert below(count, level, found.low + 1) > may_fail
    assert 1 - below(count, level, found.high) <= may_fail
    assert found.high == 1 or 1 - below(count, level, found.high - 1) > may_fail


@pytest.mark.parametrize("count", [100, 1_000, 10_000, 100_000])
@pytest.mark.parametrize("level_e6", [950_000, 975_000, 990_000, 999_000])
def test_ranks_are_those_of_the_binomial_distribution(count: int, level_e6: int) -> None:
    found = enclosing_ranks(count, level_e6, 950_000)
    level = level_e6 / ONE
    assert found.low == int(binom.ppf(0.025, count, level))
    assert found.high == int(binom.ppf(0.975, count, level)) + 1


@pytest.mark.parametrize(
    ("count", "ranks"),
    [
        (1, Ranks(0, 2)),  # one observation bounds nothing
        (58, Ranks(51, 59)),
        (71, Ranks(63, 72)),  # 0.95**71 = 2.6 %: not even the largest of 71 bounds the quantile
        (72, Ranks(64, 72)),  # 0.95**72 = 2.49 %: the largest does
    ],
)
def test_few_observations_bound_a_high_quantile_on_one_side_only(count: int, ranks: Ranks) -> None:
    assert enclosing_ranks(count, 950_000, 950_000) == ranks


def test_a_bound_that_fails_exactly_as_often_as_it_may_is_one() -> None:
    """Of two observations both, or none, are below the median with a chance of a quarter each."""
    assert enclosing_ranks(2, 500_000, 500_000) == Ranks(1, 2)
    assert enclosing_ranks(2, 500_000, 500_001) == Ranks(0, 3)


@pytest.mark.parametrize(
    ("arguments", "is_refused"),
    [
        ((0, 950_000, 950_000), True),
        ((1, 950_000, 950_000), False),
        ((1 << 17, 999_999, 950_000), True),
        (((1 << 17) - 1, 999_999, 950_000), False),
        ((100, 499_999, 950_000), True),
        ((100, 500_000, 950_000), False),
        ((100, 999_999, 950_000), False),
        ((100, ONE, 950_000), True),
        ((100, 950_000, 0), True),
        ((100, 950_000, 1), False),
        ((100, 950_000, ONE), True),
    ],
)
def test_counts_levels_and_confidences_have_a_range(
    arguments: tuple[int, int, int], is_refused: bool
) -> None:
    if is_refused:
        with pytest.raises(OutOfRange):
            enclosing_ranks(*arguments)
    else:
        enclosing_ranks(*arguments)


@pytest.mark.parametrize(
    ("count", "level_e6", "rank"),
    [
        (100, 950_000, 95),
        (100, 950_001, 96),
        (101, 950_000, 96),
        (1, 500_000, 1),
        (20, 950_000, 19),
    ],
)
def test_the_observed_quantile_is_the_least_with_its_level_below(
    count: int, level_e6: int, rank: int
) -> None:
    assert quantile_rank(count, level_e6) == rank
    observations = np.arange(1, count + 1)
    assert rank == int(np.quantile(observations, level_e6 / ONE, method="inverted_cdf"))


def test_the_interval_holds_the_quantile_as_often_as_it_says() -> None:
    random = np.random.default_rng(20_260_205)
    ranks = enclosing_ranks(250, 950_000, 900_000)
    drawn = np.sort(random.standard_exponential((4_000, 250)), axis=1)
    quantile = np.log(20)
    is_held = (drawn[:, ranks.low - 1] <= quantile) & (quantile <= drawn[:, ranks.high - 1])
    assert 0.9 <= is_held.mean() < 0.95
