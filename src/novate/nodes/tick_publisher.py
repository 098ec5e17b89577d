"""From an option chain to what a publisher says of it: sources, forwards, smiles, and how surely.

The fitted surface is the publisher's opinion, made with floats; what is signed are integers.

| field | is |
|---|---|
| forward | of the chain, by parity; in the last half hour before its expiry the index instead |
| rate | `ln(forward / index)` a year: for people and rho, no price needs it |
| smile | as fitted; it is free of the tenor, so it holds at the report's instant |
| confidence | `quote_confidence` |

Why the index in the last half hour: an option settles at a mean of that time, so a forward by
parity already holds the part of the mean that has passed. The venue works that part out itself, of
its own index prices, and needs the price of what is left, which half an hour from now is the index.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from novate.instruments import REGISTRY
from novate.keys import Domain, PublicKey, public_key
from novate.nodes.bad_quotes import index_tolerance
from novate.nodes.closing import Closing
from novate.nodes.csv_file import Bools
from novate.nodes.option_chain import OptionChain
from novate.nodes.signing_journal import SigningJournal
from novate.nodes.surface_fitter import SmileFit, SurfaceFit
from novate.oracle import (
    ExpiryQuote,
    FeedReport,
    ReportRefused,
    SignedTickReport,
    SourceQuote,
    Subject,
    TickReport,
    lower_median,
    report_digest,
    sign_report,
)
from novate.pricing import implied_vol_e6
from novate.units import Instant, Multiplier, Price, Rate, bounds, within

SECRET_BYTES: Final = 32

SETTLING_S: Final = bounds.SETTLEMENT_WINDOW_S
"""Before an expiry its settlement price is made: a forward by parity holds some of it already."""

FIT_ERROR_FULL: Final = 0.2
"""Error of a fit, as a part of the volatility at the forward, at which nothing is left of its
confidence. On published chains the median is 0.005, and the largest, hours before an expiry, 0.070.
"""

PLACES: Final = np.linspace(-1.5, 1.5, 7)
"""Standard deviations from the forward where a smile wants quotes: there is nearly all the vega."""

NEAR: Final = 0.5
"""A place is covered by a quote no further off than the next place."""

CHAIN_AGE_MAX_S: Final = 300
"""A report speaks of a chain that is at most so old. Published chains of one moment are up to 250 s
apart.
"""

SOURCE_AGE_MAX_S: Final = 60
"""A report is signed at most so long after the newest price in it. The clocks of sources are those
of others: where one's own has run away from them, what it signs would keep it from signing again
until that day has come.
"""

_UNIT: Final = Multiplier(1000)
_RATE_MAX: Final = (1 << bounds.RATE_BITS) - 1


class TickPublisher(Closing):
    """A publisher at work: one key, one venue, and a journal of what was signed.

    Raises: FileRefused for a journal of another key or venue, or one in use; ValueError unless the
    secret is a private key of 32 bytes.
    """

    def __init__(self, *, domain: Domain, secret: bytes, journal: Path) -> None:
        # A shorter one would be taken as a key with zeros before it.
        within("length of a private key", len(secret), low=SECRET_BYTES, high=SECRET_BYTES + 1)
        self._domain, self._secret = domain, secret
        self._journal = SigningJournal(journal, domain=domain, key=self.key.commitment)

    @property
    def key(self) -> PublicKey:
        """What the oracle's parameters hold a commitment to."""
        return public_key(self._secret)

    def publish(self, report: TickReport) -> SignedTickReport:
        """The signed report, after the journal has it.

        Raises: ReportRefused for a report whose clock is ahead of its sources; AlreadySigned for a
        second report of a second, or one of a second that is past; OSError from the journal's disk.
        """
        _require_clock(report)
        self._journal.record(report.published_at, report_digest(self._domain, report))
        return sign_report(self._domain, report, self._secret)

    def close(self) -> None:
        """Let another process have the journal."""
        self._journal.close()


def feed_report(
    chain: OptionChain,
    fit: SurfaceFit,
    sources: Sequence[SourceQuote],
    *,
    published_at: Instant,
    multiplier: Multiplier = _UNIT,
) -> FeedReport:
    """What a publisher says of one underlying: its sources and every expiry that has a smile.

    `sources` are prices of a contract, which is so many units. What has expired by `published_at`
    is left out.

    Raises: ReportRefused for a report from before its chain or long after it, a chain and a fit of
    different underlyings or instants, no source, or sources far from the nearest forward;
    OutOfRange for a price that no contract has.
    """
    _require_one_market(chain, fit, sources, published_at)
    index_e3 = lower_median([source.price.e3 for source in sources])
    _require_near(fit, index_e3 / multiplier.e3)
    return FeedReport(
        Subject(REGISTRY.underlying(chain.currency), multiplier),
        tuple(sorted(sources, key=lambda source: source.source)),
        tuple(
            _quote(chain, one, index_e3, published_at, multiplier)
            for one in fit.smiles
            if published_at.s < one.expiry_s
        ),
    )


def quote_confidence(chain: OptionChain, one: SmileFit) -> Rate:
    """How sure a publisher is of an expiry: how close its fit is, times how much of it is quoted.

    Closeness falls from one, as the fit's error does from nothing, to zero where the error is a
    fifth of the volatility at the forward. Coverage is the part of seven places within one and a
    half standard deviations that have a strike, quoted on both sides, no more than half a
    deviation off. So a smile through marks that nobody quotes is worth nothing, however close. A
    chain that publishes no quotes at all is taken at its marks.

    Rounding: down.
    """
    forward_e3 = round(one.forward * 1000)
    level = int(implied_vol_e6(one.smile, forward_e3, forward_e3, one.tenor_s)) / 1e6
    closeness = max(0.0, 1 - one.rms / (FIT_ERROR_FULL * level))
    deviation = level * np.sqrt(one.tenor_s / bounds.YEAR_S)
    mine = _is_quoted(chain) & (chain.expiry_s == one.expiry_s)
    away = np.log(chain.strike[mine] / one.forward) / deviation
    gaps = np.abs(PLACES[:, None] - away).min(axis=1, initial=np.inf)
    return Rate(int(closeness * float(np.mean(gaps <= NEAR)) * bounds.RATE_SCALE))


def _is_quoted(chain: OptionChain) -> Bools:
    if np.isnan(chain.bid).all() and np.isnan(chain.ask).all():
        return np.isfinite(chain.mark)
    return np.isfinite(chain.ask) & (chain.bid > 0)


def _quote(
    chain: OptionChain,
    one: SmileFit,
    index_e3: int,
    published_at: Instant,
    multiplier: Multiplier,
) -> ExpiryQuote:
    tenor_s = one.expiry_s - published_at.s
    forward_e3 = round(one.forward * multiplier.e3) if tenor_s > SETTLING_S else index_e3
    return ExpiryQuote(
        expiry=Instant(one.expiry_s),
        forward=Price(forward_e3),
        rate_e6=_rate_e6(forward_e3, index_e3, tenor_s),
        smile=one.smile,
        confidence=quote_confidence(chain, one),
    )


def _rate_e6(forward_e3: int, index_e3: int, tenor_s: int) -> int:
    """The rate that takes the index to the forward; cut where a small basis is a day's."""
    rate = np.log(forward_e3 / index_e3) * bounds.YEAR_S / tenor_s
    return max(-_RATE_MAX, min(_RATE_MAX, round(float(rate) * bounds.RATE_SCALE)))


def _require_one_market(
    chain: OptionChain, fit: SurfaceFit, sources: Sequence[SourceQuote], published_at: Instant
) -> None:
    if (fit.currency, fit.taken_at_s) != (chain.currency, chain.taken_at_s):
        raise ReportRefused(
            "a fit of another chain",
            value=f"{fit.currency} at {fit.taken_at_s}",
            limit=f"{chain.currency} at {chain.taken_at_s}",
        )
    if published_at.s < chain.taken_at_s:
        raise ReportRefused(
            "a report from before its chain", value=published_at, limit=chain.taken_at_s
        )
    if published_at.s - chain.taken_at_s > CHAIN_AGE_MAX_S:
        raise ReportRefused(
            "age of the chain of a report, in seconds",
            value=f"{published_at.s - chain.taken_at_s:.0f}",
            limit=CHAIN_AGE_MAX_S,
        )
    if not sources:
        raise ReportRefused("number of sources", value=0, limit="at least 1")


def _require_near(fit: SurfaceFit, index: float) -> None:
    """Refuse sources that are of another unit or market than the chain."""
    nearest = fit.smiles[0]
    most = index_tolerance(nearest.tenor_s)
    if abs(nearest.forward - index) > most * index:
        raise ReportRefused(
            f"index price of {fit.currency}",
            value=f"{index:.10g}",
            limit=f"within {most:.0%} of the forward {nearest.forward:.10g} for "
            f"{Instant(nearest.expiry_s)}",
        )


def _require_clock(report: TickReport) -> None:
    newest = max((source.at for feed in report.feeds for source in feed.sources), default=None)
    if newest is not None and report.published_at.s - newest.s > SOURCE_AGE_MAX_S:
        raise ReportRefused(
            f"seconds from the newest source, of {newest}, to the report",
            value=report.published_at.s - newest.s,
            limit=f"{SOURCE_AGE_MAX_S}; next: look at the clock",
        )
