"""The base layer as this package needs it; every backend offers exactly this."""

from typing import Final, Protocol

from eth_account.signers.local import LocalAccount
from eth_hash.auto import keccak

from novate.chain.receipt import Address, Block, Log, Receipt

ZERO_ADDRESS: Final[Address] = bytes(20)


class Chain(Protocol):
    """A chain of blocks that runs contracts."""

    @property
    def chain_id(self) -> int:
        """What signatures are bound to."""

    def block(self) -> Block:
        """The newest block. Its time is the time that the next transaction sees, or less."""

    def nonce(self, address: Address) -> int:
        """The number that the address's next transaction carries."""

    def code(self, address: Address) -> bytes:
        """The contract at an address; empty where there is none."""

    def call(self, *, to: Address, data: bytes, sender: Address = ZERO_ADDRESS) -> bytes:
        """What a contract answers, leaving no trace. Raises: Reverted, Halted."""

    def send(self, *, sender: LocalAccount, to: Address | None, data: bytes) -> Receipt:
        """Sign and send a transaction, and wait until it stands; `to` None creates a contract.

        Raises: Reverted, Halted; then nothing has changed but, at most, the sender's nonce.
        """

    def logs(self, *, address: Address, topic: bytes, from_block: int = 0) -> tuple[Log, ...]:
        """What `address` logged under first topic `topic`, oldest first."""

    def set_time(self, timestamp: int) -> None:
        """Move to a later Unix second. Only chains made for development allow it."""


def created_address(creator: Address, nonce: int) -> Address:
    """The address of the contract that `creator` makes in its transaction number `nonce`."""
    number = nonce.to_bytes((nonce.bit_length() + 7) // 8, "big")
    # RLP of the pair: a single byte below 0x80 stands for itself, others follow their length.
    item = number if len(number) == 1 and number[0] < 0x80 else bytes([0x80 + len(number)]) + number
    payload = b"\x94" + creator + item
    return bytes(keccak(bytes([0xC0 + len(payload)]) + payload))[12:]


def address_of(account: LocalAccount) -> Address:
    """The twenty bytes of a key's address."""
    return bytes.fromhex(account.address[2:])
