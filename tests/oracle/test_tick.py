"""What a quorum of reports becomes."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novate.oracle import NoTick, OracleTick, TickReport, TooFewReports, report_digest
from novate.oracle.tick import oracle_tick
from novate.units import Instant, Price

from .scene import (
    BTC,
    DOMAIN,
    ETH,
    LATER,
    NOW,
    PARAMETERS,
    PRICE_E3,
    SMILE,
    SOON,
    agreed,
    all_say,
    codes,
    feed,
    quote,
    report,
    signed,
    sources,
    tick_of,
)

BOTH = report(feed(BTC), feed(ETH, sources=sources(30_000_000)))
FIRST = agreed(all_say(*[BOTH] * 5))
LATE = Instant(NOW.s + 10)


def later(
    move_e3: int = 0, *, after_s: int = 10, level_e6: int = 0, sources_age_s: int = 1
) -> TickReport:
    """A report of BTC some seconds after `NOW`, moved a little."""
    at_s = NOW.s + after_s
    said = sources(PRICE_E3 + move_e3, age_s=sources_age_s - after_s)
    smile = replace(SMILE, a_e6=SMILE.a_e6 + level_e6)
    quotes = (quote(SOON, forward=Price(PRICE_E3 + 100_000 + move_e3), smile=smile),)
    return report(feed(sources=said, expiries=quotes), at_s=at_s)


def test_a_quorum_makes_a_tick_of_every_feed() -> None:
    assert (FIRST.at, FIRST.taken_at) == (NOW, NOW)
    assert [one.subject for one in FIRST.feeds] == [BTC, ETH]
    assert FIRST.feed(BTC).index.price == Price(PRICE_E3)
    assert FIRST.feed(ETH).index.price == Price(30_000_000)
    assert [one.expiry for one in FIRST.feed(ETH).expiries] == [SOON, LATER]
    assert FIRST.publishers == (0, 1, 2, 3, 4)
    assert FIRST.digests == (report_digest(DOMAIN, BOTH),) * 5
    assert FIRST.refusals == ()


@pytest.mark.parametrize("count", [0, 1, 2])
def test_fewer_than_a_quorum_make_no_tick(count: int) -> None:
    made = tick_of([signed(i) for i in range(count)])
    assert made == NoTick(TooFewReports(counted=count, quorum=3), ())


def test_reports_that_do_not_count_do_not_help_to_a_quorum() -> None:
    two = [signed(0), signed(1)]
    assert isinstance(tick_of([*two, signed(1)]), NoTick)
    equivocating = [signed(2), signed(2, report(feed(sources=sources(1))))]
    made = tick_of([*two, *equivocating])
    assert isinstance(made, NoTick)
    assert codes(made) == ["equivocation"]


def test_one_liar_who_says_two_things_does_not_stop_the_others() -> None:
    liar = [signed(4, later(-5)), signed(4, later(5))]
    made = agreed([*liar, *all_say(later(), later(), later())], now=LATE, last=FIRST)
    assert made.publishers == (0, 1, 2)
    assert codes(made)[0] == "equivocation"


def test_a_report_is_not_used_again_for_the_next_tick() -> None:
    made = tick_of(all_say(*[BOTH] * 5), now=LATE, last=FIRST)
    assert isinstance(made, NoTick)
    assert codes(made) == ["past_report"] * 5


def test_a_tick_is_later_than_every_report_of_the_one_before() -> None:
    reports = [later(after_s=1), later(after_s=1), later(after_s=10)]
    made = agreed(all_say(*reports), now=LATE, last=FIRST)
    assert (made.at, made.latest) == (Instant(NOW.s + 1), Instant(NOW.s + 10))
    again = [later(after_s=10), later(after_s=11), later(after_s=11)]
    late = tick_of(all_say(*again), now=Instant(NOW.s + 11), last=made)
    assert isinstance(late, NoTick)
    assert codes(late) == ["past_report"]


def test_no_field_goes_back_in_time_when_few_speak_of_it() -> None:
    silent = report(feed(sources=()), at_s=NOW.s + 2)
    spoken = [later(after_s=s) for s in (3, 7, 7)]
    made = agreed(all_say(silent, silent, *spoken), now=LATE, last=FIRST)
    assert (made.at.s, made.feed(BTC).index.trust.at.s) == (NOW.s + 3, NOW.s + 7)
    between = all_say(*[later(after_s=6)] * 5)
    assert isinstance(tick_of(between, now=LATE, last=made), NoTick)


def test_what_is_not_spoken_of_stays() -> None:
    made = agreed(all_say(*[later(7)] * 3), now=LATE, last=FIRST)
    assert made.feed(BTC).index.price == Price(PRICE_E3 + 7)
    assert made.feed(ETH) == FIRST.feed(ETH)
    assert made.feed(ETH).index.trust.confidence_e6(made.taken_at) < 10**6


def test_one_feed_outside_its_band_does_not_stop_the_other() -> None:
    jump = report(feed(BTC, sources=sources(180_000_000)), feed(ETH, sources=sources(30_000_001)))
    moved = replace(jump, published_at=Instant(NOW.s + 1))
    made = agreed(all_say(*[moved] * 3), now=Instant(NOW.s + 1), last=FIRST)
    assert made.feed(BTC).index == FIRST.feed(BTC).index
    assert made.feed(ETH).index.price == Price(30_000_001)
    assert codes(made) == ["outside_band"]


def test_a_feed_that_is_not_listed_is_not_heard() -> None:
    alone = replace(PARAMETERS, feeds=PARAMETERS.feeds[:1])
    made = agreed(all_say(*[BOTH] * 5), parameters=alone)
    assert [one.subject for one in made.feeds] == [BTC]


def test_a_feed_without_an_index_ever_has_no_price() -> None:
    made = agreed(all_say(*[report(feed(BTC))] * 5))
    with pytest.raises(KeyError, match="no index price of underlying 2"):
        made.feed(ETH)


def test_a_minority_cannot_list_an_expiry() -> None:
    extra = feed(expiries=(quote(SOON), quote(LATER), quote(Instant(LATER.s + 1))))
    made = agreed(all_say(report(extra), report(extra), *[report()] * 3))
    assert [one.expiry for one in made.feed(BTC).expiries] == [SOON, LATER]
    assert codes(made).count("too_few_quotes") == 1


def test_a_report_for_another_venue_makes_no_tick_here() -> None:
    elsewhere = replace(DOMAIN, chain_id=1)
    made = oracle_tick(elsewhere, PARAMETERS, all_say(*[BOTH] * 5), now=NOW, last=None)
    assert isinstance(made, NoTick)
    assert codes(made) == ["wrong_signature"] * 5


moves = st.integers(-9_000_000, 9_000_000)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(moves, st.integers(1, 10), moves), min_size=3, max_size=5),
    st.randoms(use_true_random=False),
)
def test_the_order_of_reports_is_of_no_account(
    said: list[tuple[int, int, int]], chance: random.Random
) -> None:
    reports = [later(move, after_s=s, level_e6=level // 1_000) for move, s, level in said]
    envelopes = all_say(*reports)
    first = tick_of(envelopes, now=LATE, last=FIRST)
    for _ in range(3):
        chance.shuffle(envelopes)
        assert tick_of(envelopes, now=LATE, last=FIRST) == first


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(-4_000_000, 4_000_000), min_size=3, max_size=4),
    st.integers(-4_000_000, 4_000_000),
)
def test_one_honest_report_more_never_turns_a_price_into_a_refusal(
    said: list[int], more: int
) -> None:
    """Honest: within the band of the last tick, as every report here is, on every field."""
    made = agreed(all_say(*map(later, said)), now=LATE, last=FIRST)
    with_more = agreed(all_say(*map(later, [*said, more])), now=LATE, last=FIRST)
    assert made.feed(BTC).index.trust.at == with_more.feed(BTC).index.trust.at == LATE
    assert with_more.feed(BTC).expiries[0].trust.at == LATE
    assert set(codes(with_more)) <= set(codes(made))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(-1_000_000, 1_000_000), min_size=3, max_size=3),
    st.lists(st.integers(1 - PRICE_E3, 2**31 - 1 - PRICE_E3 - 100_000), min_size=1, max_size=2),
)
def test_a_minority_of_liars_neither_moves_a_price_past_the_honest_nor_stops_it(
    honest: list[int], lies: list[int]
) -> None:
    made = agreed(all_say(*map(later, honest + lies)), now=LATE, last=FIRST)
    index, expiry = made.feed(BTC).index, made.feed(BTC).expiries[0]
    assert min(honest) <= index.price.e3 - PRICE_E3 <= max(honest)
    assert min(honest) <= expiry.forward.e3 - PRICE_E3 - 100_000 <= max(honest)
    assert index.trust.at == expiry.trust.at == LATE
    assert isinstance(made, OracleTick)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(-300_000, 300_000), min_size=3, max_size=5),
    st.integers(1, 3),
    st.integers(0, 50),
)
def test_reports_further_apart_and_older_are_trusted_less(
    said: list[int], times: int, wait_s: int
) -> None:
    centre = sorted(said)[(len(said) - 1) // 2]
    near = [later(move - centre) for move in said]
    far = [later(times * (move - centre)) for move in said]
    before = agreed(all_say(*near), now=LATE, last=FIRST).feed(BTC)
    apart = agreed(all_say(*far), now=LATE, last=FIRST).feed(BTC)
    waited = agreed(all_say(*near), now=Instant(LATE.s + wait_s), last=FIRST).feed(BTC)
    for one, other, at in ((before, apart, LATE), (before, waited, Instant(LATE.s + wait_s))):
        assert other.index.trust.confidence_e6(at) <= one.index.trust.confidence_e6(LATE)
        for was, becomes in zip(one.expiries[:1], other.expiries[:1], strict=True):
            assert becomes.trust.confidence_e6(at) <= was.trust.confidence_e6(LATE)
