"""A deposit as a table: one inbox entry credited a row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from novate.air import (
    InverseOf,
    Row,
    Statement,
    Table,
    bit,
    element,
    equal,
    equals,
    limbs16,
    send,
    unsigned,
    vector,
    when,
    zero,
)
from novate.circuits.buses import DATA, RECORD_INBOX, TIME_BITS
from novate.circuits.clock import Clock
from novate.circuits.memory import access
from novate.field import address_elements
from novate.ledger import (
    COMPARTMENT,
    USDC,
    VENUE_ADDRESS,
    ChainDeposit,
    Collateral,
    InboxKind,
    Step,
    Venue,
    balance_law,
    collateral_address,
    cursor_law,
    header_address,
    supply_law,
)
from novate.units import bounds


class Deposit(Table):
    """One deposit a row: the next inbox entry, its owner's account, the balance and the supply.

    Soundness. The record that the data section holds at the venue's own cursor is consumed here
    and nowhere else, because the cursor rises by one with it and a word has one chain of
    accesses: no entry is skipped, repeated or invented. What the record says (account, owner,
    amount) is what happens: the account is a trader's, so its words are no other kind's; its
    header was absent or is this owner's; balance and supply grow by the same amount and stay
    below 2**63, because their columns hold no more. The elements of the owner have no range here:
    the contract posts and bounds them.
    Determined: every word put back and every word of the record, by `time`, `account`, `owner`,
    `amount` and the words taken.
    """

    name = "chain_deposit"
    time = unsigned(TIME_BITS)
    gaps = vector(unsigned(TIME_BITS), 3)
    account = unsigned(bounds.TRADER_BITS)
    account_inverse = element(given=lambda row: InverseOf(row.account))
    owner = vector(element(), 7)
    amount = unsigned(bounds.USD_BITS)
    amount_inverse = element(given=lambda row: InverseOf(_sum(limbs16(row.amount, 4))))

    cursor = unsigned(bounds.CURSOR_BITS)
    cursor_after = unsigned(bounds.CURSOR_BITS, given=lambda row: row.cursor + 1)
    supply = unsigned(bounds.USD_BITS)
    supply_after = unsigned(bounds.USD_BITS, given=lambda row: row.supply + row.amount)
    opens = bit()
    header = vector(element(), 8)
    balance = unsigned(bounds.USD_BITS)
    balance_after = unsigned(bounds.USD_BITS, given=lambda row: row.balance + row.amount)
    locked = vector(element(), 4)

    @classmethod
    def constrain(cls, row: Row) -> Iterator[Statement]:
        """The rules of a deposit, in protocol order."""
        yield zero("the inbox moves by one entry", cursor_law(row.cursor, row.cursor_after))
        yield equal("the account is not number 0", row.account * row.account_inverse, 1)
        amount = limbs16(row.amount, 4)
        yield equal("the amount is not zero", _sum(amount) * row.amount_inverse, 1)
        opened = (*row.owner, COMPARTMENT)
        absent = (0, 0, 0, 0, 0, 0, 0, 0)
        yield from when(row.opens, equals("a new account had no header", row.header, absent))
        yield from when(
            1 - row.opens, equals("an open account is this owner's", row.header, opened)
        )
        yield zero(
            "the balance grows by the amount",
            balance_law(row.balance, row.amount, 0, row.balance_after),
        )
        yield zero(
            "the supply grows by the amount",
            supply_law(row.supply, row.amount, 0, row.supply_after),
        )
        yield from cls._record(row)
        yield from access(
            **VENUE_ADDRESS._asdict(),
            old=(*limbs16(row.cursor, 2), *limbs16(row.supply, 4), 0, 0),
            new=(*limbs16(row.cursor_after, 2), *limbs16(row.supply_after, 4), 0, 0),
            time=row.time,
            gap=row.gaps[0],
        )
        yield from access(
            **header_address(row.account)._asdict(),
            old=row.header,
            new=opened,
            time=row.time,
            gap=row.gaps[1],
        )
        yield from access(
            **collateral_address(row.account)._asdict(),
            old=(*limbs16(row.balance, 4), *row.locked),
            new=(*limbs16(row.balance_after, 4), *row.locked),
            time=row.time,
            gap=row.gaps[2],
        )

    @classmethod
    def _record(cls, row: Row) -> Iterator[Statement]:
        words = (
            (int(InboxKind.DEPOSIT), row.account, USDC, *row.owner[:5]),
            (*row.owner[5:], *limbs16(row.amount, 4), 0, 0),
            (0, 0, 0, 0, 0, 0, 0, 0),
            (0, 0, 0, 0, 0, 0, 0, 0),
        )
        for part, word in enumerate(words):
            yield send(DATA, kind=RECORD_INBOX, ordinal=row.cursor, part=part, word=word)


def _sum(limbs: tuple[Any, ...]) -> Any:
    """Zero when every limb is: four limbs of 16 bits cannot wrap the field."""
    return limbs[0] + limbs[1] + limbs[2] + limbs[3]


def rows(step: Step, clock: Clock) -> dict[str, list[dict[str, Any]]]:
    """The row of a deposit that the ledger applied."""
    deposit, applied = step.transaction, step.applied
    assert isinstance(deposit, ChainDeposit)
    time = clock.tick()
    header_at = header_address(deposit.account)
    collateral_at = collateral_address(deposit.account)
    header = applied.word_before(header_at)
    collateral = applied.word_before(collateral_at)
    venue = Venue.decode(applied.word_before(VENUE_ADDRESS))
    row = {
        "time": time,
        "gaps": [clock.gap(at, time) for at in (VENUE_ADDRESS, header_at, collateral_at)],
        "account": deposit.account,
        "owner": address_elements(deposit.owner),
        "amount": deposit.amount.e6,
        "cursor": venue.cursor,
        "supply": venue.supply_e6,
        "opens": int(not any(header)),
        "header": header,
        "balance": Collateral.decode(collateral).balance_e6,
        "locked": collateral[4:],
    }
    return {Deposit.name: [row]}
