"""Which reports count: one of each registered publisher, signed and fresh.

A publisher counts once, by its latest report. Of a publisher that signed two different reports of
one second nothing counts: whichever of the two was taken, the choice would be the operator's.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from novate.field import Word
from novate.keys import Domain
from novate.oracle.parameters import OracleParameters
from novate.oracle.refusal import (
    Equivocation,
    OlderReport,
    Refusal,
    UnregisteredSigner,
    WrongSignature,
)
from novate.oracle.report import TickReport
from novate.oracle.signed_report import SignedTickReport, is_report_signed, report_digest
from novate.oracle.staleness import staleness
from novate.units import Instant


@dataclass(frozen=True, slots=True)
class CountedReport:
    """A report that counts, by the place of its publisher in the parameters."""

    publisher: int
    digest: Word
    report: TickReport


@dataclass(frozen=True, slots=True)
class Count:
    """The reports that count, by publisher, and why the others do not."""

    counted: tuple[CountedReport, ...]
    refusals: tuple[Refusal, ...]


def count_reports(
    domain: Domain,
    parameters: OracleParameters,
    reports: Sequence[SignedTickReport],
    *,
    now: Instant,
    latest: Instant,
) -> Count:
    """One report of each publisher, whatever the order they came in.

    A circuit shows distinct publishers by their rising places, and of each looks up one signature,
    one registered key and the freshness of one report. That a later report or a second one of the
    same second exists cannot be shown against an operator who hides it: to the proof it is enough
    that each publisher counts once.
    """
    known: list[CountedReport] = []
    refusals: set[Refusal] = set()
    for signed in reports:
        match _known(domain, parameters, signed, now=now, latest=latest):
            case CountedReport() as report:
                known.append(report)
            case refusal:
                refusals.add(refusal)
    counted = []
    for publisher in sorted({report.publisher for report in known}):
        mine = {report.digest: report for report in known if report.publisher == publisher}
        match _latest(publisher, list(mine.values())):
            case Equivocation() as refusal:
                refusals.add(refusal)
            case CountedReport() as youngest:
                counted.append(youngest)
                refusals |= {
                    OlderReport(
                        publisher=publisher,
                        published_at=older.report.published_at,
                        latest=youngest.report.published_at,
                    )
                    for older in mine.values()
                    if older != youngest
                }
    return Count(tuple(counted), in_order(refusals))


def in_order(refusals: set[Refusal]) -> tuple[Refusal, ...]:
    """Refusals by code, then by what they say: no order of arrival shows."""
    return tuple(sorted(refusals, key=lambda refusal: (refusal.code, str(refusal))))


def _known(
    domain: Domain,
    parameters: OracleParameters,
    signed: SignedTickReport,
    *,
    now: Instant,
    latest: Instant,
) -> CountedReport | Refusal:
    """The report with its publisher, once it is registered, signed and fresh."""
    key = signed.key.commitment
    if key not in parameters.publishers:
        return UnregisteredSigner(key=key)
    publisher = parameters.publishers.index(key)
    digest = report_digest(domain, signed.report)
    if not is_report_signed(domain, signed):
        return WrongSignature(publisher=publisher, digest=digest)
    refusal = staleness(
        publisher,
        signed.report.published_at,
        now=now,
        latest=latest,
        heartbeat_s=parameters.oracle_heartbeat_s,
    )
    return refusal or CountedReport(publisher, digest, signed.report)


def _latest(publisher: int, mine: list[CountedReport]) -> CountedReport | Equivocation:
    """The latest of a publisher's different reports, unless two of them are of one second."""
    by_instant: dict[Instant, list[CountedReport]] = {}
    for report in mine:
        by_instant.setdefault(report.report.published_at, []).append(report)
    for instant in sorted(by_instant):
        if len(by_instant[instant]) > 1:
            digests = tuple(sorted(report.digest for report in by_instant[instant]))
            return Equivocation(publisher=publisher, published_at=instant, digests=digests)
    return by_instant[max(by_instant)][0]
