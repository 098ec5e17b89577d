"""Checking traces without a proof: which sentence fails on which row, which message has no
counterpart."""

from __future__ import annotations

from dataclasses import dataclass

from novate import _stark
from novate.air.program import Program
from novate.air.witness import Trace

FINDINGS_MAX = 32


@dataclass(frozen=True, slots=True)
class BrokenSentence:
    """A sentence that is not zero on a row, with the cells it reads there."""

    table: str
    sentence: str
    row: int
    cells: tuple[tuple[str, int], ...]

    def __str__(self) -> str:
        values = ", ".join(f"{name}={value}" for name, value in self.cells[:24])
        return f"table {self.table}, row {self.row}: '{self.sentence}' does not hold ({values})"


@dataclass(frozen=True, slots=True)
class UnbalancedMessage:
    """A message whose sends and receives, or uses and provisions, do not cancel."""

    bus: str
    fields: tuple[tuple[str, tuple[int, ...]], ...]
    surplus: int
    table: str
    row: int

    def __str__(self) -> str:
        fields = ", ".join(
            f"{name}={values[0] if len(values) == 1 else list(values)}"
            for name, values in self.fields
        )
        side = "too many" if self.surplus > 0 else "too few"
        return (
            f"bus {self.bus}: {side} by {abs(self.surplus)}: ({fields}), "
            f"last seen in table {self.table}, row {self.row}"
        )


Finding = BrokenSentence | UnbalancedMessage


def check(program: Program, trace: Trace) -> list[Finding]:
    """What is wrong with the traces: empty when every sentence holds and every bus balances.

    The same arithmetic as the prover's, on every row; at most 32 findings of each kind.
    """
    filler = _stark.Filler(program.encoding, program.plan)
    broken, unbalanced = filler.check(trace.cells, trace.public_values, FINDINGS_MAX)
    findings: list[Finding] = [_sentence(program, trace, *found) for found in broken]
    findings += [_message(program, *found) for found in unbalanced]
    return findings


def _sentence(
    program: Program, trace: Trace, table: int, constraint: int, row: int
) -> BrokenSentence:
    lowered = program.tables[table]
    found = lowered.constraints[constraint]
    cells = trace.cells[table]
    read = sorted(lowered.nodes.cells(found.node))
    return BrokenSentence(
        lowered.name,
        found.sentence,
        row,
        tuple((lowered.cells[cell], int(cells[row, cell])) for cell in read),
    )


def _message(
    program: Program, bus_index: int, values: list[int], surplus: int, table: int, row: int
) -> UnbalancedMessage:
    from novate.air.kind import message_elements

    bus = program.buses[bus_index]
    fields = []
    at = 0
    for name, kind in bus.fields.items():
        count = message_elements(kind)
        fields.append((name, tuple(values[at : at + count])))
        at += count
    return UnbalancedMessage(bus.name, tuple(fields), surplus, program.tables[table].name, row)
