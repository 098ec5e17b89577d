"""The data section as a table: the words a batch posts, their commitment, and their value at the
challenge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from novate.air import (
    Expression,
    Row,
    Statement,
    Table,
    bit,
    choice,
    element,
    equal,
    equals,
    first,
    followed,
    last,
    lookup,
    receive,
    vector,
    when,
)
from novate.circuits.buses import (
    DATA,
    PERMUTATION,
    RECORD_CHUNK,
    RECORD_INBOX,
    RECORD_WITHDRAWAL,
)
from novate.field import EXTENSION_RESIDUE, Tag

Extension = tuple[Any, Any, Any, Any]

PUBLIC = {
    "inbox_from": slice(0, 2),
    "inbox_to": slice(2, 4),
    "withdrawals": slice(4, 6),
    "chunks": slice(6, 8),
    "commitment": slice(8, 16),
    "challenge": slice(16, 20),
    "value": slice(20, 24),
}
"""Fields of the statement that this table speaks about, in the order of its public values."""


def times(a: Sequence[Any], b: Sequence[Any]) -> Extension:
    """The product in F_p[X] / (X**4 - 11)."""
    w = EXTENSION_RESIDUE
    return (
        a[0] * b[0] + w * (a[1] * b[3] + a[2] * b[2] + a[3] * b[1]),
        a[0] * b[1] + a[1] * b[0] + w * (a[2] * b[3] + a[3] * b[2]),
        a[0] * b[2] + a[1] * b[1] + a[2] * b[0] + w * a[3] * b[3],
        a[0] * b[3] + a[1] * b[2] + a[2] * b[1] + a[3] * b[0],
    )


class Section(Table):
    """One posted word a row, in the order in which the contract reads them.

    Soundness. Every record that another table sends arrives here exactly once (bus `data`), and
    nothing arrives that was not sent. Rows are in one order: inbox, withdrawals, chunks; records by
    ordinal, words of a record by part; the first inbox record is the statement's `inbox_from` and
    the numbers of records are the statement's. Positions and numbers are compared modulo p: a
    position has 30 bits in the venue's word, a number 24 in `public_values`. The sponge runs over
    the rows with their number in its capacity, so the commitment binds them; the value is theirs at
    the statement's challenge. Since the challenge follows from the commitment and from keccak of
    the posted bytes, words that differ from as many posted ones agree at it with probability at
    most 2 * rows / p**4.
    Determined: order, counters, sponge and value by the words; it sends nothing, and what it
    receives and asks for follows from them.
    """

    public_values = 24
    required = True
    kind = choice("INBOX", "WITHDRAWAL", "CHUNK")
    part_low, part_high = bit(), bit()
    ends = bit()
    inbox, withdrawals, chunks = element(), element(), element()
    word = vector(element(), 8)
    capacity = vector(element(), 8)
    out = vector(element(), 16)
    value = vector(element(), 4)

    @classmethod
    def constrain(cls, row: Row) -> Iterator[Statement]:
        public = {name: row.public[place] for name, place in PUBLIC.items()}
        yield from cls._order(row, public)
        yield from cls._sponge(row, public)
        yield from cls._evaluation(row, public)
        kind = row.kind
        code = RECORD_INBOX * kind.INBOX + RECORD_WITHDRAWAL * kind.WITHDRAWAL
        yield receive(
            DATA,
            kind=code + RECORD_CHUNK * kind.CHUNK,
            ordinal=kind.INBOX * (_u32(public["inbox_from"]) + row.inbox)
            + kind.WITHDRAWAL * row.withdrawals
            + kind.CHUNK * row.chunks,
            part=row.part_low + 2 * row.part_high,
            word=row.word,
        )

    @classmethod
    def _order(cls, row: Row, public: dict[str, Any]) -> Iterator[Statement]:
        kind, following = row.kind, row.next
        counters = (
            ("inbox", kind.INBOX, row.inbox, following.inbox),
            ("withdrawals", kind.WITHDRAWAL, row.withdrawals, following.withdrawals),
            ("chunks", kind.CHUNK, row.chunks, following.chunks),
        )
        # no other record comes to a part 2: it would go on from a part 1, which ends it
        yield equal(
            "inbox records end with part 3, others with part 1",
            row.ends,
            row.part_low * (1 - kind.INBOX + row.part_high * kind.INBOX),
        )
        for name, taken, count, after in counters:
            yield from first(equal(f"{name} are counted from 0", count, 0))
            yield from followed(equal(f"{name} ended are counted", after, count + taken * row.ends))
        yield from first(
            equal("the first record starts with part 0", row.part_low + 2 * row.part_high, 0)
        )
        parts = row.part_low + 2 * row.part_high
        next_parts = following.part_low + 2 * following.part_high
        yield from followed(
            when(
                row.ends,
                equal("a new record starts with part 0", next_parts, 0),
            ),
            when(
                1 - row.ends,
                equal("parts follow each other", next_parts, parts + 1),
                equal("a record is of one kind: inbox", following.kind.INBOX, kind.INBOX),
                equal("a record is of one kind: chunk", following.kind.CHUNK, kind.CHUNK),
            ),
            equal(
                "inbox records come first",
                following.kind.INBOX * kind.any("WITHDRAWAL", "CHUNK"),
                0,
            ),
            equal("withdrawals come before chunks", following.kind.WITHDRAWAL * kind.CHUNK, 0),
        )
        yield from last(
            equal("the last record is whole", row.ends, 1),
            equal(
                "as many inbox records as the inbox moved",
                row.inbox + kind.INBOX * row.ends,
                _u32(public["inbox_to"]) - _u32(public["inbox_from"]),
            ),
            equal(
                "as many withdrawals as stated",
                row.withdrawals + kind.WITHDRAWAL * row.ends,
                _u32(public["withdrawals"]),
            ),
            equal(
                "as many chunks as stated",
                row.chunks + kind.CHUNK * row.ends,
                _u32(public["chunks"]),
            ),
        )

    @classmethod
    def _sponge(cls, row: Row, public: dict[str, Any]) -> Iterator[Statement]:
        inbox = _u32(public["inbox_to"]) - _u32(public["inbox_from"])
        words = 4 * inbox + 2 * _u32(public["withdrawals"]) + 2 * _u32(public["chunks"])
        start = (8 * words, int(Tag.DATA), 0, 0, 0, 0, 0, 0)
        yield lookup(PERMUTATION, state=(*row.word, *row.capacity), out=row.out)
        yield from first(equals("the sponge starts with length and tag", row.capacity, start))
        yield from followed(
            equals("the sponge goes on from its capacity", row.next.capacity, row.out[8:])
        )
        yield from last(equals("the digest is the commitment", row.out[:8], public["commitment"]))

    @classmethod
    def _evaluation(cls, row: Row, public: dict[str, Any]) -> Iterator[Statement]:
        z = public["challenge"]
        middle = _step(row.value, z, row.word[:4])
        after = _step(middle, z, row.word[4:])
        yield from first(equals("the value starts at 0", row.value, (0, 0, 0, 0)))
        yield from followed(equals("the value takes in a word", row.next.value, after))
        yield from last(equals("the value is the stated one", after, public["value"]))


def _step(value: Sequence[Expression], z: Sequence[Any], d: Sequence[Any]) -> Extension:
    a, b, c, e = times(value, z)
    return a + d[0], b + d[1], c + d[2], e + d[3]


def _u32(limbs: Sequence[Any]) -> Any:
    return limbs[0] + limbs[1] * (1 << 16)
