"""Derivatives of a table's arithmetic at a row, and linear algebra over the field: what moves what,
to first order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from novate.air.lowering import LoweredTable
from novate.air.nodes import Code
from novate.field import P

Variable: TypeAlias = tuple[int, bool]
"""A cell, and whether it is the next row's."""

Gradient: TypeAlias = dict[Variable, int]


@dataclass(frozen=True, slots=True)
class Here:
    """A row with its surroundings, as the arithmetic sees it."""

    local: np.ndarray
    following: np.ndarray
    public: Sequence[int]
    row: int
    height: int


def gradients(table: LoweredTable, here: Here) -> tuple[list[int], list[Gradient]]:
    """The value and the derivatives of every node of a table on one row."""
    values: list[int] = []
    slopes: list[Gradient] = []
    for code, a, b in table.nodes.entries:
        value, slope = _node(Code(code), a, b, here, values, slopes)
        values.append(value % P)
        slopes.append(slope)
    return values, slopes


def _node(
    code: Code, a: int, b: int, here: Here, values: list[int], slopes: list[Gradient]
) -> tuple[int, Gradient]:
    match code:
        case Code.CONSTANT:
            return a, {}
        case Code.LOCAL:
            return int(here.local[a]), {(a, False): 1}
        case Code.NEXT:
            return int(here.following[a]), {(a, True): 1}
        case Code.PUBLIC:
            return here.public[a], {}
        case Code.IS_FIRST:
            return int(here.row == 0), {}
        case Code.IS_LAST:
            return int(here.row + 1 == here.height), {}
        case Code.IS_TRANSITION:
            return int(here.row + 1 != here.height), {}
        case Code.ADD:
            return values[a] + values[b], combined(slopes[a], 1, slopes[b], 1)
        case Code.SUB:
            return values[a] - values[b], combined(slopes[a], 1, slopes[b], -1)
        case Code.MUL:
            return values[a] * values[b], combined(slopes[a], values[b], slopes[b], values[a])
        case Code.NEG:
            return -values[a], combined(slopes[a], -1, {}, 0)


def combined(a: Gradient, times_a: int, b: Gradient, times_b: int) -> Gradient:
    """A linear combination of two derivatives."""
    found = {key: value * times_a % P for key, value in a.items()} if times_a else {}
    if times_b:
        for key, value in b.items():
            found[key] = (found.get(key, 0) + value * times_b) % P
    return {key: value for key, value in found.items() if value}


class System:
    """Derivatives as rows over some variables, reduced: what they leave of another derivative."""

    def __init__(self, equations: Sequence[Gradient], variables: Sequence[Variable]) -> None:
        self._variables = list(variables)
        self._columns = {variable: i for i, variable in enumerate(self._variables)}
        matrix = np.zeros((len(equations), len(self._variables)), dtype=np.int64)
        for i, equation in enumerate(equations):
            matrix[i] = self._row(equation)
        self._pivots = _reduce(matrix)
        self._matrix = matrix

    @property
    def rank(self) -> int:
        return len(self._pivots)

    def rest(self, equation: Gradient) -> list[Variable]:
        """The variables a derivative still hangs on after the equations: none when they determine
        it."""
        row = self._row(equation)
        for i, pivot in enumerate(self._pivots):
            if row[pivot]:
                row = (row - row[pivot] * self._matrix[i]) % P
        return [self._variables[i] for i in np.flatnonzero(row)]

    def _row(self, equation: Gradient) -> np.ndarray:
        row = np.zeros(len(self._variables), dtype=np.int64)
        for variable, value in equation.items():
            row[self._columns[variable]] = value
        return row


def _reduce(matrix: np.ndarray) -> list[int]:
    """Reduced row echelon form in place; the pivot column of each row."""
    pivots: list[int] = []
    for column in range(matrix.shape[1]):
        at = len(pivots)
        if at == len(matrix):
            break
        candidates = np.flatnonzero(matrix[at:, column])
        if not candidates.size:
            continue
        chosen = at + int(candidates[0])
        if chosen != at:
            matrix[[at, chosen]] = matrix[[chosen, at]]
        matrix[at] = matrix[at] * pow(int(matrix[at, column]), -1, P) % P
        others = np.flatnonzero(matrix[:, column])
        others = others[others != at]
        matrix[others] = (matrix[others] - matrix[others, column][:, None] * matrix[at]) % P
        pivots.append(column)
    return pivots
