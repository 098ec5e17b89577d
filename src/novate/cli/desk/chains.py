"""The chain of each underlying in a file: of quotes, or made of an oracle's tick."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from novate.cli.desk.tick_chain import SUFFIX, TickChain, read_tick_chains
from novate.instruments import Nameless, format_expiry
from novate.nodes import FileRefused, OptionChain, read_option_chains
from novate.units import Instant


class NoChain(FileRefused):
    """A file without a chain of an underlying that somebody asked about."""

    def __init__(self, path: Path, symbol: str, found: Iterable[str]) -> None:
        super().__init__(path, f"has no chain of {symbol}; it has {', '.join(found)}")
        self.symbol = symbol


def ticks_at(
    path: Path, at: Instant | None, *, oracle: str | None = None, names: Collection[str] = ()
) -> dict[str, TickChain]:
    """The last tick in a file by symbol, at the strikes of the named options; nothing in a file of
    quotes.

    Raises: FileRefused, also for a file of quotes that should be of an oracle.
    """
    if path.suffix != SUFFIX:
        if oracle is not None:
            raise FileRefused(
                path,
                f"is no file of ticks ({SUFFIX}), which an oracle signs; next: leave out --oracle",
            )
        return {}
    return read_tick_chains(path, oracle=oracle, at=at, names=names)


def chains_at(
    path: Path,
    at: Instant | None,
    *,
    oracle: str | None = None,
    names: Collection[str] = (),
    flag: str = "--at",
) -> dict[str, OptionChain]:
    """One chain for each underlying in a file, by symbol.

    `at` is the instant of a file that does not say it, or the last instant to look at in a file
    that has many; `flag` is the option that says it.

    Raises: FileRefused.
    """
    if ticks := ticks_at(path, at, oracle=oracle, names=names):
        return {symbol: tick.chain for symbol, tick in ticks.items()}
    try:
        chains = read_option_chains(path)
    except FileRefused as error:
        if error.field != "taken_at":
            raise
        if at is None:
            raise FileRefused(
                path, f"does not say when it was taken; next: say it with {flag}"
            ) from None
        return _largest(read_option_chains(path, taken_at=at))
    if at is None:
        _require_one_instant(path, chains, flag)
        return _largest(chains)
    past = [chain for chain in chains if round(chain.taken_at_s) <= at.s]
    if not past:
        first = Instant(round(min(chain.taken_at_s for chain in chains)))
        raise FileRefused(
            path,
            f"has nothing at or before {at}; it begins at {first}; next: name a later instant with "
            f"{flag}, or leave it out",
        )
    last = {
        symbol: max(chain.taken_at_s for chain in past if chain.currency == symbol)
        for symbol in {chain.currency for chain in past}
    }
    return _largest([chain for chain in past if chain.taken_at_s == last[chain.currency]])


def chain_of(path: Path, chains: Mapping[str, OptionChain], symbol: str) -> OptionChain:
    """That of one underlying among the chains of a file.

    Raises: NoChain.
    """
    if symbol not in chains:
        raise NoChain(path, symbol, chains)
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


def _require_one_instant(path: Path, chains: Sequence[OptionChain], flag: str) -> None:
    for symbol in {chain.currency for chain in chains}:
        instants = sorted({chain.taken_at_s for chain in chains if chain.currency == symbol})
        if len(instants) > 1:
            first, last = Instant(round(instants[0])), Instant(round(instants[-1]))
            raise FileRefused(
                path,
                f"has {len(instants)} chains of {symbol}, from {first} to {last}; "
                f"next: choose one with {flag}",
            )


def _largest(chains: Sequence[OptionChain]) -> dict[str, OptionChain]:
    """Of chains of one underlying, quoted in the coin and in USDC, the one with most quotes."""
    by_size = sorted(chains, key=lambda chain: len(chain.strike))
    found = {chain.currency: chain for chain in by_size}
    return dict(sorted(found.items()))
