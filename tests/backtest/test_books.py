"""The books, and what they lose."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from benchmarks.backtest.books import FAMILIES, NOTIONAL_USD, recipes
from benchmarks.backtest.chains import Chain, Smile
from benchmarks.backtest.market import Market, market
from benchmarks.backtest.stretch import utc
from benchmarks.peers import Kind, black76

AT = utc(2026, 1, 5, 4)
DAYS = (0.35, 1.5, 7.0, 30.0, 90.0, 180.0)


def chain(price: float = 100_000.0, vol: float = 0.5, hours: float = 0.0, days=DAYS) -> Chain:  # type: ignore[no-untyped-def]
    """Expiries at fixed instants after `AT`, seen `hours` later; strikes do not move."""
    strikes = 100_000.0 * np.exp(np.arange(-1.0, 1.001, 0.01))
    smiles = tuple(
        Smile(AT + timedelta(days=d), price, strikes, np.full(strikes.size, vol)) for d in days
    )
    at = AT + timedelta(hours=hours)
    return Chain(at, "BTC", tuple(s for s in smiles if s.expiry > at))


@pytest.fixture(scope="module")
def held() -> Market:
    return market(chain(), recipes())


def _row(held: Market, family: str, name: str) -> int:
    named = [(r.family, r.name) for r in recipes()]
    return int(np.flatnonzero(held.recipes == named.index((family, name)))[0])


def test_there_are_87_books_and_a_seed_changes_only_the_random_ones() -> None:
    one, two = recipes(1), recipes(2)
    assert len(one) == 87
    assert tuple(r.family for r in two) == FAMILIES
    changed = {a.family for a, b in zip(one, two, strict=True) if a != b}
    assert changed == {"random hedged", "random net short"}
    assert recipes(1) == one


def test_all_books_have_the_same_gross_notional_up_to_lots(held: Market) -> None:
    assert held.notional == pytest.approx(NOTIONAL_USD, rel=1e-3)


def test_sizes_are_whole_lots(held: Market) -> None:
    lots = held.books.quantities * 1000
    assert np.allclose(lots, np.round(lots), atol=1e-6)


def test_hedged_books_have_no_delta_and_others_may(held: Market) -> None:
    scene = held.scene
    deltas = np.ones(scene.kinds.size)
    o = scene.is_option
    deltas[o] = black76.delta(
        scene.kinds[o] == Kind.CALL,
        scene.by_instrument(scene.forwards)[o],
        scene.strikes[o],
        scene.vols[o],
        scene.by_instrument(scene.tenors)[o],
    )
    of_book = held.books.quantities @ deltas
    hedged = np.array([recipes()[i].hedged for i in held.recipes])
    assert np.abs(of_book[hedged]).max() < 2e-3
    assert np.abs(of_book[~hedged]).max() > 1


def test_a_book_whose_legs_meet_at_one_strike_is_left_out() -> None:
    coarse = chain()
    few = tuple(replace(s, strikes=s.strikes[::200], vols=s.vols[::200]) for s in coarse.smiles)
    held = market(replace(coarse, smiles=few), recipes())
    assert len(held.recipes) < 87
    assert (held.notional > 0).all()


def test_nothing_is_lost_when_nothing_moves(held: Market) -> None:
    assert held.losses(chain()) == pytest.approx(0, abs=1e-12)


def test_a_perpetual_loses_what_the_index_moves(held: Market) -> None:
    lost = held.losses(chain(price=90_000.0))
    assert lost[_row(held, "perp", "long")] == pytest.approx(0.1)
    assert lost[_row(held, "perp", "short")] == pytest.approx(-0.1)


def test_a_rise_of_volatility_costs_who_is_short_of_it(held: Market) -> None:
    lost = held.losses(chain(vol=0.6))
    assert lost[_row(held, "straddle", "short 30d")] > 0.01
    assert lost[_row(held, "straddle", "long 7d")] < 0
    assert lost[_row(held, "conversion", "30d")] == pytest.approx(0, abs=1e-9)


def test_what_expires_on_the_way_pays_its_intrinsic_value_at_the_later_index(held: Market) -> None:
    later = chain(price=104_000.0, hours=12)  # past the first expiry, at 8.4 hours
    row = _row(held, "straddle", "short 0.35d")
    expected = 0.0
    for column in np.flatnonzero(held.books.quantities[row]):
        strike = held.scene.strikes[column]
        sign = 1 if held.scene.kinds[column] == Kind.CALL else -1
        paid = max(0.0, sign * (104_000.0 - strike))
        expected -= held.books.quantities[row, column] * (paid - held.scene.marks[column])
    assert held.losses(later)[row] == pytest.approx(expected / held.notional[row])


def test_an_expiry_that_vanished_before_its_time_is_not_guessed(held: Market) -> None:
    with pytest.raises(AssertionError, match="is not on the chain"):
        held.losses(chain(days=DAYS[:3]))
