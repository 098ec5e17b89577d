"""A portfolio from a file: CSV, JSON, or what Deribit's `private/get_positions` answers.

    instrument,quantity,average_price            {"cash": 25000, "positions": [
    BTC_USDC-26DEC25-85000-P,-2.5,1210.5           {"instrument": "BTC_USDC-PERPETUAL",
    USDC,25000,                                     "quantity": 0.4, "average_price": 91000}]}

Quantities are in units of the underlying, signed, as Deribit counts them for options and linear
futures; prices are USD per unit. A row named USDC is cash. Instruments settled in the coin are
refused, or taken as their linear twins when that is asked for, and every one is then noticed.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

from novate.instruments import REGISTRY, NameRefused, Registry, parse_name
from novate.nodes.csv_file import FileRefused, read_csv
from novate.nodes.json_file import LinedObject, read_json
from novate.units import Multiplier, OutOfRange, Qty, bounds

CASH: Final = "USDC"

_NAMES: Final = ("instrument", "instrument_name")
_QUANTITIES: Final = ("quantity", "size", "amount")
_PRICES: Final = ("average_price", "price")
_DIRECTIONS: Final = ("direction", "side")
_OF_INVERSE: Final = ("average_price_usd", "size_currency")
_KNOWN: Final = (*_NAMES, *_QUANTITIES, *_PRICES, *_DIRECTIONS, *_OF_INVERSE)
_SIGNS: Final = {"buy": 1, "sell": -1, "zero": 0}
_NUMBER: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]{1,2})?")
_INVERSE: Final = re.compile(r"([A-Z][A-Z0-9]*)(-[0-9A-Z]+(-[0-9d]+-[CP])?)")
_QUANTITY_MAX: Final = 10**12
_DECIMALS_MAX: Final = 30
_EXACT: Final = Context(prec=150)
"""Two numbers of 12 digits and 30 decimals, multiplied, have 84 digits: nothing is rounded."""
_ONE_UNIT: Final = Multiplier(1000)
_SIZE_MAX: Final = Decimal(1 << bounds.QTY_BITS) / 1000


@dataclass(frozen=True, slots=True)
class PortfolioPosition:
    """So many units of the underlying in one instrument, and where the file says it."""

    line: int
    instrument_name: str
    quantity: Decimal
    average_price: Decimal | None
    """USD per unit; None when the file does not say it."""


@dataclass(frozen=True, slots=True)
class Portfolio:
    """What a file says somebody holds: one position an instrument, in the order of the file."""

    source: Path
    positions: tuple[PortfolioPosition, ...]
    cash: Decimal
    """USDC; zero when the file does not say it, which is noticed."""
    notices: tuple[str, ...]
    """What was read as something else than it says."""

    def require_listed(self, listed: Collection[str]) -> None:
        """Refuse a portfolio that names an instrument outside `listed`.

        Raises: FileRefused.
        """
        for position in self.positions:
            if position.instrument_name not in listed:
                raise FileRefused(
                    self.source,
                    f"is not among the {len(listed)} instruments listed",
                    line=position.line,
                    field="instrument",
                    value=position.instrument_name,
                )

    def contracts(self, position: PortfolioPosition, multiplier: Multiplier) -> Qty:
        """A position in contracts of so many units.

        Raises: FileRefused when that is no whole number of milli-contracts, or too many.
        """
        exact_e3 = _EXACT.divide(_EXACT.multiply(position.quantity, Decimal(10**6)), multiplier.e3)
        if exact_e3 != exact_e3.to_integral_value():
            expected = f"is {exact_e3 / 1000} contracts of {multiplier}: no whole milli-contract"
        else:
            try:
                return Qty(int(exact_e3))
            except OutOfRange:
                expected = f"is not below {_SIZE_MAX:,} contracts of {multiplier} in size"
        raise FileRefused(
            self.source, expected, line=position.line, field="quantity",
            value=str(position.quantity),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Entry:
    """One row or object, by lower-case field name."""

    path: Path
    line: int
    cells: dict[str, Any]

    def refusal(self, field: str, expected: str) -> FileRefused:
        value = self.cells.get(field)
        return FileRefused(
            self.path,
            expected,
            line=self.line,
            field=field,
            value=None if value in (None, "") else str(value),
        )

    def field(self, names: Sequence[str], *, may_be_absent: bool = False) -> str | None:
        """Which of the names this entry has."""
        found = [name for name in names if self.cells.get(name) not in (None, "")]
        if len(found) > 1:
            raise self.refusal(found[1], f"says again what {found[0]} says")
        if not found and not may_be_absent:
            raise self.refusal(names[0], "is missing")
        return found[0] if found else None

    def number(self, field: str) -> Decimal:
        """A finite number, exactly as it is written."""
        value = self.cells[field]
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
            raise self.refusal(field, "is not a number")
        if isinstance(value, str) and not _NUMBER.fullmatch(value.strip()):
            raise self.refusal(field, "is not a number")
        try:
            found = Decimal(value.strip() if isinstance(value, str) else value)
        except InvalidOperation:
            raise self.refusal(field, "is not a number") from None
        if not abs(found) < _QUANTITY_MAX:
            raise self.refusal(field, f"is not below {_QUANTITY_MAX:,} in size")
        exponent = found.as_tuple().exponent
        if isinstance(exponent, int) and exponent < -_DECIMALS_MAX:
            raise self.refusal(field, f"has more than {_DECIMALS_MAX} decimals")
        return found


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
        name_field = entry.field(_NAMES)
        assert name_field is not None
        if entry.cells[name_field] == CASH:
            if cash is not None:
                raise entry.refusal(name_field, "is told twice")
            cash = _quantity(entry)
            continue
        position = _position(entry, name_field, inverse_as_linear, registry, notices)
        if position.quantity == 0:
            notices.append(f"line {entry.line}: no position in {position.instrument_name}")
        else:
            positions.append(position)
    if cash is None:
        notices.append("no cash is told: taken as 0 USDC")
    found = _netted(positions, notices) if is_netted else tuple(positions)
    return Portfolio(path, found, cash or Decimal(0), tuple(notices))


def _csv_entries(path: Path, notices: list[str]) -> list[_Entry]:
    file = read_csv(path)
    fields = {name.strip().lower(): name for name in file.cells}
    for names in (_NAMES, _QUANTITIES):
        if not any(name in fields for name in names):
            raise FileRefused(path, f"has no column {names[0]}; it has {', '.join(file.cells)}")
    unknown = [name for name in fields if name not in _KNOWN]
    if unknown:
        notices.append(f"not read: the columns {', '.join(unknown)}")
    return [
        _Entry(path, int(line), {name: file.cells[column][row] for name, column in fields.items()})
        for row, line in enumerate(file.lines)
    ]


def _json_entries(path: Path) -> tuple[list[_Entry], Decimal | None]:
    found, cash = read_json(path), None
    if isinstance(found, LinedObject):
        if "error" in found:
            raise FileRefused(path, f"is an error reply: {found['error']}", line=found.line)
        if found.get("cash") is not None:
            cash = _Entry(path, found.line, found).number("cash")
        found = found.get("result", found.get("positions"))
    if not isinstance(found, list):
        raise FileRefused(path, "is no list of positions, nor has one as `positions` or `result`")
    for place, item in enumerate(found, start=1):
        if not isinstance(item, LinedObject):
            raise FileRefused(path, f"entry {place} is {item!r}, not an object")
    return [_Entry(path, item.line, dict(item)) for item in found], cash


def _position(
    entry: _Entry,
    name_field: str,
    inverse_as_linear: bool,
    registry: Registry,
    notices: list[str],
) -> PortfolioPosition:
    told = entry.cells[name_field]
    name = _linear_name(entry, name_field, inverse_as_linear, registry)
    quantity = _quantity(entry)
    price_field = entry.field(_PRICES, may_be_absent=True)
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


def _quantity(entry: _Entry) -> Decimal:
    """Signed; with a direction a size may be told without its sign, but not against it."""
    field = entry.field(_QUANTITIES)
    assert field is not None
    quantity = entry.number(field)
    direction = entry.field(_DIRECTIONS, may_be_absent=True)
    if direction is None:
        return quantity
    word = str(entry.cells[direction]).strip().lower()
    if word not in _SIGNS:
        raise entry.refusal(direction, f"is not one of {', '.join(_SIGNS)}")
    if (_SIGNS[word] >= 0 and quantity < 0) or (_SIGNS[word] == 0 and quantity):
        raise entry.refusal(field, f"contradicts the {direction} {word}")
    return _SIGNS[word] * abs(quantity)


def _linear_name(entry: _Entry, field: str, inverse_as_linear: bool, registry: Registry) -> str:
    """The canonical name of the USDC-settled instrument that an entry names or stands for."""
    told = entry.cells[field]
    if not isinstance(told, str):
        raise entry.refusal(field, "is not the name of an instrument")
    inverse = _INVERSE.fullmatch(told)
    name = f"{inverse[1]}_USDC{inverse[2]}" if inverse else told
    try:
        parse_name(name, _ONE_UNIT, registry=registry)
    except (NameRefused, OutOfRange, ValueError) as error:
        raise entry.refusal(field, f"is no instrument: {error}") from None
    if inverse and not inverse_as_linear:
        raise entry.refusal(
            field,
            f"is settled in the coin; next: ask by inverse_as_linear to take it as its linear twin "
            f"{name}",
        )
    return name


def _netted(
    positions: list[PortfolioPosition], notices: list[str]
) -> tuple[PortfolioPosition, ...]:
    """One position an instrument: lots are added up, and what nets to nothing is gone."""
    found: dict[str, PortfolioPosition] = {}
    for position in positions:
        name = position.instrument_name
        if name not in found:
            found[name] = position
            continue
        known = found[name]
        notices.append(f"line {position.line}: {name} is added to line {known.line}")
        total = _EXACT.add(known.quantity, position.quantity)
        price = None
        is_same_side = (known.quantity > 0) == (position.quantity > 0)
        if is_same_side and known.average_price is not None and position.average_price is not None:
            paid = _EXACT.add(
                _EXACT.multiply(known.quantity, known.average_price),
                _EXACT.multiply(position.quantity, position.average_price),
            )
            price = paid / total
        found[name] = replace(known, quantity=total, average_price=price)
    return tuple(position for position in found.values() if position.quantity)
