"""The venue's configuration as a table: the words behind the configuration hash of the
statement."""

from __future__ import annotations

from collections.abc import Iterator

from novate.air import (
    Row,
    Statement,
    Table,
    bit,
    element,
    equal,
    equals,
    first,
    followed,
    last,
    lookup,
    provide,
    vector,
    when,
)
from novate.circuits.buses import PARAMETERS, PERMUTATION, PUBLISHER
from novate.field import Tag
from novate.ledger import VERSION


class Configuration(Table):
    """The parameters in the first row, then one publisher a row.

    Soundness. The sponge over all rows is the statement's configuration hash, with the number of
    rows in its capacity, so the rows are the configuration, as long as no collision of the sponge
    is known. Whoever looks up `parameters` has the first row, the only one with a head;
    `publisher(index, key)`: the key of row index + 1. What the words mean (rates, a quorum of at
    most the publishers) was checked by whoever chose the hash.
    Determined: every row by the hash.
    """

    public_values = 8
    required = True
    word = vector(element(), 8)
    is_head = bit()
    index = element()
    publishers = element()
    capacity = vector(element(), 8)
    out = vector(element(), 16)

    @classmethod
    def constrain(cls, row: Row) -> Iterator[Statement]:
        following = row.next
        yield lookup(PERMUTATION, state=(*row.word, *row.capacity), out=row.out)
        start = (8 + 8 * row.publishers, int(Tag.CONFIGURATION), 0, 0, 0, 0, 0, 0)
        yield from first(
            equal("the first row holds the parameters", row.is_head, 1),
            equal("rows are counted from 0", row.index, 0),
            equals("the sponge starts with length and tag", row.capacity, start),
        )
        yield from when(
            row.is_head,
            equal("the version is ours", row.word[0], VERSION),
            equal("the parameters say how many publishers", row.publishers, row.word[4]),
        )
        yield from followed(
            equal("publishers follow", following.is_head, 0),
            equal("rows are counted", following.index, row.index + 1),
            equal("the number of publishers stands", following.publishers, row.publishers),
            equals("the sponge goes on from its capacity", following.capacity, row.out[8:]),
        )
        yield from last(
            equal("all publishers are there", row.index, row.publishers),
            equals("the digest is the configuration hash", row.out[:8], row.public),
        )
        yield from when(
            row.is_head,
            provide(
                PARAMETERS,
                maker_fee_rate=row.word[1],
                taker_fee_rate=row.word[2],
                quorum=row.word[3],
                publishers=row.word[4],
                heartbeat=row.word[5:7],
            ),
        )
        yield from when(1 - row.is_head, provide(PUBLISHER, index=row.index - 1, key=row.word))
