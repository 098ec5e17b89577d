"""Determinism to first order: which fields that a table sends follow from what it receives.

The Jacobian of a table's constraints on one satisfied row, with the fields it receives or looks up
held fixed, is reduced; what is left of a sent field names the cells it still hangs on. Nothing
left: the field is locally unique. Only cells with range checks left: the field is the limb, carry,
quotient or gap that a range makes unique, as the table's docstring argues. Anything else is an
input: a choice that this table leaves to the prover, and that whoever receives it must bind.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from novate.air.gradient import Here, System, Variable, gradients
from novate.air.lowering import LoweredMessage, LoweredTable
from novate.air.program import RANGES
from novate.air.statement import Direction
from novate.air.witness import Trace


@dataclass(slots=True)
class Determinism:
    """Fields that a table sends, by what fixes them, with the cells that each still hangs on."""

    by_equations: set[str] = field(default_factory=set)
    by_ranges: dict[str, set[str]] = field(default_factory=dict)
    inputs: dict[str, set[str]] = field(default_factory=dict)

    def note(self, name: str, cells: set[str], *, ranged: bool) -> None:
        """What one row shows of a field; the weakest row counts."""
        if not cells:
            self.by_equations.add(name)
        elif ranged:
            self.by_ranges.setdefault(name, set()).update(cells)
        else:
            self.inputs.setdefault(name, set()).update(cells)

    def settle(self) -> None:
        """Count every field once, by its weakest row."""
        for name in self.inputs:
            self.by_ranges.pop(name, None)
        self.by_equations -= {*self.by_ranges, *self.inputs}


def determine(table: LoweredTable, trace: Trace, index: int, row: int, found: Determinism) -> None:
    """Add what one satisfied row shows about the fields it sends."""
    cells = trace.cells[index]
    here = Here(
        cells[row], cells[(row + 1) % len(cells)], trace.public_values[index], row, len(cells)
    )
    values, slopes = gradients(table, here)
    equations = [slopes[constraint.node] for constraint in table.constraints]
    for message in table.messages:
        if _is_received(message) and values[message.count]:
            equations += [slopes[node] for node in message.fields]
    variables: list[Variable] = list(dict.fromkeys(key for slope in slopes for key in slope))
    system = System([equation for equation in equations if equation], variables)
    ranged = _ranged(table)
    for message in table.messages:
        gate = message.count if message.gate is None else message.gate
        if message.direction not in (Direction.SEND, Direction.PROVIDE) or not values[gate]:
            continue
        for i, node in enumerate(message.fields):
            rest = system.rest(slopes[node])
            found.note(
                f"{message.direction.value} {message.bus.name}[{i}]",
                {("next " if following else "") + table.cells[cell] for cell, following in rest},
                ranged=all(cell in ranged for cell, _ in rest),
            )


def _is_received(message: LoweredMessage) -> bool:
    received = message.direction in (Direction.RECEIVE, Direction.LOOKUP)
    return received and message.bus not in RANGES


def _ranged(table: LoweredTable) -> set[int]:
    return {
        cell
        for message in table.messages
        if message.bus in RANGES
        for node in message.fields
        for cell in table.nodes.cells(node)
    }
