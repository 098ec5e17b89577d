"""A program: all tables of a proof, lowered, with one canonical encoding and one hash."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence
from functools import cached_property

from novate.air.lowering import Fill, LoweredTable, ProgramRefused, RangeBuses, lower
from novate.air.ranges import BYTE_PAIR, NARROW, U16, Bytes, Narrow
from novate.air.statement import Bus, Direction, Discipline
from novate.air.table import Table

RANGES = (BYTE_PAIR, U16, NARROW)
RANGE_BUSES = RangeBuses(*RANGES)
MAGIC = b"novate-1"


class Program:
    """Tables that speak to each other on buses; the range tables are added by themselves.

    Raises: ProgramRefused when a table or a bus is not sound as written, naming it.
    """

    def __init__(self, tables: Sequence[type[Table]]) -> None:
        self.tables: list[LoweredTable] = [lower(table, RANGE_BUSES) for table in tables]
        used = {message.bus.name for table in self.tables for message in table.messages}
        if used & {BYTE_PAIR.name, U16.name}:
            self.tables.append(lower(Bytes, RANGE_BUSES))
        if NARROW.name in used:
            self.tables.append(lower(Narrow, RANGE_BUSES))
        names = [table.name for table in self.tables]
        for name in names:
            if names.count(name) > 1:
                raise ProgramRefused(f"two tables are called {name}")
        self.buses = self._buses()

    def __getitem__(self, name: str) -> LoweredTable:
        for table in self.tables:
            if table.name == name:
                return table
        known = ", ".join(table.name for table in self.tables)
        raise KeyError(f"no table {name}; the program has {known}")

    def _buses(self) -> list[Bus]:
        buses: dict[str, Bus] = {}
        parts: dict[str, set[Direction]] = {}
        for table in self.tables:
            for message in table.messages:
                known = buses.setdefault(message.bus.name, message.bus)
                if known is not message.bus:
                    raise ProgramRefused(
                        f"bus {message.bus.name} has two meanings: '{known.meaning}' and "
                        f"'{message.bus.meaning}'"
                    )
                parts.setdefault(message.bus.name, set()).add(message.direction)
                provides = message.direction is Direction.PROVIDE
                if provides and known in RANGES and table.table not in (Bytes, Narrow):
                    raise ProgramRefused(
                        f"table {table.name} provides {known.name}: every range check relies on it"
                    )
        for name, bus in buses.items():
            if bus.discipline is Discipline.PERMUTATION:
                needed = {Direction.SEND, Direction.RECEIVE}
            else:
                needed = {Direction.LOOKUP, Direction.PROVIDE}
            # a range table offers several buses, and a program may need only some of them
            absent = needed - parts[name]
            if absent and bus not in RANGES:
                missing = " and ".join(sorted(direction.value for direction in absent))
                raise ProgramRefused(f"bus {name}: no table {missing} on it")
        return list(buses.values())

    @cached_property
    def encoding(self) -> bytes:
        """The canonical bytes: the same on every platform, Python and hash seed."""
        index = {bus.name: i for i, bus in enumerate(self.buses)}
        parts = [MAGIC, _u32(len(self.buses))]
        parts += [_name(_bus_text(bus)) for bus in self.buses]
        parts.append(_u32(len(self.tables)))
        for table in self.tables:
            parts += _table(table, index)
        return b"".join(parts)

    @cached_property
    def hash(self) -> bytes:
        """SHA-256 of the encoding: what a proof is relative to."""
        return hashlib.sha256(self.encoding).digest()

    @cached_property
    def plan(self) -> bytes:
        """How hidden cells and multiplicities are filled: read by the witness kernel, not by any
        verifier."""
        parts = [_u32(len(self.tables))]
        for table in self.tables:
            real = 0xFFFFFFFF if table.real is None else table.real
            parts.append(_u32(real, len(table.fills)))
            parts += [_fill(fill) for fill in table.fills]
            provides = [
                (i, message.multiplicity, message.gate)
                for i, message in enumerate(table.messages)
                if message.multiplicity is not None and message.gate is not None
            ]
            parts.append(_u32(len(provides)))
            parts += [_u32(*provided) for provided in provides]
        return b"".join(parts)


def _fill(fill: Fill) -> bytes:
    head = _u32(fill.kind, fill.cell, fill.node, fill.shift)
    quotient = fill.quotient
    if quotient is None:
        return head
    digits = [value for digit in quotient.digits for value in digit]
    limbs = [value for limb in quotient.limbs for value in (limb.cell, limb.position, limb.bits)]
    return head + b"".join(
        [
            _u32(len(quotient.digits), *digits),
            _u32(len(quotient.limbs), *limbs),
            *(_integer(value) for value in (quotient.modulus, quotient.bound)),
        ]
    )


def _integer(value: int) -> bytes:
    words = -(-value.bit_length() // 32)
    return _u32(words, *((value >> (32 * i)) & 0xFFFFFFFF for i in range(words)))


def _u32(*values: int) -> bytes:
    return struct.pack(f"<{len(values)}I", *values)


def _name(text: str) -> bytes:
    raw = text.encode()
    return _u32(len(raw)) + raw


def _bus_text(bus: Bus) -> str:
    fields = ", ".join(f"{name}: {kind}" for name, kind in bus.fields.items())
    return f"{bus.name}({fields}): {bus.meaning}; {bus.discipline.value}"


def _table(table: LoweredTable, bus_index: dict[str, int]) -> list[bytes]:
    parts = [_name(table.name), _u32(len(table.cells))]
    parts += [_name(cell) for cell in table.cells]
    parts.append(_u32(table.table.public_values, len(table.nodes.entries)))
    parts += [_u32(*entry) for entry in table.nodes.entries]
    parts.append(_u32(len(table.constraints)))
    for constraint in table.constraints:
        parts += [_name(constraint.sentence), _u32(constraint.node)]
    parts.append(_u32(len(table.messages)))
    for message in table.messages:
        fields = message.fields
        parts.append(
            _u32(bus_index[message.bus.name], message.count, message.weight, len(fields), *fields)
        )
    return parts
