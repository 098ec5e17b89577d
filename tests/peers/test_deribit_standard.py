"""Deribit's standard margin against its worked table."""

from typing import Any

import numpy as np
import pytest
from benchmarks.peers.deribit_standard import PUBLISHED, DeribitStandard
from benchmarks.peers.interface import Books, Kind, Requirement, Scene

from .market import market, some_books
from .published import published

FILE = "margin_examples/published_margin_examples.json"


def worked() -> list[tuple[str, dict[str, Any]]]:
    table = published(FILE)["deribit_linear_perpetual"]
    return [(name, table[name]) for name in ("BTC_USDC", "SOL_USDC")]


def perpetual(coin: str, price: float, position: float) -> Requirement:
    empty = np.zeros(0)
    scene = Scene(coin, price, empty, empty, [Kind.PERPETUAL], [-1], [0.0], [0.0], [price])
    return DeribitStandard().margin(scene, Books.of(np.array([[position]])))


def test_the_worked_table_of_linear_perpetuals_is_reproduced() -> None:
    checked = 0
    for name, table in worked():
        coin = name.split("_")[0]
        for case in table["cases"]:
            for side in (1, -1):
                found = perpetual(coin, table["price"], side * case["pos"])
                rate = PUBLISHED[coin].initial_rate(np.array(case["pos"]))
                assert rate == pytest.approx(case["im_pct"], rel=1e-12)
                assert found.initial[0] == pytest.approx(case["im"], rel=1e-12)
                if "mm" in case:
                    assert found.maintenance[0] == pytest.approx(case["mm"], rel=1e-12)
            checked += 1
    assert checked == 5


def test_the_rates_kept_are_those_of_the_table() -> None:
    for name, table in worked():
        kept = PUBLISHED[name.split("_")[0]]
        slope = next(value for key, value in table.items() if key.startswith("slope"))
        assert (kept.initial, kept.maintenance) == (table["base_im"], table["base_mm"])
        assert kept.slope == slope


@pytest.mark.parametrize(
    ("kind", "strike", "mark", "initial", "maintenance"),
    [
        (Kind.CALL, 100.0, 3.0, 18.0, 10.5),  # at the money: 15% and the mark
        (Kind.CALL, 103.0, 2.0, 14.0, 9.5),  # 3% out of it: 12%
        (Kind.CALL, 105.0, 2.0, 12.0, 9.5),  # the least: 10%
        (Kind.CALL, 130.0, 0.5, 10.5, 8.0),
        (Kind.CALL, 90.0, 11.0, 26.0, 18.5),  # in it: 15%
        (Kind.PUT, 97.0, 2.0, 14.0, 9.5),
        (Kind.PUT, 90.0, 0.5, 10.5, 8.0),
        (Kind.PUT, 110.0, 11.0, 26.0, 18.5),
        (Kind.PUT, 400.0, 300.0, 322.5, 322.5),  # deep: maintenance is 7.5% of the mark, and least
    ],
)
def test_a_sold_option_needs_what_the_published_formula_says(
    kind: Kind, strike: float, mark: float, initial: float, maintenance: float
) -> None:
    scene = Scene("BTC", 99.0, [100.0], [0.1], [kind], [0], [strike], [0.5], [mark])
    required = DeribitStandard().margin(scene, Books.of(np.array([[-1.0]])))
    # The formulas are against a balance without option value, which is minus the mark here.
    assert required.initial[0] + mark == pytest.approx(initial)
    assert required.maintenance[0] + mark == pytest.approx(maintenance)


def test_bought_options_must_be_paid_and_back_nothing() -> None:
    scene = market()
    bought = np.where(scene.is_option, np.abs(some_books()), 0.0)
    required = DeribitStandard().margin(scene, Books.of(bought))
    np.testing.assert_allclose(required.initial, bought @ scene.option_marks, rtol=1e-12)


def test_positions_do_not_hedge_each_other() -> None:
    scene, quantities = market(), some_books()
    whole = DeribitStandard().margin(scene, Books.of(quantities)).maintenance
    parts = sum(
        DeribitStandard().margin(scene, Books.of(np.where(column, quantities, 0.0))).maintenance
        for column in np.eye(scene.kinds.size, dtype=bool)
    )
    np.testing.assert_allclose(whole, parts, rtol=1e-12, atol=1e-9)
