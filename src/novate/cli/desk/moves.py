"""Moves of the market as people write them, and what holdings gain or lose by them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

import click
import numpy as np

from novate.cli.desk.historical_days import HISTORICAL_DAYS
from novate.cli.desk.holdings import Holding
from novate.risk import Moves, stress, stress_grid
from novate.units import Integers, bounds

HOUR_S: Final = 3_600
PERCENT_E6: Final = bounds.RATE_SCALE // 100
STEPS_MAX: Final = 101


def percent_e6(text: str) -> int:
    """`-12.5`, with or without a percent sign, in millionths.

    Raises: click.BadParameter.
    """
    try:
        exact = Decimal(text.strip().removesuffix("%").strip()) * PERCENT_E6
        if not exact.is_finite() or exact != exact.to_integral_value():
            raise InvalidOperation
    except InvalidOperation:
        raise click.BadParameter(f"{text!r} is not a number of percent like -12.5") from None
    return int(exact)


def axis_e6(ctx: click.Context, parameter: click.Parameter, value: str) -> Integers:
    """`-30,-15,0,15,30`, or `-30:30:15`, in percent; in millionths, ascending.

    Raises: click.BadParameter.
    """
    if ":" in value:
        parts = value.split(":")
        if len(parts) != 3:
            raise click.BadParameter(f"{value!r} is not FROM:TO:STEP")
        first, last, step = map(percent_e6, parts)
        if step <= 0 or last < first:
            raise click.BadParameter(f"{value!r} goes nowhere: the step is above 0, TO above FROM")
        found = range(first, last + 1, step)
        if len(found) > STEPS_MAX:
            raise click.BadParameter(f"{value!r} has {len(found)} steps, more than {STEPS_MAX}")
        return np.array(found, dtype=np.int64)
    return np.array(sorted({percent_e6(text) for text in value.split(",")}), dtype=np.int64)


@dataclass(frozen=True, slots=True)
class NamedMove:
    """A move of each underlying, under one name; parts in millionths."""

    name: str
    spot_e6: Mapping[str, int]
    vol_e6: Mapping[str, int]
    elapsed_s: int = 0
    remark: str = ""
    is_by_tenor: bool = True


def own_move(text: str, symbols: Iterable[str]) -> NamedMove:
    """`NAME=SPOT,VOL` or `NAME=SPOT,VOL,HOURS`, in percent: the same for every underlying.

    Raises: click.BadParameter.
    """
    name, _, move = text.partition("=")
    parts = move.split(",")
    if not name or len(parts) not in (2, 3):
        raise click.BadParameter(f"{text!r} is not NAME=SPOT,VOL or NAME=SPOT,VOL,HOURS")
    spot_e6, vol_e6 = percent_e6(parts[0]), percent_e6(parts[1])
    hours = parts[2] if len(parts) == 3 else "0"
    if not hours.strip().isdecimal():
        raise click.BadParameter(f"{hours!r} is not a number of hours")
    symbols = list(symbols)
    return NamedMove(
        name,
        dict.fromkeys(symbols, spot_e6),
        dict.fromkeys(symbols, vol_e6),
        int(hours) * HOUR_S,
    )


def historical_moves(symbols: Iterable[str]) -> list[NamedMove]:
    """The days that desks remember; an underlying without a price that day is left unmoved."""
    symbols = list(symbols)
    found = []
    for day, moves in HISTORICAL_DAYS.items():
        known = {symbol: moves[symbol] for symbol in symbols if symbol in moves}
        remarks = [f"no price of {symbol}: unmoved" for symbol in symbols if symbol not in moves]
        if any(move.is_vol_assumed for move in known.values()):
            remarks.append("volatility assumed")
        found.append(
            NamedMove(
                day,
                {symbol: move.spot_e6 for symbol, move in known.items()},
                {symbol: move.vol_e6 for symbol, move in known.items()},
                remark="; ".join(remarks),
            )
        )
    return found


def move_profits_e6(by_symbol: Mapping[str, Holding], moves: list[NamedMove]) -> Integers:
    """What the holdings gain by each move, (moves, underlyings); micro-USD."""
    found = np.zeros((len(moves), len(by_symbol)), dtype=np.int64)
    for place, (symbol, holding) in enumerate(by_symbol.items()):
        table = holding.market.table
        for row, move in enumerate(moves):
            one = Moves.of(
                move.spot_e6.get(symbol, 0),
                move.vol_e6.get(symbol, 0),
                elapsed_s=move.elapsed_s,
                is_by_tenor=move.is_by_tenor,
            )
            done = stress(table.listing, table.market, holding.positions, one)
            found[row, place] = done.total_e6[0, 0]
    return found


def grid_profits_e6(
    holding: Holding,
    spot_e6: Integers,
    vol_e6: Integers,
    *,
    is_points: bool = False,
    is_by_tenor: bool = False,
    elapsed_s: int = 0,
) -> Integers:
    """What a holding gains on a grid of spot and volatility moves, (X, Y); micro-USD."""
    table = holding.market.table
    grid = stress_grid(
        table.listing,
        table.market,
        holding.positions,
        spot_e6=spot_e6,
        vol_e6=vol_e6,
        is_points=is_points,
        is_by_tenor=is_by_tenor,
        elapsed_s=elapsed_s,
    )
    total: Integers = grid.total_e6[0]
    return total
