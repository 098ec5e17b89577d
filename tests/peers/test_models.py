"""What all models of other venues have in common, and what each asks of a perpetual."""

import numpy as np
import pytest
from benchmarks.peers import PEERS, Books, Model, Scene

from .market import market, some_books

NAMES = [model.name for model in PEERS]
COINS = ("BTC", "ETH")


def scene_of(coin: str) -> Scene:
    return market(coin, scale=1_000.0 if coin == "BTC" else 30.0)


@pytest.mark.parametrize("coin", COINS)
@pytest.mark.parametrize("model", PEERS, ids=NAMES)
def test_initial_is_at_least_maintenance(model: Model, coin: str) -> None:
    required = model.margin(scene_of(coin), Books.of(some_books()))
    assert np.all(required.initial >= required.maintenance - 1e-9)


@pytest.mark.parametrize("model", PEERS, ids=NAMES)
def test_cash_changes_no_requirement(model: Model) -> None:
    scene, quantities = scene_of("BTC"), some_books()
    poor, rich = Books.of(quantities), Books(quantities, np.full(len(quantities), 1e6))
    np.testing.assert_array_equal(
        model.margin(scene, poor).initial, model.margin(scene, rich).initial
    )


@pytest.mark.parametrize("model", PEERS, ids=NAMES)
def test_the_order_of_instruments_changes_nothing(model: Model) -> None:
    scene, quantities = scene_of("BTC"), some_books()
    order = np.random.default_rng(3).permutation(scene.kinds.size)
    turned = model.margin(scene.take(order), Books.of(quantities[:, order]))
    straight = model.margin(scene, Books.of(quantities))
    np.testing.assert_allclose(turned.initial, straight.initial, rtol=1e-9, atol=1e-6)


@pytest.mark.parametrize("model", PEERS, ids=NAMES)
def test_a_book_twice_as_large_is_asked_for_twice_as_much_or_more(model: Model) -> None:
    scene, quantities = scene_of("BTC"), some_books()
    once = model.margin(scene, Books.of(quantities)).initial
    twice = model.margin(scene, Books.of(2 * quantities)).initial
    assert np.all(twice >= 2 * once - 1e-6)


@pytest.mark.parametrize("model", PEERS, ids=NAMES)
def test_nothing_is_asked_of_an_empty_book(model: Model) -> None:
    scene = scene_of("ETH")
    required = model.margin(scene, Books.of(np.zeros((3, scene.kinds.size))))
    np.testing.assert_array_equal(required.initial, np.zeros(3))
    np.testing.assert_array_equal(required.maintenance, np.zeros(3))


@pytest.mark.parametrize(
    ("name", "coin", "initial", "maintenance"),
    [
        ("derive_pmrm2", "BTC", 0.20, 0.159),
        ("derive_pmrm2", "ETH", 0.20, 0.159),
        ("derive_standard", "BTC", 0.10, 0.065),
        ("deribit_portfolio", "BTC", 0.17, 0.136),
        ("deribit_portfolio", "ETH", 0.185, 0.148),
        ("deribit_standard", "BTC", 0.02005, 0.01005),
        ("deribit_standard", "ETH", 0.020004, 0.010004),
        ("span", "BTC", 0.176, 0.16),
        ("span", "ETH", 0.198, 0.18),
    ],
)
@pytest.mark.parametrize("side", [1.0, -1.0])
def test_a_perpetual_at_the_index_is_asked_for_this_part_of_it(
    name: str, coin: str, initial: float, maintenance: float, side: float
) -> None:
    scene = scene_of(coin)
    level = scene.index_price
    perpetual = Scene(coin, level, [], [], [3], [-1], [0.0], [0.0], [level])
    required = PEERS[NAMES.index(name)].margin(perpetual, Books.of(np.array([[side]])))
    assert required.initial[0] / level == pytest.approx(initial)
    assert required.maintenance[0] / level == pytest.approx(maintenance)
