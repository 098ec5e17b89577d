"""What an instrument is written on, and how people write it."""

import re
from dataclasses import dataclass
from typing import ClassVar, Final

from novate.instruments.name_refused import Nameless, NameRefused
from novate.units import bounds, within

_SYMBOL: Final = re.compile(r"[A-Z][A-Z0-9]*")


@dataclass(frozen=True, slots=True, order=True)
class Underlying:
    """A currency with an index price, by its id in the state and in reports. From 1, below 2**16.

    Any id will do: an underlying is data, and its symbol is an entry of a `Registry`.
    """

    id: int

    BTC: ClassVar["Underlying"]
    ETH: ClassVar["Underlying"]
    SOL: ClassVar["Underlying"]
    XRP: ClassVar["Underlying"]
    AVAX: ClassVar["Underlying"]
    TRX: ClassVar["Underlying"]

    def __post_init__(self) -> None:
        within("underlying", self.id, low=1, high=1 << bounds.UNDERLYING_BITS)

    def __str__(self) -> str:
        shipped = {underlying: symbol for symbol, underlying in REGISTRY.symbols}
        return shipped.get(self, f"underlying {self.id}")


Underlying.BTC = Underlying(1)
Underlying.ETH = Underlying(2)
Underlying.SOL = Underlying(3)
Underlying.XRP = Underlying(4)
Underlying.AVAX = Underlying(5)
Underlying.TRX = Underlying(6)


@dataclass(frozen=True, slots=True)
class Registry:
    """Which symbol stands for which underlying, in names; each of both at most once.

    Raises: NameRefused for a symbol that no name could hold; ValueError for one told twice.
    """

    symbols: tuple[tuple[str, Underlying], ...]

    def __post_init__(self) -> None:
        for symbol, _ in self.symbols:
            if not _SYMBOL.fullmatch(symbol):
                raise NameRefused(symbol, expected="a symbol like BTC")
        for column in zip(*self.symbols, strict=True):
            if len(set(column)) < len(column):
                raise ValueError(f"a registry tells each symbol and each underlying once: {column}")

    def also(self, symbol: str, underlying: Underlying) -> "Registry":
        """The registry with one more underlying."""
        return Registry((*self.symbols, (symbol, underlying)))

    def underlying(self, symbol: str) -> Underlying:
        """What a symbol stands for.

        Raises: NameRefused.
        """
        for known, underlying in self.symbols:
            if known == symbol:
                return underlying
        known_symbols = ", ".join(known for known, _ in self.symbols)
        raise NameRefused(symbol, expected=f"a registered underlying: {known_symbols}")

    def symbol(self, underlying: Underlying) -> str:
        """How people write an underlying.

        Raises: Nameless.
        """
        for symbol, known in self.symbols:
            if known == underlying:
                return symbol
        raise Nameless(f"underlying {underlying.id} has no symbol in this registry")


REGISTRY: Final = Registry(
    (
        ("BTC", Underlying.BTC),
        ("ETH", Underlying.ETH),
        ("SOL", Underlying.SOL),
        ("XRP", Underlying.XRP),
        ("AVAX", Underlying.AVAX),
        ("TRX", Underlying.TRX),
    )
)
"""The underlyings that novate ships with; their ids never change."""
