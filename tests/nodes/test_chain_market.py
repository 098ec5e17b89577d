"""A published chain as a listing and a market."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.shared_data import published

from novate.instruments import LINEAR, NameRefused, Underlying, perpetual
from novate.nodes import (
    ChainRefused,
    OptionChain,
    chain_listing,
    chain_market,
    read_option_chains,
)
from novate.risk import BTC, Listing, risk_table
from novate.units import Multiplier, bounds

from .chains import FORWARD, write_snapshot

DAY_S = 86_400
SNAPSHOT = "deribit/deribit_options_snapshot_20260115T092130Z.csv"


@pytest.fixture
def chain(tmp_path: Path) -> OptionChain:
    (found,) = read_option_chains(write_snapshot(tmp_path))
    return found


def published_chains() -> dict[str, OptionChain]:
    return {one.currency: one for one in read_option_chains(published(SNAPSHOT))}


def test_a_listing_has_the_perpetual_a_future_and_the_options_of_each_expiry(
    chain: OptionChain,
) -> None:
    listing = chain_listing(chain)
    assert len(listing.instruments) == 1 + 1 + 6
    assert listing.instruments[0] == perpetual(Underlying.BTC, Multiplier(1000))
    assert listing.instruments[1].payoff == LINEAR
    assert listing.expiry_s.tolist() == [0, int(chain.expiry_s[0])]
    assert listing.node_strike_e3.tolist() == [70_000_000, 80_000_000, 90_000_000]


@pytest.mark.parametrize("multiplier_e3", [1, 100, 1000])
def test_strikes_and_forwards_are_per_contract(chain: OptionChain, multiplier_e3: int) -> None:
    listing = chain_listing(chain, multiplier=Multiplier(multiplier_e3))
    market = chain_market(chain, listing)
    assert listing.node_strike_e3.tolist() == [
        70_000 * multiplier_e3,
        80_000 * multiplier_e3,
        (90_000 * multiplier_e3),
    ]
    assert market.forward_e3.tolist() == [
        round(79_500.25 * multiplier_e3),
        round(FORWARD * multiplier_e3),
    ]
    assert market.index_e3 == round(79_500.25 * multiplier_e3)
    assert market.vol_e6.tolist() == [230_000] * 3
    assert market.fortnight_vol_e6 == 230_000
    table = risk_table(listing, market, BTC)
    call = table.mark_e3[listing.upside == 1]
    assert np.all(np.diff(call) < 0)


def test_a_market_counts_tenors_from_the_clock_of_its_chain(chain: OptionChain) -> None:
    market = chain_market(chain, chain_listing(chain))
    assert market.tenor_s.tolist() == [0, int(chain.expiry_s[0]) - round(chain.taken_at_s)]
    later = chain.at(chain.taken_at_s + 3600)
    assert chain_market(later, chain_listing(chain)).tenor_s[1] == market.tenor_s[1] - 3600


def test_the_whole_forward_moves_and_confidence_is_as_told(chain: OptionChain) -> None:
    listing = chain_listing(chain)
    market = chain_market(chain, listing, confidence_e6=540_000)
    assert np.array_equal(market.shocked_e3, market.forward_e3)
    assert market.confidence_e6.tolist() == [540_000, 540_000]
    assert chain_market(chain, listing).confidence_e6.tolist() == [bounds.RATE_SCALE] * 2


def test_an_index_price_may_be_named(chain: OptionChain) -> None:
    listing = chain_listing(chain)
    assert chain_market(chain, listing, index=80_001.0).index_e3 == 80_001_000
    nameless = replace(chain, index_price=np.full(6, np.nan))
    assert chain_market(nameless, listing, index=80_001.0).forward_e3[0] == 80_001_000
    with pytest.raises(ChainRefused, match="has no index price; next: name one"):
        chain_market(nameless, listing)


@pytest.mark.parametrize("index", [79.5, 0.0, -80_000.0, 60_000.0, 120_000.0, 8_000_000.0, np.inf])
def test_an_index_price_far_from_the_nearest_forward_is_refused(
    chain: OptionChain, index: float
) -> None:
    listing = chain_listing(chain)
    with pytest.raises(ChainRefused, match=r"the index price .* is not within|has no index price"):
        chain_market(chain, listing, index=index)
    # In 71 days a basis of 29 % is just possible.
    for near in (62_500.0, 112_000.0):
        assert chain_market(chain, listing, index=near).index_e3 == near * 1000


def test_a_strike_without_a_quote_takes_its_volatility_from_its_neighbours(
    chain: OptionChain,
) -> None:
    listing = chain_listing(chain)
    smiling = replace(chain, mark_iv=np.array([0.7, 0.7, 0.5, 0.5, 0.6, 0.6]))
    without = smiling.where(smiling.strike != 80_000)
    assert chain_market(without, listing).vol_e6.tolist() == [700_000, 650_000, 600_000]
    edge = smiling.where(smiling.strike != 90_000)
    assert chain_market(edge, listing).vol_e6.tolist() == [700_000, 500_000, 500_000]


def test_the_volatilities_of_call_and_put_are_averaged(chain: OptionChain) -> None:
    apart = replace(chain, mark_iv=np.array([0.5, 0.6, np.nan, 0.5, 0.5, 0.5]))
    assert chain_market(apart, chain_listing(chain)).vol_e6.tolist() == [550_000, 500_000, 500_000]


def test_an_expiry_without_volatility_or_forward_is_refused(chain: OptionChain) -> None:
    listing = chain_listing(chain)
    for lacking in (
        replace(chain, mark_iv=np.full(6, np.nan)),
        replace(chain, forward=np.full(6, np.nan)),
        chain.where(np.zeros(6, dtype=np.bool_)),
    ):
        with pytest.raises(ChainRefused, match=r"no volatility or no forward|no index price"):
            chain_market(lacking, listing, index=80_000.0)


def test_a_chain_of_another_underlying_is_refused() -> None:
    chains = published_chains()
    listings = {symbol: chain_listing(one) for symbol, one in chains.items()}
    assert {*listings["BTC"].expiry_s[1:]} & {*listings["ETH"].expiry_s[1:]}
    with pytest.raises(ChainRefused, match="is of ETH, the listing of BTC"):
        chain_market(chains["ETH"], listings["BTC"])
    assert chain_market(chains["BTC"], listings["BTC"])


def test_a_currency_that_is_not_registered_is_refused(chain: OptionChain) -> None:
    with pytest.raises(NameRefused):
        chain_listing(replace(chain, currency="DOGE"))


@pytest.mark.parametrize(("left_s", "is_refused"), [(2, False), (1, False), (0, True), (-1, True)])
def test_an_expiry_in_the_past_is_refused(
    chain: OptionChain, left_s: int, is_refused: bool
) -> None:
    listing = chain_listing(chain)
    now = chain.at(float(chain.expiry_s[0]) - left_s)
    if is_refused:
        with pytest.raises(ChainRefused, match=r"is no expiry for .* next: drop what has expired"):
            chain_market(now, listing)
    else:
        assert chain_market(now, listing).tenor_s[1] == left_s


def test_a_listing_without_expiries_is_refused(chain: OptionChain) -> None:
    alone = Listing.of([perpetual(Underlying.BTC, Multiplier(1000))])
    with pytest.raises(ChainRefused, match="the listing has no expiry"):
        chain_market(chain, alone)


@pytest.mark.parametrize("currency", ["BTC", "ETH"])
def test_a_published_chain_is_marked_as_it_was_published(currency: str) -> None:
    chain = published_chains()[currency]
    listing = chain_listing(chain)
    market = chain_market(chain, listing)
    table = risk_table(listing, market, BTC)
    rows = [row for row, one in enumerate(listing.instruments) if one.payoff.kinks]
    order = np.lexsort((chain.is_call, chain.strike, chain.expiry_s))
    published_e3 = {
        (int(chain.expiry_s[at]), round(chain.strike[at] * 1000), bool(chain.is_call[at])): (
            chain.mark[at] * 1000
        )
        for at in order
    }
    errors = []
    for row in rows:
        one = listing.instruments[row]
        place = (one.maturity.s, one.payoff.kinks[0].strike_e3, one.payoff.slope == 0)  # type: ignore[union-attr]
        forward_e3 = int(market.forward_e3[listing.group[row]])
        errors.append(abs(int(table.mark_e3[row]) - published_e3[place]) / forward_e3)
    # The volatility has two decimals of a point; marks are in ten-thousandths of the coin.
    assert len(errors) == len(chain.strike)
    assert np.median(errors) < 2e-5
    assert np.quantile(errors, 0.99) < 1e-3


def test_the_volatility_of_a_fortnight_lies_between_the_expiries_around_it() -> None:
    chain = published_chains()["BTC"]
    listing = chain_listing(chain)
    market = chain_market(chain, listing)
    days = market.tenor_s / DAY_S
    before = int(np.flatnonzero(days <= 14)[-1])
    atm = []
    for group in (before, before + 1):
        nodes = listing.node_group == group
        gap = np.abs(listing.node_strike_e3[nodes] - market.forward_e3[group])
        atm.append(int(market.vol_e6[nodes][np.argmin(gap)]))
    assert min(atm) - 5_000 <= market.fortnight_vol_e6 <= max(atm) + 5_000
