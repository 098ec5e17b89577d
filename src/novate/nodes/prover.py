"""From a closed batch to a bundle: witness, proof, and a first verification."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from novate.air import Finding, Machine, ProofRefused, Trace, check
from novate.circuits import batch_trace, public_values
from novate.ledger import Batch
from novate.nodes.bundle import BatchBundle
from novate.units import NamedError


class Stage(Enum):
    """What the prover is at."""

    WITNESS = "filling the tables"
    CHECK = "checking every sentence"
    PROOF = "proving"
    VERIFICATION = "verifying our own proof"


Progress = Callable[[Stage, int | None], None]
"""Told at the beginning of each stage, with the number of cells once it is known."""


@dataclass(frozen=True, slots=True)
class Proven:
    """A bundle, and what it took to make it."""

    bundle: BatchBundle
    cells: int
    witness_s: float
    proof_s: float
    verification_s: float


class Unproven(NamedError):
    """The ledger closed a batch whose tables the circuits refuse: one of the two is wrong."""

    def __init__(self, *, batch_number: int, findings: list[Finding]) -> None:
        named = "; ".join(str(finding) for finding in findings[:3]) or "no sentence is broken"
        super().__init__(f"batch {batch_number} has no proof: {named}")
        self.batch_number, self.findings = batch_number, findings


class Prover:
    """Proves batches with one machine, at its level of security."""

    def __init__(self, machine: Machine, *, checked: bool = False) -> None:
        self._machine, self._checked = machine, checked

    def prove(self, batch: Batch, progress: Progress = lambda stage, cells: None) -> Proven:
        """The proven batch, in a bundle that verified here.

        Raises: Unproven, naming what the tables break.
        """
        began = time.perf_counter()
        progress(Stage.WITNESS, None)
        trace = batch_trace(batch)
        witnessed = time.perf_counter()
        if self._checked:
            progress(Stage.CHECK, trace.total_cells)
            self._require(batch, trace)
        started = time.perf_counter()
        progress(Stage.PROOF, trace.total_cells)
        proof = self._machine.prove(trace)
        proved = time.perf_counter()
        progress(Stage.VERIFICATION, trace.total_cells)
        try:
            self._machine.verify(proof, public_values(batch.statement))
        except ProofRefused as refusal:
            self._require(batch, trace)
            raise Unproven(batch_number=batch.statement.batch_number, findings=[]) from refusal
        verified = time.perf_counter()
        bundle = BatchBundle(
            security=self._machine.security,
            program_hash=self._machine.program.hash,
            statement=batch.statement,
            data=batch.section.data,
            proof=proof,
        )
        return Proven(
            bundle=bundle,
            cells=trace.total_cells,
            witness_s=witnessed - began,
            proof_s=proved - started,
            verification_s=verified - proved,
        )

    def _require(self, batch: Batch, trace: Trace) -> None:
        findings = check(self._machine.program, trace)
        if findings:
            raise Unproven(batch_number=batch.statement.batch_number, findings=findings)
