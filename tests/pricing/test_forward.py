"""Forwards: by parity, between expiries."""

import numpy as np
import pytest

from novate.pricing import (
    NoForward,
    NotIntegers,
    call_e3,
    forward_at_e3,
    interpolation_law,
    parity_forward_e3,
    parity_forwards_e3,
    put_e3,
)
from novate.units import OutOfRange, bounds

PRICE_MAX = (1 << bounds.PRICE_BITS) - 1


def test_parity_finds_the_forward_that_prices_were_made_with() -> None:
    strikes = np.array([20, 60, 88, 90, 92, 140, 400]) * 10**6
    calls, puts = (value(91_234_567, strikes, 520_000, 2_592_000) for value in (call_e3, put_e3))
    assert (parity_forwards_e3(strikes, calls, puts) == 91_234_567).all()
    assert parity_forward_e3(strikes, calls, puts) == 91_234_567


def test_a_minority_of_bad_strikes_moves_no_forward() -> None:
    strikes = np.arange(60, 101, 10) * 10**6
    calls, puts = (value(80_000_000, strikes, 500_000, 10**6) for value in (call_e3, put_e3))
    calls[:2] += 5_000_000
    assert parity_forward_e3(strikes, calls, puts) == 80_000_000
    calls[2] += 5_000_000
    assert parity_forward_e3(strikes, calls, puts) == 85_000_000


def test_of_an_even_number_of_strikes_the_lower_median_counts() -> None:
    assert parity_forward_e3(np.array([5, 5]), np.array([3, 4]), np.array([1, 1])) == 7


def test_no_strike_gives_no_forward_and_a_forward_is_a_price() -> None:
    nothing = np.array([], dtype=np.int64)
    with pytest.raises(NoForward):
        parity_forward_e3(nothing, nothing, nothing)
    with pytest.raises(OutOfRange):
        parity_forward_e3(np.array([5]), np.array([0]), np.array([5]))
    with pytest.raises(NotIntegers):
        parity_forward_e3(np.array([5.0]), np.array([1]), np.array([1]))


LISTED_S = np.array([100, 200, 500])
LISTED_E3 = np.array([1_010, 1_030, 1_060])


@pytest.mark.parametrize(
    ("tenor_s", "expected_e3"),
    [
        (0, 1_000),
        (1, 1_000),  # 1,000.1
        (50, 1_005),
        (99, 1_009),  # 1,009.9
        (100, 1_010),
        (150, 1_020),
        (200, 1_030),
        (500, 1_060),
        (1_000, 1_120),  # the basis of 60 in 500 s goes on
        (1_001, 1_120),
    ],
)
def test_forwards_lie_on_lines_through_index_and_expiries(tenor_s: int, expected_e3: int) -> None:
    assert forward_at_e3(np.array([tenor_s]), LISTED_S, LISTED_E3, 1_000).tolist() == [expected_e3]


def test_the_law_of_interpolation_holds_on_falling_curves_and_at_the_widest() -> None:
    tenor_max = (1 << bounds.TENOR_BITS) - 1
    listed_s, listed_e3 = np.array([1, tenor_max]), np.array([PRICE_MAX, 1])
    at = np.array([1, 2, 12_345_678, tenor_max - 1, tenor_max])
    found = forward_at_e3(at, listed_s, listed_e3, 5)
    rest = (1 - PRICE_MAX) * (at - 1) - (found - PRICE_MAX) * (tenor_max - 1)
    assert not interpolation_law(PRICE_MAX, 1, 1, tenor_max, at, found, rest).any()
    assert ((rest >= 0) & (rest < tenor_max - 1)).all()
    assert (PRICE_MAX - 1) * tenor_max < 1 << 60


@pytest.mark.parametrize(
    ("listed_s", "listed_e3", "refused"),
    [
        ([], [], NoForward),
        ([0], [5], NoForward),
        ([200, 100], [5, 5], NoForward),
        ([100, 100], [5, 5], NoForward),
        ([1 << 26], [5], OutOfRange),
        ([100], [0], OutOfRange),
    ],
)
def test_a_curve_without_rising_expiries_gives_no_forward(
    listed_s: list[int], listed_e3: list[int], refused: type[ValueError]
) -> None:
    with pytest.raises(refused):
        forward_at_e3(
            np.array([7]), np.array(listed_s, np.int64), np.array(listed_e3, np.int64), 1_000
        )


def test_a_line_that_leaves_the_range_of_prices_is_refused() -> None:
    falling = forward_at_e3(np.array([9]), np.array([5]), np.array([50]), 100)
    assert falling.tolist() == [10]
    with pytest.raises(OutOfRange):
        forward_at_e3(np.array([10]), np.array([5]), np.array([50]), 100)
