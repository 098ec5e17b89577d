"""Models as they are asked, and the figures made of their answers."""

import numpy as np
import pytest
from benchmarks.backtest import perpetuals
from benchmarks.backtest.books import FAMILIES, recipes
from benchmarks.backtest.evidence import MODELS, NAMES, Evidence, _evidence
from benchmarks.backtest.market import market
from benchmarks.backtest.novate_model import Novate
from benchmarks.backtest.statistics import breaches, cost, frontier, is_stormy, summary, sway
from benchmarks.peers import Books

from .test_books import chain


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    quiet, crash = chain(hours=6), chain(price=70_000.0, vol=1.2, hours=6)
    return _evidence("BTC", [(chain(), quiet, None), (chain(), crash, crash)])


def test_a_breach_is_a_loss_above_the_margin_and_not_one_that_equals_it() -> None:
    margin = np.array([0.1, 0.1, 0.1, np.nan])
    found = breaches(np.array([0.099, 0.1, 0.101, 0.5]), margin)
    assert (found["breaches"], found["shortfall"], found["worst"]) == (1, 0.1, 0.1)


def test_an_unknown_loss_is_no_breach_and_is_not_counted() -> None:
    found = breaches(np.array([np.nan, 0.2]), np.array([0.1, 0.1]))
    assert (found["books"], found["breaches"]) == (1, 1)


def test_cost_leaves_out_what_is_not_known() -> None:
    found = cost(np.array([[0.1, np.nan], [0.3, 0.2]]))
    assert (found["mean"], found["median"], found["max"]) == (20.0, 20.0, 30.0)


def test_sway_looks_a_day_ahead_and_no_further() -> None:
    hours = np.array([0.0, 23, 24, 25, 60])
    found = sway(hours * 3600, np.array([0.1, 0.1, 0.1, 0.2, 0.4]))
    assert found["rise_in_a_day_points"] == 10.0  # 0.1 to 0.2; the 0.4 comes 35 hours later
    assert found["peak_to_trough"] == 4.0


def test_the_stormiest_tenth_is_where_the_index_moved_most_either_way() -> None:
    move = np.array([0.01] * 17 + [-0.2, 0.1, np.nan])
    assert np.flatnonzero(is_stormy(move)).tolist() == [17, 18]


def test_every_model_is_asked_about_every_book(evidence: Evidence) -> None:
    assert evidence.initial.shape == (len(MODELS), 2, len(FAMILIES))
    assert np.isfinite(evidence.initial).all() and np.isfinite(evidence.maintenance).all()
    assert np.isfinite(evidence.loss[0]).all()
    assert np.isnan(evidence.loss[1, 0]).all() and np.isfinite(evidence.loss[1, 1]).all()


def test_a_crash_breaches_and_a_quiet_market_does_not(evidence: Evidence) -> None:
    found = summary(evidence)
    for name in NAMES:
        assert found["models"][name]["6h"]["breaches"] > 0
        assert found["stormiest_tenth"][name]["6h"]["books"] == len(FAMILIES)
    quiet = evidence.where(np.array([True, False]))
    ours = NAMES.index("novate")
    assert breaches(quiet.loss[0], quiet.maintenance[ours])["breaches"] == 0


def test_a_family_is_told_in_numbers_and_families_are_all_books(evidence: Evidence) -> None:
    found = summary(evidence)
    for name in NAMES:
        families = [family[name] for family in found["by_family"].values()]
        whole = found["models"][name]
        assert sum(one["6h_breaches"] for one in families) == whole["6h"]["breaches"] > 0
        assert sum(one["12h_breaches"] for one in families) == whole["12h"]["breaches"]
        shortfall = sum(one["6h_shortfall"] for one in families)
        assert shortfall == pytest.approx(whole["6h"]["shortfall"], abs=0.01)
        assert all(one["maintenance"] <= one["initial"] for one in families)


def test_more_margin_never_leaves_more_shortfall(evidence: Evidence) -> None:
    for i in range(len(MODELS)):
        line = frontier(evidence, i, np.array([0.5, 1.0, 2.0]))
        assert line["shortfall"] == sorted(line["shortfall"], reverse=True)
        assert line["mean_initial"] == sorted(line["mean_initial"])


def test_ours_is_what_the_product_asks_and_grows_with_the_book() -> None:
    held = market(chain(), recipes())
    one = Novate().margin(held.scene, held.books)
    two = Novate().margin(held.scene, Books.of(2 * held.books.quantities))
    assert (one.initial >= one.maintenance).all() and (one.maintenance > 0).all()
    # Crowding costs more than in proportion; rounding is far below a cent.
    assert (two.initial > 2 * one.initial - 0.01).all()


def test_a_perpetual_costs_the_same_at_a_fixed_rate_and_more_with_volatility_at_ours() -> None:
    initial, maintenance = perpetuals.asked("BTC", np.array([0.3, 1.0]))
    fixed, ours = NAMES.index("derive_pmrm2"), NAMES.index("novate")
    assert initial[fixed, 0] == pytest.approx(initial[fixed, 1])
    assert initial[ours, 0] < initial[ours, 1]
    assert (maintenance <= initial).all()
