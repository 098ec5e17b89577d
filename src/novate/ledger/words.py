"""Integers inside words, as the ledger reads and writes them."""

from typing import Final

from novate.field import Word, limbs16, word

ZERO: Final[Word] = word()
"""The absent word."""


def u32(value: int) -> tuple[int, ...]:
    """Two limbs: an instant, a count, a position."""
    return limbs16(value, 2)


def u48(value: int) -> tuple[int, ...]:
    """Three limbs: a price."""
    return limbs16(value, 3)


def u64(value: int) -> tuple[int, ...]:
    """Four limbs: an amount, a chain id."""
    return limbs16(value, 4)
