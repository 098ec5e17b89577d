"""Three publishers, two a quorum, who report on a made chain."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from novate.instruments import Underlying
from novate.keys import Domain, public_key
from novate.nodes import OptionChain, feed_report, fit_surface
from novate.oracle import (
    FeedParameters,
    FeedReport,
    OracleParameters,
    OracleTick,
    SignedTickReport,
    Source,
    SourceQuote,
    Subject,
    TickReport,
    oracle_tick,
    sign_report,
)
from novate.units import Instant, Multiplier, Price

from .chains import TAKEN_AT_S, made_chain

NOW: Final = Instant(TAKEN_AT_S)
DOMAIN: Final = Domain(31_337, bytes(range(20)))
SECRETS: Final = tuple(bytes([0x61 + i]) * 32 for i in range(3))
ONE_UNIT: Final = Multiplier(1000)
INDEX_E3: Final = 90_010_000
IDS: Final = (1, 2, 3)

PARAMETERS: Final = OracleParameters(
    publishers=tuple(public_key(secret).commitment for secret in SECRETS),
    quorum=2,
    unlock_quorum=3,
    feeds=(FeedParameters(Subject(Underlying.BTC, ONE_UNIT), tuple(map(Source, IDS))),),
)


def seen(
    price_e3: int = INDEX_E3, *, at: Instant = NOW, ids: Sequence[int] = IDS
) -> list[SourceQuote]:
    """The same price on every source."""
    return [SourceQuote(id, Price(price_e3), at) for id in ids]


def feed(
    chain: OptionChain | None = None,
    *,
    at: Instant = NOW,
    index_e3: int = INDEX_E3,
    multiplier: Multiplier = ONE_UNIT,
) -> FeedReport:
    """What a publisher says of a chain, which was taken at `at`."""
    chain = (chain or made_chain()).at(float(at.s))
    sources = seen(index_e3 * multiplier.e3 // 1000, at=at)
    return feed_report(chain, fit_surface(chain), sources, published_at=at, multiplier=multiplier)


def signed(*feeds: FeedReport, at: Instant = NOW) -> tuple[SignedTickReport, ...]:
    """Every publisher's report of the same feeds."""
    return tuple(sign_report(DOMAIN, TickReport(at, feeds), secret) for secret in SECRETS)


def tick_of(
    *feeds: FeedReport,
    at: Instant = NOW,
    last: OracleTick | None = None,
    parameters: OracleParameters = PARAMETERS,
) -> OracleTick:
    """The tick that all publishers agree on."""
    listed = tuple(FeedParameters(one.subject, tuple(map(Source, IDS))) for one in feeds)
    made = oracle_tick(
        DOMAIN, replace(parameters, feeds=listed), signed(*feeds, at=at), now=at, last=last
    )
    assert isinstance(made, OracleTick), made
    return made


def changed(one: FeedReport, place: int, **changes: Any) -> FeedReport:
    """The feed with something else said of one expiry."""
    expiries = list(one.expiries)
    expiries[place] = replace(expiries[place], **changes)
    return replace(one, expiries=tuple(expiries))
