"""What stops a signed message from being used twice.

A slot holds the highest nonce it has seen and how much of the order with that nonce is filled. A
higher nonce replaces, an equal one continues, a lower one is stale; raising the nonce cancels.
"""

from dataclasses import dataclass

from novate.field import Word, word
from novate.units import Term, bounds


def nonce_law(slot_nonce: Term, raised_by: Term, nonce: Term) -> Term:
    """Zero when `nonce` is the slot's raised by `raised_by`; that is at least zero: not stale."""
    return slot_nonce + raised_by - nonce


def resume_law(is_equal: Term, slot_filled: Term, before: Term) -> Term:
    """Zero when an equal nonce counts on from the slot and a higher one counts from zero."""
    return before - is_equal * slot_filled


def fill_law(before: Term, size: Term, after: Term) -> Term:
    """Zero when the count of what is filled grew by the fill."""
    return after - before - size


def room_law(order_size: Term, after: Term, left: Term) -> Term:
    """Zero when `left`, which is at least zero, remains of the order: so it is not overfilled."""
    return order_size - after - left


@dataclass(frozen=True, slots=True)
class OrderSlot:
    """The nonce an order slot is at, and the milli-contracts filled under it."""

    nonce: int = 0
    filled_e3: int = 0

    def filled_before_e3(self, nonce: int) -> int:
        """How much of the order with this nonce is filled already; the nonce is not stale."""
        assert nonce_law(self.nonce, nonce - self.nonce, nonce) == 0
        assert nonce >= self.nonce
        is_equal = nonce == self.nonce
        before_e3 = self.filled_e3 if is_equal else 0
        assert resume_law(int(is_equal), self.filled_e3, before_e3) == 0
        return before_e3

    def encode(self) -> Word:
        """The word of this slot."""
        assert 0 <= self.nonce < 1 << bounds.NONCE_BITS
        assert 0 <= self.filled_e3 < 1 << bounds.QTY_BITS
        return word(self.nonce, self.filled_e3)

    @classmethod
    def decode(cls, stored: Word) -> "OrderSlot":
        """The slot in a word; of the absent word, one that was never used."""
        return cls(stored[0], stored[1])
