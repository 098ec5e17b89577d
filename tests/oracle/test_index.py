"""The index price: a mean of several markets, none of which can pull it far."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novate.oracle import ceiling_price_law, floor_price_law, index_price_e3
from novate.oracle.index import clamp_bounds, stated_confidence_e6

CLAMP_E6 = 5_000
prices = st.integers(1, 2**31 - 1)
weights = st.integers(1, 2**10 - 1)


@pytest.mark.parametrize(
    ("sources", "index"),
    [
        ([(90_000_000, 1)], 90_000_000),
        ([(90_000_000, 1), (90_030_000, 1), (90_060_000, 1)], 90_030_000),
        # 0.5 % of 90,000 is 450: a market that is far off pulls no further.
        ([(90_000_000, 1), (90_000_000, 1), (120_000_000, 1)], 90_150_000),
        ([(90_000_000, 1), (90_000_000, 1), (1, 1)], 89_850_000),
        ([(90_000_000, 1), (90_000_000, 1), (120_000_000, 2)], 90_225_000),
        # Of two the lower is the median.
        ([(90_000_000, 1), (100_000_000, 1)], 90_225_000),
        ([(1, 1), (1, 1), (2, 1)], 1),
        ([(100, 1), (101, 1), (102, 1)], 101),
    ],
)
def test_the_index_is_the_mean_of_sources_clamped_to_their_median(
    sources: list[tuple[int, int]], index: int
) -> None:
    assert index_price_e3(sources, CLAMP_E6) == index


@given(st.lists(st.tuples(prices, weights), min_size=1, max_size=16), st.integers(0, 10**6 - 1))
def test_the_index_lies_between_the_least_source_and_the_greatest(
    sources: list[tuple[int, int]], clamp_e6: int
) -> None:
    said = [price for price, _ in sources]
    assert min(said) <= index_price_e3(sources, clamp_e6) <= max(said)


@given(
    st.lists(st.integers(10_000, 10_400), min_size=2, max_size=6),
    st.lists(prices, max_size=5),
    weights,
)
def test_fewer_wrong_sources_than_half_move_the_index_no_further_than_the_clamp(
    right: list[int], wrong: list[int], weight: int
) -> None:
    sources = [(price, 1) for price in right]
    sources += [(price, weight) for price in wrong[: len(right) - 1]]
    index = index_price_e3(sources, CLAMP_E6)
    assert min(right) * 995 <= index * 1_000 <= max(right) * 1_005
    assert clamp_bounds(min(right), CLAMP_E6)[0] <= index <= clamp_bounds(max(right), CLAMP_E6)[1]


@given(prices, st.integers(0, 10**6 - 1))
def test_the_laws_of_the_clamp_admit_one_bound_each(median: int, clamp: int) -> None:
    lowest, highest = clamp_bounds(median, clamp)
    assert lowest <= median <= highest
    for off in (-1, 0, 1):
        excess = (lowest + off) * 10**6 - median * (10**6 - clamp)
        dust = median * (10**6 + clamp) - (highest + off) * 10**6
        assert floor_price_law(median, clamp, lowest + off, excess) == 0
        assert ceiling_price_law(median, clamp, highest + off, dust) == 0
        assert (0 <= excess < 10**6) is (0 <= dust < 10**6) is (off == 0)


@pytest.mark.parametrize(
    ("sources", "left"), [(1, 450_000), (2, 450_000), (3, 900_001), (4, 900_001)]
)
def test_fewer_than_three_sources_halve_the_confidence(sources: int, left: int) -> None:
    assert stated_confidence_e6(900_001, sources) == left
