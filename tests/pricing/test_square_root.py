"""Square roots of integers, and of times in years."""

from math import isqrt

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mpf, sqrt

from novate.pricing import sqrt_floor, sqrt_law, sqrt_years_q28
from novate.units import bounds

from .exact import ONE_Q28, errors
from .points import TENOR_MAX


def around_squares() -> np.ndarray:
    """One below, at and one above the squares of random roots of every length."""
    random = np.random.default_rng(1)
    roots = random.integers(1, 1 << 31, 5_000) >> random.integers(0, 31, 5_000)
    roots = np.concatenate([np.maximum(roots, 1), [(1 << 31) - 1]])
    squares = roots * roots
    return np.concatenate([squares - 1, squares, squares[:-1] + 1, [0, (1 << 62) - 1]])


def test_the_floor_of_a_root_is_exact_at_every_length() -> None:
    values = around_squares()
    assert sqrt_floor(values).tolist() == [isqrt(value) for value in values.tolist()]


@given(st.integers(0, (1 << 62) - 1))
def test_a_single_root_is_the_floor(value: int) -> None:
    assert int(sqrt_floor(np.int64(value))) == isqrt(value)


def test_the_law_holds_for_the_floor_and_for_no_neighbour() -> None:
    values = around_squares()
    root = sqrt_floor(values)
    rest = values - root * root
    assert not sqrt_law(values, root, rest).any()
    assert np.all((rest >= 0) & (rest <= 2 * root))
    for other in (root - 1, root + 1):
        rest = values - other * other
        assert not np.any((rest >= 0) & (rest <= 2 * other) & (other >= 0))


def test_the_root_of_a_tenor_is_within_its_bound() -> None:
    random = np.random.default_rng(2)
    tenors = np.concatenate(
        [np.arange(3_000), random.integers(0, TENOR_MAX, 5_000), [bounds.YEAR_S, TENOR_MAX]]
    )
    roots = sqrt_years_q28(tenors)
    off = errors(roots, lambda tenor: sqrt(mpf(tenor) / bounds.YEAR_S), tenors, scale=ONE_Q28)
    assert off.max() <= 2.8e-9 * ONE_Q28
    assert roots[0] == 0
    assert roots[-2] == ONE_Q28


def test_the_root_of_a_tenor_never_falls() -> None:
    tenors = np.concatenate([np.arange(100_000), np.arange(TENOR_MAX - 100_000, TENOR_MAX + 1)])
    assert np.all(np.diff(sqrt_years_q28(tenors)) >= 0)
