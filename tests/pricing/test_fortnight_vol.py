"""The volatility 14 days out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novate.pricing import NoTermStructure, fortnight_vol, fortnight_vol_law
from novate.units import Tenor, Vol, bounds

DAY_S = 86_400
FORTNIGHT_S = 14 * DAY_S
TENOR_MAX = (1 << bounds.TENOR_BITS) - 1


def curve(*points: tuple[int, int]) -> list[tuple[Tenor, Vol]]:
    return [(Tenor(days_s), Vol(vol_e6)) for days_s, vol_e6 in points]


@pytest.mark.parametrize(
    ("points", "expected_e6"),
    [
        ([(FORTNIGHT_S, 500_000)], 500_000),
        ([(DAY_S, 900_000)], 900_000),
        ([(90 * DAY_S, 400_000)], 400_000),
        ([(FORTNIGHT_S - 1, 500_000), (FORTNIGHT_S + 1, 500_000)], 500_000),
        ([(DAY_S, 900_000), (FORTNIGHT_S, 500_000)], 500_000),
        ([(FORTNIGHT_S, 500_000), (90 * DAY_S, 300_000)], 500_000),
        ([(DAY_S, 900_000), (2 * DAY_S, 600_000)], 600_000),
        ([(40 * DAY_S, 600_000), (50 * DAY_S, 900_000)], 600_000),
        ([(FORTNIGHT_S + 1, 600_000), (FORTNIGHT_S + 2, 900_000)], 600_000),
        # sqrt((0.5**2 * 10 * 10 + 0.6**2 * 24 * 4) / (14 * 14)) = 0.5512508...
        ([(10 * DAY_S, 500_000), (24 * DAY_S, 600_000)], 551_251),
        ([(10 * DAY_S, 0), (24 * DAY_S, 0)], 0),
        ([(FORTNIGHT_S - 1, 0), (TENOR_MAX, 1)], 1),  # anything above zero is rounded up
        ([(1, 10_000_000), (TENOR_MAX, 10_000_000)], 10_000_000),
    ],
)
def test_total_variance_is_linear_between_the_expiries_around_a_fortnight(
    points: list[tuple[int, int]], expected_e6: int
) -> None:
    assert fortnight_vol(curve(*points)) == Vol(expected_e6)


@given(
    st.integers(1, FORTNIGHT_S - 1),
    st.integers(FORTNIGHT_S, TENOR_MAX),
    st.integers(0, bounds.VOL_MAX_E6),
    st.integers(0, bounds.VOL_MAX_E6),
)
def test_it_is_the_exact_value_rounded_up(near_s: int, far_s: int, near: int, far: int) -> None:
    found = fortnight_vol(curve((near_s, near), (far_s, far))).e6
    variance = near**2 * near_s * (far_s - FORTNIGHT_S) + far**2 * far_s * (FORTNIGHT_S - near_s)
    scale = FORTNIGHT_S * (far_s - near_s)
    assert max(found - 1, 0) ** 2 * scale < variance <= found**2 * scale or variance == found == 0
    rest = found**2 * scale - variance
    assert fortnight_vol_law(near, near_s, far, far_s, found, rest) == 0
    assert fortnight_vol_law(near, near_s, far, far_s, found, rest + 1) != 0
    assert max(variance + rest, found**2 * scale) < 1 << 97


@pytest.mark.parametrize(
    "points",
    [
        [],
        [(0, 500_000)],
        [(DAY_S, 500_000), (DAY_S, 500_000)],
        [(2 * DAY_S, 500_000), (DAY_S, 500_000)],
    ],
)
def test_points_that_are_no_curve_are_refused(points: list[tuple[int, int]]) -> None:
    with pytest.raises(NoTermStructure):
        fortnight_vol(curve(*points))
