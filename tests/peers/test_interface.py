"""What every model is asked: arrays that belong together, and nothing else."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from benchmarks.peers.interface import Books, MisshapenScene

from .market import market, some_books


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"index_price": 0.0}, "index_price must be finite and positive"),
        ({"forwards": [100.5, np.nan]}, "forwards must be finite and positive"),
        ({"forwards": [100.5]}, "differ in shape"),
        ({"tenors": [0.02, -0.1]}, "tenors must be finite and not negative"),
        ({"strikes": np.zeros(23)}, "strikes of options must be finite and positive"),
        ({"marks": np.zeros(23)}, "marks of futures must be finite and positive"),
        ({"vols": np.full(23, np.inf)}, "vols must be finite and not negative"),
        ({"vols": np.zeros(22)}, "differ in shape"),
        ({"expiries": np.full(23, 2)}, "outside 0..1"),
        ({"expiries": np.zeros(23)}, "a perpetual names an expiry"),
    ],
)
def test_a_misshapen_market_is_refused(changed: dict[str, Any], told: str) -> None:
    with pytest.raises(MisshapenScene, match=told):
        replace(market(), **changed)


def test_books_need_cash_each_and_finite_numbers() -> None:
    assert Books(np.zeros((2, 3)), np.zeros(2)).quantities.shape == (2, 3)
    with pytest.raises(MisshapenScene, match="cash"):
        Books(np.zeros((2, 3)), np.zeros(3))
    with pytest.raises(MisshapenScene, match="not finite"):
        Books(np.full((2, 3), np.nan), np.zeros(2))


def test_equity_is_cash_and_the_worth_of_options() -> None:
    scene = market()
    books = Books(np.ones((1, 23)), np.array([7.0]))
    assert books.equity(scene)[0] == pytest.approx(7.0 + scene.marks[:20].sum())


def test_instruments_that_no_book_holds_are_left_out() -> None:
    quantities = some_books()
    quantities[:, ::2] = 0.0
    scene, books = Books.of(quantities).held(market())
    assert scene.kinds.size == books.quantities.shape[1] == 11
    np.testing.assert_array_equal(scene.strikes, market().strikes[1::2])
