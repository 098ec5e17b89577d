"""`novate risk hedge`: what to trade for a delta, for a vega, for both, or for least margin."""

from typing import Any

import click

from novate.cli.desk.aim import AIMS, TARGET_MAX, Aim, lot_e3_of
from novate.cli.desk.exposures import exposures_e6, units
from novate.cli.desk.figures import show, show_json
from novate.cli.desk.flags import count_flag, decimal_flag
from novate.cli.desk.hedges import hedges_fields, hedges_table
from novate.cli.desk.holdings import Holdings
from novate.cli.desk.inputs import Inputs, with_inputs
from novate.cli.desk.lowered import lowered_fields, lowered_table
from novate.cli.render import cents
from novate.risk import Hedges, Lowered
from novate.units import Usd


@click.command(short_help="What to trade for a delta, a vega, both, or least margin.")
@with_inputs
@click.option(
    "--to",
    "what",
    type=click.Choice(AIMS),
    default="delta",
    show_default=True,
    help="What the hedge is for.",
)
@decimal_flag(
    "--delta",
    "delta_e6",
    "Delta to come to, in units of the underlying.",
    default="0",
    low=-TARGET_MAX,
    high=TARGET_MAX,
    metavar="UNITS",
)
@decimal_flag(
    "--vega",
    "vega_e6",
    "Vega to come to, in USD per volatility point.",
    default="0",
    low=-TARGET_MAX,
    high=TARGET_MAX,
    metavar="USD",
)
@count_flag(
    "--count",
    "Hedges to show, the least margin first; for margin, trades at most.",
    default=6,
    high=100,
)
@click.option(
    "--lot",
    "lot_e3",
    callback=lot_e3_of,
    metavar="UNITS",
    help="Step of every size.  [default: options 0.1 BTC or 1 ETH, perpetuals 0.001]",
)
@decimal_flag(
    "--cost",
    "cost_e6",
    "For margin: what trading costs, as a part of the notional.",
    default="0.0005",
)
def hedge(inputs: Inputs, **asked: Any) -> None:
    """Print hedges in what the chain quotes, in whole lots, each margined exactly."""
    aim = Aim(**asked)
    held = inputs.read()
    found = {symbol: aim.hedges(held, symbol) for symbol in held.by_symbol}
    if inputs.as_json:
        show_json(hedge_fields(held, aim, found))
        return
    for symbol, holding in held.by_symbol.items():
        show(_now(held, symbol))
        one = found[symbol]
        if isinstance(one, Lowered):
            show(lowered_table(symbol, holding, one))
        else:
            show(hedges_table(symbol, holding.market.table, one, aim))


def _now(held: Holdings, symbol: str) -> str:
    delta_e6, vega_e6 = exposures_e6(held.by_symbol[symbol], held.by_symbol[symbol].positions)
    return (
        f"{symbol} now: delta {units(delta_e6)} {symbol}, vega {cents(Usd(vega_e6))} USDC a "
        f"point, initial margin of the account {cents(held.margin.initial)} USDC"
    )


def hedge_fields(held: Holdings, aim: Aim, found: dict[str, Hedges | Lowered]) -> dict[str, Any]:
    """The same for machines; money in millionths."""
    underlyings = {}
    for symbol, one in found.items():
        holding = held.by_symbol[symbol]
        delta_e6, vega_e6 = exposures_e6(holding, holding.positions)
        underlyings[symbol] = {
            "delta_before_e6": delta_e6,
            "vega_before_e6": vega_e6,
            "initial_before_e6": held.margin.initial.e6,
            "maintenance_before_e6": held.margin.maintenance.e6,
            **(
                {"trades": lowered_fields(holding, one)}
                if isinstance(one, Lowered)
                else {"hedges": hedges_fields(holding, one, aim)}
            ),
        }
    return {"aim": aim.what, "underlyings": underlyings, "notices": list(held.notices)}
