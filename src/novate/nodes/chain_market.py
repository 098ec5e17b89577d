"""A published option chain as a listing and a market: what a risk table is made of.

The chain's own marks are taken: its forwards by parity and its volatilities, strike by strike.
"""

from typing import Final

import numpy as np

from novate.instruments import REGISTRY, Option, Right, future, perpetual
from novate.nodes.bad_quotes import index_tolerance
from novate.nodes.csv_file import Floats
from novate.nodes.option_chain import OptionChain
from novate.pricing import fortnight_vol
from novate.risk import Listing, Market
from novate.units import Instant, Integers, Multiplier, Price, Tenor, Vol, bounds

ONE_UNIT: Final = Multiplier(1000)


class ChainRefused(ValueError):
    """A chain that says too little for a market."""


def chain_listing(chain: OptionChain, *, multiplier: Multiplier = ONE_UNIT) -> Listing:
    """The options of a chain, a future for each of its expiries, and the perpetual."""
    underlying = REGISTRY.underlying(chain.currency)
    options = [
        Option(
            underlying=underlying,
            right=Right.CALL if is_call else Right.PUT,
            strike=Price(round(strike * multiplier.e3)),
            expiry=Instant(expiry_s),
            multiplier=multiplier,
        ).instrument
        for expiry_s, strike, is_call in zip(
            chain.expiry_s.tolist(), chain.strike.tolist(), chain.is_call.tolist(), strict=True
        )
    ]
    expiries = sorted(set(chain.expiry_s.tolist()))
    futures = [future(underlying, multiplier, Instant(expiry_s)) for expiry_s in expiries]
    return Listing.of([perpetual(underlying, multiplier), *futures, *options])


def chain_market(
    chain: OptionChain,
    listing: Listing,
    *,
    confidence_e6: int = bounds.RATE_SCALE,
    index: float | None = None,
) -> Market:
    """What a chain says of the instruments of a listing, which may be that of an earlier chain.

    The perpetual stands at the index. A strike that the chain does not quote takes its volatility
    from its neighbours on the smile; beyond the last, the last.

    Raises: ChainRefused when an expiry of the listing has no forward or no volatility, or is past;
            when there is none, or the chain is of another underlying; for an index price that is
            none, or far from the forward of the nearest expiry.
    """
    _check_listing(chain, listing)
    multiplier = listing.instruments[0].multiplier.e3
    index = chain.index if index is None else index
    _check_index(chain, index)
    tenor_s = [0, *(s - round(chain.taken_at_s) for s in listing.expiry_s[1:].tolist())]
    forwards = [index]
    vols = np.empty(len(listing.node_group), dtype=np.float64)
    at_the_money: list[tuple[Tenor, Vol]] = []
    for group, expiry_s in enumerate(listing.expiry_s.tolist()[1:], start=1):
        strikes, smile = _smile(chain, expiry_s)
        forward = chain.forwards[expiry_s]
        forwards.append(forward)
        nodes = listing.node_group == group
        # The listing's strikes are per contract.
        vols[nodes] = np.interp(listing.node_strike_e3[nodes] / multiplier, strikes, smile)
        at_the_money.append(
            (Tenor(tenor_s[group]), Vol(_e6(float(np.interp(forward, strikes, smile)))))
        )
    forward_e3 = _e3(np.array(forwards), multiplier)
    return Market(
        index_e3=int(_e3(np.array([index]), multiplier)[0]),
        tenor_s=np.array(tenor_s),
        forward_e3=forward_e3,
        shocked_e3=forward_e3,
        confidence_e6=np.full(listing.groups, confidence_e6, dtype=np.int64),
        vol_e6=np.rint(vols * 1e6).astype(np.int64),
        fortnight_vol_e6=fortnight_vol(at_the_money).e6,
    )


def _check_listing(chain: OptionChain, listing: Listing) -> None:
    underlying, expiry_s = listing.instruments[0].underlying, listing.expiry_s[1:]
    if underlying != REGISTRY.underlying(chain.currency):
        raise ChainRefused(f"{chain.source} is of {chain.currency}, the listing of {underlying}")
    if not len(expiry_s):
        raise ChainRefused("the listing has no expiry, so no volatility to margin a perpetual by")
    if expiry_s[0] <= round(chain.taken_at_s):
        raise ChainRefused(
            f"{Instant(int(expiry_s[0]))} is no expiry for {chain.source}, taken at "
            f"{Instant(round(chain.taken_at_s))}; next: drop what has expired"
        )


def _check_index(chain: OptionChain, index: float) -> None:
    if not np.isfinite(index):
        raise ChainRefused(f"{chain.source} has no index price; next: name one")
    expiry_s, forward = min(chain.forwards.items(), default=(0, np.nan))
    most = index_tolerance(expiry_s - chain.taken_at_s)
    if index <= 0 or abs(forward - index) > most * index:
        raise ChainRefused(
            f"the index price {index:.10g} is not within {most:.0%} of {forward:.10g}, the forward "
            f"of {chain.source} for {Instant(expiry_s)}; next: give it in USD per {chain.currency}"
        )


def _smile(chain: OptionChain, expiry_s: int) -> tuple[Floats, Floats]:
    """Strikes of an expiry in order, and the volatility of each."""
    quoted = (chain.expiry_s == expiry_s) & np.isfinite(chain.mark_iv)
    if not quoted.any() or expiry_s not in chain.forwards:
        raise ChainRefused(
            f"{chain.source} has no volatility or no forward for the expiry at {Instant(expiry_s)}"
        )
    strikes, place = np.unique(chain.strike[quoted], return_inverse=True)
    return strikes, np.bincount(place, chain.mark_iv[quoted]) / np.bincount(place)


def _e3(per_unit: Floats, multiplier_e3: int) -> Integers:
    return np.rint(per_unit * multiplier_e3).astype(np.int64)


def _e6(vol: float) -> int:
    return round(vol * 1e6)
