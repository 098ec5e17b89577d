"""Balance and lock."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novate.ledger import Collateral, balance_law, free_law, lock_law, trade_balance_law

amounts = st.integers(0, 2**63 - 1)


@given(amounts, amounts)
def test_a_word_holds_balance_and_lock(a: int, b: int) -> None:
    collateral = Collateral(max(a, b), min(a, b))
    assert Collateral.decode(collateral.encode()) == collateral
    assert all(limb < 2**16 for limb in collateral.encode())


@pytest.mark.parametrize(
    "collateral", [Collateral(1, 2), Collateral(-1, -1), Collateral(2**63, 0), Collateral(5, -1)]
)
def test_a_lock_beyond_the_balance_is_never_stored(collateral: Collateral) -> None:
    with pytest.raises(AssertionError):
        collateral.encode()


def test_the_absent_word_is_nothing() -> None:
    assert Collateral(0, 0).encode() == (0,) * 8
    assert Collateral.decode((0,) * 8) == Collateral(0, 0)


@given(amounts, amounts, amounts)
def test_a_balance_moves_by_what_is_received_and_paid(before: int, got: int, paid: int) -> None:
    assert balance_law(before, got, paid, before + got - paid) == 0
    assert balance_law(before, got, paid, before + got - paid + 1) != 0


@pytest.mark.parametrize(("direction", "after"), [(1, 89), (-1, 109)])
def test_a_buyer_pays_the_premium_and_both_pay_a_fee(direction: int, after: int) -> None:
    assert trade_balance_law(direction, 100, 10, 1, after) == 0
    assert trade_balance_law(-direction, 100, 10, 1, after) != 0


def test_the_laws_run_on_arrays() -> None:
    short_before, short_after = np.array([0, 5, 5]), np.array([5, 5, 0])
    before = np.array([100, 100, 100])
    after = np.array([150, 100, 50])
    assert not lock_law(10, short_before, short_after, before, after).any()
    assert lock_law(11, short_before, short_after, before, after).any()
    assert not free_law(after, before, after - before).any()
