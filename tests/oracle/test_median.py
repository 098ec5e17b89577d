"""The middle of what publishers say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novate.oracle import below_law, lower_median, median_law, reach_law
from novate.oracle.median import upper_median

values = st.lists(st.integers(0, 9), min_size=1, max_size=16)


@pytest.mark.parametrize(
    ("said", "lower", "upper"),
    [([7], 7, 7), ([7, 5], 5, 7), ([9, 5, 7], 7, 7), ([4, 1, 3, 2], 2, 3), ([2, 2, 9, 9], 2, 9)],
)
def test_of_two_middles_the_lower_and_the_upper_median_take_theirs(
    said: list[int], lower: int, upper: int
) -> None:
    assert lower_median(said) == lower
    assert upper_median(said) == upper


@given(values, st.randoms(use_true_random=False))
def test_the_order_of_values_is_of_no_account(said: list[int], chance: object) -> None:
    shuffled = list(said)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert lower_median(shuffled) == lower_median(said)
    assert upper_median(shuffled) == upper_median(said)


@given(values)
def test_counting_ranks_admits_the_median_and_no_other_value(said: list[int]) -> None:
    rank = (len(said) - 1) // 2
    assert median_law(len(said), rank, int(len(said) % 2 == 0)) == 0
    assert median_law(len(said), rank + 1, int(len(said) % 2 == 0)) != 0

    def is_admitted(value: int) -> bool:
        spare = rank - sum(one < value for one in said)
        more = sum(one <= value for one in said) - 1 - rank
        assert below_law(rank, rank - spare, spare) == 0
        assert reach_law(rank, more + 1 + rank, more) == 0
        return spare >= 0 and more >= 0

    assert {value for value in said if is_admitted(value)} == {lower_median(said)}


@given(
    st.lists(st.integers(100, 120), min_size=1, max_size=8),
    st.lists(st.integers(0, 2**40), max_size=7),
)
def test_fewer_liars_than_half_leave_both_medians_within_the_honest(
    honest: list[int], lies: list[int]
) -> None:
    lies = lies[: len(honest) - 1]
    for median in (lower_median(honest + lies), upper_median(honest + lies)):
        assert min(honest) <= median <= max(honest)


def test_as_many_liars_as_honest_can_leave_the_honest() -> None:
    assert lower_median([100, 101, 0, 0]) == 0
    assert lower_median([100, 101, 102, 0, 0]) == 100
