"""The whole way on published chains: chain, reports, signatures, file, tick, market, risk table.

The margin of a book in a tick's market differs from that in the chain's own market by the error of
the fits, and by nothing else.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from math import ceil
from pathlib import Path

import numpy as np
import pytest
from tests.shared_data import published

from novate.keys import Domain, public_key
from novate.nodes import (
    OptionChain,
    ShownReports,
    TickFile,
    TickPublisher,
    chain_listing,
    chain_market,
    feed_report,
    fit_surface,
    read_option_chains,
    read_tick_file,
    tick_market,
    write_tick_file,
)
from novate.oracle import (
    FeedParameters,
    OracleParameters,
    OracleTick,
    Source,
    SourceQuote,
    Subject,
    TickReport,
    sign_report,
)
from novate.pricing import implied_vol_e6, surface_arbitrages
from novate.risk import BTC, ETH, Listing, Market, Positions, RiskTable, requirement, risk_table
from novate.units import Instant, Multiplier, Price

CALM = "deribit_options_snapshot_20260115T092130Z.csv"
CRASH = "deribit_options_snapshot_20260205T155132Z.csv"
SEQUENCE = "chain_sequence_2026-02-03_2026-02-08.csv.gz"
DOMAIN = Domain(31_337, bytes(range(20)))
SECRETS = tuple(bytes([0x41 + place]) * 32 for place in range(3))
SOURCES = (1, 2, 3)
PARAMETERS = {"BTC": BTC, "ETH": ETH}
COINS = tuple(PARAMETERS)


@cache
def chains(name: str) -> dict[str, OptionChain]:
    return {one.currency: one for one in read_option_chains(published(f"deribit/{name}"))}


def without(chain: OptionChain, publisher: int) -> OptionChain:
    """What a publisher sees who lacks every sixth strike, each another."""
    strikes = np.unique(chain.strike)
    return chain.where(~np.isin(chain.strike, strikes[publisher::6]))


def report(seen: Sequence[OptionChain], at: Instant) -> TickReport:
    feeds = []
    for chain in seen:
        index = Price(round(chain.index * 1000))
        sources = [SourceQuote(source, index, at) for source in SOURCES]
        feeds.append(feed_report(chain, fit_surface(chain), sources, published_at=at))
    return TickReport(at, tuple(sorted(feeds, key=lambda feed: feed.subject)))


def parameters(first: TickReport) -> OracleParameters:
    """Three publishers, two a quorum, of the feeds of a report."""
    return OracleParameters(
        publishers=tuple(public_key(secret).commitment for secret in SECRETS),
        quorum=2,
        unlock_quorum=3,
        feeds=tuple(
            FeedParameters(feed.subject, tuple(map(Source, SOURCES))) for feed in first.feeds
        ),
    )


def tick_file(folder: Path, name: str, *, is_same: bool = False) -> TickFile:
    """The file of a snapshot's tick, by three publishers who see the same, or nearly."""
    whole = chains(name)
    at = Instant(ceil(max(chain.taken_at_s for chain in whole.values())))
    reports = []
    for place, secret in enumerate(SECRETS):
        seen = [chain if is_same else without(chain, place) for chain in whole.values()]
        with TickPublisher(domain=DOMAIN, secret=secret, journal=folder / f"{place}") as one:
            reports.append(one.publish(report(seen, at)))
    path = folder / "ticks.json"
    write_tick_file(path, DOMAIN, parameters(reports[0].report), [ShownReports(at, tuple(reports))])
    return read_tick_file(path)


@dataclass(frozen=True)
class Desk:
    """A listing, its chain's own market, and books in it."""

    chain: OptionChain
    listing: Listing
    market: Market

    def table(self, market: Market) -> RiskTable:
        return risk_table(self.listing, market, PARAMETERS[self.chain.currency])

    def row(self, days: float, far: float, *, is_call: bool) -> int:
        """The option nearest to so many days and so many standard deviations off the forward."""
        curved = np.flatnonzero(self.listing.is_curved)
        curved = curved[(self.listing.upside[curved] == 1) == is_call]
        group = int(np.argmin(np.abs(self.market.tenor_s[1:] - days * 86_400))) + 1
        mine = curved[self.listing.group[curved] == group]
        forward_e3, tenor_s = self.market.forward_e3[group], self.market.tenor_s[group]
        deviation = self.market.fortnight_vol_e6 / 1e6 * np.sqrt(tenor_s / 31_536_000)
        strikes = np.array([self.listing.instruments[r].payoff.kinks[0].strike_e3 for r in mine])
        return int(mine[np.argmin(np.abs(np.log(strikes / forward_e3) - far * deviation))])

    def books(self) -> dict[str, Positions]:
        """Books that desks know."""
        call = {(d, f): self.row(d, f, is_call=True) for d in (7, 40, 160) for f in (0, 1, 2)}
        put = {(d, f): self.row(d, -f, is_call=False) for d in (7, 40, 160) for f in (0, 1, 2)}
        legs: dict[str, list[tuple[int, int]]] = {
            "short straddle": [(call[40, 0], -10), (put[40, 0], -10)],
            "short strangle, a week": [(call[7, 1], -10), (put[7, 1], -10)],
            "iron condor": [(call[40, 1], -9), (put[40, 1], -9), (call[40, 2], 9), (put[40, 2], 9)],
            "calendar": [(call[40, 0], -10), (call[160, 0], 10)],
            "hedged short puts": [(put[160, 1], -10), (0, -3)],
            "covered call": [(0, 5), (call[40, 1], -5)],
            "long straddle": [(call[160, 0], 4), (put[160, 0], 4)],
            "perpetual": [(0, -7)],
        }
        return {name: self._positions(book) for name, book in legs.items()}

    def _positions(self, legs: list[tuple[int, int]]) -> Positions:
        row, size = np.array(legs, dtype=np.int64).T
        return Positions.of(row, size * 1000, np.zeros(len(row), dtype=np.int64))


def desk(name: str, coin: str) -> Desk:
    chain = chains(name)[coin]
    listing = chain_listing(chain)
    return Desk(chain, listing, chain_market(chain, listing))


def initial_e6(table: RiskTable, positions: Positions) -> int:
    return int(requirement(table, positions).initial_e6[0])


@pytest.mark.parametrize("name", [CALM, CRASH])
def test_the_market_of_a_tick_on_which_all_agree_is_the_fit_itself(
    tmp_path: Path, name: str
) -> None:
    tick = tick_file(tmp_path, name, is_same=True).last
    for coin, chain in chains(name).items():
        one = desk(name, coin)
        market = tick_market(tick, one.listing)
        smiles = fit_surface(chain).smiles
        assert market.index_e3 == one.market.index_e3
        assert market.forward_e3.tolist() == one.market.forward_e3.tolist()
        # a chain's instant has decimals, and a report is signed at the next second
        assert np.abs(market.tenor_s - one.market.tenor_s).max() <= 1
        for node, group in enumerate(one.listing.node_group.tolist()):
            assert market.vol_e6[node] == implied_vol_e6(
                smiles[group - 1].smile,
                market.forward_e3[group],
                one.listing.node_strike_e3[node],
                market.tenor_s[group],
            )


@pytest.mark.parametrize(("name", "most"), [(CALM, 0.01), (CRASH, 0.02)])
@pytest.mark.parametrize("coin", COINS)
def test_margin_in_a_tick_s_market_is_that_in_the_chain_s_but_for_the_fit(
    tmp_path: Path, name: str, coin: str, most: float
) -> None:
    one = desk(name, coin)
    tick = tick_file(tmp_path, name).last
    assert not tick.refusals
    own, told = one.table(one.market), one.table(tick_market(tick, one.listing))
    far = {}
    for book, positions in one.books().items():
        first, second = initial_e6(own, positions), initial_e6(told, positions)
        far[book] = second / first - 1
    assert abs(far["perpetual"]) < 1e-3 + abs(told.shocks.range_e6 / own.shocks.range_e6 - 1)
    assert max(map(abs, far.values())) < most, far


@pytest.mark.parametrize("name", [CALM, CRASH])
def test_a_tick_of_smiles_by_several_publishers_offers_no_arbitrage(
    tmp_path: Path, name: str
) -> None:
    tick = tick_file(tmp_path, name).last
    for coin in COINS:
        one = desk(name, coin)
        feed = tick.feed(Subject(one.listing.instruments[0].underlying, Multiplier(1000)))
        assert (
            surface_arbitrages(
                [agreed.smile for agreed in feed.expiries],
                np.array([agreed.expiry.s - tick.taken_at.s for agreed in feed.expiries]),
                np.array([agreed.forward.e3 for agreed in feed.expiries]),
                one.listing.node_group - 1,
                one.listing.node_strike_e3,
            )
            == ()
        )


def test_the_ticks_of_a_crash_follow_one_another_and_nothing_is_held_back(tmp_path: Path) -> None:
    """Five days of February 2026, BTC from 78,500 down to 63,900 USD and back above 70,000; every
    fourth of the published chains."""
    parts = defaultdict(list)
    for chain in read_option_chains(published(f"deribit/{SEQUENCE}")):
        parts[ceil(chain.taken_at_s)].append(chain)
    shown = []
    for at_s, both in sorted(parts.items())[3::4]:
        at = Instant(at_s)
        reports = [report([without(chain, place) for chain in both], at) for place in range(3)]
        signed = [
            sign_report(DOMAIN, one, secret) for one, secret in zip(reports, SECRETS, strict=True)
        ]
        shown.append(ShownReports(at, tuple(signed)))
    path = tmp_path / "ticks.json"
    write_tick_file(path, DOMAIN, parameters(shown[0].reports[0].report), shown)
    ticks = read_tick_file(path).ticks
    assert [tick.refusals for tick in ticks] == [()] * 6
    assert {len(feed.expiries) for tick in ticks for feed in tick.feeds} == {12}


def ticked(tick: OracleTick, place: int) -> OracleTick:
    """The same tick with the forward of one expiry a milli-USD higher."""
    feed = tick.feeds[0]
    expiries = list(feed.expiries)
    forward = Price(expiries[place].forward.e3 + 1)
    expiries[place] = replace(expiries[place], forward=forward)
    return replace(tick, feeds=(replace(feed, expiries=tuple(expiries)), *tick.feeds[1:]))


def test_when_one_expiry_ticks_the_table_is_brought_up_to_date_row_for_row(tmp_path: Path) -> None:
    one = desk(CALM, "BTC")
    tick = tick_file(tmp_path, CALM).last
    table = one.table(tick_market(tick, one.listing))
    for place in range(len(tick.feeds[0].expiries)):
        tick = ticked(tick, place)
        market = tick_market(tick, one.listing)
        after = risk_table(one.listing, market, BTC, previous=table)
        assert np.array_equal(after.summand_e3, one.table(market).summand_e3)
        is_new = (after.summand_e3 != table.summand_e3).any(axis=1)
        assert set(one.listing.group[is_new].tolist()) == {place + 1}
        table = after
