"""What one more trade would save of margin, the best first."""

from typing import Any

import numpy as np

from novate.cli.desk.figures import figures_table
from novate.cli.desk.holding import Holding
from novate.cli.desk.holdings import Holdings
from novate.cli.desk.legs import leg_fields
from novate.cli.desk.tradeable import LOTS_E3, quotes
from novate.cli.render import cents
from novate.instruments import format_name
from novate.risk import Savings, savings
from novate.units import Usd


def savings_of(held: Holdings, symbol: str, lots: int) -> Savings:
    """What each trade of so many lots saves at the marks, the best first."""
    others = [required for other, required in held.requirements.items() if other != symbol]
    holding = held.by_symbol[symbol]
    return savings(
        holding.market.table,
        holding.positions,
        cash_e6=held.cash.e6,
        others=others,
        row=quotes(holding.market).row,
        lot_e3=np.int64(lots * LOTS_E3[symbol]),
    )


def savings_table(holding: Holding, saving: Savings, count: int) -> Any:
    """The best trades; words where none lowers initial margin."""
    best = _best(saving, count)
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


def saving_fields(holding: Holding, saving: Savings, count: int) -> list[dict[str, Any]]:
    """The same for machines; money in millionths."""
    table = holding.market.table
    return [
        {
            **leg_fields(holding, saving.row[place], saving.quantity_e3[place]),
            "mark_e3": int(table.mark_e3[saving.row[place]]),
            "saves_initial_e6": int(saving.initial_e6[place]),
            "saves_maintenance_e6": int(saving.maintenance_e6[place]),
            "delta_e6": int(saving.cash_delta_e6[place]),
            "vega_e6": int(saving.vega_e6[place]),
        }
        for place in _best(saving, count)
    ]


def _best(saving: Savings, count: int) -> list[int]:
    best: list[int] = np.flatnonzero(saving.initial_e6 > 0)[:count].tolist()
    return best
