"""What a program costs: table by table, the largest first, in cells and their equivalents."""

from __future__ import annotations

from dataclasses import dataclass

from novate.air.layout import CONSTRAINT_COST, MESSAGE_COST
from novate.air.lowering import LoweredTable
from novate.air.program import Program
from novate.air.witness import Trace

HEADINGS = ("table", "cells", "lookups", "constraints", "degree", "cost a row", "rows", "share")


@dataclass(frozen=True, slots=True)
class TableCost:
    """What a row of a table costs, and how many rows it has in a trace (0 without one).

    `cost` is in cells: a message and a constraint count as the part of a cell that `layout` says.
    """

    name: str
    cells: int
    messages: int
    constraints: int
    degree: int
    cost: int
    rows: int = 0

    @property
    def total(self) -> int:
        """Cost of all rows, padding included, in cells."""
        return self.cost * self.rows


def table_cost(table: LoweredTable, rows: int = 0) -> TableCost:
    """The cost of one table."""
    return TableCost(
        table.name,
        len(table.cells),
        table.lookups,
        len(table.constraints),
        max((table.degree(constraint) for constraint in table.constraints), default=0),
        -(-table.cost // CELL_UNITS),
        rows,
    )


CELL_UNITS = 100
"""`LoweredTable.cost` is in hundredths of a cell."""


def costs(program: Program, trace: Trace | None = None) -> list[TableCost]:
    """The tables of a program, the largest first: by all their rows if there is a trace."""
    heights = [0] * len(program.tables) if trace is None else [len(c) for c in trace.cells]
    found = [table_cost(table, rows) for table, rows in zip(program.tables, heights, strict=True)]
    return sorted(found, key=lambda table: (-table.total, -table.cost, table.name))


def cost_report(program: Program, trace: Trace | None = None) -> str:
    """The costs as a text: one line a table, and their sum."""
    tables = costs(program, trace)
    total = sum(table.total for table in tables)
    lines: list[tuple[str, ...]] = [HEADINGS if trace is not None else HEADINGS[:6]]
    for table in tables:
        line: tuple[str, ...] = (
            table.name,
            f"{table.cells:,}",
            f"{table.messages:,}",
            f"{table.constraints:,}",
            f"{table.degree}",
            f"{table.cost:,}",
        )
        if trace is not None:
            line += (f"{table.rows:,}", _percent(table.total, total))
        lines.append(line)
    text = _aligned(lines) + (
        f"\ncosts are in cells: a lookup counts as {_units(MESSAGE_COST)}, "
        f"a constraint as {_units(CONSTRAINT_COST)}"
    )
    if trace is not None:
        text += (
            f"\n{trace.total_cells:,} cells in all, which cost as much as {total:,}"
            " without a lookup or a constraint"
        )
    return text


def _units(hundredths: int) -> str:
    whole, rest = divmod(hundredths, CELL_UNITS)
    return f"{whole}.{rest:02d}"


def _percent(part: int, whole: int) -> str:
    tenths = 1000 * part // whole if whole else 0
    return f"{tenths // 10}.{tenths % 10} %"


def _aligned(lines: list[tuple[str, ...]]) -> str:
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )
