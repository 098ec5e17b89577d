"""The whole state from the base layer's data alone."""

from dataclasses import replace

import pytest

from novate.ledger import DataMismatch, DataSection, Statement, advance, rebuild

from .test_batch import walk

GENESIS, ONE, TWO = walk()
POSTED = [(batch.statement, batch.section.data) for batch in (ONE, TWO)]


def test_the_state_is_rebuilt_from_the_posted_data() -> None:
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


DATA = ONE.section.data
WORDS = len(DATA) // 32


@pytest.mark.parametrize("word", range(WORDS))
def test_changed_data_is_refused(word: int) -> None:
    """Each word flipped, taken out, doubled, moved to the end."""
    start, end = 32 * word, 32 * word + 32
    flipped = DATA[: end - 1] + bytes([DATA[end - 1] ^ 1]) + DATA[end:]
    missing = DATA[:start] + DATA[end:]
    added = DATA[:end] + DATA[start:end] + DATA[end:]
    moved = missing + DATA[start:end]
    for changed in (flipped, missing, added, moved):
        if changed != DATA:
            with pytest.raises((DataMismatch, ValueError)):
                advance(GENESIS, ONE.statement, changed)


def test_a_changed_word_gives_another_root() -> None:
    address, value = ONE.section.chunks[-1]
    other = (value[0] + 1, *value[1:])
    forged = replace(ONE.section, chunks=(*ONE.section.chunks[:-1], (address, other)))  # type: ignore[arg-type]
    with pytest.raises(DataMismatch) as refused:
        advance(GENESIS, ONE.statement, forged.data)
    assert refused.value.field == "new_root"


def test_a_missing_word_gives_another_root() -> None:
    short = replace(ONE.section, chunks=ONE.section.chunks[1:])
    claimed = replace(ONE.statement, chunks=ONE.statement.chunks - 1)
    with pytest.raises(DataMismatch) as refused:
        advance(GENESIS, claimed, short.data)
    assert refused.value.field == "new_root"


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
