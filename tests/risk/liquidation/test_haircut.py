"""The haircut: gains first, then the worth of cash; exact, and of one compartment."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novate.pricing import NotIntegers
from novate.risk import Dials, Health, Margins, health
from novate.risk.compartment import OtherCompartment
from novate.risk.liquidation.compartment_cash import WHOLE, CompartmentCash
from novate.risk.liquidation.haircut import (
    Cover,
    bearable_gain_e6,
    cover_shortfall,
    haircut_law,
    haircut_rate,
    haircut_rate_law,
    haircuts_e6,
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
    ("threshold_e6", "bearable_usd"), [(1_000_000, [50, 20, 0, 0]), (1_100_000, [50, 12, 0, 0])]
)
def test_nobody_gives_so_much_of_a_gain_that_he_is_flagged(
    threshold_e6: int, bearable_usd: list[int]
) -> None:
    """One with plenty, one with 20 above, a call without cash beside it, one who is flagged."""
    account = Margins(
        equity_e6=np.array([500, 100, 70, 10]) * USD,
        initial_e6=np.array([90, 90, 70, 60]) * USD,
        maintenance_e6=np.array([80, 80, 70, 50]) * USD,
        gross_e6=np.array([0, 0, 0, 0]),
    )
    dials = Dials(liquidation_threshold_e6=threshold_e6)
    found = bearable_gain_e6(np.array([50, 50, 50, 50]) * USD, account, dials)
    assert found.tolist() == [usd * USD for usd in bearable_usd]
    left = replace(account, equity_e6=account.equity_e6 - found)
    before, after = (
        [health(one.of(place), dials) is Health.LIQUIDATABLE for place in range(4)]
        for one in (account, left)
    )
    assert before == after


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


def borne(need: int, balance: int, gain: np.ndarray, told: int = 0, backing: int = 0) -> Cover:
    fund, cash = InsuranceFund(1, balance), CompartmentCash(1, told, backing)
    return cover_shortfall(Shortfall(1, need), fund, gain, cash)


@given(gains, amounts, amounts, st.integers(0, 1 << 60), st.integers(0, 1 << 60))
def test_a_shortfall_is_borne_in_order_and_exactly(
    gain: np.ndarray, need: int, balance: int, told: int, backing: int
) -> None:
    balance = min(balance, (1 << bounds.USD_BITS) - (1 << 40))  # room for dust
    need = min(need, (1 << bounds.USD_BITS) - (1 << 60))  # and for what is told
    found = borne(need, balance, gain, told, backing)
    taken, total = sum(found.haircut_e6.tolist()), sum(gain.tolist())
    assert need + found.surplus_e6 == found.fund_paid_e6 + taken + found.uncovered_e6
    assert found.fund.balance_e6 == balance - found.fund_paid_e6 + found.surplus_e6
    assert np.all((found.haircut_e6 >= 0) & (found.haircut_e6 <= gain))
    assert found.surplus_e6 <= total // WHOLE + len(gain)
    if taken:
        assert found.fund_paid_e6 == balance  # the fund came first
    if found.uncovered_e6:
        assert taken == total  # and gains before cash
    # The debt is forgiven, fund and gains pay: what all say they have grows by the rest.
    grown = need - found.fund_paid_e6 + found.surplus_e6 - taken
    assert found.cash == CompartmentCash(1, told + grown, backing)
    assert grown == found.uncovered_e6


def test_a_second_loss_is_borne_by_what_the_first_one_left() -> None:
    """Before, the rate was 0.5 after the first loss and rose to 0.7 with the second."""
    nobody = np.array([0])
    first = borne(500, 0, nobody, 500, 500).cash
    assert first.rate == WHOLE // 2
    second = cover_shortfall(Shortfall(1, 300), InsuranceFund(1), nobody, first).cash
    assert second.rate == WHOLE * 500 // 1_300
    assert second.paid_out(1_300)[1] <= 500


@given(gains.filter(lambda gain: gain.any()), st.integers(1, 1 << 60))
def test_everybody_pays_the_same_part_of_their_gain(gain: np.ndarray, loss: int) -> None:
    total = sum(gain.tolist())
    exact = min(Fraction(1), Fraction(loss, total))
    taken = haircuts_e6(gain, haircut_rate(loss, gain)).tolist()
    for one, paid in zip(gain.tolist(), taken, strict=True):
        assert exact * one <= paid < exact * one + Fraction(one, WHOLE) + 1


def test_no_other_compartment_pays() -> None:
    with pytest.raises(OtherCompartment):
        cover_shortfall(Shortfall(2, 1), InsuranceFund(1), np.array([100]), CompartmentCash(2))
    with pytest.raises(OtherCompartment):
        cover_shortfall(Shortfall(1, 1), InsuranceFund(1), np.array([100]), CompartmentCash(2))


def test_the_laws_admit_no_neighbour() -> None:
    rate = haircut_rate(1, np.array([60, 40]))
    for wrong, is_law in ((rate - 1, False), (rate, True), (rate + 1, False)):
        assert (0 <= haircut_rate_law(1, 100, wrong, 0) < 100) is is_law
    for wrong, is_law in ((1, False), (2, True), (3, False)):
        assert (0 <= haircut_law(6, WHOLE // 4, wrong, 0) < WHOLE) is is_law


def test_the_worked_example_of_the_papers() -> None:
    """A shortfall of 3,000; a fund of 1,000; gains of 50,000, 30,000 and none."""
    gain = np.array([50_000, 30_000, 0]) * USD
    found = borne(3_000 * USD, 1_000 * USD, gain, 10**6 * USD, 10**6 * USD)
    assert found.fund_paid_e6 == 1_000 * USD
    assert found.haircut_e6.tolist() == [1_250_000_019, 750_000_012, 0]  # 2.5 %
    assert (found.surplus_e6, found.uncovered_e6) == (31, 0)
    assert found.cash == CompartmentCash(1, 10**6 * USD, 10**6 * USD)
    # 500,000 more that nobody covers, of 1,000,000; then 300,000 of what is told by then.
    rates = []
    for loss in (500_000, 300_000):
        found = cover_shortfall(
            Shortfall(1, loss * USD), InsuranceFund(1), np.array([0]), found.cash
        )
        rates.append(round(found.cash.rate / WHOLE, 4))
    assert rates == [0.6667, 0.5556]


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


@pytest.mark.parametrize(
    ("gain", "is_refused"),
    [([-5], True), ([7, -1], True), ([0], False), ([(1 << 63) - 1], False)],
)
def test_a_gain_is_from_0(gain: list[int], is_refused: bool) -> None:
    """Before, a gain of -5 was a haircut of -5: a payment."""
    if is_refused:
        with pytest.raises(OutOfRange, match=r"gain -\d is outside \[0, "):
            borne(3, 0, np.array(gain))
    else:
        assert borne(3, 0, np.array(gain))


def test_gains_are_integers() -> None:
    with pytest.raises(NotIntegers, match="gain"):
        borne(3, 0, np.array([0.5]))
