"""The index price that a quorum agrees on."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novate.oracle import (
    AgreedIndex,
    FeedReport,
    NoIndex,
    OutsideBand,
    Refusal,
    Source,
    SourceDropped,
    SourceQuote,
    Trust,
    Unprecedented,
)
from novate.oracle.agreed_index import agree_index, dropped_sources
from novate.oracle.hearing import Hearing, Saying
from novate.units import Instant, Price

from .scene import BTC, NOW, PARAMETERS, PRICE_E3, SOURCES, sources

LAST = AgreedIndex(Price(PRICE_E3), 4, Trust(Instant(NOW.s - 10), 10**6, 0, 60))


def hearing(*said: Any, at_s: int = NOW.s, **changes: Any) -> Hearing:
    """What each publisher says of the sources of BTC."""
    sayings = tuple(Saying(Instant(at_s), FeedReport(BTC, one, ())) for one in said)
    return Hearing(replace(PARAMETERS, **changes), PARAMETERS.feeds[0], NOW, sayings)


def prices(*said: int | None) -> tuple[SourceQuote, ...]:
    """The prices of sources 1, 2, 3, ..., where there is one."""
    return tuple(
        SourceQuote(id, Price(price), NOW)
        for id, price in enumerate(said, start=1)
        if price is not None
    )


def index(*said: Any, last: AgreedIndex | None = LAST, **changes: Any) -> AgreedIndex:
    """The index that is agreed."""
    made = agree_index(hearing(*said, **changes), last)
    assert isinstance(made, AgreedIndex), made
    return made


def refusal(*said: Any, last: AgreedIndex | None = LAST, **changes: Any) -> Refusal:
    """Why none is agreed."""
    made = agree_index(hearing(*said, **changes), last)
    assert isinstance(made, Refusal), made
    return made


def test_the_index_is_of_the_medians_of_the_sources() -> None:
    low, high = PRICE_E3 - 30, PRICE_E3 + 60
    made = index(
        prices(low, PRICE_E3, PRICE_E3, high),
        prices(PRICE_E3, low, PRICE_E3, high),
        prices(PRICE_E3, PRICE_E3, low, high),
    )
    assert made.price == Price(PRICE_E3 + 15)
    assert made.sources == 4


@pytest.mark.parametrize(
    ("heard", "sources_left", "stated_e6"),
    [
        ((True, True, True, True), 4, 10**6),
        ((True, True, True, False), 3, 10**6),
        ((True, True, False, False), 2, 500_000),
        ((True, False, False, False), 1, 500_000),
    ],
)
def test_a_source_without_a_quorum_is_dropped_and_fewer_than_three_halve_the_confidence(
    heard: tuple[bool, ...], sources_left: int, stated_e6: int
) -> None:
    ids = [id for id, is_heard in zip(SOURCES, heard, strict=True) if is_heard]
    said = (sources(), sources(), *[sources(ids=ids)] * 3)
    made = index(*said)
    assert (made.sources, made.trust.stated_e6) == (sources_left, stated_e6)
    assert dropped_sources(hearing(*said)) == [
        SourceDropped(subject=BTC, source=id, quotes=2, quorum=3) for id in SOURCES if id not in ids
    ]


def test_without_a_source_there_is_no_index() -> None:
    assert refusal(sources(), sources()) == NoIndex(subject=BTC, sources=4)
    assert refusal() == NoIndex(subject=BTC, sources=4)


@pytest.mark.parametrize(("age_s", "is_fresh"), [(59, True), (60, True), (61, False)])
def test_a_source_older_than_a_minute_in_its_report_does_not_count(
    age_s: int, is_fresh: bool
) -> None:
    stale = sources(age_s=age_s)
    if is_fresh:
        assert index(stale, stale, stale).sources == 4
    else:
        assert refusal(stale, stale, stale) == NoIndex(subject=BTC, sources=4)


def test_the_age_of_a_source_is_counted_in_its_own_report() -> None:
    made = index(*[sources(age_s=90)] * 3, at_s=NOW.s - 30)
    assert made.trust.at == Instant(NOW.s - 30)


def test_a_source_that_is_not_listed_is_not_heard() -> None:
    others = tuple(SourceQuote(id, Price(1), NOW) for id in (7, 8, 9))
    assert index(*[(*sources(), *others)] * 3).price == Price(PRICE_E3)
    assert refusal(*[others] * 3) == NoIndex(subject=BTC, sources=4)


def test_a_heavier_source_weighs_more() -> None:
    said = hearing(*[prices(PRICE_E3, PRICE_E3 + 100)] * 3)
    listed = replace(said.listed, sources=(Source(1, 1), Source(2, 3)))
    made = agree_index(replace(said, listed=listed), LAST)
    assert isinstance(made, AgreedIndex)
    assert made.price == Price(PRICE_E3 + 75)


def test_a_move_outside_the_band_needs_the_larger_quorum() -> None:
    jump = [sources(PRICE_E3 * 6 // 5)] * 3
    made = refusal(*jump, sources(), sources())
    assert isinstance(made, OutsideBand)
    assert (made.last, made.value, made.beyond) == (PRICE_E3, PRICE_E3 * 6 // 5, 3)
    assert made.allowed_e6 == 105_000
    assert index(*jump, jump[0], sources()).price == Price(PRICE_E3 * 6 // 5)


def test_a_first_index_needs_the_larger_quorum() -> None:
    made = refusal(*[sources()] * 3, last=None)
    assert isinstance(made, Unprecedented)
    assert (made.quotes, made.unlock_quorum) == (3, 4)
    assert index(*[sources()] * 4, last=None).price == Price(PRICE_E3)


def test_publishers_that_differ_on_a_source_cast_doubt() -> None:
    apart = [sources(PRICE_E3 + move) for move in (-450_000, 0, 450_000)]  # 0.5 %
    assert index(*[sources()] * 3).trust.doubt_e6 == 0
    assert index(*apart).trust.doubt_e6 == 500_000


def test_sources_that_differ_from_each_other_cast_doubt() -> None:
    one_off = prices(PRICE_E3, PRICE_E3, PRICE_E3, PRICE_E3 + 900_000)
    two_off = prices(PRICE_E3, PRICE_E3, PRICE_E3 + 450_000, PRICE_E3 - 450_000)
    assert index(one_off, one_off, one_off).trust.doubt_e6 == 0
    assert index(two_off, two_off, two_off).trust.doubt_e6 == 500_000


honest_prices = st.lists(st.integers(PRICE_E3 - 10**6, PRICE_E3 + 10**6), min_size=4, max_size=4)
any_prices = st.lists(
    st.one_of(st.none(), st.integers(1, 2**31 - 1)), min_size=4, max_size=4
).filter(any)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(honest_prices, min_size=3, max_size=3), st.lists(any_prices, min_size=0, max_size=2)
)
def test_a_minority_of_liars_leaves_the_index_between_what_the_honest_say(
    honest: list[list[int]], lies: list[list[int | None]]
) -> None:
    made = index(*(prices(*one) for one in honest + lies))
    said = [price for one in honest for price in one]
    assert made.sources == 4
    assert min(said) <= made.price.e3 <= max(said)
