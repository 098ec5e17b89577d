"""Trades: what they may be, what they cost, and accounts after them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novate.pricing import NotIntegers
from novate.risk import (
    BadPositions,
    Positions,
    Trades,
    filled,
    filled_each,
    no_positions,
    requirement,
)
from novate.units import OutOfRange, bounds

from ..books import ROWS, SCENE, books
from ..scene import accounts, held

LISTING = SCENE.listing
TABLE = SCENE.table()
CALL, FUTURE = SCENE.call(1, 100), SCENE.future(1)
some_trades = st.lists(
    st.tuples(
        st.integers(0, ROWS - 1),
        st.integers(-5_000, 5_000),
        st.integers(0, 200_000_000),
        st.integers(0, 10**9),
    ),
    max_size=5,
).map(lambda rows: Trades.of(*np.array(rows, dtype=np.int64).reshape(-1, 4).T))


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (([0], [1.5], [1]), NotIntegers),
        (([0], [1 << bounds.QTY_BITS], [1]), OutOfRange),
        (([0], [-(1 << bounds.QTY_BITS)], [1]), OutOfRange),
        (([0], [np.iinfo(np.int64).min], [1]), OutOfRange),
        (([-1], [1], [1]), OutOfRange),
        (([0], [1], [-1]), OutOfRange),
        (([0], [1], [1 << bounds.PRICE_BITS]), OutOfRange),
        (([0], [1], [1], [-1]), OutOfRange),
        (([0, 1], [1, 2, 3], [1]), BadPositions),
    ],
)
def test_what_is_no_trade_is_refused(arguments: tuple[object, ...], error: type[Exception]) -> None:
    with pytest.raises(error):
        Trades.of(*arguments)


def test_the_largest_trade_is_one() -> None:
    size, price = (1 << bounds.QTY_BITS) - 1, (1 << bounds.PRICE_BITS) - 1
    assert len(Trades.of([0, 0], [size, -size], price, (1 << 53) - 1)) == 2
    assert len(Trades.of([], [], [])) == len(Trades.at_mark(TABLE, [], [])) == 0


def test_a_row_that_is_not_listed_has_no_mark() -> None:
    assert Trades.at_mark(TABLE, [CALL], [5]).price_e3.tolist() == [TABLE.mark_e3[CALL]]
    with pytest.raises(BadPositions):
        Trades.at_mark(TABLE, [ROWS], [5])
    with pytest.raises(BadPositions):
        filled(LISTING, no_positions(), Trades.of([ROWS], [5], [1]))
    with pytest.raises(BadPositions):
        filled_each(LISTING, no_positions(), Trades.of([ROWS], [5], [1]))


def test_an_option_is_paid_at_once_and_a_future_is_owed() -> None:
    trades = Trades.of([CALL, FUTURE], [2_000, -3_000], [1_500, 70_000], [11, 13])
    assert trades.cash_e6(LISTING).tolist() == [-2_000 * 1_500 - 11, -13]
    assert trades.cost_e6(LISTING).tolist() == [0, -3_000 * 70_000]
    after = filled(LISTING, held((CALL, -500)), trades)
    rows = dict(
        zip(after.positions.row.tolist(), after.positions.quantity_e3.tolist(), strict=True)
    )
    assert rows == {CALL: 1_500, FUTURE: -3_000}
    assert after.positions.cost_e6.tolist() == [
        -3_000 * 70_000 * (row == FUTURE) for row in sorted(rows)
    ]
    assert after.cash_e6.tolist() == [-2_000 * 1_500 - 24]


def test_a_future_closed_at_another_price_leaves_the_gain_with_a_position_of_none() -> None:
    bought = filled(LISTING, no_positions(), Trades.of([FUTURE], [1_000], [70_000]))
    sold = filled(LISTING, bought.positions, Trades.of([FUTURE], [-1_000], [75_000]))
    assert sold.cash_e6.tolist() == [0]
    assert requirement(TABLE, sold.positions).position_value_e6.tolist() == [5_000 * 1_000]
    assert requirement(TABLE, sold.positions).initial_e6.tolist() == [0]


@given(books(), some_trades)
def test_whoever_buys_at_the_mark_is_as_rich_as_before_but_for_errors_and_fees(
    positions: Positions, trades: Trades
) -> None:
    fair = Trades.of(trades.row, trades.quantity_e3, TABLE.mark_e3[trades.row], trades.fee_e6)
    after = filled(LISTING, positions, fair)
    before_e6, after_e6 = (
        int(requirement(TABLE, one).position_value_e6[0]) for one in (positions, after.positions)
    )
    lost_e6 = before_e6 - after_e6 - int(after.cash_e6[0])
    # Of what is held too: a bounded book counts no less than its least payoff, another its marks.
    error_e6 = sum(
        int((np.abs(one.quantity_e3) * TABLE.contract.mark_error_e3[one.row]).sum())
        for one in (fair, positions)
    )
    assert abs(lost_e6 - int(fair.fee_e6.sum())) <= error_e6


def test_a_future_that_is_held_already_owes_both_prices() -> None:
    held_one = Positions.of(np.array([FUTURE]), np.array([2_000]), np.array([7 * 10**9]))
    trades = Trades.of([FUTURE, CALL], [-500, 100], [80_000, 90_000])
    each = filled_each(LISTING, held_one, trades).positions
    assert each.quantity_e3[0] == 1_500
    assert each.cost_e6.tolist() == [7 * 10**9 - 500 * 80_000, *each.cost_e6.tolist()[1:]]
    assert each.cost_e6[1:].sum() == 7 * 10**9


@given(books(), some_trades)
def test_each_trade_alone_is_that_trade_filled(positions: Positions, trades: Trades) -> None:
    if not len(trades):
        return
    each = filled_each(LISTING, positions, trades)
    assert each.positions.accounts == len(trades)
    ends = [*each.positions.start.tolist(), len(each.positions.row)]
    for place in range(len(trades)):
        one = filled(LISTING, positions, trades.part(slice(place, place + 1)))
        mine = slice(ends[place], ends[place + 1])
        for name in ("row", "quantity_e3", "cost_e6"):
            assert np.array_equal(getattr(each.positions, name)[mine], getattr(one.positions, name))
        assert each.cash_e6[place] == one.cash_e6[0]


@given(books(), some_trades)
def test_trades_in_any_order_and_in_parts_give_the_same_account(
    positions: Positions, trades: Trades
) -> None:
    whole = filled(LISTING, positions, trades)
    cash_e6, step = 0, positions
    for place in reversed(range(len(trades))):
        one = filled(LISTING, step, trades.part(slice(place, place + 1)))
        step, cash_e6 = one.positions, cash_e6 + int(one.cash_e6[0])
    assert np.array_equal(step.row, whole.positions.row)
    assert np.array_equal(step.quantity_e3, whole.positions.quantity_e3)
    assert np.array_equal(step.cost_e6, whole.positions.cost_e6)
    assert cash_e6 == int(whole.cash_e6[0])


def test_trades_are_of_one_account() -> None:
    two = accounts([[(0, 1)], [(0, 2)]])
    for fill in (filled, filled_each):
        with pytest.raises(BadPositions, match="2 accounts"):
            fill(LISTING, two, Trades.of([0], [1], [1]))


def test_a_position_that_would_not_fit_is_refused() -> None:
    most = (1 << bounds.QTY_BITS) - 1
    fits = filled(LISTING, held((CALL, most - 1)), Trades.of([CALL], [1], [1]))
    assert fits.positions.quantity_e3.tolist() == [most]
    with pytest.raises(BadPositions):
        filled(LISTING, held((CALL, most)), Trades.of([CALL], [1], [1]))
