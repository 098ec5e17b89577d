"""What the reports that count say on one subject."""

from collections.abc import Iterable
from dataclasses import dataclass

from novate.oracle.confidence import Trust
from novate.oracle.median import lower_median
from novate.oracle.parameters import FeedParameters, OracleParameters
from novate.oracle.report import FeedReport, TickReport
from novate.oracle.subject import Subject
from novate.units import Instant


@dataclass(frozen=True, slots=True)
class Saying:
    """What one report says of the subject, and when."""

    at: Instant
    feed: FeedReport


@dataclass(frozen=True, slots=True)
class Hearing:
    """All sayings on a subject at a tick, under the rules for it."""

    parameters: OracleParameters
    listed: FeedParameters
    now: Instant
    sayings: tuple[Saying, ...]

    @property
    def subject(self) -> Subject:
        """What they are about."""
        return self.listed.subject

    def trust(self, instants: Iterable[Instant], *, stated_e6: int, doubt_e6: int) -> Trust:
        """The trust in a number that reports of these instants agree on."""
        at = Instant(lower_median([instant.s for instant in instants]))
        return Trust(at, stated_e6, doubt_e6, self.parameters.oracle_heartbeat_s)


def hear(
    parameters: OracleParameters,
    listed: FeedParameters,
    reports: Iterable[TickReport],
    now: Instant,
) -> Hearing:
    """The sayings of reports that count, each of another publisher."""
    sayings = tuple(
        Saying(report.published_at, feed)
        for report in reports
        for feed in report.feeds
        if feed.subject == listed.subject
    )
    return Hearing(parameters, listed, now, sayings)
