"""The reports of a settlement as a table: what a quorum signed, and the price that it makes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from novate.air import (
    Row,
    Statement,
    Table,
    below,
    bit,
    choice,
    element,
    equal,
    equals,
    first,
    followed,
    last,
    limbs16,
    lookup,
    lookup_bus,
    provide,
    unsigned,
    vector,
    when,
    zero,
)
from novate.circuits.buses import PARAMETERS, PUBLISHER, SIGNED, WINDOW
from novate.ledger import MessageTag, State, SystemSettle
from novate.oracle import median_law
from novate.units import bounds

INDEX_PRICE = lookup_bus(
    "index_price",
    "a quorum of publishers reported on this underlying at this expiry; this is the lower median",
    underlying=element(),
    expiry=unsigned(bounds.EXPIRY_BITS),
    index=unsigned(bounds.INDEX_BITS),
)

PUBLISHERS = tuple(f"PUBLISHER_{i}" for i in range(bounds.PUBLISHERS_MAX))
OTHER, MIDDLE, LOWER_MIDDLE = range(3)


class SettlementReport(Table):
    """One report a row; those of one settlement follow each other, by rising price.

    Soundness. A group of rows, from one that starts to one that ends, has one underlying and one
    expiry. Each row is a report on them that a registered publisher signed for this venue (buses
    `publisher` and `signed`), fresh in the batch's window, of a price that is no lower than the one
    before and not zero. No publisher counts twice: a bit for each says whether it came before.
    Ranks count from 0, grow by one a row and end at the count less one; so the count is that of the
    rows, at most 16, and `count = quorum + surplus` is over integers, because the quorum of a
    configuration is such a count too. The price that is provided is of the row whose rank is the
    lower middle of the count, and there is one: whoever looks up `index_price` knows what the bus
    says. A group without a marked middle provides nothing. Which of the signed reports make a group
    is the operator's choice, as in the ledger: any quorum makes a price.
    Determined: the price of a group, by its reports; rows of equal price may come in either order.
    """

    starts, ends = bit(), bit()
    underlying = element()
    expiry = unsigned(bounds.EXPIRY_BITS)
    index = unsigned(bounds.INDEX_BITS)
    published_at = unsigned(bounds.TIME_BITS)
    publisher = choice(*PUBLISHERS)
    key = vector(element(), 8)
    came_before = vector(bit(), bounds.PUBLISHERS_MAX)
    rank, count = element(), element()
    place = choice("OTHER", "MIDDLE", "LOWER_MIDDLE")
    rise = unsigned(bounds.INDEX_BITS, given=lambda row: row.index - _lowest(row))

    window_start, window_end = unsigned(bounds.TIME_BITS), unsigned(bounds.TIME_BITS)
    maker_fee_rate, taker_fee_rate = element(), element()
    quorum, publishers = element(), element()
    heartbeat = unsigned(bounds.TIME_BITS)
    surplus = below(bounds.PUBLISHERS_MAX)
    delay = unsigned(bounds.TIME_BITS, given=lambda row: row.published_at - row.expiry)
    age = unsigned(bounds.TIME_BITS, given=lambda row: row.window_end - row.published_at)
    life = unsigned(bounds.TIME_BITS, given=lambda row: row.heartbeat - row.age)

    @classmethod
    def constrain(cls, row: Row) -> Iterator[Statement]:
        """The rules of a report, then those of the group."""
        yield from cls._report(row)
        yield from cls._group(row)
        yield from cls._ranks(row)
        median = row.place.any("MIDDLE", "LOWER_MIDDLE")
        yield from when(
            median,
            zero(
                "the price is the lower median",
                median_law(row.count, row.rank, row.place.LOWER_MIDDLE),
            ),
            provide(INDEX_PRICE, underlying=row.underlying, expiry=row.expiry, index=row.index),
        )

    @classmethod
    def _report(cls, row: Row) -> Iterator[Statement]:
        payload = (
            *(row.underlying, *limbs16(row.expiry, 2), *limbs16(row.index, 3)),
            *(*limbs16(row.published_at, 2), 0, 0, 0, 0),
        )
        publisher = sum(i * taken for i, taken in enumerate(row.publisher.elements))
        yield lookup(PUBLISHER, index=publisher, key=row.key)
        yield lookup(SIGNED, tag=int(MessageTag.REPORT), payload=payload, key=row.key)
        yield lookup(WINDOW, start=row.window_start, end=row.window_end)
        yield lookup(
            PARAMETERS,
            maker_fee_rate=row.maker_fee_rate,
            taker_fee_rate=row.taker_fee_rate,
            quorum=row.quorum,
            publishers=row.publishers,
            heartbeat=limbs16(row.heartbeat, 2),
        )
        yield equal("a report is from after expiry", row.published_at, row.expiry + row.delay)
        yield equal(
            "a report is not from after the window", row.window_end, row.published_at + row.age
        )
        yield equal("a report is no older than the heartbeat", row.heartbeat, row.age + row.life)
        again = sum(a * b for a, b in zip(row.came_before, row.publisher.elements, strict=True))
        yield zero("a publisher counts once", again)

    @classmethod
    def _group(cls, row: Row) -> Iterator[Statement]:
        following = row.next
        yield from first(equal("the first row starts a settlement", row.starts, 1))
        yield from last(equal("the last row ends its settlement", row.ends, 1))
        yield from followed(equal("one settlement after the other", following.starts, row.ends))
        yield from when(
            row.starts,
            equals("nobody came before the first", row.came_before, (0,) * len(PUBLISHERS)),
            equal("the lowest price is not zero", row.index, 1 + row.rise),
        )
        yield from followed(
            *when(
                1 - row.ends,
                equal("all reports are on one underlying", following.underlying, row.underlying),
                equal("all reports are for one expiry", following.expiry, row.expiry),
                equal("prices do not fall", following.index, row.index + following.rise),
                equals(
                    "who came is remembered",
                    following.came_before,
                    (
                        before + now
                        for before, now in zip(row.came_before, row.publisher.elements, strict=True)
                    ),
                ),
            )
        )

    @classmethod
    def _ranks(cls, row: Row) -> Iterator[Statement]:
        following = row.next
        yield from when(row.starts, zero("ranks count from zero", row.rank))
        yield from when(row.ends, equal("all ranks are counted", row.count, row.rank + 1))
        yield from followed(
            *when(
                1 - row.ends,
                equal("ranks count the reports", following.rank, row.rank + 1),
                equal("the count stands", following.count, row.count),
            )
        )
        yield equal("the count is a quorum", row.count, row.quorum + row.surplus)


def _lowest(row: Any) -> Any:
    """What a price is measured from: the one before it, or 1 for the first of a settlement."""
    return np.where(np.asarray(row.starts) == 1, 1, np.roll(row.index, 1))


def report_rows(settle: SystemSettle, state: State) -> list[dict[str, Any]]:
    """A row for each report, by rising price; none when there is none."""
    configuration, window = state.configuration, state.window
    _, maker_fee_rate, taker_fee_rate, quorum, publishers, *_ = configuration.words[0]
    ranked = sorted(settle.reports, key=lambda signed: signed.message.index)
    count, came_before, rows = len(ranked), [0] * len(PUBLISHERS), []
    middle = (count - 1) // 2
    for rank, signed in enumerate(ranked):
        report, key = signed.message, signed.key.commitment
        publisher = configuration.publishers.index(key)
        rows.append(
            {
                "starts": int(rank == 0),
                "ends": int(rank == count - 1),
                "underlying": report.underlying,
                "expiry": report.expiry.s,
                "index": report.index.e3,
                "published_at": report.published_at.s,
                "publisher": publisher,
                "key": key,
                "came_before": tuple(came_before),
                "rank": rank,
                "count": count,
                "place": OTHER if rank != middle else MIDDLE if count % 2 else LOWER_MIDDLE,
                "window_start": window.start.s,
                "window_end": window.end.s,
                "maker_fee_rate": maker_fee_rate,
                "taker_fee_rate": taker_fee_rate,
                "quorum": quorum,
                "publishers": publishers,
                "heartbeat": configuration.heartbeat_s,
                "surplus": count - quorum,
            }
        )
        came_before[publisher] = 1
    return rows
