"""From genesis and the chain's logs alone, the state with the same root."""

from dataclasses import replace

import pytest

import novate.nodes.rebuilder
from novate.chain import read_batches
from novate.ledger import DataMismatch
from novate.nodes import domain_of, posted_statement, rebuild_from_chain
from novate.units import Rate

from .scene import begun, bundle_of, paid_out, settled, traded


def test_the_rebuilt_state_is_the_sequencers_word_for_word() -> None:
    walk = begun()
    assert rebuild_from_chain(walk.deployment, walk.genesis).root == walk.genesis.root
    settled(walk, bundle_of(traded(walk)))
    settled(walk, bundle_of(paid_out(walk)))
    head = walk.rebuilt()
    assert head.state.words == walk.sequencer.head.state.words
    assert head.root == walk.sequencer.head.root == walk.deployment.state_root
    assert head.inbox_hash == walk.sequencer.head.inbox_hash


def test_the_statement_of_a_posted_batch_is_the_one_that_was_attested() -> None:
    walk = begun()
    batch = traded(walk)
    settled(walk, bundle_of(batch))
    (posted,) = read_batches(walk.deployment)
    head = walk.genesis.head(domain_of(walk.deployment))
    assert posted_statement(head, posted) == batch.statement


def test_another_genesis_leads_nowhere() -> None:
    walk = begun()
    settled(walk, bundle_of(traded(walk)))
    listing = dict(walk.genesis.listing)
    del listing[1]
    with pytest.raises(DataMismatch, match="old_root"):
        rebuild_from_chain(walk.deployment, replace(walk.genesis, listing=listing))
    configuration = replace(walk.genesis.configuration, maker_fee_rate=Rate(1))
    with pytest.raises(DataMismatch, match="statement hash"):
        rebuild_from_chain(walk.deployment, replace(walk.genesis, configuration=configuration))


def test_logged_data_that_was_altered_does_not_lead_to_the_root(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    walk = begun()
    settled(walk, bundle_of(traded(walk)))
    (posted,) = read_batches(walk.deployment)
    data = bytearray(posted.posting.data)
    data[-1] ^= 1
    altered = replace(posted, posting=replace(posted.posting, data=bytes(data)))
    monkeypatch.setattr(novate.nodes.rebuilder, "read_batches", lambda deployment: (altered,))
    with pytest.raises(DataMismatch, match="batch 1 claims"):
        walk.rebuilt()
