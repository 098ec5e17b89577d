"""Value at risk: each window of the past happens to the market of today, priced anew."""

import numpy as np
import pytest
from hypothesis import given

from novate.risk import (
    BadPositions,
    Moves,
    Positions,
    ValueAtRisk,
    Windows,
    level_risk,
    profits_e6,
    value_at_risk,
    windows,
)
from novate.risk.desk.value_at_risk import CHUNK
from novate.units import OutOfRange

from ..books import SCENE, books, condor
from ..scene import accounts, held

LISTING, MARKET = SCENE.listing, SCENE.market
HOUR_S = 3_600


def history(count: int, seed: int = 7) -> Windows:
    random = np.random.default_rng(seed)
    price = 100_000_000 * np.exp(0.01 * np.cumsum(random.standard_t(4, count + 6)))
    vol = 500_000 * np.exp(0.02 * np.cumsum(random.normal(size=count + 6)))
    at_s = np.arange(count + 6) * HOUR_S
    return windows(at_s, price.astype(np.int64), vol.astype(np.int64) + 1, 6 * HOUR_S)


def risk(positions: Positions, past: Windows) -> ValueAtRisk:
    return value_at_risk(LISTING, MARKET, positions, past)


def test_each_window_happens_to_the_market_of_today_priced_anew() -> None:
    past = history(CHUNK + 40)
    found = risk(condor(), past)
    assert len(found.loss_e6) == CHUNK + 40
    profits = profits_e6(LISTING, MARKET, past.moves, condor()).sum(axis=0)
    assert np.array_equal(found.loss_e6, -profits)
    assert found.independent == (CHUNK + 40) // 6
    ordered = sorted(found.loss_e6.tolist())
    for level in found.levels:
        wanted = level_risk(ordered, level.level_e6, 950_000, independent=found.independent)
        assert level == wanted


@given(books(most=4))
def test_twice_a_book_loses_twice_and_its_opposite_gains(positions: Positions) -> None:
    past = history(30)
    one = risk(positions, past)
    twice = risk(Positions.of(positions.row, 2 * positions.quantity_e3), past)
    other = risk(Positions.of(positions.row, -positions.quantity_e3), past)
    assert np.array_equal(twice.loss_e6, 2 * one.loss_e6)
    assert np.array_equal(other.loss_e6, -one.loss_e6)
    assert twice.levels[0].value_at_risk.e6 == 2 * one.levels[0].value_at_risk.e6


def test_a_linear_book_loses_what_the_price_does_at_its_worst() -> None:
    past = history(400)
    found = risk(held((SCENE.perp, 1_000)), past)
    worst = np.sort(-past.moves.spot_e6)
    wanted = 1_000 * MARKET.forward_e3[0] * int(worst[379]) / 1e6  # the 380th of 400
    assert found.levels[0].value_at_risk.e6 == pytest.approx(wanted, abs=1_000)


def test_losses_of_several_underlyings_are_added_up_window_by_window() -> None:
    past = history(60)
    one, other = (risk(held((SCENE.perp, size_e3)), past) for size_e3 in (1_000, 2_000))
    levels = {"levels_e6": (950_000, 990_000), "confidence_e6": 950_000}
    both = ValueAtRisk.of(one.loss_e6 + other.loss_e6, one.independent, **levels)
    assert both.levels == risk(held((SCENE.perp, 3_000)), past).levels
    with pytest.raises(OutOfRange):
        ValueAtRisk.of(one.loss_e6, 61, **levels)


def test_one_account_is_at_risk() -> None:
    with pytest.raises(BadPositions, match="2 accounts"):
        risk(accounts([[(0, 1)], [(0, 2)]]), history(5))


def test_windows_may_be_moves_that_somebody_drew() -> None:
    drawn = Windows(Moves.of(np.arange(-50_000, 50_000, 1_000)), np.arange(100), 1, 1)
    assert risk(held((0, -1_000)), drawn).levels[0].value_at_risk.e6 > 0
