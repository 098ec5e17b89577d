"""What a quorum agrees on of one expiry: forward, rate, smile and confidence, each by itself."""

from dataclasses import dataclass

from novate.oracle.band import Precedent, outside
from novate.oracle.confidence import Trust, disagreement_e6, doubt_e6
from novate.oracle.hearing import Hearing
from novate.oracle.index import stated_confidence_e6
from novate.oracle.median import lower_median
from novate.oracle.refusal import Refusal, TooFewQuotes
from novate.oracle.report import ExpiryQuote
from novate.oracle.smile import level_e6, nearest_smile, smile_disagreement_e6
from novate.pricing import Svi
from novate.units import Instant, Price


@dataclass(frozen=True, slots=True)
class AgreedExpiry:
    """Forward per contract, rate and smile of an expiry."""

    expiry: Instant
    forward: Price
    rate_e6: int
    smile: Svi
    trust: Trust


def agree_expiry(
    hearing: Hearing, expiry: Instant, last: AgreedExpiry | None, *, sources: int
) -> AgreedExpiry | Refusal:
    """What is agreed, or why nothing is now; `sources` is the number the index is made of."""
    quoted = [
        (saying.at, quote)
        for saying in hearing.sayings
        for quote in saying.feed.expiries
        if quote.expiry == expiry
    ]
    quotes, parameters = [quote for _, quote in quoted], hearing.parameters
    if len(quotes) < parameters.quorum:
        return TooFewQuotes(
            subject=hearing.subject, expiry=expiry, quotes=len(quotes), quorum=parameters.quorum
        )
    forward = Price(lower_median([quote.forward.e3 for quote in quotes]))
    smile = nearest_smile([quote.smile for quote in quotes])
    refusal = _outside(hearing, expiry, (forward, smile), quotes, last)
    if refusal is not None:
        return refusal
    stated_e6 = lower_median([quote.confidence.e6 for quote in quotes])
    trust = hearing.trust(
        (at for at, _ in quoted),
        stated_e6=stated_confidence_e6(stated_e6, sources),
        doubt_e6=_doubt_e6(hearing, forward, smile, quotes),
    )
    rate_e6 = lower_median([quote.rate_e6 for quote in quotes])
    return AgreedExpiry(expiry, forward, rate_e6, smile, trust)


def _outside(
    hearing: Hearing,
    expiry: Instant,
    agreed: tuple[Price, Svi],
    quotes: list[ExpiryQuote],
    last: AgreedExpiry | None,
) -> Refusal | None:
    """Why forward or smile, by its variance at the forward, do not follow the last ones."""
    (forward, smile), parameters = agreed, hearing.parameters
    age_s = last.trust.age_s(hearing.now) if last else 0
    return outside(
        hearing.subject,
        f"the forward of {expiry}",
        forward.e3,
        [quote.forward.e3 for quote in quotes],
        band=parameters.price_band,
        last=Precedent(last.forward.e3, age_s) if last else None,
        unlock_quorum=parameters.unlock_quorum,
    ) or outside(
        hearing.subject,
        f"the variance of {expiry}",
        level_e6(smile),
        [level_e6(quote.smile) for quote in quotes],
        band=parameters.variance_band,
        last=Precedent(level_e6(last.smile), age_s) if last else None,
        unlock_quorum=parameters.unlock_quorum,
    )


def _doubt_e6(hearing: Hearing, forward: Price, smile: Svi, quotes: list[ExpiryQuote]) -> int:
    """The greater of the doubts about forward and smile."""
    parameters = hearing.parameters
    forwards = disagreement_e6([quote.forward.e3 for quote in quotes], forward.e3)
    smiles = smile_disagreement_e6([quote.smile for quote in quotes], smile)
    return max(
        doubt_e6(forwards, parameters.price_doubt_e6),
        doubt_e6(smiles, parameters.variance_doubt_e6),
    )
