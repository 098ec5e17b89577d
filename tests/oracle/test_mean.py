"""Means with weights, rounded down."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novate.oracle import mean_law
from novate.oracle.mean import mean

pairs = st.lists(
    st.tuples(st.integers(0, 2**31 - 1), st.integers(1, 2**10 - 1)), min_size=1, max_size=16
)


@pytest.mark.parametrize(
    ("said", "result"),
    [([(7, 3)], 7), ([(1, 1), (2, 1)], 1), ([(1, 1), (2, 2)], 1), ([(0, 5), (10, 5)], 5)],
)
def test_a_mean_is_rounded_down(said: list[tuple[int, int]], result: int) -> None:
    assert mean(said) == result


@given(pairs)
def test_a_mean_lies_between_the_least_value_and_the_greatest(said: list[tuple[int, int]]) -> None:
    assert min(value for value, _ in said) <= mean(said) <= max(value for value, _ in said)


@given(pairs)
def test_the_law_of_a_mean_admits_one_result(said: list[tuple[int, int]]) -> None:
    weighted = sum(value * weight for value, weight in said)
    weight = sum(weight for _, weight in said)
    for off in (-1, 0, 1):
        dust = weighted - (mean(said) + off) * weight
        assert mean_law(weighted, weight, mean(said) + off, dust) == 0
        assert (0 <= dust < weight) is (off == 0)
