"""A report as elements of the field and as bytes: one encoding of a report, one report in it.

| what | elements |
|---|---|
| report | version (1), instant (2), number of feeds (1), feeds |
| feed | underlying (1), multiplier (1), number of sources (1), of expiries (1), sources, expiries |
| source | id (1), price (2), instant (2) |
| expiry | expiry (2), forward (2), rate (1), smile a, b, rho, m, s (5), confidence (1) |

Two elements are limbs of 16 bits, the lower first. Rate and smile are signed, modulo p. Bytes are
four to an element, the highest first.
Whatever is not in this form and range to the last element is refused, so that a digest is of one
report and no list is longer than its bound before it is read.
"""

from collections.abc import Sequence
from typing import Final

from novate.field import P, from_limbs16, from_signed_element, limbs16, signed_element
from novate.instruments import Underlying
from novate.oracle.report import ExpiryQuote, FeedReport, ReportRefused, SourceQuote, TickReport
from novate.oracle.subject import Subject
from novate.pricing import Svi
from novate.units import Instant, Multiplier, Price, Rate, bounds, within

REPORT_VERSION: Final = 1
_SOURCE, _EXPIRY, _FEED, _HEAD = 5, 11, 4, 4
_FEED_MAX: Final = _FEED + _SOURCE * bounds.SOURCES_MAX + _EXPIRY * bounds.EXPIRIES_MAX
REPORT_ELEMENTS_MAX: Final = _HEAD + bounds.FEEDS_MAX * _FEED_MAX
"""4 + 16 * (4 + 5 * 16 + 11 * 32) = 6,980 elements: the longest report, 27,920 bytes."""


def report_elements(report: TickReport) -> tuple[int, ...]:
    """The elements of a report."""
    head = (REPORT_VERSION, *limbs16(report.published_at.s, 2), len(report.feeds))
    return (*head, *(element for feed in report.feeds for element in _feed_elements(feed)))


def encode_report(report: TickReport) -> bytes:
    """The bytes of a report."""
    return b"".join(element.to_bytes(4, "big") for element in report_elements(report))


def decode_report(data: bytes) -> TickReport:
    """The report that `encode_report` wrote.

    Raises: ReportRefused for any other bytes.
    """
    if len(data) % 4 != 0 or len(data) > 4 * REPORT_ELEMENTS_MAX:
        limit = f"a multiple of 4 up to {4 * REPORT_ELEMENTS_MAX}"
        raise ReportRefused("number of bytes", value=len(data), limit=limit)
    reader = _Reader([int.from_bytes(data[i : i + 4], "big") for i in range(0, len(data), 4)])
    try:
        return _read_report(reader)
    except ReportRefused:
        raise
    except ValueError as why:
        at = f"before element {reader.place}"
        raise ReportRefused(at, value=why, limit="as stated") from why


def _feed_elements(feed: FeedReport) -> tuple[int, ...]:
    subject = feed.subject
    elements = [subject.underlying.id, subject.multiplier.e3, len(feed.sources), len(feed.expiries)]
    for source in feed.sources:
        elements += (source.source, *limbs16(source.price.e3, 2), *limbs16(source.at.s, 2))
    for quote in feed.expiries:
        smile = quote.smile
        signed = (quote.rate_e6, smile.a_e6, smile.b_e6, smile.rho_e6, smile.m_e6, smile.s_e6)
        elements += (*limbs16(quote.expiry.s, 2), *limbs16(quote.forward.e3, 2))
        elements += (*map(signed_element, signed), quote.confidence.e6)
    return tuple(elements)


class _Reader:
    """Elements, and how far they were read."""

    def __init__(self, elements: Sequence[int]) -> None:
        self.elements, self.place = elements, 0

    def element(self) -> int:
        """The next element."""
        if self.place == len(self.elements):
            raise ReportRefused("the report ends early", value=self.place, limit="its last element")
        element = self.elements[self.place]
        within(f"element {self.place}", element, high=P)
        self.place += 1
        return element

    def wide(self) -> int:
        """The integer of the next two limbs."""
        return from_limbs16((self.element(), self.element()))

    def signed(self) -> int:
        """The next element as a signed integer."""
        return from_signed_element(self.element())

    def count(self, what: str, most: int) -> int:
        """The next element as a number of parts."""
        count = self.element()
        within(what, count, high=most + 1)
        return count

    def end(self) -> None:
        """Refuse what follows."""
        if self.place < len(self.elements):
            raise ReportRefused("elements follow", value=len(self.elements), limit=self.place)


def _read_report(reader: _Reader) -> TickReport:
    version = reader.element()
    if version != REPORT_VERSION:
        raise ReportRefused("version of a report", value=version, limit=REPORT_VERSION)
    published_at = Instant(reader.wide())
    feeds = reader.count("number of feeds", bounds.FEEDS_MAX)
    report = TickReport(published_at, tuple(_read_feed(reader) for _ in range(feeds)))
    reader.end()
    return report


def _read_feed(reader: _Reader) -> FeedReport:
    subject = Subject(Underlying(reader.element()), Multiplier(reader.element()))
    sources = reader.count("number of sources", bounds.SOURCES_MAX)
    expiries = reader.count("number of expiries", bounds.EXPIRIES_MAX)
    return FeedReport(
        subject,
        tuple(_read_source(reader) for _ in range(sources)),
        tuple(_read_expiry(reader) for _ in range(expiries)),
    )


def _read_source(reader: _Reader) -> SourceQuote:
    return SourceQuote(reader.element(), Price(reader.wide()), Instant(reader.wide()))


def _read_expiry(reader: _Reader) -> ExpiryQuote:
    return ExpiryQuote(
        expiry=Instant(reader.wide()),
        forward=Price(reader.wide()),
        rate_e6=reader.signed(),
        smile=Svi(*(reader.signed() for _ in range(5))),
        confidence=Rate(reader.element()),
    )
