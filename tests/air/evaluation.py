"""The lowered sentences evaluated over cells, apart from the checker that ships."""

from typing import Any

import numpy as np

from novate.air.lowering import LoweredTable
from novate.air.nodes import Code
from novate.air.program import RANGES
from novate.air.ranges import BYTE_PAIR, U16
from novate.field import P

Cells = np.ndarray[Any, np.dtype[np.int64]]


def values(
    table: LoweredTable, node: int, local: Cells, following: Cells, publics: tuple[int, ...] = ()
) -> Cells:
    """A node on each row, given its cells and those of the row after it.

    Shape: rows first; the first row is the table's first, the last its last.
    """
    height = len(local)
    first, last = np.zeros(height, np.int64), np.zeros(height, np.int64)
    first[0] = last[-1] = 1
    known: dict[int, Cells] = {}
    needed = _needed(table, node)
    for index in sorted(needed):
        code, a, b = table.nodes.entries[index]
        match code:
            case Code.CONSTANT:
                found = np.full(height, a, np.int64)
            case Code.LOCAL:
                found = local[:, a]
            case Code.NEXT:
                found = following[:, a]
            case Code.PUBLIC:
                found = np.full(height, publics[a], np.int64)
            case Code.IS_FIRST:
                found = first
            case Code.IS_LAST:
                found = last
            case Code.IS_TRANSITION:
                found = 1 - last
            case Code.ADD:
                found = known[a] + known[b]
            case Code.SUB:
                found = known[a] - known[b]
            case _:
                found = known[a] * known[b]
        known[index] = found % P
    return known[node]


def _needed(table: LoweredTable, node: int) -> set[int]:
    needed, pending = set(), [node]
    while pending:
        index = pending.pop()
        if index not in needed:
            needed.add(index)
            code, a, b = table.nodes.entries[index]
            if code in (Code.ADD, Code.SUB, Code.MUL):
                pending += (a, b)
    return needed


def rolled(cells: Cells) -> Cells:
    """The row after each row; after the last comes the first."""
    return np.roll(cells, -1, axis=0)


def broken(
    table: LoweredTable, local: Cells, following: Cells, publics: tuple[int, ...] = ()
) -> dict[str, set[int]]:
    """Per sentence that is not zero everywhere, the rows where it is not."""
    found: dict[str, set[int]] = {}
    for constraint in table.constraints:
        rows = np.flatnonzero(values(table, constraint.node, local, following, publics))
        if len(rows):
            found.setdefault(constraint.sentence, set()).update(int(row) for row in rows)
    return found


def out_of_range(table: LoweredTable, local: Cells) -> set[int]:
    """The real rows on which a range check finds no counterpart."""
    found: set[int] = set()
    for message in table.messages:
        if message.bus not in RANGES:
            continue
        counts = values(table, message.count, local, rolled(local))
        fields = [values(table, node, local, rolled(local)) for node in message.fields]
        if message.bus is U16:
            outside = fields[0] >= 1 << 16
        elif message.bus is BYTE_PAIR:
            outside = (fields[0] >= 1 << 8) | (fields[1] >= 1 << 8)
        else:
            outside = fields[1] >= 1 << fields[0]
        found.update(int(row) for row in np.flatnonzero(outside & (counts != 0)))
    return found
