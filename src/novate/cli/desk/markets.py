"""The market of each underlying, from a file of option chains and what a person adds to it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from novate.cli.desk.chains import chain_of, chains_at, index_of, ticks_at
from novate.cli.desk.implied import with_implied_vols
from novate.cli.desk.tick_chain import UNIT, TickChain
from novate.instruments import Nameless
from novate.nodes import (
    FileRefused,
    OptionChain,
    TickRefused,
    chain_listing,
    chain_market,
    tick_market,
)
from novate.risk import MAJORS, BadMarket, Dials, RiskTable
from novate.units import Instant, OutOfRange

MARGINED: Final = tuple(str(underlying) for underlying, _ in MAJORS.parameters)
"""Symbols of the underlyings whose risk is known: of the first compartment."""


@dataclass(frozen=True, slots=True, eq=False)
class DeskMarket:
    """One underlying at one instant: its chain, and the risk table made of it."""

    symbol: str
    chain: OptionChain
    table: RiskTable
    notices: tuple[str, ...] = ()
    """What was taken although the file does not say it."""

    @property
    def taken_at(self) -> Instant:
        """The instant of the quotes, to the second."""
        return Instant(round(self.chain.taken_at_s))


def markets(
    path: Path,
    symbols: Sequence[str],
    *,
    at: Instant | None = None,
    index: Mapping[str, float] | None = None,
    dials: Dials = Dials(),  # noqa: B008 - frozen
    oracle: str | None = None,
    names: Collection[str] = (),
) -> dict[str, DeskMarket]:
    """The markets of some underlyings, as a file has them; `oracle` and `names` are for a tick.

    Raises: FileRefused when the file lacks one of them, says nothing certain about its instant, or
    has numbers beyond their bounds.
    """
    ticks = ticks_at(path, at, oracle=oracle, names=names)
    chains = {symbol: tick.chain for symbol, tick in ticks.items()} or chains_at(path, at)
    found = {}
    for symbol in symbols:
        chain = chain_of(path, chains, symbol)
        if symbol not in MARGINED:
            known = ", ".join(MARGINED)
            raise FileRefused(path, f"is of {symbol}, whose risk is not known; {known} are")
        found[symbol] = _market(symbol, chain, dials, (index or {}).get(symbol), ticks.get(symbol))
    return found


def _market(
    symbol: str, chain: OptionChain, dials: Dials, index: float | None, tick: TickChain | None
) -> DeskMarket:
    notices = []
    if tick is not None:
        notices.append(
            f"{symbol}: a tick of {len(tick.tick.publishers)} publishers, every signature right; "
            f"they are those of the oracle {tick.oracle}"
        )
    if chain.excluded:
        counts = ", ".join(f"{count} {reason}" for reason, count in chain.exclusion_counts.items())
        notices.append(f"{symbol}: {len(chain.excluded)} quotes left out: {counts}")
    chain, implied = with_implied_vols(chain)
    if implied:
        notices.append(f"{symbol}: {implied} volatilities are those that the mark prices imply")
    chain = _with_smiles(symbol, chain, notices)
    price, assumed = index_of(symbol, chain, index)
    notices += assumed
    try:
        listing = chain_listing(chain)
        if tick is not None and tick.feed.subject.multiplier == UNIT and index is None:
            market = tick_market(tick.tick, listing, samples=tick.samples)
        else:
            market = chain_market(chain, listing, index=price)
            if tick is not None:
                sure = [tick.confidence_e6[expiry_s] for expiry_s in listing.expiry_s.tolist()[1:]]
                perpetual_e6 = tick.feed.index.trust.confidence_e6(tick.tick.taken_at)
                market = replace(market, confidence_e6=np.array([perpetual_e6, *sure]))
        table = replace(MAJORS, dials=dials).table(listing, market)
    except (OutOfRange, BadMarket, Nameless, TickRefused) as error:
        raise FileRefused(
            chain.source,
            f"makes no market of {symbol}: {_plain(error)}; next: see whether --at and --index are "
            "those of this chain",
        ) from None
    return DeskMarket(symbol, chain, table, tuple(notices))


def _plain(error: ValueError) -> str:
    """What was wrong, without the next step of somebody who gives arrays."""
    return str(error).partition("; next: ")[0]


def _with_smiles(symbol: str, chain: OptionChain, notices: list[str]) -> OptionChain:
    """The expiries that have both a forward and a volatility.

    Raises: FileRefused when none has.
    """
    expiries = sorted(set(chain.expiry_s.tolist()))
    known = chain.expiry_s[np.isfinite(chain.mark_iv) & np.isfinite(chain.forward)]
    without = [one for one in expiries if one not in known]
    if len(without) == len(expiries):
        raise FileRefused(
            chain.source, f"has no expiry of {symbol} with both a forward and a volatility"
        )
    if without:
        days = ", ".join(str(Instant(one)) for one in without)
        notices.append(f"{symbol}: no forward or no volatility, so left out: expiry {days}")
        return chain.where(~np.isin(chain.expiry_s, without))
    return chain
