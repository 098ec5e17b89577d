"""Values after moves: equal to those of the risk table, of the pricing room, and of payoffs."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given

from novate.instruments import Instrument, Underlying, call
from novate.pricing import call_e3, put_e3
from novate.risk import (
    BadMarket,
    BadPositions,
    GrossTooLarge,
    Listing,
    Moves,
    Positions,
    profits_e6,
    values_e3,
)
from novate.risk.desk.moves import moved_forward_e3
from novate.risk.desk.valuation import UNMOVED, check_gross, check_one, check_rows, gross_e3
from novate.units import Instant, Multiplier, Price

from ..books import ROWS, SCENE, books
from ..scene import DAY_S, NOW_S, accounts, held

LISTING, MARKET = SCENE.listing, SCENE.market
ALL = np.arange(ROWS)


def test_unmoved_a_contract_is_worth_its_mark() -> None:
    assert np.array_equal(values_e3(LISTING, MARKET, UNMOVED, ALL)[:, 0], SCENE.table().mark_e3)


def test_rows_come_in_the_order_asked_for_and_as_often() -> None:
    rows = np.array([5, 1, 5, 0])
    whole = values_e3(LISTING, MARKET, Moves.of([0, 90_000]), ALL)
    assert np.array_equal(values_e3(LISTING, MARKET, Moves.of([0, 90_000]), rows), whole[rows])


@pytest.mark.parametrize("spot_e6", [-300_000, 0, 150_000])
@pytest.mark.parametrize("points_e6", [-100_000, 0, 250_000])
def test_a_call_and_a_put_are_priced_anew_where_the_market_went(
    spot_e6: int, points_e6: int
) -> None:
    moves = Moves.of(spot_e6, points_e6=points_e6, elapsed_s=86_400)
    rows = np.array([SCENE.call(2, 80), SCENE.put(2, 80)])
    found = values_e3(LISTING, MARKET, moves, rows)[:, 0].tolist()
    forward_e3 = moved_forward_e3(MARKET, moves)[2, 0]
    node = int(
        np.flatnonzero((LISTING.node_group == 2) & (LISTING.node_strike_e3 == 80_000_000))[0]
    )
    state = (forward_e3, 80_000_000, MARKET.vol_e6[node] + points_e6, MARKET.tenor_s[2] - 86_400)
    assert found == [int(call_e3(*state)), int(put_e3(*state))]


def test_a_payoff_is_worth_its_kinks_with_their_turns() -> None:
    """A call spread of one contract: bought at 90,000, sold at 120,000, less 500."""
    spread = call(Price(90_000_000)) - call(Price(120_000_000))
    payoff = replace(spread, constant_e3=-500_000)
    expiry = Instant(NOW_S + DAY_S)
    listing = Listing.of([Instrument(Underlying.BTC, Multiplier(1000), expiry, payoff)])
    market = replace(
        MARKET,
        tenor_s=np.array([0, DAY_S]),
        forward_e3=MARKET.forward_e3[:2],
        shocked_e3=MARKET.forward_e3[:2],
        confidence_e6=MARKET.confidence_e6[:2],
        vol_e6=np.array([700_000, 600_000]),
    )
    moves = Moves.of(150_000, 100_000)
    forward_e3 = moved_forward_e3(market, moves)[1, 0]
    low = call_e3(forward_e3, 90_000_000, 770_000, DAY_S)
    high = call_e3(forward_e3, 120_000_000, 660_000, DAY_S)
    assert values_e3(listing, market, moves, np.array([0])).tolist() == [[low - high - 500_000]]


def test_what_expires_meanwhile_is_worth_what_it_pays() -> None:
    moves = Moves.of([-250_000, 250_000], elapsed_s=int(MARKET.tenor_s[1]) + 5)
    rows = np.array([SCENE.call(1, 100), SCENE.put(1, 100), SCENE.future(1)])
    forward_e3 = moved_forward_e3(MARKET, moves)[1]
    assert values_e3(LISTING, MARKET, moves, rows).tolist() == [
        np.maximum(forward_e3 - 100_000_000, 0).tolist(),
        np.maximum(100_000_000 - forward_e3, 0).tolist(),
        forward_e3.tolist(),
    ]


@given(books())
def test_parity_holds_after_any_move(positions: Positions) -> None:
    moves = Moves.of([-700_000, -1, 333_333], [-500_000, 0, 2_000_000], elapsed_s=[0, 7, 90_000])
    rows = np.array([SCENE.call(2, 100), SCENE.put(2, 100)])
    call, put = values_e3(LISTING, MARKET, moves, rows)
    assert np.array_equal(call - put, moved_forward_e3(MARKET, moves)[2] - 100_000_000)
    assert not profits_e6(LISTING, MARKET, UNMOVED, positions).any()


def test_gross_notional_is_that_of_the_risk_table() -> None:
    assert np.array_equal(gross_e3(LISTING, MARKET), SCENE.table().contract.gross_e3)


@pytest.mark.parametrize(
    ("row", "is_refused"), [(-1, True), (0, False), (ROWS - 1, False), (ROWS, True)]
)
def test_a_row_that_is_not_listed_is_refused(row: int, is_refused: bool) -> None:
    rows = np.array([0, row])
    if is_refused:
        with pytest.raises(BadPositions, match=f"row {row} is none of the {ROWS}"):
            check_rows(LISTING, rows)
    else:
        check_rows(LISTING, rows)


def test_a_book_beyond_the_widest_sum_is_refused() -> None:
    within_e3 = ((1 << 53) - 1) // int(gross_e3(LISTING, MARKET)[0])
    check_gross(LISTING, MARKET, held((0, within_e3)))
    with pytest.raises(GrossTooLarge):
        check_gross(LISTING, MARKET, held((0, within_e3 + 1)))
    with pytest.raises(GrossTooLarge):
        check_gross(LISTING, MARKET, held((0, within_e3), (1, -1_000)))
    check_gross(LISTING, MARKET, accounts([[(0, within_e3)], [(1, -1_000)]]))


@pytest.mark.parametrize(("size_e3", "is_refused"), [((1 << 26) - 1, False), (1 << 26, True)])
def test_the_widest_sum_itself_is_refused(size_e3: int, is_refused: bool) -> None:
    market = SCENE.but(forward_e3=1 << 27, shocked_e3=1 << 27).market
    if is_refused:
        with pytest.raises(GrossTooLarge):
            check_gross(LISTING, market, held((0, -size_e3)))
    else:
        check_gross(LISTING, market, held((0, -size_e3)))


def test_a_market_out_of_range_is_refused() -> None:
    with pytest.raises(BadMarket):
        profits_e6(LISTING, replace(MARKET, vol_e6=MARKET.vol_e6[1:]), UNMOVED, held((0, 1)))


def test_one_account_is_not_two() -> None:
    check_one(held((0, 1)))
    with pytest.raises(BadPositions, match="positions of 2 accounts"):
        check_one(accounts([[(0, 1)], [(0, 1)]]))
