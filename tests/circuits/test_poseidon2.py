"""Poseidon2 in the circuit: the backend's permutation, and every box of every round necessary."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pytest

from novate.air import Program, Trace, check, lookup, trace
from novate.circuits.buses import COMPRESSION, PERMUTATION
from novate.circuits.poseidon2 import ROUNDS, Poseidon2, constants, entering, external
from novate.field import EMPTY_SUBTREES, P, compress, permute

from .scene import broken, constraints_of
from .transactions.surroundings import counterpart, names, sentences_of

STATES = [[0] * 16, [P - 1] * 16, list(range(16)), [1] + [0] * 15, [0] * 15 + [P - 1]]


@lru_cache(maxsize=1)
def program() -> Program:
    """The table, and two that ask it."""
    asks = counterpart("asks", PERMUTATION, lookup)
    compresses = counterpart("compresses", COMPRESSION, lookup)
    return Program([Poseidon2, asks, compresses])


def fed(state: list[int], out: list[int]) -> list[int]:
    """The compression that follows from a permutation."""
    return [(a + b) % P for a, b in zip(out[:8], state, strict=False)]


def asked(states: list[list[int]], outs: list[list[int]]) -> dict[str, Any]:
    """Somebody who asks for these outputs, of permutation and compression."""
    return {
        "asks": {"state": states, "out": outs},
        "compresses": {
            "left": [s[:8] for s in states],
            "right": [s[8:] for s in states],
            "out": [fed(s, o) for s, o in zip(states, outs, strict=True)],
        },
    }


def refusals(outs: list[list[int]]) -> set[str]:
    """What refuses these outputs of the states."""
    filling = trace(program(), {"poseidon2": {"state": STATES}} | asked(STATES, outs))
    return names(check(program(), filling))


def test_the_table_permutes_as_the_backend_and_not_otherwise() -> None:
    outs = [list(permute(state)) for state in STATES]
    assert refusals(outs) == set()
    for at in range(16):
        lie = [list(out) for out in outs]
        lie[1][at] = (lie[1][at] + 1) % P
        expected = {"bus permutation", "bus compression"} if at < 8 else {"bus permutation"}
        assert refusals(lie) == expected


def test_a_compression_is_the_trees() -> None:
    for word, above in pairwise(EMPTY_SUBTREES):
        assert compress(word, word) == above
        assert tuple(fed([*word, *word], list(permute((*word, *word))))) == above


class Box(NamedTuple):
    """One S-box, and the half of it that a cheat bends."""

    round: int
    at: int
    part: str

    @property
    def sentence(self) -> str:
        """What the half says."""
        power = "cubed" if self.part == "cube" else "to the seventh"
        return f"round {self.round}: box {self.at} {power}"


def boxes() -> Iterator[Box]:
    """Both halves of every S-box."""
    for index in range(ROUNDS):
        for at in range(len(constants(index))):
            yield Box(index, at, "cube")
            yield Box(index, at, "seventh")


CHEATS = [(box.sentence, box) for box in boxes()]
"""A sentence and the half of a box that is one too high; all that follows, follows from it."""


def bent(state: list[int], bend: Box | None) -> tuple[dict[str, list[int]], list[int]]:
    """The columns of a permutation in which one number is one too high, and the output."""
    row = SimpleNamespace(state=state)
    for index in range(ROUNDS):
        # the entering state is that of the table, over integers: only the S-boxes are told again
        entered = [int(x) % P for x in entering(row, index)]
        added = constants(index)
        told: dict[str, list[int]] = {"cube": [], "seventh": []}
        for at, constant in enumerate(added):
            x = (entered[at] + constant) % P
            cube = (pow(x, 3, P) + (bend == Box(index, at, "cube"))) % P
            seventh = (cube * cube * x + (bend == Box(index, at, "seventh"))) % P
            told["cube"].append(cube)
            told["seventh"].append(seventh)
        for part, values in told.items():
            setattr(row, f"{part}_{index}", values)
    out = [int(x) % P for x in external(getattr(row, f"seventh_{ROUNDS - 1}"))]
    columns = {name: values for name, values in vars(row).items() if name != "state"}
    return columns, out


def bent_trace(cheats: list[Box | None]) -> Trace:
    """One row for each cheat, each from its own state, and somebody who believes them all."""
    states = [[(17 * i + j) % P for j in range(16)] for i in range(len(cheats))]
    told = [bent(state, cheat) for state, cheat in zip(states, cheats, strict=True)]
    outs = [out for _, out in told]
    filling = trace(program(), {"poseidon2": {"state": states}} | asked(states, outs))
    table, cells = program()["poseidon2"], filling["poseidon2"]
    for name in told[0][0]:
        values = np.array([columns[name] for columns, _ in told])
        for at in range(values.shape[1]):
            cell = table.placed[f"{name}[{at}]"].limbs[0].cell
            cells[: len(cheats), cell] = values[:, at]
    for bus in ("permutation", "compression"):
        cells[: len(cheats), table.cells.index(f"uses of {bus}")] = 1
    return filling


def test_the_columns_told_again_are_the_tables() -> None:
    for state in STATES:
        assert bent(state, None)[1] == list(permute(state))
    assert broken(program(), Poseidon2, bent_trace([None] * 3)) == []


def test_every_box_bent_alone_breaks_its_one_constraint() -> None:
    """Each row says another output than the permutation's and is believed but for one constraint:
    `broken` fails where a message finds no answer."""
    cheats = [box for _, box in CHEATS]
    found = broken(program(), Poseidon2, bent_trace(list(cheats)))
    by_row: dict[int, list[int]] = {}
    for constraint, row in found:
        by_row.setdefault(row, []).append(constraint)
    constraints = program()["poseidon2"].constraints
    told = [[constraints[i].sentence for i in by_row.get(row, [])] for row in range(len(cheats))]
    assert told == [[sentence] for sentence, _ in CHEATS]
    assert {i for i, _ in found} == set(constraints_of(program(), Poseidon2))
    assert {sentence for sentence, _ in CHEATS} == sentences_of(Poseidon2)


@pytest.mark.parametrize(
    "box", [Box(0, 0, "cube"), Box(4, 0, "seventh"), Box(ROUNDS - 1, 15, "cube")]
)
def test_a_bent_box_would_be_another_permutation(box: Box) -> None:
    for state in STATES:
        assert bent(state, box)[1] != list(permute(state))


def test_padding_permutes_nothing() -> None:
    """A row that does not count cannot be asked, though it is all zeros as an empty state would
    be."""
    filling = trace(program(), {"poseidon2": {"state": STATES}})
    assert check(program(), filling) == []
    table, cells = program()["poseidon2"], filling["poseidon2"]
    for bus in ("permutation", "compression"):
        cell = table.cells.index(f"uses of {bus}")
        cells[len(STATES), cell] = 1
        found = names(check(program(), filling))
        assert found == {f"bus {bus}", f"only such rows provide {bus}"}
        cells[len(STATES), cell] = 0
