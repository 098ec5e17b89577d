"""What a table says: sentences that hold on its rows, and messages it exchanges with other
tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, TypeAlias

from novate.air.expression import Expression, Operand, constant
from novate.air.kind import Column, Kind


class Rows(Enum):
    """Which rows a sentence is about."""

    EVERY = "every row"
    FIRST = "first row"
    LAST = "last row"
    FOLLOWED = "every row with a next row"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A law with a name: zero on the rows it is about, whenever `flags` are all 1.

    With a `modulus`: a multiple of it; the quotient is a hidden column of the width that the law
    needs.
    """

    name: str
    law: Expression
    rows: Rows = Rows.EVERY
    flags: tuple[Expression, ...] = ()
    modulus: int | None = None


class Discipline(Enum):
    """How messages of a bus balance."""

    PERMUTATION = "every message sent is received exactly once"
    LOOKUP = "every message asked for is provided, any number of times"


class Bus:
    """A typed channel between tables: a name, one meaning, named fields with kinds."""

    def __init__(
        self, name: str, meaning: str, *, discipline: Discipline, fields: dict[str, Column]
    ) -> None:
        self.name = name
        self.meaning = meaning
        self.discipline = discipline
        self.fields: dict[str, Kind] = {key: column.kind for key, column in fields.items()}

    def __repr__(self) -> str:
        return f"Bus({self.name})"


def permutation_bus(name: str, meaning: str, **fields: Any) -> Bus:
    """A bus on which every message is sent once and received once."""
    return Bus(name, meaning, discipline=Discipline.PERMUTATION, fields=fields)


def lookup_bus(name: str, meaning: str, **fields: Any) -> Bus:
    """A bus on which one table provides facts and others look them up."""
    return Bus(name, meaning, discipline=Discipline.LOOKUP, fields=fields)


class Direction(Enum):
    """The part a table plays in a message."""

    SEND = "sends"
    RECEIVE = "receives"
    LOOKUP = "looks up"
    PROVIDE = "provides"


@dataclass(frozen=True, slots=True)
class Message:
    """One message per row on which all of `flags` are 1 (every real row when there are none)."""

    bus: Bus
    direction: Direction
    fields: dict[str, Any]
    flags: tuple[Expression, ...] = ()


Statement: TypeAlias = Sentence | Message


def zero(name: str, law: Operand) -> Sentence:
    """The law is zero on every real row."""
    return Sentence(name, law if isinstance(law, Expression) else constant(law))


def equal(name: str, left: Operand, right: Operand) -> Sentence:
    """Both sides are the same integer (or the same field element)."""
    return zero(name, left - right)


def modular(name: str, law: Expression, modulus: int) -> Sentence:
    """The law is a multiple of `modulus`, as an integer; the language finds the quotient.

    Raises: ValueError for a modulus below 2, under which the sentence would say nothing.
    """
    if modulus < 2:
        raise ValueError(f"{name}: modulo {modulus}; a modulus is at least 2")
    return Sentence(name, law, modulus=modulus)


def equals(name: str, left: Any, right: Any) -> Iterator[Sentence]:
    """Both vectors are the same, element by element."""
    for a, b in zip(left, right, strict=True):
        yield equal(name, a, b)


def first(*statements: Statement | Iterator[Statement]) -> Iterator[Statement]:
    """The sentences hold on the first row of the table."""
    return _on(Rows.FIRST, statements)


def last(*statements: Statement | Iterator[Statement]) -> Iterator[Statement]:
    """The sentences hold on the last real row of the table."""
    return _on(Rows.LAST, statements)


def followed(*statements: Statement | Iterator[Statement]) -> Iterator[Statement]:
    """The sentences hold on every real row whose next row is real; only they may speak of
    `row.next`."""
    return _on(Rows.FOLLOWED, statements)


def when(flag: Expression, *statements: Statement | Iterator[Statement]) -> Iterator[Statement]:
    """The sentences hold, and the messages are exchanged, on rows where `flag` is 1."""
    for statement in _flat(statements):
        yield replace(statement, flags=(flag, *statement.flags))


def send(bus: Bus, **fields: Any) -> Message:
    """Send one message; some table must receive it."""
    return Message(bus, Direction.SEND, fields)


def receive(bus: Bus, **fields: Any) -> Message:
    """Receive one message; some table must have sent it."""
    return Message(bus, Direction.RECEIVE, fields)


def lookup(bus: Bus, **fields: Any) -> Message:
    """Rely on a fact that some table provides."""
    return Message(bus, Direction.LOOKUP, fields)


def provide(bus: Bus, **fields: Any) -> Message:
    """Offer a fact; how often it is looked up is counted by the language."""
    return Message(bus, Direction.PROVIDE, fields)


def _flat(statements: tuple[Any, ...]) -> Iterator[Statement]:
    for statement in statements:
        if isinstance(statement, Sentence | Message):
            yield statement
        else:
            yield from _flat(tuple(statement))


def _on(rows: Rows, statements: tuple[Any, ...]) -> Iterator[Statement]:
    for statement in _flat(statements):
        if not isinstance(statement, Sentence):
            raise TypeError(
                "a message is exchanged under a flag, not on a chosen row: use when(...)"
            )
        if statement.rows is not Rows.EVERY:
            raise TypeError(f"{statement.name}: already about the {statement.rows.value}")
        yield replace(statement, rows=rows)
