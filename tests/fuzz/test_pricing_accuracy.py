"""A million and more values, Greeks and implied volatilities against fifty digits.

The points are those of `tests/pricing/points.py`: every combination of smallest, largest and round
values (the edges), and draws of five kinds, from fixed seeds, in ten parts. Each part prints the
largest error it met; run with `-s` to read them.
"""

from dataclasses import fields

import numpy as np
import pytest
from tests.pricing.exact import call, errors, greeks
from tests.pricing.points import Points, drawn, edges
from tests.pricing.test_greeks import error_bounds, with_time_value
from tests.pricing.test_implied_vol import assert_brackets

from novate.pricing import (
    Greeks,
    call_e3,
    call_greeks,
    call_implied_vols,
    price_error_e3,
    put_e3,
)
from novate.units import bounds

PARTS = 10
OF_EACH_KIND = 20_000
"""Ten parts of five kinds: a million points, and 7,200 edges."""


def told(what: str, points: Points, off: np.ndarray, relative: np.ndarray) -> None:
    """Print the largest error and the largest part of its bound that an error is."""
    at = ", ".join(f"{column[relative.argmax()]}" for column in points)
    print(f"\n{what}: {len(off):,} points, at most {off.max():.2f} units", end="")
    print(f" and {relative.max():.4f} of the bound, at {at}")


def assert_within(what: str, points: Points) -> None:
    """Values within the derived bound and half the published one, intrinsic value and parity."""
    forward, strike, vol, _tenor = points
    calls, puts = call_e3(*points), put_e3(*points)
    off, lower = errors(calls, call, *points), np.minimum(forward, strike)
    told(what, points, off, off / price_error_e3(forward))
    assert np.all(off <= lower * (1.1e-8 + 1.12e-9 * vol / 1e6) + 0.5)
    assert np.all(off < price_error_e3(forward))
    assert np.all((calls >= np.maximum(forward - strike, 0)) & (calls <= forward))
    assert np.array_equal(calls - puts, forward - strike)


def test_every_edge_is_within_the_bound() -> None:
    assert_within("edges", edges())


@pytest.mark.parametrize("part", range(PARTS))
def test_a_million_values_are_within_the_bound(part: int) -> None:
    assert_within(f"part {part}", drawn(OF_EACH_KIND, seed=100 + part))


def test_fifty_thousand_greeks_are_within_their_bounds() -> None:
    points = with_time_value(drawn(OF_EACH_KIND // 2, seed=200), least=2**-14)
    computed, bound = call_greeks(*points), error_bounds(points)
    exact = [greeks(*point) for point in zip(*(column.tolist() for column in points), strict=True)]
    for name in (field.name for field in fields(Greeks)):
        values = getattr(computed, name).tolist()
        off = np.array([float(abs(v - e[name])) for v, e in zip(values, exact, strict=True)])
        told(name, points, off, off / bound[name])
        assert np.all(off <= bound[name])


@pytest.mark.parametrize("part", range(PARTS))
def test_the_law_of_implied_volatility_holds_at_a_million_prices(part: int) -> None:
    forward, strike, vol, tenor = drawn(OF_EACH_KIND, seed=300 + part)
    noise = np.random.default_rng(400 + part).integers(-3, 4, len(forward))
    price = np.clip(call_e3(forward, strike, vol, tenor) + noise, 0, (1 << bounds.PRICE_BITS) - 1)
    result = call_implied_vols(price, forward, strike, tenor)
    assert_brackets(result.vol_e6, lambda value: value >= price, forward, strike, tenor)
    assert_brackets(result.above_e6, lambda value: value > price, forward, strike, tenor)
