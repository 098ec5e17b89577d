"""The field of the proof: BabyBear, p = 2**31 - 2**27 + 1, and words of eight elements."""

from typing import Final

P: Final = 2**31 - 2**27 + 1
"""The order of the field."""

EXTENSION_RESIDUE: Final = 11
"""The challenge field is F_p[X] / (X**4 - 11)."""

Element = int
"""An integer in [0, P)."""

Word = tuple[int, int, int, int, int, int, int, int]
"""Eight elements: a leaf, a digest, one `bytes32` of the base layer."""


def word(*elements: int) -> Word:
    """The given elements (at most eight, each in [0, P)), then zeros.

    Raises: ValueError for more than eight, or for an integer that is not an element.
    """
    if len(elements) > 8:
        raise ValueError(f"a word holds 8 elements, got {len(elements)}")
    for element in elements:
        if not 0 <= element < P:
            raise ValueError(f"{element} is not an element: it must lie in [0, {P})")
    a, b, c, d, e, f, g, h = (*elements, *(0 for _ in range(8 - len(elements))))
    return (a, b, c, d, e, f, g, h)
