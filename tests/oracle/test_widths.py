"""The bits of every law of the oracle, added up."""

import pytest

from novate import oracle
from novate.oracle.settlement import WINDOW_S
from novate.units import bounds

ONE = bounds.RATE_SCALE


def top(bits: int) -> int:
    return (1 << bits) - 1


PUBLISHERS, DAY_S = bounds.PUBLISHERS_MAX, 86_400
PRICE = top(bounds.CONTRACT_BITS)
NUMBER = top(32)
"""A price, or a variance at a node."""
WEIGHT = bounds.SOURCES_MAX * top(bounds.SOURCE_WEIGHT_BITS)

# The largest value of either side of each law, written as the terms that add up, and its bits.
LAWS = {
    "median_law": ([PUBLISHERS, 2 * PUBLISHERS], 7),
    "below_law": ([PUBLISHERS, PUBLISHERS], 6),
    "reach_law": ([PUBLISHERS, PUBLISHERS, 1], 6),
    "age_law": ([top(bounds.TIME_BITS), top(bounds.TIME_BITS)], 33),
    "freshness_law": ([DAY_S, top(bounds.TIME_BITS)], 33),
    "band_law": ([NUMBER * 11 * ONE, NUMBER * ONE], 56),
    "floor_price_law": ([PRICE * ONE, PRICE * ONE], 52),
    "ceiling_price_law": ([2 * PRICE * ONE, ONE], 52),
    "mean_law": ([max(PRICE * WEIGHT, PRICE * WINDOW_S), WEIGHT], 46),
    "part_law": ([NUMBER * ONE + NUMBER, NUMBER * ONE, NUMBER], 54),
    "confidence_law": ([ONE * ONE, ONE * ONE, ONE], 42),
}


@pytest.mark.parametrize("law", LAWS)
def test_every_sum_in_a_law_stays_below_its_width(law: str) -> None:
    terms, bits = LAWS[law]
    assert sum(terms) < 1 << bits <= 1 << 63


def test_every_law_is_added_up() -> None:
    assert set(LAWS) == {name for name in oracle.__all__ if name.endswith("_law")}


def test_what_sits_in_one_element_of_a_report_is_below_the_field() -> None:
    p = 2**31 - 2**27 + 1
    signed = (bounds.SVI_LEVEL_BITS, bounds.SVI_SLOPE_BITS, bounds.SVI_PLACE_BITS, bounds.RATE_BITS)
    assert all(bits <= 29 for bits in signed)
    for bits in (bounds.UNDERLYING_BITS, bounds.MULTIPLIER_BITS, bounds.SOURCE_BITS):
        assert 1 << bits < p


def test_what_sits_in_two_limbs_of_a_report_has_32_bits() -> None:
    assert bounds.CONTRACT_BITS <= 32 and bounds.TIME_BITS <= 32
