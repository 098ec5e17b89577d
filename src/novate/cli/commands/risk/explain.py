"""`novate risk explain`: which scenario decides, who loses in it, and what would lower it."""

from typing import Any

import click
import numpy as np

from novate.cli.desk.figures import figures_table, show, show_json
from novate.cli.desk.flags import count_flag
from novate.cli.desk.holding import Holding
from novate.cli.desk.holdings import Holdings
from novate.cli.desk.inputs import Inputs, with_inputs
from novate.cli.desk.parts import part_fields
from novate.cli.desk.tradeable import LOTS_E3, Quotes, quotes
from novate.cli.desk.ways import deciding_words, way_words
from novate.cli.render import cents
from novate.instruments import format_name
from novate.risk import GRID, Explanation, Savings, savings
from novate.risk import explain as explanation
from novate.units import Usd


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
    saving = {
        symbol: _savings(held, symbol, lots, quotes(holding.market))
        for symbol, holding in held.by_symbol.items()
        if trades
    }
    if inputs.as_json:
        show_json(explanation_fields(held, found, saving, worst, trades))
        return
    for symbol, holding in held.by_symbol.items():
        show(
            f"{symbol}: {deciding_words(holding.market.table, found[symbol])}",
            _ways(holding, found[symbol], worst),
            _contributions(holding, found[symbol]),
            _parts(found[symbol]),
        )
        if trades:
            show(_trades(holding, saving[symbol], trades))


def _savings(held: Holdings, symbol: str, lots: int, quoted: Quotes) -> Savings:
    """What each trade of so many lots saves at the marks, the best first."""
    others = [required for other, required in held.requirements.items() if other != symbol]
    holding = held.by_symbol[symbol]
    return savings(
        holding.market.table,
        holding.positions,
        cash_e6=held.cash.e6,
        others=others,
        row=quoted.row,
        lot_e3=np.int64(lots * LOTS_E3[symbol]),
    )


def _ways(holding: Holding, found: Explanation, worst: int) -> Any:
    order = np.argsort(-found.loss_e6, kind="stable")[:worst].tolist()
    return figures_table(
        "Ways to lose, the worst first, USDC",
        ("", "initial", "maintenance", "decides"),
        [
            (
                way_words(holding.market.table, way),
                cents(Usd(int(found.loss_e6[way]))),
                _of_maintenance(found, way),
                ", ".join(
                    which
                    for which, decides in (
                        ("initial", way == found.binding),
                        ("maintenance", way == found.maintenance_binding),
                    )
                    if decides
                ),
            )
            for way in order
        ],
    )


def _of_maintenance(found: Explanation, way: int) -> str:
    if _is_initial_alone(way):
        return "not asked"
    return cents(Usd(int(found.maintenance_loss_e6[way])))


def _is_initial_alone(way: int) -> bool:
    return way < len(GRID) and GRID[way].is_buffered


def _contributions(holding: Holding, found: Explanation) -> Any:
    scan_e6 = int(found.requirement.initial_scan_e6[0])
    order = np.argsort(-found.contribution_e6, kind="stable").tolist()
    names, size_e3 = holding.names, holding.positions.quantity_e3
    rows = [
        (
            names[place],
            f"{size_e3[place] / 1000:,.3f}",
            cents(Usd(int(found.contribution_e6[place]))),
            _share(int(found.contribution_e6[place]), scan_e6),
        )
        for place in order
    ]
    if found.basis_e6:
        basis_e6 = found.basis_e6
        rows.append(("forwards apart", "", cents(Usd(basis_e6)), _share(basis_e6, scan_e6)))
    return figures_table(
        "What each position loses where initial margin is decided, USDC; hedges below zero",
        ("", "quantity", "loss", "of the scan"),
        rows,
        total=("scan", "", cents(Usd(scan_e6)), _share(scan_e6, scan_e6)),
    )


def _share(part_e6: int, whole_e6: int) -> str:
    return f"{100 * part_e6 / whole_e6:.1f} %" if whole_e6 else ""


def _parts(found: Explanation) -> Any:
    shown = [part for part in found.parts if part.initial_e6 or part.maintenance_e6]
    return figures_table(
        "What is required, USDC",
        ("", "initial", "maintenance"),
        [
            (part.words, cents(Usd(part.initial_e6)), cents(Usd(part.maintenance_e6)))
            for part in shown
        ],
        total=(
            "together",
            cents(Usd(int(found.requirement.initial_e6[0]))),
            cents(Usd(int(found.requirement.maintenance_e6[0]))),
        ),
    )


def _trades(holding: Holding, saving: Savings, count: int) -> Any:
    best = np.flatnonzero(saving.initial_e6 > 0)[:count].tolist()
    table = holding.market.table
    if not best:
        size = max(np.abs(saving.quantity_e3).tolist(), default=0) / 1000
        return (
            f"No trade of {size:,g} of one instrument at its mark lowers initial margin; "
            "other sizes are --lots, several at once `novate risk hedge --to margin`."
        )
    return figures_table(
        "What would lower it most, each trade alone at its mark, USDC",
        ("", "quantity", "mark", "saves initial", "saves maintenance", "delta", "vega"),
        [
            (
                f"{'buy' if saving.quantity_e3[place] > 0 else 'sell'} "
                + format_name(table.listing.instruments[saving.row[place]]),
                f"{abs(saving.quantity_e3[place]) / 1000:,.3f}",
                f"{table.mark_e3[saving.row[place]] / 1000:,.2f}",
                cents(Usd(int(saving.initial_e6[place]))),
                cents(Usd(int(saving.maintenance_e6[place]))),
                cents(Usd(int(saving.cash_delta_e6[place]))),
                cents(Usd(int(saving.vega_e6[place]))),
            )
            for place in best
        ],
    )


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
                "ways": [
                    {
                        "name": way_words(holding.market.table, way),
                        "loss_e6": int(found[symbol].loss_e6[way]),
                        "maintenance_loss_e6": (
                            None
                            if _is_initial_alone(way)
                            else int(found[symbol].maintenance_loss_e6[way])
                        ),
                    }
                    for way in np.argsort(-found[symbol].loss_e6, kind="stable")[:worst].tolist()
                ],
                "contributions": [
                    {"instrument": name, "quantity_e3": size, "loss_e6": loss}
                    for name, size, loss in zip(
                        holding.names,
                        holding.positions.quantity_e3.tolist(),
                        found[symbol].contribution_e6.tolist(),
                        strict=True,
                    )
                ],
                "basis_e6": found[symbol].basis_e6,
                "scan_e6": int(found[symbol].requirement.initial_scan_e6[0]),
                "initial_e6": int(found[symbol].requirement.initial_e6[0]),
                "maintenance_e6": int(found[symbol].requirement.maintenance_e6[0]),
                "parts": part_fields(found[symbol]),
                "trades": _trade_fields(holding, saving[symbol], trades) if trades else [],
            }
            for symbol, holding in held.by_symbol.items()
        },
        "notices": list(held.notices),
    }


def _trade_fields(holding: Holding, saving: Savings, count: int) -> list[dict[str, Any]]:
    table = holding.market.table
    return [
        {
            "instrument": format_name(table.listing.instruments[saving.row[place]]),
            "quantity_e3": int(saving.quantity_e3[place]),
            "mark_e3": int(table.mark_e3[saving.row[place]]),
            "saves_initial_e6": int(saving.initial_e6[place]),
            "saves_maintenance_e6": int(saving.maintenance_e6[place]),
            "delta_e6": int(saving.cash_delta_e6[place]),
            "vega_e6": int(saving.vega_e6[place]),
        }
        for place in np.flatnonzero(saving.initial_e6 > 0)[:count].tolist()
    ]
