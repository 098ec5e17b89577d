"""Integers inside words, as the ledger reads and writes them."""

from typing import Final

from novate.field import P, Word, limbs16, word

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


def signed(value: int) -> int:
    """The element of a signed integer of up to 29 bits magnitude."""
    assert abs(value) < 1 << 29
    return value % P


def from_signed(element: int) -> int:
    """The signed integer that `signed` wrote."""
    return element if element <= P // 2 else element - P
