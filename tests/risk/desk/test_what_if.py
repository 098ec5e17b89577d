"""What if: nothing changes nothing, and buying power is the most that is accepted."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novate.risk import (
    BadPositions,
    Dials,
    Positions,
    Trades,
    buying_power_e3,
    filled,
    is_accepted,
    no_positions,
    orders_need,
    requirement,
    standing,
    what_if,
)
from novate.risk.open_orders import OpenOrders
from novate.units import bounds

from ..books import ROWS, SCENE, books, condor
from ..scene import accounts, held

TABLE = SCENE.table()
cash = st.integers(-(10**9), 10**12)


@given(books(), cash)
def test_no_trade_changes_nothing(positions: Positions, cash_e6: int) -> None:
    for trades in (Trades.of([], [], []), Trades.of([0, 5], [0, 0], [7, 9])):
        found = what_if(TABLE, positions, cash_e6, trades)
        assert found.before == found.after
        assert found.cash_after_e6 == cash_e6
        assert found.is_accepted == is_accepted(found.before, found.before, Dials())


@given(books(), cash, st.integers(0, ROWS - 1), st.integers(-5_000, 5_000))
def test_a_trade_and_its_opposite_at_one_price_change_nothing(
    positions: Positions, cash_e6: int, row: int, size_e3: int
) -> None:
    there = what_if(TABLE, positions, cash_e6, Trades.at_mark(TABLE, row, size_e3))
    back = what_if(
        TABLE, there.positions_after, there.cash_after_e6, Trades.at_mark(TABLE, row, -size_e3)
    )
    assert back.after == there.before
    assert back.cash_after_e6 == cash_e6


@given(books(most=4), cash, st.integers(0, ROWS - 1), st.integers(-5_000, 5_000))
def test_what_orders_need_covers_what_they_require_when_they_are_filled(
    positions: Positions, cash_e6: int, row: int, size_e3: int
) -> None:
    found = what_if(TABLE, positions, cash_e6, Trades.at_mark(TABLE, row, size_e3))
    gained_e6 = found.after.equity.e6 - found.before.equity.e6
    assert found.orders_need_e6 >= found.after.initial.e6 - gained_e6
    assert found.orders_need_e6 >= found.before.initial.e6


def test_a_sale_that_bounds_a_book_needs_no_more_than_can_be_lost() -> None:
    """A call above one that is held: nothing but its fee and a rounding for each can be lost."""
    wing = held((SCENE.call(1, 120), 1_000))
    sale = Trades.of([SCENE.call(1, 160)], [-1_000], [1], [3])
    for cash_e6, is_enough in ((1 + 3 + 1, True), (1 + 3, False)):
        found = what_if(TABLE, wing, cash_e6, sale)
        assert (found.before.equity.e6 >= found.orders_need_e6) is is_enough


def test_trades_are_orders_with_their_prices_and_fees() -> None:
    trades = Trades.of([0, SCENE.call(1, 100)], [500, -700], [99_000_000, 1_200_000], [10, 20])
    orders = OpenOrders(
        np.zeros(2, dtype=np.int64),
        trades.row,
        trades.quantity_e3,
        trades.price_e3,
        trades.fee_e6,
    )
    elsewhere = requirement(TABLE, held((0, 3_000)))
    found = what_if(TABLE, condor(), 10**10, trades, [elsewhere])
    need_e6 = orders_need(TABLE, condor(), orders).initial_e6[0] + elsewhere.initial_e6[0]
    assert found.orders_need_e6 == need_e6
    assert found.cash_after_e6 == 10**10 + 700 * 1_200_000 - 30
    after = filled(SCENE.listing, condor(), trades)
    assert found.after == standing(TABLE, after.positions, 10**10 + after.cash_e6, [elsewhere]).of(
        0
    )


def accepted(positions: Positions, cash_e6: int, row: int, size_e3: int) -> bool:
    return what_if(TABLE, positions, cash_e6, Trades.at_mark(TABLE, row, size_e3)).is_accepted


@settings(max_examples=40)
@given(books(most=4), cash, st.integers(0, ROWS - 1), st.sampled_from([1, -1]), st.integers(1, 900))
def test_buying_power_is_accepted_and_one_lot_more_is_not(
    positions: Positions, cash_e6: int, row: int, side: int, lot_e3: int
) -> None:
    power_e3 = int(
        buying_power_e3(TABLE, positions, cash_e6, np.array([row]), side, lot_e3=lot_e3)[0]
    )
    assert power_e3 % lot_e3 == 0
    assert power_e3 == 0 or accepted(positions, cash_e6, row, side * power_e3)
    next_e3 = side * (power_e3 + lot_e3)
    held_e3 = int(positions.quantity_e3[positions.row == row].sum())
    if abs(next_e3) + abs(held_e3) < 1 << bounds.QTY_BITS:
        gross_e6 = int(TABLE.contract.gross_e3[row]) * (abs(next_e3) + abs(held_e3))
        if gross_e6 + int(requirement(TABLE, positions).gross_e6[0]) < 1 << 53:
            assert not accepted(positions, cash_e6, row, next_e3)


def test_buying_power_of_many_is_that_of_each() -> None:
    rows = np.arange(ROWS)
    together = buying_power_e3(TABLE, condor(), 10**11, rows, -1, lot_e3=10)
    apart = [
        int(buying_power_e3(TABLE, condor(), 10**11, np.array([row]), -1, lot_e3=10)[0])
        for row in rows
    ]
    assert together.tolist() == apart
    assert (together > 0).all()


@pytest.mark.parametrize("usd", [1_000, 100_000, 10_000_000])
def test_more_cash_carries_more_of_the_perpetual(usd: int) -> None:
    """Initial margin of one contract is about 14 % of 100,000 USD, the crowded charge apart."""
    (power_e3,) = buying_power_e3(TABLE, no_positions(), usd * 10**6, np.array([0]), 1)
    part = requirement(TABLE, held((0, int(power_e3)))).initial_e6[0] / (usd * 1e6)
    assert 0.9 < part <= 1


def test_cash_buys_options_to_the_last_dollar_and_little_more() -> None:
    """Long only nothing is required; who owes cash for options is margined on them, and a fall by
    the range takes most of what a call at the money is worth."""
    row = SCENE.call(2, 100)
    (power_e3,) = buying_power_e3(TABLE, no_positions(), 10**10, np.array([row]), 1)
    last_dollar_e3 = 10**10 // int(TABLE.mark_e3[row])
    assert last_dollar_e3 <= power_e3 < last_dollar_e3 * 1.1
    dear = buying_power_e3(
        TABLE, no_positions(), 10**10, np.array([row]), 1, price_e3=2 * TABLE.mark_e3[row]
    )
    assert last_dollar_e3 // 2 <= dear[0] < last_dollar_e3 // 2 * 1.1


def test_who_is_short_of_margin_may_still_close_and_not_grow() -> None:
    short = held((SCENE.call(1, 100), -3_000))
    state = standing(TABLE, short, np.array([0])).of(0)
    # Equity between both margins.
    cash_e6 = (state.initial.e6 + state.maintenance.e6) // 2 - state.equity.e6
    row = np.array([SCENE.call(1, 100)])
    assert buying_power_e3(TABLE, short, cash_e6, row, -1).tolist() == [0]
    assert buying_power_e3(TABLE, short, cash_e6, row, 1)[0] >= 3_000


def test_who_can_only_close_may_close() -> None:
    """Equity of a hundredth of initial margin: none of the doubled sizes is accepted."""
    short = held((SCENE.call(1, 100), -3_000))
    state = standing(TABLE, short, np.array([0])).of(0)
    cash_e6 = state.initial.e6 // 100 - state.equity.e6
    row = np.array([SCENE.call(1, 100)])
    (power_e3,) = buying_power_e3(TABLE, short, cash_e6, row, 1)
    assert 3_000 <= power_e3 < 4_096
    assert not accepted(short, cash_e6, int(row[0]), 2_048)
    assert not accepted(short, cash_e6, int(row[0]), 4_096)


def test_a_book_without_room_has_no_buying_power() -> None:
    most_e3 = ((1 << 53) - 1) // int(TABLE.contract.gross_e3[0])
    full = held((0, most_e3))
    assert buying_power_e3(TABLE, full, 1 << 60, np.array([0]), 1).tolist() == [0]
    assert buying_power_e3(TABLE, no_positions(), 0, np.array([0]), 1).tolist() == [0]


def test_one_account_is_asked_about_and_its_rows_are_listed() -> None:
    with pytest.raises(BadPositions, match="2 accounts"):
        what_if(TABLE, accounts([[(0, 1)], [(0, 2)]]), 0, Trades.of([0], [1], [1]))
    with pytest.raises(BadPositions, match="is none of the"):
        what_if(TABLE, condor(), 0, Trades.of([ROWS], [1], [1]))
    for side in (1, -1):
        assert len(buying_power_e3(TABLE, condor(), 0, [SCENE.perp], side)) == 1
    for side in (0, 2):
        with pytest.raises(BadPositions, match=f"side {side} is neither 1, which buys, nor -1"):
            buying_power_e3(TABLE, condor(), 0, [SCENE.perp], side)
