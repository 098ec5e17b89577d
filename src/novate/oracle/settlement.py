"""The settlement price: the index over the last half hour before the expiry, by actual seconds.

A price holds from its tick until the next one, for at most `HOLD_S`; the seconds in which no price
holds are not covered. The settlement price is the mean over the covered seconds of the window, the
1,800 s before the expiry. When after the first price of the window every second is covered, and at
least 80 % of the window is, it ends at the expiry. Otherwise it is extended by as many covered
seconds as are missing to 1,800: whoever silences the oracle for a minute exchanges one minute of
thirty for a later one, and cannot choose another half hour. Silence before the first price is left
out, a fifth of the window at most.

The result depends on prices until the end of the window alone, whenever it is asked for. A circuit
keeps the sum and the covered seconds as running columns over ticks; which of hold, next tick and
end of the window comes first is two bits of the witness a tick.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from novate.oracle.mean import mean
from novate.oracle.refusal import Uncovered
from novate.oracle.subject import Subject
from novate.oracle.tick import OracleTick
from novate.units import Instant, Price, Rounding, bounds, div, within

WINDOW_S: Final = bounds.SETTLEMENT_WINDOW_S
COVERED_MIN_S: Final = div(WINDOW_S * 4, 5, Rounding.CEIL)
"""Covered seconds without which a window does not end at the expiry: 80 %."""

HOLD_S: Final = 120
"""How long a price holds when no other follows: a longer gap is not covered."""


@dataclass(frozen=True, slots=True)
class IndexSample:
    """An index price that was proven, and its instant."""

    at: Instant
    price: Price

    def __post_init__(self) -> None:
        within("index price", self.price.e3, low=1, high=1 << bounds.CONTRACT_BITS)


def index_samples(ticks: Iterable[OracleTick], subject: Subject) -> list[IndexSample]:
    """The index prices of a subject in rising order of time; one that only stayed counts once.

    Range: ticks one after the other.
    """
    found: dict[Instant, IndexSample] = {}
    for tick in ticks:
        for feed in tick.feeds:
            if feed.subject == subject:
                at = feed.index.trust.at
                found[at] = IndexSample(at, feed.index.price)
    return list(found.values())


@dataclass(frozen=True, slots=True)
class Stretch:
    """A price and the seconds in which it holds: from `start`, before `end`."""

    price_e3: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class SettlementPrice:
    """The mean index price of a window, over so many covered seconds, known at its end."""

    price: Price
    covered_s: int
    until: Instant


def stretches(samples: Sequence[IndexSample], *, start: int, end: int) -> list[Stretch]:
    """The seconds from `start` and before `end`, by the price that holds in them.

    Range: samples in rising order of time, none twice.
    """
    for one, other in pairwise(samples):
        within("next sample", other.at.s, low=one.at.s + 1, high=1 << bounds.TIME_BITS)
    ends = [*(sample.at.s for sample in samples), end][1:]
    cut = [
        Stretch(
            sample.price.e3,
            max(sample.at.s, start),
            min(sample.at.s + HOLD_S, following, end),
        )
        for sample, following in zip(samples, ends, strict=True)
    ]
    return [stretch for stretch in cut if stretch.start < stretch.end]


def covered_s(parts: Sequence[Stretch]) -> int:
    """The seconds in which a price holds."""
    return sum(part.end - part.start for part in parts)


def observed_e3s(samples: Sequence[IndexSample], expiry: Instant, now: Instant) -> tuple[int, int]:
    """What a window has seen by now: the sum of price times seconds, below 2**42, and how many of
    its seconds are covered. `settling_parts_e3` of `pricing` makes a forward's known part of them.
    """
    parts = stretches(samples, start=expiry.s - WINDOW_S, end=min(now.s, expiry.s))
    return sum(part.price_e3 * (part.end - part.start) for part in parts), covered_s(parts)


def settlement_price(
    samples: Sequence[IndexSample], expiry: Instant, *, now: Instant
) -> SettlementPrice | Uncovered:
    """The settlement price, once the window is covered, or what is missing now.

    Range: samples in rising order of time, none twice; expiry at least 1,800 s after 1970, and
    `now` not before it. Prices below 2**31, seconds below 2**11: sums below 2**42.
    """
    within("now", now.s, low=expiry.s, high=1 << bounds.TIME_BITS)
    start = expiry.s - WINDOW_S
    parts = stretches(samples, start=start, end=expiry.s)
    is_gapless = bool(parts) and covered_s(parts) == expiry.s - parts[0].start
    until, needed_s = expiry.s, COVERED_MIN_S
    if not is_gapless or covered_s(parts) < COVERED_MIN_S:
        needed_s = WINDOW_S
        parts = _first(stretches(samples, start=start, end=now.s), WINDOW_S)
        until = parts[-1].end if covered_s(parts) == WINDOW_S else now.s
    if covered_s(parts) < needed_s:
        return Uncovered(covered_s=covered_s(parts), needed_s=needed_s, until=Instant(until))
    price_e3 = mean((part.price_e3, part.end - part.start) for part in parts)
    return SettlementPrice(Price(price_e3), covered_s(parts), Instant(until))


def _first(parts: Sequence[Stretch], seconds: int) -> list[Stretch]:
    """The first so many covered seconds."""
    taken: list[Stretch] = []
    for part in parts:
        end = min(part.end, part.start + seconds)
        if part.start < end:
            taken.append(Stretch(part.price_e3, part.start, end))
            seconds -= end - part.start
    return taken
