"""The trades that lower a margin most: never raising it, exact, and the same every time."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novate.risk import (
    BadPositions,
    Lowered,
    Positions,
    filled,
    lower_margin,
    no_positions,
    requirement,
    savings,
    standing,
)
from novate.units import NotAnInteger, OutOfRange

from ..books import ROWS, SCENE, books, condor
from ..scene import accounts, held

TABLE = SCENE.table()
RICH = 10**12


def lowered(positions: Positions, **options: object) -> Lowered:
    return lower_margin(TABLE, positions, cash_e6=RICH, lot_e3=10, **options)


@settings(max_examples=25)
@given(books(most=4), st.sampled_from([0, 300, 20_000]), st.integers(0, 3))
def test_no_step_raises_the_margin_and_each_saves_more_than_it_costs(
    positions: Positions, cost_rate_e6: int, trades_max: int
) -> None:
    found = lowered(positions, trades_max=trades_max, cost_rate_e6=cost_rate_e6)
    assert len(found.trades) <= trades_max
    saved_e6 = -np.diff(found.initial_e6)
    assert (saved_e6 - found.cost_e6 >= 10**6).all()
    gross = TABLE.contract.gross_e3[found.trades.row]
    notional_e6 = np.abs(found.trades.quantity_e3) * gross
    assert np.array_equal(found.cost_e6, -(-notional_e6 * cost_rate_e6 // 10**6))
    assert (found.trades.quantity_e3 % 10 == 0).all()


@settings(max_examples=25)
@given(books(most=4))
def test_the_margins_it_tells_are_those_of_the_account_after_each_trade(
    positions: Positions,
) -> None:
    found = lowered(positions)
    cash_e6 = RICH
    for place in range(len(found.trades) + 1):
        state = standing(TABLE, positions, np.array([cash_e6])).of(0)
        assert found.initial_e6[place] == state.initial.e6
        assert found.maintenance_e6[place] == state.maintenance.e6
        after = filled(SCENE.listing, positions, found.trades.part(slice(place, place + 1)))
        positions, cash_e6 = after.positions, cash_e6 + int(after.cash_e6[0])


@settings(max_examples=25)
@given(books(most=4))
def test_the_first_trade_saves_at_least_what_the_best_lot_does(positions: Positions) -> None:
    best = savings(TABLE, positions, cash_e6=RICH, lot_e3=10).initial_e6[0]
    found = lowered(positions, least_saving_e6=1, trades_max=1)
    assert found.initial_e6[0] - found.initial_e6[-1] >= best


def test_what_it_is_free_to_close_it_closes() -> None:
    found = lowered(held((SCENE.perp, 12_340)))
    assert found.trades.row.tolist() == [SCENE.perp]
    assert found.trades.quantity_e3.tolist() == [-12_340]
    assert found.initial_e6[-1] == 0
    state = requirement(TABLE, held((SCENE.perp, 12_340)))
    assert found.initial_e6[0] == state.initial_e6[0]


def test_no_more_is_bought_than_bounds_a_short_call() -> None:
    """With a call of its expiry, its own or another, it is a spread, which cash secures."""
    found = lowered(held((SCENE.call(2, 100), -1_230)))
    assert found.initial_e6[-1] == 0
    calls = [SCENE.call(2, strike) for strike in (60, 80, 100, 120, 160)]
    assert set(found.trades.row.tolist()) <= set(calls)
    assert found.trades.quantity_e3.tolist() == [1_230]


def test_only_what_may_be_traded_is() -> None:
    rows = np.array([SCENE.future(2), SCENE.call(2, 160)])
    found = lowered(condor(), row=rows)
    assert set(found.trades.row.tolist()) <= set(rows.tolist())
    assert found.initial_e6[-1] < found.initial_e6[0]


def test_a_cost_that_eats_every_saving_leaves_the_book_alone() -> None:
    assert len(lowered(condor(), cost_rate_e6=0).trades) > 0
    assert len(lowered(condor(), cost_rate_e6=10**6).trades) == 0
    assert len(lowered(condor(), least_saving_e6=10**15).trades) == 0
    assert len(lowered(condor(), trades_max=0).trades) == 0


def test_a_book_that_needs_nothing_has_nothing_to_lower() -> None:
    found = lowered(no_positions())
    assert len(found.trades) == 0
    assert found.initial_e6.tolist() == [0]


def test_it_is_the_same_every_time_in_whatever_order_rows_are_named() -> None:
    one, other = lowered(condor()), lowered(condor(), row=np.arange(ROWS)[::-1].copy())
    assert np.array_equal(one.trades.row, other.trades.row)
    assert np.array_equal(one.trades.quantity_e3, other.trades.quantity_e3)


def test_one_account_is_helped_and_rows_are_listed() -> None:
    with pytest.raises(BadPositions, match="2 accounts"):
        lowered(accounts([[(0, 1)], [(0, 2)]]))
    with pytest.raises(BadPositions, match="is none of the"):
        lowered(condor(), row=np.array([ROWS]))


@pytest.mark.parametrize(
    ("asked", "error", "words"),
    [
        ({"cost_rate_e6": -1}, OutOfRange, "cost rate -1 is outside"),
        ({"cost_rate_e6": 10**6 + 1}, OutOfRange, "cost rate 1000001 is outside"),
        ({"cost_rate_e6": 0.5}, NotAnInteger, "cost rate is of type float"),
        ({"trades_max": -1}, OutOfRange, "number of trades -1 is outside"),
    ],
)
def test_a_cost_is_a_part_and_trades_are_counted(
    asked: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        lowered(condor(), **asked)
