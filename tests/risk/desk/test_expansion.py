"""The expansion of a contract's value: coefficients against those of mpmath's derivatives."""

from dataclasses import replace

import mpmath
import numpy as np
import pytest

from novate.risk import Market
from novate.risk.desk.expansion import second_order_e6

from ..books import SCENE

LISTING, BEFORE = SCENE.listing, SCENE.market
MOVE = mpmath.mpf("0.01")
POINTS = mpmath.mpf("0.02")
YEAR_S = 31_536_000


def call(forward: mpmath.mpf, strike: mpmath.mpf, vol: mpmath.mpf, years: mpmath.mpf) -> mpmath.mpf:
    """Black's formula of 1976, undiscounted."""
    total = vol * mpmath.sqrt(years)
    d1 = mpmath.log(forward / strike) / total + total / 2
    return forward * mpmath.ncdf(d1) - strike * mpmath.ncdf(d1 - total)


def moved() -> Market:
    """The index a percent up, each forward a percent and a thousandth, volatilities two points."""
    forward_e3 = BEFORE.forward_e3 + BEFORE.forward_e3 * 11 // 1000
    return replace(
        BEFORE,
        index_e3=BEFORE.index_e3 * 101 // 100,
        forward_e3=forward_e3,
        shocked_e3=forward_e3,
        vol_e6=BEFORE.vol_e6 + 20_000,
    )


@pytest.mark.parametrize("expiry", [1, 2, 3])
@pytest.mark.parametrize("strike", [80, 100, 120])
@pytest.mark.parametrize("is_call", [True, False])
@mpmath.workdps(30)
def test_each_part_is_a_derivative_times_the_move(expiry: int, strike: int, is_call: bool) -> None:
    row = SCENE.call(expiry, strike) if is_call else SCENE.put(expiry, strike)
    found = [int(part[0]) for part in second_order_e6(LISTING, BEFORE, moved(), np.array([row]))]
    strike_e3 = strike * BEFORE.index_e3 // 100
    is_node = (LISTING.node_group == expiry) & (LISTING.node_strike_e3 == strike_e3)
    forward = mpmath.mpf(int(BEFORE.forward_e3[expiry])) / 1000
    vol = mpmath.mpf(int(BEFORE.vol_e6[is_node][0])) / 10**6
    years = mpmath.mpf(int(BEFORE.tenor_s[expiry])) / YEAR_S

    def derivative(by_forward: int, by_vol: int) -> mpmath.mpf:
        return mpmath.diff(
            lambda f, v: call(f, mpmath.mpf(strike_e3) / 1000, v, years),
            (forward, vol),
            (by_forward, by_vol),
        )

    delta = derivative(1, 0) - (0 if is_call else 1)
    with_index, whole = forward * MOVE, forward * MOVE * mpmath.mpf("1.1")
    wanted = [
        delta * with_index,
        delta * (whole - with_index),
        derivative(2, 0) * whole**2 / 2,
        derivative(0, 1) * POINTS,
        derivative(1, 1) * whole * POINTS,
        derivative(0, 2) * POINTS**2 / 2,
    ]
    scale = max(abs(value) for value in wanted)
    for ours, exact in zip(found, wanted, strict=True):
        assert abs(ours / 1e6 - exact) <= abs(exact) / 500 + scale / 20_000 + 1e-5


def test_a_linear_contract_has_no_second_order() -> None:
    rows = np.array([SCENE.perp, SCENE.future(2)])
    for part in second_order_e6(LISTING, BEFORE, moved(), rows)[2:]:
        assert not part.any()
