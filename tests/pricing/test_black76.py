"""Values of calls and puts on a forward."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novate.pricing import (
    call_e3,
    call_given_q28,
    distance_law,
    ln_q28,
    ln_ratio_q28,
    price_error_e3,
    put_e3,
    sqrt_years_q28,
    time_value_law,
    time_value_q28,
    total_vol_law,
    total_vol_q28,
)
from novate.units import bounds

from .exact import call, errors
from .points import PRICE_MAX, TENOR_MAX, Points, drawn, edges

prices = st.integers(1, PRICE_MAX)
vols = st.integers(0, bounds.VOL_MAX_E6)
tenors = st.integers(0, TENOR_MAX)


def everywhere() -> Points:
    """A sample of the edges and of every kind of draw."""
    some = np.random.default_rng(5).choice(len(edges()[0]), 1_500, replace=False)
    parts = zip(edges(), drawn(500, seed=6), strict=True)
    forward, strike, vol, tenor = (np.concatenate([edge[some], draw]) for edge, draw in parts)
    return forward, strike, vol, tenor


def test_a_call_is_within_the_derived_and_the_published_bound() -> None:
    forward, strike, vol, _tenor = everywhere()
    off = errors(call_e3(*everywhere()), call, *everywhere())
    lower = np.minimum(forward, strike)
    assert np.all(off <= lower * (1.1e-8 + 1.12e-9 * vol / 1e6) + 0.5)
    assert np.all(lower / 2**25 + 0.5 < price_error_e3(forward))
    assert np.all(off < price_error_e3(forward))


def test_one_unit_more_than_the_bound_would_be_noticed() -> None:
    lower, off = (
        np.minimum(*everywhere()[:2]),
        errors(call_e3(*everywhere()) + 1, call, *everywhere()),
    )
    assert np.any(off > lower / 2**25 + 0.5)


def test_values_stay_between_intrinsic_value_and_forward_or_strike() -> None:
    forward, strike, _vol, _tenor = edges()
    calls, puts = call_e3(*edges()), put_e3(*edges())
    assert np.all((calls >= np.maximum(forward - strike, 0)) & (calls <= forward))
    assert np.all((puts >= np.maximum(strike - forward, 0)) & (puts <= strike))
    assert np.all(calls - puts == forward - strike)


@pytest.mark.parametrize(("vol", "tenor"), [(0, TENOR_MAX), (bounds.VOL_MAX_E6, 0), (0, 0)])
def test_without_time_or_volatility_a_value_is_intrinsic(vol: int, tenor: int) -> None:
    forward, strike, _, _ = edges()
    assert np.all(call_e3(forward, strike, vol, tenor) == np.maximum(forward - strike, 0))
    assert np.all(put_e3(forward, strike, vol, tenor) == np.maximum(strike - forward, 0))


def test_a_time_value_is_a_part_of_the_whole_without_being_cut() -> None:
    """Above all where it is nearly nothing, and where an entry of the table ends."""
    random = np.random.default_rng(8)
    least, few = (axis.ravel() for axis in np.meshgrid(np.arange(400), np.arange(400)))
    edge = (random.integers(0, 448, 200_000) << 22) + (1 << 21) + random.integers(-99, 100, 200_000)
    vol = np.concatenate([least, random.integers(1, 1 << 20, 200_000)])
    k = np.concatenate([few, (edge + vol[len(least) :] // 2) * vol[len(least) :] >> 28])
    part = time_value_q28(k, vol)
    assert part.min() == 0
    assert part.max() <= 1 << 28
    assert time_value_q28(np.int64(0), np.int64(1 << 32)) == 1 << 28


def test_a_second_is_worth_something_at_the_money() -> None:
    assert int(call_e3(100_000_000, 100_000_000, 500_000, 1)) == 3552  # 0.39894 * 0.5 / 5615.7


@given(prices, prices, vols, tenors)
def test_parity_is_exact(forward: int, strike: int, vol: int, tenor: int) -> None:
    assert call_e3(forward, strike, vol, tenor) - put_e3(forward, strike, vol, tenor) == (
        forward - strike
    )


@given(prices, prices, vols, tenors)
def test_a_put_is_the_call_with_forward_and_strike_swapped(
    forward: int, strike: int, vol: int, tenor: int
) -> None:
    assert put_e3(forward, strike, vol, tenor) == call_e3(strike, forward, vol, tenor)


strikes = st.lists(prices, min_size=3, max_size=3, unique=True).map(sorted)


@given(prices, strikes, vols, tenors)
def test_calls_fall_with_the_strike_and_not_faster_than_it_rises(
    forward: int, strike: list[int], vol: int, tenor: int
) -> None:
    values = call_e3(forward, strike, vol, tenor)
    slack = 2 * price_error_e3(forward)
    assert np.all(np.diff(values) <= slack)
    assert np.all(np.diff(values) >= -np.diff(strike) - slack)


@given(prices, strikes, vols, tenors)
def test_calls_are_convex_in_the_strike(
    forward: int, strike: list[int], vol: int, tenor: int
) -> None:
    low, middle, high = (int(value) for value in call_e3(forward, strike, vol, tenor))
    before, after = strike[1] - strike[0], strike[2] - strike[1]
    slack = 2 * int(price_error_e3(forward)) * (before + after)
    assert low * after + high * before - middle * (before + after) >= -slack


@given(prices, prices, vols, vols, tenors, tenors)
def test_values_rise_with_volatility_and_with_time(
    forward: int, strike: int, vol: int, more_vol: int, tenor: int, more_time: int
) -> None:
    vol, more_vol = sorted((vol, more_vol))
    tenor, more_time = sorted((tenor, more_time))
    slack = 2 * price_error_e3(forward)
    least = call_e3(forward, strike, vol, tenor)
    assert call_e3(forward, strike, more_vol, tenor) >= least - slack
    assert call_e3(forward, strike, vol, more_time) >= least - slack


def test_a_table_with_shared_logarithms_has_the_same_values() -> None:
    random = np.random.default_rng(7)
    strike = random.integers(10_000_000, 300_000_000, 200)[:, None]
    forward = 96_627_070 + random.integers(-20_000_000, 20_000_000, 33)[None, :]
    vol = random.integers(200_000, 1_500_000, (200, 33))
    total_vol = total_vol_q28(vol, sqrt_years_q28(np.int64(1_000_000)))
    shared = call_given_q28(forward, strike, ln_q28(strike) - ln_q28(forward), total_vol)
    assert np.array_equal(shared, call_e3(forward, strike, vol, 1_000_000))


def test_the_laws_hold_and_refuse_what_is_one_off() -> None:
    forward, strike, vol, tenor = everywhere()
    root = sqrt_years_q28(tenor)
    total_vol = total_vol_q28(vol, root)
    rest = vol * root + 500_000 - total_vol * 10**6
    assert not total_vol_law(vol, root, total_vol, rest).any()
    assert np.all((rest >= 0) & (rest < 10**6))
    assert total_vol_law(vol, root, total_vol + 1, rest).all()

    k = np.abs(ln_ratio_q28(strike, forward))[total_vol > 0]
    divisor = total_vol[total_vol > 0]
    quotient, rest = np.divmod(k << 28, divisor)
    assert not distance_law(k, divisor, quotient, rest).any()
    assert distance_law(k, divisor, quotient + 1, rest).all()

    lower, part = (
        np.minimum(forward, strike),
        time_value_q28(ln_ratio_q28(strike, forward), total_vol),
    )
    value = call_e3(forward, strike, vol, tenor) - np.maximum(forward - strike, 0)
    rest = lower * part + (1 << 27) - (value << 28)
    assert not time_value_law(lower, part, value, rest).any()
    assert np.all((rest >= 0) & (rest < 1 << 28))
    assert time_value_law(lower, part, value + 1, rest).all()


@pytest.mark.parametrize(
    ("forward_e3", "bound_e3"), [((1 << 24) - 1, 2), (1 << 24, 3), (PRICE_MAX, 1025)]
)
def test_the_published_bound_is_a_part_of_the_forward_and_two(
    forward_e3: int, bound_e3: int
) -> None:
    assert price_error_e3(np.int64(forward_e3)) == bound_e3
