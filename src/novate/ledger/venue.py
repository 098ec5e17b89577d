"""What the venue knows of itself: how far the inbox is consumed, and the supply."""

from dataclasses import dataclass

from novate.field import Word, from_limbs16, word
from novate.ledger.words import u32, u64
from novate.units import Term, bounds


def cursor_law(before: Term, after: Term) -> Term:
    """Zero when one inbox entry was consumed."""
    return after - before - 1


def supply_law(before: Term, deposited: Term, withdrawn: Term, after: Term) -> Term:
    """Zero when the supply moved by what entered and what left."""
    return after - before - deposited + withdrawn


@dataclass(frozen=True, slots=True)
class Venue:
    """The inbox cursor, and the sum of every balance in micro-USDC."""

    cursor: int = 0
    supply_e6: int = 0

    def encode(self) -> Word:
        """The word of the venue."""
        assert 0 <= self.cursor < 1 << bounds.CURSOR_BITS
        assert 0 <= self.supply_e6 < 1 << bounds.USD_BITS
        return word(*u32(self.cursor), *u64(self.supply_e6))

    @classmethod
    def decode(cls, stored: Word) -> "Venue":
        """The venue in its word."""
        return cls(from_limbs16(stored[:2]), from_limbs16(stored[2:6]))
