"""Savings: what a lot of everything saves, as differences of margins and not as slopes."""

import re

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
    lots_e3,
    no_positions,
    requirement,
    savings,
    sensitivities,
    standing,
)
from novate.risk.desk.saving import RATIO_MAX_E6, _ratio_e6
from novate.units import OutOfRange, bounds

from ..books import ROWS, SCENE, books, condor
from ..scene import held

TABLE = SCENE.table()
RICH = 10**12


@given(books(most=4), st.sampled_from([1, 100, 2_500]))
def test_a_saving_is_the_margin_before_less_the_margin_after(
    positions: Positions, lot_e3: int
) -> None:
    found = savings(TABLE, positions, cash_e6=RICH, lot_e3=lot_e3)
    assert len(found.row) == 2 * ROWS
    before = standing(TABLE, positions, np.array([RICH]))
    for place in (0, len(found.row) // 2, len(found.row) - 1):
        trade = Trades.at_mark(TABLE, found.row[place], found.quantity_e3[place])
        after = filled(SCENE.listing, positions, trade)
        then = standing(TABLE, after.positions, RICH + after.cash_e6)
        assert found.initial_e6[place] == before.initial_e6[0] - then.initial_e6[0]
        assert found.maintenance_e6[place] == before.maintenance_e6[0] - then.maintenance_e6[0]


@given(books(most=4))
def test_the_best_comes_first_and_equals_by_row(positions: Positions) -> None:
    found = savings(TABLE, positions, lot_e3=100)
    order = list(zip(-found.initial_e6, found.row, strict=True))
    assert order == sorted(order)
    by_vega = found.ranked(found.per_vega_e6)
    assert (np.diff(by_vega.per_vega_e6) <= 0).all()
    assert sorted(by_vega.initial_e6) == sorted(found.initial_e6)


def test_the_best_relief_of_one_position_is_to_close_it() -> None:
    for row, side in ((SCENE.perp, 1), (SCENE.put(2, 80), -1), (SCENE.call(1, 100), -1)):
        found = savings(TABLE, held((row, side * 500)), lot_e3=500)
        before = requirement(TABLE, held((row, side * 500)))
        best = int(np.flatnonzero((found.row == row) & (found.quantity_e3 == -side * 500))[0])
        assert found.initial_e6[best] == before.initial_e6[0] == found.initial_e6[0]


def test_what_a_lot_brings_is_told_beside_what_it_saves() -> None:
    found = savings(TABLE, condor(), lot_e3=300)
    for place in range(0, 2 * ROWS, 5):
        trade = held((int(found.row[place]), int(found.quantity_e3[place])))
        brought = sensitivities(SCENE.listing, SCENE.market, trade)
        assert abs(found.cash_delta_e6[place] - brought.cash_delta_e6[0]) <= 300
        assert found.vega_e6[place] == brought.vega_e6[0]
        assert found.notional_e6[place] == requirement(TABLE, trade).gross_e6[0]


def test_only_what_is_asked_for_is_tried_in_the_size_asked_for() -> None:
    rows, lots = np.array([SCENE.perp, SCENE.put(2, 80)]), np.array([10, 700])
    found = savings(TABLE, condor(), row=rows, lot_e3=lots)
    tried = sorted(zip(found.row.tolist(), found.quantity_e3.tolist(), strict=True))
    assert tried == sorted([(0, 10), (0, -10), (rows[1], 700), (rows[1], -700)])
    assert lots_e3(TABLE, rows).tolist() == [1, 1]
    assert set(np.abs(savings(TABLE, condor(), row=rows).quantity_e3).tolist()) == {1}


@pytest.mark.parametrize(
    ("lot_e3", "error", "words"),
    [
        (0, OutOfRange, "lot 0 is outside [1, "),
        (-100, OutOfRange, "lot -100 is outside [1, "),
        (1 << bounds.QTY_BITS, OutOfRange, "is outside [1, "),
        (0.1, NotIntegers, "lot is float64; next: give integers"),
        ([100, 100, 100], BadPositions, "lots of shape (3,) for 2 rows"),
    ],
)
def test_a_lot_is_a_size_that_an_order_may_have(
    lot_e3: object, error: type[Exception], words: str
) -> None:
    rows = np.array([SCENE.perp, SCENE.put(2, 80)])
    with pytest.raises(error, match=re.escape(words)):
        savings(TABLE, condor(), row=rows, lot_e3=lot_e3)
    for fits in (1, (1 << bounds.QTY_BITS) - 1, [100, 200]):
        assert np.array_equal(lots_e3(TABLE, rows, fits), np.broadcast_to(fits, 2))


def test_nothing_saves_an_account_that_needs_nothing() -> None:
    assert (savings(TABLE, no_positions(), cash_e6=RICH, lot_e3=100).initial_e6 <= 0).all()


def test_rows_are_listed_integers_in_an_array_or_a_list() -> None:
    with pytest.raises(BadPositions):
        savings(TABLE, condor(), row=np.array([ROWS]))
    with pytest.raises(NotIntegers, match="row is float64"):
        savings(TABLE, condor(), row=[0.0])
    assert len(savings(TABLE, condor(), row=[SCENE.perp]).row) == 2
    assert len(savings(TABLE, condor(), row=[]).row) == 0


@pytest.mark.parametrize(
    ("saved", "divisor", "ratio"),
    [
        (10, 4, 2_500_000),
        (-10, 3, -3_333_334),
        (0, 7, 0),
        (10**15, 10**15, 10**6),
        (10**15 + 1, 2 * 10**15, 500_000),
        (5, 0, 0),
        (1, 10**6, 1),
        (1, 10**6 + 1, 0),
    ],
)
def test_a_ratio_is_in_millionths_rounded_down(saved: int, divisor: int, ratio: int) -> None:
    assert _ratio_e6(np.array([saved]), np.array([divisor])).tolist() == [ratio]


@given(st.integers(-(2**56), 2**56), st.integers(1, 2**54))
def test_a_ratio_is_exact_until_it_saturates(saved: int, divisor: int) -> None:
    ratio = int(_ratio_e6(np.array([saved]), np.array([divisor]))[0])
    assert ratio == max(min(saved * 10**6 // divisor, RATIO_MAX_E6), -RATIO_MAX_E6)
