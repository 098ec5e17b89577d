"""Deribit's portfolio margin against the outputs that it published."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from benchmarks.peers.deribit_portfolio import (
    EXTENDED,
    PUBLISHED,
    DeribitPortfolio,
    NotPublished,
    Parameters,
)
from benchmarks.peers.interface import Books, Kind, Scene

from .market import market, some_books
from .published import published

FILE = "margin_examples/published_margin_examples.json"
DAY = 1 / 365
COINS = ("BTC", "ETH")


def example(coin: str) -> Any:
    return published(FILE)["deribit_portfolio_margin"][COINS.index(coin)]


def parameters_of(case: dict[str, Any], coin: str) -> Parameters:
    p, own = case["params"], case["params"][coin.lower()]
    shared = (
        "price_range volatility_range_up volatility_range_down min_volatility_for_shock_up "
        "short_term_vega_power long_term_vega_power buckets_count extended_table_factor "
        "delta_total_liq_shock_threshold mm_factor"
    )
    names = "extended_dampener annualised_move_risk min_annualised_move pnl_offset"
    return Parameters(
        **{name: p[name] for name in shared.split()}, **{name: own[name] for name in names.split()}
    )


def scene_of(case: dict[str, Any], coin: str) -> tuple[Scene, Books]:
    """The perpetual, and the future of the BTC example eleven days before it ends."""
    marks = list(case["marks"].values())
    kinds = [
        Kind.PERPETUAL if name.endswith("PERPETUAL") else Kind.FUTURE for name in case["marks"]
    ]
    futures = kinds.count(Kind.FUTURE)
    scene = Scene(
        underlying=coin,
        index_price=case["index_usd"],
        forwards=marks[1:],
        tenors=[11 * DAY] * futures,
        kinds=kinds,
        expiries=[-1, *range(futures)],
        strikes=np.zeros(len(marks)),
        vols=np.zeros(len(marks)),
        marks=marks,
    )
    return scene, Books.of(np.array(list(case["positions_coin"].values())))


def model_of(case: dict[str, Any], coin: str) -> DeribitPortfolio:
    return DeribitPortfolio({coin: parameters_of(case, coin)}, in_coin=True)


@pytest.mark.parametrize("coin", COINS)
def test_the_risk_vectors_are_those_published(coin: str) -> None:
    case = example(coin)
    (scene, books), model = scene_of(case, coin), model_of(case, coin)
    vector = case["risk_vector_by_bucket"]
    np.testing.assert_allclose(model.moves(scene), vector["bucket"], rtol=0, atol=1e-15)
    each = books.quantities[0] * model.risk_vectors(scene)
    for column, name in enumerate(case["marks"]):
        expected = np.repeat(vector[name.replace("-", "_")], 3)
        np.testing.assert_allclose(each[:, column], expected, rtol=1e-9, atol=1e-12)
    key = next(name for name in vector if name.startswith("aggregated"))
    aggregated = np.repeat(vector[key], 3)
    found = model.assess(scene, books).standard[0]
    np.testing.assert_allclose(found, aggregated, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("coin", COINS)
def test_the_extended_table_is_that_published(coin: str) -> None:
    case = example(coin)
    (scene, books), model = scene_of(case, coin), model_of(case, coin)
    np.testing.assert_allclose(EXTENDED, case["extended"]["moves"])
    each = books.quantities[0] * model.extended_vectors(scene)
    expected = case["extended"][f"{coin}_PERPETUAL"]
    np.testing.assert_allclose(each[:, 0], expected, rtol=1e-9)
    found = model.assess(scene, books).extended[0]
    np.testing.assert_allclose(found, case["extended"]["aggregated"], atol=1e-12)


@pytest.mark.parametrize("coin", COINS)
def test_the_margins_are_those_published(coin: str) -> None:
    case = example(coin)
    (scene, books), model = scene_of(case, coin), model_of(case, coin)
    assessed, required = model.assess(scene, books), model.margin(scene, books)
    result = case["result"]
    assert assessed.worst_case[0] == pytest.approx(result["worst_case"], rel=1e-9)
    assert assessed.roll_shock[0] == pytest.approx(result["roll_shock"], rel=1e-9)
    assert required.initial[0] == pytest.approx(result["risk_matrix_margin"], rel=1e-12)
    assert required.maintenance[0] == pytest.approx(result["maintenance_margin"], rel=1e-12)
    # What the account reserves for its orders comes on top and is no part of the model.
    orders = result.get("mmp_margin", 0) + result.get("open_orders_margin", 0)
    assert required.initial[0] + orders == pytest.approx(result["initial_margin"], abs=1e-9)


@pytest.mark.parametrize("coin", COINS)
def test_the_parameters_kept_are_those_published(coin: str) -> None:
    case = example(coin)
    assert replace(parameters_of(case, coin), pnl_offset=1.0) == PUBLISHED[coin]


@pytest.mark.parametrize(
    ("coin", "changed"),
    [
        ("BTC", {"price_range": 0.17}),
        ("BTC", {"min_annualised_move": 0.011}),
        ("BTC", {"mm_factor": 0.81}),
        ("ETH", {"price_range": 0.17}),
        ("ETH", {"min_annualised_move": 0.006}),
    ],
)
def test_another_parameter_disagrees_with_the_published_margin(
    coin: str, changed: dict[str, float]
) -> None:
    case = example(coin)
    scene, books = scene_of(case, coin)
    other = DeribitPortfolio({coin: replace(parameters_of(case, coin), **changed)}, in_coin=True)
    found = other.margin(scene, books).maintenance[0]
    assert found != pytest.approx(case["result"]["maintenance_margin"], rel=1e-6)


def test_a_perpetual_in_dollars_loses_the_price_range_and_the_roll_shock() -> None:
    scene = market("BTC", scale=1_000.0)
    row = np.zeros(scene.kinds.size)
    row[-1] = 2.0
    required = DeribitPortfolio().margin(scene, Books.of(row))
    expected = 2 * (0.16 * scene.marks[-1] + 0.01 * scene.index_price)
    assert required.initial[0] == pytest.approx(expected)
    assert required.maintenance[0] == pytest.approx(0.8 * expected)


def test_the_dampener_waives_the_tails_of_small_books_only() -> None:
    scene = market("BTC", scale=1_000.0)
    row = np.zeros(scene.kinds.size)
    row[6], row[16] = -1.0, 1.0  # sells the near call at 125, buys the far one
    model = DeribitPortfolio()
    small, large = (model.assess(scene, Books.of(row * size)) for size in (1.0, 100.0))
    assert not small.extended.any()
    assert large.extended.min() < 0


@pytest.mark.parametrize(("size", "refused"), [(199.0, False), (201.0, True)])
def test_a_delta_above_the_published_threshold_is_refused(size: float, refused: bool) -> None:
    scene = market("BTC", scale=1_000.0)
    row = np.zeros(scene.kinds.size)
    row[-1] = size
    if refused:
        with pytest.raises(NotPublished, match="20,100,000 USD, above 20,000,000"):
            DeribitPortfolio().margin(scene, Books.of(row))
    else:
        assert DeribitPortfolio().margin(scene, Books.of(row)).initial[0] > 0


def test_many_books_are_margined_as_each_alone() -> None:
    scene, quantities = market("ETH", scale=20.0), some_books()
    for model in (DeribitPortfolio(), DeribitPortfolio(in_coin=True)):
        together = model.margin(scene, Books.of(quantities))
        alone = [model.margin(scene, Books.of(each)).initial[0] for each in quantities]
        np.testing.assert_allclose(together.initial, alone, rtol=1e-9, atol=1e-9)


def test_bought_options_lose_no_more_than_they_are_worth_in_any_scenario() -> None:
    scene = market("BTC", scale=1_000.0)
    bought = np.where(scene.is_option, np.abs(some_books()), 0.0)
    worth = bought @ scene.option_marks
    dollars = DeribitPortfolio().assess(scene, Books.of(bought)).worst_case
    coins = DeribitPortfolio(in_coin=True).assess(scene, Books.of(bought)).worst_case
    assert np.all(dollars <= worth * (1 + 1e-12))
    assert np.all(coins * scene.index_price <= worth * (1 + 1e-12))
