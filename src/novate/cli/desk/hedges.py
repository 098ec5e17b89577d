"""Hedges of a delta, a vega or both, the least margin first."""

from typing import Any

import numpy as np

from novate.cli.desk.aim import Aim
from novate.cli.desk.exposures import units
from novate.cli.desk.figures import figures_table
from novate.cli.desk.holding import Holding
from novate.cli.desk.legs import leg_fields, leg_words
from novate.cli.render import cents
from novate.risk import Hedges, RiskTable
from novate.units import Usd


def hedges_table(symbol: str, table: RiskTable, found: Hedges, aim: Aim) -> Any:
    """What to trade, and where the account then stands; words where nothing can be traded."""
    if not len(found.row):
        return f"{symbol}: no size that an account may hold of what is quoted comes near it."
    rows = []
    for place in _shown(table, found, aim.count):
        legs = zip(found.row[place].tolist(), found.quantity_e3[place].tolist(), strict=True)
        words = [leg_words(table, row, size) for row, size in legs if size]
        rows.append(
            (
                " and ".join(words) or "nothing: it is as near as lots allow",
                units(int(found.delta_e6[place])),
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


def hedges_fields(holding: Holding, found: Hedges, aim: Aim) -> list[dict[str, Any]]:
    """The same for machines; money in millionths."""
    return [
        {
            "legs": [
                leg_fields(holding, row, size_e3)
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


def _shown(table: RiskTable, found: Hedges, count: int) -> list[int]:
    """The best hedges, the last of which is the perpetual's where it is none of the best."""
    best = list(range(min(count, len(found.initial_e6))))
    plain = np.flatnonzero(~table.listing.is_curved[found.row[:, 0]]).tolist()
    if plain and plain[0] not in best:
        best[-1] = plain[0]
    return best
