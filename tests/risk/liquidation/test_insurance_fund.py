"""The insurance fund: what comes in, what it covers, and when withdrawals stop."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novate.risk.compartment import OtherCompartment
from novate.risk.liquidation.insurance_fund import (
    InsuranceFund,
    Shortfall,
    fund_cover_law,
    fund_exhausted_law,
    open_need_e6,
)
from novate.units import OutOfRange, bounds

amounts = st.integers(0, (1 << bounds.USD_BITS) - 1)


@pytest.mark.parametrize(
    ("balance_e6", "need_e6", "left_e6", "uncovered_e6"),
    [(100, 99, 1, 0), (100, 100, 0, 0), (100, 101, 0, 1), (0, 5, 0, 5), (7, 0, 7, 0)],
)
def test_the_fund_covers_what_it_can_and_says_what_it_cannot(
    balance_e6: int, need_e6: int, left_e6: int, uncovered_e6: int
) -> None:
    fund, left = InsuranceFund(3, balance_e6).cover(Shortfall(3, need_e6))
    assert (fund, left) == (InsuranceFund(3, left_e6), Shortfall(3, uncovered_e6))


@given(amounts, amounts)
def test_covering_conserves_and_never_goes_below_zero(balance_e6: int, need_e6: int) -> None:
    fund, left = InsuranceFund(1, balance_e6).cover(Shortfall(1, need_e6))
    assert 0 <= fund.balance_e6 <= balance_e6
    assert balance_e6 - fund.balance_e6 + left.e6 == need_e6


def test_a_loss_of_another_compartment_is_refused() -> None:
    with pytest.raises(OtherCompartment, match="compartment 2"):
        InsuranceFund(1, 100).cover(Shortfall(2, 1))


def test_fees_and_dust_come_in_and_nothing_goes_out_that_way() -> None:
    assert InsuranceFund(1, 5).receive(0).receive(7) == InsuranceFund(1, 12)
    with pytest.raises(OutOfRange):
        InsuranceFund(1, 5).receive(-1)


@pytest.mark.parametrize("e6", [-1, 1 << bounds.USD_BITS])
def test_a_balance_or_a_shortfall_out_of_range_is_refused(e6: int) -> None:
    with pytest.raises(OutOfRange):
        InsuranceFund(1, e6)
    with pytest.raises(OutOfRange):
        Shortfall(1, e6)


def test_the_laws_admit_the_minimum_and_nothing_else() -> None:
    kept = [
        covered
        for covered in range(11)
        if fund_cover_law(10, covered, 10 - covered) == 0
        and 7 - covered >= 0
        and fund_exhausted_law(7 - covered, 10 - covered) == 0
    ]
    assert kept == [7]


def test_the_open_need_is_margin_and_debt_of_accounts_without_equity() -> None:
    equity, maintenance = np.array([50, 0, -1, -30]), np.array([100, 100, 100, 0])
    assert open_need_e6(equity, maintenance) == 101 + 30
    assert open_need_e6(equity[:2], maintenance[:2]) == 0


@pytest.mark.parametrize(("balance_e6", "is_open"), [(130, False), (131, True), (132, True)])
def test_withdrawals_stop_while_the_need_exceeds_the_fund(balance_e6: int, is_open: bool) -> None:
    assert InsuranceFund(1, balance_e6).has_open_withdrawals(131) is is_open


def test_a_sum_of_needs_is_an_integer_of_any_size() -> None:
    equity = np.full(8, 1 - (1 << 62))
    maintenance = np.full(8, (1 << bounds.MAINTENANCE_BITS) - 1)
    assert open_need_e6(equity, maintenance) == 8 * ((1 << 62) + (1 << bounds.MAINTENANCE_BITS) - 2)
