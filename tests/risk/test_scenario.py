"""The 33 columns."""

import pytest

from novate.risk import COLUMNS, GRID, Scenario, column_name
from novate.risk.scenario import (
    ACCOUNT_COLUMNS,
    TAILS_E6,
    RangeMove,
    Smile,
    TailMove,
    Term,
    VolShock,
)
from novate.units import OutOfRange

from .exact import COLUMNS as PAPER
from .exact import QUIET


def test_a_table_has_33_columns_of_which_29_are_of_the_whole_account() -> None:
    assert (len(GRID), ACCOUNT_COLUMNS, COLUMNS) == (27, 29, 33)
    assert [*Term, *Smile] == list(range(27, 33))


def test_seven_places_in_the_range_have_three_volatilities_each() -> None:
    places = {(one.move.thirds, one.vol) for one in GRID if isinstance(one.move, RangeMove)}
    assert places == {(thirds, vol) for thirds in range(-3, 4) for vol in VolShock}


def test_six_tails_are_all_with_volatility_up() -> None:
    tails = [one for one in GRID if isinstance(one.move, TailMove)]
    assert [one.move.move_e6 for one in tails] == list(TAILS_E6)  # type: ignore[union-attr]
    assert {one.vol for one in tails} == {VolShock.UP}
    assert TAILS_E6 == (-660_000, -330_000, 500_000, 1_000_000, 2_000_000, 4_000_000)


def test_columns_stand_in_the_order_of_the_papers() -> None:
    names = {VolShock.UP: "up", VolShock.SAME: "same", VolShock.DOWN: "down"}
    for scenario, (where, vol) in zip(GRID, PAPER, strict=False):
        assert names[scenario.vol] == vol
        match scenario.move:
            case RangeMove(thirds):
                assert thirds == where
            case TailMove(move_e6):
                assert move_e6 == round(float(where) * 10**6)
    assert GRID[QUIET] == Scenario(RangeMove(0), VolShock.SAME)


def test_each_column_has_a_name_of_its_own() -> None:
    names = [column_name(column) for column in range(COLUMNS)]
    assert len(set(names)) == COLUMNS
    assert names[QUIET] == "spot same, vol same"
    assert names[21] == "-66 %, damped, vol up"
    assert names[15] == "-3/3 of the range, vol up"


@pytest.mark.parametrize("column", [-1, COLUMNS])
def test_what_is_no_column_has_no_name(column: int) -> None:
    with pytest.raises(OutOfRange, match=rf"column {column} is outside \[0, 33\)"):
        column_name(column)
