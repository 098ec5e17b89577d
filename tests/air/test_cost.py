from novate.air import cost_report
from novate.air.cost import costs

from . import scene

PROGRAM = scene.program()
TRACE = scene.satisfied(PROGRAM)


def test_tables_come_by_what_all_their_rows_cost() -> None:
    found = costs(PROGRAM, TRACE)
    assert [table.total for table in found] == sorted((t.total for t in found), reverse=True)
    assert found[0].name == "bytes" and found[0].rows == 1 << 16
    assert {table.name for table in found} == {table.name for table in PROGRAM.tables}


def test_without_a_trace_tables_come_by_the_cost_of_a_row() -> None:
    found = costs(PROGRAM)
    assert [table.cost for table in found] == sorted((t.cost for t in found), reverse=True)
    assert all(table.rows == 0 for table in found)


def test_a_row_costs_at_least_its_cells() -> None:
    assert all(table.cost >= table.cells + 5 * table.messages for table in costs(PROGRAM))


def test_the_report_names_every_table_and_the_share_of_each() -> None:
    text = cost_report(PROGRAM, TRACE)
    assert all(table.name in text for table in PROGRAM.tables)
    assert "share" in text and f"{TRACE.total_cells:,} cells in all" in text
    assert "share" not in cost_report(PROGRAM)
