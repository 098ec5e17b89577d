"""What a proof costs: the language against hand-written AIRs, signatures, hashing, a batch of
fills, the demo."""

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.walk import fills
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
    trace,
    unsigned,
    vector,
)
from novate.circuits import SIGNATURE_TABLES, batch_trace, program, public_values
from novate.field import P

FACTORS = 32
LOG_ROWS = 18
FILLS = 500


class Mixed(Table):
    """32 products a row, one factor of each ranged to 16 bits: the table that `bare.rs` writes by
    hand."""

    a = vector(unsigned(16), FACTORS)
    b, c = vector(element(), FACTORS), vector(element(), FACTORS)

    @classmethod
    def constrain(cls, row: Row) -> Iterator[Statement]:
        for i, (a, b, c) in enumerate(zip(row.a, row.b, row.c, strict=True)):
            yield equal(f"product {i}", c, a * b)


def run() -> dict[str, Any]:
    """All figures; takes several minutes and about eight gigabytes."""
    figures: dict[str, Any] = {}
    figures |= language_and_bare()
    figures |= hashing()
    figures |= batch()
    figures |= demo()
    figures["peak_bytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return figures


def timed(function: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds and result."""
    began = time.perf_counter()
    result = function()
    return time.perf_counter() - began, result


def language_and_bare() -> dict[str, Any]:
    """The same table through the language and by hand, in turn, twice; the better of each."""
    mixed = Program([Mixed])
    rows = 1 << LOG_ROWS
    random = np.random.default_rng(1)
    a = random.integers(0, 1 << 16, (rows, FACTORS))
    b = random.integers(0, P, (rows, FACTORS))
    traces = trace(mixed, {"mixed": {"a": a, "b": b, "c": a * b % P}})
    machine = Machine(mixed)
    ours, bare = [], []
    for _ in range(2):
        ours.append(timed(lambda: machine.prove(traces))[0])
        bare.append(timed(lambda: _stark.bare_prove(LOG_ROWS, *traces.cells))[0])
    cells = traces.total_cells
    return {
        "security_bits": machine.security_bits,
        "cells": cells,
        "us_per_cell": 1e6 * min(ours) / cells,
        "us_per_cell_bare": 1e6 * min(bare) / cells,
        "language_over_bare": min(ours) / min(bare),
    }


def hashing() -> dict[str, Any]:
    """Compressions in one call, on all cores; cells of a permutation."""
    words = np.random.default_rng(2).integers(0, P, (1 << 20, 8)).astype(np.uint32)
    seconds = min(timed(lambda: _stark.poseidon2_compress_many(words, words))[0] for _ in range(3))
    return {
        "compressions_per_second": len(words) / seconds,
        "cells_per_permutation": len(program()["poseidon2"].cells),
    }


def batch() -> dict[str, Any]:
    """A batch of fills: witness, proof, verification; and what of it is signatures."""
    closed = fills(FILLS)
    machine = Machine(program())
    witness_seconds, traces = timed(lambda: batch_trace(closed))
    proof_seconds, proof = timed(lambda: machine.prove(traces))
    values = public_values(closed.statement)
    verify_seconds = min(timed(lambda: machine.verify(proof, values))[0] for _ in range(5))
    signatures = traces.rows["signed_message"]
    per_signature = _per_signature(traces, signatures)
    return {
        **per_signature,
        "fills": FILLS,
        "signatures": signatures,
        "batch_security_bits": machine.security_bits,
        "batch_cells": traces.total_cells,
        "cells_per_fill": _cells(traces) / FILLS,
        "fills_per_second": FILLS / (witness_seconds + proof_seconds),
        "witness_seconds": witness_seconds,
        "proof_seconds": proof_seconds,
        "witness_share": witness_seconds / (witness_seconds + proof_seconds),
        "us_per_signature": per_signature["signature_share"] * 1e6 * proof_seconds / signatures,
        "verify_ms": 1e3 * verify_seconds,
        "proof_bytes": len(proof),
    }


def _per_signature(traces: Trace, signatures: int) -> dict[str, Any]:
    """Cells and lookups of the signature tables on real rows, the fixed table aside."""
    names = {table.name for table in SIGNATURE_TABLES if table.counted is None}
    tables = [table for table in traces.program.tables if table.name in names]
    cells = sum(traces.rows[table.name] * len(table.cells) for table in tables)
    lookups = sum(traces.rows[table.name] * table.lookups for table in tables)
    cost = sum(traces.rows[table.name] * table.cost for table in tables)
    whole = sum(traces.rows[table.name] * table.cost for table in traces.program.tables)
    return {
        "cells_per_signature": cells / signatures,
        "lookups_per_signature": lookups / signatures,
        "signature_share": cost / whole,
    }


def _cells(traces: Trace) -> int:
    """Cells of real rows: what the batch needs before heights are rounded up."""
    return sum(traces.rows[table.name] * len(table.cells) for table in traces.program.tables)


def demo() -> dict[str, Any]:
    """The demo as a user runs it."""
    with tempfile.TemporaryDirectory() as folder:
        command = [str(Path(sys.executable).with_name("novate")), "demo"]
        seconds, _ = timed(
            lambda: subprocess.run(command, cwd=folder, check=True, capture_output=True)
        )
    return {"demo_seconds": seconds}
