"""The counted tables: exactly one filling of exactly one height, and facts that are true."""

from typing import Any

import numpy as np
import pytest

from novate.air import BrokenSentence, Program, Row, Table, check, equal, trace, unsigned
from novate.air.layout import NARROW_BITS_MAX
from novate.air.lowering import LoweredTable
from novate.air.ranges import Bytes, Narrow
from novate.field import P

from .evaluation import Cells, broken, rolled, values


class User(Table):
    """Something whose ranges need every counted table."""

    a, b, c = unsigned(8), unsigned(16), unsigned(14)

    @classmethod
    def constrain(cls, row: Row) -> Any:
        yield equal("c is a plus b", row.c, row.a + row.b)


PROGRAM = Program([User])
TRACE = trace(PROGRAM, {"user": {"a": [1, 255], "b": [2, 16_000], "c": [3, 16_255]}})
TABLES = {name: PROGRAM[name] for name in ("bytes", "narrow")}


def filled(name: str) -> Cells:
    """The cells of a counted table, as honestly filled."""
    return TRACE[name].astype(np.int64)


def uses(table: LoweredTable) -> set[int]:
    """The cells that count uses: the one choice that is left, and the buses bind it."""
    return {cell for cell, name in enumerate(table.cells) if name.startswith("uses of ")}


def test_the_trace_that_is_mutated_holds() -> None:
    assert check(PROGRAM, TRACE) == []
    for name, table in TABLES.items():
        cells = filled(name)
        assert broken(table, cells, rolled(cells)) == {}


@pytest.mark.parametrize("name", TABLES)
def test_every_single_cell_is_determined_by_a_sentence(name: str) -> None:
    """Each cell of each row changed alone breaks a sentence there or on the row before."""
    table, honest = TABLES[name], filled(name)
    height = len(honest)
    for cell in sorted(set(range(len(table.cells))) - uses(table)):
        for change in (1, P - 1, 1 << 8, P - honest[:, cell], 12_345_678):
            changed = honest.copy()
            changed[:, cell] = (changed[:, cell] + change) % P
            untouched = changed[:, cell] == honest[:, cell]
            seen = np.zeros(height, bool)
            for constraint in table.constraints:
                here = values(table, constraint.node, changed, rolled(honest))
                before = values(table, constraint.node, honest, rolled(changed))
                seen |= (here != 0) | (np.roll(before, 1) != 0)
            free = np.flatnonzero(~seen & ~untouched)
            assert not len(free), f"{table.cells[cell]} of row {free[:5]} may change by {change}"


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("row", [0, 1, 255, 256, -2, -1])
def test_a_use_that_nobody_made_is_seen_by_its_bus(name: str, row: int) -> None:
    for cell in uses(TABLES[name]):
        lie = trace(PROGRAM, {"user": {"a": [1], "b": [2], "c": [3]}})
        lie[name][row, cell] += 1
        (found,) = check(PROGRAM, lie)
        assert not isinstance(found, BrokenSentence)


def test_bytes_are_all_pairs_in_order() -> None:
    table, cells = TABLES["bytes"], filled("bytes")
    a, b = (cells[:, table.cells.index(name)] for name in ("a", "b"))
    index = np.arange(1 << 16)
    assert (a == index >> 8).all() and (b == index & 255).all()


def test_narrow_holds_every_integer_of_every_width_and_no_other() -> None:
    table, cells = TABLES["narrow"], filled("narrow")
    bits, value = (cells[:, table.cells.index(name)] for name in ("bits", "value"))
    facts = set(zip(bits.tolist(), value.tolist(), strict=True))
    true = {(w, v) for w in range(NARROW_BITS_MAX + 1) for v in range(1 << w)}
    assert facts == true | {(NARROW_BITS_MAX + 1, 0)}
    assert len(facts) == len(cells), "each of them once"


def counted(bits: list[int] | range, *, size: int) -> tuple[Cells, list[str]]:
    """The narrow table as it goes on when `value` returns only after these widths."""
    rows, width, reach, value = [], 0, 1, 0
    for _ in range(size):
        wraps = int(value == reach - 1 and width in bits)
        rows.append((width, reach, value, wraps))
        width, reach, value = width + wraps, reach * (1 + wraps) % P, (1 - wraps) * (value + 1)
    return np.array(rows, np.int64), ["bits", "size", "value", "wraps"]


@pytest.mark.parametrize("missed", [0, 1, 7, NARROW_BITS_MAX])
def test_a_width_that_is_not_left_in_time_is_never_left(missed: int) -> None:
    """The one freedom of a row is whether value returns: without it there, the end is wrong."""
    rows, names = counted([w for w in range(30) if w != missed], size=Narrow.counted)
    assert set(ends_of("narrow", rows, names)) == {"bits ends at 15", "value ends at 0"}
    honest, _ = counted(range(30), size=Narrow.counted)
    assert ends_of("narrow", honest, names) == {}


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("times", [2, 4])
def test_a_table_of_another_height_has_no_right_end(name: str, times: int) -> None:
    for size in (TABLES[name].table.counted * times, TABLES[name].table.counted // times):  # type: ignore[operator]
        if name == "narrow":
            rows, names = counted(range(30), size=size)
        else:
            index = np.arange(size)
            rows = np.stack([index >> 8, index & 255, (index & 255) == 255], axis=1)
            names = ["a", "b", "wraps"]
        assert ends_of(name, rows.astype(np.int64), names)


@pytest.mark.parametrize("missed", [0, 1, 128, 254])
def test_a_byte_that_does_not_return_in_time_never_does(missed: int) -> None:
    index = np.arange(Bytes.counted)
    counts = index >> 8 < missed
    a, b = np.minimum(index >> 8, missed), np.where(counts, index & 255, index - (missed << 8))
    wraps = (b == 255) & counts
    rows = np.stack([a, b, wraps], axis=1).astype(np.int64)
    assert set(ends_of("bytes", rows, ["a", "b", "wraps"])) == {
        "a ends at 255",
        "b ends where it returns",
    }


def ends_of(name: str, rows: Cells, names: list[str]) -> dict[str, set[int]]:
    """What breaks in a counted table with these columns, its other cells filled as they must be."""
    table = TABLES[name]
    cells = np.zeros((len(rows), len(table.cells)), np.int64)
    for i, column in enumerate(names):
        cells[:, table.cells.index(column)] = rows[:, i]
    cells[:-1, table.cells.index("has_next")] = 1
    return broken(table, cells, rolled(cells))
