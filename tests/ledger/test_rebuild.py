"""The whole state from the base layer's data alone."""

from dataclasses import replace

import pytest

from novate.ledger import DataMismatch, DataSection, Statement, advance, rebuild

from .test_batch import walk

GENESIS, ONE, TWO = walk()
POSTED = [(batch.statement, batch.section.data) for batch in (ONE, TWO)]


def test_genesis_and_data_give_the_state_with_its_root() -> None:
    assert rebuild(GENESIS, POSTED) == TWO.after
    assert rebuild(GENESIS, POSTED).root == TWO.statement.new_root
    assert rebuild(GENESIS, []) == GENESIS


def test_batches_come_in_order() -> None:
    with pytest.raises(DataMismatch):
        rebuild(GENESIS, POSTED[::-1])
    with pytest.raises(DataMismatch):
        rebuild(GENESIS, POSTED[1:])


NOT_COUNTS = [
    name
    for name in Statement.OFFSETS
    if name not in ("inbox_from", "inbox_to", "withdrawals", "chunks", "window_start", "window_end")
]


@pytest.mark.parametrize("name", NOT_COUNTS)
def test_every_field_of_the_statement_is_compared(name: str) -> None:
    value = getattr(ONE.statement, name)
    if isinstance(value, int):
        other: object = value + 1
    elif isinstance(value, bytes):
        other = bytes([value[0] ^ 1]) + value[1:]
    else:
        other = (value[0] ^ 1, *value[1:])
    with pytest.raises(DataMismatch) as refused:
        advance(GENESIS, replace(ONE.statement, **{name: other}), ONE.section.data)
    assert refused.value.field == name


@pytest.mark.parametrize("name", ["inbox_from", "inbox_to", "withdrawals", "chunks"])
def test_the_counts_of_records_are_those_of_the_data(name: str) -> None:
    other = replace(ONE.statement, **{name: getattr(ONE.statement, name) + 1})
    with pytest.raises(ValueError, match="announced"):
        advance(GENESIS, other, ONE.section.data)


def test_a_changed_word_does_not_pass() -> None:
    address, value = ONE.section.chunks[-1]
    forged = replace(
        ONE.section,
        chunks=(*ONE.section.chunks[:-1], (address, (value[0] + 1, *value[1:]))),  # type: ignore[arg-type]
    )
    with pytest.raises(DataMismatch) as refused:
        advance(GENESIS, ONE.statement, forged.data)
    assert refused.value.field == "new_root"


def test_a_missing_word_does_not_pass() -> None:
    short = replace(ONE.section, chunks=ONE.section.chunks[1:])
    claimed = replace(ONE.statement, chunks=ONE.statement.chunks - 1)
    with pytest.raises(DataMismatch):
        advance(GENESIS, claimed, short.data)


def test_a_word_that_did_not_change_may_be_posted() -> None:
    spare = next(a for a in GENESIS.state.words if a not in dict(ONE.section.chunks))
    longer = DataSection(
        ONE.section.inbox,
        ONE.section.withdrawals,
        (*ONE.section.chunks, (spare, GENESIS.state.word(spare))),
    )
    claimed = replace(ONE.statement, chunks=ONE.statement.chunks + 1)
    with pytest.raises(DataMismatch) as refused:
        advance(GENESIS, claimed, longer.data)
    assert refused.value.field == "commitment"  # the state is right, the proof is of other data
