"""What a publisher says of a tick: over all feeds, in one report."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from novate.oracle.subject import Subject
from novate.pricing import Svi
from novate.units import Instant, NamedError, Price, Rate, bounds, within

PRICE_TOP = 1 << bounds.CONTRACT_BITS


class ReportRefused(NamedError, ValueError):
    """Bytes or parts that are no report: what is wrong, with the value and the limit."""

    def __init__(self, what: str, *, value: object, limit: object) -> None:
        super().__init__(f"{what}: {value}; the limit is {limit}")
        self.what, self.value, self.limit = what, value, limit


@dataclass(frozen=True, slots=True)
class SourceQuote:
    """The price of a contract's worth on one market, and when it was seen."""

    source: int
    price: Price
    at: Instant

    def __post_init__(self) -> None:
        within("source", self.source, low=1, high=1 << bounds.SOURCE_BITS)
        within("price of a source", self.price.e3, low=1, high=PRICE_TOP)


@dataclass(frozen=True, slots=True)
class ExpiryQuote:
    """Forward, rate and smile of one expiry, and how sure the publisher is of them."""

    expiry: Instant
    forward: Price
    rate_e6: int
    """Interest a year in millionths; may be negative. For Greeks and people: no price needs it."""
    smile: Svi
    confidence: Rate

    def __post_init__(self) -> None:
        within("forward", self.forward.e3, low=1, high=PRICE_TOP)
        rates = 1 << bounds.RATE_BITS
        within("interest rate", self.rate_e6, low=1 - rates, high=rates)
        within("confidence", self.confidence.e6, high=bounds.RATE_SCALE + 1)


@dataclass(frozen=True, slots=True)
class FeedReport:
    """What a publisher says of one subject: sources by id, expiries by date, none twice."""

    subject: Subject
    sources: tuple[SourceQuote, ...]
    expiries: tuple[ExpiryQuote, ...]

    def __post_init__(self) -> None:
        within("number of sources", len(self.sources), high=bounds.SOURCES_MAX + 1)
        within("number of expiries", len(self.expiries), high=bounds.EXPIRIES_MAX + 1)
        if not self.sources and not self.expiries:
            raise ReportRefused("a feed that says nothing", value=0, limit=1)
        _require_rising("source", [quote.source for quote in self.sources])
        _require_rising("expiry", [quote.expiry.s for quote in self.expiries])


@dataclass(frozen=True, slots=True)
class TickReport:
    """A publisher's word on every feed it watches, at one second.

    Absence is said by leaving out; a zero cannot be said. Feeds come in rising order of their
    subjects, none twice. No source is from after the report, no expiry from before it, and the
    wings of a smile are no steeper than Lee's bound at its tenor.

    Raises: OutOfRange, SviRefused, ReportRefused.
    """

    published_at: Instant
    feeds: tuple[FeedReport, ...]

    def __post_init__(self) -> None:
        within("number of feeds", len(self.feeds), low=1, high=bounds.FEEDS_MAX + 1)
        for one, other in pairwise(feed.subject for feed in self.feeds):
            if one >= other:
                raise ReportRefused(f"feeds do not rise after {one}", value=other, limit=one)
        for feed in self.feeds:
            for source in feed.sources:
                within("instant of a source", source.at.s, high=self.published_at.s + 1)
            for quote in feed.expiries:
                quote.smile.require_wings(quote.expiry.s - self.published_at.s)


def _require_rising(what: str, values: Sequence[int]) -> None:
    for one, other in pairwise(values):
        if one >= other:
            raise ReportRefused(f"{what} does not rise", value=other, limit=one)
