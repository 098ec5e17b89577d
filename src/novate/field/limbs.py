"""Integers and byte strings as elements (formats.md, section 1)."""

from collections.abc import Sequence

from novate.field.babybear import P, Word


def limbs16(value: int, count: int) -> tuple[int, ...]:
    """`value` in `count` limbs of 16 bits, least significant first.

    Raises: ValueError unless 0 <= value < 2**(16 * count).
    """
    if not 0 <= value < 1 << (16 * count):
        raise ValueError(f"{value} does not fit {count} limbs of 16 bits")
    return tuple((value >> (16 * i)) & 0xFFFF for i in range(count))


def from_limbs16(limbs: Sequence[int]) -> int:
    """The integer whose 16-bit limbs, least significant first, are `limbs`.

    Raises: ValueError for a limb of more than 16 bits.
    """
    for limb in limbs:
        if not 0 <= limb < 1 << 16:
            raise ValueError(f"{limb} is not a limb of 16 bits")
    return sum(limb << (16 * i) for i, limb in enumerate(limbs))


def signed_element(value: int) -> int:
    """A signed integer modulo P: zero is 0 and -1 is P - 1.

    Raises: ValueError unless its magnitude is below 2**29.
    """
    if not abs(value) < 1 << 29:
        raise ValueError(f"{value} does not fit 29 bits and a sign")
    return value % P


def from_signed_element(element: int) -> int:
    """The signed integer that `signed_element` wrote.

    Raises: ValueError for an element that stands for none.
    """
    value = element if element <= P // 2 else element - P
    if not 0 <= element < P or not abs(value) < 1 << 29:
        raise ValueError(f"{element} is not a signed integer of 29 bits")
    return value


def limbs24(value: int) -> tuple[int, ...]:
    """A 256-bit integer in 11 limbs of 24 bits, least significant first (the last holds 16 bits).

    Raises: ValueError unless 0 <= value < 2**256.
    """
    if not 0 <= value < 1 << 256:
        raise ValueError(f"{value} does not fit 256 bits")
    return tuple((value >> (24 * i)) & 0xFFFFFF for i in range(11))


def address_elements(address: bytes) -> tuple[int, ...]:
    """A 20-byte address in 7 elements of 3 bytes, in address order; the last holds 2 bytes.

    Raises: ValueError unless `address` has 20 bytes.
    """
    if len(address) != 20:
        raise ValueError(f"an address has 20 bytes, got {len(address)}")
    return tuple(int.from_bytes(address[i : i + 3], "big") for i in range(0, 20, 3))


def word_bytes(elements: Word) -> bytes:
    """The word as one `bytes32`: each element as 4 bytes, big-endian, element 0 first."""
    return b"".join(element.to_bytes(4, "big") for element in elements)


def word_from_bytes(data: bytes) -> Word:
    """The word that `word_bytes` wrote.

    Raises: ValueError for a length other than 32, or an element that is not canonical.
    """
    if len(data) != 32:
        raise ValueError(f"a word has 32 bytes, got {len(data)}")
    a, b, c, d, e, f, g, h = (int.from_bytes(data[i : i + 4], "big") for i in range(0, 32, 4))
    elements: Word = (a, b, c, d, e, f, g, h)
    for element in elements:
        if element >= P:
            raise ValueError(f"{element} is not an element: it must lie below {P}")
    return elements
