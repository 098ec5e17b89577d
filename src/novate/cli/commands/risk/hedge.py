"""`novate risk hedge`: what to trade for a delta, for a vega, for both, or for least margin."""

from typing import Any

import click
import numpy as np

from novate.cli.desk.aim import AIMS, TARGET_MAX, Aim, lot_e3_of
from novate.cli.desk.figures import figures_table, show, show_json
from novate.cli.desk.flags import count_flag, decimal_flag
from novate.cli.desk.holding import Holding
from novate.cli.desk.holdings import Holdings
from novate.cli.desk.inputs import Inputs, with_inputs
from novate.cli.render import cents
from novate.instruments import format_name
from novate.risk import Hedges, Lowered, Positions, RiskTable, filled, sensitivities
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
            show(_lowered(symbol, holding, one))
        else:
            show(_table(symbol, holding.market.table, one, aim))


def _now(held: Holdings, symbol: str) -> str:
    delta_e6, vega_e6 = _exposures_e6(held.by_symbol[symbol], held.by_symbol[symbol].positions)
    return (
        f"{symbol} now: delta {_units(delta_e6)} {symbol}, vega {cents(Usd(vega_e6))} USDC a "
        f"point, initial margin of the account {cents(held.margin.initial)} USDC"
    )


def _exposures_e6(holding: Holding, positions: Positions) -> tuple[int, int]:
    """Delta in millionths of a unit, and vega in micro-USD a point."""
    table = holding.market.table
    found = sensitivities(table.listing, table.market, positions).total
    return int(found.delta_e6[0]), int(found.vega_e6[0])


def _exposures_after_e6(holding: Holding, found: Lowered) -> list[tuple[int, int]]:
    """The same before the first of some trades and after each."""
    listing = holding.market.table.listing
    return [
        _exposures_e6(
            holding,
            filled(listing, holding.positions, found.trades.part(slice(0, count))).positions,
        )
        for count in range(len(found.trades) + 1)
    ]


def _units(amount_e6: int) -> str:
    """`-0.250`, and never a zero below zero."""
    return f"{round(amount_e6 / 1e6, 3) + 0.0:,.3f}"


def _shown(table: RiskTable, found: Hedges, count: int) -> list[int]:
    """The best hedges, the last of which is the perpetual's where it is none of the best."""
    best = list(range(min(count, len(found.initial_e6))))
    plain = np.flatnonzero(~table.listing.is_curved[found.row[:, 0]]).tolist()
    if plain and plain[0] not in best:
        best[-1] = plain[0]
    return best


def _trade_words(table: RiskTable, row: int, quantity_e3: int) -> str:
    side = "buy" if quantity_e3 > 0 else "sell"
    name = format_name(table.listing.instruments[row])
    return f"{side} {abs(quantity_e3) / 1000:,.3f} {name}"


def _table(symbol: str, table: RiskTable, found: Hedges, aim: Aim) -> Any:
    if not len(found.row):
        return f"{symbol}: no size that an account may hold of what is quoted comes near it."
    rows = []
    for place in _shown(table, found, aim.count):
        legs = zip(found.row[place].tolist(), found.quantity_e3[place].tolist(), strict=True)
        words = [_trade_words(table, row, size) for row, size in legs if size]
        rows.append(
            (
                " and ".join(words) or "nothing: it is as near as lots allow",
                _units(int(found.delta_e6[place])),
                cents(Usd(int(found.vega_e6[place]))),
                cents(Usd(int(found.notional_e6[place]))),
                cents(Usd(int(found.initial_e6[place]))),
                cents(Usd(int(found.maintenance_e6[place]))),
            )
        )
    return figures_table(
        f"{symbol}: hedges of {aim.what}, the least margin first; afterwards, USDC",
        ("", f"delta, {symbol}", "vega", "notional traded", "initial", "maintenance"),
        rows,
    )


def _lowered(symbol: str, holding: Holding, found: Lowered) -> Any:
    rows = []
    for place, (delta_e6, vega_e6) in enumerate(_exposures_after_e6(holding, found)):
        trade = ("as it is", "", "") if not place else _lowering(holding, found, place - 1)
        rows.append(
            (
                *trade,
                cents(Usd(int(found.initial_e6[place]))),
                cents(Usd(int(found.maintenance_e6[place]))),
                _units(delta_e6),
                cents(Usd(vega_e6)),
            )
        )
    return figures_table(
        f"{symbol}: trades that lower margin, one after the other; afterwards, USDC",
        ("", "mark", "cost", "initial", "maintenance", f"delta, {symbol}", "vega"),
        rows,
    )


def _lowering(holding: Holding, found: Lowered, place: int) -> tuple[str, str, str]:
    trades = found.trades
    return (
        _trade_words(holding.market.table, int(trades.row[place]), int(trades.quantity_e3[place])),
        f"{trades.price_e3[place] / 1000:,.2f}",
        cents(Usd(int(found.cost_e6[place]))),
    )


def hedge_fields(held: Holdings, aim: Aim, found: dict[str, Hedges | Lowered]) -> dict[str, Any]:
    """The same for machines; money in millionths."""
    underlyings = {}
    for symbol, one in found.items():
        holding = held.by_symbol[symbol]
        delta_e6, vega_e6 = _exposures_e6(holding, holding.positions)
        underlyings[symbol] = {
            "delta_before_e6": delta_e6,
            "vega_before_e6": vega_e6,
            "initial_before_e6": held.margin.initial.e6,
            "maintenance_before_e6": held.margin.maintenance.e6,
            **(
                {"trades": _lowered_fields(holding, one)}
                if isinstance(one, Lowered)
                else {"hedges": _hedge_fields(holding, one, aim)}
            ),
        }
    return {"aim": aim.what, "underlyings": underlyings, "notices": list(held.notices)}


def _lowered_fields(holding: Holding, found: Lowered) -> list[dict[str, Any]]:
    after = _exposures_after_e6(holding, found)[1:]
    return [
        {
            **_leg_fields(holding, int(found.trades.row[place]), found.trades.quantity_e3[place]),
            "mark_e3": int(found.trades.price_e3[place]),
            "cost_e6": int(found.cost_e6[place]),
            "initial_e6": int(found.initial_e6[place + 1]),
            "maintenance_e6": int(found.maintenance_e6[place + 1]),
            "delta_e6": delta_e6,
            "vega_e6": vega_e6,
        }
        for place, (delta_e6, vega_e6) in enumerate(after)
    ]


def _hedge_fields(holding: Holding, found: Hedges, aim: Aim) -> list[dict[str, Any]]:
    return [
        {
            "legs": [
                _leg_fields(holding, row, size_e3)
                for row, size_e3 in zip(found.row[place], found.quantity_e3[place], strict=True)
                if size_e3
            ],
            "delta_e6": int(found.delta_e6[place]),
            "vega_e6": int(found.vega_e6[place]),
            "notional_e6": int(found.notional_e6[place]),
            "initial_e6": int(found.initial_e6[place]),
            "maintenance_e6": int(found.maintenance_e6[place]),
        }
        for place in _shown(holding.market.table, found, aim.count)
    ]


def _leg_fields(holding: Holding, row: int, quantity_e3: int) -> dict[str, Any]:
    listed = holding.market.table.listing.instruments
    return {"instrument": format_name(listed[int(row)]), "quantity_e3": int(quantity_e3)}
