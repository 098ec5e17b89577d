"""Attacks on a program: every cell of satisfied traces changed, every constraint taken away, every
answer asked for twice.

Three questions, per table:

1. *Refused?* Each cell is changed alone on the first, the middle, the last and other telling rows,
and on
   padding. A change must break a sentence or a bus. On padding rows a change may also pass
   unnoticed, as long as the row says nothing by it.
2. *Necessary?* A constraint is necessary if some attack is refused by it alone. The attacks are the
   single changes; the same with carries, derived columns and multiplicities filled in again by a
   clever cheat; rows moved, doubled or resurrected in padding; directions that, to first order,
   move nothing else; and cheating traces written by hand.
3. *Determined?* Given what a table receives, are the fields it sends locally unique? A field that
only
   ranges determine (a limb, a carry, a rounded quotient) is listed with the cells it hangs on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, TypeAlias

import numpy as np

from novate import _stark
from novate.air.gradient import Gradient, Here, System, Variable, gradients
from novate.air.kind import Below, Bit, Choice, Element, Kind, Signed, Vector
from novate.air.lowering import LoweredTable
from novate.air.program import Program
from novate.air.statement import Direction
from novate.air.table import scalars
from novate.air.witness import InputRefused, Trace, column_values, matrix
from novate.field import P

Patch: TypeAlias = tuple[int, int, int, int]
"""Table, row, cell, new value."""

ROWS_MAX = 24
"""So many telling rows of a table are attacked; directions are searched on the first few."""
DIRECTION_ROWS_MAX = 6
SHIFTED_ROWS_MAX = 256


@dataclass(frozen=True, slots=True)
class Mutant:
    """A change of traces, in words and in cells."""

    what: str
    patches: tuple[Patch, ...]


@dataclass(slots=True)
class TableReport:
    """What the attacks showed about one table."""

    name: str
    mutants: int = 0
    survivors: list[str] = field(default_factory=list)
    """Single changes that nothing refused."""
    constraints: list[str] = field(default_factory=list)
    necessary: dict[int, str] = field(default_factory=dict)
    """By constraint: an attack that it alone refuses."""
    independent: set[int] = field(default_factory=set)
    """Constraints without such an attack that do not follow from the others to first order."""
    messages: list[str] = field(default_factory=list)
    needed_messages: dict[int, str] = field(default_factory=dict)
    determined: list[str] = field(default_factory=list)
    by_ranges: dict[str, tuple[str, ...]] = field(default_factory=dict)
    free: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def refused(self) -> int:
        """Single changes that something refused."""
        return self.mutants - len(self.survivors)

    @property
    def unneeded(self) -> list[str]:
        """Sentences that no attack was refused by alone, and that follow from the others to first
        order."""
        return [
            text
            for i, text in enumerate(self.constraints)
            if i not in self.necessary and i not in self.independent
        ]

    @property
    def unproven(self) -> list[str]:
        """Sentences that are independent of the others, but for which no attack was found."""
        return [self.constraints[i] for i in sorted(self.independent - set(self.necessary))]

    def __str__(self) -> str:
        lines = [
            f"table {self.name}: {_share(self.refused, self.mutants)} mutants refused, "
            f"{_share(len(self.necessary), len(self.constraints))} constraints and "
            f"{_share(len(self.needed_messages), len(self.messages))} lookups shown necessary"
        ]
        lines += [f"  not refused: {text}" for text in self.survivors[:20]]
        if len(self.survivors) > 20:
            lines.append(f"  and {len(self.survivors) - 20} more")
        lines += [f"  follows from the others: {text}" for text in self.unneeded]
        lines += [f"  independent, no attack found: {text}" for text in self.unproven]
        for text, cells in self.by_ranges.items():
            lines.append(f"  {text} is determined by ranges of {_some(cells)}")
        for text, cells in self.free.items():
            lines.append(f"  {text} is an input: {_some(cells)}")
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class AttackReport:
    """What the attacks showed about a program, table by table."""

    tables: tuple[TableReport, ...]

    def __getitem__(self, name: str) -> TableReport:
        for table in self.tables:
            if table.name == name:
                return table
        raise KeyError(name)

    @property
    def mutants(self) -> int:
        """Single changes tried."""
        return sum(table.mutants for table in self.tables)

    @property
    def refused_per_mille(self) -> int:
        """Refused mutants of a thousand, rounded down."""
        return _per_mille(sum(table.refused for table in self.tables), self.mutants)

    @property
    def necessary_per_mille(self) -> int:
        """Constraints of a thousand that alone refuse some attack, rounded down."""
        count = sum(len(table.constraints) for table in self.tables)
        return _per_mille(sum(len(table.necessary) for table in self.tables), count)

    def __str__(self) -> str:
        total = sum(table.refused for table in self.tables)
        constraints = sum(len(table.constraints) for table in self.tables)
        shown = sum(len(table.necessary) for table in self.tables)
        head = (
            f"{_share(total, self.mutants)} mutants refused; "
            f"{_share(shown, constraints)} constraints shown necessary"
        )
        return "\n".join([head, *(str(table) for table in self.tables)])


def attack(
    program: Program,
    traces: Trace | Sequence[Trace],
    *,
    tables: Sequence[str] | None = None,
    cheats: Sequence[Trace | tuple[str, Trace]] = (),
) -> AttackReport:
    """Attack the tables of a program around satisfied traces; more traces show more.

    `cheats` are traces of the same heights as the first, written to deceive one sentence.

    Raises: ValueError when a trace is not satisfied, since then nothing follows.
    """
    honest = [traces] if isinstance(traces, Trace) else list(traces)
    reports = {
        table.name: _blank(table)
        for table in program.tables
        if tables is None or table.name in tables
    }
    filler = _stark.Filler(program.encoding, program.plan)
    for trace in honest:
        broken, unbalanced = filler.check(trace.cells, trace.public_values, 1)
        if broken or unbalanced:
            raise ValueError("only satisfied traces can be attacked: run check() on them")
        for index, table in enumerate(program.tables):
            if table.name in reports and (trace.rows[table.name] or table.real is None):
                _Siege(program, trace, index, filler, reports[table.name]).run()
    for i, cheat in enumerate(cheats):
        name, trace = cheat if isinstance(cheat, tuple) else (f"cheat {i}", cheat)
        mutant = Mutant(name, difference(honest[0], trace))
        _judge(program, honest[0], filler, [mutant], reports, mend=False)
    return AttackReport(tuple(reports.values()))


def difference(honest: Trace, cheating: Trace) -> tuple[Patch, ...]:
    """The cells in which two traces of a program differ.

    Raises: ValueError when their heights differ.
    """
    patches: list[Patch] = []
    for index, (a, b) in enumerate(zip(honest.cells, cheating.cells, strict=True)):
        if a.shape != b.shape:
            raise ValueError(f"tables of {len(a)} and {len(b)} rows: give both the same height")
        patches += [
            (index, int(r), int(c), int(b[r, c])) for r, c in zip(*np.nonzero(a != b), strict=True)
        ]
    return tuple(patches)


def _blank(table: LoweredTable) -> TableReport:
    report = TableReport(table.name)
    report.constraints = [constraint.sentence for constraint in table.constraints]
    report.messages = [
        f"{message.direction.value} {message.bus.name}"
        for message in table.messages
        if message.direction is Direction.LOOKUP
    ]
    return report


def _judge(
    program: Program,
    trace: Trace,
    filler: _stark.Filler,
    mutants: list[Mutant],
    reports: dict[str, TableReport],
    mend: bool,
) -> list[tuple[bool, bool]]:
    """Whether each mutant was refused and whether it spoke; what it shows about necessity is
    noted."""
    if not mutants:
        return []
    patches = [list(mutant.patches) for mutant in mutants]
    verdicts = filler.probe(trace.cells, trace.public_values, patches, mend)
    found = []
    for mutant, (constraints, messages, spoke) in zip(mutants, verdicts, strict=True):
        broken = {(t, c) for t, c, _ in constraints}
        blamed = {(t, m) for t, m, _ in messages}
        if len(broken) == 1 and not blamed:
            ((t, c),) = broken
            name = program.tables[t].name
            if name in reports:
                reports[name].necessary.setdefault(c, mutant.what)
        if len(blamed) == 1 and not broken:
            ((t, m),) = blamed
            lowered = program.tables[t]
            if lowered.name in reports and lowered.messages[m].direction is Direction.LOOKUP:
                reports[lowered.name].needed_messages.setdefault(m, mutant.what)
        found.append((bool(broken or blamed), spoke))
    return found


class _Siege:
    """The attacks on one table of one trace."""

    def __init__(
        self,
        program: Program,
        trace: Trace,
        index: int,
        filler: _stark.Filler,
        report: TableReport,
    ) -> None:
        self._program, self._trace, self._index = program, trace, index
        self._filler, self._report = filler, report
        self._table = program.tables[index]
        self._cells = trace.cells[index]
        self._height = len(self._cells)
        self._count = self._height if self._table.real is None else trace.rows[self._table.name]

    def run(self) -> None:
        rows = self._telling_rows()
        padding = [
            row for row in (self._count, self._height - 1) if self._count <= row < self._height
        ]
        singles = [m for row in dict.fromkeys((*rows, *padding)) for m in self._singles(row)]
        for mutant, (refused, spoke) in zip(singles, self._judge(singles, False), strict=True):
            self._report.mutants += 1
            on_padding = mutant.patches[0][1] >= self._count
            if not refused and (spoke or not on_padding):
                self._report.survivors.append(mutant.what)
        self._judge(singles, True)
        clever = [m for row in rows for m in (*self._clever(row), *self._pairs(row))]
        clever += self._rows_moved()
        self._judge(clever, True)
        self._judge(clever, False)
        self._directions(rows[:DIRECTION_ROWS_MAX])
        for row in rows[:DIRECTION_ROWS_MAX]:
            self._determined(row)

    def _judge(self, mutants: list[Mutant], mend: bool) -> list[tuple[bool, bool]]:
        reports = {self._table.name: self._report}
        return _judge(self._program, self._trace, self._filler, mutants, reports, mend)

    def _telling_rows(self) -> list[int]:
        """First, last, middle; and for each bit a row where it is 0 and one where it is 1."""
        count = self._count
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
        return list(rows)[:ROWS_MAX]

    # single cells

    def _singles(self, row: int) -> Iterator[Mutant]:
        other = (row + 1) % max(1, self._count) if row < self._count else 0
        far = self._count // 2
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
            if int(self._cells[other, cell]) != value:
                swapped = {(row, cell): int(self._cells[other, cell]), (other, cell): value}
                yield self._mutant(f"rows {row} and {other}, {name} swapped", swapped)

    def _mutant(self, what: str, changes: dict[tuple[int, int], int]) -> Mutant:
        patches = ((self._index, row, cell, value) for (row, cell), value in changes.items())
        return Mutant(f"{self._table.name}: {what}", tuple(patches))

    # clever changes

    def _pairs(self, row: int) -> Iterator[Mutant]:
        """Choices taken twice and paid for by a third, and bits moved within a choice."""
        for name, declared in self._table.table.columns.items():
            if not isinstance(declared.kind, Choice):
                continue
            cells = [
                self._table.placed[part.name].limbs[0].cell for part in scalars(name, declared.kind)
            ]
            taken = next((c for c in cells if self._cells[row, c] == 1), cells[0])
            for a in cells:
                if a == taken:
                    continue
                yield self._mutant(
                    f"row {row}, {name} takes another", {(row, taken): 0, (row, a): 1}
                )
                yield self._mutant(
                    f"row {row}, {name} in shares", {(row, taken): 2, (row, a): P - 1}
                )
                yield self._mutant(
                    f"row {row}, {name} in shares", {(row, taken): P - 1, (row, a): 2}
                )
                for b in cells:
                    if b not in (a, taken):
                        both = {(row, taken): 1, (row, a): 1, (row, b): P - 1}
                        yield self._mutant(f"row {row}, {name} taken twice", both)

    def _clever(self, row: int) -> Iterator[Mutant]:
        """An input changed and everything that follows from it computed again."""
        if self._table.real is None:
            return
        for name, declared in self._table.table.columns.items():
            for what, changed in self._other_values(name, declared.kind, row):
                yield from self._recomputed(f"row {row}, {name} {what}", {name: changed}, row)

    def _other_values(self, name: str, kind: Kind, row: int) -> Iterator[tuple[str, Any]]:
        columns = self._row_columns(row)
        value = columns[name][0]
        other = self._row_columns((row + 1) % self._count)[name][0]
        if isinstance(kind, Vector):
            for i in range(kind.length):
                changed = value.copy()
                changed[i] = (int(value[i]) + 1) % P
                yield f"[{i}] plus 1", changed
            yield "as on the next row", other
            return
        value = int(value)
        match kind:
            case Choice(names):
                candidates = list(range(len(names)))
            case Bit():
                candidates = [1 - value]
            case Element():
                candidates = [(value + 1) % P, (value - 1) % P, int(other)]
            case Below() | Signed():
                middle = (kind.low + kind.high) // 2
                candidates = [value + 1, value - 1, int(other), kind.low, kind.high, middle, -value]
        for candidate in dict.fromkeys(candidates):
            if candidate != value:
                yield f"becomes {candidate}", candidate

    def _row_columns(self, row: int) -> dict[str, np.ndarray]:
        return column_values(self._table, self._cells[row : row + 1])

    def _recomputed(self, what: str, changes: dict[str, Any], row: int) -> Iterator[Mutant]:
        table, columns = self._table, self._row_columns(row)
        for name, value in changes.items():
            columns[name] = np.array([value], dtype=columns[name].dtype)
        for follow in (False, True):
            try:
                if follow:
                    self._follow(columns, set(changes))
                filled = matrix(table, columns, 1)[0]
            except (InputRefused, ArithmeticError, ValueError, TypeError):
                continue
            names = {
                part.name for n, c in table.table.columns.items() for part in scalars(n, c.kind)
            }
            cells = {
                limb.cell
                for holders in (table.placed, table.complements)
                for name, placed in holders.items()
                if name in names
                for limb in placed.limbs
            }
            patches = {
                (row, cell): int(filled[cell])
                for cell in cells
                if filled[cell] != self._cells[row, cell]
            }
            if patches:
                yield self._mutant(what, patches)

    def _follow(self, columns: dict[str, np.ndarray], fixed: set[str]) -> None:
        for name, declared in self._table.table.columns.items():
            inner = declared.kind.kind if isinstance(declared.kind, Vector) else declared.kind
            if declared.given is None or name in fixed or isinstance(inner, Element):
                continue
            value = np.asarray(declared.given(SimpleNamespace(**columns)))
            columns[name] = np.broadcast_to(value, columns[name].shape).astype(columns[name].dtype)

    # whole rows

    def _rows_moved(self) -> Iterator[Mutant]:
        """Rows dropped, doubled into padding, moved behind a gap, exchanged, or counted twice."""
        table, count, height = self._table, self._count, self._height
        if table.real is None or count == 0:
            return
        empty = np.zeros(len(table.cells), dtype=np.uint32)
        rows = {row: self._cells[row] for row in range(count)}
        yield self._rewritten("the last row dropped", {count - 1: empty})
        yield self._rewritten("the first row dropped", {0: empty})
        if count < height:
            yield self._rewritten("the last row doubled", {count: rows[count - 1]})
            yield self._rewritten("the first row doubled at the end", {count: rows[0]})
            last_moved = {count - 1: empty, count: rows[count - 1]}
            yield self._rewritten("the last row moved behind a gap", last_moved)
        if count + 1 < height:
            yield self._rewritten("a row resurrected in padding", {height - 1: rows[count - 1]})
            yield self._rewritten("a row resurrected behind a gap", {count + 1: rows[0]})
            if count <= SHIFTED_ROWS_MAX:
                shifted = {row + 1: cells for row, cells in rows.items()}
                yield self._rewritten("every row one later", {0: empty, **shifted})
        if 1 < count <= SHIFTED_ROWS_MAX:
            earlier = {row - 1: cells for row, cells in rows.items() if row}
            yield self._rewritten("the first row skipped", {**earlier, count - 1: empty})
            yield self._rewritten(
                "first and last exchanged", {0: rows[count - 1], count - 1: rows[0]}
            )
            for row in self._telling_rows():
                if row + 1 < count:
                    pair = {row: rows[row + 1], row + 1: rows[row]}
                    yield self._rewritten(f"rows {row} and {row + 1} exchanged", pair)
        for row in {0, count - 1}:
            twice = (2 * self._cells[row].astype(np.int64) % P).astype(np.uint32)
            yield self._rewritten(f"row {row} counted twice", {row: twice})
            unreal = self._cells[row].copy()
            unreal[table.real] = 2
            yield self._rewritten(f"row {row} twice real", {row: unreal})
        for row in (count, height - 1):
            if count <= row < height:
                for real in (1, 2, P - 1):
                    ghost = empty.copy()
                    ghost[table.real] = real
                    yield self._rewritten(f"padding row {row} is {real} real", {row: ghost})

    def _rewritten(self, what: str, rows: dict[int, np.ndarray]) -> Mutant:
        """Rows replaced, with `has_next` as its definition says."""
        new = {row: np.array(cells) for row, cells in rows.items()}
        has_next, real = self._table.has_next, self._table.real
        if has_next is not None and real is not None:
            for row in {r for at in rows for r in (at, at - 1) if r >= 0}:
                following = row + 1
                cells = (
                    new.get(following, self._cells[following]) if following < self._height else None
                )
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

    # to first order

    def _here(self, row: int) -> Here:
        following = self._cells[(row + 1) % self._height]
        publics = self._trace.public_values[self._index]
        return Here(self._cells[row], following, publics, row, self._height)

    def _directions(self, rows: list[int]) -> None:
        """For each constraint without an attack yet: a change that to first order only it
        notices."""
        table, report = self._table, self._report
        for row in rows:
            missing = [i for i in range(len(report.constraints)) if i not in report.necessary]
            if not missing:
                return
            values, slopes = gradients(table, self._here(row))
            before: list[Gradient] = []
            if row:
                _, earlier = gradients(table, self._here(row - 1))
                before = [
                    {
                        (cell, False): value
                        for (cell, following), value in earlier[c.node].items()
                        if following
                    }
                    for c in table.constraints
                ]
            own = [
                {key: value for key, value in slopes[c.node].items() if not key[1]}
                for c in table.constraints
            ]
            variables: list[Variable] = [(cell, False) for cell in range(len(table.cells))]
            mutants: list[Mutant] = []
            for pinned in (True, False):
                pins: list[Gradient] = []
                for message in table.messages:
                    if values[message.count] == 0 or message.multiplicity is not None:
                        continue
                    if pinned or message.direction is not Direction.LOOKUP:
                        pins += [slopes[node] for node in (message.count, *message.fields)]
                pins = [{k: v for k, v in pin.items() if not k[1]} for pin in pins]
                system = System(
                    [*own, *(g for g in before if g), *(p for p in pins if p)], variables
                )
                for i in missing:
                    direction = system.direction(i)
                    if direction is not None:
                        report.independent.add(i)
                        mutants += self._steps(i, row, direction)
            self._judge(mutants, False)
            self._judge(mutants, True)

    def _steps(self, constraint: int, row: int, direction: np.ndarray) -> Iterator[Mutant]:
        what = f"row {row}, a direction against '{self._report.constraints[constraint]}'"
        scale = [1, P - 1, 2, 1 << 8, 1 << 16]
        moved = np.flatnonzero(direction)
        scale += [pow(int(direction[cell]), -1, P) for cell in moved[:4]]
        for step in scale:
            changes = {
                (row, int(cell)): int(
                    (int(self._cells[row, cell]) + step * int(direction[cell])) % P
                )
                for cell in moved
            }
            yield self._mutant(what, changes)

    def _determined(self, row: int) -> None:
        """Which sent fields follow from the constraints and from what is received, to first
        order."""
        table, report = self._table, self._report
        values, slopes = gradients(table, self._here(row))
        known = [slopes[constraint.node] for constraint in table.constraints]
        for message in table.messages:
            received = message.direction in (Direction.RECEIVE, Direction.LOOKUP)
            if received and values[message.count] and not _is_range(message.bus.name):
                known += [slopes[node] for node in message.fields]
        ranged = self._ranged_cells(values)
        variables: list[Variable] = sorted({key for slope in slopes for key in slope})
        system = System([equation for equation in known if equation], variables)
        for message in table.messages:
            if message.direction not in (Direction.SEND, Direction.PROVIDE):
                continue
            if not values[message.count if message.gate is None else message.gate]:
                continue
            for i, node in enumerate(message.fields):
                name = f"{message.direction.value} {message.bus.name}[{i}]"
                rest = system.rest(slopes[node])
                cells = tuple(
                    ("next " if following else "") + table.cells[cell] for cell, following in rest
                )
                if not rest:
                    if name not in report.determined:
                        report.determined.append(name)
                elif all(cell in ranged for cell, _ in rest):
                    report.by_ranges.setdefault(name, cells)
                else:
                    report.free.setdefault(name, cells)

    def _ranged_cells(self, values: list[int]) -> set[int]:
        return {
            cell
            for message in self._table.messages
            if _is_range(message.bus.name)
            for node in message.fields
            for cell in self._table.nodes.cells(node)
        }


def _is_range(bus: str) -> bool:
    return bus in ("byte_pair", "u16", "narrow")


def _per_mille(part: int, whole: int) -> int:
    return 1000 * part // whole if whole else 1000


def _share(part: int, whole: int) -> str:
    whole_percent, rest = divmod(_per_mille(part, whole), 10)
    return f"{part:,} of {whole:,} ({whole_percent}.{rest} %)"


def _some(cells: tuple[str, ...]) -> str:
    shown = ", ".join(cells[:6])
    return shown if len(cells) <= 6 else f"{shown} and {len(cells) - 6} more"
