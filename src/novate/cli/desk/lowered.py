"""Trades that lower margin, one after the other, and where each leaves the account."""

from typing import Any

from novate.cli.desk.exposures import exposures_e6, units
from novate.cli.desk.figures import figures_table
from novate.cli.desk.holding import Holding
from novate.cli.desk.legs import leg_fields, leg_words
from novate.cli.render import cents
from novate.risk import Lowered, filled
from novate.units import Usd


def lowered_table(symbol: str, holding: Holding, found: Lowered) -> Any:
    """The account as it is, and after each trade."""
    rows = []
    for place, (delta_e6, vega_e6) in enumerate(_exposures_after_e6(holding, found)):
        trade = ("as it is", "", "") if not place else _lowering(holding, found, place - 1)
        rows.append(
            (
                *trade,
                cents(Usd(int(found.initial_e6[place]))),
                cents(Usd(int(found.maintenance_e6[place]))),
                units(delta_e6),
                cents(Usd(vega_e6)),
            )
        )
    return figures_table(
        f"{symbol}: trades that lower margin, one after the other; afterwards, USDC",
        ("", "mark", "cost", "initial", "maintenance", f"delta, {symbol}", "vega"),
        rows,
    )


def lowered_fields(holding: Holding, found: Lowered) -> list[dict[str, Any]]:
    """The same for machines; money in millionths."""
    after = _exposures_after_e6(holding, found)[1:]
    return [
        {
            **leg_fields(holding, int(found.trades.row[place]), found.trades.quantity_e3[place]),
            "mark_e3": int(found.trades.price_e3[place]),
            "cost_e6": int(found.cost_e6[place]),
            "initial_e6": int(found.initial_e6[place + 1]),
            "maintenance_e6": int(found.maintenance_e6[place + 1]),
            "delta_e6": delta_e6,
            "vega_e6": vega_e6,
        }
        for place, (delta_e6, vega_e6) in enumerate(after)
    ]


def _lowering(holding: Holding, found: Lowered, place: int) -> tuple[str, str, str]:
    trades = found.trades
    return (
        leg_words(holding.market.table, int(trades.row[place]), int(trades.quantity_e3[place])),
        f"{trades.price_e3[place] / 1000:,.2f}",
        cents(Usd(int(found.cost_e6[place]))),
    )


def _exposures_after_e6(holding: Holding, found: Lowered) -> list[tuple[int, int]]:
    """Delta and vega before the first of some trades and after each."""
    listing = holding.market.table.listing
    return [
        exposures_e6(
            holding,
            filled(listing, holding.positions, found.trades.part(slice(0, count))).positions,
        )
        for count in range(len(found.trades) + 1)
    ]
