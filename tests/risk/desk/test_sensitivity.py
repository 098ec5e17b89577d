"""Greeks of contracts and positions: against revaluation, parity and the pricing room."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novate.instruments import REGISTRY, Instrument, Payoff, call, put
from novate.pricing import call_greeks, put_greeks
from novate.risk import (
    BadPositions,
    Listing,
    Market,
    Moves,
    Positions,
    Sensitivities,
    contract_greeks,
    sensitivities,
    values_e3,
)
from novate.risk.desk.wide_integers import LIMIT
from novate.units import Instant, Multiplier, Price, bounds

from ..books import SCENE, books, condor
from ..scene import NOW_S, held

LISTING, MARKET = SCENE.listing, SCENE.market
NAMES = Sensitivities.__slots__
USD_E3 = 1000


@pytest.mark.parametrize("expiry", [1, 2, 3])
@pytest.mark.parametrize("strike", [60, 100, 160])
def test_a_call_and_a_put_have_the_greeks_of_the_pricing_room(expiry: int, strike: int) -> None:
    greeks = contract_greeks(LISTING, MARKET)
    wanted_e3 = strike * MARKET.index_e3 // 100
    is_node = (LISTING.node_group == expiry) & (LISTING.node_strike_e3 == wanted_e3)
    node = int(np.flatnonzero(is_node)[0])
    state = (MARKET.forward_e3[expiry], wanted_e3, MARKET.vol_e6[node], MARKET.tenor_s[expiry])
    for row, one in (
        (SCENE.call(expiry, strike), call_greeks(*state)),
        (SCENE.put(expiry, strike), put_greeks(*state)),
    ):
        for name in ("delta_q28", "gamma_e9", "vega_e6", "theta_e6"):
            assert getattr(greeks, name)[row] == getattr(one, name)
        assert abs(int(greeks.rho_e6[row]) - int(one.rho_e6)) <= 1  # floors of a sum and its parts


def test_linear_contracts_have_delta_one_and_nothing_else_but_a_futures_carry() -> None:
    greeks = contract_greeks(LISTING, MARKET)
    for row, group in ((SCENE.perp, 0), (SCENE.future(3), 3)):
        assert greeks.delta_q28[row] == 1 << bounds.FRACTION_BITS
        assert greeks.gamma_e9[row] == greeks.vega_e6[row] == greeks.theta_e6[row] == 0
        carry_e6 = MARKET.forward_e3[group] * MARKET.tenor_s[group] * 10 // bounds.YEAR_S
        assert greeks.rho_e6[row] == carry_e6
    assert greeks.rho_e6[SCENE.perp] == 0


def strangle_market() -> tuple[Listing, Market, int]:
    """One contract that pays a strangle, in contracts of a tenth of a BTC."""
    underlying = REGISTRY.underlying("BTC")
    payoff: Payoff = put(Price(9_000_000)) + call(Price(11_000_000))
    tenth, tenor_s = Multiplier(100), 20 * 86_400
    listing = Listing.of([Instrument(underlying, tenth, Instant(NOW_S + tenor_s), payoff)])
    market = Market(
        index_e3=10_000_000,
        tenor_s=np.array([0, tenor_s]),
        forward_e3=np.array([10_000_000, 10_050_000]),
        shocked_e3=np.array([10_000_000, 10_050_000]),
        confidence_e6=np.full(2, bounds.RATE_SCALE),
        vol_e6=np.full(2, 600_000),
        fortnight_vol_e6=600_000,
    )
    return listing, market, tenor_s


def test_a_payoff_has_the_greeks_of_what_it_is_made_of() -> None:
    listing, market, tenor_s = strangle_market()
    found = contract_greeks(listing, market)
    low = put_greeks(10_050_000, 9_000_000, 600_000, tenor_s)
    high = call_greeks(10_050_000, 11_000_000, 600_000, tenor_s)
    for name in ("delta_q28", "gamma_e9", "vega_e6", "theta_e6"):
        assert getattr(found, name)[0] == getattr(low, name) + getattr(high, name)
    assert abs(int(found.rho_e6[0]) - int(low.rho_e6) - int(high.rho_e6)) <= 1


def test_delta_and_gamma_count_units_of_the_underlying_and_not_contracts() -> None:
    listing, market, _ = strangle_market()
    greeks = contract_greeks(listing, market)
    one = sensitivities(listing, market, Positions.of(np.array([0]), np.array([10_000])))
    delta = int(greeks.delta_q28[0]) / 2**28
    gamma = int(greeks.gamma_e9[0]) / 1e9
    # Ten contracts of a tenth of a BTC; per dollar of a BTC a contract moves a tenth of one.
    assert abs(one.delta_e6[0] / 1e6 - 10 * 0.1 * delta) <= 1e-6
    assert abs(one.gamma_e9[0] / 1e9 - 10 * 0.1**2 * gamma) <= 1e-9
    assert one.cash_delta_e6[0] / 1e6 == pytest.approx(10 * delta * 10_050, abs=1e-5)
    assert one.cash_gamma_e6[0] / 1e6 == pytest.approx(10 * gamma * 10_050**2 / 100, abs=1e-5)


def slope(book: Positions, low: Moves, high: Moves, per: float) -> float:
    """Change of value in USD between two moves, per unit."""
    values = [
        int((book.quantity_e3 * values_e3(LISTING, MARKET, move, book.row)[:, 0]).sum())
        for move in (low, high)
    ]
    return (values[1] - values[0]) / 1e6 / per


@pytest.mark.parametrize("book", [condor(), held((SCENE.call(1, 100), 1_000_000))])
def test_each_greek_is_what_a_small_move_brings(book: Positions) -> None:
    total = sensitivities(LISTING, MARKET, book).total
    step = 1_000  # a thousandth of the forward, or of a unit of volatility
    by_spot = slope(book, Moves.of(-step), Moves.of(step), 2e-3)
    assert total.cash_delta_e6[0] / 1e6 == pytest.approx(by_spot, rel=2e-3)
    by_vol = slope(book, Moves.of(0, 0, -step), Moves.of(0, 0, step), 0.2)
    assert total.vega_e6[0] / 1e6 == pytest.approx(by_vol, rel=2e-3)
    # Theta is that of today's pace; an hour of it is a 24th of a day.
    by_time = slope(book, Moves.of(0), Moves.of(0, elapsed_s=360), 1 / 240)
    assert total.theta_e6[0] / 1e6 == pytest.approx(by_time, rel=2e-2)
    up, down = (
        slope(book, Moves.of(0), Moves.of(10_000), 0.01),
        slope(book, Moves.of(-10_000), Moves.of(0), 0.01),
    )
    forward = MARKET.forward_e3[1] / 1e3
    assert total.cash_gamma_e6[0] / 1e6 == pytest.approx(up - down, rel=0.1, abs=1e-3 * forward)


@given(books())
def test_positions_add_up_by_expiry_and_in_all(positions: Positions) -> None:
    each = sensitivities(LISTING, MARKET, positions)
    by_expiry = each.by(LISTING.group[positions.row], LISTING.groups)
    for name in NAMES:
        whole = int(getattr(each, name).sum())
        assert getattr(by_expiry, name).shape == (LISTING.groups,)
        assert int(getattr(by_expiry, name).sum()) == whole
        assert getattr(each.total, name).tolist() == [whole]


@given(books(), st.integers(2, 9))
def test_they_grow_with_size(positions: Positions, times: int) -> None:
    one = sensitivities(LISTING, MARKET, positions)
    many = sensitivities(
        LISTING, MARKET, Positions.of(positions.row, times * positions.quantity_e3)
    )
    for name in NAMES:
        rest = getattr(many, name) - times * getattr(one, name)
        assert ((rest >= 0) & (rest < times)).all()  # rounded down, once


def test_a_gamma_a_moment_before_expiry_saturates() -> None:
    tenor_s = np.maximum(MARKET.tenor_s - MARKET.tenor_s[1] + 1, 0)
    scene = SCENE.but(tenor_s=tenor_s, vol_e6=1_000, forward_e3=100_000_000, shocked_e3=100_000_000)
    book = held((SCENE.call(1, 100), (1 << 26)))
    assert sensitivities(LISTING, scene.market, book).cash_gamma_e6.tolist() == [LIMIT]


def test_an_unlisted_row_is_refused() -> None:
    with pytest.raises(BadPositions):
        sensitivities(LISTING, MARKET, held((len(LISTING.instruments), 1)))
