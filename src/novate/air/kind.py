"""Kinds of columns: what a value may be. How it is cut into cells is the layout's business."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from novate.field import P


@dataclass(frozen=True, slots=True)
class Bit:
    """0 or 1, and 0 on padding rows."""

    @property
    def low(self) -> int:
        return 0

    @property
    def high(self) -> int:
        return 1

    def __str__(self) -> str:
        return "bit"


@dataclass(frozen=True, slots=True)
class Below:
    """An integer in [0, bound)."""

    bound: int

    def __post_init__(self) -> None:
        if self.bound < 2:
            raise ValueError(f"below({self.bound}): a column that can only be 0 is no column")

    @property
    def low(self) -> int:
        return 0

    @property
    def high(self) -> int:
        return self.bound - 1

    @property
    def bits(self) -> int:
        return (self.bound - 1).bit_length()

    def __str__(self) -> str:
        if self.bound == 1 << self.bits:
            return f"unsigned({self.bits})"
        return f"below({self.bound})"


@dataclass(frozen=True, slots=True)
class Signed:
    """An integer in [-2**(bits-1), 2**(bits-1))."""

    bits: int

    def __post_init__(self) -> None:
        if self.bits < 1:
            raise ValueError(f"signed({self.bits}): at least one bit")

    @property
    def low(self) -> int:
        return -(1 << (self.bits - 1))

    @property
    def high(self) -> int:
        return (1 << (self.bits - 1)) - 1

    def __str__(self) -> str:
        return f"signed({self.bits})"


@dataclass(frozen=True, slots=True)
class Element:
    """A field element: no range, no order, arithmetic modulo p."""

    def __str__(self) -> str:
        return "element"


@dataclass(frozen=True, slots=True)
class Choice:
    """Exactly one of several names: one bit each, and their sum is 1 on real rows."""

    names: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(self.names) < 2 or len(set(self.names)) != len(self.names):
            raise ValueError(f"choice{self.names}: at least two names, each once")

    def __str__(self) -> str:
        return f"choice({', '.join(self.names)})"


Scalar: TypeAlias = Bit | Below | Signed | Element


@dataclass(frozen=True, slots=True)
class Vector:
    """`length` values of one scalar kind."""

    kind: Scalar
    length: int

    def __str__(self) -> str:
        return f"{self.kind}[{self.length}]"


Kind: TypeAlias = Scalar | Choice | Vector

ELEMENT_BITS = 30
"""An integer of at most this many bits is one element of a message; a wider one travels in limbs of
16 bits."""


def is_wide(kind: Scalar) -> bool:
    """Whether a value of this kind needs more than one element in a message."""
    return isinstance(kind, Below | Signed) and kind.bits > ELEMENT_BITS


def message_elements(kind: Kind) -> int:
    """How many elements a value of this kind takes in a message."""
    match kind:
        case Vector(inner, length):
            return length * message_elements(inner)
        case Choice(names):
            return len(names)
        case Below() | Signed() if is_wide(kind):
            return -(-kind.bits // 16)
        case _:
            return 1


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A declared column: its kind and, if it is not an input, how its value follows from others.

    `given` maps a row of numpy arrays to this column's array: an expression or a rounding rule.
    """

    kind: Kind
    given: Callable[[Any], Any] | None = None


def bit(given: Callable[[Any], Any] | None = None) -> Any:
    """A column of 0 or 1."""
    return Column(Bit(), given)


def below(bound: int, given: Callable[[Any], Any] | None = None) -> Any:
    """A column of integers in [0, bound)."""
    return Column(Below(bound), given)


def unsigned(bits: int, given: Callable[[Any], Any] | None = None) -> Any:
    """A column of integers in [0, 2**bits)."""
    return Column(Below(1 << bits), given)


def signed(bits: int, given: Callable[[Any], Any] | None = None) -> Any:
    """A column of integers in [-2**(bits-1), 2**(bits-1))."""
    return Column(Signed(bits), given)


def element(given: Callable[[Any], Any] | None = None) -> Any:
    """A column of field elements."""
    return Column(Element(), given)


def choice(*names: str, given: Callable[[Any], Any] | None = None) -> Any:
    """A column that holds one of `names`; in a trace, the index of the name."""
    return Column(Choice(names), given)


def vector(column: Any, length: int, given: Callable[[Any], Any] | None = None) -> Any:
    """`length` columns of the kind of `column`."""
    kind = column.kind
    if not isinstance(kind, Bit | Below | Signed | Element):
        raise TypeError(f"a vector holds scalars, not {kind}")
    return Column(Vector(kind, length), given)


def fits_field(low: int, high: int) -> bool:
    """Whether an integer in [low, high] is determined by its residue: zero modulo p means zero."""
    return -P < low <= high < P
