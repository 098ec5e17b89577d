"""Batches on their way to the chain, and back from it."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from eth_account.signers.local import LocalAccount
from eth_hash.auto import keccak

from novate.chain.deployment import Deployment
from novate.chain.failure import Inconsistent
from novate.chain.interface import Event
from novate.chain.receipt import Receipt
from novate.field import Word, word_bytes, word_from_bytes

_DATA_TOPIC: Final = bytes(keccak(b"BatchData(uint256)"))
"""Under it Settlement logs the posted data: raw bytes, not an ABI encoding."""


@dataclass(frozen=True, slots=True)
class Posting:
    """What is posted of a batch; the contract knows, recomputes or checks everything else."""

    batch_number: int
    new_root: Word
    inbox_to: int
    withdrawals: int
    """Number of withdrawal records in `data`."""
    window_start: int
    window_end: int
    supply_after_e6: int
    commitment: Word
    data: bytes
    """The data section (formats.md, section 6)."""

    @property
    def header(self) -> tuple[Any, ...]:
        """The contract's struct Batch."""
        return (
            self.batch_number,
            word_bytes(self.new_root),
            self.inbox_to,
            self.withdrawals,
            self.window_start,
            self.window_end,
            self.supply_after_e6,
            word_bytes(self.commitment),
        )


@dataclass(frozen=True, slots=True)
class PostedBatch:
    """A settled batch as the chain tells it."""

    posting: Posting
    old_root: Word
    inbox_from: int
    chunks: int
    """Number of chunk records in the data."""
    statement_hash: bytes
    block: int
    transaction: bytes


def settle(
    deployment: Deployment, posting: Posting, proof: bytes, *, sender: LocalAccount
) -> Receipt:
    """Settle a batch; anyone may. Raises: Reverted, with the contract's reason."""
    return deployment.settlement.send("settle", posting.header, posting.data, proof, sender=sender)


def read_batches(deployment: Deployment) -> tuple[PostedBatch, ...]:
    """Every settled batch with its data, from the chain's logs alone: enough to rebuild the state.

    Raises: Inconsistent when batches are missing, or do not lead to the contract's state root.
    """
    batches = tuple(_posted(deployment))
    for before, batch in pairwise(batches):
        if batch.old_root != before.posting.new_root:
            raise Inconsistent(f"batch {batch.posting.batch_number} does not follow the one before")
    if [batch.posting.batch_number for batch in batches] != list(range(1, len(batches) + 1)):
        raise Inconsistent("the chain's logs lack a batch")
    if len(batches) != deployment.batch_number:
        raise Inconsistent(f"{len(batches)} batches in the logs, {deployment.batch_number} settled")
    if batches and batches[-1].posting.new_root != deployment.state_root:
        raise Inconsistent("the last batch does not lead to the contract's state root")
    return batches


def _posted(deployment: Deployment) -> Iterator[PostedBatch]:
    settlement, first = deployment.settlement, deployment.from_block
    events = settlement.history("BatchSettled", from_block=first)
    logs = deployment.chain.logs(address=settlement.address, topic=_DATA_TOPIC, from_block=first)
    data = {int.from_bytes(log.topics[1], "big"): log.data for log in logs}
    for event in events:
        if event["number"] not in data:
            raise Inconsistent(f"the chain's logs lack the data of batch {event['number']}")
        yield _batch(event, data[event["number"]])


def _batch(event: Event, data: bytes) -> PostedBatch:
    posting = Posting(
        batch_number=event["number"],
        new_root=word_from_bytes(event["new_root"]),
        inbox_to=event["inbox_to"],
        withdrawals=event["withdrawals"],
        window_start=event["window_start"],
        window_end=event["window_end"],
        supply_after_e6=event["supply_after"],
        commitment=word_from_bytes(event["commitment"]),
        data=data,
    )
    return PostedBatch(
        posting=posting,
        old_root=word_from_bytes(event["old_root"]),
        inbox_from=event["inbox_from"],
        chunks=event["chunks"],
        statement_hash=event["statement_hash"],
        block=event.log.block,
        transaction=event.log.transaction,
    )
