"""A batch in one file: what it claims, what was posted of it, and the proof.

Layout, all integers big-endian:

    8 bytes   "novate-b"
    1 byte    format, 1
    1 byte    level of the proof: 1 full, 2 development
    32 bytes  program hash
    424 bytes statement (formats.md, section 7)
    4 bytes   length of the data section: a multiple of 32, at most 98,304
    4 bytes   length of the proof: from 1 to 16,777,216
    ...       data section, then proof, and nothing after them

Every batch has exactly one such file. A length is compared with its limit, and the sum of all with
the length of the file, before anything is taken apart.
"""

from dataclasses import dataclass
from typing import Final

from novate.air import Security
from novate.ledger import Statement
from novate.units import NamedError

MAGIC: Final = b"novate-b"
FORMAT: Final = 1
LEVELS: Final = {1: Security.FULL, 2: Security.DEVELOPMENT}

HASH_BYTES: Final = 32
STATEMENT_BYTES: Final = 4 * Statement.LENGTH
LENGTH_BYTES: Final = 4
HEAD_BYTES: Final = len(MAGIC) + 2 + HASH_BYTES + STATEMENT_BYTES + 2 * LENGTH_BYTES

WORD_BYTES: Final = 32
DATA_BYTES_MAX: Final = 98_304
"""What the settlement contract takes."""

PROOF_BYTES_MAX: Final = 1 << 24
"""A proof of the largest batch has some megabytes."""

BUNDLE_BYTES_MAX: Final = HEAD_BYTES + DATA_BYTES_MAX + PROOF_BYTES_MAX


class BundleRefused(NamedError):
    """A file that is not a batch bundle, or a bundle that does not show what it claims."""

    def __init__(
        self,
        *,
        what: str,
        expected: object,
        found: object,
        next_step: str = "do not rely on this file; ask for it again from another source",
    ) -> None:
        super().__init__(f"{what}: expected {shown(expected)}, found {shown(found)}")
        self.what, self.expected, self.found = what, expected, found
        self.next_step = next_step


@dataclass(frozen=True, slots=True)
class BatchBundle:
    """A proven batch as it travels: nothing in it is known until it is verified."""

    security: Security
    program_hash: bytes
    statement: Statement
    data: bytes
    """The data section."""
    proof: bytes

    def __post_init__(self) -> None:
        assert len(self.program_hash) == HASH_BYTES
        assert len(self.data) <= DATA_BYTES_MAX and len(self.data) % WORD_BYTES == 0
        assert 1 <= len(self.proof) <= PROOF_BYTES_MAX

    @property
    def encoding(self) -> bytes:
        """The file."""
        (level,) = (code for code, security in LEVELS.items() if security is self.security)
        return b"".join(
            (
                MAGIC,
                bytes([FORMAT, level]),
                self.program_hash,
                self.statement.data,
                len(self.data).to_bytes(LENGTH_BYTES, "big"),
                len(self.proof).to_bytes(LENGTH_BYTES, "big"),
                self.data,
                self.proof,
            )
        )

    @classmethod
    def decode(cls, data: bytes) -> "BatchBundle":
        """The bundle in a file.

        Raises: BundleRefused, and nothing else, whatever the bytes.
        """
        within("length of the file", len(data), low=HEAD_BYTES, high=BUNDLE_BYTES_MAX)
        head = _Head.decode(data[:HEAD_BYTES])
        equal("length of the file", HEAD_BYTES + head.data_bytes + head.proof_bytes, len(data))
        try:
            statement = Statement.from_bytes(head.statement)
        except ValueError as error:
            raise BundleRefused(
                what="statement", expected=f"{Statement.LENGTH} public values", found=error
            ) from None
        end = HEAD_BYTES + head.data_bytes
        return cls(head.security, head.program_hash, statement, data[HEAD_BYTES:end], data[end:])


@dataclass(frozen=True, slots=True)
class _Head:
    """The part of fixed length."""

    security: Security
    program_hash: bytes
    statement: bytes
    data_bytes: int
    proof_bytes: int

    @classmethod
    def decode(cls, head: bytes) -> "_Head":
        at = 0

        def take(count: int) -> bytes:
            nonlocal at
            at += count
            return head[at - count : at]

        first = take(len(MAGIC))
        if first != MAGIC:
            raise BundleRefused(
                what="first bytes of a batch bundle",
                expected=MAGIC,
                found=first,
                next_step="name a file that an operator, or `novate demo`, wrote for a batch",
            )
        equal("format", FORMAT, take(1)[0])
        level = take(1)[0]
        if level not in LEVELS:
            raise BundleRefused(what="level of the proof", expected="1 or 2", found=level)
        program_hash, statement = take(HASH_BYTES), take(STATEMENT_BYTES)
        data_bytes, proof_bytes = (int.from_bytes(take(LENGTH_BYTES), "big") for _ in range(2))
        within("length of the data section", data_bytes, low=0, high=DATA_BYTES_MAX)
        if data_bytes % WORD_BYTES:
            raise BundleRefused(
                what="length of the data section",
                expected=f"a multiple of {WORD_BYTES}",
                found=data_bytes,
            )
        within("length of the proof", proof_bytes, low=1, high=PROOF_BYTES_MAX)
        return cls(LEVELS[level], program_hash, statement, data_bytes, proof_bytes)


def equal(what: str, expected: object, found: object) -> None:
    """Go on only if what was found is what was expected.

    Raises: BundleRefused.
    """
    if expected != found:
        raise BundleRefused(what=what, expected=expected, found=found)


def within(what: str, found: int, *, low: int, high: int) -> None:
    """Go on only if a number is from `low` to `high`.

    Raises: BundleRefused.
    """
    if not low <= found <= high:
        raise BundleRefused(what=what, expected=f"{low:,} to {high:,}", found=f"{found:,}")


def shown(value: object) -> object:
    """Bytes as people compare them; everything else as it is."""
    return f"0x{value.hex()}" if isinstance(value, bytes) else value
