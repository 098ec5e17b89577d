"""Option chains from a publisher's signed report: what it says of prices, at strikes of one's own.

A report has an index, forwards and smiles, but no list of instruments and no quotes. So the chain
made of it holds the strikes that somebody asks about, and a ladder of others around each forward.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from novate.instruments import REGISTRY, Nameless, NameRefused, parse_option
from novate.keys import Domain
from novate.nodes import FileRefused, OptionChain
from novate.oracle import (
    ExpiryQuote,
    FeedReport,
    ReportRefused,
    SignedTickReport,
    is_report_signed,
    lower_median,
)
from novate.pricing import call_e3, implied_vol_e6, put_e3
from novate.units import Instant, Multiplier, bounds

SUFFIX: Final = ".tick"
LADDER: Final = np.linspace(-2, 2, 9)
"""Standard deviations from the forward at which strikes are made up."""

_UNIT: Final = Multiplier(1000)


@dataclass(frozen=True, slots=True, eq=False)
class TickChain:
    """A chain from a report, and how sure the publisher is of each expiry."""

    chain: OptionChain
    confidence_e6: Mapping[int, int]
    """By expiry, in seconds since 1970."""
    signer: str
    """The public key whose signature was verified, as hexadecimal x."""


def read_tick_chains(
    path: Path, *, domain: Domain | None, names: Collection[str] = ()
) -> dict[str, TickChain]:
    """The chains of a signed report by symbol, at the strikes of the named options.

    Raises: FileRefused for bytes that are no report, or a signature for another place.
    """
    if domain is None:
        raise FileRefused(
            path, "is a signed tick; next: say for which venue with --domain CHAIN_ID:0xCONTRACT"
        )
    try:
        signed = SignedTickReport.decode(path.read_bytes())
    except (ReportRefused, OSError) as error:
        raise FileRefused(path, f"is no signed tick: {error}") from None
    if not is_report_signed(domain, signed):
        raise FileRefused(
            path,
            f"is not signed by the key it names for chain id {domain.chain_id}, contract "
            f"0x{domain.contract.hex()}; next: ask its publisher, or name another --domain",
        )
    signer, at = f"{signed.key.x:#066x}", signed.report.published_at
    found = {}
    for feed in signed.report.feeds:
        try:
            symbol = REGISTRY.symbol(feed.subject.underlying)
        except Nameless:
            continue
        if feed.sources and feed.expiries:
            chain = _chain(path, symbol, feed, at, names)
            confidences = {quote.expiry.s: quote.confidence.e6 for quote in feed.expiries}
            found[symbol] = TickChain(chain, confidences, signer)
    return found


def _chain(
    path: Path, symbol: str, feed: FeedReport, at: Instant, names: Collection[str]
) -> OptionChain:
    """Every strike as a put and a call, without quotes."""
    per_unit = feed.subject.multiplier.e3
    index = lower_median([source.price.e3 for source in feed.sources]) / per_unit
    asked = _strikes(symbol, names)
    rows = [
        (quote, strike, is_call)
        for quote in feed.expiries
        for strike in sorted({*asked.get(quote.expiry.s, ()), *_ladder(quote, per_unit, at)})
        for is_call in (False, True)
    ]
    forward = np.array([quote.forward.e3 / per_unit for quote, _, _ in rows])
    nothing = np.full(len(rows), np.nan)
    vols_e6 = [_vol_e6(quote, strike, per_unit, at) for quote, strike, _ in rows]
    return OptionChain(
        currency=symbol,
        taken_at_s=float(at.s),
        is_coin_quoted=False,
        source=path,
        lines=np.arange(len(rows), dtype=np.int64),
        instrument_names=tuple("" for _ in rows),
        expiry_s=np.array([quote.expiry.s for quote, _, _ in rows], dtype=np.int64),
        strike=np.array([strike for _, strike, _ in rows]),
        is_call=np.array([is_call for _, _, is_call in rows], dtype=bool),
        bid=nothing,
        ask=nothing,
        mark=np.array(
            [
                _mark(quote, strike, per_unit, at, is_call, vol_e6)
                for (quote, strike, is_call), vol_e6 in zip(rows, vols_e6, strict=True)
            ]
        ),
        mark_iv=np.array(vols_e6) / 1e6,
        open_interest=nothing,
        published_underlying=forward,
        index_price=np.full(len(rows), index),
        forward=forward,
    )


def _strikes(symbol: str, names: Iterable[str]) -> dict[int, set[float]]:
    """The strikes of the named options of an underlying, by expiry."""
    found: dict[int, set[float]] = {}
    for name in names:
        if name.startswith(f"{symbol}_USDC-"):
            try:
                option = parse_option(name, _UNIT)
            except (NameRefused, ValueError):
                continue
            found.setdefault(option.expiry.s, set()).add(option.strike.e3 / 1000)
    return found


def _ladder(quote: ExpiryQuote, per_unit: int, at: Instant) -> list[float]:
    """Round strikes around a forward."""
    tenor_s = quote.expiry.s - at.s
    forward = quote.forward.e3 / per_unit
    width = _vol_e6(quote, forward, per_unit, at) / 1e6 * np.sqrt(tenor_s / bounds.YEAR_S)
    return [float(f"{forward * np.exp(step * width):.3g}") for step in LADDER]


def _vol_e6(quote: ExpiryQuote, strike: float, per_unit: int, at: Instant) -> int:
    strike_e3 = max(round(strike * per_unit), 1)
    return int(implied_vol_e6(quote.smile, quote.forward.e3, strike_e3, quote.expiry.s - at.s))


def _mark(
    quote: ExpiryQuote, strike: float, per_unit: int, at: Instant, is_call: bool, vol_e6: int
) -> float:
    strike_e3 = max(round(strike * per_unit), 1)
    price = call_e3 if is_call else put_e3
    return int(price(quote.forward.e3, strike_e3, vol_e6, quote.expiry.s - at.s)) / per_unit
