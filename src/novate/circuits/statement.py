"""The public values of a batch as a table: the root, the venue's word, the window and the
domain."""

from __future__ import annotations

from collections.abc import Iterator

from novate.air import (
    Row,
    Table,
    element,
    equal,
    equals,
    first,
    limbs16,
    provide,
    receive,
    send,
    unsigned,
    vector,
)
from novate.air import Statement as Sentence
from novate.circuits.buses import DOMAIN, MEMORY, NODE, TIME_BITS, TIME_END, WINDOW
from novate.circuits.memory import access
from novate.ledger import VENUE_ADDRESS, Statement
from novate.units import bounds


class PublicValues(Table):
    """One row: what the batch claims, tied to the tables that make it true.

    Soundness. All 106 public values enter the transcript before any challenge; those this table
    does not mention (version, batch number, inbox hashes) are bound by that alone, and the data
    section's and the configuration's by their own tables, which get the same values from the same
    statement. The root before and after is sent to the tree exactly once. The venue's word is read
    at instant 1, before any transaction, and at the last instant, after which none is possible:
    inbox position and supply before and after are the state's. There is exactly one row: one is
    required and none may follow it. Window and domain are the statement's, element by element, and
    a window does not end before it starts; that it is now, the contract sees to. The numbers of
    withdrawals and of chunks are below 2**24 in limbs of 16 bits, so that the data section, which
    counts in the field, counts the same.
    Determined: everything it sends and provides, by the public values; `gap` says only when the
    venue's word was last touched.
    """

    public_values = Statement.LENGTH
    required = True
    window_start, window_end = unsigned(bounds.TIME_BITS), unsigned(bounds.TIME_BITS)
    length = unsigned(bounds.TIME_BITS, given=lambda row: row.window_end - row.window_start)
    withdrawals, chunks = unsigned(bounds.RECORDS_BITS), unsigned(bounds.RECORDS_BITS)
    domain = vector(element(), 11)
    venue_before, venue_after = vector(element(), 8), vector(element(), 8)
    gap = unsigned(TIME_BITS)

    @classmethod
    def constrain(cls, row: Row) -> Iterator[Sentence]:
        public = {name: row.public[place] for name, place in Statement.OFFSETS.items()}
        yield equal("there is one statement", row.has_next, 0)
        venue = (
            ("before", row.venue_before, public["inbox_from"], public["supply_before"]),
            ("after", row.venue_after, public["inbox_to"], public["supply_after"]),
        )
        for name, word, cursor, supply in venue:
            yield from first(
                equals(f"inbox position and supply {name}", word, (*cursor, *supply, 0, 0))
            )
        yield from first(
            equals(
                "the window starts as stated", limbs16(row.window_start, 2), public["window_start"]
            ),
            equals("the window ends as stated", limbs16(row.window_end, 2), public["window_end"]),
            equals("the domain is stated", row.domain, (*public["chain_id"], *public["contract"])),
            equals("withdrawals are a number", limbs16(row.withdrawals, 2), public["withdrawals"]),
            equals("chunks are a number", limbs16(row.chunks, 2), public["chunks"]),
        )
        yield equal(
            "the window does not end before it starts",
            row.window_end,
            row.window_start + row.length,
        )
        yield send(
            NODE,
            level=bounds.TREE_DEPTH,
            account=0,
            slot=0,
            old=public["old_root"],
            new=public["new_root"],
        )
        address = {"account": VENUE_ADDRESS.account, "slot": VENUE_ADDRESS.slot}
        yield receive(MEMORY, **address, time=0, word=row.venue_before)
        yield send(MEMORY, **address, time=1, word=row.venue_before)
        # a gap is at least zero: the last reading takes an earlier instant than it puts back, so it
        # cannot take the message that it sends itself
        yield from access(
            account=VENUE_ADDRESS.account,
            slot=VENUE_ADDRESS.slot,
            old=row.venue_after,
            new=row.venue_after,
            time=TIME_END,
            gap=row.gap,
        )
        yield provide(WINDOW, start=row.window_start, end=row.window_end)
        yield provide(DOMAIN, domain=row.domain)
