"""A settlement system on an embedded chain, with two owners and three watchers."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
from eth_account import Account
from eth_account.signers.local import LocalAccount

from novate.chain import (
    CAP_MAX_E6,
    Artifact,
    Attestation,
    Chain,
    Contract,
    Deployment,
    EmbeddedChain,
    Posting,
    Receipt,
    Reverted,
    address_of,
    attest,
    attested_proof,
    create,
    create_token,
    deploy,
    deposit,
    settle,
)
from novate.chain.py_evm import PyEvm

from .model import (
    Claim,
    Words,
    chunk_record,
    deposit_record,
    inbox_hash,
    key_record,
    withdrawal_record,
)

NOW: Final = 1_764_900_000
DAY: Final = 86_400
USD: Final = 10**6
DEPLOYER, ALICE, BOB, STRANGER = (Account.from_key(bytes([i]) * 32) for i in (1, 2, 3, 4))
WATCHERS: Final = tuple(Account.from_key(bytes([i]) * 32) for i in (11, 12, 13))
PROGRAM: Final = bytes(range(32))
CONFIGURATION: Final = [1, 2, 3, 4, 5, 6, 7, 2013265920]
GENESIS: Final = [2013265920, 0, 7, 8, 9, 10, 11, 12]
COMMITMENT: Final = [21, 22, 23, 24, 25, 26, 27, 28]

A, B = address_of(ALICE), address_of(BOB)


@dataclass
class Scene:
    """A deployment and what its inbox holds, told by the model."""

    deployment: Deployment
    inbox: list[Words] = field(default_factory=list)

    @property
    def chain(self) -> Chain:
        return self.deployment.chain

    @property
    def now(self) -> int:
        return self.chain.block().timestamp

    def fund(self, payer: LocalAccount, amount: int) -> Receipt:
        """Mint and deposit."""
        self.deployment.token.send("mint", address_of(payer), amount, sender=DEPLOYER)
        enqueued = deposit(self.deployment, payer, amount_e6=amount)
        self.inbox.append(deposit_record(enqueued.account, address_of(payer), amount))
        return enqueued.receipt

    def key(self, account: int, slot: int, owner: bytes, x: int, y: int) -> None:
        """Note a key that was registered."""
        self.inbox.append(key_record(account, slot, owner, x, y))

    def claim(self, *, upto: int | None = None, pays: Iterable[tuple[bytes, int]] = ()) -> Claim:
        """The next honest batch: all inbox records (or up to a position), and payments."""
        call = self.deployment.settlement.call
        start, supply = call("inbox_position"), call("supply")
        stop = len(self.inbox) if upto is None else upto
        consumed, pays = self.inbox[start:stop], list(pays)
        deposits = sum(amount_of(record) for record in consumed)
        number = call("batch_number") + 1
        return Claim(
            batch_number=number,
            chain_id=self.chain.chain_id,
            contract=self.deployment.settlement.address,
            old_root=list(self.deployment.state_root),
            new_root=[100 * number + i for i in range(8)],
            inbox_from=start,
            inbox_to=stop,
            inbox_hash_before=inbox_hash(self.inbox[:start]),
            inbox_hash_after=inbox_hash(self.inbox[:stop]),
            configuration=CONFIGURATION,
            window_start=self.now - 50,
            window_end=self.now,
            supply_before=supply,
            supply_after=supply + deposits - sum(amount for _, amount in pays),
            commitment=COMMITMENT,
            inbox=consumed,
            withdrawals=[withdrawal_record(owner, amount, 1) for owner, amount in pays],
            chunks=[chunk_record(1, 8, [number, 2, 3, 4, 5, 6, 7, 2013265920])],
        )

    def words_of(
        self, statement_hash: bytes, watchers: Iterable[LocalAccount] = WATCHERS[:2], **changes: Any
    ) -> list[Attestation]:
        """What watchers say about a statement."""
        settings: dict[str, Any] = {
            "chain_id": self.chain.chain_id,
            "verifier": self.deployment.verifier.address,
            "program_hash": PROGRAM,
            "statement_hash": statement_hash,
        }
        return [attest(watcher, **(settings | changes)) for watcher in watchers]

    def proof(self, claim: Claim, **changes: Any) -> bytes:
        """A sufficient proof."""
        return attested_proof(self.words_of(claim.hash, **changes))

    def settle(self, claim: Claim, proof: bytes | None = None, **changes: Any) -> Receipt:
        """Post a claim, with some fields of the posting changed."""
        return settle(
            self.deployment,
            posting(claim, **changes),
            self.proof(claim) if proof is None else proof,
            sender=STRANGER,
        )


def posting(claim: Claim, **changes: Any) -> Posting:
    """What is posted of a claim."""
    fields: dict[str, Any] = {
        "batch_number": claim.batch_number,
        "new_root": tuple(claim.new_root),
        "inbox_to": claim.inbox_to,
        "withdrawals": len(claim.withdrawals),
        "window_start": claim.window_start,
        "window_end": claim.window_end,
        "supply_after_e6": claim.supply_after,
        "commitment": tuple(claim.commitment),
        "data": claim.data,
    }
    return Posting(**(fields | changes))


def amount_of(record: Words) -> int:
    """What an inbox record brings in."""
    if record[0][0] != 1:
        return 0
    return sum(limb << 16 * i for i, limb in enumerate(record[1][2:6]))


def opened(chain: Chain, *, threshold: int = 2, cap_e6: int = 10**12) -> Scene:
    """A fresh system."""
    token = create_token(chain, DEPLOYER).address
    return opened_on(chain, token, threshold=threshold, cap_e6=cap_e6)


def opened_on(chain: Chain, token: bytes, *, threshold: int = 2, cap_e6: int = CAP_MAX_E6) -> Scene:
    """A fresh system whose asset is this token."""
    return Scene(
        deploy(
            chain,
            DEPLOYER,
            token=token,
            program_hash=PROGRAM,
            configuration_hash=tuple(CONFIGURATION),
            genesis_root=tuple(GENESIS),
            watchers=[address_of(watcher) for watcher in WATCHERS],
            threshold=threshold,
            cap_e6=cap_e6,
        )
    )


def mock(chain: Chain, name: str, *arguments: Any) -> Contract:
    """A contract of the tests."""
    return create(chain, mock_artifact(name), *arguments, creator=DEPLOYER)


def mock_artifact(name: str) -> Artifact:
    """What a contract of the tests is created from."""
    return Artifact.from_json((Path(__file__).parent / "artifacts" / f"{name}.json").read_text())


def store(contract: Contract, slot: int, value: int) -> None:
    """Write into a contract's storage, to stand where no test could walk."""
    chain = contract.chain
    assert isinstance(chain, EmbeddedChain)
    machine: Any = chain._machine
    if isinstance(machine, PyEvm):
        machine._state.set_storage(contract.address, slot, value)
        machine._state.lock_changes()
    else:
        with machine._untouched():
            machine._evm.insert_account_storage("0x" + contract.address.hex(), slot, value)


class refused:  # noqa: N801 - reads as a sentence: with refused("reason")
    """The block ends in a refusal whose reason contains the words."""

    def __init__(self, reason: str) -> None:
        self.reason = reason

    def __enter__(self) -> None:
        self._raises = pytest.raises(Reverted)
        self._info = self._raises.__enter__()

    def __exit__(self, *error: Any) -> bool:
        swallowed = bool(self._raises.__exit__(*error))
        assert self.reason in self._info.value.reason, self._info.value.reason
        return swallowed


@pytest.fixture
def scene() -> Scene:
    """A fresh system on the fastest machine."""
    return opened(EmbeddedChain(timestamp=NOW))


@pytest.fixture
def funded(scene: Scene) -> Scene:
    """Alice has deposited 1,000 USD and Bob 500."""
    scene.fund(ALICE, 1_000 * USD)
    scene.fund(BOB, 500 * USD)
    return scene
