"""The sequencer takes the inbox in order and whole, and refused transactions leave no trace."""

import pytest

import novate.nodes.sequencer
from novate.chain import EmbeddedChain, read_inbox
from novate.ledger import ChainDeposit, ChainRegisterKey, Rejected, Rejection
from novate.nodes import TAKEN_AT, InboxStuck, Walk
from novate.units import Usd

from .scene import begun, believer, bundle_of, settled, traded


def test_every_inbox_entry_is_taken_in_the_order_of_the_inbox() -> None:
    walk = Walk(EmbeddedChain(timestamp=TAKEN_AT.s), believer())
    for person in walk.people:
        walk.enter(person)
    walk.buyer.wallet.deposit(Usd(5))
    _, steps = walk.open_batch()
    kinds = [type(step.transaction) for step in steps]
    assert kinds == [ChainDeposit, ChainRegisterKey, ChainDeposit, ChainRegisterKey, ChainDeposit]
    posted = tuple(record for step in steps for record in step.applied.inbox)
    assert posted == tuple(entry.record for entry in read_inbox(walk.deployment))
    batch = walk.sequencer.close()
    assert batch.statement.inbox_hash_after == walk.deployment.inbox.call("hash_at", 5)


def test_the_next_batch_begins_where_the_last_one_ended() -> None:
    walk = begun()
    settled(walk, bundle_of(traded(walk)))
    walk.writer.wallet.deposit(Usd(7))
    _, steps = walk.open_batch()
    (step,) = steps
    assert isinstance(step.transaction, ChainDeposit)
    assert (step.transaction.position, step.transaction.amount) == (4, Usd(7))


def test_an_entry_that_the_ledger_refuses_stops_the_sequencer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    walk = Walk(EmbeddedChain(timestamp=TAKEN_AT.s), believer())
    walk.enter(walk.buyer)
    # A chain that starts its numbers elsewhere would be a contract that the ledger does not know.
    monkeypatch.setattr(
        novate.nodes.sequencer,
        "inbox_transaction",
        lambda position, record: ChainDeposit(position + 1, 1, 0, bytes(20), Usd(1)),
    )
    with pytest.raises(InboxStuck, match="inbox entry 0") as stuck:
        walk.open_batch()
    assert isinstance(stuck.value.rejection, Rejection)


def test_a_refused_transaction_leaves_the_batch_as_it_was() -> None:
    walk = begun()
    before = walk.sequencer.batch.state
    assert isinstance(walk.withdraw(walk.buyer, Usd(2_001 * 10**6)), Rejected)
    assert walk.sequencer.batch.state == before


def test_the_window_is_the_present_moment_of_the_base_layer() -> None:
    walk = begun()
    batch = walk.sequencer.close()
    assert batch.window.start == batch.window.end == TAKEN_AT
