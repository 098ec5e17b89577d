"""What a holding earned since: from its market to that of a later chain."""

from collections.abc import Mapping
from typing import Final

import click
import numpy as np

from novate.cli.desk.holding import Holding
from novate.instruments import format_expiry
from novate.nodes import ChainRefused, FileRefused, OptionChain, chain_market
from novate.risk import Attribution, BadMarket, Positions, attribution, with_settled
from novate.units import Instant, OutOfRange

SETTLED_FAR: Final = 5
"""A settlement price so many times a later forward, or a part of it, is in another unit."""


def attribution_since(
    symbol: str,
    holding: Holding,
    chain: OptionChain,
    index: float,
    settled: Mapping[str, float],
    funding_e3: int,
) -> Attribution:
    """The attribution over what is held or still quoted; other expiries do not matter.

    Raises: FileRefused, ChainRefused; click.UsageError for a settlement price in another unit.
    """
    _require_later(chain, holding)
    table = holding.market.table
    listing = table.listing
    quoted = set(chain.forwards)
    is_quoted = np.array([s == 0 or s in quoted for s in listing.expiry_s.tolist()])
    is_held = np.isin(np.arange(listing.groups), holding.groups)
    settlement_e3 = np.zeros(listing.groups, dtype=np.int64)
    for group in np.flatnonzero(is_held & ~is_quoted).tolist():
        settlement_e3[group] = _settlement_e3(symbol, int(listing.expiry_s[group]), chain, settled)
    kept = is_quoted | is_held
    part, rows, nodes = listing.part(kept)
    before = table.market.part(kept, nodes)
    settlement_e3 = settlement_e3[kept]
    live, _, _ = part.part(settlement_e3 == 0)
    positions = holding.positions
    try:
        after = chain_market(chain, live, index=index)
        if settlement_e3.any():
            after = with_settled(part, before, after, settlement_e3)
        return attribution(
            part,
            before,
            after,
            Positions.of(
                np.searchsorted(rows, positions.row), positions.quantity_e3, positions.cost_e6
            ),
            funding_e3=funding_e3,
        )
    except (BadMarket, OutOfRange) as error:
        raise FileRefused(chain.source, f"{symbol}: {error}") from None


def _settlement_e3(
    symbol: str, expiry_s: int, chain: OptionChain, settled: Mapping[str, float]
) -> int:
    day = format_expiry(Instant(expiry_s))
    if expiry_s > chain.taken_at_s:
        raise ChainRefused(
            f"{chain.source.name} has no forward of {symbol} {day}, which is held; "
            "next: take a chain that quotes it"
        )
    for name in (f"{symbol}-{day}", day):
        if name in settled:
            return _settled_e3(name, settled[name], min(chain.forwards.items())[1])
    raise ChainRefused(
        f"{symbol} {day} is held and has expired before {chain.source.name}; "
        f"next: say its settlement price with --settled {symbol}-{day}=PRICE"
    )


def _settled_e3(name: str, price: float, forward: float) -> int:
    if not forward / SETTLED_FAR <= price <= forward * SETTLED_FAR:
        raise click.UsageError(
            f"--settled {name}={price:,.10g} is over {SETTLED_FAR} times off the later forward of "
            f"{forward:,.2f} USD; next: say it in USD a unit"
        )
    return round(price * 1000)


def _require_later(chain: OptionChain, holding: Holding) -> None:
    if not chain.forwards:
        raise FileRefused(chain.source, f"has no forward of {chain.currency}")
    at = Instant(round(chain.taken_at_s))
    if at < holding.market.taken_at:
        raise FileRefused(
            chain.source,
            f"is of {at}, before {holding.market.taken_at}; next: give the earlier chain as "
            "--chain and the later one as --to",
        )
