from collections.abc import Iterator

from novate.air import (
    Program,
    Row,
    Statement,
    Table,
    element,
    limbs16,
    permutation_bus,
    receive,
    send,
    show,
    unsigned,
    vector,
)

from . import scene

PROGRAM = scene.program()
FILL = show(PROGRAM["fill"])
TOTAL = show(PROGRAM["total"])


def test_a_column_is_shown_with_its_kind_its_origin_and_its_limbs() -> None:
    columns = {
        line.split()[0]: line
        for line in FILL.splitlines()
        if line.startswith("  ") and ("input" in line or "derived" in line)
    }
    assert "unsigned(16)" in columns["number"] and "16 bits" in columns["number"]
    assert "choice(BUY, SELL)" in columns["side"] and "2 bits" in columns["side"]
    assert "derived" in columns["amount"] and "16 + 16 + 16 bits" in columns["amount"]
    assert "how far it is below its bound" in columns["size"]


def test_a_sentence_is_shown_with_its_law_its_rows_and_its_flags() -> None:
    assert "size*price - (100*amount + dust) = 0" in FILL
    assert "next number - (number + 1) = 0\n      on every row with a next row" in TOTAL
    assert "number - public[0] = 0\n      on the last row" in TOTAL
    assert "when side.SELL" in TOTAL


def test_a_message_is_shown_with_its_meaning_and_its_fields() -> None:
    assert "sends fill: one fill" in FILL
    assert "side = side.BUY | side.SELL, number = number, amount = amount" in FILL


def test_what_the_language_adds_is_shown_apart() -> None:
    assert "from the language: real is a bit; real never rises" in FILL
    assert "and range checks: an integer of 16 bits" in FILL
    assert "2 public values" in TOTAL and "at least one row" in TOTAL


def test_every_sentence_of_every_table_is_shown_within_the_width() -> None:
    for table in PROGRAM.tables:
        text = show(table)
        words = " ".join(text.split())
        assert all(constraint.sentence in words for constraint in table.constraints)
        assert max(map(len, text.splitlines())) <= 110


WORD = permutation_bus("word", "a word of the state", word=vector(element(), 8))


class Writer(Table):
    """Writes two balances."""

    old, new = unsigned(63), unsigned(48)

    @classmethod
    def constrain(cls, row: Row) -> Iterator[Statement]:
        old, new = limbs16(row.old, 4), limbs16(row.new, 3)
        yield send(WORD, word=(*old, *new, 0))
        yield send(WORD, word=(old[1], old[0], *old[2:], *new, 1))


class Reader(Table):
    word = vector(element(), 8)

    @classmethod
    def constrain(cls, row: Row) -> Iterator[Statement]:
        yield receive(WORD, word=row.word)


def test_pieces_of_a_column_that_follow_each_other_are_shown_as_one() -> None:
    text = show(Program([Writer, Reader])["writer"])
    assert "word = [old.bits16[0..3], new.bits16[0..2], 0]" in text
    assert "word = [old.bits16[1], old.bits16[0], old.bits16[2..3], new.bits16[0..2], 1]" in text
    assert "word = word" in show(Program([Writer, Reader])["reader"])
