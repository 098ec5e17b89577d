"""A watcher: verifies a batch in full before it signs, since the contract believes it."""

from collections.abc import Iterator

from eth_account.signers.local import LocalAccount

from novate.air import Machine
from novate.chain import Address, Attestation, Deployment, address_of, attest
from novate.ledger import VERSION, DataMismatch, Statement, advance
from novate.nodes.bundle import BatchBundle, BundleRefused, shown
from novate.nodes.genesis import Genesis, domain_of
from novate.nodes.rebuilder import rebuild_from_chain
from novate.nodes.verification import verify
from novate.units import NamedError


class AttestationRefused(NamedError):
    """A watcher does not sign; nothing is wrong with the watcher."""

    def __init__(self, *, what: str, expected: object, found: object) -> None:
        super().__init__(f"{what}: expected {shown(expected)}, found {shown(found)}")
        self.what, self.expected, self.found = what, expected, found


class Watcher:
    """One of the n whose signatures the attested verifier counts.

    It trusts its own program, its own copy of genesis and its own view of the chain; the bundle may
    come from anyone.
    """

    def __init__(
        self, deployment: Deployment, genesis: Genesis, *, machine: Machine, key: LocalAccount
    ) -> None:
        self._deployment, self._genesis = deployment, genesis
        self._machine, self.key = machine, key

    @property
    def address(self) -> Address:
        """How the verifier contract knows this watcher."""
        return address_of(self.key)

    def attest(self, bundle: BatchBundle) -> Attestation:
        """Sign for a bundle that is the chain's next batch, verified and rebuilt here and now.

        In this order: the program that the contract names is the one installed here; the proof
        verifies at this watcher's level of security; every field that the contract holds in
        storage is as stated; genesis, the chain's data and this batch on top lead to the new root.

        Raises: AttestationRefused for the first that fails.
        """
        program_hash = self._deployment.program_hash
        require("program of the contract", self._machine.program.hash, program_hash)
        try:
            verify(bundle, self._machine, program_hash=program_hash)
        except BundleRefused as refusal:
            raise AttestationRefused(
                what=refusal.what, expected=refusal.expected, found=refusal.found
            ) from refusal
        for field, expected in self._stored(bundle.statement):
            require(field, expected, getattr(bundle.statement, field))
        self._rebuild(bundle)
        return attest(
            self.key,
            chain_id=self._deployment.chain.chain_id,
            verifier=self._deployment.verifier.address,
            program_hash=program_hash,
            statement_hash=bundle.statement.hash,
        )

    def _rebuild(self, bundle: BatchBundle) -> None:
        try:
            head = rebuild_from_chain(self._deployment, self._genesis)
            advance(head, bundle.statement, bundle.data)
        except DataMismatch as mismatch:
            raise AttestationRefused(
                what=mismatch.field, expected=mismatch.rebuilt, found=mismatch.claimed
            ) from mismatch
        except ValueError as error:
            raise AttestationRefused(
                what="data section", expected="records of the ledger", found=error
            ) from error

    def _stored(self, statement: Statement) -> Iterator[tuple[str, object]]:
        """Fields of the statement as the contracts hold them.

        One at a time: what follows is only asked for once what came before is as expected.
        """
        deployment, domain = self._deployment, domain_of(self._deployment)
        settlement, inbox = deployment.settlement, deployment.inbox
        yield "version", VERSION
        yield "chain_id", domain.chain_id
        yield "contract", domain.contract
        yield "batch_number", deployment.batch_number + 1
        yield "old_root", deployment.state_root
        yield "configuration_hash", deployment.configuration_hash
        yield "inbox_from", settlement.call("inbox_position")
        yield "inbox_to", min(statement.inbox_to, inbox.call("size"))
        yield "inbox_hash_before", inbox.call("hash_at", statement.inbox_from)
        yield "inbox_hash_after", inbox.call("hash_at", statement.inbox_to)
        yield "supply_before", settlement.call("supply")


def require(what: str, expected: object, found: object) -> None:
    """Go on only if what was found is what was expected.

    Raises: AttestationRefused.
    """
    if expected != found:
        raise AttestationRefused(what=what, expected=expected, found=found)
