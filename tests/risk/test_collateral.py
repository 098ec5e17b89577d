"""What counts of other collateral, and what it does not secure."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novate.risk import Collateral, margins, requirement
from novate.risk.collateral import ONE, collateral_law
from novate.units import OutOfRange, Price, Usd, bounds

from .scene import held, synthetic

SCENE = synthetic()
TABLE = SCENE.table()
LIMIT = 1 << bounds.USD_BITS
ETHER = Collateral(haircut_e6=150_000, most=Usd(1_000_000 * 10**6))


@pytest.mark.parametrize(
    ("balance_e6", "price_e3", "counted_e6"),
    [
        (10**6, 3_000_000, 2_550 * 10**6),
        (1, 3_000_000, 2_550),
        (1, 1, 0),  # 0.00085: down
        (0, 3_000_000, 0),
        (392_156_862, 3_000_000, 999_999_998_100),
        (392_156_863, 3_000_000, 10**12),  # 1,000,000.000,65: no more than the most
    ],
)
def test_a_balance_counts_for_its_price_less_the_haircut_rounded_down_up_to_the_most(
    balance_e6: int, price_e3: int, counted_e6: int
) -> None:
    assert ETHER.value(balance_e6, Price(price_e3)) == Usd(counted_e6)


@given(st.integers(0, LIMIT - 1), st.integers(1, (1 << bounds.PRICE_BITS) - 1), st.integers(0, ONE))
def test_no_more_counts_than_the_exact_part(
    balance_e6: int, price_e3: int, haircut_e6: int
) -> None:
    found = Collateral(haircut_e6, Usd(LIMIT - 1)).value(balance_e6, Price(price_e3)).e6
    exact = Fraction(balance_e6 * price_e3 * (ONE - haircut_e6), 10**9)
    if exact < LIMIT - 1:
        assert 0 <= exact - found < 1
        dust = int((exact - found) * 10**9)
        assert collateral_law(balance_e6, price_e3, ONE - haircut_e6, found, dust) == 0
        assert collateral_law(balance_e6, price_e3, ONE - haircut_e6, found + 1, dust) != 0
    else:
        assert found == LIMIT - 1


@pytest.mark.parametrize(
    ("balance_e6", "haircut_e6", "most_e6", "named"),
    [
        (-1, 0, 1, "balance"),
        (LIMIT, 0, 1, "balance"),
        (1, -1, 1, "haircut"),
        (1, ONE + 1, 1, "haircut"),
        (1, 0, -1, "most"),
        (1, 0, LIMIT, "most"),
    ],
)
def test_what_is_out_of_range_is_refused(
    balance_e6: int, haircut_e6: int, most_e6: int, named: str
) -> None:
    with pytest.raises(OutOfRange, match=named):
        Collateral(haircut_e6, Usd(most_e6)).value(balance_e6, Price(1_000))


def test_collateral_counts_in_equity_as_cash_does() -> None:
    one = requirement(TABLE, held((SCENE.perp, 1_000)))
    cash_e6, more_e6 = np.array([10**9]), np.array([2_550 * 10**6])
    with_it = margins(cash_e6, [one], collateral_e6=more_e6)
    without = margins(cash_e6, [one])
    assert with_it.equity_e6 - without.equity_e6 == more_e6
    assert with_it.initial_e6 == without.initial_e6


def test_collateral_that_may_fall_secures_no_short_put() -> None:
    one = requirement(TABLE, held((SCENE.put(1, 80), -1_000)))
    strike_e6 = np.array([80_000 * 10**6 + 1])
    assert margins(strike_e6, [one]).initial_e6 == 0
    assert margins(0 * strike_e6, [one], collateral_e6=strike_e6).initial_e6 == one.initial_e6


@pytest.mark.parametrize("collateral_e6", [np.array([1, 2]), np.array([0.5]), np.array([-1])])
def test_collateral_of_other_accounts_or_below_zero_is_refused(collateral_e6: np.ndarray) -> None:
    one = requirement(TABLE, held((SCENE.perp, 1_000)))
    with pytest.raises(ValueError, match="collateral"):
        margins(np.array([0]), [one], collateral_e6=collateral_e6)
