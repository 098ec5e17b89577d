"""Attacks on a program: every cell of satisfied traces changed, every constraint taken away, every
answer asked for twice.

Three questions, per table:

1. *Refused?* Each cell is changed alone on the first, the middle, the last and other telling rows,
   and on padding. A change must break a sentence or a bus. On padding rows a change may also pass
   unnoticed, as long as the row says nothing by it.
2. *Necessary?* A constraint is necessary if some attack is refused by it alone: take it away and
   the attack succeeds. Attacks are judged by sentences and range checks, with derived cells,
   carries and multiplicities filled in again; the other tables are the cheat's own, so whatever
   the row says to them finds an answer. What the language says by itself in every table (`real` is
   a bit, a choice is taken once, ...) is counted apart.
3. *Determined?* Given what a table receives, are the fields it sends locally unique?
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from novate import _stark
from novate.air.determined import Determinism, determine
from novate.air.lowering import LoweredTable
from novate.air.mutant import Mutant, Mutants
from novate.air.program import RANGES, Program
from novate.air.ranges import Bytes, Narrow
from novate.air.statement import Direction, Sentence
from novate.air.witness import Trace

DETERMINED_ROWS_MAX = 6
SHOWN_MAX = 20


@dataclass(slots=True)
class TableReport:
    """What the attacks showed about one table.

    `survivors` are single changes that nothing refused; `idle` are changes of carries and quotients
    that nobody notices because their sentence is silent on that row. `constraints` are the author's
    and `language` those that the language adds, by index and sentence; `necessary` gives for a
    constraint an attack that it alone refuses, `needed_lookups` the same for range checks.
    """

    name: str
    constraints: dict[int, str]
    language: dict[int, str]
    lookups: int
    mutants: int = 0
    survivors: list[str] = field(default_factory=list)
    idle: list[str] = field(default_factory=list)
    necessary: dict[int, str] = field(default_factory=dict)
    needed_lookups: dict[int, str] = field(default_factory=dict)
    determinism: Determinism = field(default_factory=Determinism)

    @classmethod
    def of(cls, table: LoweredTable) -> TableReport:
        """A report in which nothing has been shown yet."""
        own = {said.name for said in table.statements if isinstance(said, Sentence)}
        named = [constraint.sentence for constraint in table.constraints]
        return cls(
            table.name,
            constraints={i: name for i, name in enumerate(named) if name in own},
            language={i: name for i, name in enumerate(named) if name not in own},
            lookups=sum(message.bus in RANGES for message in table.messages),
        )

    @property
    def refused(self) -> int:
        """Single changes that something refused."""
        return self.mutants - len(self.survivors)

    @property
    def unproven(self) -> dict[int, str]:
        """The author's constraints without an attack: each wants a cheat, a reason, or to go."""
        return {i: name for i, name in self.constraints.items() if i not in self.necessary}

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        shown = len(self.constraints) - len(self.unproven)
        own = sum(i in self.necessary for i in self.language)
        yield f"table {self.name}"
        yield f"  {_share(self.refused, self.mutants)} mutants refused"
        yield (
            f"  {_share(shown, len(self.constraints))} constraints shown necessary, and {own} of "
            f"{len(self.language)} of the language's own and {len(self.needed_lookups)} of "
            f"{self.lookups} range checks"
        )
        yield from (f"  not refused: {text}" for text in self.survivors[:SHOWN_MAX])
        if len(self.survivors) > SHOWN_MAX:
            yield f"  and {len(self.survivors) - SHOWN_MAX} more"
        for name, count in Counter(self.unproven.values()).items():
            yield f"  no attack found: {name}" + (f" ({count} constraints)" if count > 1 else "")
        known = self.determinism
        yield (
            f"  of the fields it sends, {len(known.by_equations)} are determined by equations, "
            f"{len(known.by_ranges)} by ranges, {len(known.inputs)} are inputs"
        )
        if known.by_ranges:
            yield f"  ranges that determine: {_some(known.by_ranges)}"
        if known.inputs:
            yield f"  inputs: {_some(known.inputs)}"


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

    def __str__(self) -> str:
        refused = sum(table.refused for table in self.tables)
        constraints = sum(len(table.constraints) for table in self.tables)
        unproven = sum(len(table.unproven) for table in self.tables)
        head = (
            f"{_share(refused, self.mutants)} mutants refused; "
            f"{_share(constraints - unproven, constraints)} constraints shown necessary"
        )
        return "\n".join([head, *(str(table) for table in self.tables)])


def attack(
    program: Program, traces: Trace | Sequence[Trace], *, tables: Sequence[str] | None = None
) -> AttackReport:
    """Attack the named tables (all but the range tables) around satisfied traces; more traces show
    more.

    Raises: ValueError when a trace is not satisfied, since then nothing follows.
    """
    honest = [traces] if isinstance(traces, Trace) else list(traces)
    reports = {
        table.name: TableReport.of(table)
        for table in program.tables
        if (table.name in tables if tables is not None else table.table not in (Bytes, Narrow))
    }
    filler = _stark.Filler(program.encoding, program.plan)
    for trace in honest:
        broken, unbalanced = filler.check(trace.cells, trace.public_values, 1)
        if broken or unbalanced:
            raise ValueError("only satisfied traces can be attacked: run check() on them")
        for index, table in enumerate(program.tables):
            if table.name in reports and (trace.rows[table.name] or table.real is None):
                _Siege(program, trace, index, filler, reports[table.name]).run()
    for report in reports.values():
        report.determinism.settle()
    return AttackReport(tuple(reports.values()))


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

    def run(self) -> None:
        mutants = Mutants(self._program, self._trace, self._index)
        singles, whole_rows = list(mutants.single_cells()), list(mutants.whole_rows())
        for mutant, verdict in self._judged(singles, mend=False):
            self._refused(mutant, verdict, mutants.count)
        self._judged(whole_rows, mend=False)
        self._judged([*singles, *mutants.columns(), *whole_rows], mend=True)
        for row in mutants.rows[:DETERMINED_ROWS_MAX]:
            determine(self._table, self._trace, self._index, row, self._report.determinism)

    def _judged(self, mutants: list[Mutant], *, mend: bool) -> list[tuple[Mutant, _stark.Verdict]]:
        """What each mutant breaks; what it shows is noted."""
        patches = [list(mutant.patches) for mutant in mutants]
        cells, publics = self._trace.cells, self._trace.public_values
        judged = list(zip(mutants, self._filler.probe(cells, publics, patches, mend), strict=True))
        for mutant, verdict in judged:
            self._note(mutant, verdict)
        return judged

    def _refused(self, mutant: Mutant, verdict: _stark.Verdict, count: int) -> None:
        constraints, messages, spoke = verdict
        report, refused = self._report, bool(constraints or messages)
        _, row, cell, _ = mutant.patches[0]
        hidden = self._table.cells[cell].startswith(("carry ", "quotient of "))
        if hidden and not refused and not spoke:
            report.idle.append(mutant.what)
            return
        report.mutants += 1
        if not refused and (spoke or row < count):
            report.survivors.append(mutant.what)

    def _note(self, mutant: Mutant, verdict: _stark.Verdict) -> None:
        constraints, messages, _ = verdict
        broken = {(t, c) for t, c, _ in constraints}
        ranges = {(t, m) for t, m, _ in messages if self._is_range_check(t, m)}
        if len(broken) == 1 and not ranges:
            ((_, constraint),) = broken
            self._report.necessary.setdefault(constraint, mutant.what)
        if len(ranges) == 1 and not broken:
            ((_, lookup),) = ranges
            self._report.needed_lookups.setdefault(lookup, mutant.what)

    def _is_range_check(self, table: int, message: int) -> bool:
        said = self._program.tables[table].messages[message]
        return said.bus in RANGES and said.direction is Direction.LOOKUP


def _share(part: int, whole: int) -> str:
    tenths = 1000 * part // whole if whole else 1000
    return f"{part:,} of {whole:,} ({tenths // 10}.{tenths % 10} %)"


def _some(fields: dict[str, set[str]]) -> str:
    cells = sorted({cell for hanging in fields.values() for cell in hanging})
    shown = ", ".join(cells[:SHOWN_MAX])
    return shown if len(cells) <= SHOWN_MAX else f"{shown} and {len(cells) - SHOWN_MAX} more"
