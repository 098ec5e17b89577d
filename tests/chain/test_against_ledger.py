"""Ledger and contracts agree: a batch of the one is settled by the other, and rebuilt from it."""

import pytest

from novate.chain import EmbeddedChain, attach, claim, read_batches
from novate.ledger import Head, rebuild

from .ledger_scene import Venue, genesis, opened_venue
from .scene import ALICE, NOW, USD, A


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
