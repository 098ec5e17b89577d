"""Hedges: as near to a target as whole lots come, the least margin first."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novate.pricing import NotIntegers
from novate.risk import (
    BadPositions,
    Exposure,
    Hedges,
    Positions,
    contract_greeks,
    delta_vega_hedges,
    filled,
    hedges,
    requirement,
    sensitivities,
)
from novate.units import bounds

from ..books import ROWS, SCENE, books, condor
from ..scene import accounts, held, synthetic

TABLE = SCENE.table()
LISTING, MARKET = SCENE.listing, SCENE.market
ALL = np.arange(ROWS)
GREEKS = contract_greeks(LISTING, MARKET)
OPTIONS = np.flatnonzero(LISTING.is_curved)
DELTA, VEGA = Exposure


@settings(max_examples=40)
@given(books(most=4), st.integers(-(10**8), 10**8), st.sampled_from([1, 10, 700]))
def test_delta_comes_within_half_a_lot_of_its_target(
    positions: Positions, target_e6: int, lot_e3: int
) -> None:
    found = hedges(TABLE, positions, ALL, DELTA, target_e6=target_e6, lot_e3=lot_e3)
    for place in range(len(found.row)):
        row = int(found.row[place, 0])
        half = abs(int(GREEKS.delta_q28[row])) * lot_e3 * 1000 / 2**28 / 2
        assert abs(int(found.delta_e6[place]) - target_e6) <= half + 1
        assert found.quantity_e3[place, 0] % lot_e3 == 0


@settings(max_examples=40)
@given(books(most=4), st.integers(-(10**9), 10**9))
def test_vega_comes_within_half_a_lot_of_its_target(positions: Positions, target_e6: int) -> None:
    found = hedges(TABLE, positions, ALL, VEGA, target_e6=target_e6, lot_e3=100)
    assert LISTING.is_curved[found.row].all()  # nothing linear has vega
    for place in range(len(found.row)):
        half = int(GREEKS.vega_e6[found.row[place, 0]]) * 100 / 1000 / 2
        assert abs(int(found.vega_e6[place]) - target_e6) <= half + 1


@settings(max_examples=40)
@given(books(most=4))
def test_both_come_within_half_a_lot_of_their_targets(positions: Positions) -> None:
    found = delta_vega_hedges(
        TABLE, positions, OPTIONS, delta_row=SCENE.future(2), lot_e3=100, delta_lot_e3=10
    )
    for place in range(len(found.row)):
        assert abs(int(found.delta_e6[place])) <= 5_000 + 1
        half = int(GREEKS.vega_e6[found.row[place, 0]]) * 100 / 1000 / 2
        assert abs(int(found.vega_e6[place])) <= half + 1


def test_what_a_hedge_says_is_what_its_trades_do() -> None:
    book = condor()
    found = delta_vega_hedges(TABLE, book, OPTIONS, lot_e3=50, delta_lot_e3=1)
    assert len(found.row) > 10
    for place in range(len(found.row)):
        trades = found.trades(TABLE, place)
        after = filled(LISTING, book, trades).positions
        greeks = sensitivities(LISTING, MARKET, after).total
        assert abs(greeks.delta_e6[0] - found.delta_e6[place]) <= len(after.row)
        assert abs(greeks.vega_e6[0] - found.vega_e6[place]) <= len(after.row)
        required = requirement(TABLE, after)
        assert required.initial_e6[0] == found.initial_e6[place]
        assert required.maintenance_e6[0] == found.maintenance_e6[place]
        gross = TABLE.contract.gross_e3[trades.row]
        assert found.notional_e6[place] == (np.abs(trades.quantity_e3) * gross).sum()


@pytest.mark.parametrize(
    "hedge",
    [partial(hedges, exposure=DELTA), partial(hedges, exposure=VEGA), delta_vega_hedges],
)
def test_the_least_initial_margin_comes_first_then_the_smaller_trade(
    hedge: Callable[..., Hedges],
) -> None:
    found = hedge(TABLE, condor(), OPTIONS, lot_e3=10)
    order = list(zip(found.initial_e6, found.notional_e6, found.row[:, 0], strict=True))
    assert order == sorted(order)
    again = hedge(TABLE, condor(), OPTIONS[::-1], lot_e3=10)
    assert np.array_equal(found.quantity_e3, again.quantity_e3)


def test_a_book_on_target_is_left_alone() -> None:
    book = held((SCENE.perp, 1_000), (SCENE.future(1), -1_000))
    found = hedges(TABLE, book, ALL, DELTA)
    assert not found.quantity_e3.any()
    assert len(found.trades(TABLE, 0)) == 0
    moved = hedges(TABLE, book, np.array([0]), DELTA, target_e6=700_000)
    assert moved.quantity_e3.tolist() == [[700]]


def test_a_hedge_that_nobody_may_hold_is_left_out() -> None:
    """A put far below the market has next to no delta: millions of contracts would be needed."""
    far = SCENE.put(1, 60)
    book = held((SCENE.perp, -80_000_000))
    found = hedges(TABLE, book, np.array([far, SCENE.future(1)]), DELTA)
    assert found.row.tolist() == [[SCENE.future(1)]] or far not in found.row
    most_e3 = ((1 << 53) - 1) // int(TABLE.contract.gross_e3[0])
    full = hedges(TABLE, held((0, most_e3)), np.array([SCENE.future(1)]), DELTA)
    assert len(full.row) == 0


def test_a_position_keeps_its_width() -> None:
    small = synthetic(index_e3=10_000_000)
    most_e3 = (1 << bounds.QTY_BITS) - 1
    book = held((small.future(1), most_e3 - 10))
    for more_e3, count in ((10, 1), (11, 0)):
        found = hedges(
            small.table(),
            book,
            np.array([small.future(1)]),
            DELTA,
            target_e6=(most_e3 - 10 + more_e3) * 1000,
        )
        assert len(found.row) == count


def test_the_second_leg_is_linear_and_rows_are_listed() -> None:
    with pytest.raises(ValueError, match="has vega; next: name a linear one"):
        delta_vega_hedges(TABLE, condor(), OPTIONS, delta_row=SCENE.call(1, 100))
    with pytest.raises(BadPositions, match="is none of the"):
        hedges(TABLE, condor(), np.array([ROWS]), DELTA)
    with pytest.raises(BadPositions, match="is none of the"):
        delta_vega_hedges(TABLE, condor(), OPTIONS, delta_row=ROWS)
    with pytest.raises(ValueError, match="'gamma' is not a valid Exposure"):
        hedges(TABLE, condor(), OPTIONS, "gamma")  # type: ignore[arg-type]
    assert len(hedges(TABLE, condor(), [SCENE.perp], DELTA).row) == 1
    with pytest.raises(NotIntegers, match="target is float64"):
        hedges(TABLE, condor(), OPTIONS, DELTA, target_e6=0.5)  # type: ignore[arg-type]
    with pytest.raises(BadPositions, match="2 accounts"):
        hedges(TABLE, accounts([[(0, 1)], [(0, 2)]]), OPTIONS, VEGA)
