"""Ledger and contracts agree: a batch of the one is settled by the other, and rebuilt from it."""

import pytest
from eth_account import Account

from novate.chain import (
    EmbeddedChain,
    address_of,
    attach,
    claim,
    read_batches,
    register_key,
)
from novate.ledger import Head, rebuild

from .ledger_scene import Venue, genesis, opened_venue, posting_of
from .scene import ALICE, DAY, DEPLOYER, NOW, USD, A, refused


@pytest.fixture
def venue() -> Venue:
    """Deposits in one batch; a key and a withdrawal in the next."""
    made = opened_venue(EmbeddedChain(timestamp=NOW))
    made.settled()
    made.register()
    made.settled(made.withdraw(400 * USD))
    return made


def test_the_contract_accepts_the_ledgers_batches_and_pays(venue: Venue) -> None:
    assert venue.deployment.state_root == venue.head.root
    assert claim(venue.deployment, ALICE).amount_e6 == 400 * USD
    assert venue.deployment.token.call("balanceOf", A) == 400 * USD


def test_the_state_is_rebuilt_from_the_data_on_the_chain(venue: Venue) -> None:
    found = attach(venue.deployment.chain, venue.deployment.settlement.address)
    posted = read_batches(found)
    assert [batch.statement_hash for batch in posted] == [s.hash for s in venue.statements]
    data = [batch.posting.data for batch in posted]
    genesis_head = Head.genesis(genesis(found.settlement.address))
    head = rebuild(genesis_head, zip(venue.statements, data, strict=True))
    assert head.root == found.state_root
    assert head.state.words == venue.head.state.words
    assert head.batch_number == found.batch_number + 1


FORCED, QUEUED = 256, 800
DATA_BYTES_MAX = 98_304
KEYHOLDERS = [Account.from_key(i.to_bytes(32, "big")) for i in range(1_001, 1_065)]
"""64 owners, so that 256 registrations take each of their four key slots once."""


@pytest.fixture
def overdue() -> Venue:
    """A queue of 800 records, all past their deadline: 256 first deposits, 256 keys for distinct
    words, 288 first deposits; every deposit for a new owner.
    """
    chain = EmbeddedChain(timestamp=NOW)
    made = opened_venue(chain)
    made.settled()
    owners = [address_of(owner) for owner in KEYHOLDERS]
    owners += [i.to_bytes(20, "big") for i in range(1, QUEUED - FORCED - len(owners) + 1)]
    token, vault = made.deployment.token, made.deployment.vault
    token.send("mint", A, len(owners), sender=DEPLOYER)
    token.send("approve", vault.address, len(owners), sender=ALICE)
    for owner in owners[:FORCED]:
        vault.send("deposit", owner, 1, sender=ALICE)
    for i, owner in enumerate(KEYHOLDERS):
        for slot in (1, 2, 3, 4):
            register_key(made.deployment, owner, slot=slot, x=10 * i + slot, y=2, deadline=NOW)
    for owner in owners[FORCED:]:
        vault.send("deposit", owner, 1, sender=ALICE)
    chain.set_time(NOW + 7 * DAY + 1)
    assert made.deployment.inbox.call("size") - made.head.state.venue.cursor == QUEUED
    return made


def attempt(venue: Venue, *, upto: int) -> None:
    """Settle and keep nothing."""
    batch = venue.closed(upto=upto)
    posting, proof = posting_of(batch), venue.proof(batch.statement.hash)
    venue.deployment.settlement.call("settle", posting.header, posting.data, proof)


def test_more_overdue_records_than_a_batch_can_hold_are_served_batch_after_batch(
    overdue: Venue,
) -> None:
    """Enough is 256: one fewer leaves an overdue record behind, and is refused."""
    # All at once, the data would be beyond what the contract reads at all.
    assert len(overdue.closed().section.data) > DATA_BYTES_MAX
    position, posted = overdue.head.state.venue.cursor, []
    for records in (FORCED, FORCED, FORCED, QUEUED - 3 * FORCED):
        with refused("overdue inbox record left: got"):
            attempt(overdue, upto=position + records - 1)
        if records == FORCED:
            attempt(overdue, upto=position + records + 1)
        position += records
        posted.append(len(overdue.settled(upto=position).section.data))
    assert position == overdue.deployment.inbox.call("size")
    assert overdue.deployment.settlement.call("inbox_position") == position
    assert overdue.deployment.state_root == overdue.head.root
    # A first deposit posts its record and two words, a key its record and one; the venue's word.
    deposits, keys = FORCED * (128 + 2 * 64) + 64, FORCED * (128 + 64) + 64
    assert posted == [deposits, keys, deposits, 32 * (128 + 2 * 64) + 64]
    assert deposits == 65_600 <= DATA_BYTES_MAX


def test_a_full_inbox_excuses_nobody_from_serving(overdue: Venue) -> None:
    for upto in (0, 1):
        with refused("overdue inbox record left: got"):
            attempt(overdue, upto=overdue.head.state.venue.cursor + upto)
