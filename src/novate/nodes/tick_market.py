"""From an oracle tick to the market of a listing: all that a risk table asks, and in integers.

Nothing here is measured or fitted; who has the tick and the listing makes the same market. It lives
among the nodes because the oracle and risk know nothing of each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from novate.oracle import (
    AgreedExpiry,
    Feed,
    IndexSample,
    OracleTick,
    SettlementPrice,
    Subject,
    observed_e3s,
    settlement_price,
)
from novate.pricing import (
    Smiles,
    fortnight_vol,
    implied_vol_e6,
    perpetual_mark_e3,
    settling_parts_e3,
)
from novate.risk import Listing, Market
from novate.units import Instant, Integers, Tenor, Vol, bounds

CLOCK_BEHIND_MAX_S: Final = 600
"""So long may a clock be kept still: at the money, a day before expiry, ten minutes are a 300th of
what an option is worth.
"""


class TickRefused(ValueError):
    """A tick that says too little for the market of a listing."""


def tick_market(
    tick: OracleTick,
    listing: Listing,
    *,
    clock: Instant | None = None,
    samples: Sequence[IndexSample] = (),
    basis_e3: int = 0,
    funding_e3: int = 0,
) -> Market:
    """What a tick says of the instruments of a listing, of the same contracts.

    Tenors count from the tick, or from `clock`: who keeps it still over some ticks prices anew only
    the expiries that moved. `samples` are the index prices of the last half hours (`index_samples`
    of the ticks until now): an expiry within its half hour has a forward of which the part that
    they have settled no longer moves, and one that is past stands at its settlement price, or at
    what is known of it. Without them all of a forward still moves. `basis_e3` is the smoothed basis
    of the perpetual, and `funding_e3` what a long contract of it is expected to pay; a book knows
    both, an oracle does not.

    Rounding: volatilities down, the fortnight's up, the two parts of a forward down.

    Raises: TickRefused for a feed or an expiry of the listing that was never agreed on, one that is
    past without samples, or a clock after the tick or long before it; OutOfRange.
    """
    feed = _feed(tick, listing)
    now, at = tick.taken_at, tick.taken_at if clock is None else clock
    if not now.s - CLOCK_BEHIND_MAX_S <= at.s <= now.s:
        raise TickRefused(
            f"tenors cannot count from {at}: the tick was taken at {now}, and a clock is at most "
            f"{CLOCK_BEHIND_MAX_S} s behind it"
        )
    if not feed.expiries:
        raise TickRefused(
            f"no expiry of {feed.subject} was ever agreed, so there is no volatility to margin "
            "even a perpetual by; next: wait for publishers"
        )
    groups = [_perpetual(feed, now, basis_e3)]
    groups += [
        _group(feed, Instant(expiry_s), now, at, samples)
        for expiry_s in listing.expiry_s.tolist()[1:]
    ]
    forward_e3 = _integers([group.fixed_e3 + group.moving_e3 for group in groups])
    tenor_s = _integers([group.tenor_s for group in groups])
    return Market(
        index_e3=feed.index.price.e3,
        tenor_s=tenor_s,
        forward_e3=forward_e3,
        shocked_e3=_integers([group.moving_e3 for group in groups]),
        confidence_e6=_integers([group.confidence_e6 for group in groups]),
        vol_e6=_vols_e6(feed, listing, forward_e3, tenor_s),
        fortnight_vol_e6=_fortnight_vol_e6(feed, at),
        funding_e3=funding_e3,
    )


@dataclass(frozen=True, slots=True)
class _Group:
    """What is known of a group: the part of its forward that is settled, and the one that moves."""

    fixed_e3: int
    moving_e3: int
    tenor_s: int
    confidence_e6: int


def _feed(tick: OracleTick, listing: Listing) -> Feed:
    one = listing.instruments[0]
    subject = Subject(one.underlying, one.multiplier)
    try:
        return tick.feed(subject)
    except KeyError:
        known = ", ".join(str(feed.subject) for feed in tick.feeds) or "nothing"
        raise TickRefused(f"the tick has no index price of {subject}; it has {known}") from None


def _perpetual(feed: Feed, now: Instant, basis_e3: int) -> _Group:
    mark_e3 = int(perpetual_mark_e3(feed.index.price.e3, basis_e3))
    return _Group(0, mark_e3, 0, feed.index.trust.confidence_e6(now))


def _group(
    feed: Feed, expiry: Instant, now: Instant, at: Instant, samples: Sequence[IndexSample]
) -> _Group:
    """An expiry to come, in its last half hour as far as it is settled, or one that is past."""
    if expiry <= now:
        return _expired(feed, expiry, now, samples)
    agreed = next((one for one in feed.expiries if one.expiry == expiry), None)
    if agreed is None:
        raise TickRefused(
            f"nothing was ever agreed of the expiry {expiry} of {feed.subject}; next: wait for "
            "publishers, or do not list it"
        )
    fixed, moving = settling_parts_e3(agreed.forward.e3, *observed_e3s(samples, expiry, now))
    return _Group(int(fixed), int(moving), expiry.s - at.s, agreed.trust.confidence_e6(now))


def _expired(feed: Feed, expiry: Instant, now: Instant, samples: Sequence[IndexSample]) -> _Group:
    """The settlement price, or while it is not known yet what is, and the index for the rest."""
    if not samples:
        raise TickRefused(
            f"the expiry {expiry} of {feed.subject} is past at {now}; next: settle it and drop it "
            "from the listing, or give the index prices it settles by"
        )
    match settlement_price(samples, expiry, now=now):
        case SettlementPrice(price):
            return _Group(price.e3, 0, 0, bounds.RATE_SCALE)
        case _:
            seen = observed_e3s(samples, expiry, now)
            fixed, moving = settling_parts_e3(feed.index.price.e3, *seen)
            return _Group(int(fixed), int(moving), 0, feed.index.trust.confidence_e6(now))


def _vols_e6(feed: Feed, listing: Listing, forward_e3: Integers, tenor_s: Integers) -> Integers:
    """The volatility at each node, on the smile of its expiry; at a past expiry it is none, 0."""
    smiles = {one.expiry.s: one.smile for one in feed.expiries}
    vol_e6 = np.zeros(len(listing.node_group), dtype=np.int64)
    nodes = np.flatnonzero(tenor_s[listing.node_group] > 0)
    if len(nodes):
        live = np.flatnonzero(tenor_s > 0)
        group = listing.node_group[nodes]
        vol_e6[nodes] = implied_vol_e6(
            Smiles.of(
                [smiles[expiry_s] for expiry_s in listing.expiry_s[live].tolist()],
                np.searchsorted(live, group),
            ),
            forward_e3[group],
            listing.node_strike_e3[nodes],
            tenor_s[group],
        )
    return vol_e6


def _fortnight_vol_e6(feed: Feed, at: Instant) -> int:
    """Of all expiries agreed on, listed or not."""
    return fortnight_vol([_at_the_money(one, at) for one in feed.expiries]).e6


def _at_the_money(agreed: AgreedExpiry, at: Instant) -> tuple[Tenor, Vol]:
    tenor = Tenor(agreed.expiry.s - at.s)
    forward_e3 = agreed.forward.e3
    return tenor, Vol(int(implied_vol_e6(agreed.smile, forward_e3, forward_e3, tenor.s)))


def _integers(values: Sequence[int]) -> Integers:
    return np.array(values, dtype=np.int64)
