"""How far index and volatility are assumed to move, and how dials scale it."""

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from novate.pricing import sqrt_law
from novate.risk import BTC, ETH, Dials, RiskParameters, spot_range_e6
from novate.risk.parameters import DAY_S, HORIZON_S, MONTH_S
from novate.risk.shock import (
    ONE,
    RANGE_MAX_E6,
    RANGE_STEP_E6,
    SQRT_BITS,
    Shocks,
    buffered_e6,
    fallen_e6,
    horizon_factor_q20,
    horizon_s,
    risen_e6,
    sqrt_ceil,
    tenor_factor_q20,
    vol_fall_e6,
    vol_rise_e6,
)
from novate.units import Integers, OutOfRange, bounds

from .exact import DOWN, UP, Exact, e6
from .scene import synthetic

TINY = 1e-40
"""What fifty digits round."""

WEEK_S = 7 * DAY_S
Q20 = 1 << SQRT_BITS
SHORTEST, LONGEST = (
    Dials(settlement_latency_s=1, oracle_heartbeat_s=1),
    Dials(settlement_latency_s=WEEK_S, oracle_heartbeat_s=DAY_S),
)
ALL_DIALS = {
    "usual": Dials(),
    "shortest": SHORTEST,
    "longest": LONGEST,
    "no buffer": Dials(margin_buffer_e6=0),
    "odd": Dials(margin_buffer_e6=333_333, settlement_latency_s=5_000),
    "twice": Dials(margin_buffer_e6=ONE, settlement_latency_s=DAY_S),
}
TENORS = np.array(
    [0, 1, 1_800, DAY_S - 1, DAY_S, DAY_S + 1, MONTH_S, 365 * DAY_S, (1 << bounds.TENOR_BITS) - 1]
)
VOLS = np.array([0, 1, 123_456, 400_000, 500_000, 3_076_923, 5_000_000, bounds.VOL_MAX_E6])
SHOCKS = Shocks.of(BTC, Dials(), 500_000)


def exact(
    parameters: RiskParameters = BTC,
    dials: Dials = ALL_DIALS["usual"],
    fortnight_vol_e6: int = 500_000,
) -> Exact:
    scene = synthetic().but(fortnight_vol_e6=fortnight_vol_e6)
    return Exact(scene.listing, scene.market, parameters, dials)


# The horizon.


def test_shocks_are_as_chosen_at_the_usual_dials() -> None:
    assert horizon_factor_q20(Dials()) == Q20
    assert horizon_s(Dials()) == HORIZON_S == 21_600


@pytest.mark.parametrize(
    ("latency_s", "heartbeat_s", "closing_s"),
    [(901, 60, 21_601), (899, 60, 21_599), (900, 61, 21_601), (900, 59, 21_599), (1, 1, 20_642)],
)
def test_closing_takes_as_much_longer_as_proofs_and_ticks_do(
    latency_s: int, heartbeat_s: int, closing_s: int
) -> None:
    dials = Dials(settlement_latency_s=latency_s, oracle_heartbeat_s=heartbeat_s)
    assert horizon_s(dials) == closing_s == exact(dials=dials).horizon_s


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
    factor_q20 = horizon_factor_q20(dials)
    assert (factor_q20 - 1) ** 2 < math.ceil(ratio * Q20**2) <= factor_q20**2


# The spot range.


@pytest.mark.parametrize(
    ("fortnight_vol_e6", "range_e6"),
    [
        (0, 80_000),
        (1, 80_500),  # anything above a step is the next
        (6_250, 80_500),
        (6_251, 81_000),
        (500_000, 120_000),
        (500_001, 120_500),
        (2_493_750, 279_500),
        (2_493_751, 280_000),
        (2_500_000, 280_000),
        (2_500_001, 280_000),
        (bounds.VOL_MAX_E6, 280_000),
    ],
)
def test_the_range_is_8_percent_and_8_for_each_of_volatility_and_at_most_28(
    fortnight_vol_e6: int, range_e6: int
) -> None:
    assert spot_range_e6(BTC, Dials(), fortnight_vol_e6) == range_e6
    assert spot_range_e6(ETH, Dials(), fortnight_vol_e6) == range_e6


@pytest.mark.parametrize("dials", ALL_DIALS.values(), ids=ALL_DIALS)
@given(vol_e6=st.integers(0, bounds.VOL_MAX_E6))
def test_the_range_is_that_of_the_formula_up_to_the_next_step(dials: Dials, vol_e6: int) -> None:
    found, model = spot_range_e6(BTC, dials, vol_e6), exact(dials=dials, fortnight_vol_e6=vol_e6)
    assert found % RANGE_STEP_E6 == 0
    if found == RANGE_MAX_E6:
        assert model.unrounded_range * ONE > RANGE_MAX_E6 - RANGE_STEP_E6 - 1
    else:
        # A factor rounded up at 2**-20 adds at most half a millionth, a ceiling two.
        above = found - model.unrounded_range * ONE
        assert 0 <= above < RANGE_STEP_E6 + 3


def test_the_range_never_reaches_half_of_the_index() -> None:
    assert RANGE_MAX_E6 == 499_500
    assert spot_range_e6(BTC, LONGEST, 500_000) == 499_500
    assert spot_range_e6(BTC, SHORTEST, 0) == 78_500
    at_most = replace(BTC, range_e6=ONE - 1, range_max_e6=ONE - 1)
    assert spot_range_e6(at_most, Dials(), bounds.VOL_MAX_E6) == 499_500
    for below in (499_000, 499_001, 499_500):
        near = replace(BTC, range_e6=below, range_max_e6=below)
        assert spot_range_e6(near, Dials(), 0) == -(-below // 500) * 500
    # So that with the largest buffer of all a fall is still less than all of the index.
    largest = Dials(margin_buffer_e6=ONE)
    assert int(buffered_e6(np.array([RANGE_MAX_E6]), largest)[0]) < ONE


def test_the_least_range_of_all_is_a_step() -> None:
    least = replace(BTC, range_e6=1, range_per_vol_e6=0)
    for dials in ALL_DIALS.values():
        assert spot_range_e6(least, dials, 0) == RANGE_STEP_E6


@given(st.integers(0, bounds.VOL_MAX_E6), st.integers(0, bounds.VOL_MAX_E6))
def test_more_volatility_never_has_a_smaller_range(one_e6: int, other_e6: int) -> None:
    low, high = sorted((one_e6, other_e6))
    for dials in (SHORTEST, Dials(), LONGEST):
        assert spot_range_e6(BTC, dials, low) <= spot_range_e6(BTC, dials, high)


@pytest.mark.parametrize("fortnight_vol_e6", [-1, bounds.VOL_MAX_E6 + 1])
def test_a_range_of_no_volatility_is_refused(fortnight_vol_e6: int) -> None:
    with pytest.raises(OutOfRange, match="14-day volatility"):
        spot_range_e6(BTC, Dials(), fortnight_vol_e6)
    with pytest.raises(OutOfRange, match="14-day volatility"):
        Shocks.of(BTC, Dials(), fortnight_vol_e6)


@pytest.mark.parametrize(
    ("range_e6", "is_refused"),
    [(-1, True), (0, True), (1, False), (499_500, False), (499_501, True), (ONE, True)],
)
def test_shocks_without_a_range_or_with_too_large_a_one_are_refused(
    range_e6: int, is_refused: bool
) -> None:
    if is_refused:
        with pytest.raises(OutOfRange, match=f"spot range {range_e6} is outside"):
            Shocks(BTC, Dials(), range_e6)
    else:
        assert Shocks(BTC, Dials(), range_e6).range_e6 == range_e6


def test_shocks_have_the_range_of_their_volatility() -> None:
    for vol_e6 in (0, 500_000, bounds.VOL_MAX_E6):
        shocks = Shocks.of(ETH, LONGEST, vol_e6)
        assert shocks == Shocks(ETH, LONGEST, spot_range_e6(ETH, LONGEST, vol_e6))


# Volatility.


def test_the_factor_of_a_tenor_is_the_root_of_30_days_over_it_and_a_day_at_least() -> None:
    factors = tenor_factor_q20(TENORS)
    for tenor_s, factor in zip(TENORS.tolist(), factors.tolist(), strict=True):
        counted_s = max(tenor_s, DAY_S)
        assert (factor - 1) ** 2 * counted_s < MONTH_S << 2 * SQRT_BITS <= factor**2 * counted_s
    assert factors[0] == factors[4] > factors[5]
    assert factors[6] == Q20
    assert factors.max() < 6 * Q20


@given(st.integers(0, (1 << 62) - 1))
@example(0)
@example((1 << 31) ** 2 - 1)
def test_a_root_is_rounded_up_and_its_law_leaves_less_than_a_step(value: int) -> None:
    root = int(sqrt_ceil(np.array([value]))[0])
    assert root == math.isqrt(value) + (math.isqrt(value) ** 2 < value)
    rest = value - root * root
    assert sqrt_law(value, root, rest) == 0
    assert -2 * root + 2 <= rest <= 0 or root == 0


def risen(tenor_s: Integers, shocks: Shocks, *, is_buffered: bool = False) -> Integers:
    rise_e6 = vol_rise_e6(tenor_s, shocks)
    return risen_e6(VOLS[:, None], buffered_e6(rise_e6, shocks.dials) if is_buffered else rise_e6)


def fallen(tenor_s: Integers, shocks: Shocks, *, is_buffered: bool = False) -> Integers:
    fall_e6 = vol_fall_e6(tenor_s, shocks)
    return fallen_e6(VOLS[:, None], buffered_e6(fall_e6, shocks.dials) if is_buffered else fall_e6)


@pytest.mark.parametrize("parameters", [BTC, ETH])
@pytest.mark.parametrize("dials", ALL_DIALS.values(), ids=ALL_DIALS)
@pytest.mark.parametrize("is_buffered", [False, True])
def test_shocked_volatilities_are_as_far_as_those_of_the_formula_and_millionths_further(
    parameters: RiskParameters, dials: Dials, is_buffered: bool
) -> None:
    shocks = Shocks.of(parameters, dials, 500_000)
    up = risen(TENORS, shocks, is_buffered=is_buffered)
    down = fallen(TENORS, shocks, is_buffered=is_buffered)
    model = exact(parameters, dials)
    for row, vol_e6 in enumerate(VOLS.tolist()):
        vol = e6(vol_e6)
        for column, tenor_s in enumerate(TENORS.tolist()):
            for found, way, sign in ((up, UP, 1), (down, DOWN, -1)):
                asked = model.shocked(vol, way, tenor_s, is_buffered=is_buffered)
                further = sign * (e6(found[row, column]) - asked)
                allowed = model.shock_error(vol, tenor_s)
                assert -TINY <= further <= allowed, (way, vol_e6, tenor_s)


def test_a_rise_and_a_fall_are_parts_of_a_volatility_and_capped() -> None:
    tenors = np.array([0, DAY_S, MONTH_S, 4 * MONTH_S])
    assert vol_rise_e6(tenors, SHOCKS).tolist() == [2_190_891, 2_190_891, 400_000, 200_000]
    assert vol_fall_e6(tenors, SHOCKS).tolist() == [600_000, 600_000, 200_000, 100_000]
    steep = Shocks.of(replace(BTC, vol_up_e6=500_000), Dials(), 500_000)
    assert vol_rise_e6(tenors, steep).tolist() == [2_250_000, 2_250_000, 500_000, 250_000]


@pytest.mark.parametrize(
    ("vol_e6", "rise_e6", "risen_to"),
    [
        (500_000, 400_000, 700_000),
        (1, 400_000, 2),  # 1.4: up
        (0, 2_250_000, 0),
        (9_999_999, 0, 9_999_999),
        (9_999_999, 1, bounds.VOL_MAX_E6),
        (8_000_000, 250_000, bounds.VOL_MAX_E6),
        (8_000_000, 250_001, bounds.VOL_MAX_E6),
    ],
)
def test_a_risen_volatility_is_rounded_up_and_at_most_1000_percent(
    vol_e6: int, rise_e6: int, risen_to: int
) -> None:
    assert risen_e6(np.array([vol_e6]), np.array([rise_e6])).tolist() == [risen_to]


@pytest.mark.parametrize(
    ("vol_e6", "fall_e6", "fallen_to"),
    [
        (500_000, 200_000, 400_000),
        (1, 200_000, 0),  # 0.8: down
        (9, 200_000, 7),  # 7.2: down
        (500_000, ONE - 1, 0),
        (500_000, ONE, 0),
        (500_000, 2 * ONE, 0),  # a buffered fall takes at most all
        (bounds.VOL_MAX_E6, 0, bounds.VOL_MAX_E6),
    ],
)
def test_a_fallen_volatility_is_rounded_down_and_never_below_zero(
    vol_e6: int, fall_e6: int, fallen_to: int
) -> None:
    assert fallen_e6(np.array([vol_e6]), np.array([fall_e6])).tolist() == [fallen_to]


@pytest.mark.parametrize(
    ("shock_e6", "buffer_e6", "larger_e6"),
    [
        (200_000, 150_000, 230_000),
        (200_000, 0, 200_000),
        (200_000, ONE, 400_000),
        (1, 150_000, 2),  # 1.15: up
        (0, 150_000, 0),
        (7, 1, 8),
    ],
)
def test_a_shock_of_initial_margin_is_larger_by_the_buffer_and_rounded_up(
    shock_e6: int, buffer_e6: int, larger_e6: int
) -> None:
    dials = Dials(margin_buffer_e6=buffer_e6)
    assert buffered_e6(np.array([shock_e6]), dials).tolist() == [larger_e6]


def test_a_longer_way_to_go_moves_volatilities_further_up_to_the_same_caps() -> None:
    longer = Shocks.of(BTC, LONGEST, 500_000)
    year = np.array([365 * DAY_S])
    assert vol_rise_e6(year, SHOCKS) < vol_rise_e6(year, longer)
    assert vol_fall_e6(year, SHOCKS) < vol_fall_e6(year, longer)
    assert vol_rise_e6(np.array([0]), longer).tolist() == [2_250_000]
    assert vol_fall_e6(np.array([0]), longer).tolist() == [600_000]


@given(st.integers(0, (1 << bounds.TENOR_BITS) - 1), st.sampled_from(list(ALL_DIALS.values())))
def test_a_volatility_lies_between_its_fall_and_its_rise_and_buffered_ones_beyond(
    tenor_s: int, dials: Dials
) -> None:
    shocks, tenor = Shocks.of(BTC, dials, 500_000), np.array([tenor_s])
    up, far_up = risen(tenor, shocks), risen(tenor, shocks, is_buffered=True)
    down, far_down = fallen(tenor, shocks), fallen(tenor, shocks, is_buffered=True)
    same = VOLS[:, None]
    assert np.all((far_down >= 0) & (far_down <= down) & (down <= same))
    assert np.all((same <= up) & (up <= far_up) & (far_up <= bounds.VOL_MAX_E6))


def test_every_product_of_a_shock_fits() -> None:
    asked_s = 21_600 + WEEK_S + DAY_S
    assert asked_s << 2 * SQRT_BITS < 1 << 62
    assert asked_s // 22_560 < 1 << 6
    assert horizon_factor_q20(LONGEST) < 8 * Q20
    assert ONE * bounds.VOL_MAX_E6 < 1 << 44  # a range by volatility
    assert ONE * 8 * Q20 < 1 << 43  # a range times the factor of a horizon
    assert MONTH_S << 2 * SQRT_BITS < 1 << 62
    assert 4 * ONE * 8 * 6 * Q20 < 1 << 48  # a scaled shock times the factor of a tenor
    assert 4 * ONE * 2 * ONE < 1 << 43  # a rise with the largest buffer
    assert bounds.VOL_MAX_E6 * (ONE + 2 * 4 * ONE) < 1 << 47
