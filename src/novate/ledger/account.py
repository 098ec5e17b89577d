"""Who owns an account."""

from dataclasses import dataclass

from novate.field import Word, address_elements, word
from novate.keys import require_address
from novate.ledger.address import COMPARTMENT
from novate.units import within


def address_from_elements(elements: tuple[int, ...]) -> bytes:
    """The 20 bytes whose seven elements are given.

    Raises: OutOfRange for an element that does not fit its bytes.
    """
    widths = (3, 3, 3, 3, 3, 3, 2)
    for element, width in zip(elements, widths, strict=True):
        within("element of an address", element, high=1 << (8 * width))
    return b"".join(e.to_bytes(n, "big") for e, n in zip(elements, widths, strict=True))


@dataclass(frozen=True, slots=True)
class Header:
    """The first word of an account: its owner on the base layer and its compartment."""

    owner: bytes

    def __post_init__(self) -> None:
        require_address(self.owner)

    def encode(self) -> Word:
        """The word of this header."""
        return word(*address_elements(self.owner), COMPARTMENT)

    @classmethod
    def decode(cls, stored: Word) -> "Header":
        """The header in a word that is not absent."""
        assert stored[7] == COMPARTMENT
        return cls(address_from_elements(stored[:7]))
