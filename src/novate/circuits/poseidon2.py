"""Poseidon2 as a table: one permutation a row, for hashing nodes and for sponges."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from novate.air import Row, Statement, Table, element, equal, provide, vector
from novate.circuits.buses import COMPRESSION, PERMUTATION
from novate.circuits.poseidon2_parameters import (
    BLOCK,
    DIAGONAL,
    EXTERNAL_FIRST,
    EXTERNAL_LAST,
    INTERNAL,
)

State = tuple[Any, ...]
ROUNDS = len(EXTERNAL_FIRST) + len(INTERNAL) + len(EXTERNAL_LAST)


def external(state: Sequence[Any]) -> State:
    """The external linear layer: M on each four, plus the sum over the fours."""
    blocks = [_block(state[4 * b : 4 * b + 4]) for b in range(4)]
    totals = [blocks[0][i] + blocks[1][i] + blocks[2][i] + blocks[3][i] for i in range(4)]
    return tuple(blocks[b][i] + totals[i] for b in range(4) for i in range(4))


def _block(four: Sequence[Any]) -> list[Any]:
    a, b, c, d = four
    return [line[0] * a + line[1] * b + line[2] * c + line[3] * d for line in BLOCK]


def internal(state: Sequence[Any]) -> State:
    """The internal linear layer: the sum of all plus a multiple of each."""
    total = sum(state[1:], state[0])
    return tuple(total + factor * x for factor, x in zip(DIAGONAL, state, strict=True))


def constants(index: int) -> tuple[int, ...]:
    """The round constants of round `index`: sixteen of an external round, one of an internal."""
    first, middle = len(EXTERNAL_FIRST), len(INTERNAL)
    if index < first:
        return EXTERNAL_FIRST[index]
    if index < first + middle:
        return (INTERNAL[index - first],)
    return EXTERNAL_LAST[index - first - middle]


def entering(row: Any, index: int) -> State:
    """The state that enters the S-boxes of round `index`, before its constants: sums of columns."""
    if index == 0:
        return external(row.state)
    boxed = getattr(row, f"seventh_{index - 1}")
    if len(boxed) == 16:
        return external(boxed)
    # the other fifteen elements pass an internal round untouched
    return internal((boxed[0], *entering(row, index - 1)[1:]))


class Poseidon2(Table):
    """One permutation of sixteen elements a row.

    Soundness. Each S-box x**7 is two columns, x**3 and x**7, with one constraint each of degree 3;
    x is a sum of columns. Whoever looks up `permutation(state, out)` knows that out is the
    permutation of state; `compression(left, right, out)`: that out is the first half of the
    permutation of both plus `left`. Padding rows provide nothing.
    Determined: every column by `state`, one after the other, and so both outputs.
    """

    state = vector(element(), 16)
    for _index in range(ROUNDS):
        _width = len(constants(_index))

        def _cubes(row: Any, index: int = _index) -> State:  # noqa: N805
            return tuple(x * x * x for x in _boxes(row, index))

        def _sevenths(row: Any, index: int = _index) -> State:  # noqa: N805
            cubes = getattr(row, f"cube_{index}")
            return tuple(c * c * x for c, x in zip(cubes, _boxes(row, index), strict=True))

        vars()[f"cube_{_index}"] = vector(element(), _width, given=_cubes)
        vars()[f"seventh_{_index}"] = vector(element(), _width, given=_sevenths)

    @classmethod
    def constrain(cls, row: Row) -> Iterator[Statement]:
        for index in range(ROUNDS):
            boxes = _boxes(row, index)
            cubes, sevenths = getattr(row, f"cube_{index}"), getattr(row, f"seventh_{index}")
            for i, (x, cube, seventh) in enumerate(zip(boxes, cubes, sevenths, strict=True)):
                yield equal(f"round {index}: box {i} cubed", cube, x * x * x)
                yield equal(f"round {index}: box {i} to the seventh", seventh, cube * cube * x)
        out = external(getattr(row, f"seventh_{ROUNDS - 1}"))
        left, right = row.state[:8], row.state[8:]
        fed = tuple(a + b for a, b in zip(out[:8], left, strict=True))
        yield provide(PERMUTATION, state=row.state, out=out)
        yield provide(COMPRESSION, left=left, right=right, out=fed)


def _boxes(row: Any, index: int) -> State:
    """What enters the S-boxes of round `index`: the state plus the constants."""
    added = constants(index)
    return tuple(x + c for x, c in zip(entering(row, index), added, strict=False))
