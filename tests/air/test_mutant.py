"""Mutants: what is changed, where, and that nothing is called a change that is none."""

import numpy as np
import pytest

from novate.air.mutant import Mutant, Mutants
from novate.field import P

from .scene import FILLS, program, satisfied

BUILT = program()
TRACE = satisfied(BUILT)
NAMES = [table.name for table in BUILT.tables]


def mutants_of(name: str) -> Mutants:
    """The mutants of one table of the scene."""
    return Mutants(BUILT, TRACE, NAMES.index(name))


def every(name: str) -> list[Mutant]:
    """All of them."""
    found = mutants_of(name)
    return [*found.single_cells(), *found.columns(), *found.whole_rows()]


@pytest.mark.parametrize("name", ["price", "fill", "total"])
def test_a_mutant_changes_cells_of_its_table_to_other_elements(name: str) -> None:
    index = NAMES.index(name)
    cells = TRACE.cells[index]
    for mutant in every(name):
        assert mutant.patches, mutant.what
        assert mutant.what.startswith(f"{name}: ")
        for table, row, cell, value in mutant.patches:
            assert table == index
            assert 0 <= value < P
            assert cells[row, cell] != value, mutant.what


def test_every_cell_is_changed_alone_on_real_rows_and_on_padding() -> None:
    table, changed = BUILT["fill"], set()
    for mutant in mutants_of("fill").single_cells():
        if len(mutant.patches) == 1:
            changed.add(mutant.patches[0][1:3])
    rows = {0, 1, len(FILLS) - 1, len(FILLS), len(TRACE["fill"]) - 1}
    assert {(row, cell) for row in rows for cell in range(len(table.cells))} <= changed


def test_rows_show_each_bit_as_0_and_as_1() -> None:
    table, found = BUILT["price"], mutants_of("price")
    listed = TRACE["price"][found.rows, table.placed["listed"].limbs[0].cell]
    assert set(listed) == {0, 1}


def test_two_rows_that_differ_in_one_cell_are_not_swapped() -> None:
    # to swap that cell is to exchange the rows
    filled = satisfied(BUILT)
    filled["fill"][1] = filled["fill"][0]
    filled["fill"][1, BUILT["fill"].cells.index("number")] += 1
    found = Mutants(BUILT, filled, NAMES.index("fill"))
    swapped = [m.what for m in found.single_cells() if m.what.endswith("swapped")]
    assert not [what for what in swapped if what.startswith("fill: rows 0 and 1")]
    assert [what for what in swapped if what.startswith("fill: rows 1 and 2")]


def test_a_changed_input_comes_with_what_follows_from_it() -> None:
    table = BUILT["fill"]
    (mutant,) = [
        m
        for m in mutants_of("fill").columns()
        if m.what == "fill: row 0, size becomes 998, and what follows"
    ]
    names = {table.cells[cell].split(".")[0] for _, _, cell, _ in mutant.patches}
    spare = {"size to its bound", "dust to its bound"}
    assert names == {"size", "amount", "dust", *spare}


def test_a_borrowed_limb_leaves_the_integer_as_it_is() -> None:
    table, cells = BUILT["fill"], TRACE["fill"]
    limbs = table.placed["amount"].limbs
    borrowed = [m for m in mutants_of("fill").columns() if "amount borrows" in m.what]
    assert borrowed
    for mutant in borrowed:
        row = mutant.patches[0][1]
        changed = cells[row].astype(object)
        for _, _, cell, value in mutant.patches:
            changed[cell] = value if value < P // 2 else value - P
        before = sum(int(cells[row, limb.cell]) << limb.position for limb in limbs)
        assert sum(changed[limb.cell] << limb.position for limb in limbs) == before


def test_has_next_follows_the_rows() -> None:
    table = BUILT["total"]
    (dropped,) = [m for m in mutants_of("total").whole_rows() if "last row dropped" in m.what]
    last = len(FILLS) - 1
    changed = {(row, cell): value for _, row, cell, value in dropped.patches}
    assert table.has_next is not None
    assert changed[last - 1, table.has_next] == 0
    assert np.count_nonzero(TRACE["total"][:, table.has_next]) == last
