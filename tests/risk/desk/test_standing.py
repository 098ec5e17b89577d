"""How an account stands: with what it holds elsewhere, and after each of many trades."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from novate.risk import (
    Positions,
    Trades,
    filled,
    margins,
    requirement,
    standing,
    standing_after_each,
)
from novate.risk.desk.standing import CHUNK

from ..books import ROWS, SCENE, books
from ..scene import accounts, held

TABLE = SCENE.table()
NAMES = ("equity_e6", "initial_e6", "maintenance_e6", "gross_e6")


@given(books(), st.integers(-(10**12), 10**12))
def test_an_account_stands_by_its_cash_and_requirement(positions: Positions, cash_e6: int) -> None:
    cash = np.array([cash_e6])
    found = standing(TABLE, positions, cash)
    wanted = margins(cash, [requirement(TABLE, positions)])
    assert all(np.array_equal(getattr(found, name), getattr(wanted, name)) for name in NAMES)


def test_what_is_held_elsewhere_counts_for_each_of_many() -> None:
    elsewhere = requirement(TABLE, held((0, 5_000)))
    many = accounts([[(0, 1_000)], [(SCENE.call(1, 100), -1_000)], [(SCENE.call(1, 100), 1_000)]])
    cash = np.array([10**9] * 3)
    alone, beside = standing(TABLE, many, cash), standing(TABLE, many, cash, [elsewhere])
    required = requirement(TABLE, many)
    assert np.array_equal(alone.initial_e6, required.initial_e6)
    assert np.array_equal(beside.initial_e6, required.initial_e6 + elsewhere.initial_e6)
    assert np.array_equal(beside.gross_e6, required.gross_e6 + elsewhere.gross_e6)


@given(books(), st.integers(-(10**10), 10**12), st.integers(-3_000, 3_000))
def test_after_each_trade_an_account_stands_as_after_that_trade_alone(
    positions: Positions, cash_e6: int, size_e3: int
) -> None:
    trades = Trades.at_mark(TABLE, np.arange(0, ROWS, 7), size_e3)
    found = standing_after_each(TABLE, positions, cash_e6, trades)
    for place in range(len(trades)):
        after = filled(SCENE.listing, positions, trades.part(slice(place, place + 1)))
        one = standing(TABLE, after.positions, cash_e6 + after.cash_e6)
        assert all(getattr(found, name)[place] == getattr(one, name)[0] for name in NAMES)


def test_more_trades_than_are_tried_at_a_time_keep_their_order() -> None:
    sizes = np.arange(-CHUNK, CHUNK + 1)
    trades = Trades.at_mark(TABLE, np.zeros_like(sizes), sizes)
    found = standing_after_each(TABLE, held((0, 100)), 0, trades)
    assert found.gross_e6.tolist() == (np.abs(sizes + 100) * TABLE.contract.gross_e3[0]).tolist()


def test_no_trade_gives_no_standing() -> None:
    found = standing_after_each(TABLE, held((0, 100)), 0, Trades.of([], [], []))
    assert [len(getattr(found, name)) for name in NAMES] == [0, 0, 0, 0]
