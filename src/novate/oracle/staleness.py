"""How old a word is, and when it is too old to count."""

from novate.oracle.refusal import AgedReport, FutureReport, PastReport, Refusal
from novate.units import Instant, Term


def age_law(now: Term, at: Term, age: Term) -> Term:
    """Zero when what is of `at` has this age; with `age >= 0` it is not from the future."""
    return now - at - age


def freshness_law(limit: Term, age: Term, left: Term) -> Term:
    """Zero when `left` seconds are missing to the limit; with `left >= 0` it is fresh."""
    return limit - age - left


def staleness(
    publisher: int, published_at: Instant, *, now: Instant, latest: Instant, heartbeat_s: int
) -> Refusal | None:
    """Why a report of that instant does not count now, or None when it does.

    It is not from the future, is no older than the heartbeat, and is younger than every report of
    the last tick: none counts twice, and no field goes back in time. A publisher whose clock is
    ahead is heard as soon as the venue's clock has caught up.
    """
    age_s = now.s - published_at.s
    if age_s < 0:
        return FutureReport(publisher=publisher, published_at=published_at, now=now)
    left_s = heartbeat_s - age_s
    assert age_law(now.s, published_at.s, age_s) == 0
    assert freshness_law(heartbeat_s, age_s, left_s) == 0
    if left_s < 0:
        return AgedReport(publisher=publisher, age_s=age_s, heartbeat_s=heartbeat_s)
    if published_at <= latest:
        return PastReport(publisher=publisher, published_at=published_at, latest=latest)
    return None
