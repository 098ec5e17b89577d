"""Value at risk: windows of a history, both measures and their intervals."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from novate.risk import (
    BadMoves,
    BadPositions,
    Moves,
    Positions,
    ValueAtRisk,
    Windows,
    level_risk,
    profits_e6,
    value_at_risk,
    windows,
)
from novate.risk.value_at_risk import CHUNK
from novate.units import OutOfRange

from .books import SCENE, books, condor
from .scene import accounts, held

LISTING, MARKET = SCENE.listing, SCENE.market
HOUR_S = 3_600
ONE = 10**6
losses = st.lists(st.integers(-(10**15), 10**15), min_size=1, max_size=200).map(sorted)
levels = st.integers(500_000, 999_999)


def history(count: int, seed: int = 7) -> Windows:
    random = np.random.default_rng(seed)
    price = 100_000_000 * np.exp(0.01 * np.cumsum(random.standard_t(4, count + 6)))
    vol = 500_000 * np.exp(0.02 * np.cumsum(random.normal(size=count + 6)))
    at_s = np.arange(count + 6) * HOUR_S
    return windows(at_s, price.astype(np.int64), vol.astype(np.int64) + 1, 6 * HOUR_S)


def test_a_window_is_from_an_instant_to_the_one_a_horizon_later_if_there_is_one() -> None:
    at_s = np.array([0, 1, 2, 3, 5, 6]) * HOUR_S
    price = np.array([100, 110, 120, 90, 100, 45])
    vol = np.array([50, 50, 40, 80, 50, 50])
    found = windows(at_s, price, vol, 2 * HOUR_S, elapsed_s=60, is_by_tenor=True)
    assert (found.began_at_s // HOUR_S).tolist() == [0, 1, 3]  # nothing at four o'clock
    assert found.moves.spot_e6.tolist() == [200_000, -181_819, 111_111]
    assert found.moves.vol_e6.tolist() == [-200_000, 600_000, -375_000]
    assert found.moves.elapsed_s.tolist() == [60, 60, 60]
    assert found.moves.is_by_tenor
    assert found.overlap == 2


@pytest.mark.parametrize(("horizon_h", "overlap"), [(1, 1), (3, 3), (7, 7)])
def test_longer_windows_overlap_more(horizon_h: int, overlap: int) -> None:
    at_s = np.arange(30) * HOUR_S
    level = np.ones_like(at_s)
    assert windows(at_s, level, level, horizon_h * HOUR_S).overlap == overlap


@pytest.mark.parametrize(
    ("at_s", "price", "vol", "horizon_s", "error"),
    [
        ([0, 1], [1, 1, 1], [1, 1], 1, BadMoves),
        ([1, 0], [1, 1], [1, 1], 1, BadMoves),
        ([0, 0], [1, 1], [1, 1], 1, BadMoves),
        ([0, 1], [1, 0], [1, 1], 1, BadMoves),
        ([0, 1], [1, 1], [0, 1], 1, BadMoves),
        ([0, 2], [1, 1], [1, 1], 1, BadMoves),
        ([], [], [], 1, BadMoves),
        ([0, 1], [1, 1], [1, 1], 0, OutOfRange),
        ([0, 1], [10, 51], [1, 1], 1, OutOfRange),  # five times the price, and more
        ([0, 1], [1, 1], [10, 111], 1, OutOfRange),
        ([0, 1], [1, 1 << 43], [1, 1], 1, OutOfRange),
    ],
)
def test_a_history_that_is_none_is_refused(
    at_s: list[int], price: list[int], vol: list[int], horizon_s: int, error: type[Exception]
) -> None:
    columns = (np.array(values, dtype=np.int64) for values in (at_s, price, vol))
    with pytest.raises(error):
        windows(*columns, horizon_s)


def test_the_largest_moves_of_a_history_are_moves() -> None:
    pair = np.array([0, 1])
    found = windows(pair, np.array([10, 50]), np.array([10, 110]), 1).moves
    assert (found.spot_e6.tolist(), found.vol_e6.tolist()) == ([4 * ONE], [10 * ONE])


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


def test_too_few_windows_have_no_upper_bound_and_say_so() -> None:
    found = level_risk(list(range(71)), 950_000, 950_000, independent=71)
    assert not found.is_bounded
    assert found.value_at_risk.high_e6 == 70
    assert level_risk(list(range(72)), 950_000, 950_000, independent=72).is_bounded


def risk(positions: Positions, past: Windows) -> ValueAtRisk:
    return value_at_risk(LISTING, MARKET, positions, past)


def test_each_window_happens_to_the_market_of_today_priced_anew() -> None:
    past = history(CHUNK + 40)
    found = risk(condor(), past)
    assert len(found.loss_e6) == CHUNK + 40
    profits = profits_e6(LISTING, MARKET, past.moves, condor()).sum(axis=0)
    assert np.array_equal(found.loss_e6, -profits)
    assert found.independent == (CHUNK + 40) // 6
    ordered = sorted(found.loss_e6.tolist())
    for level in found.levels:
        wanted = level_risk(ordered, level.level_e6, 950_000, independent=found.independent)
        assert level == wanted


@given(books(most=4))
def test_twice_a_book_loses_twice_and_its_opposite_gains(positions: Positions) -> None:
    past = history(30)
    one = risk(positions, past)
    twice = risk(Positions.of(positions.row, 2 * positions.quantity_e3), past)
    other = risk(Positions.of(positions.row, -positions.quantity_e3), past)
    assert np.array_equal(twice.loss_e6, 2 * one.loss_e6)
    assert np.array_equal(other.loss_e6, -one.loss_e6)
    assert twice.levels[0].value_at_risk.e6 == 2 * one.levels[0].value_at_risk.e6


def test_a_linear_book_loses_what_the_price_does_at_its_worst() -> None:
    past = history(400)
    found = risk(held((SCENE.perp, 1_000)), past)
    worst = np.sort(-past.moves.spot_e6)
    wanted = 1_000 * MARKET.forward_e3[0] * int(worst[379]) / 1e6  # the 380th of 400
    assert found.levels[0].value_at_risk.e6 == pytest.approx(wanted, abs=1_000)


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


def test_one_account_is_at_risk() -> None:
    with pytest.raises(BadPositions, match="2 accounts"):
        risk(accounts([[(0, 1)], [(0, 2)]]), history(5))


def test_windows_may_be_moves_that_somebody_drew() -> None:
    drawn = Windows(Moves.of(np.arange(-50_000, 50_000, 1_000)), np.arange(100), 1)
    assert risk(held((0, -1_000)), drawn).levels[0].value_at_risk.e6 > 0
