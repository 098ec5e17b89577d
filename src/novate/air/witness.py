"""From input columns to traces: every other cell follows from an expression, a rounding rule or a
kernel."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np

from novate import _stark
from novate.air.kind import Below, Bit, Choice, Element, Scalar, Signed, Vector
from novate.air.layout import Placed
from novate.air.lowering import SPARE, LoweredTable
from novate.air.program import Program
from novate.air.table import scalars
from novate.field import P

HEIGHT_MIN = 16
INT64_BITS = 63

Inputs = Mapping[str, Mapping[str, Any]]
"""Per table, its input columns: sequences of integers (rows first), or byte arrays for wide
integers."""


class InputRefused(ValueError):
    """An input column is missing, of the wrong length, or holds a value outside its kind."""


class Trace:
    """The traces of a program and its public values, ready to check or to prove.

    Shape: `cells[table]` is (rows, cells) of canonical elements, rows a power of two.
    """

    def __init__(
        self,
        program: Program,
        cells: list[np.ndarray],
        public_values: list[list[int]],
        rows: dict[str, int],
    ) -> None:
        self.program = program
        self.cells = cells
        self.public_values = public_values
        self.rows = rows

    def __getitem__(self, table: str) -> np.ndarray:
        for lowered, cells in zip(self.program.tables, self.cells, strict=True):
            if lowered.name == table:
                return cells
        raise KeyError(table)

    @property
    def total_cells(self) -> int:
        """Cells over all tables, padding included."""
        return sum(cells.size for cells in self.cells)


def trace(
    program: Program, inputs: Inputs, public_values: Mapping[str, list[int]] | None = None
) -> Trace:
    """All traces of a program from the input columns of its tables; a table that is not named has
    no rows.

    Raises: InputRefused, naming table and column.
    """
    known = {table.name for table in program.tables}
    for name in inputs:
        if name not in known:
            raise InputRefused(f"no table {name}; the program has {', '.join(sorted(known))}")
    public_values = public_values or {}
    matrices = []
    rows = {}
    for table in program.tables:
        columns, count = _columns(table, dict(inputs.get(table.name, {})))
        rows[table.name] = count
        matrices.append(matrix(table, columns, count))
    publics = [_publics(table, public_values) for table in program.tables]
    cells = _stark.Filler(program.encoding, program.plan).fill(matrices, publics)
    return Trace(program, list(cells), publics, rows)


def _publics(table: LoweredTable, given: Mapping[str, list[int]]) -> list[int]:
    values = [int(value) for value in given.get(table.name, [])]
    if len(values) != table.table.public_values:
        raise InputRefused(
            f"table {table.name}: {len(values)} public values, expected {table.table.public_values}"
        )
    return values


def _columns(table: LoweredTable, inputs: dict[str, Any]) -> tuple[dict[str, np.ndarray], int]:
    declared = table.table.columns
    for name in inputs:
        if name not in declared:
            raise InputRefused(f"table {table.name} has no column {name}")
    columns = {name: _array(value) for name, value in inputs.items()}
    counts = {name: len(array) for name, array in columns.items()}
    if len(set(counts.values())) > 1:
        raise InputRefused(f"table {table.name}: columns of different lengths: {counts}")
    count = next(iter(counts.values()), table.table.counted or 0)
    if count or table.table.counted:
        # rows that the kernel adds to the inputs are possible before any expression is evaluated
        columns |= {k: _array(v) for k, v in table.table.kernel(dict(columns)).items()}
        count = len(next(iter(columns.values())))
        for name, column in declared.items():
            if name in columns or _is_element(column.kind):
                continue
            if column.given is None:
                raise InputRefused(f"table {table.name}: no input for column {name}")
            seen = {name: _exact(array) for name, array in columns.items()}
            value = column.given(SimpleNamespace(**seen))
            columns[name] = np.broadcast_to(_array(value), (count, *np.shape(value)[1:]))
    return columns, count


def _is_element(kind: Any) -> bool:
    return isinstance(kind.kind if isinstance(kind, Vector) else kind, Element)


REACH: dict[Any, Any] = {
    np.add: lambda a, b: a + b,
    np.subtract: lambda a, b: a + b,
    np.multiply: lambda a, b: a * b,
    np.left_shift: lambda a, b: a << b,
}
"""How large a result can be, by the magnitudes of its operands."""


class _Exact(np.ndarray[Any, Any]):
    """int64 as a `given` sees it: where a result could pass 63 bits, Python integers follow.

    numpy would wrap in silence, and the trace would be refused for a value that nobody wrote.
    """

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        plain = [np.asarray(x) if isinstance(x, np.ndarray) else x for x in inputs]
        if ufunc in REACH and REACH[ufunc](*map(_magnitude, plain)) >= 1 << INT64_BITS:
            plain = [np.asarray(x).astype(object) for x in plain]
        return _exact(getattr(ufunc, method)(*plain, **kwargs))


def _magnitude(value: Any) -> int:
    array = np.asarray(value)
    return max(abs(int(array.min())), abs(int(array.max()))) if array.size else 0


def _exact(value: Any) -> Any:
    is_int64 = isinstance(value, np.ndarray) and value.dtype == np.int64
    return value.view(_Exact) if is_int64 else value


def _array(value: Any) -> np.ndarray:
    if isinstance(value, np.ndarray):
        return np.asarray(value)
    array = np.array(value, dtype=object)
    if array.size and all(isinstance(x, int | np.integer) for x in array.flat):
        largest = max(abs(int(x)) for x in array.flat)
        if largest < 1 << INT64_BITS:
            return array.astype(np.int64)
    elif not array.size:
        return array.astype(np.int64)
    return array


def matrix(table: LoweredTable, columns: dict[str, np.ndarray], count: int) -> np.ndarray:
    """The cells of `count` real rows with the given columns; carries and multiplicities are still
    zero.

    Raises: InputRefused for a value outside the kind of its column.
    """
    height = table.table.counted or max(HEIGHT_MIN, 1 << max(0, count - 1).bit_length())
    cells = np.zeros((height, len(table.cells)), dtype=np.uint32)
    if count == 0:
        return cells
    if table.real is not None:
        cells[:count, table.real] = 1
    if table.has_next is not None:
        cells[: count - 1, table.has_next] = 1
    for name, column in table.table.columns.items():
        if name not in columns:
            continue
        values = columns[name]
        parts = _parts(table, name, column.kind, values)
        for reference, part in zip(scalars(name, column.kind), parts, strict=True):
            placed = table.placed[reference.name]
            _put(table, reference.name, placed, part, cells[:count])
            spare = table.complements.get(reference.name)
            if spare is not None:
                assert isinstance(placed.kind, Below)
                rest = placed.kind.bound - 1 - integers(part)
                _put(table, reference.name + SPARE, spare, rest, cells[:count])
    return cells


def column_values(table: LoweredTable, cells: np.ndarray) -> dict[str, np.ndarray]:
    """The columns that the given rows of cells hold: the inverse of `matrix`.

    Shape: (rows,) or (rows, length); int64 for kinds of up to 62 bits, else Python integers.
    """
    columns = {}
    for name, column in table.table.columns.items():
        parts = [
            _value(table.placed[reference.name], cells) for reference in scalars(name, column.kind)
        ]
        match column.kind:
            case Choice():
                columns[name] = np.argmax(np.stack(parts, axis=1), axis=1)
            case Vector():
                columns[name] = np.stack(parts, axis=1)
            case _:
                columns[name] = parts[0]
    return columns


def _value(placed: Placed, cells: np.ndarray) -> np.ndarray:
    bits = max(limb.position + limb.bits for limb in placed.limbs)
    kind = np.dtype(object if bits >= INT64_BITS else np.int64)
    total = np.zeros(len(cells), dtype=kind)
    for limb in placed.limbs:
        total = total + (cells[:, limb.cell].astype(kind) << limb.position)
    return total - placed.offset


def _parts(table: LoweredTable, name: str, kind: Any, values: np.ndarray) -> list[np.ndarray]:
    match kind:
        case Choice(names):
            if values.size and not ((values >= 0) & (values < len(names))).all():
                raise InputRefused(
                    f"table {table.name}: column {name} holds {values.max()}, expected an index "
                    f"below {len(names)}"
                )
            return [(values == i).astype(np.int64) for i in range(len(names))]
        case Vector(_, length):
            if values.shape[1:2] != (length,):
                raise InputRefused(
                    f"table {table.name}: column {name} has shape {values.shape}, expected "
                    f"(rows, {length})"
                )
            return [values[:, i] for i in range(length)]
        case _:
            return [values]


def _put(
    table: LoweredTable, name: str, placed: Placed, values: np.ndarray, rows: np.ndarray
) -> None:
    kind = placed.kind
    if values.ndim == 2:
        _put_bytes(table, name, placed, values, rows)
        return
    _in_kind(table, name, kind, values)
    if isinstance(kind, Element):
        rows[:, placed.limbs[0].cell] = (values % P).astype(np.uint32)
        return
    if placed.offset >= 1 << INT64_BITS:
        values = values.astype(object)
    shifted = values + placed.offset
    for limb in placed.limbs:
        mask = (1 << limb.bits) - 1
        rows[:, limb.cell] = ((shifted >> limb.position) & mask).astype(np.uint32)


def integers(values: np.ndarray) -> np.ndarray:
    """The values as Python integers, whatever they come in."""
    if values.ndim == 2:
        return np.array([int.from_bytes(bytes(row), "little") for row in values], dtype=object)
    return values.astype(object)


def _put_bytes(
    table: LoweredTable, name: str, placed: Placed, values: np.ndarray, rows: np.ndarray
) -> None:
    if values.dtype != np.uint8 or not isinstance(placed.kind, Below):
        raise InputRefused(f"table {table.name}: column {name}: a wide integer takes uint8 rows")
    width = -(-placed.kind.bits // 8)
    if values.shape[1] < width:
        values = np.pad(values, ((0, 0), (0, width - values.shape[1])))
    if values[:, width:].any():
        raise InputRefused(
            f"table {table.name}: column {name} holds more than {placed.kind.bits} bits"
        )
    wide = values.astype(np.uint32)
    for limb in placed.limbs:
        at, rest = divmod(limb.position, 8)
        span = wide[:, at : at + 3]
        joined = sum(span[:, i] << np.uint32(8 * i) for i in range(span.shape[1]))
        rows[:, limb.cell] = (joined >> rest) & ((1 << limb.bits) - 1)


def _in_kind(table: LoweredTable, name: str, kind: Scalar, values: np.ndarray) -> None:
    match kind:
        case Element():
            return
        case Bit() | Below() | Signed():
            low, high = kind.low, kind.high
    if values.size and (values.min() < low or values.max() > high):
        raise InputRefused(
            f"table {table.name}: column {name} holds [{values.min()}, {values.max()}], "
            f"expected {kind}"
        )
