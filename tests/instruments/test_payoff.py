"""Payoffs as data."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novate.instruments import LINEAR, Kink, Payoff, call, contract_value_law, put
from novate.units import OutOfRange, Price, bounds

K80, K85, K90, K95 = (Price(strike * 1000) for strike in (80, 85, 90, 95))

NOTHING = Payoff(0, 0, ())
SPREAD = call(K85) - call(K90)
STRADDLE = call(K85) + put(K85)
STRANGLE = put(K80) + call(K90)
BUTTERFLY = call(K80) - 2 * call(K85) + call(K90)
CONDOR = put(K80) - put(K85) - call(K90) + call(K95)
COLLAR = LINEAR + put(K80) - call(K90)


@pytest.mark.parametrize(
    ("payoff", "form"),
    [
        (call(K85), Payoff(0, 0, (Kink(85_000, 1),))),
        (put(K85), Payoff(85_000, -1, (Kink(85_000, 1),))),
        (SPREAD, Payoff(0, 0, (Kink(85_000, 1), Kink(90_000, -1)))),
        (STRADDLE, Payoff(85_000, -1, (Kink(85_000, 2),))),
        (BUTTERFLY, Payoff(0, 0, (Kink(80_000, 1), Kink(85_000, -2), Kink(90_000, 1)))),
    ],
)
def test_a_product_is_a_value(payoff: Payoff, form: Payoff) -> None:
    assert payoff == form


@pytest.mark.parametrize(
    ("payoff", "pays"),
    [
        (LINEAR, [0, 79, 80, 85, 90, 95, 96]),
        (call(K85), [0, 0, 0, 0, 5, 10, 11]),
        (put(K85), [85, 6, 5, 0, 0, 0, 0]),
        (SPREAD, [0, 0, 0, 0, 5, 5, 5]),
        (STRADDLE, [85, 6, 5, 0, 5, 10, 11]),
        (STRANGLE, [80, 1, 0, 0, 0, 5, 6]),
        (BUTTERFLY, [0, 0, 0, 5, 0, 0, 0]),
        (CONDOR, [-5, -5, -5, 0, 0, -5, -5]),
        (COLLAR, [80, 80, 80, 85, 90, 90, 90]),
    ],
)
def test_what_desks_trade_pays_what_they_expect(payoff: Payoff, pays: list[int]) -> None:
    at_e6 = [usd * 10**6 for usd in (0, 79, 80, 85, 90, 95, 96)]
    expected_e6 = [usd * 10**6 for usd in pays]
    assert [payoff.value_e6(settlement_e6) for settlement_e6 in at_e6] == expected_e6
    assert payoff.value_e6(np.array(at_e6)).tolist() == expected_e6


def test_a_call_less_a_put_is_the_future_less_the_strike() -> None:
    assert call(K85) - put(K85) == LINEAR + Payoff(-85_000, 0, ())


def test_legs_that_cancel_leave_nothing() -> None:
    assert NOTHING == SPREAD - SPREAD
    assert NOTHING == 0 * STRADDLE


def test_an_option_struck_at_zero_has_no_kink() -> None:
    assert call(Price(0)) == LINEAR
    assert put(Price(0)) == NOTHING


tops = (1 << bounds.PAYOFF_CONSTANT_BITS) - 1
strikes_e3 = st.integers(1, (1 << bounds.STRIKE_BITS) - 1)


@st.composite
def payoffs(draw: st.DrawFn) -> Payoff:
    """Any payoff: what is left of its steepness goes to the next kink."""
    slope = draw(st.integers(-8, 8))
    left, kinks = 8 - abs(slope), []
    for strike_e3 in sorted(draw(st.sets(strikes_e3, max_size=8))):
        if left:
            turn = draw(st.integers(-left, left).filter(bool))
            left -= abs(turn)
            kinks.append(Kink(strike_e3, turn))
    return Payoff(draw(st.integers(-tops, tops)), slope, tuple(kinks))


settlements_e6 = st.integers(0, (1 << bounds.CONTRACT_VALUE_BITS) - 1)


@given(payoffs(), settlements_e6)
def test_many_settlement_prices_give_what_one_gives(payoff: Payoff, settlement_e6: int) -> None:
    around = [0, settlement_e6, *(kink.strike_e3 * 1000 for kink in payoff.kinks)]
    prices_e6 = [price + step for price in around for step in (0, 1)]
    expected = [payoff.value_e6(price_e6) for price_e6 in prices_e6]
    assert payoff.value_e6(np.array(prices_e6)).tolist() == expected
    assert all(abs(value_e6) < 1 << bounds.PAYOFF_VALUE_BITS for value_e6 in expected)


legs = st.lists(st.tuples(st.integers(-1, 1), st.sampled_from([K80, K85, K90])), max_size=4)


@given(legs, settlements_e6)
def test_a_sum_of_legs_pays_the_sum_in_any_order(
    legs: list[tuple[int, Price]], settlement_e6: int
) -> None:
    forth, back, apart_e6 = NOTHING, NOTHING, 0
    for times, strike in legs:
        forth = forth + times * put(strike)
        apart_e6 += times * put(strike).value_e6(settlement_e6)
    for times, strike in reversed(legs):
        back = back + times * put(strike)
    assert forth == back
    assert forth.value_e6(settlement_e6) == apart_e6


@given(payoffs(), payoffs())
def test_two_payoffs_that_differ_pay_differently_somewhere(one: Payoff, other: Payoff) -> None:
    strikes_e6 = sorted(kink.strike_e3 * 1000 for kink in (*one.kinks, *other.kinks))
    telling_e6 = [0, *strikes_e6, max(strikes_e6, default=0) + 1]
    paid_e6 = [(one.value_e6(at_e6), other.value_e6(at_e6)) for at_e6 in telling_e6]
    assert (one == other) == all(left == right for left, right in paid_e6)


@pytest.mark.parametrize(
    ("constant_e3", "slope", "kinks"),
    [
        (tops + 1, 0, ()),
        (-tops - 1, 0, ()),
        (0, 9, ()),
        (0, -9, ()),
        (0, 1, (Kink(1, 8),)),
        (0, 0, (Kink(1, 8), Kink(2, -1))),
        (0, 0, tuple(Kink(strike_e3, 1) for strike_e3 in range(1, 10))),
    ],
)
def test_a_payoff_lies_in_its_range(constant_e3: int, slope: int, kinks: tuple[Kink, ...]) -> None:
    with pytest.raises(OutOfRange, match="of a payoff"):
        Payoff(constant_e3, slope, kinks)


@pytest.mark.parametrize(
    ("strike_e3", "turn"), [(0, 1), (-1, 1), (1 << bounds.STRIKE_BITS, 1), (1, 0), (1, 9), (1, -9)]
)
def test_a_kink_lies_in_its_range_and_turns(strike_e3: int, turn: int) -> None:
    with pytest.raises(OutOfRange, match="of a kink"):
        Kink(strike_e3, turn)


@pytest.mark.parametrize(
    ("payoff", "steepness"), [(NOTHING, 0), (LINEAR, 1), (put(K85), 2), (BUTTERFLY, 4), (CONDOR, 4)]
)
def test_the_steepness_of_a_payoff_counts_futures_and_calls(payoff: Payoff, steepness: int) -> None:
    assert payoff.steepness == steepness


@pytest.mark.parametrize("strikes_e3", [(2, 1), (1, 1)])
def test_strikes_that_do_not_ascend_are_refused(strikes_e3: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="ascend"):
        Payoff(0, 0, tuple(Kink(strike_e3, 1) for strike_e3 in strikes_e3))


@pytest.mark.parametrize(
    ("payoff", "text"),
    [
        (NOTHING, "0"),
        (LINEAR, "S"),
        (-1 * LINEAR, "-S"),
        (put(K85), "85.000 - S + max(0, S - 85.000)"),
        (SPREAD, "max(0, S - 85.000) - max(0, S - 90.000)"),
        (2 * put(K85) - STRADDLE, "85.000 - S"),
        (Payoff(-1_234_567, 2, (Kink(1, -3),)), "-1,234.567 + 2 S - 3 max(0, S - 0.001)"),
    ],
)
def test_a_payoff_is_written_as_a_function_of_the_settlement_price(
    payoff: Payoff, text: str
) -> None:
    assert str(payoff) == text


def test_the_law_runs_on_arrays_and_refuses_what_is_one_off() -> None:
    settlement_e6 = np.array([79, 80, 85, 86]) * 10**6
    beyond = [np.maximum(settlement_e6 - 80_000_000, 0), np.maximum(settlement_e6 - 85_000_000, 0)]
    paid_e6 = (call(K80) - call(K85)).value_e6(settlement_e6)
    assert not contract_value_law(0, 0, settlement_e6, [1, -1], beyond, paid_e6).any()
    assert contract_value_law(0, 0, settlement_e6, [1, -1], beyond, paid_e6 + 1).all()
    assert contract_value_law(0, 1, settlement_e6, [1, -1], beyond, paid_e6).all()
