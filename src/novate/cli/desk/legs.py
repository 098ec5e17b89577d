"""A size of one instrument that somebody is to trade, in words and for machines."""

from typing import Any

from novate.cli.desk.holding import Holding
from novate.instruments import format_name
from novate.risk import RiskTable


def leg_words(table: RiskTable, row: int, quantity_e3: int) -> str:
    """`buy 0.100 BTC_USDC-PERPETUAL`."""
    side = "buy" if quantity_e3 > 0 else "sell"
    name = format_name(table.listing.instruments[row])
    return f"{side} {abs(quantity_e3) / 1000:,.3f} {name}"


def leg_fields(holding: Holding, row: int, quantity_e3: int) -> dict[str, Any]:
    """The same for machines."""
    listed = holding.market.table.listing.instruments
    return {"instrument": format_name(listed[int(row)]), "quantity_e3": int(quantity_e3)}
