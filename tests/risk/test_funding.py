"""Funding: the rate, the index, what positions pay, and who holds the money meanwhile."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novate.risk.funding import (
    GAP_MAX_S,
    PERIOD_S,
    FundingClearing,
    FundingIndex,
    FundingParameters,
    expected_funding_e3,
    funding_accrual_law,
    funding_cap_law,
    funding_e9,
    funding_payment_law,
    funding_received_e6,
)
from novate.units import OutOfRange, Qty, bounds

USUAL = FundingParameters()
CONTRACT = (1 << bounds.CONTRACT_BITS) - 1
prices = st.integers(1, CONTRACT)
sizes = st.integers(1 - (1 << bounds.QTY_BITS), (1 << bounds.QTY_BITS) - 1)


@pytest.mark.parametrize(
    ("mark_e3", "rate_e9"),
    [
        (100_000_000, 0),
        (100_024_999, 0),  # just within the dampener of 0.025 %
        (100_025_000, 0),
        (100_025_001, 10),
        (100_075_000, 500_000),  # a premium of 0.075 % costs 0.05 %
        (99_925_000, -500_000),
        (99_975_000, 0),
        (100_524_999, 4_999_990),
        (100_525_000, 5_000_000),  # the cap of 0.5 %
        (100_525_001, 5_000_000),
        (99_474_999, -5_000_000),
    ],
)
def test_the_rate_is_the_premium_less_the_dampener_within_the_cap(
    mark_e3: int, rate_e9: int
) -> None:
    """Source: the funding specifications on support.deribit.com, at an index of 100,000 USD."""
    amount_e9 = funding_e9(mark_e3, 100_000_000, USUAL)
    assert amount_e9 * 1000 == rate_e9 * 100_000_000


@given(prices, prices, st.integers(0, 65_535), st.integers(1, 65_535))
def test_the_amount_is_the_published_formula_exactly(
    mark_e3: int, index_e3: int, dampener_e6: int, cap_e6: int
) -> None:
    premium = Fraction(mark_e3 - index_e3, index_e3)
    dampener, cap = Fraction(dampener_e6, 10**6), Fraction(cap_e6, 10**6)
    rate = max(dampener, premium) + min(-dampener, premium)
    rate = min(cap, max(-cap, rate))
    amount_e9 = funding_e9(mark_e3, index_e3, FundingParameters(dampener_e6, cap_e6))
    assert amount_e9 == rate * index_e3 * 10**6
    assert abs(amount_e9) < 1 << bounds.FUNDING_BITS


@pytest.mark.parametrize(
    ("mark_e3", "index_e3"), [(1, 0), (-1, 1), (CONTRACT + 1, 1), (1, CONTRACT + 1)]
)
def test_a_price_out_of_range_is_refused(mark_e3: int, index_e3: int) -> None:
    with pytest.raises(OutOfRange):
        funding_e9(mark_e3, index_e3, USUAL)


@pytest.mark.parametrize(("dampener_e6", "cap_e6"), [(-1, 1), (65_536, 1), (0, 0), (0, 65_536)])
def test_a_rate_out_of_range_is_refused(dampener_e6: int, cap_e6: int) -> None:
    with pytest.raises(OutOfRange):
        FundingParameters(dampener_e6, cap_e6)


@pytest.mark.parametrize(
    ("amount_e9", "expected_e3"),
    [(0, 0), (1, 1), (10**6, 1), (10**6 + 1, 2), (-1, -1), (-(10**6), -1), (-(10**6) - 1, -2)],
)
def test_the_expected_cost_is_rounded_against_whoever_pays(
    amount_e9: int, expected_e3: int
) -> None:
    assert expected_funding_e3(amount_e9) == expected_e3


amounts = st.integers(1 - (1 << bounds.FUNDING_BITS), (1 << bounds.FUNDING_BITS) - 1)
ticks = st.lists(st.tuples(amounts, st.integers(0, GAP_MAX_S)), max_size=20)


@given(ticks)
def test_the_index_is_the_floor_of_the_exact_mean_over_time_however_many_ticks(
    steps: list[tuple[int, int]],
) -> None:
    index = FundingIndex()
    for amount_e9, seconds in steps:
        index = index.after(amount_e9, seconds)
    exact = Fraction(sum(amount * seconds for amount, seconds in steps), PERIOD_S)
    assert index.e9 + Fraction(index.rest, PERIOD_S) == exact


@pytest.mark.parametrize(
    ("elapsed_s", "counted_s"),
    [(GAP_MAX_S - 1, GAP_MAX_S - 1), (GAP_MAX_S, GAP_MAX_S), (GAP_MAX_S + 1, GAP_MAX_S)],
)
def test_a_silent_oracle_charges_an_hour_and_no_more(elapsed_s: int, counted_s: int) -> None:
    assert FundingIndex().after(PERIOD_S, elapsed_s) == FundingIndex(counted_s)


def test_time_does_not_run_backwards() -> None:
    with pytest.raises(OutOfRange):
        FundingIndex().after(1, -1)


def test_an_index_that_would_leave_its_width_is_refused() -> None:
    last = (1 << bounds.FUNDING_INDEX_BITS) - 1
    assert FundingIndex(last - 1).after(PERIOD_S, 1).e9 == last
    with pytest.raises(OutOfRange):
        FundingIndex(last).after(PERIOD_S, 1)


moves = st.integers(
    1 - (1 << bounds.FUNDING_INDEX_BITS + 1), (1 << bounds.FUNDING_INDEX_BITS + 1) - 1
)


@given(st.lists(st.tuples(sizes, moves), min_size=1, max_size=20))
def test_payments_are_rounded_against_the_account_on_the_whole_range(
    rows: list[tuple[int, int]],
) -> None:
    size_e3, move_e9 = np.array(rows).T
    received_e6 = funding_received_e6(size_e3, move_e9)
    for (size, move), received in zip(rows, received_e6.tolist(), strict=True):
        dust = -size * move - received * 10**6
        assert 0 <= dust < 10**6
        assert funding_payment_law(size, move, received, dust) == 0


@pytest.mark.parametrize(
    ("size_e3", "move_e9", "received_e6"),
    [
        (1000, 104_167, -105),  # a long of one contract pays 104.167 micro-USDC, rounded up
        (-1000, 104_167, 104),
        (1000, -104_167, 104),
        (-1000, -104_167, -105),
        (1000, 104_000, -104),
        (0, 104_167, 0),
    ],
)
def test_a_payment_is_rounded_up_and_a_receipt_down(
    size_e3: int, move_e9: int, received_e6: int
) -> None:
    clearing, received = FundingClearing().settle(Qty(size_e3), move_e9)
    assert received == received_e6
    assert clearing.balance_e6 == -received_e6


def test_a_move_wider_than_two_indices_can_be_apart_is_refused() -> None:
    widest = (1 << bounds.FUNDING_INDEX_BITS + 1) - 1
    assert FundingClearing().settle(Qty(0), widest)
    for move_e9 in (widest + 1, -widest - 1):
        with pytest.raises(OutOfRange):
            FundingClearing().settle(Qty(0), move_e9)


def test_the_worked_example_of_the_papers() -> None:
    """10 contracts of 0.1 BTC at 100,000 USD, a premium of 0.075 %, for an hour of ticks."""
    amount_e9 = funding_e9(10_007_500, 10_000_000, USUAL)
    assert amount_e9 == 5_000_000_000  # 5 USD per contract in eight hours: 0.05 %
    assert expected_funding_e3(amount_e9) == 5_000
    index = FundingIndex()
    for _ in range(60):
        index = index.after(amount_e9, 60)
    assert index == FundingIndex(625_000_000)
    clearing, paid_e6 = FundingClearing().settle(Qty(10_000), index.e9)
    assert paid_e6 == -6_250_000
    clearing, received_e6 = clearing.settle(Qty(-10_000), index.e9)
    assert received_e6 == 6_250_000
    assert clearing == FundingClearing()


@given(
    st.lists(
        st.tuples(
            st.integers(0, 3),  # who trades with the one after
            st.integers(-1_000_000, 1_000_000),  # how much
            st.integers(-(10**9), 10**9),  # what the index moves before
        ),
        max_size=25,
    )
)
def test_what_payers_paid_and_receivers_got_is_what_the_untouched_still_owe(
    steps: list[tuple[int, int, int]],
) -> None:
    index_e9, clearing = 0, FundingClearing()
    size, touched, cash, fund = [0] * 4, [0] * 4, [0] * 4, 0

    def touch(account: int) -> None:
        nonlocal clearing
        clearing, received = clearing.settle(Qty(size[account]), index_e9 - touched[account])
        cash[account] += received
        touched[account] = index_e9

    def owed_e12() -> int:
        return sum(n * (index_e9 - at) for n, at in zip(size, touched, strict=True))

    for buyer, amount, moved in steps:
        index_e9 += moved
        seller = (buyer + 1) % 4
        touch(buyer)
        touch(seller)
        size[buyer] += amount
        size[seller] -= amount
        assert clearing.dust_e12 - clearing.balance_e6 * 10**6 == owed_e12()
        clearing, swept = clearing.sweep()
        fund += swept
        assert swept >= 0
        assert 0 <= clearing.dust_e12 < 10**6
        assert clearing.dust_e12 - clearing.balance_e6 * 10**6 == owed_e12()
        assert sum(cash) + clearing.balance_e6 + fund == 0
    for account in range(4):
        touch(account)
    assert 0 <= clearing.balance_e6 * 10**6 == clearing.dust_e12  # only dust is left
    assert sum(cash) + clearing.balance_e6 + fund == 0


def test_the_laws_admit_no_neighbour() -> None:
    assert funding_cap_law(7, 2, 0, 5) == 0
    assert funding_cap_law(7, 2, 0, 6) != 0
    assert funding_accrual_law(5_000_000_000, 60, 0, 10_416_666, 19_200) == 0
    assert all(
        funding_accrual_law(5_000_000_000, 60, 0, 10_416_667, rest) for rest in range(PERIOD_S)
    )
    assert funding_payment_law(1000, 104_167, -105, 833_000) == 0
    assert funding_payment_law(1000, 104_167, -104, 833_000) != 0


def test_every_product_fits_its_width() -> None:
    funding, size = (1 << bounds.FUNDING_BITS) - 1, (1 << bounds.QTY_BITS) - 1
    index, rate = (1 << bounds.FUNDING_INDEX_BITS) - 1, (1 << bounds.FUNDING_RATE_BITS) - 1
    assert rate * CONTRACT < 1 << bounds.FUNDING_BITS
    assert funding * GAP_MAX_S + 2 * PERIOD_S < 1 << 59
    move = 2 * index
    whole = -(-move // 10**6)
    assert size * whole + size + 1 < 1 << 63
    assert size * 10**6 < 1 << 63
    assert size * move + 2 * 10**6 < 1 << bounds.FUNDING_LAW_BITS
