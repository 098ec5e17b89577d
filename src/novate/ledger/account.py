"""Who owns an account, and which keys sign for it."""

from dataclasses import dataclass

from novate.field import Tag, Word, address_elements, limbs24, sponge, word
from novate.ledger.address import COMPARTMENT
from novate.units import within


def require_owner(owner: bytes) -> None:
    """Refuse what is not an address of the base layer.

    Raises: OutOfRange.
    """
    within("length of an address", len(owner), low=20, high=21)


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
        require_owner(self.owner)

    def encode(self) -> Word:
        """The word of this header."""
        return word(*address_elements(self.owner), COMPARTMENT)

    @classmethod
    def decode(cls, stored: Word) -> "Header":
        """The header in a word that is not absent."""
        assert stored[7] == COMPARTMENT
        return cls(address_from_elements(stored[:7]))


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A point as it was registered; it may lie off the curve, and then it signs nothing."""

    x: int
    y: int

    def __post_init__(self) -> None:
        within("x", self.x, high=1 << 256)
        within("y", self.y, high=1 << 256)

    @property
    def elements(self) -> tuple[int, ...]:
        """Both coordinates in 24-bit limbs."""
        return (*limbs24(self.x), *limbs24(self.y))

    @property
    def commitment(self) -> Word:
        """The word that stands for this key in the state and in the configuration."""
        return sponge(Tag.KEY, self.elements)
