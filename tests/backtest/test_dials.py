"""The dials turned one by one: time until a position is closed, what is asked, what is lost."""

import json
from dataclasses import fields, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from benchmarks import dials
from benchmarks.backtest import dial_page
from benchmarks.backtest.books import SEED, recipes
from benchmarks.backtest.dial_evidence import (
    CALM_EVERY,
    PRICE_HOURS,
    DialEvidence,
    Row,
    of_chain,
    sample,
)
from benchmarks.backtest.dial_perpetuals import rates
from benchmarks.backtest.market import Market, carried, later_values, market
from benchmarks.backtest.novate_model import Novate
from benchmarks.dials import CHOSEN, DIALS, HOUR, SETTINGS, TURNED, at_setting, beyond, closing_h

from novate.risk import Dials

from .test_books import AT, chain

LATEST = Path(dials.__file__).parent / "latest" / "dials.json"


@pytest.fixture(scope="module")
def row() -> Row:
    """A market and a crash six hours later."""
    return of_chain(SETTINGS, chain(), [chain(price=85_000.0, vol=0.8, hours=6)], 0)


def _along(dial: str) -> list[int]:
    """Where the settings of a dial are, from its lowest value to its highest."""
    return [SETTINGS.index(setting) for setting in TURNED[dial].values()]


def test_each_dial_is_turned_alone_and_upwards_through_its_default() -> None:
    assert [dial.field for dial in DIALS] == [field.name for field in fields(Dials)]
    for dial in DIALS:
        values = list(dial.values.values())
        assert values == sorted(set(values))
        assert list(dial.settings().values()).count(CHOSEN) == 1
        for setting in dial.settings().values():
            assert replace(setting, **{dial.field: getattr(CHOSEN, dial.field)}) == CHOSEN


@pytest.mark.parametrize(
    ("turned", "hours"),
    [
        ({}, 6 + 16 / 60),
        ({"settlement_latency_s": 24 * HOUR}, 30 + 1 / 60),
        ({"oracle_heartbeat_s": 6 * HOUR}, 12.25),
        ({"margin_buffer_e6": 0}, 6 + 16 / 60),
        ({"liquidation_threshold_e6": 800_000}, 6 + 16 / 60),
    ],
)
def test_closing_takes_six_hours_the_latency_and_the_heartbeat(
    turned: dict[str, int], hours: float
) -> None:
    assert closing_h(replace(CHOSEN, **turned)) == pytest.approx(hours)


def test_losses_are_known_on_either_side_of_every_time_that_a_setting_implies() -> None:
    for setting in SETTINGS:
        whole = int(closing_h(setting))
        assert {whole, whole + 1} <= set(PRICE_HOURS)


def test_the_default_setting_asks_what_the_product_asks(row: Row) -> None:
    held = market(chain(), recipes(SEED + int(AT.timestamp())))
    asked, here = Novate().margin(held.scene, held.books), SETTINGS.index(CHOSEN)
    assert row[0][here] == pytest.approx(asked.initial / held.notional)
    assert row[1][here] == pytest.approx(asked.maintenance / held.notional)


def test_the_buffer_moves_initial_margin_alone(row: Row) -> None:
    initial, maintenance, _, _ = row
    for lower, higher in pairwise(_along("margin_buffer")):
        assert (initial[lower] <= initial[higher]).all()
        assert (initial[lower] < initial[higher]).any()
        # But for the bound on rounding, which is that of the largest price of any column.
        assert maintenance[lower] == pytest.approx(maintenance[higher], abs=1e-7)


@pytest.mark.parametrize("dial", ["settlement_latency", "oracle_heartbeat"])
def test_a_longer_wait_raises_both_margins(row: Row, dial: str) -> None:
    for margin in row[:2]:
        means = margin[_along(dial)].mean(axis=1)
        assert (np.diff(means) > 0).all()


def test_a_higher_threshold_flags_more_and_initial_margin_is_never_below_it(row: Row) -> None:
    initial, maintenance, flagged, _ = row
    along = _along("liquidation_threshold")
    for lower, higher in pairwise(along):
        assert (maintenance[lower] == maintenance[higher]).all()
        opens_alike = initial[lower] == initial[higher]
        assert (flagged[lower] <= flagged[higher])[opens_alike].all()
    assert flagged[along[0]].sum() < flagged[along[-1]].sum()
    highest = SETTINGS[along[-1]].liquidation_threshold_e6 / 1e6
    assert highest == 1.2
    assert (initial[along[-1]] >= highest * maintenance[along[-1]] - 1e-9).all()
    assert (initial[along[0]] < highest * maintenance[along[0]]).any()


def test_a_book_is_flagged_by_the_margin_of_the_later_market(row: Row) -> None:
    initial, maintenance, flagged, loss = row
    here = SETTINGS.index(CHOSEN)
    by_margin_before = initial[here] - loss[0] < maintenance[here]
    assert (flagged[here] != by_margin_before).any()


def test_without_a_later_market_neither_flags_nor_losses_are_known() -> None:
    initial, _, flagged, loss = of_chain([CHOSEN], chain(), [None], 0)
    assert np.isnan(flagged).all() and np.isnan(loss).all() and np.isfinite(initial).all()


@pytest.fixture(scope="module")
def held() -> Market:
    return market(chain(), recipes())


def test_books_are_carried_to_a_later_chain_without_what_expired(held: Market) -> None:
    later = chain(price=97_000.0, vol=0.6, hours=12)  # the first expiry is 8.4 hours away
    left = carried(held, later)
    lives = np.array([e is None or e > later.at for e in held.expiries])
    assert 0 < lives.sum() < lives.size
    kept = np.isin(held.recipes, left.recipes)
    worth = held.books.quantities[:, lives] @ later_values(held, later)[lives]
    assert left.books.quantities @ left.scene.marks == pytest.approx(worth[kept])
    assert kept.sum() == len(left.recipes) < len(held.recipes)
    assert (held.books.quantities[~kept][:, lives] == 0).all()


def test_between_two_hours_the_line_is_read_and_beyond_the_last_nothing_is_known() -> None:
    loss = np.array([[0.1, 0.3], [0.3, np.nan]])
    none = np.zeros((1, 2))
    few = DialEvidence((6, 8), np.ones(2), none, none, none, loss)
    at = {hours: beyond(few, np.full(2, 0.2), hours)["shortfall"] for hours in (6.0, 7.0, 8.0)}
    assert at == {6.0: 50_000, 7.0: 75_000, 8.0: 100_000}
    assert beyond(few, np.full(2, 0.2), 6.0)["breached"] == 50
    assert beyond(few, np.full(2, 0.3), 6.0)["breached"] == 0  # a loss that is covered to the cent
    assert beyond(few, np.full(2, 0.2), 8.1)["shortfall"] is None


def test_a_storm_stands_for_itself_and_a_calm_for_all_that_were_left_out() -> None:
    move = np.abs(np.random.default_rng(7).normal(size=2_000))
    taken, weight = sample(move)
    is_stormy = weight == 1
    assert is_stormy.sum() == 100
    assert move[taken][is_stormy].min() > np.delete(move, taken[is_stormy]).max()
    assert weight.sum() == pytest.approx(move.size)
    assert weight.max() == pytest.approx(CALM_EVERY, rel=0.05)


def test_the_mean_counts_each_book_for_as_many_as_it_stands_for() -> None:
    one = DialEvidence.of((6,), [(np.ones((1, n)),) * 4 for n in (1, 2)], np.array([3.0, 1.0]))
    assert one.weight.tolist() == [3, 1, 1]
    assert dials.mean(one, np.array([1.0, 0.0, np.nan])) == 0.75


def test_a_perpetual_is_asked_its_range_and_the_buffer_on_top() -> None:
    initial, maintenance = rates([CHOSEN, replace(CHOSEN, margin_buffer_e6=0)], "BTC")
    assert initial[0] == pytest.approx(1.15 * maintenance[0], rel=1e-3)
    assert initial[1] == pytest.approx(maintenance[1], rel=1e-3)
    assert (np.diff(maintenance[0]) >= 0).all() and maintenance[0, -1] > 2 * maintenance[0, 0]


def test_all_figures_of_a_setting_are_made(row: Row) -> None:
    found = at_setting(DialEvidence.of((6,), [row], np.ones(1)), CHOSEN)
    assert found["initial"] >= found["maintenance"] == found["at_flag"] > 0
    assert found["who_holds_initial"]["shortfall"] is None  # six hours are less than the time


def test_a_table_is_put_between_the_marks_of_its_dial_and_nowhere_else() -> None:
    page = "a\n<!-- figures of x -->\nold\n<!-- end -->\nb\n<!-- figures of y -->\n<!-- end -->\n"
    told = dial_page.with_table(page, "x", "new\n")
    assert told == page.replace("old", "new")
    with pytest.raises(AssertionError, match="0 places"):
        dial_page.with_table(page, "z", "new\n")


def test_the_page_shows_the_figures_that_were_measured_last() -> None:
    figures = json.loads(LATEST.read_text())["figures"]
    assert figures["what"]["stretch"] == "choice"
    page = dial_page.PAGE.read_text()
    for dial in TURNED:
        rows = dial_page.table(figures[dial], dial in dial_page.SLOW)
        assert dial_page.with_table(page, dial, rows) == page
    assert all(dial.name in dial_page.CHART.read_text() for dial in DIALS)
