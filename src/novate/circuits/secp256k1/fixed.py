"""The fixed multiples of the generator that every ladder adds."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, ClassVar, Final

import numpy as np

from novate.air import (
    Row,
    Statement,
    Table,
    choice,
    element,
    equal,
    equals,
    first,
    followed,
    last,
    modular,
    provide,
    unsigned,
    when,
)
from novate.circuits.secp256k1.curve import (
    BITS,
    G,
    P,
    Point,
    addition_laws,
    centred,
    chord,
    multiple,
    pieces,
    total,
)
from novate.circuits.secp256k1.messages import FIXED, STREAMS

HALVES: Final = 128
STAGES: Final = ("IN_0", "TO_1", "IN_1", "TO_2", "IN_2", "TO_3", "IN_3")
"""Where a row stands: inside a stream, or at the end of one, before the next."""

STREAM_OF_STAGE: Final = (0, 0, 1, 1, 2, 2, 3)
TURNS: Final = ("TO_1", "TO_2", "TO_3")


@lru_cache(maxsize=1)
def steps() -> tuple[Point, ...]:
    """What is added after a row of each stage: twice its base, or what leads to the next base."""
    bases = [multiple(2 ** (62 * stream), G) for stream in range(STREAMS)]
    inside = [total(base, base) for base in bases]
    found = []
    for stream, base in enumerate(bases):
        found.append(inside[stream])
        if stream + 1 < STREAMS:
            x, y = multiple(2 * HALVES - 1, base)
            found.append(total(bases[stream + 1], (x, P - y)))
    return tuple(found)


class Fixed(Table):
    """The odd multiples (2*half + 1) * 2**(62*stream) * G: four streams of 128 rows.

    Soundness. Counted: half rises from 0 and can only return to zero at 127, where the stream
    rises; the last row says stream 3, half 127, so every row has its stage. No verifier knows how
    high the table is meant to be: all four bounds are needed, for a table of 256 rows could start
    in stream 2, and one of 1,024 at half -512. The first point is a constant, each next one is the
    last plus the constant of the stage by the chord; as all of them are constants, no two that are
    added have the same x (a test looks). Whoever looks up `fixed(stream, half, x, y)` knows the
    point; its integers may be representatives below 2**256 of the residues.

    Determined: stage and half by the row's number, x and y by both, as residues; the slope by its
    law, but on the last row, where nothing follows, it is free and unheard.
    """

    counted: ClassVar[int | None] = STREAMS * HALVES
    stage = choice(*STAGES)
    half = element()
    x, y, slope = unsigned(BITS), unsigned(BITS), unsigned(BITS)

    @classmethod
    def constrain(cls, row: Row) -> Iterator[Statement]:
        stream, turns = _stream(row.stage), row.stage.any(*TURNS)
        yield from first(
            equal("streams start at 0", stream, 0),
            equal("halves start at 0", row.half, 0),
            equals("x starts at the generator", pieces(row.x), pieces(G[0])),
            equals("y starts at the generator", pieces(row.y), pieces(G[1])),
        )
        yield from followed(
            equal("half counts up, or returns to 0", row.next.half, (1 - turns) * (row.half + 1)),
            equal("the stream rises when half returns", _stream(row.next.stage), stream + turns),
        )
        yield from when(turns, equal("half returns only at 127", row.half, HALVES - 1))
        yield from last(
            equal("streams end at 3", stream, STREAMS - 1),
            equal("halves end at 127", row.half, HALVES - 1),
        )
        here, step = (row.x, row.y), (_step(row.stage, 0), _step(row.stage, 1))
        sums = addition_laws(
            "next multiple", slope=row.slope, a=here, b=step, out=(row.next.x, row.next.y)
        )
        yield from followed(modular(name, law, P) for name, law in sums)
        yield provide(FIXED, stream=stream, half=row.half, x=row.x, y=row.y)

    @classmethod
    def kernel(cls, columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        return fixed_columns()


def _stream(stage: Any) -> Any:
    weighed = [
        stream * getattr(stage, name)
        for stream, name in zip(STREAM_OF_STAGE, STAGES, strict=True)
        if stream
    ]
    return sum(weighed[1:], weighed[0])


def _step(stage: Any, part: int) -> Any:
    """A coordinate of the step: a constant for each stage."""
    weighed = [
        point[part] * getattr(stage, name) for name, point in zip(STAGES, steps(), strict=True)
    ]
    return sum(weighed[1:], weighed[0])


@lru_cache(maxsize=1)
def fixed_columns() -> dict[str, np.ndarray]:
    """The one filling of the table. Shape: 512 rows; wide columns as 32 bytes."""
    stage, points, slopes = [], [], []
    here = G
    for index in range(STREAMS * HALVES):
        stream, half = divmod(index, HALVES)
        stage.append(2 * stream + int(half == HALVES - 1 and stream < STREAMS - 1))
        step = steps()[stage[-1]]
        points.append(here)
        slopes.append(centred(chord(here, step)))
        here = total(here, step)
    return {
        "stage": np.array(stage, dtype=np.int64),
        "half": np.arange(STREAMS * HALVES, dtype=np.int64) % HALVES,
        "x": _bytes([x for x, _ in points]),
        "y": _bytes([y for _, y in points]),
        "slope": _bytes(slopes),
    }


def _bytes(values: list[int]) -> np.ndarray:
    joined = b"".join(value.to_bytes(BITS // 8, "little") for value in values)
    return np.frombuffer(joined, dtype=np.uint8).reshape(len(values), BITS // 8)
