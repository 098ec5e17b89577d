"""Tables: a class body of columns and a method that says what holds on every row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np

from novate.air.expression import Expression, Operation, Reference, bounded, column, flag, public
from novate.air.kind import Bit, Choice, Column, Kind, Scalar, Vector
from novate.air.statement import Statement


def scalars(name: str, kind: Kind) -> list[Reference]:
    """The scalars a column is made of, in order."""
    match kind:
        case Choice(names):
            return [Reference(f"{name}.{option}", Bit()) for option in names]
        case Vector(inner, length):
            return [Reference(f"{name}[{i}]", inner) for i in range(length)]
        case _:
            return [Reference(name, kind)]


class Chosen:
    """A choice column in a law: `row.side.BUY` is the bit of that name."""

    def __init__(self, bits: dict[str, Expression]) -> None:
        self._bits = bits

    def __getattr__(self, name: str) -> Expression:
        try:
            return self._bits[name]
        except KeyError:
            raise AttributeError(f"no choice {name}: one of {', '.join(self._bits)}") from None

    @property
    def names(self) -> tuple[str, ...]:
        """What there is to choose from."""
        return tuple(self._bits)

    def any(self, *names: str) -> Expression:
        """1 when one of the named choices is taken; they exclude each other."""
        if not names or len(set(names)) != len(names):
            raise TypeError(f"any of which choices? {names} names none, or one twice")
        total = sum((self._bits[name] for name in names[1:]), self._bits[names[0]])
        return bounded(total, 0, 1)

    @property
    def elements(self) -> tuple[Expression, ...]:
        """The bits, in the order of the names: how a choice travels in a message."""
        return tuple(self._bits.values())


class Row:
    """A row in a law: its columns by name, `row.next` for the row after, `row.public` for public
    values."""

    def __init__(self, table: type[Table], next_row: bool = False) -> None:
        self._table = table
        self._next = next_row

    def __getattr__(self, name: str) -> Any:
        try:
            kind = self._table.columns[name].kind
        except KeyError:
            raise AttributeError(f"table {self._table.name} has no column {name}") from None
        parts = [column(reference, self._next) for reference in scalars(name, kind)]
        match kind:
            case Choice(names):
                return Chosen(dict(zip(names, parts, strict=True)))
            case Vector():
                return tuple(parts)
            case _:
                return parts[0]

    @property
    def next(self) -> Row:
        """The row after this one; only for sentences inside `followed(...)`."""
        if self._next:
            raise TypeError("a law sees this row and the next, not the one after")
        return Row(self._table, next_row=True)

    @property
    def public(self) -> tuple[Expression, ...]:
        """The public values of the table: field elements that the verifier compares."""
        return tuple(public(i) for i in range(self._table.public_values))

    @property
    def real(self) -> Expression:
        """1 on rows that count, 0 on padding."""
        return flag(Operation.REAL, self._next)

    @property
    def has_next(self) -> Expression:
        """1 when the next row is real too."""
        return flag(Operation.HAS_NEXT, self._next)

    @property
    def is_last(self) -> Expression:
        """1 on the last real row."""
        return bounded(self.real - self.has_next, 0, 1)


class Table:
    """Subclass it: columns in the class body, `constrain` for the sentences and messages.

    `public_values` is the number of field elements the verifier sees. A `counted` table has no
    padding: its height is fixed by its own sentences, its rows are always `counted` many. A
    `required` table has at least one real row. `kernel` computes columns
    that no expression gives.
    """

    name: ClassVar[str]
    columns: ClassVar[dict[str, Column]]
    public_values: ClassVar[int] = 0
    required: ClassVar[bool] = False
    counted: ClassVar[int | None] = None

    def __init_subclass__(cls) -> None:
        inherited = dict(getattr(cls, "columns", {}))
        own = {key: value for key, value in vars(cls).items() if isinstance(value, Column)}
        for key in own:
            if key in {"next", "public", "real", "has_next", "is_last"}:
                raise TypeError(f"{cls.__name__}: a row already has a {key}")
        cls.columns = inherited | own
        if "name" not in vars(cls):
            cls.name = "".join(
                "_" + c.lower() if c.isupper() and i else c.lower()
                for i, c in enumerate(cls.__name__)
            )

    @classmethod
    def constrain(cls, row: Row) -> Iterator[Statement]:
        """The sentences and messages of a row."""
        raise NotImplementedError(f"table {cls.name} says nothing")

    @classmethod
    def kernel(cls, columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Columns that neither an input nor an expression gives, from those that are there.

        Shape: arrays of one row per real row; vectors (rows, length).
        """
        return {}


def scalar_kind(kind: Kind) -> Scalar:
    """The kind of each part of a column."""
    match kind:
        case Choice():
            return Bit()
        case Vector(inner, _):
            return inner
        case _:
            return kind
