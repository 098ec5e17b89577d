"""The volatility that a price implies, and whether it implies one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novate.pricing import (
    Implied,
    call_e3,
    call_implied_vols,
    price_error_e3,
    put_e3,
    put_implied_vols,
)
from novate.pricing.implied_vol import FLAT_E6
from novate.units import bounds

from .points import PRICE_MAX, TENOR_MAX, drawn, edges

OVER = bounds.VOL_MAX_E6 + 1
prices = st.integers(1, PRICE_MAX)


def assert_brackets(vol, reaches, forward, strike, tenor) -> None:
    """The law: a volatility reaches, and one step less does not."""
    value = call_e3(forward, strike, np.minimum(vol, bounds.VOL_MAX_E6), tenor)
    assert np.all(reaches(value) | (vol == OVER))
    below = call_e3(forward, strike, np.maximum(vol - 1, 0), tenor)
    assert not np.any(reaches(below) & (vol > 0))


@pytest.mark.parametrize("points", [edges(), drawn(2_000, seed=10)])
def test_the_law_holds_wherever_a_price_may_be(points) -> None:
    forward, strike, _vol, tenor = points
    price = call_e3(*points) + np.random.default_rng(11).integers(-2, 3, len(forward))
    price = np.clip(price, 0, PRICE_MAX)
    result = call_implied_vols(price, forward, strike, tenor)
    assert_brackets(result.vol_e6, lambda value: value >= price, forward, strike, tenor)
    assert_brackets(result.above_e6, lambda value: value > price, forward, strike, tenor)
    assert np.all(result.vol_e6 <= result.above_e6)


def test_the_volatility_that_made_a_price_comes_back() -> None:
    forward, strike, vol, tenor = drawn(5_000, seed=12)
    result = call_implied_vols(call_e3(forward, strike, vol, tenor), forward, strike, tenor)
    clear = result.implied == Implied.VOL
    assert clear.sum() > 5_000
    off_e3 = np.abs(call_e3(forward, strike, np.minimum(result.vol_e6, 10**7), tenor)
                    - call_e3(forward, strike, vol, tenor))  # fmt: skip
    assert np.all(off_e3[clear] <= 2 * price_error_e3(forward)[clear])


@given(prices, prices, st.integers(0, bounds.VOL_MAX_E6), st.integers(0, TENOR_MAX))
def test_a_put_implies_what_the_call_of_its_parity_implies(
    forward: int, strike: int, vol: int, tenor: int
) -> None:
    call, put = (value(forward, strike, vol, tenor) for value in (call_e3, put_e3))
    by_call = call_implied_vols(call, forward, strike, tenor)
    by_put = put_implied_vols(put, forward, strike, tenor)
    assert by_call.vol_e6 == by_put.vol_e6
    assert by_call.implied == by_put.implied


@pytest.mark.parametrize(
    ("price_e3", "implied", "vol_e6"),
    [
        (9_999_999, Implied.BELOW_INTRINSIC, 0),
        (10_000_000, Implied.INTRINSIC, 0),
        (10_000_001, Implied.VOL, None),
        (12_000_000, Implied.VOL, None),
        (99_999_999, Implied.ABOVE_VOL_MAX, OVER),
        (100_000_000, Implied.ABOVE_VOL_MAX, OVER),
        (100_000_001, Implied.ABOVE_BOUND, OVER),
    ],
)
def test_every_price_of_a_call_has_an_answer(price_e3, implied, vol_e6) -> None:
    """Forward 100,000 USD, strike 90,000, 30 days."""
    result = call_implied_vols(price_e3, 100_000_000, 90_000_000, 30 * 86_400)
    assert result.implied == implied
    assert vol_e6 is None or result.vol_e6 == vol_e6


@pytest.mark.parametrize(
    ("price_e3", "implied"),
    [
        (9_999_999, Implied.BELOW_INTRINSIC),
        (10_000_000, Implied.INTRINSIC),
        (12_000_000, Implied.VOL),
        (110_000_000, Implied.ABOVE_VOL_MAX),
        (110_000_001, Implied.ABOVE_BOUND),
    ],
)
def test_every_price_of_a_put_has_an_answer(price_e3, implied) -> None:
    """Forward 100,000 USD, strike 110,000, 30 days."""
    result = put_implied_vols(price_e3, 100_000_000, 110_000_000, 30 * 86_400)
    assert result.implied == implied


def test_at_expiry_there_is_no_volatility() -> None:
    result = call_implied_vols([999, 1_000, 1_001], 101_000, 100_000, 0)
    assert result.implied.tolist() == [
        Implied.BELOW_INTRINSIC,
        Implied.INTRINSIC,
        Implied.ABOVE_VOL_MAX,
    ]


def test_a_flat_price_tells_how_far_it_is_flat() -> None:
    """A day, 20 % below the forward: a milli-USD is worth five points of volatility."""
    forward, strike, tenor = 100_000_000, 80_000_000, 86_400
    flat = put_implied_vols(0, forward, strike, tenor)
    assert flat.implied == Implied.INTRINSIC
    assert flat.vol_e6 == 0
    assert put_e3(forward, strike, flat.above_e6 - 1, tenor) == 0
    assert put_e3(forward, strike, flat.above_e6, tenor) == 1
    least = put_implied_vols(1, forward, strike, tenor)
    assert least.implied == Implied.FLAT
    assert least.above_e6 - least.vol_e6 > FLAT_E6
    clear = put_implied_vols(put_e3(forward, strike, 1_500_000, tenor), forward, strike, tenor)
    assert clear.implied == Implied.VOL


def test_a_stretch_of_exactly_a_point_is_one_volatility() -> None:
    prices, tenors = np.array([2, 2]), np.array([276_600, 276_000])
    result = put_implied_vols(prices, 100_000_000, 79_000_000, tenors)
    wide = result.above_e6 - result.vol_e6
    assert (wide[0], wide[1] > FLAT_E6) == (FLAT_E6, True)
    assert result.implied.tolist() == [Implied.VOL, Implied.FLAT]


def test_a_chain_is_answered_in_its_own_shape() -> None:
    strikes = np.arange(50_000_000, 150_000_000, 10_000_000)[:, None]
    tenors = np.array([86_400, 30 * 86_400])[None, :]
    vols = np.full((10, 2), 600_000)
    calls = call_e3(100_000_000, strikes, vols, tenors)
    result = call_implied_vols(calls, 100_000_000, strikes, tenors)
    assert result.vol_e6.shape == result.above_e6.shape == result.implied.shape == (10, 2)
    clear = result.implied == Implied.VOL
    assert np.all((result.vol_e6 <= vols)[clear] & (vols < result.above_e6)[clear])
