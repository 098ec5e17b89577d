"""`novate risk var`: what a portfolio would have lost in every window of the past."""

from collections.abc import Collection
from typing import Any

import click
import numpy as np

from novate.cli.desk.figures import TOGETHER, figures_table, show, show_json
from novate.cli.desk.flags import count_flag
from novate.cli.desk.histories import Past, files_of, past
from novate.cli.desk.inputs import Inputs, with_inputs
from novate.cli.desk.moves import HOUR_S
from novate.cli.desk.percents import percent_e6, signed_percent
from novate.cli.render import cents
from novate.risk import LevelRisk, ValueAtRisk, Windows, value_at_risk
from novate.units import Instant, Usd, bounds


def levels_of(ctx: click.Context, parameter: click.Parameter, value: str) -> tuple[int, ...]:
    """`95,99` in millionths, ascending."""
    levels = tuple(sorted({percent_e6(text) for text in value.split(",")}))
    for level in levels:
        if not bounds.RATE_SCALE // 2 <= level < bounds.RATE_SCALE:
            raise click.BadParameter(f"a level of {level / 10_000:g} % is not in [50, 100)")
    return levels


def confidence_of(ctx: click.Context, parameter: click.Parameter, value: str) -> int:
    """`95` in millionths."""
    confidence = percent_e6(value)
    if not 0 < confidence < bounds.RATE_SCALE:
        raise click.BadParameter(f"a confidence of {value} % is not between 0 and 100")
    return confidence


@click.command("var", short_help="Historical value at risk and expected shortfall.")
@with_inputs
@click.option(
    "--history",
    "prices",
    callback=files_of,
    multiple=True,
    metavar="SYMBOL=FILE",
    help="Bars of prices; several files of one symbol are joined.",
)
@click.option(
    "--vol-history",
    "vols",
    callback=files_of,
    multiple=True,
    metavar="SYMBOL=FILE",
    help="Bars of a 30-day volatility index, in points.",
)
@count_flag("--horizon", "Length of a window.", default=24, high=24 * 365, metavar="HOURS")
@click.option(
    "--level",
    "levels",
    callback=levels_of,
    default="95,99",
    show_default=True,
    metavar="PERCENTS",
    help="Part of all windows that lose no more.",
)
@click.option(
    "--confidence",
    callback=confidence_of,
    default="95",
    show_default=True,
    metavar="PERCENT",
    help="How sure the intervals are.",
)
@count_flag("--worst", "Worst windows to show, apart from each other.", default=5, low=0, high=100)
def var(
    inputs: Inputs,
    prices: dict[str, Any],
    vols: dict[str, Any],
    horizon: int,
    levels: tuple[int, ...],
    confidence: int,
    worst: int,
) -> None:
    """Print what a portfolio, as it is, would have lost in every window of a history."""
    held = inputs.read()
    history = past(held.by_symbol, prices, vols)
    for notice in history.notices:
        inputs.talk.line("notice", notice, style="yellow")
    moves = {symbol: history.windows(symbol, horizon * HOUR_S) for symbol in held.by_symbol}
    found = {
        symbol: value_at_risk(
            holding.market.table.listing,
            holding.market.table.market,
            holding.positions,
            moves[symbol],
            levels_e6=levels,
            confidence_e6=confidence,
        )
        for symbol, holding in held.by_symbol.items()
    }
    if len(found) > 1:
        each = list(found.values())
        found[TOGETHER] = ValueAtRisk.of(
            np.sum([one.loss_e6 for one in each], axis=0),
            each[0].independent,
            levels_e6=levels,
            confidence_e6=confidence,
        )
    first = next(iter(moves.values()))
    if inputs.as_json:
        show_json(
            {
                "horizon_s": horizon * HOUR_S,
                "period_s": history.period_s,
                "windows": len(first.began_at_s),
                "independent": next(iter(found.values())).independent,
                "from": str(Instant(int(first.began_at_s[0]))),
                "to": str(Instant(int(first.began_at_s[-1]) + horizon * HOUR_S)),
                "confidence_e6": confidence,
                "levels": {
                    name: [_level_fields(level) for level in one.levels]
                    for name, one in found.items()
                },
                "worst": _worst_fields(_last(found), moves, worst),
                "notices": [*held.notices, *history.notices],
            }
        )
        return
    show(_levels(found, confidence), _sample(first, history, _last(found).independent, horizon))
    if worst:
        show(_worst(_last(found), moves, history.vol_e6, worst))


def _last(found: dict[str, ValueAtRisk]) -> ValueAtRisk:
    """Of the whole account."""
    return list(found.values())[-1]


def _levels(found: dict[str, ValueAtRisk], confidence: int) -> Any:
    rows = []
    for name, one in found.items():
        for level in one.levels:
            for words, bounded in (
                ("value at risk", level.value_at_risk),
                ("expected shortfall", level.expected_shortfall),
            ):
                high = cents(Usd(bounded.high_e6))
                rows.append(
                    (
                        f"{name} {words} {level.level_e6 / 10_000:g} %",
                        cents(Usd(bounded.e6)),
                        cents(Usd(bounded.low_e6)),
                        high if level.is_bounded else f"{high} and more",
                    )
                )
    sure = f"{confidence / 10_000:g} %"
    return figures_table(
        "Losses, USDC", ("", "loss", f"{sure} sure: from", f"{sure} sure: to"), rows
    )


def _sample(first: Windows, history: Past, independent: int, horizon: int) -> str:
    began, ended = int(first.began_at_s[0]), int(first.began_at_s[-1]) + horizon * HOUR_S
    return (
        f"{len(first.began_at_s):,} windows of {horizon} h, {independent:,} of them apart, from "
        f"{Instant(began)} to {Instant(ended)}, bars of {history.period_s // HOUR_S or 1} h; "
        "today's positions at today's marks, every contract priced anew."
    )


def _worst(
    found: ValueAtRisk, moves: dict[str, Windows], known: Collection[str], count: int
) -> Any:
    first = next(iter(moves.values()))
    rows = []
    for place in first.worst(found.loss_e6, count).tolist():
        told = ", ".join(
            f"{symbol} {signed_percent(int(one.moves.spot_e6[place]))} %"
            + f", vol {signed_percent(int(one.moves.vol_e6[place]))} %" * (symbol in known)
            for symbol, one in moves.items()
        )
        began_at = str(Instant(int(first.began_at_s[place])))
        rows.append((began_at, cents(Usd(int(found.loss_e6[place]))), told))
    return figures_table("Worst windows, USDC", ("from", "loss", "moves"), rows)


def _worst_fields(
    found: ValueAtRisk, moves: dict[str, Windows], count: int
) -> list[dict[str, Any]]:
    first = next(iter(moves.values()))
    return [
        {
            "began_at": str(Instant(int(first.began_at_s[place]))),
            "loss_e6": int(found.loss_e6[place]),
            "spot_e6": {symbol: int(one.moves.spot_e6[place]) for symbol, one in moves.items()},
            "vol_e6": {symbol: int(one.moves.vol_e6[place]) for symbol, one in moves.items()},
        }
        for place in first.worst(found.loss_e6, count).tolist()
    ]


def _level_fields(level: LevelRisk) -> dict[str, Any]:
    return {
        "level_e6": level.level_e6,
        "is_bounded": level.is_bounded,
        **{
            name: {"e6": one.e6, "low_e6": one.low_e6, "high_e6": one.high_e6}
            for name, one in (
                ("value_at_risk", level.value_at_risk),
                ("expected_shortfall", level.expected_shortfall),
            )
        },
    }
