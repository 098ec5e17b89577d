"""The checker names what is broken: sentence, row and values; bus, fields and surplus."""

import numpy as np
import pytest

from novate.air import BrokenSentence, UnbalancedMessage, check, trace
from novate.air.check import FINDINGS_MAX

from . import scene
from .evaluation import broken, rolled

PROGRAM = scene.program()


def found(table: str, row: int, column: str, value: int) -> list[object]:
    """What the checker says when one cell holds another value."""
    made = scene.satisfied(PROGRAM)
    made[table][row, PROGRAM[table].cells.index(column)] = value
    return list(check(PROGRAM, made))


def test_a_trace_that_holds_has_no_findings() -> None:
    assert check(PROGRAM, scene.satisfied(PROGRAM)) == []


def test_a_broken_sentence_is_told_with_its_row_and_the_cells_it_reads() -> None:
    sentences = [f for f in found("total", 0, "number", 9) if isinstance(f, BrokenSentence)]
    (first,) = (f for f in sentences if f.sentence == "the first fill has number 1")
    assert (first.table, first.row) == ("total", 0)
    assert first.cells == (("real", 1), ("number", 9))
    assert str(first) == (
        "table total, row 0: 'the first fill has number 1' does not hold (real=1, number=9)"
    )


def test_a_message_without_counterpart_is_told_with_its_fields_by_name() -> None:
    messages = [f for f in found("total", 0, "number", 9) if isinstance(f, UnbalancedMessage)]
    fills = {f.surplus: f for f in messages if f.bus == "fill"}
    assert fills.keys() == {1, -1}
    assert dict(fills[1].fields)["number"] == (1,)
    assert dict(fills[-1].fields)["number"] == (9,)
    assert dict(fills[1].fields)["side"] == (1, 0)
    assert len(dict(fills[1].fields)["amount"]) == 3
    assert "bus fill: too many by 1: (side=[1, 0], number=1, amount=[" in str(fills[1])
    assert "bus fill: too few by 1: (side=[1, 0], number=9, amount=[" in str(fills[-1])


def test_a_fact_that_nobody_provides_is_told() -> None:
    messages = [f for f in found("fill", 1, "price.0", 5) if isinstance(f, UnbalancedMessage)]
    (price,) = (f for f in messages if f.bus == "price" and f.surplus > 0)
    assert dict(price.fields)["instrument"] == (7,)
    assert price.table == "fill"


def test_there_are_at_most_as_many_findings_of_a_kind_as_can_be_read() -> None:
    count = 4 * FINDINGS_MAX
    made = trace(
        PROGRAM,
        scene.inputs([(0, 7, 1)] * count),
        scene.public_values(count),
    )
    assert check(PROGRAM, made) == []
    made["total"][:count, PROGRAM["total"].cells.index("number")] = 3
    findings = check(PROGRAM, made)
    for kind in (BrokenSentence, UnbalancedMessage):
        assert 0 < sum(isinstance(f, kind) for f in findings) <= FINDINGS_MAX


@pytest.mark.parametrize("seed", range(6))
def test_the_checker_agrees_with_an_evaluation_of_its_own(seed: int) -> None:
    """Random cells of the three tables: the same sentences on the same rows."""
    chance = np.random.default_rng(seed)
    made = scene.satisfied(PROGRAM)
    expected: set[tuple[str, str, int]] = set()
    publics = {
        table.name: values for table, values in zip(PROGRAM.tables, made.public_values, strict=True)
    }
    for name in ("price", "fill", "total"):
        cells = made[name]
        row, cell = chance.integers(len(cells)), chance.integers(cells.shape[1])
        cells[row, cell] = chance.integers(2**31 - 2**27 + 1)
        local = cells.astype(np.int64)
        for sentence, rows in broken(
            PROGRAM[name], local, rolled(local), tuple(publics[name])
        ).items():
            expected |= {(name, sentence, at) for at in rows}
    told = {
        (f.table, f.sentence, f.row) for f in check(PROGRAM, made) if isinstance(f, BrokenSentence)
    }
    assert told == expected
