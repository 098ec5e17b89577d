"""`novate risk explain`: which scenario decides, who loses in it, and what would lower it."""

from typing import Any

import click

from novate.cli.desk.contributions import contribution_fields, contributions_table
from novate.cli.desk.figures import show, show_json
from novate.cli.desk.flags import count_flag
from novate.cli.desk.holdings import Holdings
from novate.cli.desk.inputs import Inputs, with_inputs
from novate.cli.desk.parts import part_fields, parts_table
from novate.cli.desk.saving import saving_fields, savings_of, savings_table
from novate.cli.desk.ways import deciding_words, way_fields, way_words, ways_table
from novate.risk import Explanation, Savings
from novate.risk import explain as explanation


@click.command(short_help="Why margin is what it is, and what to trade to lower it most.")
@with_inputs
@count_flag("--worst", "Ways to lose to show, the worst first.", default=6)
@count_flag("--trades", "Trades to propose, the best first.", default=8, low=0, high=1000)
@count_flag(
    "--lots", "Size of a proposed trade, in lots of 0.1 BTC or 1 ETH.", default=10, high=10_000
)
def explain(inputs: Inputs, worst: int, trades: int, lots: int) -> None:
    """Print the scenario that decides a portfolio's margin, and what each position does to it."""
    held = inputs.read()
    found = {
        symbol: explanation(holding.market.table, holding.positions)
        for symbol, holding in held.by_symbol.items()
    }
    saving = {symbol: savings_of(held, symbol, lots) for symbol in held.by_symbol if trades}
    if inputs.as_json:
        show_json(explanation_fields(held, found, saving, worst, trades))
        return
    for symbol, holding in held.by_symbol.items():
        show(
            f"{symbol}: {deciding_words(holding.market.table, found[symbol])}",
            ways_table(holding.market.table, found[symbol], worst),
            contributions_table(holding, found[symbol]),
            parts_table(found[symbol]),
        )
        if trades:
            show(savings_table(holding, saving[symbol], trades))


def explanation_fields(
    held: Holdings,
    found: dict[str, Explanation],
    saving: dict[str, Savings],
    worst: int,
    trades: int,
) -> dict[str, Any]:
    """The same for machines; money in millionths."""
    return {
        "underlyings": {
            symbol: {
                "binding": way_words(holding.market.table, found[symbol].binding),
                "maintenance_binding": way_words(
                    holding.market.table, found[symbol].maintenance_binding
                ),
                "ways": way_fields(holding.market.table, found[symbol], worst),
                "contributions": contribution_fields(holding, found[symbol]),
                "basis_e6": found[symbol].basis_e6,
                "scan_e6": int(found[symbol].requirement.initial_scan_e6[0]),
                "initial_e6": int(found[symbol].requirement.initial_e6[0]),
                "maintenance_e6": int(found[symbol].requirement.maintenance_e6[0]),
                "parts": part_fields(found[symbol]),
                "trades": saving_fields(holding, saving[symbol], trades) if trades else [],
            }
            for symbol, holding in held.by_symbol.items()
        },
        "notices": list(held.notices),
    }
