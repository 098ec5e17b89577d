"""Tables and rows: what a law sees."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from novate.air import Row, Statement, Table, bit, choice, element, equal, unsigned, vector
from novate.air.kind import Bit, Element
from novate.air.table import scalar_kind, scalars


class Base(Table):
    """Two columns and a choice."""

    public_values = 2
    a = unsigned(8)
    side = choice("BUY", "SELL", "HOLD")
    parts = vector(element(), 2)

    @classmethod
    def constrain(cls, row: Row) -> Iterator[Statement]:
        yield equal("a is 1", row.a, 1)


class LongerName(Base):
    """One column more."""

    b = bit()


class Renamed(Base):
    """Under a name of its own."""

    name = "other"


ROW = Row(Base)


def test_a_table_is_called_as_its_class_unless_it_says_otherwise() -> None:
    assert (Base.name, LongerName.name, Renamed.name) == ("base", "longer_name", "other")


def test_columns_are_inherited_and_come_first() -> None:
    assert list(LongerName.columns) == ["a", "side", "parts", "b"]
    assert list(Base.columns) == ["a", "side", "parts"]


@pytest.mark.parametrize("name", ["next", "public", "real", "has_next", "is_last"])
def test_what_a_row_already_has_is_no_column(name: str) -> None:
    with pytest.raises(TypeError, match=f"a row already has a {name}"):
        type("Wrong", (Table,), {name: bit()})


def test_a_row_gives_columns_by_name_and_knows_no_others() -> None:
    assert str(ROW.a) == "a"
    assert [str(part) for part in ROW.parts] == ["parts[0]", "parts[1]"]
    assert str(ROW.side.SELL) == "side.SELL"
    assert [str(value) for value in ROW.public] == ["public[0]", "public[1]"]
    with pytest.raises(AttributeError, match="table base has no column b"):
        _ = ROW.b


def test_the_next_row_is_the_only_other() -> None:
    assert ROW.next.a.next_row and not ROW.a.next_row
    assert all(part.next_row for part in (*ROW.next.parts, *ROW.next.side.elements))
    with pytest.raises(TypeError, match="not the one after"):
        _ = ROW.next.next


def test_the_languages_flags_are_between_zero_and_one() -> None:
    for flag in (ROW.real, ROW.has_next, ROW.is_last, ROW.side.any("BUY", "HOLD")):
        assert flag.bounds == (0, 1)


def test_a_choice_names_what_there_is_to_choose_from() -> None:
    assert ROW.side.names == ("BUY", "SELL", "HOLD")
    with pytest.raises(AttributeError, match="no choice KEEP: one of BUY, SELL, HOLD"):
        _ = ROW.side.KEEP


@pytest.mark.parametrize("names", [(), ("BUY", "BUY")])
def test_any_of_nothing_or_of_one_twice_is_refused(names: tuple[str, ...]) -> None:
    """Twice the same bit could be 2 and would still be called a flag."""
    with pytest.raises(TypeError, match="names none, or one twice"):
        ROW.side.any(*names)


def test_a_column_is_made_of_scalars() -> None:
    assert [r.name for r in scalars("side", Base.columns["side"].kind)] == [
        "side.BUY",
        "side.SELL",
        "side.HOLD",
    ]
    assert isinstance(scalar_kind(Base.columns["side"].kind), Bit)
    assert isinstance(scalar_kind(Base.columns["parts"].kind), Element)
    assert scalar_kind(Base.columns["a"].kind) is Base.columns["a"].kind


def test_a_table_that_says_nothing_is_none() -> None:
    silent: Any = type("Silent", (Table,), {})
    with pytest.raises(NotImplementedError, match="table silent says nothing"):
        silent.constrain(Row(silent))
    assert silent.kernel({"a": np.zeros(1)}) == {}
