"""Data section and statement told a second time, from formats.md alone, in the plainest way.

Nothing here comes from the package or the contracts: agreement is what the tests look for.
"""

from dataclasses import dataclass, field, replace
from typing import Any, Final

from eth_hash.auto import keccak

P: Final = 2013265921
Words = list[list[int]]


def limbs(value: int, bits: int, count: int) -> list[int]:
    """Least significant first."""
    assert 0 <= value < 1 << (bits * count)
    return [value >> (bits * i) & ((1 << bits) - 1) for i in range(count)]


def address(a: bytes) -> list[int]:
    """Seven elements of an address."""
    return [int.from_bytes(a[i : i + 3], "big") for i in range(0, 20, 3)]


def words(elements: list[int]) -> Words:
    """Elements, padded with zeros, in words of eight."""
    padded = elements + [0] * (-len(elements) % 8)
    return [padded[i : i + 8] for i in range(0, len(padded), 8)]


def data_bytes(section: Words) -> bytes:
    """Each element as four bytes."""
    return b"".join(e.to_bytes(4, "big") for word in section for e in word)


def deposit_record(account: int, owner: bytes, amount: int) -> Words:
    """A deposit of asset 0."""
    record = words([1, account, 0, *address(owner), *limbs(amount, 16, 4)])
    return record + [[0] * 8 for _ in range(4 - len(record))]


def key_record(account: int, slot: int, owner: bytes, x: int, y: int) -> Words:
    """A session key."""
    return words([2, account, slot, *address(owner), *limbs(x, 24, 11), *limbs(y, 24, 11)])


def withdrawal_record(owner: bytes, amount: int, account: int) -> Words:
    """A withdrawal of asset 0."""
    return words([*address(owner), 0]) + words([*limbs(amount, 16, 4), account])


def chunk_record(account: int, slot: int, word: list[int]) -> Words:
    """A changed word."""
    return [*words([account, slot]), word]


def inbox_hash(records: list[Words]) -> bytes:
    """The chain of hashes over all records from the first."""
    h = bytes(32)
    for i, record in enumerate(records):
        h = keccak(h + i.to_bytes(32, "big") + data_bytes(record))
    return bytes(h)


def challenge(data: bytes, commitment: list[int]) -> list[int]:
    """z."""
    h = int.from_bytes(keccak(keccak(data) + data_bytes([commitment])), "big")
    return [(h >> 64 * i) % 2**64 % P for i in range(4)]


def evaluation(section: Words, z: list[int]) -> list[int]:
    """The section's value at z: polynomials multiplied term by term, X**4 replaced by 11."""
    value = [0, 0, 0, 0]
    for word in section:
        for d in (word[:4], word[4:]):
            product = [0] * 7
            for i, a in enumerate(value):
                for j, b in enumerate(z):
                    product[i + j] += a * b
            value = [
                (product[k] + 11 * (product[k + 4] if k < 3 else 0) + d[k]) % P for k in range(4)
            ]
    return value


@dataclass(frozen=True)
class Claim:
    """The statement of a batch, as whoever proves it sees it."""

    batch_number: int
    chain_id: int
    contract: bytes
    old_root: list[int]
    new_root: list[int]
    inbox_from: int
    inbox_to: int
    inbox_hash_before: bytes
    inbox_hash_after: bytes
    configuration: list[int]
    window_start: int
    window_end: int
    supply_before: int
    supply_after: int
    commitment: list[int]
    inbox: list[Words] = field(default_factory=list)
    withdrawals: list[Words] = field(default_factory=list)
    chunks: list[Words] = field(default_factory=list)
    version: int = 1

    @property
    def section(self) -> Words:
        """All words in the order in which they are posted."""
        return [w for record in (*self.inbox, *self.withdrawals, *self.chunks) for w in record]

    @property
    def data(self) -> bytes:
        """What is posted."""
        return data_bytes(self.section)

    @property
    def elements(self) -> list[int]:
        """The 106 public values."""
        z = challenge(self.data, self.commitment)
        hashes = [
            limbs(int.from_bytes(h, "big"), 16, 16)[::-1]
            for h in (self.inbox_hash_before, self.inbox_hash_after)
        ]
        return [
            self.version,
            *limbs(self.batch_number, 16, 2),
            *limbs(self.chain_id, 16, 4),
            *address(self.contract),
            *self.old_root,
            *self.new_root,
            *limbs(self.inbox_from, 16, 2),
            *limbs(self.inbox_to, 16, 2),
            *hashes[0],
            *hashes[1],
            *self.configuration,
            *limbs(self.window_start, 16, 2),
            *limbs(self.window_end, 16, 2),
            *limbs(len(self.withdrawals), 16, 2),
            *limbs(len(self.chunks), 16, 2),
            *limbs(self.supply_before, 16, 4),
            *limbs(self.supply_after, 16, 4),
            *self.commitment,
            *z,
            *evaluation(self.section, z),
        ]

    @property
    def hash(self) -> bytes:
        """What watchers sign."""
        return statement_hash(self.elements)

    def but(self, **changes: Any) -> "Claim":
        """The same claim with some fields changed."""
        return replace(self, **changes)


def statement_hash(elements: list[int]) -> bytes:
    """The hash of the elements as bytes."""
    return bytes(keccak(data_bytes([elements])))
