"""Sentences and messages, and the words that gather them."""

from collections.abc import Iterator
from typing import Any

import pytest

from novate.air import (
    Row,
    Table,
    bit,
    element,
    equal,
    equals,
    first,
    followed,
    last,
    lookup_bus,
    modular,
    permutation_bus,
    provide,
    receive,
    send,
    unsigned,
    vector,
    when,
    zero,
)
from novate.air.statement import Direction, Discipline, Rows, Sentence

BUS = permutation_bus("walk", "one step", number=unsigned(8))
FACTS = lookup_bus("facts", "one fact", number=unsigned(8))


class Sample(Table):
    """Columns to speak of."""

    a, b = unsigned(8), unsigned(8)
    x, y = bit(), bit()
    left, right = vector(element(), 3), vector(element(), 3)

    @classmethod
    def constrain(cls, row: Row) -> Iterator[Any]:
        return iter(())


ROW = Row(Sample)


def test_an_equality_is_a_law_that_is_zero() -> None:
    said = equal("a is b", ROW.a, ROW.b)
    assert isinstance(said, Sentence)
    assert (said.name, str(said.law), said.rows) == ("a is b", "a - b", Rows.EVERY)
    assert str(zero("nothing", 0).law) == "0"


def test_vectors_are_compared_element_by_element() -> None:
    said = list(equals("left is right", ROW.left, ROW.right))
    assert [str(s.law) for s in said] == [f"left[{i}] - right[{i}]" for i in range(3)]
    assert {s.name for s in said} == {"left is right"}


@pytest.mark.parametrize("other", [(0, 0), (0, 0, 0, 0), ()])
def test_vectors_of_different_lengths_are_not_compared(other: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="argument 2 is"):
        list(equals("left is right", ROW.left, other))


def test_flags_nest_from_the_outside_in() -> None:
    (said,) = when(ROW.x, when(ROW.y, equal("a is b", ROW.a, ROW.b)))
    assert [str(flag) for flag in said.flags] == ["x", "y"]


def test_flags_gather_sentences_messages_and_iterators() -> None:
    said = list(
        when(
            ROW.x,
            equal("a is b", ROW.a, ROW.b),
            send(BUS, number=ROW.a),
            equals("left is right", ROW.left, ROW.right),
            [equal("b is 1", ROW.b, 1), provide(FACTS, number=1)],
        )
    )
    assert len(said) == 7
    assert all([str(flag) for flag in s.flags] == ["x"] for s in said)


@pytest.mark.parametrize(
    ("where", "rows"), [(first, Rows.FIRST), (last, Rows.LAST), (followed, Rows.FOLLOWED)]
)
def test_rows_are_chosen_once_and_for_sentences_alone(where: Any, rows: Rows) -> None:
    sentence = equal("a is b", ROW.a, ROW.b)
    (said,) = where(sentence)
    assert said.rows is rows
    (under,) = where(when(ROW.x, sentence))
    assert (under.rows, len(under.flags)) == (rows, 1)
    with pytest.raises(TypeError, match="a message is exchanged under a flag"):
        list(where(send(BUS, number=1)))
    for other in (first, last, followed):
        with pytest.raises(TypeError, match="already about the"):
            list(other(where(sentence)))


def test_a_modulus_is_a_property_of_the_sentence() -> None:
    assert modular("a is a multiple", ROW.a, 7).modulus == 7


@pytest.mark.parametrize("modulus", [1, 0, -7])
def test_a_modulus_that_says_nothing_is_refused(modulus: int) -> None:
    with pytest.raises(ValueError, match="a modulus is at least 2"):
        modular("a is a multiple", ROW.a, modulus)


def test_a_bus_has_a_name_a_meaning_a_discipline_and_typed_fields() -> None:
    assert repr(BUS) == "Bus(walk)"
    assert (BUS.meaning, BUS.discipline) == ("one step", Discipline.PERMUTATION)
    assert FACTS.discipline is Discipline.LOOKUP
    assert {name: str(kind) for name, kind in BUS.fields.items()} == {"number": "unsigned(8)"}
    assert send(BUS, number=1).direction is Direction.SEND
    assert receive(BUS, number=1).direction is Direction.RECEIVE
