"""What a base layer reports: blocks, logs, receipts."""

from dataclasses import dataclass

Address = bytes
"""Twenty bytes."""


@dataclass(frozen=True, slots=True)
class Block:
    """A place in the chain."""

    number: int
    timestamp: int
    """Unix seconds."""


@dataclass(frozen=True, slots=True)
class Log:
    """What a contract wrote for readers outside."""

    address: Address
    topics: tuple[bytes, ...]
    data: bytes
    block: int
    transaction: bytes
    """The hash of the transaction that caused it."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A transaction that went through."""

    transaction: bytes
    block: int
    gas_used: int
    """By Prague's rules: never below the floor for its calldata."""
    logs: tuple[Log, ...]
    created: Address | None
    """The new contract, where the transaction made one."""
