"""Posts proven batches on the base layer; the contract asks who vouches, not who posts."""

from collections.abc import Iterable

from eth_account.signers.local import LocalAccount

from novate.chain import Attestation, Deployment, Posting, Receipt, attested_proof, settle
from novate.nodes.bundle import BatchBundle


class Settler:
    """Pays for the transaction that moves the state root."""

    def __init__(self, deployment: Deployment, key: LocalAccount) -> None:
        self._deployment, self._key = deployment, key

    def settle(self, bundle: BatchBundle, attestations: Iterable[Attestation]) -> Receipt:
        """Post a batch with the words of its watchers.

        Raises: chain.Reverted, with the contract's reason.
        """
        proof = attested_proof(attestations)
        return settle(self._deployment, posting_of(bundle), proof, sender=self._key)


def posting_of(bundle: BatchBundle) -> Posting:
    """What is posted of a bundle: all that the contract cannot know by itself."""
    statement = bundle.statement
    return Posting(
        batch_number=statement.batch_number,
        new_root=statement.new_root,
        inbox_to=statement.inbox_to,
        withdrawals=statement.withdrawals,
        window_start=statement.window_start,
        window_end=statement.window_end,
        supply_after_e6=statement.supply_after,
        commitment=statement.commitment,
        data=bundle.data,
    )
