"""A portfolio: what moves from one account is what the other gets."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novate.instruments import Tick, Underlying, perpetual
from novate.risk.liquidation.portfolio import Portfolio, slice_cost_law
from novate.risk.liquidation.rules import WHOLE
from novate.risk.listing import Listing
from novate.risk.positions import BadPositions, Positions
from novate.units import Price, Qty, bounds

from ..books import SCENE
from ..scene import held

TABLE = SCENE.table()
MOST = (1 << bounds.QTY_BITS) - 1


def portfolio(positions: Positions, cash_e6: int = 0) -> Portfolio:
    return Portfolio(1, cash_e6, (positions,))


def one(row: int, size_e3: int, cost_e6: int = 0) -> Positions:
    return Positions.of(np.array([row]), np.array([size_e3]), np.array([cost_e6]))


def told(positions: Positions) -> list[tuple[int, int, int]]:
    columns = (positions.row, positions.quantity_e3, positions.cost_e6)
    return list(zip(*(column.tolist() for column in columns), strict=True))


@pytest.mark.parametrize(
    ("size_e3", "cost_e6", "part", "moved"),
    [
        (9, 100, WHOLE // 3 + 1, (3, 33)),  # a third of the contracts, of the cost 33.3
        (-9, 100, WHOLE // 3 + 1, (-3, 33)),
        (9, -100, WHOLE // 3 + 1, (3, -34)),
        (9, 100, WHOLE, (9, 100)),
        (2, 100, WHOLE // 3, (0, 0)),
        (0, 100, WHOLE // 3, (0, 0)),  # closed, and still to be paid: goes with all
        (0, 100, WHOLE, (0, 100)),
    ],
)
def test_what_is_still_to_be_paid_moves_with_the_contracts(
    size_e3: int, cost_e6: int, part: int, moved: tuple[int, int]
) -> None:
    (found,) = portfolio(one(0, size_e3, cost_e6)).part([TABLE], part)
    assert told(found) == [(0, *moved)]


def test_a_part_is_in_the_lots_of_each_instrument() -> None:
    coarse = replace(
        perpetual(Underlying.BTC, SCENE.listing.instruments[0].multiplier),
        tick=Tick(Price(1), Qty(100)),
    )
    listing = Listing.of([coarse, *SCENE.listing.instruments[1:]])
    table = replace(TABLE, listing=listing)
    (found,) = portfolio(held((0, 399), (5, 399))).part([table], WHOLE // 2)
    assert told(found) == [(0, 100, 0), (5, 199, 0)]
    (found,) = portfolio(held((0, 399), (5, 399))).part([table], WHOLE)
    assert told(found) == [(0, 399, 0), (5, 399, 0)]


def test_positions_that_are_closed_and_paid_for_are_not_kept() -> None:
    before = portfolio(held((0, 10), (5, -10)), 7)
    assert told(before.less((held((0, 10), (5, 0)),), -3).positions[0]) == [(5, -10, 0)]
    after = before.less((held((0, 10), (5, -10)),), -3)
    assert told(after.positions[0]) == [(0, 0, 0)]  # an account has a position, if of nothing
    assert after.cash_e6 == 4


def test_what_comes_is_netted_and_what_is_owed_for_it_stays() -> None:
    before = portfolio(Positions.of(np.array([0, 5]), np.array([10, 3]), np.array([100, 0])))
    after = before.plus((Positions.of(np.array([0]), np.array([-10]), np.array([-120])),), 9)
    assert told(after.positions[0]) == [(0, 0, -20), (5, 3, 0)]
    assert (after.account, after.cash_e6) == (1, 9)
    after = before.plus((one(3, 4),), 0)
    assert told(after.positions[0]) == [(0, 10, 100), (3, 4, 0), (5, 3, 0)]


@pytest.mark.parametrize(("size_e3", "is_refused"), [(MOST - 1, False), (MOST, True)])
def test_a_position_beyond_its_width_is_refused(size_e3: int, is_refused: bool) -> None:
    before = portfolio(one(0, size_e3))
    if is_refused:
        with pytest.raises(BadPositions, match="is not below"):
            before.plus((one(0, 1),), 0)
    else:
        assert told(before.plus((one(0, 1),), 0).positions[0]) == [(0, MOST, 0)]


sizes = st.integers(-MOST, MOST)
costs = st.integers(1 - (1 << 61), (1 << 61) - 1)


@given(sizes, costs, st.integers(1, WHOLE))
def test_contracts_and_what_is_owed_for_them_are_conserved(
    size_e3: int, cost_e6: int, part: int
) -> None:
    account, taker = portfolio(one(0, size_e3, cost_e6)), portfolio(one(0, 0))
    moved = account.part([TABLE], part)
    left, got = account.less(moved, 0).positions[0], taker.plus(moved, 0).positions[0]
    assert left.quantity_e3.sum() + got.quantity_e3.sum() == size_e3
    assert left.cost_e6.sum() + got.cost_e6.sum() == cost_e6
    assert moved[0].quantity_e3[0] * size_e3 >= 0
    assert abs(int(moved[0].cost_e6[0])) <= abs(cost_e6)


def test_the_law_admits_no_neighbour_and_fits_its_width() -> None:
    for wrong, is_law in ((32, False), (33, True), (34, False)):
        assert (0 <= -slice_cost_law(100, 9, 3, wrong, 0) < 9) is is_law
    assert (1 << 62) * MOST + MOST < 1 << bounds.DEFICIT_LAW_BITS
