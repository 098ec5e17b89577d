"""Attribution: parts that add up to what revaluation says, and are what they are called."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.shared_data import published

from novate.nodes import OptionChain, chain_listing, chain_market, read_option_chains
from novate.risk import (
    Attribution,
    BadMarket,
    BadPositions,
    GrossTooLarge,
    Market,
    Positions,
    attribution,
    sensitivities,
    with_settled,
)
from novate.units import NotAnInteger, OutOfRange, bounds

from ..books import ROWS, SCENE, books, condor
from ..scene import drawn, held

LISTING, BEFORE = SCENE.listing, SCENE.market
DAY_S = 86_400
PARTS = Attribution.PARTS


def later(spot_e6: int = 0, points_e6: int = 0, elapsed_s: int = 0, basis_e6: int = 0) -> Market:
    """The market after moves in millionths; a basis moves the forwards and not the index."""
    moved = BEFORE.forward_e3 + BEFORE.forward_e3 * spot_e6 // 10**6
    forward_e3 = moved + BEFORE.forward_e3 * basis_e6 // 10**6
    return replace(
        BEFORE,
        index_e3=BEFORE.index_e3 + BEFORE.index_e3 * spot_e6 // 10**6,
        forward_e3=forward_e3,
        shocked_e3=forward_e3,
        vol_e6=np.clip(BEFORE.vol_e6 + points_e6, 0, bounds.VOL_MAX_E6),
        tenor_s=np.maximum(BEFORE.tenor_s - elapsed_s, 0),
    )


def parts(found: Attribution) -> dict[str, int]:
    total = found.total
    return {name: int(getattr(total, f"{name}_e6")[0]) for name in PARTS}


markets = st.builds(
    later,
    st.integers(-600_000, 900_000),
    st.integers(-400_000, 2_000_000),
    st.integers(0, 40 * DAY_S),
    st.integers(-20_000, 20_000),
)


@given(books(), markets, st.integers(-(10**6), 10**6))
def test_the_parts_add_up_to_the_profit(
    positions: Positions, after: Market, funding_e3: int
) -> None:
    found = attribution(LISTING, BEFORE, after, positions, funding_e3=funding_e3)
    together = sum(getattr(found, f"{name}_e6") for name in PARTS)
    assert np.array_equal(together, found.total_e6)
    paid_e6 = positions.quantity_e3 * funding_e3 * (LISTING.group[positions.row] == 0)
    gained_e6 = positions.quantity_e3 * (marks(after) - marks(BEFORE))[positions.row]
    assert np.array_equal(found.total_e6, gained_e6 - paid_e6)


def marks(market: Market) -> np.ndarray:
    return replace(SCENE, market=market).table().mark_e3


@given(books())
def test_nothing_happens_and_nothing_is_attributed(positions: Positions) -> None:
    found = attribution(LISTING, BEFORE, BEFORE, positions)
    assert not any(getattr(found, f"{name}_e6").any() for name in (*PARTS, "total"))


@pytest.mark.parametrize(
    ("after", "funding_e3", "named"),
    [
        (later(spot_e6=10_000), 0, {"delta", "gamma", "residual"}),
        (later(basis_e6=2_000), 0, {"basis", "gamma", "residual"}),
        (later(points_e6=20_000), 0, {"vega", "volga", "residual"}),
        (later(elapsed_s=3_600), 0, {"theta"}),
        (later(), 5_000, {"funding"}),
        (later(spot_e6=10_000, points_e6=20_000), 0,
         {"delta", "gamma", "vega", "vanna", "volga", "residual"}),
    ],
)  # fmt: skip
def test_only_what_moved_is_named(after: Market, funding_e3: int, named: set[str]) -> None:
    found = parts(attribution(LISTING, BEFORE, after, condor(), funding_e3=funding_e3))
    assert {name for name, value_e6 in found.items() if value_e6} == named


@pytest.mark.parametrize(
    "move",
    [
        {"spot_e6": 10_000},
        {"spot_e6": -10_000},
        {"points_e6": 20_000},
        {"spot_e6": -10_000, "points_e6": 20_000, "elapsed_s": 600},
    ],
)
def test_the_residual_of_a_move_falls_with_its_third_power(move: dict[str, int]) -> None:
    """Spot and volatility are explained to the second order: half the move, an eighth of the rest.
    Time is not scaled; it leaves Greeks that changed on the way, a first order in the move."""
    book = held(
        (SCENE.put(2, 80), -10_000), (SCENE.call(3, 120), 7_000), (SCENE.call(2, 100), -500)
    )
    whole = parts(attribution(LISTING, BEFORE, later(**move), book))
    half = {name: value // 2 for name, value in move.items()}
    smaller = parts(attribution(LISTING, BEFORE, later(**half), book))
    explained = sum(abs(value) for name, value in whole.items() if name != "residual")
    assert abs(whole["residual"]) < explained / 50
    assert abs(smaller["residual"]) < abs(whole["residual"]) / 5


@pytest.mark.parametrize("spot_e6", [-5_000, 5_000])
def test_delta_gamma_vega_and_theta_are_the_sensitivities_times_the_moves(spot_e6: int) -> None:
    book = held((SCENE.call(2, 100), 10_000))
    now = sensitivities(LISTING, BEFORE, book).total
    found = parts(attribution(LISTING, BEFORE, later(spot_e6, 10_000, 3_600), book))
    move = spot_e6 / 10**6
    assert found["delta"] == pytest.approx(now.cash_delta_e6[0] * move, rel=1e-5)
    assert found["gamma"] == pytest.approx(now.cash_gamma_e6[0] * 100 * move**2 / 2, rel=1e-3)
    assert found["vega"] == pytest.approx(now.vega_e6[0], rel=1e-6)
    assert found["theta"] == pytest.approx(now.theta_e6[0] / 24, rel=2e-2)


def test_a_linear_position_has_delta_basis_and_nothing_else() -> None:
    after = later(spot_e6=-123_456, points_e6=300_000, elapsed_s=7, basis_e6=-777)
    for row in (SCENE.perp, SCENE.future(2)):
        found = attribution(LISTING, BEFORE, after, held((row, -3_333)))
        named = {name for name, value in parts(found).items() if value}
        assert named <= {"delta", "basis", "residual"}
        assert abs(found.residual_e6[0]) <= 3_333 // 100  # what is rounded down of a micro-USD


def test_what_expires_is_settlement_whole_and_the_rest_is_not() -> None:
    book = held((SCENE.put(1, 100), -1_000), (SCENE.future(1), 2_000), (SCENE.call(2, 100), 500))
    after = later(spot_e6=-60_000, points_e6=50_000, elapsed_s=int(BEFORE.tenor_s[1]))
    found = attribution(LISTING, BEFORE, after, book)
    expired = LISTING.group[book.row] == 1
    assert np.array_equal(found.settlement_e6 != 0, expired)
    assert np.array_equal(found.settlement_e6[expired], found.total_e6[expired])
    for name in set(PARTS) - {"settlement"}:
        assert not getattr(found, f"{name}_e6")[expired].any()
    payoff_e3 = max(100_000_000 - int(after.forward_e3[1]), 0)
    (put,) = np.flatnonzero(book.row == SCENE.put(1, 100))
    assert found.total_e6[put] == -1_000 * (payoff_e3 - marks(BEFORE)[SCENE.put(1, 100)])


@given(books(), markets)
def test_positions_add_up_by_expiry_and_in_all(positions: Positions, after: Market) -> None:
    found = attribution(LISTING, BEFORE, after, positions)
    by_expiry = found.by(LISTING.group[positions.row], LISTING.groups)
    for name in (*PARTS, "total"):
        column = f"{name}_e6"
        whole = int(getattr(found, column).sum())
        assert int(getattr(by_expiry, column).sum()) == whole
        assert getattr(found.total, column).tolist() == [whole]


def test_a_gamma_that_saturates_leaves_the_rest_to_the_residual() -> None:
    tenor_s = np.maximum(BEFORE.tenor_s - BEFORE.tenor_s[1] + 1, 0)
    calm = SCENE.but(tenor_s=tenor_s, vol_e6=100, forward_e3=100_000_000, shocked_e3=100_000_000)
    moved = calm.but(forward_e3=200_000_000, shocked_e3=200_000_000)
    found = attribution(LISTING, calm.market, moved.market, held((SCENE.call(1, 100), 20_000_000)))
    assert found.gamma_e6[0] == 1 << 54
    assert sum(int(getattr(found, f"{name}_e6")[0]) for name in PARTS) == found.total_e6[0]


def test_time_runs_forward_and_books_keep_their_width() -> None:
    with pytest.raises(BadMarket, match="give the earlier market first"):
        attribution(LISTING, later(elapsed_s=60), BEFORE, condor())
    with pytest.raises(BadPositions, match="is none of the"):
        attribution(LISTING, BEFORE, later(), held((ROWS, 1)))
    most_e3 = ((1 << 53) - 1) // int(BEFORE.forward_e3[0])
    attribution(LISTING, BEFORE, later(), held((0, most_e3)))
    with pytest.raises(GrossTooLarge):
        attribution(LISTING, BEFORE, later(spot_e6=1_000), held((0, most_e3)))


@pytest.mark.parametrize(
    ("funding_e3", "error"),
    [(1 << bounds.PRICE_BITS, OutOfRange), (-(1 << bounds.PRICE_BITS), OutOfRange),
     (0.5, NotAnInteger)],
)  # fmt: skip
def test_funding_is_a_price_of_either_sign(funding_e3: Any, error: type[Exception]) -> None:
    book = held((SCENE.perp, 1_000))
    with pytest.raises(error):
        attribution(LISTING, BEFORE, later(), book, funding_e3=funding_e3)
    for fits in ((1 << bounds.PRICE_BITS) - 1, 1 - (1 << bounds.PRICE_BITS)):
        found = attribution(LISTING, BEFORE, later(), book, funding_e3=fits)
        assert found.funding_e6.tolist() == [-1_000 * fits]


def btc_chain(at: str) -> OptionChain:
    """As it was published; without the data the test is skipped."""
    path = published(f"deribit/deribit_options_snapshot_{at}.csv")
    return next(one for one in read_option_chains(path) if one.currency == "BTC")


def test_the_crash_of_february_2026_is_attributed_and_adds_up() -> None:
    """From 04:29 to 15:51, over the expiry at 08:00."""
    early, late = (btc_chain(at) for at in ("20260205T042952Z", "20260205T155132Z"))
    listing = chain_listing(early)
    first = chain_market(early, listing)
    expired = (listing.expiry_s > 0) & (listing.expiry_s <= late.taken_at_s)
    assert expired.sum() == 1
    part, _, _ = listing.part(~expired)
    settlement_e3 = expired * round(late.index * 1000)
    then = with_settled(listing, first, chain_market(late, part), settlement_e3)
    book = drawn(listing, np.random.default_rng(5), 60, 2_000)
    found = attribution(listing, first, then, book)
    assert np.array_equal(sum(getattr(found, f"{name}_e6") for name in PARTS), found.total_e6)
    gone = expired[listing.group[book.row]]
    assert gone.any()
    assert np.array_equal(found.settlement_e6[gone], found.total_e6[gone])
    whole = parts(found)
    moved = sum(abs(value) for name, value in whole.items() if name != "residual")
    assert abs(whole["residual"]) < moved / 5
