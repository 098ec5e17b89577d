"""A ledger and its deployment side by side, so that the contracts see real batches."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from eth_account.signers.local import LocalAccount

from novate.chain import (
    Chain,
    Deployment,
    Posting,
    address_of,
    attest,
    attested_proof,
    create_token,
    deploy,
    deposit,
    read_inbox,
    register_key,
    settle,
)
from novate.instruments import parse_option
from novate.keys import Domain, public_key
from novate.ledger import (
    Applied,
    Batch,
    Configuration,
    Head,
    OpenBatch,
    State,
    Statement,
    UserWithdraw,
    Window,
    WithdrawRequest,
    genesis_state,
    inbox_transaction,
    sign,
)
from novate.units import Instant, Multiplier, Rate, Usd

from .scene import ALICE, BOB, DEPLOYER, NOW, PROGRAM, STRANGER, USD, WATCHERS

SESSION: Final = bytes([99]) * 32
CONFIGURATION: Final = Configuration(
    maker_fee_rate=Rate(300),
    taker_fee_rate=Rate(500),
    quorum=1,
    heartbeat_s=600,
    publishers=(public_key(bytes([98]) * 32).commitment,),
)


def genesis(contract: bytes, chain_id: int = 31_337) -> State:
    """One listed put and nobody there."""
    return genesis_state(
        configuration=CONFIGURATION,
        domain=Domain(chain_id, contract),
        listing={1: parse_option("BTC_USDC-26DEC25-85000-P", Multiplier(10))},
    )


@dataclass
class Venue:
    """A ledger and its deployment."""

    deployment: Deployment
    head: Head
    program_hash: bytes = PROGRAM
    statements: list[Statement] = field(default_factory=list)

    def closed(self, *withdrawals: UserWithdraw, upto: int | None = None) -> Batch:
        """A batch of new inbox entries (all, or up to a position) and the withdrawals; nobody has
        posted it yet.
        """
        now = Instant(self.deployment.chain.block().timestamp)
        batch = OpenBatch(self.head, Window(now, now))
        for entry in read_inbox(self.deployment)[self.head.state.venue.cursor : upto]:
            assert isinstance(batch.apply(inbox_transaction(entry.position, entry.record)), Applied)
        for withdrawal in withdrawals:
            assert isinstance(batch.apply(withdrawal), Applied)
        return batch.close()

    def proof(
        self, statement_hash: bytes, watchers: Iterable[LocalAccount] = WATCHERS[:2]
    ) -> bytes:
        """What the watchers say about a statement."""
        return attested_proof(
            attest(
                watcher,
                chain_id=self.deployment.chain.chain_id,
                verifier=self.deployment.verifier.address,
                program_hash=self.program_hash,
                statement_hash=statement_hash,
            )
            for watcher in watchers
        )

    def settled(self, *withdrawals: UserWithdraw, upto: int | None = None) -> Batch:
        """The next batch, settled on the chain."""
        batch = self.closed(*withdrawals, upto=upto)
        settle(
            self.deployment, posting_of(batch), self.proof(batch.statement.hash), sender=STRANGER
        )
        self.head = batch.after
        self.statements.append(batch.statement)
        return batch

    def register(self) -> None:
        """Alice asks for a session key in slot 1."""
        key = public_key(SESSION)
        register_key(self.deployment, ALICE, slot=1, x=key.x, y=key.y, deadline=NOW)

    def withdraw(self, amount_e6: int, nonce: int = 1) -> UserWithdraw:
        """Alice asks for her money, with the session key."""
        domain = Domain(self.deployment.chain.chain_id, self.deployment.settlement.address)
        request = WithdrawRequest(1, 0, Usd(amount_e6), Instant(NOW + 60), 0, nonce)
        return UserWithdraw(sign(domain, request, SESSION), 1)


def posting_of(batch: Batch) -> Posting:
    """What is posted of a batch."""
    told = batch.statement
    return Posting(
        batch_number=told.batch_number,
        new_root=told.new_root,
        inbox_to=told.inbox_to,
        withdrawals=told.withdrawals,
        window_start=told.window_start,
        window_end=told.window_end,
        supply_after_e6=told.supply_after,
        commitment=told.commitment,
        data=batch.section.data,
    )


def opened_venue(chain: Chain, program_hash: bytes = PROGRAM) -> Venue:
    """A fresh ledger whose root is the contract's genesis root; Alice and Bob have deposited."""
    token = create_token(chain, DEPLOYER)
    # The root does not depend on the contract's address, which is not known yet.
    deployment = deploy(
        chain,
        DEPLOYER,
        token=token.address,
        program_hash=program_hash,
        configuration_hash=CONFIGURATION.hash,
        genesis_root=Head.genesis(genesis(bytes([1]) * 20)).root,
        watchers=[address_of(watcher) for watcher in WATCHERS],
        threshold=2,
    )
    for owner in (ALICE, BOB):
        token.send("mint", address_of(owner), 1_000 * USD, sender=DEPLOYER)
        deposit(deployment, owner, amount_e6=1_000 * USD)
    state = genesis(deployment.settlement.address, chain.chain_id)
    return Venue(deployment, Head.genesis(state), program_hash)
