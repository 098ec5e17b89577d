"""What a position is paid at settlement."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novate.instruments import (
    Instrument,
    Option,
    Right,
    Underlying,
    call,
    future,
    intrinsic_value_e6,
    moneyness_law,
    payoff,
    payoff_law,
)
from novate.units import IndexPrice, Instant, Multiplier, Price, Qty, bounds


def option(right: Right, strike_e3: int = 850_000, multiplier_e3: int = 10) -> Option:
    return Option(Underlying.BTC, right, Price(strike_e3), Instant(1), Multiplier(multiplier_e3))


@pytest.mark.parametrize(
    ("right", "index_e3", "expected_e6"),
    [
        (Right.PUT, 84_999_999, 10),  # 0.001 USD below the strike, on 0.01 BTC
        (Right.PUT, 85_000_000, 0),
        (Right.PUT, 85_000_001, 0),
        (Right.CALL, 84_999_999, 0),
        (Right.CALL, 85_000_000, 0),
        (Right.CALL, 85_000_001, 10),
        (Right.PUT, 0, 850_000_000),  # never more than the strike
    ],
)
def test_intrinsic_value_starts_at_the_strike(
    right: Right, index_e3: int, expected_e6: int
) -> None:
    assert intrinsic_value_e6(option(right), IndexPrice(index_e3)) == expected_e6


@pytest.mark.parametrize(
    ("size_e3", "expected_e6"),
    [(1501, 15), (1500, 15), (1499, 14), (-1499, -15), (-1500, -15), (-1501, -16)],
)
def test_a_long_receives_the_floor_and_a_short_pays_the_ceiling(
    size_e3: int, expected_e6: int
) -> None:
    assert payoff(option(Right.PUT), IndexPrice(84_999_999), Qty(size_e3)).e6 == expected_e6


strikes = st.integers(0, (1 << bounds.STRIKE_BITS) - 1)
indices = st.integers(0, (1 << bounds.INDEX_BITS) - 1)
multipliers = st.integers(1, (1 << bounds.MULTIPLIER_BITS) - 1)
sizes = st.integers(1, (1 << bounds.QTY_BITS) - 1)


@given(strikes, indices, multipliers, sizes)
def test_the_lock_of_a_put_covers_its_payoff(
    strike: int, index: int, multiplier: int, size: int
) -> None:
    owed = payoff(option(Right.PUT, strike, multiplier), IndexPrice(index), Qty(-size))
    assert 0 <= -owed.e6 <= strike * size < 1 << bounds.NOTIONAL_BITS


@given(strikes, indices, multipliers, st.lists(sizes, min_size=1, max_size=5))
def test_positions_that_net_to_zero_leave_dust_and_never_a_deficit(
    strike: int, index: int, multiplier: int, longs: list[int]
) -> None:
    put, at = option(Right.PUT, strike, multiplier), IndexPrice(index)
    received = sum(payoff(put, at, Qty(size)).e6 for size in longs)
    paid = -sum(payoff(put, at, Qty(-size)).e6 for size in longs)
    assert 0 <= paid - received <= len(longs)


signed_sizes = st.integers(1 - (1 << bounds.QTY_BITS), (1 << bounds.QTY_BITS) - 1)


@given(st.sampled_from(Right), strikes, indices, multipliers, signed_sizes)
def test_the_payoff_as_data_is_the_rule_of_rights(
    right: Right, strike: int, index: int, multiplier: int, size: int
) -> None:
    one = option(right, strike, multiplier)
    in_the_money_e6 = right.sign * (strike * 1000 - index * multiplier)
    by_the_rule_e6 = max(0, in_the_money_e6)
    assert intrinsic_value_e6(one, IndexPrice(index)) == by_the_rule_e6
    assert one.payoff.value_e6(np.array([index * multiplier])).tolist() == [by_the_rule_e6]
    if by_the_rule_e6 * abs(size) < 1000 * (1 << bounds.USD_BITS):
        paid = payoff(one, IndexPrice(index), Qty(size))
        assert paid.e6 == by_the_rule_e6 * size // 1000
        assert payoff(one.instrument, IndexPrice(index), Qty(size)) == paid


def test_a_future_settles_at_the_price_of_a_contract() -> None:
    dated = future(Underlying.BTC, Multiplier(10), Instant(1))
    assert payoff(dated, IndexPrice(85_000_001), Qty(1_000)).e6 == 850_000_010
    assert payoff(dated, IndexPrice(85_000_001), Qty(-1)).e6 == -850_001  # 850,000.01, up


@pytest.mark.parametrize(
    ("index_e3", "size_e3", "expected_e6"),
    [
        (80_000_000, 1_000, 0),
        (87_500_000, 1_000, 25_000_000),
        (95_000_000, 1_000, 50_000_000),
        (95_000_000, -1_000, -50_000_000),
        (85_000_001, 150, 1),  # 1.5 micro-USD
        (85_000_001, -150, -2),
    ],
)
def test_a_spread_settles_as_one_instrument(index_e3: int, size_e3: int, expected_e6: int) -> None:
    terms = call(Price(850_000)) - call(Price(900_000))
    spread = Instrument(Underlying.BTC, Multiplier(10), Instant(1), terms)
    assert payoff(spread, IndexPrice(index_e3), Qty(size_e3)).e6 == expected_e6


def test_the_laws_run_on_arrays_and_refuse_what_is_one_off() -> None:
    index = np.array([84_000_000, 85_000_000, 86_000_000])
    moneyness = 850_000 * 1000 - index * 10
    intrinsic, shortfall = np.maximum(moneyness, 0), np.maximum(-moneyness, 0)
    assert not moneyness_law(1, 850_000, index, 10, intrinsic, shortfall).any()
    assert moneyness_law(1, 850_000, index, 10, intrinsic + 1, shortfall).all()
    assert moneyness_law(-1, 850_000, index, 10, intrinsic, shortfall)[[0, 2]].all()

    size = np.array([777, -777, 1])
    paid, dust = np.divmod(intrinsic * size, 1000)
    assert not payoff_law(intrinsic, size, paid, dust).any()
    assert payoff_law(intrinsic, size, paid + 1, dust).all()
