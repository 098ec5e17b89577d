"""A table printed as a specification: what an auditor reads before the code."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from novate.air.expression import Expression, Operation
from novate.air.kind import Bit, Choice, Element, Kind, Vector
from novate.air.lowering import LoweredTable
from novate.air.program import RANGES
from novate.air.statement import Message, Rows, Sentence
from novate.air.table import Chosen, Table, scalars

WIDTH = 100
LAW_PARTS_MAX = 120
"""A law of more operations is told by its columns alone."""


def show(table: LoweredTable) -> str:
    """The table as a text: columns with their kinds and limbs, sentences with their laws, messages.

    Degree, cells, constraints and messages a row stand in the first lines.
    """
    degree = max((table.degree(constraint) for constraint in table.constraints), default=0)
    lines = [
        f"table {table.name}",
        f"  {len(table.cells)} cells, {len(table.messages)} messages and {len(table.constraints)} "
        f"constraints a row, of degree {degree} at most",
        *_indented(_rows(table.table), 2),
    ]
    about = inspect.getdoc(table.table)
    if about and about != inspect.getdoc(Table):
        lines += ["", *_indented(about, 2)]
    lines += ["", "columns", *_columns(table), *_hidden(table)]
    lines += ["", "sentences", *_sentences(table)]
    lines += ["", "messages", *_messages(table), *_ranges(table)]
    return "\n".join(lines)


def _rows(table: type[Table]) -> str:
    parts = []
    if table.counted is not None:
        parts.append(f"exactly {table.counted:,} rows, no padding")
    elif table.required:
        parts.append("at least one row")
    if table.public_values:
        parts.append(f"{table.public_values} public values")
    return "; ".join(parts)


def _columns(table: LoweredTable) -> Iterator[str]:
    declared = table.table.columns
    name_width = max((len(name) for name in declared), default=0)
    kind_width = max((len(str(column.kind)) for column in declared.values()), default=0)
    for name, column in declared.items():
        origin = "derived" if column.given is not None else "input"
        text = f"  {name:<{name_width}}  {column.kind!s:<{kind_width}}  {origin:<7}  "
        yield text + _stored(table, name, column.kind)


def _stored(table: LoweredTable, name: str, kind: Kind) -> str:
    parts = scalars(name, kind)
    if isinstance(kind, Choice):
        return f"{len(parts)} bits, one of them 1"
    placed = table.placed[parts[0].name]
    times = f"{len(parts)} times " if isinstance(kind, Vector) else ""
    if isinstance(placed.kind, Bit | Element):
        return times + "1 cell"
    bits = " + ".join(str(limb.bits) for limb in reversed(placed.limbs))
    spare = ", and how far it is below its bound" if parts[0].name in table.complements else ""
    return f"{times}{bits} bits{spare}"


def _hidden(table: LoweredTable) -> Iterator[str]:
    counts: Counter[str] = Counter()
    own = {
        limb.cell
        for name, column in table.table.columns.items()
        for part in scalars(name, column.kind)
        for limb in table.placed[part.name].limbs
    }
    for cell, name in enumerate(table.cells):
        if cell in own:
            continue
        counts[_hidden_kind(name)] += 1
    if counts:
        told = ", ".join(f"{what} ({count})" for what, count in counts.items())
        yield from _indented(f"hidden cells: {told}", 2)


def _hidden_kind(cell: str) -> str:
    match cell.split(" ")[0]:
        case "real":
            return "the flag of real rows"
        case "has_next":
            return "the flag of rows with a next row"
        case "carry":
            return "the carries of wide laws"
        case "quotient":
            return "the limbs of quotients"
        case "uses":
            return "the counts of uses"
        case _:
            return "the distances to a bound"


def _sentences(table: LoweredTable) -> Iterator[str]:
    lowered = Counter(constraint.sentence for constraint in table.constraints)
    told: set[str] = set()
    for statement in table.statements:
        if not isinstance(statement, Sentence):
            continue
        told.add(statement.name)
        yield f"  {statement.name}"
        modulus = f" modulo {statement.modulus}" if statement.modulus is not None else ""
        yield from _indented(f"{_law(statement.law)} = 0{modulus}", 6)
        where = _where(statement.rows, statement.flags)
        count = lowered[statement.name]
        constraints = f"{count} constraints" if count > 1 else ""
        aside = "; ".join(part for part in (where, constraints) if part)
        if aside:
            yield from _indented(aside, 6)
    own = [name for name in lowered if name not in told]
    if own:
        yield from _indented("and, from the language: " + "; ".join(own), 2)


def _where(rows: Rows, flags: tuple[Expression, ...]) -> str:
    parts = [] if rows is Rows.EVERY else [f"on the {rows.value}"]
    if rows is Rows.FOLLOWED:
        parts = [f"on {rows.value}"]
    if flags:
        parts.append("when " + " and ".join(_law(flag) for flag in flags))
    return ", ".join(parts)


def _messages(table: LoweredTable) -> Iterator[str]:
    for statement in table.statements:
        if not isinstance(statement, Message):
            continue
        bus = statement.bus
        yield f"  {statement.direction.value} {bus.name}: {bus.meaning}"
        fields = ", ".join(f"{name} = {_value(value)}" for name, value in statement.fields.items())
        yield from _indented(fields, 6)
        where = _where(Rows.EVERY, statement.flags)
        if where:
            yield from _indented(where, 6)


def _ranges(table: LoweredTable) -> Iterator[str]:
    counts = Counter(message.bus.meaning for message in table.messages if message.bus in RANGES)
    provided = {message.bus.name for message in table.messages if message.gate is not None}
    if counts and not provided:
        told = ", ".join(f"{meaning} ({count})" for meaning, count in counts.items())
        yield from _indented(f"and range checks: {told}", 2)


def _value(value: Any) -> str:
    match value:
        case Chosen():
            return " | ".join(_law(part) for part in value.elements)
        case tuple() | list():
            return _whole(value) or f"[{', '.join(_joined([_value(part) for part in value]))}]"
        case Expression():
            return _law(value)
        case _:
            return str(value)


def _whole(values: Sequence[Any]) -> str | None:
    """The name of a vector column, if that is what the values are."""
    name = str(values[0]).removesuffix("[0]")
    whole = len(values) > 1 and all(str(v) == f"{name}[{i}]" for i, v in enumerate(values))
    return name if whole else None


def _joined(texts: Sequence[str]) -> Iterator[str]:
    """Pieces of one column that follow each other, as a range: `balance.bits16[0..3]`."""
    runs: list[tuple[str, int, int]] = []
    for text in texts:
        found = re.fullmatch(r"(.+\.bits\d+)\[(\d+)\]", text)
        name, at = (found[1], int(found[2])) if found else (text, -1)
        if found and runs and runs[-1][0] == name and runs[-1][2] == at - 1:
            runs[-1] = (name, runs[-1][1], at)
        else:
            runs.append((name, at, at))
    for name, start, end in runs:
        if start < 0:
            yield name
        else:
            yield f"{name}[{start}]" if start == end else f"{name}[{start}..{end}]"


def _law(expression: Expression) -> str:
    sizes: dict[int, int] = {}
    parts = _size(expression, sizes)
    if parts <= LAW_PARTS_MAX:
        return str(expression)
    columns = dict.fromkeys(_names(expression, set()))
    return f"a polynomial of {parts:,} operations in {', '.join(columns)}"


def _size(expression: Expression, known: dict[int, int]) -> int:
    if id(expression) not in known:
        known[id(expression)] = 1 + sum(_size(part, known) for part in expression.arguments)
    return known[id(expression)]


def _names(expression: Expression, seen: set[int]) -> Iterator[str]:
    if id(expression) in seen:
        return
    seen.add(id(expression))
    if expression.operation is Operation.COLUMN and expression.reference is not None:
        yield ("next " if expression.next_row else "") + expression.reference.name
    for part in expression.arguments:
        yield from _names(part, seen)


def _indented(text: str, by: int) -> list[str]:
    space = " " * by
    return [
        line
        for paragraph in text.splitlines()
        for line in textwrap.wrap(
            paragraph,
            WIDTH,
            initial_indent=space,
            subsequent_indent=space + "  ",
            break_on_hyphens=False,
        )
    ]
