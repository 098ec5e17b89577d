"""`novate risk stress`: profit and loss under moves that somebody chose, every contract anew."""

from typing import Any

import click

from novate.cli.desk.figures import TOGETHER, figures_table, show, show_json
from novate.cli.desk.flags import count_flag
from novate.cli.desk.inputs import Inputs, with_inputs
from novate.cli.desk.moves import (
    HOUR_S,
    HOURS_MAX,
    NamedMove,
    grid_profits_e6,
    historical_moves,
    move_profits_e6,
    own_move,
    told_in_percent,
)
from novate.cli.desk.percents import axis_e6, signed_percent
from novate.cli.render import cents
from novate.units import Integers, OutOfRange, Usd


@click.command(short_help="Profit and loss on a grid of moves, and on days of the past.")
@with_inputs
@click.option(
    "--spot",
    callback=axis_e6,
    default="-30,-20,-10,-5,0,5,10,20,30",
    show_default=True,
    metavar="PERCENTS",
    help="Moves of the index and all forwards: a list, or FROM:TO:STEP.",
)
@click.option(
    "--vol",
    callback=axis_e6,
    default="-30,-15,0,25,50,100",
    show_default=True,
    metavar="PERCENTS",
    help="Moves of all volatilities, as parts of themselves.",
)
@click.option("--points", is_flag=True, help="Volatility moves are points, added to each.")
@click.option(
    "--by-tenor",
    is_flag=True,
    help="Volatility moves are those at 30 days; others follow the square root of their tenor.",
)
@count_flag("--hours", "Time that passes.", default=0, low=0, high=HOURS_MAX)
@click.option(
    "--move",
    "moves",
    multiple=True,
    metavar="NAME=SPOT,VOL[,HOURS]",
    help="A move of your own, in percent; volatility at 30 days.",
)
def stress(
    inputs: Inputs,
    spot: Integers,
    vol: Integers,
    points: bool,
    by_tenor: bool,
    hours: int,
    moves: tuple[str, ...],
) -> None:
    """Print what a portfolio gains and loses when the market moves."""
    if points and by_tenor:
        raise click.UsageError("--points and --by-tenor exclude each other: points are added alike")
    held = inputs.read()
    named = [own_move(text, held.by_symbol) for text in moves]
    named += historical_moves(held.by_symbol)
    try:
        profits_e6 = move_profits_e6(held.by_symbol, named)
        grids = {
            symbol: grid_profits_e6(
                holding,
                spot,
                vol,
                is_points=points,
                is_by_tenor=by_tenor,
                elapsed_s=hours * HOUR_S,
            )
            for symbol, holding in held.by_symbol.items()
        }
    except OutOfRange as error:
        raise click.UsageError(f"--spot or --vol: {told_in_percent(error)}") from None
    if len(grids) > 1:
        grids[TOGETHER] = sum(grids.values(), start=0 * next(iter(grids.values())))
    if inputs.as_json:
        unit = "points_e6" if points else "vol_e6"
        show_json(
            {
                "spot_e6": spot.tolist(),
                unit: vol.tolist(),
                "is_by_tenor": by_tenor,
                "elapsed_s": hours * HOUR_S,
                "grid_e6": {name: grid.tolist() for name, grid in grids.items()},
                "moves": _move_fields(named, profits_e6, list(held.by_symbol)),
                "notices": list(held.notices),
            }
        )
        return
    unit = "points" if points else "%"
    for name, grid in grids.items():
        show(_grid_table(name, spot, vol, grid, unit, hours))
    show(_moves_table(named, profits_e6, list(held.by_symbol)))


def _grid_table(
    name: str, spot: Integers, vol: Integers, grid: Integers, unit: str, hours: int
) -> Any:
    after = f" after {hours} h" if hours else ""
    return figures_table(
        f"{name}: profit and loss{after}, USDC; down: spot, across: volatility",
        ("", *(f"vol {signed_percent(move)} {unit}" for move in vol.tolist())),
        [
            (f"spot {signed_percent(move)} %", *(cents(Usd(value)) for value in row))
            for move, row in zip(spot.tolist(), grid.tolist(), strict=True)
        ],
    )


def _moves_table(named: list[NamedMove], profits_e6: Integers, symbols: list[str]) -> Any:
    rows = []
    for move, profits in zip(named, profits_e6.tolist(), strict=True):
        rows.append((move.name, cents(Usd(sum(profits))), move.words(symbols), move.remark))
    return figures_table(
        "Named moves; volatility at 30 days, others by the square root of their tenor",
        ("", "USDC", "moves", "remark"),
        rows,
    )


def _move_fields(
    named: list[NamedMove], profits_e6: Integers, symbols: list[str]
) -> list[dict[str, Any]]:
    return [
        {
            "name": move.name,
            "spot_e6": dict(move.spot_e6),
            "vol_e6": dict(move.vol_e6),
            "elapsed_s": move.elapsed_s,
            "profit_e6": dict(zip(symbols, profits, strict=True)),
            "total_e6": sum(profits),
            "remark": move.remark,
        }
        for move, profits in zip(named, profits_e6.tolist(), strict=True)
    ]
