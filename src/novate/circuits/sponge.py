"""The permutations a sponge runs through: what its rows hold and the Poseidon2 table must prove."""

from collections.abc import Sequence

from novate.field import Tag, permute

States = dict[tuple[int, ...], None]
"""The permutations a batch needs, each once, in order of first use."""


def absorb(tag: Tag, elements: Sequence[int], states: States) -> list[tuple[int, ...]]:
    """The state after each word of the input; the digest is the first half of the last.

    The permuted states are added to `states`. Empty input has no state.
    """
    capacity: tuple[int, ...] = (len(elements), int(tag), 0, 0, 0, 0, 0, 0)
    outs = []
    for start in range(0, len(elements), 8):
        word = tuple(elements[start : start + 8])
        state = (*word, *(0,) * (8 - len(word)), *capacity)
        states[state] = None
        outs.append(permute(state))
        capacity = outs[-1][8:]
    return outs
