"""The market of each underlying, from a file of option chains and what a person adds to it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from novate.cli.desk.implied import with_implied_vols
from novate.cli.desk.tick_chain import SUFFIX, UNIT, TickChain, read_tick_chains
from novate.instruments import Nameless, format_expiry
from novate.nodes import (
    FileRefused,
    OptionChain,
    TickRefused,
    chain_listing,
    chain_market,
    read_option_chains,
    tick_market,
)
from novate.risk import BTC, ETH, BadMarket, Dials, RiskParameters, RiskTable, risk_table
from novate.units import Instant, OutOfRange

PARAMETERS: Final[Mapping[str, RiskParameters]] = {"BTC": BTC, "ETH": ETH}
"""What is known about the risk of an underlying, by its symbol."""


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
    ticks = _ticks(path, at, oracle, names)
    chains = {symbol: tick.chain for symbol, tick in ticks.items()} or chains_at(path, at)
    found = {}
    for symbol in symbols:
        chain = chain_of(path, chains, symbol)
        if symbol not in PARAMETERS:
            known = ", ".join(PARAMETERS)
            raise FileRefused(path, f"is of {symbol}, whose risk is not known; {known} are")
        found[symbol] = _market(symbol, chain, dials, (index or {}).get(symbol), ticks.get(symbol))
    return found


def _ticks(
    path: Path, at: Instant | None, oracle: str | None, names: Collection[str]
) -> dict[str, TickChain]:
    if path.suffix != SUFFIX:
        return {}
    return read_tick_chains(path, oracle=oracle, at=at, names=names)


def chains_at(
    path: Path, at: Instant | None, *, oracle: str | None = None, names: Collection[str] = ()
) -> dict[str, OptionChain]:
    """One chain for each underlying in a file, by symbol.

    `at` is the instant of a file that does not say it, or the last instant to look at in a file
    that has many.

    Raises: FileRefused.
    """
    if path.suffix == SUFFIX:
        return {symbol: tick.chain for symbol, tick in _ticks(path, at, oracle, names).items()}
    try:
        chains = read_option_chains(path)
    except FileRefused as error:
        if error.field != "taken_at":
            raise
        if at is None:
            raise FileRefused(
                path, "does not say when it was taken; next: say it with --at"
            ) from None
        return _largest(read_option_chains(path, taken_at=at))
    if at is None:
        _require_one_instant(path, chains)
        return _largest(chains)
    past = [chain for chain in chains if round(chain.taken_at_s) <= at.s]
    if not past:
        first = Instant(round(min(chain.taken_at_s for chain in chains)))
        raise FileRefused(path, f"has nothing at or before {at}; it begins at {first}")
    last = {
        symbol: max(chain.taken_at_s for chain in past if chain.currency == symbol)
        for symbol in {chain.currency for chain in past}
    }
    return _largest([chain for chain in past if chain.taken_at_s == last[chain.currency]])


def chain_of(path: Path, chains: Mapping[str, OptionChain], symbol: str) -> OptionChain:
    """That of one underlying among the chains of a file.

    Raises: FileRefused.
    """
    if symbol not in chains:
        raise FileRefused(path, f"has no chain of {symbol}; it has {', '.join(chains)}")
    return chains[symbol]


def chosen_chains(
    path: Path, at: Instant | None, symbol: str | None, *, oracle: str | None = None
) -> dict[str, OptionChain]:
    """The chains of a file, or of one underlying alone.

    Raises: FileRefused.
    """
    chains = chains_at(path, at, oracle=oracle)
    return chains if symbol is None else {symbol: chain_of(path, chains, symbol)}


def index_of(
    symbol: str, chain: OptionChain, told: float | None, *, flag: str = "--index"
) -> tuple[float, list[str]]:
    """The index price that was told, or else the chain's, or else the nearest forward, which is
    noticed.

    Raises: FileRefused when there is none of them.
    """
    if told is not None or np.isfinite(chain.index):
        return chain.index if told is None else told, []
    if not chain.forwards:
        raise FileRefused(chain.source, f"has neither an index price nor a forward of {symbol}")
    expiry_s, forward = min(chain.forwards.items())
    return forward, [
        f"{symbol}: the file has no index price; taken as {forward:,.2f} USD, the "
        f"forward of {day_of(expiry_s)} (name another with {flag} {symbol}=PRICE)"
    ]


def day_of(expiry_s: int) -> str:
    """An expiry as names write it, or its instant where they cannot."""
    try:
        return format_expiry(Instant(expiry_s))
    except Nameless:
        return str(Instant(expiry_s))


def _require_one_instant(path: Path, chains: Sequence[OptionChain]) -> None:
    for symbol in {chain.currency for chain in chains}:
        instants = sorted({chain.taken_at_s for chain in chains if chain.currency == symbol})
        if len(instants) > 1:
            first, last = Instant(round(instants[0])), Instant(round(instants[-1]))
            raise FileRefused(
                path,
                f"has {len(instants)} chains of {symbol}, from {first} to {last}; "
                "next: choose one with --at",
            )


def _largest(chains: Sequence[OptionChain]) -> dict[str, OptionChain]:
    """Of chains of one underlying, quoted in the coin and in USDC, the one with most quotes."""
    by_size = sorted(chains, key=lambda chain: len(chain.strike))
    found = {chain.currency: chain for chain in by_size}
    return dict(sorted(found.items()))


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
        table = risk_table(listing, market, PARAMETERS[symbol], dials)
    except (OutOfRange, BadMarket, Nameless, TickRefused) as error:
        raise FileRefused(chain.source, f"makes no market of {symbol}: {error}") from None
    return DeskMarket(symbol, chain, table, tuple(notices))


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
