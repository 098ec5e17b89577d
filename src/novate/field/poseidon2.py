"""Poseidon2 over BabyBear, width 16: permutation, compression, sponge (formats.md, section 2)."""

from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import Final

import numpy as np

from novate import _stark
from novate.field.babybear import Word


class Tag(IntEnum):
    """What a sponge's digest stands for; sits in the capacity, so two meanings never share a
    digest."""

    SIGNED = 1
    KEY = 2
    CONFIGURATION = 3
    DATA = 4
    TICK = 5


def permute(state: Sequence[int]) -> tuple[int, ...]:
    """The permutation of 16 elements, with the parameters of the proof backend.

    Raises: ValueError unless there are 16 canonical elements.
    """
    return tuple(_stark.poseidon2_permute(list(state)))


def compress(left: Word, right: Word) -> Word:
    """Two words to one: the first half of the permutation of both, plus `left`.

    The sum makes it one-way: the truncated permutation alone is inverted by guessing the half that
    was cut off.
    """
    a, b, c, d, e, f, g, h = _stark.poseidon2_compress(list(left), list(right))
    return (a, b, c, d, e, f, g, h)


def compress_many(left: Sequence[Word], right: Sequence[Word]) -> list[Word]:
    """`compress` of each pair, all in one call.

    Raises: ValueError for a different number of left and right words.
    """
    hashes = _stark.poseidon2_compress_many(
        np.array(left, dtype=np.uint32).reshape(-1, 8),
        np.array(right, dtype=np.uint32).reshape(-1, 8),
    )
    return [(a, b, c, d, e, f, g, h) for a, b, c, d, e, f, g, h in hashes.tolist()]


def sponge(tag: Tag, elements: Iterable[int]) -> Word:
    """The digest of a sequence of elements; its length and `tag` are in the capacity from the
    start.

    Raises: ValueError for an empty sequence or an integer that is not an element.
    """
    a, b, c, d, e, f, g, h = _stark.poseidon2_sponge(int(tag), list(elements))
    return (a, b, c, d, e, f, g, h)


def _empty_subtrees(depth: int) -> tuple[Word, ...]:
    hashes: list[Word] = [(0, 0, 0, 0, 0, 0, 0, 0)]
    for _ in range(depth):
        hashes.append(compress(hashes[-1], hashes[-1]))
    return tuple(hashes)


EMPTY_SUBTREES: Final[tuple[Word, ...]] = _empty_subtrees(32)
"""The hash of a subtree of absent words, by level: 0 is the absent word itself, 32 the empty
state."""
