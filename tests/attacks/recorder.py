"""A plugin of pytest that watches every check of a trace: what one constraint alone refuses shows
that it is necessary.

`pytest tests/circuits -p tests.attacks.recorder --shown FILE` writes, per table of the venue's
program, the constraints that were the only one to refuse some cheat. Other tables may not answer
what the cheat says, for they are the cheat's own; range checks must hold.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from novate import _stark
from novate.air import Program
from novate.air.lowering import LoweredTable
from novate.air.nodes import Code
from novate.air.program import RANGES
from novate.circuits import program

PROGRAMS: dict[bytes, Program] = {}
SHOWN: defaultdict[str, set[int]] = defaultdict(set)
ENCODE = Program.encoding.func  # type: ignore[attr-defined]
FILLER = _stark.Filler


def encoding(self: Program) -> bytes:
    """The canonical bytes, by which the program is found again."""
    found: bytes = ENCODE(self)
    PROGRAMS[found] = self
    return found


class Watched:
    """A filler whose checks are noted."""

    def __init__(self, encoded: bytes, plan: bytes) -> None:
        self._filler = FILLER(encoded, plan)
        self._program = PROGRAMS[encoded]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._filler, name)

    def check(self, cells: Any, publics: Any, limit: int) -> Any:
        """What the filler finds; noted when it is one constraint and no range check."""
        broken, unbalanced = self._filler.check(cells, publics, limit)
        buses = [self._program.buses[found[0]] for found in unbalanced]
        whole = len(broken) < limit and len(unbalanced) < limit
        if whole and not any(bus in RANGES for bus in buses):
            for lie in self._lies(broken):
                if len(lie) == 1:
                    ((table, constraint),) = lie
                    note(self._program.tables[table], constraint)
        return broken, unbalanced

    def _lies(self, broken: list[tuple[int, int, int]]) -> Iterator[set[tuple[int, int]]]:
        """What refuses the whole trace; and of a table whose rows stand alone, each row."""
        yield {(table, constraint) for table, constraint, _ in broken}
        tables = {table for table, _, _ in broken}
        if len(tables) == 1 and rows_stand_alone(self._program.tables[min(tables)]):
            for row in {row for _, _, row in broken}:
                yield {(table, constraint) for table, constraint, at in broken if at == row}


def rows_stand_alone(lowered: LoweredTable) -> bool:
    """Whether no sentence reads a next row, but for the flag of real rows: then each row could be
    the only one."""
    following = {cell for code, cell, _ in lowered.nodes.entries if code == Code.NEXT}
    return following <= {lowered.real}


def note(lowered: LoweredTable, constraint: int) -> None:
    """Keep what concerns a table of the venue: its constraints, whoever fills its rows."""
    for ours in program().tables:
        same = ours.name == lowered.name and issubclass(lowered.table, ours.table)
        if same and ours.nodes.entries == lowered.nodes.entries:
            SHOWN[lowered.name].add(constraint)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--shown", type=Path, required=False)


def pytest_configure(config: pytest.Config) -> None:
    found = cached_property(encoding)
    found.__set_name__(Program, "encoding")
    Program.encoding = found  # type: ignore[method-assign, assignment]
    _stark.Filler = Watched  # type: ignore[misc, assignment]


def pytest_sessionfinish(session: pytest.Session) -> None:
    target = session.config.getoption("--shown")
    if target is not None:
        shown = {name: sorted(found) for name, found in SHOWN.items()}
        target.write_text(json.dumps(shown))
