"""The sequencer takes the inbox in order and whole, and refused transactions leave no trace."""

import pytest

import novate.nodes.sequencer
from novate.chain import EmbeddedChain, Reverted, read_inbox
from novate.ledger import ChainDeposit, ChainRegisterKey, Rejected, Rejection
from novate.nodes import FILLS, TAKEN_AT, InboxStuck, Sequencer, Walk
from novate.units import Usd

from .scene import accepted, begun, believer, bundle_of, settled, traded


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


@pytest.mark.parametrize(("waiting", "taken"), [(255, 255), (256, 256), (257, 256)])
def test_no_more_entries_are_taken_than_the_contract_asks_of_a_batch(
    waiting: int, taken: int
) -> None:
    walk = Walk(EmbeddedChain(timestamp=TAKEN_AT.s), believer())
    for _ in range(waiting):
        walk.buyer.wallet.deposit(Usd(1))
    _, steps = walk.open_batch()
    assert len(steps) == taken
    assert not walk.sequencer.take_inbox()  # not even when asked again
    settled(walk, bundle_of(walk.sequencer.close()))
    _, rest = walk.open_batch()
    assert len(rest) == waiting - taken


@pytest.mark.parametrize("late_s", [3_599, 3_600])
def test_a_batch_is_settled_within_an_hour_of_its_window(late_s: int) -> None:
    walk = begun()
    bundle = bundle_of(traded(walk))
    walk.deployment.chain.set_time(TAKEN_AT.s + late_s)
    settled(walk, bundle)
    assert walk.deployment.batch_number == 1


def test_a_batch_that_missed_the_hour_is_closed_again_without_what_expired() -> None:
    walk = begun()
    offer, bid = walk.offer(), walk.bid(FILLS[0], order_slot=0)
    accepted(walk.fill(offer, bid, FILLS[0]))
    missed = bundle_of(walk.sequencer.close())
    walk.deployment.chain.set_time(TAKEN_AT.s + 3_601)
    with pytest.raises(Reverted, match="window end before the oldest"):
        settled(walk, missed)
    walk.operator.sequencer = Sequencer(walk.deployment, walk.rebuilt())
    _, steps = walk.open_batch()
    assert len(steps) == 4  # the inbox is served again
    again = walk.fill(offer, bid, FILLS[0])
    assert isinstance(again, Rejected)
    assert again.rejection.code == "order_expired"
    fresh = walk.bid(FILLS[0], order_slot=0)
    accepted(walk.fill(walk.offer(), fresh, FILLS[0]))
    settled(walk, bundle_of(walk.sequencer.close()))
    assert walk.deployment.batch_number == 1


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
