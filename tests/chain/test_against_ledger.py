"""Ledger and contracts agree: a batch of the one is settled by the other, and rebuilt from it."""

from dataclasses import dataclass, field

import pytest

from novate.chain import (
    Deployment,
    EmbeddedChain,
    Posting,
    address_of,
    attach,
    attest,
    attested_proof,
    claim,
    create_token,
    deploy,
    deposit,
    read_batches,
    read_inbox,
    register_key,
    settle,
)
from novate.instruments import parse_name
from novate.ledger import (
    Applied,
    Batch,
    Configuration,
    Domain,
    Head,
    OpenBatch,
    State,
    Statement,
    UserWithdraw,
    Window,
    WithdrawRequest,
    genesis_state,
    inbox_transaction,
    public_key,
    rebuild,
    sign,
)
from novate.units import Instant, Multiplier, Rate, Usd

from .scene import ALICE, BOB, DEPLOYER, NOW, PROGRAM, STRANGER, USD, WATCHERS, A

SESSION = bytes([99]) * 32
CONFIGURATION = Configuration(
    maker_fee_rate=Rate(300),
    taker_fee_rate=Rate(500),
    quorum=1,
    heartbeat_s=600,
    publishers=(public_key(bytes([98]) * 32).commitment,),
)


def genesis(contract: bytes) -> State:
    """One listed put and nobody there."""
    return genesis_state(
        configuration=CONFIGURATION,
        domain=Domain(31_337, contract),
        listing={1: parse_name("BTC_USDC-26DEC25-85000-P", Multiplier(10))},
    )


@dataclass
class Venue:
    """A ledger and its deployment."""

    deployment: Deployment
    head: Head
    statements: list[Statement] = field(default_factory=list)

    def settled(self, *withdrawals: UserWithdraw) -> Batch:
        """A batch of all new inbox entries and the withdrawals, settled on the chain."""
        deployment = self.deployment
        now = Instant(deployment.chain.block().timestamp)
        batch = OpenBatch(self.head, Window(now, now))
        for entry in read_inbox(deployment)[self.head.state.venue.cursor :]:
            assert isinstance(batch.apply(inbox_transaction(entry.position, entry.record)), Applied)
        for withdrawal in withdrawals:
            assert isinstance(batch.apply(withdrawal), Applied)
        closed = batch.close()
        words = [
            attest(
                watcher,
                chain_id=deployment.chain.chain_id,
                verifier=deployment.verifier.address,
                program_hash=PROGRAM,
                statement_hash=closed.statement.hash,
            )
            for watcher in WATCHERS[:2]
        ]
        told = closed.statement
        posting = Posting(
            batch_number=told.batch_number,
            new_root=told.new_root,
            inbox_to=told.inbox_to,
            withdrawals=told.withdrawals,
            window_start=told.window_start,
            window_end=told.window_end,
            supply_after_e6=told.supply_after,
            commitment=told.commitment,
            data=closed.section.data,
        )
        settle(deployment, posting, attested_proof(words), sender=STRANGER)
        self.head = closed.after
        self.statements.append(told)
        return closed


@pytest.fixture
def venue() -> Venue:
    """A fresh ledger whose root is the contract's genesis root."""
    chain = EmbeddedChain(timestamp=NOW)
    token = create_token(chain, DEPLOYER)
    # The root does not depend on the contract's address, which is not known yet.
    deployment = deploy(
        chain,
        DEPLOYER,
        token=token.address,
        program_hash=PROGRAM,
        configuration_hash=CONFIGURATION.hash,
        genesis_root=Head.genesis(genesis(bytes([1]) * 20)).root,
        watchers=[address_of(watcher) for watcher in WATCHERS],
        threshold=2,
    )
    for owner in (ALICE, BOB):
        token.send("mint", address_of(owner), 1_000 * USD, sender=DEPLOYER)
        deposit(deployment, owner, amount_e6=1_000 * USD)
    return Venue(deployment, Head.genesis(genesis(deployment.settlement.address)))


def walk(venue: Venue) -> None:
    """Deposits in one batch; a key and a withdrawal in the next."""
    venue.settled()
    key = public_key(SESSION)
    register_key(venue.deployment, ALICE, slot=1, x=key.x, y=key.y, deadline=NOW)
    request = WithdrawRequest(1, 0, Usd(400 * USD), Instant(NOW + 60), 0, 1)
    domain = Domain(31_337, venue.deployment.settlement.address)
    venue.settled(UserWithdraw(sign(domain, request, SESSION), 1))


def test_the_contract_accepts_the_ledgers_batches_and_pays(venue: Venue) -> None:
    walk(venue)
    assert venue.deployment.state_root == venue.head.root
    assert claim(venue.deployment, ALICE).amount_e6 == 400 * USD
    assert venue.deployment.token.call("balanceOf", A) == 400 * USD


def test_the_state_is_rebuilt_from_the_data_on_the_chain(venue: Venue) -> None:
    walk(venue)
    found = attach(venue.deployment.chain, venue.deployment.settlement.address)
    posted = read_batches(found)
    assert [batch.statement_hash for batch in posted] == [s.hash for s in venue.statements]
    data = [batch.posting.data for batch in posted]
    genesis_head = Head.genesis(genesis(found.settlement.address))
    head = rebuild(genesis_head, zip(venue.statements, data, strict=True))
    assert head.root == found.state_root
    assert head.state.words == venue.head.state.words
    assert head.batch_number == found.batch_number + 1
