"""The records of the base layer's inbox, and the chain of hashes over them.

The formats are in formats.md, sections 6 and 8.
"""

from enum import IntEnum
from typing import Final

from eth_hash.auto import keccak

from novate.field import Word, address_elements, word, word_bytes

InboxRecord = tuple[Word, Word, Word, Word]
"""What one entry of the inbox posts."""

EMPTY_INBOX: Final = bytes(32)
"""The hash of an inbox without entries."""


class InboxKind(IntEnum):
    """What an entry asks for; its first element."""

    DEPOSIT = 1
    REGISTER_KEY = 2


def inbox_record(
    *, kind: InboxKind, account: int, slot: int, owner: bytes, payload: tuple[int, ...]
) -> InboxRecord:
    """The four words of an entry; a payload shorter than 22 elements is followed by zeros."""
    elements = (kind, account, slot, *address_elements(owner), *payload)
    assert len(elements) <= 32
    full = (*elements, *(0 for _ in range(32 - len(elements))))
    return (word(*full[:8]), word(*full[8:16]), word(*full[16:24]), word(*full[24:]))


def inbox_hash(before: bytes, position: int, record: InboxRecord) -> bytes:
    """The hash of the inbox up to and with the entry at `position`."""
    data = b"".join(word_bytes(w) for w in record)
    return bytes(keccak(before + position.to_bytes(32, "big") + data))
