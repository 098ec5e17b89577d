"""Statements of the ledger on their way to the chain, and back from it."""

from novate.chain.deployment import Deployment
from novate.chain.failure import Inconsistent
from novate.chain.inbox import read_inbox
from novate.chain.posting import PostedBatch, Posting, read_batches
from novate.field import word_from_bytes
from novate.ledger import EMPTY_INBOX, VERSION, Statement, data_challenge, data_value


def posting_of(statement: Statement, data: bytes) -> Posting:
    """What is posted of a batch with this statement and this data section."""
    return Posting(
        batch_number=statement.batch_number,
        new_root=statement.new_root,
        inbox_to=statement.inbox_to,
        withdrawals=statement.withdrawals,
        window_start=statement.window_start,
        window_end=statement.window_end,
        supply_after_e6=statement.supply_after,
        commitment=statement.commitment,
        data=data,
    )


def read_statements(deployment: Deployment) -> tuple[tuple[Statement, bytes], ...]:
    """Every settled batch as its statement and its data: what `novate.ledger.rebuild` takes.

    Each statement is put together from the chain alone, and its hash is the one that the verifier
    accepted. Raises: Inconsistent otherwise.
    """
    hashes = [EMPTY_INBOX, *(entry.hash for entry in read_inbox(deployment))]
    configuration, supply = deployment.configuration_hash, 0
    found = []
    for batch in read_batches(deployment):
        posting = batch.posting
        words = tuple(
            word_from_bytes(posting.data[i : i + 32]) for i in range(0, len(posting.data), 32)
        )
        challenge = data_challenge(posting.data, posting.commitment)
        statement = Statement(
            version=VERSION,
            batch_number=posting.batch_number,
            chain_id=deployment.chain.chain_id,
            contract=deployment.settlement.address,
            old_root=batch.old_root,
            new_root=posting.new_root,
            inbox_from=batch.inbox_from,
            inbox_to=posting.inbox_to,
            inbox_hash_before=hashes[batch.inbox_from],
            inbox_hash_after=hashes[posting.inbox_to],
            configuration_hash=configuration,
            window_start=posting.window_start,
            window_end=posting.window_end,
            withdrawals=posting.withdrawals,
            chunks=batch.chunks,
            supply_before=supply,
            supply_after=posting.supply_after_e6,
            commitment=posting.commitment,
            challenge=challenge,
            value=data_value(words, challenge),
        )
        supply = posting.supply_after_e6
        found.append((_accepted(statement, batch), posting.data))
    return tuple(found)


def _accepted(statement: Statement, batch: PostedBatch) -> Statement:
    if statement.hash != batch.statement_hash:
        raise Inconsistent(
            f"the statement of batch {statement.batch_number} is not the one that was accepted"
        )
    return statement
