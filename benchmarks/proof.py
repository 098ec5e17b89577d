"""What a proof costs: the language against hand-written AIRs, signatures, hashing, a batch of
fills, the demo."""

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.signatures import signatures
from benchmarks.walk import fills
from novate import _stark
from novate.air import (
    Machine,
    Program,
    Row,
    Statement,
    Table,
    Trace,
    check,
    element,
    equal,
    trace,
    unsigned,
    vector,
)
from novate.circuits import SIGNATURE_TABLES, batch_trace, program, public_values
from novate.field import P

FACTORS = 32
LOG_HEIGHT = LOG_ROWS = 18
PAIRS = 3
FILLS = 500
FILLS_CHECKED = 1_000
SIGNATURES = 248
"""33 rows of the ladder each: so many fill 2**13 rows, and twice as many fill 2**14."""


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
    figures |= signing()
    figures |= checking()
    figures |= demo()
    return figures


def timed(function: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds and result."""
    began = time.perf_counter()
    result = function()
    return time.perf_counter() - began, result


def language_and_bare(rows: int = 1 << LOG_ROWS) -> dict[str, Any]:
    """The same table through the language and by hand, in turn, on other data each time.

    The grinding of a proof is luck, so the two are compared without it.
    """
    mixed = Program([Mixed])
    machine = Machine(mixed)
    random = np.random.default_rng(1)
    seconds: dict[str, list[float]] = {"whole": [], "ours": [], "bare": []}
    for _ in range(PAIRS):
        a = random.integers(0, 1 << 16, (rows, FACTORS))
        b = random.integers(0, P, (rows, FACTORS))
        traces = trace(mixed, {"mixed": {"a": a, "b": b, "c": a * b % P}})
        seconds["whole"].append(timed(partial(machine.prove, traces))[0])
        seconds["ours"].append(_without_grinding(traces))
        seconds["bare"].append(_stark.bare_seconds(LOG_HEIGHT, *traces.cells))
    whole, ours, bare = (statistics.median(found) for found in seconds.values())
    cells = traces.total_cells
    return {
        "security_bits": machine.security_bits,
        "cells": cells,
        "us_per_cell": 1e6 * ours / cells,
        "us_per_cell_with_grinding": 1e6 * whole / cells,
        "us_per_cell_bare": 1e6 * bare / cells,
        "language_over_bare": ours / bare,
    }


def _without_grinding(traces: Trace) -> float:
    encoding = traces.program.encoding
    return _stark.prove_seconds(encoding, LOG_HEIGHT, traces.cells, traces.public_values)


def hashing() -> dict[str, Any]:
    """Compressions in one call, on all cores; cells of a permutation."""
    words = np.random.default_rng(2).integers(0, P, (1 << 20, 8)).astype(np.uint32)
    seconds = min(timed(lambda: _stark.poseidon2_compress_many(words, words))[0] for _ in range(3))
    return {
        "compressions_per_second": len(words) / seconds,
        "cells_per_permutation": len(program()["poseidon2"].cells),
    }


def batch(count: int = FILLS) -> dict[str, Any]:
    """A batch of fills: witness, proof, verification; and what of it is signatures."""
    closed = fills(count)
    machine = Machine(program())
    witness_seconds, traces = timed(lambda: batch_trace(closed))
    proof_seconds, proof = timed(lambda: machine.prove(traces))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    values = public_values(closed.statement)
    verify_seconds = min(timed(lambda: machine.verify(proof, values))[0] for _ in range(5))
    signatures = traces.rows["signed_message"]
    return {
        **_per_signature(traces, signatures),
        "fills": count,
        "signatures": signatures,
        "batch_security_bits": machine.security_bits,
        "batch_cells": traces.total_cells,
        "cells_per_fill": _cells(traces) / count,
        "fills_per_second": count / (witness_seconds + proof_seconds),
        "witness_seconds": witness_seconds,
        "proof_seconds": proof_seconds,
        "witness_share": witness_seconds / (witness_seconds + proof_seconds),
        "verify_ms": 1e3 * verify_seconds,
        "proof_bytes": len(proof),
        "peak_bytes": peak,
    }


def signing(count: int = SIGNATURES) -> dict[str, Any]:
    """What one more signature costs to prove: twice as many less as many, without grinding."""
    few, many = (
        min(_without_grinding(traces) for _ in range(2))
        for traces in (signatures(count), signatures(2 * count))
    )
    return {"us_per_signature": 1e6 * (many - few) / count}


def checking(count: int = FILLS_CHECKED) -> dict[str, Any]:
    """A check of every sentence and message of a batch, without a proof."""
    traces = batch_trace(fills(count))
    seconds, findings = timed(lambda: check(program(), traces))
    assert not findings, findings[0]
    return {"check_seconds_1000_fills": seconds}


def _per_signature(traces: Trace, signatures: int) -> dict[str, Any]:
    """Cells and lookups of the signature tables on real rows, the fixed table aside."""
    names = {table.name for table in SIGNATURE_TABLES if table.counted is None}
    tables = [table for table in traces.program.tables if table.name in names]
    cells = sum(traces.rows[table.name] * len(table.cells) for table in tables)
    lookups = sum(traces.rows[table.name] * table.lookups for table in tables)
    return {
        "cells_per_signature": cells / signatures,
        "lookups_per_signature": lookups / signatures,
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
