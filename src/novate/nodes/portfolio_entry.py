"""One row or object of a portfolio's file: which field says what, and what it may say."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

from novate.instruments import NameRefused, Registry, parse_name
from novate.nodes.csv_file import FileRefused
from novate.units import Multiplier, OutOfRange

NAMES: Final = ("instrument", "instrument_name")
QUANTITIES: Final = ("quantity", "size", "amount")
PRICES: Final = ("average_price", "price")
_DIRECTIONS: Final = ("direction", "side")
_OF_INVERSE: Final = ("average_price_usd", "size_currency")
KNOWN: Final = (*NAMES, *QUANTITIES, *PRICES, *_DIRECTIONS, *_OF_INVERSE)
_SIGNS: Final = {"buy": 1, "sell": -1, "zero": 0}
_NUMBER: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]{1,2})?")
_INVERSE: Final = re.compile(r"([A-Z][A-Z0-9]*)(-[0-9A-Z]+(-[0-9d]+-[CP])?)")
_QUANTITY_MAX: Final = 10**12
_DECIMALS_MAX: Final = 30
_ONE_UNIT: Final = Multiplier(1000)


@dataclass(frozen=True, slots=True)
class PortfolioEntry:
    """One row or object, by lower-case field name."""

    path: Path
    line: int
    cells: dict[str, Any]

    def refusal(self, field: str, expected: str) -> FileRefused:
        """What is wrong with a field, with file, line and value."""
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

    def quantity(self) -> Decimal:
        """Signed; with a direction a size may be told without its sign, but not against it."""
        field = self.field(QUANTITIES)
        assert field is not None
        quantity = self.number(field)
        direction = self.field(_DIRECTIONS, may_be_absent=True)
        if direction is None:
            return quantity
        word = str(self.cells[direction]).strip().lower()
        if word not in _SIGNS:
            raise self.refusal(direction, f"is not one of {', '.join(_SIGNS)}")
        if (_SIGNS[word] >= 0 and quantity < 0) or (_SIGNS[word] == 0 and quantity):
            raise self.refusal(field, f"contradicts the {direction} {word}")
        return _SIGNS[word] * abs(quantity)

    def linear_name(self, field: str, inverse_as_linear: bool, registry: Registry) -> str:
        """The canonical name of the USDC-settled instrument that an entry names or stands for."""
        told = self.cells[field]
        if not isinstance(told, str):
            raise self.refusal(field, "is not the name of an instrument")
        inverse = _INVERSE.fullmatch(told)
        name = f"{inverse[1]}_USDC{inverse[2]}" if inverse else told
        try:
            parse_name(name, _ONE_UNIT, registry=registry)
        except (NameRefused, OutOfRange, ValueError) as error:
            raise self.refusal(field, f"is no instrument: {error}") from None
        if inverse and not inverse_as_linear:
            raise self.refusal(
                field,
                "is settled in the coin; next: ask by inverse_as_linear to take it as its linear "
                f"twin {name}",
            )
        return name
