"""A watcher signs for the chain's next batch, and for nothing else."""

from dataclasses import replace

import pytest

from novate.air import Security
from novate.chain import address_of
from novate.field import Word
from novate.ledger import DataSection, data_challenge, data_value
from novate.nodes import AttestationRefused, BatchBundle
from novate.units import Usd

from .scene import Believer, begun, believer, bundle_of, paid_out, settled, traded, watcher_of

OTHER: Word = (1, 2, 3, 4, 5, 6, 7, 8)


def reposted(bundle: BatchBundle, section: DataSection) -> BatchBundle:
    """The bundle with other data, and a statement that agrees with it but for the root."""
    challenge = data_challenge(section.data, section.commitment)
    statement = replace(
        bundle.statement,
        commitment=section.commitment,
        challenge=challenge,
        value=data_value(section.words, challenge),
    )
    return replace(bundle, statement=statement, data=section.data)


def test_a_watcher_signs_for_the_next_batch_and_the_contract_takes_it() -> None:
    walk = begun()
    bundle = bundle_of(traded(walk))
    watcher = walk.operator.watchers[0]
    attestation = watcher.attest(bundle)
    assert attestation.watcher == address_of(watcher.key)
    settled(walk, bundle)
    assert walk.deployment.state_root == bundle.statement.new_root


def test_each_watcher_verifies_the_proof_itself() -> None:
    machine = Believer()
    walk = begun(machine)  # type: ignore[arg-type]
    bundle = bundle_of(traded(walk))
    for count, watcher in enumerate(walk.operator.watchers, start=1):
        watcher.attest(bundle)
        assert machine.verified == count


def test_another_program_is_refused() -> None:
    walk = begun()
    bundle = bundle_of(traded(walk))
    with pytest.raises(AttestationRefused, match="program hash"):
        watcher_of(walk, believer()).attest(replace(bundle, program_hash=bytes(32)))
    with pytest.raises(AttestationRefused, match="program of the contract"):
        watcher_of(walk, believer(program_hash=bytes(32))).attest(bundle)


def test_a_bundle_at_the_level_of_development_is_refused() -> None:
    walk = begun()
    bundle = replace(bundle_of(traded(walk)), security=Security.DEVELOPMENT)
    with pytest.raises(AttestationRefused, match="expected full, found development"):
        walk.operator.watchers[0].attest(bundle)


# Even if a proof of it existed: the watcher compares what the contracts hold.
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("version", 2),
        ("batch_number", 2),
        ("chain_id", 1),
        ("contract", bytes(20)),
        ("old_root", OTHER),
        ("configuration_hash", OTHER),
        ("inbox_hash_before", bytes([1]) * 32),
        ("inbox_hash_after", bytes([1]) * 32),
        ("supply_before", 1),
        ("new_root", OTHER),
        ("supply_after", 1),
    ],
)
def test_a_statement_that_is_not_the_chains_is_refused(field: str, value: object) -> None:
    walk = begun()
    bundle = bundle_of(traded(walk))
    statement = replace(bundle.statement, **{field: value})  # type: ignore[arg-type]
    with pytest.raises(AttestationRefused) as refusal:
        walk.operator.watchers[0].attest(replace(bundle, statement=statement))
    assert refusal.value.what == field


@pytest.mark.parametrize(("inbox_from", "inbox_to"), [(1, 5), (0, 5), (2**32 - 1, 0)])
def test_inbox_positions_that_the_contract_does_not_have_are_refused(
    inbox_from: int, inbox_to: int
) -> None:
    walk = begun()
    bundle = bundle_of(traded(walk))
    statement = replace(bundle.statement, inbox_from=inbox_from, inbox_to=inbox_to)
    with pytest.raises(AttestationRefused):
        walk.operator.watchers[0].attest(replace(bundle, statement=statement))


def test_altered_data_is_refused() -> None:
    walk = begun()
    bundle = bundle_of(traded(walk))
    data = bytearray(bundle.data)
    data[-1] ^= 1
    with pytest.raises(AttestationRefused, match="commitment of the data"):
        walk.operator.watchers[0].attest(replace(bundle, data=bytes(data)))


def test_data_that_leads_to_another_root_is_refused() -> None:
    walk = begun()
    batch = traded(walk)
    address, value = batch.section.chunks[-1]
    altered = (address, (*value[:7], value[7] + 1))
    section = replace(batch.section, chunks=(*batch.section.chunks[:-1], altered))
    with pytest.raises(AttestationRefused, match="new_root"):
        walk.operator.watchers[0].attest(reposted(bundle_of(batch), section))


def test_a_batch_on_a_root_that_has_passed_is_refused() -> None:
    walk = begun()
    first = bundle_of(traded(walk))
    settled(walk, first)
    with pytest.raises(AttestationRefused, match="batch_number: expected 2, found 1"):
        walk.operator.watchers[0].attest(first)
    # The same again under the next number: now it is the root that gives it away.
    statement = replace(first.statement, batch_number=2)
    with pytest.raises(AttestationRefused, match="old_root"):
        walk.operator.watchers[0].attest(replace(first, statement=statement))


def test_a_batch_ahead_of_the_chain_is_refused_until_the_one_before_is_settled() -> None:
    walk = begun()
    first = bundle_of(traded(walk))
    second = bundle_of(paid_out(walk))
    with pytest.raises(AttestationRefused, match="batch_number: expected 1, found 2"):
        walk.operator.watchers[0].attest(second)
    # Windows are a matter of the contract: the first one is three weeks old by now, and settles
    # no more, so the chain stands still rather than move on without it.
    assert walk.deployment.batch_number == 0
    assert walk.operator.watchers[0].attest(first).watcher


def test_a_watcher_with_another_genesis_signs_nothing() -> None:
    walk = begun()
    bundle = bundle_of(traded(walk))
    listing = dict(walk.genesis.listing)
    del listing[1]
    watcher = walk.operator.watchers[0]
    other = type(watcher)(
        walk.deployment,
        replace(walk.genesis, listing=listing),
        machine=believer(),
        key=watcher.key,
    )
    with pytest.raises(AttestationRefused, match="old_root"):
        other.attest(bundle)


def test_the_inbox_may_grow_while_a_batch_is_on_its_way() -> None:
    walk = begun()
    bundle = bundle_of(traded(walk))
    walk.buyer.wallet.deposit(Usd(1))
    settled(walk, bundle)
    assert walk.deployment.batch_number == 1
