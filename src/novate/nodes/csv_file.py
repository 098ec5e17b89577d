"""A CSV file as columns, whose refusals name file, line and field.

A cell that cannot be read refuses the file. A row that can be read and makes no sense is left out
as an `Exclusion`, by those who know what makes sense; if too many are, they refuse the file.
"""

import csv
import gzip
import math
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import Final, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from novate.units import Integers, NamedError

ROWS_MAX: Final = 2_000_000
LINE_MAX: Final = 1_000_000
"""Rows of a file, and characters of a line, so that a compressed one cannot fill the memory."""

Floats: TypeAlias = npt.NDArray[np.float64]
Bools: TypeAlias = npt.NDArray[np.bool_]
T = TypeVar("T")


class FileRefused(NamedError, ValueError):
    """What stands in a file cannot be used: where it stands, what it is, what was expected."""

    def __init__(
        self,
        path: Path,
        expected: str,
        *,
        line: int | None = None,
        field: str | None = None,
        value: str | None = None,
    ) -> None:
        where = [path.name]
        where += [] if line is None else [f"line {line}"]
        where += [] if field is None else [f"field {field}"]
        what = expected if value is None else f"{value!r} {expected}"
        super().__init__(f"{', '.join(where)}: {what}")
        self.path, self.line, self.field, self.value = path, line, field, value


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A row that was read and left out, and why."""

    line: int
    what: str
    """The instrument quoted, or when the bar opened."""
    reason: str
    """A few fixed words, so that reasons can be counted."""
    detail: str
    """Field, value and limit."""

    def __str__(self) -> str:
        return f"line {self.line}, {self.what}: {self.reason}, {self.detail}"


@dataclass(frozen=True, slots=True)
class CsvFile:
    """The cells of a file by column, and the line on which each row ends, the header's being 1."""

    path: Path
    lines: Integers
    cells: dict[str, list[str]]

    def texts(self, field: str) -> list[str]:
        """A column as it stands.

        Raises: FileRefused when there is no such column.
        """
        if field not in self.cells:
            raise FileRefused(self.path, f"has no column {field}; it has {', '.join(self.cells)}")
        return self.cells[field]

    def numbers(self, field: str, *, may_be_empty: bool = False) -> Floats:
        """A column of numbers, NaN where a cell is empty.

        Raises: FileRefused for what is not a number, and for an empty or infinite cell or a `nan`
        unless a cell may be empty; then infinities are for the caller to judge.
        """
        found = np.empty(len(self.lines))
        for row, text in enumerate(self.texts(field)):
            found[row] = self._number(field, row, text)
        if not may_be_empty and not np.isfinite(found).all():
            row = int(np.argmin(np.isfinite(found)))
            raise self.refusal(row, field, "is not a finite number")
        return found

    def _number(self, field: str, row: int, text: str) -> float:
        if not text.strip():
            return math.nan
        try:
            if "_" in text:  # Python reads 1_000, the market does not write it
                raise ValueError
            return float(text)
        except ValueError:
            raise self.refusal(row, field, "is not a number") from None

    def values(self, field: str, read: Callable[[str], T], expected: str) -> list[T]:
        """A column read by a function, once for each text that occurs.

        Raises: FileRefused where the function raises ValueError.
        """
        known: dict[str, T] = {}
        found = []
        for row, text in enumerate(self.texts(field)):
            if text not in known:
                try:
                    known[text] = read(text)
                except ValueError:
                    raise self.refusal(row, field, f"is not {expected}") from None
            found.append(known[text])
        return found

    def refusal(self, row: int, field: str, expected: str) -> FileRefused:
        """What to raise about one cell."""
        return FileRefused(
            self.path,
            expected,
            line=int(self.lines[row]),
            field=field,
            value=self.cells[field][row],
        )


def read_csv(path: Path) -> CsvFile:
    """The file's columns; `.gz` is unpacked on the way.

    Raises: FileRefused for a file that cannot be opened or unpacked, is not UTF-8, has no rows or
    too many, a line that is too long, names a column twice, though it were in other letters, or has
    a row of another length.
    """
    try:
        with (
            gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file,
            TextIOWrapper(file, encoding="utf-8-sig", newline="") as text,
        ):
            return _read(path, text)
    except UnicodeDecodeError as error:
        raise FileRefused(path, f"is not UTF-8: {error.reason}") from None
    except (csv.Error, EOFError, zlib.error) as error:
        raise FileRefused(path, f"is damaged: {error}") from None
    except OSError as error:
        raise FileRefused(path, f"cannot be read: {error.strerror or error}") from None


def _read(path: Path, text: TextIOWrapper) -> CsvFile:
    reader = csv.reader(_lines(path, text), strict=True)
    header = next(reader, [])
    folded = [name.strip().lower() for name in header]
    if len(set(folded)) < len(folded):
        twice = next(name for name in folded if folded.count(name) > 1)
        raise FileRefused(path, f"has two columns {twice!r}")
    rows: list[list[str]] = []
    lines: list[int] = []
    for cells in reader:
        if reader.line_num > ROWS_MAX:
            raise FileRefused(path, f"has more than {ROWS_MAX} lines", line=reader.line_num)
        if not cells:  # a blank line
            continue
        if len(cells) != len(header):
            expected = f"has {len(cells)} cells where the header has {len(header)}"
            raise FileRefused(path, expected, line=reader.line_num)
        rows.append(cells)
        lines.append(reader.line_num)
    if not rows:
        raise FileRefused(path, "has no rows")
    columns = {
        name: list(column) for name, column in zip(header, zip(*rows, strict=True), strict=True)
    }
    return CsvFile(path, np.array(lines, dtype=np.int64), columns)


def _lines(path: Path, text: TextIOWrapper) -> Iterator[str]:
    number = 1
    while line := text.readline(LINE_MAX + 1):
        if len(line) > LINE_MAX:
            raise FileRefused(path, f"has more than {LINE_MAX} characters", line=number)
        yield line
        number += 1
