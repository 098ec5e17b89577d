"""A walk on an embedded chain, without the minutes that proofs take: a machine that believes."""

from dataclasses import dataclass
from typing import Any, cast

from novate.air import Machine, Security
from novate.chain import EmbeddedChain
from novate.ledger import Applied, Batch, Rejected
from novate.nodes import FILLS, TAKEN_AT, BatchBundle, Walk, Watcher

PROGRAM_HASH = bytes(range(32))


@dataclass(frozen=True)
class _Program:
    hash: bytes


class Believer:
    """Stands where a machine stands, and accepts every proof: what is left is everything else."""

    security_bits = 0

    def __init__(
        self, *, program_hash: bytes = PROGRAM_HASH, security: Security = Security.FULL
    ) -> None:
        self.program = _Program(program_hash)
        self.security = security
        self.verified = 0

    def verify(self, proof: bytes, public_values: object) -> None:
        """Accept."""
        self.verified += 1


def believer(**settings: Any) -> Machine:
    """A machine that accepts every proof."""
    return cast(Machine, Believer(**settings))


def begun(machine: Machine | None = None) -> Walk:
    """A walk whose traders have deposited and registered; batch 1 holds the inbox."""
    walk = Walk(EmbeddedChain(timestamp=TAKEN_AT.s), machine or believer())
    for person in walk.people:
        walk.enter(person)
    walk.open_batch()
    return walk


def traded(walk: Walk) -> Batch:
    """The closed batch of two fills."""
    offer = walk.offer()
    for order_slot, size in enumerate(FILLS):
        accepted(walk.fill(offer, walk.bid(size, order_slot=order_slot), size))
    return walk.sequencer.close()


def paid_out(walk: Walk) -> Batch:
    """The closed batch of settlement and withdrawals."""
    walk.expire()
    walk.open_batch()
    accepted(walk.pay_out(walk.reports()))
    for person in walk.people:
        accepted(walk.withdraw(person, walk.free(person)))
    return walk.sequencer.close()


def bundle_of(batch: Batch, *, machine: Machine | None = None) -> BatchBundle:
    """A bundle whose proof only a believer accepts."""
    machine = machine or believer()
    return BatchBundle(
        security=machine.security,
        program_hash=machine.program.hash,
        statement=batch.statement,
        data=batch.section.data,
        proof=b"a proof",
    )


def settled(walk: Walk, bundle: BatchBundle) -> None:
    """Attest and settle a bundle."""
    watchers = walk.operator.watchers
    walk.operator.settler.settle(bundle, [watcher.attest(bundle) for watcher in watchers])


def watcher_of(walk: Walk, machine: Machine) -> Watcher:
    """A watcher of the walk's deployment with a machine of its own."""
    key = walk.operator.watchers[0].key
    return Watcher(walk.deployment, walk.genesis, machine=machine, key=key)


def accepted(result: Applied | Rejected) -> Applied:
    """What an allowed transaction did."""
    assert isinstance(result, Applied), result.rejection
    return result
