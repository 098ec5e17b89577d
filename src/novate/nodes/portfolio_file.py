"""A portfolio from a file: CSV, JSON, or what Deribit's `private/get_positions` answers.

    instrument,quantity,average_price            {"cash": 25000, "positions": [
    BTC_USDC-26DEC25-85000-P,-2.5,1210.5           {"instrument": "BTC_USDC-PERPETUAL",
    USDC,25000,                                     "quantity": 0.4, "average_price": 91000}]}

Quantities are in units of the underlying, signed, as Deribit counts them for options and linear
futures; prices are USD per unit. A row named USDC is cash. Instruments settled in the coin are
refused, or taken as their linear twins when that is asked for, and every one is then noticed.
"""

from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Final

from novate.instruments import REGISTRY, Registry
from novate.nodes.csv_file import FileRefused, read_csv
from novate.nodes.json_file import LinedObject, read_json
from novate.nodes.portfolio import Portfolio, PortfolioPosition, netted
from novate.nodes.portfolio_entry import KNOWN, NAMES, PRICES, QUANTITIES, PortfolioEntry

CASH: Final = "USDC"


def read_portfolio(
    path: Path | str,
    *,
    inverse_as_linear: bool = False,
    is_netted: bool = True,
    registry: Registry = REGISTRY,
) -> Portfolio:
    """The portfolio in a file; a name ending in `.json` is JSON, any other CSV.

    One position an instrument, unless `is_netted` is false: orders are told apart.

    `inverse_as_linear` takes coin-settled instruments as their USDC-settled twins: the same terms,
    but what they pay, and what secures them, is another currency.

    Raises: FileRefused, naming file, line and field.
    """
    path = Path(path)
    notices: list[str] = []
    if path.suffix == ".json":
        entries, cash = _json_entries(path)
    else:
        entries, cash = _csv_entries(path, notices), None
    positions: list[PortfolioPosition] = []
    for entry in entries:
        name_field = entry.field(NAMES)
        assert name_field is not None
        if entry.cells[name_field] == CASH:
            if cash is not None:
                raise entry.refusal(name_field, "is told twice")
            cash = entry.quantity()
            continue
        position = _position(entry, name_field, inverse_as_linear, registry, notices)
        if position.quantity == 0:
            notices.append(f"line {entry.line}: no position in {position.instrument_name}")
        else:
            positions.append(position)
    if cash is None:
        notices.append("no cash is told: taken as 0 USDC")
    found = netted(positions, notices) if is_netted else tuple(positions)
    return Portfolio(path, found, cash or Decimal(0), tuple(notices))


def _csv_entries(path: Path, notices: list[str]) -> list[PortfolioEntry]:
    file = read_csv(path)
    fields = {name.strip().lower(): name for name in file.cells}
    for names in (NAMES, QUANTITIES):
        if not any(name in fields for name in names):
            raise FileRefused(path, f"has no column {names[0]}; it has {', '.join(file.cells)}")
    unknown = [name for name in fields if name not in KNOWN]
    if unknown:
        notices.append(f"not read: the columns {', '.join(unknown)}")
    return [
        PortfolioEntry(
            path, int(line), {name: file.cells[column][row] for name, column in fields.items()}
        )
        for row, line in enumerate(file.lines)
    ]


def _json_entries(path: Path) -> tuple[list[PortfolioEntry], Decimal | None]:
    found, cash = read_json(path), None
    if isinstance(found, LinedObject):
        if "error" in found:
            raise FileRefused(path, f"is an error reply: {found['error']}", line=found.line)
        if found.get("cash") is not None:
            cash = PortfolioEntry(path, found.line, found).number("cash")
        found = found.get("result", found.get("positions"))
    if not isinstance(found, list):
        raise FileRefused(path, "is no list of positions, nor has one as `positions` or `result`")
    for place, item in enumerate(found, start=1):
        if not isinstance(item, LinedObject):
            raise FileRefused(path, f"entry {place} is {item!r}, not an object")
    return [PortfolioEntry(path, item.line, dict(item)) for item in found], cash


def _position(
    entry: PortfolioEntry,
    name_field: str,
    inverse_as_linear: bool,
    registry: Registry,
    notices: list[str],
) -> PortfolioPosition:
    told = entry.cells[name_field]
    name = entry.linear_name(name_field, inverse_as_linear, registry)
    quantity = entry.quantity()
    price_field = entry.field(PRICES, may_be_absent=True)
    price = None if price_field is None else entry.number(price_field)
    if price_field is not None and price is not None and price < 0:
        raise entry.refusal(price_field, "is below 0")
    if name != told:
        # Deribit tells a future's size in USD and, beside it, in the coin.
        is_future = told.count("-") == 1
        if is_future and "size" in entry.cells:
            if entry.cells.get("size_currency") is None:
                raise entry.refusal("size_currency", f"is missing, and the size of {told} is USD")
            exact = abs(entry.number("size_currency"))
            if exact and not quantity:
                raise entry.refusal("size_currency", "contradicts a size of 0")
            sign = -1 if quantity < 0 else 1
            quantity = sign * exact.quantize(Decimal("1e-6"), ROUND_HALF_EVEN)
        # The price of an inverse option is in the coin; of an inverse future, in USD.
        if not is_future:
            usd = entry.field(("average_price_usd",), may_be_absent=True)
            price = None if usd is None else entry.number(usd)
        notices.append(
            f"line {entry.line}: {told}, settled in the coin, is taken as {quantity} of {name}"
        )
    return PortfolioPosition(entry.line, name, quantity, price)
