"""The operator of a venue: closes batches, has them proven and attested, and settles them."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from novate.chain import Attestation, Receipt
from novate.ledger import Batch
from novate.nodes.prover import Proven, Prover, Stage
from novate.nodes.sequencer import Sequencer
from novate.nodes.settler import Settler
from novate.nodes.watcher import Watcher


@dataclass(frozen=True, slots=True)
class SettledBatch:
    """A batch on its whole way, and what each part of it took."""

    batch: Batch
    proven: Proven
    attestations: tuple[Attestation, ...]
    attestation_s: float
    receipt: Receipt


class Audience:
    """Hears how a batch gets on; this one says nothing."""

    def staged(self, stage: Stage, cells: int | None) -> None:
        """The prover begins a stage; the number of cells once it is known."""

    def proven(self, proven: Proven) -> None:
        """There is a proof, and the prover has verified it."""

    def attested(self, attestation: Attestation) -> None:
        """One more watcher has signed."""


class Operator:
    """Runs the sequencer and the prover. It cannot settle alone: watchers look first."""

    def __init__(
        self,
        sequencer: Sequencer,
        prover: Prover,
        settler: Settler,
        watchers: Sequence[Watcher],
    ) -> None:
        self.sequencer, self.settler = sequencer, settler
        self.watchers = tuple(watchers)
        self._prover = prover

    def close_and_settle(self, audience: Audience) -> SettledBatch:
        """Close the open batch, prove it, let each watcher verify it, and post it.

        The contract takes it for an hour after its window's end (`WINDOW_LAG`). A batch that missed
        the hour is lost: a new sequencer begins from `rebuild_from_chain` with a later window and
        is sent the transactions again; what expired meanwhile drops out.

        Raises: Unproven, AttestationRefused, chain.Reverted; the batch stays closed.
        """
        batch = self.sequencer.close()
        result = self._prover.prove(batch, audience.staged)
        audience.proven(result)
        began = time.perf_counter()
        attestations = []
        for watcher in self.watchers:
            attestations.append(watcher.attest(result.bundle))
            audience.attested(attestations[-1])
        attestation_s = time.perf_counter() - began
        receipt = self.settler.settle(result.bundle, attestations)
        return SettledBatch(batch, result, tuple(attestations), attestation_s, receipt)
