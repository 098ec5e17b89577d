"""The public values of a batch: what a proof claims, and what a contract compares.

The format is in formats.md, section 7.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from eth_hash.auto import keccak

from novate.field import P, Word, address_elements, from_limbs16, limbs16
from novate.ledger.account import address_from_elements
from novate.ledger.data_section import Extension
from novate.ledger.words import u32, u64

_WIDTHS: Final = {
    "version": 1,
    "batch_number": 2,
    "chain_id": 4,
    "contract": 7,
    "old_root": 8,
    "new_root": 8,
    "inbox_from": 2,
    "inbox_to": 2,
    "inbox_hash_before": 16,
    "inbox_hash_after": 16,
    "configuration_hash": 8,
    "window_start": 2,
    "window_end": 2,
    "withdrawals": 2,
    "chunks": 2,
    "supply_before": 4,
    "supply_after": 4,
    "commitment": 8,
    "challenge": 4,
    "value": 4,
}


def _offsets() -> Iterator[tuple[str, slice]]:
    start = 0
    for name, width in _WIDTHS.items():
        yield name, slice(start, start + width)
        start += width


@dataclass(frozen=True, slots=True)
class Statement:
    """What a batch claims: 106 elements."""

    version: int
    batch_number: int
    chain_id: int
    contract: bytes
    old_root: Word
    new_root: Word
    inbox_from: int
    inbox_to: int
    inbox_hash_before: bytes
    inbox_hash_after: bytes
    configuration_hash: Word
    window_start: int
    window_end: int
    withdrawals: int
    chunks: int
    supply_before: int
    supply_after: int
    commitment: Word
    challenge: Extension
    value: Extension

    OFFSETS: ClassVar[dict[str, slice]] = dict(_offsets())
    """Where each field stands among the elements."""

    LENGTH: ClassVar[int] = sum(_WIDTHS.values())

    @property
    def elements(self) -> tuple[int, ...]:
        """The public values of the proof."""
        parts = [
            (self.version,),
            u32(self.batch_number),
            u64(self.chain_id),
            address_elements(self.contract),
            self.old_root,
            self.new_root,
            u32(self.inbox_from),
            u32(self.inbox_to),
            _hash_limbs(self.inbox_hash_before),
            _hash_limbs(self.inbox_hash_after),
            self.configuration_hash,
            u32(self.window_start),
            u32(self.window_end),
            u32(self.withdrawals),
            u32(self.chunks),
            u64(self.supply_before),
            u64(self.supply_after),
            self.commitment,
            self.challenge,
            self.value,
        ]
        assert [len(part) for part in parts] == list(_WIDTHS.values())
        return tuple(element for part in parts for element in part)

    @property
    def data(self) -> bytes:
        """The elements as the contract packs them: 4 bytes each, big-endian."""
        return b"".join(element.to_bytes(4, "big") for element in self.elements)

    @property
    def hash(self) -> bytes:
        """What watchers sign."""
        return bytes(keccak(self.data))

    @classmethod
    def from_elements(cls, elements: Sequence[int]) -> "Statement":
        """The statement that public values say.

        Raises: ValueError for a wrong number of elements, or one that has no meaning in its place.
        """
        if len(elements) != cls.LENGTH:
            raise ValueError(f"a statement has {cls.LENGTH} elements, got {len(elements)}")
        if not all(0 <= element < P for element in elements):
            raise ValueError("a public value is not an element")
        read = {name: tuple(elements[place]) for name, place in cls.OFFSETS.items()}
        return cls(**{name: _decode(name, part) for name, part in read.items()})

    @classmethod
    def from_bytes(cls, data: bytes) -> "Statement":
        """The statement that bytes say.

        Raises: ValueError as `from_elements` does.
        """
        if len(data) != 4 * cls.LENGTH:
            raise ValueError(f"a statement has {4 * cls.LENGTH} bytes, got {len(data)}")
        return cls.from_elements(
            [int.from_bytes(data[i : i + 4], "big") for i in range(0, len(data), 4)]
        )


def _hash_limbs(value: bytes) -> tuple[int, ...]:
    return limbs16(int.from_bytes(value, "big"), 16)[::-1]


def _decode(name: str, elements: tuple[int, ...]) -> Any:
    match name:
        case "version":
            return elements[0]
        case "contract":
            return address_from_elements(elements)
        case "inbox_hash_before" | "inbox_hash_after":
            return from_limbs16(elements[::-1]).to_bytes(32, "big")
        case "old_root" | "new_root" | "configuration_hash" | "commitment" | "challenge" | "value":
            return elements
        case _:
            return from_limbs16(elements)
