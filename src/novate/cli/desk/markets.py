"""The market of each underlying, from a file of option chains and what a person adds to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from novate.instruments import format_expiry
from novate.nodes import FileRefused, OptionChain, chain_listing, chain_market, read_option_chains
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
) -> dict[str, DeskMarket]:
    """The markets of some underlyings, as a file has them.

    Raises: FileRefused when the file lacks one of them, says nothing certain about its instant, or
    has numbers beyond their bounds.
    """
    chains = chains_at(path, at)
    found = {}
    for symbol in symbols:
        if symbol not in chains:
            raise FileRefused(path, f"has no chain of {symbol}; it has {', '.join(chains)}")
        if symbol not in PARAMETERS:
            known = ", ".join(PARAMETERS)
            raise FileRefused(path, f"is of {symbol}, whose risk is not known; {known} are")
        found[symbol] = _market(symbol, chains[symbol], dials, (index or {}).get(symbol))
    return found


def chains_at(path: Path, at: Instant | None) -> dict[str, OptionChain]:
    """One chain for each underlying in a file, by symbol.

    `at` is the instant of a file that does not say it, or the last instant to look at in a file
    that has many.

    Raises: FileRefused.
    """
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


def _market(symbol: str, chain: OptionChain, dials: Dials, index: float | None) -> DeskMarket:
    notices = []
    if chain.excluded:
        counts = ", ".join(f"{count} {reason}" for reason, count in chain.exclusion_counts.items())
        notices.append(f"{symbol}: {len(chain.excluded)} quotes left out: {counts}")
    if index is None and not np.isfinite(chain.index):
        expiry_s, index = min(chain.forwards.items())
        notices.append(
            f"{symbol}: the file has no index price; taken as {index:,.2f} USD, the forward of "
            f"{format_expiry(Instant(expiry_s))} (name another with --index {symbol}=PRICE)"
        )
    try:
        listing = chain_listing(chain)
        market = chain_market(chain, listing, index=index)
        table = risk_table(listing, market, PARAMETERS[symbol], dials)
    except (OutOfRange, BadMarket) as error:
        raise FileRefused(chain.source, f"makes no market of {symbol}: {error}") from None
    return DeskMarket(symbol, chain, table, tuple(notices))
