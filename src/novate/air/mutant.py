"""Changes of satisfied traces, from a single cell to whole rows: what a cheating prover would try
first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, TypeAlias

import numpy as np

from novate.air.kind import Below, Bit, Choice, Element, Scalar, Signed, Vector
from novate.air.lowering import LoweredTable
from novate.air.program import Program
from novate.air.table import scalars
from novate.air.witness import (
    INT64_BITS,
    InputRefused,
    Trace,
    column_values,
    integers,
    matrix,
)
from novate.field import P

Patch: TypeAlias = tuple[int, int, int, int]
"""Table, row, cell, new value."""

ROWS_MAX = 24
CELLS_MAX = 6_000
"""So many telling rows of a table are changed, and fewer of a wide one."""
SHIFTED_ROWS_MAX = 256
"""Tables of more rows are not shifted as a whole."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A change of traces, in words and in cells."""

    what: str
    patches: tuple[Patch, ...]


class Mutants:
    """The changes of one table of one trace."""

    def __init__(self, program: Program, trace: Trace, index: int) -> None:
        self._index, self._table = index, program.tables[index]
        self._cells = trace.cells[index]
        self.height = len(self._cells)
        counted = self._table.real is None
        self.count = self.height if counted else trace.rows[self._table.name]
        self.rows = self._telling_rows()

    def _telling_rows(self) -> list[int]:
        """First, last, middle; and for each bit a row where it is 0 and one where it is 1."""
        count = self.count
        rows = dict.fromkeys(
            row for row in (0, count - 1, count // 2, 1, count - 2) if 0 <= row < count
        )
        for placed in self._table.placed.values():
            if isinstance(placed.kind, Bit):
                column = self._cells[:count, placed.limbs[0].cell]
                for value in (1, 0):
                    found = np.flatnonzero(column == value)
                    if found.size:
                        rows.setdefault(int(found[found.size // 2]))
        return list(rows)[: min(ROWS_MAX, max(3, CELLS_MAX // len(self._table.cells)))]

    def _mutant(self, what: str, changes: Mapping[tuple[int, int], int]) -> Mutant:
        patches = ((self._index, row, cell, value) for (row, cell), value in changes.items())
        return Mutant(f"{self._table.name}: {what}", tuple(patches))

    # single cells

    def single_cells(self) -> Iterator[Mutant]:
        """Each cell changed alone on every telling row, and on the first and last padding row."""
        padding = {r for r in (self.count, self.height - 1) if self.count <= r < self.height}
        for row in (*self.rows, *sorted(padding)):
            yield from self._singles(row)

    def _singles(self, row: int) -> Iterator[Mutant]:
        other = (row + 1) % max(1, self.count) if row < self.count else 0
        far = self.count // 2
        for cell, name in enumerate(self._table.cells):
            value = int(self._cells[row, cell])
            changes = {
                "flipped": (1 - value) % P,
                "plus 1": (value + 1) % P,
                "minus 1": (value - 1) % P,
                "doubled": 2 * value % P,
                "plus 2**16": (value + (1 << 16)) % P,
                f"as on row {other}": int(self._cells[other, cell]),
                f"as on row {far}": int(self._cells[far, cell]),
            }
            seen = {value}
            for how, changed in changes.items():
                if changed not in seen:
                    seen.add(changed)
                    yield self._mutant(f"row {row}, {name}={value} {how}", {(row, cell): changed})
            if self._differ_elsewhere(row, other, cell):
                swapped = {(row, cell): int(self._cells[other, cell]), (other, cell): value}
                yield self._mutant(f"rows {row} and {other}, {name} swapped", swapped)

    def _differ_elsewhere(self, row: int, other: int, cell: int) -> bool:
        """Whether swapping a cell of two rows is more than exchanging the rows."""
        differing = np.flatnonzero(self._cells[row] != self._cells[other])
        return cell in differing and len(differing) > 1

    # columns

    def columns(self) -> Iterator[Mutant]:
        """Choices taken otherwise, limbs that borrow, and inputs changed with all that follows."""
        for row in self.rows:
            yield from self._choices(row)
            yield from self._borrowed(row)
            if self._table.real is not None:
                yield from self._inputs(row)

    def _choices(self, row: int) -> Iterator[Mutant]:
        """Another name taken, or several in shares that still add up to one."""
        for name, declared in self._table.table.columns.items():
            if not isinstance(declared.kind, Choice):
                continue
            cells = [
                self._table.placed[part.name].limbs[0].cell for part in scalars(name, declared.kind)
            ]
            taken = next((c for c in cells if self._cells[row, c] == 1), cells[0])
            for a in (cell for cell in cells if cell != taken):
                for what, (x, y) in {
                    "takes another": (0, 1),
                    "is taken in shares": (2, P - 1),
                    "is taken in other shares": (P - 1, 2),
                }.items():
                    changes = {(row, taken): x, (row, a): y}
                    yield self._mutant(f"row {row}, {name} {what}", changes)
                for b in (cell for cell in cells if cell not in (a, taken)):
                    twice = {(row, taken): 1, (row, a): 1, (row, b): P - 1}
                    yield self._mutant(f"row {row}, {name} is taken twice", twice)

    def _borrowed(self, row: int) -> Iterator[Mutant]:
        """The same integer in limbs out of range: only a range check can notice."""
        for name, placed in self._table.placed.items():
            for low, high in zip(placed.limbs, placed.limbs[1:], strict=False):
                a, b = int(self._cells[row, low.cell]), int(self._cells[row, high.cell])
                yield self._mutant(
                    f"row {row}, {name} borrows at bit {high.position}",
                    {(row, low.cell): (a + (1 << low.bits)) % P, (row, high.cell): (b - 1) % P},
                )

    def _inputs(self, row: int) -> Iterator[Mutant]:
        """A column changed, alone and with everything that follows from it computed again."""
        columns = column_values(self._table, self._cells[row : row + 1])
        following = (row + 1) % self.count
        others = column_values(self._table, self._cells[following : following + 1])
        for name in self._table.table.columns:
            for what, changed in self._other_values(name, columns[name][0], others[name][0]):
                new = {key: values.copy() for key, values in columns.items()}
                new[name] = np.array([changed], dtype=new[name].dtype)
                yield from self._replaced(f"row {row}, {name} {what}", new, row)
                try:
                    self._follow(new, name)
                except (ArithmeticError, TypeError, ValueError):
                    continue  # a rule need not know values outside its domain
                yield from self._replaced(f"row {row}, {name} {what}, and what follows", new, row)

    def _other_values(self, name: str, value: Any, other: Any) -> Iterator[tuple[str, Any]]:
        kind = self._table.table.columns[name].kind
        if isinstance(kind, Vector):
            for i, part in enumerate(scalars(name, kind)):
                for changed in self._other_scalars(part.name, part.kind, int(value[i])):
                    yield f"[{i}] becomes {changed}", _with(value, i, changed)
            yield "as on the next row", other
            return
        if isinstance(kind, Choice):
            found: list[int] = [i for i in range(len(kind.names)) if i != value]
        else:
            found = self._other_scalars(name, kind, int(value))
            found.append(int(other))
        for changed in dict.fromkeys(found):
            if changed != int(value):
                yield f"becomes {changed}", changed

    def _other_scalars(self, name: str, kind: Scalar, value: int) -> list[int]:
        match kind:
            case Bit():
                return [1 - value]
            case Element():
                return [(value + 1) % P, (value - 1) % P]
            case Below() | Signed():
                # each limb of a wide column is changed alone as well: enough, for nothing follows
                limbs = self._table.placed[name].limbs[: 1 if kind.bits >= INT64_BITS else None]
                steps = [1 << limb.position for limb in limbs]
                near = [value + step for s in steps for step in (s, -s)]
                return [*near, kind.low, kind.high, (kind.low + kind.high) // 2, -value]

    def _follow(self, columns: dict[str, np.ndarray], fixed: str) -> None:
        given = {name: self._as_given(name, values) for name, values in columns.items()}
        for name, declared in self._table.table.columns.items():
            inner = declared.kind.kind if isinstance(declared.kind, Vector) else declared.kind
            if declared.given is None or name == fixed or isinstance(inner, Element):
                continue
            value = np.asarray(declared.given(SimpleNamespace(**given)))
            if value.dtype == np.uint8:
                value = integers(value)
            columns[name] = np.broadcast_to(value, columns[name].shape).astype(columns[name].dtype)
            given[name] = self._as_given(name, columns[name])

    def _as_given(self, name: str, values: np.ndarray) -> np.ndarray:
        """A column as rules expect it: wide unsigned integers as bytes."""
        kind = self._table.table.columns[name].kind
        if not isinstance(kind, Below) or kind.bits < INT64_BITS:
            return values
        width = -(-kind.bits // 8)
        joined = b"".join(int(value).to_bytes(width, "little") for value in values)
        return np.frombuffer(joined, dtype=np.uint8).reshape(len(values), width)

    def _replaced(self, what: str, columns: dict[str, np.ndarray], row: int) -> Iterator[Mutant]:
        """A row that holds the given columns, if they are of their kinds."""
        table = self._table
        try:
            filled = matrix(table, columns, 1)[0]
        except (InputRefused, OverflowError):
            return
        changed = {
            (row, cell): int(filled[cell])
            for cell in _declared_cells(table)
            if filled[cell] != self._cells[row, cell]
        }
        if changed:
            yield self._mutant(what, changed)

    # whole rows

    def whole_rows(self) -> Iterator[Mutant]:
        """Rows dropped, doubled, exchanged, counted twice, or brought to life in padding."""
        if self._table.real is None or self.count == 0:
            return
        yield from self._ends_moved()
        yield from self._exchanged()
        yield from self._counted_otherwise()

    def _ends_moved(self) -> Iterator[Mutant]:
        count, height, rows = self.count, self.height, self._cells
        empty = np.zeros(len(self._table.cells), dtype=np.uint32)
        yield self._rewritten("the last row dropped", {count - 1: empty})
        yield self._rewritten("the first row dropped", {0: empty})
        if count < height:
            yield self._rewritten("the last row doubled", {count: rows[count - 1]})
            yield self._rewritten("the first row doubled at the end", {count: rows[0]})
            moved = {count - 1: empty, count: rows[count - 1]}
            yield self._rewritten("the last row moved behind a gap", moved)
        if count + 1 < height:
            yield self._rewritten("a row resurrected in padding", {height - 1: rows[count - 1]})
            yield self._rewritten("a row resurrected behind a gap", {count + 1: rows[0]})

    def _exchanged(self) -> Iterator[Mutant]:
        count, rows = self.count, self._cells
        if count > SHIFTED_ROWS_MAX:
            return
        empty = np.zeros(len(self._table.cells), dtype=np.uint32)
        if count + 1 < self.height:
            later = {row + 1: rows[row] for row in range(count)}
            yield self._rewritten("every row one later", {0: empty, **later})
        if count > 1:
            earlier = {row - 1: rows[row] for row in range(1, count)}
            yield self._rewritten("the first row skipped", {**earlier, count - 1: empty})
            ends = {0: rows[count - 1], count - 1: rows[0]}
            yield self._rewritten("first and last exchanged", ends)
        for row in (row for row in self.rows if row + 1 < count):
            pair = {row: rows[row + 1], row + 1: rows[row]}
            yield self._rewritten(f"rows {row} and {row + 1} exchanged", pair)

    def _counted_otherwise(self) -> Iterator[Mutant]:
        real = self._table.real
        for row in sorted({0, self.count - 1}):
            twice = (2 * self._cells[row].astype(np.int64) % P).astype(np.uint32)
            yield self._rewritten(f"row {row} counted twice", {row: twice})
        for row in sorted({0, self.count - 1, self.count, self.height - 1}):
            for value in (1, 2, P - 1):
                if row < self.height and self._cells[row, real] != value:
                    ghost = self._cells[row].copy()
                    ghost[real] = value
                    yield self._rewritten(f"row {row} is {value} real", {row: ghost})

    def _rewritten(self, what: str, rows: Mapping[int, np.ndarray]) -> Mutant:
        """Rows replaced, with `has_next` as its definition says."""
        new = {row: np.array(cells) for row, cells in rows.items()}
        has_next, real = self._table.has_next, self._table.real
        if has_next is not None and real is not None:
            for row in {r for at in rows for r in (at, at - 1) if r >= 0}:
                following = row + 1
                inside = following < self.height
                cells = new.get(following, self._cells[following]) if inside else None
                changed = new.setdefault(row, self._cells[row].copy())
                changed[has_next] = 0 if cells is None else cells[real]
        return self._mutant(
            what,
            {
                (row, int(cell)): int(cells[cell])
                for row, cells in new.items()
                for cell in np.flatnonzero(cells != self._cells[row])
            },
        )


def _with(values: np.ndarray, index: int, value: int) -> np.ndarray:
    changed = values.copy()
    changed[index] = value
    return changed


def _declared_cells(table: LoweredTable) -> list[int]:
    """The cells of columns and of what lies between them and their bounds."""
    names = [part.name for n, c in table.table.columns.items() for part in scalars(n, c.kind)]
    return [
        limb.cell
        for name in names
        for placed in (table.placed[name], table.complements.get(name))
        if placed is not None
        for limb in placed.limbs
    ]
