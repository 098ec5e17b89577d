"""Premium and fee."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novate.ledger import fee_e6, fee_law, premium_e6, premium_law
from novate.units import Price, Qty, Rate


def test_a_premium_is_exact() -> None:
    assert premium_e6(Price(15_123), Qty(777)) == 15_123 * 777
    assert premium_law(3, 5, 15) == 0 != premium_law(3, 5, 16)


@pytest.mark.parametrize(
    ("premium", "rate_e6", "fee"),
    [(10**6, 1, 1), (10**6 - 1, 1, 1), (10**6 + 1, 1, 2), (0, 500, 0), (5, 0, 0), (1, 1, 1)],
)
def test_a_fee_is_rounded_up(premium: int, rate_e6: int, fee: int) -> None:
    assert fee_e6(premium, Rate(rate_e6)) == fee


@given(st.integers(0, 2**61 - 1), st.integers(0, 2**20 - 1))
def test_one_fee_satisfies_the_law_with_its_dust_in_range(premium: int, rate: int) -> None:
    fee = fee_e6(premium, Rate(rate))
    for candidate in (fee - 1, fee, fee + 1):
        dust = fee_law(premium, rate, candidate, 0)
        assert fee_law(premium, rate, candidate, dust) == 0
        assert (0 <= dust < 10**6) == (candidate == fee)
