"""What a batch posts on the base layer, and how it is compared with what was proven.

The format is in formats.md, section 6.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from eth_hash.auto import keccak

from novate.field import (
    EXTENSION_RESIDUE,
    P,
    Tag,
    Word,
    sponge,
    word,
    word_bytes,
    word_from_bytes,
)
from novate.ledger.address import Address
from novate.ledger.inbox import InboxRecord
from novate.ledger.withdrawal import Withdrawal
from novate.ledger.words import ZERO
from novate.units import bounds, within

Extension = tuple[int, int, int, int]
"""An element of F_p[X] / (X**4 - 11), coefficient of 1 first."""


def data_bytes(*, inbox: int, withdrawals: int, chunks: int) -> int:
    """What so many records take: 32 bytes a word, four words an inbox record, two any other."""
    return 32 * (4 * inbox + 2 * withdrawals + 2 * chunks)


@dataclass(frozen=True, slots=True)
class DataSection:
    """Inbox entries consumed, withdrawals, and every changed word as it is after the batch."""

    inbox: tuple[InboxRecord, ...]
    withdrawals: tuple[Withdrawal, ...]
    chunks: tuple[tuple[Address, Word], ...]
    """By ascending address."""

    @property
    def words(self) -> tuple[Word, ...]:
        """The records in the order in which they are posted."""
        inbox = (w for record in self.inbox for w in record)
        withdrawals = (w for withdrawal in self.withdrawals for w in withdrawal.record)
        chunks = (w for address, value in self.chunks for w in (word(*address), value))
        return (*inbox, *withdrawals, *chunks)

    @property
    def data(self) -> bytes:
        """What is posted: 32 bytes a word."""
        return b"".join(word_bytes(w) for w in self.words)

    @classmethod
    def parse(cls, data: bytes, *, inbox: int, withdrawals: int, chunks: int) -> "DataSection":
        """The section in posted bytes, given the number of its records.

        Raises: ValueError for a length that does not fit, a word that is not one, a record that
        is not written as this ledger writes it, or a chunk that is posted twice.
        """
        expected = data_bytes(inbox=inbox, withdrawals=withdrawals, chunks=chunks)
        if len(data) != expected:
            raise ValueError(f"{expected} bytes were announced, {len(data)} were posted")
        words = [word_from_bytes(data[i : i + 32]) for i in range(0, len(data), 32)]
        left, right = 4 * inbox, 4 * inbox + 2 * withdrawals
        section = cls(
            tuple((a, b, c, d) for a, b, c, d in _groups(words[:left], 4)),
            tuple(Withdrawal.from_record((a, b)) for a, b in _groups(words[left:right], 2)),
            tuple((_address(a), value) for a, value in _groups(words[right:], 2)),
        )
        if section.data != data:
            raise ValueError("a record has elements that must be zero")
        if len({address for address, _ in section.chunks}) != chunks:
            raise ValueError("a chunk is posted twice")
        return section

    @property
    def commitment(self) -> Word:
        """C: the digest of all elements; eight zeros where there are none, which no batch posts."""
        elements = [element for w in self.words for element in w]
        return sponge(Tag.DATA, elements) if elements else ZERO


def _address(posted: Word) -> Address:
    within("account", posted[0], high=1 << bounds.ACCOUNT_BITS)
    within("slot", posted[1], high=1 << bounds.SLOT_BITS)
    return Address(posted[0], posted[1])


def _groups(words: list[Word], size: int) -> list[list[Word]]:
    return [words[i : i + size] for i in range(0, len(words), size)]


def data_challenge(data: bytes, commitment: Word) -> Extension:
    """The point z at which posted and proven data are compared; it follows from both."""
    h = int.from_bytes(keccak(keccak(data) + word_bytes(commitment)), "big")
    a, b, c, d = ((h >> (64 * i)) % 2**64 % P for i in range(4))
    return (a, b, c, d)


def data_value(words: Sequence[Word], z: Extension) -> Extension:
    """The data as a polynomial at z: two coefficients a word, the highest power first."""
    value: Extension = (0, 0, 0, 0)
    for w in words:
        for d in ((w[0], w[1], w[2], w[3]), (w[4], w[5], w[6], w[7])):
            a0, a1, a2, a3 = times(value, z)
            value = ((a0 + d[0]) % P, (a1 + d[1]) % P, (a2 + d[2]) % P, (a3 + d[3]) % P)
    return value


def times(a: Extension, b: Extension) -> Extension:
    """The product of two extension elements."""
    a0, a1, a2, a3 = a
    b0, b1, b2, b3 = b
    w = EXTENSION_RESIDUE
    return (
        (a0 * b0 + w * (a1 * b3 + a2 * b2 + a3 * b1)) % P,
        (a0 * b1 + a1 * b0 + w * (a2 * b3 + a3 * b2)) % P,
        (a0 * b2 + a1 * b1 + a2 * b0 + w * a3 * b3) % P,
        (a0 * b3 + a1 * b2 + a2 * b1 + a3 * b0) % P,
    )
