"""Who may report, on what, and how far a word is trusted."""

from dataclasses import dataclass
from itertools import pairwise

from novate.field import Word
from novate.oracle.subject import Subject
from novate.units import Rounding, bounds, div, within

_ONE = bounds.RATE_SCALE
_DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Source:
    """A market that an index price is taken from, and how much it weighs."""

    id: int
    weight: int = 1

    def __post_init__(self) -> None:
        within("source", self.id, low=1, high=1 << bounds.SOURCE_BITS)
        within("weight of a source", self.weight, low=1, high=1 << bounds.SOURCE_WEIGHT_BITS)


@dataclass(frozen=True, slots=True)
class Band:
    """How far a number may move from the last one, in millionths of it, growing with its age."""

    start_e6: int
    per_second_e6: int
    end_e6: int

    def __post_init__(self) -> None:
        within("start of a band", self.start_e6, low=1, high=_ONE + 1)
        within("growth of a band", self.per_second_e6, high=_ONE + 1)
        within("end of a band", self.end_e6, low=self.start_e6, high=10 * _ONE + 1)

    def allowed_e6(self, age_s: int) -> int:
        """The move that is allowed from a number of that age; the bound is itself allowed."""
        return min(self.end_e6, self.start_e6 + self.per_second_e6 * age_s)


@dataclass(frozen=True, slots=True)
class FeedParameters:
    """A feed that the venue listens to: its subject, its sources in rising order of id."""

    subject: Subject
    sources: tuple[Source, ...]

    def __post_init__(self) -> None:
        within("number of sources", len(self.sources), low=1, high=bounds.SOURCES_MAX + 1)
        for one, other in pairwise(self.sources):
            within("next source", other.id, low=one.id + 1, high=1 << bounds.SOURCE_BITS)


@dataclass(frozen=True, slots=True)
class OracleParameters:
    """Publishers, quorums, feeds and limits.

    Raises: OutOfRange; ValueError for a publisher or a subject listed twice.
    """

    publishers: tuple[Word, ...]
    """Key commitments, all different; a publisher is named by its place here."""
    quorum: int
    """Publishers without whom there is no number. More than half of all, so that any two quorums
    share one; with 2 f + 1, f liars cannot leave the range of the honest."""
    unlock_quorum: int
    """Publishers who must stand by a move outside the band, or by a first number."""
    feeds: tuple[FeedParameters, ...]
    oracle_heartbeat_s: int = 60
    """How old a report may be; the dial."""
    source_age_s: int = 60
    """How old a source's price may be in its report."""
    clamp_e6: int = 5_000
    """How far from the median of sources a source counts: 0.5 %."""
    price_band: Band = Band(100_000, 500, 500_000)
    """Of index prices and forwards: 10 %, and 3 % a minute more, up to 50 %."""
    variance_band: Band = Band(1_000_000, 10_000, 4_000_000)
    """Of variances at the forward: from nothing to twice, up to five times."""
    price_doubt_e6: int = 10_000
    """The disagreement on a price at which nothing of its confidence is left: 1 %."""
    variance_doubt_e6: int = 200_000
    """The disagreement on variances at which nothing is left: 20 %, a tenth of a volatility."""

    def __post_init__(self) -> None:
        count = len(self.publishers)
        within("number of publishers", count, low=1, high=bounds.PUBLISHERS_MAX + 1)
        majority = div(count, 2, Rounding.FLOOR) + 1
        within("quorum", self.quorum, low=majority, high=count + 1)
        within("quorum that unlocks", self.unlock_quorum, low=self.quorum, high=count + 1)
        within("number of feeds", len(self.feeds), low=1, high=bounds.FEEDS_MAX + 1)
        within("oracle_heartbeat", self.oracle_heartbeat_s, low=1, high=_DAY_S + 1)
        within("age of a source", self.source_age_s, low=1, high=_DAY_S + 1)
        within("clamp of sources", self.clamp_e6, high=_ONE)
        within("doubt of prices", self.price_doubt_e6, low=1, high=_ONE + 1)
        within("doubt of variances", self.variance_doubt_e6, low=1, high=_ONE + 1)
        if len(set(self.publishers)) != count:
            raise ValueError("a publisher is listed twice")
        subjects = [feed.subject for feed in self.feeds]
        if subjects != sorted(set(subjects)):
            raise ValueError("feeds are listed once each, in rising order of their subjects")
