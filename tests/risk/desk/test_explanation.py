"""Explanations: contributions that add up to the scan, parts that add up to both margins."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given

from novate.risk import (
    BTC,
    BadPositions,
    Dials,
    Positions,
    by_expiry,
    column_name,
    expiries_held,
    explain,
    requirement,
    way_name,
)
from novate.risk.desk.explanation import LEAST, NOTHING, WAYS
from novate.risk.scenario import COLUMNS, GRID
from novate.risk.shock import buffered_e6

from ..books import SCENE, books, condor
from ..scene import DAY_S, accounts, held, synthetic

TABLE = SCENE.table()
GROUP = SCENE.listing.group


@given(books())
def test_contributions_add_up_to_the_scan_and_parts_to_both_margins(positions: Positions) -> None:
    found, required = explain(TABLE, positions), requirement(TABLE, positions)
    scan_e6 = required.initial_scan_e6[0]
    assert found.contribution_e6.sum() + found.basis_e6 == scan_e6
    assert sum(part.initial_e6 for part in found.parts) == required.initial_e6[0]
    assert sum(part.maintenance_e6 for part in found.parts) == required.maintenance_e6[0]
    by_group = found.contribution_by(GROUP[positions.row], SCENE.listing.groups)
    assert by_group.sum() + found.basis_e6 == scan_e6


@given(books())
def test_the_binding_way_is_the_worst_and_the_first_of_those(positions: Positions) -> None:
    found = explain(TABLE, positions)
    for loss_e6, binding, scan_e6 in (
        (found.loss_e6, found.binding, found.requirement.initial_scan_e6[0]),
        (found.maintenance_loss_e6, found.maintenance_binding, found.requirement.scan_e6[0]),
    ):
        assert loss_e6.shape == (WAYS,)
        if binding == NOTHING:
            assert loss_e6.max() <= 0
            assert scan_e6 == 0
        else:
            assert loss_e6[binding] == loss_e6.max() == scan_e6
            assert (loss_e6[:binding] < loss_e6[binding]).all()
    if found.binding == NOTHING:
        assert not found.contribution_e6.any()


@given(books())
def test_of_initial_margin_s_own_columns_maintenance_margin_counts_nothing(
    positions: Positions,
) -> None:
    found = explain(TABLE, positions)
    for way, scenario in enumerate(GRID):
        if scenario.is_buffered:
            assert found.maintenance_loss_e6[way] == 0
        else:
            buffered = buffered_e6(found.maintenance_loss_e6[way], TABLE.shocks.dials)
            assert found.loss_e6[way] == buffered
    assert found.loss_e6[LEAST] >= found.maintenance_loss_e6[LEAST] >= 0


@given(books())
def test_basis_counts_where_the_index_stays_near_and_nowhere_else(positions: Positions) -> None:
    found = explain(TABLE, positions)
    is_near = [scenario.is_near for scenario in GRID] + [False]
    if found.binding == NOTHING or not is_near[found.binding]:
        assert found.basis_e6 == 0
    (basis,) = (part for part in found.parts if part.name == "basis")
    assert basis.initial_e6 == found.basis_e6


def test_a_spread_of_two_forwards_is_margined_for_their_moving_apart() -> None:
    """0.3 % of the perpetual; 0.3 % of a future of 25 days, and 2 % a year; with the buffer."""
    found = explain(TABLE, held((SCENE.perp, 1_000), (SCENE.future(2), -1_000)))
    perp_e3, future_e3 = SCENE.market.forward_e3[[0, 2]].tolist()
    years = Fraction(25, 365)
    exact_e3 = perp_e3 * Fraction(3, 1000) + future_e3 * (Fraction(3, 1000) + years / 50)
    exact_e6 = 1_000 * exact_e3 * Fraction(115, 100)
    # Each rate is rounded up to a millionth.
    assert 0 <= found.basis_e6 - exact_e6 <= 1_150 * (perp_e3 + future_e3) // 10**6 + 2
    assert found.basis_e6 > 10 * abs(found.contribution_e6.sum())


@given(books())
def test_a_depegged_coin_raises_the_parts_with_the_margin(positions: Positions) -> None:
    found = explain(TABLE, positions, stable_e6=970_000)
    required = requirement(TABLE, positions, stable_e6=970_000)
    assert sum(part.initial_e6 for part in found.parts) == required.initial_e6[0]
    assert found.contribution_e6.sum() + found.basis_e6 == required.initial_scan_e6[0]


@pytest.mark.parametrize(
    ("threshold_e6", "is_flagged"), [(1_000_000, False), (1_100_000, False), (1_200_000, True)]
)
def test_what_would_be_flagged_at_once_is_a_part_of_initial_margin(
    threshold_e6: int, is_flagged: bool
) -> None:
    """The buffer of a perpetual is 15 %; a threshold above that asks for more."""
    table = SCENE.table(BTC, Dials(liquidation_threshold_e6=threshold_e6))
    found = explain(table, held((SCENE.perp, 1_000)))
    (flagged,) = (part for part in found.parts if part.name == "flagged")
    assert (flagged.initial_e6 > 0) is is_flagged
    assert flagged.maintenance_e6 == 0
    assert sum(part.initial_e6 for part in found.parts) == found.requirement.initial_e6[0]


LONG_STRADDLE = held((SCENE.call(2, 100), 1_000), (SCENE.put(2, 100), 1_000))
LONG_FRONT = held((SCENE.call(1, 100), 1_000), (SCENE.call(3, 100), -1_000))
SHORT_BUTTERFLY = held(
    (SCENE.call(1, 80), 1_000), (SCENE.call(1, 100), -2_000), (SCENE.call(1, 120), 1_000)
)


@pytest.mark.parametrize(
    ("book", "initial", "maintenance"),
    [
        (
            held((SCENE.put(2, 100), -1_000)),
            "spot -4.0 ranges, vol same, a quarter counts",
            "spot -4.0 ranges, vol same, a quarter counts",
        ),
        (
            SHORT_BUTTERFLY,
            "spot +1.0 ranges, vol down, later",
            "spot +1.0 ranges, vol down, later",
        ),
        (
            LONG_STRADDLE,
            "spot -0.1 ranges, vol down, later",
            "spot -0.1 ranges, vol down, later",
        ),
        (LONG_FRONT, "spot +0.1 ranges, vol same, later", "spot +0.1 ranges, vol same, later"),
    ],
)
def test_books_that_desks_know_are_bound_by_what_they_fear(
    book: Positions, initial: str, maintenance: str
) -> None:
    found = explain(TABLE, book)
    assert found.binding_name == way_name(found.binding) == initial
    assert way_name(found.maintenance_binding) == maintenance


@pytest.mark.parametrize("size_e3", [-1_000, 1_000])
def test_a_perpetual_loses_in_every_far_column_what_it_loses_at_the_range(
    size_e3: int,
) -> None:
    found = explain(TABLE, held((SCENE.perp, size_e3)))
    worst_e6 = found.loss_e6.max()
    worst = [way for way in range(WAYS) if found.loss_e6[way] == worst_e6]
    side = "+" if size_e3 < 0 else "-"
    assert [way_name(way) for way in worst] == [
        f"spot {side}1.0 ranges, vol up",
        f"spot {side}1.0 ranges, vol down, later",
        f"spot {side}4.0 ranges, vol same, a quarter counts",
        f"spot {side}1.0 ranges, vol up, buffered",
    ]
    assert worst_e6 == 1_000 * SCENE.market.forward_e3[0] * TABLE.shocks.range_e6 * 115 // 10**8


def test_a_book_that_cannot_lose_is_bound_by_nothing() -> None:
    found = explain(TABLE, held((SCENE.perp, 0)))
    assert found.binding == NOTHING
    assert found.binding_name == "nothing: no scenario loses"


def test_a_book_that_loses_in_no_column_is_bound_by_the_least_of_its_options() -> None:
    """A conversion on one expiry: every option counts with its size, and its future not at all."""
    row = [SCENE.future(2), SCENE.call(2, 100), SCENE.put(2, 100)]
    found = explain(TABLE, held(*zip(row, (-1_000, 1_000, -1_000), strict=True)))
    assert found.binding == found.maintenance_binding == LEAST
    assert found.binding_name == "the volatility of each strike moves against the account"
    least_e6 = 1_000 * -(-2 * int(SCENE.market.forward_e3[2]) // 1_000)
    assert found.maintenance_loss_e6[LEAST] == 2 * least_e6
    assert found.contribution_e6.tolist() == [0, least_e6 * 115 // 100, least_e6 * 115 // 100]
    assert found.basis_e6 == 0


def test_every_way_has_words_and_no_two_the_same() -> None:
    found = [way_name(way) for way in range(NOTHING, WAYS)]
    assert len(set(found)) == WAYS + 1
    assert found[1 : COLUMNS + 1] == [column_name(way) for way in range(COLUMNS)]


@given(books())
def test_each_expiry_alone_is_margined_as_an_account_of_its_own(positions: Positions) -> None:
    found, groups = by_expiry(TABLE, positions), expiries_held(SCENE.listing, positions)
    assert len(found.initial_e6) == len(groups)
    for place, group in enumerate(groups.tolist()):
        mine = GROUP[positions.row] == group
        alone = Positions.of(positions.row[mine], positions.quantity_e3[mine])
        assert found.initial_e6[place] == requirement(TABLE, alone).initial_e6[0]
    assert found.gross_e6.sum() == requirement(TABLE, positions).gross_e6[0]


@pytest.mark.parametrize("explained", [explain, by_expiry])
def test_one_account_is_explained_and_its_rows_are_listed(explained: object) -> None:
    assert callable(explained)
    explained(TABLE, condor())
    with pytest.raises(BadPositions, match="2 accounts"):
        explained(TABLE, accounts([[(0, 1)], [(0, 2)]]))
    with pytest.raises(BadPositions, match="is none of the"):
        explained(TABLE, held((len(GROUP), 1)))


def test_contributions_of_a_hedge_are_below_zero() -> None:
    found = explain(TABLE, held((SCENE.perp, 2_000), (SCENE.future(1), -1_000)))
    assert found.contribution_e6[0] > 0 > found.contribution_e6[1]
    assert np.array_equal(np.sign(found.contribution_e6), [1, -1])


def test_a_hedge_that_will_be_gone_counts_nothing() -> None:
    scene = synthetic(tenors_s=(3_600, 25 * DAY_S))
    positions = held((scene.perp, -1_000), (scene.call(1, 100), 1_000))
    found = explain(scene.table(), positions)
    of_perp, of_call = found.contribution_e6
    assert of_perp > 0
    assert 0 <= of_call < 100_000, "what an entry may err, and no gain"
