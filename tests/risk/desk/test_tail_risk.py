"""Both measures of a tail: exact, in order, and as sure as they say."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from novate.risk import level_risk
from novate.units import OutOfRange

ONE = 10**6
losses = st.lists(st.integers(-(10**15), 10**15), min_size=1, max_size=200).map(sorted)
levels = st.integers(500_000, 999_999)


@given(losses, levels, levels, st.integers(1, 30))
def test_both_measures_grow_with_the_level_and_the_mean_is_beyond_the_quantile(
    ordered: list[int], one: int, other: int, overlap: int
) -> None:
    independent = max(len(ordered) // overlap, 1)
    low, high = (
        level_risk(ordered, level, 950_000, independent=independent)
        for level in sorted((one, other))
    )
    assert low.value_at_risk.e6 <= high.value_at_risk.e6
    assert low.expected_shortfall.e6 <= high.expected_shortfall.e6
    for found in (low, high):
        assert found.expected_shortfall.e6 >= found.value_at_risk.e6
        for measure in (found.value_at_risk, found.expected_shortfall):
            assert measure.low_e6 <= measure.e6 <= measure.high_e6
        assert ordered[0] <= found.value_at_risk.low_e6
        assert found.value_at_risk.high_e6 <= ordered[-1]


@given(losses, levels)
def test_expected_shortfall_is_the_mean_of_the_worst_part_rounded_up(
    ordered: list[int], level_e6: int
) -> None:
    """The mean over all levels above, of which each loss holds an n-th."""
    count, level = len(ordered), Fraction(level_e6, ONE)
    mean = sum(
        (
            loss * max(Fraction(place + 1, count) - max(Fraction(place, count), level), Fraction(0))
            for place, loss in enumerate(ordered)
        ),
        Fraction(0),
    ) / (1 - level)
    found = level_risk(ordered, level_e6, 950_000, independent=count).expected_shortfall.e6
    assert 0 <= found - mean < 1


def test_a_hundred_losses_give_the_ranks_that_one_would_count() -> None:
    found = level_risk(list(range(1, 101)), 950_000, 900_000, independent=100)
    assert found.value_at_risk.e6 == 95
    assert found.expected_shortfall.e6 == 98  # the mean of 96 to 100
    assert (found.ranks.low, found.ranks.high) == (91, 99)
    assert (found.value_at_risk.low_e6, found.value_at_risk.high_e6) == (91, 99)
    # 1 to 5 beyond, once each of a hundred: a standard deviation of 0.726 / (0.05 x 10).
    assert (found.expected_shortfall.low_e6, found.expected_shortfall.high_e6) == (95, 101)
    assert found.is_bounded


def test_windows_that_overlap_make_the_interval_wider() -> None:
    ordered = list(range(2_000))
    apart = level_risk(ordered, 950_000, 950_000, independent=2_000)
    overlapping = level_risk(ordered, 950_000, 950_000, independent=2_000 // 6)
    assert overlapping.value_at_risk.e6 == apart.value_at_risk.e6
    assert overlapping.value_at_risk.low_e6 < apart.value_at_risk.low_e6
    assert overlapping.value_at_risk.high_e6 > apart.value_at_risk.high_e6
    halves = [
        one.expected_shortfall.high_e6 - one.expected_shortfall.e6 for one in (apart, overlapping)
    ]
    assert halves[1] == pytest.approx(halves[0] * (2_000 / (2_000 // 6)) ** 0.5, abs=2)


def test_too_few_windows_have_no_upper_bound_and_say_so() -> None:
    found = level_risk(list(range(71)), 950_000, 950_000, independent=71)
    assert not found.is_bounded
    assert found.value_at_risk.high_e6 == 70
    assert level_risk(list(range(72)), 950_000, 950_000, independent=72).is_bounded


@given(losses, levels, st.sampled_from([500_000, 900_000, 950_000, 990_000]))
def test_the_interval_of_expected_shortfall_is_the_one_of_the_literature(
    ordered: list[int], level_e6: int, confidence_e6: int
) -> None:
    found = level_risk(ordered, level_e6, confidence_e6, independent=len(ordered))
    losses = np.array(ordered, dtype=np.float64)
    beyond = np.maximum(losses - found.value_at_risk.e6, 0)
    deviation = beyond.std() / np.sqrt(len(ordered)) / (1 - level_e6 / ONE)
    half = found.expected_shortfall.high_e6 - found.expected_shortfall.e6
    assert half == found.expected_shortfall.e6 - found.expected_shortfall.low_e6
    wanted = norm.ppf(0.5 + confidence_e6 / 2e6) * deviation
    assert half == pytest.approx(wanted, rel=1e-6, abs=1)


@pytest.mark.parametrize("drawn", ["normal", "standard_t"])
def test_the_interval_of_expected_shortfall_holds_it_nine_times_of_ten_and_more(drawn: str) -> None:
    """Asked for 95 %, with fifty losses beyond the level."""
    random = np.random.default_rng(20_251_010)
    count, tries = 1_000, 300
    scale = 10**9
    draws = (
        random.normal(size=(tries, count))
        if drawn == "normal"
        else random.standard_t(4, (tries, count))
    )
    # Expected shortfall at 95 %: of the normal 2.0627; of t with 4 degrees of freedom 3.2028.
    truth = 2.0627 if drawn == "normal" else 3.2028
    held_ = 0
    for one in np.sort((draws * scale).astype(np.int64), axis=1).tolist():
        found = level_risk(one, 950_000, 950_000, independent=count).expected_shortfall
        held_ += found.low_e6 <= truth * scale <= found.high_e6
    assert held_ >= 0.9 * tries


def test_losses_may_come_in_any_order_and_as_an_array() -> None:
    shuffled = np.random.default_rng(1).permutation(10**12 * np.arange(200))
    found = level_risk(shuffled, 950_000, 950_000, independent=200)
    assert found == level_risk(sorted(shuffled.tolist()), 950_000, 950_000, independent=200)


@pytest.mark.parametrize("independent", [0, 6])
def test_no_more_losses_are_independent_than_there_are(independent: int) -> None:
    with pytest.raises(OutOfRange):
        level_risk([1, 2, 3, 4, 5], 950_000, 950_000, independent=independent)
