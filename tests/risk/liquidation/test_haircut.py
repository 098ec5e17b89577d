"""The haircut: gains first, then the worth of cash; exact, and of one compartment."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novate.risk.compartment import OtherCompartment
from novate.risk.liquidation.haircut import (
    WHOLE,
    cash_rate,
    cover_shortfall,
    haircut_law,
    haircut_rate,
    haircut_rate_law,
    haircuts_e6,
    payout_e6,
    payout_law,
    variation_gain_e6,
)
from novate.risk.liquidation.insurance_fund import InsuranceFund, Shortfall
from novate.units import OutOfRange, bounds

USD = 10**6


def test_a_gain_is_the_rise_of_equity_beyond_what_was_paid_in() -> None:
    before, now = np.array([100, 100, 100, 100]), np.array([150, 150, 90, 150])
    paid_in = np.array([0, 20, 0, 60])
    assert variation_gain_e6(before, now, paid_in).tolist() == [50, 30, 0, 0]


@pytest.mark.parametrize(
    ("loss_e6", "rate"),
    [
        (0, 0),
        (1, WHOLE // 100 + 1),  # rounded up
        (25, WHOLE // 4),
        (99, WHOLE * 99 // 100 + 1),
        (100, WHOLE),
        (101, WHOLE),
    ],
)
def test_the_rate_is_loss_over_gains_and_at_most_one(loss_e6: int, rate: int) -> None:
    assert haircut_rate(loss_e6, np.array([60, 0, 40])) == rate


def test_without_gains_there_is_no_haircut() -> None:
    assert haircut_rate(5, np.array([0, 0])) == 0
    assert haircut_rate(5, np.array([], dtype=np.int64)) == 0


gains = st.lists(st.integers(0, 1 << 60), min_size=1, max_size=12).map(np.array)
amounts = st.integers(0, (1 << bounds.USD_BITS) - 1)


@given(gains, st.integers(0, WHOLE))
def test_a_haircut_is_the_part_rounded_up_on_the_whole_range(gain: np.ndarray, rate: int) -> None:
    for one, paid in zip(gain.tolist(), haircuts_e6(gain, rate).tolist(), strict=True):
        rest = paid * WHOLE - one * rate
        assert 0 <= rest < WHOLE
        assert haircut_law(one, rate, paid, rest) == 0
        assert 0 <= paid <= one


@given(gains, amounts, amounts, st.integers(1, (1 << bounds.USD_BITS) - 1))
def test_a_shortfall_is_borne_in_order_and_exactly(
    gain: np.ndarray, need: int, balance: int, cash: int
) -> None:
    balance = min(balance, (1 << bounds.USD_BITS) - (1 << 40))  # room for dust
    borne = cover_shortfall(Shortfall(1, need), InsuranceFund(1, balance), gain, cash)
    taken, total = sum(borne.haircut_e6.tolist()), sum(gain.tolist())
    assert need + borne.surplus_e6 == borne.fund_paid_e6 + taken + borne.uncovered_e6
    assert borne.fund.balance_e6 == balance - borne.fund_paid_e6 + borne.surplus_e6
    assert np.all((borne.haircut_e6 >= 0) & (borne.haircut_e6 <= gain))
    assert borne.surplus_e6 <= total // WHOLE + len(gain)
    if taken:
        assert borne.fund_paid_e6 == balance  # the fund came first
    if borne.uncovered_e6:
        assert taken == total  # and gains before cash
    assert (borne.cash_rate == WHOLE) is (borne.uncovered_e6 == 0)


@given(gains.filter(lambda gain: gain.any()), st.integers(1, 1 << 60))
def test_everybody_pays_the_same_part_of_their_gain(gain: np.ndarray, loss: int) -> None:
    total = sum(gain.tolist())
    exact = min(Fraction(1), Fraction(loss, total))
    taken = haircuts_e6(gain, haircut_rate(loss, gain)).tolist()
    for one, paid in zip(gain.tolist(), taken, strict=True):
        assert exact * one <= paid < exact * one + Fraction(one, WHOLE) + 1


@given(st.lists(amounts, min_size=1, max_size=8).filter(any), amounts)
def test_payouts_are_at_most_what_there_is(claims: list[int], loss: int) -> None:
    cash = sum(claims)
    if cash >= 1 << bounds.USD_BITS:
        with pytest.raises(OutOfRange):
            cash_rate(loss, cash)
        return
    rate = cash_rate(loss, cash)
    assert sum(payout_e6(claim, rate) for claim in claims) <= max(0, cash - loss)
    assert rate > WHOLE * Fraction(max(0, cash - loss), cash) - 1


@pytest.mark.parametrize(
    ("loss_e6", "rate"), [(0, WHOLE), (1, WHOLE - 10_737_419), (100, 0), (101, 0)]
)
def test_cash_is_worth_at_most_itself_and_never_less_than_nothing(loss_e6: int, rate: int) -> None:
    assert cash_rate(loss_e6, 100) == rate


def test_a_compartment_without_cash_has_no_exchange_rate() -> None:
    with pytest.raises(OutOfRange):
        cash_rate(1, 0)


def test_no_other_compartment_pays() -> None:
    with pytest.raises(OtherCompartment):
        cover_shortfall(Shortfall(2, 1), InsuranceFund(1, 100), np.array([100]), 100)


def test_the_laws_admit_no_neighbour() -> None:
    rate = haircut_rate(1, np.array([60, 40]))
    for wrong, is_law in ((rate - 1, False), (rate, True), (rate + 1, False)):
        assert (0 <= haircut_rate_law(1, 100, wrong, 0) < 100) is is_law
    for wrong, is_law in ((1, False), (2, True), (3, False)):
        assert (0 <= haircut_law(6, WHOLE // 4, wrong, 0) < WHOLE) is is_law
    for wrong, is_law in ((0, False), (1, True), (2, False)):
        assert (0 <= -payout_law(6, WHOLE // 4, wrong, 0) < WHOLE) is is_law


def test_the_worked_example_of_the_papers() -> None:
    """A shortfall of 3,000; a fund of 1,000; gains of 50,000, 30,000 and none."""
    gain = np.array([50_000, 30_000, 0]) * USD
    borne = cover_shortfall(
        Shortfall(1, 3_000 * USD), InsuranceFund(1, 1_000 * USD), gain, 10**6 * USD
    )
    assert borne.fund_paid_e6 == 1_000 * USD
    assert borne.haircut_e6.tolist() == [1_250_000_019, 750_000_012, 0]  # 2.5 %
    assert (borne.surplus_e6, borne.uncovered_e6, borne.cash_rate) == (31, 0, WHOLE)


def test_every_product_fits_its_width() -> None:
    amount = (1 << bounds.USD_BITS) - 1
    assert amount * WHOLE + WHOLE < 1 << bounds.HAIRCUT_LAW_BITS
    assert WHOLE * WHOLE < 1 << 63


@pytest.mark.parametrize("place", [0, 1, 2])
def test_equities_whose_difference_might_not_fit_are_refused(place: int) -> None:
    """Before, a gain from -2**62 to 2**62 was none, and escaped the haircut."""
    most = (1 << 61) - 1
    values = [np.array([-most]), np.array([most]), np.array([0])]
    assert variation_gain_e6(*values)[0] == 2 * most
    values[place] = np.array([1 << 61])
    with pytest.raises(OutOfRange):
        variation_gain_e6(*values)
