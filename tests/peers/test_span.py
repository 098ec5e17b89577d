"""A SPAN-like margin: its scenarios, a published array, and what its parts do."""

import numpy as np
import pytest
from benchmarks.peers.interface import Books, Kind, Scene
from benchmarks.peers.span import EMULATED, Parameters, Span

from .market import market, some_books


def future(price: float) -> Scene:
    return Scene("X", price, [price], [0.25], [Kind.FUTURE], [0], [0.0], [0.0], [price])


def test_the_array_of_a_future_is_that_published_for_two_ranges() -> None:
    # McMillan, Options as a Strategic Investment, on SPAN: a range of 10,000 dollars, in the order
    # of the array; the extreme move is worth 7,000, two ranges at 35%.
    model = Span({"X": Parameters(0.1, extreme_ranges=2.0, extreme_cover=0.35)})
    array = model.risk_arrays(future(100_000.0))[:, 0]
    third = 10_000 / 3
    steps = [0, third, -third, 2 * third, -2 * third, 10_000, -10_000]
    np.testing.assert_allclose(array, [*np.repeat(steps, 2), 7_000, -7_000], atol=1e-9)


def test_there_are_sixteen_scenarios_of_which_two_are_extreme() -> None:
    scenarios = EMULATED["BTC"].scenarios()
    assert len(scenarios) == 16
    assert [cover for _, _, cover in scenarios] == [1.0] * 14 + [0.33] * 2
    assert [vol for _, vol, _ in scenarios[:14]] == [1.35, 0.65] * 7
    assert [move for move, _, _ in scenarios[14:]] == pytest.approx([0.48, -0.48])


@pytest.mark.parametrize("side", [1.0, -1.0])
def test_a_future_is_asked_for_the_price_range(side: float) -> None:
    model = Span({"X": Parameters(0.16)})
    required = model.margin(future(100_000.0), Books.of(np.array([[side]])))
    assert required.maintenance[0] == pytest.approx(16_000.0)
    assert required.initial[0] == pytest.approx(17_600.0)


def test_a_covered_call_is_asked_for_less_than_its_parts() -> None:
    scene = market()
    row = np.zeros(scene.kinds.size)
    row[2], row[-3] = -1.0, 1.0  # the call at 110 sold, the future of its expiry bought
    parts = np.stack([np.where(row > 0, row, 0.0), np.where(row < 0, row, 0.0)])
    model = Span()
    whole = model.margin(scene, Books.of(row)).maintenance[0]
    assert whole < model.margin(scene, Books.of(parts)).maintenance.sum()


def test_expiries_against_each_other_are_charged_a_spread() -> None:
    scene = market()
    row = np.zeros(scene.kinds.size)
    row[-3], row[-2] = 1.0, -1.0
    free = Span({"BTC": Parameters(0.16, spread_charge=0.0)}).margin(scene, Books.of(row))
    charged = Span().margin(scene, Books.of(row))
    assert charged.maintenance[0] - free.maintenance[0] == pytest.approx(0.01 * scene.index_price)


def test_options_sold_far_away_are_asked_for_the_minimum() -> None:
    scene = Scene("BTC", 100.0, [100.0], [0.01], [Kind.CALL], [0], [400.0], [0.5], [0.0])
    required = Span().margin(scene, Books.of(np.array([[-1.0], [1.0]])))
    assert required.maintenance == pytest.approx([1.0, 0.0])


def test_many_books_are_margined_as_each_alone() -> None:
    scene, quantities = market(), some_books()
    together = Span().margin(scene, Books.of(quantities)).initial
    alone = [Span().margin(scene, Books.of(each)).initial[0] for each in quantities]
    np.testing.assert_allclose(together, alone, rtol=1e-9, atol=1e-9)
