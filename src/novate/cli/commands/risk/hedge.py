"""`novate risk hedge`: what to trade for a delta, for a vega, for both, or for least margin."""

from decimal import Decimal
from typing import Any, Final

import click
import numpy as np

from novate.cli.desk.figures import figures_table, show, show_json
from novate.cli.desk.flags import count_flag, part_flag
from novate.cli.desk.holdings import Holdings
from novate.cli.desk.inputs import Inputs, with_inputs
from novate.cli.desk.tradeable import LOTS_E3, PERPETUAL_LOT_E3, Quotes, quotes
from novate.cli.render import cents
from novate.instruments import format_name
from novate.risk import (
    Exposure,
    Hedges,
    Lowered,
    RiskTable,
    delta_vega_hedges,
    hedges,
    lower_margin,
    sensitivities,
)
from novate.units import Integers, Usd

AIMS: Final = ("delta", "vega", "delta-vega", "margin")


@click.command(short_help="What to trade for a delta, a vega, both, or least margin.")
@with_inputs
@click.option(
    "--to",
    "aim",
    type=click.Choice(AIMS),
    default="delta",
    show_default=True,
    help="What the hedge is for.",
)
@part_flag(
    "--delta",
    "delta_e6",
    "Delta to come to, in units of the underlying.",
    default="0",
    metavar="UNITS",
)
@part_flag(
    "--vega",
    "vega_e6",
    "Vega to come to, in USD per volatility point.",
    default="0",
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
    "lot",
    default=None,
    metavar="UNITS",
    help="Step of every size.  [default: options 0.1 BTC or 1 ETH, perpetuals 0.001]",
)
@part_flag(
    "--cost",
    "cost_e6",
    "For margin: what trading costs, as a part of the notional.",
    default="0.0005",
)
def hedge(
    inputs: Inputs, aim: str, delta_e6: int, vega_e6: int, count: int, lot: str | None, cost_e6: int
) -> None:
    """Print hedges in what the chain quotes, in whole lots, each margined exactly."""
    lot_e3 = _lot_e3(lot)
    held = inputs.read()
    found: dict[str, Hedges | Lowered] = {
        symbol: _hedges(held, symbol, aim, delta_e6, vega_e6, count, lot_e3, cost_e6)
        for symbol in held.by_symbol
    }
    if inputs.as_json:
        show_json(hedge_fields(held, aim, found, count))
        return
    for symbol, holding in held.by_symbol.items():
        show(_now(held, symbol))
        one = found[symbol]
        if isinstance(one, Lowered):
            show(_lowered(symbol, holding.market.table, one))
        else:
            show(_table(symbol, holding.market.table, one, aim, count))


def _lot_e3(lot: str | None) -> int | None:
    if lot is None:
        return None
    try:
        exact = Decimal(lot) * 1000
        if not exact.is_finite() or exact <= 0 or exact != exact.to_integral_value():
            raise ValueError
    except (ArithmeticError, ValueError):
        raise click.BadParameter(f"--lot {lot!r} is not a multiple of 0.001 above 0") from None
    return int(exact)


def _hedges(
    held: Holdings,
    symbol: str,
    aim: str,
    delta_e6: int,
    vega_e6: int,
    count: int,
    lot_e3: int | None,
    cost_e6: int,
) -> Hedges | Lowered:
    holding = held.by_symbol[symbol]
    table, positions = holding.market.table, holding.positions
    quoted = quotes(holding.market)
    lots = _lots_e3(table, quoted, symbol, lot_e3)
    is_option = table.listing.is_curved[quoted.row]
    options, option_lots = quoted.row[is_option], lots[is_option]
    others = [required for other, required in held.requirements.items() if other != symbol]
    cash_e6 = held.cash.e6
    match aim:
        case "delta" | "vega":
            return hedges(
                table, positions, quoted.row, Exposure(aim),
                target_e6=delta_e6 if aim == "delta" else vega_e6, cash_e6=cash_e6, others=others,
                lot_e3=lots,
            )  # fmt: skip
        case "delta-vega":
            return delta_vega_hedges(
                table, positions, options, delta_row=0, delta_target_e6=delta_e6,
                vega_target_e6=vega_e6, cash_e6=cash_e6, others=others, lot_e3=option_lots,
                delta_lot_e3=np.int64(lot_e3 or PERPETUAL_LOT_E3),
            )  # fmt: skip
        case _:
            return lower_margin(
                table, positions, cash_e6=cash_e6, others=others, row=quoted.row, lot_e3=lots,
                trades_max=count, cost_rate_e6=cost_e6,
            )  # fmt: skip


def _lots_e3(table: RiskTable, quoted: Quotes, symbol: str, lot_e3: int | None) -> Integers:
    if lot_e3 is not None:
        return np.full(len(quoted.row), lot_e3, dtype=np.int64)
    is_option = table.listing.is_curved[quoted.row]
    lots: Integers = np.where(is_option, LOTS_E3[symbol], PERPETUAL_LOT_E3).astype(np.int64)
    return lots


def _now(held: Holdings, symbol: str) -> str:
    holding, margin = held.by_symbol[symbol], held.margin
    table = holding.market.table
    now = sensitivities(table.listing, table.market, holding.positions).total
    return (
        f"{symbol} now: delta {_units(int(now.delta_e6[0]))} {symbol}, vega "
        f"{cents(Usd(int(now.vega_e6[0])))} USDC a point, initial margin of the account "
        f"{cents(margin.initial)} USDC"
    )


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


def _table(symbol: str, table: RiskTable, found: Hedges, aim: str, count: int) -> Any:
    rows = []
    for place in _shown(table, found, count):
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
        f"{symbol}: hedges of {aim}, the least margin first; afterwards, USDC",
        ("", f"delta, {symbol}", "vega", "notional traded", "initial", "maintenance"),
        rows,
    )


def _lowered(symbol: str, table: RiskTable, found: Lowered) -> Any:
    rows = [("as it is", "", "", cents(Usd(int(found.initial_e6[0]))),
             cents(Usd(int(found.maintenance_e6[0]))))]  # fmt: skip
    for place in range(len(found.trades)):
        row, size_e3 = int(found.trades.row[place]), int(found.trades.quantity_e3[place])
        rows.append(
            (
                _trade_words(table, row, size_e3),
                f"{found.trades.price_e3[place] / 1000:,.2f}",
                cents(Usd(int(found.cost_e6[place]))),
                cents(Usd(int(found.initial_e6[place + 1]))),
                cents(Usd(int(found.maintenance_e6[place + 1]))),
            )
        )
    return figures_table(
        f"{symbol}: trades that lower margin, one after the other, USDC",
        ("", "mark", "cost", "initial after", "maintenance after"),
        rows,
    )


def hedge_fields(
    held: Holdings, aim: str, found: dict[str, Hedges | Lowered], count: int
) -> dict[str, Any]:
    """The same for machines; money in millionths."""
    fields: dict[str, Any] = {"aim": aim, "underlyings": {}, "notices": list(held.notices)}
    for symbol, one in found.items():
        table = held.by_symbol[symbol].market.table
        listed = table.listing.instruments
        if isinstance(one, Lowered):
            fields["underlyings"][symbol] = {
                "initial_before_e6": int(one.initial_e6[0]),
                "trades": [
                    {
                        "instrument": format_name(listed[int(one.trades.row[place])]),
                        "quantity_e3": int(one.trades.quantity_e3[place]),
                        "cost_e6": int(one.cost_e6[place]),
                        "initial_e6": int(one.initial_e6[place + 1]),
                        "maintenance_e6": int(one.maintenance_e6[place + 1]),
                    }
                    for place in range(len(one.trades))
                ],
            }
            continue
        fields["underlyings"][symbol] = {
            "initial_before_e6": held.margin.initial.e6,
            "hedges": [
                {
                    "legs": [
                        {"instrument": format_name(listed[row]), "quantity_e3": size}
                        for row, size in zip(
                            one.row[place].tolist(), one.quantity_e3[place].tolist(), strict=True
                        )
                        if size
                    ],
                    "delta_e6": int(one.delta_e6[place]),
                    "vega_e6": int(one.vega_e6[place]),
                    "notional_e6": int(one.notional_e6[place]),
                    "initial_e6": int(one.initial_e6[place]),
                    "maintenance_e6": int(one.maintenance_e6[place]),
                }
                for place in _shown(table, one, count)
            ],
        }
    return fields
