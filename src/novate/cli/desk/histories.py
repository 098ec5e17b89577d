"""Histories of prices and volatilities from files, on the instants that all of them have."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np

from novate.cli.desk.option_values import unused
from novate.nodes import (
    FileRefused,
    PriceHistory,
    aligned,
    joined,
    read_price_history,
    read_volatility_history,
)
from novate.risk import BadMoves, Windows, windows
from novate.units import Instant, Integers, OutOfRange

UNKNOWN_VOL_E6 = 1_000_000
"""What stands for a volatility that nobody recorded: it never changes."""


def files_of(
    ctx: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> dict[str, list[Path]]:
    """`BTC=FILE`, repeated: the files of each symbol.

    Raises: click.BadParameter.
    """
    found: dict[str, list[Path]] = {}
    for value in values:
        symbol, _, text = value.partition("=")
        path = Path(text)
        if not symbol or not text:
            raise click.BadParameter(f"{value!r} is not a symbol and a file, like BTC=prices.csv")
        if not path.is_file():
            raise click.BadParameter(f"{text!r} is no file")
        found.setdefault(symbol, []).append(path)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """Prices of several underlyings at the same instants, with their volatilities if known."""

    closed_at_s: Integers
    period_s: int
    price_e3: Mapping[str, Integers]
    vol_e6: Mapping[str, Integers]
    notices: tuple[str, ...]

    def windows(self, symbol: str, horizon_s: int) -> Windows:
        """The moves of one underlying in all windows of a length.

        Raises: click.UsageError.
        """
        none = np.full(len(self.closed_at_s), UNKNOWN_VOL_E6, dtype=np.int64)
        try:
            return windows(
                self.closed_at_s,
                self.price_e3[symbol],
                self.vol_e6.get(symbol, none),
                horizon_s,
                is_by_tenor=True,
            )
        except (BadMoves, OutOfRange) as error:
            first, last = (Instant(int(self.closed_at_s[end])) for end in (0, -1))
            raise click.UsageError(
                f"{symbol}, bars of {self.period_s:,} s from {first} to {last}: {error}"
            ) from None


def past(
    symbols: Iterable[str],
    prices: Mapping[str, list[Path]],
    vols: Mapping[str, list[Path]],
) -> Past:
    """The histories of the symbols on one grid, the longest period of all.

    Raises: FileRefused; click.UsageError for a symbol without prices, or no common instant.
    """
    symbols = list(symbols)
    missing = [symbol for symbol in symbols if symbol not in prices]
    if missing:
        raise click.UsageError(
            f"no price history of {', '.join(missing)}; next: name one with "
            f"--history {missing[0]}=FILE"
        )
    found: dict[tuple[str, str], PriceHistory] = {}
    try:
        for symbol in symbols:
            found[symbol, "price"] = joined(*map(read_price_history, prices[symbol]))
            if symbol in vols:
                found[symbol, "vol"] = joined(*map(read_volatility_history, vols[symbol]))
        period_s = max(history.period_s for history in found.values())
        together = aligned(*(history.resampled(period_s) for history in found.values()))
    except FileRefused:
        raise
    except ValueError as error:
        raise click.UsageError(
            f"--history or --vol-history: {error}; next: give files of one symbol with bars of one "
            "length, and all of them of the same time"
        ) from None
    by_key = dict(zip(found, together, strict=True))
    return Past(
        closed_at_s=together[0].opened_at_s + period_s,
        period_s=period_s,
        price_e3={symbol: _whole(by_key[symbol, "price"], 1000) for symbol in symbols},
        vol_e6={symbol: _whole(by_key[symbol, "vol"], 10**6) for symbol in symbols
                if (symbol, "vol") in by_key},
        notices=(
            *unused("--history", prices, symbols),
            *unused("--vol-history", vols, symbols),
            *_notices(found, vols, symbols),
        ),
    )  # fmt: skip


def _whole(history: PriceHistory, scale: int) -> Integers:
    found: Integers = np.rint(history.close * scale).astype(np.int64)
    return found


def _notices(
    found: Mapping[tuple[str, str], PriceHistory],
    vols: Mapping[str, list[Path]],
    symbols: Iterable[str],
) -> Iterable[str]:
    for (symbol, what), history in found.items():
        if history.excluded:
            yield f"{symbol} {what}: {len(history.excluded)} bars left out: {history.excluded[0]}"
        if history.missing:
            yield f"{symbol} {what}: {history.missing} bars are missing and not made up"
    for symbol in symbols:
        if symbol not in vols:
            yield (
                f"{symbol}: no history of volatility, so it stands still in every window "
                f"(name one with --vol-history {symbol}=FILE)"
            )
