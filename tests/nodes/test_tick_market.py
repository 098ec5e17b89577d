"""From an oracle tick to the market of a listing."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from novate.instruments import Instrument, Option, Right, Underlying, future, perpetual
from novate.nodes import TickRefused, tick_market
from novate.oracle import IndexSample, OracleTick, observed_e3s
from novate.pricing import Svi, fortnight_vol, implied_vol_e6
from novate.risk import BTC, COLUMNS, Listing, Market, RiskTable, risk_table, table
from novate.risk.scenario import MAINTENANCE_COLUMNS
from novate.units import Instant, Multiplier, Price, Tenor, Vol

from .chains import DAY_S, made_chain
from .ticks import INDEX_E3, NOW, ONE_UNIT, changed, feed, tick_of

STRIKES = (70_000, 90_000, 90_010, 120_000)
WINDOW_S = 1_800
SETTLED_E3 = 90_900_000


def listing(
    *expiries: int, multiplier: Multiplier = ONE_UNIT, underlying: Underlying = Underlying.BTC
) -> Listing:
    """Perpetual, futures, calls and puts on expiries so many seconds from now."""
    found: list[Instrument] = [perpetual(underlying, multiplier)]
    for seconds in expiries:
        expiry = Instant(NOW.s + seconds)
        found.append(future(underlying, multiplier, expiry))
        found += [
            Option(underlying, right, Price(strike * multiplier.e3), expiry, multiplier).instrument
            for strike in STRIKES
            for right in Right
        ]
    return Listing.of(found)


def days(*each: float) -> list[int]:
    return [int(one * DAY_S) for one in each]


USUAL = days(1, 7, 30, 90, 365)


@pytest.fixture(scope="module")
def usual() -> OracleTick:
    """The tick of a chain of five expiries."""
    return tick_of(feed(made_chain()))


def test_prices_are_the_tick_s_and_tenors_count_from_it(usual: OracleTick) -> None:
    listed = listing(*USUAL)
    market = tick_market(usual, listed)
    agreed = usual.feeds[0]
    assert market.index_e3 == INDEX_E3
    assert market.tenor_s.tolist() == [0, *USUAL]
    assert market.forward_e3.tolist() == [INDEX_E3, *(one.forward.e3 for one in agreed.expiries)]
    assert market.shocked_e3.tolist() == market.forward_e3.tolist()
    assert market.confidence_e6.tolist() == [
        one.trust.confidence_e6(NOW) for one in (agreed.index, *agreed.expiries)
    ]
    market.check(listed)
    assert risk_table(listed, market, BTC).entry_e3.shape == (len(listed.instruments), COLUMNS)


@pytest.mark.parametrize("multiplier_e3", [100, 1000, 10_000])
def test_a_volatility_is_that_of_the_smile_at_the_strike(multiplier_e3: int) -> None:
    multiplier = Multiplier(multiplier_e3)
    tick = tick_of(feed(made_chain(), multiplier=multiplier))
    listed = listing(*USUAL, multiplier=multiplier)
    market = tick_market(tick, listed)
    for node, vol_e6 in enumerate(market.vol_e6.tolist()):
        agreed = tick.feeds[0].expiries[listed.node_group[node] - 1]
        strike_e3 = int(listed.node_strike_e3[node])
        assert vol_e6 == implied_vol_e6(
            agreed.smile, agreed.forward.e3, strike_e3, agreed.expiry.s - NOW.s
        )
    # The smile that the chain was made by: 0.12 + 0.25 (0.3 x 0.05 + 0.403113) = 0.473844 squared.
    at_the_money = market.vol_e6[listed.node_strike_e3 == 90_000 * multiplier_e3]
    assert at_the_money == pytest.approx(np.full(5, 473_844), abs=10)


def test_the_fortnight_s_volatility_is_of_all_expiries_listed_or_not(usual: OracleTick) -> None:
    points = []
    for one in usual.feeds[0].expiries:
        tenor_s, forward_e3 = one.expiry.s - NOW.s, one.forward.e3
        vol_e6 = int(implied_vol_e6(one.smile, forward_e3, forward_e3, tenor_s))
        points.append((Tenor(tenor_s), Vol(vol_e6)))
    for expiries in (USUAL, days(365), []):
        assert tick_market(usual, listing(*expiries)).fortnight_vol_e6 == fortnight_vol(points).e6


@pytest.mark.parametrize(
    ("basis_e3", "mark_e3"),
    [(0, INDEX_E3), (1, INDEX_E3 + 1), (450_050, INDEX_E3 + 450_050),
     (450_051, INDEX_E3 + 450_050), (-10**9, INDEX_E3 - 450_050)],
)  # fmt: skip
def test_the_perpetual_stands_at_the_index_and_a_basis_of_half_a_percent_at_most(
    usual: OracleTick, basis_e3: int, mark_e3: int
) -> None:
    market = tick_market(usual, listing(*USUAL), basis_e3=basis_e3, funding_e3=-7)
    assert (market.forward_e3[0], market.shocked_e3[0]) == (mark_e3, mark_e3)
    assert (market.index_e3, market.funding_e3) == (INDEX_E3, -7)


def test_what_only_stayed_is_trusted_less(usual: OracleTick) -> None:
    at = Instant(NOW.s + 30)
    fewer = replace(feed(made_chain(), at=at), expiries=feed(made_chain(), at=at).expiries[1:])
    later = tick_of(fewer, at=at, last=usual)
    before, after = (tick_market(one, listing(*USUAL)) for one in (usual, later))
    assert after.forward_e3[1] == before.forward_e3[1]
    # a quarter of all is left out after half a heartbeat
    assert after.confidence_e6[1] == before.confidence_e6[1] * 3 // 4
    assert after.confidence_e6[2] == pytest.approx(before.confidence_e6[2], abs=2)
    assert after.tenor_s[1] == before.tenor_s[1] - 30


def test_a_perpetual_is_trusted_as_its_index_is(usual: OracleTick) -> None:
    at = Instant(NOW.s + 30)
    silent = tick_of(replace(feed(made_chain(), at=at), sources=()), at=at, last=usual)
    markets = [tick_market(one, listing(*USUAL)) for one in (usual, silent)]
    assert [int(market.confidence_e6[0]) for market in markets] == [10**6, 750_000]


def samples(expiry: Instant, now: Instant, *, gap_s: tuple[int, int] = (0, 0)) -> list[IndexSample]:
    """A price every ten seconds of the window until now, but in a gap."""
    start = expiry.s - WINDOW_S
    return [
        IndexSample(Instant(second), Price(SETTLED_E3))
        for second in range(start, now.s + 1, 10)
        if not gap_s[0] <= second - start < gap_s[1]
    ]


@pytest.mark.parametrize("left_s", [1, 60, 600, 1_799, 1_800, 1_801])
def test_in_the_last_half_hour_only_what_is_not_settled_moves(left_s: int) -> None:
    tick = tick_of(feed(made_chain(days=((left_s + 60.5) / DAY_S, 30))))
    expiry = tick.feeds[0].expiries[0].expiry
    now = Instant(NOW.s + 60)
    soon = replace(tick, taken_at=now)
    listed = listing(left_s + 60)
    seen = samples(expiry, now)
    market = tick_market(soon, listed, samples=seen)
    settled_s = max(WINDOW_S - left_s, 0)
    reported_e3 = tick.feeds[0].expiries[0].forward.e3
    moving_e3 = reported_e3 * left_s // WINDOW_S if left_s <= WINDOW_S else reported_e3
    assert market.shocked_e3[1] == moving_e3
    assert market.forward_e3[1] == SETTLED_E3 * settled_s // WINDOW_S + moving_e3
    known_e3s, known_s = observed_e3s(seen, expiry, now)
    assert (known_e3s, known_s) == (SETTLED_E3 * settled_s, settled_s)
    market.check(listed)
    # The future's loss at the end of the range is that of the moving part alone.
    made = risk_table(listed, market, BTC)
    row = int(np.flatnonzero((listed.group == 1) & ~listed.is_curved)[0])
    worst_e3 = -int(made.entry_e3[row, :MAINTENANCE_COLUMNS].min())
    assert worst_e3 == pytest.approx(moving_e3 * made.shocks.range_e6 / 10**6, abs=1)


def test_seconds_that_no_price_covers_still_move() -> None:
    tick = tick_of(feed(made_chain(days=(600.5 / DAY_S, 30))))
    expiry = tick.feeds[0].expiries[0].expiry
    whole, holed = (samples(expiry, NOW, gap_s=gap) for gap in ((0, 0), (100, 400)))
    # From second 90 the price holds until 210, and the next one comes at 400.
    assert [observed_e3s(seen, expiry, NOW)[1] for seen in (whole, holed)] == [1_200, 1_010]
    moving = [
        int(tick_market(tick, listing(600), samples=seen).shocked_e3[1])
        for seen in (whole, holed, [])
    ]
    assert moving == [INDEX_E3 * left_s // WINDOW_S for left_s in (600, 790, 1_800)]


def expired(seconds: int) -> OracleTick:
    """A tick so long after the first of its two expiries."""
    tick = tick_of(feed(made_chain(days=(100.5 / DAY_S, 30))))
    one = tick.feeds[0]
    return replace(
        tick,
        taken_at=Instant(NOW.s + 100 + seconds),
        feeds=(replace(one, expiries=one.expiries[1:]),),
    )


@pytest.mark.parametrize("after_s", [0, 1, 3_600])
def test_what_has_expired_stands_at_its_settlement_price(after_s: int) -> None:
    start = NOW.s + 100 - WINDOW_S
    seen = [
        IndexSample(Instant(start + second), Price(SETTLED_E3)) for second in range(0, 1_800, 9)
    ]
    listed = listing(100, 30 * DAY_S)
    market = tick_market(expired(after_s), listed, samples=seen)
    assert (market.tenor_s[1], market.forward_e3[1], market.shocked_e3[1]) == (0, SETTLED_E3, 0)
    assert market.confidence_e6[1] == 10**6
    made = risk_table(listed, market, BTC)
    assert not made.entry_e3[listed.group == 1].any()
    calls = [
        (int(one.payoff.kinks[0].strike_e3), int(made.mark_e3[row]))
        for row, one in enumerate(listed.instruments)
        if listed.group[row] == 1 and listed.upside[row] == 1
    ]
    assert calls == [(k * 1000, max(SETTLED_E3 - k * 1000, 0)) for k in STRIKES]


def test_until_a_settlement_price_is_known_the_index_stands_for_the_rest() -> None:
    start = NOW.s + 100 - WINDOW_S
    seen = [IndexSample(Instant(start + second), Price(SETTLED_E3)) for second in (0, 120, 240)]
    market = tick_market(expired(10), listing(100, 30 * DAY_S), samples=seen)
    moving_e3 = INDEX_E3 * (WINDOW_S - 360) // WINDOW_S
    assert market.shocked_e3[1] == moving_e3
    assert market.forward_e3[1] == SETTLED_E3 * 360 // WINDOW_S + moving_e3
    assert market.tenor_s[1] == 0


def test_an_expiry_that_is_past_needs_the_prices_it_settles_by() -> None:
    with pytest.raises(TickRefused, match=r"is past at .* next: settle it and drop it"):
        tick_market(expired(0), listing(100, 30 * DAY_S))
    tick_market(expired(0), listing(30 * DAY_S))


@pytest.mark.parametrize(
    ("listed", "told"),
    [
        (
            listing(*USUAL, underlying=Underlying.ETH),
            "has no index price of underlying 2, .*; it has",
        ),
        (listing(*USUAL, multiplier=Multiplier(100)), "has no index price of underlying 1"),
        (listing(*USUAL, 8 * DAY_S), "nothing was ever agreed of the expiry"),
    ],
)
def test_what_the_tick_does_not_know_is_refused(
    usual: OracleTick, listed: Listing, told: str
) -> None:
    with pytest.raises(TickRefused, match=told):
        tick_market(usual, listed)


def test_without_any_expiry_there_is_no_volatility() -> None:
    with pytest.raises(TickRefused, match="no volatility to margin even a perpetual by"):
        tick_market(tick_of(replace(feed(), expiries=())), listing())


@pytest.mark.parametrize(
    ("seconds", "is_allowed"),
    [(-(2 * 365 * DAY_S), False), (-601, False), (-600, True), (-60, True), (0, True), (1, False)],
)
def test_a_clock_stands_still_and_does_not_run_ahead(
    usual: OracleTick, seconds: int, is_allowed: bool
) -> None:
    clock, listed = Instant(NOW.s + seconds), listing(*USUAL)
    if is_allowed:
        market = tick_market(usual, listed, clock=clock)
        assert market.tenor_s.tolist() == [0, *(tenor_s - seconds for tenor_s in USUAL)]
        market.check(listed)
    else:
        with pytest.raises(TickRefused, match="tenors cannot count from"):
            tick_market(usual, listed, clock=clock)


class Priced:
    """Counts the nodes that are priced for a table."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.nodes: list[int] = []
        real = table.contract_risk

        def counting(part: Listing, market: Market, shocks: Any) -> Any:
            self.nodes.append(len(part.node_group))
            return real(part, market, shocks)

        monkeypatch.setattr(table, "contract_risk", counting)


def following(usual: OracleTick, seconds: int, **said: Any) -> OracleTick:
    """A later tick of the same prices, but for one expiry."""
    at = Instant(NOW.s + seconds)
    return tick_of(changed(feed(made_chain(), at=NOW), 2, **said), at=at, last=usual)


@pytest.mark.parametrize(
    ("said", "nodes"),
    [
        ({}, []),
        ({"forward": Price(90_500_000)}, [4]),
        (
            {"smile": Svi(a_e6=120_100, b_e6=250_000, rho_e6=-300_000, m_e6=50_000, s_e6=400_000)},
            [4],
        ),
        ({"smile": Svi(a_e6=150_000, b_e6=250_000, rho_e6=0, m_e6=0, s_e6=400_000)}, [20]),
    ],
)
def test_while_the_clock_stands_only_what_ticked_is_priced_anew(
    usual: OracleTick, monkeypatch: pytest.MonkeyPatch, said: dict[str, Any], nodes: list[int]
) -> None:
    """The smile of 30 days is in the fortnight's volatility: all shocks follow it once the range is
    another step.
    """
    listed = listing(*USUAL)
    before = risk_table(listed, tick_market(usual, listed), BTC)
    later = tick_market(following(usual, 20, **said), listed, clock=NOW)
    priced = Priced(monkeypatch)
    after = risk_table(listed, later, BTC, previous=before)
    assert priced.nodes == nodes
    assert_equal(after, risk_table(listed, later, BTC))
    others = listed.group != 3
    if nodes != [20]:
        assert np.array_equal(after.entry_e3[others], before.entry_e3[others])
    assert np.array_equal(after.entry_e3, before.entry_e3) == (not said)


def test_when_the_clock_goes_on_every_expiry_is_priced_anew(
    usual: OracleTick, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = listing(*USUAL)
    before = risk_table(listed, tick_market(usual, listed), BTC)
    later = tick_market(following(usual, 20), listed)
    priced = Priced(monkeypatch)
    after = risk_table(listed, later, BTC, previous=before)
    assert priced.nodes == [len(listed.node_group)]
    assert_equal(after, risk_table(listed, later, BTC))


def assert_equal(one: RiskTable, other: RiskTable) -> None:
    for column in ("summand_e3", "group_rates_e6", "entry_e3", "mark_e3"):
        assert np.array_equal(getattr(one, column), getattr(other, column)), column
