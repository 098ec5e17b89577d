"""The index price that a quorum agrees on: a median of each source, then the mean of sources."""

from collections.abc import Mapping
from dataclasses import dataclass

from novate.oracle.band import Precedent, outside
from novate.oracle.confidence import Trust, disagreement_e6, doubt_e6
from novate.oracle.hearing import Hearing, Saying
from novate.oracle.index import index_price_e3, stated_confidence_e6
from novate.oracle.median import lower_median
from novate.oracle.refusal import NoIndex, Refusal, SourceDropped
from novate.units import Price, bounds


@dataclass(frozen=True, slots=True)
class AgreedIndex:
    """The index price of a contract, and of how many sources it is made."""

    price: Price
    sources: int
    trust: Trust


def dropped_sources(hearing: Hearing) -> list[SourceDropped]:
    """The listed sources of which too few publishers have a fresh price."""
    quorum = hearing.parameters.quorum
    counts = {source: len(prices) for source, prices in _prices(hearing).items()}
    return [
        SourceDropped(subject=hearing.subject, source=source, quotes=count, quorum=quorum)
        for source, count in counts.items()
        if count < quorum
    ]


def agree_index(hearing: Hearing, last: AgreedIndex | None) -> AgreedIndex | Refusal:
    """The index, or why there is none now.

    The price of a source is the lower median of a quorum's fresh prices of it; one that too few
    have is dropped. The larger quorum that opens the band is of publishers whose own fresh prices
    make an index beyond it.
    """
    parameters, weights = hearing.parameters, _weights(hearing)
    heard = {s: p for s, p in _prices(hearing).items() if len(p) >= parameters.quorum}
    if not heard:
        return NoIndex(subject=hearing.subject, sources=len(weights))
    medians = {source: lower_median(prices) for source, prices in heard.items()}
    price_e3 = _index_e3(medians, weights, parameters.clamp_e6)
    own = [(one.at, fresh) for one in hearing.sayings if (fresh := _fresh(hearing, one))]
    refusal = outside(
        hearing.subject,
        "the index price",
        price_e3,
        [_index_e3(fresh, weights, parameters.clamp_e6) for _, fresh in own],
        band=parameters.price_band,
        last=Precedent(last.price.e3, last.trust.age_s(hearing.now)) if last else None,
        unlock_quorum=parameters.unlock_quorum,
    )
    if refusal is not None:
        return refusal
    # Publishers may differ on a source, and sources from each other.
    centre = lower_median(list(medians.values()))
    apart = [disagreement_e6(prices, medians[source]) for source, prices in heard.items()]
    apart.append(disagreement_e6(list(medians.values()), centre))
    trust = hearing.trust(
        (at for at, _ in own),
        stated_e6=stated_confidence_e6(bounds.RATE_SCALE, len(medians)),
        doubt_e6=doubt_e6(max(apart), parameters.price_doubt_e6),
    )
    return AgreedIndex(Price(price_e3), len(medians), trust)


def _weights(hearing: Hearing) -> dict[int, int]:
    return {source.id: source.weight for source in hearing.listed.sources}


def _fresh(hearing: Hearing, saying: Saying) -> dict[int, int]:
    """The prices of listed sources that were not too old when they were reported."""
    oldest_s = saying.at.s - hearing.parameters.source_age_s
    listed = _weights(hearing)
    return {
        quote.source: quote.price.e3
        for quote in saying.feed.sources
        if quote.source in listed and quote.at.s >= oldest_s
    }


def _prices(hearing: Hearing) -> dict[int, list[int]]:
    """What the publishers say of each listed source."""
    said = [_fresh(hearing, saying) for saying in hearing.sayings]
    return {id: [prices[id] for prices in said if id in prices] for id in _weights(hearing)}


def _index_e3(prices: Mapping[int, int], weights: Mapping[int, int], clamp_e6: int) -> int:
    return index_price_e3([(price, weights[id]) for id, price in prices.items()], clamp_e6)
