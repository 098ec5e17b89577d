"""The fixed multiples: one filling, and every sentence broken by a cheat that breaks nothing else.

A verifier does not know how high a table is meant to be, so the cheats may be of another height.
"""

from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from typing import ClassVar

import numpy as np
import pytest
from tests.circuits import secp256k1_reference as reference
from tests.circuits.transactions.surroundings import sentences_of

from novate import _stark
from novate.circuits.secp256k1 import Fixed
from novate.circuits.secp256k1.curve import MIDDLE, G, P, Point, chord
from novate.circuits.secp256k1.fixed import (
    HALVES,
    STAGES,
    STREAM_OF_STAGE,
    TURNS,
    fixed_columns,
    steps,
)

from .scene import Row, alone, changed, filled, helped, honest, point, refusals, sample, sentences

HEIGHT = 512


@lru_cache(maxsize=4)
def told_of(height: int) -> type[Fixed]:
    """The table with the same sentences, at a height and with rows of the prover's choice."""

    class Told(Fixed):
        """The fixed multiples as a prover tells them."""

        name: ClassVar[str] = Fixed.name
        counted: ClassVar[int | None] = height

        @classmethod
        def kernel(cls, columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
            return {}

    return Told


Places = list[tuple[str, int]]
"""Stage and half of each row."""


def inside(stream: int, first: int, last: int, *, turns: bool = True) -> Places:
    """Rows of one stream, turning to the next one if there is one."""
    turns = turns and stream < 3
    places = [(f"IN_{stream}", half) for half in range(first, last + 1)]
    return [*places[:-1], (f"TO_{stream + 1}", last)] if turns else places


def honest_places() -> Places:
    return [place for stream in range(4) for place in inside(stream, 0, 127)]


def rows_of(
    places: Places, start: Point = G, forced: dict[tuple[int, str], int] | None = None
) -> list[Row]:
    """The rows at these places, each point the sum of the last and its step, unless forced.

    `forced` columns, by row, are one more than what follows.
    """
    forced = forced or {}
    x, y = start
    rows = []
    for i, (stage, half) in enumerate(places):
        step = steps()[STAGES.index(stage)]
        slope = (chord((x, y), step) + MIDDLE + forced.get((i, "slope"), 0)) % P
        rows.append({"stage": STAGES.index(stage), "half": half, "x": x, "y": y, "slope": slope})
        s = slope - MIDDLE
        x_next = (s * s - x - step[0] + forced.get((i, "x"), 0)) % P
        x, y = x_next, (s * (x - x_next) - y + forced.get((i, "y"), 0)) % P
    return rows


def refused(rows: list[Row]) -> set[str]:
    return sentences(told_of(len(rows)), *rows)


Cheat = Callable[[], list[Row]]

CHEATS: list[tuple[str, Cheat]] = [
    # the generator as a multiple of another base
    ("streams start at 0", lambda: rows_of([*inside(2, 0, 127), *inside(3, 0, 127)])),
    ("streams start at 0", lambda: rows_of(inside(3, 0, 127))),
    # the generator at half -512
    ("halves start at 0", lambda: rows_of([*inside(0, -512, 127), *honest_places()[128:]])),
    ("streams end at 3", lambda: rows_of(honest_places()[:256])),
    ("streams end at 3", lambda: rows_of(honest_places()[:128])),
    ("halves end at 127", lambda: rows_of([*honest_places(), *inside(3, 128, 639)])),
    (
        "half counts up, or returns to 0",
        lambda: rows_of(
            [
                *inside(0, 0, 9, turns=False),
                *inside(0, 11, 20, turns=False),
                *inside(0, 20, 127),
                *honest_places()[128:],
            ]
        ),
    ),
    (
        "half counts up, or returns to 0",
        lambda: rows_of(
            [
                *inside(0, 0, 127),
                *inside(1, 1, 50, turns=False),
                *inside(1, 50, 127),
                *honest_places()[256:],
            ]
        ),
    ),
    (
        "the stream rises when half returns",
        lambda: rows_of([*inside(0, 0, 127), *inside(0, 0, 127), *honest_places()[256:]]),
    ),
    (
        "half returns only at 127",
        lambda: rows_of([*inside(0, 0, 126), *inside(1, 0, 128), *honest_places()[256:]]),
    ),
    *(
        (
            f"next multiple: {name}",
            lambda name=name, at=at: rows_of(honest_places(), forced={(at, name): 1}),
        )
        for name in ("slope", "x", "y")
        for at in (0, 1, 127, 300, 510)
    ),
]


@pytest.mark.parametrize(("sentence", "cheat"), CHEATS)
def test_a_cheat_breaks_its_sentence_alone(sentence: str, cheat: Cheat) -> None:
    assert refused(cheat()) == {sentence}


@pytest.mark.parametrize("limb", range(16))
@pytest.mark.parametrize("axis", [0, 1])
def test_a_table_that_starts_elsewhere_in_one_limb_breaks_one_constraint(
    axis: int, limb: int
) -> None:
    start = list(G)
    start[axis] ^= 1 << (16 * limb)
    program = alone(told_of(HEIGHT))
    rows = rows_of(honest_places(), (start[0], start[1]))
    found = helped(program, filled(program, {Fixed.name: rows}))
    assert found.of(Fixed.name, range(HEIGHT)) == [f"{'xy'[axis]} starts at the generator"]
    assert found.buses == set()


def test_every_sentence_has_its_cheat() -> None:
    starts = {"x starts at the generator", "y starts at the generator"}
    assert {sentence for sentence, _ in CHEATS} | starts == sentences_of(Fixed)


def test_the_honest_table_is_accepted_and_is_the_kernels() -> None:
    rows = rows_of(honest_places())
    assert refused(rows) == set()
    columns = fixed_columns()
    assert [row["stage"] for row in rows] == list(columns["stage"])
    assert [row["half"] for row in rows] == list(columns["half"])
    for name in ("x", "y", "slope"):
        found = [int.from_bytes(value.tobytes(), "little") for value in columns[name]]
        assert [row[name] for row in rows] == found


def test_every_multiple_is_of_the_generator() -> None:
    for row in rows_of(honest_places()):
        stream = STREAM_OF_STAGE[row["stage"]]
        assert (row["x"], row["y"]) == point((2 * row["half"] + 1) << (62 * stream))
        assert (row["x"], row["y"]) == reference.FIXED[stream][row["half"]]


def test_the_extension_has_the_same_points() -> None:
    """Its slope at the end of a stream is to a step that the table does not take."""
    columns, found = fixed_columns(), _stark.secp256k1_fixed()
    for i, name in enumerate(("x", "y", "slope")):
        mine, theirs = columns[name], found[:, 32 * i : 32 * i + 32]
        differ = np.flatnonzero((mine != theirs).any(axis=1))
        assert set(differ) <= ({127, 255, 383} if name == "slope" else set())


def test_no_step_is_exceptional() -> None:
    """All points are constants: a table's row never adds a point to itself or its opposite."""
    for row in rows_of(honest_places()):
        assert (row["x"] - steps()[row["stage"]][0]) % P


def test_each_place_occurs_once() -> None:
    places = Counter(
        (STREAM_OF_STAGE[row["stage"]], row["half"]) for row in rows_of(honest_places())
    )
    assert places == {(stream, half): 1 for stream in range(4) for half in range(HALVES)}
    assert {stage for stage, half in honest_places() if half == 127} == {*TURNS, "IN_3"}


# Among the other tables.


@pytest.mark.parametrize(
    ("changes", "buses"),
    [
        ({"fixed_half": 0}, {"bus fixed", "bus digits"}),
        ({"fixed_half": 128}, {"bus fixed", "bus digits"}),
        ({"fixed_half": -1}, {"bus fixed", "bus digits"}),
    ],
)
def test_a_multiple_has_one_half(changes: Row, buses: set[str]) -> None:
    rows = honest(sample(1))
    assert rows["ladder"][9]["fixed_half"] > 0
    assert refusals(changed(rows, "ladder", 9, **changes)) == buses
