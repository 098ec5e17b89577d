"""`novate risk attribute`: which Greek earned or lost what, from one snapshot to a later one."""

from pathlib import Path
from typing import Any

import click

from novate.cli.desk.chains import chain_of, chains_at, index_of
from novate.cli.desk.figures import figures_table, show, show_json
from novate.cli.desk.flags import FILE, index_flag, prices_flag
from novate.cli.desk.holding import Holding
from novate.cli.desk.holdings import Holdings
from novate.cli.desk.implied import with_implied_vols
from novate.cli.desk.inputs import Inputs, with_inputs
from novate.cli.desk.option_values import amounts_of, instant_of, unused
from novate.cli.desk.since import attribution_since
from novate.cli.desk.tick_chain import SUFFIX
from novate.cli.render import cents
from novate.nodes import OptionChain
from novate.risk import Attribution
from novate.units import Instant, Usd


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
        index, assumed = index_of(symbol, chain, to_index.get(symbol), flag="--to-index")
        notices += assumed
        inputs.talk.line(
            f"{symbol} later",
            f"{chain.source}: {len(chain.strike)} quotes at {Instant(round(chain.taken_at_s))}, "
            f"index {index:,.2f} USD",
        )
        found[symbol] = attribution_since(
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
