"""The 19 columns."""

import pytest

from novate.risk import COLUMNS, GRID, column_name
from novate.risk.scenario import MAINTENANCE_COLUMNS, TAIL_BITS, TAILS, VolShock
from novate.units import OutOfRange

from .exact import DOWN, SAME, UP
from .exact import GRID as PAPER


def test_a_table_has_19_columns() -> None:
    assert len(GRID) == len(PAPER) == COLUMNS == 19


@pytest.mark.parametrize("column", range(COLUMNS))
def test_each_column_is_that_of_the_papers(column: int) -> None:
    found, paper = GRID[column], PAPER[column]
    assert found.move_mille == paper.ranges * 1000
    assert {VolShock.UP: UP, VolShock.SAME: SAME, VolShock.DOWN: DOWN}[found.vol] == paper.vol
    assert found.is_later is paper.is_later
    assert found.is_tail is paper.is_tail
    assert found.is_buffered is paper.is_buffered
    assert found.is_near is paper.is_near


def test_the_first_seventeen_columns_are_of_both_margins() -> None:
    assert [column for column, one in enumerate(PAPER) if not one.is_buffered] == list(
        range(MAINTENANCE_COLUMNS)
    )


def test_tails_are_the_two_columns_of_which_a_quarter_counts() -> None:
    assert [column for column, one in enumerate(PAPER) if one.is_tail] == [*range(COLUMNS)[TAILS]]
    assert {one.part for one in PAPER[TAILS]} == {1 / 2**TAIL_BITS}
    assert {abs(one.ranges) for one in PAPER[TAILS]} == {2**TAIL_BITS}


def test_whatever_moves_the_index_moves_it_both_ways() -> None:
    moved = [(one.move_mille, one.vol, one.is_later, one.is_tail, one.is_buffered) for one in GRID]
    assert {(-move, *rest) for move, *rest in moved} == set(moved)
    assert len(set(moved)) == len(moved)


def test_volatility_falls_only_with_the_time_that_passes() -> None:
    """Not at once: what falls by less in less time loses less."""
    assert {one.is_later for one in GRID if one.vol is VolShock.DOWN} == {True}
    assert {one.is_later for one in GRID if one.vol is VolShock.UP} == {False}


def test_every_buffered_column_is_one_of_both_margins_with_larger_shocks() -> None:
    shapes = {(one.move_mille, one.vol, one.is_later) for one in GRID[:MAINTENANCE_COLUMNS]}
    for one in GRID[MAINTENANCE_COLUMNS:]:
        assert (one.move_mille, one.vol, one.is_later) in shapes


def test_each_column_has_a_name_of_its_own() -> None:
    names = [column_name(column) for column in range(COLUMNS)]
    assert len(set(names)) == COLUMNS
    assert names[0] == "spot same, vol same, later"
    assert names[5] == "spot +0.1 ranges, vol down, later"
    assert names[11] == "spot -1.0 ranges, vol up"
    assert names[15] == "spot -4.0 ranges, vol same, a quarter counts"
    assert names[18] == "spot +1.0 ranges, vol up, buffered"


@pytest.mark.parametrize("column", [-1, COLUMNS])
def test_what_is_no_column_has_no_name(column: int) -> None:
    with pytest.raises(OutOfRange, match=rf"column {column} is outside \[0, 19\)"):
        column_name(column)
