"""An Ethereum machine inside this process, under either of two implementations."""

from dataclasses import dataclass
from typing import Protocol

from novate.chain.receipt import Address

RawLog = tuple[Address, tuple[bytes, ...], bytes]
"""Address, topics, data."""


@dataclass(frozen=True, slots=True)
class Execution:
    """What one message did."""

    failure: str | None
    """None: it went through; "revert": see `output`; otherwise why it halted."""
    output: bytes
    gas_used: int
    """By Cancun's rules, refunds taken off."""
    logs: tuple[RawLog, ...]
    created: Address | None


class Machine(Protocol):
    """The state of all accounts, and Cancun's rules for changing it."""

    def set_block(self, *, number: int, timestamp: int) -> None:
        """The block that the next messages see."""

    def nonce(self, address: Address) -> int:
        """The nonce of an account."""

    def code(self, address: Address) -> bytes:
        """The code of an account."""

    def transact(self, *, sender: Address, to: Address | None, data: bytes, gas: int) -> Execution:
        """Run a transaction and keep what it changed, unless it failed."""

    def view(self, *, sender: Address, to: Address, data: bytes, gas: int) -> Execution:
        """Run a call and keep nothing."""
