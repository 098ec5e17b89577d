"""A small oracle for tests: five publishers, three a quorum, two subjects, two expiries."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from novate.instruments import Underlying
from novate.keys import Domain, public_key
from novate.oracle import (
    ExpiryQuote,
    FeedParameters,
    FeedReport,
    NoTick,
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
from novate.pricing import Svi
from novate.units import Instant, Multiplier, Price, Rate

NOW: Final = Instant(1_764_925_200)
"""2025-12-05 09:00 UTC."""
SOON: Final = Instant(NOW.s + 7 * 86_400)
LATER: Final = Instant(NOW.s + 28 * 86_400)
DOMAIN: Final = Domain(31_337, bytes(range(20)))
SECRETS: Final = tuple(bytes([0x70 + i]) * 32 for i in range(5))
STRANGER: Final = bytes([0x7F]) * 32
BTC: Final = Subject(Underlying(1), Multiplier(1_000))
ETH: Final = Subject(Underlying(2), Multiplier(10_000))
SMILE: Final = Svi(a_e6=120_000, b_e6=250_000, rho_e6=-300_000, m_e6=50_000, s_e6=400_000)
SOURCES: Final = (1, 2, 3, 4)
PRICE_E3: Final = 90_000_000

PARAMETERS: Final = OracleParameters(
    publishers=tuple(public_key(secret).commitment for secret in SECRETS),
    quorum=3,
    unlock_quorum=4,
    feeds=tuple(
        FeedParameters(subject, tuple(Source(id) for id in SOURCES)) for subject in (BTC, ETH)
    ),
)


def sources(price_e3: int = PRICE_E3, *, ids: Sequence[int] = SOURCES, age_s: int = 2) -> Any:
    """The same price from each source, seen a while before `NOW`."""
    return tuple(SourceQuote(id, Price(price_e3), Instant(NOW.s - age_s)) for id in ids)


def quote(expiry: Instant = SOON, **changes: Any) -> ExpiryQuote:
    """What is usually said of an expiry."""
    usual = ExpiryQuote(expiry, Price(PRICE_E3 + 100_000), 40_000, SMILE, Rate(950_000))
    return replace(usual, **changes)


def feed(subject: Subject = BTC, **changes: Any) -> FeedReport:
    """What is usually said of a subject."""
    return replace(FeedReport(subject, sources(), (quote(SOON), quote(LATER))), **changes)


def report(*feeds: FeedReport, at_s: int = NOW.s) -> TickReport:
    """A report of these feeds, or the usual one."""
    return TickReport(Instant(at_s), feeds or (feed(),))


def signed(publisher: int, said: TickReport | None = None) -> SignedTickReport:
    """A report with the signature of a publisher."""
    return sign_report(DOMAIN, said or report(), SECRETS[publisher])


def all_say(*said: TickReport) -> list[SignedTickReport]:
    """The first publisher signs the first report, and so on."""
    return [signed(publisher, one) for publisher, one in enumerate(said)]


def tick_of(
    reports: Sequence[SignedTickReport],
    *,
    now: Instant = NOW,
    last: OracleTick | None = None,
    parameters: OracleParameters = PARAMETERS,
) -> OracleTick | NoTick:
    """The tick of these reports."""
    return oracle_tick(DOMAIN, parameters, reports, now=now, last=last)


def agreed(reports: Sequence[SignedTickReport], **at: Any) -> OracleTick:
    """The tick of reports that make one."""
    made = tick_of(reports, **at)
    assert isinstance(made, OracleTick), made
    return made


def codes(made: OracleTick | NoTick) -> list[str]:
    """The codes of what was refused."""
    return [refusal.code for refusal in made.refusals]
