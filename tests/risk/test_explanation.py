"""Explanations: contributions that add up to the scan, parts that add up to both margins."""

import numpy as np
import pytest
from hypothesis import given

from novate.risk import (
    BadPositions,
    Positions,
    by_expiry,
    column_name,
    expiries_held,
    explain,
    requirement,
    way_name,
)
from novate.risk.explanation import NAKED, NOTHING, TILT, WAYS, WINGS
from novate.risk.scenario import ACCOUNT_COLUMNS

from .books import SCENE, books, condor
from .scene import accounts, held, synthetic

TABLE = SCENE.table()
GROUP = SCENE.listing.group


@given(books())
def test_contributions_add_up_to_the_scan_and_parts_to_both_margins(positions: Positions) -> None:
    found, required = explain(TABLE, positions), requirement(TABLE, positions)
    assert found.contribution_e6.sum() == required.scan_e6[0]
    assert sum(part.initial_e6 for part in found.parts) == required.initial_e6[0]
    assert sum(part.maintenance_e6 for part in found.parts) == required.maintenance_e6[0]
    by_group = found.contribution_by(GROUP[positions.row], SCENE.listing.groups)
    assert by_group.sum() == required.scan_e6[0]


@given(books())
def test_the_binding_way_is_the_worst_and_the_first_of_those(positions: Positions) -> None:
    found = explain(TABLE, positions)
    assert found.loss_e6.shape == (WAYS,)
    if found.binding == NOTHING:
        assert found.loss_e6.max() <= 0
        assert not found.contribution_e6.any()
    else:
        assert found.loss_e6[found.binding] == found.loss_e6.max() == found.requirement.scan_e6[0]
        assert (found.loss_e6[: found.binding] < found.loss_e6[found.binding]).all()


@given(books())
def test_a_depegged_coin_raises_the_parts_with_the_margin(positions: Positions) -> None:
    found = explain(TABLE, positions, stable_e6=970_000)
    initial_e6 = requirement(TABLE, positions, stable_e6=970_000).initial_e6[0]
    assert sum(part.initial_e6 for part in found.parts) == initial_e6


@pytest.mark.parametrize(
    ("book", "way"),
    [
        (held((SCENE.perp, 1_000)), "-3/3 of the range, vol up"),
        (held((SCENE.perp, -1_000)), "+3/3 of the range, vol up"),
        (held((SCENE.put(2, 100), -1_000)), "-3/3 of the range, vol up"),
        (held((SCENE.put(2, 80), -1_000)), "-66 %, damped, vol up"),
        (held((SCENE.call(2, 100), 1_000), (SCENE.put(2, 100), 1_000)), "spot same, vol down"),
    ],
)
def test_books_that_desks_know_are_bound_by_what_they_fear(book: Positions, way: str) -> None:
    assert explain(TABLE, book).binding_name == way


def test_an_option_too_far_for_any_scenario_is_bound_by_the_least_for_naked_ones() -> None:
    far = synthetic(strikes=(20, 100))
    found = explain(far.table(), held((far.put(1, 20), -1_000)))
    assert found.binding == NAKED
    assert found.binding_name == "the least for naked short options"


def test_a_book_that_cannot_lose_is_bound_by_nothing() -> None:
    found = explain(TABLE, held((SCENE.perp, 0)))
    assert found.binding == NOTHING
    assert found.binding_name == "nothing: no scenario loses"


def test_a_tilt_binds_a_risk_reversal_and_each_expiry_tilts_by_itself() -> None:
    """Two expiries with the smile's risk opposite: no expiry's gain pays for another's loss."""
    legs = [(SCENE.put(expiry, 80), -side * 10_000) for expiry, side in ((2, 1), (3, -1))] + [
        (SCENE.call(expiry, 120), side * 10_000) for expiry, side in ((2, 1), (3, -1))
    ]
    found = explain(TABLE, held(*legs))
    one, other = (
        explain(TABLE, held(*(leg for leg in legs if GROUP[leg[0]] == expiry))) for expiry in (2, 3)
    )
    for way in (TILT, WINGS):
        assert found.loss_e6[way] == one.loss_e6[way] + other.loss_e6[way] > 0


def test_naked_options_are_those_that_no_other_of_their_side_and_expiry_covers() -> None:
    covered = held((SCENE.call(1, 160), -1_000), (SCENE.call(1, 120), 1_000))
    apart = held((SCENE.call(1, 160), -1_000), (SCENE.call(2, 160), 1_000))
    least_e6 = explain(TABLE, held((SCENE.call(1, 160), -1_000))).loss_e6[NAKED]
    assert explain(TABLE, covered).loss_e6[NAKED] == 0
    assert explain(TABLE, apart).loss_e6[NAKED] == least_e6 == 1_000 * SCENE.market.index_e3 // 100


def test_every_way_has_words_and_no_two_the_same() -> None:
    names = [way_name(way) for way in range(NOTHING, WAYS)]
    assert len(set(names)) == WAYS + 1
    assert names[1 : ACCOUNT_COLUMNS + 1] == [column_name(way) for way in range(ACCOUNT_COLUMNS)]


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
