"""What determines the fields that a table sends, on tables where it is plain to see."""

from collections.abc import Iterator

from novate.air import (
    InverseOf,
    Program,
    Row,
    Statement,
    Table,
    bit,
    element,
    equal,
    permutation_bus,
    receive,
    send,
    trace,
    unsigned,
    zero,
)
from novate.air.determined import Determinism, determine
from novate.field import P

ASKED = permutation_bus("asked", "what is given", value=element())
TOLD = permutation_bus("told", "what follows", value=element())


class Source(Table):
    value = element()

    @classmethod
    def constrain(cls, row: Row) -> Iterator[Statement]:
        yield send(ASKED, value=row.value)


class Answer(Table):
    """From what it receives: its inverse, its half and which half; and a number of its own."""

    value = element()
    inverse = element(given=lambda row: InverseOf(row.value))
    half, odd = unsigned(8), bit()
    own = element()

    @classmethod
    def constrain(cls, row: Row) -> Iterator[Statement]:
        yield receive(ASKED, value=row.value)
        yield equal("inverse", row.value * row.inverse, 1)
        yield zero("half", row.value - 2 * row.half - row.odd)
        yield send(TOLD, value=row.inverse)
        yield send(TOLD, value=row.half)
        yield send(TOLD, value=row.own)


class Drain(Table):
    value = element()

    @classmethod
    def constrain(cls, row: Row) -> Iterator[Statement]:
        yield receive(TOLD, value=row.value)


def found(row: int = 0) -> Determinism:
    """What one row of the answer shows: the first is real, the others are padding."""
    built = Program([Source, Answer, Drain])
    rows = {"value": [7], "half": [3], "odd": [1], "own": [9]}
    told = [pow(7, -1, P), 3, 9]
    filled = trace(built, {"source": {"value": [7]}, "answer": rows, "drain": {"value": told}})
    known = Determinism()
    determine(built["answer"], filled, 1, row, known)
    return known


def test_the_weakest_of_several_messages_counts() -> None:
    # three messages of one bus: an inverse, a half that the bit and its range fix, and an input
    known = found()
    assert known.by_equations == {"sends told[0]"}
    assert known.inputs == {"sends told[0]": {"own"}}
    known.settle()
    assert known.by_equations == set()
    assert known.inputs == {"sends told[0]": {"own"}}


def test_a_bit_that_satisfies_its_equation_is_fixed_to_first_order() -> None:
    # b * (b - 1) = 0 has two roots, each alone in its neighbourhood: so the half is fixed as well
    assert found().by_ranges == {}


def test_padding_sends_nothing_and_determines_nothing() -> None:
    known = found(row=5)
    assert (known.by_equations, known.by_ranges, known.inputs) == (set(), {}, {})
