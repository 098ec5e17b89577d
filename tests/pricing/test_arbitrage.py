"""Surfaces that give money away are found, by as much as they give."""

import dataclasses
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novate.pricing import (
    Arbitrage,
    ArbitrageRule,
    Svi,
    calendar_arbitrages,
    call_e3,
    price_error_e3,
    strike_arbitrages,
    surface_arbitrages,
)
from novate.units import Integers, bounds

PRICE_MAX = (1 << bounds.PRICE_BITS) - 1
FORWARD = 90_000_000
SLACK = 2 * ((FORWARD >> 24) + 2)
STRIKES = np.arange(60, 131, 10) * 10**6
FLAT = Svi(a_e6=250_000, b_e6=0, rho_e6=0, m_e6=0, s_e6=1)
SMILE = Svi(a_e6=120_000, b_e6=250_000, rho_e6=-300_000, m_e6=50_000, s_e6=400_000)
DAY_S = 86_400


def calls() -> Integers:
    return call_e3(FORWARD, STRIKES, 500_000, 30 * DAY_S)


def found(call: Integers, expiry: Integers | None = None) -> tuple[Arbitrage, ...]:
    expiry = np.zeros(len(call), dtype=np.int64) if expiry is None else expiry
    return strike_arbitrages(expiry, FORWARD, STRIKES[: len(call)], call)


def test_black_on_one_volatility_offers_nothing() -> None:
    assert found(calls()) == ()


@pytest.mark.parametrize("beyond", [0, 1])
def test_calls_fall_with_the_strike_but_for_the_slack(beyond: int) -> None:
    call = np.full(8, 5_000)
    call[4:] += SLACK + beyond
    rules = [one.rule for one in found(call)]
    assert (ArbitrageRule.CALLS_FALL in rules) == bool(beyond)


@pytest.mark.parametrize("beyond", [0, 1])
def test_puts_rise_with_the_strike_but_for_the_slack(beyond: int) -> None:
    call = (200_000_000 - STRIKES).clip(0)
    call[4:] -= SLACK + beyond
    rules = [one.rule for one in found(call)]
    assert (ArbitrageRule.PUTS_RISE in rules) == bool(beyond)


@pytest.mark.parametrize("beyond", [0, 1])
def test_calls_are_convex_in_the_strike_but_for_the_slack(beyond: int) -> None:
    call = 100_000_000 - STRIKES // 2
    call[3] += SLACK + beyond
    assert [(one.rule, one.strike_e3, one.gain_e3) for one in found(call)] == (
        [(ArbitrageRule.CONVEX, 90_000_000, SLACK + 1)] if beyond else []
    )


@pytest.mark.parametrize(("first", "is_bent"), [(3, True), (2, False)])
def test_convexity_is_exact_to_the_last_unit(first: int, is_bent: bool) -> None:
    """Strikes 2 and 3 apart, a slack of 4: 5 (6 - 4) is one more than 3 times 3, or 3 times 2 and
    2 times 2.
    """
    calls, strikes = np.array([first, 6, 0 if is_bent else 2]), np.array([100, 102, 105])
    result = strike_arbitrages(np.zeros(3, np.int64), 100, strikes, calls)
    assert [one.rule for one in result] == [ArbitrageRule.CONVEX] * is_bent
    assert all((one.gain_e3, one.slack_e3) == (5, 4) for one in result)


def test_expiries_are_not_compared_by_strike() -> None:
    call = np.concatenate([calls()[:4], calls()[:4] + 10**6])
    strikes = np.tile(STRIKES[:4], 2)
    expiry = np.repeat(np.arange(2), 4)
    assert strike_arbitrages(expiry, FORWARD, strikes, call) == ()


@given(st.lists(st.integers(1, PRICE_MAX), min_size=3, max_size=6, unique=True), st.data())
def test_the_rules_are_those_of_exact_arithmetic(strikes: list[int], data: st.DataObject) -> None:
    strikes.sort()
    top = data.draw(st.sampled_from([10, 10**6, PRICE_MAX]))
    call = data.draw(
        st.lists(st.integers(0, top), min_size=len(strikes), max_size=len(strikes)).map(
            lambda values: sorted(values, reverse=True)
        )
    )
    forward = data.draw(st.integers(1, PRICE_MAX))
    slack = 2 * int(price_error_e3(np.array(forward)))
    expected = set()
    for at in range(1, len(strikes)):
        rise, width = call[at] - call[at - 1], strikes[at] - strikes[at - 1]
        if rise > slack:
            expected.add((ArbitrageRule.CALLS_FALL, strikes[at - 1]))
        if -rise - width > slack:
            expected.add((ArbitrageRule.PUTS_RISE, strikes[at - 1]))
    for at in range(1, len(strikes) - 1):
        part = Fraction(strikes[at + 1] - strikes[at], strikes[at + 1] - strikes[at - 1])
        if call[at] - (call[at - 1] * part + call[at + 1] * (1 - part)) > slack:
            expected.add((ArbitrageRule.CONVEX, strikes[at]))
    result = strike_arbitrages(
        np.zeros(len(strikes), np.int64), forward, np.array(strikes), np.array(call)
    )
    assert {(one.rule, one.strike_e3) for one in result} == expected
    assert all(one.gain_e3 > one.slack_e3 == slack for one in result)


def test_total_variance_that_rises_offers_nothing_across_expiries() -> None:
    tenors = np.array([1, 2, 7, 30, 90, 365]) * DAY_S
    assert calendar_arbitrages([FLAT] * 6, tenors) == ()
    assert calendar_arbitrages([SMILE] * 6, tenors) == ()
    assert calendar_arbitrages([SMILE], tenors[:1]) == ()


def test_total_variance_that_falls_is_found_where_it_does() -> None:
    tenors = np.array([30, 31, 90]) * DAY_S
    lower = dataclasses.replace(FLAT, a_e6=200_000)  # 0.25 * 30 > 0.2 * 31
    result = calendar_arbitrages([FLAT, lower, FLAT], tenors)
    assert {(one.rule, one.expiry) for one in result} == {(ArbitrageRule.CALENDAR, 0)}
    assert len(result) == 5
    middle = next(one for one in result if one.strike_e3 == 10**9)
    # 0.39894 * 10**9 * (sqrt(0.25 * 30 / 365) - sqrt(0.2 * 31 / 365)), nearly
    assert middle.gain_e3 == pytest.approx(5.2e6, rel=0.01)
    assert middle.slack_e3 == 122


@pytest.mark.parametrize(("lower_e6", "gain_e3"), [(241_935, 161), (241_936, None)])
def test_expiries_are_compared_with_a_slack_of_twice_the_error(
    lower_e6: int, gain_e3: int | None
) -> None:
    """A millionth of variance is worth 115 milli-USD at the money, and the slack is 122."""
    lower = dataclasses.replace(FLAT, a_e6=lower_e6)
    result = calendar_arbitrages([FLAT, lower], np.array([30, 31]) * DAY_S)
    assert [one.gain_e3 for one in result] == ([] if gain_e3 is None else [gain_e3])


def test_expiries_of_the_highest_volatility_are_compared_at_prices() -> None:
    """900 % of deviation are counted as 200 %: eighteen of them above the forward is no price."""
    wildest = dataclasses.replace(FLAT, a_e6=100_000_000)
    tenors = np.array([300, 700]) * DAY_S
    assert calendar_arbitrages([wildest] * 2, tenors) == ()
    calm = dataclasses.replace(FLAT, a_e6=10_000)
    places = [one.strike_e3 for one in calendar_arbitrages([wildest, calm], tenors)]
    assert sorted(places) == [200_000_000, 333_333_333, 10**9, 3 * 10**9, 5 * 10**9]


def test_a_wing_that_falls_is_found_in_the_wing() -> None:
    tenors = np.array([30, 60]) * DAY_S
    # The near smile is steep and the far one flat: at the money the far is worth more.
    steep = Svi(a_e6=50_000, b_e6=900_000, rho_e6=0, m_e6=0, s_e6=100_000)
    result = calendar_arbitrages([steep, FLAT], tenors)
    assert result
    assert 10**9 not in {one.strike_e3 for one in result}


def test_a_surface_is_examined_by_strike_and_by_expiry() -> None:
    tenors, forwards = np.array([30, 31]) * DAY_S, np.array([90, 91]) * 10**6
    expiry, strikes = np.repeat(np.arange(2), len(STRIKES)), np.tile(STRIKES, 2)
    assert surface_arbitrages([SMILE, SMILE], tenors, forwards, expiry, strikes) == ()
    # Wings of this slope break Lee's bound for a month, and so convexity far out.
    far = np.arange(100, 1_000, 50) * 10**6
    wild = Svi(a_e6=100_000, b_e6=12_000_000, rho_e6=0, m_e6=0, s_e6=100_000)
    rules = {
        one.rule
        for one in surface_arbitrages(
            [wild], tenors[:1], forwards[:1], np.zeros(len(far), np.int64), far
        )
    }
    assert ArbitrageRule.CALLS_FALL in rules
    lower = dataclasses.replace(SMILE, a_e6=60_000)
    found = surface_arbitrages([SMILE, lower], tenors, forwards, expiry, strikes)
    assert {one.rule for one in found} == {ArbitrageRule.CALENDAR}
    assert "worth no more than the same of a later expiry" in str(found[0])
