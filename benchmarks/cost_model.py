"""What the parts of a program cost to prove: cells, constraints, messages, lookups, tables.

Each figure is a difference between programs that differ in one thing. All are proven in turn, round
after round, so that a slow minute of the machine falls on all of them. Times are of the processor,
all cores together: what another process takes does not count. The median of each program counts,
and `spread` is what lies between its quartiles, as a part of it. The parameters are those of 100
bits without the grinding, which is luck and is measured by itself.
"""

import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from novate import _stark
from novate.air import (
    Machine,
    Program,
    Row,
    Statement,
    Table,
    Trace,
    element,
    equal,
    permutation_bus,
    receive,
    send,
    trace,
    unsigned,
    vector,
)
from novate.field import P

LOG_HEIGHT = 18
LOG_ROWS = 15
ROUNDS = 7
GRINDINGS = 15
MORE = 240
TABLES = 64
GROUP = 16
"""Columns of a group: factors a, one factor b sixteen times, products c = a*b and d = a*b*b."""

FIELDS = (1, 2, 4, 8, 16, 32)
BUSES = {n: permutation_bus(f"m{n}", "what comes back", value=vector(element(), n)) for n in FIELDS}


@dataclass(frozen=True)
class Shape:
    """What a program has beside four groups of cells and 32 constraints of degree 2 a row."""

    cells: int = 0
    bits: int | None = None
    """The range of the cells, or None: any element."""
    quadratic: int = 0
    cubic: int = 0
    messages: int = 0
    fields: int = 1
    tables: int = 0


SHAPES = {
    "plain": Shape(),
    "cells": Shape(cells=MORE),
    "quadratic": Shape(quadratic=MORE),
    "cubic few": Shape(cubic=1),
    "cubic": Shape(cubic=1 + MORE),
    "tables": Shape(tables=TABLES),
    # The backend gives messages slots, a power of two in all and one more than there are messages:
    # 16 a row for 14, 32 a row for 16 and for 30.
    "messages 14": Shape(messages=14),
    "messages 16": Shape(messages=16),
    **{f"fields {n}": Shape(messages=30, fields=n) for n in FIELDS},
    # A range table speaks too: as much as 4 messages a row of the model, or 1 if it is the narrow
    # one. With these, 15 and 31.
    "pairs few": Shape(cells=22, bits=8),
    "pairs": Shape(cells=54, bits=8),
    "narrow few": Shape(cells=14, bits=12),
    "narrow": Shape(cells=30, bits=12),
    "u16 few": Shape(cells=11, bits=16),
    "u16": Shape(cells=27, bits=16),
}


class Small(Table):
    """A table of a few rows, as most tables of a program are."""

    a, b, c = element(), element(), element()

    @classmethod
    def constrain(cls, row: Row) -> Iterator[Statement]:
        yield equal("a product", row.c, row.a * row.b)


def model(shape: Shape) -> type[Table]:
    """The table of a shape."""

    class Model(Table):
        """Products, and what the shape adds to them."""

        a, b = vector(element(), GROUP), vector(element(), GROUP)
        c, d = vector(element(), GROUP), vector(element(), GROUP)
        total = element()
        if shape.cells:
            more = vector(unsigned(shape.bits) if shape.bits else element(), shape.cells)

        @classmethod
        def constrain(cls, row: Row) -> Iterator[Statement]:
            a, b, c, d = row.a, row.b, row.c, row.d
            yield equal("the total", row.total, sum(getattr(row, "more", ()), 0 * row.total))
            for i in range(GROUP):
                yield equal(f"a product {i}", c[i], a[i] * b[i])
                yield equal(f"its product {i}", d[i], c[i] * b[i])
            for k in range(shape.quadratic):
                i, j = k % GROUP, 1 + k // GROUP
                yield equal(f"quadratic {k}", c[i], a[i] * b[(i + j) % GROUP])
            for k in range(shape.cubic):
                i, j = k % GROUP, k // GROUP
                cube = a[i] * b[j % GROUP] * b[(j + 1 + i % 5) % GROUP]
                yield equal(f"cubic {k}", d[i], cube)
            cells = (*a, *c, *d)
            for k in range(shape.messages // 2):
                value = [cells[(k + n) % len(cells)] for n in range(shape.fields)]
                yield send(BUSES[shape.fields], value=value)
                yield receive(BUSES[shape.fields], value=value)

    return Model


def subject(shape: Shape) -> Trace:
    """A satisfied trace of a program of this shape."""
    rows = 1 << LOG_ROWS
    random = np.random.default_rng(1)
    a = random.integers(0, P, (rows, GROUP))
    b = np.broadcast_to(random.integers(0, P, (rows, 1)), (rows, GROUP))
    c = a * b % P
    columns = {"a": a, "b": b, "c": c, "d": c * b % P, "total": np.zeros(rows, dtype=np.int64)}
    if shape.cells:
        limit = 1 << shape.bits if shape.bits else P
        columns["more"] = random.integers(0, limit, (rows, shape.cells))
        columns["total"] = columns["more"].sum(axis=1) % P
    small = [type(f"Small{i}", (Small,), {}) for i in range(shape.tables)]
    few = np.arange(16)
    product = {"a": few, "b": few, "c": few * few}
    inputs = {"model": columns} | {table.name: product for table in small}
    return trace(Program([model(shape), *small]), inputs)


def seconds(subject: Trace) -> tuple[float, float]:
    """Of the processor, and of the clock, for one proof without grinding."""
    began = time.process_time()
    program = subject.program
    clock = _stark.prove_seconds(program.encoding, LOG_HEIGHT, subject.cells, subject.public_values)
    return time.process_time() - began, clock


def run(rounds: int = ROUNDS) -> dict[str, Any]:
    """The figures, in microseconds of the processor; ten minutes on two cores."""
    subjects = {name: subject(shape) for name, shape in SHAPES.items()}
    times: dict[str, list[float]] = {name: [] for name in subjects}
    shares = []
    for number in range(rounds):
        for name, each in subjects.items():
            processor, clock = seconds(each)
            times[name].append(processor)
            shares.append(processor / clock)
        print(f"round {number + 1} of {rounds}", file=sys.stderr)
    middle = {name: statistics.median(found) for name, found in times.items()}
    return {
        "rows": 1 << LOG_ROWS,
        "rounds": rounds,
        "cores_busy": statistics.median(shares),
        "spread": {name: spread(found) for name, found in times.items()},
        "seconds": middle,
        **figures(middle, 1 << LOG_ROWS),
        **fixed(),
    }


def spread(found: list[float]) -> float:
    """What lies between the quartiles, as a part of the median."""
    low, middle, high = statistics.quantiles(found, n=4)
    return (high - low) / middle


def figures(middle: dict[str, float], rows: int) -> dict[str, Any]:
    """Microseconds a row of each part; and the same in cells."""

    def each(more: str, less: str, count: int) -> float:
        return 1e6 * (middle[more] - middle[less]) / (count * rows)

    cell = each("cells", "plain", MORE)
    said = each("fields 1", "messages 16", 14)
    slot = each("messages 16", "messages 14", 16) - said / 8
    wider = {n: each(f"fields {n}", "fields 1", 30) for n in FIELDS}
    lookups = {"pairs": 2, "narrow": 1, "u16": 1}
    parts = {
        "cell": cell,
        "constraint_degree_2": each("quadratic", "plain", MORE),
        "constraint_degree_3": each("cubic", "cubic few", MORE),
        **{f"message_{n}": said + slot + wider[n] for n in FIELDS},
        "message_slot": slot,
        **{
            f"lookup_{kind}": each(kind, f"{kind} few", 16) - cells * cell
            for kind, cells in lookups.items()
        },
    }
    return {
        "us": parts,
        "cells": {name: us / cell for name, us in parts.items()},
        "us_per_table": 1e6 * (middle["tables"] - middle["plain"]) / TABLES,
        "us_first_cubic": 1e6 * (middle["cubic few"] - middle["plain"]),
    }


def fixed() -> dict[str, float]:
    """Milliseconds of a proof of next to nothing: without its grinding, and the grinding's mean."""
    program = Program([Small])
    random = np.random.default_rng(2)
    machine = Machine(program)
    without, whole = [], []
    for _ in range(GRINDINGS):
        a, b = random.integers(0, P, (2, 16))
        each = trace(program, {"small": {"a": a, "b": b, "c": a * b % P}})
        without.append(seconds(each)[0])
        began = time.process_time()
        machine.prove(each)
        whole.append(time.process_time() - began)
    least = statistics.median(without)
    return {
        "fixed_ms": 1e3 * least,
        "grinding_ms": 1e3 * (statistics.mean(whole) - least),
        "grinding_ms_deviation": 1e3 * statistics.stdev(whole),
    }
