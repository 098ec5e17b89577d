"""What an account holds of one instrument."""

from dataclasses import dataclass

from novate.field import Word, from_signed_element, signed_element, word
from novate.ledger.words import ZERO
from novate.units import Term, bounds, parts


def position_law(direction: Term, before: Term, size: Term, after: Term) -> Term:
    """Zero when a fill of `size` moved a signed position.

    `direction` is +1 for a buyer and -1 for a seller.
    """
    return after - before - direction * size


@dataclass(frozen=True, slots=True)
class Position:
    """A signed number of milli-contracts of an instrument: long above zero, short below.

    An empty position has size zero and instrument zero, and its word is absent.
    """

    instrument: int = 0
    size_e3: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing is held."""
        return self.size_e3 == 0

    @property
    def short_e3(self) -> int:
        """The obligations: how much is sold short, zero for a long."""
        return parts(self.size_e3)[1]

    def encode(self) -> Word:
        """The word of this position; all zero when the size is."""
        if self.is_empty:
            return ZERO
        assert abs(self.size_e3) < 1 << bounds.QTY_BITS
        return word(self.instrument, signed_element(self.size_e3))

    @classmethod
    def decode(cls, stored: Word) -> "Position":
        """The position in a word."""
        return cls(stored[0], from_signed_element(stored[1]))
