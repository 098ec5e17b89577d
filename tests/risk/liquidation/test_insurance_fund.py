"""The insurance fund: what comes in, what it covers, and when withdrawals stop."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novate.risk.compartment import OtherCompartment
from novate.risk.liquidation.account_slice import slice_cash
from novate.risk.liquidation.insurance_fund import (
    InsuranceFund,
    Shortfall,
    fund_cover_law,
    fund_exhausted_law,
    open_need_e6,
)
from novate.risk.liquidation.rules import (
    ONE,
    Knot,
    LiquidationRules,
    largest_slice,
    taker_premium_e6,
)
from novate.risk.parameters import Dials
from novate.units import OutOfRange, bounds

USUAL = LiquidationRules()
USD = 10**6

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


def need_e6(equity_usd: float, maintenance_usd: float) -> int:
    each = (np.array([round(usd * USD)]) for usd in (equity_usd, maintenance_usd))
    return open_need_e6(*each, USUAL)


@pytest.mark.parametrize(
    ("equity_usd", "maintenance_usd", "needed_usd"),
    [
        (-6_960, 57_536, 64_496),  # what it costs the fund after an hour
        (0, 57_536, 57_536),
        (1, 57_536, 57_535),  # before, nothing: it has equity, and cannot pay for being taken
        (57_535, 57_536, 1),
        (57_536, 57_536, 0),
        (-0.7, 0, 0.7),
        (0, 0, 0),
    ],
)
def test_a_flagged_account_needs_what_its_equity_lacks_to_the_last_premium(
    equity_usd: float, maintenance_usd: float, needed_usd: float
) -> None:
    assert need_e6(equity_usd, maintenance_usd) == round(needed_usd * USD)


def test_needs_are_added_up_and_who_is_well_pays_for_nobody() -> None:
    equity, maintenance = np.array([500, 99, 0, -1, -30]), np.array([100, 100, 100, 100, 0])
    assert open_need_e6(equity, maintenance, USUAL) == 1 + 100 + 101 + 30
    assert open_need_e6(equity[:1], maintenance[:1], USUAL) == 0


@pytest.mark.parametrize(
    ("threshold_e6", "premium_e6", "needed"),
    [
        (ONE // 2, ONE, 0),  # 60 of 100 is well
        (ONE, ONE, 40),
        (ONE, 610_001, 2),  # 61.0001, rounded up
        (ONE, 600_000, 0),
        (2 * ONE, ONE, 40),
        (2 * ONE, 500_000, 0),
    ],
)
def test_a_need_follows_the_threshold_and_the_last_premium(
    threshold_e6: int, premium_e6: int, needed: int
) -> None:
    rules = LiquidationRules(
        Dials(liquidation_threshold_e6=threshold_e6), curve=(Knot(0, 0), Knot(60, premium_e6))
    )
    assert open_need_e6(np.array([60]), np.array([100]), rules) == needed


@given(
    st.integers(-(10**9), 10**9),
    st.integers(1, 10**9),
    st.integers(0, 4000),
    st.integers(1, 1 << 30),
    st.integers(0, 1 << 30),
)
def test_what_takes_at_any_seconds_cost_the_fund_was_counted(
    equity: int, maintenance: int, elapsed_s: int, part: int, left: int
) -> None:
    premium = taker_premium_e6(elapsed_s, USUAL)
    part = min(part, largest_slice(equity, maintenance, premium, USUAL))
    after = maintenance * left >> 30
    if part and (after < maintenance or part == 1 << 30):
        moved = slice_cash(
            equity_e6=equity,
            maintenance_e6=maintenance,
            maintenance_after_e6=after,
            value_e6=0,
            part=part,
            premium_e6=premium,
            rules=USUAL,
        )
        needs = [
            open_need_e6(np.array([equity_e6]), np.array([maintenance_e6]), USUAL)
            for equity_e6, maintenance_e6 in (
                (equity, maintenance),
                (equity - moved.charge_e6, after),
            )
        ]
        # So whatever follows is counted too, slice by slice; a step is what rounding may add.
        assert -moved.fund_e6 <= needs[0]
        assert -moved.fund_e6 + needs[1] <= needs[0] + 1


@pytest.mark.parametrize(("balance_e6", "is_open"), [(130, False), (131, True), (132, True)])
def test_withdrawals_stop_while_the_need_exceeds_the_fund(balance_e6: int, is_open: bool) -> None:
    assert InsuranceFund(1, balance_e6).has_open_withdrawals(131, 0, USUAL) is is_open


def test_who_cannot_pay_for_being_taken_stops_withdrawals_though_there_is_equity() -> None:
    """1 USDC against 57,536: a take at once costs the fund 1,149.72, after an hour 57,535."""
    cash_e6 = 1_000_000 * USD
    need = need_e6(1, 57_536)
    assert not InsuranceFund(1, 0).has_open_withdrawals(need, cash_e6, USUAL)
    assert not InsuranceFund(1, 57_434 * USD).has_open_withdrawals(need, cash_e6, USUAL)
    assert InsuranceFund(1, 57_435 * USD).has_open_withdrawals(need, cash_e6, USUAL)


@pytest.mark.parametrize(
    ("cash_e6", "is_open"), [(6_999_999_999, False), (7_000_000_000, True), (10**15, True)]
)
def test_dust_does_not_stop_a_venue(cash_e6: int, is_open: bool) -> None:
    """70 cents, of which no taker wants a part, beside an empty fund."""
    need = need_e6(-0.7, 0)
    assert InsuranceFund(1, 0).has_open_withdrawals(need, cash_e6, USUAL) is is_open


def test_much_dust_stops_it_as_one_loss_does() -> None:
    cash_e6, fund = 10**6 * USD, InsuranceFund(1, 0)
    accounts = np.full(142, -700_000)
    need = open_need_e6(accounts, np.zeros_like(accounts), USUAL)
    assert fund.has_open_withdrawals(need, cash_e6, USUAL)
    assert not fund.has_open_withdrawals(need + 700_000, cash_e6, USUAL)


@pytest.mark.parametrize("cash_e6", [-1, 1 << bounds.USD_BITS])
def test_cash_out_of_range_is_refused(cash_e6: int) -> None:
    with pytest.raises(OutOfRange):
        InsuranceFund(1, 0).has_open_withdrawals(0, cash_e6, USUAL)


def test_a_sum_of_needs_is_an_integer_of_any_size() -> None:
    equity = np.full(8, 1 - (1 << 62))
    maintenance = np.full(8, (1 << bounds.MAINTENANCE_BITS) - 1)
    found = open_need_e6(equity, maintenance, USUAL)
    assert found == 8 * ((1 << 62) + (1 << bounds.MAINTENANCE_BITS) - 2)


def test_every_product_fits_its_width() -> None:
    assert ((1 << bounds.USD_BITS) - 1) * (ONE // 8) + ONE < 1 << 83
