"""Which reports count."""

import random
from dataclasses import replace

import pytest

from novate.keys import Domain, Signature, public_key
from novate.oracle import (
    AgedReport,
    Equivocation,
    FutureReport,
    OlderReport,
    PastReport,
    SignedTickReport,
    UnregisteredSigner,
    WrongSignature,
    report_digest,
    sign_report,
)
from novate.oracle.quorum import Count, count_reports
from novate.units import Instant

from .scene import DOMAIN, NOW, PARAMETERS, SECRETS, STRANGER, feed, report, signed, sources


def counted(*reports: SignedTickReport, latest_s: int = 0) -> Count:
    """The count of these reports at `NOW`."""
    return count_reports(DOMAIN, PARAMETERS, reports, now=NOW, latest=Instant(latest_s))


def publishers(count: Count) -> list[int]:
    """Whose reports count."""
    return [one.publisher for one in count.counted]


def other(at_s: int = NOW.s) -> SignedTickReport:
    """A report of publisher 0 that says something else."""
    return signed(0, report(feed(sources=sources(1)), at_s=at_s))


def test_one_report_of_each_publisher_counts() -> None:
    count = counted(signed(4), signed(0), signed(2))
    assert publishers(count) == [0, 2, 4]
    assert count.refusals == ()
    assert count.counted[0].digest == report_digest(DOMAIN, report())


def test_a_stranger_does_not_count() -> None:
    count = counted(signed(0), sign_report(DOMAIN, report(), STRANGER))
    assert publishers(count) == [0]
    assert count.refusals == (UnregisteredSigner(key=public_key(STRANGER).commitment),)


@pytest.mark.parametrize(
    "forged",
    [
        replace(signed(1), signature=Signature(1, 1)),
        replace(signed(1), signature=signed(0).signature),
        replace(signed(1), report=other().report),
        sign_report(Domain(DOMAIN.chain_id, bytes(20)), report(), SECRETS[1]),
        sign_report(replace(DOMAIN, chain_id=1), report(), SECRETS[1]),
    ],
)
def test_what_a_publisher_did_not_sign_for_this_venue_does_not_count(
    forged: SignedTickReport,
) -> None:
    count = counted(signed(0), forged)
    assert publishers(count) == [0]
    digest = report_digest(DOMAIN, forged.report)
    assert count.refusals == (WrongSignature(publisher=1, digest=digest),)


def test_a_forged_report_takes_nothing_from_the_publisher_it_names() -> None:
    count = counted(signed(0), replace(other(), signature=Signature(1, 1)))
    assert publishers(count) == [0]


@pytest.mark.parametrize(
    ("at_s", "refusal"),
    [
        (NOW.s + 1, FutureReport(publisher=0, published_at=Instant(NOW.s + 1), now=NOW)),
        (NOW.s, None),
        (NOW.s - 60, None),
        (NOW.s - 61, AgedReport(publisher=0, age_s=61, heartbeat_s=60)),
    ],
)
def test_a_report_from_the_future_or_older_than_the_heartbeat_does_not_count(
    at_s: int, refusal: object
) -> None:
    count = counted(signed(0, report(feed(sources=sources(age_s=62)), at_s=at_s)))
    assert count.refusals == (() if refusal is None else (refusal,))
    assert publishers(count) == ([0] if refusal is None else [])


def test_a_report_is_not_used_again_after_a_tick_with_a_report_of_its_second() -> None:
    assert publishers(counted(signed(0), latest_s=NOW.s - 1)) == [0]
    count = counted(signed(0), latest_s=NOW.s)
    assert count.refusals == (PastReport(publisher=0, published_at=NOW, latest=NOW),)


def test_the_same_report_twice_counts_once() -> None:
    count = counted(signed(0), signed(0))
    assert (publishers(count), count.refusals) == ([0], ())


def test_of_a_publishers_reports_the_latest_counts() -> None:
    latest = other()
    earlier = Instant(NOW.s - 5)
    before = signed(0, report(feed(sources=sources(age_s=9)), at_s=earlier.s))
    for pair in ((before, latest), (latest, before)):
        count = counted(*pair)
        assert [one.report for one in count.counted] == [latest.report]
        assert count.refusals == (OlderReport(publisher=0, published_at=earlier, latest=NOW),)


def test_a_publisher_that_says_two_things_of_one_second_does_not_count_at_all() -> None:
    later = signed(0, report(feed(sources=sources(7, age_s=9)), at_s=NOW.s - 5))
    for reports in ((signed(0), other()), (other(), signed(0)), (later, other(), signed(0))):
        count = counted(*reports, signed(1))
        assert publishers(count) == [1]
        digests = sorted(report_digest(DOMAIN, one.report) for one in (signed(0), other()))
        assert count.refusals == (
            Equivocation(publisher=0, published_at=NOW, digests=tuple(digests)),
        )


def test_the_order_of_reports_is_of_no_account() -> None:
    reports = [
        signed(0),
        other(),
        signed(1),
        signed(2, report(feed(sources=sources(age_s=9)), at_s=NOW.s - 5)),
        signed(2),
        signed(3, report(at_s=NOW.s + 9)),
        replace(signed(4), signature=Signature(1, 1)),
        sign_report(DOMAIN, report(), STRANGER),
    ]
    first = counted(*reports)
    assert publishers(first) == [1, 2]
    for seed in range(20):
        random.Random(seed).shuffle(reports)
        assert counted(*reports) == first
