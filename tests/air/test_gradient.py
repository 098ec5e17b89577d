"""Derivatives of a table's arithmetic, against differences, and elimination over the field."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novate.air.gradient import Here, System, combined, gradients
from novate.field import P

from .scene import program, satisfied

BUILT = program()
TRACE = satisfied(BUILT)


def here(table: int, cells: np.ndarray, row: int) -> Here:
    """A row of a table with what surrounds it."""
    following = cells[(row + 1) % len(cells)]
    return Here(cells[row], following, TRACE.public_values[table], row, len(cells))


@pytest.mark.parametrize("name", ["price", "fill", "total", "narrow"])
@pytest.mark.parametrize("row", [0, 2, -1])
def test_a_derivative_is_what_a_small_step_changes_in_polynomials_of_low_degree(
    name: str, row: int
) -> None:
    index = [table.name for table in BUILT.tables].index(name)
    table, cells = BUILT.tables[index], TRACE.cells[index]
    row %= len(cells)
    values, slopes = gradients(table, here(index, cells, row))
    for cell in range(len(table.cells)):
        # of a polynomial of degree 3: f'(0) = (-2 f(-1) - 3 f(0) + 6 f(1) - f(2)) / 6
        points = []
        for step in (-1, 0, 1, 2):
            moved = cells.copy()
            moved[row, cell] = (int(moved[row, cell]) + step) % P
            points.append(gradients(table, here(index, moved, row))[0])
        before, at, after, far = points
        assert at == values
        sixth = pow(6, -1, P)
        for i, slope in enumerate(slopes):
            exact = (-2 * before[i] - 3 * at[i] + 6 * after[i] - far[i]) * sixth % P
            assert slope.get((cell, False), 0) == exact


def test_a_combination_forgets_what_cancels() -> None:
    assert combined({"x": 2, "y": 1}, 3, {"x": 6, "z": 1}, -1) == {"y": 3, "z": P - 1}
    assert combined({"x": 2}, 0, {"x": 1}, 0) == {}


ELEMENTS = st.integers(0, P - 1)
EQUATIONS = st.lists(st.dictionaries(st.sampled_from("abcd"), ELEMENTS, max_size=4), max_size=5)


@given(EQUATIONS, st.lists(ELEMENTS, min_size=5, max_size=5))
def test_what_equations_imply_leaves_nothing(
    equations: list[dict[str, int]], weights: list[int]
) -> None:
    system = System(equations, "abcd")
    assert system.rank <= min(4, len(equations))
    implied: dict[str, int] = {}
    for weight, equation in zip(weights, equations, strict=False):
        implied = combined(implied, 1, equation, weight)
    assert system.rest(implied) == []


def test_what_they_do_not_imply_hangs_on_what_is_free() -> None:
    system = System([{"a": 1, "b": 1}, {"b": 1, "c": P - 1}], "abcd")
    assert system.rank == 2
    assert system.rest({"a": 1}) == ["c"]
    assert system.rest({"a": 1, "c": 1}) == []
    assert system.rest({"d": 5, "a": 1}) == ["c", "d"]
