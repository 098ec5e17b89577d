"""Expressions over columns: `+ - *` only, with an interval for every intermediate integer.

A law is an ordinary function; called with integers it computes, called with expressions it is
recorded.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from operator import index
from typing import TypeAlias

from novate.air.kind import Below, Element, Scalar


class Operation(Enum):
    """What an expression is made by."""

    CONSTANT = "constant"
    COLUMN = "column"
    REAL = "real"
    HAS_NEXT = "has next"
    PUBLIC = "public"
    LIMB = "limb"
    ADD = "add"
    SUB = "sub"
    MUL = "mul"


@dataclass(frozen=True, slots=True)
class Reference:
    """One scalar of a table: `name` for a column, `name[i]` or `name.CHOICE` for a part of one."""

    name: str
    kind: Scalar


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """A polynomial in columns, with integer bounds; `low is None` when field elements take part.

    Shape: one value per row. Bounds hold on real rows, given the kinds of the columns.
    """

    operation: Operation
    arguments: tuple[Expression, ...] = ()
    reference: Reference | None = None
    next_row: bool = False
    value: int = 0
    low: int | None = None
    high: int | None = None

    @property
    def is_field(self) -> bool:
        """Whether field elements take part, so that the value is only known modulo p."""
        return self.low is None

    @property
    def is_constant(self) -> bool:
        """Whether it is the same integer on every row."""
        return self.operation is Operation.CONSTANT

    @property
    def bounds(self) -> tuple[int, int]:
        """The interval of an integer expression.

        Raises: TypeError for an expression over field elements.
        """
        if self.low is None or self.high is None:
            raise TypeError(f"{self} is over field elements and has no interval")
        return self.low, self.high

    def __add__(self, other: Operand) -> Expression:
        return _add(self, _expression(other))

    def __radd__(self, other: Operand) -> Expression:
        return _add(_expression(other), self)

    def __sub__(self, other: Operand) -> Expression:
        return _sub(self, _expression(other))

    def __rsub__(self, other: Operand) -> Expression:
        return _sub(_expression(other), self)

    def __mul__(self, other: Operand) -> Expression:
        return _mul(self, _expression(other))

    def __rmul__(self, other: Operand) -> Expression:
        return _mul(_expression(other), self)

    def __neg__(self) -> Expression:
        return _sub(constant(0), self)

    def __bool__(self) -> bool:
        raise TypeError("a law has no branches: an expression is neither true nor false")

    def __str__(self) -> str:
        return _render(self, 0)


Operand: TypeAlias = Expression | int


def constant(value: int) -> Expression:
    """The same integer on every row."""
    return Expression(Operation.CONSTANT, value=int(value), low=int(value), high=int(value))


def column(reference: Reference, next_row: bool = False) -> Expression:
    """The value of a column, in this row or the next."""
    if isinstance(reference.kind, Element):
        return Expression(Operation.COLUMN, reference=reference, next_row=next_row)
    low, high = reference.kind.low, reference.kind.high
    return Expression(Operation.COLUMN, reference=reference, next_row=next_row, low=low, high=high)


def flag(operation: Operation, next_row: bool = False) -> Expression:
    """One of the language's own flags: REAL or HAS_NEXT."""
    return Expression(operation, next_row=next_row, low=0, high=1)


def public(index: int) -> Expression:
    """The public value of this table with the given index: a field element."""
    return Expression(Operation.PUBLIC, value=index)


def limbs(value: Expression, bits: int, count: int) -> tuple[Expression, ...]:
    """An unsigned column in `count` pieces of `bits` (8, 16 or 24), least significant first, then
    zeros.

    Pieces of 8 and 24 bits make the language store the column in bytes.

    Raises: TypeError for anything but an unsigned column; ValueError if it does not fit.
    """
    kind = value.reference.kind if value.reference else None
    if value.operation is not Operation.COLUMN or not isinstance(kind, Below):
        raise TypeError(f"limbs of {value}: only an unsigned column has limbs")
    if bits not in (8, 16, 24):
        raise ValueError(f"limbs of {bits} bits: 8, 16 or 24")
    if kind.bits > bits * count:
        raise ValueError(f"{value} has {kind.bits} bits and does not fit {count} limbs of {bits}")
    used = -(-kind.bits // bits)
    pieces = [
        Expression(
            Operation.LIMB,
            (value,),
            value=i,
            next_row=value.next_row,
            low=0,
            high=(1 << bits) - 1,
        )
        for i in range(used)
    ]
    return (*pieces, *(constant(0) for _ in range(count - used)))


def limbs16(value: Expression, count: int) -> tuple[Expression, ...]:
    """The 16-bit limbs of an unsigned column: how a wide integer enters a word."""
    return limbs(value, 16, count)


def bounded(expression: Expression, low: int, high: int) -> Expression:
    """The same expression with bounds that its author vouches for (for instance a sum of exclusive
    bits)."""
    return Expression(
        expression.operation,
        expression.arguments,
        expression.reference,
        expression.next_row,
        expression.value,
        low,
        high,
    )


def _expression(operand: Operand) -> Expression:
    if isinstance(operand, Expression):
        return operand
    # a float or a truth value is no integer: to round it here would change the law
    if isinstance(operand, bool):
        raise TypeError(f"a law is over integers, not {operand!r}")
    return constant(index(operand))


def _add(a: Expression, b: Expression) -> Expression:
    if a.is_constant and b.is_constant:
        return constant(a.value + b.value)
    if a.is_constant and a.value == 0:
        return b
    if b.is_constant and b.value == 0:
        return a
    if a.is_field or b.is_field:
        return Expression(Operation.ADD, (a, b))
    (a0, a1), (b0, b1) = a.bounds, b.bounds
    return Expression(Operation.ADD, (a, b), low=a0 + b0, high=a1 + b1)


def _sub(a: Expression, b: Expression) -> Expression:
    if a.is_constant and b.is_constant:
        return constant(a.value - b.value)
    if b.is_constant and b.value == 0:
        return a
    if a.is_field or b.is_field:
        return Expression(Operation.SUB, (a, b))
    (a0, a1), (b0, b1) = a.bounds, b.bounds
    return Expression(Operation.SUB, (a, b), low=a0 - b1, high=a1 - b0)


def _mul(a: Expression, b: Expression) -> Expression:
    if a.is_constant and b.is_constant:
        return constant(a.value * b.value)
    for one, other in ((a, b), (b, a)):
        if one.is_constant and one.value == 1:
            return other
        if one.is_constant and one.value == 0:
            return constant(0)
    if a.is_field or b.is_field:
        return Expression(Operation.MUL, (a, b))
    corners = [x * y for x in a.bounds for y in b.bounds]
    return Expression(Operation.MUL, (a, b), low=min(corners), high=max(corners))


def _render(expression: Expression, precedence: int) -> str:
    match expression.operation:
        case Operation.CONSTANT:
            return _number(expression.value)
        case Operation.COLUMN:
            assert expression.reference is not None
            return ("next " if expression.next_row else "") + expression.reference.name
        case Operation.REAL | Operation.HAS_NEXT:
            return str(expression.operation.value)
        case Operation.PUBLIC:
            return f"public[{expression.value}]"
        case Operation.LIMB:
            bits = expression.bounds[1].bit_length()
            return f"{_render(expression.arguments[0], 2)}.bits{bits}[{expression.value}]"
    a, b = expression.arguments
    if expression.operation is Operation.MUL:
        return f"{_render(a, 2)}*{_render(b, 2)}"
    if expression.operation is Operation.SUB and a.is_constant and a.value == 0:
        return f"-{_render(b, 2)}"
    sign = "+" if expression.operation is Operation.ADD else "-"
    right = 1 if expression.operation is Operation.SUB else 0
    text = f"{_render(a, 0)} {sign} {_render(b, right)}"
    return f"({text})" if precedence > 0 else text


def _number(value: int) -> str:
    magnitude = abs(value)
    if magnitude >= 1 << 20 and magnitude & (magnitude - 1) == 0:
        return f"{'-' if value < 0 else ''}2**{magnitude.bit_length() - 1}"
    return str(value)
