"""Stress: on a list of moves and on a grid, for one account and for many."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novate.pricing import NotIntegers
from novate.risk import Moves, Positions, stress, stress_grid

from ..books import SCENE, books, condor
from ..scene import accounts, held

LISTING, MARKET = SCENE.listing, SCENE.market
SPOT, VOL = [-200_000, 0, 200_000], [-250_000, 0, 500_000]


@given(books())
def test_nothing_moves_and_nobody_gains(positions: Positions) -> None:
    grid = stress_grid(LISTING, MARKET, positions, spot_e6=SPOT, vol_e6=VOL)
    assert not grid.profit_e6[:, 1, 1].any()


@given(books(), st.sampled_from(SPOT), st.sampled_from(VOL), st.booleans())
def test_a_place_of_the_grid_is_that_move_alone(
    positions: Positions, spot: int, vol: int, is_by_tenor: bool
) -> None:
    grid = stress_grid(
        LISTING, MARKET, positions, spot_e6=SPOT, vol_e6=VOL, is_by_tenor=is_by_tenor, elapsed_s=60
    )
    one = stress(
        LISTING, MARKET, positions, Moves.of(spot, vol, elapsed_s=60, is_by_tenor=is_by_tenor)
    )
    there = grid.profit_e6[:, SPOT.index(spot), VOL.index(vol)]
    assert np.array_equal(there, one.profit_e6[:, 0])
    assert one.total_e6[0, 0] == there.sum()


def test_a_linear_position_gains_what_its_forward_moves_whatever_volatility_does() -> None:
    grid = stress_grid(LISTING, MARKET, held((SCENE.perp, 2_000)), spot_e6=SPOT, vol_e6=VOL)
    assert grid.total_e6[0].tolist() == [
        [2_000 * (MARKET.forward_e3[0] * move // 10**6)] * 3 for move in SPOT
    ]


@given(books())
def test_the_other_side_loses_what_one_gains(positions: Positions) -> None:
    moves = Moves.of([-150_000, 400_000], [300_000, -300_000])
    other = Positions.of(positions.row, -positions.quantity_e3)
    ours, theirs = (stress(LISTING, MARKET, one, moves).total_e6 for one in (positions, other))
    assert np.array_equal(ours, -theirs)


def test_accounts_are_totalled_one_by_one() -> None:
    both = accounts([[(0, 1_000), (SCENE.call(1, 100), -500)], [(0, -1_000)]])
    moves = Moves.of([-100_000, 50_000])
    done = stress(LISTING, MARKET, both, moves)
    assert np.array_equal(done.total_e6, [done.profit_e6[:2].sum(axis=0), done.profit_e6[2]])
    assert done.profit_e6.shape == (3, 2)


def test_points_are_added_and_parts_are_multiplied() -> None:
    level = SCENE.but(vol_e6=500_000).market
    points = stress_grid(LISTING, level, condor(), spot_e6=0, vol_e6=[100_000], is_points=True)
    parts = stress_grid(LISTING, level, condor(), spot_e6=0, vol_e6=[200_000])
    assert np.array_equal(points.profit_e6, parts.profit_e6)
    assert points.total_e6[0, 0, 0] != 0


def test_a_short_strangle_loses_in_both_wings_and_to_volatility() -> None:
    book = held((SCENE.put(2, 80), -1_000), (SCENE.call(2, 120), -1_000))
    total = stress_grid(LISTING, MARKET, book, spot_e6=SPOT, vol_e6=VOL).total_e6[0]
    assert total[0, 1] < 0 > total[2, 1]
    assert total[1, 0] > 0 > total[1, 2]


@pytest.mark.parametrize("spot", [[-0.2], ["-20%"], None])
def test_a_grid_of_other_things_than_integers_is_refused(spot: object) -> None:
    with pytest.raises(NotIntegers):
        stress_grid(LISTING, MARKET, condor(), spot_e6=spot, vol_e6=VOL)
