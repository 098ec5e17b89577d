"""A settlement system on a chain: put there, or found there."""

from collections.abc import Sequence
from dataclasses import dataclass

from eth_account.signers.local import LocalAccount

from novate.chain.artifact import artifact
from novate.chain.base_layer import Chain, address_of, created_address
from novate.chain.contract import Contract, create
from novate.chain.failure import Inconsistent
from novate.chain.receipt import Address
from novate.field import Word, word_bytes, word_from_bytes

CAP_MAX_E6 = 2**63 - 1
"""No vault may owe more, in millionths of the asset's unit."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """The contracts of one settlement system, each pointing at the others."""

    chain: Chain
    token: Contract
    vault: Contract
    inbox: Contract
    settlement: Contract
    verifier: Contract
    from_block: int
    """Nothing of it happened earlier."""

    @property
    def program_hash(self) -> bytes:
        """The program whose proofs count."""
        return bytes(self.settlement.call("program_hash"))

    @property
    def configuration_hash(self) -> Word:
        """The configuration that every batch keeps to."""
        return word_from_bytes(self.settlement.call("configuration_hash"))

    @property
    def state_root(self) -> Word:
        """The root after the last settled batch."""
        return word_from_bytes(self.settlement.call("state_root"))

    @property
    def batch_number(self) -> int:
        """The number of the last settled batch; 0 at genesis."""
        return int(self.settlement.call("batch_number"))


def create_token(chain: Chain, minter: LocalAccount) -> Contract:
    """A USDC-like token for embedded chains and tests; `mint(receiver, amount)` makes money."""
    return create(chain, artifact("Token"), creator=minter)


def deploy(
    chain: Chain,
    deployer: LocalAccount,
    *,
    token: Address,
    program_hash: bytes,
    configuration_hash: Word,
    genesis_root: Word,
    watchers: Sequence[Address],
    threshold: int,
    cap_e6: int = CAP_MAX_E6,
) -> Deployment:
    """Create the four contracts; nobody, the deployer included, has any power over them afterwards.

    They point at each other, so the addresses are computed before. Should another transaction of
    the deployer come in between, the last creation is refused and nothing of use exists.
    Raises: Reverted, naming what was refused.
    """
    from_block = chain.block().number
    nonce, creator = chain.nonce(address_of(deployer)), address_of(deployer)
    vault_at, settlement_at = (
        created_address(creator, nonce + 2),
        created_address(creator, nonce + 3),
    )
    verifier = create(
        chain, artifact("AttestedVerifier"), list(watchers), threshold, creator=deployer
    )
    inbox = create(chain, artifact("Inbox"), vault_at, creator=deployer)
    vault = create(
        chain, artifact("Vault"), token, inbox.address, settlement_at, cap_e6, creator=deployer
    )
    settlement = create(
        chain,
        artifact("Settlement"),
        inbox.address,
        vault.address,
        verifier.address,
        program_hash,
        word_bytes(configuration_hash),
        word_bytes(genesis_root),
        creator=deployer,
    )
    token_contract = Contract(chain, token, artifact("Token").interface)
    return Deployment(chain, token_contract, vault, inbox, settlement, verifier, from_block)


def attach(chain: Chain, settlement: Address, *, from_block: int = 0) -> Deployment:
    """The system whose settlement contract stands at an address: the others are read from it.

    It checks that the code is this package's and that the contracts point at each other, so one
    address, from a source that is trusted, names the whole system.
    Raises: Inconsistent.
    """
    root = _found(chain, "Settlement", settlement)
    inbox = _found(chain, "Inbox", root.call("inbox"))
    vault = _found(chain, "Vault", root.call("vault"))
    verifier = _found(chain, "AttestedVerifier", root.call("verifier"))
    pointers = {
        "the vault's settlement": (vault.call("settlement"), settlement),
        "the vault's inbox": (vault.call("inbox"), inbox.address),
        "the inbox's vault": (inbox.call("vault"), vault.address),
    }
    for name, (found, expected) in pointers.items():
        if found != expected:
            raise Inconsistent(f"{name} is 0x{found.hex()}, expected 0x{expected.hex()}")
    token = Contract(chain, vault.call("token"), artifact("Token").interface)
    return Deployment(chain, token, vault, inbox, root, verifier, from_block)


def _found(chain: Chain, name: str, address: Address) -> Contract:
    """The contract at `address`, if its code is what this package ships under `name`."""
    expected = artifact(name)
    code = chain.code(address)
    # The values that the constructor fixed follow the code.
    if code[: len(expected.bytecode_runtime)] != expected.bytecode_runtime:
        raise Inconsistent(f"the code at 0x{address.hex()} is not this package's {name}")
    return Contract(chain, address, expected.interface)
