"""What a publisher says of a tick."""

from dataclasses import replace
from typing import Any

import pytest

from novate.oracle import FeedReport, ReportRefused, SourceQuote, TickReport
from novate.pricing import Svi, SviRefused
from novate.units import Instant, OutOfRange, Price, Rate

from .scene import BTC, ETH, LATER, NOW, SMILE, SOON, feed, quote, report, sources


@pytest.mark.parametrize(
    ("changes", "fits"),
    [
        ({"forward": Price(0)}, False),
        ({"forward": Price(1)}, True),
        ({"forward": Price(2**31 - 1)}, True),
        ({"forward": Price(2**31)}, False),
        ({"rate_e6": -(2**20)}, False),
        ({"rate_e6": 1 - 2**20}, True),
        ({"rate_e6": 2**20 - 1}, True),
        ({"rate_e6": 2**20}, False),
        ({"confidence": Rate(0)}, True),
        ({"confidence": Rate(10**6)}, True),
        ({"confidence": Rate(10**6 + 1)}, False),
    ],
)
def test_a_quote_of_an_expiry_has_its_ranges(changes: dict[str, Any], fits: bool) -> None:
    if fits:
        quote(**changes)
    else:
        with pytest.raises(OutOfRange):
            quote(**changes)


def test_a_smile_of_negative_variance_cannot_be_said() -> None:
    with pytest.raises(SviRefused):
        replace(SMILE, a_e6=-120_000)


@pytest.mark.parametrize(
    ("source", "price_e3", "fits"),
    [(0, 1, False), (1, 1, True), (2**16, 1, False), (1, 0, False), (1, 2**31, False)],
)
def test_a_quote_of_a_source_has_its_ranges(source: int, price_e3: int, fits: bool) -> None:
    if fits:
        SourceQuote(source, Price(price_e3), NOW)
    else:
        with pytest.raises(OutOfRange):
            SourceQuote(source, Price(price_e3), NOW)


def test_a_source_or_an_expiry_told_twice_or_out_of_order_is_refused() -> None:
    one, other = sources(ids=(1, 2))
    for quotes in ((one, one), (other, one), (one, replace(one, price=Price(5)))):
        with pytest.raises(ReportRefused, match="source does not rise"):
            feed(sources=quotes)
    for expiries in ((quote(SOON), quote(SOON)), (quote(LATER), quote(SOON))):
        with pytest.raises(ReportRefused, match="expiry does not rise"):
            feed(expiries=expiries)


def test_a_feed_told_twice_or_out_of_order_is_refused() -> None:
    report(feed(BTC), feed(ETH))
    for feeds in ((feed(BTC), feed(BTC)), (feed(ETH), feed(BTC))):
        with pytest.raises(ReportRefused, match="feeds do not rise"):
            report(*feeds)


@pytest.mark.parametrize(("expiries", "fits"), [(32, True), (33, False), (10_000, False)])
def test_a_feed_has_a_bounded_number_of_expiries(expiries: int, fits: bool) -> None:
    quotes = tuple(quote(Instant(SOON.s + i)) for i in range(expiries))
    if fits:
        report(feed(expiries=quotes))
    else:
        with pytest.raises(OutOfRange, match="number of expiries"):
            feed(expiries=quotes)


def test_a_feed_has_a_bounded_number_of_sources() -> None:
    feed(sources=sources(ids=range(1, 17)))
    with pytest.raises(OutOfRange, match="number of sources"):
        feed(sources=sources(ids=range(1, 18)))


def test_a_feed_or_a_report_that_says_nothing_is_refused() -> None:
    with pytest.raises(ReportRefused, match="says nothing"):
        FeedReport(BTC, (), ())
    FeedReport(BTC, sources(), ())
    FeedReport(BTC, (), (quote(),))
    with pytest.raises(OutOfRange, match="number of feeds"):
        TickReport(NOW, ())


def test_a_source_is_not_from_after_its_report() -> None:
    report(feed(sources=sources(age_s=0)))
    with pytest.raises(OutOfRange, match="instant of a source"):
        report(feed(sources=sources(age_s=-1)))


@pytest.mark.parametrize(
    ("tenor_s", "fits"), [(-1, False), (0, False), (1, True), (2**26 - 1, True), (2**26, False)]
)
def test_an_expiry_is_ahead_of_its_report(tenor_s: int, fits: bool) -> None:
    flat = Svi(a_e6=250_000, b_e6=0, rho_e6=0, m_e6=0, s_e6=1)
    said = feed(expiries=(quote(Instant(NOW.s + tenor_s), smile=flat),))
    if fits:
        report(said)
    else:
        with pytest.raises(OutOfRange, match="tenor"):
            report(said)


def test_wings_steeper_than_lees_bound_at_their_tenor_are_refused() -> None:
    steep = replace(SMILE, b_e6=12_000_000, rho_e6=0)
    report(feed(expiries=(quote(Instant(NOW.s + 86_400), smile=steep),)))
    with pytest.raises(SviRefused, match="wing slope"):
        report(feed(expiries=(quote(LATER, smile=steep),)))
