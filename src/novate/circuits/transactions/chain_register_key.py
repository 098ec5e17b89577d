"""A key registration as a table: one inbox entry a row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from novate.air import (
    InverseOf,
    Row,
    Statement,
    Table,
    below,
    element,
    equal,
    equals,
    limbs16,
    lookup,
    send,
    unsigned,
    vector,
    zero,
)
from novate.circuits.buses import DATA, PERMUTATION, RECORD_INBOX, TIME_BITS
from novate.circuits.clock import Clock
from novate.circuits.memory import access
from novate.circuits.sponge import States, absorb
from novate.field import Tag, address_elements
from novate.ledger import (
    COMPARTMENT,
    VENUE_ADDRESS,
    ChainRegisterKey,
    InboxKind,
    Step,
    Venue,
    cursor_law,
    header_address,
    key_address,
)
from novate.units import bounds

COORDINATE_ELEMENTS = 11
KEY_ELEMENTS = 2 * COORDINATE_ELEMENTS
CAPACITY = (KEY_ELEMENTS, int(Tag.KEY), 0, 0, 0, 0, 0, 0)
"""What the sponge of a key starts from: how long it is and what it stands for."""


class RegisterKey(Table):
    """One key registration a row: the next inbox entry, and the word of the key it names.

    Soundness. As with a deposit, the record at the venue's own cursor is consumed here and
    nowhere else. The account is a trader's and its header is the owner that the record names, so
    no one else replaces a key. The slot is one of the four of keys. The word put there is the
    sponge over the 22 elements of the record: three permutations, each from the capacity the one
    before left, the first from length and tag. The elements of owner and key have no range here:
    the contract posts and bounds them.
    Determined: the commitment by the key, and with it every word put back and every word of the
    record by `time`, `account`, `key_index`, `owner`, `x`, `y` and the words taken.
    """

    name = "chain_register_key"
    time = unsigned(TIME_BITS)
    gaps = vector(unsigned(TIME_BITS), 3)
    account = unsigned(bounds.TRADER_BITS)
    account_inverse = element(given=lambda row: InverseOf(row.account))
    key_index = below(bounds.KEY_SLOTS)
    owner = vector(element(), 7)
    x, y = vector(element(), COORDINATE_ELEMENTS), vector(element(), COORDINATE_ELEMENTS)

    cursor = unsigned(bounds.CURSOR_BITS)
    cursor_after = unsigned(bounds.CURSOR_BITS, given=lambda row: row.cursor + 1)
    supply = vector(element(), 4)
    header = vector(element(), 8)
    replaced = vector(element(), 8)
    first_out, second_out, third_out = (
        vector(element(), 16),
        vector(element(), 16),
        vector(element(), 16),
    )

    @classmethod
    def constrain(cls, row: Row) -> Iterator[Statement]:
        """The rules of a key registration, in protocol order."""
        yield zero("the inbox moves by one entry", cursor_law(row.cursor, row.cursor_after))
        yield equal("the account is not number 0", row.account * row.account_inverse, 1)
        yield from equals("the account is this owner's", row.header, (*row.owner, COMPARTMENT))
        yield from cls._commitment(row)
        yield from cls._record(row)
        yield from access(
            **VENUE_ADDRESS._asdict(),
            old=(*limbs16(row.cursor, 2), *row.supply, 0, 0),
            new=(*limbs16(row.cursor_after, 2), *row.supply, 0, 0),
            time=row.time,
            gap=row.gaps[0],
        )
        yield from access(
            **header_address(row.account)._asdict(),
            old=row.header,
            new=row.header,
            time=row.time,
            gap=row.gaps[1],
        )
        yield from access(
            **key_address(row.account, row.key_index + 1)._asdict(),
            old=row.replaced,
            new=row.third_out[:8],
            time=row.time,
            gap=row.gaps[2],
        )

    @classmethod
    def _commitment(cls, row: Row) -> Iterator[Statement]:
        key = (*row.x, *row.y)
        first, second, third = key[:8], key[8:16], (*key[16:], 0, 0)
        yield lookup(PERMUTATION, state=(*first, *CAPACITY), out=row.first_out)
        yield lookup(PERMUTATION, state=(*second, *row.first_out[8:]), out=row.second_out)
        yield lookup(PERMUTATION, state=(*third, *row.second_out[8:]), out=row.third_out)

    @classmethod
    def _record(cls, row: Row) -> Iterator[Statement]:
        key = (*row.x, *row.y)
        words = (
            (int(InboxKind.REGISTER_KEY), row.account, row.key_index + 1, *row.owner[:5]),
            (*row.owner[5:], *key[:6]),
            key[6:14],
            key[14:],
        )
        for part, word in enumerate(words):
            yield send(DATA, kind=RECORD_INBOX, ordinal=row.cursor, part=part, word=word)


def rows(step: Step, clock: Clock, states: States) -> dict[str, list[dict[str, Any]]]:
    """The row of a registration that the ledger applied; its permutations are added to `states`."""
    registration, applied = step.transaction, step.applied
    assert isinstance(registration, ChainRegisterKey)
    time = clock.tick()
    header_at = header_address(registration.account)
    key_at = key_address(registration.account, registration.key_slot)
    venue = applied.word_before(VENUE_ADDRESS)
    elements = registration.key.elements
    first_out, second_out, third_out = absorb(Tag.KEY, elements, states)
    row = {
        "time": time,
        "gaps": [clock.gap(at, time) for at in (VENUE_ADDRESS, header_at, key_at)],
        "account": registration.account,
        "key_index": registration.key_slot - 1,
        "owner": address_elements(registration.owner),
        "x": elements[:COORDINATE_ELEMENTS],
        "y": elements[COORDINATE_ELEMENTS:],
        "cursor": Venue.decode(venue).cursor,
        "supply": venue[2:6],
        "header": applied.word_before(header_at),
        "replaced": applied.word_before(key_at),
        "first_out": first_out,
        "second_out": second_out,
        "third_out": third_out,
    }
    return {RegisterKey.name: [row]}
