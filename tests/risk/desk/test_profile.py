"""Profiles: straight lines between strikes at expiry, and nothing where nothing moved."""

import numpy as np
import pytest
from hypothesis import given

from novate.pricing import NotIntegers
from novate.risk import BadMoves, BadPositions, Moves, Positions, profile, stress
from novate.units import OutOfRange

from ..books import ROWS, SCENE, books, condor
from ..scene import accounts, held

LISTING, MARKET = SCENE.listing, SCENE.market
INDEX_E3 = MARKET.index_e3
PRICES_E3 = np.unique(
    np.concatenate([np.arange(60, 141) * INDEX_E3 // 100, LISTING.node_strike_e3])
)
AT_INDEX = int(np.searchsorted(PRICES_E3, INDEX_E3))


def of(positions: Positions, price_e3: object = PRICES_E3):  # type: ignore[no-untyped-def]
    return profile(LISTING, MARKET, positions, price_e3)


@given(books(most=4))
def test_today_is_what_stress_says_and_nothing_at_the_index(positions: Positions) -> None:
    found = of(positions)
    assert found.today_e6[AT_INDEX] == 0
    spot_e6 = (PRICES_E3 - INDEX_E3) * 10**6 // INDEX_E3
    assert np.array_equal(
        found.today_e6, stress(LISTING, MARKET, positions, Moves.of(spot_e6)).total_e6[0]
    )


def test_a_short_put_loses_below_its_strike_and_keeps_its_premium_above() -> None:
    row = SCENE.put(1, 100)
    strike_e3 = int(LISTING.node_strike_e3[LISTING.kink_node[LISTING.kink_instrument == row][0]])
    found = of(held((row, -2_000)))
    above = strike_e3 <= PRICES_E3
    (premium_e6,) = set(found.at_expiry_e6[above].tolist())
    assert premium_e6 > 0
    fall = 2_000 * (strike_e3 - PRICES_E3[~above])
    assert np.array_equal(found.at_expiry_e6[~above], premium_e6 - fall)
    assert found.breaks_even_e3.tolist() == [strike_e3 - premium_e6 // 2_000]


def test_with_one_expiry_the_first_is_the_last() -> None:
    found = of(held((SCENE.put(1, 80), -2_000), (SCENE.call(1, 120), -1_000)))
    assert found.first_group == 1
    assert np.array_equal(found.at_first_e6, found.at_expiry_e6)


def test_a_calendar_keeps_the_time_value_of_its_back_month() -> None:
    found = of(held((SCENE.call(1, 100), -1_000), (SCENE.call(2, 100), 1_000)))
    assert found.first_group == 1
    assert found.at_first_e6[AT_INDEX] > 0 > found.at_expiry_e6[AT_INDEX]


def test_what_never_expires_is_the_same_at_its_end_as_today() -> None:
    found = of(held((SCENE.perp, 1_000)))
    assert found.first_group == 0
    assert np.array_equal(found.at_first_e6, found.today_e6)
    assert np.array_equal(found.at_expiry_e6, 1_000 * (PRICES_E3 - MARKET.forward_e3[0]))


@given(books(most=4))
def test_a_break_even_has_profits_of_both_signs_beside_it(positions: Positions) -> None:
    found = of(positions)
    for price_e3 in found.breaks_even_e3.tolist():
        right = int(np.searchsorted(PRICES_E3, price_e3, side="right"))
        beside = found.at_first_e6[max(right - 2, 0) : right + 1]
        assert beside.min() < 0 <= beside.max()


@pytest.mark.parametrize(
    ("price_e3", "error"),
    [
        ([1, 1], BadMoves),
        ([2, 1], BadMoves),
        ([[1, 2]], BadMoves),
        ([1.5, 2.5], NotIntegers),
        ([-1], OutOfRange),
        ([5 * INDEX_E3 + INDEX_E3 // 10**6], OutOfRange),
    ],
)
def test_prices_that_are_none_are_refused(price_e3: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        of(condor(), price_e3)
    for fits in ([0], [5 * INDEX_E3], [1, 2], INDEX_E3):
        assert len(of(condor(), fits).today_e6) == np.size(fits)


def test_a_profile_is_of_one_account_of_listed_rows() -> None:
    with pytest.raises(BadPositions, match="2 accounts"):
        of(accounts([[(0, 1)], [(0, 2)]]))
    with pytest.raises(BadPositions, match="is none of the"):
        of(held((ROWS, 1)))
