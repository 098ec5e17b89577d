"""What is agreed on a subject: its index and its expiries, each as last agreed.

A field is agreed when a quorum speaks of it and the move from its last value is within the band.
Otherwise the last value stays with the instant it was agreed at, and its confidence falls with age
to nothing at two heartbeats; a value that never was is absent. No field holds up another.
"""

from dataclasses import dataclass

from novate.oracle.agreed_expiry import AgreedExpiry, agree_expiry
from novate.oracle.agreed_index import AgreedIndex, agree_index, dropped_sources
from novate.oracle.hearing import Hearing
from novate.oracle.index import SOURCES_NEW_RISK
from novate.oracle.refusal import Refusal
from novate.oracle.subject import Subject


@dataclass(frozen=True, slots=True)
class Feed:
    """A subject with its index, and its expiries in rising order."""

    subject: Subject
    index: AgreedIndex
    expiries: tuple[AgreedExpiry, ...]
    allows_new_risk: bool
    """Whether the index has two sources and is no older than the heartbeat. If not, accounts may
    still close and reduce."""


def agree_feed(hearing: Hearing, last: Feed | None) -> tuple[Feed | None, list[Refusal]]:
    """The feed, or None while there never was an index; and what was refused on the way.

    The order of the sayings is of no account.

    Range: what was agreed last is from before `hearing.now`.
    """
    refusals: list[Refusal] = [*dropped_sources(hearing)]
    index = agree_index(hearing, last.index if last else None)
    if isinstance(index, Refusal):
        refusals.append(index)
        if last is None:
            return None, refusals
        index = last.index

    expiries, refused = _agree_expiries(hearing, last, index)
    is_fresh = index.trust.age_s(hearing.now) <= hearing.parameters.oracle_heartbeat_s
    feed = Feed(
        hearing.subject,
        index,
        expiries,
        allows_new_risk=is_fresh and index.sources >= SOURCES_NEW_RISK,
    )
    return feed, [*refusals, *refused]


def _agree_expiries(
    hearing: Hearing, last: Feed | None, index: AgreedIndex
) -> tuple[tuple[AgreedExpiry, ...], list[Refusal]]:
    """Every expiry to come, as agreed now or as it stayed; and why some are not agreed now."""
    now, kept = hearing.now, last.expiries if last else ()
    expiries = {one.expiry: one for one in kept if now < one.expiry}
    refusals = []
    for expiry in {quote.expiry for saying in hearing.sayings for quote in saying.feed.expiries}:
        if now < expiry:
            match agree_expiry(hearing, expiry, expiries.get(expiry), sources=index.sources):
                case AgreedExpiry() as agreed:
                    expiries[expiry] = agreed
                case refusal:
                    refusals.append(refusal)
    return tuple(expiries[expiry] for expiry in sorted(expiries)), refusals
