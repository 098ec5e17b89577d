"""The cash of a compartment: losses multiply down its rate, payouts are at most what there is."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novate.risk.compartment import OtherCompartment
from novate.risk.liquidation.compartment_cash import (
    WHOLE,
    CompartmentCash,
    cash_rate_law,
    credit_law,
    payout_e6,
    payout_law,
)
from novate.risk.liquidation.insurance_fund import Shortfall
from novate.units import OutOfRange, bounds

LIMIT = 1 << bounds.USD_BITS
amounts = st.integers(0, LIMIT - 1)


@pytest.mark.parametrize(
    ("told_e6", "backing_e6", "rate"),
    [
        (0, 0, WHOLE),
        (100, 100, WHOLE),
        (100, 101, WHOLE),  # dust that the last one left
        (100, 99, WHOLE - 10_737_419),  # rounded down
        (100, 50, WHOLE // 2),
        (100, 0, 0),
    ],
)
def test_cash_is_worth_what_stands_behind_it_and_at_most_itself(
    told_e6: int, backing_e6: int, rate: int
) -> None:
    assert CompartmentCash(1, told_e6, backing_e6).rate == rate


def test_a_second_loss_falls_on_what_the_first_one_left() -> None:
    """500 were paid in, and twice somebody could not pay what others had won: 500, then 300."""
    first = CompartmentCash(1, 500, 500).written_off(Shortfall(1, 500))
    assert first.rate == WHOLE // 2
    second = first.written_off(Shortfall(1, 300))
    assert second.rate == WHOLE * 5 // 13  # before, 0.70: 699 of cash for each 1,000 told
    assert payout_e6(second.told_e6, second.rate) == 499 <= second.backing_e6


@given(amounts, amounts, st.integers(0, 1 << 60), st.integers(0, 1 << 60))
def test_losses_multiply_and_their_order_and_number_are_of_no_account(
    told: int, backing: int, first: int, second: int
) -> None:
    told = min(told, LIMIT - 1 - first - second)
    cash = CompartmentCash(1, told, backing)
    once = cash.written_off(Shortfall(1, first + second))
    then = cash.written_off(Shortfall(1, first))
    assert then.written_off(Shortfall(1, second)) == once
    assert once.rate <= then.rate <= cash.rate
    if backing < told:
        exact = Fraction(backing, told) * Fraction(told, told + first)
        exact *= Fraction(told + first, told + first + second)
        assert once.rate == int(exact * WHOLE)


steps = st.lists(
    st.tuples(st.sampled_from(["in", "out", "loss"]), st.integers(0, 1 << 55)), max_size=30
)


@given(steps)
def test_whatever_happens_no_more_is_paid_out_than_was_paid_in(
    steps: list[tuple[str, int]],
) -> None:
    cash, paid_in, paid_out = CompartmentCash(1), 0, 0
    for what, amount in steps:
        before = cash
        match what:
            case "in" if amount * before.told_e6 < before.backing_e6 << 58 or not before.told_e6:
                cash, credited = before.paid_in(amount)
                paid_in += amount
                assert credited >= amount
                assert cash.rate >= before.rate
                _, back = cash.paid_out(credited)
                assert back <= amount  # nobody gains by coming and going
            case "out":
                cash, paid = before.paid_out(min(amount, before.told_e6))
                paid_out += paid
                assert paid <= amount
                assert cash.rate >= before.rate
            case "loss":
                cash = before.written_off(Shortfall(1, amount))
                assert cash.rate <= before.rate
        assert cash.backing_e6 == paid_in - paid_out >= 0
        assert payout_e6(cash.told_e6, cash.rate) <= cash.backing_e6


@given(st.lists(amounts, min_size=1, max_size=8), amounts)
def test_payouts_are_at_most_what_there_is(claims: list[int], backing: int) -> None:
    told = sum(claims)
    if told >= LIMIT:
        with pytest.raises(OutOfRange):
            CompartmentCash(1, told, backing)
        return
    rate = CompartmentCash(1, told, backing).rate
    assert sum(payout_e6(claim, rate) for claim in claims) <= min(backing, told)
    if told:
        assert rate > WHOLE * min(Fraction(1), Fraction(backing, told)) - 1


@pytest.mark.parametrize(
    ("told_e6", "backing_e6", "paid_in_e6", "credited_e6"),
    [
        (0, 0, 7, 7),
        (100, 100, 7, 7),
        (1_000, 500, 7, 14),  # at a rate of a half
        (1_000, 300, 7, 23),  # of 23.33, rounded down
        (0, 3, 7, 7),  # dust of those who left credits nobody
    ],
)
def test_who_comes_after_a_loss_bears_nothing_of_it(
    told_e6: int, backing_e6: int, paid_in_e6: int, credited_e6: int
) -> None:
    cash, credited = CompartmentCash(1, told_e6, backing_e6).paid_in(paid_in_e6)
    assert credited == credited_e6
    assert (cash.told_e6, cash.backing_e6) == (told_e6 + credited, backing_e6 + paid_in_e6)


def test_where_nothing_stands_behind_cash_no_deposit_is_taken() -> None:
    with pytest.raises(OutOfRange, match="what stands behind cash 0"):
        CompartmentCash(1, 1, 0).paid_in(5)
    assert CompartmentCash(1, 1, 1).paid_in(5)


@pytest.mark.parametrize(("amount_e6", "is_refused"), [(-1, True), (100, False), (101, True)])
def test_no_more_is_withdrawn_than_is_told(amount_e6: int, is_refused: bool) -> None:
    cash = CompartmentCash(1, 100, 50)
    if is_refused:
        with pytest.raises(OutOfRange, match="withdrawal"):
            cash.paid_out(amount_e6)
    else:
        assert cash.paid_out(amount_e6) == (CompartmentCash(1, 0, 0), 50)


@pytest.mark.parametrize(("told_e6", "backing_e6"), [(-1, 0), (LIMIT, 0), (0, -1), (0, LIMIT)])
def test_sums_out_of_range_are_refused(told_e6: int, backing_e6: int) -> None:
    with pytest.raises(OutOfRange):
        CompartmentCash(1, told_e6, backing_e6)


@pytest.mark.parametrize(("amount_e6", "rate"), [(-1, 0), (LIMIT, 0), (0, -1), (0, WHOLE + 1)])
def test_a_payout_at_no_rate_is_refused(amount_e6: int, rate: int) -> None:
    with pytest.raises(OutOfRange):
        payout_e6(amount_e6, rate)


def test_a_deposit_beyond_63_bits_is_refused() -> None:
    with pytest.raises(OutOfRange, match="deposit"):
        CompartmentCash(1).paid_in(LIMIT)
    with pytest.raises(OutOfRange, match="compartment's cash"):
        CompartmentCash(1, LIMIT - 1, LIMIT - 1).paid_in(1)


def test_no_other_compartment_pays() -> None:
    with pytest.raises(OtherCompartment, match="compartment 2"):
        CompartmentCash(1, 100, 100).written_off(Shortfall(2, 1))


def test_the_laws_admit_no_neighbour() -> None:
    for wrong, is_law in ((0, False), (1, True), (2, False)):
        assert (0 <= -payout_law(6, WHOLE // 4, wrong, 0) < WHOLE) is is_law
    for wrong, is_law in ((WHOLE // 3 - 1, False), (WHOLE // 3, True), (WHOLE // 3 + 1, False)):
        assert (0 <= -cash_rate_law(3, 1, wrong, 0) < 3) is is_law
    for wrong, is_law in ((22, False), (23, True), (24, False)):
        assert (0 <= -credit_law(1_000, 300, 7, wrong, 0) < 300) is is_law


def test_every_product_fits_its_width() -> None:
    most = LIMIT - 1
    assert most * WHOLE + WHOLE < 1 << bounds.HAIRCUT_LAW_BITS
    assert WHOLE * most + most < 1 << bounds.HAIRCUT_LAW_BITS
    assert most * most + most < 1 << bounds.CREDIT_LAW_BITS
