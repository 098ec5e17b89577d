"""`novate risk attribute`: which Greek earned or lost what, from one snapshot to a later one."""

from pathlib import Path
from typing import Any

import click
import numpy as np

from novate.cli.desk.chains import chain_of, chains_at, index_of
from novate.cli.desk.figures import figures_table, show, show_json
from novate.cli.desk.flags import FILE, index_flag, prices_flag
from novate.cli.desk.holdings import Holding, Holdings
from novate.cli.desk.implied import with_implied_vols
from novate.cli.desk.inputs import Inputs, with_inputs
from novate.cli.desk.option_values import amounts_of, instant_of, unused
from novate.cli.desk.tick_chain import SUFFIX
from novate.cli.render import cents
from novate.instruments import format_expiry
from novate.nodes import ChainRefused, FileRefused, OptionChain, chain_market
from novate.risk import Attribution, BadMarket, Positions, attribution, with_settled
from novate.units import Instant, Integers, OutOfRange, Usd

SETTLED_FAR = 5
"""A settlement price so many times a later forward, or a part of it, is in another unit."""


@click.command(short_help="Profit and loss by Greek, from one snapshot to a later one.")
@with_inputs
@click.option("--to", "later", type=FILE, required=True, help="The later option chain.")
@click.option(
    "--to-at",
    callback=instant_of,
    metavar="INSTANT",
    help="When it was taken: as --at of the earlier one.",
)
@index_flag("--to-index", whose="the later chain's")
@prices_flag(
    "--settled",
    "Settlement price in USD of an expiry in between: 26DEC25=92310.5, or BTC-26DEC25=92310.5 "
    "where two underlyings share it.",
    metavar="EXPIRY=PRICE",
)
@click.option(
    "--funding",
    callback=amounts_of,
    multiple=True,
    metavar="SYMBOL=USD",
    help="What one unit of the perpetual, long, has paid in between; below 0 received.",
)
def attribute(
    inputs: Inputs,
    later: Path,
    to_at: Instant | None,
    to_index: dict[str, float],
    settled: dict[str, float],
    funding: dict[str, float],
) -> None:
    """Print where the profit and loss of unchanged positions came from."""
    held = inputs.read()
    names = [one.instrument_name for one in held.portfolio.positions]
    chains = chains_at(
        later,
        to_at,
        names=names,
        flag="--to-at",
        oracle=inputs.oracle if later.suffix == SUFFIX else None,
    )
    found: dict[str, Attribution] = {}
    notices = _unused(held, to_index, settled, funding)
    for symbol, holding in held.by_symbol.items():
        chain, implied = with_implied_vols(chain_of(later, chains, symbol))
        if implied:
            notices.append(f"{symbol} later: {implied} volatilities are those that marks imply")
        _require_later(chain, holding)
        index, assumed = index_of(symbol, chain, to_index.get(symbol), flag="--to-index")
        notices += assumed
        inputs.talk.line(
            f"{symbol} later",
            f"{chain.source}: {len(chain.strike)} quotes at {Instant(round(chain.taken_at_s))}, "
            f"index {index:,.2f} USD",
        )
        found[symbol] = _attribution(
            symbol, holding, chain, index, settled, round(1000 * funding.get(symbol, 0.0))
        )
    for notice in notices:
        inputs.talk.line("notice", notice, style="yellow")
    if inputs.as_json:
        show_json(attribution_fields(held, chains, found, [*held.notices, *notices]))
        return
    for symbol, holding in held.by_symbol.items():
        show(_parts(symbol, found[symbol]), _positions(holding, found[symbol]))


def _unused(
    held: Holdings,
    to_index: dict[str, float],
    settled: dict[str, float],
    funding: dict[str, float],
) -> list[str]:
    """Notices of what was told of nothing that is held."""
    expiries = {
        (symbol, holding.group_name(group))
        for symbol, holding in held.by_symbol.items()
        for group in holding.groups.tolist()
        if group
    }
    days = {name for symbol, day in expiries for name in (day, f"{symbol}-{day}")}
    return [
        *unused("--to-index", to_index, held.by_symbol),
        *unused("--funding", funding, held.by_symbol),
        *unused("--settled", settled, sorted(days)),
    ]


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


def _attribution(
    symbol: str,
    holding: Holding,
    chain: OptionChain,
    index: float,
    settled: dict[str, float],
    funding_e3: int,
) -> Attribution:
    """The attribution over what is held or still quoted; other expiries do not matter."""
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
            Positions.of(_places(rows, positions.row), positions.quantity_e3, positions.cost_e6),
            funding_e3=funding_e3,
        )
    except (BadMarket, OutOfRange) as error:
        raise FileRefused(chain.source, f"{symbol}: {error}") from None


def _places(rows: Integers, row: Integers) -> Integers:
    found: Integers = np.searchsorted(rows, row).astype(np.int64)
    return found


def _settlement_e3(
    symbol: str, expiry_s: int, chain: OptionChain, settled: dict[str, float]
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


def _parts(symbol: str, found: Attribution) -> Any:
    whole = found.total
    total_e6 = int(whole.total_e6[0])
    rows = []
    for part in Attribution.PARTS:
        amount_e6 = int(getattr(whole, f"{part}_e6")[0])
        if amount_e6 or part == "residual":
            share = f"{100 * amount_e6 / total_e6:.1f} %" if total_e6 else ""
            rows.append((part, cents(Usd(amount_e6)), share))
    return figures_table(
        f"{symbol}: profit and loss by Greek, USDC",
        ("", "profit", "of all"),
        rows,
        total=("all", cents(Usd(total_e6)), "100.0 %" if total_e6 else ""),
    )


def _positions(holding: Holding, found: Attribution) -> Any:
    shown = [part for part in Attribution.PARTS if getattr(found, f"{part}_e6").any()]
    return figures_table(
        "By position, USDC",
        ("", "profit", *shown),
        [
            (
                name,
                *(
                    cents(Usd(int(getattr(found, f"{part}_e6")[place])))
                    for part in ("total", *shown)
                ),
            )
            for place, name in enumerate(holding.names)
        ],
    )


def attribution_fields(
    held: Holdings,
    chains: dict[str, OptionChain],
    found: dict[str, Attribution],
    notices: list[str],
) -> dict[str, Any]:
    """The same for machines; money in millionths."""
    names = ("total", *Attribution.PARTS)
    return {
        "underlyings": {
            symbol: {
                "from": str(holding.market.taken_at),
                "to": str(Instant(round(chains[symbol].taken_at_s))),
                **{
                    f"{part}_e6": int(getattr(found[symbol].total, f"{part}_e6")[0])
                    for part in names
                },
                "positions": [
                    {
                        "instrument": name,
                        **{
                            f"{part}_e6": int(getattr(found[symbol], f"{part}_e6")[place])
                            for part in names
                        },
                    }
                    for place, name in enumerate(holding.names)
                ],
            }
            for symbol, holding in held.by_symbol.items()
        },
        "notices": notices,
    }
