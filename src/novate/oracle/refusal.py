"""Every way the oracle says no: what was not counted, held back or left out of a tick, and why.

A refusal is a value with a stable code and the numbers that decided. None of them stops the rest:
a report that does not count leaves the other reports, a feed held back leaves the other feeds.
"""

from dataclasses import dataclass
from typing import ClassVar

from novate.field import Word
from novate.oracle.subject import Subject
from novate.units import Instant


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the oracle does not take; its text carries the numbers."""

    code: ClassVar[str]
    """The same in every language and version."""
    said: ClassVar[str]
    """The sentence, with the fields of `self` in braces."""
    next_step: ClassVar[str]
    """What whoever is refused can do, in one sentence."""

    def __str__(self) -> str:
        return self.said.format(self=self)


# Reports that do not count.


@dataclass(frozen=True, slots=True)
class UnregisteredSigner(Refusal):
    """The key is not one of the registered publishers'."""

    code = "unregistered_signer"
    said = "the key {self.key} is not registered"
    next_step = "register the key in the oracle's parameters, or sign with one that is"

    key: Word


@dataclass(frozen=True, slots=True)
class WrongSignature(Refusal):
    """The publisher did not sign this report for this venue."""

    code = "wrong_signature"
    said = "publisher {self.publisher} did not sign report {self.digest} for this venue"
    next_step = "sign the digest of this very report with this chain and contract"

    publisher: int
    digest: Word


@dataclass(frozen=True, slots=True)
class FutureReport(Refusal):
    """The report is from after the tick."""

    code = "future_report"
    said = "publisher {self.publisher} reports at {self.published_at}, and it is {self.now}"
    next_step = "set the publisher's clock"

    publisher: int
    published_at: Instant
    now: Instant


@dataclass(frozen=True, slots=True)
class AgedReport(Refusal):
    """The report is older than the heartbeat."""

    code = "aged_report"
    said = "publisher {self.publisher} reported {self.age_s} s ago, more than {self.heartbeat_s} s"
    next_step = "publish again"

    publisher: int
    age_s: int
    heartbeat_s: int


@dataclass(frozen=True, slots=True)
class PastReport(Refusal):
    """The report is no younger than those of the last tick."""

    code = "past_report"
    said = "publisher {self.publisher} reports of {self.published_at}; the last tick has a report"
    said += " of {self.latest}"
    next_step = "publish again"

    publisher: int
    published_at: Instant
    latest: Instant


@dataclass(frozen=True, slots=True)
class OlderReport(Refusal):
    """The publisher has reported again since."""

    code = "older_report"
    said = "publisher {self.publisher} reported at {self.published_at} and again at {self.latest}"
    next_step = "nothing: the later report counts"

    publisher: int
    published_at: Instant
    latest: Instant


@dataclass(frozen=True, slots=True)
class Equivocation(Refusal):
    """The publisher signed two different reports of one second; neither counts, nor any other.

    The two digests with their signatures show it to everybody.
    """

    code = "equivocation"
    said = "publisher {self.publisher} signed different reports of {self.published_at}:"
    said += " {self.digests}"
    next_step = "publish at most once a second; to the venue: ask the publisher, or remove it"

    publisher: int
    published_at: Instant
    digests: tuple[Word, ...]


# Ticks, feeds and fields.


@dataclass(frozen=True, slots=True)
class TooFewReports(Refusal):
    """No quorum: there is no tick."""

    code = "too_few_reports"
    said = "{self.counted} reports count, {self.quorum} are needed"
    next_step = "wait for more publishers"

    counted: int
    quorum: int


@dataclass(frozen=True, slots=True)
class SourceDropped(Refusal):
    """Too few publishers have a fresh price of this source."""

    code = "source_dropped"
    said = "{self.quotes} publishers have a fresh price of source {self.source} of {self.subject};"
    said += " {self.quorum} are needed"
    next_step = "look whether the source is down"

    subject: Subject
    source: int
    quotes: int
    quorum: int


@dataclass(frozen=True, slots=True)
class NoIndex(Refusal):
    """No source is left: the last index price stays, and grows old."""

    code = "no_index"
    said = "none of the {self.sources} sources of {self.subject} is left"
    next_step = "look whether the sources are down"

    subject: Subject
    sources: int


@dataclass(frozen=True, slots=True)
class TooFewQuotes(Refusal):
    """Too few publishers speak of this expiry: what was last said of it stays, and grows old."""

    code = "too_few_quotes"
    said = "{self.quotes} publishers speak of {self.expiry} of {self.subject};"
    said += " {self.quorum} are needed"
    next_step = "wait for more publishers"

    subject: Subject
    expiry: Instant
    quotes: int
    quorum: int


@dataclass(frozen=True, slots=True)
class OutsideBand(Refusal):
    """A number moved too far from the last one, and too few publishers stand by the move."""

    code = "outside_band"
    said = "{self.what} of {self.subject} would go from {self.last} to {self.value}, more than"
    said += " {self.allowed_e6} millionths; {self.beyond} publishers stand by it,"
    said += " {self.unlock_quorum} are needed"
    next_step = "wait: the band grows by the second, and a larger quorum opens it at once"

    subject: Subject
    what: str
    last: int
    value: int
    allowed_e6: int
    beyond: int
    unlock_quorum: int


@dataclass(frozen=True, slots=True)
class Unprecedented(Refusal):
    """A first number has nothing to be compared with, so it needs the larger quorum."""

    code = "unprecedented"
    said = "{self.what} of {self.subject} would be new at {self.value}; {self.quotes} publishers"
    said += " speak of it, {self.unlock_quorum} are needed"
    next_step = "wait for more publishers"

    subject: Subject
    what: str
    value: int
    quotes: int
    unlock_quorum: int


@dataclass(frozen=True, slots=True)
class Uncovered(Refusal):
    """The window of a settlement has too few covered seconds yet: it is extended."""

    code = "uncovered"
    said = "{self.covered_s} s until {self.until} are covered by prices, {self.needed_s} are needed"
    next_step = "wait for ticks after the expiry"

    covered_s: int
    needed_s: int
    until: Instant
