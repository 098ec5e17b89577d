"""The arithmetic of one table after lowering: a shared graph of field operations over cells."""

from __future__ import annotations

from enum import IntEnum

from novate.field import P


class Code(IntEnum):
    """Operations of the encoded program; the numbers are part of its hash."""

    CONSTANT = 0
    LOCAL = 1
    NEXT = 2
    PUBLIC = 3
    IS_FIRST = 4
    IS_LAST = 5
    IS_TRANSITION = 6
    ADD = 7
    SUB = 8
    MUL = 9
    NEG = 10


class Nodes:
    """Field operations, each written once; with the degree of each and its value where all cells
    are zero."""

    def __init__(self) -> None:
        self.entries: list[tuple[int, int, int]] = []
        self.degrees: list[int] = []
        self.at_zero: list[int | None] = []
        self._known: dict[tuple[int, int, int], int] = {}

    def _make(self, entry: tuple[int, int, int], degree: int, at_zero: int | None) -> int:
        known = self._known.get(entry)
        if known is not None:
            return known
        self.entries.append(entry)
        self.degrees.append(degree)
        self.at_zero.append(at_zero)
        self._known[entry] = len(self.entries) - 1
        return len(self.entries) - 1

    def constant(self, value: int) -> int:
        return self._make((Code.CONSTANT, value % P, 0), 0, value % P)

    def local(self, cell: int) -> int:
        return self._make((Code.LOCAL, cell, 0), 1, 0)

    def next(self, cell: int) -> int:
        return self._make((Code.NEXT, cell, 0), 1, 0)

    def public(self, index: int) -> int:
        return self._make((Code.PUBLIC, index, 0), 0, None)

    def selector(self, code: Code) -> int:
        return self._make((code, 0, 0), 1, None)

    def add(self, a: int, b: int) -> int:
        if self._is(a, 0):
            return b
        if self._is(b, 0):
            return a
        if self._both_constant(a, b):
            return self.constant(self.entries[a][1] + self.entries[b][1])
        return self._make(
            (Code.ADD, a, b), max(self.degrees[a], self.degrees[b]), self._zero(a, b, 1)
        )

    def sub(self, a: int, b: int) -> int:
        if self._is(b, 0):
            return a
        if self._both_constant(a, b):
            return self.constant(self.entries[a][1] - self.entries[b][1])
        return self._make(
            (Code.SUB, a, b), max(self.degrees[a], self.degrees[b]), self._zero(a, b, -1)
        )

    def mul(self, a: int, b: int) -> int:
        for one, other in ((a, b), (b, a)):
            if self._is(one, 1):
                return other
            if self._is(one, 0):
                return one
        if self._both_constant(a, b):
            return self.constant(self.entries[a][1] * self.entries[b][1])
        za, zb = self.at_zero[a], self.at_zero[b]
        zero = 0 if 0 in (za, zb) else None if za is None or zb is None else za * zb % P
        return self._make((Code.MUL, a, b), self.degrees[a] + self.degrees[b], zero)

    def scale(self, a: int, factor: int) -> int:
        """`a` times an integer constant."""
        return self.mul(a, self.constant(factor))

    def total(self, terms: list[int]) -> int:
        """The sum of the terms."""
        result = self.constant(0)
        for term in terms:
            result = self.add(result, term)
        return result

    def cells(self, root: int) -> set[int]:
        """Every cell that `root` reads, in this row or the next."""
        found: set[int] = set()
        seen: set[int] = set()
        pending = [root]
        while pending:
            index = pending.pop()
            if index in seen:
                continue
            seen.add(index)
            code, a, b = self.entries[index]
            if code in (Code.LOCAL, Code.NEXT):
                found.add(a)
            elif code in (Code.ADD, Code.SUB, Code.MUL):
                pending += (a, b)
        return found

    def _is(self, node: int, value: int) -> bool:
        code, a, _ = self.entries[node]
        return code == Code.CONSTANT and a == value

    def _both_constant(self, a: int, b: int) -> bool:
        return self.entries[a][0] == self.entries[b][0] == Code.CONSTANT

    def _zero(self, a: int, b: int, sign: int) -> int | None:
        za, zb = self.at_zero[a], self.at_zero[b]
        return None if za is None or zb is None else (za + sign * zb) % P
