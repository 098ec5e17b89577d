"""Keys that sign, and the word that stands for one."""

from dataclasses import dataclass

import coincurve

from novate.field import Tag, Word, limbs24, sponge
from novate.units import within


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


def public_key(secret: bytes) -> PublicKey:
    """The public key of a private key of 32 bytes.

    Raises: ValueError unless it is one.
    """
    return PublicKey(*private_key(secret).public_key.point())


def private_key(secret: bytes) -> coincurve.PrivateKey:
    """The private key of exactly 32 bytes; the library would fill up a shorter one with zeros.

    Raises: ValueError unless it is one.
    """
    if len(secret) != 32:
        raise ValueError(f"a private key has 32 bytes, and this has {len(secret)}")
    return coincurve.PrivateKey(secret)
