"""Hedges: as near to a target as whole lots come, the least margin first."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novate.risk import (
    BadPositions,
    Positions,
    contract_greeks,
    delta_hedges,
    delta_vega_hedges,
    filled,
    requirement,
    sensitivities,
    vega_hedges,
)
from novate.risk.desk.hedge import _nearest
from novate.units import bounds

from ..books import ROWS, SCENE, books, condor
from ..scene import accounts, held, synthetic

TABLE = SCENE.table()
LISTING, MARKET = SCENE.listing, SCENE.market
ALL = np.arange(ROWS)
GREEKS = contract_greeks(LISTING, MARKET)
OPTIONS = np.flatnonzero(LISTING.is_curved)


@pytest.mark.parametrize(
    ("gap", "per_lot", "lots"),
    [(0, 7, 0), (7, 7, 1), (10, 7, 1), (11, 7, 2), (-11, 7, -2), (11, -7, -2), (-11, -7, 2),
     (7, 14, 0), (8, 14, 1), (21, 14, 1), (22, 14, 2), (-7, 14, 0), (0, -7, 0)],
)  # fmt: skip
def test_the_nearest_whole_lots_and_of_two_the_fewer(gap: int, per_lot: int, lots: int) -> None:
    assert _nearest(gap, per_lot) == lots
    misses = [abs(gap - one * per_lot) for one in (lots - 1, lots, lots + 1)]
    assert misses[1] == min(misses)


@settings(max_examples=40)
@given(books(most=4), st.integers(-(10**8), 10**8), st.sampled_from([1, 10, 700]))
def test_delta_comes_within_half_a_lot_of_its_target(
    positions: Positions, target_e6: int, lot_e3: int
) -> None:
    found = delta_hedges(TABLE, positions, ALL, target_e6=target_e6, lot_e3=lot_e3)
    for place in range(len(found.row)):
        row = int(found.row[place, 0])
        half = abs(int(GREEKS.delta_q28[row])) * lot_e3 * 1000 / 2**28 / 2
        assert abs(int(found.delta_e6[place]) - target_e6) <= half + 1
        assert found.quantity_e3[place, 0] % lot_e3 == 0


@settings(max_examples=40)
@given(books(most=4), st.integers(-(10**9), 10**9))
def test_vega_comes_within_half_a_lot_of_its_target(positions: Positions, target_e6: int) -> None:
    found = vega_hedges(TABLE, positions, ALL, target_e6=target_e6, lot_e3=100)
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


@pytest.mark.parametrize("hedge", [delta_hedges, vega_hedges, delta_vega_hedges])
def test_the_least_initial_margin_comes_first_then_the_smaller_trade(hedge: object) -> None:
    assert callable(hedge)
    found = hedge(TABLE, condor(), OPTIONS, lot_e3=10)
    order = list(zip(found.initial_e6, found.notional_e6, found.row[:, 0], strict=True))
    assert order == sorted(order)
    again = hedge(TABLE, condor(), OPTIONS[::-1], lot_e3=10)
    assert np.array_equal(found.quantity_e3, again.quantity_e3)


def test_a_book_on_target_is_left_alone() -> None:
    book = held((SCENE.perp, 1_000), (SCENE.future(1), -1_000))
    found = delta_hedges(TABLE, book, ALL)
    assert not found.quantity_e3.any()
    assert len(found.trades(TABLE, 0)) == 0
    assert delta_hedges(TABLE, book, np.array([0]), target_e6=700_000).quantity_e3.tolist() == [
        [700]
    ]


def test_a_hedge_that_nobody_may_hold_is_left_out() -> None:
    """A put far below the market has next to no delta: millions of contracts would be needed."""
    far = SCENE.put(1, 60)
    book = held((SCENE.perp, -80_000_000))
    found = delta_hedges(TABLE, book, np.array([far, SCENE.future(1)]))
    assert found.row.tolist() == [[SCENE.future(1)]] or far not in found.row
    most_e3 = ((1 << 53) - 1) // int(TABLE.contract.gross_e3[0])
    assert len(delta_hedges(TABLE, held((0, most_e3)), np.array([SCENE.future(1)])).row) == 0


def test_a_position_keeps_its_width() -> None:
    small = synthetic(index_e3=10_000_000)
    most_e3 = (1 << bounds.QTY_BITS) - 1
    book = held((small.future(1), most_e3 - 10))
    for more_e3, count in ((10, 1), (11, 0)):
        found = delta_hedges(
            small.table(),
            book,
            np.array([small.future(1)]),
            target_e6=(most_e3 - 10 + more_e3) * 1000,
        )
        assert len(found.row) == count


def test_the_second_leg_is_linear_and_rows_are_listed() -> None:
    with pytest.raises(ValueError, match="has vega; next: name a linear one"):
        delta_vega_hedges(TABLE, condor(), OPTIONS, delta_row=SCENE.call(1, 100))
    with pytest.raises(BadPositions, match="is none of the"):
        delta_hedges(TABLE, condor(), np.array([ROWS]))
    with pytest.raises(BadPositions, match="is none of the"):
        delta_vega_hedges(TABLE, condor(), OPTIONS, delta_row=ROWS)
    with pytest.raises(BadPositions, match="2 accounts"):
        vega_hedges(TABLE, accounts([[(0, 1)], [(0, 2)]]), OPTIONS)
