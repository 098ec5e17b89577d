"""How far index and volatility are assumed to move, and how dials scale it."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mpf

from novate.risk import BTC, ETH, Dials, limited_range_e6, spot_range_e6
from novate.risk.parameters import DAY_S, MONTH_S
from novate.risk.shock import (
    ONE,
    SQRT_BITS,
    Shocks,
    horizon_factor_q20,
    quotient_law,
    shocked_down_e6,
    shocked_up_e6,
    square_root_law,
    tenor_factor_q20,
)
from novate.units import OutOfRange, bounds

from .exact import Exact, e6
from .scene import synthetic

WEEK_S = 7 * DAY_S
Q20 = 1 << SQRT_BITS
SHORTEST, LONGEST = (
    Dials(settlement_latency_s=1, oracle_heartbeat_s=1),
    Dials(settlement_latency_s=WEEK_S, oracle_heartbeat_s=DAY_S),
)
TENORS = np.array(
    [0, 1, 1_800, DAY_S - 1, DAY_S, DAY_S + 1, MONTH_S, 365 * DAY_S, (1 << bounds.TENOR_BITS) - 1]
)
VOLS = np.array([0, 1, 123_456, 400_000, 500_000, 3_076_923, 5_000_000, bounds.VOL_MAX_E6])


def exact(parameters: object = BTC, dials: Dials = Dials()) -> Exact:  # noqa: B008 - frozen
    scene = synthetic()
    return Exact(scene.listing, scene.market, parameters, dials)  # type: ignore[arg-type]


def test_shocks_are_as_chosen_at_the_usual_dials() -> None:
    assert horizon_factor_q20(Dials()) == Q20


@pytest.mark.parametrize(
    ("latency_s", "heartbeat_s", "ratio"),
    [
        (900 + 3 * 22_560, 60, 4),  # four times as long: twice as far
        (900, 60 + 3 * 22_560, 4),  # whichever of the two it is
        (WEEK_S, DAY_S, Fraction(21_600 + WEEK_S + DAY_S, 22_560)),
        (1, 1, Fraction(21_602, 22_560)),
    ],
)
def test_shocks_grow_with_the_root_of_the_time_to_be_carried(
    latency_s: int, heartbeat_s: int, ratio: Fraction
) -> None:
    dials = Dials(settlement_latency_s=latency_s, oracle_heartbeat_s=heartbeat_s)
    factor = Fraction(horizon_factor_q20(dials), Q20)
    assert (
        factor**2
        <= ratio + Fraction(1, 1 << 40)
        < (factor + Fraction(1, Q20)) ** 2 + Fraction(2, 1 << 40)
    )


@pytest.mark.parametrize(
    ("fortnight_vol_e6", "range_e6"),
    [
        (0, 150_000),
        (499_999, 150_000),
        (500_000, 150_000),
        (500_001, 150_001),  # 150,000.3: up
        (933_333, 280_000),
        (933_334, 280_000),
        (bounds.VOL_MAX_E6, 280_000),
    ],
)
def test_the_range_follows_volatility_between_its_ends(fortnight_vol_e6: int, range_e6: int) -> None:
    assert spot_range_e6(BTC, Dials(), fortnight_vol_e6) == range_e6


def test_the_range_never_reaches_all_of_the_index() -> None:
    assert spot_range_e6(BTC, LONGEST, 500_000) == 843_152
    assert spot_range_e6(BTC, LONGEST, bounds.VOL_MAX_E6) == ONE - 1
    assert spot_range_e6(BTC, SHORTEST, 0) == 146_781
    at_most = replace(BTC, range_max_e6=ONE - 1, range_factor_e6=ONE)
    assert spot_range_e6(at_most, Dials(), bounds.VOL_MAX_E6) == ONE - 1


@pytest.mark.parametrize("fortnight_vol_e6", [-1, bounds.VOL_MAX_E6 + 1])
def test_a_range_of_no_volatility_is_refused(fortnight_vol_e6: int) -> None:
    with pytest.raises(OutOfRange, match="30-day volatility"):
        spot_range_e6(BTC, Dials(), fortnight_vol_e6)


@pytest.mark.parametrize(
    ("wanted_e6", "elapsed_s", "found_e6"),
    [
        (200_000, 0, 160_000),
        (200_000, 1, 160_005),
        (200_000, 1_800, 170_000),
        (200_000, 3_600, 180_000),
        (200_000, 7_199, 199_994),
        (200_000, 7_200, 200_000),
        (200_000, 7_201, 200_000),
        (150_000, 60, 159_667),
        (150_000, 1_800, 150_000),
        (160_000, 3_600, 160_000),
        (150_000, (1 << bounds.TIME_BITS) - 1, 150_000),
    ],
)
def test_the_range_goes_two_points_an_hour(wanted_e6: int, elapsed_s: int, found_e6: int) -> None:
    assert (
        limited_range_e6(previous_e6=160_000, wanted_e6=wanted_e6, elapsed_s=elapsed_s) == found_e6
    )


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"elapsed_s": -1}, "time since the last tick -1 is outside"),
        ({"previous_e6": 0}, "spot range before 0 is outside"),
        ({"previous_e6": ONE}, "spot range before 1000000 is outside"),
        ({"wanted_e6": 0}, "spot range 0 is outside"),
        ({"wanted_e6": ONE}, "spot range 1000000 is outside"),
    ],
)
def test_a_range_out_of_nowhere_is_refused(change: dict[str, int], what: str) -> None:
    usual = {"previous_e6": 160_000, "wanted_e6": 200_000, "elapsed_s": 60}
    with pytest.raises(OutOfRange, match=what):
        limited_range_e6(**usual | change)


@given(
    st.integers(1, ONE - 1), st.integers(1, ONE - 1), st.integers(0, 10_000), st.integers(0, 10_000)
)
def test_a_range_on_its_way_never_overshoots_and_more_time_brings_it_nearer(
    previous_e6: int, wanted_e6: int, first_s: int, second_s: int
) -> None:
    sooner, later = sorted((first_s, second_s))
    near = limited_range_e6(previous_e6=previous_e6, wanted_e6=wanted_e6, elapsed_s=later)
    far = limited_range_e6(previous_e6=previous_e6, wanted_e6=wanted_e6, elapsed_s=sooner)
    assert min(previous_e6, wanted_e6) <= near <= max(previous_e6, wanted_e6)
    assert abs(near - wanted_e6) <= abs(far - wanted_e6)


@pytest.mark.parametrize("range_e6", [0, ONE, -1])
def test_shocks_without_a_range_are_refused(range_e6: int) -> None:
    with pytest.raises(OutOfRange, match=f"spot range {range_e6} is outside"):
        Shocks(BTC, Dials(), range_e6)


def test_the_factor_of_a_tenor_is_the_root_of_30_days_over_it_and_a_day_at_least() -> None:
    factors = tenor_factor_q20(TENORS)
    for tenor_s, factor in zip(TENORS.tolist(), factors.tolist(), strict=True):
        square = (MONTH_S << 2 * SQRT_BITS) // max(tenor_s, DAY_S)
        assert square_root_law(square, factor, square - factor**2) == 0
        assert 0 <= square - factor**2 <= 2 * factor
        assert square < (factor + 1) ** 2
        assert square - (factor - 1) ** 2 > 2 * (factor - 1)
    assert factors[0] == factors[4] > factors[5]
    assert factors[6] == Q20
    assert factors.max() < 6 * Q20


@given(st.integers(-(1 << 62), 1 << 62), st.integers(1, 1 << 40))
def test_the_law_of_a_quotient_holds_for_the_floor_and_mirrored_for_the_ceiling(
    product: int, divisor: int
) -> None:
    floor, ceil = product // divisor, -(-product // divisor)
    assert quotient_law(product, divisor, floor, product - floor * divisor) == 0
    assert quotient_law(-product, divisor, -ceil, ceil * divisor - product) == 0
    assert 0 <= product - floor * divisor < divisor
    for wrong in (floor - 1, floor + 1):
        assert not 0 <= product - wrong * divisor < divisor


@pytest.mark.parametrize("parameters", [BTC, ETH])
@pytest.mark.parametrize("dials", [Dials(), SHORTEST, LONGEST])
def test_shocked_volatilities_are_those_of_the_formula_to_two_millionths(
    parameters: object, dials: Dials
) -> None:
    shocks = Shocks(parameters, dials, 150_000)  # type: ignore[arg-type]
    up = shocked_up_e6(VOLS[:, None], TENORS, shocks)
    down = shocked_down_e6(VOLS[:, None], TENORS, shocks)
    model = exact(parameters, dials)
    for row, vol_e6 in enumerate(VOLS.tolist()):
        # A factor is cut at 2**-20 and a shock rounded at a millionth, both of the volatility.
        slack = mpf(2) / 10**6 * (1 + e6(vol_e6) * 8)
        for column, tenor_s in enumerate(TENORS.tolist()):
            assert abs(e6(up[row, column]) - model.vol_up(e6(vol_e6), tenor_s)) <= slack
            assert abs(e6(down[row, column]) - model.vol_down(e6(vol_e6), tenor_s)) <= slack


def test_a_rise_and_a_fall_are_capped_and_the_rise_has_a_floor() -> None:
    shocks = Shocks(BTC, Dials(), 150_000)
    vol, day, month = np.array([500_000]), np.array([DAY_S]), np.array([MONTH_S])
    assert shocked_up_e6(vol, day, shocks).tolist() == [1_625_000]  # 225 % at most
    assert shocked_down_e6(vol, day, shocks).tolist() == [200_000]  # 60 % at most
    assert shocked_up_e6(vol, month, shocks).tolist() == [750_000]
    assert shocked_down_e6(vol, month, shocks).tolist() == [375_000]
    low, year = np.array([1]), np.array([365 * DAY_S])
    assert shocked_up_e6(low, month, shocks).tolist() == [400_000]
    assert shocked_up_e6(low, day, shocks).tolist() == [400_000]
    assert shocked_up_e6(low, year, shocks)[0] == pytest.approx(400_000 * (30 / 365) ** 0.5, abs=1)
    assert shocked_up_e6(np.array([9_000_000]), day, shocks).tolist() == [bounds.VOL_MAX_E6]


def test_a_longer_way_to_go_moves_volatilities_further_up_to_the_same_caps() -> None:
    usual, longer = Shocks(BTC, Dials(), 150_000), Shocks(BTC, LONGEST, 150_000)
    vol, year = np.array([500_000]), np.array([365 * DAY_S])
    assert shocked_up_e6(vol, year, usual) < shocked_up_e6(vol, year, longer)
    assert shocked_down_e6(vol, year, usual) > shocked_down_e6(vol, year, longer)
    assert shocked_up_e6(vol, np.array([0]), longer).tolist() == [1_625_000]


@given(st.integers(0, bounds.VOL_MAX_E6), st.integers(0, (1 << bounds.TENOR_BITS) - 1))
def test_a_volatility_lies_between_its_fall_and_its_rise(vol_e6: int, tenor_s: int) -> None:
    shocks = Shocks(BTC, Dials(), 150_000)
    vol, tenor = np.array([vol_e6]), np.array([tenor_s])
    assert 0 <= shocked_down_e6(vol, tenor, shocks)[0] <= vol_e6
    assert vol_e6 <= shocked_up_e6(vol, tenor, shocks)[0] <= bounds.VOL_MAX_E6


def test_every_product_of_a_shock_fits() -> None:
    asked_s = 21_600 + WEEK_S + DAY_S
    assert asked_s << 2 * SQRT_BITS < 1 << 62
    assert horizon_factor_q20(LONGEST) < 8 * Q20
    assert MONTH_S << 2 * SQRT_BITS < 1 << 62
    assert 4 * ONE * 8 * 6 * Q20 < 1 << 48  # a scaled shock times the factor of a tenor
    assert bounds.VOL_MAX_E6 * 5 * ONE < 1 << 47
    assert bounds.VOL_MAX_E6 * Q20 < 1 << 44
