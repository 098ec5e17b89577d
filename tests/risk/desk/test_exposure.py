"""Exposures: what an account has of delta and vega, and the lots that take it to a target."""

import numpy as np
import pytest
from hypothesis import given

from novate.risk import Exposure, Positions, sensitivities
from novate.risk.desk.exposure import NOWHERE, Exposed, nearest_lots

from ..books import ROWS, SCENE, books, condor

TABLE = SCENE.table()
NOTHING = np.zeros((1, 1), dtype=np.int64)


@pytest.mark.parametrize(
    ("gap", "per_lot", "lots"),
    [(0, 7, 0), (7, 7, 1), (10, 7, 1), (11, 7, 2), (-11, 7, -2), (11, -7, -2), (-11, -7, 2),
     (7, 14, 0), (8, 14, 1), (21, 14, 1), (22, 14, 2), (-7, 14, 0), (0, -7, 0)],
)  # fmt: skip
def test_thenearest_lots_whole_lots_and_of_two_the_fewer(gap: int, per_lot: int, lots: int) -> None:
    assert nearest_lots(gap, per_lot) == lots
    misses = [abs(gap - one * per_lot) for one in (lots - 1, lots, lots + 1)]
    assert misses[1] == min(misses)


def test_lots_that_bring_nothing_come_nowhere() -> None:
    assert nearest_lots(5, 0) == nearest_lots(0, 0) == NOWHERE


@given(books(most=4))
def test_an_exposure_is_the_sum_of_the_sensitivities(positions: Positions) -> None:
    whole = sensitivities(SCENE.listing, SCENE.market, positions).total
    for exposure, summed_e6 in (
        (Exposure.DELTA, whole.delta_e6),
        (Exposure.VEGA, whole.vega_e6),
    ):
        now_e6 = Exposed.of(TABLE, positions, exposure).after_e6(NOTHING, NOTHING)
        # each position's is rounded down
        assert 0 <= now_e6 - summed_e6 < len(positions.row)


@pytest.mark.parametrize("exposure", Exposure)
def test_what_others_bring_is_counted(exposure: Exposure) -> None:
    exposed = Exposed.of(TABLE, condor(), exposure)
    rows, lots = np.arange(ROWS), np.full(ROWS, 10)
    brought = exposed.each[rows] * 5_000
    alone = exposed.sizes_e3(rows, lots, 0)
    beside = exposed.sizes_e3(rows, lots, 0, brought)
    can = alone != NOWHERE
    assert can.any()
    assert (beside[can] == alone[can] - 5_000).all()
