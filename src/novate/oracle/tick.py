"""What a quorum of reports becomes: the tick that pricing, risk and settlement use."""

from collections.abc import Sequence
from dataclasses import dataclass

from novate.field import Word
from novate.keys import Domain
from novate.oracle.feed import Feed, agree_feed
from novate.oracle.hearing import hear
from novate.oracle.median import lower_median
from novate.oracle.parameters import OracleParameters
from novate.oracle.quorum import count_reports, in_order
from novate.oracle.refusal import Refusal, TooFewReports
from novate.oracle.signed_report import SignedTickReport
from novate.oracle.subject import Subject
from novate.units import Instant


@dataclass(frozen=True, slots=True)
class OracleTick:
    """Every feed as last agreed, by a quorum of reports, in rising order of subjects."""

    at: Instant
    """The lower median of the instants of the reports; later than any report of the tick before."""
    latest: Instant
    """The latest of those instants: what counts in the next tick is younger."""
    taken_at: Instant
    """The venue's clock when the reports were counted."""
    feeds: tuple[Feed, ...]
    publishers: tuple[int, ...]
    """Whose reports count, by their place in the parameters."""
    digests: tuple[Word, ...]
    """The digests of those reports, in the same order."""
    refusals: tuple[Refusal, ...]
    """What was not counted, held back or left out."""

    def feed(self, subject: Subject) -> Feed:
        """The feed of a subject.

        Raises: KeyError while there never was an index of it.
        """
        for feed in self.feeds:
            if feed.subject == subject:
                return feed
        raise KeyError(f"no index price of {subject} was ever agreed")


@dataclass(frozen=True, slots=True)
class NoTick:
    """The reports make no tick, and why; the last tick stands and grows old."""

    reason: TooFewReports
    refusals: tuple[Refusal, ...]


def oracle_tick(
    domain: Domain,
    parameters: OracleParameters,
    reports: Sequence[SignedTickReport],
    *,
    now: Instant,
    last: OracleTick | None,
) -> OracleTick | NoTick:
    """The tick that reports make at an instant, after the last one.

    Nothing in it is outside what publishers signed, and it is the same for the same reports in any
    order. Which reports are shown is the operator's choice, as long as they are a quorum; while the
    liars among them are a minority each number lies between those of the others.
    """
    latest = last.latest if last else Instant(0)
    count = count_reports(domain, parameters, reports, now=now, latest=latest)
    if len(count.counted) < parameters.quorum:
        few = TooFewReports(counted=len(count.counted), quorum=parameters.quorum)
        return NoTick(few, count.refusals)
    heard = [counted.report for counted in count.counted]
    before = {feed.subject: feed for feed in last.feeds} if last else {}
    feeds, refusals = [], set(count.refusals)
    for listed in parameters.feeds:
        hearing = hear(parameters, listed, heard, now)
        feed, refused = agree_feed(hearing, before.get(listed.subject))
        feeds += [feed] if feed else []
        refusals |= set(refused)
    return OracleTick(
        at=Instant(lower_median([report.published_at.s for report in heard])),
        latest=max(report.published_at for report in heard),
        taken_at=now,
        feeds=tuple(feeds),
        publishers=tuple(counted.publisher for counted in count.counted),
        digests=tuple(counted.digest for counted in count.counted),
        refusals=in_order(refusals),
    )
