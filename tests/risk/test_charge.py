"""Parts of amounts, exact and rounded up."""

from fractions import Fraction
from math import ceil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novate.risk import BTC, Dials, charge_law, charged_e6
from novate.risk.charge import ONE, group_rates_e6
from novate.risk.scan import depeg_factor_e6
from novate.units import bounds

AMOUNT, RATE = (1 << 58) - 1, (1 << 23) - 1
"""The largest of each."""
AMOUNTS = st.integers(-AMOUNT, AMOUNT)
RATES = st.integers(0, RATE)
EDGES = [0, 1, 999_999, 10**6, 10**6 + 1, (1 << 53) - 1, AMOUNT - 1, AMOUNT]


def exact(amount_e6: int, rate_e6: int) -> int:
    return ceil(Fraction(amount_e6 * rate_e6, 10**6))


@given(AMOUNTS, RATES)
def test_a_part_is_the_ceiling_of_the_exact_product_in_integers_and_in_arrays(
    amount_e6: int, rate_e6: int
) -> None:
    assert charged_e6(amount_e6, rate_e6) == exact(amount_e6, rate_e6)
    array = charged_e6(np.array([amount_e6, -amount_e6]), rate_e6)
    assert array.dtype == np.int64
    assert array.tolist() == [exact(amount_e6, rate_e6), exact(-amount_e6, rate_e6)]


def test_a_part_is_exact_at_every_edge() -> None:
    amounts = np.array([sign * edge for edge in EDGES for sign in (1, -1)])
    rates = np.array([0, 1, 999_999, 10**6, 10**6 + 1, RATE - 1, RATE])
    found = charged_e6(amounts[:, None], rates)
    assert found.tolist() == [
        [exact(amount_e6, rate_e6) for rate_e6 in rates.tolist()] for amount_e6 in amounts.tolist()
    ]


@given(AMOUNTS, AMOUNTS, RATES)
def test_the_part_of_a_sum_is_at_most_the_sum_of_the_parts(
    one_e6: int, other_e6: int, rate_e6: int
) -> None:
    whole = charged_e6(one_e6 + other_e6, rate_e6)
    assert 0 <= charged_e6(one_e6, rate_e6) + charged_e6(other_e6, rate_e6) - whole <= 1


@given(st.lists(st.tuples(AMOUNTS, RATES), min_size=1))
def test_the_law_holds_for_the_part_with_its_dust_and_for_no_other(
    pairs: list[tuple[int, int]],
) -> None:
    amount = np.array([pair[0] for pair in pairs], dtype=object)
    rate = np.array([pair[1] for pair in pairs], dtype=object)
    charge = np.array([exact(*pair) for pair in pairs], dtype=object)
    dust = charge * ONE - amount * rate
    assert all(0 <= one < ONE for one in dust)
    assert not np.any(charge_law(amount, rate, charge, dust))
    for wrong in (charge - 1, charge + 1):
        # The dust that would make the law zero is out of its range.
        needed = charge_law(amount, rate, wrong, 0)
        assert all(not 0 <= one < ONE for one in needed)


def test_both_products_of_a_part_stay_below_62_bits() -> None:
    whole = (AMOUNT + 1) // 10**6 + 1
    assert whole < 1 << 39
    assert whole * RATE < 1 << 62
    assert (10**6 - 1) * RATE < 1 << 43
    # So that neither wraps in 64 bits.
    found = charged_e6(np.array([AMOUNT, -AMOUNT]), RATE)
    assert found.tolist() == [exact(AMOUNT, RATE), exact(-AMOUNT, RATE)]


def test_the_highest_factors_of_a_margin_are_rates_in_range() -> None:
    # A buffer of 100 %, a USDC of nothing, and the highest threshold.
    highest = Dials(margin_buffer_e6=ONE, liquidation_threshold_e6=2 * ONE)
    assert ONE + highest.margin_buffer_e6 <= RATE
    assert depeg_factor_e6(0) == 4_960_000 <= RATE
    assert highest.liquidation_threshold_e6 <= RATE


@pytest.mark.parametrize(
    ("tenor_s", "confidence_e6", "rates"),
    [
        (0, 1_000_000, [3_000, 20_000, 0]),
        (1, 1_000_000, [3_001, 20_001, 0]),  # 20,000 and 40,000 / year: rounded up
        (bounds.YEAR_S // 4, 1_000_000, [8_000, 30_000, 0]),
        (bounds.YEAR_S // 4 + 1, 1_000_000, [8_001, 30_001, 0]),
        (bounds.YEAR_S, 550_001, [23_000, 60_000, 0]),
        (bounds.YEAR_S, 550_000, [23_000, 60_000, 0]),
        (bounds.YEAR_S, 549_999, [23_000, 60_000, 450_001]),
        (bounds.YEAR_S, 0, [23_000, 60_000, 1_000_000]),
    ],
)
def test_a_group_charges_by_its_tenor_and_by_what_lacks_to_confidence(
    tenor_s: int, confidence_e6: int, rates: list[int]
) -> None:
    found = group_rates_e6(BTC, np.array([tenor_s]), np.array([confidence_e6]))
    assert found.tolist() == [[ONE, ONE, *rates]]


def test_a_rate_by_tenor_fits_its_width() -> None:
    longest = (1 << bounds.TENOR_BITS) - 1
    highest = bounds.RATE_SCALE // 8
    assert highest * longest < 1 << 43
    assert highest + -(-highest * longest // bounds.YEAR_S) < 1 << 23
