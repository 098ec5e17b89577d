"""The delta and the vega of what is held in one underlying."""

from novate.cli.desk.holding import Holding
from novate.risk import Positions, sensitivities


def exposures_e6(holding: Holding, positions: Positions) -> tuple[int, int]:
    """Delta in millionths of a unit, and vega in micro-USD a point."""
    table = holding.market.table
    found = sensitivities(table.listing, table.market, positions).total
    return int(found.delta_e6[0]), int(found.vega_e6[0])


def units(amount_e6: int) -> str:
    """`-0.250`, and never a zero below zero."""
    return f"{round(amount_e6 / 1e6, 3) + 0.0:,.3f}"
