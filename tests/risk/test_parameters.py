"""The four dials and the parameters of an underlying, with their ranges."""

import re
from dataclasses import replace

import pytest

from novate.oracle.settlement import WINDOW_S
from novate.risk import BTC, ETH, Dials, RiskParameters
from novate.risk.parameters import (
    CONFIDENCE_E6,
    CROWDED_RATE_E6,
    CROWDED_RATE_MAX_E6,
    HORIZON_S,
    SETTLING_S,
    STABLE_E6,
    STABLE_FACTOR,
)
from novate.units import OutOfRange, Usd, bounds

ONE = bounds.RATE_SCALE
WEEK_S, DAY_S = 604_800, 86_400


@pytest.mark.parametrize(
    ("dial", "what", "low", "high"),
    [
        ("margin_buffer_e6", "margin_buffer", 0, ONE),
        ("settlement_latency_s", "settlement_latency", 1, WEEK_S),
        ("oracle_heartbeat_s", "oracle_heartbeat", 1, DAY_S),
        ("liquidation_threshold_e6", "liquidation_threshold", ONE // 2, 2 * ONE),
    ],
)
def test_a_dial_turns_from_its_lowest_to_its_highest_and_no_further(
    dial: str, what: str, low: int, high: int
) -> None:
    for value in (low, low + 1, high - 1, high):
        assert getattr(Dials(**{dial: value}), dial) == value
    for value in (low - 1, high + 1):
        with pytest.raises(OutOfRange, match=re.escape(f"{what} {value} is outside [{low}, ")):
            Dials(**{dial: value})


ODD_RANGES = {
    "range_e6": (1, BTC.range_max_e6),
    "range_per_vol_e6": (0, ONE),
    "range_max_e6": (BTC.range_e6, ONE - 1),
    "vol_up_e6": (0, 4 * ONE),
    "vol_up_max_e6": (0, 4 * ONE),
    "vol_down_e6": (0, ONE),
    "vol_down_max_e6": (0, ONE),
    "least_option_e6": (0, ONE // 8),
    "basis_e6": (0, ONE // 8),
    "basis_per_year_e6": (0, ONE // 8),
    "value_e6": (0, ONE // 8),
    "value_per_year_e6": (0, ONE // 8),
    "short_option_e6": (0, ONE // 8),
}


@pytest.mark.parametrize("name", ODD_RANGES)
def test_a_parameter_keeps_its_range(name: str) -> None:
    low, high = ODD_RANGES[name]
    for value in (low, high):
        assert getattr(replace(BTC, **{name: value}), name) == value
    for value in (low - 1, high + 1):
        with pytest.raises(OutOfRange, match="is outside"):
            replace(BTC, **{name: value})


@pytest.mark.parametrize("crowded_e6", [0, -1, 1 << bounds.CROWDED_BITS])
def test_a_crowd_is_at_least_a_millionth_and_fits_its_width(crowded_e6: int) -> None:
    with pytest.raises(OutOfRange):
        replace(BTC, crowded=Usd(crowded_e6))
    assert replace(BTC, crowded=Usd(1))
    assert replace(BTC, crowded=Usd((1 << bounds.CROWDED_BITS) - 1))


def test_every_parameter_has_a_range() -> None:
    assert set(ODD_RANGES) | {"crowded"} == set(RiskParameters.__dataclass_fields__)


def test_the_least_range_is_below_one_whatever_the_most() -> None:
    with pytest.raises(OutOfRange, match="range 1000000 is outside"):
        replace(BTC, range_e6=ONE, range_max_e6=ONE)
    assert replace(BTC, range_e6=ONE - 1, range_max_e6=ONE - 1)


@pytest.mark.parametrize(
    ("parameters", "vol_up_e6", "crowded_usd"),
    [(BTC, 400_000, 20_000_000), (ETH, 300_000, 10_000_000)],
)
def test_both_underlyings_have_the_published_parameters(
    parameters: RiskParameters, vol_up_e6: int, crowded_usd: int
) -> None:
    assert parameters == RiskParameters(
        range_e6=80_000,
        range_per_vol_e6=80_000,
        range_max_e6=280_000,
        vol_up_e6=vol_up_e6,
        vol_up_max_e6=2_250_000,
        vol_down_e6=200_000,
        vol_down_max_e6=600_000,
        least_option_e6=2_000,
        basis_e6=3_000,
        basis_per_year_e6=20_000,
        value_e6=20_000,
        value_per_year_e6=40_000,
        short_option_e6=3_000,
        crowded=Usd(crowded_usd * 10**6),
    )


def test_what_holds_for_all_underlyings_is_as_published() -> None:
    assert (CROWDED_RATE_E6, CROWDED_RATE_MAX_E6) == (50_000, 100_000)
    assert (CONFIDENCE_E6, STABLE_E6, STABLE_FACTOR) == (550_000, 990_000, 4)
    assert HORIZON_S == 6 * 3_600
    assert Dials() == Dials(150_000, 900, 60, 1_000_000)


def test_a_settlement_price_is_made_in_the_window_of_the_oracle() -> None:
    assert SETTLING_S == WINDOW_S
