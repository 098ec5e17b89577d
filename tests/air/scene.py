"""Small tables that the tests of the language share: a price list, fills, a running total."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from novate.air import (
    InverseOf,
    Program,
    Row,
    Statement,
    Table,
    Trace,
    below,
    bit,
    choice,
    element,
    equal,
    first,
    followed,
    last,
    lookup,
    lookup_bus,
    permutation_bus,
    provide,
    receive,
    send,
    signed,
    trace,
    unsigned,
    vector,
    when,
    zero,
)

PRICE = lookup_bus("price", "what an instrument costs", instrument=unsigned(12), price=unsigned(30))
FILL = permutation_bus(
    "fill", "one fill", side=choice("BUY", "SELL"), number=unsigned(16), amount=unsigned(48)
)


class Price(Table):
    """One row per instrument with a price; each instrument once, in rising order."""

    instrument, price, step = unsigned(12), unsigned(30), unsigned(12)
    listed = bit()

    @classmethod
    def constrain(cls, row: Row) -> Iterator[Statement]:
        yield from followed(
            equal("instruments rise", row.next.instrument, row.instrument + row.step + 1)
        )
        yield from when(row.listed, provide(PRICE, instrument=row.instrument, price=row.price))


class Fill(Table):
    """One row per fill: size times price, rounded down, sent with its side."""

    number = unsigned(16)
    side = choice("BUY", "SELL")
    instrument, price = unsigned(12), unsigned(30)
    size = below(1000)
    amount = unsigned(48, given=lambda row: row.size * row.price // 100)
    dust = below(100, given=lambda row: row.size * row.price - 100 * row.amount)

    @classmethod
    def constrain(cls, row: Row) -> Iterator[Statement]:
        yield lookup(PRICE, instrument=row.instrument, price=row.price)
        yield equal(
            "amount is size times price over 100, rounded down",
            row.size * row.price,
            100 * row.amount + row.dust,
        )
        yield send(FILL, side=row.side, number=row.number, amount=row.amount)


class Total(Table):
    """Receives the fills in the order of their numbers and adds them up, sells against buys."""

    public_values = 2
    required = True
    number = unsigned(16)
    side = choice("BUY", "SELL")
    amount = unsigned(48)
    change = signed(50, given=lambda row: row.amount * (1 - 2 * row.side))
    total = signed(64)
    tag = vector(element(), 2)
    inverse = element(given=lambda row: InverseOf(row.tag[0] - row.number))

    @classmethod
    def constrain(cls, row: Row) -> Iterator[Statement]:
        yield receive(FILL, side=row.side, number=row.number, amount=row.amount)
        yield from when(row.side.BUY, equal("a buy adds", row.change, row.amount))
        yield from when(row.side.SELL, equal("a sell takes away", row.change, -row.amount))
        yield from first(
            equal("the first total is the first change", row.total, row.change),
            equal("the first fill has number 1", row.number, 1),
        )
        yield from followed(
            equal("the total grows by the change", row.next.total, row.total + row.next.change),
            equal("numbers count up", row.next.number, row.number + 1),
            equal("the second tag is carried on", row.next.tag[1], row.tag[1] * row.tag[0]),
        )
        yield from last(equal("the last number is public", row.number, row.public[0]))
        yield from first(equal("the tag is public", row.tag[1], row.public[1]))
        yield zero("the tag is no number", (row.tag[0] - row.number) * row.inverse - 1)


TABLES = [Price, Fill, Total]
FILLS = [(0, 7, 999), (1, 7, 0), (0, 9, 250), (1, 12, 1), (0, 9, 77)]
PRICES = {7: 123_456_789, 9: (1 << 30) - 1, 12: 99, 13: 5_000}
UNLISTED = 13


def program() -> Program:
    """The three tables and the range tables."""
    return Program(TABLES)


def inputs(fills: list[tuple[int, int, int]] | None = None) -> dict[str, dict[str, Any]]:
    """The input columns of a few fills: (side, instrument, size)."""
    fills = FILLS if fills is None else fills
    numbers = list(range(1, len(fills) + 1))
    sides = [side for side, _, _ in fills]
    amounts = [size * PRICES[instrument] // 100 for _, instrument, size in fills]
    totals, running, tag, tags = [], 0, 77, []
    for number, side, amount in zip(numbers, sides, amounts, strict=True):
        running += amount * (1 - 2 * side)
        totals.append(running)
        tags.append([1000 + number, tag])
        tag = tag * (1000 + number) % (2**31 - 2**27 + 1)
    listed = sorted(PRICES)
    return {
        "price": {
            "instrument": listed,
            "price": [PRICES[i] for i in listed],
            "step": [b - a - 1 for a, b in pairwise(listed)] + [0],
            "listed": [int(i != UNLISTED) for i in listed],
        },
        "fill": {
            "number": numbers,
            "side": sides,
            "instrument": [instrument for _, instrument, _ in fills],
            "price": [PRICES[instrument] for _, instrument, _ in fills],
            "size": [size for _, _, size in fills],
        },
        "total": {
            "number": numbers,
            "side": sides,
            "amount": amounts,
            "total": totals,
            "tag": tags,
        },
    }


def satisfied(built: Program) -> Trace:
    """A trace of the scene that holds."""
    return trace(built, inputs(), public_values(len(FILLS)))


def public_values(count: int) -> dict[str, list[int]]:
    """What the verifier of a scene of `count` fills sees."""
    return {"total": [count, 77]}
