"""Moves of the market as people write them, and what holdings gain or lose by them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import click
import numpy as np

from novate.cli.desk.holding import Holding
from novate.cli.desk.percents import E6, percent_e6, signed_percent
from novate.risk import HISTORICAL_DAYS, Moves, stress, stress_grid
from novate.units import Integers, OutOfRange

HOUR_S: Final = 3_600
HOURS_MAX: Final = 18_000
"""Two years, and what a tenor may have."""


@dataclass(frozen=True, slots=True)
class NamedMove:
    """A move of each underlying, under one name; parts in millionths, volatility at 30 days."""

    name: str
    spot_e6: Mapping[str, int]
    vol_e6: Mapping[str, int]
    elapsed_s: int = 0
    remark: str = ""

    def words(self, symbols: Iterable[str]) -> str:
        """What it does to some underlyings; nothing of those that it leaves alone."""
        after = f", after {self.elapsed_s // HOUR_S} h" if self.elapsed_s else ""
        return "; ".join(
            f"{symbol} {signed_percent(self.spot_e6[symbol])} %, "
            f"vol {signed_percent(self.vol_e6[symbol])} %{after}"
            for symbol in symbols
            if symbol in self.spot_e6
        )


def own_move(text: str, symbols: Iterable[str]) -> NamedMove:
    """`NAME=SPOT,VOL` or `NAME=SPOT,VOL,HOURS`, in percent: the same for every underlying.

    Raises: click.BadParameter.
    """
    name, _, move = text.partition("=")
    parts = move.split(",")
    if not name or len(parts) not in (2, 3):
        raise _refusal(text, "is not NAME=SPOT,VOL or NAME=SPOT,VOL,HOURS")
    hours = parts[2].strip() if len(parts) == 3 else "0"
    if not (hours.isdecimal() and len(hours) < 6 and int(hours) <= HOURS_MAX):
        raise _refusal(text, f"has hours {hours!r}, not a whole number up to {HOURS_MAX:,}")
    symbols = list(symbols)
    try:
        spot_e6, vol_e6 = percent_e6(parts[0]), percent_e6(parts[1])
        Moves.of(spot_e6, vol_e6)
    except click.BadParameter as error:
        raise _refusal(text, f"has a move that is none: {error.message}") from None
    except OutOfRange as error:
        raise _refusal(text, f"has a {told_in_percent(error)}") from None
    return NamedMove(
        name,
        dict.fromkeys(symbols, spot_e6),
        dict.fromkeys(symbols, vol_e6),
        int(hours) * HOUR_S,
    )


def _refusal(text: str, why: str) -> click.BadParameter:
    return click.BadParameter(f"{text!r} {why}", param_hint="'--move'")


def told_in_percent(error: OutOfRange) -> str:
    """A move beyond its bounds, in the unit that people write."""
    value, low, high = (number / E6 for number in (error.value, error.low, error.high - 1))
    return f"{error.what} of {value:+,.10g}, which is not from {low:+,g} to {high:+,g}"


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
        all_at_once = Moves.of(
            [move.spot_e6.get(symbol, 0) for move in moves],
            [move.vol_e6.get(symbol, 0) for move in moves],
            elapsed_s=[move.elapsed_s for move in moves],
            is_by_tenor=True,
        )
        done = stress(table.listing, table.market, holding.positions, all_at_once)
        found[:, place] = done.total_e6[0]
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
