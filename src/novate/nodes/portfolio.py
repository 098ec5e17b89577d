"""What somebody holds, as a file says it: exact decimals, each with the line that says it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from decimal import Context, Decimal
from pathlib import Path
from typing import Final

from novate.nodes.csv_file import FileRefused
from novate.units import Multiplier, OutOfRange, Qty, bounds

_EXACT: Final = Context(prec=150)
"""Two numbers of 12 digits and 30 decimals, multiplied, have 84 digits: nothing is rounded."""
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


def netted(
    positions: Iterable[PortfolioPosition], notices: list[str]
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
