import pytest

from novate.circuits.poseidon2_parameters import (
    BLOCK,
    DIAGONAL,
    EXTERNAL_FIRST,
    EXTERNAL_LAST,
    INTERNAL,
)
from novate.field import EMPTY_SUBTREES, P, Tag, compress, compress_many, permute, sponge, word


def external(state: list[int]) -> list[int]:
    mixed = [
        sum(BLOCK[i][j] * state[4 * b + j] for j in range(4)) for b in range(4) for i in range(4)
    ]
    return [(x + sum(mixed[i % 4 :: 4])) % P for i, x in enumerate(mixed)]


def plain_permutation(state: list[int]) -> list[int]:
    """The permutation written out in integers."""
    state = external(state)
    for constants in EXTERNAL_FIRST:
        state = external([pow(x + c, 7, P) for x, c in zip(state, constants, strict=True)])
    for constant in INTERNAL:
        state[0] = pow(state[0] + constant, 7, P)
        total = sum(state)
        state = [(total + d * x) % P for d, x in zip(DIAGONAL, state, strict=True)]
    for constants in EXTERNAL_LAST:
        state = external([pow(x + c, 7, P) for x, c in zip(state, constants, strict=True)])
    return state


@pytest.mark.parametrize(
    "state", [[0] * 16, [P - 1] * 16, list(range(16)), [7**i for i in range(16)]]
)
def test_the_backend_permutes_as_the_parameters_say(state: list[int]) -> None:
    reduced = [x % P for x in state]
    assert list(permute(reduced)) == plain_permutation(reduced)


def test_compression_feeds_the_left_word_forward() -> None:
    left, right = word(*range(8)), word(*range(8, 16))
    out = permute((*left, *right))
    assert compress(left, right) == tuple((a + b) % P for a, b in zip(out, left, strict=False))
    assert compress_many([left, right], [right, left]) == [
        compress(left, right),
        compress(right, left),
    ]


def test_the_sponge_holds_length_and_tag_in_its_capacity() -> None:
    assert sponge(Tag.KEY, [1]) != sponge(Tag.KEY, [1, 0])
    assert sponge(Tag.KEY, [1]) != sponge(Tag.DATA, [1])
    first = permute((1, 0, 0, 0, 0, 0, 0, 0, 1, Tag.KEY, 0, 0, 0, 0, 0, 0))
    assert sponge(Tag.KEY, [1]) == first[:8]


def test_empty_subtrees_hash_each_other() -> None:
    assert EMPTY_SUBTREES[0] == (0,) * 8
    assert EMPTY_SUBTREES[32] == compress(EMPTY_SUBTREES[31], EMPTY_SUBTREES[31])


def test_an_empty_input_has_no_digest() -> None:
    with pytest.raises(ValueError, match="at least one element"):
        sponge(Tag.KEY, [])
